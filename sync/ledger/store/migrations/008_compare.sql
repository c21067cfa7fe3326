-- How the last comparison with each device ended: when, and how many rows differed. `going` counts in one under way.
CREATE TABLE comparison (
    h TEXT NOT NULL REFERENCES holder, what TEXT NOT NULL CHECK (what IN ('held','balances')), at INTEGER,
    different INTEGER NOT NULL DEFAULT 0, going INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (h, what)) STRICT, WITHOUT ROWID;
