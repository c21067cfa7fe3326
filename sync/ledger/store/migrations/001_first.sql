-- The central ledger on SQLite. Never edited once released: a change is a new migration.
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
-- keys: generation, recovery

-- Facts: bodies are canonical documents (sync/wire/messages.hpp names the members of each kind).
CREATE TABLE fact (
    kind TEXT NOT NULL, id TEXT NOT NULL, business TEXT NOT NULL, body BLOB NOT NULL, gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
CREATE INDEX fact_by_business ON fact (business, kind, id);
CREATE TABLE pool_version (
    pool TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (pool, version))
    STRICT, WITHOUT ROWID;
-- What a venue never sees: codes and PINs sealed under a key outside the database, contacts' data.
CREATE TABLE pass_secret (
    pass TEXT PRIMARY KEY, plan TEXT NOT NULL, code_hmac BLOB NOT NULL UNIQUE, code_sealed BLOB NOT NULL, pin_sealed BLOB,
    pin_verifier TEXT, wrong_pins INTEGER NOT NULL DEFAULT 0, pin_locked INTEGER NOT NULL DEFAULT 0)
    STRICT, WITHOUT ROWID;
CREATE INDEX pass_secret_by_plan ON pass_secret (plan, pass);
CREATE TABLE contact (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT UNIQUE, email TEXT UNIQUE, card TEXT UNIQUE,
    segments TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE contact_wallet (contact TEXT NOT NULL, wallet TEXT NOT NULL, PRIMARY KEY (contact, wallet)) STRICT, WITHOUT ROWID;
-- A nameless wallet is found by the code of the pass that opened it.
CREATE TABLE opened_wallet (pass TEXT PRIMARY KEY, wallet TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE wallet_lot (wallet TEXT NOT NULL, lot TEXT NOT NULL, PRIMARY KEY (wallet, lot)) STRICT, WITHOUT ROWID;

-- Each change of a fact or balance, in commit order: one writer, so the number has no gaps to wait for.
CREATE TABLE change (
    n INTEGER PRIMARY KEY AUTOINCREMENT, business TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL) STRICT;
CREATE UNIQUE INDEX change_of ON change (kind, id, business);  -- kind 'balance' has the subject as id
-- A thing that changes again moves to the end, so the table is as long as there are things, not changes.
-- Which businesses' changes a venue of `viewer` sees: its own, '' (everybody's), and those whose pools name it.
CREATE TABLE sees (viewer TEXT NOT NULL, business TEXT NOT NULL, PRIMARY KEY (viewer, business)) STRICT, WITHOUT ROWID;

-- Double entry. Every posting of every source; a transaction's postings sum to zero per currency.
CREATE TABLE transfer (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL, source TEXT NOT NULL, holder TEXT, seq INTEGER, branch INTEGER,
    note TEXT) STRICT;
CREATE UNIQUE INDEX transfer_by_entry ON transfer (holder, seq, branch) WHERE holder IS NOT NULL;
CREATE TABLE posting (
    transfer INTEGER NOT NULL REFERENCES transfer, n INTEGER NOT NULL, account TEXT NOT NULL, minor INTEGER NOT NULL,
    currency TEXT NOT NULL, PRIMARY KEY (transfer, n)) STRICT, WITHOUT ROWID;
CREATE INDEX posting_by_account ON posting (account, transfer);
CREATE TABLE account (
    account TEXT NOT NULL, currency TEXT NOT NULL, minor INTEGER NOT NULL, PRIMARY KEY (account, currency)) STRICT, WITHOUT ROWID;

-- PROTOCOL.md 2.1. account.minor (money booked less spends booked) + loss = centre + sum of held (I2).
CREATE TABLE subject (
    subject TEXT PRIMARY KEY, business TEXT NOT NULL, home TEXT NOT NULL, currency TEXT NOT NULL,
    centre INTEGER NOT NULL, loss INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE INDEX subject_placeable ON subject (home, subject) WHERE centre > 0 AND home <> '';
CREATE TABLE holder (
    h TEXT PRIMARY KEY, venue TEXT NOT NULL, business TEXT NOT NULL, name TEXT NOT NULL UNIQUE, public_key BLOB NOT NULL,
    certificate TEXT NOT NULL, cache_key_sealed BLOB NOT NULL, status TEXT NOT NULL DEFAULT 'active',
    head_seq INTEGER NOT NULL DEFAULT 0, head_hash BLOB NOT NULL, reported_generation INTEGER NOT NULL DEFAULT 0,
    enrolled_at INTEGER NOT NULL, last_seen INTEGER) STRICT, WITHOUT ROWID;
CREATE TABLE entry (
    h TEXT NOT NULL REFERENCES holder, seq INTEGER NOT NULL, hash BLOB NOT NULL, kind TEXT NOT NULL, body BLOB NOT NULL,
    branch INTEGER NOT NULL DEFAULT 0, booked_at INTEGER NOT NULL, PRIMARY KEY (h, seq, branch)) STRICT, WITHOUT ROWID;
CREATE TABLE held (
    h TEXT NOT NULL REFERENCES holder, subject TEXT NOT NULL REFERENCES subject, minor INTEGER NOT NULL CHECK (minor >= 0),
    PRIMARY KEY (subject, h)) STRICT, WITHOUT ROWID;
CREATE INDEX held_by_holder ON held (h, subject) WHERE minor > 0;
CREATE TABLE suspense (
    h TEXT NOT NULL REFERENCES holder, subject TEXT NOT NULL, minor INTEGER NOT NULL CHECK (minor >= 0),
    PRIMARY KEY (h, subject)) STRICT, WITHOUT ROWID;
CREATE TABLE ask (
    h TEXT NOT NULL REFERENCES holder, seq INTEGER NOT NULL, state TEXT NOT NULL CHECK (state IN ('open','granted','closed')),
    placement INTEGER NOT NULL, hash BLOB NOT NULL, arrival INTEGER NOT NULL,  -- answered in this order
    PRIMARY KEY (h, seq)) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ask_by_arrival ON ask (arrival);
CREATE INDEX ask_live ON ask (h, state, seq) WHERE state <> 'closed';
CREATE INDEX ask_open ON ask (placement, arrival) WHERE state = 'open';
CREATE TABLE ask_line (
    h TEXT NOT NULL, seq INTEGER NOT NULL, subject TEXT NOT NULL, wanted INTEGER NOT NULL, granted INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (h, seq, subject), FOREIGN KEY (h, seq) REFERENCES ask) STRICT, WITHOUT ROWID;
CREATE INDEX ask_line_by_subject ON ask_line (subject);
-- Purchases and what was refunded of them, for replay and for reports.
CREATE TABLE operation (
    ref TEXT PRIMARY KEY, kind TEXT NOT NULL, h TEXT NOT NULL, seq INTEGER NOT NULL, purchase TEXT,
    booked INTEGER NOT NULL) STRICT, WITHOUT ROWID;  -- booked: order at the ledger
CREATE INDEX operation_by_purchase ON operation (purchase, booked);

CREATE TABLE exception (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL, detail TEXT NOT NULL, owner TEXT NOT NULL, h TEXT, seq INTEGER,
    minor INTEGER, currency TEXT, closed_at INTEGER, closed_by TEXT, closed_reason TEXT) STRICT, WITHOUT ROWID;
CREATE INDEX exception_open ON exception (code, h) WHERE closed_at IS NULL;
CREATE TABLE admin_token (
    id TEXT PRIMARY KEY, user TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, role TEXT NOT NULL, created INTEGER NOT NULL,
    revoked INTEGER)
    STRICT, WITHOUT ROWID;
CREATE TABLE enrolment_token (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL, venue TEXT NOT NULL, expires INTEGER NOT NULL, used INTEGER,
    failures INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE answer (
    user TEXT NOT NULL, key TEXT NOT NULL, fingerprint BLOB NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    at INTEGER NOT NULL, PRIMARY KEY (user, key)) STRICT, WITHOUT ROWID;
