"""Three venues and a ledger as processes, each venue behind a fault proxy: whatever the network does, the till goes on, nothing is spent twice, and
after it both ends agree to the cent. OBOL_NETWORK_LONG=1 makes the flapping and the backlog longer."""
import concurrent.futures
import json
import pathlib
import signal
import socket
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from fault_proxy import FaultProxy, foreign_certificate
from flow import build_folder, run_cases, same, true
from network import LONG, SILENCE, SLOWEST_RETRY, Network, Seller, memory, quantile, rows
from wrong_names import WrongNames

build = build_folder()
# A session that has come to nothing once more, and the longest pause after it: that is what the protocol promises.
HEALED = 2 * SLOWEST_RETRY + 10


def at_once(*works):
    """Each on a venue of its own; the first that fails is told."""
    with concurrent.futures.ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(*work) for work in works]:
            done.result()


# --- half-open, one way, one byte a second ---------------------------------------------------------------------------


def both_ends_vanish(venue):
    venue.must_sell(1)
    venue.drains(10)
    venue.proxy.vanishes()
    venue.proxy.passes()  # who connects anew is let through; what stood is dead and nobody says so
    dead = [c for c in venue.proxy.connections if c.open and c.lost]
    true(dead, "there were connections to lose")
    before, began = len(venue.proxy.connections), time.monotonic()
    with Seller(venue, 0.2) as seller:
        while len(venue.proxy.connections) == before:
            true(time.monotonic() < began + SILENCE + 10, "F34: the dead connection is still believed in")
            time.sleep(0.05)
        noticed = time.monotonic() - began
        venue.waits_for("what was sold is at the ledger", lambda s: s["journal"]["acked_seq"] > 0 and s["link"]["state"] == "up", HEALED)
    seller.sold_all_the_while()
    venue.drains(HEALED)
    while not all(c.ledger_gave_up for c in dead):
        true(time.monotonic() < began + 2 * SILENCE, "F34: the ledger keeps dead connections open")
        time.sleep(0.1)
    print(f"F34 half-open: noticed after {noticed:.1f} s of silence, of {SILENCE} allowed; by the ledger after {time.monotonic() - began:.1f} s")


def answers_get_lost(venue):
    """The ledger hears the venue; the venue hears nothing: F36, and F65, since the ledger grants what was asked."""
    venue.proxy.holds("down")
    status, answer = venue.sells(700, wallet="central")
    same((status, answer.get("code")), (422, "authority_elsewhere"), "F36: decided with what is held")
    system, device = venue.system, venue.status()["device"]
    held = "SELECT coalesce(sum(minor), 0) FROM held WHERE h = ? AND subject LIKE 'business:central:%'"
    end = time.monotonic() + 10
    while rows(system.ledger_folder / "ledger.db", held, device) != [(700,)]:
        true(time.monotonic() < end, "F65: the ledger grants what it hears asked")
        time.sleep(0.02)
    with Seller(venue, 0.2) as seller:
        venue.link_goes("down", SILENCE + 10)
    seller.sold_all_the_while()
    same(venue.sells(700, wallet="central")[1].get("code"), "authority_elsewhere", "F65: what was granted and did not arrive is not spent")
    venue.proxy.passes()
    took = venue.link_goes("up", HEALED)
    end = time.monotonic() + HEALED
    while venue.sells(700, wallet="central")[0] != 201:
        true(time.monotonic() < end, "F65: the same grant is drawn again")
        time.sleep(0.1)
    venue.drains(HEALED)
    print(f"F36 F65 answers held back: the grant that got lost is drawn once, {took:.1f} s after healing")


def questions_get_lost(venue):
    """The ledger speaks and hears nothing; what was said reaches it much too late, after other sessions."""
    venue.must_sell(1)
    venue.drains(10)
    venue.proxy.holds("up")
    with Seller(venue, 0.2) as seller:
        venue.link_goes("down", SILENCE + 10)
    seller.sold_all_the_while()
    venue.proxy.passes()
    took = venue.link_goes("up", HEALED)
    venue.drains(HEALED)
    print(f"F36 questions held back: up {took:.1f} s after healing, the late push changed nothing")


def F34_half_open_and_F36_F65_asymmetric(folder):
    with Network(build, folder) as network:
        at_once((both_ends_vanish, network.venue("nic")), (answers_get_lost, network.venue("lim")), (questions_get_lost, network.venue("paf")))
        print(network.all_agrees())


