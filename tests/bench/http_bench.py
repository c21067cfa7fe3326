"""Requests per second and latency over HTTP at 1, 8 and 64 connections: validate, quote and purchase, beside a bare Beast answer in the
same run, and purchases beside the same build with commits of one. Ratios are what counts: machines are shared and noisy."""
import datetime
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports

from data import demo_data
from load import load
from system import Program

CONNECTIONS = (1, 8, 64)
WALLETS = 40

def basket(lines):
    skus = ["KF02", "FB02", "TD01", "AW02", "ND01", "KB01", "FS01", "TG01", "KG04", "TG08"]
    return {"currency": "EUR", "lines": [{"id": str(n + 1), "sku": skus[n % len(skus)], "quantity": "1", "amount": 120 + n} for n in range(lines)]}


def rich_data():
    data = demo_data(datetime.date.today())
    data["passes"] = [p for p in data["passes"] if p["plan"] == "gift10"][:40]
    data["limits"] = []  # no wallet is used as often as those here
    for wallet in data["wallets"]:
        wallet["home"] = "nic"
        for pocket in wallet["pockets"]:
            pocket["open"] = 10 ** 12  # enough for a long run
    for p in data["passes"]:
        p["venue"] = "nic"
    return data


def main():
    build = build_folder()
    results = {}
    with tempfile.TemporaryDirectory(prefix="obol-bench-") as folder:
        folder = pathlib.Path(folder)
        grouped = System(build, folder / "grouped", free_ports(12), rich_data(), ["nic"])
        single = System(build, folder / "single", free_ports(12), rich_data(), ["nic"], {"store": {"group_size": 1}})
        port = free_ports(1)
        bare = Program("bare Beast", [build / "tests" / "bare_beast", port], folder / "bare.log")
        bare.start()
        try:
            with grouped, single:
                agent, alone = grouped.agents[0], single.agents[0]
                checks = [{"code": p["code"]} for p in grouped.data["passes"]]
                orders = [{"wallet": {"id": f"w{n + 1}"}, "basket": basket(3), "spend": {"mode": "max"}, } for n in range(WALLETS)]
                # A tenth of a basket line each: small amounts, so that no pocket runs dry within the run.
                quotes = [{"wallet": {"id": f"w{n + 1}"}, "basket": basket(10)} for n in range(WALLETS)]
                cases = [("bare Beast answer", f"http://127.0.0.1:{port}", "/", checks, "none", False),
                         ("validate", agent.url, "/v1/passes/check", checks, agent.tokens["pos"], False),
                         ("quote, 10 lines", agent.url, "/v1/quotes", quotes, agent.tokens["pos"], False),
                         ("purchase", agent.url, "/v1/purchases", orders, agent.tokens["pos"], True),
                         ("purchase, commits of one", alone.url, "/v1/purchases", orders, alone.tokens["pos"], True)]
                for _, url, path, bodies, token, keyed in cases:
                    load(url, path, bodies, 8, token, keyed, seconds=1)  # warm
                print(f"{'':26}" + "".join(f"{c:>5} conn.: requests/s  p50 ms  p99 ms" for c in CONNECTIONS))
                for connections in CONNECTIONS:
                    # Alternate, so that a noisy minute hits all alike; the median of three rounds counts.
                    rounds = {name: [] for name, *_ in cases}
                    for _ in range(3):
                        for name, url, path, bodies, token, keyed in cases:
                            rounds[name].append(load(url, path, bodies, connections, token, keyed))
                    for name, got in rounds.items():
                        results[(name, connections)] = tuple(statistics.median(column) for column in zip(*got))
                for name, *_ in cases:
                    print(f"{name:26}" + "".join("{:>22,.0f} {:>8.2f} {:>7.2f}".format(*results[(name, c)]) for c in CONNECTIONS))
        finally:
            bare.process.kill()
            bare.process.wait()
    check = results[("validate", 64)][0] / results[("bare Beast answer", 64)][0]
    group = results[("purchase", 64)][0] / results[("purchase, commits of one", 64)][0]
    print(f"\nvalidate at 64 connections: {check:.2f} of the bare answer (goal 0.30)")
    print(f"purchase at 64 connections: {group:.2f} times commits of one (goal 2.00)")
    met = check >= 0.3 and group >= 2
    print("goals met" if met else "GOALS NOT MET")
    return 0 if met else 1


sys.exit(main())
