-- Mail that waits to be sent, and requests to support (DOMAIN.md section 10).

-- A row leaves when a mail server has taken it. `due_at` null: given up, its text is gone, `reason` says why.
CREATE TABLE mail_due (
    id uuid PRIMARY KEY,
    recipient text NOT NULL CHECK (length(recipient) BETWEEN 3 AND 254),
    subject text NOT NULL,
    body text NOT NULL,
    written_at timestamptz NOT NULL,
    due_at timestamptz,
    attempts smallint NOT NULL DEFAULT 0,
    reason text
);
CREATE INDEX mail_due_due ON mail_due (due_at);

-- What people call a request by: 2026-000123. It counts over all years and schools, with gaps.
CREATE SEQUENCE support_number;

CREATE TABLE support_request (
    id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    -- Who asked; without, somebody who could not sign in. The school is the person's.
    account_id uuid REFERENCES account,
    school_id uuid REFERENCES school,
    handler text NOT NULL CHECK (handler IN ('school', 'operators')),
    kind text NOT NULL CHECK (kind IN ('sign-in', 'wrong-data', 'app-error', 'question', 'wish', 'other')),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
    email text,
    email_confirmed_at timestamptz,
    phone text,
    app_version text,
    platform text CHECK (platform IN ('android', 'ios', 'web')),
    language text NOT NULL CHECK (language IN ('ru', 'en')),
    state text NOT NULL CHECK (state IN ('new', 'in-progress', 'waiting', 'answered', 'closed')),
    version integer NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK (handler = 'operators' OR (school_id IS NOT NULL AND account_id IS NOT NULL))
);
CREATE INDEX support_request_account ON support_request (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX support_request_school ON support_request (school_id, id) WHERE handler = 'school';
CREATE INDEX support_request_operators ON support_request (id) WHERE handler = 'operators';
CREATE INDEX support_request_email ON support_request (lower(email), created_at) WHERE email IS NOT NULL;
CREATE INDEX support_request_age ON support_request (changed_at);

-- What was written and what state the request had from then on; appended, the first row is the question itself.
CREATE TABLE support_change (
    id uuid PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES support_request ON DELETE CASCADE,
    side text NOT NULL CHECK (side IN ('person', 'support')),
    state text NOT NULL CHECK (state IN ('new', 'in-progress', 'waiting', 'answered', 'closed')),
    body text CHECK (length(body) BETWEEN 1 AND 4000),
    -- Without: an operator, or somebody who could not sign in.
    made_by uuid REFERENCES account,
    made_at timestamptz NOT NULL
);
CREATE INDEX support_change_request ON support_change (request_id, id);
CREATE INDEX support_change_author ON support_change (made_by, made_at) WHERE side = 'person';

GRANT SELECT, INSERT, DELETE ON mail_due, support_request TO diary_app;
GRANT UPDATE (subject, body, due_at, attempts, reason) ON mail_due TO diary_app;
GRANT UPDATE (email_confirmed_at, state, version, changed_at) ON support_request TO diary_app;
GRANT SELECT, INSERT ON support_change TO diary_app;
GRANT USAGE ON SEQUENCE support_number TO diary_app;
