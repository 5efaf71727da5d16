-- Calendars that phones subscribe to by a secret address.

CREATE TABLE calendar_feed (
    id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account,
    -- Of one child; else of everything that is the account's own.
    child_id uuid REFERENCES student,
    -- A keyed hash of the secret, which is told once and kept nowhere.
    digest bytea NOT NULL UNIQUE,
    made_at timestamptz NOT NULL,
    last_read_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX calendar_feed_account ON calendar_feed (account_id, id);

-- Revoked, never deleted and never pointed elsewhere.
GRANT SELECT, INSERT ON calendar_feed TO diary_app;
GRANT UPDATE (last_read_at, revoked_at) ON calendar_feed TO diary_app;
GRANT SELECT, DELETE ON calendar_feed TO diary_eraser;
ALTER TABLE calendar_feed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_calendars ON calendar_feed FOR ALL TO diary_app
    USING (account_id = acting_account()) WITH CHECK (account_id = acting_account());
CREATE POLICY erase_calendars ON calendar_feed FOR ALL TO diary_eraser USING (true);

-- Whose an address is. It is asked before anybody acts: who reads a calendar has nothing but the address.
CREATE FUNCTION calendar_by_digest(wanted bytea) RETURNS TABLE (id uuid, account_id uuid, child_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT f.id, f.account_id, f.child_id FROM public.calendar_feed f WHERE f.digest = wanted AND f.revoked_at IS NULL
$$;
REVOKE ALL ON FUNCTION calendar_by_digest(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION calendar_by_digest(bytea) TO diary_app;

-- A new password closes what somebody with the old one has opened, as it ends the sessions.
CREATE FUNCTION password_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE public.calendar_feed SET revoked_at = now() WHERE account_id = NEW.id AND revoked_at IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER password_changed AFTER UPDATE OF password_hash ON account
    FOR EACH ROW WHEN (NEW.password_hash IS DISTINCT FROM OLD.password_hash) EXECUTE FUNCTION password_changed();
