"""Replays real shop baskets (UCI Online Retail; Chen, D., 2015, doi 10.24432/C5BW33, CC BY 4.0) through the real programs.

The customers share 40 wallets, so that money is contended; every fifth invoice is rung up away from the wallet's home; every seventh
purchase is refunded; the link of both venues may be down for the second half. Two runs give the same digest."""
import collections
import csv
import datetime
import decimal
import hashlib
import json
import pathlib
import subprocess
import tempfile
import time
import zoneinfo

from system import Failed, System, free_ports

ZONE = "Europe/London"
WALLETS = 40
VENUES = ("city", "port")
GUEST_PASS = 5000
FAMILIES = ("RED", "CHRISTMAS", "PINK", "SET", "HAND", "PACK", "VINTAGE", "HEART")
# Money in each wallet, in pence: the business pocket and one lot per pool.
OPEN = 60000
LOTS = {"any": 50000, "red": 30000, "brand22": 40000, "city": 30000, "open": 30000, "closed": 20000, "closes": 40000, "old": 30000}


class Invoice:
    def __init__(self, number, rows):
        self.number, self.rows = number, rows
        self.customer = rows[0]["CustomerID"]
        self.cancels = number.startswith("C")
        self.lines = [{"id": str(n), "sku": r["StockCode"], "quantity": r["Quantity"], "amount": pence(r)} for n, r in enumerate(rows, 1)]
        self.total = sum(line["amount"] for line in self.lines)

    @property
    def wallet(self):
        return f"w{int(self.customer) % WALLETS}" if self.customer else None

    def basket(self):
        return {"currency": "GBP", "ticket": self.number, "lines": self.lines}


def pence(row):
    exact = decimal.Decimal(row["Quantity"]) * decimal.Decimal(row["UnitPrice"]) * 100
    return int(exact.to_integral_value(decimal.ROUND_HALF_UP))


def read_invoices(path):
    grouped = collections.OrderedDict()
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            grouped.setdefault(row["InvoiceNo"], []).append(row)
    return [Invoice(number, rows) for number, rows in grouped.items()]


def clock(moment):
    return moment.strftime("%H:%M")


def replay_data(invoices, closing):
    """The business, its pools around now, wallets and guest passes. `closing`: when the pool that closes does."""
    now = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))
    hours = lambda n: clock(now + datetime.timedelta(hours=n))
    business = "retail"

    def window(start, end):
        return [{"days": [], "months": [], "from": start, "to": end}]

    def pool(id, name, time=(), venues=(), spend_on="basket", **products):
        kinds = {"brands": [], "families": [], "skus": [], "types": []} | products
        return {"id": id, "business": business, "name": name, "time": list(time), "locations": {"venues": list(venues), "businesses": []},
                "products": kinds, "spend_on": spend_on, "validity": {"from": None, "until": None, "period": None}}
    pools = [pool("any", "Anything"),
             pool("red", "Red and pink things", families=["RED", "PINK"], spend_on="matching_lines"),
             pool("brand22", "Brand 22", brands=["22"], spend_on="matching_lines"),
             pool("city", "City shop alone", venues=["city"]),
             pool("open", "Open now, brands 21 and 22", time=window(hours(-2), hours(4)), brands=["21", "22"], spend_on="matching_lines"),
             pool("closed", "Closed now", time=window(hours(6), hours(8))),
             pool("closes", "Closes soon", time=window(hours(-2), clock(closing))),
             pool("old", "Brands 84 and 85 unlock all", brands=["84", "85"])]
    products = {}
    for invoice in invoices:
        for row in invoice.rows:
            word = row["Description"].split(" ")[0]
            products.setdefault(row["StockCode"], {"business": business, "sku": row["StockCode"], "name": row["Description"] or row["StockCode"],
                                                   "brand": row["StockCode"][:2], "family": word if word in FAMILIES else "OTHER", "type": "goods"})
    guests = [i for i in invoices if not i.customer]
    passes = [{"plan": "guest", "code": guest_code(n), "state": "active", "value": GUEST_PASS, "venue": VENUES[n % 2]} for n in range(len(guests))]
    wallets = [{"id": f"w{n}", "contact": f"c{n}", "currency": "GBP", "home": VENUES[n % 2], "personal": 0,
                "pockets": [{"business": business, "open": OPEN, "lots": [{"pool": p, "amount": a, "valid_from": None, "valid_until": None} for p, a in LOTS.items()]}]}
               for n in range(WALLETS)]
    return {"businesses": [{"id": business, "name": "Online Retail", "currency": "GBP", "zone": ZONE, "cutoff": "04:00", "refund_grace": "P30D"}],
            "venues": [{"id": v, "business": business, "name": v.title(), "zone": ZONE} for v in VENUES],
            "products": list(products.values()), "pools": pools,
            "plans": [{"id": "guest", "business": business, "name": "Guest 50", "type": "gift", "printed": True, "currency": "GBP", "value": {"fixed": GUEST_PASS},
                       "redeem_by": {"period": "P1Y"}, "code": {"alphabet": "alphanumeric", "prefix": "", "suffix": "", "length": 13}, "pin": False, "pool": None}],
            "passes": passes,
            "contacts": [{"id": f"c{n}", "name": f"Customer {n}", "phone": f"+447700900{n:03d}", "email": None, "card": None, "segments": []} for n in range(WALLETS)],
            "wallets": wallets}


