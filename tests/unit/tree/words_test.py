"""The catalogues in agent/words have the same keys, each key is used, and each key that code says is there."""
import json
import re

import tree

CATALOGUES = tree.files(".json", top="agent/words/")
words = {n: json.loads(tree.read(n)) for n in CATALOGUES}
faults = [] if len(words) >= 2 else ["agent/words: two languages at least"]
known = set().union(*words.values()) if words else set()
for name, catalogue in words.items():
    faults += [f"{name}: {key} is missing" for key in sorted(known - set(catalogue))]
    faults += [f"{name}: {key} is empty" for key, text in catalogue.items() if not text.strip()]

# A key stands in the code whole, or as the beginning of one whose end is a word of the domain ("tender." + …).
code = "\n".join(tree.read(n) for n in tree.files(".cpp", top="agent/app/"))
literals = set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)*\.?)"', code))
begun = {l for l in literals if l.endswith(".")}
faults += [f"agent/words: nobody says {key}" for key in sorted(known) if key not in literals and not any(key.startswith(b) for b in begun)]
said = set(re.findall(r'(?:say|until_|part|parts)\("([a-z_.]+)"', code))
faults += [f"agent/app: {key} is in no catalogue" for key in sorted(said) if not key.endswith(".") and key not in known]
tree.finish("words", faults, len(known))
