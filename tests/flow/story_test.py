"""A whole story by hand, as a POS would live it, and what a hostile or careless caller gets."""
import json
import pathlib
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, Http, System, build_folder, free_ports, run_cases, same, small_data, true

build = build_folder()
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "2", "amount": 700}, {"id": "2", "sku": "FB02", "quantity": "1", "amount": 250}]}


def system_in(folder, **settings):
    # Five seconds to acquire authority: no outcome depends on the load of the machine.
    return System(build, folder, free_ports(12), small_data(), ["nic", "lim"], {"authority": {"budget_ms": 5000}} | settings)


def a_pass(data, plan, venue=None, state="active", n=0):
    return [p for p in data["passes"] if p["plan"] == plan and p["state"] == state and (venue is None or p["venue"] == venue)][n]


def pending_is_zero(agent, seconds=20):
    end = time.monotonic() + seconds
    while agent.status()["journal"]["pending"]:
        true(time.monotonic() < end, f"pending stays {agent.status()['journal']}")
        time.sleep(0.02)


def check_redeem_quote_purchase_receipt_refund_and_the_link(folder):
    with system_in(folder) as system:
        nic, lim = system.agents
        same(nic.status()["zone"], "Asia/Nicosia", "the venue's zone, of the first snapshot, asked before anything else")
        pos = nic.http()
        gift = a_pass(system.data, "gift25", "nic")
        found = pos.post("/v1/passes/check", {"code": gift["code"]}, key=False)
        same(sorted(found["pass"]), ["display", "pin", "type"], "what shows before the PIN")
        found = pos.post("/v1/passes/check", {"code": f" {gift['code'][:5].lower()}-{gift['code'][5:]}\r\n", "pin": gift["pin"]}, key=False)
        same((found["redeemable"], found["pass"]["value"]), (True, {"amount": 2500, "currency": "EUR"}), "the check with the PIN")

        redeemed = pos.post("/v1/passes/redeem", {"code": gift["code"], "pin": gift["pin"], "wallet": {"new": True}})
        same(redeemed["credited"]["amount"], 2500, "credited")
        wallet = {"pass_code": gift["code"], "pin": gift["pin"]}
        same(pos.call("POST", "/v1/wallets/lookup", {"pass_code": gift["code"]}, key=False)[0], 422, "a nameless wallet keeps asking for its PIN")

        order = {"wallet": wallet, "basket": BASKET}
        quote = pos.post("/v1/quotes", order, key=False)
        same((quote["accepted"], quote["spendable"], quote["due"]), (True, 950, 0), "the quote")
        key = "sale-1"
        bought = pos.post("/v1/purchases", order | {"expect": {"spent": 950}}, key=key)
        same((bought["spent"], bought["due"], bought["online"], bought["at_risk"]), (950, 0, True, 0), "the purchase")
        status, headers, again = pos.call("POST", "/v1/purchases", order | {"expect": {"spent": 950}}, key=key)
        same((status, headers["Idempotency-Replayed"], again), (201, "true", bought), "the same key again")
        same(pos.call("POST", "/v1/purchases", order, key=key)[2]["code"], "idempotency_key_reused", "the key with another body")

        receipt = pos.get(f"/v1/receipts/{bought['receipt']['number']}")
        text = pos.expect(200, "GET", f"/v1/receipts/{bought['receipt']['number']}", headers={"Accept": "text/plain"})
        true("9.50" in text and bought["receipt"]["number"] in text, f"the receipt's text:\n{text}")
        true(gift["code"] not in text and gift["code"] not in json.dumps(receipt), "no code on a receipt")
        same(pos.call("GET", f"/v1/receipts/{bought['receipt']['number']}", headers={"Accept": "application/pdf"})[0], 406, "a receipt as PDF")

        bare = pos.call("POST", f"/v1/purchases/{bought['id']}/refunds", {"lines": [{"line": "2", "amount": 250}]})
        same((bare[0], bare[2]["code"]), (422, "pin_required"), "a refund without the PIN")
        back = pos.post(f"/v1/purchases/{bought['id']}/refunds", {"lines": [{"line": "2", "amount": 250}], "wallet": wallet})
        same((back["refunded"], back["due_back"]), (250, 0), "the refund")
        refused = pos.call("POST", f"/v1/purchases/{bought['id']}/refunds", {"lines": [{"line": "2", "amount": 1}], "wallet": wallet})
        same((refused[0], refused[2]["code"]), (422, "refund_exceeds_purchase"), "more than was paid")

        nic.link("down")
        offline = pos.post("/v1/purchases", order)
        same((offline["spent"], offline["online"]), (950, False), "sold with the link down")
        true(nic.status()["journal"]["pending"] >= 1, "the sale waits for the link")
        same(nic.status()["link"]["state"], "down", "the link")
        same(nic.status()["exposure"], [{"amount": 0, "currency": "EUR"}], "exposure")
        unheld = a_pass(system.data, "gift10", "lim")
        refused = pos.call("POST", "/v1/passes/redeem", {"code": unheld["code"], "wallet": {"new": True}})
        same((refused[0], refused[2]["code"]), (422, "authority_elsewhere"), "a pass that the other venue holds")
        numeric = a_pass(system.data, "number10")
        refused = pos.call("POST", "/v1/passes/check", {"code": numeric["code"]}, key=False)
        same((refused[0], refused[2]["code"]), (503, "link_required"), "a numeric pass without a link")

        nic.link("up")
        pending_is_zero(nic)
        elsewhere = pos.post("/v1/passes/redeem", {"code": unheld["code"], "wallet": {"new": True}})
        same(elsewhere["credited"]["amount"], 1000, "the other venue's pass, with the link up")
        system.settle()
        sale = [a for a in system.admin.get("/admin/v1/reconciliation")["accounts"] if a["account"] == "sale:nic"]
        same(sum(a["amount"] for a in sale), 950 - 250 + 950, "sales at the ledger")
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")

        # The other venue sells from the same wallet: the money comes over within the budget.
        there = lim.http()
        end = time.monotonic() + 20
        while there.call("POST", "/v1/wallets/lookup", wallet, key=False)[0] != 200:
            true(time.monotonic() < end, "the nameless wallet reaches the other venue")
            time.sleep(0.02)
        sold = there.post("/v1/purchases", order | {"spend": {"mode": "amount", "amount": 500}})
        same(sold["spent"], 500, "spent at the other venue")
        system.settle()
        token = nic.folder / "t"
        token.write_text(nic.tokens["manager"])
        verified = subprocess.run([build / "obolctl", "--agent", nic.url, "--token-file", token, "journal", "verify"], capture_output=True, text=True)
        same(verified.returncode, 0, "journal verify: " + verified.stdout + verified.stderr)


