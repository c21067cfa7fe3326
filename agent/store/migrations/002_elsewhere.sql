-- Purchases that other venues of the business made and are given back here, and what other venues gave back
-- of ours: entries as the centre booked them.
CREATE TABLE elsewhere (
    ref      TEXT PRIMARY KEY,          -- of the purchase, refund or void
    purchase TEXT NOT NULL,             -- the purchase itself, or the one it belongs to
    n        INTEGER NOT NULL,          -- 0: the purchase; from 1: what was given back, as it was booked
    body     BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX elsewhere_purchase ON elsewhere (purchase, n);

-- The right to refund came from the centre: others may have had it meanwhile. Until the centre has told
-- what they gave back, nothing is.
CREATE TABLE right_was_away (purchase TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