def one_byte_a_second(venue):
    venue.proxy.paces(1)
    before = venue.status()["journal"]["acked_seq"]
    with Seller(venue, 0.1) as seller:
        took = venue.link_goes("down", SILENCE + 10)
        opened = len(venue.proxy.connections)
        venue.waits_for("another try", lambda _: len(venue.proxy.connections) > opened + 1, HEALED)
    seller.sold_all_the_while(5)
    status = venue.status()["journal"]
    same(status["acked_seq"], before, "F35: nothing counts as booked")
    true(status["pending"] >= seller.statuses[201], "F35: the queue is kept")
    venue.proxy.passes()
    venue.drains(HEALED)
    print(f"F35 one byte a second: given up {took:.1f} s after it began, {status['pending']} entries kept and then booked")


def delayed(venue):
    venue.proxy.delays(0.7)
    with Seller(venue, 0.1) as seller:
        venue.waits_for("progress", lambda s, at=venue.status()["journal"]["acked_seq"]: s["journal"]["acked_seq"] > at, HEALED)
        time.sleep(3)
    seller.sold_all_the_while(5)
    venue.proxy.passes()
    took = venue.drains(HEALED)
    print(f"delay of 0.7 s a way: goes on all the while, the rest booked {took:.1f} s after")


def flapping(venue):
    seconds, before = 600 if LONG else 14, venue.status()["journal"]["acked_seq"]
    cpu, began = venue.cpu_seconds(), time.monotonic()
    with Seller(venue, 0.1) as seller:
        while time.monotonic() < began + seconds:
            venue.proxy.refuses()
            time.sleep(1)
            venue.proxy.passes()
            time.sleep(1)
    cpu, took = venue.cpu_seconds() - cpu, time.monotonic() - began
    seller.sold_all_the_while(seconds)
    acked = venue.status()["journal"]["acked_seq"]
    true(acked > before, "F37: progress in the seconds that the link is up")
    venue.drains(HEALED)
    print(f"F37 flapping 1 s/1 s for {took:.0f} s: {seller.statuses[201]} sold, {acked - before} booked meanwhile, {len(venue.proxy.connections)} connections, "
          f"CPU of the agent {100 * cpu / took:.1f} %")


def F35_one_byte_a_second_F37_flapping_and_delay(folder):
    with Network(build, folder) as network:
        at_once((one_byte_a_second, network.venue("nic")), (flapping, network.venue("lim")), (delayed, network.venue("paf")))
        print(network.all_agrees())


# --- latency here while the link is up, silent, or a captive portal --------------------------------------------------


def sale_times(venue, count):
    times = []
    for _ in range(count):
        began = time.monotonic()
        venue.must_sell(1)
        times.append(time.monotonic() - began)
    return times


def F42_captive_portals_and_P21_latency_here_whatever_is_there(folder):
    with Network(build, folder) as network:
        nic, lim, paf = (network.venue(v) for v in network.venues)
        foreign, own = foreign_certificate(folder), [network.ledger_folder / "credentials" / name for name in ("server.crt", "server.key")]
        seqs = {}
        at_once(*((sale_times, v, 100) for v in (nic, lim, paf)))
        network.settle()
        up, silent, portal, lacking, asked = [], [], [], [], []
        numeric = next(p["code"] for p in network.data["passes"] if p["plan"] == "number10")
        for cents in (5, 500, 50_000):  # more than an earlier ask brought once it was answered
            network.heal()
            network.converges(HEALED)
            up += sale_times(nic, 200)
            nic.drains(HEALED)
            nic.proxy.vanishes()
            silent += sale_times(nic, 200)
            began = time.monotonic()
            same(nic.sells(cents, wallet="central")[1].get("code"), "authority_elsewhere", "nobody answers the ask")
            lacking.append(time.monotonic() - began)
            began = time.monotonic()
            same(nic.client.call("POST", "/v1/passes/check", {"code": numeric}, key=False)[2]["code"], "link_required", "what only the centre knows")
            asked.append(time.monotonic() - began)
            nic.proxy.portal("foreign", *foreign)
            portal += sale_times(nic, 200)
        p50, p99 = statistics.median, lambda times: quantile(times, 0.99)
        for name, times in (("silent", silent), ("captive portal", portal)):
            print(f"P21 a sale with the link {name}, against the link up: p50 x{p50(times) / p50(up):.2f}, p99 x{p99(times) / p99(up):.2f} "
                  f"({1000 * p50(up):.2f} and {1000 * p99(up):.2f} ms up)")
        print(f"what the venue lacks is answered authority_elsewhere within {1000 * max(lacking):.0f} ms while nobody answers; the budget is 300 ms. "
              f"A code that only the centre knows is answered link_required after {max(asked):.1f} s, once, and that takes the link down")
        network.heal()
        network.converges(HEALED)
        for venue, kind, certificate in ((nic, "plain", (None, None)), (lim, "foreign", foreign), (paf, "ledger", own)):
            venue.proxy.portal(kind, *certificate)
        for venue, words in ((nic, "tls_refused"), (lim, "tls_refused"), (paf, "not_http")):
            venue.link_goes("down", HEALED)
            seqs[venue.name] = venue.status()["journal"]["acked_seq"]
            venue.waits_for(f"why: {words}", lambda s, w=words: w in s["link"].get("why", ""), HEALED)
        with Seller(nic) as a, Seller(lim) as b, Seller(paf) as c:
            time.sleep(6)
        for seller in (a, b, c):
            seller.sold_all_the_while(5)
            status = seller.venue.status()
            same((status["link"]["state"], status["journal"]["acked_seq"]), ("down", seqs[seller.venue.name]), "F42: a page for people books nothing")
        time.sleep(10)  # the pauses grow to their longest
        network.heal()
        took = network.converges(HEALED)
        print(f"F42 captive portals of three kinds: link down, till on; all booked {took:.1f} s after healing, of {2 * SLOWEST_RETRY} s and the exchange allowed")
        print(network.all_agrees())


