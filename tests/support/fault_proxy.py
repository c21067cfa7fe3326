"""A TCP proxy between an agent and the ledger's sync port that does to the connection whatever networks do. TLS passes
through untouched: the proxy sees bytes and knows nothing of what they say.

    proxy = FaultProxy(port, ledger_port)   agents are told https://127.0.0.1:PORT
    proxy.passes()                          heals: what was held is delivered, who was refused is let in
    proxy.refuses()                         nobody listens
    proxy.cut("fin" | "rst")                every open connection ends now
    proxy.vanishes()                        both ends of every open connection are gone without a word, and who connects
                                            is accepted and meets silence; what was said is lost for good (half-open)
    proxy.holds("up" | "down" | both)       what goes that way waits until passes(): also the end of a connection
    proxy.delays(seconds), proxy.paces(bytes_per_second)
    proxy.portal("plain" | "foreign" | "ledger")  a captive portal: HTTP 200 with a page for people, in clear, under a
                                            certificate of its own, or under the ledger's
    proxy.cut_after(nth, direction, bytes, how)   the nth connection from now ends after so many bytes

"up" is from the agent to the ledger.
"""
import asyncio
import contextlib
import pathlib
import socket
import ssl
import struct
import subprocess
import threading

PAGE = b"<!doctype html><html><body><h1>Welcome to our Wi-Fi</h1><a href='/accept'>Accept the terms</a></body></html>"
PORTAL = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s" % (len(PAGE), PAGE)


class Way:
    """One direction of one connection: what went through, and where it is to end."""

    def __init__(self):
        self.bytes, self.cut_after, self.how = 0, None, "fin"


class Connection:
    def __init__(self, number):
        self.number, self.up, self.down = number, Way(), Way()
        self.lost = False  # both ends believe in it, and nothing arrives any more
        self.open, self.was_cut = True, False
        self.ledger_gave_up = False
        self.tape = []  # of what the agent said, where the proxy records
        self.writers = []

    def end(self, how):
        """What was written before leaves first: a cut after n bytes delivers n bytes."""
        self.open = False
        for writer in self.writers:
            if how == "rst":
                with contextlib.suppress(OSError):
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()


class FaultProxy:
    loop, thread = None, None  # one for all proxies of this process

    def __init__(self, port, to_port, address="127.0.0.1"):
        self.address, self.port, self.to_port = address, port, to_port
        self.connections, self.plans, self.server = [], {}, None
        self.held, self.delay, self.pace, self.silent, self.kind = set(), 0, None, False, None
        self.context, self.records = {}, False
        if FaultProxy.loop is None:
            FaultProxy.loop = asyncio.new_event_loop()
            FaultProxy.thread = threading.Thread(target=FaultProxy.loop.run_forever, daemon=True, name="proxies")
            FaultProxy.thread.start()
        self.changed = self.on_loop(self.make_event())
        self.on_loop(self.listen())

    # --- what a test calls -------------------------------------------------------------------------------------------

    def passes(self):
        self.on_loop(self.set())

    def refuses(self):
        self.on_loop(self.set(listening=False))
        self.cut("rst")

    def cut(self, how="fin"):
        async def cut():
            for each in self.open_ones():
                each.end(how)
        self.on_loop(cut())

    def vanishes(self):
        async def vanish():
            for each in self.open_ones():
                each.lost = True
        self.on_loop(self.set(silent=True))
        self.on_loop(vanish())

    def holds(self, *directions):
        self.on_loop(self.set(held=set(directions)))

    def delays(self, seconds):
        self.on_loop(self.set(delay=seconds))

    def paces(self, bytes_per_second):
        self.on_loop(self.set(pace=bytes_per_second))

    def portal(self, kind, certificate=None, key=None):
        if kind != "plain":
            self.context[kind] = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context[kind].load_cert_chain(certificate, key)
        self.on_loop(self.set(kind=kind))
        self.cut("fin")

    def cut_after(self, nth, direction, count, how="fin"):
        """Of the connections that come from now on, counted from 0."""
        async def plan():
            self.plans[len(self.connections) + nth] = (direction, count, how)
        self.on_loop(plan())

    def forget_plans(self):
        async def forget():
            self.plans.clear()
        self.on_loop(forget())

    def close(self):
        async def close():
            if self.server:
                self.server.close()
            for each in self.open_ones():
                each.end("rst")
        self.on_loop(close())

    # --- on the loop -------------------------------------------------------------------------------------------------

    def on_loop(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, FaultProxy.loop).result(30)

    def open_ones(self):
        return [each for each in self.connections if each.open]

    async def make_event(self):
        return asyncio.Event()

    async def listen(self):
        self.server = await asyncio.start_server(self.serve, self.address, self.port, backlog=256)

    async def set(self, listening=True, held=(), delay=0, pace=None, silent=False, kind=None):
        self.held, self.delay, self.pace, self.silent, self.kind = set(held), delay, pace, silent, kind
        if listening and self.server is None:
            await self.listen()
        elif not listening and self.server is not None:
            self.server.close()
            self.server = None
        self.changed.set()
        self.changed = asyncio.Event()

    async def serve(self, reader, writer):
        connection = Connection(len(self.connections))
        self.connections.append(connection)
        connection.writers = [writer]
        connection.lost = self.silent
        plan = self.plans.pop(connection.number, None)
        if plan:
            way = connection.up if plan[0] == "up" else connection.down
            way.cut_after, way.how = plan[1:]
        try:
            if self.kind:
                return await self.play_portal(self.kind, reader, writer)
            if connection.lost:
                while await reader.read(65536):
                    pass
                return
            there, to = await asyncio.open_connection("127.0.0.1", self.to_port)
            connection.writers.append(to)
            for each in connection.writers:
                each.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for way in (connection.up, connection.down):
                if way.cut_after == 0:
                    connection.was_cut = True
                    return connection.end(way.how)
            await asyncio.gather(self.pump(connection, connection.up, "up", reader, to),
                                 self.pump(connection, connection.down, "down", there, writer))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            if connection.open:
                connection.end("fin")

    async def pump(self, connection, way, direction, reader, writer):
        try:
            while True:
                data = await reader.read(65536)
                connection.ledger_gave_up |= not data and direction == "down"
                # The end of a connection waits like any other word.
                while direction in self.held and connection.open:
                    await self.changed.wait()
                if connection.lost or not connection.open:
                    if not data:
                        return
                    continue
                if not data:
                    break
                if self.records and direction == "up":
                    connection.tape.append(data)
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self.deliver(connection, way, writer, data)
        except OSError:
            pass
        if connection.open and not connection.lost:
            connection.end("fin")

    async def deliver(self, connection, way, writer, data):
        at = 0
        while at < len(data) and connection.open and not connection.lost:
            size = 1 if self.pace else len(data) - at
            if way.cut_after is not None:
                size = min(size, way.cut_after - way.bytes)
            writer.write(data[at:at + size])
            await writer.drain()
            at += size
            way.bytes += size
            if way.cut_after is not None and way.bytes >= way.cut_after:
                connection.was_cut = True
                return connection.end(way.how)
            if self.pace:
                await asyncio.sleep(1 / self.pace)

    async def play_portal(self, kind, reader, writer):
        if kind != "plain":
            await writer.start_tls(self.context[kind], ssl_handshake_timeout=10)
        await reader.read(65536)
        writer.write(PORTAL)
        await writer.drain()


def foreign_certificate(folder):
    """(certificate, key) of somebody who is not the ledger and bears its name."""
    certificate, key = pathlib.Path(folder) / "foreign.crt", pathlib.Path(folder) / "foreign.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key
