"""An agent after years: start, restart after kill -9, memory and latency with a million entries and a million passes, beside the same with
a thousand of each, in one run; and its journal exported, verified and audited. OBOL_BENCH_ENTRIES and OBOL_BENCH_PASSES make less of it."""
import datetime
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, Http, System, build_folder, free_ports, run

from data import demo_data
from load import load

MANY = (int(os.environ.get("OBOL_BENCH_ENTRIES", 1_000_000)), int(os.environ.get("OBOL_BENCH_PASSES", 1_000_000)))
FEW = (1000, 1000)
ROUNDS = 5
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 350}]}


def few_passes():
    data = demo_data(datetime.date.today())
    data["passes"] = data["passes"][:3]  # a PIN verifier takes its time
    data["limits"] = []
    return data


def room_for(gigabytes):
    """Where a commit costs no wait: the file is moved to the disk once it is full."""
    memory = pathlib.Path("/dev/shm")
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > gigabytes << 30 else None


class Aged:
    """An agent of the same device with a state and a port of its own, without a ledger."""

    def __init__(self, build, folder, agent, size):
        self.build, self.size, self.tokens = build, size, agent.tokens
        self.folder = folder / f"aged-{size[0]}"
        self.state = self.folder / "state"
        self.state.mkdir(parents=True)
        self.config, self.port = self.folder / "agent.json", free_ports(1)
        text = "\n".join(line for line in agent.config.read_text().splitlines() if not line.startswith("//"))
        self.config.write_text(json.dumps(json.loads(text) | {"state": str(self.state), "witness": str(self.folder / "witness"), "listen": {"port": self.port}}))
        self.url, self.process = f"http://127.0.0.1:{self.port}", None
        with tempfile.TemporaryDirectory(dir=room_for(8)) as quick:
            database = pathlib.Path(quick) / "agent.db"
            shutil.copy(next((agent.folder / "state").glob("*.db")), database)
            began = time.monotonic()
            self.codes = run(build / "tests" / "fill_agent", self.config, database, *size).split()
            shutil.copy(database, self.state / "agent.db")
            if (wal := database.with_name("agent.db-wal")).exists() and wal.stat().st_size:
                raise Failed("the filled database was not closed")
        # The database was filled beside the agent, so no witness has seen it.
        run(build / "obol-agent", "accept-state", "--config", self.config, "--reason", "filled for a measurement")
        os.sync()
        self.bytes = (self.state / "agent.db").stat().st_size
        print(f"{size[0]:,} purchases and {size[1]:,} passes: {self.bytes / 1e6:,.0f} MB, made in {time.monotonic() - began:.0f} s", flush=True)

    def start(self):
        """Seconds from exec to the first readyz that is 200."""
        with open(self.folder / "log", "ab") as log:
            began = time.perf_counter()
            self.process = subprocess.Popen([self.build / "obol-agent", "serve", "--config", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while time.perf_counter() - began < 60:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return time.perf_counter() - began
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    raise Failed("the agent ended: " + (self.folder / "log").read_text()[-2000:])
            time.sleep(0.0005)
        raise Failed("the agent was not ready within a minute")

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(60)

    def memory(self, what="VmRSS"):
        """MB that are resident; of them RssFile is the program itself, shared and given back at need."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what + ":")) / 1000

    def checking(self):
        """Does the thread that looks through the database still run?"""
        names = [p.read_text().strip() for p in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/comm")]
        return "obol-check" in names

    def warm(self):
        """All of it in the system's memory, as after a day's work: a disk's first reads are not what is compared."""
        with open(self.state / "agent.db", "rb") as file:
            while file.read(1 << 24):
                pass

    def check_codes(self, seconds=3):
        return load(self.url, "/v1/passes/check", [{"code": c} for c in self.codes], 1, self.tokens["pos"], seconds=seconds)

    def buy(self, seconds=3):
        wallets = min(2000, self.size[0] // 50)
        step = self.size[0] // 50 // wallets
        bodies = [{"wallet": {"id": f"bench-{n * step}"}, "basket": BASKET} for n in range(wallets)]
        return load(self.url, "/v1/purchases", bodies, 1, self.tokens["pos"], True, seconds=seconds)

    def status_ms(self):
        pos, took = Http(self.url, self.tokens["manager"]), []
        for _ in range(20):
            began = time.perf_counter()
            pos.get("/v1/status")
            took.append((time.perf_counter() - began) * 1e3)
        return statistics.median(took)


def measured(*words, to=None):
    """(seconds, MB at most) of a program that ends well."""
    with open(to, "wb") if to else tempfile.TemporaryFile() as out:
        began, peak = time.perf_counter(), 0
        process = subprocess.Popen([str(w) for w in words], stdout=out, stderr=None if to else subprocess.STDOUT)
        # Not what wait4 tells: that counts the Python from which the program was begun.
        while process.poll() is None:
            found = re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())
            peak = max(peak, int(found.group(1)) if found else 0)
            time.sleep(0.02)
        took = time.perf_counter() - began
        if process.returncode != 0:
            said = "" if to else out.seek(0) or out.read(2000).decode()
            raise Failed(f"{' '.join(map(str, words))}: exit {process.returncode}: {said}")
    return took, peak / 1000


def side_by_side(build, few, many):
    rows, both = {}, (few, many)

    def row(name, unit, figures, goal=None, digits=1):
        rows[name] = figures
        ratio = figures[1] / figures[0] if figures[0] else 0
        print(f"{name:44}{figures[0]:>12,.{digits}f}{figures[1]:>14,.{digits}f} {unit:8}{ratio:>6.2f}x" + (f"   goal {goal}" if goal else ""), flush=True)

    print(f"{'':44}{few.size[0]:>12,}{many.size[0]:>14,}")
    times = {aged: [] for aged in both}
    memory = {aged: [] for aged in both}
    for _ in range(ROUNDS):
        for aged in both:
            times[aged].append(aged.start() * 1e3)
            memory[aged].append(aged.memory())
            aged.stop()
    row("start to ready (median)", "ms", [statistics.median(times[a]) for a in both], "2x")
    row("  resident memory when ready", "MB", [statistics.median(memory[a]) for a in both], "24 MB")
    killed = {aged: [] for aged in both}
    for _ in range(3):
        for aged in both:
            aged.start()
            aged.buy(1)
            aged.stop(signal.SIGKILL)
            killed[aged].append(aged.start() * 1e3)
            aged.stop()
    row("kill -9 under load, start to ready (worst)", "ms", [max(killed[a]) for a in both], "2,000 ms")
    for aged in both:
        aged.warm()
        aged.start()
    row("check, while the database is looked through", "us p50", [a.check_codes(2)[1] * 1e3 for a in both], digits=0)
    row("purchase, the same", "ms p50", [a.buy(2)[1] for a in both], digits=2)
    began = time.monotonic()
    while many.checking() and time.monotonic() - began < 900:
        time.sleep(0.5)
    looked = time.monotonic() - began
    row("  peak memory of that look", "MB", [a.memory("VmHWM") for a in both])
    if few.checking() or many.checking():
        raise Failed("the look through the database has not ended within a quarter of an hour")
    rounds = {aged: [] for aged in both}
    for _ in range(3):
        for aged in both:
            rounds[aged].append((*aged.check_codes(), *aged.buy()))
    middle = [[statistics.median(column) for column in zip(*rounds[a])] for a in both]
    row("check", "us p50", [m[1] * 1e3 for m in middle], "1.3x", 0)
    row("check", "us p99", [m[2] * 1e3 for m in middle], digits=0)
    row("purchase", "ms p50", [m[4] for m in middle], digits=2)
    row("purchase", "ms p99", [m[5] for m in middle], digits=2)
    row("status", "ms", [a.status_ms() for a in both], digits=2)
    row("memory after that", "MB", [a.memory() for a in both])
    print(f"the look through the database ended within {looked:.0f} s after those loads", flush=True)
    return rows


def journal_of(build, aged):
    """The agent runs."""
    token = aged.folder / "manager-token"
    token.write_text(aged.tokens["manager"])
    whole, first, rest = (aged.folder / f"{name}.ndjson" for name in ("whole", "first", "rest"))
    agent = ["--agent", aged.url, "--token-file", token, "journal", "export"]
    took, peak = measured(build / "obolctl", *agent, to=whole)
    print(f"journal export: {took:.1f} s, {peak:.0f} MB, a file of {whole.stat().st_size / 1e6:,.0f} MB", flush=True)
    # A month's end: the export ended with what was signed last.
    with open(whole) as lines, open(first, "w") as out:
        for number, line in enumerate(lines):
            out.write(line)
            if number >= aged.size[0] // 2 and '"signature"' in line:
                entry = json.loads(line)
                break
        out.write(json.dumps({"head": {"seq": entry["seq"], "hash": entry["hash"]}}) + "\n")
    measured(build / "obolctl", *agent, "--after", entry["seq"], to=rest)
    aged.stop()
    took, peak = measured(build / "obolctl", "journal", "verify", whole)
    print(f"journal verify FILE: {took:.1f} s, {peak:.0f} MB", flush=True)
    took, peak = measured(build / "obolctl", "journal", "verify", rest, first)
    print(f"journal verify of two pieces: {took:.1f} s, {peak:.0f} MB", flush=True)
    for name, file in (("the export", whole), ("the database", aged.state / "agent.db")):
        took, peak = measured(build / "obol-audit", file)
        print(f"obol-audit of {name}: {took:.1f} s, {peak:.0f} MB", flush=True)


def main():
    build = build_folder()
    with tempfile.TemporaryDirectory(prefix="obol-bench-") as folder:
        folder = pathlib.Path(folder)
        system = System(build, folder / "system", free_ports(12), few_passes(), ["nic"])
        with system:
            agent = system.agents[0]
        few, many = (Aged(build.resolve(), folder, agent, size) for size in (FEW, MANY))
        try:
            rows = side_by_side(build, few, many)
            few.stop()
            journal_of(build.resolve(), many)
        finally:
            for aged in (few, many):
                if aged.process and aged.process.poll() is None:
                    aged.process.kill()
                    aged.process.wait()
    start = rows["start to ready (median)"]
    met = start[1] <= 2 * start[0] and rows["kill -9 under load, start to ready (worst)"][1] <= 2000
    print("goals met" if met else "GOALS NOT MET")
    return 0 if met else 1


sys.exit(main())
