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
    check_the_forecast(runs["online"], runs["offline"])


def check_the_cut(run):
    same(run.counts["invoices"], 512, "invoices")
    same(run.counts["cancelled lines with an earlier purchase"], 10, "cancelled lines with an earlier purchase")
    true(run.counts["purchases offline"] > 200, "the second half was sold offline")
    true(all(run.refused[c] for c in ("outside_time_window", "location_not_allowed", "no_matching_product")), f"kinds of refusal met: {run.refused}")
    same([e for e in run.exceptions], [], "exceptions at the ledger")


def check_the_forecast(online, offline):
    """From the journals of a day with the link up, what the other run met without it: purchase by purchase."""
    forecast = online.forecast()
    foretold = online.forecast_outcomes(forecast)
    met = [["refund", *o[1:]] if len(o) == 4 else o for o in offline.outcomes[offline.outcomes_before_half:]]
    differing = [(n, a, b) for n, (a, b) in enumerate(zip(foretold, met)) if a != b]
    for n, a, b in differing:
        print(f"  {n}: foretold {a}\n  {' ' * len(str(n))}  met      {b}")
    same(len(foretold), len(met), "purchases and refunds foretold")
    same(len(differing), 0, "foretold otherwise than they were met")
    wanting = sum(1 for o in met if len(o) == 5 and any(code == "authority_elsewhere" for _, code in o[4]))
    true(wanting > 20, f"{wanting} purchases met lots that another venue held")
    totals = forecast["totals"]
    true(totals["cut_short"] + totals["refused"] > 20, f"purchases cut short or refused: {totals}")
    same(totals["at_risk"], [], "at risk without an allowance")
    print(f"forecast: {len(met)} purchases and refunds as they were met, {wanting} of them with lots held elsewhere; totals {totals}")
    first = next(o[0] for o in foretold if len(o) == 5)
    same(online.forecast_outcomes(online.forecast(f"ticket:{first}")), foretold, "the same outage told by its first ticket")


run_cases(half_of_the_day_without_a_link_comes_out_equal_to_the_cent)
