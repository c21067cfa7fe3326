"""The catalogues of the pages: every language says the same things with the same blanks, and says all that the pages ask for."""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
WEB = ROOT / "agent" / "web"


def once(pairs):
    """An object that says no key twice."""
    names = [name for name, _ in pairs]
    assert len(set(names)) == len(names), f"said twice: {sorted(n for n in names if names.count(n) > 1)}"
    return dict(pairs)


def main():
    # What all pages share, and what a page has besides: together one catalogue a language, saying no key twice.
    catalogues = {}
    for folder in ("shared", "till", "manager"):
        for path in sorted((WEB / folder).glob("??.json")):
            said = catalogues.setdefault(path.stem, {})
            words = json.loads(path.read_text(), object_pairs_hook=once)
            assert not said.keys() & words.keys(), f"{path.relative_to(ROOT)} says what another says: {sorted(said.keys() & words.keys())}"
            said.update(words)
    assert {"en", "el"} <= catalogues.keys(), f"catalogues: {sorted(catalogues)}"
    of_page = {path.name for path in (WEB / "manager").glob("??.json")}
    assert of_page == {f"{language}.json" for language in catalogues}, f"the manager page speaks {sorted(of_page)}"
    english, wrong = catalogues["en"], []
    for language, words in catalogues.items():
        wrong += [f"{language} has no {key}" for key in english.keys() - words.keys()] + [f"en has no {key} of {language}" for key in words.keys() - english.keys()]
        wrong += [f"{language}: {key} has other blanks than en" for key in english.keys() & words.keys()
                  if set(re.findall(r"{\w+}", words[key])) != set(re.findall(r"{\w+}", english[key]))]
        wrong += [f"{language}: {key} is empty" for key, text in words.items() if not text.strip()]
    code = "\n".join(path.read_text() for path in WEB.rglob("*.js"))
    asked = set(re.findall(r"say\(\s*'([\w.]+)'", code)) | set(re.findall(r"note\('([\w.]+)'", code))
    wrong += [f"a page says {key}, which no catalogue has" for key in sorted(asked - english.keys())]
    # A key that is put together from parts is said by its first part.
    parts = set(re.findall(r"`([\w.]+\.)\$\{", code))
    quoted = set(re.findall(r"['\"]([\w.]+)['\"]", code)) | asked
    wrong += [f"no page says {key}" for key in sorted(english) if key not in quoted and not any(key.startswith(part) for part in parts | {word + "." for word in quoted})]
    for line in wrong:
        print(line)
    print(f"{len(english)} texts in {len(catalogues)} languages")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
