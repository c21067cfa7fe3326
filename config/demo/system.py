"""Starts a ledger and venues' agents from a build folder, for the demo and for tests that need the real programs."""
import errno
import http.client
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time
import urllib.parse
import uuid


class Failed(RuntimeError):
    pass


class Http:
    """One keep-alive connection that speaks JSON."""

    def __init__(self, url, token=None, timeout=60):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port, self.token, self.timeout = parts.hostname, parts.port, token, timeout
        self.connection = None

    def call(self, method, path, body=None, key=None, headers=None, retry=True):
        """(status, headers, decoded body or text). A POST gets a fresh Idempotency-Key unless key is given (False: none)."""
        text = None if body is None else (body if isinstance(body, (str, bytes)) else json.dumps(body))
        send = {"Accept": "application/json"}
        if self.token:
            send["Authorization"] = "Bearer " + self.token
        if text is not None:
            send["Content-Type"] = "application/json"
        if method != "GET" and key is not False:
            send["Idempotency-Key"] = key or str(uuid.uuid4())
        send.update(headers or {})
        for attempt in (1, 2):
            fresh = self.connection is None
            try:
                if fresh:
                    self.connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
                    self.connection.connect()
                    # A body follows its header in a second write: without this it waits for an acknowledgement.
                    self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connection.request(method, path, body=text, headers=send)
                answer = self.connection.getresponse()
                data = answer.read()
                break
            except (http.client.HTTPException, OSError):
                self.close()
                # An idle connection may have been closed by the other end; with the same key a repeat is safe.
                if attempt == 2 or fresh or not retry:
                    raise
        kind = answer.headers.get("Content-Type", "")
        return answer.status, answer.headers, json.loads(data) if data and "json" in kind else data.decode("utf-8", "replace")

    def get(self, path, **more):
        return self.expect(200, "GET", path, **more)

    def post(self, path, body, **more):
        return self.expect((200, 201, 202), "POST", path, body, **more)

    def expect(self, statuses, method, path, body=None, **more):
        status, _, answer = self.call(method, path, body, **more)
        if status not in ((statuses,) if isinstance(statuses, int) else statuses):
            raise Failed(f"{method} {path}: {status} {json.dumps(answer)[:2000]}")
        return answer

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Program:
    """A child process whose output goes to a log file."""

    def __init__(self, name, arguments, log):
        self.name, self.arguments, self.log = name, [str(a) for a in arguments], log
        self.process = None

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self, how=signal.SIGTERM, seconds=20):
        if self.process is None:
            return None
        if self.alive():
            self.process.send_signal(how)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed(f"{self.name} did not end within {seconds} s\n{self.tail()}")
        self.process = None
        return code

    def tail(self):
        return "".join(pathlib.Path(self.log).read_text(errors="replace").splitlines(True)[-15:])

    def wait_ready(self, url, seconds=60):
        end = time.monotonic() + seconds
        probe = Http(url, timeout=5)
        while time.monotonic() < end:
            if not self.alive():
                raise Failed(f"{self.name} ended before it was ready:\n{self.tail()}")
            try:
                if probe.call("GET", "/readyz")[0] == 200:
                    probe.close()
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise Failed(f"{self.name} was not ready within {seconds} s:\n{self.tail()}")


def run(*arguments):
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


ROW = 16
kept_rows = []  # until this process ends


