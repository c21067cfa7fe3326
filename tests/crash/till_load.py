"""Tills that keep asking while the agent comes and goes, and remember every key, what was asked by it and what was answered."""
import http.client
import json
import random
import socket
import threading
import time


class Answer:
    def __init__(self, status, body, replayed):
        self.status, self.body, self.replayed = status, body, replayed

    def __eq__(self, other):
        return (self.status, self.body) == (other.status, other.body)

    def __repr__(self):
        return f"{self.status} {self.body[:300]!r}"

    @property
    def json(self):
        return json.loads(self.body)


class Till:
    """One connection; every answer as the bytes that came."""

    def __init__(self, port, token, timeout=30):
        self.port, self.token, self.timeout, self.connection = port, token, timeout, None

    def ask(self, path, body, key):
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
                self.connection.connect()
                self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.request("POST", path, body=json.dumps(body), headers={
                "Authorization": "Bearer " + self.token, "Content-Type": "application/json", "Idempotency-Key": key})
            got = self.connection.getresponse()
            return Answer(got.status, got.read(), got.headers.get("Idempotency-Replayed") == "true")
        except (http.client.HTTPException, OSError):
            self.close()
            raise

    def ask_until_known(self, path, body, key, seconds=30):
        """Repeats with the same key while the agent says that it cannot tell or is not there."""
        end = time.monotonic() + seconds
        while True:
            try:
                answer = self.ask(path, body, key)
                if answer.status not in (409, 500, 503, 507):
                    return answer
            except (http.client.HTTPException, OSError):
                answer = None
            if time.monotonic() > end:
                raise TimeoutError(f"{path} with {key} was not answered within {seconds} s: {answer}")
            time.sleep(0.01)

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


def basket(cents):
    return {"currency": "EUR", "lines": [{"id": "1", "sku": "X", "quantity": "1", "amount": cents}]}


class Log:
    """What was asked (key -> path, body, cents that it moves) and what is known of it."""

    def __init__(self):
        self.lock = threading.Lock()
        self.asked, self.answered, self.bought = {}, {}, []

    def open_keys(self):
        with self.lock:
            return [k for k in self.asked if k not in self.answered]

    def keep(self, key, answer):
        """True if nothing else was known under the key."""
        with self.lock:
            before = self.answered.setdefault(key, answer)
            if before is answer and answer.status == 201 and self.asked[key][0] == "/v1/purchases":
                self.bought.append(answer.json["id"])
            return before == answer

    def done(self):
        return {k: self.asked[k] for k, a in self.answered.items() if a.status == 201}


class Load:
    """Clients in threads; each asks one thing after the other while the agent is there."""

    def __init__(self, port, token, log, wallet, clients, seed):
        self.log, self.wallet = log, wallet
        self.going, self.ending = threading.Event(), threading.Event()
        self.faults = []
        self.threads = [threading.Thread(target=self.run, args=(n, Till(port, token), random.Random(f"{seed} {n}")), daemon=True)
                        for n in range(clients)]
        for thread in self.threads:
            thread.start()

    def next_one(self, chance):
        cents = chance.randrange(1, 300)
        kind = chance.randrange(10)
        with self.log.lock:
            refundable = self.log.bought[-1] if self.log.bought and kind < 2 else None
        if refundable:
            return f"/v1/purchases/{refundable}/refunds", {"amount": 1}, 1
        if kind < 5:
            return f"/v1/wallets/{self.wallet}/top-ups", {"amount": cents, "tender": "cash"}, cents
        return "/v1/purchases", {"wallet": {"id": self.wallet}, "basket": basket(cents), "spend": {"mode": "full"}}, -cents

    def run(self, number, till, chance):
        count = 0
        while not self.ending.is_set():
            if not self.going.wait(0.1):
                continue
            count += 1
            key, what = f"c{number}-{count}", self.next_one(chance)
            with self.log.lock:
                self.log.asked[key] = what
            try:
                answer = till.ask(what[0], what[1], key)
            except (http.client.HTTPException, OSError):
                self.going.clear()  # it is gone; the round goes on when it is back
                continue
            if answer.status in (409, 503, 507):
                continue  # not kept: asked again after the restart
            if answer.status not in (201, 422):
                self.faults.append(f"{key} {what}: {answer}")
            self.log.keep(key, answer)

    def end(self):
        self.ending.set()
        for thread in self.threads:
            thread.join(40)
