"""Our receipts before readers that others wrote: zbarimg and ZXingReader read the codes of the pictures and of the emulated paper, npos tokenises
the bytes of each printer model, and receipt-printer-encoder words common things with the same bytes.

    paper_test.py --build DIR [CASE…]
"""
import base64
import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import ROOT, Failed, NotHere, build_folder, run_cases, same, true

HERE = pathlib.Path(__file__).resolve().parent


def run(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd)
    # zbarimg says 4 where it read nothing; what was read is compared anyway.
    true(done.returncode in (0, 4), f"{command[0]} said {done.returncode}: {done.stderr[-400:]}")
    return done.stdout


def samples(folder):
    run(build_folder() / "tests" / "print_samples", ROOT / "config" / "printers", folder)
    return json.loads((folder / "list.json").read_text())


def zbar(picture):
    return sorted(line.split(":", 1)[1] for line in run("zbarimg", "-q", picture).splitlines() if ":" in line)


def zxing(picture):
    # Its halving of large pictures trips over an assertion of its own (1.4.0), so it is told not to halve.
    return sorted(re.findall(r'"(.*)"$', run("ZXingReader", "-1", "-noscale", picture), re.M))


def codes(listed, name):
    document = listed["documents"][name]
    return sorted(document.get("qr", []) + document.get("bars", []))


def others_read_the_codes_of_every_picture_and_paper(folder):
    listed = samples(folder)
    true(len(listed["pictures"]) == 8 and len(listed["prints"]) >= 24, "pictures in both widths, prints of each model")
    for entry in listed["pictures"] + [{**p, "file": p["paper"]} for p in listed["prints"]]:
        wanted = codes(listed, entry["document"])
        same(zbar(folder / entry["file"]), wanted, f"zbarimg {entry['file']}")
        same(zxing(folder / entry["file"]), wanted, f"ZXingReader {entry['file']}")


def F58_a_printer_that_garbles_prints_codes_that_are_read(folder):
    """It prints every letter by its first code page, as one that was set up for another country: codes do not pass through pages."""
    listed = samples(folder)
    garbled = [(p, folder / p["file"].replace(".bin", "_garbled.png")) for p in listed["prints"] if p["document"] != "en"]
    differ = 0
    for entry, paper in garbled:
        differ += paper.read_bytes() != (folder / entry["paper"]).read_bytes()
        same(zbar(paper), codes(listed, entry["document"]), f"zbarimg {paper.name}")
    true(differ >= 8, f"only {differ} papers were garbled at all")


def an_office_printers_pages_are_read_by_others(folder):
    """Rendered by poppler as a printer renders them: A4, the codes readable, each line whole on some page."""
    listed = samples(folder)
    for entry in listed["pages"]:
        about = run("pdfinfo", folder / entry["file"])
        true("(A4)" in about, f"{entry['file']}: {about}")
        count = int(re.search(r"Pages:\s+(\d+)", about).group(1))
        # 120 lines take two pages; the gift is two papers.
        same(count, 4 if entry["document"] == "gift" else 3, f"pages of {entry['file']}")
        run("pdftoppm", "-r", "203", "-gray", "-png", folder / entry["file"], folder / f"office_{entry['document']}")
        pictures = sorted(folder.glob(f"office_{entry['document']}-*.png"))
        same(len(pictures), count, "pictures")
        read = sorted(code for picture in pictures for code in zbar(picture))
        same(read, codes(listed, entry["document"]), f"codes of {entry['file']}")


def a_page_is_sound_xml_with_the_words_of_the_text(folder):
    listed = samples(folder)
    for entry in listed["pictures"]:
        root = xml.etree.ElementTree.parse(folder / entry["svg"]).getroot()
        lines = [e.text.strip() for e in root.iter("{http://www.w3.org/2000/svg}text")]
        true(len(lines) >= (2 if entry["document"] == "proof" else 6), f"{entry['svg']}: its lines are text")
        if entry["document"] == "el":
            true(any("24,30 €" in line for line in lines) and "Άρωμα Καφέ" in lines, "Greek and the euro")


def a_receipt_proves_itself_by_the_written_format(folder):
    """What zbarimg read off the emulated paper, taken apart here by the format in sync/journal/receipt_token.hpp and verified by OpenSSL."""
    listed = samples(folder)
    for entry in [p for p in listed["prints"] if p["document"] == "proof"]:
        text = zbar(folder / entry["paper"])
        same(text, [listed["proof"]["token"]], f"the code on {entry['paper']}")
        true(text[0].startswith("OBOL1") and len(text[0]) <= 311, "a token that fits a code of version 10 at level M")
        digits = text[0][5:]
        raw = base64.b32decode(digits + "=" * (-len(digits) % 8))
        body, signature = raw[:-64], raw[-64:]
        key = bytes.fromhex(listed["proof"]["public_key"])
        same(body[:8], hashlib.sha256(key).digest()[:8], "the key's id")
        same(body[8:13], b"\x04NIC1", "the device")
        same(body[-35:], b"EUR" + b"\xa7" * 32, "currency and head of the chain")
        (folder / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + key)
        (folder / "signed").write_bytes(b"obol-receipt/1\0" + body)
        (folder / "signature").write_bytes(signature)
        said = run("openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", folder / "key.der", "-rawin", "-in", folder / "signed",
                   "-sigfile", folder / "signature")
        true("Successfully" in said, f"OpenSSL verifies the code of {entry['paper']}: {said}")


