-- How fast this till uses up a capped offer: uses in the hour that began at `since` and in the one before. Of it
-- follows how many uses are kept ready for when the link is down. `asked`, `tries`: when last in the background, and
-- how often in this hour.
CREATE TABLE use_pace (
    offer TEXT PRIMARY KEY, since INTEGER NOT NULL, now INTEGER NOT NULL, before INTEGER NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
