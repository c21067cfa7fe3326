"""Who may include whom (DESIGN section 2). The rules themselves are tested first: each must refuse its sample."""
import re

import tree

# A foreign library is included in one folder. pattern of the header -> folders that may.
HOMES = [
    (r"boost/beast/", ["sync/net/"]),
    (r"boost/asio/ssl|openssl/ssl", ["sync/net/"]),
    (r"openssl/|argon2\.h", ["sync/crypto/", "sync/net/"]),
    (r"SQLiteCpp/|sqlite3\.h|libpq", ["sync/sql/"]),
    (r"date/", ["sync/domain/zone.cpp"]),
    (r"boost/json", ["sync/wire/"]),
    (r"boost/url", ["sync/net/"]),
    (r"zstd", ["sync/net/coding.cpp"]),
    (r"systemd/", ["sync/host/"]),
    (r"prometheus/", ["agent/api/", "agent/app/", "sync/ledger/api/"]),
    (r"png\.h", ["drivers/png/"]),
    (r"qrencode\.h", ["drivers/symbol/"]),
    (r"libevdev/", ["drivers/input/"]),
    (r"libudev\.h", ["drivers/input/keyboards.cpp"]),
    # Everywhere but among the drivers, where only these touch the machine; the factory names an executor through them.
    (r"boost/asio", ["sync/", "agent/", "drivers/transport/", "drivers/input/", "drivers/emulator/"]),
    (r"CLI/", ["agent/main.cpp", "agent/obolctl_main.cpp", "sync/ledger/main.cpp", "sync/audit/main.cpp", "drivers/emulator/main.cpp"]),
]
# Rules know nobody: nothing here reads, writes, waits or asks the time.
PURE = ["sync/core/", "sync/domain/", "sync/journal/", "sync/policy/", "sync/ledger/book/", "drivers/ticket/", "drivers/symbol/",
        "drivers/picture/", "drivers/escpos/", "drivers/printer/", "drivers/scanner/", "drivers/display/", "drivers/fake/", "sync/uplink/engine"]
IMPURE = (r"boost/asio|nlohmann/|fmt/|fstream|iostream|filesystem|thread|mutex|condition_variable|future|unistd\.h|sys/|"
          r"ctime|sync/(sql|net|host|wire)/")
# The file that owns the time-zone library, which reads the zones itself, reads their version beside them.
ZONES_READ = ("sync/domain/zone.cpp", "fstream")
# The engine speaks in messages; it may know their types.
ENGINE_MAY = r"sync/wire/messages\.hpp"
# Arrows between rooms: (from, what it must not include).
ARROWS = [
    ("sync/", r"agent/|drivers/|tests/"),
    ("drivers/", r"agent/|tests/|sync/(?!core/)"),
    ("agent/", r"tests/|sync/ledger/"),
    ("sync/core/", r"sync/(?!core/)"),
    ("sync/domain/", r"sync/(?!core/|domain/)"),
    ("sync/crypto/", r"sync/(?!core/|crypto/)"),
    ("sync/sql/", r"sync/(?!core/|sql/)"),
    ("sync/net/", r"sync/(?!core/|net/)"),
    ("sync/host/", r"sync/(?!core/|host/)"),
    ("sync/journal/", r"sync/(?!core/|domain/|crypto/|journal/)"),
    ("sync/wire/", r"sync/(?!core/|domain/|journal/|wire/)"),
    ("sync/policy/", r"sync/(?!core/|domain/|journal/|policy/)"),
    ("sync/uplink/", r"sync/(ledger|sql|audit)/"),
    # The auditor shares no code with what it checks, and nobody needs it.
    ("sync/audit/", r"sync/(?!core/|crypto/|sql/|audit/)"),
    ("sync/ledger/", r"sync/audit/"),
    ("agent/", r"sync/audit/"),
    ("agent/app/", r"agent/api/|nothing-else"),
]


def faults_of(name, includes):
    for line, header in includes:
        def fault(why):
            return f"{name}:{line}: {header}: {why}"
        for pattern, homes in HOMES:
            if re.match(pattern, header) and not any(name.startswith(h) for h in homes):
                # A narrower rule may come first (openssl/ssl before openssl/): any matching home is enough.
                if not any(re.match(p, header) and any(name.startswith(h) for h in hs) for p, hs in HOMES):
                    yield fault(f"this library lives in {', '.join(homes)}")
        if any(name.startswith(p) for p in PURE) and re.match(IMPURE, header):
            engine = name.startswith("sync/uplink/engine") and re.match(ENGINE_MAY, header)
            if not engine and (name, header) != ZONES_READ:
                yield fault("a pure room includes no I/O")
        for room, banned in ARROWS:
            if name.startswith(room) and re.match(banned, header):
                yield fault(f"no arrow goes from {room} there")


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if found:
            yield number, found.group(1)


SAMPLES = [("sync/domain/x.cpp", "fstream"), ("sync/domain/x.cpp", "sync/sql/db.hpp"), ("agent/app/x.cpp", "boost/beast/http.hpp"),
           ("agent/api/x.cpp", "openssl/evp.h"), ("sync/wire/x.hpp", "agent/store/store.hpp"), ("drivers/ticket/x.cpp", "sync/domain/money.hpp"),
           ("agent/store/x.cpp", "sqlite3.h"), ("sync/ledger/book/x.cpp", "boost/asio/awaitable.hpp"), ("sync/uplink/engine.cpp", "sync/net/http.hpp"),
           ("agent/app/x.cpp", "sync/ledger/store/books.hpp"), ("sync/net/x.cpp", "date/tz.h"), ("sync/net/client.cpp", "zstd.h"),
           ("sync/audit/x.cpp", "sync/journal/entry.hpp"), ("sync/audit/x.cpp", "sync/domain/money.hpp"), ("sync/audit/x.cpp", "agent/store/facts.hpp"),
           ("drivers/escpos/x.cpp", "nlohmann/json.hpp"), ("drivers/picture/x.cpp", "png.h"), ("drivers/printer/x.cpp", "boost/asio/post.hpp"), ("drivers/scanner/x.cpp", "libevdev/libevdev.h"),
           ("drivers/fake/x.cpp", "unistd.h"), ("drivers/transport/x.cpp", "libudev.h"), ("drivers/transport/x.cpp", "sync/net/asio_timers.hpp"), ("drivers/fake/x.cpp", "qrencode.h"),
           ("sync/ledger/store/x.cpp", "sync/audit/cbor.hpp"), ("agent/app/x.cpp", "sync/audit/cbor.hpp"),
           ("sync/policy/x.cpp", "sync/wire/messages.hpp"), ("sync/policy/x.cpp", "fmt/format.h")]
for sample, header in SAMPLES:
    assert list(faults_of(sample, [(1, header)])), f"the rule that should refuse {header} in {sample} is asleep"
for sample, header in [("sync/net/x.cpp", "boost/beast/http.hpp"), ("sync/uplink/engine.hpp", "sync/wire/messages.hpp"), ("agent/app/x.cpp", "sync/domain/pass.hpp"),
                       ("sync/audit/x.cpp", "sync/crypto/crypto.hpp"), ("sync/audit/x.cpp", "sync/sql/db.hpp"), ("drivers/transport/x.cpp", "boost/asio/post.hpp")]:
    assert not list(faults_of(sample, [(1, header)])), f"{header} in {sample} is allowed"

checked = [n for n in tree.files(*tree.SOURCE) if not n.startswith("tests/")]
tree.finish("includes", [f for n in checked for f in faults_of(n, includes_of(tree.read(n)))], len(checked))
