// Entries that spent without authority: booked whatever they say, paid by the centre as far as it has anything,
// and what is lost is exactly what was overspent.

#include <algorithm>

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

class BookingAllowance : public ::testing::Test {
protected:
    BookingAllowance() { allow(1000, 1000, 1000, 10); }
    void TearDown() override { bench.check(); }

    void allow(std::int64_t transaction, std::int64_t subject, std::int64_t outage, std::int64_t count) {
        const AllowanceCaps caps{Amount{transaction}, Amount{subject}, Amount{outage}, count};
        allowance = {caps, caps};
        bench.books.put_fact("business", aroma.text, aroma,
                             Map{{"id", aroma.text},
                                 {"name", "Aroma"},
                                 {"currency", "EUR"},
                                 {"zone", "Asia/Nicosia"},
                                 {"allowance", journal::to_value(allowance)}});
    }
    Device holding(const std::string& venue, std::uint64_t seed, std::int64_t amount) {
        Device device = bench.enrol(venue, seed);
        device.ask(pocket, amount);
        device.sync();
        EXPECT_EQ(device.held(pocket), amount);
        return device;
    }
    // As the device's own journal says it.
    AllowanceFacts facts_of(const Device& device) {
        AllowanceFacts out;
        out.allowance = allowance;
        out.acked = device.acked;
        out.since = bench.clock.at - split_sale_window;
        for (const auto& [seq, amount] : risked[device.h().text]) {
            out.recent += amount;
            if (seq <= device.acked) continue;
            out.spent += amount;
            ++out.count;
        }
        return out;
    }
    // Not written yet: what a till that is cut off and sees `shown` in the pocket would sell.
    journal::Purchase sale(const Device& device, std::int64_t amount, std::int64_t shown) {
        journal::Purchase out = device_purchase(device, amount);
        out.facts.allowance = facts_of(device);
        out.facts.business.shown = Amount{shown};
        out.facts.business.risked = out.facts.allowance.spent;
        out.decision = decide_purchase(out.facts, out.request);
        return out;
    }
    journal::Purchase sell(Device& device, std::int64_t amount, std::int64_t shown) {
        journal::Purchase out = sale(device, amount, shown);
        const std::int64_t seq = device.write(out);
        if (out.decision.at_risk() > Amount{}) risked[device.h().text].emplace_back(seq, out.decision.at_risk());
        return out;
    }
    std::int64_t told(const std::string& code) {
        return bench.db->value<std::int64_t>("SELECT sum(minor) FROM exception WHERE code = ?", code).value_or(0);
    }
    std::int64_t owed() {
        return bench.db->value<std::int64_t>("SELECT owed FROM subject WHERE subject = ?", pocket).value_or(0);
    }

    Bench bench;
    const Subject pocket = bench.pocket();
    Allowance allowance;
    std::map<std::string, std::vector<std::pair<std::int64_t, Amount>>> risked;

private:
    static journal::Purchase device_purchase(const Device& device, std::int64_t amount) {
        Device copy = device.clone(static_cast<std::uint64_t>(device.head.seq) * 31 + 7);
        return copy.purchase_record(amount);
    }
};

TEST_F(BookingAllowance, TheCentrePaysAsFarAsItHasAnything) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    EXPECT_EQ(sell(nic, 300, 1000).decision.at_risk(), Amount{300});
    EXPECT_EQ(nic.held(pocket), 0);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 700);
    EXPECT_EQ(bench.centre(pocket), 700);
    EXPECT_EQ(bench.loss(pocket), 0);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception").value(), 0);
}

TEST_F(BookingAllowance, WhatIsHeldPaysItsPartFromHeld) {
    bench.fund_pocket(1000);
    Device nic = holding("nic", 1, 200);
    EXPECT_EQ(sell(nic, 500, 1000).decision.at_risk(), Amount{300});
    EXPECT_EQ(nic.held(pocket), 0);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 500);
    EXPECT_EQ(bench.centre(pocket), 500);
    EXPECT_EQ(bench.held(nic, pocket), 0);
}

TEST_F(BookingAllowance, TwoVenuesThatSpendTheSameAtRiskLoseExactlyWhatWasOverspent) {
    bench.fund_pocket(600);
    Device nic = bench.enrol("nic", 1), lim = bench.enrol("lim", 2);
    sell(nic, 500, 600);
    sell(lim, 450, 600);
    nic.sync();
    lim.sync();
    EXPECT_EQ(bench.value(pocket), 600 - 950);
    EXPECT_EQ(bench.centre(pocket), 0);
    EXPECT_EQ(bench.loss(pocket), 350);
    EXPECT_EQ(told("allowance_overspent"), 350);
    EXPECT_LE(bench.loss(pocket), 2 * allowance.with_manager.per_outage.minor);
    EXPECT_EQ(owed(), 0);  // nobody could pay it
}