def guest_code(n):
    letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    digest = int.from_bytes(hashlib.sha256(f"guest {n}".encode()).digest(), "big")
    return "".join(letters[(digest >> (5 * k)) % len(letters)] for k in range(13))


class Replay:
    """One run. `offline`: cut both links at half time. `kill_at`: index of the invoice at which one agent is killed."""

    def __init__(self, build, folder, csv_path, offline=True, kill_at=None, progress=None):
        self.invoices = read_invoices(csv_path)
        self.build, self.folder, self.offline, self.kill_at = build, folder, offline, kill_at
        self.progress = progress or (lambda *_, **__: None)
        self.half = len(self.invoices) // 2
        self.wait_at = self.half // 2  # here the pool that closes has closed, in every run
        self.counts = collections.Counter()
        self.refused = collections.Counter()
        self.spent_per_pool = collections.Counter()
        self.spent = {"first half": 0, "second half": 0}
        self.refunded = 0
        self.outcomes = []
        self.cash_refunds = []
        self.held_elsewhere_at_cut = {}
        self.outcomes_before_half = 0
        self.half_time = None      # when the link goes, or would go
        self.wanting_authority = []
        self.purchases = {}        # invoice number -> (venue index, purchase)
        self.line_bought = {}      # (customer, sku) -> (invoice number, line id)
        self.refunded_lines = collections.Counter()
        self.guests = 0
        self.purchase_count = 0
        self.refund_turn = 0

    # --- the run ---------------------------------------------------------------------------------
    def run(self):
        now = datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))
        self.closing = (now + datetime.timedelta(seconds=150)).replace(second=0, microsecond=0)
        settings = {"authority": {"budget_ms": 5000, "idle_return_s": 3600}}
        self.system = System(self.build, self.folder, free_ports(12), replay_data(self.invoices, self.closing), list(VENUES), settings)
        with self.system:
            self.pos = [a.http("pos") for a in self.system.agents]
            self.manager = [a.http("manager") for a in self.system.agents]
            for index, invoice in enumerate(self.invoices):
                if index == self.wait_at:
                    self.wait_for_closing()
                if index == self.half:
                    self.come_to_half_time()
                self.index = index
                self.ring_up(index, invoice)
                if index % 8 == 0:
                    self.check_exposure()
                self.progress(index + 1, len(self.invoices), self)
            if self.offline:
                self.heal()
            self.finish()
        return self

    def wait_for_closing(self):
        left = (self.closing - datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))).total_seconds() + 0.2
        if left < 0:
            raise Failed("the machine was too slow: the pool closed before all invoices that should meet it open were rung up")
        while left > 0:
            self.progress(self.wait_at, len(self.invoices), self, note=f"waiting {left:.0f} s for a pool to close")
            time.sleep(min(left, 5))
            left = (self.closing - datetime.datetime.now(zoneinfo.ZoneInfo(ZONE))).total_seconds() + 0.2

    def come_to_half_time(self):
        self.system.settle()
        time.sleep(0.01)  # what is written from now on is dated later
        self.half_time = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        self.outcomes_before_half = len(self.outcomes)
        if self.offline:
            self.cut()

    def cut(self):
        for n in range(WALLETS):
            self.agree(f"w{n}")
        for n in range(WALLETS):
            wallet = f"w{n}"
            away = self.view(1 - n % 2, wallet)
            held = {l["id"]: l["available_here"] for l in away["lots"] if l["available_here"]}
            if away["available_here"]["business"]:
                held["business"] = away["available_here"]["business"]
            if held:
                self.held_elsewhere_at_cut[wallet] = held
        for agent in self.system.agents:
            agent.link("down")

    def heal(self):
        for agent in self.system.agents:
            agent.link("up")
        self.system.settle()

    # --- one invoice -----------------------------------------------------------------------------
    def ring_up(self, index, invoice):
        self.counts["invoices"] += 1
        if invoice.cancels:
            return self.cancel(invoice)
        if invoice.customer:
            home = int(invoice.customer) % WALLETS % 2
            venue = 1 - home if index % 5 == 4 else home
            body = {"wallet": {"id": invoice.wallet}, "basket": invoice.basket(), "spend": {"mode": "max"}}
            if self.link_up():
                self.agree(invoice.wallet)
        else:
            venue, body = self.guest(invoice)
            home = venue
        purchase = self.send(venue, "/v1/purchases", body, f"buy-{invoice.number}")
        if purchase is None:
            return
        self.check_purchase(invoice, purchase)
        half = "first half" if index < self.half else "second half"
        self.spent[half] += purchase["spent"]
        for part in purchase["allocations"]:
            self.spent_per_pool[part["pool"]["id"] if part["pocket"] == "commerce" else part["pocket"]] += part["amount"]
        for lot in purchase["refused"]:
            self.refused[lot["reasons"][0]["code"]] += 1
            if venue == home and any(r["code"] == "authority_elsewhere" for r in lot["reasons"]):
                self.wanting_authority.append((invoice.number, invoice.wallet, lot["lot"]))
        if venue == home and not self.link_up():
            self.check_short_pocket(invoice, purchase)
        self.counts["purchases"] += 1
        self.counts["purchases offline"] += not purchase["online"]
        self.purchases[invoice.number] = (venue, purchase)
        for line in invoice.lines:
            if line["amount"] > 0:
                self.line_bought[(invoice.customer, line["sku"])] = (invoice.number, line["id"])
        self.outcomes.append([invoice.number, purchase["spent"], purchase["due"],
                              [[self.label(p), p["amount"]] for p in purchase["allocations"]],
                              sorted([l["pool"]["id"], l["reasons"][0]["code"]] for l in purchase["refused"])])
        self.purchase_count += 1
        if self.purchase_count % 7 == 0 and invoice.total > 0:
            self.refund_in_turn(invoice, venue, purchase)

    @staticmethod
    def label(part):
        if part["pocket"] != "commerce":
            return part["pocket"]
        return part["pool"]["id"] if isinstance(part["pool"], dict) else part["pool"]

    def guest(self, invoice):
        """Invoices without a customer: in turn a pass as a guest's tender, and a nameless wallet found by its pass."""
        n = self.guests
        self.guests += 1
        venue = n % 2
        code = guest_code(n)
        if n % 4 < 2:
            return venue, {"wallet": {"new": True}, "passes": [{"code": code}], "basket": invoice.basket(), "spend": {"mode": "max"}}
        redeemed = self.send(venue, "/v1/passes/redeem", {"code": code, "wallet": {"new": True}}, f"redeem-{invoice.number}")
        if redeemed["credited"]["amount"] != GUEST_PASS:
            raise Failed(f"a guest pass credited {redeemed}")
        return venue, {"wallet": {"pass_code": code}, "basket": invoice.basket(), "spend": {"mode": "max"}}

    def cancel(self, invoice):
        for line in invoice.lines:
            found = self.line_bought.get((invoice.customer, line["sku"]))
            if not found:
                self.cash_refunds.append((invoice.number, line["sku"], line["amount"]))
                continue
            self.counts["cancelled lines with an earlier purchase"] += 1
            number, line_id = found
            venue, purchase = self.purchases[number]
            left = {r["line"]: r["amount"] for r in self.pos[venue].get(f"/v1/purchases/{purchase['id']}")["refundable"]}.get(line_id, 0)
            amount = min(-line["amount"], left)
            if amount <= 0:  # one of every seven was given back before
                self.cash_refunds.append((invoice.number, line["sku"], line["amount"]))
                continue
            self.refund(venue, purchase, {"lines": [{"line": line_id, "amount": amount}]}, f"cancel-{invoice.number}-{line['id']}")
            self.counts["cancelled lines refunded"] += 1

    def refund_in_turn(self, invoice, venue, purchase):
        way = ("line", "amount", "whole", "three parts")[self.refund_turn % 4]
        self.refund_turn += 1
        name = f"refund-{invoice.number}"
        positive = [l for l in invoice.lines if l["amount"] > 0]
        if way == "line":
            amount = min(positive[0]["amount"], invoice.total)
            self.refund(venue, purchase, {"lines": [{"line": positive[0]["id"], "amount": amount}]}, name)
        elif way == "amount":
            self.refund(venue, purchase, {"amount": (invoice.total + 1) // 2}, name)
        elif way == "whole":
            self.refund(venue, purchase, {"amount": invoice.total}, name)
        else:
            third = invoice.total // 3
            parts = [third, third, invoice.total - 2 * third]
            back = [self.refund(venue, purchase, {"amount": p}, f"{name}-{n}") for n, p in enumerate(parts) if p > 0]
            if sum(r["refunded"] for r in back) != purchase["spent"]:
                raise Failed(f"{invoice.number}: three parts gave back {[r['refunded'] for r in back]} of {purchase['spent']}")
        self.counts[f"refunded by {way}"] += 1

    def refund(self, venue, purchase, body, key):
        done = self.send(venue, f"/v1/purchases/{purchase['id']}/refunds", body, key)
        asked = body.get("amount") or sum(l["amount"] for l in body["lines"])
        if done["refunded"] + done["due_back"] != asked:
            raise Failed(f"{key}: {done['refunded']} and {done['due_back']} are not {asked}")
        self.refunded += done["refunded"]
        self.outcomes.append([key, done["refunded"], done["due_back"], [[self.label(p), p["amount"]] for p in done["allocations"]]])
        return done

    def send(self, venue, path, body, key):
        """Sends until an answer comes, as a POS does: the same key, so that it happens once."""
        if self.kill_at is not None and self.index >= self.kill_at and venue == 0 and path == "/v1/purchases":
            self.kill_at = None
            return self.send_through_a_kill(venue, path, body, key)
        for attempt in range(20):
            status, _, answer = self.pos[venue].call("POST", path, body, key=key)
            if status in (200, 201):
                return answer
            if status != 503:
                break
            time.sleep(0.05 * (attempt + 1))
        raise Failed(f"POST {path} {key}: {status} {json.dumps(answer)[:1500]}")

    def send_through_a_kill(self, venue, path, body, key):
        """kill -9 while the request runs; after the restart the same key tells what became of it."""
        import threading
        agent = self.system.agents[venue]
        killer = threading.Timer(0.002, agent.program.process.kill)
        killer.start()
        try:
            self.pos[venue].call("POST", path, body, key=key, retry=False)
            self.counts["answered before the kill"] += 1
        except Exception:
            self.counts["cut off by the kill"] += 1
        killer.join()
        agent.program.process.wait()
        agent.start()
        for client in (self.pos[venue], self.manager[venue]):
            client.close()
        if self.offline and self.index >= self.half:
            agent.link("down")  # the switch lasts until the next start
        self.counts["kill -9"] += 1
        return self.send(venue, path, body, key)

    # --- checks ----------------------------------------------------------------------------------
    def link_up(self):
        return not (self.offline and self.index >= self.half)

    def check_purchase(self, invoice, purchase):
        paid = collections.Counter()
        for part in purchase["allocations"]:
            if sum(l["amount"] for l in part["lines"]) != part["amount"]:
                raise Failed(f"{invoice.number}: the lines of {self.label(part)} do not add up")
            for line in part["lines"]:
                paid[line["line"]] += line["amount"]
        amounts = {l["id"]: l["amount"] for l in invoice.lines}
        for line, amount in paid.items():
            if amount > max(0, amounts[line]):
                raise Failed(f"{invoice.number}: line {line} of {amounts[line]} was paid {amount}")
        if purchase["spent"] + purchase["due"] != invoice.total or sum(paid.values()) != purchase["spent"] or purchase["basket_total"] != invoice.total:
            raise Failed(f"{invoice.number}: {purchase['spent']} and {purchase['due']} are not {invoice.total}")

    def check_short_pocket(self, invoice, purchase):
        """Offline at home: what is left to pay while the business pocket still shows money is held by the other venue."""
        left = purchase["wallet"]["pockets"]["business"]
        if invoice.wallet and purchase["due"] > 0 and left > self.held_elsewhere_at_cut.get(invoice.wallet, {}).get("business", 0):
            raise Failed(f"{invoice.number}: {purchase['due']} is due while {invoice.wallet} has {left} in its business pocket at home")

    def view(self, venue, wallet):
        return self.pos[venue].get(f"/v1/wallets/{wallet}")

    @staticmethod
    def figures(view):
        return view["pockets"], {l["id"]: l["amount"] for l in view["lots"] if l["amount"]}

    def agree(self, wallet, seconds=30):
        """Until both venues show the same of this wallet: what one till did has reached the other."""
        end = time.monotonic() + seconds
        while True:
            figures = [self.figures(self.view(v, wallet)) for v in (0, 1)]
            if figures[0] == figures[1]:
                return figures[0]
            if time.monotonic() > end:
                raise Failed(f"the venues do not agree on {wallet}: {figures}")
            time.sleep(0.005)

    def check_exposure(self):
        for agent, client in zip(self.system.agents, self.manager):
            exposure = client.get("/v1/status")["exposure"]
            if any(e["amount"] for e in exposure):
                raise Failed(f"{agent.venue} shows exposure {exposure}")
        exposure = self.system.admin.get("/admin/v1/exposure")["exposure"]
        if any(e["amount"] for e in exposure):
            raise Failed(f"the ledger shows exposure {exposure}")
        self.counts["exposure checks"] += 1

    def finish(self):
        self.system.settle()
        self.check_exposure()
        journals = [self.export(a) for a in self.system.agents]
        self.final = {f"w{n}": self.agree(f"w{n}") for n in range(WALLETS)}
        self.check_wallets()
        self.check_accounts(journals)
        self.check_money(journals)
        self.exceptions = self.system.admin.get("/admin/v1/exceptions?limit=500")["items"]
        for agent in self.system.agents:
            token = agent.folder / "manager.token"
            token.touch(0o600)
            token.write_text(agent.tokens["manager"])
            talk = ["--agent", agent.url, "--token-file", token, "journal"]
            self.obolctl(*talk, "verify")
            self.journal_of(agent.venue).write_text(self.obolctl(*talk, "export"))
            self.counts["entries verified"] += agent.status()["journal"]["seq"]
        for number, wallet, lot in self.wanting_authority:
            if lot not in self.held_elsewhere_at_cut.get(wallet, {}):
                raise Failed(f"{number}: {wallet} at its home was refused {lot} for want of authority that the other venue did not hold at the cut")
        # Lots carry the same ids in each run, wallets of guests do not: the digest is over what can be compared.
        text = json.dumps([self.outcomes, self.final, self.refunded], sort_keys=True)
        self.digest = hashlib.sha256(text.encode()).hexdigest()

    def obolctl(self, *words):
        got = subprocess.run([self.system.build / "obolctl", *words], capture_output=True, text=True)
        if got.returncode != 0:
            raise Failed(f"obolctl {' '.join(map(str, words))}: {got.stdout}{got.stderr}")
        return got.stdout

    def journal_of(self, venue):
        return self.folder / f"{venue}.ndjson"

    # --- what an outage from half time on would have changed, from this run's journals ------------
    def forecast(self, position=None, *more):
        journals = [self.journal_of(v) for v in VENUES]
        words = ["simulate-policy", *journals, "--from", position or self.half_time, "--json", *more]
        return json.loads(self.obolctl(*words))

    def forecast_outcomes(self, forecast):
        """As `outcomes` tells a run that lived through it: purchases and refunds in their order."""
        totals = {i.number: i.total for i in self.invoices}
        out = []
        for each in forecast["outages"][0]["decided"]:
            paid = [[self.label(p), p["amount"]] for p in each["allocations"]]
            if each["kind"] == "purchase":
                out.append([each["ticket"], each["simulated"], totals[each["ticket"]] - each["simulated"], paid,
                            sorted([l["pool"], l["reasons"][0]] for l in each["refused"])])
            elif each["kind"] == "refund":
                out.append(["refund", each["simulated"], each["due_back"], paid])
        return out

    def export(self, agent):
        """The agent's own journal, as postings per account."""
        client, after, entries = agent.http("manager"), None, []
        while True:
            page = client.get("/v1/journal?limit=500" + (f"&after={after}" if after else ""))
            entries += page["items"]
            after = page["next"]
            if after is None:
                return entries

    def check_wallets(self):
        for n in range(WALLETS):
            wallet = f"w{n}"
            pockets, lots = self.final[wallet]
            central = self.system.admin.get(f"/admin/v1/wallets/{wallet}")
            theirs = {l["id"]: l["amount"] for l in central["lots"] if l["amount"]}
            if theirs != lots or central["pockets"] != pockets:
                raise Failed(f"the ledger's {wallet} differs: {central['pockets']} {theirs}, venues {pockets} {lots}")
            self.counts["wallets and lots compared"] += 1 + len(lots)

    def check_accounts(self, journals):
        """Every account that only venues post to: the sum over their chains is the ledger's figure, to the cent."""
        own = collections.Counter()
        for entries in journals:
            for entry in entries:
                for posting in entry["postings"]:
                    own[(posting["account"], posting["currency"])] += posting["amount"]
        books = {(a["account"], a["currency"]): a["amount"] for a in self.system.admin.get("/admin/v1/reconciliation")["accounts"]}
        for (account, currency), amount in own.items():
            imported = self.imported(account)
            if books.get((account, currency), 0) != imported + amount:
                raise Failed(f"account {account}: the ledger has {books.get((account, currency))}, the venues {imported} + {amount}")
            self.counts["accounts compared"] += 1

    def imported(self, account):
        """What the import put there: lots, pockets and passes start with money of the centre."""
        kind, _, rest = account.partition(":")
        if kind == "business" and rest.split(":")[0] in self.final:
            return OPEN
        if kind == "pass":
            return GUEST_PASS
        if kind == "lot":
            return self.lot_start.get(rest, 0)
        return 0

    @property
    def lot_start(self):
        if not hasattr(self, "_lot_start"):
            self._lot_start = {}
            for n in range(WALLETS):
                for lot in self.system.admin.get(f"/admin/v1/wallets/w{n}")["lots"]:
                    self._lot_start[lot["id"]] = LOTS[lot["pool"]["id"]]
        return self._lot_start

    def check_money(self, journals):
        """Money in = money out: what was imported is either still in a wallet or pass, or was sold for and not refunded."""
        put_in = WALLETS * (OPEN + sum(LOTS.values())) + GUEST_PASS * len([i for i in self.invoices if not i.customer])
        accounts = self.system.admin.get("/admin/v1/reconciliation")["accounts"]
        left = sum(a["amount"] for a in accounts if a["currency"] == "GBP" and a["account"].split(":")[0] in ("lot", "business", "personal", "pass"))
        sold = sum(a["amount"] for a in accounts if a["account"].startswith("sale:"))
        spent = sum(self.spent.values())
        if sold != spent - self.refunded:
            raise Failed(f"sales are booked as {sold}; {spent} was spent and {self.refunded} refunded")
        if put_in != left + sold:
            raise Failed(f"money in {put_in} is not money left {left} and sold {sold}")
        if any(a["amount"] < 0 for a in accounts if a["account"].split(":")[0] in ("lot", "business", "personal", "pass")):
            raise Failed("a wallet or pass is overspent")
        self.money = (put_in, left, sold)

    def report(self):
        pounds = lambda p: f"{p / 100:,.2f}"
        lines = ["", f"invoices {self.counts['invoices']}, purchases {self.counts['purchases']} (offline {self.counts['purchases offline']}), "
                 f"cancelled lines with an earlier purchase {self.counts['cancelled lines with an earlier purchase']} "
                 f"(refunded now {self.counts['cancelled lines refunded']}), listed {len(self.cash_refunds)} lines",
                 "refunds: " + ", ".join(f"{k.removeprefix('refunded by ')} {v}" for k, v in sorted(self.counts.items()) if k.startswith("refunded by")),
                 "refused lots by reason: " + ", ".join(f"{k} {v}" for k, v in self.refused.most_common()),
                 "spent per pool (GBP): " + ", ".join(f"{k} {pounds(v)}" for k, v in sorted(self.spent_per_pool.items())),
                 f"spent: first half {pounds(self.spent['first half'])}, second half {pounds(self.spent['second half'])}, refunded {pounds(self.refunded)}",
                 f"money in {pounds(self.money[0])} = left {pounds(self.money[1])} + sold {pounds(self.money[2])}",
                 f"compared to the cent: {self.counts['wallets and lots compared']} wallets and lots, {self.counts['accounts compared']} accounts; "
                 f"{self.counts['entries verified']} entries verified, {self.counts['exposure checks']} exposure checks, all zero",
                 f"held by the other venue when the link went down: {pounds(sum(sum(h.values()) for h in self.held_elsewhere_at_cut.values()))} "
                 f"in {len(self.held_elsewhere_at_cut)} wallets; lots refused at home for want of it: {len(self.wanting_authority)}",
                 f"exceptions at the ledger: {len(self.exceptions)}" + "".join(f"\n  {e['code']}: {e['detail']}" for e in self.exceptions[:5])]
        if self.counts["kill -9"]:
            lines.append(f"kill -9: {self.counts['kill -9']} (cut off {self.counts['cut off by the kill']}, answered before {self.counts['answered before the kill']})")
        return "\n".join(lines + [f"digest {self.digest}"])


def replay_for_a_person(build, csv_path, base):
    import sys

    def line(done, total, run, note=""):
        spent = sum(run.spent.values()) / 100
        link = "down" if run.offline and done > run.half else "up"
        sys.stdout.write(f"\r{done:4} of {total} invoices   link {link:4}   spent {spent:12,.2f} GBP   {note:40}")
        sys.stdout.flush()
    if not pathlib.Path(csv_path).is_file():
        print(f"agent/demo: {csv_path} is not there", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="obol-replay-") as folder:
        try:
            run = Replay(build, folder, csv_path, progress=line).run()
        except Failed as fault:
            print(f"\nagent/demo: {fault}", file=sys.stderr)
            return 1
    print(run.report())
    return 0
