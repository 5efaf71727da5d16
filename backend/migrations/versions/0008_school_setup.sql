-- A year's rollover, remembered so that it can be taken back: what it made, and what stood before.

CREATE TABLE rollover (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL REFERENCES school,
    from_year_id uuid NOT NULL REFERENCES school_year,
    to_year_id uuid NOT NULL REFERENCES school_year,
    made jsonb NOT NULL,
    made_by uuid NOT NULL REFERENCES account,
    made_at timestamptz NOT NULL,
    undone_by uuid REFERENCES account,
    undone_at timestamptz,
    CHECK (from_year_id <> to_year_id),
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
CREATE UNIQUE INDEX rolled_over_from ON rollover (from_year_id) WHERE undone_at IS NULL;
CREATE UNIQUE INDEX rolled_over_to ON rollover (to_year_id) WHERE undone_at IS NULL;

GRANT SELECT, INSERT ON rollover TO diary_app;
GRANT UPDATE (undone_by, undone_at) ON rollover TO diary_app;
