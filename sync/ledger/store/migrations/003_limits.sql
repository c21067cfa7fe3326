-- Every version of a limit there ever was, from when it was in force, and from which change of the feed on
-- venues could know of it. `wallet` is '' for a limit on every wallet of the business.
CREATE TABLE limit_version (
    id TEXT NOT NULL, version INTEGER NOT NULL, business TEXT NOT NULL, wallet TEXT NOT NULL, n INTEGER NOT NULL,
    made_at INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (id, version)) STRICT, WITHOUT ROWID;
CREATE INDEX limit_by_business ON limit_version (business, wallet, id);

-- What a wallet did at a business, on the business day on which it happened; `day` '' is over all days.
CREATE TABLE activity (
    wallet TEXT NOT NULL, business TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL,
    amount INTEGER NOT NULL, PRIMARY KEY (wallet, business, kind, day)) STRICT, WITHOUT ROWID;
CREATE INDEX activity_by_day ON activity (business, day);

-- How much of the feed a device has said it had: an entry that claims less hides what it was told.
CREATE TABLE feed_stated (
    h TEXT PRIMARY KEY REFERENCES holder, generation INTEGER NOT NULL, as_of INTEGER NOT NULL) STRICT, WITHOUT ROWID;
