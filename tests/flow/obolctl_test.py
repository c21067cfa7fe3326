"""What an operator types: status, link, and a journal that can be checked on another machine."""
import contextlib
import datetime
import json
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, true, until

from data import demo_data

build = build_folder()


def few_passes():
    data = demo_data(datetime.date.today())
    data["passes"] = data["passes"][:3]  # a PIN verifier takes its time
    return data


def obolctl(*words):
    got = subprocess.run([build / "obolctl", *map(str, words)], capture_output=True, text=True, timeout=60)
    return got.returncode, got.stdout, got.stderr


def the_operators_tools(folder):
    with System(build, folder, free_ports(12), few_passes(), ["nic"], {}) as system:
        nic = system.agents[0]
        pos = nic.http()
        for n in range(3):
            pos.post("/v1/purchases", {"wallet": {"new": True}, "basket": {"currency": "EUR", "lines": [
                {"id": "1", "sku": "X", "quantity": "1", "amount": 100 + n}]}})
        token, export = nic.folder / "manager-token", nic.folder / "export.ndjson"
        token.write_text(nic.tokens["manager"] + "\n")
        agent = ["--agent", nic.url, "--token-file", token]

        code, text, _ = obolctl(*agent, "status")
        true(code == 0 and "venue      nic" in text and "exposure   EUR 0.00" in text, f"the status:\n{text}")
        code, text, _ = obolctl(*agent, "status", "--json")
        same(json.loads(text)["venue"], "nic", "the status as JSON")
        same(obolctl(*agent, "link", "down")[0], 0, "link down")
        same(json.loads(obolctl("status", "--json", *agent)[1])["link"]["state"], "down", "the link afterwards")
        same(obolctl("--agent", nic.url, "status")[2].split(":")[1].strip(), "unauthenticated", "without a token")

        code, text, complaint = obolctl(*agent, "journal", "verify")
        true(code == 0 and text.startswith("good: "), f"the running journal: {text}{complaint}")
        code, text, complaint = obolctl(*agent, "journal", "export")
        same(code, 0, "the export: " + complaint)
        export.write_text(text)
        code, said, complaint = obolctl("journal", "verify", export)
        true(code == 0 and said.startswith("good: venue nic"), f"the export: {said}{complaint}")

        lines = text.splitlines()
        purchase = next(i for i, line in enumerate(lines) if '"purchase"' in line)
        entry = json.loads(lines[purchase])
        for name, doctored in {
            "a changed label": lines[:purchase] + [json.dumps(entry | {"kind": "refund"})] + lines[purchase + 1:],
            "an entry left out": lines[:purchase] + lines[purchase + 1:],
            "a changed body": lines[:purchase] + [json.dumps(entry | {"body": "A" + entry["body"][1:]})] + lines[purchase + 1:],
            "the end cut off": lines[:-2],
        }.items():
            export.write_text("\n".join(doctored) + "\n")
            code, _, complaint = obolctl("journal", "verify", export)
            true(code == 1 and complaint.startswith("obolctl: "), f"{name}: {code} {complaint}")
            if name != "the end cut off":
                true(f"entry {entry['seq']}:" in complaint, f"{name} is named: {complaint}")


