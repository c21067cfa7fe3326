"""Disks that fill up or rot under the real agent. A full one sells nothing more and says so, still gives money back, and goes on without a
restart; damage stops value.

The agent's state on a full disk lies on a small file system of its own, in a mount namespace that only it sees."""
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, small_data, true

build = build_folder()
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 300}]}
ORDER = {"wallet": {"id": "w1"}, "basket": BASKET}
MIB = 1 << 20


def own_mounts():
    """What gives a command a mount namespace here, or None where nothing may."""
    for words in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0:
            return words
    return None


def onto_small_disk(agent, words, size):
    """The agent anew, its state on a disk of so many bytes. Returns that state as seen from outside."""
    agent.program.stop()
    state = agent.folder / "state"
    shutil.copytree(state, agent.folder / "before")
    move = f'mount -t tmpfs -o size={size},mode=700 tmpfs "$1" && cp -a "$2"/. "$1" && shift 2 && exec "$@"'
    agent.program.arguments = [*words, "sh", "-c", move, "sh", str(state), str(agent.folder / "before"), *agent.program.arguments]
    agent.start()
    return pathlib.Path(f"/proc/{agent.program.process.pid}/root{state}")


def fill(state, left):
    found = os.statvfs(state)
    (state / "filler").write_bytes(b"x" * (found.f_bavail * found.f_frsize - left))


def F15_a_full_disk_sells_nothing_gives_back_and_goes_on_by_itself(folder):
    words = own_mounts()
    if words is None:
        return print("not run: this machine lets nobody mount", flush=True)
    with System(build, folder, free_ports(12), small_data(), ["nic"]) as system:
        agent = system.agents[0]
        state = onto_small_disk(agent, words, 40 * MIB)
        pos = agent.http()
        first, second = (pos.post("/v1/purchases", ORDER)["id"] for _ in range(2))
        true((state / "reserve").stat().st_size == 4 * MIB, "the reserve is held")

        fill(state, 2 * MIB)
        status, _, answer = pos.call("POST", "/v1/purchases", ORDER, key="the-same")
        same((status, answer["code"]), (507, "storage_full"), "a purchase on the full disk")
        same(pos.call("POST", "/v1/quotes", ORDER)[0], 200, "a quote writes nothing")
        same(pos.post(f"/v1/purchases/{first}/void", {})["void"], True, "a void")
        pos.post(f"/v1/purchases/{second}/refunds", {"amount": 300})
        true(not (state / "reserve").exists(), "the reserve made room")
        same(pos.call("POST", "/v1/purchases", ORDER, key="the-same")[0], 507, "the room is for giving back alone")
        end = time.monotonic() + 20
        while agent.status()["journal"]["pending"]:
            true(time.monotonic() < end, "what was given back reaches the centre")
            time.sleep(0.05)

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
