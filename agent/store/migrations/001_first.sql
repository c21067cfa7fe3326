-- The agent's state. Never edited once released: a change is a new migration.
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
-- keys: device, venue, business, device_name, generation, cursor, snapshot_as_of, acked_seq, stopped_why,
-- receipt_number

-- The journal. body is canonical (sync/journal/entry.hpp); nothing here is ever updated or deleted.
CREATE TABLE entry (
    seq INTEGER PRIMARY KEY, hash BLOB NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE TABLE head_signature (seq INTEGER PRIMARY KEY REFERENCES entry, signature BLOB NOT NULL) STRICT;
CREATE TABLE posting (
    seq INTEGER NOT NULL REFERENCES entry, n INTEGER NOT NULL, account TEXT NOT NULL, minor INTEGER NOT NULL,
    currency TEXT NOT NULL, PRIMARY KEY (seq, n)) STRICT, WITHOUT ROWID;
CREATE INDEX posting_by_account ON posting (account, seq);

-- Authority: equals the fold of the own chain; the CHECK is the last word on overspending. A subject of
-- which nothing is held has no row. `away`: its home is elsewhere, so it goes back when idle.
CREATE TABLE held (
    subject TEXT PRIMARY KEY, minor INTEGER NOT NULL CHECK (minor >= 0), currency TEXT NOT NULL,
    not_after INTEGER, last_used INTEGER NOT NULL, away INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX held_away ON held (last_used) WHERE away = 1;
CREATE INDEX held_ending ON held (not_after) WHERE not_after IS NOT NULL;
CREATE INDEX held_money ON held (currency, minor) WHERE currency <> 'XXX';
CREATE TABLE ask (
    seq INTEGER PRIMARY KEY REFERENCES entry, open INTEGER NOT NULL, placement INTEGER NOT NULL,
    at INTEGER NOT NULL) STRICT;
CREATE INDEX ask_open ON ask (seq) WHERE open = 1;
-- What a subject is worth: central as of the last page, plus own entries after it.
CREATE TABLE balance (
    subject TEXT PRIMARY KEY, central INTEGER NOT NULL, as_of INTEGER NOT NULL, shown INTEGER NOT NULL,
    currency TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Answers of idempotent calls; they live as long as the journal.
CREATE TABLE answer (
    terminal TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, status INTEGER NOT NULL,
    body TEXT NOT NULL, seq INTEGER, at INTEGER NOT NULL, PRIMARY KEY (terminal, key)) STRICT, WITHOUT ROWID;

-- Indexes into the journal by what people ask for. `ref` is the id in the API, `seq` the entry.
CREATE TABLE operation (
    ref TEXT PRIMARY KEY, kind TEXT NOT NULL, seq INTEGER NOT NULL REFERENCES entry, purchase TEXT,
    receipt TEXT UNIQUE, terminal TEXT NOT NULL, ticket TEXT, wallet TEXT, total INTEGER, at INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE INDEX operation_by_purchase ON operation (purchase, seq);
CREATE INDEX operation_by_ticket ON operation (terminal, ticket, at) WHERE ticket IS NOT NULL;

-- The fact cache, replaced by snapshot, kept current by the feed. Bodies are canonical documents.
CREATE TABLE fact (
    kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
-- HMAC-SHA-256 under the device's cache key: of a code's digest, a phone, an e-mail, a card number.
-- No code, phone number or e-mail address lies in this file in clear.
CREATE TABLE lookup (
    what TEXT NOT NULL, hmac BLOB NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
    PRIMARY KEY (hmac, what)) STRICT, WITHOUT ROWID;
CREATE INDEX lookup_by_id ON lookup (kind, id);
CREATE TABLE wallet_lot (
    wallet TEXT NOT NULL, lot TEXT NOT NULL, PRIMARY KEY (wallet, lot)) STRICT, WITHOUT ROWID;
CREATE INDEX wallet_lot_by_lot ON wallet_lot (lot);

-- What own entries made of a pass, until the centre's fact includes entry `seq`.
CREATE TABLE pass_local (
    pass TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL, value INTEGER NOT NULL, redeem_by INTEGER,
    redeemed_at INTEGER, redeemed_venue TEXT) STRICT, WITHOUT ROWID;

-- Wrong PINs, counted before the comparison. The subject is a pass or a nameless wallet's pass.
-- `locked` is what own entry `seq` says, until the centre's fact includes it; NULL: what the fact says.
CREATE TABLE pin_tries (
    pass TEXT PRIMARY KEY, wrong INTEGER NOT NULL, locked INTEGER, seq INTEGER) STRICT, WITHOUT ROWID;

CREATE TABLE terminal (id TEXT PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE token (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, terminal TEXT NOT NULL REFERENCES terminal, role TEXT NOT NULL,
    created INTEGER NOT NULL, expires INTEGER, revoked INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE pairing (
    hash BLOB PRIMARY KEY, terminal TEXT NOT NULL REFERENCES terminal, role TEXT NOT NULL,
    expires INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE exception (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, seq INTEGER, minor INTEGER,
    currency TEXT, closed_at INTEGER, closed_reason TEXT) STRICT, WITHOUT ROWID;
