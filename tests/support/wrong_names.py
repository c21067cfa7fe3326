"""Name servers that fail, change their mind or hang: for one agent, by a library that is loaded before all others."""
import os
import pathlib
import subprocess

SUPPORT = pathlib.Path(__file__).resolve().parent


class WrongNames:
    """What one agent hears when it asks for "localhost"; nobody else is deceived."""

    def __init__(self, agent, folder):
        self.file, library = pathlib.Path(folder) / "names", pathlib.Path(folder) / "wrong_names.so"
        subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, SUPPORT / "wrong_names.c", "-ldl"], check=True)
        self.says("127.0.0.1")
        asan = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        agent.program.arguments = ["env", f"LD_PRELOAD={library}", f"WRONG_NAMES={self.file}", f"ASAN_OPTIONS={asan}"] + agent.program.arguments

    def says(self, what):
        """An address, "fail" or "hang"; put in place whole."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(what)
        fresh.rename(self.file)
