"""A shop for the browser's cases: two venues with emulated devices, and how a script of cases is run before it."""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import ROOT, System, arguments, audited, free_ports, run, run_cases, same, small_data, true, until  # noqa: E402
from paper import devices_of, emulator_arguments  # noqa: E402
from system import Program  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
# What a name can hold: markup that would run, and signs that turn the text around them.
NASTY = '<img src=x onerror="document.title=1"> \u202eגבינה\u202c'

# What a name must not become in a spreadsheet.
FORMULA = '=HYPERLINK("http://127.0.0.1/", "15")'


def data():
    made = small_data(100)
    for pool in made["pools"]:
        if pool["id"] == "free":
            pool["name"] = NASTY
    made["products"].append({"business": "kafeneio", "sku": "NASTY1", "name": NASTY, "brand": NASTY, "family": "Coffee", "type": "goods"})
    # Each case takes fresh ones.
    made["passes"] += [{"plan": "gift10", "code": f"BRWSRCASE{''.join('23456789'[n // 8 ** place % 8] for place in range(5))}", "state": "active", "value": 1000, "venue": "nic"}
                       for n in range(80)]
    for contact in made["contacts"]:
        if contact["id"] == "c4":
            contact["name"] = NASTY
    for plan in made["plans"]:
        if plan["id"] == "coffee15":
            plan["name"] = FORMULA
    return made


@contextlib.contextmanager
def running(program, socket):
    program.start()
    try:
        until(socket.exists, "the emulated devices stand there", 20)
        yield
    finally:
        program.stop()


@contextlib.contextmanager
def shop(folder, build, change):
    """Two venues; what the cases need to know of them."""
    made = data()
    change(made)
    counter = folder / "counter"
    counter.mkdir()
    devices = Program("obol-emulator", emulator_arguments(pathlib.Path(build), ROOT, counter), counter / "log")
    system = System(build, folder, free_ports(12), made, ["nic", "lim"],
                    lambda venue: {"authority": {"budget_ms": 5000}} | (devices_of(counter) if venue == "nic" else {}))
    with running(devices, counter / "control"), system:
        nic = system.agents[0]
        plans = ("gift25", "gift10", "coffee15", "topup20", "promo3", "number10")
        passes = {plan: {venue: [{"code": p["code"], "pin": p.get("pin")} for p in system.data["passes"]
                                 if p["plan"] == plan and p["state"] == "active" and p["venue"] == venue and p["code"] not in
                                 ("GUESS22345678", "GUEST223456789", "PASTD223456789")] for venue in ("nic", "lim", "paf")} for plan in plans}
        yield system, {"url": nic.url, "other": system.agents[1].url, "manager": nic.tokens["manager"], "pos": nic.tokens["pos"],
                       "passes": passes, "control": str(counter / "control")}


def folder_of_packages(build):
    """The test's packages, as package-lock.json names them, once for a build folder."""
    folder = build / "browser"
    folder.mkdir(exist_ok=True)
    wanted, have = (HERE / "package-lock.json").read_text(), folder / "fetched"
    if not have.exists() or have.read_text() != wanted:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        run("npm", "ci", "--prefix", folder, "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
        have.write_text(wanted)
    return folder


def run_script(name, folder, change=lambda made: None, prepare=lambda system: None):
    """The cases of NAME.mjs in Chromium; what is changed in the shop's data, and done to it, before."""
    build = pathlib.Path(arguments().build).resolve()
    packages = folder_of_packages(build)
    chromium = shutil.which("chromium")
    true(chromium, "chromium is installed (config/setup browser)")
    pictures = build / "pictures" / name
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    with shop(folder, build, change) as (system, told):
        prepare(system)
        told |= {"chromium": chromium, "pictures": str(pictures), "root": str(ROOT)}
        # Beside the packages, where node finds them.
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, packages)
        description = folder / "told.json"
        description.write_text(json.dumps(told))
        done = subprocess.run(["node", packages / f"{name}.mjs", description, *os.environ.get("OBOL_BROWSER_CASES", "").split()])
        same(done.returncode, 0, "the browser's cases")
        system.settle()
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions at the ledger")
        print(audited(system, *system.agents))