# --- double spending, repeated requests ------------------------------------------------------------------------------


def spends_until_refused(venue, wallet, cents, codes):
    while True:
        status, answer = venue.sells(cents, wallet=wallet)
        if status != 201:
            codes.append(answer["code"])
            if len(codes) >= 3:
                return


def same_wallet_and_pass_at_two_venues_offline(folder):
    with Network(build, folder, budget_ms=5000) as network:
        nic, lim = network.venue("nic"), network.venue("lim")
        order = {"wallet": {"id": "purse"}, "spend": {"mode": "amount", "amount": 300}, "basket": {"currency": "EUR", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 300}]}}
        quote = lim.client.post("/v1/quotes", order, key=False)
        same(quote["accepted"], True, "the other venue gets 300 of the purse")
        network.settle()
        for venue in (nic, lim):
            venue.proxy.refuses()
            venue.link_goes("down", 10)
        here, there = [], []
        at_once((spends_until_refused, nic, "purse", 50, here), (spends_until_refused, lim, "purse", 50, there))
        spent = nic.sold() + lim.sold()
        same((nic.sold(), lim.sold()), (700, 300), "each spends what it holds")
        same((set(here), set(there)), ({"authority_elsewhere"}, {"authority_elsewhere"}), "and is refused above it")
        card = next(p for p in network.data["passes"] if p["plan"] == "gift10" and p["venue"] == "nic")
        redeem = {"code": card["code"], "wallet": {"new": True}}
        status, _, answer = lim.client.call("POST", "/v1/passes/redeem", redeem)
        same((status, answer["code"]), (422, "authority_elsewhere"), "the pass at the venue that does not hold it")
        same(nic.client.post("/v1/passes/redeem", redeem)["credited"]["amount"], 1000, "the pass where it is held")
        same(nic.client.call("POST", "/v1/passes/redeem", redeem)[2]["code"], "pass_redeemed", "once more")
        network.heal()
        took = network.converges(HEALED)
        same(lim.client.call("POST", "/v1/passes/redeem", redeem)[2]["code"], "pass_redeemed", "at the other venue, once it knows")
        same(network.admin.get("/admin/v1/wallets/purse")["pockets"]["business"], 0, "the purse")
        print(f"two venues offline: {spent} spent of 1000; equal {took:.1f} s after healing; {network.all_agrees()}")


def sends_and_hangs_up(venue, key, order):
    body = json.dumps(order)
    head = (f"POST /v1/purchases HTTP/1.1\r\nHost: 127.0.0.1:{venue.agent.port}\r\nAuthorization: Bearer {venue.agent.tokens['pos']}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n")
    with socket.create_connection(("127.0.0.1", venue.agent.port)) as till:
        till.sendall((head + body).encode())


