"""Spending at the venue's own risk, with the real programs: up to the caps while the link is down, and what the books say once it is up again."""
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, audited, build_folder, free_ports, run_cases, same, small_data, true, until

build = build_folder()
FOUR = ("per_transaction", "per_subject", "per_outage", "count")


def caps(*numbers):
    return dict(zip(FOUR, numbers))


def system_in(folder, allowance, venues=None):
    data = small_data()
    data["businesses"][0]["allowance"] = allowance
    for venue in data["venues"]:
        venue.update((venues or {}).get(venue["id"], {}))
    person = {"phone": None, "email": None, "card": None, "segments": []}
    for id, home in (("theirs", "lim"), ("more", "lim"), ("nobodys", None)):
        data["contacts"].append(person | {"id": f"c-{id}", "name": "Risky Person"})
        money = 600 if home is None else 5000
        data["wallets"].append({"id": id, "contact": f"c-{id}", "currency": "EUR", "home": home, "personal": 0,
                                "pockets": [{"business": "kafeneio", "open": money, "lots": []}]})
    return System(build, folder, free_ports(12), data, ["nic", "lim"], {"authority": {"budget_ms": 5000}})


def order(wallet, amount, **more):
    return {"wallet": {"id": wallet}, "basket": {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": amount}]},
            "spend": {"mode": "full"}} | more


def codes(answer):
    return [reason["code"] for reason in answer.get("reasons", [])]


def nothing_pending(*agents):
    until(lambda: not any(a.status()["journal"]["pending"] for a in agents), lambda: [a.status()["journal"] for a in agents])


def exposure(system):
    return [m["amount"] for m in system.admin.get("/admin/v1/exposure")["exposure"] if m["currency"] == "EUR"][0]


def subject(system, name):
    return [s for s in system.admin.get("/admin/v1/reconciliation")["subjects"] if s["subject"] == name][0]


def told(system, code):
    return sum(e["amount"] or 0 for e in system.admin.get("/admin/v1/exceptions?limit=500")["items"] if e["code"] == code)


def a_venue_that_is_cut_off_spends_up_to_its_caps(folder):
    with system_in(folder, caps(500, 900, 1000, 9) | {"with_manager": caps(800, 900, 1500, 9)}) as system:
        nic, lim = system.agents
        pos, manager = nic.http(), nic.http("manager")
        same(nic.status()["exposure"], [{"amount": 1500, "currency": "EUR"}], "what could be lost with the link up")
        same(exposure(system), 3000, "two devices at the ledger")
        same(pos.get("/v1/wallets/theirs")["available_here"]["business"], 0, "authority here")

        nic.link("down")
        quote = pos.post("/v1/quotes", order("theirs", 500), key=False)
        same((quote["accepted"], quote["spendable"], quote["at_risk"], quote["allowance"]),
             (True, 500, 500, {"left": 500, "left_with_manager": 800}), "the quote")
        sold = pos.post("/v1/purchases", order("theirs", 500))
        same((sold["spent"], sold["at_risk"], sold["online"]), (500, 500, False), "above what is available here")
        same((sold["wallet"]["pockets"]["business"], sold["wallet"]["available_here"]["business"]), (4500, 0), "the wallet after it")
        status, _, refused = pos.call("POST", "/v1/purchases", order("theirs", 100))
        same((status, codes(refused), refused["reasons"][1]["wanted"]), (422, ["authority_elsewhere", "allowance_exhausted"], ["manager"]), "split in two")
        same(manager.post("/v1/purchases", order("theirs", 300))["at_risk"], 300, "with a manager")
        same(codes(manager.call("POST", "/v1/purchases", order("theirs", 1))[2])[-1], "allowance_exhausted", "above that nobody may")
        same(pos.call("POST", "/v1/purchases", order("more", 201))[0], 422, "more than is left of the outage")
        same(pos.post("/v1/purchases", order("more", 200))["at_risk"], 200, "what is left of the outage")
        same((nic.status()["exposure"][0]["amount"], nic.status()["at_risk"]), (1500, {"unreported": 1000, "entries": 3}), "the exposure")
        token = nic.folder / "t"
        token.write_text(nic.tokens["manager"])
        words = subprocess.run([build / "obolctl", "--agent", nic.url, "--token-file", token, "exposure"], capture_output=True, text=True)
        true(words.returncode == 0 and "EUR 15.00" in words.stdout and "EUR 10.00" in words.stdout, f"obolctl exposure: {words.stdout}{words.stderr}")
        back = pos.post(f"/v1/purchases/{sold['id']}/refunds", {"amount": 100})
        same(back["refunded"], 100, "a refund of what was at risk")
        same(pos.get("/v1/wallets/theirs")["available_here"]["business"], 100, "is held here")

        nic.link("up")
        nothing_pending(nic)
        same(nic.status()["at_risk"], {"unreported": 0, "entries": 0}, "once the ledger has booked it")
        # The other venue held that money all the time; it is asked for it and gives it back, so nothing is lost.
        until(lambda: exposure(system) == 3000, lambda: system.admin.get("/admin/v1/exposure"))
        same(subject(system, "business:theirs:kafeneio")["amount"], 5000 - 800 + 100, "what is left in the books")
        same(told(system, "allowance_overspent"), 1000, "what the centre did not have at that moment")
        same(told(system, "allowance_exceeded"), 0, "beyond what is allowed")
        until(lambda: lim.http().get("/v1/wallets/theirs")["pockets"]["business"] == 4300, lambda: lim.http().get("/v1/wallets/theirs"))
        nothing_pending(nic, lim)
        system.settle()
        audited(system, *system.agents)


def two_venues_that_spend_the_same_money_lose_what_was_overspent(folder):
    with system_in(folder, caps(500, 900, 1000, 9)) as system:
        for agent in system.agents:
            agent.link("down")
        for agent, amount in zip(system.agents, (500, 450)):
            same(agent.http().post("/v1/purchases", order("nobodys", amount))["at_risk"], amount, f"at {agent.venue}")
        for agent in system.agents:
            agent.link("up")
        nothing_pending(*system.agents)
        system.settle()
        same(subject(system, "business:nobodys:kafeneio")["loss"], 350, "the loss")
        same(told(system, "allowance_overspent"), 350, "the exception")
        same(exposure(system), 2 * 1000 + 350, "the exposure")
        audited(system, *system.agents)


def a_pass_of_another_venue_and_a_venue_with_an_allowance_of_its_own(folder):
    with system_in(folder, caps(0, 0, 0, 0), {"nic": {"allowance": caps(1000, 1000, 1000, 1)}}) as system:
        nic, lim = system.agents
        listed = {v["id"]: v.get("allowance") for v in system.admin.get("/admin/v1/venues")["items"]}
        same(listed["nic"], caps(1000, 1000, 1000, 1) | {"with_manager": caps(1000, 1000, 1000, 1)}, "as the ledger says it")
        true("allowance" not in [v for v in system.admin.get("/admin/v1/venues")["items"] if v["id"] == "lim"][0], "another venue has none")
        for agent in system.agents:
            agent.link("down")
        theirs = {p["plan"]: p for p in system.data["passes"] if p["venue"] == "lim" and p["state"] == "active"}
        of_nic = [p for p in system.data["passes"] if p["venue"] == "nic" and p["plan"] == "gift10" and p["state"] == "active"][0]
        redeemed = nic.http().post("/v1/passes/redeem", {"code": theirs["gift10"]["code"], "wallet": {"new": True}})
        same((redeemed["at_risk"], redeemed["credited"]["amount"]), (1000, 1000), "redeemed without authority")
        wallet = {"wallet": {"pass_code": theirs["gift10"]["code"]}}
        same(nic.http().post("/v1/purchases", order("", 400) | wallet)["at_risk"], 0, "its money is held here")
        refused = nic.http().call("POST", "/v1/passes/redeem", {"code": theirs["gift25"]["code"], "pin": theirs["gift25"]["pin"], "wallet": {"new": True}})[2]
        same(refused["code"], "authority_elsewhere", "a pass with a PIN")
        refused = lim.http().call("POST", "/v1/passes/redeem", {"code": of_nic["code"], "wallet": {"new": True}})[2]
        same(codes(refused), ["authority_elsewhere"], "at a venue without an allowance")
        for agent in system.agents:
            agent.link("up")
        nothing_pending(nic, lim)
        until(lambda: exposure(system) == 1000, lambda: system.admin.get("/admin/v1/exposure"))
        until(lambda: lim.http().call("POST", "/v1/passes/redeem", {"code": theirs["gift10"]["code"], "wallet": {"new": True}})[2].get("code") == "pass_redeemed", lambda: lim.status())
        nothing_pending(nic, lim)
        system.settle()
        audited(system, *system.agents)


def by_default_nothing_is_at_risk(folder):
    data = small_data()
    with System(build, folder, free_ports(12), data, ["nic"], {"authority": {"budget_ms": 5000}}) as system:
        nic = system.agents[0]
        nic.link("down")
        same(nic.status()["exposure"], [{"amount": 0, "currency": "EUR"}], "the exposure")
        true("at_risk" not in nic.status(), "and no word of a risk")
        same([m["amount"] for m in system.admin.get("/admin/v1/exposure")["exposure"]], [0], "at the ledger")
        same(system.admin.get("/admin/v1/exposure")["allowances"], [], "allowances")
        faulty = {"id": "nic", "business": "kafeneio", "name": "x", "zone": "Asia/Nicosia", "allowance": caps(5, 5, 5, 5) | {"with_manager": caps(5, 4, 5, 5)}}
        status, _, answer = system.admin.call("POST", "/admin/v1/venues", faulty)
        same((status, [e["pointer"] for e in answer["errors"]]), (400, ["/allowance/with_manager"]), json.dumps(answer))


run_cases(a_venue_that_is_cut_off_spends_up_to_its_caps, two_venues_that_spend_the_same_money_lose_what_was_overspent,
          a_pass_of_another_venue_and_a_venue_with_an_allowance_of_its_own, by_default_nothing_is_at_risk)
