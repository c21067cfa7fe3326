"""simulate-policy against what it foretells: one small day with the link up, and the same day lived through with links down."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, true

build = build_folder()
VENUES = ("city", "port")


def small_business():
    def lot(pool, amount):
        return {"pool": pool, "amount": amount, "valid_from": None, "valid_until": None}

    def pool(id, **conditions):
        return {"id": id, "business": "shop", "name": id, "time": [], "locations": {"venues": [], "businesses": []},
                "products": {"brands": [], "families": [], "skus": [], "types": []}, "spend_on": "basket",
                "validity": {"from": None, "until": None, "period": None}} | conditions

    def gift(code, venue, **more):
        return {"plan": "gift", "code": code, "state": "active", "value": 1000, "venue": venue} | more
    # Cat's money lies at the centre.
    wallets = [("ann", "city", 1000, [lot("any", 3000)]), ("ben", "port", 200, [lot("any", 500), lot("tea", 800)]), ("cat", None, 900, [])]
    return {"businesses": [{"id": "shop", "name": "Shop", "currency": "GBP", "zone": "Europe/London", "cutoff": "04:00", "refund_grace": "P30D"}],
            "venues": [{"id": v, "business": "shop", "name": v.title(), "zone": "Europe/London"} for v in VENUES],
            "products": [{"business": "shop", "sku": s, "name": s, "brand": "B", "family": f, "type": "goods"} for s, f in (("TEA", "Tea"), ("CAKE", "Cake"))],
            "pools": [pool("any"), pool("tea", products={"brands": [], "families": ["Tea"], "skus": [], "types": []}, spend_on="matching_lines")],
            "plans": [{"id": "gift", "business": "shop", "name": "Gift", "type": "gift", "printed": True, "currency": "GBP", "value": {"fixed": 1000},
                       "redeem_by": {"period": "P1Y"}, "code": {"alphabet": "alphanumeric", "prefix": "", "suffix": "", "length": 13}, "pin": False, "pool": None}],
            "passes": [gift("PRT2233445566", "port"), gift("CTY2233445566", "city"), gift("CTY7788992233", "city"),
                       gift("NEW2233445566", "city", state="draft"), gift("NEW7788992233", "port", state="draft")],
            "contacts": [{"id": w, "name": w.title(), "phone": f"+44770090010{n}", "email": None, "card": None, "segments": []} for n, (w, *_) in enumerate(wallets)],
            "wallets": [{"id": w, "contact": w, "currency": "GBP", "home": home, "personal": 0, "pockets": [{"business": "shop", "open": money, "lots": lots}]}
                        for w, home, money, lots in wallets]}


class Day:
    """The same requests in each world; `cut`: whose links go down after the first sales."""

    def __init__(self, folder, cut):
        self.folder, self.cut, self.met, self.bought = folder, cut, [], {}
        folder.mkdir()
        settings = {"authority": {"budget_ms": 2000, "idle_return_s": 3600}}
        with System(build, folder, free_ports(12), small_business(), list(VENUES), settings) as self.system:
            self.pos = {a.venue: a.http("pos") for a in self.system.agents}
            self.agents = {a.venue: a for a in self.system.agents}
            self.buy("city", "m1", "ann", cake=500)
            self.buy("port", "m2", "ann", cake=300)
            self.system.settle()
            for venue in cut:
                self.agents[venue].link("down")
            self.met.clear()
            self.afternoon()
            for venue in cut:
                self.agents[venue].link("up")
            self.system.settle()
            self.journals = [self.export(a) for a in self.system.agents]

    def afternoon(self):
        self.buy("port", "a1", "ann", cake=900)
        self.agree()
        self.buy("city", "a2", "ben", tea=600, cake=400)
        self.agree()
        self.refund("port", "a1", 400)
        self.agree()
        self.redeem("port", "PRT2233445566")
        self.redeem("port", "CTY2233445566")
        self.guest("port", "a3", "CTY7788992233", cake=1400)
        self.agree()
        self.buy("city", "a4", "ann", cake=700, spend={"mode": "amount", "amount": 650})
        self.agree()
        self.buy("port", "a5", "ben", spend={"mode": "full"}, tea=300, cake=100)
        self.agree()
        self.top_up("port", "ann", 250)
        self.agree()
        self.buy("port", "a6", "ann", cake=5000)
        self.agree()
        self.buy("city", "a7", "ann", cake=5000)
        self.agree()
        self.buy("port", "a8", "cat", cake=400)
        self.agree()
        self.buy("city", "a9", "cat", tea=300)
        self.agree()
        self.sell_pass("city", "NEW2233445566")
        self.sell_pass("city", "NEW7788992233")

    def agree(self):
        if not self.cut:
            self.system.settle()

    def post(self, venue, path, body, key):
        status, _, answer = self.pos[venue].call("POST", path, body, key=key)
        true(status in (200, 201) or answer["code"] in ("authority_elsewhere", "link_required"), f"{key}: {status} {answer}")
        return answer if status in (200, 201) else None

    def purchase(self, venue, ticket, body, lines):
        goods = {"tea": "TEA", "cake": "CAKE"}
        body["basket"] = {"currency": "GBP", "ticket": ticket, "lines": [
            {"id": str(n), "sku": goods[what], "quantity": "1", "amount": amount} for n, (what, amount) in enumerate(lines.items(), 1)]}
        got = self.post(venue, "/v1/purchases", body, ticket)
        self.bought[ticket] = got
        paid = [[p["pool"]["id"] if p["pocket"] == "commerce" else p["pocket"], p["amount"]] for p in got["allocations"]] if got else []
        self.met.append(["purchase", ticket, got["spent"] if got else 0, paid])

    def buy(self, venue, ticket, wallet, spend=None, **lines):
        self.purchase(venue, ticket, {"wallet": {"id": wallet}, "spend": spend or {"mode": "max"}}, lines)

    def guest(self, venue, ticket, code, **lines):
        self.purchase(venue, ticket, {"wallet": {"new": True}, "passes": [{"code": code}]}, lines)

    def refund(self, venue, ticket, amount):
        got = self.post(venue, f"/v1/purchases/{self.bought[ticket]['id']}/refunds", {"amount": amount}, f"refund-{ticket}")
        self.met.append(["refund", ticket, got["refunded"], [[p["pool"]["id"] if p["pocket"] == "commerce" else p["pocket"], p["amount"]] for p in got["allocations"]]])

    def redeem(self, venue, code):
        got = self.post(venue, "/v1/passes/redeem", {"code": code, "wallet": {"id": "ann"}}, code)
        self.met.append(["pass_redeemed", "", got["credited"]["amount"] if got else 0, []])

    def top_up(self, venue, wallet, amount):
        true(self.post(venue, f"/v1/wallets/{wallet}/top-ups", {"amount": amount, "tender": "cash"}, f"top-up-{wallet}"), "the top-up")

    def sell_pass(self, venue, code):
        if not self.post(venue, "/v1/passes/activate", {"code": code, "tender": "cash"}, f"sell-{code}"):
            self.met.append(["pass_activated", "", 0, []])

    def export(self, agent):
        token = agent.folder / "manager-token"
        token.write_text(agent.tokens["manager"])
        path = self.folder / f"{agent.venue}.ndjson"
        path.write_text(obolctl("--agent", agent.url, "--token-file", token, "journal", "export"))
        return path


def obolctl(*words, code=0):
    got = subprocess.run([build / "obolctl", *map(str, words)], capture_output=True, text=True, timeout=60)
    same(got.returncode, code, f"obolctl {words}: {got.stdout}{got.stderr}")
    return got.stdout + got.stderr


def foretold(day, *more):
    told = json.loads(obolctl("simulate-policy", *day.journals, "--from", "ticket:a1", "--json", *more))
    label = {"any": "any", "tea": "tea"}
    return [[d["kind"], d.get("ticket", ""), d["simulated"], [[label[p["pool"]] if p["pocket"] == "commerce" else p["pocket"], p["amount"]] for p in d["allocations"]]]
            for d in told["outages"][0]["decided"]]


def what_is_foretold_is_what_is_met(folder):
    linked = Day(folder / "linked", [])
    worlds = [linked.met]
    for name, cut in {"both": list(VENUES), "port": ["port"], "city": ["city"]}.items():
        met = Day(folder / name, cut).met
        told = foretold(linked, "--venues", ",".join(cut))
        print(f"  {name} cut off: {[m[:3] for m in met]}")
        for m, t in zip(met, told):
            same(t, m, f"{name} cut off, foretold")
        same(len(told), len(met), f"{name} cut off: entries foretold {told}")
        true(met not in worlds, f"{name} cut off changes what is met")
        worlds.append(met)


def an_operator_is_told(folder):
    day = Day(folder / "linked", [])
    text = obolctl("simulate-policy", *day.journals, "--from", "ticket:a1")
    for part in ("cut off    port, which held GBP", "refused", "lacking    GBP", "at risk    nothing", "largest"):
        true(part in text, f"{part!r} in\n{text}")
    text = obolctl("simulate-policy", *day.journals, "--from", "ticket:a1", "--per-transaction", 1000, "--count", 3)
    true("by the allowance" in text, f"the allowance:\n{text}")
    true("ticket:NUMBER" in obolctl("simulate-policy", "--help"), "the help says what a position is")
    for words, complaint in {("--from", "ticket:none"): "unknown_ticket", ("--venues", "moon"): "unknown_venue", ("--from", "noon"): "malformed_position",
                             ("--daily", "18:00"): "malformed_daily", ("--from", "2100-01-01T00:00:00Z"): "empty_outage"}.items():
        true(complaint in obolctl("simulate-policy", *day.journals, *words, code=1), f"{words}: {complaint}")
    obolctl("simulate-policy", code=2)
    # In pieces, in any order, they are the same journals; a piece alone does not say what was held before it.
    city = day.journals[0].read_text().splitlines(True)
    middle = len(city) // 2
    while "signature" not in city[middle]:
        middle -= 1
    last = json.loads(city[middle])
    head = {"seq": last["seq"], "hash": last["hash"]}
    (folder / "1").write_text("".join(city[:middle + 1]) + json.dumps({"head": head}) + "\n")
    (folder / "2").write_text(json.dumps(json.loads(city[0]) | {"after": head}) + "\n" + "".join(city[middle + 1:]))
    position = ("--from", "ticket:a1", "--json")
    same(obolctl("simulate-policy", folder / "2", day.journals[1], folder / "1", *position), obolctl("simulate-policy", *day.journals, *position), "in pieces")
    true("begins_late" in obolctl("simulate-policy", folder / "2", *position, code=1), "a later piece alone")
    day.journals[1].write_text(day.journals[1].read_text().replace('"purchase"', '"refund"', 1))
    true("label_differs" in obolctl("simulate-policy", *day.journals, code=1), "a journal that was tampered with")


run_cases(what_is_foretold_is_what_is_met, an_operator_is_told)
