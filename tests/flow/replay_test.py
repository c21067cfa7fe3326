"""The main job on real input (512 invoices): cut at half time, healed, equal to the cent; with a kill; against the online yardstick."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import BASKETS, build_folder, run_cases, same, true

from replay import Replay

build = build_folder()
runs = {}


def the_link_is_down_for_the_second_half_and_both_ends_agree(folder):
    runs["offline"] = run = Replay(build, folder, BASKETS).run()
    print(run.report())
    same(run.counts["invoices"], 512, "invoices")
    same(run.counts["cancelled lines with an earlier purchase"], 10, "cancelled lines with an earlier purchase")
    true(run.counts["purchases offline"] > 200, "the second half was sold offline")
    true(all(run.refused[c] for c in ("outside_time_window", "location_not_allowed", "no_matching_product")), f"kinds of refusal met: {run.refused}")
    same([e for e in run.exceptions], [], "exceptions at the ledger")


def a_kill_in_the_middle_changes_nothing(folder):
    run = Replay(build, folder, BASKETS, kill_at=300).run()
    print(run.report())
    same(run.counts["kill -9"], 1, "kills")
    same(run.digest, runs["offline"].digest, "digest of two runs, one with a kill")


def with_the_link_up_it_spends_little_more(folder):
    run = Replay(build, folder, BASKETS, offline=False).run()
    print(run.report())
    share = runs["offline"].spent["second half"] / run.spent["second half"]
    print(f"second half: offline spends {share:.1%} of what online spends")
    true(share >= 0.70, f"offline spends {share:.1%}, 70 % were wanted")
    same(run.wanting_authority, [], "refused at home with the link up")


run_cases(the_link_is_down_for_the_second_half_and_both_ends_agree, a_kill_in_the_middle_changes_nothing, with_the_link_up_it_spends_little_more)
