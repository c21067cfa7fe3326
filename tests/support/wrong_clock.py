"""A machine whose system clock is wrong: of one agent, by a library that is loaded before all others."""
import datetime
import os
import pathlib
import struct
import subprocess
import time

from flow import true

SUPPORT = pathlib.Path(__file__).resolve().parent


class WrongClock:
    """Of one agent: its wall clock, and that of nobody else, is off by so many seconds."""

    def __init__(self, agent, folder):
        self.agent, self.file, library = agent, pathlib.Path(folder) / "off", pathlib.Path(folder) / "wrong_clock.so"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, SUPPORT / "wrong_clock.c"], check=True)
        self.file.write_bytes(struct.pack("=q", 0))
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        agent.program.arguments = ["env", f"LD_PRELOAD={library}", f"WRONG_CLOCK={self.file}", f"ASAN_OPTIONS={asan}"] + agent.program.arguments

    def set(self, seconds):
        with open(self.file, "r+b") as out:
            out.write(struct.pack("=q", int(seconds)))

    def told(self):
        clock = self.agent.status()["clock"]
        off = datetime.datetime.fromisoformat(clock["now"].replace("Z", "+00:00")).timestamp() - time.time()
        return clock["state"], clock.get("why"), off

    def comes_right(self, what):
        end = time.monotonic() + 60
        state, _, off = self.told()
        while (state != "trusted" or abs(off) >= 60) and time.monotonic() < end:
            time.sleep(0.2)
            state, _, off = self.told()
        true(state == "trusted" and abs(off) < 60, f"{what}: the ledger's time sets the clock right, but it is {state}, {off:.0f} s off")
