"""kill -9 of a real agent at random moments under load: what was acknowledged stays, what was not happens once.

OBOL_KILL_ROUNDS: rounds (200). OBOL_CRASH_SEED: of the moments and of what is asked (the day).
"""
import json
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, Http, System, audited, build_folder, free_ports, run, run_cases, same, true

from kill_data import data_with_money, pocket
from till_load import Load, Log, Till

build = build_folder()
ROUNDS = int(os.environ.get("OBOL_KILL_ROUNDS", "200"))
SEED = int(os.environ.get("OBOL_CRASH_SEED", time.time() // 86400))


def ready(agent, seconds=60):
    """Polls finely: how long a restart takes is one of the results."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if not agent.program.alive():
            raise Failed("the agent ended at its start:\n" + agent.program.tail())
        try:
            probe = Http(agent.url, timeout=5)
            if probe.call("GET", "/readyz", retry=False)[0] == 200:
                return time.monotonic() - began
        except OSError:
            pass
        finally:
            probe.close()
        time.sleep(0.002)
    raise Failed(f"the agent was not ready within {seconds} s:\n{agent.program.tail()}")


def check(till, log, keys):
    for key in keys:
        path, body, _ = log.asked[key]
        again = till.ask_until_known(path, body, key)
        true(again.replayed, f"{key} was acknowledged, and a repeat ran it anew: {again}")
        same(again, log.answered[key], f"the answer under {key}")


def finish_open(till, log, what):
    keys = log.open_keys()
    for key in keys:
        path, body, _ = log.asked[key]
        answer = till.ask_until_known(path, body, key)
        true(answer.status in (201, 422), f"{what}: {key} asked again: {answer}")
        true(log.keep(key, answer), f"{key} has two answers")
    return len(keys)


def kinds_in(export):
    counts = {}
    for line in export.splitlines():
        kind = json.loads(line).get("kind")
        if kind:
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def final_check(system, agent, log):
    """The journal holds each acknowledged operation once; it verifies; all sums agree, here and at the centre."""
    done = log.done()
    token = agent.folder / "manager-token"
    token.write_text(agent.tokens["manager"] + "\n")
    obolctl = [build / "obolctl", "--agent", agent.url, "--token-file", token]
    verified = run(*obolctl, "journal", "verify")
    true(verified.startswith("good: "), verified)
    kinds = kinds_in(run(*obolctl, "journal", "export"))
    wanted = {"purchase": 0, "top_up": 0, "refund": 0}
    for path, _, _ in done.values():
        wanted["purchase" if path == "/v1/purchases" else "refund" if path.endswith("/refunds") else "top_up"] += 1
    same({k: kinds.get(k, 0) for k in wanted}, wanted, "entries by kind against keys that were answered with 201")
    system.settle()
    same(pocket(agent), 1_000_000 + sum(cents for _, _, cents in done.values()), "the pocket")
    same(system.admin.get("/admin/v1/exceptions").get("items", []), [], "exceptions at the ledger")
    return wanted, verified.strip()


def F1_F2_F10_what_was_acknowledged_survives_every_kill(folder):
    chance = random.Random(SEED)
    with System(build, folder, free_ports(12), data_with_money(), ["nic"], {}) as system:
        agent = system.agents[0]
        log, till = Log(), Till(agent.port, agent.tokens["pos"])
        load = Load(agent.port, agent.tokens["pos"], log, "till", 4, SEED)
        restarts, in_flight = [], 0
        for number in range(1, ROUNDS + 1):
            known = set(log.answered)
            load.going.set()
            time.sleep(chance.uniform(0.005, 0.15))
            agent.program.process.kill()
            agent.program.process.wait()
            load.going.clear()
            if chance.random() < 0.2:  # and again in the middle of its recovery
                agent.program.start()
                time.sleep(chance.uniform(0.0, 0.06))
                agent.program.process.kill()
                agent.program.process.wait()
            agent.program.start()
            restarts.append(ready(agent))
            time.sleep(0.01)  # a client that was still reading the old answer has kept it by now
            in_flight += finish_open(till, log, f"round {number}, seed {SEED}")
            fresh = [k for k in list(log.answered) if k not in known]
            check(till, log, chance.sample(fresh, min(20, len(fresh))) + chance.sample(sorted(known), min(3, len(known))))
            same(load.faults, [], f"answers in round {number}, seed {SEED}")
        load.end()
        finish_open(till, log, "the end")
        check(till, log, list(log.answered))
        wanted, verified = final_check(system, agent, log)
        till.close()
        restarts.sort()
        print(f"counted: {ROUNDS} kills with OBOL_CRASH_SEED={SEED}; {len(log.answered)} keys, {in_flight} of them unanswered at a kill; {wanted}")
        print(f"counted: start to ready {restarts[len(restarts) // 2] * 1000:.0f} ms in the median, {restarts[-1] * 1000:.0f} ms at most; {verified}")
    print(audited(system, agent))


run_cases(F1_F2_F10_what_was_acknowledged_survives_every_kill)
