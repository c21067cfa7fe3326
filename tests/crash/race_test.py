"""Many tills at once: money is spent once, and one key has one effect."""
import datetime
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, true

from data import demo_data
from till_load import Till, basket

build = build_folder()
AT_ONCE, RACES = 50, 5


def data_with_wallets():
    data = demo_data(datetime.date.today())
    data["passes"] = data["passes"][:2]
    business = data["businesses"][0]["id"]
    for n in range(2 * RACES):
        data["wallets"].append({"id": f"race{n}", "contact": "c1", "currency": "EUR", "home": "nic", "personal": 0,
                                "pockets": [{"business": business, "open": 1000, "lots": []}]})
    return data


def at_once(agent, asks):
    """Every request has its connection before the first is sent."""
    tills = [Till(agent.port, agent.tokens["pos"], timeout=60) for _ in asks]
    out, gate = [None] * len(asks), threading.Barrier(len(asks))

    def one(n):
        tills[n].ask("/v1/passes/check", {"code": "x"}, "")  # the connection stands
        gate.wait()
        out[n] = tills[n].ask(*asks[n])

    threads = [threading.Thread(target=one, args=(n,)) for n in range(len(asks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for till in tills:
        till.close()
    true(all(answer is not None for answer in out), "every request was answered")
    return out


def spend_one(wallet):
    return {"wallet": {"id": wallet}, "basket": basket(100), "spend": {"mode": "full"}}


def left(agent, wallet):
    found = agent.http().post("/v1/wallets/lookup", {"id": wallet}, key=False)
    return found.get("wallet", found)["pockets"]["business"]


def fifty_spends_of_one_against_ten_succeed_ten_times(folder):
    with System(build, folder, free_ports(12), data_with_wallets(), ["nic"], {}) as system:
        agent = system.agents[0]
        for race in range(RACES):
            wallet = f"race{race}"
            answers = at_once(agent, [("/v1/purchases", spend_one(wallet), f"r{race}-{n}") for n in range(AT_ONCE)])
            statuses = sorted(a.status for a in answers)
            same(statuses, [201] * 10 + [422] * (AT_ONCE - 10), f"race {race}: statuses")
            same({a.json["code"] for a in answers if a.status == 422}, {"not_fully_covered"}, "why the others were refused")
            same(left(agent, wallet), 0, "what is left")
        # One key: one runs, the others hear its answer or that it runs.
        for race in range(RACES, 2 * RACES):
            wallet = f"race{race}"
            answers = at_once(agent, [("/v1/purchases", spend_one(wallet), f"one-{race}")] * AT_ONCE)
            done = [a for a in answers if a.status == 201]
            true(done, "one of them ran")
            same({a.status for a in answers} - {201, 409}, set(), "other statuses")
            same(len({a.body for a in done}), 1, "different answers under one key")
            same(sum(not a.replayed for a in done), 1, "how many ran it")
            same({a.json["code"] for a in answers if a.status == 409} - {"request_in_progress"}, set(), "why 409")
            same(left(agent, wallet), 900, "what is left")
        system.settle()
        same(system.admin.get("/admin/v1/exceptions").get("items", []), [], "exceptions at the ledger")
        print(f"counted: {RACES} races of {AT_ONCE} spends for ten, {RACES} of {AT_ONCE} requests with one key")


run_cases(fifty_spends_of_one_against_ten_succeed_ten_times)
