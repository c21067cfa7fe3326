"""A ledger and venues as processes, each venue behind a fault proxy of its own, and what must be true after every fault."""
import collections
import datetime
import json
import os
import pathlib
import sqlite3
import threading
import time

from fault_proxy import FaultProxy
from flow import Failed, System, audited, demo_data, free_ports, same, true

LONG = os.environ.get("OBOL_NETWORK_LONG") == "1"
BUSINESS = "kafeneio"
SLOWEST_RETRY = 15  # seconds: the longest pause between two sessions
SILENCE = 30        # seconds: a feed that waits 25 and says nothing 5 more is half-open


def data_for(venues):
    """Each venue's own wallet, one that lies at the centre, and a few passes; no limits, since thousands are sold."""
    data = demo_data(datetime.date.today())
    kept = {}
    for each in data["passes"]:
        if each["plan"] in ("gift10", "coffee15", "number10") and each["state"] == "active" and not each["code"].endswith("456789"):
            kept.setdefault((each["plan"], each["venue"]), []).append(each)
    data["passes"] = [p for group in kept.values() for p in group[:3]]
    known = {v["id"] for v in data["venues"]}
    data["venues"] += [{"id": v, "business": BUSINESS, "name": f"Venue {v}", "zone": "Asia/Nicosia"} for v in venues if v not in known]
    data["limits"] = []
    for wallet, home in [("central", None)] + [(f"till-{v}", v) for v in venues]:
        entry = {"id": wallet, "contact": "c1", "currency": "EUR", "personal": 0, "pockets": [{"business": BUSINESS, "open": 10_000_000, "lots": []}]}
        data["wallets"].append(entry | ({"home": home} if home else {}))
    data["wallets"].append({"id": "purse", "contact": "c1", "currency": "EUR", "home": "nic", "personal": 0,
                            "pockets": [{"business": BUSINESS, "open": 1000, "lots": []}]})
    return data


class Network(System):
    def __init__(self, build, folder, venues=("nic", "lim", "paf"), host="127.0.0.1", budget_ms=300):
        base, row = free_ports(12), free_ports(len(venues))
        self.proxies = {v: FaultProxy(row + n, base + 11) for n, v in enumerate(venues)}

        def settings(venue):
            return {"ledger": {"url": f"https://{host}:{self.proxies[venue].port}"}, "authority": {"budget_ms": budget_ms}}
        super().__init__(build, folder, base, data_for(venues), list(venues), settings)
        self.tills = {}

    def start(self):
        super().start()
        self.tills = {a.venue: Venue(self, a) for a in self.agents}
        return self

    def venue(self, name):
        return self.tills[name]

    def kill(self):
        super().kill()
        self.close_proxies()

    def stop(self):
        super().stop()
        self.close_proxies()

    def close_proxies(self):
        for proxy in self.proxies.values():
            proxy.close()

    def heal(self):
        for proxy in self.proxies.values():
            proxy.passes()

    def converges(self, seconds):
        """All queues empty and all links up; how long it took."""
        began = time.monotonic()
        self.settle(seconds)
        return time.monotonic() - began

    def all_agrees(self):
        """At both ends and to the cent: chains, sums, shown wallets; no doubt is left anywhere."""
        for venue in self.tills.values():
            venue.asks_again_what_was_not_answered()
        self.settle(2 * SLOWEST_RETRY + SILENCE)
        books = self.admin.get("/admin/v1/reconciliation")
        same(books["contradictions"], [], "contradictions in the books")
        same(self.admin.get("/admin/v1/exceptions?limit=500")["items"], [], "exceptions")
        same([e for e in self.admin.get("/admin/v1/exposure")["exposure"] if e["amount"]], [], "exposure at the ledger")
        heads = {d["venue"]: (d["head"]["seq"], d["head"]["hash"]) for d in books["devices"]}
        accounts = {(a["account"], a["currency"]): a["amount"] for a in books["accounts"]}
        for agent in self.agents:
            status = agent.status()
            same([e for e in status["exposure"] if e["amount"]], [], f"exposure at {agent.venue}")
            true("stopped" not in status, f"{agent.venue} stopped: {status.get('stopped')}")
            same(heads[agent.venue], (status["journal"]["seq"], status["journal"]["head"]), f"the head of {agent.venue}")
            self.tills[agent.venue].each_key_once(accounts)
        self.wallets_agree({w["id"]: w["pockets"] for w in books["wallets"]})
        self.held_agrees()
        return audited(self, *self.agents)

    def held_agrees(self):
        """What each venue holds by its own database and by the ledger's: once nothing is on its way, the same."""
        end = time.monotonic() + 2 * SLOWEST_RETRY
        central = self.ledger_folder / "ledger.db"
        for agent in self.agents:
            device = agent.status()["device"]
            while True:
                here = rows(agent.folder / "state" / "agent.db", "SELECT subject, minor FROM held WHERE minor > 0 ORDER BY subject")
                there = rows(central, "SELECT subject, minor FROM held WHERE minor > 0 AND h = ? ORDER BY subject", device)
                if here == there:
                    break
                true(time.monotonic() < end, f"{agent.venue} holds {sorted(set(here) - set(there))}, by the ledger {sorted(set(there) - set(here))}")
                time.sleep(0.05)

    def wallets_agree(self, central):
        """What each venue shows of each wallet becomes what the ledger has."""
        wanted = {w: central[w] for w in ["central", "purse"] + [f"till-{v}" for v in self.venues]}
        end = time.monotonic() + 2 * SLOWEST_RETRY
        for agent in self.agents:
            client = agent.http()
            while (shown := {w: client.get(f"/v1/wallets/{w}")["pockets"] for w in wanted}) != wanted:
                true(time.monotonic() < end, f"{agent.venue} shows {shown}, the ledger has {wanted}")
                time.sleep(0.05)


