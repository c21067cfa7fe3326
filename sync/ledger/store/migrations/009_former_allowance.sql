-- The most that a device could have spent at risk by an allowance that was lowered since, until it has heard of
-- that (read the change `until`) and told all that it did before.
CREATE TABLE former_allowance (
    h TEXT NOT NULL REFERENCES holder, until INTEGER NOT NULL, minor INTEGER NOT NULL CHECK (minor > 0),
    PRIMARY KEY (h, until)) STRICT, WITHOUT ROWID;
