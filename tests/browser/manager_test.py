"""The manager page in Debian's Chromium, over the real agents and ledger: manager.mjs has the cases."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from shop import NASTY, run_cases, run_script  # noqa: E402


def with_exceptions(system):
    """Alarms come from faulty clocks and disks: a few are put there as the store would."""
    nic = system.agents[0]
    nic.program.stop()
    db = sqlite3.connect(next((nic.folder / "state").glob("*.db")))
    for n in range(6):
        db.execute("INSERT INTO exception (id, at, code, detail, seq, minor, currency) VALUES (?, 1767225600000, 'malformed_fact', ?, ?, ?, ?)",
                   (f"e{n}", NASTY if n == 0 else f"pool {n}", None, 500 if n else None, "EUR" if n else None))
    db.commit()
    db.close()
    nic.start()


def with_an_allowance(made):
    """Something to be lost."""
    for venue in made["venues"]:
        if venue["id"] == "nic":
            venue["allowance"] = {"per_transaction": 2000, "per_subject": 3000, "per_outage": 20000, "count": 40}


def the_manager_page(folder):
    run_script("manager", folder, with_an_allowance, with_exceptions)


if __name__ == "__main__":
    run_cases(the_manager_page)
