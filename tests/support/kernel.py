"""What the kernel does to a running program: calls that fail or take long, a disk of the agent's own. Where the machine permits it to
nobody, NotHere is raised, and the case is reported as not run."""
import pathlib
import shutil
import subprocess

from flow import Failed, NotHere, same, true


def traced(agent, folder, calls, what):
    """The kernel does this to these calls of the running agent from now on."""
    if not shutil.which("strace"):
        raise Failed("strace is missing; config/setup test installs it")
    trace = subprocess.Popen(["strace", "-f", "-p", str(agent.program.process.pid), "-e", f"trace={calls}",
                              "-e", f"inject={calls}:{what}", "-o", str(folder / "strace.out")], stderr=subprocess.PIPE, text=True)
    line = trace.stderr.readline()
    if "Operation not permitted" in line:
        raise NotHere("this machine lets nobody trace")
    true("attached" in line, f"strace: {line}")
    return trace


def own_mounts():
    """What gives a command a mount namespace here."""
    for words in (["unshare", "--mount"], ["unshare", "--map-root-user", "--mount"]):
        if subprocess.run([*words, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0:
            return words
    raise NotHere("this machine lets nobody mount")


class OwnDisk:
    """The agent's state on a small disk, in a mount namespace that outlives the agent. The agent is stopped for it, and runs there from
    its next start."""

    def __init__(self, agent, mib):
        self.agent, self.state = agent, agent.folder / "state"
        words = own_mounts()
        agent.program.stop()
        script = f'mount -t tmpfs -o size={mib}m,mode=700 tmpfs /mnt && cp -a "$1"/. /mnt && mount --move /mnt "$1" && echo made && exec cat'
        self.holder = subprocess.Popen([*words, "sh", "-c", script, "sh", str(self.state)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        same(self.holder.stdout.readline(), "made\n", "the namespace")
        user = ["--user", "--preserve-credentials"] if "--map-root-user" in words else []
        self.enter = ["nsenter", f"--target={self.holder.pid}", *user, "--mount"]
        agent.program.arguments = [*self.enter, *agent.program.arguments]

    def mount(self, *words):
        subprocess.run([*self.enter, *words, str(self.state)], check=True, capture_output=True, text=True)

    def seen(self):
        """The state from outside the namespace."""
        return pathlib.Path(f"/proc/{self.holder.pid}/root{self.state}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.agent.program.stop()
        self.holder.stdin.close()
        self.holder.wait(20)
