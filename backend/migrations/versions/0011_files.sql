-- Files that people attach to homework, messages, meetings, notices. The bytes lie in a storage (a folder or S3) under
-- the file's id; here is who may have them, and which of them must go.

CREATE TABLE stored_file (
    id uuid PRIMARY KEY,
    uploaded_by uuid NOT NULL REFERENCES account,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 150),
    media_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    uploaded_at timestamptz NOT NULL,
    -- What it is attached to; without, it is its uploader's alone and leaves after a day.
    school_id uuid REFERENCES school,
    owner_kind text,
    owner_id uuid,
    position smallint,
    CHECK (num_nulls(school_id, owner_kind, owner_id, position) IN (0, 4))
);
CREATE INDEX stored_file_owner ON stored_file (owner_id, owner_kind) WHERE owner_id IS NOT NULL;
CREATE INDEX stored_file_uploader ON stored_file (uploaded_by, uploaded_at);
CREATE INDEX stored_file_unattached ON stored_file (uploaded_at) WHERE owner_id IS NULL;

-- Bytes that go when they are due: of files whose row is gone, and of uploads that nobody finishes. While an upload is
-- under way its uploader is named here; whoever takes the row to remove the bytes clears the name, and the upload fails.
CREATE TABLE file_removal (
    file_id uuid PRIMARY KEY,
    uploaded_by uuid REFERENCES account,
    size bigint NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX file_removal_due ON file_removal (due_at);
CREATE INDEX file_removal_uploader ON file_removal (uploaded_by) WHERE uploaded_by IS NOT NULL;

-- A file is attached or removed, never rewritten.
GRANT SELECT, INSERT, DELETE ON stored_file, file_removal TO diary_app;
GRANT UPDATE (school_id, owner_kind, owner_id, position) ON stored_file TO diary_app;
GRANT UPDATE (uploaded_by, due_at) ON file_removal TO diary_app;