def an_archive_in_pieces(folder):
    with System(build, folder, free_ports(12), few_passes(), ["nic"], {}) as system:
        nic = system.agents[0]
        pos = nic.http()
        token = nic.folder / "manager-token"
        token.write_text(nic.tokens["manager"])
        pieces = []

        def sell(count):
            for n in range(count):
                pos.post("/v1/purchases", {"wallet": {"new": True}, "basket": {"currency": "EUR", "lines": [
                    {"id": "1", "sku": "X", "quantity": "1", "amount": 100 + n}]}})

        def export(name, after):
            code, text, complaint = obolctl("--agent", nic.url, "--token-file", token, "journal", "export", "--after", after)
            same(code, 0, f"the export after {after}: {complaint}")
            pieces.append(folder / name)
            pieces[-1].write_text(text)
            lines = [json.loads(line) for line in text.splitlines()]
            return lines[0], lines[-1]["head"]

        # Three months; in the last nothing happened.
        sell(3)
        header, head = export("january.ndjson", 0)
        same("after" in header, False, "the first piece begins at the begin")
        for month, count in (("february", 4), ("march", 0)):
            nic.link("down")  # nothing else is written meanwhile
            before = nic.status()["journal"]["seq"]
            sell(count)
            first, (header, head) = head, export(f"{month}.ndjson", head["seq"])
            same(header["after"], first, f"{month} continues the month before")
            true(head["seq"] >= before + count, f"{month} ends with {head}")
        january, february, march = pieces
        whole = folder / "whole.ndjson"
        whole.write_text(obolctl("--agent", nic.url, "--token-file", token, "journal", "export")[1])

        def verified(*files):
            return obolctl("journal", "verify", *files)

        for files in ((january, february, march), (march, january, february), (january, february), (whole, february), (february, whole)):
            code, said, complaint = verified(*files)
            true(code == 0 and said.startswith("good: venue nic, ") and f" in {len(files)} files" in said, f"{files}: {said}{complaint}")
            true(head["hash"] in said, f"the head is said: {said}")
        code, said, complaint = verified(february)
        true(code == 0 and "are not among them" in said, f"a later piece alone: {said}{complaint}")

        code, _, complaint = verified(march, january)
        true(code == 1 and "piece_missing" in complaint and "january" in complaint and "march" in complaint, f"a piece is missing: {complaint}")
        lines = february.read_text().splitlines(True)
        february.write_text("".join(lines[:2] + lines[3:]))
        code, _, complaint = verified(january, march, february)
        true(code == 1 and "february" in complaint and "chain_broken" in complaint, f"an entry was taken out: {complaint}")
        february.write_text("".join(lines))
        code, _, complaint = obolctl("--agent", nic.url, "--token-file", token, "journal", "export", "--after", 100000)
        true(code == 1 and "entry_unknown" in complaint, f"after the end: {complaint}")


def rows_beside_the_ledgers(folder):
    with System(build, folder, free_ports(12), few_passes(), ["nic"], {}) as system:
        nic = system.agents[0]
        wallet = nic.http().post("/v1/purchases", {"wallet": {"new": True}, "spend": {"mode": "none"}, "basket": {
            "currency": "EUR", "lines": [{"id": "1", "sku": "X", "quantity": "1", "amount": 100}]}})["wallet"]["id"]
        nic.http().post(f"/v1/wallets/{wallet}/top-ups", {"amount": 700, "tender": "cash"})
        system.settle()
        token = nic.folder / "manager-token"
        token.write_text(nic.tokens["manager"])
        agent = ["--agent", nic.url, "--token-file", token]

        def reconcile():
            # The feed may be a moment behind the journal.
            until(lambda: not obolctl(*agent, "reconcile")[2].startswith("obolctl: busy"), "a quiet moment")
            return obolctl(*agent, "reconcile")
        code, said, complaint = reconcile()
        true(code == 0 and said.startswith("same: every row"), f"all as the ledger has it: {said}{complaint}")
        true("0 rows differ" in obolctl(*agent, "status")[1], "the status says so, too")

        def rot(minor):
            nic.program.stop()
            with contextlib.closing(sqlite3.connect(nic.folder / "state" / "agent.db")) as db, db:
                changed = db.execute("UPDATE balance SET central = central + ?, shown = shown + ? WHERE subject LIKE ?", (minor, minor, f"business:{wallet}:%"))
                same(changed.rowcount, 1, "rows that rot")
            nic.start()
            until(lambda: nic.status()["link"]["state"] == "up", "the link")
        rot(5)
        code, _, complaint = reconcile()
        true(code == 1 and "balances business:" in complaint and "here EUR 7.05, at the ledger EUR 7.00" in complaint, f"the row is named: {complaint}")
        raised = [e["amount"] for e in nic.http("manager").get("/v1/exceptions")["items"] if e["code"] == "reconciliation_difference"]
        same(raised, [{"amount": 5, "currency": "EUR"}], "raised here")
        raised = [(e["venue"], e["amount"], e["currency"], e["owner"]) for e in system.admin.get("/admin/v1/exceptions")["items"]]
        same(raised, [("nic", 5, "EUR", "finance")], "raised at the ledger")
        rot(-5)
        same(reconcile()[0], 0, "mended")


run_cases(the_operators_tools, an_archive_in_pieces, rows_beside_the_ledgers)