def F30_F32_F62_requests_repeated_over_breaking_connections(folder):
    with Network(build, folder) as network:
        venues = list(network.tills.values())
        ending = threading.Event()

        def breaks():
            number = 0
            while not ending.wait(0.35):
                number += 1
                for proxy in network.proxies.values():
                    proxy.cut("rst" if number % 2 else "fin")
        breaker = threading.Thread(target=breaks)
        breaker.start()

        def repeats(venue):
            for n in range(12):
                order = {"wallet": {"id": "central" if n % 2 else f"till-{venue.name}"}, "spend": {"mode": "full"},
                         "basket": {"currency": "EUR", "ticket": f"bon-{n}", "lines": [{"id": "1", "sku": "KF02", "quantity": "1", "amount": 3}]}}
                key = f"{venue.name}-again-{n}"
                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    list(pool.map(lambda _: sends_and_hangs_up(venue, key, order), range(50)))
                venue.asked[key] = order
                client = venue.agent.http()
                while (status := venue.asks(key, client)[0]) == 409:
                    time.sleep(0.01)
                true(status == 201 or n % 2, f"{key}: {venue.answered[key]}")
                if status == 201:  # F62: the same sale under a key of its own is told from a second sale
                    first = venue.answered[key][1]
                    again, told = venue.sells(3, wallet=order["wallet"]["id"], key=key + "-new", basket=order["basket"])
                    same((again, told.get("code"), told.get("purchase")), (409, "possible_duplicate", first["id"]), "another key, the same ticket")
        try:
            at_once(*((repeats, v) for v in venues))
        finally:
            ending.set()
            breaker.join()
        took = network.converges(HEALED)
        confirmed = venues[0].sells(3, key="confirmed", basket=venues[0].asked["nic-again-0"]["basket"], confirm_duplicate=True)
        same(confirmed[0], 201, "F62: a second sale that the cashier confirms")
        before = {v.name: v.sold() for v in venues}
        print(f"each of 36 keys sent 50 times over connections that break: {sum(before.values())} cents once; equal {took:.1f} s after; {network.all_agrees()}")


# --- the ledger away, names, a backlog -------------------------------------------------------------------------------


def F39_the_ledger_stands_still_is_killed_and_comes_back(folder):
    with Network(build, folder) as network:
        with Seller(network.venue("nic")) as a, Seller(network.venue("lim")) as b, Seller(network.venue("paf")) as c:
            network.ledger.process.send_signal(signal.SIGSTOP)
            time.sleep(4)
            network.ledger.process.send_signal(signal.SIGCONT)
            network.venue("nic").waits_for("progress", lambda s, n=network.venue("nic").status()["journal"]["seq"]: s["journal"]["acked_seq"] >= n, SILENCE + HEALED)
            network.ledger.process.kill()
            network.ledger.process.wait()
            for venue in network.tills.values():
                venue.link_goes("down", 10)
            time.sleep(3)
            network.ledger.start()
            network.ledger.wait_ready(network.admin_url)
        for seller in (a, b, c):
            seller.sold_all_the_while(30)
        took = network.converges(HEALED)
        print(f"F39 the ledger stood still and was killed: {sum(s.statuses[201] for s in (a, b, c))} sold meanwhile, all booked {took:.1f} s after; {network.all_agrees()}")


def session_stands(venue, proxy):
    """Both connections of a session, and none on its way: what is cut then is the whole of it."""
    began, before, since = time.monotonic(), [], time.monotonic()
    while True:
        now = [c.number for c in proxy.open_ones()]
        if now != before or len(now) < 2 or venue.status()["link"]["state"] != "up":
            before, since = now, time.monotonic()
        if time.monotonic() > since + 1:
            return since - began
        true(time.monotonic() < began + HEALED, f"no session stands: {venue.status()['link']}, {now} open")
        time.sleep(0.02)


