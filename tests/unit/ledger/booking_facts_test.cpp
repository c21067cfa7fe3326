// What one venue books, the others see: facts and balances that follow from entries.

#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using journal::Value;

const wire::Fact* fact_in(const wire::Page& page, std::string_view kind, std::string_view id) {
    for (const wire::Fact& fact : page.facts) {
        if (fact.kind == kind && fact.id == id) return &fact;
    }
    return nullptr;
}

std::optional<Amount> balance_in(const wire::Page& page, const Subject& subject) {
    for (const wire::Balance& balance : page.balances) {
        if (balance.subject == subject) return balance.value;
    }
    return std::nullopt;
}

class BookingFacts : public ::testing::Test {
protected:
    void TearDown() override { bench.check(); }
    // nic holds the pass.
    void place(Device& device) {
        device.ask_placement();
        device.sync();
    }

    Bench bench;
    Device nic = bench.enrol("nic", 1);
    Device lim = bench.enrol("lim", 2);
};

TEST_F(BookingFacts, ARedeemedPassAndItsLotReachTheOtherVenue) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    place(nic);
    lim.sync();
    lim.page();
    bench.clock.at += Millis{60'000};
    const auto redeemed = nic.redeem(pass, 2500);
    nic.sync();
    const wire::Page page = lim.page();
    const wire::Fact* seen = fact_in(page, "pass", pass.text);
    ASSERT_NE(seen, nullptr);
    EXPECT_EQ(seen->body.at("state"), Value{"redeemed"});
    EXPECT_EQ(seen->body.at("redeemed_at"), Value{to_millis(bench.clock.at)});
    EXPECT_EQ(seen->body.at("redeemed_venue"), Value{"nic"});
    const wire::Fact* lot = fact_in(page, "lot", redeemed.credit.lot->id.text);
    ASSERT_NE(lot, nullptr);
    EXPECT_EQ(*journal::lot_from(Value{lot->body}), *redeemed.credit.lot);
    EXPECT_EQ(balance_in(page, lot_subject(redeemed.credit.lot->id)), Amount{2500});
    EXPECT_EQ(balance_in(page, pass_subject(pass)), Amount{0});
    EXPECT_EQ(bench.db->value<std::string>("SELECT lot FROM wallet_lot WHERE wallet = 'maria'"),
              redeemed.credit.lot->id.text);
}

TEST_F(BookingFacts, ABookedSpendChangesTheBalanceThatOthersSee) {
    bench.fund_pocket(500);
    nic.ask(bench.pocket(), 500);
    nic.sync();
    lim.sync();
    EXPECT_EQ(balance_in(lim.page(), bench.pocket()), Amount{500});
    nic.purchase(120);
    nic.sync();
    EXPECT_EQ(balance_in(lim.page(), bench.pocket()), Amount{380});
    EXPECT_EQ(balance_in(lim.page(), bench.pocket()), std::nullopt);
}

TEST_F(BookingFacts, GrantsAndReturnsAreNoNewsForABalance) {
    bench.fund_pocket(500);
    lim.sync();
    lim.page();
    nic.ask(bench.pocket(), 500);
    nic.sync();
    nic.give_back(bench.pocket(), 100);
    nic.sync();
    const wire::Page page = lim.page();
    EXPECT_TRUE(page.balances.empty());
    EXPECT_TRUE(page.facts.empty());
}

TEST_F(BookingFacts, ABalanceSaysUpToWhichOwnEntryItIs) {
    nic.top_up(100);
    nic.sync();
    nic.top_up(50);  // not pushed
    const wire::Page page = nic.page();
    EXPECT_EQ(page.as_of, nic.head.seq - 1);
    EXPECT_EQ(balance_in(page, bench.pocket()), Amount{100});
}

TEST_F(BookingFacts, AnActivatedPassIsActiveEverywhere) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 0, "nic", "", PassState::draft);
    place(nic);
    ASSERT_EQ(nic.held(draft_subject(pass)), 1);
    journal::PassActivated record;
    record.id = "a1";
    record.pass = pass;
    record.plan = gift25;
    record.venue = VenueId{"nic"};
    record.value = {Amount{2500}, eur()};
    record.tender = "cash";
    nic.write(record);
    nic.sync();
    const auto body = bench.books.fact("pass", pass.text);
    EXPECT_EQ(body->at("state"), Value{"active"});
    EXPECT_EQ(body->at("value"), Value{2500});
    EXPECT_EQ(bench.held(nic, pass_subject(pass)), 2500);
    EXPECT_EQ(bench.held(nic, draft_subject(pass)), 0);
    EXPECT_EQ(bench.value("tender:cash:nic"), -2500);
    EXPECT_EQ(bench.books.subject(pass_subject(pass))->home.text, "nic");

    journal::ActivationVoided undone;
    undone.id = "v1";
    undone.activation = "a1";
    undone.pass = pass;
    undone.venue = VenueId{"nic"};
    undone.value = record.value;
    undone.tender = "cash";
    nic.write(undone);
    nic.sync();
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("state"), Value{"draft"});
    EXPECT_EQ(bench.held(nic, draft_subject(pass)), 1);
    EXPECT_EQ(bench.value("tender:cash:nic"), 0);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
}

