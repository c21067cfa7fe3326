"""Receipts on paper: what is sold is sold, whatever the printer does, and whatever may have come out twice says COPY."""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, audited, build_folder, free_ports, run_cases, same, small_data, true, until
from paper_printer import PaperPrinter

build = build_folder()
BASKET = {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "2", "amount": 700}, {"id": "2", "sku": "FB02", "quantity": "1", "amount": 250}]}


class Shop:
    """A venue whose terminal T1 prints each of its receipts."""

    def __init__(self, folder):
        self.printer = PaperPrinter()
        devices = {"devices": {"printers": [{"name": "counter", "address": self.printer.address, "profile": "TM-T20III", "terminal": "T1", "drawer": True}]}}
        self.system = System(build, folder, free_ports(12), small_data(), ["nic"], {"authority": {"budget_ms": 5000}} | devices)

    def __enter__(self):
        self.system.__enter__()
        self.agent = self.system.agents[0]
        self.pos, self.manager = self.agent.http(), self.agent.http("manager")
        until(lambda: self.device()["state"] in ("idle", "busy"), self.device)
        return self

    def __exit__(self, *what):
        self.printer.close()
        return self.system.__exit__(*what)

    def device(self):
        return self.pos.get("/v1/devices")["items"][0]

    def sell(self):
        return self.pos.post("/v1/purchases", {"wallet": {"id": "w1"}, "basket": BASKET})["receipt"]["number"]

    def jobs(self, number=None):
        items, after = [], ""
        while after is not None:
            page = self.pos.get(f"/v1/print-jobs?limit=500&after={after}" if after else "/v1/print-jobs?limit=500")
            items, after = items + page["items"], page["next"]
        return [j for j in items if number is None or j.get("receipt", {}).get("number") == number]

    def state(self, number, n=0):
        job = self.jobs(number)[n]
        return " ".join([job["state"]] + ([job["why"]] if "why" in job else []))

    def until_state(self, number, wanted, n=0):
        until(lambda: self.state(number, n) == wanted, lambda: f"job of {number}: {self.jobs(number)}, wanted {wanted}")

    def paper_with(self, number):
        until(lambda: self.printer.printed(number), lambda: f"{number} comes out: {self.jobs(number)}")
        self.until_state(number, "printed", len(self.jobs(number)) - 1)
        return self.printer.take_paper()

    def start(self):
        self.agent.start()
        self.pos, self.manager = self.agent.http(), self.agent.http("manager")


def a_sale_is_printed_and_a_reprint_is_a_copy(folder):
    with Shop(folder) as shop:
        number = shop.sell()
        paper = shop.paper_with(number)
        true("9.50" in paper and "COPY" not in paper, f"the first print: {paper!r}")
        before = shop.agent.status()["journal"]["seq"]
        job = shop.pos.expect(202, "POST", f"/v1/receipts/{number}/print", {}, key="again")
        same(shop.pos.expect(202, "POST", f"/v1/receipts/{number}/print", {}, key="again")["id"], job["id"], "the same key asks once")
        until(lambda: shop.pos.get(f"/v1/print-jobs/{job['id']}")["state"] == "printed", "the reprint")
        paper = shop.printer.take_paper()
        true("COPY" in paper and number in paper, f"the reprint: {paper!r}")
        same(shop.agent.status()["journal"]["seq"], before, "a reprint appends nothing")
        same(len(shop.jobs(number)), 2, "jobs")

        escpos = shop.pos.expect(200, "GET", f"/v1/receipts/{number}?printer=counter", headers={"Accept": "application/vnd.escpos"})
        true(number in escpos, "the bytes for a POS that prints itself")
        page = shop.pos.expect(200, "GET", f"/v1/receipts/{number}?copy=true", headers={"Accept": "text/html"})
        true("COPY" in page and "<svg" in page, f"as a page: {page[:300]}")

        pulses = shop.printer.paper.count(b"\x1bp")
        same(shop.pos.post("/v1/devices/counter/open-drawer", {})["device"], "counter", "the drawer")
        until(lambda: shop.printer.paper.count(b"\x1bp") > pulses or shop.printer.paper.count(b"\x10\x14") > 0, "the pulse reaches the printer")


def F3_killed_between_the_answer_and_the_print(folder):
    with Shop(folder) as shop:
        shop.printer.change(cover_open=True)
        until(lambda: shop.device()["cover"] == "open", shop.device)
        number = shop.sell()
        shop.until_state(number, "waiting cover")
        shop.agent.program.stop(signal.SIGKILL)
        shop.start()
        shop.printer.take_paper()
        shop.printer.change(cover_open=False)
        paper = shop.paper_with(number)
        true("COPY" not in paper, f"nothing of it had come out: {paper!r}")
        same(len(shop.jobs(number)), 1, "one job")
        shop.system.settle()
        audited(shop.system, shop.agent)


