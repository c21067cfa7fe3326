"""What stands on the demo's counters: an emulated printer and scanner for each venue, and a page where their paper is seen."""
import html
import http.server
import pathlib
import re
import socket
import threading
import urllib.parse

COMMANDS = ["paper out", "paper out after 200", "paper load", "cover open", "cover close", "jam", "free", "power off", "power on", "drawer close"]
SHEETS = 12  # the newest of each venue
STYLE = """body{font:16px sans-serif;margin:1rem;background:#e7e3da}form{display:inline}section{margin-bottom:2rem}
figure{display:inline-block;margin:.5rem;vertical-align:top}img{max-width:24rem;background:#fff;box-shadow:0 2px 8px #0004}figcaption{font-size:.8rem}iframe{width:100%;height:38rem;border:0}"""
HEAD = f"<!doctype html><html lang=en><meta charset=utf-8><title>Paper</title><style>{STYLE}</style>"


def devices_of(folder):
    """Members for the configuration of the agent whose counter lies in this folder."""
    return {"devices": {"printers": [{"name": "counter", "address": f"emulator:{folder / 'printer'}", "terminal": "T1", "drawer": True}],
                        "scanners": [{"name": "scanner", "address": f"emulator:{folder / 'scanner'}", "terminal": "T1"}]}}


def emulator_arguments(build, root, folder):
    return [build / "obol-emulator", "--printer", f"unix:{folder / 'printer'}", "--scanner", f"pty:{folder / 'scanner'}", "--keys", f"pty:{folder / 'keys'}", "--control", f"unix:{folder / 'control'}",
            "--profile", "generic-80mm", "--profiles", root / "config" / "printers", "--paper", folder / "paper"]


def obey(folder, command):
    """Tells the emulator of a counter one line, and says its answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(10)
        line.connect(str(folder / "control"))
        line.sendall(command.encode() + b"\n")
        return line.makefile(encoding="utf-8").readline().strip()


class PaperPage:
    """On loopback alone. counters: venue -> folder."""

    def __init__(self, port, counters):
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def good_host(self):
                own = {f"127.0.0.1:{port}", f"localhost:{port}"}
                origin = self.headers.get("Origin")
                return self.headers.get("Host") in own and (origin is None or origin.removeprefix("http://") in own)

            def answer(self, status, kind, body, **headers):
                self.send_response(status)
                for name, value in ({"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                if not self.good_host():
                    return self.answer(421, "text/plain", b"not this host")
                path = urllib.parse.urlsplit(self.path).path
                shown = page.html() if path == "/" else page.sheets(path[1:]) if path[1:] in page.counters else None
                if shown is not None:
                    policy = "default-src 'none'; img-src 'self'; frame-src 'self'; style-src 'unsafe-inline'; form-action 'self'"
                    return self.answer(200, "text/html; charset=utf-8", shown.encode(), **{"Content-Security-Policy": policy})
                found = re.fullmatch(r"/(\w+)/(sheet-\w+\.png)", path)
                sheet = page.counters[found[1]] / "paper" / found[2] if found and found[1] in page.counters else None
                if sheet is None or not sheet.is_file():
                    return self.answer(404, "text/plain", b"no such paper")
                self.answer(200, "image/png", sheet.read_bytes())

            def do_POST(self):
                fields = urllib.parse.parse_qs(self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 4096)).decode("utf-8", "replace"))
                venue, command, scan = (fields.get(name, [""])[0] for name in ("venue", "command", "scan"))
                if not self.good_host() or venue not in page.counters or not (command in COMMANDS or scan):
                    return self.answer(400, "text/plain", b"not understood")
                said = obey(page.counters[venue], "scan " + re.sub(r"[\r\n]", "", scan) if scan else command)
                if said != "ok":
                    return self.answer(500, "text/plain; charset=utf-8", said.encode())
                self.answer(303, "text/plain", b"", Location="/")

        self.counters = counters
        self.url = f"http://127.0.0.1:{port}/"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def html(self):
        out = HEAD
        for venue in self.counters:
            hidden = f"<form method=post><input type=hidden name=venue value='{venue}'>"
            buttons = "".join(f"<button name=command value='{c}'>{c}</button>" for c in COMMANDS)
            out += (f"<section><h1>{venue}</h1><p>{hidden}{buttons}</form> {hidden}<input name=scan placeholder='scan a code'><button>scan</button></form></p>"
                    f"<iframe src='/{venue}' title='paper of {venue}'></iframe></section>")
        return out

    def sheets(self, venue):
        """Newest first; looked at anew every two seconds, beside what somebody types."""
        out = HEAD + "<meta http-equiv=refresh content=2>"
        newest = sorted((self.counters[venue] / "paper").glob("sheet-*.png"), key=lambda p: p.stat().st_mtime, reverse=True)[:SHEETS]
        for sheet in newest:
            text = sheet.with_suffix(".txt")
            said = text.read_text(errors="replace") if text.is_file() else ""
            out += f"<figure><img src='/{venue}/{sheet.name}' alt='{html.escape(said[:2000], quote=True)}'><figcaption>{sheet.stem}</figcaption></figure>"
        return out if newest else out + "<p>Nothing has been printed yet.</p>"

    def close(self):
        self.server.shutdown()
        self.server.server_close()
