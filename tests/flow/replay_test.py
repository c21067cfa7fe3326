"""The main job on real input (512 invoices): cut at half time, healed, equal to the cent; with a kill; against the online yardstick."""
import concurrent.futures
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import BASKETS, build_folder, run_cases, same, true

from replay import Replay

build = build_folder()


def half_of_the_day_without_a_link_comes_out_equal_to_the_cent(folder):
    """Three runs at once, each a system of its own, since each waits for minutes until a pool closes."""
    kinds = {"offline": {}, "killed": {"kill_at": 300}, "online": {"offline": False}}
    with concurrent.futures.ThreadPoolExecutor(len(kinds)) as pool:
        for name in kinds:
            (folder / name).mkdir()
        going = {name: pool.submit(Replay(build, folder / name, BASKETS, **how).run) for name, how in kinds.items()}
        runs = {name: run.result() for name, run in going.items()}
    for name, run in runs.items():
        print(f"--- {name}\n{run.report()}")
    check_the_cut(runs["offline"])
    same(runs["killed"].counts["kill -9"], 1, "kills")
    same(runs["killed"].digest, runs["offline"].digest, "digest of two runs, one with a kill")
    share = runs["offline"].spent["second half"] / runs["online"].spent["second half"]
    print(f"second half: offline spends {share:.1%} of what online spends")
    true(share >= 0.70, f"offline spends {share:.1%}, 70 % were wanted")
    same(runs["online"].wanting_authority, [], "refused at home with the link up")


def check_the_cut(run):
    same(run.counts["invoices"], 512, "invoices")
    same(run.counts["cancelled lines with an earlier purchase"], 10, "cancelled lines with an earlier purchase")
    true(run.counts["purchases offline"] > 200, "the second half was sold offline")
    true(all(run.refused[c] for c in ("outside_time_window", "location_not_allowed", "no_matching_product")), f"kinds of refusal met: {run.refused}")
    same([e for e in run.exceptions], [], "exceptions at the ledger")


run_cases(half_of_the_day_without_a_link_comes_out_equal_to_the_cent)