def F4_killed_in_mid_print(folder):
    with Shop(folder) as shop:
        first = shop.sell()
        shop.paper_with(first)
        shop.printer.change(never_done=True)
        number = shop.sell()
        until(lambda: shop.printer.printed(number), "the bytes leave")
        same(shop.state(number), "sending", "nobody knows whether it printed")
        seq = shop.agent.status()["journal"]["seq"]
        shop.agent.program.stop(signal.SIGKILL)
        shop.printer.change(never_done=False)
        shop.printer.take_paper()
        shop.start()
        paper = shop.paper_with(number)
        true("COPY" in paper, f"the whole receipt again, as a copy: {paper!r}")
        true(first not in paper, "and no other")
        same([e for e in shop.manager.get("/v1/journal?limit=500")["items"] if e["seq"] > seq and e["kind"] == "purchase"], [], "no second entry")
        shop.system.settle()
        audited(shop.system, shop.agent)


def an_orderly_end_waits_for_no_printer_and_loses_no_receipt(folder):
    with Shop(folder) as shop:
        shop.printer.change(never_done=True)
        first = shop.sell()
        until(lambda: shop.printer.printed(first), "its bytes leave")
        second = shop.sell()
        same((shop.state(first), shop.state(second)), ("sending", "queued"), "one is being printed, one waits")
        began = time.monotonic()
        same(shop.agent.program.stop(), 0, "an orderly end")
        took = time.monotonic() - began
        true(took < 10, f"it took {took:.1f} s, as long as a printer may leave a receipt unconfirmed")
        shop.printer.change(never_done=False)
        shop.printer.take_paper()
        shop.start()
        until(lambda: (shop.state(first), shop.state(second)) == ("printed", "printed"), lambda: f"{shop.jobs()}")
        paper = shop.printer.take_paper()
        true(paper.count("COPY") == 1 and paper.index("COPY") < paper.index(first) < paper.index(second), f"the first once more, as a copy, then the second: {paper!r}")
        same((len(shop.jobs(first)), len(shop.jobs(second))), (1, 1), "jobs")
        shop.system.settle()
        audited(shop.system, shop.agent)


def F55_paper_ends_in_mid_receipt(folder):
    with Shop(folder) as shop:
        shop.printer.take_paper()
        shop.printer.change(paper_ends_after=60)
        number = shop.sell()  # answered all the same
        shop.until_state(number, "waiting paper")
        same(shop.agent.status()["devices"][0]["paper"], "empty", "the till is told")
        true("obol_devices_not_ready 1" in shop.pos.expect(200, "GET", "/metrics", headers={"Accept": "text/plain"}), "and who watches the metrics")
        second = shop.sell()  # the shop goes on
        shop.printer.take_paper()
        shop.printer.change(out_of_paper=False)
        paper = shop.paper_with(number)
        until(lambda: shop.state(second) == "printed", lambda: f"the next one: {shop.jobs()}")
        paper += shop.printer.take_paper()
        true(paper.count("COPY") == 1 and paper.index("COPY") < paper.index(second), f"a whole new one marked COPY, then the next: {paper!r}")


def the_day_is_closed_and_its_report_printed(folder):
    with Shop(folder) as shop:
        number = shop.sell()
        shop.paper_with(number)
        x = shop.manager.get("/v1/reports/x")
        same([(l["what"], l["count"], l["total"]) for l in x["lines"]], [("purchase", 1, 950)], "the X report")
        same(shop.pos.call("GET", "/v1/reports/x")[0], 403, "for managers")
        z = shop.manager.expect(201, "POST", "/v1/reports/z", {})
        same((z["number"], z["lines"]), (1, x["lines"]), "the Z report")
        same(shop.manager.get("/v1/reports/x")["lines"], [], "a new day")
        shop.manager.expect(202, "POST", f"/v1/receipts/{z['receipt']['number']}/print", {"printer": "counter"})
        true("Z REPORT 1" in shop.paper_with(z["receipt"]["number"]), "on paper")
        same(shop.manager.get("/v1/reports/z/1"), {k: v for k, v in z.items() if k != "id"}, "it stays what it was")
        csv = shop.manager.expect(200, "GET", "/v1/reports/z/1", headers={"Accept": "text/csv"})
        true(csv.splitlines()[1].startswith("z,1,") and ",purchase,," in csv, f"as a table: {csv}")
        shop.system.settle()
        audited(shop.system, shop.agent)


run_cases(a_sale_is_printed_and_a_reprint_is_a_copy, F3_killed_between_the_answer_and_the_print, F4_killed_in_mid_print,
          an_orderly_end_waits_for_no_printer_and_loses_no_receipt, F55_paper_ends_in_mid_receipt,
          the_day_is_closed_and_its_report_printed)
