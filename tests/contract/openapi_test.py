"""Every call that the OpenAPI documents name, once as it should be and once refused, each answer held against its schema.

    openapi_test.py --build DIR [--tree]     --tree: hold against the documents of the tree, not those built into the programs
"""
import argparse
import datetime
import http.client
import json
import pathlib
import signal
import socket
import sqlite3
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from contract import Caller, Document, loose_objects
from flow import ROOT, Http, System, free_ports, run_cases, same, true, until

from data import demo_data
from system import Agent

parser = argparse.ArgumentParser()
parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "release")
parser.add_argument("--tree", action="store_true")
options = parser.parse_args()

AGENT, LEDGER = ROOT / "agent" / "api" / "openapi.json", ROOT / "sync" / "ledger" / "api" / "openapi.json"
LEDGER_CODES = dict.fromkeys(["plan_unknown", "venue_unknown", "token_unknown", "exception_unknown", "contact_unknown"], 404) | \
    dict.fromkeys(["plan_frozen", "plan_draft", "plan_complete", "plan_already_active", "codes_exhausted", "already_closed", "already_revoked", "already_written_off", "pin_not_used"], 422)

# Of the agent: every call that the contract has …
AGENT_CALLS = """
POST /v1/scans | POST /v1/passes/check | POST /v1/passes/redeem | POST /v1/passes/activate | POST /v1/activations/{id}/void
POST /v1/passes/issue | POST /v1/passes/unlock | POST /v1/wallets/lookup | GET /v1/wallets/{id} | POST /v1/wallets/{id}/top-ups
POST /v1/quotes | POST /v1/purchases | GET /v1/purchases/{id} | POST /v1/purchases/{id}/refunds | POST /v1/purchases/{id}/void
GET /v1/receipts/{number} | POST /v1/receipts/verify | GET /v1/events | POST /v1/receipts/{number}/print | GET /v1/print-jobs | GET /v1/print-jobs/{id} | GET /v1/reports/x
POST /v1/reports/x/print | POST /v1/reports/z | GET /v1/reports/z/{number} | GET /v1/devices | POST /v1/devices/{name}/test
POST /v1/devices/{name}/open-drawer | POST /v1/devices/{name}/display | GET /v1/status | GET /v1/journal | GET /v1/exceptions | POST /v1/exceptions/{id}/close
GET /v1/terminals | POST /v1/terminals | POST /v1/terminals/{id}/pairing-codes | POST /v1/terminals/{id}/tokens | POST /v1/sessions | GET /v1/tokens
GET /v1/reports/day | GET /v1/reports/passes-analysis | GET /v1/reports/passes-summary | GET /v1/reports/z
POST /v1/terminals/{id}/basket | GET /v1/terminals/{id}/basket
POST /v1/tokens/{id}/revoke | POST /v1/clock/confirm | POST /v1/link | POST /v1/reconciliation | GET /healthz | GET /readyz | GET /metrics | GET /openapi.json"""
# … which of them move nothing and take no key, and which are for managers.
KEYLESS = {"/v1/scans", "/v1/passes/check", "/v1/wallets/lookup", "/v1/quotes", "/v1/sessions", "/v1/link", "/v1/reconciliation", "/v1/receipts/verify",
           "/v1/terminals/{id}/basket"}
MANAGERS = """
GET /v1/reports/day | GET /v1/reports/passes-analysis | GET /v1/reports/passes-summary | GET /v1/reports/z | POST /v1/terminals/{id}/tokens
GET /v1/reports/x | POST /v1/reports/x/print | POST /v1/reports/z | GET /v1/reports/z/{number}
POST /v1/passes/unlock | GET /v1/journal | GET /v1/exceptions | POST /v1/exceptions/{id}/close | GET /v1/terminals | POST /v1/terminals
POST /v1/terminals/{id}/pairing-codes | GET /v1/tokens | POST /v1/tokens/{id}/revoke | POST /v1/clock/confirm | POST /v1/link | POST /v1/reconciliation"""
OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/sessions"}

LEDGER_CALLS = """
POST /businesses | GET /businesses | POST /venues | GET /venues | POST /products | GET /products | POST /pools | GET /pools | POST /offers | GET /offers | POST /plans | GET /plans
GET /plans/{id} | PATCH /plans/{id} | POST /plans/{id}/activate | POST /plans/{id}/copy | POST /plans/{id}/export | POST /passes/{id}/resend
POST /plans/{id}/passes | GET /plans/{id}/passes | GET /passes/{id} | PATCH /passes/{id} | POST /contacts | GET /contacts | POST /wallets
GET /wallets/{id} | GET /wallets/{id}/breakdown | GET /wallets/{id}/statement | POST /wallets/{id}/top-ups | POST /venues/{id}/enrolment-tokens
GET /devices | POST /devices/{id}/revoke | POST /devices/{id}/write-off | GET /journal | GET /exceptions | POST /exceptions/{id}/close
POST /limits | GET /limits | POST /wallets/{id}/limits | GET /wallets/{id}/limits | GET /reconciliation | GET /exposure | POST /tokens | GET /tokens | POST /tokens/{id}/revoke"""
LEDGER_LATER = """
GET /wallets/w1/activity
POST /wallets/w1/journal-entries | POST /wallets/w1/transfers | GET /reports/passes-summary | GET /reports/passes-analysis
GET /reports/financial-events | GET /reports/dashboard"""

# What each of these must always tell. The document may say more, never less.
ALWAYS = {
    "Quote": "accepted reasons currency basket_total spendable due online at_risk allocations refused awards policy",
    "Purchase": "id entry wallet receipt currency basket_total spent due online at_risk allocations refused awards policy redeemed",
    "PurchaseTold": "id basket refunds refundable currency basket_total spent due allocations refused awards policy",
    "Refund": "id purchase entry receipt refunded due_back allocations wallet",
    "Wallet": "id holder currency home pockets available_here lots as_of",
    "Lot": "id business pool amount available_here valid_from valid_until source",
    "Pockets": "personal business commerce",
    "Allocation": "pocket amount lines", "RefusedLot": "lot pool amount reasons", "Award": "offer amount instant",
    "Credited": "pocket amount currency", "Entry": "seq hash", "ReceiptNumber": "number", "PrintJob": "id printer what terminal state at changed", "Device": "name kind state power health",
    "DayOverview": "report day from to at entries lines sources hours refusals", "PassesAnalysis": "report from to at items next", "PassesSummary": "report from to at items",
    "DayReport": "report day since at entries receipts lines", "Money": "amount currency",
    "Status": "venue device link journal authority exposure clock devices versions",
    "Pass": "type pin display", "Reason": "code detail", "Problem": "type title status detail code",
}


def calls_in(text, prefix=""):
    return [(method, prefix + path) for method, path in (each.split() for each in text.replace("\n", "|").split("|") if each.strip())]


def filled(path):
    return path.replace("{id}", "nobody").replace("{number}", "NOBODY-1").replace("{name}", "nobody")


def small_data():
    data = demo_data(datetime.date.today())
    # A PIN verifier costs 25 ms: a few passes of each kind are enough.
    kept, seen = [], {}
    for p in data["passes"]:
        seen[p["plan"], p["state"]] = seen.get((p["plan"], p["state"]), 0) + 1
        if seen[p["plan"], p["state"]] <= 15:
            kept.append(p)
    data["passes"], data["contacts"], data["wallets"] = kept, data["contacts"][:6], data["wallets"][:6]
    data["limits"] = [l for l in data["limits"] if l.get("wallet") in [None] + [w["id"] for w in data["wallets"]]]
    electronic = {"business": "kafeneio", "printed": False, "currency": "EUR", "redeem_by": {"period": "P1Y"}, "pool": None}
    data["plans"] += [
        electronic | {"id": "egift", "name": "Electronic gift", "type": "gift", "value": {"min": 500, "max": 5000}, "pin": True,
                      "code": {"alphabet": "alphanumeric", "prefix": "", "suffix": "", "length": 16}},
        electronic | {"id": "promo", "name": "One euro off", "type": "promotion", "offer": "oneoff", "pin": False,
                      "code": {"alphabet": "alphanumeric", "prefix": "PR", "suffix": "", "length": 14}}]
    data["offers"].append({"id": "oneoff", "business": "kafeneio", "name": "One euro off", "currency": "EUR", "claim": "passes", "reward": {"amount": 100},
                           "pool": "anywhere", "least_spend": 500})
    return data


class Passes:
    """Hands out a pass of the data, each once."""

    def __init__(self, data):
        self.left = list(data["passes"])

    def take(self, plan, venue="nic", state="active"):
        found = next(p for p in self.left if p["plan"] == plan and p["state"] == state and venue in (None, p["venue"]))
        self.left.remove(found)
        return found


def document_of(name, url, path, codes=None):
    served, tree = Http(url).get("/openapi.json"), json.loads(path.read_text())
    if not options.tree:
        same(served == tree, True, f"{name} serves {path.relative_to(ROOT)} as it is in the tree (built before it changed?)")
    return Document(name, tree, codes)


