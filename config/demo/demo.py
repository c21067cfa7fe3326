"""agent/demo: starts a ledger and agents with sample data, prints what to try, and stays until Ctrl-C."""
import argparse
import datetime
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from data import VENUES, demo_data
from paper import PaperPage, devices_of, emulator_arguments
from system import Failed, Program, System

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Counters:
    """The emulated devices of all venues. They stand there before the agents start and after they end."""

    def __init__(self, build, folder, port, venues):
        self.folders = {venue: folder / f"counter-{venue}" for venue in venues}
        self.programs = []
        for counter in self.folders.values():
            counter.mkdir(exist_ok=True)
            for left in ("printer", "scanner", "keys", "control"):  # by a demo that was killed
                (counter / left).unlink(missing_ok=True)
            self.programs.append(Program("obol-emulator", emulator_arguments(pathlib.Path(build).resolve(), ROOT, counter), counter / "log"))
        self.port, self.page = port, None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        for program, counter in zip(self.programs, self.folders.values()):
            program.start()
            end = time.monotonic() + 20
            while not (counter / "control").exists():
                if not program.alive() or time.monotonic() > end:
                    raise Failed(f"{program.name} does not start:\n{program.tail()}")
                time.sleep(0.02)
        try:
            self.page = PaperPage(self.port, self.folders)
        except OSError as taken:
            raise Failed(f"the paper's page cannot be served on port {self.port}: {taken}")

    def __exit__(self, *_):
        if self.page:
            self.page.close()
        for program in self.programs:
            program.stop()


def describe(system, data, counters):
    """demo.json: where everything is, for people and for programs that test against the demo."""
    plans = {p["id"]: p for p in data["plans"]}
    agents = []
    for agent in system.agents:
        manager = agent.http("manager")

        def pairing(terminal, role):
            return manager.post(f"/v1/terminals/{terminal}/pairing-codes", {"role": role})["pairing_code"]
        agents.append({"url": agent.url, "venue": agent.venue, "tokens": agent.tokens,
                       "till": f"{agent.url}/till#pair={pairing('T1', 'cashier')}",
                       "manager": f"{agent.url}/manager#pair={pairing('OFFICE', 'manager')}",
                       "paper": counters.page.url, "control": str(counters.folders[agent.venue] / "control"), "keys": str(counters.folders[agent.venue] / "keys"), "config": str(agent.config), "state": str(agent.folder / "state"), "device": agent.status()["device"]})
    passes = []
    for p in data["passes"]:
        plan = plans[p["plan"]]
        known = {"code": p["code"], "type": plan["type"], "value": p.get("value", plan.get("value", {"fixed": 0}).get("fixed")), "plan": plan["id"],
                 "venue": p.get("venue") or None, "state": p["state"]}
        if "pin" in p:
            known["pin"] = p["pin"]
        if plan.get("pool"):
            known["pool"] = plan["pool"]
        passes.append(known)
    phones = {c["id"]: c["phone"] for c in data["contacts"]}
    wallets = [{"id": w["id"], "phone": phones[w["contact"]], "home": w["home"], "pockets": w["pockets"]} for w in data["wallets"]]
    return {"ledger": {"admin": system.admin_url, "token": system.ledger_token, "ca": str(system.ca)}, "agents": agents,
            "passes": passes, "wallets": wallets, "pools": data["pools"]}