TEST_F(BookingFacts, APassUsedForLessThanItsValueIsBookedAndSomebodyMustLook) {
    const PassId redeemed = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    const PassId voided = bench.make_pass("EEEEBBBBCCCCD", 2500, "nic");
    place(nic);
    nic.redeem(redeemed, 2400);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
    nic.write(journal::IssueVoided{"iv1", TerminalId{"t1"}, voided, VenueId{"nic"}, {Amount{2400}, eur()}, "cash", "NIC1-1"});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 2);
    EXPECT_EQ(bench.books.fact("pass", voided.text)->at("state"), Value{"cancelled"});
    const PassId taken_back = bench.make_pass("FFFFBBBBCCCCD", 2500, "nic");
    place(nic);
    nic.write(journal::ActivationVoided{"v1", TerminalId{"t1"}, "a1", taken_back, VenueId{"nic"}, {Amount{2400}, eur()}, "cash", "NIC1-2"});
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 3);
}

TEST_F(BookingFacts, APassRedeemedTwiceIsBookedAndSomebodyMustLook) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    place(nic);
    nic.redeem(pass, 2500);
    nic.sync();
    lim.redeem(pass, 2500);  // never held it
    ASSERT_TRUE(lim.push());
    EXPECT_EQ(bench.exceptions("unknown_pass_state"), 1);
    EXPECT_EQ(bench.exceptions("overdrawn"), 1);
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("redeemed_venue"), Value{"nic"});
    EXPECT_EQ(bench.loss(pass_subject(pass)), 2500);
}

TEST_F(BookingFacts, ANamelessWalletIsFoundByTheCodeOfThePassThatOpenedIt) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic", "1234");
    place(nic);
    const Wallet wallet{
        .id = WalletId{"guest"}, .currency = eur(), .home = VenueId{"nic"}, .opened_by = pass};
    nic.write(journal::WalletOpened{wallet});
    nic.sync();
    const auto opened = bench.books.fact("wallet", "guest");
    const auto opener = bench.books.fact("pass", pass.text);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->at("code_digest"), opener->at("digest"));
    EXPECT_EQ(opened->at("pin_verifier"), opener->at("pin_verifier"));
    EXPECT_EQ(opened->at("pin_locked"), Value{false});
    EXPECT_NE(fact_in(lim.page(), "wallet", "guest"), nullptr);

    nic.write(journal::PinLocked{pass, TerminalId{"t1"}});
    nic.sync();
    EXPECT_EQ(bench.books.fact("wallet", "guest")->at("pin_locked"), Value{true});
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("pin_locked"), Value{true});
    nic.write(journal::PinUnlocked{pass, TerminalId{"t1"}, "the holder showed a receipt"});
    nic.sync();
    EXPECT_EQ(bench.books.fact("wallet", "guest")->at("pin_locked"), Value{false});
}

TEST_F(BookingFacts, AWalletThatExistsIsNotTakenOverByAnEntry) {
    const Wallet wallet{.id = maria, .holder = "X. X.", .currency = eur(), .home = VenueId{"lim"}};
    lim.write(journal::WalletOpened{wallet});
    ASSERT_TRUE(lim.push());
    EXPECT_EQ(bench.books.fact("wallet", maria.text)->at("home"), Value{"nic"});
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
}

TEST_F(BookingFacts, ALotOfSomebodyElseIsNotTakenOverByACredit) {
    const PassId first = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    const PassId second = bench.make_pass("EEEEBBBBCCCCD", 2500, "nic");
    place(nic);
    const auto redeemed = nic.redeem(first, 2500);
    nic.sync();
    bench.clock.at += Millis{1000};
    nic.redeem(second, 2500, redeemed.credit.lot->id);  // another lot under the same id
    ASSERT_TRUE(nic.push());
    const auto lot = bench.books.fact("lot", redeemed.credit.lot->id.text);
    EXPECT_EQ(*journal::lot_from(Value{*lot}), *redeemed.credit.lot);
    EXPECT_EQ(bench.exceptions("replay_mismatch"), 1);
}

TEST_F(BookingFacts, AMoneySubjectFirstSeenInAnEntryIsHomedWithItsWallet) {
    lim.top_up(100);  // Maria's home is nic
    lim.sync();
    EXPECT_EQ(bench.books.subject(bench.pocket())->home.text, "nic");
    EXPECT_EQ(bench.books.subject(bench.pocket())->business.text, "aroma");
    const journal::Purchase purchase = lim.purchase(30);
    lim.sync();
    EXPECT_EQ(bench.books.subject(right_subject(purchase.id))->home.text, "lim");
}

TEST_F(BookingFacts, ARevivedLotHasItsNewEndEverywhere) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    place(nic);
    const auto redeemed = nic.redeem(pass, 2500);
    Lot ends = *redeemed.credit.lot;
    nic.sync();
    sql::Txn txn{*bench.db};
    ends.valid.until = bench.clock.at + Millis{1000};
    bench.books.put_fact("lot", ends.id.text, aroma, *journal::to_value(ends).map());
    txn.commit();
    nic.lots[ends.id] = ends;
    const journal::Purchase purchase = nic.purchase(700);
    nic.sync();
    bench.clock.at += Millis{5000};
    journal::Refund refund = nic.refund(purchase, 300);
    nic.chain.pop_back();  // written again with the lot's new end
    const journal::Entry last = *journal::decode_body(nic.chain.back());
    nic.head = {last.seq, journal::hash_of(nic.chain.back())};
    Lot revived = ends;
    revived.valid.until = bench.clock.at + Millis{86'400'000};
    refund.revived = {revived};
    nic.write(refund);
    nic.sync();
    EXPECT_EQ(*journal::lot_from(Value{*bench.books.fact("lot", ends.id.text)}), revived);
    EXPECT_EQ(bench.db->value<std::int64_t>("SELECT count(*) FROM exception"), 0);
}

}  // namespace
}  // namespace obol::ledger::test
