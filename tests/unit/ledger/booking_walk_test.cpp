// Three venues, one wallet, and whatever a network does: messages lost after the commit, pushed
// twice, in parts, out of turn. After every step the invariants of PROTOCOL.md 2.6 must hold. A
// failing seed is the whole report.

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

class Walk {
public:
    explicit Walk(std::uint64_t seed) : bench(seed), dice_(seed) {
        for (const char* venue : {"nic", "lim", "paf"}) {
            devices.push_back(bench.enrol(venue, devices.size() + 1));
        }
        money(1000);
        for (int i = 0; i < 4; ++i) {
            passes.push_back(
                bench.make_pass("AAAABBBBCCCC" + std::string(1, static_cast<char>('A' + i)), 500,
                                i % 2 == 0 ? "lim" : ""));
            total += 500;
        }
    }

    int roll(int sides) { return static_cast<int>(dice_() % static_cast<std::uint64_t>(sides)); }
    void money(std::int64_t amount) {
        bench.fund_pocket(amount, "nic");
        total += amount;
    }

    void step() {
        Device& device = devices[static_cast<std::size_t>(roll(3))];
        const Subject pocket = bench.pocket();
        switch (roll(14)) {
            case 0:
                device.ask(pocket, 1 + roll(400));
                break;
            case 1:
                device.ask(pass_subject(any_pass()), 500);
                break;
            case 2:
                device.ask_placement();
                break;
            case 3:
            case 4:
                device.take();
                break;
            case 5:
                purchases.emplace_back(device.venue, device.purchase(1 + roll(300)));
                break;
            case 6:
                give_back(device);
                break;
            case 7:
                redeem(device);
                break;
            case 8: {
                const std::int64_t amount = 1 + roll(100);
                device.top_up(amount);
                total += amount;
                break;
            }
            case 9:
                device.page();
                break;
            case 10:
                push_part(device);
                break;
            case 11:
                push_again(device);
                break;
            case 12:
                come_or_go(device);
                break;
            default:
                ASSERT_TRUE(device.push());
                break;
        }
    }

    void check() {
        bench.check();
        for (const Device& device : devices) check_fold(device);
        check_authority();
        EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
    }

    // I5: when all is said and given back, the centre has what is left and nobody holds anything.
    void heal() {
        for (Device& device : devices) device.sync();
        for (Device& device : devices) {
            device.page();
            device.take();
            const auto holds = device.holds;
            for (const auto& [subject, amount] : holds) {
                const bool right = subject.starts_with("right:");
                if (amount > 0) device.give_back(subject, amount, right ? Currency::none() : eur());
            }
            device.asks.clear();
            device.adopt();  // and asks for nothing any more
        }
        for (Device& device : devices) ASSERT_TRUE(device.push());
        for (Device& device : devices) {
            for (const auto& [subject, amount] : device.holds) EXPECT_EQ(amount, 0) << subject;
        }
        EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM held WHERE minor <> 0"), 0);
        EXPECT_EQ(bench.db->value<std::int64_t>("SELECT coalesce(sum(loss), 0) FROM subject"), 0);
        EXPECT_EQ(
            bench.db->value<std::int64_t>(
                "SELECT coalesce(sum(centre), 0) FROM subject WHERE currency = 'EUR'"),
            total - bench.value("sale:nic") - bench.value("sale:lim") - bench.value("sale:paf"));
    }

    Bench bench;
    std::vector<Device> devices;
    std::vector<PassId> passes;
    std::vector<std::pair<std::string, journal::Purchase>> purchases;
    std::int64_t total = 0;

private:
    const PassId& any_pass() { return passes[static_cast<std::size_t>(roll(4))]; }

    void give_back(Device& device) {
        for (const auto& [subject, amount] : std::map(device.holds)) {
            if (amount <= 0 || roll(2) == 0 || subject.starts_with("right:")) continue;
            const bool whole = subject.starts_with("pass:");
            device.give_back(subject, whole ? amount : 1 + roll(static_cast<int>(amount)));
            return;
        }
    }

    void redeem(Device& device) {
        const PassId& pass = any_pass();
        if (device.held(pass_subject(pass)) == 500) device.redeem(pass, 500);
    }

    void push_part(Device& device) {
        if (device.acked >= device.head.seq) return;
        const auto most = static_cast<std::size_t>(1 + roll(3));
        const auto receipt =
            bench.end.push(device.identity(), device.message_from(device.acked + 1, most));
        ASSERT_TRUE(receipt);
        if (roll(2) == 0) return;  // the answer was lost
        device.acked = receipt->head.seq;
        device.grants = receipt->grants;
    }

