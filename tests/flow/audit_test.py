"""obol-audit: nothing to say of good files, and every single corruption named by table, row and column."""
import base64
import contextlib
import datetime
import functools
import hashlib
import http.client
import json
import pathlib
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import entries
from audit_story import BASKET, Files, small_data
from flow import Failed, System, build_folder, free_ports, run_cases, same, true

build = build_folder()
made = []  # the day's files: made once, for all cases
deep = "[" * 200000 + "]" * 200000


def files(folder):
    if not made:
        keep = tempfile.TemporaryDirectory(prefix="obol-audit-test-")
        made.append((Files(build, pathlib.Path(keep.name)), keep))
    return made[0][0]


def quoted(value):
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or " " in text or '"' in text else text


def names(line, wanted):
    """Does this line say all that was wanted? Code and table first, then any parts in any order."""
    words, parts = line.split(" "), wanted.split(" ")
    return words[:2] == parts[:2] and all(p in words for p in parts[2:])


def findings_of(lines):
    """Without notes, and without each file's summary."""
    return [line for line in lines if not line.startswith(("note ", "agent journal ", "ledger: ", "export of venue "))]


def check_named(what, met, wanted):
    left = list(met)
    for each in wanted:
        found = next((line for line in left if names(line, each)), None)
        true(found is not None, f"{what}: {each!r} is not among\n  " + "\n  ".join(met or ["(nothing)"]))
        left.remove(found)
    true(not left, f"{what}: besides, it says\n  " + "\n  ".join(left))


class Corruptions:
    """Each on a fresh copy, each alone."""

    def __init__(self, given):
        self.files, self.count, self.faults = given, 0, []

    def judged(self, what, path, words, wanted):
        self.count += 1
        before = path.read_bytes()
        code, lines, complaint = self.files.audit(path, *words)
        try:
            true(lines, f"{what}: nothing was said: {complaint}")
            check_named(what, findings_of(lines), wanted)
            same(code, 1, f"{what}: exit")
            same(path.read_bytes() == before, True, f"{what}: the file is as it was")
            true(not any("newer than" in line for line in lines), f"{what}: the auditor knows an older schema than the writer: look what is new in it")
        except Failed as fault:
            self.faults.append(str(fault))

    def done(self, least):
        true(not self.faults, f"{len(self.faults)} of {self.count} corruptions are not named exactly:\n" + "\n".join(self.faults))
        true(self.count >= least, f"only {self.count} corruptions were tried")
        print(f"     {self.count} single corruptions, each named exactly", flush=True)


class Database(Corruptions):
    def __init__(self, given, path, words=()):
        super().__init__(given)
        self.path, self.words = path, words
        self.good = sqlite3.connect(f"file:{path}?immutable=1", uri=True)

    def value(self, sql, *values):
        return self.row(sql, *values)[0]

    def row(self, sql, *values):
        met = self.good.execute(sql, values).fetchone()
        true(met is not None, f"the day left nothing for {sql}")
        return met

    def apart(self, what, wanted, act, words=None):
        """act(connection) damages a copy; wanted: what must be said of it, and nothing besides."""
        copy = self.files.copy(self.path)
        with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.execute("PRAGMA ignore_check_constraints = 1")
            act(db)
        self.judged(what, copy, self.words if words is None else words, [wanted] if isinstance(wanted, str) else wanted)

    def sql(self, what, wanted, *statements, words=None):
        def act(db):
            for statement in statements:
                text, *values = (statement,) if isinstance(statement, str) else statement
                true(db.execute(text, values).rowcount != 0, f"{what}: {text} changes nothing")
        self.apart(what, wanted, act, words)


def flipped(data, at=-1):
    at = at % len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def entry_of(db, kind, nth=0, more=""):
    return db.row(f"SELECT seq, body, hash FROM entry WHERE kind = ? {more} ORDER BY seq LIMIT 1 OFFSET {nth}", kind)


def good_files_have_no_finding(folder):
    given = files(folder)
    for words in ([given.agent], [given.agent, "--key", given.certificate], [given.ledger], [given.export], [given.other_agent],
                  [given.agent, given.ledger, given.other_agent, given.export], ["--json", given.agent, given.ledger, given.export]):
        before = {p: hashlib.sha256(p.read_bytes()).hexdigest() for w in words if isinstance(w, pathlib.Path) for p in w.parent.iterdir() if p.is_file()}
        code, lines, complaint = given.audit(*words)
        same((code, complaint), (0, ""), f"{words}: {lines}")
        after = {p: hashlib.sha256(p.read_bytes()).hexdigest() for w in words if isinstance(w, pathlib.Path) for p in w.parent.iterdir() if p.is_file()}
        same(after, before, f"{words}: nothing is written, and nothing new lies beside it")
    code, lines, _ = given.audit(given.agent, given.ledger, given.export)
    summaries = [line for line in lines if not line.startswith("note ")]
    true(len(summaries) == 3 and summaries[0].startswith("agent journal NIC1: ") and summaries[0].endswith(", no findings"), f"the summaries: {summaries}")
    true(" 0 signatures" not in summaries[0] and " 0 signatures" not in summaries[2], f"the ledger's keys check an agent's signatures: {summaries}")
    said = json.loads(given.audit("--json", given.ledger)[1][-1])
    same((said["summary"], said["devices"], said["findings"]), ("ledger", 2, 0), "as JSON")


def what_is_no_file_of_ours_is_refused(folder):
    given = files(folder)
    other = folder / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as db:
        db.execute("CREATE TABLE meta (key, value)")
    text = folder / "text"
    text.write_text("This is no database at all.\n")
    for path, why in ((folder / "nothing", "no such file"), (folder, "no such file"), (text, "neither"), (other, "another program")):
        code, lines, complaint = given.audit(path)
        true(code == 2 and not lines and why in complaint, f"{path}: {code} {lines} {complaint}")
    code, lines, complaint = given.audit(folder / "nothing", given.ledger)
    true(code == 2 and lines[-1].endswith("no findings"), "the others are checked all the same")
    same(given.audit()[0], 2, "no file at all")
    same(given.audit(given.agent, "--key", text)[0], 2, "a key that is none")

    # Changes that the database has not taken in yet count, and stay where they are.
    copy = given.copy(given.agent)
    db = sqlite3.connect(copy, isolation_level=None)
    db.execute("PRAGMA wal_autocheckpoint = 0")
    db.execute("UPDATE held SET minor = minor + 7 WHERE subject = (SELECT min(subject) FROM held)")
    saved = folder / "crashed.db"
    for end in ("", "-wal"):
        pathlib.Path(f"{saved}{end}").write_bytes(pathlib.Path(f"{copy}{end}").read_bytes())
    db.close()
    before = sorted((p.name, p.read_bytes()) for p in folder.glob("crashed.db*"))
    code, lines, _ = given.audit(saved)
    true(code == 1 and any("a -wal of" in line for line in lines), f"a -wal beside it: {lines}")
    check_named("a -wal beside it", findings_of(lines), ["held_differs held column=minor"])
    same(sorted((p.name, p.read_bytes()) for p in folder.glob("crashed.db*")) == before, True, "the files of a crash are as they were")
    for nowhere in (text, folder / "no such folder"):
        code, lines, complaint = given.audit(saved, TMPDIR=nowhere)
        true(code == 2 and not lines and str(saved) in complaint and "copy" in complaint, f"no room for a copy: {code} {lines} {complaint}")


def a_living_agent_is_read_as_of_one_moment(folder):
    system = System(build, folder, free_ports(12), small_data(), ["nic"], {"authority": {"budget_ms": 5000}})
    with system:
        nic = system.agents[0]
        files, going = [nic.folder / "state" / "agent.db", system.ledger_folder / "ledger.db"], threading.Event()

        def sell():
            till = nic.http()
            while not going.is_set():
                till.post("/v1/wallets/w1/top-ups", {"amount": 5, "tender": "cash"})

        seller = threading.Thread(target=sell)
        seller.start()
        try:
            for words in [files[:1]] * 10 + [files] * 10:
                got = subprocess.run([build / "obol-audit", *words], capture_output=True, text=True, timeout=120)
                same((got.returncode, got.stderr), (0, ""), f"while it works: {got.stdout}")
        finally:
            going.set()
            seller.join()


