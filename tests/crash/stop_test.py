"""The real agent is ended, stopped, started twice, and runs on a disk that fails: every answer stays true."""
import http.client
import pathlib
import signal
import sqlite3
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, true

from kernel import traced
from kill_data import data_with_money, pocket
from till_load import Till, basket

build = build_folder()


def system_in(folder):
    return System(build, folder, free_ports(12), data_with_money(), ["nic"], {})


def top_up(cents):
    return "/v1/wallets/till/top-ups", {"amount": cents, "tender": "cash"}


def F51_an_ordered_end_with_20_requests_running_loses_no_acknowledgement(folder):
    with system_in(folder) as system:
        agent = system.agents[0]
        asked = 0
        for round_number in range(10):
            tills = [Till(agent.port, agent.tokens["pos"]) for _ in range(20)]
            heard = {}

            def one(n):
                for i in range(1000):
                    key = f"{round_number}-{n}-{i}"
                    try:
                        heard[key] = tills[n].ask(*top_up(1), key)
                    except (http.client.HTTPException, OSError):
                        heard[key] = None
                        return

            threads = [threading.Thread(target=one, args=(n,)) for n in range(20)]
            for thread in threads:
                thread.start()
            time.sleep(0.05)
            began = time.monotonic()
            code = agent.program.stop(signal.SIGTERM, 30)
            took = time.monotonic() - began
            for thread in threads:
                thread.join(30)
            same(code, 0, "exit code")
            true(took < 10, f"the end took {took:.1f} s")
            agent.start()
            till = Till(agent.port, agent.tokens["pos"])
            for key, answer in heard.items():
                again = till.ask_until_known(*top_up(1), key)
                same(again.status, 201, key)
                if answer is not None and answer.status == 201:
                    true(again.replayed and again == answer, f"{key} was {answer} and is {again}")
            asked += len(heard)
            same(pocket(agent), 1_000_000 + asked, "the pocket: each key once")
        print(f"counted: {round_number + 1} orderly ends with 20 requests running")


def F54_a_second_agent_on_the_same_state_is_refused_and_the_first_unharmed(folder):
    with system_in(folder) as system:
        agent = system.agents[0]
        second = subprocess.run([build / "obol-agent", "serve", "--config", agent.config], capture_output=True, text=True, timeout=60)
        true(second.returncode != 0 and "already_running" in second.stderr, f"the second: {second.returncode} {second.stderr}")
        same(Till(agent.port, agent.tokens["pos"]).ask(*top_up(5), "after").status, 201, "the first")


def F50_an_older_program_refuses_a_newer_database_untouched(folder):
    with system_in(folder) as system:
        agent = system.agents[0]
        agent.program.stop()
        path = agent.folder / "state" / "agent.db"
        with sqlite3.connect(path) as db:
            was = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute("PRAGMA user_version=99")
        db.close()
        before = path.read_bytes()
        older = subprocess.run([build / "obol-agent", "serve", "--config", agent.config], capture_output=True, text=True, timeout=60)
        true(older.returncode != 0 and "schema_too_new" in older.stderr, f"the older program: {older.returncode} {older.stderr}")
        same(path.read_bytes() == before, True, "the file is untouched")
        with sqlite3.connect(path) as db:
            db.execute(f"PRAGMA user_version={was}")
        db.close()
        agent.start()


def F52_a_stopped_process_goes_on_where_it_was(folder):
    with system_in(folder) as system:
        agent = system.agents[0]
        till = Till(agent.port, agent.tokens["pos"])
        first = till.ask(*top_up(5), "before")
        agent.program.process.send_signal(signal.SIGSTOP)
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(Till(agent.port, agent.tokens["pos"]).ask(*top_up(7), "during")))
        waiting.start()
        time.sleep(2)
        same(answers, [], "answers of a stopped process")
        agent.program.process.send_signal(signal.SIGCONT)
        waiting.join(30)
        same([a.status for a in answers], [201], "the answer afterwards")
        same(till.ask(*top_up(5), "before"), first, "the key from before")


def F18_a_slow_sync_delays_its_own_answer_and_no_look_up(folder):
    with system_in(folder) as system:
        agent = system.agents[0]
        trace = traced(agent, folder, "fdatasync", "delay_enter=3000000")
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(Till(agent.port, agent.tokens["pos"]).ask(*top_up(7), "slow")))
        waiting.start()
        time.sleep(0.5)  # it is in the writer by now
        looked_up = [pocket(agent) for _ in range(5)]
        same((looked_up, answers), ([1_000_000] * 5, []), "look-ups meanwhile, and the answer before its sync")
        waiting.join(60)
        same([a.status for a in answers], [201], "the answer, once it is durable")
        trace.send_signal(signal.SIGINT)
        trace.wait(20)
        same(pocket(agent), 1_000_007, "the pocket")


def a_failing_disk(folder, calls, what):
    with system_in(folder) as system:
        agent = system.agents[0]
        till = Till(agent.port, agent.tokens["pos"])
        same(till.ask(*top_up(5), "before").status, 201, "before")
        trace = traced(agent, folder, calls, "error=EIO")
        began = time.monotonic()
        try:
            answer = till.ask(*top_up(7), "doubtful")
            same((answer.status, answer.json["code"]), (503, "outcome_unknown"), what)
        except (http.client.HTTPException, OSError):
            pass  # the process was quicker than its answer
        code = agent.program.process.wait(20)
        took = time.monotonic() - began
        trace.wait(20)
        true(code != 0, f"{what}: exit {code}")
        true(took < 5, f"{what}: the process ended only after {took:.1f} s")  # 1 s is meant; the machine may be busy
        agent.program.process = None
        agent.start()
        till = Till(agent.port, agent.tokens["pos"])
        again = till.ask_until_known(*top_up(7), "doubtful")
        same(again.status, 201, "the key afterwards")
        same(pocket(agent), 1_000_000 + 12, "the pocket: both, once each")
        print(f"counted: {what}: ended with {code} after {took:.1f} s; the key was {'done' if again.replayed else 'not done'} before")


def F11_a_failing_sync_is_an_unknown_outcome_and_the_key_tells(folder):
    a_failing_disk(folder, "fdatasync,fsync", "a sync fails")


def F12_a_failing_write_is_an_unknown_outcome_and_the_key_tells(folder):
    a_failing_disk(folder, "pwrite64", "a write fails")


run_cases(F51_an_ordered_end_with_20_requests_running_loses_no_acknowledgement,
          F54_a_second_agent_on_the_same_state_is_refused_and_the_first_unharmed,
          F50_an_older_program_refuses_a_newer_database_untouched, F52_a_stopped_process_goes_on_where_it_was,
          F18_a_slow_sync_delays_its_own_answer_and_no_look_up, F11_a_failing_sync_is_an_unknown_outcome_and_the_key_tells, F12_a_failing_write_is_an_unknown_outcome_and_the_key_tells)
