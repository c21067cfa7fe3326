"""A receipt printer on a TCP port, for flows: it takes bytes, answers what ESC/POS asks of it, and stops as printers stop."""
import re
import socket
import threading

# DLE EOT n; GS r n; GS ( H with an id; GS a n. Letters and lines between them are paper.
ASKED = re.compile(rb"\x10\x04([\x01-\x04])|\x1d\x72([\x01\x02\x31\x32])|\x1d\x28\x48\x06\x00\x30\x30(.{4})|\x1d\x61(.)", re.S)


class PaperPrinter:
    def __init__(self):
        self.lock = threading.Condition()
        self.paper = b""          # all that it took
        self.out_of_paper = self.cover_open = self.never_done = False
        self.paper_ends_after = None  # bytes of the next job
        self.lines, self.automatic = [], False
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def address(self):
        return f"tcp://127.0.0.1:{self.port}"

    def accept(self):
        while True:
            try:
                line, _ = self.server.accept()
            except OSError:
                return
            with self.lock:
                self.lines.append(line)
            threading.Thread(target=self.serve, args=(line,), daemon=True).start()

    def serve(self, line):
        rest = b""
        while True:
            try:
                data = line.recv(512)
            except OSError:
                data = b""
            if not data:
                return
            with self.lock:
                rest += data
                if not self.stopped():
                    self.paper += data
                if self.paper_ends_after is not None and len(self.paper) > self.paper_ends_after:
                    self.out_of_paper, self.paper_ends_after = True, None
                    self.tell()
                while found := ASKED.search(rest):
                    self.answer(line, found)
                    rest = rest[found.end():]
                rest = rest[-12:]  # a question may come in two pieces
                self.lock.notify_all()

    def stopped(self):
        return self.out_of_paper or self.cover_open

    def automatic_status(self):
        return bytes([0x10 | (0x08 if self.stopped() else 0) | (0x20 if self.cover_open else 0), 0, 0x0C if self.out_of_paper else 0, 0x0F])

    def answer(self, line, found):
        eot, paper, ident, automatic = found.groups()
        if eot:
            said = {1: 0x12 | (0x08 if self.stopped() else 0), 2: 0x12 | (0x04 if self.cover_open else 0) | (0x20 if self.out_of_paper else 0),
                    3: 0x12, 4: 0x12 | (0x60 if self.out_of_paper else 0)}[eot[0]]
            self.send(line, bytes([said]))
        elif automatic:
            self.automatic = automatic != b"\0"
            if self.automatic:
                self.send(line, self.automatic_status())
        elif not self.stopped() and not self.never_done:  # these wait behind what is to be printed
            self.send(line, b"\x37\x22" + ident + b"\0" if ident else b"\0")

    def send(self, line, data):
        try:
            line.sendall(data)
        except OSError:
            pass

    def tell(self):
        if self.automatic:
            for line in self.lines:
                self.send(line, self.automatic_status())

    def change(self, **what):
        """out_of_paper, cover_open, paper_ends_after; never_done: it does not say that it printed."""
        with self.lock:
            for name, value in what.items():
                setattr(self, name, value)
            self.tell()

    def take_paper(self):
        """What came out since the last time, as letters."""
        with self.lock:
            out, self.paper = self.paper, b""
        return out.decode("latin-1")

    def printed(self, text):
        with self.lock:
            return text.encode("latin-1") in self.paper

    def close(self):
        self.server.close()
        with self.lock:
            for line in self.lines:
                line.close()
