"""A ledger from a backup, a state from a backup, a copied device, and the way back under a new key: with the real programs."""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, audited, build_folder, free_ports, run, run_cases, same, small_data, true, until
from system import Agent

build = build_folder()
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "2", "amount": 700}]}


def system_in(folder):
    return System(build, folder, free_ports(12), small_data(), ["nic", "lim"], {"authority": {"budget_ms": 5000}})


def sale(amount, wallet="w1"):
    return {"wallet": {"id": wallet}, "basket": BASKET, "spend": {"mode": "amount", "amount": amount}}


def reconciliation(system):
    return system.admin.get("/admin/v1/reconciliation")


def sold_at(system):
    return sum(a["amount"] for a in reconciliation(system)["accounts"] if a["account"].startswith("sale:"))


def another_till(system, number, folder):
    """At Nicosia, in a folder of its own."""
    till = Agent(system, number, "nic", {})
    till.folder, till.config = folder, folder / "agent.json"
    folder.mkdir()
    till.config.write_text(json.dumps({"state": str(folder / "state"), "credentials": str(folder / "credentials"),
                                       "witness": str(folder / "witness" / "witness"), "listen": {"port": till.port}, "ledger": {"url": system.sync_url}}))
    till.program.arguments[-1], till.program.log = str(till.config), folder / "log"
    return till


def refuses_to_serve(system, *words):
    done = subprocess.run([build / "obol-ledger", "serve", "--config", system.ledger_config], capture_output=True, text=True, timeout=60)
    same(done.returncode, 1, "a ledger that fell back serves: " + done.stdout + done.stderr)
    for word in words:
        true(word in done.stderr, f"{word!r} is not in: {done.stderr}")


def back_up(database, to):
    with sqlite3.connect(database) as db:
        db.execute("VACUUM INTO ?", (str(to),))


def put_back(database, backup):
    for beside in ("-wal", "-shm"):
        pathlib.Path(str(database) + beside).unlink(missing_ok=True)
    shutil.copy(backup, database)


def F41_a_ledger_from_a_backup_recovers_and_nothing_is_overspent(folder):
    with system_in(folder) as system:
        nic, lim = system.agents
        database = system.ledger_folder / "ledger.db"
        before = nic.http().get("/v1/wallets/w1")["pockets"]
        sold = nic.http().post("/v1/purchases", sale(100))["spent"]
        system.settle()
        back_up(database, folder / "backup.db")

        # Forgotten: money that went over to the other venue, and what was sold there.
        sold += lim.http().post("/v1/purchases", sale(200))["spent"]
        sold += nic.http().post("/v1/purchases", sale(50))["spent"]
        system.settle()
        nic.link("down")
        sold += nic.http().post("/v1/purchases", sale(70))["spent"]  # unknown to anybody when the ledger falls back
        same(system.ledger.stop(), 0, "a clean end")

        put_back(database, folder / "backup.db")
        refuses_to_serve(system, "ledger_fell_back", "obol-ledger restore")
        said = run(build / "obol-ledger", "restore", "--config", system.ledger_config)
        true("generation 2" in said and "NIC1" in said and "LIM1" in said, said)

        system.ledger.start()
        system.ledger.wait_ready(system.admin_url)
        until(lambda: [each["name"] for each in reconciliation(system)["awaited"]] == ["NIC1"], "the one that is cut off is awaited")
        true(reconciliation(system)["recovery"], "recovery ended without a venue that is cut off")
        refused = system.admin.call("POST", f"/admin/v1/devices/{nic.status()['device']}/write-off", {"reason": "impatient"})
        same((refused[0], refused[2]["code"]), (422, "in_recovery"), "a write-off in recovery")
        true(refused[2]["ceiling"], "the ceiling is shown")

        nic.link("up")
        until(lambda: not reconciliation(system)["recovery"], "recovery ends")
        system.settle()
        sold += lim.http().post("/v1/purchases", sale(30))["spent"]
        sold += nic.http().post("/v1/purchases", sale(30))["spent"]
        system.settle()
        now = reconciliation(system)
        same((now["generation"], now["contradictions"], now["awaited"]), (2, [], []), "after recovery")
        same(sold_at(system), sold, "sales at the ledger")
        true(all(subject["loss"] == 0 and subject["centre"] >= 0 for subject in now["subjects"]), "no loss, and no centre below zero")
        same([each for each in system.admin.get("/admin/v1/exposure")["exposure"] if each["amount"]], [], "exposure")
        after = nic.http().get("/v1/wallets/w1")["pockets"]
        same(sum(before.values()) - sum(after.values()), sold, "the wallet has paid it once")
    audited(system, *system.agents)


def M4_a_till_that_the_backup_forgot_is_waited_for(folder):
    with system_in(folder) as system:
        database = system.ledger_folder / "ledger.db"
        back_up(database, folder / "backup.db")
        third = another_till(system, 2, folder / "third")
        third.enrol()
        same(system.ledger.stop(), 0, "a clean end")
        put_back(database, folder / "backup.db")
        refuses_to_serve(system, "ledger_fell_back")
        true("NIC2" in run(build / "obol-ledger", "restore", "--config", system.ledger_config), "the record knows the third till")
        system.ledger.start()
        system.ledger.wait_ready(system.admin_url)
        until(lambda: [each["name"] for each in reconciliation(system)["awaited"]] == ["NIC2"], "the third till is awaited")
        third.start()
        system.agents.append(third)
        until(lambda: not reconciliation(system)["recovery"], "recovery ends")
        system.settle()
    audited(system, *system.agents)


