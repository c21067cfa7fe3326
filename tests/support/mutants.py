#!/usr/bin/env python3
"""Do the unit tests of the rules notice a wrong rule? Applies small changes to sync/domain one at a time (mutants.json) to a copy of the
tree, builds domain_test and runs it: every change must make it fail.

    tests/support/mutants.py            all
    tests/support/mutants.py NAME...    those whose name contains NAME

A change that no test notices is a survivor, unless mutants.json says why it changes nothing ("same": reason); such a one must survive.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "mutants"
TREE = PLACE / "tree"
BUILD = PLACE / "build"
SLOWEST_S = 300  # a mutant that loops for ever is caught by this


def run(*command, **more):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


def copy_tree():
    """What git knows and what is new, as it lies here: unsaved work is tested too."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True).stdout
    wanted = {name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()}
    for old in [p for p in TREE.rglob("*") if p.is_file()] if TREE.exists() else []:
        if str(old.relative_to(TREE)) not in wanted:
            old.unlink()
    for name in wanted:
        source, target = ROOT / name, TREE / name
        if target.exists() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)  # with a new time: what an ended run left mutated is built anew
    shared = PLACE / "shared"
    if not shared.exists() and (ROOT.parent / "shared").exists():
        shared.symlink_to(ROOT.parent / "shared")


def build():
    env = dict(os.environ, CCACHE_BASEDIR=str(TREE), CCACHE_NOHASHDIR="1")
    return run("ninja", "-C", BUILD, "domain_test", env=env)


def tests(first=None):
    """Those of the same file first: most mutants fall there, and the proofs over all zones take a while."""
    command = [BUILD / "tests" / "domain_test", "--gtest_brief=1", "--gtest_fail_fast"]
    try:
        if first and run(*command, f"--gtest_filter={first}", cwd=TREE, timeout=SLOWEST_S).returncode != 0:
            return False
        return run(*command, cwd=TREE, timeout=SLOWEST_S).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def try_mutant(mutant, first):
    path = TREE / mutant["file"]
    sound = path.read_text()
    found = sound.count(mutant["old"])
    if found != 1:
        return f"DOES NOT APPLY ({found} places)"
    path.write_text(sound.replace(mutant["old"], mutant["new"]))
    try:
        built = build()
        if built.returncode != 0:
            return "DOES NOT COMPILE\n" + "\n".join(line for line in built.stdout.splitlines() if "error" in line)[:800]
        return "survived" if tests(first) else "caught"
    finally:
        path.write_text(sound)


def main():
    book = json.loads((ROOT / "tests" / "support" / "mutants.json").read_text())
    wanted = [m for m in book["mutants"] if not sys.argv[1:] or any(name in m["name"] for name in sys.argv[1:])]
    names = [m["name"] for m in book["mutants"]]
    assert len(names) == len(set(names)), "two mutants have one name"
    copy_tree()
    configured = run("cmake", "-S", TREE, "-B", BUILD, "-G", "Ninja", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache", "-DCMAKE_BUILD_TYPE=Release", "-DOBOL_TESTS=ON",
                     # A mutant may leave a variable unused or a bracket to be wished for.
                     "-DCMAKE_CXX_FLAGS=-Wno-parentheses -Wno-unused-variable -Wno-unused-parameter -Wno-unused-function -Wno-unused-but-set-variable -Wno-tautological-compare")
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    built = build()
    if built.returncode != 0:
        sys.exit(built.stdout[-4000:])
    if not tests():
        sys.exit("the tests fail without any mutant")

    caught, same, wrong = 0, 0, []
    for mutant in wanted:
        began = time.monotonic()
        verdict = try_mutant(mutant, book["first"].get(pathlib.Path(mutant["file"]).stem))
        expected = "survived" if "same" in mutant else "caught"
        if verdict != expected:
            wrong.append(mutant["name"])
        elif verdict == "caught":
            caught += 1
        else:
            same += 1
        note = f" (changes nothing: {mutant['same']})" if "same" in mutant else ""
        print(f"{'ok  ' if verdict == expected else 'BAD '} {time.monotonic() - began:5.1f} s  {mutant['name']}: {verdict}{note}", flush=True)
    print(f"{caught} of {len(wanted) - same} mutants caught" + (f", {same} more change nothing" if same else ""))
    if wrong:
        print("not as expected: " + ", ".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
