"""The real agent on a machine whose system clock is wrong: set back, set ahead, without a battery (F23 to F26)."""
import datetime
import pathlib
import sys
import time

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))
from flow import System, audited, build_folder, free_ports, run_cases, same, true

from data import demo_data
from wrong_clock import WrongClock

build = build_folder()
DAY = 24 * 3600
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 100}]}


def few_passes():
    data = demo_data(datetime.date.today())
    data["passes"] = [p for p in data["passes"] if p["state"] == "active"][:3]
    return data


def a_clock_that_is_wrong_is_found_out_and_the_ledger_sets_it_right(folder):
    with System(build, folder, free_ports(12), few_passes(), ["nic"], {}) as system:
        nic = system.agents[0]
        nic.program.stop()
        clock = WrongClock(nic, folder)
        nic.start()
        clock.comes_right("a right clock")

        def buy():
            status, _, met = nic.http().call("POST", "/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
            true(status == 201, f"what time does not bound goes on: {met}")

        for off, why in ((-30 * DAY, "went_back"), (-3600, "went_back"), (DAY, "went_ahead"), (3650 * DAY, "went_ahead")):
            nic.link("down")
            clock.set(0)
            clock.set(off)
            state, found, seems = clock.told()
            same((state, found), ("untrusted", why), f"a clock set by {off} s")
            true(abs(seems) < 60, f"time goes on by the boot clock, not {seems:.0f} s off")
            buy()
            nic.link("up")
            clock.comes_right(f"set by {off} s")
            clock.set(0)
            clock.comes_right("put right again")

        # Ahead by less than anybody notices: the journal's stamps stay ahead of the time for a while.
        nic.link("down")
        clock.set(3000)
        buy()
        clock.set(0)
        nic.link("up")
        clock.comes_right("set ahead by less than an hour, and right again")
        buy()

        # Up, with a certificate that such a clock takes for one that is not valid yet, or any more.
        for off in (-time.time() + 10, 946684800 - time.time(), 3650 * DAY):
            nic.program.stop()
            clock.set(off)
            nic.start()
            clock.comes_right(f"started with a clock that is {off / DAY:.0f} days off")
            buy()

        # A manager, where there is no link.
        nic.link("down")
        clock.set(off - 7200)
        same(clock.told()[0], "untrusted", "set back by two hours")
        clock.set(0)
        same(clock.told()[0], "untrusted", "it does not come right by itself")
        nic.http("manager").post("/v1/clock/confirm", {"reason": "checked against the radio"})
        state, _, seems = clock.told()
        true(state == "trusted" and abs(seems) < 60, f"confirmed: {state}, {seems:.0f} s off")
        nic.link("up")

        entries = nic.http("manager").get("/v1/journal?limit=500")["items"]
        true(sum(e["kind"] == "clock_event" for e in entries) >= 9, "the journal tells of each")
        stamps = [e["at"] for e in entries]
        same(stamps, sorted(stamps), "the journal's time never runs back")
        end = time.monotonic() + 30
        while nic.status()["journal"]["pending"] > 0 and time.monotonic() < end:
            time.sleep(0.2)
        same(nic.status()["journal"]["pending"], 0, "entries that the centre has not booked")
    print(audited(system, nic))


run_cases(a_clock_that_is_wrong_is_found_out_and_the_ledger_sets_it_right)
