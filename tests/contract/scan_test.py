"""Our reading of scans before readers that others wrote: symbols that zint draws and ZXingReader reads, with the AIM identifier that it names, and GS1's
elements as gs1-barcode-parser-mod takes them apart; symbologies as barcode-parser names them.

    scan_test.py --build DIR [CASE…]
"""
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, NotHere, build_folder, run_cases, same, true

HERE = pathlib.Path(__file__).resolve().parent
FNC1 = "\x1d"
GTIN = "09506000134352"

# What is drawn: name, zint's symbology and data, its options, the identifier that a scanner sends before it, the product in it.
SYMBOLS = [
    ("ean13", "EANX", "4006381333931", [], "E0", "04006381333931"),
    ("ean13+2", "13", "4006381333931+12", [], "E3", "04006381333931"),
    ("ean8", "EANX", "9638507", [], "E4", "00000096385074"),
    ("upca", "34", "03600029145", [], "E0", "00036000291452"),
    ("upce", "37", "0123455", [], "E0", "00012345000058"),
    ("code128", "20", "GIFT4567", [], "C0", ""),
    ("gs1-128", "16", f"[01]{GTIN}[10]ABC123", [], "C1", GTIN),
    ("code39", "8", "GIFT4567", [], "A0", ""),
    ("pdf417", "55", "GIFT4567", [], "L2", ""),
    ("aztec", "92", "GIFT4567", [], "z0", ""),
    ("gs1-aztec", "92", f"[01]{GTIN}", ["--gs1"], "z1", GTIN),
    ("qr", "58", "OBOL1ABC", [], "Q1", ""),
    ("gs1-qr", "58", f"[01]{GTIN}[10]ABC", ["--gs1"], "Q3", GTIN),
    ("qr-link", "58", f"https://id.gs1.org/01/{GTIN}/10/AB", [], "Q1", GTIN),
    ("datamatrix", "71", "GIFT4567", [], "d1", ""),
    ("gs1-datamatrix", "71", f"[01]{GTIN}[10]ABC[17]271231", ["--gs1"], "d2", GTIN),
    ("databar", "29", "0950600013435", [], "e0", GTIN),
    ("databar-expanded", "31", f"[01]{GTIN}[10]AB", [], "e0", GTIN),
]


def run(*command, cwd=None, given=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd, input=given)
    true(done.returncode == 0, f"{command[0]} said {done.returncode}: {done.stderr[-400:]}")
    return done.stdout


def ours(texts):
    lines = "".join(text.encode().hex() + "\n" for text in texts)
    return [json.loads(line) for line in run(build_folder() / "tests" / "scan_samples", given=lines).splitlines()]


def scanned(folder, name, symbology, data, options):
    """What a scanner that names symbologies would send, as ZXingReader says."""
    picture = folder / f"{name}.png"
    run("zint", "-b", symbology, "-o", picture, "--scale=3", "--quietzones", "--whitesp=10", "--vwhitesp=10", "-d", data, *options)
    said = run("ZXingReader", picture)
    found = re.findall(r"^Bytes: +([0-9A-F ]+)$.*?^Identifier: (\]..)$", said, re.M | re.S)
    true(found, f"ZXingReader reads {name}: {said}")
    octets, identifier = found[-1]  # with an add-on it says the symbol alone first
    return identifier + bytes.fromhex(octets).decode()


def symbols_of_zint_are_told_apart_as_zxing_does(folder):
    if not shutil.which("zint") or not shutil.which("ZXingReader"):
        raise NotHere("there is no zint or no ZXingReader")
    texts = [scanned(folder, *symbol[:4]) for symbol in SYMBOLS]
    for (name, _, _, _, identifier, gtin), text, got in zip(SYMBOLS, texts, ours(texts)):
        same(text[1:3], identifier, f"ZXingReader's identifier of {name}")
        same((got["symbology"], got["gtin"]), (identifier, gtin), f"what we make of {name}: {text!r}")
        same(got["text"], text[3:], f"text of {name}")


