-- What entries spent without authority. `at` is the entry's wall, `wallet` who paid, or got what a pass was worth.
CREATE TABLE at_risk (
    h TEXT NOT NULL REFERENCES holder, seq INTEGER NOT NULL, subject TEXT NOT NULL, minor INTEGER NOT NULL CHECK (minor > 0),
    wallet TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (h, seq, subject)) STRICT, WITHOUT ROWID;
CREATE INDEX at_risk_by_wallet ON at_risk (h, wallet, at);
-- Of a loss by spending at risk: `owed` is what authority out at others may still pay when it comes back, `repaid`
-- what has been paid so in all.
ALTER TABLE subject ADD COLUMN owed INTEGER NOT NULL DEFAULT 0 CHECK (owed >= 0);
ALTER TABLE subject ADD COLUMN repaid INTEGER NOT NULL DEFAULT 0 CHECK (repaid >= 0);
CREATE INDEX subject_owed ON subject (subject) WHERE owed > 0;