def F48_a_state_from_a_backup_is_stopped_by_its_witness_and_the_till_comes_back_under_a_new_key(folder):
    with system_in(folder) as system:
        nic = system.agents[0]
        nic.program.stop()
        shutil.copytree(nic.folder / "state", folder / "old-state")
        nic.start()
        system.settle()
        nic.link("down")
        nic.http().post("/v1/purchases", sale(100))  # never pushed: no ledger could tell
        nic.program.stop()
        shutil.move(nic.folder / "state", folder / "newest-state")
        shutil.copytree(folder / "old-state", nic.folder / "state")
        nic.start()
        until(lambda: "stopped" in nic.status(), "the state is stopped")
        true(nic.status()["stopped"].startswith("rollback"), nic.status()["stopped"])
        refused = nic.http().call("POST", "/v1/purchases", sale(100))
        same((refused[0], refused[2]["code"]), (503, "device_quarantined"), "a sale by a state from a backup")
        nic.program.stop()
        answer = subprocess.run([build / "obol-agent", "accept-state", "--config", nic.config, "--reason", "please"], capture_output=True, text=True)
        true(answer.returncode == 1 and "rollback" in answer.stderr, "no word helps: " + answer.stdout + answer.stderr)

        # The way out: the ledger is told, the till is enrolled anew, and brings what the old one had written.
        old = [d for d in system.admin.get("/admin/v1/devices")["items"] if d["name"] == "NIC1"][0]["id"]
        system.admin.post(f"/admin/v1/devices/{old}/revoke", {"reason": "state from a backup"})
        written = system.admin.post(f"/admin/v1/devices/{old}/write-off", {"reason": "state from a backup"})
        true(written["device"]["revoked"] and written["device"]["status"] == "written_off", json.dumps(written["device"]))
        suspense = written["device"]["suspense"][0]["amount"]
        shutil.rmtree(nic.folder / "state")
        shutil.move(nic.folder / "credentials", folder / "old-credentials")
        nic.enrol()
        nic.start()
        system.settle()
        true("stopped" not in nic.status(), "the new device works")
        nic.http().post("/v1/purchases", sale(10))
        system.settle()
        nic.program.stop()
        said = run(build / "obol-agent", "hand-in", "--config", nic.config, "--from", folder / "newest-state")
        true("booked up to entry" in said, said)
        now = [d for d in system.admin.get("/admin/v1/devices")["items"] if d["id"] == old][0]
        same((now["status"], now["suspense"][0]["amount"]), ("written_off", suspense - 100), "the late sale comes out of suspense")
        same(reconciliation(system)["contradictions"], [], "contradictions")
        nic.start()
        system.settle()


def F49_a_copy_without_its_witness_spends_nothing_and_one_with_it_is_found_out(folder):
    with system_in(folder) as system:
        nic = system.agents[0]
        nic.program.stop()

        def copy(name, with_witness):
            clone = another_till(system, 3 if with_witness else 2, folder / name)
            for part in ("state", "credentials") + (("witness",) if with_witness else ()):
                shutil.copytree(nic.folder / part, clone.folder / part)
            clone.tokens = nic.tokens
            return clone

        bare, whole = copy("bare", False), copy("whole", True)
        system.ledger.stop()  # no link: the copies are on their own
        bare.start()
        try:
            until(lambda: "stopped" in bare.status(), "the copy is stopped")
            true(bare.status()["stopped"].startswith("witness_missing"), bare.status()["stopped"])
            refused = bare.http().call("POST", "/v1/purchases", sale(100))
            same((refused[0], refused[2]["code"]), (503, "device_quarantined"), "a sale by a copy without a witness")
        finally:
            bare.program.stop()
        run(build / "obol-agent", "accept-state", "--config", bare.config, "--reason", "the disk was moved to a new PC")
        with sqlite3.connect(bare.folder / "state" / "agent.db") as db:
            same(db.execute("SELECT kind FROM entry ORDER BY seq DESC LIMIT 1").fetchone()[0], "alarm", "the journal says that somebody answered for it")
        bare.start()
        try:
            bare.http().post("/v1/purchases", sale(100))
        finally:
            bare.program.stop()

        whole.start()
        try:
            whole.http().post("/v1/purchases", sale(100))
            nic.start()
            nic.http().post("/v1/purchases", sale(50))
            system.ledger.start()
            system.ledger.wait_ready(system.admin_url)
            until(lambda: [d["status"] for d in reconciliation(system)["devices"] if d["name"] == "NIC1"] == ["quarantined"], "two chains are found out")
            until(lambda: "stopped" in whole.status() and "stopped" in nic.status(), "both are stopped")
        finally:
            whole.program.stop()
        same([e["code"] for e in system.admin.get("/admin/v1/exceptions?state=open")["items"] if e["code"] == "chain_fork"], ["chain_fork"], "the exception")


run_cases(F41_a_ledger_from_a_backup_recovers_and_nothing_is_overspent,
          M4_a_till_that_the_backup_forgot_is_waited_for,
          F48_a_state_from_a_backup_is_stopped_by_its_witness_and_the_till_comes_back_under_a_new_key,
          F49_a_copy_without_its_witness_spends_nothing_and_one_with_it_is_found_out)
