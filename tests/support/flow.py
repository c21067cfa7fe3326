"""What the flow tests share: the programs of a build folder, the demo's data, and plain assertions that say what was met."""
import argparse
import datetime
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "config" / "demo"))

from data import demo_data  # noqa: E402
from system import Failed, Http, System, free_ports, run  # noqa: E402, F401

BASKETS = ROOT.parent / "shared" / "data" / "online_retail_baskets.csv"


class NotHere(Exception):
    """A case needs what this machine permits to nobody."""


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("case", nargs="*", help="run only the cases of these names")
    return parser.parse_args()


def build_folder():
    return pathlib.Path(arguments().build)


def small_data(few=6):
    """The demo's, with a few passes of each plan."""
    data = demo_data(datetime.date.today())
    # A PIN verifier costs 25 ms each (and a hundred times that under a sanitizer): a few passes tell the same story.
    kept, seen = [], {}
    for p in data["passes"]:
        seen[(p["plan"], p["state"])] = seen.get((p["plan"], p["state"]), 0) + 1
        if seen[(p["plan"], p["state"])] <= few:
            kept.append(p)
    data["passes"] = kept
    return data


def until(ready, what, seconds=60):
    """What `ready` says once it says anything. `what` is awaited, or says how things stand when time is over."""
    end = time.monotonic() + seconds
    while not (met := ready()):
        true(time.monotonic() < end, f"{what() if callable(what) else what}, within {seconds} s")
        time.sleep(0.05)
    return met


def same(met, wanted, what):
    if met != wanted:
        raise Failed(f"{what}: met {met!r}, wanted {wanted!r}")


def true(condition, what):
    if not condition:
        raise Failed(what)


def audited(system, *agents):
    """The ledger's database and these agents', by a program that shares no code with the writer."""
    files = [system.ledger_folder / "ledger.db", *(agent.folder / "state" / "agent.db" for agent in agents)]
    got = subprocess.run([system.build / "obol-audit", *files], capture_output=True, text=True)
    same(got.returncode, 0, f"obol-audit: {got.stdout}{got.stderr}")
    return "obol-audit: clean"


def run_cases(*cases):
    """Runs each case(folder), or those that the command line names; prints a line for each; exits 1 if one failed."""
    if wanted := arguments().case:
        cases = [c for c in cases if c.__name__ in wanted]
        if len(cases) != len(set(wanted)):
            sys.exit(f"no such case among {wanted}")
    failed = not_run = 0
    for case in cases:
        with tempfile.TemporaryDirectory(prefix="obol-flow-") as folder:
            try:
                case(pathlib.Path(folder))
                print(f"ok   {case.__name__}", flush=True)
            except NotHere as why:
                not_run += 1
                print(f"not run: {case.__name__}: {why}", flush=True)
            except Exception:
                failed += 1
                print(f"FAIL {case.__name__}", flush=True)
                traceback.print_exc(file=sys.stdout)
                for log in sorted(pathlib.Path(folder).rglob("log")):
                    print(f"--- {log.parent.name}: " + "".join(log.read_text(errors="replace").splitlines(True)[-200:]), flush=True)
    print(f"{len(cases) - failed - not_run} passed, {failed} failed" + (f", {not_run} not run" if not_run else ""), flush=True)
    sys.exit(1 if failed else 0)