def F38_name_servers_fail_hang_and_say_another_address(folder):
    network = Network(build, folder, ["nic"], host="localhost")
    elsewhere = FaultProxy(network.proxies["nic"].port, network.base + 11, "127.0.0.2")
    with network:
        venue, agent = network.venue("nic"), network.agents[0]
        agent.program.stop()
        names = WrongNames(agent, folder)
        agent.start()
        session_stands(venue, venue.proxy)
        names.says("fail")
        before = len(venue.proxy.connections)
        venue.proxy.cut("rst")
        session_stands(venue, venue.proxy)
        true(len(venue.proxy.connections) > before, "the address that was known was used again")
        names.says("127.0.0.2")
        venue.proxy.refuses()
        session_stands(venue, elsewhere)
        names.says("hang")
        cut = [(c.number, c.up.bytes, c.down.bytes) for c in elsewhere.open_ones()]
        elsewhere.cut("rst")
        venue.waits_for(f"link down, cut were {cut}", lambda s: s["link"]["state"] == "down", 10)
        with Seller(venue) as seller:
            time.sleep(12)  # past the deadline of a hello
        seller.sold_all_the_while(10)
        names.says("127.0.0.2")
        took = session_stands(venue, elsewhere)
        venue.drains(HEALED)
        names.says("hang")
        elsewhere.cut("rst")
        venue.link_goes("down", 10)
        time.sleep(0.5)
        began = time.monotonic()
        same(agent.program.stop(seconds=20), 0, "the exit code while a name is being looked up, which goes on for ever")
        print(f"F38 names: the known address serves while none answer, a new one is found, up {took:.1f} s after they hung; an end while they hang took "
              f"{time.monotonic() - began:.1f} s")
        names.says("127.0.0.2")
        agent.start()
        venue.client.close()
        print(network.all_agrees())
    elsewhere.close()


def F40_a_backlog_drains_in_bounded_memory_and_the_till_goes_on(folder):
    wanted = 20_000 if LONG else 3_000
    with Network(build, folder) as network:
        venue = network.venue("nic")
        venue.proxy.refuses()
        venue.link_goes("down", 10)
        start = memory(venue.agent.program), memory(network.ledger)

        def sells_many(number):
            client = venue.agent.http()
            for _ in range(wanted // 8):
                venue.must_sell(1, client=client)
        began = time.monotonic()
        at_once(*((sells_many, n) for n in range(8)))
        loaded = time.monotonic() - began
        pending, idle = venue.status()["journal"]["pending"], sale_times(venue, 200)
        full = memory(venue.agent.program)
        venue.proxy.passes()
        began, busy = time.monotonic(), []
        while venue.status()["journal"]["pending"] > 20:
            true(time.monotonic() < began + HEALED + wanted / 50, "F40: the backlog drains")
            busy += sale_times(venue, 5)
        drained = time.monotonic() - began
        venue.drains(HEALED)
        after = memory(venue.agent.program), memory(network.ledger)
        print(f"F40 a backlog of {pending} entries, sold in {loaded:.1f} s, drained in {drained:.1f} s (pause before it included); the agent had {start[0]} MiB, {full} with the backlog, "
              f"{after[0]} at most; the ledger {start[1]}, {after[1]} at most; a sale meanwhile against before: p50 x{statistics.median(busy) / statistics.median(idle):.2f}, "
              f"p99 x{quantile(busy, 0.99) / quantile(idle, 0.99):.2f} (p99 {1000 * quantile(busy, 0.99):.1f} ms)")
        print(network.all_agrees())


def a_recorded_connection_played_again_says_nothing(folder):
    with Network(build, folder, ["nic"]) as network:
        venue = network.venue("nic")
        venue.proxy.records = True
        venue.agent.link("down")
        venue.must_sell(5)
        venue.agent.link("up")
        venue.drains(HEALED)
        seq = venue.status()["journal"]["seq"]
        tapes = [b"".join(c.tape) for c in venue.proxy.connections if c.tape]
        true(tapes and max(map(len, tapes)) > 2000, "a session was recorded")
        for tape in tapes * 25:
            with socket.create_connection(("127.0.0.1", network.base + 11)) as replay:
                try:
                    replay.sendall(tape)
                    replay.shutdown(socket.SHUT_WR)
                    while replay.recv(65536):
                        pass
                except OSError:
                    pass
        same(venue.status()["journal"]["acked_seq"], seq, "the journal")
        print(f"F30 {25 * len(tapes)} recorded connections played again to the ledger: nothing happened; {network.all_agrees()}")


run_cases(F34_half_open_and_F36_F65_asymmetric, F35_one_byte_a_second_F37_flapping_and_delay, F42_captive_portals_and_P21_latency_here_whatever_is_there,
          same_wallet_and_pass_at_two_venues_offline, F30_F32_F62_requests_repeated_over_breaking_connections,
          F39_the_ledger_stands_still_is_killed_and_comes_back, F38_name_servers_fail_hang_and_say_another_address,
          F40_a_backlog_drains_in_bounded_memory_and_the_till_goes_on, a_recorded_connection_played_again_says_nothing)