def every_corruption_of_an_agents_database_is_named(folder):
    given = files(folder)
    db = Database(given, given.agent, ["--key", given.certificate])
    device = db.value("SELECT value FROM meta WHERE key = 'device'")
    head = db.value("SELECT max(seq) FROM entry")
    acked = db.value("SELECT value FROM meta WHERE key = 'acked_seq'")
    seq, body, digest = entry_of(db, "purchase")
    top, _, top_hash = entry_of(db, "top_up")
    true(acked < head, "the centre has not heard of the end")

    # The chain.
    flips = "UPDATE entry SET body = ? WHERE seq = ?"
    body_changed = f"hash_differs entry seq={seq} column=body wanted={digest.hex()}"
    db.sql("a bit in a body", body_changed, (flips, flipped(body), seq))
    db.sql("a bit at the start of a body", body_changed, (flips, flipped(body, 0), seq))
    db.sql("a bit in a body, and no key", body_changed, (flips, flipped(body, 40), seq), words=())
    db.sql("a body cut short", body_changed, (flips, body[:-9], seq))
    db.sql("a bit in a hash", f"hash_differs entry seq={seq} column=hash wanted={digest.hex()} met={flipped(digest).hex()}",
           ("UPDATE entry SET hash = ? WHERE seq = ?", flipped(digest), seq))
    db.sql("a bit in a hash, and no key", f"hash_differs entry seq={seq} column=hash", ("UPDATE entry SET hash = ? WHERE seq = ?", flipped(digest), seq), words=())
    db.sql("the last hash", f"hash_differs entry seq={head} column=hash", ("UPDATE entry SET hash = zeroblob(32) WHERE seq = ?", head))
    db.sql("a kind's label", f"kind_differs entry seq={seq} column=kind wanted=purchase met=refund", ("UPDATE entry SET kind = 'refund' WHERE seq = ?", seq))
    db.sql("an entry taken out", f"seq_missing entry seq={seq}", ("DELETE FROM entry WHERE seq = ?", seq))
    db.sql("an entry taken out with all its rows", f"seq_missing entry seq={seq}", ("DELETE FROM entry WHERE seq = ?", seq),
           ("DELETE FROM posting WHERE seq = ?", seq), ("DELETE FROM head_signature WHERE seq = ?", seq))
    asked = entry_of(db, "authority_taken")[0]
    db.sql("an entry of authority taken out", f"seq_missing entry seq={asked}", ("DELETE FROM entry WHERE seq = ?", asked))
    db.sql("three entries taken out", f"seq_missing entry seq={seq} to={seq + 2}", ("DELETE FROM entry WHERE seq BETWEEN ? AND ?", seq, seq + 2))
    db.sql("two entries swapped", [f"seq_differs entry seq={seq} column=body.seq met={top}", f"seq_differs entry seq={top} column=body.seq met={seq}"] +
           [f"signature_wrong head_signature seq={s}" for s in (seq, top) if db.good.execute("SELECT 1 FROM head_signature WHERE seq = ?", [s]).fetchone()],
           "CREATE TEMP TABLE was AS SELECT * FROM entry",
           ("UPDATE entry SET (hash, kind, body) = (SELECT hash, kind, body FROM was WHERE was.seq = ? - entry.seq) WHERE seq IN (?, ?)", seq + top, seq, top))
    most = 2**63 - 1
    db.sql("an entry at the end of the scale", [f"seq_missing entry seq={head} to={most - 1}", f"seq_differs entry seq={most} column=body.seq met={head}", f"unsigned_tail entry to={most}"],
           ("UPDATE entry SET seq = ? WHERE seq = ?", most, head), ("DELETE FROM head_signature WHERE seq = ?", head))
    later = ["DELETE FROM {} WHERE seq > ?".format(t) for t in ("entry", "posting", "head_signature")]
    db.sql("the end cut off", f"tail_missing entry seq={acked - 2} to={acked} known_by=acked_seq",
           *[(text, acked - 3) for text in later + ["DELETE FROM operation WHERE seq > ?", "DELETE FROM answer WHERE seq > ?", "DELETE FROM ask WHERE seq > ?"]])
    db.sql("the end cut off that nobody has heard of", f"tail_missing entry seq={head} to={head}", *[(text, head - 1) for text in later])
    forged = entries.decode(db.value("SELECT body FROM entry WHERE seq = ?", head)) | {"seq": head + 1, "prev": db.value("SELECT hash FROM entry WHERE seq = ?", head),
                                                                                       "kind": "day_dreamt", "detail": {}, "postings": []}
    insert = "INSERT INTO entry (seq, hash, kind, body) VALUES (?, ?, 'day_dreamt', ?)"
    row = entries.encode(forged)
    db.sql("an entry put at the end", f"unsigned_tail entry seq={head + 1} to={head + 1}", (insert, head + 1, entries.hash_of(row), row))
    signed = entries.sign(given.other_device_key, device, head + 1, entries.hash_of(row))
    sign_it = ("INSERT INTO head_signature VALUES (?, ?)", head + 1, signed)
    db.sql("an entry put at the end with another's signature", f"signature_wrong head_signature seq={head + 1}", (insert, head + 1, entries.hash_of(row), row), sign_it)
    row = entries.encode(forged | {"prev": bytes(32)})
    own = entries.sign(given.device_key, device, head + 1, entries.hash_of(row))
    db.sql("an entry of our own that follows nothing", f"chain_broken entry seq={head + 1} column=body.prev", (insert, head + 1, entries.hash_of(row), row),
           ("INSERT INTO head_signature VALUES (?, ?)", head + 1, own))
    other = entries.encode(entries.decode(body) | {"nonce": bytes(16)})
    db.sql("an entry replaced by one that hashes well", [f"chain_broken entry seq={seq + 1} column=body.prev", f"signature_wrong head_signature seq={seq}",
                                                        "answer_differs answer terminal=T1 key=sale-1 column=body.entry.hash"],
           ("UPDATE entry SET body = ?, hash = ? WHERE seq = ?", other, entries.hash_of(other), seq))

    # Signatures.
    signature = db.value("SELECT signature FROM head_signature WHERE seq = ?", seq)
    resign = "UPDATE head_signature SET signature = ? WHERE seq = ?"
    db.sql("a bit in a signature", f"signature_wrong head_signature seq={seq} column=signature", (resign, flipped(signature), seq))
    db.sql("a signature cut short", f"signature_wrong head_signature seq={seq} column=signature", (resign, signature[:63], seq), words=())
    db.sql("another device's signature", f"signature_wrong head_signature seq={seq}", (resign, entries.sign(given.other_device_key, device, seq, digest), seq))
    db.sql("another head's signature", f"signature_wrong head_signature seq={seq}",
           (resign, db.value("SELECT signature FROM head_signature WHERE seq = ?", head), seq))
    unsigned = db.value("SELECT max(seq) + 1 FROM head_signature WHERE seq < ?", head)
    db.sql("the last signature taken out", f"unsigned_tail entry seq={unsigned} to={head}", ("DELETE FROM head_signature WHERE seq = ?", head))
    db.sql("a signature of nothing", f"signature_without_entry head_signature seq={head + 5}", ("INSERT INTO head_signature VALUES (?, ?)", head + 5, signature))

    # Postings, which repeat what the bodies say.
    n, account, minor = db.row("SELECT n, account, minor FROM posting WHERE seq = ? AND minor < 0 AND currency = 'EUR' ORDER BY n", seq)
    at = f"seq={seq} n={n} account={account}"
    where = "WHERE seq = ? AND n = ?"
    db.sql("a posting's amount", f"posting_differs posting {at} column=minor wanted={minor} met={minor + 1}", (f"UPDATE posting SET minor = minor + 1 {where}", seq, n))
    db.sql("a posting's account", f"posting_differs posting {at} column=account met=sale:paf", (f"UPDATE posting SET account = 'sale:paf' {where}", seq, n))
    db.sql("a posting's currency", f"posting_differs posting {at} column=currency wanted=EUR met=USD", (f"UPDATE posting SET currency = 'USD' {where}", seq, n))
    db.sql("a posting taken out", f"posting_missing posting {at} wanted={minor}", (f"DELETE FROM posting {where}", seq, n))
    db.sql("a posting put in", f"posting_extra posting seq={seq} n=77 account=sale:nic met=5", ("INSERT INTO posting VALUES (?, 77, 'sale:nic', 5, 'EUR')", seq))
    db.sql("a posting of nothing", f"posting_without_entry posting seq={head + 9} n=0", ("INSERT INTO posting VALUES (?, 0, 'sale:nic', 5, 'EUR')", head + 9))

    # What is summed from them.
    subject, held, last = db.row("SELECT subject, minor, last_used FROM held WHERE currency = 'EUR' ORDER BY subject")
    here = f"held subject={subject}"
    db.sql("more held", f"held_differs {here} column=minor wanted={held} met={held + 100}", ("UPDATE held SET minor = minor + 100 WHERE subject = ?", subject))
    db.sql("less than nothing held", f"held_differs {here} column=minor met=-1", ("UPDATE held SET minor = -1 WHERE subject = ?", subject))
    db.sql("held in another currency", f"held_differs {here} column=currency wanted=EUR met=GBP", ("UPDATE held SET currency = 'GBP' WHERE subject = ?", subject))
    db.sql("held taken out", f"held_missing {here} column=minor wanted={held}", ("DELETE FROM held WHERE subject = ?", subject))
    db.sql("held put in", "held_extra held subject=lot:none column=minor wanted=0 met=500", "INSERT INTO held VALUES ('lot:none', 500, 'EUR', NULL, 1, 0)")
    db.sql("when it was used", f"held_differs {here} column=last_used wanted={last}", ("UPDATE held SET last_used = last_used + 1 WHERE subject = ?", subject))
    db.sql("a risk that nobody took", "at_risk_extra at_risk seq=1 subject=lot:none", "INSERT INTO at_risk VALUES (1, 'lot:none', 5, 'w', 0)")
    total = db.value("SELECT minor FROM held_total WHERE currency = 'EUR'")
    here = "held_total_differs held_total currency="
    db.sql("more held in all", f"{here}EUR column=minor wanted={total} met={total + 1}", "UPDATE held_total SET minor = minor + 1 WHERE currency = 'EUR'")
    db.sql("a sum taken out", f"{here}EUR column=minor wanted={total} met=0", "DELETE FROM held_total WHERE currency = 'EUR'")
    db.sql("a sum put in", f"{here}GBP column=minor wanted=0 met=5", "INSERT INTO held_total VALUES ('GBP', 5)")
    shown = db.row("SELECT b.subject, shown FROM balance b JOIN posting p ON p.account = b.subject AND p.seq > b.as_of GROUP BY b.subject HAVING sum(p.minor) <> 0 ORDER BY b.subject")
    here = f"balance subject={shown[0]}"
    db.sql("a balance shown", f"balance_differs {here} column=shown wanted={shown[1]} met={shown[1] + 1}", ("UPDATE balance SET shown = shown + 1 WHERE subject = ?", shown[0]))
    db.sql("the centre's balance", f"balance_differs {here} column=shown wanted={shown[1] - 3} met={shown[1]}", ("UPDATE balance SET central = central - 3 WHERE subject = ?", shown[0]))
    db.sql("up to where the centre counted", f"balance_differs {here} column=shown", ("UPDATE balance SET as_of = ? WHERE subject = ?", head, shown[0]))
    db.sql("a balance in another currency", f"balance_differs {here} column=currency met=GBP", ("UPDATE balance SET currency = 'GBP' WHERE subject = ?", shown[0]))
    db.sql("a balance taken out", f"balance_missing {here}", ("DELETE FROM balance WHERE subject = ?", shown[0]))
    asked, placement = db.row("SELECT seq, placement FROM ask WHERE open = 0 ORDER BY seq")
    db.sql("an ask opened again", f"ask_differs ask seq={asked} column=open wanted=0 met=1", ("UPDATE ask SET open = 1 WHERE seq = ?", asked))
    db.sql("an ask of another form", f"ask_differs ask seq={asked} column=placement", ("UPDATE ask SET placement = 1 - placement WHERE seq = ?", asked))
    db.sql("when it was asked", f"ask_differs ask seq={asked} column=at", ("UPDATE ask SET at = at + 1 WHERE seq = ?", asked))
    db.sql("an ask taken out", f"ask_missing ask seq={asked}", ("DELETE FROM ask WHERE seq = ?", asked))
    db.sql("an ask put in", f"ask_extra ask seq={seq}", ("INSERT INTO ask VALUES (?, 0, 0, 1)", seq))

    # Answers: one key, one effect.
    answer = json.loads(db.value("SELECT body FROM answer WHERE key = 'sale-1'"))
    of = "answer terminal=T1 key=sale-1"
    change = "UPDATE answer SET body = ? WHERE key = 'sale-1'"
    db.sql("an answer that says another amount", f"answer_differs {of} column=body.spent wanted={answer['spent']} met=1", (change, json.dumps(answer | {"spent": 1})))
    db.sql("an answer that says another due", f"answer_differs {of} column=body.due met=-5", (change, json.dumps(answer | {"due": -5})))
    db.sql("an answer with another id", f"answer_differs {of} column=body.id met=x", (change, json.dumps(answer | {"id": "x"})))
    db.sql("an answer with another receipt", f"answer_differs {of} column=body.receipt.number met=NIC1-99", (change, json.dumps(answer | {"receipt": {"number": "NIC1-99"}})))
    db.sql("an answer with another hash", f"answer_differs {of} column=body.entry.hash wanted={digest.hex()}",
           (change, json.dumps(answer | {"entry": {"seq": seq, "hash": "00" * 32}})))
    db.sql("an answer with another place", f"answer_differs {of} column=body.entry.seq wanted={seq} met={top}",
           (change, json.dumps(answer | {"entry": {"seq": top, "hash": digest.hex()}})))
    db.sql("an answer that is no JSON", f"answer_malformed {of} column=body", (change, db.value("SELECT body FROM answer WHERE key = 'sale-1'")[:-1]))
    db.sql("an answer with a list for an id", f"answer_differs {of} column=body.id met=array", (change, json.dumps(answer | {"id": [[["x"]]]})))
    db.sql("an answer that is very deep", f"answer_malformed {of} column=body", (change, json.dumps(answer)[:-1] + ',"id":' + deep + "}"))
    db.sql("an answer pointed elsewhere", f"answer_differs {of} column=seq wanted={seq} met={top}", ("UPDATE answer SET seq = ? WHERE key = 'sale-1'", top))
    db.sql("an answer that points to nothing", f"answer_differs {of} column=seq wanted={seq} met={head + 40}", ("UPDATE answer SET seq = ? WHERE key = 'sale-1'", head + 40))
    db.sql("an answer that points nowhere", f"answer_differs {of} column=seq wanted={seq} met=none", "UPDATE answer SET seq = NULL WHERE key = 'sale-1'")
    db.sql("an answer as a refusal", f"answer_differs {of} column=status met=422", "UPDATE answer SET status = 422 WHERE key = 'sale-1'")
    db.sql("an answer of another till", "answer_differs answer terminal=T9 key=sale-1 column=terminal wanted=T1 met=T9", "UPDATE answer SET terminal = 'T9' WHERE key = 'sale-1'")
    db.sql("when it was answered", f"answer_differs {of} column=at", "UPDATE answer SET at = at + 9999 WHERE key = 'sale-1'")
    db.sql("an answer taken out", f"answer_missing answer seq={seq}", "DELETE FROM answer WHERE key = 'sale-1'")
    db.sql("one effect under two keys", f"answer_shares_entry answer terminal=T1 key=sale-2 seq={seq}",
           "INSERT INTO answer SELECT terminal, 'sale-2', fingerprint, status, body, seq, at FROM answer WHERE key = 'sale-1'")
    db.sql("an answer's fingerprint", f"answer_malformed {of} column=fingerprint", "UPDATE answer SET fingerprint = x'00' WHERE key = 'sale-1'")
    refused = db.value("SELECT key FROM answer WHERE status = 422 ORDER BY key")
    db.sql("an answer of another status", f"answer_differs {of} column=status wanted=201 met=202", "UPDATE answer SET status = 202 WHERE key = 'sale-1'")
    for part in ("id", "spent", "due", "receipt"):
        where = "body.receipt.number" if part == "receipt" else f"body.{part}"
        db.sql(f"an answer without {part}", f"answer_differs {of} column={where} met=none", (change, json.dumps({k: v for k, v in answer.items() if k != part})))
    paid = [answer["allocations"][0] | {"amount": 1}, *answer["allocations"][1:]]
    db.sql("an answer that another lot paid", f"answer_differs {of} column=body.allocations", (change, json.dumps(answer | {"allocations": paid})))
    db.sql("a refusal of a till that is not", "answer_differs answer terminal=T9 column=terminal wanted=none met=T9", ("UPDATE answer SET terminal = 'T9' WHERE key = ?", refused))
    db.sql("a refusal of another status", f"answer_differs answer terminal=T1 key={refused} column=status wanted=422 met=423", ("UPDATE answer SET status = 423 WHERE key = ?", refused))
    db.sql("a refusal with an effect", f"answer_differs answer terminal=T1 key={refused} column=seq wanted=none met={seq}", ("UPDATE answer SET seq = ? WHERE key = ?", seq, refused))

    # Indexes, and what own entries left besides.
    ref, total = db.row("SELECT ref, total FROM operation WHERE seq = ?", seq)
    of = f"operation ref={ref}"
    db.sql("an operation's total", f"operation_differs {of} seq={seq} column=total wanted={total} met={total + 1}", ("UPDATE operation SET total = total + 1 WHERE ref = ?", ref))
    db.sql("an operation's receipt", f"operation_differs {of} column=receipt met=NIC1-99", ("UPDATE operation SET receipt = 'NIC1-99' WHERE ref = ?", ref))
    db.sql("an operation's wallet", f"operation_differs {of} column=wallet met=w9", ("UPDATE operation SET wallet = 'w9' WHERE ref = ?", ref))
    db.sql("an operation's ticket", f"operation_differs {of} column=ticket wanted=T-17 met=none", ("UPDATE operation SET ticket = NULL WHERE ref = ?", ref))
    db.sql("when it happened", f"operation_differs {of} column=at", ("UPDATE operation SET at = at + 9999 WHERE ref = ?", ref))
    db.sql("an operation taken out", f"operation_missing operation seq={seq}", ("DELETE FROM operation WHERE ref = ?", ref))
    db.sql("an operation put in", f"operation_without_entry operation ref=made-up seq={head + 3}",
           ("INSERT INTO operation SELECT 'made-up', kind, ?, purchase, NULL, terminal, NULL, wallet, total, at FROM operation WHERE ref = ?", head + 3, ref))
    given_back = db.value("SELECT ref FROM operation WHERE kind = 'refund' AND purchase = ?", ref)
    db.sql("a refund of another purchase", f"operation_differs operation ref={given_back} column=purchase wanted={ref} met=x",
           ("UPDATE operation SET purchase = 'x' WHERE ref = ?", given_back))
    meta = "UPDATE meta SET value = ? WHERE key = ?"
    db.sql("the generation", "meta_differs meta key=generation column=value wanted=1 met=7", (meta, 7, "generation"))
    receipts = db.value("SELECT value FROM meta WHERE key = 'receipt_number'")
    db.sql("the last receipt", f"meta_differs meta key=receipt_number wanted={receipts} met=3", (meta, 3, "receipt_number"))
    db.sql("more acknowledged than there is", f"tail_missing entry seq={head + 1} to={head + 30} known_by=acked_seq", (meta, head + 30, "acked_seq"))
    fact = db.row("SELECT kind, id, body FROM fact WHERE kind = 'pool' ORDER BY id")
    db.sql("a fact", f"document_malformed fact kind=pool id={fact[1]} column=body", ("UPDATE fact SET body = ? WHERE kind = 'pool' AND id = ?", fact[2][:-1], fact[1]))
    tried = db.value("SELECT pass FROM pin_tries ORDER BY pass")
    db.sql("tries below nothing", f"pin_differs pin_tries pass={tried} column=wrong met=-2", ("UPDATE pin_tries SET wrong = -2 WHERE pass = ?", tried))
    offer = db.row("SELECT purchase, offer, wallet FROM award ORDER BY purchase")
    db.sql("an award of another wallet", f"award_differs award purchase={offer[0]} offer={offer[1]} column=wallet wanted={offer[2]} met=w9", "UPDATE award SET wallet = 'w9' WHERE purchase = "
           f"'{offer[0]}'")
    db.sql("an award for nothing", "award_without_purchase award purchase=none offer=welcome", "INSERT INTO award VALUES ('none', 'welcome', 'c1', 'w1')")
    done = db.row("SELECT wallet, kind, seq, amount FROM activity_own WHERE kind = 'debit' ORDER BY seq DESC")
    of = f"activity_own wallet={done[0]} kind=debit seq={done[2]}"
    db.sql("what a wallet spent", f"activity_differs {of} column=amount wanted={done[3]} met=1", ("UPDATE activity_own SET amount = 1 WHERE seq = ?", done[2]))
    db.sql("how often a wallet spent", f"activity_differs {of} column=count wanted=1 met=5", ("UPDATE activity_own SET count = 5 WHERE seq = ?", done[2]))
    away = db.row("SELECT ref, body FROM elsewhere WHERE n = 0")
    db.sql("another venue's purchase", f"body_malformed elsewhere ref={away[0]} column=body", ("UPDATE elsewhere SET body = ? WHERE ref = ?", away[1][:-1], away[0]))
    told = db.row("SELECT pass, seq, wrong FROM pin_told ORDER BY pass")
    db.sql("tries told", f"pin_differs pin_told pass={told[0]} column=wrong wanted={told[2]} met=9", ("UPDATE pin_told SET wrong = 9 WHERE pass = ? AND seq = ?", told[0], told[1]))
    sold = db.row("SELECT pass, seq, state, value FROM pass_local ORDER BY pass")
    of = f"pass_local pass={sold[0]} seq={sold[1]}"
    db.sql("a pass's state", f"pass_differs {of} column=state wanted={sold[2]} met=blocked", ("UPDATE pass_local SET state = 'blocked' WHERE pass = ?", sold[0]))
    db.sql("a pass's value", f"pass_differs {of} column=value wanted={sold[3]} met=1", ("UPDATE pass_local SET value = 1 WHERE pass = ?", sold[0]))
    db.sql("a redemption that was not", f"pass_differs {of} column=redeemed_at wanted=none met=7", ("UPDATE pass_local SET redeemed_at = 7 WHERE pass = ?", sold[0]))
    with_ledger = ["--key", given.certificate, given.ledger]

    # What only another entry, or the centre, takes away again.
    alarm, reason = db.row("SELECT seq, detail FROM exception WHERE code = 'clock_untrusted' ORDER BY seq")
    db.sql("an alarm that nobody sees", f"exception_missing exception seq={alarm}", ("DELETE FROM exception WHERE seq = ?", alarm))
    db.sql("an alarm of nothing", f"exception_missing exception seq={alarm}", ("UPDATE exception SET seq = NULL WHERE seq = ?", alarm))
    db.sql("an alarm's text", f"exception_differs exception column=detail wanted={quoted(reason)} met=nothing", ("UPDATE exception SET detail = 'nothing' WHERE seq = ?", alarm))
    db.sql("an alarm closed without a reason", "exception_differs exception column=closed_at", ("UPDATE exception SET closed_at = at WHERE seq = ?", alarm))
    db.sql("when it was told", "exception_differs exception column=at", ("UPDATE exception SET at = at + 99999 WHERE seq = ?", alarm))
    db.sql("an award taken out", f"award_missing award purchase={offer[0]} offer={offer[1]}", ("DELETE FROM award WHERE purchase = ?", offer[0]))
    db.sql("an award of somebody else", f"award_differs award purchase={offer[0]} column=party met=c9", ("UPDATE award SET party = 'c9' WHERE purchase = ?", offer[0]))
    tries = entry_of(db, "pin_unlocked")[0]
    unlocked = entries.decode(entry_of(db, "pin_unlocked")[1])["detail"]["pass"]
    db.sql("tries taken out", f"pin_missing pin_tries pass={unlocked}", ("DELETE FROM pin_tries WHERE pass = ?", unlocked))
    db.sql("a wallet's activity as another's", f"activity_differs activity_own wallet=w9 seq={done[2]} column=wallet wanted={done[0]} met=w9", ("UPDATE activity_own SET wallet = 'w9' WHERE seq = ?", done[2]))
    db.sql("a debit as a credit", f"activity_differs activity_own kind=credit seq={done[2]} column=kind wanted=debit met=credit", ("UPDATE activity_own SET kind = 'credit' WHERE seq = ?", done[2]))
    db.sql("another business's activity", f"activity_differs activity_own seq={done[2]} column=business met=x", ("UPDATE activity_own SET business = 'x' WHERE seq = ?", done[2]))
    db.sql("a wallet's activity taken out", f"activity_missing activity_own seq={done[2]}", ("DELETE FROM activity_own WHERE seq = ?", done[2]), words=with_ledger)
    db.sql("a pass's state taken out", f"pass_missing {of}", ("DELETE FROM pass_local WHERE pass = ?", sold[0]), words=with_ledger)
    db.sql("tries told taken out", f"pin_missing pin_told pass={told[0]} seq={told[1]}", ("DELETE FROM pin_told WHERE seq = ?", told[1]), words=with_ledger)
    db.sql("another venue's purchase taken out", f"right_missing right_was_away purchase={away[0]}", ("DELETE FROM elsewhere WHERE ref = ?", away[0]))
    changed = entries.encode(entries.decode(away[1]) | {"nonce": bytes(16)})
    db.sql("another venue's purchase changed", f"elsewhere_differs elsewhere ref={away[0]} column=body", ("UPDATE elsewhere SET body = ? WHERE ref = ?", changed, away[0]), words=with_ledger)
    db.sql("a right that never came", "right_extra right_was_away purchase=none", "INSERT INTO right_was_away VALUES ('none')")

    # The cache's indexes, the clock, the database itself.
    lot, owner = db.row("SELECT lot, wallet FROM wallet_lot ORDER BY lot")
    db.sql("a lot of another wallet", f"wallet_lot_differs wallet_lot lot={lot} column=wallet wanted={owner} met=w9", ("UPDATE wallet_lot SET wallet = 'w9' WHERE lot = ?", lot))
    db.sql("a lot of no wallet", f"wallet_lot_missing wallet_lot lot={lot} wallet={owner}", ("DELETE FROM wallet_lot WHERE lot = ?", lot))
    db.sql("a lot of two wallets", f"wallet_lot_extra wallet_lot lot={lot} wallet=zz", ("INSERT INTO wallet_lot VALUES ('zz', ?)", lot))
    hmac, found = db.row("SELECT hex(hmac), id FROM lookup WHERE what = 'phone' ORDER BY hmac")
    db.sql("a phone of nobody", f"lookup_without_fact lookup hmac={hmac} kind=wallet id={found}x", "UPDATE lookup SET id = id || 'x' WHERE hex(hmac) = '" + hmac + "'")
    db.sql("a phone of a pass", f"lookup_differs lookup hmac={hmac} column=what met=code", "UPDATE lookup SET what = 'code' WHERE hex(hmac) = '" + hmac + "'")
    db.sql("a pool under another id", f"fact_differs fact kind=pool column=id wanted={fact[1]} met=x", ("UPDATE fact SET id = 'x' WHERE kind = 'pool' AND id = ?", fact[1]))
    db.sql("a clock that is trusted", "clock_differs clock column=trusted wanted=0 met=1", "UPDATE clock SET trusted = 1")
    db.sql("a stamp that no entry has", "clock_differs clock column=stamp", "UPDATE clock SET stamp = stamp + 9999999")
    db.sql("a second clock", "clock_extra clock column=one met=2", "INSERT INTO clock SELECT 2, boot_id, boot, system, taken, trusted, seen, stamp FROM clock")
    db.sql("no clock", "clock_missing clock", "DELETE FROM clock")
    db.sql("another venue", "meta_differs meta key=venue column=value wanted=nic met=paf", (meta, "paf", "venue"))
    db.sql("no business", "meta_differs meta key=business wanted=kafeneio met=none", "DELETE FROM meta WHERE key = 'business'")
    db.sql("more acknowledged than was booked", f"meta_differs meta key=acked_seq column=value wanted={acked} met={acked + 1}", (meta, acked + 1, "acked_seq"), words=with_ledger)

    # The file itself.
    db.sql("a trigger", "schema_foreign sqlite_schema type=trigger name=quiet", "CREATE TRIGGER quiet AFTER INSERT ON entry BEGIN DELETE FROM held; END")
    db.sql("a table gone", "table_missing right_was_away", "DROP TABLE right_was_away")
    db.apart("an index that lacks a row", "index_damaged sqlite_schema name=ask_open",
             lambda c: [c.execute("PRAGMA writable_schema = 1"), c.execute("UPDATE sqlite_schema SET sql = 'CREATE INDEX ask_open ON ask (seq) WHERE open = 0' WHERE name = 'ask_open'")])
    copy = given.copy(given.agent)
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as c:
        for table in ("entry", "posting", "head_signature", "ask", "operation", "answer"):
            c.execute(f"DELETE FROM {table} WHERE seq > ?", [acked - 1])
        c.execute("UPDATE meta SET value = ? WHERE key = 'acked_seq'", [acked - 1])
    lines = [line for line in given.audit(copy, *with_ledger)[1] if line.startswith("tail_missing")]
    same(len(lines), 1, f"the ledger knows of an end that was cut off without a trace: {lines}")
    db.done(125)


