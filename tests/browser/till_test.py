"""The till page in Debian's Chromium, over the real agents and ledger: till.mjs has the cases."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from shop import run_cases, run_script  # noqa: E402


def the_till_page(folder):
    run_script("till", folder)


if __name__ == "__main__":
    run_cases(the_till_page)