def selling_voiding_and_topping_up(folder):
    with system_in(folder) as system:
        nic = system.agents[0]
        pos = nic.http()
        draft = a_pass(system.data, "gift25", "nic", state="draft")
        same(pos.call("POST", "/v1/passes/redeem", {"code": draft["code"], "pin": draft["pin"], "wallet": {"new": True}})[2]["code"], "pass_draft", "not sold yet")
        sold = pos.post("/v1/passes/activate", {"code": draft["code"], "tender": "cash"})
        true(sold["receipt"]["number"], "a sale has a receipt")
        same(pos.call("POST", "/v1/passes/activate", {"code": draft["code"], "tender": "cash"})[2]["code"], "pass_already_active", "sold twice")
        pos.post(f"/v1/activations/{sold['id']}/void", {})
        same(pos.call("POST", "/v1/passes/redeem", {"code": draft["code"], "pin": draft["pin"], "wallet": {"new": True}})[2]["code"], "pass_draft", "after the void")
        pos.post("/v1/passes/activate", {"code": draft["code"], "tender": "card"})
        pos.post("/v1/passes/redeem", {"code": draft["code"], "pin": draft["pin"], "wallet": {"id": "w1"}})

        before = pos.get("/v1/wallets/w1")["pockets"]["business"]
        topped = pos.post("/v1/wallets/w1/top-ups", {"amount": 1000, "tender": "cash"})
        same(topped["wallet"]["pockets"]["business"], before + 1000, "topped up")
        bought = pos.post("/v1/purchases", {"wallet": {"phone": "+35799000001"}, "basket": BASKET, "spend": {"mode": "full"}})
        same(bought["due"], 0, "covered")
        pos.post(f"/v1/purchases/{bought['id']}/void", {})
        same(pos.get("/v1/wallets/w1")["pockets"]["business"], before + 1000, "after the void")
        same(pos.call("POST", f"/v1/purchases/{bought['id']}/void", {})[2]["code"], "already_voided", "voided twice")
        system.settle()
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")


