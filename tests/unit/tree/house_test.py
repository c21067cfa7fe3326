"""The house: top-level names, coroutine hazards of GCC 12, words that do not belong, float money, tests that are switched off."""
import re

import tree

TOP = {"CMakeLists.txt", "agent", "sync", "drivers", "config", "tests", "systemd", "README.md"}
faults = []
names = tree.files()
for name in names:
    top = name.split("/")[0]
    if top not in TOP and not top.startswith("."):
        faults.append(f"{name}: top-level names are fixed: {', '.join(sorted(TOP))}")


def code_faults(name, text):
    code = tree.without_comments_and_strings(text)
    # STYLE 3.1: braced or capturing temporaries inside co_await are destroyed twice by GCC 12.
    for found in re.finditer(r"co_await\b[^;]*?\(\s*(?:\{|\[[^\]]|(?!Millis)[A-Z]\w*\s*\{)", code):
        yield f"{name}:{code.count(chr(10), 0, found.start()) + 1}: co_await with a temporary: give it a name"
    if re.search(r"\bDISABLED_|GTEST_SKIP", code):
        yield f"{name}: a test that is switched off"
    if name.startswith(("sync/domain/", "sync/journal/", "sync/ledger/book/", "agent/app/")) and name != "sync/domain/code.cpp":
        for number, line in enumerate(code.splitlines(), 1):
            if re.search(r"\b(double|float)\b", line) and "entropy" not in line:
                yield f"{name}:{number}: floating point near money"


assert list(code_faults("agent/x.cpp", "co_await f({1, text});"))
assert list(code_faults("agent/x.cpp", "co_await g([big] { return 1; });"))
assert list(code_faults("sync/domain/x.cpp", "double total = 0;"))
assert not list(code_faults("agent/x.cpp", "co_await f(std::move(job));"))

sources = [n for n in names if n.endswith((".cpp", ".hpp"))]
for name in sources:
    faults.extend(code_faults(name, tree.read(name)))
for name in sources:
    if name.endswith(".hpp") and "#pragma once" not in tree.read(name):
        faults.append(f"{name}: no #pragma once")
# Every room has a page that says what lies there.
rooms = {n.rsplit("/", 1)[0] for n in sources if not n.startswith("tests/")}
for room in sorted(rooms):
    if not (tree.ROOT / room / "README.md").is_file():
        faults.append(f"{room}: no README.md")
tree.finish("house", faults, len(names))
