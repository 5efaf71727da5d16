-- What a person has read, or may no longer see, leaves the screens of all devices: their trays are found by the person
-- and the thread. By the primary key every tray of the region would be looked at.
CREATE INDEX tray_account ON tray (account_id, thread);
