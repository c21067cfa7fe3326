"""Every refusal that a quote can show, tried out on the demo: the table of agent/api/README.md is run as it stands, line by line."""
import datetime
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import System, build_folder, free_ports, run_cases, same, true

from data import demo_data

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = ROOT / "agent" / "api" / "README.md"

build = build_folder()


def table():
    return re.findall(r"^\| `(\w+)` \| [^|]* \| `([^|]+)` \|$", README.read_text(), re.M)


def every_code():
    """The enumerators of Code: the reasons that there are."""
    header = (ROOT / "sync" / "domain" / "reason.hpp").read_text()
    body = re.sub(r"//.*", "", header.split("enum class Code {")[1].split("};")[0])
    return set(re.findall(r"\w+", body))


def each_line_shows_its_reason(folder):
    with System(build, folder, free_ports(12), demo_data(datetime.date.today()), ["nic", "lim"], {}) as system:
        nic = system.agents[0]
        for name, role in (("headers", "pos"), ("manager", "manager")):
            (folder / name).write_text(f"Authorization: Bearer {nic.tokens[role]}\nContent-Type: application/json\n")
        (folder / "admin").write_text(f"Authorization: Bearer {system.ledger_token}\nContent-Type: application/json\n")
        rows = table()
        true(len(rows) > 30, f"the table has {len(rows)} rows")
        missed = []
        for code, command in rows:
            got = subprocess.run(["bash", "-c", command], cwd=folder, env=os.environ | {"AGENT": nic.url, "LEDGER": system.admin_url}, capture_output=True, text=True, timeout=120)
            if f'"code":"{code}"' not in got.stdout.replace('": "', '":"'):
                missed.append(f"{code}: {command}\n    {got.stdout[-600:]} {got.stderr[-300:]}")
        true(not missed, "lines that do not show their reason:\n" + "\n".join(missed))


def no_reason_is_left_out(_folder):
    shown = {code for code, _ in table()}
    never = set(re.findall(r"`(\w+)`", README.read_text().split("A quote never shows these:")[1].split("\n")[0]))
    same(sorted(shown & never), [], "reasons that are shown and said to be never shown")
    same(sorted(every_code() - shown - never), [], "reasons that the table forgets")
    same(sorted((shown | never) - every_code()), [], "names in the table that are no reasons")


sys.exit(run_cases(each_line_shows_its_reason, no_reason_is_left_out))
