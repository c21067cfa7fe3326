"""A day at two venues that leaves something in every table, and the files that are left of it: an agent's database, the ledger's,
and a journal's export."""
import contextlib
import datetime
import os
import shutil
import sqlite3
import subprocess
import time

from flow import System, free_ports, run, same, true

from data import demo_data
from wrong_clock import WrongClock

BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "2", "amount": 700}, {"id": "2", "sku": "FB02", "quantity": "1", "amount": 250}]}
SWEETS = {"currency": "EUR", "lines": [{"id": "1", "sku": "FS04", "quantity": "3", "amount": 1200}]}


def small_data():
    data = demo_data(datetime.date.today())
    kept, seen = [], {}
    for p in data["passes"]:
        kind = (p["plan"], p["state"], p["venue"])
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= 2:
            kept.append(p)
    data["passes"] = kept
    data["plans"].append({"id": "egift", "business": "kafeneio", "name": "E-gift", "type": "gift", "printed": False, "currency": "EUR",
                          "value": {"min": 500, "max": 5000}, "redeem_by": {"period": "P1Y"},
                          "code": {"alphabet": "alphanumeric", "prefix": "E-", "suffix": "", "length": 14}, "pin": True, "pool": "anywhere"})
    return data


def the_day(system, export, clock):
    nic, lim = system.agents
    pos, there, manager = nic.http(), lim.http(), nic.http("manager")

    def a_pass(plan, venue="nic", state="active", n=0):
        return [p for p in system.data["passes"] if p["plan"] == plan and p["state"] == state and p["venue"] == venue][n]

    # A pass, with two wrong PINs before the right one; another that locks and is unlocked.
    gift = a_pass("gift25")
    wrong = "9999" if gift["pin"] != "9999" else "0000"
    for _ in range(2):
        same(pos.call("POST", "/v1/passes/redeem", {"code": gift["code"], "pin": wrong, "wallet": {"new": True}})[0], 422, "a wrong PIN")
    pos.post("/v1/passes/redeem", {"code": gift["code"], "pin": gift["pin"], "wallet": {"new": True}})
    locked = a_pass("gift25", n=1)
    for _ in range(3):
        pos.call("POST", "/v1/passes/redeem", {"code": locked["code"], "pin": "0001", "wallet": {"new": True}})
    manager.post("/v1/passes/unlock", {"code": locked["code"], "reason": "the holder showed the card"})
    wallet = {"pass_code": gift["code"], "pin": gift["pin"]}

    # Purchases, a part of one back, another taken back whole; the same key twice; refusals are kept too.
    bought = pos.post("/v1/purchases", {"wallet": wallet, "basket": BASKET | {"ticket": "T-17"}}, key="sale-1")
    same(pos.post("/v1/purchases", {"wallet": wallet, "basket": BASKET | {"ticket": "T-17"}}, key="sale-1"), bought, "the same again")
    pos.post(f"/v1/purchases/{bought['id']}/refunds", {"lines": [{"line": "2", "amount": 250}], "wallet": wallet})
    same(pos.call("POST", f"/v1/purchases/{bought['id']}/refunds", {"amount": 100000, "wallet": wallet})[0], 422, "too much back")
    taken_back = pos.post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET, "spend": {"mode": "full"}})
    pos.post(f"/v1/purchases/{taken_back['id']}/void", {})
    pos.post("/v1/purchases", {"wallet": {"id": "w4"}, "basket": SWEETS})
    same(pos.call("POST", "/v1/purchases", {"wallet": {"id": "w37"}, "basket": SWEETS, "spend": {"mode": "full"}})[0], 422, "above a limit")

    # Money comes in; passes are sold, taken back, and ride on a purchase.
    pos.post("/v1/wallets/w1/top-ups", {"amount": 1000, "tender": "cash"})
    pos.post("/v1/wallets/w7/top-ups", {"amount": 1500, "tender": "card", "pool": "free"})
    draft = a_pass("gift25", state="draft")
    sold = pos.post("/v1/passes/activate", {"code": draft["code"], "tender": "cash"})
    pos.post(f"/v1/activations/{sold['id']}/void", {})
    pos.post("/v1/passes/activate", {"code": draft["code"], "tender": "card"})
    issued = pos.post("/v1/passes/issue", {"plan": "egift", "amount": 1500, "tender": "cash"})
    pos.post(f"/v1/activations/{issued['id']}/void", {})
    pos.post("/v1/passes/issue", {"plan": "egift", "amount": 700, "tender": "cash"})
    pos.post("/v1/purchases", {"wallet": {"new": True}, "basket": BASKET, "passes": [{"code": a_pass("gift10")["code"]}]})
    promoted = {"wallet": {"id": "w1"}, "basket": BASKET, "promotion_codes": [a_pass("promo3")["code"]]}
    first = pos.post("/v1/purchases", promoted)
    pos.post(f"/v1/purchases/{first['id']}/void", {})
    pos.post("/v1/purchases", promoted)
    coded = pos.post("/v1/purchases", {"wallet": {"id": "w2"}, "basket": SWEETS, "promotion_codes": ["GLYKO2"], "spend": {"mode": "none"}})
    pos.post(f"/v1/purchases/{coded['id']}/refunds", {"amount": 1200})

    # Without a link, and money that moves between the venues.
    nic.link("down")
    pos.post("/v1/purchases", {"wallet": wallet, "basket": BASKET})
    pos.post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
    same(pos.call("POST", "/v1/passes/redeem", {"code": a_pass("gift10", "lim")["code"], "wallet": {"new": True}})[0], 422, "held elsewhere")
    nic.link("up")
    system.settle()
    pos.post("/v1/passes/redeem", {"code": a_pass("gift10", "lim")["code"], "wallet": {"new": True}})
    pos.post("/v1/purchases", {"wallet": {"id": "w2"}, "basket": BASKET})
    end = time.monotonic() + 20
    while there.call("POST", "/v1/wallets/lookup", wallet, key=False)[0] != 200:
        true(time.monotonic() < end, "the nameless wallet reaches the other venue")
        time.sleep(0.02)
    elsewhere = there.post("/v1/purchases", {"wallet": wallet, "basket": BASKET, "spend": {"mode": "amount", "amount": 300}})
    system.settle()
    pos.post(f"/v1/purchases/{elsewhere['id']}/refunds", {"amount": 100, "wallet": wallet})
    system.settle()
    same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")

    # A pass that the centre blocks while a venue that has not heard of it honours it: booked, and told.
    blocked = a_pass("gift10", n=1)
    known = pos.post("/v1/passes/check", {"code": blocked["code"]}, key=False)
    nic.link("down")
    met = system.admin.call("PATCH", f"/admin/v1/passes/{known['pass']['id']}", {"state": "blocked"})
    same(met[0], 200, f"a pass is blocked: {met}")
    pos.post("/v1/passes/redeem", {"code": blocked["code"], "wallet": {"new": True}})
    nic.link("up")
    system.settle()
    same([e["code"] for e in system.admin.get("/admin/v1/exceptions")["items"]], ["unknown_pass_state"], "exceptions")

    # Each asks for what the other holds: one gets no answer, the other does not hear of its own.
    lim.link("down")
    met = pos.call("POST", "/v1/purchases", {"wallet": {"id": "w5"}, "basket": BASKET, "spend": {"mode": "amount", "amount": 300}})
    same(met[0], 422, f"money that another venue holds: {met}")
    nic.link("down")
    lim.link("up")
    asks_are(system, "granted", 1)
    met = there.call("POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET, "spend": {"mode": "amount", "amount": 300}})
    same(met[0], 422, f"money that a venue without a link holds: {met}")
    asks_are(system, "open", 1)

    # What the centre has not heard of when the day ends.
    same(pos.call("POST", "/v1/passes/check", {"code": locked["code"], "pin": "0001"}, key=False)[0], 200, "a wrong PIN that no entry tells yet")
    pos.post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
    pos.post("/v1/wallets/w4/top-ups", {"amount": 200, "tender": "cash"})
    pos.post("/v1/passes/activate", {"code": a_pass("gift25", state="draft", n=1)["code"], "tender": "cash"})
    manager.post("/v1/terminals", {"id": "T7", "name": "The third till"})
    manager.post("/v1/terminals/T7/pairing-codes", {"role": "cashier"})
    clock.set(-7200)
    same(clock.told()[0], "untrusted", "a clock that was set back")
    pos.post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
    token = nic.folder / "manager-token"
    token.write_text(nic.tokens["manager"])
    export.write_text(run(system.build / "obolctl", "--agent", nic.url, "--token-file", token, "journal", "export"))


def asks_are(system, state, least):
    """The ledger has so many asks of this state."""
    end = time.monotonic() + 20
    while True:
        with contextlib.closing(sqlite3.connect(f"file:{system.ledger_folder / 'ledger.db'}?mode=ro", uri=True)) as db:
            met = db.execute("SELECT count(*) FROM ask WHERE state = ?", [state]).fetchone()[0]
        if met >= least:
            return
        true(time.monotonic() < end, f"{least} asks are {state}, not {met}")
        time.sleep(0.05)


class Files:
    """The day's files, and what they are read with."""

    def __init__(self, build, folder):
        self.build, self.folder = build, folder
        self.export = folder / "journal.ndjson"
        system = System(build, folder / "system", free_ports(12), small_data(), ["nic", "lim"], {"authority": {"budget_ms": 5000}})
        with system:
            nic = system.agents[0]
            nic.program.stop()
            clock = WrongClock(nic, folder)
            nic.start()
            clock.comes_right("a right clock")
            the_day(system, self.export, clock)
        self.agent = next((nic.folder / "state").glob("*.db"))
        self.other_agent = next((system.agents[1].folder / "state").glob("*.db"))
        self.ledger = system.ledger_folder / "ledger.db"
        self.certificate = nic.folder / "credentials" / "device.crt"
        self.other_certificate = system.agents[1].folder / "credentials" / "device.crt"
        self.device_key = nic.folder / "credentials" / "device.pem"
        self.other_device_key = system.agents[1].folder / "credentials" / "device.pem"

    def copy(self, path):
        """A fresh one, under a name of its own; nothing lies beside it."""
        to = self.folder / f"copy{path.suffix}"
        for beside in ("-wal", "-shm"):
            to.with_name(to.name + beside).unlink(missing_ok=True)
        shutil.copy(path, to)
        return to

    def audit(self, *words, **environment):
        surroundings = os.environ | {name: str(value) for name, value in environment.items()}
        got = subprocess.run([self.build / "obol-audit", *map(str, words)], capture_output=True, text=True, timeout=120, env=surroundings)
        return got.returncode, got.stdout.splitlines(), got.stderr
