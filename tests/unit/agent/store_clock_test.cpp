#include "agent/store/clock_keeping.hpp"
#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;
using namespace std::chrono_literals;

constexpr Millis day = 24h;

struct StoreClock : UplinkStoreTest {
    bool trusted() { return store->clock().judged().trusted; }
    Instant now() { return store->clock().now(); }
    journal::Entry entry_before_last(std::int64_t back = 1) {
        return store->facts().entry(store->facts().head().seq - back).value();
    }
    static journal::ClockEvent event_in(const journal::Entry& entry) {
        return std::get<journal::ClockEvent>(journal::from_detail(entry.kind, entry.detail).value());
    }
    journal::Entry newest() { return entry_before_last(0); }
    Instant job_now() {
        return write<Instant>([](WriteTxn& txn) -> Result<Instant> { return txn.now(); }).value();
    }
    void boot_anew(std::string id) {
        uplink.reset();
        store.reset();
        clock.boot = std::move(id);
        open();
        uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
        turn();
    }
    void start_anew() { boot_anew(clock.boot); }
    void told() { store->clock().ledger_told(clock.at, clock.since_boot()); }
};

TEST_F(StoreClock, F23_TheJournalSaysThatTheClockWentBackBeforeWhatIsDecidedAfterIt) {
    top_up(100);
    const Instant before = newest().wall;
    clock.at += 5min;
    clock.off = -1h;
    top_up(100);
    EXPECT_EQ(newest().kind, "top_up");
    EXPECT_EQ(newest().wall, before + 5min);
    const journal::ClockEvent event = event_in(entry_before_last());
    EXPECT_FALSE(event.trusted);
    EXPECT_EQ(event.reason, "went_back");
    EXPECT_EQ(event.system, before + 5min - 1h);
    EXPECT_EQ(event.taken, before + 5min);
    EXPECT_FALSE(trusted());
    const std::int64_t head = store->facts().head().seq;
    top_up(100);
    EXPECT_EQ(store->facts().head().seq, head + 1);  // told once
}

TEST_F(StoreClock, F23_TheEventIsWrittenWhenNothingElseHappens) {
    const std::int64_t head = store->facts().head().seq;
    clock.off = -30 * day;
    now();
    turn();
    EXPECT_EQ(store->facts().head().seq, head + 1);
    EXPECT_EQ(newest().kind, "clock_event");
    EXPECT_EQ(count("SELECT count(*) FROM exception WHERE code = 'clock_untrusted'"), 1);
    EXPECT_EQ(count("SELECT count(*) FROM head_signature WHERE seq = " + std::to_string(head + 1)), 1);
}

TEST_F(StoreClock, F24_AJumpAheadMovesNoTimeThatRulesGoBy) {
    top_up(100);
    const Instant before = clock.at;
    for (const Millis ahead : {day, 3650 * day}) {
        clock.off = ahead;
        EXPECT_EQ(job_now(), before);
        top_up(100);
        EXPECT_EQ(newest().wall, before);
        EXPECT_EQ(store->facts().journal_time(now()), before);
    }
    EXPECT_EQ(count("SELECT count(*) FROM entry WHERE kind = 'clock_event'"), 1);
}

TEST_F(StoreClock, T10_F26_AuthorityWithAnEndIsOfNoUseWhileTheClockIsNotTrusted) {
    const Subject subject = pocket_of();
    wire::Grant granted = grant(ask(subject, 500), subject, 500);
    granted.not_after = clock.at + 1h;
    take(granted);
    EXPECT_EQ(store->facts().funds(subject).held, Amount{500});
    clock.off = -30 * day;
    for (int restarts = 0; restarts < 11; ++restarts) {
        EXPECT_EQ(store->facts().funds(subject).held, Amount{});
        EXPECT_EQ(write<int>([&](WriteTxn& txn) -> Result<int> {
                      return static_cast<int>(txn.funds(subject).held.minor);
                  }).value(),
                  0);
        restarts % 2 == 0 ? start_anew() : boot_anew("boot-1" + std::to_string(restarts));
    }
    told();
    EXPECT_EQ(store->facts().funds(subject).held, Amount{500});
    clock.at += 1h;
    EXPECT_EQ(store->facts().funds(subject).held, Amount{});
}