def every_corruption_of_a_ledgers_database_is_named(folder):
    given = files(folder)
    db = Database(given, given.ledger)
    h = db.value("SELECT h FROM holder WHERE name = 'NIC1'")
    other = db.value("SELECT h FROM holder WHERE name = 'LIM1'")
    of_h = f"AND h = '{h}'"
    head, head_hash = db.row("SELECT head_seq, head_hash FROM holder WHERE h = ?", h)
    seq, body, digest = entry_of(db, "purchase", 0, of_h)
    top, _, top_hash = entry_of(db, "top_up", 0, of_h)
    at = f"h={h} seq={seq}"

    # Chains.
    flips = f"UPDATE entry SET body = ? WHERE seq = ? {of_h}"
    db.sql("a bit in a body", f"hash_differs entry {at} column=body wanted={digest.hex()}", (flips, flipped(body), seq))
    db.sql("a bit in a hash", f"hash_differs entry {at} column=hash wanted={digest.hex()}", (f"UPDATE entry SET hash = ? WHERE seq = ? {of_h}", flipped(digest), seq))
    db.sql("a kind's label", f"kind_differs entry {at} column=kind wanted=purchase met=top_up", (f"UPDATE entry SET kind = 'top_up' WHERE seq = ? {of_h}", seq))
    db.sql("an entry taken out", f"seq_missing entry {at}", (f"DELETE FROM entry WHERE seq = ? {of_h}", seq))
    db.sql("the last entries taken out", f"tail_missing entry h={h} seq={head - 1} to={head} known_by=holder.head_seq", (f"DELETE FROM entry WHERE seq > ? {of_h}", head - 2))
    foreign = entries.encode(entries.decode(body) | {"device": other})
    db.sql("an entry of another device", f"device_differs entry {at} column=body.device wanted={h} met={other}",
           (f"UPDATE entry SET body = ?, hash = ? WHERE seq = ? {of_h}", foreign, entries.hash_of(foreign), seq))
    changed = entries.encode(entries.decode(body) | {"nonce": bytes(16)})
    db.sql("an entry replaced by one that hashes well", f"chain_broken entry h={h} seq={seq + 1} column=body.prev",
           (f"UPDATE entry SET body = ?, hash = ? WHERE seq = ? {of_h}", changed, entries.hash_of(changed), seq))
    db.sql("two entries for one place", [f"fork_untold holder h={h} entries=1", f"entry_twice entry {at} branch=1"],
           (f"INSERT INTO entry SELECT h, seq, hash, 'x', body, 1, booked_at FROM entry WHERE seq = ? {of_h}", seq))

    # Devices.
    db.sql("a head's place", f"head_differs holder h={h} column=head_seq wanted={head} met={head - 4}", ("UPDATE holder SET head_seq = head_seq - 4 WHERE h = ?", h))
    db.sql("a head's hash", f"head_differs holder h={h} column=head_hash wanted={head_hash.hex()}", ("UPDATE holder SET head_hash = zeroblob(32) WHERE h = ?", h))
    db.sql("another's key", f"key_differs holder h={h} column=public_key", ("UPDATE holder SET public_key = (SELECT public_key FROM holder WHERE h = ?) WHERE h = ?", other, h))
    db.sql("another's certificate", [f"key_differs holder h={h} column=certificate", f"holder_differs holder h={h} column=venue wanted=lim met=nic"],
           ("UPDATE holder SET certificate = (SELECT certificate FROM holder WHERE h = ?) WHERE h = ?", other, h))
    db.sql("no certificate", f"certificate_malformed holder h={h}", ("UPDATE holder SET certificate = 'none' WHERE h = ?", h))
    db.sql("another venue", f"holder_differs holder h={h} column=venue wanted=nic met=paf", ("UPDATE holder SET venue = 'paf' WHERE h = ?", h))
    db.sql("a status that there is not", f"holder_differs holder h={h} column=status met=trusted", ("UPDATE holder SET status = 'trusted' WHERE h = ?", h))
    db.sql("a later generation reported", [f"head_differs holder h={h} column=reported_generation wanted=1 met=3", "meta_differs meta key=recovery column=value wanted=1 met=0"], ("UPDATE holder SET reported_generation = 3 WHERE h = ?", h))

    # Double entry.
    transfer = db.value("SELECT id FROM transfer WHERE holder = ? AND seq = ?", h, seq)
    n, account, minor = db.row("SELECT n, account, minor FROM posting WHERE transfer = ? AND currency = 'EUR' ORDER BY n", transfer)
    row = f"transfer={transfer} h={h} seq={seq} n={n} account={account}"
    where = "WHERE transfer = ? AND n = ?"
    db.sql("a posting's amount", f"posting_differs posting {row} column=minor wanted={minor} met={minor - 1}", (f"UPDATE posting SET minor = minor - 1 {where}", transfer, n))
    db.sql("a posting's account", f"posting_differs posting {row} column=account met=sale:sea", (f"UPDATE posting SET account = 'sale:sea' {where}", transfer, n))
    db.sql("a posting taken out", f"posting_missing posting {row} wanted={minor}", (f"DELETE FROM posting {where}", transfer, n))
    db.sql("a posting put in", f"posting_extra posting transfer={transfer} n=50 account=sale:nic", ("INSERT INTO posting VALUES (?, 50, 'sale:nic', 1, 'EUR')", transfer))
    central = db.value("SELECT id FROM transfer WHERE holder IS NULL ORDER BY id")
    n2, account2, minor2 = db.row("SELECT n, account, minor FROM posting WHERE transfer = ? ORDER BY n", central)
    db.sql("a posting of the centre", f"posting_differs posting transfer={central} n={n2} account={account2} column=minor wanted={minor2} met={minor2 + 9}",
           (f"UPDATE posting SET minor = minor + 9 {where}", central, n2))
    db.sql("a transfer's source", f"transfer_differs transfer transfer={transfer} column=source wanted=purchase met=refund", ("UPDATE transfer SET source = 'refund' WHERE id = ?", transfer))
    db.sql("a transfer's moment", f"transfer_differs transfer transfer={transfer} column=at", ("UPDATE transfer SET at = at + 1 WHERE id = ?", transfer))
    db.sql("a transfer of nothing", f"transfer_without_entry transfer id=99999 h={h} seq={head + 8}", ("INSERT INTO transfer VALUES (99999, 1, 'purchase', ?, ?, 0, NULL)", h, head + 8))
    db.sql("a transfer of another branch", [f"transfer_missing transfer {at}", f"transfer_without_entry transfer id={transfer} {at}"], ("UPDATE transfer SET branch = 7 WHERE id = ?", transfer))
    asking, asked_body, _ = entry_of(db, "authority_asked", 0, of_h)
    db.sql("a transfer of an entry that moves nothing", f"transfer_without_effect transfer transfer=99999 h={h} seq={asking}",
           ("INSERT INTO transfer VALUES (99999, ?, 'authority_asked', ?, ?, 0, '')", entries.decode(asked_body)["wall"], h, asking))
    db.sql("a transfer of the centre as an entry's", f"transfer_differs transfer transfer={central} column=seq wanted=none met=7", ("UPDATE transfer SET seq = 7 WHERE id = ?", central))
    account3, sum3 = db.row("SELECT account, minor FROM account WHERE account LIKE 'sale:%' ORDER BY account")
    of = f"account account={account3} currency=EUR"
    db.sql("a total", f"account_differs {of} column=minor wanted={sum3} met={sum3 + 1000}", ("UPDATE account SET minor = minor + 1000 WHERE account = ?", account3))
    db.sql("a total taken out", f"account_missing {of} wanted={sum3}", ("DELETE FROM account WHERE account = ?", account3))
    db.sql("a total of nothing", "account_extra account account=sale:moon currency=EUR met=5", "INSERT INTO account VALUES ('sale:moon', 'EUR', 5)")

    # Where value lies.
    subject, centre = db.row("SELECT subject, centre FROM subject WHERE centre > 0 AND currency = 'EUR' ORDER BY subject")
    of = f"subject subject={subject}"
    db.sql("more at the centre", f"centre_differs {of} column=centre wanted={centre} met={centre + 1}", ("UPDATE subject SET centre = centre + 1 WHERE subject = ?", subject))
    db.sql("less than nothing at the centre", f"centre_differs {of} column=centre met=-10", ("UPDATE subject SET centre = -10 WHERE subject = ?", subject))
    db.sql("a loss that nobody told", f"loss_differs {of} column=loss wanted=0 met=70", ("UPDATE subject SET loss = 70 WHERE subject = ?", subject))
    db.sql("a debt that nobody made", f"owed_differs {of} column=owed wanted=0 met=70", ("UPDATE subject SET owed = 70 WHERE subject = ?", subject))
    db.sql("a debt that nobody paid", f"owed_differs {of} column=repaid wanted=0 met=70", ("UPDATE subject SET repaid = 70 WHERE subject = ?", subject))
    db.sql("a risk that nobody took", f"at_risk_extra at_risk seq=1 subject={subject} h={h}", ("INSERT INTO at_risk VALUES (?, 1, ?, 5, 'w', 0)", h, subject))
    db.sql("a subject taken out", f"subject_missing {of} value={centre}", ("DELETE FROM subject WHERE subject = ?", subject))
    mine, held = db.row("SELECT subject, minor FROM held WHERE h = ? AND minor > 0 ORDER BY subject", h)
    of = f"held h={h} subject={mine}"
    db.sql("more held", f"held_differs {of} column=minor wanted={held} met={held + 5}", ("UPDATE held SET minor = minor + 5 WHERE h = ? AND subject = ?", h, mine))
    db.sql("less than nothing held", f"held_differs {of} column=minor wanted={held} met=-5", ("UPDATE held SET minor = -5 WHERE h = ? AND subject = ?", h, mine))
    db.sql("held taken out", f"held_missing {of} wanted={held}", ("DELETE FROM held WHERE h = ? AND subject = ?", h, mine))
    db.sql("held by somebody else", [f"held_missing {of} wanted={held}", f"held_differs held h={other} subject={mine} column=minor wanted=0 met={held}"],
           ("UPDATE held SET h = ? WHERE h = ? AND subject = ?", other, h, mine))
    db.sql("suspense of a device that works", f"suspense_differs suspense h={h} subject={mine} column=minor wanted=0 met=40", ("INSERT INTO suspense VALUES (?, ?, 40)", h, mine))

    # What is found by something else than its id.
    lot, owner = db.row("SELECT lot, wallet FROM wallet_lot ORDER BY lot")
    db.sql("a lot of another wallet", f"wallet_lot_differs wallet_lot lot={lot} column=wallet wanted={owner} met=w9", ("UPDATE wallet_lot SET wallet = 'w9' WHERE lot = ?", lot))
    db.sql("a lot of no wallet", f"wallet_lot_missing wallet_lot lot={lot} wallet={owner}", ("DELETE FROM wallet_lot WHERE lot = ?", lot))
    db.sql("a lot of two wallets", f"wallet_lot_extra wallet_lot lot={lot} wallet=w9", ("INSERT INTO wallet_lot VALUES ('w9', ?)", lot))
    opener, opened = db.row("SELECT pass, wallet FROM opened_wallet ORDER BY pass")
    db.sql("a pass that opens another's wallet", f"opened_wallet_differs opened_wallet pass={opener} column=wallet met=w9", ("UPDATE opened_wallet SET wallet = 'w9' WHERE pass = ?", opener))
    db.sql("a pass that opens nothing", f"opened_wallet_missing opened_wallet pass={opener} wallet={opened}", ("DELETE FROM opened_wallet WHERE pass = ?", opener))
    contact, mine = db.row("SELECT contact, wallet FROM contact_wallet WHERE contact NOT IN (SELECT party FROM offer_use) ORDER BY contact")
    db.sql("a contact without a wallet", f"contact_wallet_missing contact_wallet contact={contact} wallet={mine}", ("DELETE FROM contact_wallet WHERE contact = ?", contact))
    db.sql("a wallet of nobody", f"contact_wallet_extra contact_wallet contact=nobody wallet={mine}", ("INSERT INTO contact_wallet VALUES ('nobody', ?)", mine))
    db.sql("a wallet that is gone", f"fact_differs fact kind=wallet id={mine} column=gone wanted=0 met=1", ("UPDATE fact SET gone = 1 WHERE kind = 'wallet' AND id = ?", mine))
    code = db.value("SELECT pass FROM pass_secret WHERE pin_verifier IS NOT NULL ORDER BY pass")
    of = f"pass_secret pass={code}"
    db.sql("a pass of another plan", f"secret_differs {of} column=plan met=x", ("UPDATE pass_secret SET plan = 'x' WHERE pass = ?", code))
    db.sql("a PIN that is locked here alone", f"secret_differs {of} column=pin_locked wanted=0 met=1", ("UPDATE pass_secret SET pin_locked = 1 WHERE pass = ?", code))
    db.sql("more wrong PINs than are tried", f"secret_differs {of} column=wrong_pins wanted=0 met=4", ("UPDATE pass_secret SET wrong_pins = 4 WHERE pass = ?", code))
    db.sql("another PIN", f"secret_differs {of} column=pin_verifier met=x", ("UPDATE pass_secret SET pin_verifier = 'x' WHERE pass = ?", code))
    db.sql("a pass without a code", f"secret_missing {of}", ("DELETE FROM pass_secret WHERE pass = ?", code))
    sold = entry_of(db, "pass_issued", 0, of_h)[0]
    db.sql("an issue taken out", f"operation_missing operation h={h} seq={sold} kind=issue",
           "DELETE FROM operation WHERE kind = 'issue' AND purchase = (SELECT min(purchase) FROM operation WHERE kind = 'issue')")
    purchase, offer, party = db.row("SELECT purchase, offer, party FROM offer_use ORDER BY purchase")
    of = f"offer_use purchase={purchase} offer={offer}"
    db.sql("a use taken out", f"offer_use_missing {of}", ("DELETE FROM offer_use WHERE purchase = ?", purchase))
    db.sql("a use of somebody else", f"offer_use_differs {of} column=party met=c29", ("UPDATE offer_use SET party = 'c29' WHERE purchase = ?", purchase))
    pool = db.value("SELECT min(pool) FROM pool_version")
    db.sql("a version taken out", f"version_missing pool_version pool={pool} version=1", ("DELETE FROM pool_version WHERE pool = ?", pool))
    db.sql("a generation of nothing", "meta_differs meta key=generation met=0", "UPDATE meta SET value = 0 WHERE key = 'generation'", )
    db.sql("no word of a recovery", "meta_differs meta key=recovery met=none", "DELETE FROM meta WHERE key = 'recovery'")
    db.sql("a recovery that waits for nobody", "meta_differs meta key=recovery column=value wanted=0 met=1", "UPDATE meta SET value = 1 WHERE key = 'recovery'")
    db.sql("grants while somebody is awaited", "meta_differs meta key=recovery column=value wanted=1 met=0", ("INSERT INTO recovery_holder (h, state, listed) VALUES (?, 'awaited', 'active')", h))
    db.sql("grants after a later ledger was seen", "meta_differs meta key=recovery column=value wanted=1 met=0", "INSERT INTO meta (key, value) VALUES ('generation_seen', 9)")
    db.sql("a revoked device whose door is open", f"holder_differs holder h={h} column=revoked wanted=1 met=0", ("UPDATE holder SET status = 'revoked' WHERE h = ?", h))
    db.sql("nobody's recovery", "reference_missing recovery_holder parent=holder rows=1", "INSERT INTO recovery_holder (h, state, listed) VALUES ('nobody', 'excepted', 'active')")
    db.sql("a generation that was not reported", f"head_differs holder h={h} column=reported_generation wanted=1 met=0", ("UPDATE holder SET reported_generation = 0 WHERE h = ?", h))
    db.sql("a device quarantined for nothing", f"holder_differs holder h={h} column=status wanted=active met=quarantined", ("UPDATE holder SET status = 'quarantined' WHERE h = ?", h))

    # Asks.
    line = "SELECT a.h, l.seq, l.subject, l.wanted FROM ask a JOIN ask_line l ON l.h = a.h AND l.seq = a.seq WHERE a.state = ? ORDER BY a.h, a.seq"
    live, wish, subject, wanted = db.row(line, "open")
    of = f"ask_line h={live} seq={wish} subject={subject}"
    where = f"WHERE h = '{live}' AND seq = {wish} AND subject = '{subject}'"
    db.sql("a wish taken out", f"ask_line_missing {of} wanted={wanted}", f"DELETE FROM ask_line {where}")
    db.sql("a greater wish", f"ask_line_differs {of} column=wanted wanted={wanted} met={wanted + 1}", f"UPDATE ask_line SET wanted = wanted + 1 {where}")
    live, wish, subject, wanted = db.row(line, "granted")
    of = f"ask_line h={live} seq={wish} subject={subject}"
    where = f"WHERE h = '{live}' AND seq = {wish} AND subject = '{subject}'"
    lies = [f"held_differs held h={live} subject={subject} column=minor", f"centre_differs subject subject={subject} column=centre"]
    db.sql("a grant taken out", [f"ask_line_missing {of} wanted={wanted}", *lies], f"DELETE FROM ask_line {where}")
    db.sql("a grant of more than was asked", [f"ask_line_differs {of} column=granted wanted={wanted} met={wanted + 1}", *lies], f"UPDATE ask_line SET granted = granted + 1 {where}")
    asked = db.value("SELECT seq FROM ask WHERE h = ? AND state = 'closed' ORDER BY seq", h)
    of = f"ask h={h} seq={asked}"
    where = f"WHERE seq = {asked} {of_h}"
    db.sql("an ask granted again", f"ask_differs {of} column=state wanted=closed met=granted", f"UPDATE ask SET state = 'granted' {where}")
    db.sql("an ask of another form", f"ask_differs {of} column=placement", f"UPDATE ask SET placement = 1 - placement {where}")
    db.sql("an ask's hash", f"ask_differs {of} column=hash", f"UPDATE ask SET hash = zeroblob(32) {where}")
    db.sql("an ask taken out", f"ask_missing {of}", f"DELETE FROM ask {where}")
    db.sql("an ask put in", f"ask_extra ask h={h} seq={seq}", ("INSERT INTO ask VALUES (?, ?, 'closed', 0, zeroblob(32), 9999)", h, seq))
    db.sql("a line of an ask that is closed", f"ask_line_extra ask_line h={h} seq={asked} subject={mine}", ("INSERT INTO ask_line VALUES (?, ?, ?, 5, 5)", h, asked, mine))

    # Indexes, facts, answers, exceptions.
    ref = db.value("SELECT ref FROM operation WHERE h = ? AND seq = ?", h, seq)
    of = f"operation ref={ref} h={h} seq={seq}"
    db.sql("an operation of another kind", f"operation_differs {of} column=kind wanted=purchase met=void", ("UPDATE operation SET kind = 'void' WHERE ref = ?", ref))
    db.sql("an operation of another entry", f"operation_differs {of} column=seq met={top}", ("UPDATE operation SET seq = ? WHERE ref = ?", top, ref))
    db.sql("an operation taken out", f"operation_missing {of}", ("DELETE FROM operation WHERE ref = ?", ref))
    db.sql("an operation put in", f"operation_without_entry operation ref=made-up h={h} seq={head + 7}", ("INSERT INTO operation VALUES ('made-up', 'purchase', ?, ?, NULL, 1)", h, head + 7))
    back = db.row("SELECT ref, purchase FROM operation WHERE kind = 'refund' ORDER BY ref")
    db.sql("the order of refunds", f"operation_order operation purchase={back[1]} column=booked", ("UPDATE operation SET booked = 5 WHERE ref = ?", back[0]))
    db.sql("a pass issued that is not", ["issue_without_pass operation pass=none", "operation_missing operation kind=issue"], "UPDATE operation SET purchase = 'none' WHERE ref = (SELECT min(ref) FROM operation WHERE kind = 'issue')")
    pool, fact = db.row("SELECT id, body FROM fact WHERE kind = 'pool' ORDER BY id")
    db.sql("a fact", f"document_malformed fact kind=pool id={pool} column=body", ("UPDATE fact SET body = ? WHERE kind = 'pool' AND id = ?", fact[:-1], pool))
    db.sql("an old version", f"document_malformed pool_version pool={pool} version=1", ("UPDATE pool_version SET body = x'ff' WHERE pool = ?", pool))
    db.sql("a fact that no venue hears of", f"change_missing change kind=pool id={pool}", ("DELETE FROM change WHERE kind = 'pool' AND id = ?", pool))
    db.sql("a change of nothing", "change_extra change kind=plan id=none", "INSERT INTO change (business, kind, id) VALUES ('kafeneio', 'plan', 'none')")
    user, key = db.row("SELECT user, key FROM answer ORDER BY user, key")
    of = f"answer user={quoted(user)} key={key}"
    db.sql("an answer that is very deep", f"answer_malformed {of} column=body", ("UPDATE answer SET status = 422, body = ? WHERE key = ?", '{"status":' + deep + "}", key))
    db.sql("an answer that is no JSON", f"answer_malformed answer user={quoted(user)} key={key} column=body", ("UPDATE answer SET body = '{' WHERE key = ?", key))
    db.sql("an answer of another status", f"answer_differs answer user={quoted(user)} key={key} column=status met=202", ("UPDATE answer SET status = 202 WHERE key = ?", key))
    for table in ("opened_wallet", "contact_wallet", "offer_code", "admin_token", "enrolment_token"):
        db.sql(f"{table} gone", f"table_missing {table}", f"DROP TABLE {table}")
    db.sql("an exception about nothing", f"exception_without_entry exception id=e exception=overdrawn h={h} seq={head + 2}",
           ("INSERT INTO exception (id, at, code, detail, owner, h, seq) VALUES ('e', 1, 'overdrawn', 'x', 'x', ?, ?)", h, head + 2))
    wallet, count = db.row("SELECT wallet, sum(count) FROM activity WHERE kind = 'debit' GROUP BY wallet HAVING sum(count) > 0 ORDER BY wallet")
    db.sql("how often a wallet spent", f"activity_differs activity wallet={wallet} kind=debit column=count wanted={count}",
           ("UPDATE activity SET count = count + 1 WHERE wallet = ? AND kind = 'debit' AND day = (SELECT min(day) FROM activity WHERE wallet = ? AND kind = 'debit')", wallet, wallet))
    purchase, offer = db.row("SELECT purchase, offer FROM offer_use ORDER BY purchase")
    db.sql("an award for nothing", f"award_without_purchase offer_use purchase=none offer={offer}", ("INSERT INTO offer_use VALUES ('none', ?, 'c1')", offer))
    top_wallet = db.value("SELECT wallet FROM activity WHERE kind = 'top_up' ORDER BY wallet")
    db.sql("how much came in", f"activity_differs activity wallet={top_wallet} kind=top_up column=amount", ("UPDATE activity SET amount = amount - 1 WHERE wallet = ? AND kind = 'top_up'", top_wallet))
    db.sql("a view", "schema_foreign sqlite_schema type=view name=v", "CREATE VIEW v AS SELECT 1")
    db.done(85)