def raw(url, request):
    """(status, headers, body) of bytes as they are, for what no HTTP client would send."""
    port = int(url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request.encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        data = answer.read()
    return answer.status, answer.headers, json.loads(data) if data else None


def refusals_of_the_server(document, url, target, token, but=()):
    """What is refused before any route is looked at."""
    host = f"Host: {url.split('//')[1]}\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n"
    for code, status, method, path, request in [
            ("length_required", 411, "POST", target, f"POST {target} HTTP/1.1\r\n{host}\r\n"),
            ("body_too_large", 413, "POST", target, f"POST {target} HTTP/1.1\r\n{host}Content-Length: 99999999\r\n\r\n"),
            ("target_too_long", 414, "GET", "/x", f"GET /{'x' * 9000} HTTP/1.1\r\n{host}\r\n"),
            ("wrong_host", 421, "POST", target, f"POST {target} HTTP/1.1\r\n{host.replace('Host: ', 'Host: evil.')}Content-Length: 2\r\n\r\n{{}}"),
            ("header_too_large", 431, "GET", "/x", f"GET /x HTTP/1.1\r\n{host}X-Filler: {'y' * 70000}\r\n\r\n")]:
        if code in but:
            continue
        met = document.check(method, path, None, raw(url, request))
        same((met[2]["code"], met[0]), (code, status), "the server's own refusal")


def refusals_of_the_gate(document, url, tokens, low, keyless):
    """Every documented call: no token, too low a role, another method, Accept, Content-Type, body, key. tokens: role → token."""
    for method, pattern in document.calls:
        path = filled(pattern)
        nobody, top = Caller(Http(url), document), Caller(Http(url, tokens["top"]), document)
        other = nobody.refused("method_not_allowed", "DELETE", path)
        true(method in other["_headers"].get("Allow", ""), f"DELETE {path}: Allow names {method}")
        if pattern not in OPEN:
            body = {} if method != "GET" else None
            nobody.refused("unauthenticated", method, path, body)
            Caller(Http(url, "wrong"), document).refused("unauthenticated", method, path, body)
            if (method, pattern) in low:
                Caller(Http(url, tokens["low"]), document).refused("forbidden", method, path, body)
            top.refused("not_acceptable", method, path, body, headers={"Accept": "application/pdf"})
        if method != "GET":
            top.refused("unsupported_media_type", method, path, "{}", headers={"Content-Type": "text/plain"})
            keyed = method == "POST" and pattern not in keyless
            same(keyed, "Idempotency-Key" in [p["name"] for p in document.parameters((method, pattern), "header")], f"{method} {pattern}: the key in the document")
            if keyed:
                top.refused("idempotency_key_missing", method, path, {}, key=False)
                top.refused("idempotency_key_missing", method, path, {}, headers={"Idempotency-Key": "x" * 256})
            for bad, pointer in [("{", None), ("[]", ""), ('{"surprise": 1}', "/surprise"), ('{"a": 1, "a": 2}', None), ('{"amount": 1.5}', "/amount")]:
                errors = top.refused("malformed_request", method, path, bad).get("errors")
                true(errors, f"{method} {path} {bad}: no errors[]")
                true(pointer is None or pointer in [e["pointer"] for e in errors], f"{method} {path} {bad}: {pointer} is not named in {errors}")
        if "limit" in [p["name"] for p in document.parameters((method, pattern), "query")]:
            for bad in ("limit=0", "limit=501", "limit=x", "limit="):
                top.refused("malformed_request", method, f"{path}?{bad}")


def everything_was_called(document):
    for call in document.calls:
        met = document.met.get(call, set())
        true(any(s < 300 for s in met), f"{document.name}: {call} had no good answer: {sorted(met)}")
        # Of these another method alone is refused, and that is no call of the document.
        true(call[1] in OPEN or any(s >= 400 for s in met), f"{document.name}: {call} was never refused: {sorted(met)}")


def documents_name_every_call_and_let_nothing_pass(_):
    agent, ledger = (Document(p.parts[-3], json.loads(p.read_text())) for p in (AGENT, LEDGER))
    for document, wanted in (agent, calls_in(AGENT_CALLS)), (ledger, calls_in(LEDGER_CALLS, "/admin/v1")):
        same(document.words["openapi"], "3.1.0", "the version of OpenAPI")
        same([c for c in wanted if c not in document.calls], [], f"calls that the document of {document.name} does not name")
        for call, words in document.calls.items():
            same(sorted(p["name"] for p in document.parameters(call, "path")), sorted(n.strip("{}") for n in call[1].split("/") if n.startswith("{")), f"{call}: parameters of the path")
            true(call[0] == "GET" or document.body_schema(call), f"{call}: no schema of the body")
            true("default" in words["responses"], f"{call}: no word on refusals")
    for name, members in ALWAYS.items():
        same(sorted(set(members.split()) - set(agent.schema(name)["required"])), [], f"what the schema {name} does not require")
        same(agent.schema(name)["additionalProperties"], False, f"unknown members in the schema {name}")
    for name in ("Pass", "Wallet", "Device", "Transfer", "Exception", "Reconciliation", "Problem"):
        same(ledger.schema(name)["additionalProperties"], False, f"unknown members in the ledger's schema {name}")
    same(loose_objects(agent.words, ["/JournalEntry/oneOf/0/properties/detail", "/openapi.json 200"]), [], "loose schemas of the agent")
    # Of a shape that is sent, members may be left out; of one that is answered, the schemas …Told say which may not.
    same(loose_objects(ledger.words, ["/locations", "/products", "/validity", "/value", "/redeem_by", "/reward", "/openapi.json 200", "/Fields", "/fields"]), [], "loose schemas of the ledger")

    # The checker itself can fail.
    good = {"type": "gift", "pin": "none", "display": "WXYZ"}
    same(agent.faults(agent.schema("Pass"), good), [], "a closed pass")
    for bad in (good | {"id": "p1"}, good | {"code": "A"}, good | {"pin": "perhaps"}, {"type": "gift", "pin": "none"}):
        true(agent.faults(agent.schema("Pass"), bad), f"{bad} passes as a pass")
    entry = {"id": "x", "at": "2026-01-01 00:00", "code": "c", "detail": "d", "seq": None, "amount": None, "closed_at": None, "closed_reason": None}
    true(agent.faults(agent.schema("Exception"), entry), "an instant without offset passes")


LINES = [{"id": "1", "sku": "KF02", "quantity": "2", "amount": 700}, {"id": "2", "sku": "FB02", "quantity": "1", "amount": 250}]
BASKET = {"currency": "EUR", "lines": LINES}


class Till:
    """The story of one venue: what a POS and a manager ask in a day."""

    def __init__(self, system):
        self.system, self.nic, self.lim = system, system.agents[0], system.agents[1]
        self.document = document_of("agent", self.nic.url, AGENT)
        self.pos, self.manager, self.nobody = self.caller("pos"), self.caller("manager"), Caller(Http(self.nic.url), self.document)
        self.ledger = system.admin
        self.passes = Passes(system.data)

    def caller(self, role, agent=None):
        return Caller((agent or self.nic).http(role), self.document)

    def play(self):
        tokens = {"top": self.nic.tokens["manager"], "low": self.nic.tokens["cashier"]}
        refusals_of_the_gate(self.document, self.nic.url, tokens, set(calls_in(MANAGERS)), KEYLESS)
        refusals_of_the_server(self.document, self.nic.url, "/v1/quotes", tokens["top"])
        for story in (self.open_paths, self.origins, self.scanning, self.checking, self.redeeming, self.selling, self.issuing, self.wallets,
                      self.quoting, self.purchasing, self.promoting, self.giving_back, self.receipts, self.printing, self.reports, self.events, self.offline, self.access, self.operation,
                      self.locking, self.exceptions, self.guessing, self.not_ready, self.stopped):
            began = time.monotonic()
            story()
            print(f"     {story.__name__} {time.monotonic() - began:.1f} s", flush=True)

    def open_paths(self):
        for path in ("/healthz", "/readyz", "/openapi.json"):
            self.nobody.get(path)
            self.nobody.refused("not_acceptable", "GET", path, headers={"Accept": "image/png"})
        metrics = self.nobody.get("/metrics", headers={"Accept": "text/plain"})
        true("# TYPE" in metrics, f"metrics as Prometheus reads them: {metrics[:200]}")
        self.nobody.refused("not_acceptable", "GET", "/metrics", headers={"Accept": "application/json"})
        self.manager.refused("not_found", "GET", "/v1/reports/nothing")
        # The path has the form of a receipt's, so it is the method that it does not know.
        self.manager.refused("method_not_allowed", "POST", "/v1/receipts/NIC1-1", {"data": "x"}, key=False)

    def origins(self):
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            self.pos.refused("origin_refused", "POST", "/v1/quotes", {}, headers=headers)
            self.pos.refused("origin_refused", "GET", "/v1/status", headers=headers)
        self.pos.refused("origin_refused", "OPTIONS", "/v1/status")

    def scanning(self):
        def scan(data, kind):
            met = self.pos.good(200, "POST", "/v1/scans", {"data": data}, key=False)
            same((met["kind"], met["data"]), (kind, data), f"scan of {data!r}")
            return met
        closed = self.passes.take("gift25")
        same(sorted(scan(f"]Q3{closed['code']}\r\n", "pass")["pass"]), ["display", "pin", "type"], "a pass before its PIN")
        true("value" in scan(self.passes.take("gift10")["code"], "pass")["pass"], "a pass without PIN shows its value")
        same(scan("770000000001", "wallet")["wallet"]["id"], "w1", "a wallet's card")
        same(scan("KF02", "product")["product"]["family"], "Coffee", "a product")
        scan("hello there", "unknown")
        scan("23456789ABCDE", "unknown")
        self.pos.refused("malformed_request", "POST", "/v1/scans", {"data": ""}, key=False)

    def patched(self, plan, patch, venue="lim"):
        """A pass that the ledger has changed, once the news is here."""
        p = self.passes.take(plan, venue)
        items = []
        after = ""
        while after is not None:
            page = self.ledger.get(f"/admin/v1/plans/{plan}/passes?limit=500" + (f"&after={after}" if after else ""))
            items, after = items + page["items"], page["next"]
        ids = [i["id"] for i in items if i["display"].endswith(p["code"][-4:])]
        same(len(ids), 1, f"passes that end in {p['code'][-4:]}")
        self.ledger.expect(200, "PATCH", f"/admin/v1/passes/{ids[0]}", patch, key=False)
        return p

    def checking(self):
        p = self.passes.take("gift25")
        met = self.pos.good(200, "POST", "/v1/passes/check", {"code": p["code"]}, key=False)
        same((sorted(met["pass"]), met["redeemable"], met["reasons"][0]["code"]), (["display", "pin", "type"], False, "pin_required"), "a check without the PIN")
        met = self.pos.good(200, "POST", "/v1/passes/check", {"code": p["code"], "pin": p["pin"]}, key=False)
        same((met["pass"]["value"], met["redeemable"]), ({"amount": 2500, "currency": "EUR"}, True), "a check with the PIN")
        for code, venue, state in (("pass_draft", "nic", "draft"), ("pass_draft", "lim", "draft")):
            draft = self.passes.take("giftany", venue, state)
            met = self.pos.good(200, "POST", "/v1/passes/check", {"code": draft["code"], "pin": draft["pin"]}, key=False)
            same((met["reasons"][0]["code"], met["pass"]["value"]), (code, None), "a draft whose value varies")
        self.pos.refused("code_malformed", "POST", "/v1/passes/check", {"code": "?!"}, key=False)
        self.pos.refused("pass_unknown", "POST", "/v1/passes/check", {"code": "ZZZZZZZZZZZZZ"}, key=False)

    def redeeming(self):
        self.opened = self.passes.take("gift25")
        order = {"code": self.opened["code"], "pin": self.opened["pin"], "wallet": {"new": True}}
        self.pos.refused("pin_required", "POST", "/v1/passes/redeem", {k: v for k, v in order.items() if k != "pin"})
        wrong = self.pos.refused("pin_incorrect", "POST", "/v1/passes/redeem", order | {"pin": "0000" if order["pin"] != "0000" else "0001"})
        same(wrong["reasons"][0]["attempts_left"], 2, "tries left")
        status, _, first = self.pos.call("POST", "/v1/passes/redeem", order, key="redeem-1")
        same((status, first["credited"]["amount"], first["at_risk"]), (201, 2500, 0), "redeemed")
        status, headers, again = self.pos.call("POST", "/v1/passes/redeem", order, key="redeem-1")
        same((status, headers["Idempotency-Replayed"], again), (201, "true", first), "the same key again")
        self.pos.refused("idempotency_key_reused", "POST", "/v1/passes/redeem", order | {"wallet": {"id": "w1"}}, key="redeem-1")
        met = self.pos.refused("pass_redeemed", "POST", "/v1/passes/redeem", order)
        same((met["reasons"][0]["venue"], "at" in met["reasons"][0]), ("nic", True), "where and when it was redeemed")
        self.wallet = {"pass_code": order["code"], "pin": order["pin"]}
        same(self.pos.good(200, "POST", "/v1/scans", {"data": order["code"]}, key=False)["wallet"], {"pin": "required"}, "a nameless wallet with a PIN, scanned")

        self.pos.refused("wallet_unknown", "POST", "/v1/passes/redeem", {"code": self.passes.take("gift10")["code"], "wallet": {"id": "nobody"}})
        top_up = self.passes.take("topup20")
        self.pos.refused("wallet_required", "POST", "/v1/passes/redeem", {"code": top_up["code"], "wallet": {"new": True}})
        self.pos.good(201, "POST", "/v1/passes/redeem", {"code": top_up["code"], "wallet": {"phone": "+35799000001"}})
        draft = self.passes.take("gift25", state="draft")
        self.pos.refused("pass_draft", "POST", "/v1/passes/redeem", {"code": draft["code"], "pin": draft["pin"], "wallet": {"new": True}})
        promotion = self.ledger.post("/admin/v1/plans/promo/passes", {"count": 1})["items"][0]["code"]

        changed = {"pass_blocked": self.patched("gift10", {"state": "blocked"}),
                   "pass_expired": self.patched("coffee15", {"redeem_by": "2020-01-01T00:00:00Z"}),
                   "pass_cancelled": self.patched("gift10", {"state": "cancelled"}, "paf"),
                   "promotion_needs_purchase": {"code": promotion}}
        for code, p in changed.items():
            def told(p=p, code=code):
                status, _, met = self.pos.call("POST", "/v1/passes/check", {"code": p["code"]}, key=False)
                return status == 200 and code in [r["code"] for r in met["reasons"]] or code == "promotion_needs_purchase" and status == 200
            until(told, f"{code} arrives")
            self.pos.refused(code, "POST", "/v1/passes/redeem", {"code": p["code"], "wallet": {"new": True}})

    def selling(self):
        draft = self.passes.take("gift25", state="draft")
        sold = self.pos.good(201, "POST", "/v1/passes/activate", {"code": draft["code"], "tender": "cash", "ticket": "77"})
        self.pos.refused("pass_already_active", "POST", "/v1/passes/activate", {"code": draft["code"], "tender": "cash"})
        void = self.pos.good(201, "POST", f"/v1/activations/{sold['id']}/void", {})
        same((void["activation"], void["due_back"]), (sold["id"], {"amount": 2500, "currency": "EUR"}), "what the sale's void gives back")
        self.pos.refused("already_voided", "POST", f"/v1/activations/{sold['id']}/void", {})
        self.pos.refused("not_found", "POST", "/v1/activations/nobody/void", {})
        choice = self.passes.take("giftany", state="draft")
        self.pos.refused("below_minimum", "POST", "/v1/passes/activate", {"code": choice["code"], "tender": "card", "amount": 499})
        self.pos.refused("above_maximum", "POST", "/v1/passes/activate", {"code": choice["code"], "tender": "card", "amount": 20001})
        self.pos.refused("wrong_currency", "POST", "/v1/passes/activate", {"code": choice["code"], "tender": "card", "amount": {"amount": 900, "currency": "USD"}})
        sold = self.pos.good(201, "POST", "/v1/passes/activate", {"code": choice["code"], "tender": "card", "amount": {"amount": 900, "currency": "EUR"}})
        self.pos.good(201, "POST", "/v1/passes/redeem", {"code": choice["code"], "pin": choice["pin"], "wallet": {"id": "w1"}})
        self.pos.refused("pass_redeemed", "POST", f"/v1/activations/{sold['id']}/void", {})

    def issuing(self):
        order = {"plan": "egift", "amount": 1500, "tender": "card", "contact": "c1", "print": False}
        made = self.pos.good(201, "POST", "/v1/passes/issue", order, key="issue-1")
        true(made["code"] and made["pin"], f"code and PIN are shown once: {made}")
        again = self.pos.good(201, "POST", "/v1/passes/issue", order, key="issue-1")
        same((again["id"], again["code"], again["pin"]), (made["id"], None, None), "a replay shows them no more")
        same(self.pos.get(f"/v1/receipts/{made['receipt']['number']}")["kind"], "activation", "the receipt of a sold pass")
        back = self.pos.good(201, "POST", f"/v1/activations/{made['id']}/void", {})
        same((back["pass"]["state"], back["due_back"]["amount"]), ("cancelled", 1500), "the sale of an electronic pass taken back")
        self.pos.refused("already_voided", "POST", f"/v1/activations/{made['id']}/void", {})
        self.pos.refused("malformed_request", "POST", "/v1/passes/issue", order | {"contact": "nobody"})
        self.pos.refused("above_maximum", "POST", "/v1/passes/issue", order | {"amount": 5001})
        self.pos.refused("malformed_request", "POST", "/v1/passes/issue", order | {"plan": "gift25"})

        # While the first with a key still runs, the second is told so.
        self.nic.link("slow")
        first = threading.Thread(target=lambda: answers.append(self.caller("pos").call("POST", "/v1/passes/issue", order, key="issue-2")))
        answers = []
        first.start()
        time.sleep(0.5)
        self.pos.refused("request_in_progress", "POST", "/v1/passes/issue", order, key="issue-2")
        first.join()
        same(answers[0][0], 201, "the first of the two")
        self.nic.link("up")

    def wallets(self):
        found = self.pos.good(200, "POST", "/v1/wallets/lookup", {"phone": "+35799000001"}, key=False)
        same(self.pos.get("/v1/wallets/w1")["id"], found["id"], "the same wallet by phone and by id")
        self.pos.good(200, "POST", "/v1/wallets/lookup", self.wallet, key=False)
        self.pos.refused("wallet_unknown", "GET", "/v1/wallets/nobody")
        self.pos.refused("wallet_unknown", "POST", "/v1/wallets/lookup", {"card": "7712345"}, key=False)
        nameless = self.pos.good(200, "POST", "/v1/wallets/lookup", self.wallet, key=False)["id"]
        self.pos.refused("pin_required", "GET", f"/v1/wallets/{nameless}")
        self.pos.refused("pin_required", "POST", "/v1/wallets/lookup", {"pass_code": self.wallet["pass_code"]}, key=False)
        for bad in ({}, {"id": "w1", "phone": "+35799000001"}, {"new": True}, {"id": "w1", "pin": "1234"}):
            self.pos.refused("malformed_request", "POST", "/v1/wallets/lookup", bad, key=False)
            true(self.document.faults(self.document.schema("WalletReference"), bad), f"the document allows {bad}")
        free = self.pos.good(201, "POST", "/v1/wallets/w1/top-ups", {"amount": 1000, "tender": "cash", "ticket": "78"})
        same((free["credited"]["pocket"], "lot" in free["credited"]), ("business", False), "an open top-up")
        tied = self.pos.good(201, "POST", "/v1/wallets/w1/top-ups", {"amount": {"amount": 300, "currency": "EUR"}, "tender": "other", "pool": "coffee"})
        same((tied["credited"]["pocket"], "lot" in tied["credited"]), ("commerce", True), "a top-up tied to a pool")
        self.pos.refused("wallet_unknown", "POST", "/v1/wallets/nobody/top-ups", {"amount": 1000, "tender": "cash"})
        self.pos.refused("wrong_currency", "POST", "/v1/wallets/w1/top-ups", {"amount": {"amount": 1, "currency": "USD"}, "tender": "cash"})
        self.pos.refused("malformed_request", "POST", "/v1/wallets/w1/top-ups", {"amount": 0, "tender": "cash"})

    def quoting(self):
        order = {"wallet": {"id": "w1"}, "basket": BASKET}
        quote = self.pos.good(200, "POST", "/v1/quotes", order, key=False)
        same((quote["accepted"], quote["spendable"]), (True, 950), "the quote")
        true(quote["refused"], "a wallet with one of everything has lots that do not pay")
        guest = self.passes.take("gift10")
        quote = self.pos.good(200, "POST", "/v1/quotes", {"wallet": {"new": True}, "passes": [{"code": guest["code"]}], "basket": BASKET}, key=False)
        true(quote["allocations"][0]["lot"].startswith("pass:"), f"money of a pass in a quote: {quote['allocations']}")
        for spend, code in (({"mode": "amount", "amount": 951}, "above_maximum"), ({"mode": "full"}, None), ({"mode": "none"}, None), ({"mode": "max", "pockets": ["commerce"]}, None)):
            quote = self.pos.good(200, "POST", "/v1/quotes", order | {"spend": spend}, key=False)
            same(quote["reasons"][0]["code"] if quote["reasons"] else None, code, f"a quote with {spend}")
        large = order | {"basket": {"currency": "EUR", "lines": [LINES[0] | {"amount": 10_000_000}]}}
        quote = self.pos.good(200, "POST", "/v1/quotes", large | {"spend": {"mode": "full"}}, key=False)
        same((quote["accepted"], quote["reasons"][0]["code"], "available" in quote["reasons"][0]), (False, "not_fully_covered", True), "more than there is")
        for bad in ({"mode": "amount"}, {"mode": "max", "amount": 5}, {"pockets": []}, {"mode": "most"}):
            self.pos.refused("malformed_request", "POST", "/v1/quotes", order | {"spend": bad}, key=False)
            true(self.document.faults(self.document.schema("Spend"), bad), f"the document allows {bad}")
        self.pos.refused("wallet_unknown", "POST", "/v1/quotes", order | {"wallet": {"id": "nobody"}}, key=False)
        self.pos.refused("malformed_request", "POST", "/v1/quotes", order | {"expect": {"spent": 1}}, key=False)

    def purchasing(self):
        order = {"wallet": {"id": "w1"}, "basket": BASKET | {"ticket": "T-1"}, "expect": {"spent": 950}}
        self.bought = self.pos.good(201, "POST", "/v1/purchases", order)
        met = self.pos.refused("possible_duplicate", "POST", "/v1/purchases", order)
        same(met["purchase"], self.bought["id"], "the first of two alike")
        self.pos.good(201, "POST", "/v1/purchases", order | {"confirm_duplicate": True})
        met = self.pos.refused("quote_changed", "POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET, "expect": {"spent": 949}})
        same(met["quote"]["spendable"], 950, "the new quote")
        guest = self.passes.take("gift10")
        paid = self.pos.good(201, "POST", "/v1/purchases", {"wallet": {"new": True}, "passes": [{"code": guest["code"]}], "basket": BASKET})
        same((len(paid["redeemed"]), paid["spent"]), (1, 950), "a guest's pass as tender")
        mixed = {"currency": "EUR", "lines": LINES + [{"id": "3", "sku": "unheard-of", "quantity": "-0.335", "amount": -120, "name": "Return", "brand": "B", "family": "F", "type": "T"}]}
        self.pos.good(201, "POST", "/v1/purchases", {"wallet": {"email": "guest2@example.com"}, "basket": mixed, "spend": {"mode": "none"}})
        large = {"currency": "EUR", "lines": [LINES[0] | {"amount": 10_000_000}]}
        whole = {"wallet": {"id": "w1"}, "basket": large}
        self.pos.refused("insufficient_funds", "POST", "/v1/purchases", whole | {"spend": {"mode": "amount", "amount": 9_000_000}})
        self.pos.refused("not_fully_covered", "POST", "/v1/purchases", whole | {"spend": {"mode": "full"}})
        self.pos.refused("above_maximum", "POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET, "spend": {"mode": "amount", "amount": 951}})
        self.pos.refused("wrong_currency", "POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET | {"currency": "USD"}})
        self.pos.refused("wallet_unknown", "POST", "/v1/purchases", {"wallet": {"id": "nobody"}, "basket": BASKET})

    def promoting(self):
        code = self.passes.take("promo3")["code"]
        order = {"wallet": {"id": "w1"}, "basket": BASKET, "promotion_codes": [code]}
        quote = self.pos.good(200, "POST", "/v1/quotes", order, key=False)
        same([a["lot"] for a in quote["awards"]], ["award:welcome"], "an award in a quote")
        little = {"currency": "EUR", "lines": [LINES[0] | {"amount": 499}]}
        met = self.pos.refused("offer_not_met", "POST", "/v1/purchases", order | {"basket": little})
        same([met["reasons"][0][k] for k in ("offer", "criterion", "available", "least")], ["welcome", "least_spend", 499, 500], "the criterion at fault")
        self.pos.refused("offer_not_met", "POST", "/v1/purchases", order | {"promotion_codes": ["GLYKO2"], "basket": little})
        self.pos.refused("not_a_promotion", "POST", "/v1/purchases", order | {"promotion_codes": [self.passes.take("gift10")["code"]]})
        self.pos.refused("malformed_request", "POST", "/v1/purchases", order | {"promotion_codes": [{"code": code, "pin": "1234"}]})
        bought = self.pos.good(201, "POST", "/v1/purchases", order)
        same([(a["offer"], a["amount"], a["instant"]) for a in bought["awards"]], [("welcome", 300, True)], "an award")
        self.pos.refused("pass_redeemed", "POST", "/v1/purchases", order)
        undone = self.pos.good(201, "POST", f"/v1/purchases/{bought['id']}/refunds", {"amount": 950})["awards_undone"]
        same([(a["offer"], a["amount"]) for a in undone], [("welcome", 300)], "what a refund takes back")
        self.pos.refused("pass_redeemed", "POST", "/v1/purchases", order)  # a refund gives no pass back, a void does

    def giving_back(self):
        at = f"/v1/purchases/{self.bought['id']}"
        told = self.pos.get(at)
        same((told["refundable"], told["refunds"]), ([{"line": "1", "amount": 700}, {"line": "2", "amount": 250}], []), "what may come back")
        self.pos.refused("purchase_unknown", "GET", "/v1/purchases/nobody")
        self.pos.refused("refund_exceeds_purchase", "POST", at + "/refunds", {"lines": [{"line": "2", "amount": 251}]})
        back = self.pos.good(201, "POST", at + "/refunds", {"lines": [{"line": "2", "amount": 250}]})
        same((back["refunded"], back["due_back"], back["void"]), (250, 0, False), "a refund by lines")
        self.pos.refused("already_refunded", "POST", at + "/void", {})
        self.pos.good(201, "POST", at + "/refunds", {"amount": 700, "wallet": {"id": "w1"}})
        self.pos.refused("already_refunded", "POST", at + "/refunds", {"amount": 1})
        same(len(self.pos.get(at)["refunds"]), 2, "refunds of a purchase")
        self.pos.refused("purchase_unknown", "POST", "/v1/purchases/nobody/refunds", {"amount": 1})
        self.pos.refused("malformed_request", "POST", at + "/refunds", {"amount": 1, "lines": [{"line": "1", "amount": 1}]})

        bought = self.pos.good(201, "POST", "/v1/purchases", {"wallet": self.wallet, "basket": BASKET})
        self.pos.refused("pin_required", "POST", f"/v1/purchases/{bought['id']}/refunds", {"amount": 1})
        void = self.pos.good(201, "POST", f"/v1/purchases/{bought['id']}/void", {})
        same((void["void"], void["refunded"]), (True, 950), "a void")
        self.pos.refused("already_voided", "POST", f"/v1/purchases/{bought['id']}/void", {})
        self.pos.refused("already_voided", "POST", f"/v1/purchases/{bought['id']}/refunds", {"amount": 1, "wallet": self.wallet})
        self.pos.refused("purchase_unknown", "POST", "/v1/purchases/nobody/void", {})
        true(self.pos.get(f"/v1/purchases/{bought['id']}")["voided"], "a voided purchase says so")

    def receipts(self):
        kinds = set()
        name, last = self.bought["receipt"]["number"].rsplit("-", 1)
        n = 1
        while (met := self.pos.call("GET", f"/v1/receipts/{name}-{n}"))[0] == 200:
            kinds.add(met[2]["kind"])
            text = self.pos.get(f"/v1/receipts/{name}-{n}", headers={"Accept": "text/plain"})
            true(f"{name}-{n}" in text, f"the number stands on the receipt:\n{text}")
            n += 1
        true(n > int(last), f"receipts are numbered without a gap: {n}")
        same(kinds, {"purchase", "refund", "void", "redeem", "activation", "activation_void", "top_up"}, "kinds of receipts")
        self.pos.refused("receipt_unknown", "GET", f"/v1/receipts/{name}-{n}")
        self.pos.refused("not_acceptable", "GET", f"/v1/receipts/{name}-1", headers={"Accept": "application/pdf"})
        same(self.pos.good(200, "POST", "/v1/scans", {"data": self.bought["receipt"]["number"]}, key=False)["receipt"]["purchase"], self.bought["id"], "a receipt, scanned")
        token = self.pos.get(f"/v1/receipts/{self.bought['receipt']['number']}")["qr"]
        proved = self.pos.good(200, "POST", "/v1/receipts/verify", {"data": token}, key=False)
        same((proved["valid"], proved["reasons"], proved["receipt"]["id"]), (True, [], self.bought["id"]), "its token proves it")
        forged = self.pos.good(200, "POST", "/v1/receipts/verify", {"data": token[:-1] + ("A" if token[-1] != "A" else "Q")}, key=False)
        same((forged["valid"], len(forged["reasons"])), (False, 1), "one digit more or less does not")
        same(self.pos.good(200, "POST", "/v1/scans", {"data": f"]Q1{token}"}, key=False)["receipt"]["purchase"], self.bought["id"], "its QR code, scanned")
        self.pos.refused("malformed_request", "POST", "/v1/receipts/verify", {}, key=False)

    def events(self):
        shown = self.pos.good(200, "POST", "/v1/terminals/T1/basket", {"basket": BASKET}, key=False)
        same(self.pos.get("/v1/terminals/T1/basket"), shown, "the basket on the till page")
        same(self.pos.good(200, "POST", "/v1/terminals/T1/basket", {}, key=False)["basket"], None, "and it is over")
        heard = http.client.HTTPConnection(*self.nic.url.removeprefix("http://").split(":"), timeout=20)
        heard.request("GET", "/v1/events", headers={"Authorization": f"Bearer {self.nic.tokens['pos']}", "Accept": "text/event-stream"})
        stream = heard.getresponse()
        same((stream.status, stream.getheader("Content-Type")), (200, "text/event-stream"), "a stream of events")
        self.document.met.setdefault(("GET", "/v1/events"), set()).add(stream.status)
        self.pos.good(200, "POST", "/v1/terminals/T1/basket", {"basket": BASKET}, key=False)
        lines = [stream.readline().decode().strip() for _ in range(3)]
        while "event: basket" not in lines:  # or the time is over
            lines.append(stream.readline().decode().strip())
        heard.close()
        self.pos.good(200, "POST", "/v1/terminals/T1/basket", {}, key=False)
        self.pos.refused("not_acceptable", "GET", "/v1/events", headers={"Accept": "application/json"})
        self.nobody.refused("unauthenticated", "GET", "/v1/events")

    def printing(self):
        number = self.bought["receipt"]["number"]
        for kind in ("text/html", "image/png", "application/vnd.escpos"):
            self.pos.get(f"/v1/receipts/{number}?printer=paper&copy=true", headers={"Accept": kind})
        self.pos.refused("device_unknown", "GET", f"/v1/receipts/{number}?printer=nobody")
        self.pos.refused("malformed_request", "GET", f"/v1/receipts/{number}?copy=perhaps")
        job = self.pos.good(202, "POST", f"/v1/receipts/{number}/print", {"copies": 2})
        until(lambda: self.pos.get(f"/v1/print-jobs/{job['id']}")["state"] in ("sent", "printed"), "the job ends")
        same([j["id"] for j in self.pos.all_pages("/v1/print-jobs", 1) if j["id"] == job["id"]], [job["id"]], "in the list")
        same(self.pos.get("/v1/print-jobs?open=true")["items"], [], "nothing waits")
        self.pos.refused("print_job_unknown", "GET", "/v1/print-jobs/nobody")
        self.pos.refused("receipt_unknown", "POST", "/v1/receipts/NOBODY-1/print", {})
        self.pos.refused("device_unknown", "POST", f"/v1/receipts/{number}/print", {"printer": "nobody"})
        same([d["name"] for d in self.pos.get("/v1/devices")["items"]], ["paper", "pole"], "devices")
        self.pos.good(202, "POST", "/v1/devices/paper/test", {})
        self.pos.good(200, "POST", "/v1/devices/pole/test", {})
        self.pos.good(200, "POST", "/v1/devices/paper/open-drawer", {})
        self.pos.refused("device_illegal", "POST", "/v1/devices/pole/open-drawer", {})
        self.pos.good(200, "POST", "/v1/devices/pole/display", {"lines": ["Σύνολο", "12,50 €"]})
        self.pos.refused("malformed_request", "POST", "/v1/devices/pole/display", {"lines": []})
        self.pos.refused("device_unknown", "POST", "/v1/devices/nobody/display", {"lines": ["x"]})
        # A slip shows the code once: where it cannot be printed, that is said.
        slip = self.pos.good(201, "POST", "/v1/passes/issue", {"plan": "egift", "amount": 700, "tender": "cash", "print": True})
        until(lambda: self.pos.get(f"/v1/print-jobs/{slip['print_job']['id']}")["state"] in ("sent", "printed"), "the slip")
        paper = (self.nic.folder / "paper.bin").read_bytes()
        true(slip["code"].encode() in paper and slip["pin"].encode() in paper, "code and PIN are on the slip")
        # Of what it once held in memory, nothing lies in the state.
        for file in (self.nic.folder / "state").iterdir():
            true(not file.is_file() or slip["code"].encode() not in file.read_bytes(), f"no code in {file.name}")

    def reports(self):
        for kind in ("text/csv", "text/plain", "text/html", "image/png", "application/vnd.escpos"):
            self.manager.get("/v1/reports/x", headers={"Accept": kind})
        x = self.manager.get("/v1/reports/x")
        same({l["what"] for l in x["lines"]}, {"purchase", "refund", "void", "redeem", "activation", "activation_void", "top_up"}, "kinds of receipts in the X report")
        self.manager.good(202, "POST", "/v1/reports/x/print", {})
        z = self.manager.good(201, "POST", "/v1/reports/z", {}, key="z-1")
        same(self.manager.good(201, "POST", "/v1/reports/z", {}, key="z-1"), z, "the same key closes once")
        same(self.manager.get(f"/v1/reports/z/{z['number']}")["lines"], x["lines"], "the Z report")
        same(self.pos.get(f"/v1/receipts/{z['receipt']['number']}")["kind"], "z_report", "its receipt")
        self.manager.refused("not_found", "GET", f"/v1/reports/z/{z['number'] + 1}")
        same([each["number"] for each in self.manager.get("/v1/reports/z")["items"]], [z["number"]], "all Z reports")
        same(self.manager.get(f"/v1/reports/z?after={z['number']}"), {"items": [], "next": None}, "none after it")
        self.manager.refused("malformed_request", "GET", "/v1/reports/z?after=first")

        day = self.manager.get("/v1/reports/day")
        same((day["day"], {l["what"] for l in day["lines"]} >= {l["what"] for l in x["lines"]}), (x["day"], True), "the day at a glance")
        true(day["sources"] and day["hours"], f"where money came from, and when: {day}")
        true({"pass_redeemed", "pin_incorrect"} <= {r["code"] for r in day["refusals"]}, f"what was refused: {day['refusals']}")
        same(self.manager.get("/v1/reports/day?day=2020-01-01")["lines"], [], "a day without receipts")
        self.manager.refused("malformed_request", "GET", "/v1/reports/day?day=today")

        span = "from=2020-01-01&to=2021-01-01", f"from={day['day']}&to={datetime.date.fromisoformat(day['day']) + datetime.timedelta(days=2)}"
        same(self.manager.get(f"/v1/reports/passes-analysis?{span[0]}")["items"], [], "no passes then")
        events = self.manager.get(f"/v1/reports/passes-analysis?{span[1]}&limit=500")["items"]
        same({e["what"] for e in events}, {"sold", "redeemed", "voided"}, "what became of passes")
        first = self.manager.get(f"/v1/reports/passes-analysis?{span[1]}&limit=2")
        rest = self.manager.get(f"/v1/reports/passes-analysis?{span[1]}&limit=500&after={first['next']}")
        same(first["items"] + rest["items"], events, "page after page")
        plans = self.manager.get(f"/v1/reports/passes-summary?{span[1]}")["items"]
        same(sum(p[what]["count"] for p in plans for what in ("sold", "redeemed", "voided")), len(events), "the summary counts each of them once")
        gifts = self.manager.get(f"/v1/reports/passes-analysis?{span[1]}&limit=500&plan=gift25&what=redeemed")["items"]
        same(gifts, [e for e in events if e["plan"]["id"] == "gift25" and e["what"] == "redeemed"], "by plan and what")
        for report in ("passes-analysis", "passes-summary"):
            table = self.manager.get(f"/v1/reports/{report}?{span[1]}&decimal=comma", headers={"Accept": "text/csv"})
            true(";" in table.splitlines()[0], f"cells as a reader with decimal commas expects: {table[:80]}")
            for wrong in ("", "from=x&to=2020-01-01", "from=2020-01-02&to=2020-01-01", "from=2020-01-01&to=2022-01-01", f"{span[1]}&plan=no/id", f"{span[1]}&decimal=dot"):
                self.manager.refused("malformed_request", "GET", f"/v1/reports/{report}?{wrong}")

    def offline(self):
        numeric, elsewhere = self.passes.take("number10"), self.passes.take("gift10", "lim")
        same(self.manager.good(200, "POST", "/v1/link", {"mode": "down"}, key=False), {"mode": "down"}, "the link")
        until(lambda: self.pos.get("/v1/status")["link"]["state"] == "down", "the link goes down")
        sold = self.pos.good(201, "POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
        same(sold["online"], False, "sold with the link down")
        true(self.pos.get("/v1/status")["journal"]["pending"] > 0, "the sale waits")
        same(self.pos.get(f"/v1/receipts/{sold['receipt']['number']}")["offline"], True, "the receipt says so")
        self.nobody.get("/readyz")
        self.pos.refused("authority_elsewhere", "POST", "/v1/passes/redeem", {"code": elsewhere["code"], "wallet": {"new": True}})
        self.pos.refused("link_required", "POST", "/v1/passes/check", {"code": numeric["code"]}, key=False)
        self.pos.refused("link_required", "POST", "/v1/passes/issue", {"plan": "egift", "amount": 1500, "tender": "cash"})
        self.manager.refused("malformed_request", "POST", "/v1/link", {"mode": "sideways"}, key=False)
        self.manager.refused("link_required", "POST", "/v1/reconciliation", {}, key=False)
        for mode in ("flapping", "slow", "up"):
            self.manager.good(200, "POST", "/v1/link", {"mode": mode}, key=False)
            same(self.pos.get("/v1/status")["link"]["mode"], mode, "the mode in the status")
        self.system.settle()
        self.pos.good(201, "POST", "/v1/passes/redeem", {"code": elsewhere["code"], "wallet": {"new": True}})

    def access(self):
        self.manager.good(201, "POST", "/v1/terminals", {"id": "T9", "name": "Terrace"})
        true({"id": "T9", "name": "Terrace"} in self.manager.get("/v1/terminals")["items"], "the new terminal")
        self.manager.refused("malformed_request", "POST", "/v1/terminals", {"id": "not an id"})
        code = self.manager.good(201, "POST", "/v1/terminals/T9/pairing-codes", {"role": "cashier"}, key="pair-1")["pairing_code"]
        true(len(code) == 8 and code.isdigit(), f"a pairing code has eight digits: {code}")
        same(self.manager.good(201, "POST", "/v1/terminals/T9/pairing-codes", {"role": "cashier"}, key="pair-1")["pairing_code"], None, "shown once")
        self.manager.refused("not_found", "POST", "/v1/terminals/nobody/pairing-codes", {"role": "pos"})
        made = self.manager.good(201, "POST", "/v1/terminals/T9/tokens", {"role": "pos"}, key="token-1")
        same(self.manager.good(201, "POST", "/v1/terminals/T9/tokens", {"role": "pos"}, key="token-1")["token"], None, "a token is shown once")
        program = Caller(Http(self.nic.url, made["token"]), self.document)
        program.get("/v1/status")
        same(self.manager.good(200, "POST", f"/v1/tokens/{made['id']}/revoke", {})["revoked"], True, "revoked")
        program.refused("unauthenticated", "GET", "/v1/status")
        self.manager.refused("not_found", "POST", "/v1/terminals/nobody/tokens", {"role": "pos"})
        self.manager.refused("malformed_request", "POST", "/v1/terminals/T9/tokens", {"role": "manager"})
        self.manager.refused("malformed_request", "POST", "/v1/terminals/T9/pairing-codes", {"role": "boss"})
        session = self.nobody.good(201, "POST", "/v1/sessions", {"pairing_code": code}, key=False)
        same((session["terminal"], session["role"]), ("T9", "cashier"), "the session")
        self.nobody.refused("unauthenticated", "POST", "/v1/sessions", {"pairing_code": code}, key=False)
        page = Caller(Http(self.nic.url, session["token"]), self.document)
        page.get("/v1/status")
        token = next(t for t in self.manager.get("/v1/tokens")["items"] if t["terminal"] == "T9" and not t["revoked"])
        same(self.manager.good(200, "POST", f"/v1/tokens/{token['id']}/revoke", {})["revoked"], True, "revoked")
        page.refused("unauthenticated", "GET", "/v1/status")
        self.manager.refused("not_found", "POST", "/v1/tokens/nobody/revoke", {})
        for _ in range(40):
            status, headers, met = self.nobody.call("POST", "/v1/sessions", {"pairing_code": "00000000"}, key=False)
            if status == 429:
                break
        same((status, met["code"], headers["Retry-After"]), (429, "too_many_attempts", str(met.get("retry_after"))), "guessing of pairing codes")

    def operation(self):
        status = self.pos.get("/v1/status")
        same((status["venue"], status["link"]["state"], status["clock"]["state"]), ("nic", "up", "trusted"), "the status")
        entries = self.manager.all_pages("/v1/journal", 7)
        same([e["seq"] for e in entries], list(range(1, status["journal"]["seq"] + 1)), "the journal in order, no page overlapping")
        same([e["prev"] for e in entries[1:]], [e["hash"] for e in entries[:-1]], "the chain")
        same(self.manager.get("/v1/journal?limit=500")["items"][:3], entries[:3], "one page")
        self.system.settle()
        rows = self.manager.good(200, "POST", "/v1/reconciliation", {}, key=False)
        same((rows["state"], rows["differences"]), ("same", []), "row by row as the ledger has it")
        same(self.pos.get("/v1/status")["reconciliation"], {"at": rows["at"], "different": 0}, "the comparison, in the status")
        told = self.manager.good(201, "POST", "/v1/clock/confirm", {"reason": "checked against the radio"})
        same(told["clock"]["state"], "trusted", "a clock that a manager confirmed")
        same(self.manager.all_pages("/v1/journal", 500)[told["entry"]["seq"] - 1]["kind"], "clock_event", "its entry")
        self.manager.refused("malformed_request", "POST", "/v1/clock/confirm", {"reason": ""})
        self.manager.refused("malformed_request", "GET", "/v1/journal?after=not-a-number")
        self.manager.refused("malformed_request", "GET", "/v1/exceptions?after=a%20b")

    def locking(self):
        p = self.passes.take("gift25", None)
        order = {"code": p["code"], "pin": "0000" if p["pin"] != "0000" else "0001", "wallet": {"new": True}}
        for code in ("pin_incorrect", "pin_incorrect", "pass_locked", "pass_locked"):
            self.pos.refused(code, "POST", "/v1/passes/redeem", order)
        met = self.pos.good(200, "POST", "/v1/passes/check", {"code": p["code"], "pin": p["pin"]}, key=False)
        same((met["pass"]["pin"], met["reasons"][0]["code"]), ("locked", "pass_locked"), "a locked pass is still told of")
        self.manager.refused("pass_unknown", "POST", "/v1/passes/unlock", {"code": "YYYYYYYYYYYYY", "reason": "asked"})
        met = self.manager.good(201, "POST", "/v1/passes/unlock", {"code": p["code"], "reason": "the holder showed the card"})
        same(met["pass"]["pin"], "required", "unlocked")

    def exceptions(self):
        same(self.manager.get("/v1/exceptions"), {"items": [], "next": None}, "no exceptions by now")
        # Alarms come from faulty clocks and disks: put three there as the store would.
        self.nic.program.stop()
        db = sqlite3.connect(next((self.nic.folder / "state").glob("*.db")))
        for n in range(3):
            db.execute("INSERT INTO exception (id, at, code, detail, seq, minor, currency) VALUES (?, 1767225600000, 'malformed_fact', 'pool x', NULL, ?, ?)",
                       (f"e{n}", 5 if n else None, "EUR" if n else None))
        db.commit()
        db.close()
        self.nic.start()
        self.pos.http.close(), self.manager.http.close(), self.nobody.http.close()
        same([e["id"] for e in self.manager.all_pages("/v1/exceptions", 2)], ["e0", "e1", "e2"], "exceptions page by page")
        closed = self.manager.good(200, "POST", "/v1/exceptions/e1/close", {"reason": "looked at"})
        same((closed["closed_reason"], closed["amount"]), ("looked at", {"amount": 5, "currency": "EUR"}), "closed")
        self.manager.refused("not_found", "POST", "/v1/exceptions/nobody/close", {"reason": "x"})
        self.manager.refused("malformed_request", "POST", "/v1/exceptions/e2/close", {})

    def guessing(self):
        there = self.caller("pos", self.lim)
        for n in range(10):
            there.refused("pass_unknown", "POST", "/v1/passes/check", {"code": "WWWWWWWWWWWW" + "ABCDEFGHJK"[n]}, key=False)
        for path, body in (("/v1/passes/check", {"code": "WWWWWWWWWWWWZ"}), ("/v1/passes/redeem", {"code": "WWWWWWWWWWWWZ", "wallet": {"new": True}}),
                           ("/v1/scans", {"data": "WWWWWWWWWWWWZ"}), ("/v1/wallets/lookup", {"pass_code": "WWWWWWWWWWWWZ"})):
            met = there.refused("too_many_attempts", "POST", path, body)
            same(met["_headers"]["Retry-After"], str(met["retry_after"]), "when to come back")

    def not_ready(self):
        agent = Agent(self.system, 2, "paf", {})
        agent.enrol()
        self.system.agents.append(agent)
        self.system.ledger.stop()
        agent.program.start()
        nobody = Caller(Http(agent.url), self.document)

        def up():
            try:
                return nobody.get("/healthz")
            except OSError:
                return None
        until(up, "the third venue listens")
        nobody.refused("not_ready", "GET", "/readyz")
        self.caller("pos", agent).refused("not_ready", "POST", "/v1/quotes", {"wallet": {"id": "w1"}, "basket": BASKET}, key=False)
        self.caller("pos", agent).get("/v1/status")
        self.system.ledger.start()
        self.system.ledger.wait_ready(self.system.admin_url)
        self.ledger.close()
        until(lambda: nobody.http.call("GET", "/readyz")[0] == 200, "the first snapshot comes")

    def stopped(self):
        device = next(d for d in self.ledger.get("/admin/v1/devices")["items"] if d["venue"] == "lim")
        self.ledger.post(f"/admin/v1/devices/{device['id']}/write-off", {"reason": "lost"})
        there = self.caller("manager", self.lim)
        # It learns of it with the next thing that it has to tell.
        there.call("POST", "/v1/wallets/w1/top-ups", {"amount": 100, "tender": "cash"})
        until(lambda: "stopped" in there.get("/v1/status"), "the device that was written off stops", 60)
        there.refused("device_quarantined", "POST", "/v1/wallets/w1/top-ups", {"amount": 100, "tender": "cash"})
        there.refused("device_quarantined", "POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
        there.get("/v1/wallets/w1")


def agent_answers_as_its_document_says(folder):
    # Time enough for authority to come over, however busy the machine is.
    patient = {"authority": {"budget_ms": 3_000, "idle_return_s": 30}}

    def settings(venue):
        place = folder / f"agent-{venue}"
        return patient | {"devices": {"printers": [{"name": "paper", "address": f"file:{place / 'paper.bin'}", "drawer": True}],
                                      "displays": [{"name": "pole", "address": f"file:{place / 'pole.bin'}"}]}}
    with System(options.build, folder, free_ports(12), small_data(), ["nic", "lim"], settings) as system:
        till = Till(system)
        till.play()
        everything_was_called(till.document)


def ledger_answers_as_its_document_says(folder):
    with System(options.build, folder, free_ports(12), small_data(), ["nic", "lim"]) as system:
        document = document_of("ledger", system.admin_url, LEDGER, LEDGER_CODES)
        admin = Caller(system.admin, document)
        made = {role: admin.good(201, "POST", "/admin/v1/tokens", {"role": role, "user": role + "-1"})["token"] for role in ("readonly", "support", "finance")}
        low = {call for call in calls_in(LEDGER_CALLS, "/admin/v1") if call[0] != "GET" or call[1].endswith("/tokens")}
        refusals_of_the_gate(document, system.admin_url, {"top": system.ledger_token, "low": made["readonly"]}, low, set())
        refusals_of_the_server(document, system.admin_url, "/admin/v1/pools", system.ledger_token, but=["wrong_host"])
        for method, path in calls_in(LEDGER_LATER, "/admin/v1"):
            admin.refused("not_found", method, path, None if method == "GET" else {})
        nobody = Caller(Http(system.admin_url), document)
        for path in ("/healthz", "/readyz", "/openapi.json"):
            nobody.get(path)
        true("# TYPE" in nobody.get("/metrics", headers={"Accept": "text/plain"}), "metrics as Prometheus reads them")

        configure(admin)
        issue_and_change_passes(system, admin, made)
        contacts_and_wallets(admin)
        books(system, admin, made)
        everything_was_called(document)


def configure(admin):
    def put(path, shape, changed, bad, pointer):
        same(admin.good(201, "POST", path, shape), admin.good(200, "POST", path, shape), f"{path}: the same again changes nothing")
        after = admin.good(200, "POST", path, shape | changed)
        same({k: after[k] for k in changed}, changed, f"{path}: the change")
        errors = admin.refused("malformed_request", "POST", path, shape | bad)["errors"]
        true(pointer in [e["pointer"] for e in errors], f"{path}: {pointer} is not named in {errors}")
        items = admin.all_pages(path, 3)
        true(after in items, f"{path}: the new one is in the list")
        same(admin.get(path + "?limit=500")["items"], items, f"{path}: one page")
        return after
    business = {"id": "allo", "name": "Allo", "currency": "EUR", "zone": "Asia/Nicosia", "cutoff": "04:00", "refund_grace": "P30D"}
    put("/admin/v1/businesses", business, {"name": "Allo & Co"}, {"zone": "Mars/Base"}, "/zone")
    put("/admin/v1/venues", {"id": "lar", "business": "allo", "name": "Larnaca", "zone": "Asia/Nicosia"}, {"name": "Λάρνακα"}, {"id": "la r"}, "/id")
    put("/admin/v1/products", {"business": "allo", "sku": "A1", "name": "Freddo", "brand": "Allo", "family": "Coffee", "type": "goods"}, {"family": "Cold coffee"}, {"business": "nobody"}, "/business")
    pool = {"id": "night", "business": "allo", "name": "Nights", "time": [{"days": ["fri"], "months": [12], "from": "22:00", "to": "02:00"}],
            "locations": {"venues": ["lar"], "businesses": []}, "products": {"brands": [], "families": ["Coffee"], "skus": [], "types": []},
            "spend_on": "matching_lines", "validity": {"from": None, "until": None, "period": "P1Y"}}
    after = put("/admin/v1/pools", pool, {"spend_on": "basket"}, {"spend_on": "anything"}, "/spend_on")
    same(after["version"], 2, "the version of a changed pool")
    offer = {"id": "friday", "business": "allo", "name": "Fridays", "currency": "EUR", "claim": "code", "code": "FRIDAY5", "validity": {"from": "2026-01-01", "until": None},
             "time": [{"days": ["fri"], "months": [], "from": "08:00", "to": "12:00"}], "locations": {"venues": ["lar"]}, "segments": ["new"],
             "products": {"families": ["Coffee"]}, "least_spend": 500, "reward": {"basis_points": 500, "cap": 200}, "pool": "night", "instant": False, "uses": 20,
             "uses_per_contact": 1}
    after = put("/admin/v1/offers", offer, {"least_spend": 600, "uses": 30}, {"pool": "nothing"}, "/pool")
    same((after["version"], "code" in after), (2, False), "a changed offer")
    plan = {"id": "allo10", "business": "allo", "name": "Ten", "type": "gift", "printed": True, "currency": "EUR", "value": {"fixed": 1000}, "redeem_by": {"always": True},
            "code": {"alphabet": "alphanumeric", "prefix": "", "suffix": "", "length": 14}, "pin": True, "pool": "night", "offline": True}
    put("/admin/v1/plans", plan, {"name": "Tenner"}, {"pool": "nothing"}, "/pool")
    limit = {"id": "allo-tops", "business": "allo", "kind": "top_up", "period": "week", "most_count": 9, "most_amount": None}
    same(put("/admin/v1/limits", limit, {"most_amount": 90000}, {"wallet": "nobody"}, "/wallet")["version"], 2, "the version of a changed limit")
    same([v["id"] for v in admin.get("/admin/v1/venues?business=allo")["items"]], ["lar"], "venues of one business")
    admin.good(201, "POST", "/admin/v1/plans/allo10/passes", {"count": 1})
    admin.refused("plan_frozen", "POST", "/admin/v1/plans", plan | {"name": "Eleven", "value": {"fixed": 1100}})
    admin.refused("plan_frozen", "PATCH", "/admin/v1/plans/allo10", {"name": "Twelve"}, key=False)
    life_of_a_plan(admin)


def life_of_a_plan(admin):
    at = "/admin/v1/plans/allo5"
    copy = admin.good(201, "POST", "/admin/v1/plans/allo10/copy", {"id": "allo5", "name": "Five"})
    same((copy["state"], copy["passes"], copy["name"]), ("draft", 0, "Five"), "a copy")
    admin.refused("malformed_request", "POST", "/admin/v1/plans/allo10/copy", {"id": "allo5"})
    admin.refused("plan_unknown", "POST", "/admin/v1/plans/nobody/copy", {})
    changed = admin.good(200, "PATCH", at, {"value": {"fixed": 500}, "count": 3, "fields": {"series": "autumn"}}, key=False)
    same((changed["count"], changed["fields"]), (3, {"series": "autumn"}), "a changed draft")
    same(admin.get(at), changed, "the plan by itself")
    admin.refused("malformed_request", "PATCH", at, {"business": "aroma"}, key=False)
    admin.refused("plan_unknown", "GET", "/admin/v1/plans/nobody")
    admin.refused("plan_draft", "POST", at + "/passes", {"count": 1})
    done = admin.good(201, "POST", at + "/activate", {"venue": "lar"})
    same((done["plan"]["state"], len(done["items"]), done["remaining"]), ("active", 3, 0), "an activated plan")
    admin.refused("plan_already_active", "POST", at + "/activate", {})
    admin.refused("plan_complete", "POST", at + "/passes", {"count": 1})
    shop = admin.good(201, "POST", at + "/export", {"limit": 2}, key="shop-1")
    true(all(i["code"] and i["pin"] for i in shop["items"]), f"codes and PINs for the print shop: {shop}")
    again = admin.good(201, "POST", at + "/export", {"limit": 2}, key="shop-1")
    same([(i["code"], i["pin"]) for i in again["items"]], [(None, None)] * 2, "a replay shows them no more")
    same(admin.good(201, "POST", at + "/export", {"after": shop["next"]})["next"], None, "the rest of them")
    admin.refused("plan_unknown", "POST", "/admin/v1/plans/nobody/export", {})
    one = f"/admin/v1/passes/{done['items'][0]['id']}"
    same(admin.good(200, "PATCH", one, {"fields": {"series": None, "note": "desk"}}, key=False)["fields"], {"note": "desk", "series": "autumn"}, "fields of one pass")
    sent = admin.good(201, "POST", one + "/resend", {}, key="again-1")
    same((sent["code"] in [i["code"] for i in shop["items"]] or bool(sent["code"]), sent["contact"]), (True, None), "a code sent again")
    same(admin.good(201, "POST", one + "/resend", {}, key="again-1")["code"], None, "a replay shows it no more")
    admin.refused("pass_unknown", "POST", "/admin/v1/passes/nobody/resend", {})


def issue_and_change_passes(system, admin, made):
    order = {"count": 3, "value": 700, "contact": "c1", "venue": "nic"}
    first = admin.good(201, "POST", "/admin/v1/plans/egift/passes", order, key="batch-1")["items"]
    true(all(i["code"] and i["pin"] for i in first), f"codes and PINs are shown once: {first}")
    again = admin.good(201, "POST", "/admin/v1/plans/egift/passes", order, key="batch-1")["items"]
    same([(i["id"], i["code"], i["pin"]) for i in again], [(i["id"], None, None) for i in first], "a replay shows them no more")
    admin.refused("idempotency_key_reused", "POST", "/admin/v1/plans/egift/passes", order | {"count": 4}, key="batch-1")
    admin.refused("plan_unknown", "POST", "/admin/v1/plans/nobody/passes", {"count": 1})
    admin.refused("above_maximum", "POST", "/admin/v1/plans/egift/passes", {"count": 1, "value": 5001})
    admin.refused("below_minimum", "POST", "/admin/v1/plans/egift/passes", {"count": 1, "value": 499})
    admin.refused("malformed_request", "POST", "/admin/v1/plans/egift/passes", order | {"venue": "nowhere"})
    same(sorted(p["id"] for p in admin.all_pages("/admin/v1/plans/egift/passes", 2)), sorted(i["id"] for i in first), "passes of a plan, page by page")
    admin.refused("plan_unknown", "GET", "/admin/v1/plans/nobody/passes")

    centre = admin.good(201, "POST", "/admin/v1/plans/egift/passes", {"count": 1, "value": 700})["items"][0]
    at = f"/admin/v1/passes/{centre['id']}"
    same((admin.get(at)["state"], admin.get(at)["centre"]), ("active", 700), "an electronic pass is active, and at the centre")
    for patch in ({"value": 900}, {"redeem_by": "2030-01-01T00:00:00+02:00"}, {"pin": "4711"}, {"pin_locked": True}, {"pin_locked": False}, {"state": "blocked"}, {"state": "active"}):
        after = admin.good(200, "PATCH", at, patch, key=False)
        if set(patch) <= {"value", "state"}:
            same({k: after[k] for k in patch}, patch, "the change of a pass")
    admin.refused("above_maximum", "PATCH", at, {"value": 5001}, key=False)
    admin.refused("pass_unknown", "PATCH", "/admin/v1/passes/nobody", {"state": "blocked"}, key=False)
    admin.refused("pass_unknown", "GET", "/admin/v1/passes/nobody")
    Caller(Http(system.admin_url, made["support"]), admin.document).refused("forbidden", "PATCH", at, {"value": 800}, key=False)
    same(admin.good(200, "PATCH", at, {"state": "cancelled"}, key=False)["state"], "cancelled", "cancelled")
    admin.refused("pass_cancelled", "PATCH", at, {"state": "active"}, key=False)
    held = next(p for p in admin.all_pages("/admin/v1/plans/gift10/passes", 50) if p["held"] and p["state"] == "active")
    admin.refused("authority_elsewhere", "PATCH", f"/admin/v1/passes/{held['id']}", {"state": "cancelled"}, key=False)
    admin.refused("pin_not_used", "PATCH", f"/admin/v1/passes/{held['id']}", {"pin": "4711"}, key=False)


def contacts_and_wallets(admin):
    anna = {"id": "anna", "name": "Anna K.", "phone": "+35799111111", "email": "anna@example.com", "card": None, "segments": ["new"]}
    same(admin.good(201, "POST", "/admin/v1/contacts", anna)["wallets"], [], "a new contact")
    admin.good(200, "POST", "/admin/v1/contacts", anna | {"card": "770000009999"})
    admin.good(201, "POST", "/admin/v1/contacts", {"name": "Nobody in particular"})
    admin.refused("malformed_request", "POST", "/admin/v1/contacts", anna | {"phone": "12"})
    wallet = {"id": "wa", "contact": "anna", "currency": "EUR", "home": "nic", "personal": 100,
              "pockets": [{"business": "kafeneio", "open": 200, "lots": [{"pool": "free", "amount": 300, "valid_from": None, "valid_until": None}]}]}
    same(admin.good(201, "POST", "/admin/v1/wallets", wallet)["pockets"], {"personal": 100, "business": 200, "commerce": 300}, "a new wallet")
    admin.good(200, "POST", "/admin/v1/wallets", wallet)
    errors = admin.refused("malformed_request", "POST", "/admin/v1/wallets", wallet | {"id": "wb", "contact": "nobody"})["errors"]
    same([e["pointer"] for e in errors], ["/contact"], "a wallet of nobody")
    same(next(c for c in admin.all_pages("/admin/v1/contacts", 3) if c["id"] == "anna")["wallets"], ["wa"], "the contact's wallets")

    tied = admin.good(201, "POST", "/admin/v1/wallets/wa/top-ups", {"amount": 50, "business": "kafeneio", "pool": "coffee", "reference": "voucher 7"})
    same((tied["credited"]["pocket"], "lot" in tied["credited"]), ("commerce", True), "a top-up tied to a pool")
    same(admin.good(201, "POST", "/admin/v1/wallets/wa/top-ups", {"amount": 60, "business": "kafeneio"})["credited"]["pocket"], "business", "an open top-up")
    admin.refused("wallet_unknown", "POST", "/admin/v1/wallets/nobody/top-ups", {"amount": 60, "business": "kafeneio"})
    for bad, pointer in (({"business": "nobody"}, "/business"), ({"pool": "nobody"}, "/pool"), ({"amount": 0}, "/amount")):
        errors = admin.refused("malformed_request", "POST", "/admin/v1/wallets/wa/top-ups", {"amount": 60, "business": "kafeneio"} | bad)["errors"]
        true(pointer in [e["pointer"] for e in errors], f"{pointer} is not named in {errors}")
    ceiling = {"business": "kafeneio", "kind": "top_up", "period": "day", "most_amount": 150}
    same(admin.good(201, "POST", "/admin/v1/wallets/wa/limits", ceiling)["wallet"], "wa", "a limit of one wallet")
    admin.good(200, "POST", "/admin/v1/wallets/wa/limits", ceiling)
    admin.refused("malformed_request", "POST", "/admin/v1/wallets/wa/limits", ceiling | {"kind": "gift"})
    admin.refused("wallet_unknown", "POST", "/admin/v1/wallets/nobody/limits", ceiling)
    why = admin.refused("limit_reached", "POST", "/admin/v1/wallets/wa/top-ups", {"amount": 41, "business": "kafeneio"})["reasons"][0]
    same((why["limit"], why["available"]), ("top_up per day", 40), "what is left of it")
    same([u["used"]["amount"] for u in admin.get("/admin/v1/wallets/wa/limits")["items"] if u["wallet"] == "wa"], [110], "what is used of it")
    for more in ("", "/breakdown", "/statement", "/limits"):
        admin.get("/admin/v1/wallets/wa" + more)
        admin.refused("wallet_unknown", "GET", "/admin/v1/wallets/nobody" + more)
    whole = admin.get("/admin/v1/wallets/wa/statement")
    same((whole["opening"], whole["closing"]), (0, 710), "the statement")
    later = admin.get("/admin/v1/wallets/wa/statement?from=2099-01-01&to=2100-01-01T00:00:00Z")
    same((later["opening"], later["closing"], later["items"]), (710, 710, []), "a statement of a time to come")
    admin.refused("malformed_request", "GET", "/admin/v1/wallets/wa/statement?from=yesterday")


def books(system, admin, made):
    order = {"amount": 100, "business": "kafeneio"}
    Caller(Http(system.admin_url, made["finance"]), admin.document).good(201, "POST", "/admin/v1/wallets/w1/top-ups", order)
    Caller(Http(system.admin_url, made["support"]), admin.document).refused("forbidden", "POST", "/admin/v1/wallets/w1/top-ups", order)
    tokens = admin.all_pages("/admin/v1/tokens", 2)
    token = next(t for t in tokens if t["user"] == "support-1")
    true(admin.good(201, "POST", f"/admin/v1/tokens/{token['id']}/revoke", {})["revoked_at"], "revoked")
    admin.refused("token_unknown", "POST", "/admin/v1/tokens/nobody/revoke", {})
    Caller(Http(system.admin_url, made["support"]), admin.document).refused("unauthenticated", "GET", "/admin/v1/devices")

    system.agents[0].http().post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
    system.settle()
    transfers = admin.all_pages("/admin/v1/journal", 40)
    same(len({t["id"] for t in transfers}), len(transfers), "each transfer once")
    same([t["venue"] for t in transfers if t["seq"]][-1], "nic", "the sale is booked")
    admin.refused("malformed_request", "GET", "/admin/v1/journal?after=x")
    same(admin.get("/admin/v1/reconciliation")["contradictions"], [], "contradictions")
    true([h for h in admin.get("/admin/v1/exposure")["held"] if h["venue"] == "nic"], "what the venue holds")

    made_token = admin.good(201, "POST", "/admin/v1/venues/paf/enrolment-tokens", {}, key="enrol-1")
    same(admin.good(201, "POST", "/admin/v1/venues/paf/enrolment-tokens", {}, key="enrol-1"), made_token | {"token": None}, "shown once")
    admin.refused("venue_unknown", "POST", "/admin/v1/venues/nowhere/enrolment-tokens", {})
    device = next(d for d in admin.all_pages("/admin/v1/devices", 1) if d["venue"] == "lim")
    # What is lost is written off; the agent is gone for good.
    system.agents[1].program.stop(signal.SIGTERM)
    lost = admin.good(201, "POST", f"/admin/v1/devices/{device['id']}/write-off", {"reason": "stolen"})
    same((lost["device"]["status"], lost["written_off"]), ("written_off", device["held"]), "written off")
    admin.refused("already_written_off", "POST", f"/admin/v1/devices/{device['id']}/write-off", {"accept_risk": [{"amount": 1, "currency": "EUR"}]})
    admin.refused("malformed_request", "POST", f"/admin/v1/devices/{device['id']}/write-off", {"accept_risk": [{"amount": "1"}]})
    shut = admin.good(201, "POST", f"/admin/v1/devices/{device['id']}/revoke", {})
    same((shut["status"], shut["revoked"]), ("written_off", True), "revoked after it was written off")
    device = next(d for d in admin.all_pages("/admin/v1/devices", 1) if d["venue"] == "nic")
    same(admin.good(201, "POST", f"/admin/v1/devices/{device['id']}/revoke", {"reason": "lost"})["status"], "revoked", "revoked")
    admin.refused("already_revoked", "POST", f"/admin/v1/devices/{device['id']}/revoke", {})
    for what in ("revoke", "write-off"):
        admin.refused("device_unknown", "POST", f"/admin/v1/devices/nobody/{what}", {})
    found = admin.all_pages("/admin/v1/exceptions?state=open", 1)
    true(found, "a write-off is somebody's to look at")
    closed = admin.good(201, "POST", f"/admin/v1/exceptions/{found[0]['id']}/close", {"reason": "police report"})
    same((closed["state"], closed["reason"]), ("closed", "police report"), "closed")
    admin.refused("already_closed", "POST", f"/admin/v1/exceptions/{found[0]['id']}/close", {"reason": "again"})
    admin.refused("exception_unknown", "POST", "/admin/v1/exceptions/nobody/close", {"reason": "x"})
    admin.refused("malformed_request", "GET", "/admin/v1/exceptions?state=half")
    same([e["id"] for e in admin.get("/admin/v1/exceptions?state=closed")["items"]], [found[0]["id"]], "closed ones")
    # Without amounts to tell, still answers of the right shape.
    same(sorted(m["currency"] for m in admin.get("/admin/v1/exposure")["exposure"]), ["EUR"], "currencies of the exposure")


if __name__ == "__main__":
    run_cases(documents_name_every_call_and_let_nothing_pass, agent_answers_as_its_document_says, ledger_answers_as_its_document_says)
