"""Reads the tree's own sources. Shared by the tests of this folder."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
SOURCE = {".cpp", ".hpp"}


def files(*suffixes, top=None):
    """Tracked and new files, relative to the root, as git sees them (the whole tree where there is no git)."""
    git = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if git.returncode == 0:
        names = git.stdout.splitlines()
    else:
        names = [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and "build" not in p.parts[:len(ROOT.parts) + 1]]
    chosen = [n for n in names if (not suffixes or pathlib.Path(n).suffix in suffixes) and (ROOT / n).is_file()]
    return [n for n in chosen if top is None or n.startswith(top)]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def without_comments_and_strings(text):
    """Keeps line numbers, drops what is not code."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def finish(name, faults, checked):
    for fault in faults:
        print(fault)
    print(f"{name}: {checked} files, {len(faults)} faults")
    sys.exit(1 if faults or not checked else 0)
