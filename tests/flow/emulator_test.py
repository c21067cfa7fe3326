"""The program obol-emulator from outside, as the demo and whoever tries a till use it: bytes in, paper out, and what a person does to it."""
import os
import pathlib
import select
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import ROOT, build_folder, run_cases, same, true, until

build = build_folder()
CUT = b"\x1dVB\0"
FINE, OUT_OF_PAPER, OPEN = b"\x12\x12\x12\x12", b"\x1a\x32\x12\x72", b"\x1a\x16\x12\x12"


class Counter:
    """A printer on a port and a scanner on a line."""

    def __init__(self, folder, model="TM-T88V"):
        self.folder = folder
        self.program = subprocess.Popen(
            [build / "obol-emulator", "--printer", "tcp://127.0.0.1:0", "--scanner", f"pty:{folder / 'scanner'}", "--keys", f"pty:{folder / 'keys'}",
             "--profile", model, "--profiles", ROOT / "config" / "printers", "--paper", folder / "paper"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.program.stdout.readline().split()
        true(len(ready) == 2 and ready[0] == "ready", f"it says where it waits: {ready}")
        host, self.port = ready[1].removeprefix("tcp://").rsplit(":", 1)
        self.line = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.program.stdin.close()
        same(self.program.wait(10), 0, "the end of its input ends it")
        true(not (self.folder / "scanner").is_symlink(), "it leaves nothing behind")

    def obey(self, command):
        self.program.stdin.write(command + "\n")
        self.program.stdin.flush()
        return self.program.stdout.readline().rstrip("\n")

    def obeys(self, *commands):
        for command in commands:
            same(self.obey(command), "ok", command)

    def connect(self):
        if self.line:
            self.line.close()
        self.line = socket.create_connection(("127.0.0.1", int(self.port)), 10)
        self.line.settimeout(10)
        return self

    def send(self, data):
        self.line.sendall(data)

    def hear(self, size):
        out = b""
        while len(out) < size:
            got = self.line.recv(size - len(out))
            true(got, "the printer hangs up")
            out += got
        return out

    def status(self):
        self.send(b"".join(bytes([0x10, 0x04, n]) for n in (1, 2, 3, 4)))
        return self.hear(4)

    def sheet(self, number):
        path = self.folder / "paper" / f"sheet-{number:04}.txt"
        until(lambda: path.with_suffix(".png").exists() and path.exists(), f"sheet {number}")
        true(path.with_suffix(".png").read_bytes().startswith(b"\x89PNG"), "and its picture")
        return path.read_text().strip()

    def sheets(self):
        return int(self.obey("status").split()[0].removeprefix("sheets="))


def a_sheet_comes_out_of_what_is_sent(folder):
    with Counter(folder) as counter:
        counter.connect().send("Καφές".encode("cp737").join([b"\x1b@\x1bt\x0e", b"\n"]) + CUT)
        same(counter.sheet(1), "Καφές", "the first sheet")
        same(counter.status(), FINE, "all is well")
        counter.send(b"\x1bp\0\x19\xfa" + b"second\n" + CUT)
        same(counter.sheet(2), "second", "the second")
        true("pulses=1" in counter.obey("status"), "the drawer opened")
        true(counter.obey("paper in").startswith("fault:"), "what it does not know it says")


def paper_cover_and_knife_stop_it_and_let_it_go_on(folder):
    with Counter(folder) as counter:
        counter.connect()
        counter.obeys("paper out")
        same(counter.status(), OUT_OF_PAPER, "out of paper")
        counter.send(b"waits for paper\n" + CUT)
        counter.obeys("paper load")
        same(counter.sheet(1), "waits for paper", "with a new roll")
        counter.obeys("cover open")
        same(counter.status(), OPEN, "the cover")
        counter.send(b"waits for the cover\n" + CUT)
        counter.obeys("cover close")
        same(counter.sheet(2), "waits for the cover", "closed again")
        counter.obeys("jam")
        counter.send(b"is jammed\n" + CUT + b"later\n" + CUT)
        until(lambda: "stopped=yes" in counter.obey("status"), "it jams at the cut")
        same(counter.status(), b"\x1a\x52\x1a\x12", "the knife")
        counter.obeys("free")
        same((counter.sheet(3), counter.sheet(4)), ("is jammed", "later"), "freed")
        counter.obeys("paper low")
        same(counter.status(), b"\x12\x12\x12\x1e", "near its end")


def it_lies_is_silent_loses_its_power_and_its_cable(folder):
    with Counter(folder) as counter:
        counter.connect()
        counter.obeys("lie", "cover open")
        same(counter.status(), FINE, "a liar says that all is well")
        counter.obeys("cover close")
        counter.send(b"never seen\n" + CUT + b"\x1dr\1")
        same(counter.hear(1), b"\0", "and that it has printed")
        same(counter.sheets(), 0, "nothing came out")
        counter.obeys("truth", "silent")
        counter.send(b"\x10\x04\x01")
        true(not select.select([counter.line], [], [], 0.2)[0], "no answer")
        counter.obeys("speak", "unplug")
        same(counter.line.recv(1), b"", "the cable is out")
        counter.obeys("plug")
        counter.connect().send(b"\x1b@again\n" + CUT)
        same(counter.sheet(1), "again", "and in again, at the same port")
        counter.send(b"half a line")
        counter.obeys("power off", "power on")
        counter.connect().send(b"whole\n" + CUT)
        same(counter.sheet(2), "whole", "what was in its buffer is gone")


def a_scanner_types_what_it_is_told_and_what_a_person_types(folder):
    with Counter(folder) as counter:
        def read_of(line, size):
            out = b""
            while len(out) < size and select.select([line], [], [], 10)[0]:
                out += os.read(line, size - len(out))
            return out
        line = os.open(folder / "scanner", os.O_RDWR | os.O_NOCTTY)
        try:
            counter.obeys("scan ]C14F7K22QX9M3P")
            same(read_of(line, 16), b"]C14F7K22QX9M3P\r", "a scan")
            counter.obeys(r"type 52\x30\t\\")
            same(read_of(line, 5), b"520\t\\", "bytes as they are")
            (folder / "keys").open("w").write("4F7K22QX9M3P\n")
            same(read_of(line, 13), b"4F7K22QX9M3P\n", "typed by a person")
        finally:
            os.close(line)
        before = os.readlink(folder / "scanner")
        counter.obeys("scanner unplug")
        true(not (folder / "scanner").exists(), "pulled out")
        counter.obeys("scanner plug")
        line = os.open(folder / "scanner", os.O_RDWR | os.O_NOCTTY)
        counter.obeys("scan AGAIN")
        same(read_of(line, 6), b"AGAIN\r", f"plugged in again, at {os.readlink(folder / 'scanner')} instead of {before}")
        os.close(line)


def a_star_printer_prints_too(folder):
    with Counter(folder, "TSP650II") as counter:
        counter.connect().send("Καφές".encode("cp737").join([b"\x1b@\x1b\x1dt\x0f", b"\n\x1bd\x03"]) + b"\x1b\x06\x01")
        same(counter.hear(9), b"\x23\x06" + bytes(7), "all is well")
        same(counter.sheet(1), "Καφές", "the sheet")
        counter.obeys("cover open")
        counter.send(b"\x1b\x06\x01")
        same(counter.hear(9)[2], 0x28, "the cover is open, it is off line")


run_cases(a_sheet_comes_out_of_what_is_sent, paper_cover_and_knife_stop_it_and_let_it_go_on, it_lies_is_silent_loses_its_power_and_its_cable,
          a_scanner_types_what_it_is_told_and_what_a_person_types, a_star_printer_prints_too)
