#!/usr/bin/env python3
"""Do the tests notice what is wrong? Puts one change at a time into a copy of the tree, builds the tests that must notice it and runs
them: each of them must fail.

    tests/support/mutants.py                          mutants.json: small changes to the rules
    tests/support/mutants.py --book planted_faults    planted_faults.json: faults of the store, the use cases, the sync and the auditor
    tests/support/mutants.py … NAME...                those whose name contains NAME
    tests/support/mutants.py … --jobs N               so many compilers at once

A change that no test notices is a survivor, unless the book says why it changes nothing ("same": reason); such a one must survive.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

PROGRAMS = ("obol-agent", "obol-ledger", "obolctl", "obol-audit")
ROOT = pathlib.Path(__file__).resolve().parents[2]
SLOWEST_S = 300  # a change that loops for ever is noticed by this


def run(*command, **more):
    return subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)


class Copy:
    """The tree as it lies here, unsaved work too, with a build as deep in it as the release build lies in the original: so the cache of
    the compiler knows what was compiled there, as long as the flags are the same."""

    def __init__(self, place, flags, jobs, slowest_s):
        self.tree = place / "tree"
        self.build = self.tree / "build" / "release"
        self.flags = flags
        self.jobs = jobs
        self.slowest_s = slowest_s
        self.tree.mkdir(parents=True, exist_ok=True)
        shared = place / "shared"
        if not shared.exists() and (ROOT.parent / "shared").exists():
            shared.symlink_to(ROOT.parent / "shared")

    def fill(self):
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True).stdout
        wanted = {name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()}
        for old in [p for p in self.tree.rglob("*") if p.is_file()]:
            name = old.relative_to(self.tree)
            if name.parts[0] != "build" and str(name) not in wanted:
                old.unlink()
        for name in wanted:
            source, target = ROOT / name, self.tree / name
            if target.exists() and target.read_bytes() == source.read_bytes():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)  # with a new time: what an ended run left changed is built anew

    def configure(self):
        return self.at_work("cmake", "-S", self.tree, "-B", self.build, "-G", "Ninja", "-DCMAKE_CXX_COMPILER_LAUNCHER=ccache", "-DOBOL_TESTS=ON",
                            "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_CXX_FLAGS={self.flags}")

    def make(self, suites):
        jobs = ["-j", self.jobs] if self.jobs else []
        targets = {target for suite in suites for target in (PROGRAMS if is_script(suite) else suite[:1])}
        return self.at_work("ninja", "-C", self.build, *jobs, *sorted(targets))

    def at_work(self, *command):
        return run(*command, env=dict(os.environ, CCACHE_BASEDIR=str(self.tree), CCACHE_NOHASHDIR="1"))

    def fails(self, suite, there=False):
        """Which test says that something is wrong; None: none does. With `there` it is wrong that there is no test."""
        command = [self.build / "tests" / suite[0], "--gtest_fail_fast"]
        if is_script(suite):
            command = ["/usr/bin/python3", self.tree / "tests" / suite[0], "--build", self.build]
        try:
            ran = run(*command, *suite[1:], cwd=self.tree, timeout=self.slowest_s)
        except subprocess.TimeoutExpired:
            return f"no end after {self.slowest_s} s"
        if ran.returncode == 0:
            return "no test is so called" if there and re.search(r"PASSED +\] 0 tests", ran.stdout) else None
        failed = re.search(r"^(?:\[  FAILED  \] |FAIL )(\w[\w/.]*)", ran.stdout, re.MULTILINE)
        if failed:
            return failed.group(1)
        begun = re.findall(r"\[ RUN      \] (\S+)", ran.stdout)
        return f"{begun[-1] if begun else ''} (the process ended: {ran.returncode})"


def is_script(suite):
    return suite[0].endswith(".py")


def suites_of(book, change):
    """Those that must notice it, as [binary, filter] or [script, case]; where the change names none, the book's own."""
    return change.get("suites") or [[book["suite"]]]


def noticed(copy, book, change, suite):
    # Most changes fall by the tests of their own file, and all tests of a binary take a while.
    first = book.get("first", {}).get(pathlib.Path(change["file"]).stem)
    return (first and copy.fails([*suite, f"--gtest_filter={first}"])) or copy.fails(suite)


def try_change(copy, book, change):
    path = copy.tree / change["file"]
    sound = path.read_text()
    found = sound.count(change["old"])
    if found != 1:
        return f"DOES NOT APPLY ({found} places)"
    suites = suites_of(book, change)
    path.write_text(sound.replace(change["old"], change["new"]))
    try:
        built = copy.make(suites)
        if built.returncode != 0:
            return "DOES NOT COMPILE\n" + "\n".join(line for line in built.stdout.splitlines() if "error:" in line)[:800]
        by = [(suite[0], noticed(copy, book, change, suite)) for suite in suites]
    finally:
        path.write_text(sound)
    blind = [suite for suite, test in by if test is None]
    if not blind:
        return "caught by " + ", ".join(f"{suite} {test}" for suite, test in by)
    return "survived" if len(blind) == len(by) else "survived in " + ", ".join(blind)


def all_is_well(copy, book, wanted):
    """Nothing fails before anything is changed, and each filter names tests that exist."""
    commands = {tuple(suite) for change in wanted for suite in suites_of(book, change)}
    built = copy.make(commands)
    if built.returncode != 0:
        sys.exit(built.stdout[-4000:])
    for command in sorted(commands):
        if (test := copy.fails(command, there=True)) is not None:
            sys.exit(f"without any change: {' '.join(command)}: {test}")


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--book", default="mutants")
    asked.add_argument("--jobs", type=int)
    asked.add_argument("names", nargs="*")
    asked = asked.parse_args()
    book = json.loads((ROOT / "tests" / "support" / f"{asked.book}.json").read_text())
    wanted = [c for c in book["changes"] if not asked.names or any(name in c["name"] for name in asked.names)]
    names = [c["name"] for c in book["changes"]]
    assert len(names) == len(set(names)), "two changes have one name"

    copy = Copy(ROOT / "build" / asked.book, book.get("flags", ""), asked.jobs, book.get("slowest_s", SLOWEST_S))
    copy.fill()
    configured = copy.configure()
    if configured.returncode != 0:
        sys.exit(configured.stdout)
    all_is_well(copy, book, wanted)

    caught, same, wrong = 0, 0, []
    for change in wanted:
        began = time.monotonic()
        verdict = try_change(copy, book, change)
        expected = "survived" if "same" in change else "caught"
        as_expected = verdict.split(" ")[0] == expected and (expected == "caught" or verdict == expected)
        if not as_expected:
            wrong.append(change["name"])
        elif expected == "caught":
            caught += 1
        else:
            same += 1
        note = f" (changes nothing: {change['same']})" if "same" in change else ""
        print(f"{'ok  ' if as_expected else 'BAD '} {time.monotonic() - began:5.1f} s  {change['name']}: {verdict}{note}", flush=True)
    print(f"{caught} of {len(wanted) - same} {book['closing']}" + (f", {same} more change nothing" if same else ""))
    if wrong:
        print("not as expected: " + ", ".join(wrong))
    return 1 if wrong else 0


sys.exit(main())