def promotions_and_their_undoing(folder):
    with system_in(folder) as system:
        nic, lim = system.agents
        pos = nic.http()
        welcome = a_pass(system.data, "promo3", "nic")
        before = pos.get("/v1/wallets/w1")["pockets"]
        alone = pos.call("POST", "/v1/passes/redeem", {"code": welcome["code"], "wallet": {"id": "w1"}})
        same((alone[0], alone[2]["code"]), (422, "promotion_needs_purchase"), "a promotion pass by itself")
        order = {"wallet": {"id": "w1"}, "basket": BASKET, "promotion_codes": [welcome["code"]]}
        quote = pos.post("/v1/quotes", order, key=False)
        same((quote["accepted"], [(a["offer"], a["amount"], a["instant"]) for a in quote["awards"]]), (True, [("welcome", 300, True)]), "the quote")
        bought = pos.post("/v1/purchases", order | {"expect": {"spent": quote["spendable"]}})
        same([a["amount"] for a in bought["awards"]], [300], "the award")
        after = bought["wallet"]["pockets"]
        same(sum(after.values()), sum(before.values()) - bought["spent"] + 300, "the award paid or became open money")
        text = pos.expect(200, "GET", f"/v1/receipts/{bought['receipt']['number']}", headers={"Accept": "text/plain"})
        true("3.00" in text and welcome["code"] not in text, f"the receipt's text:\n{text}")
        same(pos.call("POST", "/v1/purchases", order)[2]["code"], "pass_redeemed", "the same pass again")
        voided = pos.post(f"/v1/purchases/{bought['id']}/void", {})
        same([(a["offer"], a["amount"]) for a in voided["awards_undone"]], [("welcome", 300)], "undone")
        same(voided["wallet"]["pockets"], before, "the wallet after the void")

        # The universal code: its uses lie at the centre, each venue asks for one when it needs it.
        sweets = {"currency": "EUR", "lines": [{"id": "1", "sku": "FS04", "quantity": "3", "amount": 1200}]}
        coded = {"wallet": {"id": "w2"}, "basket": sweets, "promotion_codes": ["glyko-2"], "spend": {"mode": "none"}}
        refused = pos.call("POST", "/v1/purchases", coded | {"basket": BASKET})
        same((refused[2]["code"], refused[2]["reasons"][0]["criterion"]), ("offer_not_met", "least_spend"), "too little of it")
        for client in (pos, lim.http()):
            end = time.monotonic() + 20
            while True:
                status, _, sold = client.call("POST", "/v1/purchases", coded)
                if status == 201 or time.monotonic() > end:
                    break
                time.sleep(0.02)
            same((status, [a["amount"] for a in sold.get("awards", [])]), (201, [200]), f"the code's award: {sold}")
        refunded = pos.post("/v1/purchases", coded | {"wallet": {"id": "w3"}})
        back = pos.post(f"/v1/purchases/{refunded['id']}/refunds", {"amount": 1200})
        same([a["amount"] for a in back["awards_undone"]], [200], "the refund takes the award back")

        # The pass of the void is good again, also without a link.
        nic.link("down")
        same(pos.post("/v1/purchases", order)["awards"][0]["amount"], 300, "the pass once more")
        nic.link("up")
        pending_is_zero(nic)
        system.settle()
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")
        offers = {o["id"]: o for o in system.admin.get("/admin/v1/offers")["items"]}
        same((offers["spring"]["version"], offers["spring"]["uses"], "code" in offers["spring"]), (1, 50, False), "the offer at the ledger")


