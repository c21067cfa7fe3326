"""Disks that fill up or rot under the real agent. A full one sells nothing more and says so, still gives money back, and goes on without a
restart; damage stops value.

The agent's state on a full disk lies on a small file system of its own, in a mount namespace that only it sees."""
import os
import pathlib
import signal
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, small_data, true

from kernel import OwnDisk

build = build_folder()
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 300}]}
ORDER = {"wallet": {"id": "w1"}, "basket": BASKET}
MIB = 1 << 20


def fill(state, left, name="filler"):
    found = os.statvfs(state)
    (state / name).write_bytes(b"x" * (found.f_bavail * found.f_frsize - left))


def settled(agent):
    end = time.monotonic() + 20
    while agent.status()["journal"]["pending"]:
        true(time.monotonic() < end, "what was given back reaches the centre")
        time.sleep(0.05)


def F15_a_full_disk_sells_nothing_gives_back_and_goes_on_by_itself(folder):
    with System(build, folder, free_ports(12), small_data(), ["nic"]) as system, OwnDisk(system.agents[0], 40) as disk:
        agent, state = system.agents[0], disk.seen()
        agent.start()
        pos = agent.http()
        bought = [pos.post("/v1/purchases", ORDER)["id"] for _ in range(4)]
        true((state / "reserve").stat().st_size == 4 * MIB, "the reserve is held")

        fill(state, 2 * MIB)
        status, _, answer = pos.call("POST", "/v1/purchases", ORDER, key="the-same")
        same((status, answer["code"]), (507, "storage_full"), "a purchase on the full disk")
        same(pos.call("POST", "/v1/quotes", ORDER)[0], 200, "a quote writes nothing")
        same(pos.post(f"/v1/purchases/{bought[0]}/void", {})["void"], True, "a void")
        true((state / "reserve").exists(), "there is room beside the reserve yet")
        fill(state, 0, "more")
        pos.post(f"/v1/purchases/{bought[1]}/refunds", {"amount": 300})
        true(not (state / "reserve").exists(), "the reserve made room")
        same(pos.call("POST", "/v1/purchases", ORDER, key="the-same")[0], 507, "the room is for giving back alone")
        settled(agent)

        # Ended in whatever way, it starts again on a disk with nothing left, and gives back.
        for number, end in enumerate((signal.SIGKILL, signal.SIGTERM)):
            (state / "filler").unlink()
            (state / "more").unlink(missing_ok=True)
            pos.expect(201, "POST", "/v1/purchases", ORDER, key=f"room-{number}")
            true((state / "reserve").stat().st_size == 4 * MIB, "the reserve is held again")
            fill(state, 0)
            agent.program.process.send_signal(end)
            agent.program.process.wait()
            agent.start()
            pos = agent.http()
            same(pos.call("POST", "/v1/purchases", ORDER, key="the-same")[0], 507, "after a start on the full disk")
            pos.post(f"/v1/purchases/{bought[2 + number]}/refunds", {"amount": 300})
            settled(agent)

        (state / "filler").unlink()
        pos.expect(201, "POST", "/v1/purchases", ORDER, key="the-same")
        true((state / "reserve").stat().st_size == 4 * MIB, "the reserve is held again")
        system.settle()
        same(system.admin.get("/admin/v1/exceptions")["items"], [], "exceptions")


def F13_damage_far_behind_the_tail_stops_value_and_keeps_the_journal(folder):
    with System(build, folder, free_ports(12), small_data(), ["nic"]) as system:
        agent = system.agents[0]
        pos = agent.http()
        for _ in range(130):
            pos.post("/v1/purchases", ORDER | {"spend": {"mode": "none"}})
        same(pos.call("GET", "/readyz")[0], 200, "a sound database")
        agent.program.stop()
        with sqlite3.connect(agent.folder / "state" / "agent.db") as db:
            body = bytearray(db.execute("SELECT body FROM entry WHERE seq = 5").fetchone()[0])
            body[len(body) // 2] ^= 1
            db.execute("UPDATE entry SET body = ? WHERE seq = 5", (bytes(body),))
        db.close()
        agent.program.start()
        end = time.monotonic() + 60
        while True:
            try:
                status, _, answer = pos.call("GET", "/readyz")
                if (status, answer.get("code") if isinstance(answer, dict) else "") == (503, "database_damaged"):
                    break
            except OSError:
                pass
            true(time.monotonic() < end and agent.program.alive(), "the damage is found")
            time.sleep(0.05)
        true("entry 5" in answer["detail"], f"the place is named in {answer['detail']}")
        status, _, answer = pos.call("POST", "/v1/purchases", ORDER)
        same((status, answer["code"]), (503, "database_damaged"), "a purchase")
        same(agent.http("manager").get("/v1/journal?from=1&limit=10")["items"][0]["seq"], 1, "the journal stays readable")


run_cases(F13_damage_far_behind_the_tail_stops_value_and_keeps_the_journal, F15_a_full_disk_sells_nothing_gives_back_and_goes_on_by_itself)