def a_ledger_that_lost_money_says_so_itself(folder):
    """A device is written off while it holds what it has not told of; what it tells later is booked as loss, and that is in order."""
    system = System(build, folder, free_ports(12), small_data(), ["nic", "lim"], {"authority": {"budget_ms": 5000}})
    with system:
        lim = system.agents[1]
        there = lim.http()
        lim.link("down")
        for wallet in ("w2", "w5"):
            there.post("/v1/purchases", {"wallet": {"id": wallet}, "basket": BASKET})
        there.post("/v1/wallets/w2/top-ups", {"amount": 800, "tender": "cash"})
        seq = lim.status()["journal"]["seq"]
        device = next(d for d in system.admin.get("/admin/v1/devices")["items"] if d["name"] == "LIM1")["id"]
        written = system.admin.post(f"/admin/v1/devices/{device}/write-off", {"reason": "stolen"})["written_off"]
        true(written and written[0]["amount"] > 0, f"money was written off: {written}")
        lim.link("up")
        end = time.monotonic() + 20
        while True:
            codes = {e["code"] for e in system.admin.get("/admin/v1/exceptions")["items"]}
            if {"written_off", "late_entry", "overdrawn"} <= codes:
                break
            true(time.monotonic() < end, f"entry {seq} arrives late and is told as such: {codes}")
            time.sleep(0.05)
        code = next(e["id"] for e in system.admin.get("/admin/v1/exceptions")["items"] if e["code"] == "written_off")
        system.admin.post(f"/admin/v1/exceptions/{code}/close", {"reason": "insured"})
    ledger = system.ledger_folder / "ledger.db"
    agents = [next((a.folder / "state").glob("*.db")) for a in system.agents]
    audit = functools.partial(subprocess.run, capture_output=True, text=True, timeout=120)
    got = audit([build / "obol-audit", ledger, *agents])
    same(got.returncode, 0, f"all three: {got.stdout}{got.stderr}")
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        subject = db.execute("SELECT subject FROM suspense WHERE minor > 0 AND subject NOT LIKE 'right:%' ORDER BY subject").fetchone()[0]
        db.execute("UPDATE suspense SET minor = minor + 1000000 WHERE subject = ?", [subject])
    findings = findings_of(audit([build / "obol-audit", ledger]).stdout.splitlines())
    check_named("more in suspense than was written off", findings, [f"suspense_differs suspense h={device} currency=EUR column=minor"])
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        db.execute("UPDATE suspense SET minor = minor - 1000000 WHERE subject = ?", [subject])
        lost = db.execute("SELECT subject FROM subject WHERE loss <> 0 ORDER BY subject").fetchone()[0]
        db.execute("UPDATE subject SET loss = loss - 1 WHERE subject = ?", [lost])
    findings = findings_of(audit([build / "obol-audit", ledger]).stdout.splitlines())
    check_named("a loss that was changed", findings, [f"subject_unbalanced subject subject={lost} column=centre"])
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        db.execute("UPDATE subject SET loss = loss + 1 WHERE subject = ?", [lost])
        db.execute("UPDATE suspense SET minor = 0")
    same(findings_of(audit([build / "obol-audit", ledger]).stdout.splitlines()), [], "all that was in suspense has been accounted for")
    with contextlib.closing(sqlite3.connect(ledger, isolation_level=None)) as db:
        db.execute("UPDATE holder SET status = 'active' WHERE h = ?", [device])
    findings = findings_of(audit([build / "obol-audit", ledger]).stdout.splitlines())
    check_named("a device that was written off and works", findings, [f"holder_differs holder h={device} column=status wanted=written_off met=active"])


