// L1: where an entry stands in its chain. Nothing blocks the chain and nothing disappears.

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using wire::EntryResult;

class BookingChain : public ::testing::Test {
protected:
    void TearDown() override { bench.check(); }
    std::int64_t stored() {
        return bench.db->value<std::int64_t>("SELECT count(*) FROM entry").value_or(0);
    }
    wire::Push signed_by(const Device& device, std::int64_t from, std::vector<Bytes> entries) {
        wire::Push push{.from_seq = from, .entries = std::move(entries), .signature = {}};
        const std::int64_t last = from + static_cast<std::int64_t>(push.entries.size()) - 1;
        const auto signature = device.key->sign(
            journal::signed_text(device.h(), {last, journal::hash_of(push.entries.back())}));
        push.signature.assign(signature.begin(), signature.end());
        return push;
    }

    Bench bench;
    Device nic = bench.enrol("nic", 1);
};

TEST_F(BookingChain, BooksABatchInOrderAndSaysSoEntryByEntry) {
    nic.top_up(100);
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, std::vector(3, EntryResult::accepted));
    EXPECT_EQ(receipt->head, nic.head);
}

TEST_F(BookingChain, APushAgainChangesNothing) {
    nic.top_up(100);
    ASSERT_TRUE(nic.push());
    const auto again = nic.push_from(1);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->results, std::vector(3, EntryResult::duplicate));
    EXPECT_EQ(bench.value(bench.pocket()), 100);
    EXPECT_EQ(bench.status(nic), "active");
    EXPECT_EQ(bench.exceptions("chain_fork"), 0);
}

TEST_F(BookingChain, APushThatOverlapsBooksOnlyWhatIsNew) {
    nic.top_up(100);
    ASSERT_TRUE(nic.push());
    nic.top_up(50);
    const auto receipt = nic.push_from(3);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, (std::vector{EntryResult::duplicate, EntryResult::accepted}));
    EXPECT_EQ(bench.value(bench.pocket()), 150);
}

TEST_F(BookingChain, AGapIsNotBookedAndTheReceiptNamesTheHead) {
    nic.top_up(100);
    nic.top_up(50);
    const auto receipt = nic.push_from(3);
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(receipt->results.empty());
    EXPECT_EQ(receipt->head.seq, 0);
    EXPECT_EQ(stored(), 0);
}

TEST_F(BookingChain, AForgedHeadIsRefusedWhole) {
    nic.top_up(100);
    wire::Push push = nic.message_from(1);
    push.signature[5] ^= 1;
    const auto receipt = bench.end.push(nic.identity(), push);
    ASSERT_FALSE(receipt);
    EXPECT_EQ(receipt.error().code, "refused");
    EXPECT_EQ(stored(), 0);
    EXPECT_EQ(bench.exceptions("forged_signature"), 1);
    EXPECT_FALSE(bench.end.push(nic.identity(), push));
    EXPECT_EQ(bench.exceptions("forged_signature"), 1);  // one open exception, not a flood
}

TEST_F(BookingChain, AnEntryChangedOnTheWayBreaksTheSignature) {
    nic.top_up(100);
    wire::Push push = nic.message_from(1);
    push.entries[1][20] ^= 1;
    EXPECT_FALSE(bench.end.push(nic.identity(), push));
    EXPECT_EQ(stored(), 0);
}

TEST_F(BookingChain, AnotherDevicesSignatureIsNoSignature) {
    Device lim = bench.enrol("lim", 2);
    wire::Push push = nic.message_from(1);
    const wire::Push other = signed_by(lim, 1, push.entries);
    EXPECT_FALSE(bench.end.push(nic.identity(), other));
    EXPECT_FALSE(bench.end.push(lim.identity(), push));
    EXPECT_EQ(stored(), 0);
}

TEST_F(BookingChain, EntriesOfAnotherDeviceAreStoredWithoutEffect) {
    Device lim = bench.enrol("lim", 2);
    lim.top_up(100);
    // lim's entries, pushed and signed by nic
    const auto receipt = bench.end.push(nic.identity(), signed_by(nic, 1, lim.chain));
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, std::vector(3, EntryResult::accepted_with_exception));
    EXPECT_EQ(bench.value(bench.pocket()), 0);
    EXPECT_EQ(bench.exceptions("malformed_entry"), 3);
}

TEST_F(BookingChain, AMalformedEntryIsStoredWithoutEffectAndTheChainGoesOn) {
    ASSERT_TRUE(nic.push());
    nic.chain.push_back(Bytes{1, 2, 3});
    nic.head = {nic.head.seq + 1, journal::hash_of(nic.chain.back())};
    nic.top_up(100);
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results,
              (std::vector{EntryResult::accepted_with_exception, EntryResult::accepted}));
    EXPECT_EQ(bench.value(bench.pocket()), 100);
    EXPECT_EQ(bench.exceptions("malformed_entry"), 1);
    EXPECT_EQ(nic.push_from(3)->results, std::vector(2, EntryResult::duplicate));
}

TEST_F(BookingChain, WhatADeviceSaysOfItsClockIsBookedAndMovesNothing) {
    bench.fund_pocket(100);
    journal::ClockEvent event;
    event.reason = "went_back";
    nic.write(event);
    nic.top_up(30);
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, std::vector(receipt->results.size(), EntryResult::accepted));
    EXPECT_EQ(bench.value(bench.pocket()), 130);
}