TEST_F(BookingAllowance, TheOtherOrderLosesAsMuch) {
    bench.fund_pocket(600);
    Device nic = bench.enrol("nic", 1), lim = bench.enrol("lim", 2);
    sell(nic, 500, 600);
    sell(lim, 450, 600);
    lim.sync();
    nic.sync();
    EXPECT_EQ(bench.loss(pocket), 350);
    EXPECT_EQ(told("allowance_overspent"), 350);
}

TEST_F(BookingAllowance, WhoeverHoldsTheMoneyIsAskedForItAndPays) {
    bench.fund_pocket(1000);
    Device lim = holding("lim", 2, 1000);
    Device nic = bench.enrol("nic", 1);
    sell(nic, 300, 1000);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 700);
    EXPECT_EQ(bench.loss(pocket), 300);
    EXPECT_EQ(owed(), 300);
    EXPECT_TRUE(bench.woken.holders.contains(lim.h().text));
    const wire::Page page = lim.page();
    ASSERT_EQ(page.recalls.size(), 1U);
    EXPECT_EQ(page.recalls[0].subject, pocket);
    EXPECT_EQ(page.recalls[0].amount, Amount{300});
    // What is shown is what there is once that is paid.
    const auto shown = std::ranges::find(page.balances, pocket, &wire::Balance::subject);
    ASSERT_NE(shown, page.balances.end());
    EXPECT_EQ(shown->value, Amount{700});
    lim.give_back(pocket, 300);
    lim.sync();
    EXPECT_EQ(bench.loss(pocket), 0);
    EXPECT_EQ(owed(), 0);
    EXPECT_EQ(bench.centre(pocket), 0);
    EXPECT_EQ(bench.held(lim, pocket), 700);
    EXPECT_TRUE(lim.page().recalls.empty());
}

TEST_F(BookingAllowance, WhereTheHolderSpendsItInsteadItStaysLostAndNewMoneyDoesNotPay) {
    bench.fund_pocket(1000);
    Device lim = holding("lim", 2, 1000);
    Device nic = bench.enrol("nic", 1);
    sell(nic, 300, 1000);
    nic.sync();
    lim.purchase(1000);
    lim.sync();
    EXPECT_EQ(bench.value(pocket), -300);
    EXPECT_EQ(bench.loss(pocket), 300);
    EXPECT_EQ(owed(), 0);
    nic.top_up(500);
    nic.give_back(pocket, 500);
    nic.sync();
    EXPECT_EQ(bench.centre(pocket), 500);
    EXPECT_EQ(bench.loss(pocket), 300);
}

TEST_F(BookingAllowance, AWriteOffPaysItToo) {
    bench.fund_pocket(1000);
    Device lim = holding("lim", 2, 1000);
    Device nic = bench.enrol("nic", 1);
    sell(nic, 300, 1000);
    nic.sync();
    bench.write_off(lim);
    EXPECT_EQ(bench.centre(pocket), 700);
    EXPECT_EQ(bench.loss(pocket), 0);
    EXPECT_EQ(bench.suspense(lim, pocket), 1000);
    lim.purchase(1000);  // it was spent all the time
    ASSERT_TRUE(lim.push());
    EXPECT_EQ(bench.suspense(lim, pocket), 0);
    EXPECT_EQ(bench.loss(pocket), 1000);
}

TEST_F(BookingAllowance, ARefundOfWhatWasAtRiskIsHeldByItsMaker) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    const journal::Purchase sold = sell(nic, 300, 1000);
    nic.sync();
    nic.refund(sold, 100);
    EXPECT_EQ(nic.held(pocket), 100);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 800);
    EXPECT_EQ(bench.held(nic, pocket), 100);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingAllowance, APassRedeemedTwiceAtRiskIsLostOnceAndItsLotsAreHeld) {
    const PassId pass = bench.make_pass("GIFTAAAABBBB1", 900);
    Device nic = bench.enrol("nic", 1), lim = bench.enrol("lim", 2);
    for (Device* device : {&nic, &lim}) {
        Device copy = device->clone(99 + device->head.seq);
        journal::PassRedeemed record = copy.redeem(pass, 900, LotId{"lot-" + device->venue});
        record.at_risk = Amount{900};
        record.allowance = facts_of(*device);
        device->write(record);
        EXPECT_EQ(device->held(pass_subject(pass)), 0);
        EXPECT_EQ(device->held("lot:lot-" + device->venue), 900);
        device->sync();
        EXPECT_EQ(bench.held(*device, "lot:lot-" + device->venue), 900);
    }
    EXPECT_EQ(bench.value(pass_subject(pass)), -900);
    EXPECT_EQ(bench.loss(pass_subject(pass)), 900);
    EXPECT_EQ(told("allowance_overspent"), 900);
}

