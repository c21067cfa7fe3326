-- Offers: every version there ever was, the codes that claim them, and who has used them.
CREATE TABLE offer_version (
    offer TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (offer, version))
    STRICT, WITHOUT ROWID;
CREATE TABLE offer_code (
    offer TEXT PRIMARY KEY, code_hmac BLOB NOT NULL UNIQUE, code_sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;
-- One row an award; a void takes it away. `party` is the contact, of a nameless wallet the wallet.
CREATE TABLE offer_use (
    purchase TEXT NOT NULL, offer TEXT NOT NULL, party TEXT NOT NULL, PRIMARY KEY (purchase, offer))
    STRICT, WITHOUT ROWID;
CREATE INDEX offer_use_by_party ON offer_use (offer, party);