def a_limit_holds_at_both_venues_and_at_the_centre(folder):
    with system_in(folder) as system:
        nic, lim = system.agents
        pos, there = nic.http(), lim.http()

        def order(amount):
            line = {"id": "1", "sku": "KF02", "quantity": "1", "amount": amount}
            return {"wallet": {"id": "w37"}, "basket": {"currency": "EUR", "lines": [line]}, "spend": {"mode": "full"}}

        def why(till, amount):
            quote = till.call("POST", "/v1/quotes", order(amount), key=False)[2]
            return [] if quote["accepted"] else [(r["code"], r.get("available")) for r in quote["reasons"] if r["code"] == "limit_reached"]
        pos.post("/v1/wallets/w37/top-ups", {"amount": 3000, "tender": "cash"})
        same(why(pos, 1001), [("limit_reached", 1000)], "more than a day's ten euros")
        same(pos.post("/v1/purchases", order(300))["spent"], 300, "the first purchase")
        same(why(pos, 701), [("limit_reached", 700)], "what is left here")
        end = time.monotonic() + 20
        while why(there, 701) != [("limit_reached", 700)]:
            true(time.monotonic() < end, f"the other venue hears of it: {why(there, 701)}")
            time.sleep(0.05)
        same(pos.post("/v1/purchases", order(200))["spent"], 200, "the second purchase")
        refused = pos.call("POST", "/v1/purchases", order(1))
        same((refused[0], refused[2]["code"], refused[2]["reasons"][0]["limit"]), (422, "limit_reached", "debit per day"), "the third")
        system.settle()
        used = [u["used"] for u in system.admin.get("/admin/v1/wallets/w37/limits")["items"] if u["wallet"] == "w37"]
        same([(u["count"], u["amount"]) for u in used], [(2, 500)], "counted at the centre")
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")


def malformed_and_hostile_requests_change_nothing(folder):
    with system_in(folder) as system:
        nic = system.agents[0]
        pos, cashier = nic.http(), nic.http("cashier")
        seq = nic.status()["journal"]["seq"]

        def refused(status, code, *arguments, client=pos, **more):
            met = client.call("POST", *arguments, **more)
            same((met[0], met[2].get("code") if isinstance(met[2], dict) else met[2]), (status, code), f"{arguments} {more}"[:200])
            return met[2]

        order = {"wallet": {"id": "w1"}, "basket": BASKET}
        line = BASKET["lines"][0]

        def with_line(**changes):
            return order | {"basket": BASKET | {"lines": [line | changes]}}
        for body, pointer in [(with_line(amount=1.5), "/basket/lines/0/amount"), (with_line(amount=1e2), "/basket/lines/0/amount"), (with_line(amount="700"), "/basket/lines/0/amount"),
                              (with_line(colour="red"), "/basket/lines/0/colour"), (order | {"basket": BASKET | {"lines": []}}, "/basket/lines"),
                              (order | {"basket": BASKET | {"lines": [line, line]}}, "/basket/lines/1/id"), (order | {"wallet": {}}, "/wallet"),
                              (order | {"wallet": {"id": "w1", "phone": "+35799000001"}}, "/wallet"), (order | {"spend": {"mode": "most"}}, "/spend/mode"),
                              (order | {"at": "2026-01-01T00:00:00Z"}, "/at")]:
            text = json.dumps(body)
            if body is not order and "100.0" in text:
                text = text.replace("100.0", "1e2")
            errors = refused(400, "malformed_request", "/v1/purchases", text)["errors"]
            true(any(e["pointer"] == pointer for e in errors), f"{pointer} is named in {errors}")
        refused(400, "malformed_request", "/v1/purchases", '{"wallet":{"id":"w1"},"wallet":{"id":"w2"}}')
        refused(400, "malformed_request", "/v1/purchases", "[" * 17 + "]" * 17)
        refused(400, "malformed_request", "/v1/purchases", '{"basket":')
        refused(400, "malformed_request", "/v1/purchases", b'{"wallet":{"id":"\xff"}}')
        refused(413, "body_too_large", "/v1/purchases", json.dumps(order | {"x": "y" * (257 << 10)}))
        refused(400, "idempotency_key_missing", "/v1/purchases", order, key=False)
        refused(415, "unsupported_media_type", "/v1/purchases", order, headers={"Content-Type": "text/plain"})
        refused(421, "wrong_host", "/v1/purchases", order, headers={"Host": "evil.example"})
        refused(403, "origin_refused", "/v1/purchases", order, headers={"Origin": "https://evil.example"})
        refused(403, "origin_refused", "/v1/purchases", order, headers={"Origin": "null"})
        refused(403, "origin_refused", "/v1/purchases", order, headers={"Sec-Fetch-Site": "cross-site"})
        refused(401, "unauthenticated", "/v1/purchases", order, client=Http(nic.url))
        refused(401, "unauthenticated", "/v1/purchases", order, client=Http(nic.url, "wrong"))
        refused(403, "forbidden", "/v1/link", {"mode": "down"}, client=cashier, key=False)
        same(pos.call("GET", "/v1/nothing")[0], 404, "an unknown path")
        same(pos.call("GET", "/v1/purchases")[0], 405, "a known path, another method")
        refused(404, "wallet_unknown", "/v1/purchases", order | {"wallet": {"id": "nobody"}})
        same(nic.status()["journal"]["seq"], seq, "entries after all that")
        pos.post("/v1/purchases", order)

        # Three wrong PINs lock; the right one no longer opens; a manager unlocks.
        gift = a_pass(system.data, "gift25", "nic", n=1)
        wrong = "9999" if gift["pin"] != "9999" else "0000"
        same(refused(422, "pin_incorrect", "/v1/passes/redeem", {"code": gift["code"], "pin": wrong, "wallet": {"new": True}})["reasons"][0]["attempts_left"], 2, "tries left")
        refused(422, "pin_incorrect", "/v1/passes/redeem", {"code": gift["code"], "pin": wrong, "wallet": {"new": True}})
        refused(423, "pass_locked", "/v1/passes/redeem", {"code": gift["code"], "pin": wrong, "wallet": {"new": True}})
        refused(423, "pass_locked", "/v1/passes/redeem", {"code": gift["code"], "pin": gift["pin"], "wallet": {"new": True}})
        nic.http("manager").post("/v1/passes/unlock", {"code": gift["code"], "reason": "the holder showed the card"})
        pos.post("/v1/passes/redeem", {"code": gift["code"], "pin": gift["pin"], "wallet": {"new": True}})

        # No code or PIN lies in the agent's files.
        for path in (nic.folder / "state").iterdir():
            content = path.read_bytes()
            for p in system.data["passes"]:
                if len(p["code"]) >= 13:
                    true(p["code"].encode() not in content, f"a code in {path.name}")


