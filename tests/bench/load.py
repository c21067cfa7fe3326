"""Requests from wrk: how many a second, and how long they take."""
import json
import re
import subprocess
import tempfile

from flow import Failed

SECONDS = 4

# wrk's own language. Each thread numbers its keys, so that every purchase is a new one.
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer %(token)s"
local bodies = { %(bodies)s }
local threads = 0
function setup(thread) thread:set("id", threads); threads = threads + 1 end
function init(args) n = 0; bad = 0; run = os.time() .. "-" .. math.random(1, 1000000000) end
request = function()
    n = n + 1
    %(key)s
    return wrk.format(nil, "%(path)s", nil, bodies[(n + id * 7) %% #bodies + 1])
end
response = function(status, headers, body) if status ~= 200 and status ~= 201 then bad = bad + 1 end end
"""


def load(url, path, bodies, connections, token="none", keyed=False, seconds=SECONDS):
    quoted = ", ".join("[==[" + json.dumps(b) + "]==]" for b in bodies)
    key = 'wrk.headers["Idempotency-Key"] = run .. "-" .. id .. "-" .. n' if keyed else ""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(SCRIPT % {"token": token, "bodies": quoted, "path": path, "key": key})
        script.flush()
        out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script.name, url], capture_output=True, text=True).stdout
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))

    def percentile(p):
        number, unit = re.search(rf"{p}%\s+([\d.]+)(us|ms|s)", out).groups()
        return float(number) * {"us": 1e-3, "ms": 1.0, "s": 1e3}[unit]
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
    if bad:
        raise Failed(f"{path}: {bad.group(1)} answers were no success")
    return rate, percentile(50), percentile(99)