def installed(folder):
    if not shutil.which("node") or not shutil.which("npm"):
        raise NotHere("there is no node with npm")
    for name in ("package.json", "package-lock.json", "readers.js"):
        shutil.copy(HERE / "paper" / name, folder)
    try:
        run("npm", "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", cwd=folder)
    except Failed as fault:
        raise NotHere(f"npm does not install the readers: {fault}") from fault


def text_of(nodes, pages):
    """The letters as the commands before them say, by Python's own tables."""
    page, out = "cp437", ""
    for name, digits in nodes:
        data = bytes.fromhex(digits)
        if name == "ESC t":
            page = pages[str(data[2])].lower().replace("iso_8859-", "iso8859_")
        elif name == "STX":
            out += data.decode(page)
    return [line.strip() for line in out.split("\n") if line.strip()]


def npos_reads_the_same_text_and_codes(folder):
    installed(folder)
    listed = samples(folder)
    found = json.loads(run("node", "readers.js", "tokens", folder, cwd=folder).splitlines()[-1])
    for entry in [p for p in listed["prints"] if not p["star"]]:
        got = found[entry["file"]]
        same(got["error"], None, f"npos on {entry['file']}")
        same(got["end"], (folder / entry["file"]).stat().st_size, f"{entry['file']} is tokenised to its end")
        # A model with one code page draws the lines that it lacks letters for.
        if "CP1253" in entry["pages"].values():
            wanted = [line.strip() for line in entry["text"].split("\n") if line.strip()]
            # The text tells the token in words, over several lines.
            token = [i for i, line in enumerate(wanted) if line.startswith("[QR:")]
            for i in token:
                end = next(j for j in range(i, len(wanted)) if wanted[j].endswith("]"))
                del wanted[i:end + 1]
            same(text_of(got["nodes"], entry["pages"]), wanted, f"text of {entry['file']}")
        wanted = listed["documents"][entry["document"]].get("qr", [])
        native = [bytes.fromhex(d)[8:].decode() for n, d in got["nodes"] if n == "GS (k" and bytes.fromhex(d)[6:7] == b"P"]
        drawn = [code for picture in got["pictures"] for code in zbar(folder / picture) if code in wanted]
        same((native, drawn), (wanted, []) if entry["native_qr"] else ([], wanted), f"QR codes of {entry['file']}")


def another_encoder_words_common_things_alike(folder):
    installed(folder)
    ours = samples(folder)["sequences"]
    theirs = json.loads(run("node", "readers.js", "sequences", cwd=folder).splitlines()[-1])
    same(sorted(ours), sorted(theirs), "what is compared")
    for what, digits in theirs.items():
        words = bytes.fromhex(digits)
        # What differs, and why: they end lines with LF CR, we with LF, which is all that a printer needs; they choose code page 0 before text of
        # ASCII alone and after a change back, we choose none; they end codes and pictures with a line, which we say where we want one.
        words = words.replace(b"\n\r", b"\n").replace(b"\x1bt\0", b"").rstrip(b"\n")
        got = bytes.fromhex(ours[what])
        if what in ("bold", "large"):
            # They switch a style off before the line ends, we before the next letter: the paper is the same.
            off = b"\x1bE\0" if what == "bold" else b"\x1d!\0"
            words = words.replace(off + b"\n", b"\n" + off)
        if what == "code128":
            # They say the height first and we the line below; the commands are the same.
            split = re.compile(rb"\x1d[hwH].", re.S)
            same(sorted(split.findall(got)), sorted(split.findall(words)), "height, width and line of a bar code")
            words = words[words.index(b"\x1dk"):]
        true(words in got, f"{what}: {words.hex()} is not in {got.hex()}")


def another_encoder_words_things_for_star_alike(folder):
    installed(folder)
    ours = samples(folder)["star_sequences"]
    theirs = json.loads(run("node", "readers.js", "star_sequences", cwd=folder).splitlines()[-1])
    same(sorted(ours), sorted(theirs), "what is compared")
    for what, digits in theirs.items():
        # What differs, and why: they begin with ESC @ and CAN where we leave CAN out, since it would drop what is still being printed; they end lines
        # with LF CR, we with LF; they choose code page 0 before text of ASCII alone and after a change back, we choose none.
        words = bytes.fromhex(digits).replace(b"\n\r", b"\n").replace(b"\x1b\x1dt\0", b"").removeprefix(b"\x1b@\x18").rstrip(b"\n")
        got = bytes.fromhex(ours[what])
        if what in ("bold", "large"):
            # They switch a style off before the line ends, we before the next letter: the paper is the same.
            off = b"\x1bF" if what == "bold" else b"\x1bi\0\0"
            words = words.replace(off + b"\n", b"\n" + off)
        if what in ("qr", "code128", "ean13"):
            # They end a code with a line before they go back to the left, we say the line where we want one: a bar code has its own.
            words = words.replace(b"\n\x1b\x1da\0", b"\x1b\x1da\0")
        if what == "cut":
            # They feed some lines and cut where the paper stands; we let the printer feed as far as its knife is away.
            words = words.lstrip(b"\n").replace(b"\x1bd\1", b"\x1bd\3")
        true(words in got, f"{what}: {words.hex()} is not in {got.hex()}")


if __name__ == "__main__":
    run_cases(others_read_the_codes_of_every_picture_and_paper, F58_a_printer_that_garbles_prints_codes_that_are_read, an_office_printers_pages_are_read_by_others, a_page_is_sound_xml_with_the_words_of_the_text,
              a_receipt_proves_itself_by_the_written_format,
              npos_reads_the_same_text_and_codes, another_encoder_words_common_things_alike, another_encoder_words_things_for_star_alike)
