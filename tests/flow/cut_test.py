"""F33: the connection between venue and ledger is cut after n bytes, for n of each exchange: nothing is lost, nothing happens twice."""
import collections
import http.client
import pathlib
import queue
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from flow import Failed, build_folder, run_cases, true
from network import LONG, Network

build = build_folder()
VENUES = ["nic", "lim", "paf", "v4", "v5", "v6"]
# A session opens two connections, in this order.
NAMES = ["hello and push", "feed"]
STEP = 1 if LONG else 61


def quiet(proxy):
    """Until no byte has gone through for a moment: what a session says of itself has been said."""
    def count():
        return sum(c.up.bytes + c.down.bytes for c in proxy.connections)
    before = -1
    while before != (before := count()):
        time.sleep(0.15)


def push_what_was_sold_offline(venue):
    """Hello, a push of one entry, a page of the feed: the session begins with the sale already in the journal."""
    venue.agent.link("down")
    yield
    venue.must_sell(1)
    venue.agent.link("up")


def ask_for_authority(venue):
    """The session stands; the sale asks for what lies at the centre, draws the grant and is pushed."""
    venue.agent.link("down")
    yield
    venue.agent.link("up")
    # A cut may come before the link is up; then the sale finds no link, or the next session's.
    end = time.monotonic() + 2
    while venue.status()["link"]["state"] != "up" and time.monotonic() < end:
        time.sleep(0.002)
    venue.sells(1, wallet="central")


def lengths(venue, exchange):
    """Bytes each way on each connection of one undisturbed exchange."""
    going = exchange(venue)
    next(going)
    first = len(venue.proxy.connections)
    next(going, None)
    venue.drains(30)
    quiet(venue.proxy)
    made = venue.proxy.connections[first:]
    true(len(made) == 2, f"a session opens two connections, not {len(made)}")
    return [(nth, direction, way.bytes) for nth, c in enumerate(made) for direction, way in (("up", c.up), ("down", c.down))]


def cut_at(venue, exchange, nth, direction, count, how):
    """Was the connection cut? Afterwards the journal is at the ledger, whole."""
    proxy, going = venue.proxy, exchange(venue)
    next(going)
    proxy.cut()  # a connection that a fault of the last round spared would be used again
    first = len(proxy.connections)
    proxy.cut_after(nth, direction, count, how)
    next(going, None)
    end, before, since = time.monotonic() + 60, -1, time.monotonic()
    while True:
        made = proxy.connections[first:]
        if any(c.was_cut for c in made):
            break
        bytes_now = sum(c.up.bytes + c.down.bytes for c in made)
        if bytes_now != before:
            before, since = bytes_now, time.monotonic()
        if len(made) > nth and time.monotonic() > since + 0.15:
            break  # the exchange is over: it was shorter this time
        true(time.monotonic() < end, f"no connection came: {venue.status()['link']}, {[(c.number, c.open, c.up.bytes, c.down.bytes) for c in made]}")
        time.sleep(0.002)
    proxy.forget_plans()
    venue.link_goes("up", 60)
    venue.drains(60)
    return proxy.connections[first + nth].was_cut


def every_cut(folder, exchange, since):
    with Network(build, folder, VENUES) as network:
        venues = list(network.tills.values())
        measured = lengths(venues[0], exchange)
        points, counts, faults = queue.SimpleQueue(), collections.Counter(), []
        for nth, direction, length in measured:
            for n in range(min(since, length), length, STEP):
                points.put((nth, direction, n, "rst" if n // STEP % 2 else "fin"))
            if STEP > 1:
                points.put((nth, direction, length - 1, "fin"))
        total, began = points.qsize(), time.monotonic()

        def work(venue):
            while not faults:
                try:
                    nth, direction, n, how = points.get_nowait()
                except queue.Empty:
                    return
                try:
                    cut = cut_at(venue, exchange, nth, direction, n, how)
                    counts[(nth, direction, cut)] += 1
                except (OSError, http.client.HTTPException) as fault:
                    # The agent's own port hung up: a machine that stood still for longer than a header may take. The
                    # key is asked again in the end.
                    venue.proxy.forget_plans()
                    points.put((nth, direction, n, how))
                    counts["hung up"] += 1
                    if counts["hung up"] > 10:
                        faults.append(f"the agent hangs up: {fault!r}")
                except Failed as fault:
                    faults.append(f"{NAMES[nth]}, {direction}, {how} after {n} bytes: {fault}")

        threads = [threading.Thread(target=work, args=(v,)) for v in venues]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        true(not faults, "\n".join(faults))
        took = time.monotonic() - began
        for nth, direction, length in measured:
            done = counts[(nth, direction, True)]
            print(f"{NAMES[nth]}, {direction}: {length} bytes, cut {done} times, every {STEP}; not reached {counts[(nth, direction, False)]}")
        hung_up = counts.pop("hung up", 0)
        reached = sum(n for (_, _, cut), n in counts.items() if cut)
        true(reached >= 0.9 * total, f"{reached} of {total} cuts came about")
        print(f"{reached} cuts in {took:.0f} s at {len(venues)} venues, {hung_up} requests hung up on; {network.all_agrees()}")


def F33_cut_after_n_bytes_of_hello_push_and_feed(folder):
    every_cut(folder, push_what_was_sold_offline, 0)


def F33_F65_cut_after_n_bytes_of_an_ask_its_grant_and_its_taking(folder):
    every_cut(folder, ask_for_authority, 0)


run_cases(F33_cut_after_n_bytes_of_hello_push_and_feed, F33_F65_cut_after_n_bytes_of_an_ask_its_grant_and_its_taking)
