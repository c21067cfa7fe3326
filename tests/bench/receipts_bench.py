"""A receipt of 40 lines with a QR code: as bytes of ESC/POS, the code made by the printer or drawn, and as a PNG; and the matrix of its code. Beside the
printing libraries of npm, npm's qrcode and bare libqrencode, in one run, by processor time of the best of nine rounds; the sides take turns."""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]
from flow import ROOT, Failed, build_folder

ROUNDS, MILLISECONDS = 5, 400
TOKEN = ("OBOL1:AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYUCULBOGAZDINRYHI6D4QCCIRDEQSSMJZIFEVCWLBNFYXTAMJSGM2DKNRXHA4TUOZ4HU7D"
         "6QCBIJBUIRKGI5EESSSLJRGU4T2QKFJFGVCVKZLVQWK2LNOF2XS7MBQWEY3EMVTGO2DJNJVWY3LON5YHC4TTOR2XM53YPF5HW7D5PZ74")
PEERS = {"encoder": "@point-of-sale/receipt-printer-encoder", "receiptline": "receiptline", "thermal": "node-thermal-printer",
         "qrcode": "npm qrcode, matrix", "png": "npm qrcode, PNG of the code alone"}
OURS = {"native": "obol: bytes, the printer makes the code", "raster": "obol: bytes, the code drawn", "png": "obol: PNG of the whole receipt",
        "qr": "obol: matrix", "bare": "bare libqrencode, matrix"}
# P20: what, beside what, at most so much of it.
GOALS = [("native", "thermal", 0.1), ("raster", "bare", 1.5), ("png", "peer png", 0.2)]


def run(*command, cwd=None):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, cwd=cwd)
    if done.returncode != 0:
        raise Failed(f"{command[0]}: {(done.stderr or done.stdout).strip()[-400:]}")
    return done.stdout


def install(folder):
    """The peers as package-lock.json pins them; those that cannot be had are named and left out."""
    folder.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json", "peers.js"):
        shutil.copy(HERE / "receipts" / name, folder)
    if not shutil.which("node"):
        return {name: "there is no node" for name in PEERS}
    why = ""
    try:
        run("npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund", cwd=folder)
    except (Failed, FileNotFoundError) as fault:
        why = str(fault)
    skipped = {}
    for name in PEERS:
        try:
            run("node", "peers.js", name, "size", TOKEN, cwd=folder)
        except Failed as fault:
            skipped[name] = why or str(fault)
    return skipped


def main():
    build = build_folder()
    peers = build / "receipt_peers"
    skipped = install(peers)
    met = {}
    for _ in range(ROUNDS):
        for name, us in json.loads(run(build / "tests" / "receipts_bench", ROOT / "config" / "printers", MILLISECONDS)).items():
            if name in OURS:
                met.setdefault(name, []).append(us)
        for name in PEERS.keys() - skipped.keys():
            met.setdefault("peer " + name if name == "png" else name, []).append(float(run("node", "peers.js", name, MILLISECONDS, TOKEN, cwd=peers)))
    us = {name: statistics.median(all_of) for name, all_of in met.items()}
    for name, title in OURS.items():
        print(f"{us[name]:10.1f} µs  {title}")
    for name, title in PEERS.items():
        key = "peer " + name if name == "png" else name
        print(f"{us[key]:10.1f} µs  {title}" if key in us else f"   skipped     {title}: {skipped[name]}")
    missed = 0
    for ours, beside, most in GOALS:
        if beside not in us:
            print(f"not compared: {OURS[ours]}")
            continue
        ratio = us[ours] / us[beside]
        print(f"{ratio:8.3f} ×  {OURS[ours]} / {OURS.get(beside) or PEERS[beside.removeprefix('peer ')]}: {'good' if ratio <= most else 'MISSED'}, at most {most}")
        missed += ratio > most
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
