"""A snapshot of many passes that comes while a till sells: the longest purchase, and the memory of both ends. The agent has forgotten its
cursor, so it fetches the whole once more. OBOL_BENCH_PASSES makes less of it; --build tells of which programs."""
import os
import pathlib
import random
import sqlite3
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, System, build_folder, free_ports, small_data

PASSES = int(os.environ.get("OBOL_BENCH_PASSES", 200_000))
ORDER = {"wallet": {"id": "w1"}, "basket": {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 1}]}}
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def many_passes():
    data, chance = small_data(), random.Random(7)
    # Homed where no agent is: they are known here, not held.
    data["passes"] += [{"plan": "gift10", "code": "".join(chance.choice(LETTERS) for _ in range(14)), "state": "active", "value": 1000,
                        "venue": "sea"} for _ in range(PASSES)]
    return data


def forget_peak(program):
    pathlib.Path(f"/proc/{program.process.pid}/clear_refs").write_text("5")


def peak_mib(program):
    lines = pathlib.Path(f"/proc/{program.process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def cursor(database):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        return db.execute("SELECT value FROM meta WHERE key = 'cursor'").fetchone()[0]


with tempfile.TemporaryDirectory(prefix="obol-bench-") as folder:
    with System(build_folder(), folder, free_ports(12), many_passes(), ["nic"]) as system:
        agent = system.agents[0]
        database = agent.folder / "state" / "agent.db"
        agent.http().post("/v1/purchases", ORDER)
        system.settle(600)
        agent.program.stop()
        with sqlite3.connect(database) as db:
            db.execute("UPDATE meta SET value = 0 WHERE key = 'cursor'")
        agent.start()
        forget_peak(agent.program), forget_peak(system.ledger)
        pos, took, begun = agent.http(), [], time.monotonic()
        while cursor(database) == 0:
            if time.monotonic() - begun > 900:
                raise Failed("the snapshot did not come")
            before = time.monotonic()
            status, _, answer = pos.call("POST", "/v1/purchases", ORDER)
            took.append(time.monotonic() - before)
            if status != 201:
                raise Failed(f"a purchase meanwhile: {status} {answer}")
        took.sort()
        print(f"{PASSES} passes, whole in {time.monotonic() - begun:.1f} s; {len(took)} purchases meanwhile: median {took[len(took) // 2] * 1000:.1f} ms, "
              f"p99 {took[len(took) * 99 // 100] * 1000:.1f} ms, longest {took[-1] * 1000:.1f} ms")
        print(f"peak memory: agent {peak_mib(agent.program)} MiB, ledger {peak_mib(system.ledger)} MiB")
        system.settle(600)