def a_ledger_that_was_lied_to_says_so_itself(folder):
    """A device's key in a forger's hands: what does not follow, what cannot be read, a second branch. All is kept and told, and that is in order."""
    system = System(build, folder, free_ports(12), small_data(), ["nic"], {"authority": {"budget_ms": 5000}})
    ledger = system.ledger_folder / "ledger.db"
    with system:
        nic = system.agents[0]
        nic.http().post("/v1/wallets/w1/top-ups", {"amount": 500, "tender": "cash"})
        nic.http().post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})
        system.settle()
        nic.program.stop()
        own = next((nic.folder / "state").glob("*.db"))
        with contextlib.closing(sqlite3.connect(f"file:{own}?immutable=1", uri=True)) as db:
            bodies = [row[0] for row in db.execute("SELECT body FROM entry ORDER BY seq")]
        secrets = nic.folder / "credentials"
        tls = ssl.create_default_context(cafile=str(system.ca))
        tls.load_cert_chain(secrets / "device.crt", secrets / "device.pem")

        def push(first, more):
            device, seq, sent = entries.decode(bodies[0])["device"], first, []
            prev = entries.hash_of(bodies[first - 2])
            for each in more:
                sent.append(each if isinstance(each, bytes) else entries.encode(each | {"seq": seq, "prev": prev, "nonce": bytes([seq % 251] * 16)}))
                prev, seq = entries.hash_of(sent[-1]), seq + 1
            message = {"v": 1, "from_seq": first, "entries": [base64.b64encode(b).decode() for b in sent],
                       "signature": base64.b64encode(entries.sign(secrets / "device.pem", device, seq - 1, prev)).decode()}
            caller = http.client.HTTPSConnection("127.0.0.1", system.base + 11, context=tls)
            caller.request("POST", "/sync/v1/push", json.dumps(message), {"Content-Type": "application/json"})
            answer = caller.getresponse()
            text = answer.read().decode()
            same(answer.status, 200, f"the push: {text}")
            return [r for r in json.loads(text)["results"]]

        last = entries.decode(bodies[-1])
        top = next(entries.decode(b) for b in bodies if entries.decode(b)["kind"] == "top_up")
        again = {"detail": top["detail"] | {"id": "another"}, "kind": "top_up", "wall": last["wall"], "boot": last["boot"]}
        wrong = [[a, m * 3, c] for a, m, c in top["postings"]]
        alarm = last | {"kind": "alarm", "detail": {"code": "x"}, "postings": []}
        results = push(len(bodies) + 1, [top | again | {"postings": wrong}, top | again | {"postings": wrong[:1]}, b"no CBOR at all", alarm, alarm | {"kind": "a_later_kind"}])
        same(results, ["accepted_with_exception"] * 3 + ["accepted"] * 2, "what the ledger makes of it")
        same(push(len(bodies), [alarm, top | again | {"detail": top["detail"] | {"id": "third"}}]), ["accepted_with_exception"] * 2, "a second branch")
        codes = {e["code"] for e in system.admin.get("/admin/v1/exceptions")["items"]}
        same({"replay_mismatch", "unbalanced", "malformed_entry", "chain_fork"} - codes, set(), "what is told")
        system.agents.clear()
    got = subprocess.run([build / "obol-audit", ledger], capture_output=True, text=True, timeout=120)
    same(got.returncode, 0, f"the ledger: {got.stdout}{got.stderr}")


