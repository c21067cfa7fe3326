-- What reports are made from.
CREATE INDEX entry_of_passes ON entry (seq)
    WHERE kind IN ('pass_activated', 'pass_issued', 'pass_redeemed', 'activation_voided', 'issue_voided');
CREATE TABLE refusal (
    day TEXT NOT NULL, code TEXT NOT NULL, count INTEGER NOT NULL CHECK (count > 0), PRIMARY KEY (day, code))
    STRICT, WITHOUT ROWID;