    void push_again(Device& device) {
        if (device.acked < 2) return;
        ASSERT_TRUE(device.push_from(1 + roll(static_cast<int>(device.acked))));
    }

    void come_or_go(Device& device) {
        bench.clock.at += Millis{roll(4000)};
        if (roll(2) == 0) {
            bench.end.feed_opened(device.h());
        } else {
            bench.end.feed_closed(device.h());
            bench.end.presence_lapsed(device.h());
        }
    }

    // I3: what the ledger shows is the fold of the chain it has, and what it granted and nobody
    // took.
    void check_fold(const Device& device) {
        const std::int64_t head =
            bench.db
                ->value<std::int64_t>("SELECT head_seq FROM holder WHERE h = ?", device.h().text)
                .value_or(0);
        std::map<Subject, std::int64_t> expected = device.history[static_cast<std::size_t>(head)];
        bench.db->each(
            "SELECT l.subject, l.granted FROM ask_line l JOIN ask a ON a.h = l.h AND a.seq = l.seq "
            "WHERE a.h = ? AND a.state = 'granted'",
            [&](sql::Statement& row) { expected[row.text(0)] += row.integer(1); }, device.h().text);
        std::map<Subject, std::int64_t> shown;
        bench.db->each(
            "SELECT subject, minor FROM held WHERE h = ?",
            [&](sql::Statement& row) { shown[row.text(0)] = row.integer(1); }, device.h().text);
        std::erase_if(expected, [](const auto& item) { return item.second == 0; });
        std::erase_if(shown, [](const auto& item) { return item.second == 0; });
        EXPECT_EQ(shown, expected) << device.venue;
    }

    // I4: authority is never created: what was spent anywhere, what devices hold and what the
    // centre could still give is no more than the money there was.
    void check_authority() {
        std::int64_t authority = 0;
        for (const auto& [venue, purchase] : purchases) authority += purchase.decision.spent.minor;
        for (const Device& device : devices) {
            for (const auto& [subject, amount] : device.holds) {
                EXPECT_GE(amount, 0) << subject;
                if (!subject.starts_with("right:")) authority += amount;
            }
        }
        bench.db->each(
            "SELECT centre FROM subject WHERE currency = 'EUR'",
            [&](sql::Statement& row) { authority += std::max<std::int64_t>(row.integer(0), 0); });
        EXPECT_LE(authority, total);
    }

    std::mt19937_64 dice_;
};

TEST(BookingWalk, KeepsEveryInvariantAfterEveryStep) {
    std::int64_t spent = 0;
    for (std::uint64_t seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Walk walk{seed};
        for (int i = 0; i < 150; ++i) {
            walk.step();
            walk.check();
            if (::testing::Test::HasFailure()) return;
        }
        walk.heal();
        walk.check();
        if (::testing::Test::HasFailure()) return;
        for (const auto& [venue, purchase] : walk.purchases) spent += purchase.decision.spent.minor;
    }
    EXPECT_GT(spent, 1000);  // a walk in which nothing happens proves nothing
}

TEST(BookingWalk, WithAWriteOffWhatIsLostIsNoMoreThanWasWrittenOff) {
    for (std::uint64_t seed = 101; seed <= 108; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Walk walk{seed};
        for (int i = 0; i < 60; ++i) walk.step();
        walk.bench.write_off(walk.devices[0]);
        const std::int64_t written_off =
            walk.bench.db
                ->value<std::int64_t>(
                    "SELECT coalesce(sum(minor), 0) FROM suspense p JOIN subject s "
                    "ON s.subject = p.subject WHERE s.currency = 'EUR'")
                .value_or(0);
        for (int i = 0; i < 80; ++i) {
            walk.step();
            walk.bench.check();
            const auto bound = walk.bench.db->value<std::int64_t>(
                "SELECT (SELECT coalesce(sum(minor), 0) FROM suspense p JOIN subject s ON "
                "s.subject = p.subject "
                "WHERE s.currency = 'EUR') + (SELECT sum(loss) FROM subject WHERE currency = "
                "'EUR')");
            EXPECT_LE(bound, written_off);
            EXPECT_GE(bound, 0);
            if (::testing::Test::HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace obol::ledger::test
