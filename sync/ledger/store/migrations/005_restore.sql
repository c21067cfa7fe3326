-- Revoked and written off: the door stays shut, and its late entries come in by another one.
ALTER TABLE holder ADD COLUMN revoked INTEGER NOT NULL DEFAULT 0;
UPDATE holder SET revoked = 1 WHERE status = 'revoked';

-- Of the last recovery: whom it waits for, and whom it does not, since the books knew when it began that they had
-- been given nothing more for good. `listed` is what the record of issued keys said of the device then.
CREATE TABLE recovery_holder (
    h TEXT PRIMARY KEY REFERENCES holder, state TEXT NOT NULL CHECK (state IN ('awaited', 'excepted')),
    listed TEXT NOT NULL) STRICT, WITHOUT ROWID;
