"""The kernel fails or delays what a running program asks of it."""
import shutil
import subprocess

from flow import Failed, true


def traced(agent, folder, calls, what):
    """The kernel does this to these calls of the running agent from now on."""
    if not shutil.which("strace"):
        raise Failed("strace is missing; config/setup test installs it")
    trace = subprocess.Popen(["strace", "-f", "-p", str(agent.program.process.pid), "-e", f"trace={calls}",
                              "-e", f"inject={calls}:{what}", "-o", str(folder / "strace.out")], stderr=subprocess.PIPE, text=True)
    line = trace.stderr.readline()
    true("attached" in line, f"strace: {line}")
    return trace