TEST_F(BookingAllowance, BeyondWhatTheLedgerAllowsIsBookedAndRaised) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    sell(nic, 300, 1000);
    allow(200, 1000, 1000, 10);  // news that the venue had not heard
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 700);
    EXPECT_EQ(told("allowance_exceeded"), 100);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 0);
}

TEST_F(BookingAllowance, NothingAllowedIsBookedAndRaisedWhole) {
    bench.fund_pocket(1000);
    Device nic = bench.enrol("nic", 1);
    sell(nic, 300, 1000);
    allow(0, 0, 0, 0);
    nic.sync();
    EXPECT_EQ(bench.value(pocket), 700);
    EXPECT_EQ(told("allowance_exceeded"), 300);
}

TEST_F(BookingAllowance, AnEntryThatLiesAboutItIsBookedAndRaised) {
    bench.fund_pocket(10'000);
    Device nic = bench.enrol("nic", 1);
    sell(nic, 300, 1000);
    const auto lie = [&](auto change) {
        const std::int64_t before = bench.exceptions("replay_mismatch");
        journal::Purchase record = sale(nic, 50, 1000);
        change(record);
        const std::int64_t seq = nic.write(record);
        if (record.decision.at_risk() > Amount{}) risked[nic.h().text].emplace_back(seq, record.decision.at_risk());
        nic.sync();
        EXPECT_EQ(bench.exceptions("replay_mismatch"), before + 1);
    };
    lie([](journal::Purchase& it) { it.decision.allocations[0].at_risk = {}; });
    lie([](journal::Purchase& it) { it.facts.allowance = {}; });
    lie([](journal::Purchase& it) { it.facts.allowance.recent = {}; });
    lie([](journal::Purchase& it) { it.facts.allowance.since += Millis{1}; });
    lie([&](journal::Purchase& it) { it.facts.allowance.acked = nic.head.seq + 1; });
    lie([](journal::Purchase& it) { it.facts.business.risked = Amount{1}; });
    sell(nic, 20, 1000);
    const std::int64_t before = bench.exceptions("replay_mismatch");
    nic.sync();
    EXPECT_EQ(bench.exceptions("replay_mismatch"), before);  // and who does not lie is believed again
}

// Whatever three venues do: once all is told and returned, the loss is what was spent beyond the money there was.
TEST_F(BookingAllowance, OnceAllIsReturnedTheLossIsWhatWasOverspent) {
    for (std::uint64_t seed = 1; seed <= 25; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937_64 dice(seed);
        const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(dice() % n); };
        Bench own(seed);
        const Subject of = own.pocket();
        const std::int64_t money = 500 + below(1500);
        own.fund_pocket(money);
        std::vector<Device> devices;
        for (const char* venue : {"nic", "lim", "paf"}) devices.push_back(own.enrol(venue, seed * 10 + devices.size()));
        std::int64_t spent = 0, at_risk = 0;
        for (int step = 0; step < 40; ++step) {
            Device& device = devices[dice() % 3];
            const std::int64_t amount = 1 + below(200);
            switch (below(4)) {
                case 0:
                    device.ask(of, amount);
                    device.sync();
                    break;
                case 1:
                    spent += std::min(amount, std::max<std::int64_t>(device.held(of), 0));
                    device.purchase(amount);
                    break;
                case 2: {
                    journal::Purchase record = device.purchase_record(amount);
                    record.facts.business.shown = Amount{10'000};
                    record.facts.allowance.allowance.any_till = record.facts.allowance.allowance.with_manager = {
                        Amount{10'000}, Amount{10'000}, Amount{10'000}, 100};
                    record.decision = decide_purchase(record.facts, record.request);
                    spent += record.decision.spent.minor;
                    at_risk += record.decision.at_risk().minor;
                    device.write(record);
                    break;
                }
                default:
                    if (device.held(of) > 0) device.give_back(of, 1 + below(static_cast<std::uint64_t>(device.held(of))));
                    device.sync();
            }
        }
        for (Device& device : devices) device.sync();
        EXPECT_LE(own.loss(of), at_risk);
        for (Device& device : devices) {
            if (device.held(of) > 0) device.give_back(of, device.held(of));
            device.sync();
        }
        own.check();
        EXPECT_EQ(own.value(of), money - spent);
        EXPECT_EQ(own.loss(of), std::max<std::int64_t>(0, spent - money));
        std::int64_t left = own.centre(of);  // and what an ask that was still open drew at once
        for (const Device& device : devices) left += own.held(device, of);
        EXPECT_EQ(left, std::max<std::int64_t>(0, money - spent));
    }
}

}  // namespace
}  // namespace obol::ledger::test
