-- What own entries spent without authority. `at` is the entry's wall, `wallet` who paid, or got what a pass was worth.
CREATE TABLE at_risk (
    seq INTEGER NOT NULL REFERENCES entry, subject TEXT NOT NULL, minor INTEGER NOT NULL CHECK (minor > 0),
    wallet TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (seq, subject)) STRICT, WITHOUT ROWID;
CREATE INDEX at_risk_by_wallet ON at_risk (wallet, at);
