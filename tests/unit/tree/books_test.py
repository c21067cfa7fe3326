"""The changes of tests/support/mutants.py find their place: what each would replace stands once in its file. A
change that no longer applies tries nothing, and only the longest of checks would say so."""
import json

import tree

faults, looked = [], 0
for book in tree.files(".json", top="tests/support/"):
    changes = json.loads(tree.read(book)).get("changes", [])
    for change in changes:
        looked += 1
        found = tree.read(change["file"]).count(change["old"])
        if found != 1:
            faults.append(f"{book}: {change['name']}: stands {found} times in {change['file']}")
        if change["old"] == change["new"]:
            faults.append(f"{book}: {change['name']}: changes nothing")
    names = [change["name"] for change in changes]
    faults += [f"{book}: {name}: named twice" for name in sorted({n for n in names if names.count(n) > 1})]
tree.finish("books", faults, looked)