def print_tour(described):
    first, second = described["agents"][0], described["agents"][1 % len(described["agents"])]
    gift = next(p for p in described["passes"] if p["plan"] == "gift25" and p["state"] == "active" and p["venue"] == first["venue"])
    wallet = next(w for w in described["wallets"] if w["home"] == first["venue"])
    pos = f"-H 'Authorization: Bearer {first['tokens']['pos']}' -H 'Content-Type: application/json'"
    print("\nObol is running.\n")
    for agent in described["agents"]:
        page, code = agent["till"].split("#pair=")
        print(f"  venue {agent['venue']}   {agent['url']}")
        print(f"    till     {page}   pairing code {code} (good once, for ten minutes)")
        page, code = agent["manager"].split("#pair=")
        print(f"    manager  {page}   pairing code {code}")
        for role, token in agent["tokens"].items():
            print(f"    {role:8} {token}")
    print(f"  ledger      {described['ledger']['admin']}/admin/v1\n    admin    {described['ledger']['token']}\n")
    basket = '{"currency":"EUR","lines":[{"id":"1","sku":"KF02","quantity":"2","amount":700},{"id":"2","sku":"FB02","quantity":"1","amount":250}]}'
    guest = next(p for p in described["passes"] if p["plan"] == "gift10" and p["state"] == "active" and p["venue"] == first["venue"])
    print("At the till, in a browser: type the pairing code, put something into the basket (KF02, 7.00), then\n")
    print(f"a. type {guest['code']} and press Enter twice: a gift pass pays")
    print(f"b. type {gift['code']}, its PIN {gift['pin']} and Enter: one with a PIN pays; the receipt's number refunds it")
    print(f"c. type {wallet['phone']}: what each part of a wallet may pay here and now, and why not\n")
    print("Five things to try without a browser:\n")
    print("1. Is this gift pass good? (it asks for its PIN)")
    print(f"   curl -s {first['url']}/v1/passes/check {pos} -d '{{\"code\":\"{gift['code']}\",\"pin\":\"{gift['pin']}\"}}'\n")
    print("2. Pay a basket from a wallet, as far as its conditions allow")
    print(f"   curl -s {first['url']}/v1/purchases {pos} -H \"Idempotency-Key: $RANDOM$RANDOM\" \\\n     -d '{{\"wallet\":{{\"id\":\"{wallet['id']}\"}},\"basket\":{basket}}}'\n")
    print("3. Pull the link, buy again, restore it, and watch `pending` go to 0")
    manager = f"-H 'Authorization: Bearer {first['tokens']['manager']}' -H 'Content-Type: application/json'"
    print(f"   curl -s {first['url']}/v1/link {manager} -d '{{\"mode\":\"down\"}}'")
    print(f"   curl -s {first['url']}/v1/status {manager}")
    print(f"   curl -s {first['url']}/v1/link {manager} -d '{{\"mode\":\"up\"}}'\n")
    print(f"4. The paper of all venues, their printers' covers and knives, and a scanner to type into: {first['paper']}")
    print(f"   curl -d venue={first['venue']} --data-urlencode 'command=paper out after 200' {first['paper']}   # then buy something; 'paper load' brings the receipt, marked COPY\n")
    print("5. Scan: what is typed into this line is read by the scanner of terminal T1; listen in one window, type in another")
    print(f"   curl -sN {first['url']}/v1/events {pos}")
    print(f"   echo {gift['code']} > {first['keys']}\n")
    if second is not first:
        print(f"The other venue is at {second['url']}.")


def main():
    parser = argparse.ArgumentParser(prog="agent/demo", description="Build Obol, start a ledger and agents with sample data.")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--data", metavar="DIR", help="keep everything here and go on from it next time (default: a new folder, removed at the end)")
    parser.add_argument("--agents", type=int, default=2, choices=(1, 2, 3), metavar="N", help="venues to start, 1 to 3 (default 2)")
    parser.add_argument("--port", type=int, default=8480, metavar="BASE", help="agents on BASE, BASE+1 …, ledger on BASE+10 and BASE+11, paper on BASE+12 (default 8480)")
    parser.add_argument("--replay", metavar="FILE", help="replay a file of real shop baskets instead, with a progress line, and end")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))

    if options.replay:
        from replay import replay_for_a_person
        return replay_for_a_person(options.build, options.replay, options.port)

    folder = pathlib.Path(options.data).resolve() if options.data else pathlib.Path(tempfile.mkdtemp(prefix="obol-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    description = folder / "demo.json"
    description.unlink(missing_ok=True)
    data = demo_data(datetime.date.today())
    try:
        venues = [id for id, _ in VENUES][:options.agents]
        counters = Counters(options.build, folder, options.port + 12, venues)
        system = System(options.build, folder, options.port, data, venues, lambda venue: devices_of(counters.folders[venue]))
        with counters, system:
            described = describe(system, data, counters)
            print_tour(described)
            half_done = description.with_suffix(".new")
            half_done.touch(0o600)
            half_done.write_text(json.dumps(described, ensure_ascii=False, indent=1))
            os.replace(half_done, description)
            print(f"\nAll of it, for programs: {description}\nCtrl-C ends the demo.", flush=True)
            try:
                while True:
                    time.sleep(1)
                    for program in [a.program for a in system.agents] + [system.ledger] + counters.programs:
                        if not program.alive():
                            raise Failed(f"{program.name} ended by itself:\n{program.tail()}")
            except KeyboardInterrupt:
                print("\nEnding.", flush=True)
            description.unlink(missing_ok=True)
    except KeyboardInterrupt:
        print("\nEnding.", flush=True)
    except Failed as fault:
        print(f"agent/demo: {fault}", file=sys.stderr)
        return 1
    finally:
        description.unlink(missing_ok=True)
        if not options.data:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
