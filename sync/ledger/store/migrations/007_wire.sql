-- Each certificate that a device was given; the one that counts stands in the holder's row.
CREATE TABLE certificate (
    serial TEXT PRIMARY KEY, h TEXT NOT NULL REFERENCES holder, issued_at INTEGER NOT NULL, not_after INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
CREATE INDEX certificate_by_holder ON certificate (h, issued_at);
