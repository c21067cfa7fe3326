-- A snapshot on its way: the fact cache as it will be, filled in small writes beside the one in force. Each table
-- here is the twin of the one that it is named after, and the two trade their names when all has come, so a later
-- migration changes both, whichever index belongs to which at that time.
CREATE TABLE staged_fact (
    kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE staged_lookup (
    what TEXT NOT NULL, hmac BLOB NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (hmac, what)) STRICT, WITHOUT ROWID;
CREATE INDEX staged_lookup_by_id ON staged_lookup (kind, id);
CREATE TABLE staged_wallet_lot (
    wallet TEXT NOT NULL, lot TEXT NOT NULL, PRIMARY KEY (wallet, lot)) STRICT, WITHOUT ROWID;
CREATE INDEX staged_wallet_lot_by_lot ON staged_wallet_lot (lot);
CREATE TABLE staged_limit_of (
    business TEXT NOT NULL, wallet TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (business, wallet, id))
    STRICT, WITHOUT ROWID;
CREATE INDEX staged_limit_of_by_id ON staged_limit_of (id);
CREATE TABLE staged_balance (
    subject TEXT PRIMARY KEY, central INTEGER NOT NULL, as_of INTEGER NOT NULL, shown INTEGER NOT NULL,
    currency TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE staged_activity_central (
    wallet TEXT NOT NULL, business TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL,
    amount INTEGER NOT NULL, PRIMARY KEY (wallet, business, kind, day)) STRICT, WITHOUT ROWID;
CREATE INDEX staged_activity_central_by_day ON staged_activity_central (day);
-- meta keys: staged_id, staged_next, staged_generation, staged_cursor, staged_as_of: of the page staged last;
-- away_after: homes of what is held are looked at anew behind this subject, after a snapshot came into force.
CREATE INDEX pin_tries_locked ON pin_tries (pass) WHERE locked IS NOT NULL;