def damaged_state_and_missing_keys_refuse_to_start(folder):
    system = system_in(folder)
    with system:
        pass
    nic = system.agents[0]

    def refuses(what, *names):
        done = subprocess.run([build / "obol-agent", "serve", "--config", nic.config], capture_output=True, text=True, timeout=30)
        true(done.returncode not in (0, -6, -11), f"{what}: exit {done.returncode}\n{done.stderr}")
        for name in names:
            true(name in done.stderr, f"{what}: {name} is not named in: {done.stderr}")
    database = next((nic.folder / "state").glob("*.db"))
    saved = folder / "saved"
    shutil.copy(database, saved)
    database.write_bytes(b"This is no database at all." * 400)
    refuses("a damaged database", database.name)
    database.unlink()
    refuses("a missing database", database.name)
    true(not database.exists(), "no new journal was begun under the old key")
    shutil.copy(saved, database)
    key = nic.folder / "credentials" / "device.pem"
    key.rename(folder / "key")
    refuses("a missing key", "device.pem")
    true(not key.exists(), "no key was made")
    (folder / "key").rename(key)
    good = nic.config.read_text()
    nic.config.write_text(good.replace('"port"', '"prot"'))
    refuses("a configuration error", nic.config.name, "prot")
    same(subprocess.run([build / "obol-agent", "check-config", "--config", nic.config], capture_output=True).returncode != 0, True, "check-config")
    nic.config.write_text(good)
    same(subprocess.run([build / "obol-agent", "check-config", "--config", nic.config], capture_output=True).returncode, 0, "check-config")


run_cases(check_redeem_quote_purchase_receipt_refund_and_the_link, selling_voiding_and_topping_up, promotions_and_their_undoing,
          a_limit_holds_at_both_venues_and_at_the_centre, malformed_and_hostile_requests_change_nothing,
          damaged_state_and_missing_keys_refuse_to_start)
