-- What is looked for now and then, and seldom found, in tables that grow for years.
CREATE INDEX pin_tries_untold ON pin_tries (pass) WHERE wrong > 0;
CREATE INDEX entry_returned ON entry (seq) WHERE kind = 'authority_returned';

-- Money held by currency, without counts (XXX): there may be a million printed passes here, and the status is asked for
-- again and again.
CREATE TABLE held_total (currency TEXT PRIMARY KEY, minor INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO held_total (currency, minor) SELECT currency, sum(minor) FROM held WHERE currency <> 'XXX' GROUP BY currency;
DROP INDEX held_money;