TEST_F(BookingChain, AnUnbalancedEntryIsStoredWithoutEffectAndTheChainGoesOn) {
    const journal::Record alarm = journal::Alarm{"test", ""};
    nic.write(alarm, {{{bench.pocket(), Amount{100}, eur()}}});
    nic.top_up(30);
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results[2], EntryResult::accepted_with_exception);
    EXPECT_EQ(receipt->results[3], EntryResult::accepted);
    EXPECT_EQ(bench.value(bench.pocket()), 30);
    EXPECT_EQ(bench.exceptions("unbalanced") + bench.exceptions("malformed_entry"), 1);
}

TEST_F(BookingChain, MoneyInTheWrongCurrencyIsStoredWithoutEffect) {
    bench.fund_pocket(100);
    const Currency usd = *Currency::parse("USD");
    nic.write(journal::Alarm{"test", ""},
              {{{bench.pocket(), Amount{-5}, usd}, {"sale:nic", Amount{5}, usd}}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.value(bench.pocket()), 100);
    EXPECT_EQ(bench.exceptions("malformed_entry"), 1);
}

TEST_F(BookingChain, AmountsBeyondMeasureAreStoredWithoutEffect) {
    const Amount huge{largest_amount};
    nic.write(journal::Alarm{"test", ""},
              {{{bench.pocket(), huge, eur()}, {"sale:nic", -huge, eur()}}});
    nic.write(journal::AuthorityAsked{false, {{bench.pocket(), huge, eur()}}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.value(bench.pocket()), 0);
    EXPECT_EQ(bench.exceptions("malformed_entry"), 1);
}

TEST_F(BookingChain, PostingsThatDoNotFollowFromTheRecordAreBookedAndFlagged) {
    nic.write(journal::Alarm{"test", ""},
              {{{bench.pocket(), Amount{40}, eur()}, {"sale:nic", Amount{-40}, eur()}}});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.value(bench.pocket()), 40);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
}

TEST_F(BookingChain, AnotherHashAtAKnownPlaceQuarantinesAndKeepsBothBranches) {
    ASSERT_TRUE(nic.push());
    Device copy = nic.clone(77);
    nic.top_up(100);
    ASSERT_TRUE(nic.push());
    copy.top_up(40);
    copy.top_up(2);
    const auto receipt = copy.push_from(3);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, std::vector(2, EntryResult::accepted_with_exception));
    EXPECT_EQ(bench.status(nic), "quarantined");
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM entry WHERE branch = 1"), 2);
    EXPECT_EQ(receipt->head, nic.head);
    // The money that the copy took is in the books, and held by nobody.
    EXPECT_EQ(bench.value(bench.pocket()), 142);
    EXPECT_EQ(bench.held(nic, bench.pocket()), 100);
    EXPECT_EQ(copy.push_from(3)->results, std::vector(2, EntryResult::duplicate));
}

TEST_F(BookingChain, AThirdBranchHasItsOwnPlace) {
    ASSERT_TRUE(nic.push());
    Device second = nic.clone(77), third = nic.clone(78);
    nic.top_up(1);
    ASSERT_TRUE(nic.push());
    second.top_up(2);
    third.top_up(3);
    ASSERT_TRUE(second.push_from(3));
    ASSERT_TRUE(third.push_from(3));
    second.top_up(4);
    ASSERT_TRUE(second.push_from(4));
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM entry WHERE branch = 1"), 2);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM entry WHERE branch = 2"), 1);
    EXPECT_EQ(bench.value(bench.pocket()), 10);
}

TEST_F(BookingChain, AForkWhoseParentWasNeverSeenQuarantinesAndStoresNothing) {
    ASSERT_TRUE(nic.push());
    Device copy = nic.clone(77);
    nic.top_up(1);
    ASSERT_TRUE(nic.push());
    copy.top_up(2);
    copy.top_up(3);
    const auto receipt = copy.push_from(4);  // prev is not our head, and not known
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(receipt->results.empty());
    EXPECT_EQ(bench.status(nic), "quarantined");
}

TEST_F(BookingChain, AKindThatIsNotKnownYetMovesNothingAndIsNoException) {
    ASSERT_TRUE(nic.push());
    journal::Entry entry;
    entry.device = nic.h();
    entry.kind = "day_dreamt";
    entry.wall = bench.clock.at;
    entry.boot_id = "boot";
    entry.detail = Map{{"number", 1}};
    const journal::Sealed sealed = journal::seal(entry, nic.head);
    nic.chain.push_back(sealed.body);
    nic.head = {entry.seq, sealed.hash};
    const auto receipt = nic.push();
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->results, std::vector{EntryResult::accepted});
}

TEST_F(BookingChain, StrangersAndTheRevokedAreForbidden) {
    Device stranger{bench, "nic", 50};
    stranger.top_up(5);
    EXPECT_EQ(stranger.push().error().code, "forbidden");
    ASSERT_TRUE(nic.push());
    bench.db->run("UPDATE holder SET status = 'revoked' WHERE h = ?", nic.h().text);
    nic.top_up(5);
    EXPECT_EQ(nic.push().error().code, "forbidden");
    EXPECT_EQ(nic.hello().error().code, "forbidden");
}

TEST_F(BookingChain, ACertificateOfAnotherVenueIsForbidden) {
    crypto::Identity who = nic.identity();
    who.venue = "lim";
    EXPECT_EQ(bench.end.hello(who, {}).error().code, "forbidden");
}

TEST_F(BookingChain, ABodyThatNamesAnotherVenueIsBookedForTheCertificatesOneAndFlagged) {
    bench.fund_pocket(100);
    nic.ask(bench.pocket(), 100);
    nic.sync();
    nic.venue = "lim";
    const journal::Purchase purchase = nic.purchase_record(50);
    nic.venue = "nic";
    nic.write(purchase);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
}

}  // namespace
}  // namespace obol::ledger::test
