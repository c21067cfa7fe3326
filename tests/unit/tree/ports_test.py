"""What is not determined by its inputs comes through a port: clocks, chance, environment, threads (DESIGN section 2)."""
import re

import tree

# The port layer: the only folders that touch the real machine.
PORTS = ("sync/host/", "sync/net/", "sync/sql/", "sync/crypto/")
# The file that owns the time-zone library, which reads the zones itself, reads their version beside them. The auditor reads exports line by line,
# however long they are, and shares no code with the programs.
FILES_READ = {("sync/domain/zone.cpp", "use sync/host"), ("sync/audit/source.cpp", "use sync/host")}
BANNED = [
    (r"\bsystem_clock\b", "take a WallClock"),
    (r"\bsteady_clock\b|\bhigh_resolution_clock\b|\bclock_gettime\b|\bgettimeofday\b", "take a BootClock"),
    (r"\btime\s*\(\s*(nullptr|NULL|0)\s*\)", "take a WallClock"),
    (r"\brand\s*\(|\bsrand\b|\brandom_device\b|\bmt19937", "take a Random"),
    (r"\b(secure_)?getenv\b", "read the configuration"),
    (r"\bstd::j?thread\b|\bpthread_create\b|\bstd::async\b", "use host::Worker"),
    (r"\bsleep_for\s*\(\s*std::|\busleep\b|\bnanosleep\b|\bthis_thread::sleep", "use Timers"),
    (r"\bfopen\b|\bstd::[io]?fstream\b", "use sync/host"),
    (r"\bsteady_timer\b|\bsystem_timer\b", "use Timers or net::sleep_for"),
]


def faults_of(name, text):
    for number, line in enumerate(tree.without_comments_and_strings(text).splitlines(), 1):
        for pattern, instead in BANNED:
            if re.search(pattern, line) and (name, instead) not in FILES_READ:
                yield f"{name}:{number}: {line.strip()}: {instead}"


for sample in ["auto t = std::chrono::system_clock::now();", "int x = rand();", 'getenv("A");', "std::thread t{f};",
               "std::random_device d;", "auto n = std::chrono::steady_clock::now();", "time(nullptr)", "std::ifstream in(path);"]:
    assert list(faults_of("sample", sample)), f"the rule against {sample} is asleep"
assert not list(faults_of("sample", "// system_clock is banned\nrun();"))

checked = [n for n in tree.files(*tree.SOURCE) if n.startswith(("agent/", "sync/", "drivers/")) and not n.startswith(PORTS)]
tree.finish("ports", [f for n in checked for f in faults_of(n, tree.read(n))], len(checked))