class Venue:
    """A till that remembers every key, what was asked by it and what was answered."""

    def __init__(self, system, agent):
        self.system, self.agent, self.proxy, self.name = system, agent, system.proxies[agent.venue], agent.venue
        self.client, self.lock = agent.http(), threading.Lock()
        self.asked, self.answered, self.count = {}, {}, 0

    def sells(self, cents, wallet=None, client=None, key=None, **more):
        """(status, body): a purchase paid in full from the wallet or refused."""
        order = {"wallet": {"id": wallet or f"till-{self.name}"}, "spend": {"mode": "full"},
                 "basket": {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": cents}]}} | more
        with self.lock:
            self.count += 1
            key = key or f"{self.name}-{self.count}"
            self.asked[key] = order
        return self.asks(key, client)

    def asks(self, key, client=None):
        """What was asked by this key, once more."""
        status, _, answer = (client or self.client).call("POST", "/v1/purchases", self.asked[key], key=key)
        if status in (201, 422, 409) and answer.get("code") != "request_in_progress":
            with self.lock:
                before = self.answered.setdefault(key, (status, answer))
            if answer.get("code") != "possible_duplicate":
                same((status, answer), before, f"the answer to {key}")
        return status, answer

    def asks_again_what_was_not_answered(self):
        for key in [k for k in self.asked if k not in self.answered]:
            end = time.monotonic() + 30
            while self.asks(key)[0] not in (201, 422):
                true(time.monotonic() < end, f"{key} stays without an answer")
                time.sleep(0.05)

    def must_sell(self, cents, **more):
        status, answer = self.sells(cents, **more)
        same((status, answer.get("spent")), (201, cents), f"a sale at {self.name}: {json.dumps(answer)[:300]}")
        return answer

    def sold(self):
        return sum(answer["spent"] for status, answer in self.answered.values() if status == 201)

    def each_key_once(self, accounts):
        """As many purchases in the agent's journal and at the ledger as keys were answered 201, and the money is their sum."""
        keys = [k for k, (status, _) in self.answered.items() if status == 201]
        ids = [self.answered[k][1]["id"] for k in keys]
        same(len(set(ids)), len(ids), "two keys with one purchase")
        counted = "SELECT count(*) FROM entry WHERE kind = 'purchase'"
        local = rows(self.agent.folder / "state" / "agent.db", counted)
        central = rows(self.system.ledger_folder / "ledger.db", counted + " AND h = ?", self.agent.status()["device"])
        same((local, central), ([(len(keys),)], [(len(keys),)]), f"purchases of {self.name} here and at the ledger")
        same(accounts.get((f"sale:{self.name}", "EUR"), 0), self.sold(), f"sales of {self.name} at the ledger")
        for key in keys[:: max(1, len(keys) // 50)]:
            self.asks(key)

    def status(self):
        return self.agent.status()

    def waits_for(self, what, condition, seconds):
        """Polls the agent's status until the condition holds; how long it took."""
        began = time.monotonic()
        while not condition(status := self.status()):
            true(time.monotonic() - began < seconds, f"{self.name}: {what} not within {seconds} s: {json.dumps(status['link'] | status['journal'])}")
            time.sleep(0.02)
        return time.monotonic() - began

    def link_goes(self, state, seconds):
        return self.waits_for(f"link {state}", lambda s: s["link"]["state"] == state, seconds)

    def drains(self, seconds):
        return self.waits_for("an empty queue", lambda s: not s["journal"]["pending"], seconds)

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.agent.program.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rows(path, query, *values):
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return db.execute(query, values).fetchall()
    finally:
        db.close()


def memory(program):
    """MiB: the most that a running program has had so far."""
    text = pathlib.Path(f"/proc/{program.process.pid}/status").read_text()
    return next(int(line.split()[1]) // 1024 for line in text.splitlines() if line.startswith("VmHWM"))


class Seller:
    """Somebody who sells a cent again and again, so that a fault meets a till at work."""

    def __init__(self, venue, pause=0.02, wallet=None):
        self.venue, self.pause, self.wallet = venue, pause, wallet
        self.latencies, self.faults, self.statuses = [], [], collections.Counter()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        client = self.venue.agent.http()
        while not self.ending.wait(self.pause):
            began = time.monotonic()
            try:
                status, answer = self.venue.sells(1, wallet=self.wallet, client=client)
            except (Failed, OSError) as fault:
                return self.faults.append(str(fault))
            self.latencies.append(time.monotonic() - began)
            self.statuses[status if status == 201 else answer.get("code")] += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(90)

    def sold_all_the_while(self, least=1):
        same((self.faults, [s for s in self.statuses if s != 201]), ([], []), f"{self.venue.name}: every sale goes on: {self.statuses}")
        true(self.statuses[201] >= least, f"{self.venue.name} sold {self.statuses[201]}, {least} were wanted")


def quantile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