class Export(Corruptions):
    def __init__(self, given):
        super().__init__(given)
        self.lines = given.export.read_text().splitlines()
        self.header, self.trailer = json.loads(self.lines[0]), json.loads(self.lines[-1])
        self.entries = [json.loads(line) for line in self.lines[1:-1]]

    def written(self, what, wanted, lines, words=()):
        copy = self.files.folder / "copy.ndjson"
        copy.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
        self.judged(what, copy, list(words), [wanted] if isinstance(wanted, str) else wanted)

    def entry(self, what, wanted, seq, **changes):
        changed = [e | changes if e["seq"] == seq else e for e in self.entries]
        self.written(what, wanted, [self.header, *changed, self.trailer])

    def forged(self, what, wanted, *bodies):
        """Entries that the device itself would have written and signed after its last, were it to lie."""
        device, prev, more = self.header["device"], bytes.fromhex(self.entries[-1]["hash"]), []
        last = entries.decode(base64.b64decode(self.entries[-1]["body"]))
        for n, changes in enumerate(bodies, 1):
            seq = self.entries[-1]["seq"] + n
            value = last | {"seq": seq, "prev": prev, "kind": "alarm", "detail": {"code": "x"}, "postings": [], "nonce": bytes([n] * 16)} | changes
            raw = value.pop("raw", entries.encode)
            body = raw(value)
            prev = entries.hash_of(body)
            more.append({"seq": seq, "kind": value["kind"], "at": self.moment(value["wall"]), "hash": prev.hex(), "body": base64.b64encode(body).decode(),
                         "signature": base64.b64encode(entries.sign(self.files.device_key, device, seq, prev)).decode()})
        self.written(what, wanted, [self.header, *self.entries, *more, {"head": {"seq": more[-1]["seq"], "hash": prev.hex()}}])

    @staticmethod
    def moment(ms):
        at = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
        return at + (f".{ms % 1000:03d}Z" if ms % 1000 else "Z")


