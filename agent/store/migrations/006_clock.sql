-- By what the time is known: one moment of the boot it names, what the system clock showed then and what was
-- taken for the time. seen: no time after it can be earlier; stamp: the wall of the newest entry then, which
-- stays ahead of the time where the clock had been wrong before.
CREATE TABLE clock (
    one INTEGER PRIMARY KEY CHECK (one = 1), boot_id TEXT NOT NULL, boot INTEGER NOT NULL, system INTEGER NOT NULL,
    taken INTEGER NOT NULL, trusted INTEGER NOT NULL, seen INTEGER NOT NULL, stamp INTEGER NOT NULL) STRICT;
