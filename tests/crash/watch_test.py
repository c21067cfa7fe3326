"""A disk that hangs, a disk that takes no writes, an event loop that stands still, a system without threads: what the real programs say and do.

The service manager is a socket of the test's own."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))
from flow import System, build_folder, free_ports, run_cases, same, true

from kernel import OwnDisk, traced
from kill_data import data_with_money, pocket
from till_load import Till

build = build_folder()
# A sanitizer's start, or a busy machine, takes its time; what must not come is waited for as long as it would take.
PATIENCE = 60


def system_in(folder):
    return System(build, folder, free_ports(12), data_with_money(), ["nic"], {})


def top_up(cents):
    return "/v1/wallets/till/top-ups", {"amount": cents, "tender": "cash"}


def until(ready, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not (met := ready()):
        true(time.monotonic() < end, f"{what}, within {seconds} s")
        time.sleep(0.05)
    return met


def asked(agent, method, path, body=None, role="pos", key=None):
    """(status, code)"""
    status, _, answer = agent.http(role).call(method, path, body, key=key)
    return status, answer.get("code") if isinstance(answer, dict) else None


class Manager:
    """Where a program sends what systemd would hear, and when it came."""

    def __init__(self, folder):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(folder / "notify"))
        self.words = ["env", f"NOTIFY_SOCKET={folder / 'notify'}", "WATCHDOG_USEC=10000000"]
        self.heard = []
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            text = self.socket.recv(4096).decode()
            self.heard += [(time.monotonic(), line) for line in text.splitlines()]

    def beats(self, since=0):
        return [at for at, line in self.heard if line == "WATCHDOG=1" and at >= since]

    def watches(self, program):
        """Of a program that is not running now."""
        program.arguments = self.words + program.arguments


def watched_system(folder):
    system = system_in(folder)
    system.start()
    agent, manager = system.agents[0], Manager(folder)
    agent.program.stop()
    manager.watches(agent.program)
    agent.start()
    return system, agent, manager


def gaps(beats):
    return [b - a for a, b in zip(beats, beats[1:])]


def F53_an_agent_and_a_ledger_beat_while_their_loops_turn_and_not_while_they_stand_still(folder):
    with system_in(folder) as system:
        for program, url in ((system.agents[0].program, system.agents[0].url), (system.ledger, system.admin_url)):
            place = folder / f"manager of {program.name}"
            place.mkdir()
            manager = Manager(place)
            program.stop()
            manager.watches(program)
            program.start()
            program.wait_ready(url)
            until(lambda: len(manager.beats()) >= 4, f"{program.name} beats")
            lines = [line for _, line in manager.heard]
            true(lines.index("WATCHDOG=1") < lines.index("READY=1"), "the first beat is there before the manager waits for one")
            true(max(gaps(manager.beats())) < 8, f"{program.name} beats in time: {gaps(manager.beats())}")

            program.process.send_signal(signal.SIGSTOP)
            time.sleep(0.5)
            stopped = time.monotonic()
            time.sleep(7)
            same(manager.beats(stopped), [], f"beats of a {program.name} that stands still")
            program.process.send_signal(signal.SIGCONT)
            until(lambda: manager.beats(stopped), "it beats again")
        same(system.agents[0].http().post(*top_up(5))["credited"]["amount"], 5, "and works")


def F18_a_sync_that_hangs_is_an_unknown_outcome_in_time_and_no_beat_goes(folder):
    system, agent, manager = watched_system(folder)
    try:
        # Longer than a second of slowness, shorter than the manager's patience, and longer than a till waits.
        trace = traced(agent, folder, "fdatasync", "delay_enter=12000000:when=1")
        till = Till(agent.port, agent.tokens["pos"])
        began = time.monotonic()
        first = till.ask(*top_up(7), "slow")
        took = time.monotonic() - began
        same((first.status, first.json["code"], first.json["retry_after"]), (503, "outcome_unknown", 1), "the answer meanwhile")
        true(7 < took < 11.5, f"it came after {took:.1f} s")
        meanwhile = till.ask(*top_up(7), "slow")
        same((meanwhile.status, meanwhile.json["code"]), (409, "request_in_progress"), "the same key meanwhile")
        same(pocket(agent), 1_000_000, "look-ups go on, and nothing stands yet")
        same(manager.beats(began + 2), [], "beats while the writer hangs")
        again = till.ask_until_known(*top_up(7), "slow", PATIENCE)
        same((again.status, again.replayed), (201, True), "the same key afterwards")
        same(pocket(agent), 1_000_007, "the pocket, once")
        silent = until(lambda: manager.beats(began + 2), "it beats again")
        true(silent[0] - began > 9, f"the first beat after {silent[0] - began:.1f} s of a hang of 12 s")
        trace.send_signal(signal.SIGINT)
        trace.wait(20)
        print(f"counted: answered after {took:.1f} s; silent until {silent[0] - began:.1f} s")
        system.stop()
    finally:
        system.kill()


def F18_a_slow_disk_is_waited_for(folder):
    system, agent, manager = watched_system(folder)
    try:
        began = time.monotonic()
        trace = traced(agent, folder, "fdatasync", "delay_enter=5000000:when=1")
        same(Till(agent.port, agent.tokens["pos"]).ask(*top_up(7), "slow").status, 201, "the answer, once it is durable")
        until(lambda: manager.beats(time.monotonic() - 1), "it beats")
        longest = max(gaps(manager.beats()))
        true(longest < 9.5, f"no silence is longer than the manager's patience, and one was {longest:.1f} s")
        trace.send_signal(signal.SIGINT)
        trace.wait(20)
        print(f"counted: {time.monotonic() - began:.0f} s, the longest silence {longest:.1f} s")
        system.stop()
    finally:
        system.kill()


# --- read-only --------------------------------------------------------------------------------------------------------
def F17_on_a_read_only_disk_the_agent_says_so_and_goes_on_by_itself(folder):
    with system_in(folder) as system, OwnDisk(system.agents[0], 64) as disk:
        agent, manager = system.agents[0], Manager(folder)
        manager.watches(agent.program)
        disk.mount("mount", "-o", "remount,ro")
        agent.program.start()

        def is_up():
            try:
                return asked(agent, "GET", "/healthz")[0] == 200
            except OSError:
                true(agent.program.alive(), "the agent goes on")
        until(is_up, "it listens")
        until(lambda: "READY=1" in [line for _, line in manager.heard], "the manager hears that it is up")
        refused = 503, "storage_read_only"
        for method, path, body in (("GET", "/readyz", None), ("GET", "/v1/status", None), ("POST", *top_up(7)), ("GET", "/metrics", None)):
            same(asked(agent, method, path, body, key="first"), refused, f"{method} {path}")
        # It tries in between, and still beats.
        time.sleep(6)
        same(asked(agent, "GET", "/readyz"), refused, "still")
        process, beats = agent.program.process.pid, len(manager.beats())
        true(beats >= 2, f"{beats} beats while there is nothing to serve from")

        disk.mount("mount", "-o", "remount,rw")
        until(lambda: asked(agent, "GET", "/readyz")[0] == 200, "it serves by itself")
        same(agent.program.process.pid, process, "the same process")
        same(asked(agent, "POST", *top_up(7), key="first")[0], 201, "the same key")

        # Read-only while it runs: what it has open stays, so it notices before it writes.
        disk.mount("mount", "--bind", "-o", "ro", str(disk.state))
        same(asked(agent, "GET", "/readyz"), refused, "readiness")
        same(asked(agent, "GET", "/healthz")[0], 200, "health")
        same(pocket(agent), 1_000_007, "look-ups go on")
        same(asked(agent, "POST", *top_up(5), key="second"), refused, "a write")
        disk.mount("umount")
        same(asked(agent, "GET", "/readyz")[0], 200, "readiness again")
        same(asked(agent, "POST", *top_up(5), key="second")[0], 201, "the same key")
        same(pocket(agent), 1_000_012, "the pocket")
        log = (agent.folder / "log").read_text()
        true("read-only" in log and "takes all again" in log, "the log says both")

        # A restart amid it lands in the same state, and an end there is orderly.
        agent.program.stop()
        disk.mount("mount", "-o", "remount,ro")
        agent.program.start()
        until(is_up, "it listens")
        same(asked(agent, "GET", "/readyz"), refused, "readiness after the restart")
        same(agent.program.stop(), 0, "an end while it waits")
        disk.mount("mount", "-o", "remount,rw")
        agent.start()
        same(pocket(agent), 1_000_012, "the pocket")


def F17_a_commit_that_the_kernel_refuses_is_an_unknown_outcome(folder):
    with system_in(folder) as system:
        agent = system.agents[0]
        trace = traced(agent, folder, "pwrite64,fdatasync", "error=EROFS")
        till = Till(agent.port, agent.tokens["pos"])
        try:
            answer = till.ask(*top_up(7), "doubtful")
            same((answer.status, answer.json["code"]), (503, "outcome_unknown"), "the answer")
        except OSError:
            pass  # the process was quicker than its answer
        true(agent.program.process.wait(PATIENCE) != 0, "it ends")
        trace.wait(20)
        agent.program.process = None
        agent.start()
        same(Till(agent.port, agent.tokens["pos"]).ask_until_known(*top_up(7), "doubtful").status, 201, "the key afterwards")
        same(pocket(agent), 1_000_007, "the pocket, once")


# --- threads ----------------------------------------------------------------------------------------------------------
def F22_without_threads_a_start_says_so(folder):
    library = folder / "few_threads.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, SUPPORT / "few_threads.c", "-ldl"], check=True)
    asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
    with system_in(folder) as system:
        agent = system.agents[0]
        agent.program.stop()
        system.ledger.stop()
        # By its name, the ledger is found on a thread of the resolver's.
        named = agent.config.read_text()
        agent.config.write_text(named.replace("127.0.0.1:", "localhost:"))
        for program in (system.ledger, agent.program):
            for few in range(40):
                done = start_with(program, few, library, asan)
                if done is None:
                    break
                code, said = done
                same(code, 1, f"{program.name} with {few} threads ends with this code and {said!r}")
                true("gives no thread for" in said and "terminate" not in said and "Sanitizer" not in said, f"{program.name} with {few} threads says {said!r}")
            true(2 <= few < 40, f"{program.name} serves with {few} threads")
            print(f"counted: {program.name} refuses to start with fewer than {few} threads")
        agent.config.write_text(named)
        system.ledger.start()
        system.ledger.wait_ready(system.admin_url)
        agent.start()
        same(pocket(agent), 1_000_000, "nothing is harmed")


def start_with(program, few, library, asan):
    """(exit code, what it said), or None when it is up; then it is ended again."""
    words = ["env", f"LD_PRELOAD={library}", f"FEW_THREADS={few}", f"ASAN_OPTIONS={asan}", *program.arguments]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "serving" in line or "ledger serves" in line:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=PATIENCE)
            same(process.returncode, 0, f"{program.name} ends in order")
            return None
    return process.wait(PATIENCE), "".join(lines)


run_cases(F53_an_agent_and_a_ledger_beat_while_their_loops_turn_and_not_while_they_stand_still,
          F18_a_sync_that_hangs_is_an_unknown_outcome_in_time_and_no_beat_goes, F18_a_slow_disk_is_waited_for,
          F17_on_a_read_only_disk_the_agent_says_so_and_goes_on_by_itself, F17_a_commit_that_the_kernel_refuses_is_an_unknown_outcome,
          F22_without_threads_a_start_says_so)
