"""Evaluation of a wallet's conditions and its allocation, beside what an integrator could pick instead, in one run: a plain hand-written loop in C++
and in node, json-rules-engine, json-logic-js and a CEL engine. The others judge conditions alone; ours also says why not, and splits the money best.
All sides read the same case and must come to the same verdicts."""
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE / "rules")]
from flow import BASKETS, Failed, build_folder, same

import cases

ROUNDS = 7
NODE = {"node, plain loop": "plain", "json-rules-engine": "json-rules-engine", "json-logic-js": "json-logic-js", "cel-js": "@marcbachmann/cel-js"}
GOALS = {"cel-js": 0.15, "json-logic-js": 0.05, "json-rules-engine": 0.02}  # P5: ours is at most so much of it
MOST_US, MOST_INSTRUCTIONS, MOST_GROWTH = 12, 3.0, 1.0                      # P5, P6, P7
OURS, LOOP = "obol: conditions, reasons, allocation", "C++, plain loop"


def run(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def install(folder):
    """The peers as package-lock.json pins them; those that cannot be had are named and left out."""
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "peers.js"):
        shutil.copy(HERE / "rules" / name, folder)
    if not shutil.which("node"):
        return {}, {title: "there is no node" for title in NODE}
    why = ""
    try:
        run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
    except (Failed, FileNotFoundError) as fault:
        why = str(fault)
    usable, skipped = {}, {}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as tiny:
        json.dump(cases.shop_case("tiny", 1, 1), tiny)
        tiny.flush()
        for title, peer in NODE.items():
            try:
                run("node", "peers.js", "verdicts", peer, tiny.name, cwd=folder)
                usable[title] = peer
            except Failed as fault:
                skipped[title] = why or str(fault)
    return usable, skipped


class Bench:
    def __init__(self, build, folder):
        self.ours, self.folder = build / "tests" / "rules_bench", folder
        self.peers_folder = build / "rules_peers"
        self.peers, self.skipped = install(self.peers_folder)

    def write(self, case):
        path = self.folder / (re.sub(r"\W+", "-", case["name"]) + ".json")
        path.write_text(json.dumps(case))
        return path

    def node(self, *words):
        return run("node", "peers.js", *words, cwd=self.peers_folder)

    def time_ours(self, path, ms):
        return [float(word) for word in run(self.ours, "time", path, ms).split()]

    def side_by_side(self, case, ms):
        """Median processor microseconds a basket, by side; the sides take turns, so that a noisy minute hits all alike."""
        path, baskets = self.write(case), len(case["baskets"])
        wanted = run(self.ours, "verdicts", path)  # which fails by itself where the plain loop says otherwise
        for title, peer in self.peers.items():
            same(self.node("verdicts", peer, path), wanted, f"verdicts of {title} on {case['name']}")
        rounds = {title: [] for title in (OURS, LOOP, *self.peers)}
        for _ in range(ROUNDS):
            ours, loop = self.time_ours(path, ms)
            rounds[OURS].append(ours)
            rounds[LOOP].append(loop)
            for title, peer in self.peers.items():
                rounds[title].append(float(self.node("time", peer, path, ms)))
        return {title: statistics.median(got) / baskets for title, got in rounds.items()}

    def instructions(self, case, sides=("ours", "plain"), passes=200):
        """Of one pass, by side. Counted between entry and return of one function, so reading the case is left out."""
        path, out = self.write(case), []
        for side in sides:
            report = subprocess.run(["valgrind", "--tool=callgrind", f"--toggle-collect=*bench_{side}*", "--callgrind-out-file=/dev/null",
                                     str(self.ours), "count", side, str(path), str(passes)], capture_output=True, text=True).stderr
            found = re.search(r"Collected\s*:\s*(\d+)", report)
            if not found:
                raise Failed(f"callgrind: {report.strip()[-400:]}")
            out.append(int(found.group(1)) / passes)
        return out

    def growth(self, sizes):
        """Median microseconds by (lots, lines), over real lines."""
        paths = {size: self.write(cases.real_growth(BASKETS, *size)) for size in sizes}
        rounds = {size: [] for size in sizes}
        for _ in range(3):
            for size, path in paths.items():
                rounds[size].append(self.time_ours(path, 60))
        return {size: [statistics.median(column) for column in zip(*got)] for size, got in rounds.items()}


class Verdict:
    def __init__(self):
        self.met = True

    def goal(self, what, figure, most, unit=""):
        good = figure <= most
        self.met &= good
        print(f"  {what}: {figure:.3g}{unit} (goal: at most {most:g}{unit}){'' if good else '  MISSED'}")


def print_sides(name, sides):
    print(f"\n{name}: processor time a basket in us, and ours in parts of it")
    for title, figure in sides.items():
        print(f"  {title:40}{figure:>10.2f}" + (f"{sides[OURS] / figure:>9.3f}" if title != OURS else ""))


def main():
    build, verdict = build_folder().resolve(), Verdict()
    with tempfile.TemporaryDirectory(prefix="obol-rules-") as folder:
        bench = Bench(build, pathlib.Path(folder))
        for title, why in bench.skipped.items():
            print(f"skipped: {title}: {why}")
        shop = cases.shop_case("20 lots x 10 lines", 20, 10)
        sides = bench.side_by_side(shop, 250)
        print_sides(shop["name"], sides)
        verdict.goal("P5 ours", sides[OURS], MOST_US, " us")
        for title, most in GOALS.items():
            if title in sides:
                verdict.goal(f"P5 ours / {title}", sides[OURS] / sides[title], most)
        real = cases.real_case(BASKETS)
        print_sides(f"{len(real['baskets'])} real baskets, 20 lots", bench.side_by_side(real, 250))

        counting = shutil.which("valgrind")
        if counting:
            ours, loop = bench.instructions(shop)
            print(f"\ninstructions, {shop['name']}: ours {ours:,.0f}, plain loop {loop:,.0f}")
            verdict.goal("P6 ours / plain loop", ours / loop, MOST_INSTRUCTIONS)
        else:
            print("\nskipped: instructions: there is no valgrind")

        steps = (1, 10, 100, 1000)
        by_lots, by_lines, by_both = [(n, 10) for n in steps], [(20, n) for n in steps], [(10, 10), (100, 100), (1000, 1000)]
        sizes = list(dict.fromkeys([*by_lots, *by_lines, *by_both]))
        times, counts = bench.growth(sizes), {}
        print("\ngrowth over real lines: lots x lines; ours and the plain loop in us; instructions of ours, a lot and line")
        for size in sizes:
            each = ""
            if counting:
                counts[size] = bench.instructions(cases.real_growth(BASKETS, *size), ("ours",), passes=3)[0]
                each = f"{counts[size]:>15,.0f}{counts[size] / (size[0] * size[1]):>9.0f}"
            print(f"  {size[0]:>5} x {size[1]:<5}{times[size][0]:>11.2f}{times[size][1]:>11.2f}{each}")
        for what, row in (("lots", by_lots), ("lines", by_lines), ("both", by_both)) if counting else ():
            # Memory of a thousand lots lies beyond the caches of a core, so instructions say how the work grows.
            few, many = row[-2], row[-1]
            proportional = (many[0] * many[1]) / (few[0] * few[1])
            verdict.goal(f"P7 work with {what}, {few[0]} x {few[1]} to {many[0]} x {many[1]}, over proportional",
                         counts[many] / counts[few] / proportional, MOST_GROWTH)
    print("\ngoals met" if verdict.met else "\nGOALS NOT MET")
    return 0 if verdict.met else 1


sys.exit(main())