def free_ports(count):
    """The first of `count` ports (at most ROW) in a row that nothing listens on and that stay this process's own.

    They lie below the range from which the kernel gives outgoing connections theirs: a program that is stopped and
    started again would otherwise find its port taken by somebody's connection. Whoever else asks here gets another row.
    """
    if count > ROW:
        raise Failed(f"a row has {ROW} ports, not {count}")
    outgoing = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    last = outgoing if outgoing > 12000 else 65536
    for _ in range(500):
        base = 10000 + ROW * secrets.randbelow((last - 10000) // ROW)
        mine = socket.socket(socket.AF_UNIX)
        try:
            mine.bind(f"\0obol-ports-{base}")
        except OSError:
            mine.close()
            continue
        if all(nobody_listens(port) for port in range(base, base + count)):
            kept_rows.append(mine)
            return base
        mine.close()
    raise Failed("no row of free ports found")


def nobody_listens(port):
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            probe = socket.socket(family)
        except OSError:
            continue  # a machine without IPv6
        with probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError as refused:
                if refused.errno != errno.EADDRNOTAVAIL:
                    return False
    return True


class Agent:
    def __init__(self, system, number, venue, settings):
        self.system, self.number, self.venue = system, number, venue
        self.port = system.base + number
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = system.folder / f"agent-{venue}"
        self.config = self.folder / "agent.json"
        self.tokens = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        configuration = {"state": str(self.folder / "state"), "credentials": str(self.folder / "credentials"),
                         "witness": str(self.folder / "witness" / "witness"),
                         "listen": {"port": self.port}, "ledger": {"url": system.sync_url}}
        configuration.update(settings)
        if not self.config.exists():
            self.config.write_text("// An agent of the demo; config/agent.json explains the members.\n" + json.dumps(configuration, indent=2) + "\n")
        self.program = Program(f"agent {venue}", [system.build / "obol-agent", "serve", "--config", self.config], self.folder / "log")

    def enrol(self):
        if (self.folder / "credentials" / "device.crt").exists():
            self.tokens = json.loads((self.folder / "tokens.json").read_text())
            return
        token = self.system.admin.post(f"/admin/v1/venues/{self.venue}/enrolment-tokens", {})["token"]
        run(self.system.build / "obol-agent", "enrol", "--config", self.config, "--ledger", self.system.sync_url, "--token", token)
        for role in ("pos", "cashier", "manager"):
            terminal = "T1" if role != "manager" else "OFFICE"
            out = run(self.system.build / "obol-agent", "token", "--config", self.config, "--terminal", terminal, "--role", role)
            self.tokens[role] = out.strip().splitlines()[-1].strip()
        path = self.folder / "tokens.json"
        path.touch(0o600)
        path.write_text(json.dumps(self.tokens))

    def start(self, seconds=60):
        self.program.start()
        self.program.wait_ready(self.url, seconds)

    def http(self, role="pos"):
        return Http(self.url, self.tokens[role])

    def link(self, mode):
        return self.http("manager").post("/v1/link", {"mode": mode}, key=False)

    def status(self):
        return self.http("manager").get("/v1/status")


class System:
    """A ledger and agents under one folder. settings: members to add to each agent's configuration, or a function that
    says them for a venue; ledger_settings: to the ledger's."""

    def __init__(self, build, folder, base, data, venues, settings=None, ledger_settings=None):
        self.build, self.folder, self.base = pathlib.Path(build).resolve(), pathlib.Path(folder).resolve(), base
        self.data, self.venues, self.settings = data, venues, settings or {}
        self.ledger_settings = ledger_settings or {}
        self.admin_url = f"http://127.0.0.1:{base + 10}"
        self.sync_url = f"https://127.0.0.1:{base + 11}"
        self.ledger_folder = self.folder / "ledger"
        self.ledger_config = self.ledger_folder / "ledger.json"
        self.ca = self.ledger_folder / "credentials" / "ca.crt"
        self.agents = []

    def start(self):
        fresh = not self.ledger_config.exists()
        self.ledger_folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            self.ledger_config.write_text(json.dumps({
                "database": str(self.ledger_folder / "ledger.db"), "credentials": str(self.ledger_folder / "credentials"),
                "issued_keys": str(self.folder / "ledger-outside" / "issued-keys"),
                "admin": {"address": "127.0.0.1", "port": self.base + 10, "tls": False},
                "sync": {"address": "127.0.0.1", "port": self.base + 11, "names": ["localhost", "127.0.0.1"]},
                **self.ledger_settings}, indent=2) + "\n")
            run(self.build / "obol-ledger", "init", "--config", self.ledger_config)
            data = self.ledger_folder / "data.json"
            data.touch(0o600)
            data.write_text(json.dumps(self.data, ensure_ascii=False))
            run(self.build / "obol-ledger", "import", "--config", self.ledger_config, data)
            token = run(self.build / "obol-ledger", "token", "--config", self.ledger_config, "--role", "admin").strip().splitlines()[-1]
            path = self.ledger_folder / "token"
            path.touch(0o600)
            path.write_text(token)
        self.ledger_token = (self.ledger_folder / "token").read_text().strip()
        self.ledger = Program("ledger", [self.build / "obol-ledger", "serve", "--config", self.ledger_config], self.ledger_folder / "log")
        self.ledger.start()
        self.ledger.wait_ready(self.admin_url)
        self.admin = Http(self.admin_url, self.ledger_token)
        for number, venue in enumerate(self.venues):
            agent = Agent(self, number, venue, self.settings(venue) if callable(self.settings) else self.settings)
            self.agents.append(agent)
            agent.enrol()
            agent.start()
        self.settle()
        return self

    def settle(self, seconds=60):
        """Until every agent with a link has its journal booked and holds what is homed at its venue."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            states = [a.status() for a in self.agents]
            busy = [s for s in states if s["link"]["state"] != "up" or s["journal"]["pending"]]
            if not busy and not self.admin.get("/admin/v1/reconciliation").get("placeable", 0):
                return
            time.sleep(0.05)
        raise Failed("the system did not settle: " + json.dumps([s["link"] | s["journal"] for s in states]))

    def stop(self):
        problems = []
        for program in [a.program for a in self.agents] + ([self.ledger] if hasattr(self, "ledger") else []):
            try:
                code = program.stop()
                if code not in (0, None):
                    problems.append(f"{program.name} ended with {code}:\n{program.tail()}")
            except Failed as fault:
                problems.append(str(fault))
        if problems:
            raise Failed("\n".join(problems))

    def kill(self):
        for program in [a.program for a in self.agents] + ([self.ledger] if hasattr(self, "ledger") else []):
            if program.alive():
                program.process.kill()
                program.process.wait()

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.kill()
            raise

    def __exit__(self, kind, *_):
        if kind:
            self.kill()
        else:
            self.stop()
