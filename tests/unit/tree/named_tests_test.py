"""Tests that a README names exist: `Suite.Name`, `Suite.Beginning…`, `Suite.*`, and `script_test` F38_… for a case of a script. A table of
faults whose tests were renamed or taken away says more than is true."""
import re

import tree

cases = set()
for name in tree.files(".cpp", top="tests/"):
    cases |= {".".join(found) for found in re.findall(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)", tree.read(name), re.M)}
scripts = {name.rsplit("/", 1)[1][:-3]: tree.read(name) for name in tree.files(".py", top="tests/") if name.endswith("_test.py")}


def missing(text):
    for suite, case in re.findall(r"`(?:\w+/)?([A-Z]\w+)\.([A-Z]\w*…?|\*)`", text):
        named = f"{suite}." if case == "*" else f"{suite}.{case.rstrip('…')}"
        whole = not case.endswith(("*", "…"))
        if named not in cases if whole else not any(each.startswith(named) for each in cases):
            yield f"{suite}.{case}"
    for script, beginnings in re.findall(r"`(\w+_test)` ((?:[A-Z]\d+_)+…)", text):
        if not re.search(rf"^def {beginnings.rstrip('…')}", scripts.get(script, ""), re.M):
            yield f"{script} {beginnings}"


assert list(missing("`NoSuite.NoCase`")) == ["NoSuite.NoCase"]
assert list(missing("`network_test` F99_…")) == ["network_test F99_…"]
some = sorted(cases)[0]
assert not list(missing(f"`{some}`, `{some[:-1]}…`, `{some.split('.')[0]}.*`"))

names = tree.files(".md")
faults = [f"{name}: names a test that is not there: {test}" for name in names for test in missing(tree.read(name))]
tree.finish("named tests", faults, len(names))
