-- What own purchases were awarded, to know what a contact has used already. `party` is the contact, of a
-- nameless wallet the wallet. A void takes its purchase's rows away.
CREATE TABLE award (
    purchase TEXT NOT NULL, offer TEXT NOT NULL, party TEXT NOT NULL, wallet TEXT NOT NULL,
    PRIMARY KEY (purchase, offer))
    STRICT, WITHOUT ROWID;
CREATE INDEX award_by_party ON award (offer, party);