def every_corruption_of_an_export_is_named(folder):
    given = files(folder)
    it = Export(given)
    all_lines, header, trailer = it.lines, it.header, it.trailer
    entry = next(e for e in it.entries if e["kind"] == "purchase" and "signature" in e)
    seq = entry["seq"]
    at, last = f"seq={seq} line={seq + 1}", it.entries[-1]["seq"]
    body = base64.b64decode(entry["body"])

    it.entry("a bit in a body", f"hash_differs entry {at} column=body wanted={entry['hash']}", seq, body=base64.b64encode(flipped(body)).decode())
    it.entry("a bit in a hash", f"hash_differs entry {at} column=hash wanted={entry['hash']}", seq, hash=flipped(bytes.fromhex(entry["hash"])).hex())
    it.entry("a bit in a signature", f"signature_wrong entry {at} column=signature", seq, signature=base64.b64encode(flipped(base64.b64decode(entry["signature"]))).decode())
    it.entry("a signature that is none", f"signature_wrong entry {at}", seq, signature="?")
    it.entry("another kind", f"kind_differs entry {at} column=kind wanted=purchase met=top_up", seq, kind="top_up")
    it.entry("another moment", f"label_differs entry {at} column=at met=2020-01-01T00:00:00Z", seq, at="2020-01-01T00:00:00Z")
    it.entry("a body that is no base64", [f"line_malformed line line={seq + 1} column=body", f"seq_missing entry seq={seq}"], seq, body="?")
    without = [e for e in it.entries if e["seq"] != seq]
    it.written("a line taken out", f"seq_missing entry seq={seq}", [header, *without, trailer])
    it.written("a line twice", f"seq_twice entry seq={seq} line={seq + 2}", [*all_lines[:seq + 1], all_lines[seq], *all_lines[seq + 1:]])
    it.written("two lines swapped", [f"seq_missing entry seq={seq}", f"seq_misplaced entry seq={seq} line={seq + 2} after={seq + 1}"],
               [*all_lines[:seq], all_lines[seq + 1], all_lines[seq], *all_lines[seq + 2:]])
    it.written("a line that is no entry", f"line_malformed line line={seq + 1} column=seq", [*all_lines[:seq], "{}", *all_lines[seq:]])
    it.written("no trailer", f"cut_short trailer last={last}", all_lines[:-1])
    it.written("the last entries taken out", f"tail_missing entry seq={last - 1} to={last} known_by=trailer", [*all_lines[:-3], trailer])
    it.written("a very deep line", f"line_malformed line line={len(all_lines)} column=seq", [*all_lines[:-1], '{"head":' + deep + "}", trailer])
    it.written("a trailer of another head", "head_differs trailer column=hash met=00", [*all_lines[:-1], {"head": {"seq": last, "hash": "00"}}])
    it.written("a trailer of an earlier head", f"head_differs trailer column=seq wanted={last} met={last - 1}", [*all_lines[:-1], {"head": {"seq": last - 1, "hash": "00"}}])
    it.written("a line after the trailer", f"line_extra line line={len(all_lines) + 1}", [*all_lines, all_lines[1]])
    it.written("another's key", f"key_differs header column=public_key device={header['device']}", [header | {"public_key": "00" * 32}, *all_lines[1:]])
    unsigned = max(e["seq"] for e in it.entries[:-1] if "signature" in e) + 1
    it.written("the last signature taken out", f"unsigned_tail entry seq={unsigned} to={last}",
               [*all_lines[:-2], {k: v for k, v in it.entries[-1].items() if k != "signature"}, trailer])
    signed = base64.b64encode(entries.sign(given.other_device_key, header["device"], seq, bytes.fromhex(entry["hash"]))).decode()
    it.entry("another device's signature", f"signature_wrong entry {at}", seq, signature=signed)

    # A device that lies under its own key.
    next_seq = last + 1
    here = f"entry seq={next_seq}"
    bodies = [entries.decode(base64.b64decode(e["body"])) for e in it.entries]
    spend = [["lot:never-held", -500, "EUR"], ["sale:nic", 500, "EUR"]]
    top = next(b for b in bodies if b["kind"] == "top_up")
    asked = next(b for b in bodies if b["kind"] == "authority_asked")
    taken = next(b for b in bodies if b["kind"] == "authority_taken")
    it.forged("more spent than held", f"overspent {here} subject=lot:never-held column=held wanted=0 met=-500", {"kind": "a_later_kind", "detail": {}, "postings": spend})
    it.forged("money from nothing", f"unbalanced {here} currency=EUR column=body.postings wanted=0 met=500", {"kind": "a_later_kind", "detail": {}, "postings": [["sale:nic", 500, "EUR"]]})
    more = [[a, m * 2, c] for a, m, c in top["postings"]]
    it.forged("postings that do not follow", [f"postings_differ {here} account={a} currency=EUR wanted={m} met={2 * m}" for a, m, _ in top["postings"]],
              {"kind": "top_up", "detail": top["detail"] | {"receipt": "x"}, "postings": more})
    it.forged("a clock that runs backwards", f"clock_backwards {here} column=body.wall met=1000", {"wall": 1000})
    it.forged("a machine that runs backwards", f"clock_backwards {here} column=body.boot met=1", {"boot": 1})
    it.forged("another generation", f"generation_differs {here} column=body.generation wanted=1 met=9", {"generation": 9})
    it.forged("authority taken twice", f"ask_taken_twice {here} ask={taken['detail']['ask']}", {"kind": "authority_taken", "detail": {"ask": taken["detail"]["ask"]}})
    it.forged("authority that nobody asked for", f"ask_unknown {here} ask=1", {"kind": "authority_taken", "detail": {"ask": 1}})
    line = {"subject": "lot:x", "amount": 5, "currency": "EUR"}
    it.forged("more taken than asked", f"taken_beyond_ask entry seq={next_seq + 1} ask={next_seq} subject=lot:x column=amount wanted=5 met=6",
              {"kind": "authority_asked", "detail": {"lines": [line]}}, {"kind": "authority_taken", "detail": {"ask": next_seq, "lines": [line | {"amount": 6}]}})
    it.forged("another's device", f"device_differs {here} column=body.device", {"device": "ab" * 32})
    it.forged("another place", f"seq_differs {here} column=body.seq wanted={next_seq} met=3", {"raw": lambda v: entries.encode(v | {"seq": 3})})
    it.forged("a number that is not in its shortest form", f"body_malformed {here} column=body",
              {"raw": lambda v: entries.encode(v).replace(entries.encode("v") + b"\x01", entries.encode("v") + b"\x18\x01", 1)})
    it.forged("a member too many", f"body_malformed {here} column=body", {"more": 1})
    it.forged("a later version", f"body_malformed {here} column=body", {"v": 2})
    it.done(30)