TEST_F(StoreClock, F26_SetBackAcrossARebootTheFloorIsTheJournals) {
    top_up(100);
    const Instant floor = newest().wall;
    clock.off = -30 * day;
    boot_anew("boot-2");
    EXPECT_FALSE(trusted());
    EXPECT_EQ(now(), floor);
    EXPECT_EQ(event_in(newest()).reason, "behind_journal");
    EXPECT_EQ(newest().boot_id, "boot-2");
    const std::int64_t head = store->facts().head().seq;
    for (const char* id : {"boot-2", "boot-3"}) {
        boot_anew(id);
        EXPECT_FALSE(trusted()) << id;
        EXPECT_EQ(store->facts().head().seq, head) << id;
    }
    clock.off = {};  // right again, but nobody has said so
    boot_anew("boot-4");
    EXPECT_FALSE(trusted());
}

TEST_F(StoreClock, F26_AnIdleDeviceKeepsWhatTimeItWasTold) {
    clock.at += 30 * day;
    told();
    ASSERT_TRUE(apply(page()));
    clock.off = -3 * day;
    boot_anew("boot-2");
    EXPECT_FALSE(trusted());
    EXPECT_EQ(now(), clock.at);
}

TEST_F(StoreClock, F25_ANewDeviceIsNotOlderThanItsCertificate) {
    uplink.reset();
    store.reset();
    std::filesystem::remove(options.path);
    options.born = clock.at - 1h;
    clock.off = -20'000 * day;
    open();
    turn();
    EXPECT_EQ(now(), *options.born);
    EXPECT_FALSE(trusted());
    EXPECT_EQ(store->facts().entry(1)->kind, "journal_opened");
    EXPECT_EQ(store->facts().entry(2)->kind, "clock_event");
    EXPECT_EQ(store->facts().head().seq, 2);
    told();
    EXPECT_TRUE(trusted());
    EXPECT_EQ(now(), clock.at);
}

TEST_F(StoreClock, T14_WhatTheLedgerToldOutlivesARestartButNoReboot) {
    clock.off = -20'000 * day;
    boot_anew("boot-2");
    told();
    turn();
    EXPECT_EQ(event_in(newest()).reason, "ledger_time");
    clock.at += 9h;
    start_anew();
    EXPECT_TRUE(trusted());
    EXPECT_EQ(now(), clock.at);
    boot_anew("boot-3");
    EXPECT_FALSE(trusted());
}

TEST_F(StoreClock, T13_AFloorInTheFutureHealsWhileTheJournalsTimeStandsStill) {
    clock.off = 13 * day;
    boot_anew("boot-2");
    top_up(100);
    const Instant future = newest().wall;
    EXPECT_EQ(future, clock.at + 13 * day);
    clock.off = {};
    boot_anew("boot-3");
    EXPECT_FALSE(trusted());
    EXPECT_EQ(now(), future);
    told();
    EXPECT_EQ(job_now(), clock.at);
    for (int i = 0; i < 3; ++i) {
        clock.at += 20min;
        top_up(100);
        EXPECT_EQ(job_now(), clock.at);
        EXPECT_EQ(newest().wall, future);
    }
    for (const char* id : {"boot-3", "boot-4"}) {
        boot_anew(id);
        EXPECT_TRUE(trusted()) << id;
        EXPECT_EQ(now(), clock.at) << id;
        top_up(100);
        EXPECT_EQ(newest().wall, future);
    }
}

TEST_F(StoreClock, AManagersWordCountsFromTheEntryOn) {
    clock.off = -2h;
    top_up(100);
    const ClockReading reading = store->clock().read();
    write<Appended>([&](WriteTxn& txn) -> Result<Appended> {
        return txn.confirm_clock(TerminalId{"t2"}, "the church bell", reading);
    }).value();
    const auto event = event_in(newest());
    EXPECT_TRUE(event.trusted);
    EXPECT_EQ(event.reason, "confirmed");
    EXPECT_EQ(event.terminal, TerminalId{"t2"});
    EXPECT_EQ(event.note, "the church bell");
    EXPECT_FALSE(trusted());
    start_anew();  // the process died before it could tell the clock
    EXPECT_TRUE(trusted());
    EXPECT_EQ(now(), clock.at - 2h);
}