def installed(folder):
    if not shutil.which("node") or not shutil.which("npm"):
        raise NotHere("there is no node with npm")
    for name in ("package.json", "package-lock.json", "readers.js"):
        shutil.copy(HERE / "scan" / name, folder)
    try:
        run("npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
    except Failed as fault:
        raise NotHere(f"npm does not install the readers: {fault}") from fault


def with_check_digit(digits):
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return digits + str(-total % 10)


# Identifiers of each kind of format: fixed with and without a separator behind, up to so many, digits alone.
def element(dice):
    digits = lambda n: "".join(dice.choice("0123456789") for _ in range(n))
    text = lambda most: "".join(dice.choice("ABCXYZ0189-/.+_%") for _ in range(dice.randint(1, most)))
    month = f"{dice.randint(1, 12):02d}"
    return dice.choice([
        lambda: ("01", with_check_digit(digits(13))), lambda: ("02", with_check_digit(digits(13))), lambda: ("00", with_check_digit(digits(17))),
        lambda: ("10", text(20)), lambda: ("21", text(20)), lambda: ("11", f"26{month}15"), lambda: ("17", f"27{month}28"), lambda: ("20", digits(2)),
        lambda: ("30", digits(dice.randint(1, 8))), lambda: ("37", digits(dice.randint(1, 8))), lambda: ("240", text(30)), lambda: ("241", text(30)),
        lambda: ("250", text(30)), lambda: ("400", text(30)), lambda: ("403", text(30)), lambda: ("410", with_check_digit(digits(12))),
        lambda: ("414", with_check_digit(digits(12))), lambda: ("420", text(20)), lambda: ("422", "196"), lambda: (f"310{dice.randint(0, 5)}", digits(6)),
        lambda: (f"320{dice.randint(0, 5)}", digits(6)), lambda: (f"392{dice.randint(0, 3)}", digits(dice.randint(1, 15))), lambda: ("8008", f"26{month}151030"),
        lambda: ("8005", digits(6)), lambda: ("8020", text(25)), lambda: ("90", text(30)), lambda: ("99", text(30)),
    ])()


PREDEFINED = ("00", "01", "02", "11", "17", "20", "31", "32", "41")


def elements_are_those_of_another_parser(folder):
    installed(folder)
    dice = random.Random(4711)
    cases = []
    for _ in range(400):
        elements = [element(dice) for _ in range(dice.randint(1, 5))]
        text = ""
        for i, (ai, value) in enumerate(elements):
            text += ai + value + (FNC1 if i + 1 < len(elements) and not ai.startswith(PREDEFINED) else "")
        cases.append((elements, text))
    theirs = json.loads(run("node", "readers.js", "elements", cwd=folder, given=json.dumps([text for _, text in cases])))
    agreed = 0
    for (elements, text), got, other in zip(cases, ours("]C1" + text for _, text in cases), theirs):
        wanted = [list(each) for each in elements]
        same(got["elements"], wanted, f"our elements of {text!r}")
        # Where the two differ it has to be that they refuse what the specification allows: never that we refuse, or read something else.
        if isinstance(other, list):
            same(other, wanted, f"their elements of {text!r}")
            agreed += 1
    true(agreed >= 350, f"{agreed} of {len(cases)} read alike")
    refused = [text for text in ("0109506000134353", "01095060001343", "17ABCDEF", "05123", "ABC") if not ours(["]C1" + text])[0]["elements"]]
    same(len(refused), 5, "what is no element is none")


def symbologies_are_those_of_another_parser(folder):
    installed(folder)
    gs1 = {"C1": True, "d2": True, "Q3": True, "C0": False, "d1": False, "Q1": False, "A0": False}
    theirs = json.loads(run("node", "readers.js", "symbologies", cwd=folder, given=json.dumps([f"]{each}0109506000134352" for each in gs1])))
    for (each, wanted), other, got in zip(gs1.items(), theirs, ours(f"]{each}0109506000134352" for each in gs1)):
        same((other["gs1"], bool(got["elements"])), (wanted, wanted), f"elements behind ]{each} ({other['symbology']})")


if __name__ == "__main__":
    run_cases(symbols_of_zint_are_told_apart_as_zxing_does, elements_are_those_of_another_parser, symbologies_are_those_of_another_parser)
