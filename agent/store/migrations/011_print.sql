-- What is to be printed, in order of n. The job of a receipt that a terminal prints by itself is made with the
-- receipt's entry. No row shows a code or PIN: a gift slip is printed from memory. `perhaps`: something of it may lie on
-- paper, so whatever is printed of that receipt after it says COPY.
CREATE TABLE print_job (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, printer TEXT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('receipt', 'slip', 'x', 'test')), receipt TEXT,
    copies INTEGER NOT NULL CHECK (copies > 0), terminal TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'waiting', 'sent', 'printed', 'failed')),
    why TEXT NOT NULL, detail TEXT NOT NULL, perhaps INTEGER NOT NULL, at INTEGER NOT NULL,
    changed INTEGER NOT NULL) STRICT;
CREATE INDEX print_job_open ON print_job (printer, n) WHERE state IN ('queued', 'sending', 'waiting');
CREATE INDEX print_job_ended ON print_job (changed) WHERE state IN ('sent', 'printed', 'failed');
CREATE INDEX print_job_of ON print_job (receipt) WHERE receipt IS NOT NULL;
-- The n-th Z report is the n-th of these.
CREATE INDEX operation_z ON operation (seq) WHERE kind = 'day_closed';