TEST_F(StoreClock, ARestartDoesNotForgiveWhatCrept) {
    top_up(100);
    for (int i = 1; i <= 4; ++i) {
        clock.off -= 50s;
        top_up(100);
        EXPECT_EQ(trusted(), i <= 2) << i;
        start_anew();
    }
}

TEST_F(StoreClock, AnEventOfAJobThatWasUndoneComesWithTheNext) {
    clock.off = -1h;
    const Result<int> undone = write<int>([this](WriteTxn& txn) -> Result<int> {
        txn.append(top_up_of(100));
        return Fault{"insufficient_funds", "after all"};
    });
    EXPECT_FALSE(undone);
    turn();
    top_up(100);
    EXPECT_EQ(count("SELECT count(*) FROM entry WHERE kind = 'clock_event'"), 1);
    start_anew();
    EXPECT_EQ(count("SELECT count(*) FROM entry WHERE kind = 'clock_event'"), 1);
    EXPECT_FALSE(trusted());
}

TEST_F(StoreClock, AnEventThatMeetsAFullDiskComesBeforeTheNextEntry) {
    uplink.reset();
    store.reset();
    std::uint64_t room = 1 << 30;
    options.free_bytes = [&room] { return room; };
    start_anew();
    room = 0;
    clock.off = -1h;
    now();
    turn();
    EXPECT_EQ(count("SELECT count(*) FROM entry WHERE kind = 'clock_event'"), 0);
    room = 1 << 30;
    top_up(100);
    EXPECT_EQ(entry_before_last().kind, "clock_event");
    store.reset();
    options.free_bytes = {};
}

TEST_F(StoreClock, T13_WhatIsWrittenAfterTimeWasTurnedBackIsDatedByTheTimeAndNotByItsStamp) {
    clock.off = 10 * day;
    boot_anew("boot-2");
    top_up(100);  // by a clock that is believed, since the machine may have been off for so long
    clock.off = {};
    store->clock().confirmed(store->clock().read());
    const std::int64_t now_ms = to_millis(clock.now());
    top_up(200);
    EXPECT_EQ(count("SELECT at FROM operation ORDER BY seq DESC LIMIT 1"), now_ms);
    EXPECT_EQ(count("SELECT max(last_used) FROM held WHERE last_used <= " + std::to_string(now_ms)), now_ms);
    const journal::Entry last = *store->facts().entry(store->facts().head().seq);
    EXPECT_GT(to_millis(last.wall), now_ms);
}

TEST_F(StoreClock, AStoppedDeviceWritesNoEvent) {
    run(uplink->stop_for_good("another branch"));
    const std::int64_t head = store->facts().head().seq;
    clock.off = -1h;
    EXPECT_FALSE(trusted());
    turn();
    EXPECT_EQ(store->facts().head().seq, head);
    start_anew();
    EXPECT_EQ(store->facts().head().seq, head);
}

TEST_F(StoreClock, T15_AMachineThatIsStoppedBetweenTwoReadingsIsNoClockThatWentBack) {
    struct Stopped final : WallClock, BootClock {
        Instant now() override { return parse_rfc3339("2026-11-21T12:00:00Z").value() + time; }
        Millis since_boot() override {
            if (stop_after > 0 && --stop_after == 0) time += 10min;  // SIGSTOP after the wall clock was read
            return time;
        }
        std::string boot_id() override { return "boot"; }
        Millis time{};
        int stop_after = 0;
    } machine;
    GuardedClock guarded{machine, machine, {}};
    machine.stop_after = 2;
    EXPECT_TRUE(guarded.judged().trusted);
    EXPECT_EQ(guarded.now(), machine.now());
}

}  // namespace
}  // namespace obol::agent
