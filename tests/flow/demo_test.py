"""agent/demo from outside: what it prints among the things to try is true. A code that is typed into a line is scanned, what is sold comes out as paper
on the page, and an end leaves nothing behind."""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import ROOT, Http, build_folder, free_ports, run_cases, same, true, until


class Demo:
    def __init__(self, folder):
        self.place, self.log = folder / "tmp", folder / "log"
        self.place.mkdir()
        with self.log.open("w") as log:
            self.program = subprocess.Popen(["python3", ROOT / "config" / "demo" / "demo.py", "--build", build_folder(), "--agents", "1",
                                             "--port", str(free_ports(13))], stdout=log, stderr=subprocess.STDOUT,
                                            env=os.environ | {"TMPDIR": str(self.place)})

    def __enter__(self):
        found = lambda: list(self.place.glob("obol-demo-*/demo.json"))
        until(lambda: found() or self.program.poll() is not None, self.said)
        true(self.program.poll() is None, f"it ended: {self.said()}")
        self.described = json.loads(found()[0].read_text())
        self.agent = self.described["agents"][0]
        return self

    def __exit__(self, *_):
        self.program.send_signal(signal.SIGINT)
        same(self.program.wait(60), 0, "an orderly end")
        same(list(self.place.iterdir()), [], "it leaves nothing behind")

    def said(self):
        return self.log.read_text()

    def page(self, path=""):
        with urllib.request.urlopen(urllib.parse.urljoin(self.agent["paper"], path), timeout=10) as answer:
            return answer.read()

    def asked(self, **fields):
        body = urllib.parse.urlencode({"venue": self.agent["venue"]} | fields).encode()
        urllib.request.urlopen(self.agent["paper"], body, timeout=10).close()


class Events:
    """What the till's terminal is told, from now on."""

    def __init__(self, agent):
        parts = urllib.parse.urlsplit(agent["url"])
        line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
        line.request("GET", "/v1/events", headers={"Authorization": "Bearer " + agent["tokens"]["pos"], "Accept": "text/event-stream"})
        self.answer = line.getresponse()
        same(self.answer.status, 200, "a stream of events")

    def next(self, wanted):
        kind, comments = None, 0
        for raw in self.answer:
            text = raw.decode().rstrip("\n")
            comments += text.startswith(":")
            true(comments < 5, f"no {wanted} for more than a minute")
            if text.startswith("event: "):
                kind = text.removeprefix("event: ")
            elif text.startswith("data: ") and kind == wanted:
                return json.loads(text.removeprefix("data: "))


def scan_by_typing_and_see_the_paper_on_the_page(folder):
    with Demo(folder) as demo:
        agent = demo.agent
        until(lambda: "Ctrl-C" in demo.said(), demo.said)
        code, keys = re.search(r"echo (\w+) > (\S+)", demo.said()).groups()
        same(keys, agent["keys"], "the line to type into is printed")
        heard = Events(agent)
        with open(keys, "w") as line:
            line.write(code + "\n")
        scan = heard.next("scan")
        true(scan["kind"] == "pass" and code[-4:] in json.dumps(scan), f"read and told apart: {scan}")
        demo.asked(scan="5201234567894")
        scan = heard.next("scan")
        true("5201234567894" in json.dumps(scan), f"the page types, too: {scan}")

        pos = Http(agent["url"], agent["tokens"]["pos"])
        until(lambda: pos.get("/v1/devices")["items"][0]["state"] == "idle", lambda: pos.get("/v1/devices"))
        basket = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "2", "amount": 700}]}
        wallet = next(w["id"] for w in demo.described["wallets"] if w["home"] == agent["venue"])
        demo.asked(command="paper out after 200")
        number = pos.post("/v1/purchases", {"wallet": {"id": wallet}, "basket": basket})["receipt"]["number"]
        jobs = lambda: [j for j in pos.get("/v1/print-jobs?limit=500")["items"] if j["receipt"]["number"] == number]
        until(lambda: jobs() and jobs()[0]["state"] == "waiting", lambda: f"without paper: {jobs()}")
        demo.asked(command="paper load")
        until(lambda: jobs()[0]["state"] == "printed", lambda: f"{jobs()}")
        page = demo.page(agent["venue"]).decode()
        true(number in page and re.search("COPY|ΑΝΤΙΓΡΑΦΟ", page), f"the receipt, as a copy: {page[-1500:]}")
        true(demo.page(re.search(r"/\w+/sheet-\w+\.png", page)[0]).startswith(b"\x89PNG"), "and its picture")


run_cases(scan_by_typing_and_see_the_paper_on_the_page)
