-- Whom a limit of the fact cache bounds; `wallet` '' is every wallet of the business.
CREATE TABLE limit_of (
    business TEXT NOT NULL, wallet TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (business, wallet, id))
    STRICT, WITHOUT ROWID;
CREATE INDEX limit_of_by_id ON limit_of (id);

-- What a wallet did at a business, by the business day on which it happened; `day` '' is over all days. What the
-- centre had counted, and own entries that it had not. The two add up.
CREATE TABLE activity_central (
    wallet TEXT NOT NULL, business TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, count INTEGER NOT NULL,
    amount INTEGER NOT NULL, PRIMARY KEY (wallet, business, kind, day)) STRICT, WITHOUT ROWID;
CREATE TABLE activity_own (
    wallet TEXT NOT NULL, business TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL, seq INTEGER NOT NULL,
    count INTEGER NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (wallet, business, kind, day, seq))
    STRICT, WITHOUT ROWID;
CREATE INDEX activity_central_by_day ON activity_central (day);
CREATE INDEX activity_own_by_day ON activity_own (day);