def an_archive_in_pieces_is_one_journal(folder):
    given = files(folder)
    it = Export(given)
    signed = [n for n, e in enumerate(it.entries, 1) if "signature" in e]
    first_end, second_end = signed[len(signed) // 3], signed[2 * len(signed) // 3]

    def piece(name, after, last):
        head = {n: {"seq": n, "hash": it.entries[n - 1]["hash"]} for n in (after, last) if n}
        header = it.header | ({"after": head[after]} if after else {})
        path = given.folder / f"{name}.ndjson"
        path.write_text("".join(json.dumps(line) + "\n" for line in [header, *it.entries[after:last], {"head": head[last]}]))
        return path

    one, two, three = piece("one", 0, first_end), piece("two", first_end, second_end), piece("three", second_end, len(it.entries))
    for words in ([one, two, three], [three, one, two], [given.export, two], [one, two, three, given.ledger]):
        code, lines, complaint = given.audit(*words)
        same((code, findings_of(lines) if given.ledger not in words else []), (0, []), f"{words}: {lines} {complaint}")
        true(f"export of venue nic: {len(it.entries)} entries" in " ".join(lines), f"all entries are counted once: {lines}")
    code, lines, _ = given.audit(three, two)
    same((code, findings_of(lines)), (0, []), "later pieces alone")
    true(any(f"begins after entry {first_end}: " in line for line in lines), f"what was not checked is said: {lines}")
    code, lines, _ = given.audit(one, three)
    same((code, findings_of(lines)), (1, [f"seq_missing entry seq={first_end + 1}" + (f" to={second_end}" if second_end > first_end + 1 else "")]), "a missing piece")

    lines = two.read_text().splitlines()
    entry = json.loads(lines[1])
    two.write_text("\n".join([lines[0], json.dumps(entry | {"kind": "top_up" if entry["kind"] != "top_up" else "refund"}), *lines[2:]]) + "\n")
    code, lines, _ = given.audit(one, two, three)
    met = findings_of(lines)
    same((code, len(met)), (1, 1), f"a damaged piece: {met}")
    true(names(met[0], f"kind_differs entry seq={first_end + 1} file={two} line=2"), f"it is named with its file: {met}")


run_cases(good_files_have_no_finding, what_is_no_file_of_ours_is_refused, a_living_agent_is_read_as_of_one_moment, every_corruption_of_an_agents_database_is_named,
          every_corruption_of_a_ledgers_database_is_named, a_ledger_that_lost_money_says_so_itself,
          a_ledger_that_was_lied_to_says_so_itself, every_corruption_of_an_export_is_named,
          an_archive_in_pieces_is_one_journal)
