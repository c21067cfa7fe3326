// The conversation of ledger and venues: hello, feed, recall and grant between two devices,
// placement, codes decided at the centre, passes sold at a till.

#include "sync/ledger/store/feed.hpp"
#include "tests/unit/ledger/ledger_bench.hpp"

namespace obol::ledger::test {
namespace {

using journal::Value;

class SyncEndTalk : public ::testing::Test {
protected:
    void TearDown() override { bench.check(); }

    Bench bench;
    const Subject pocket = bench.pocket();
    Device nic = bench.enrol("nic", 1);
    Device lim = bench.enrol("lim", 2);
};

// --- hello
// -------------------------------------------------------------------------------------------

TEST_F(SyncEndTalk, HelloSaysWhatIsBookedAndInWhichGeneration) {
    nic.sync();
    nic.top_up(5);
    const auto welcome = nic.hello();
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->head.seq, nic.head.seq - 1);
    EXPECT_EQ(welcome->generation, 1);
    EXPECT_EQ(welcome->status, wire::HolderStatus::active);
    EXPECT_EQ(welcome->now, bench.clock.at);
    EXPECT_FALSE(bench.recovering());
}

TEST_F(SyncEndTalk, AnAcknowledgementThatTheLedgerForgotStartsRecovery) {
    bench.fund_pocket(100);
    nic.acked = 5;
    ASSERT_TRUE(nic.hello());
    EXPECT_TRUE(bench.recovering());
    EXPECT_EQ(bench.exceptions("ledger_behind"), 1);
    ASSERT_TRUE(nic.hello());
    EXPECT_EQ(bench.exceptions("ledger_behind"), 1);
    lim.ask(pocket, 50);
    ASSERT_TRUE(lim.push());
    EXPECT_TRUE(lim.grants.empty());
}

TEST_F(SyncEndTalk, ALaterGenerationStopsGranting) {
    nic.sync();
    nic.generation = 2;
    ASSERT_TRUE(nic.hello());
    EXPECT_TRUE(bench.recovering());
    EXPECT_EQ(bench.exceptions("generation_ahead"), 1);
}

TEST_F(SyncEndTalk, ADeviceThatShowsLessThanIsBookedIsNoticed) {
    Device old = nic.clone(50);
    nic.sync();
    ASSERT_TRUE(old.hello());
    nic.top_up(1);
    nic.sync();
    old.head.seq = 1;
    const auto welcome = old.hello();
    ASSERT_TRUE(welcome);
    EXPECT_EQ(welcome->head, nic.head);  // by which it knows that it is a copy
    EXPECT_EQ(bench.exceptions("device_behind"), 1);
}

// --- feed
// --------------------------------------------------------------------------------------------

TEST_F(SyncEndTalk, AFeedThatHasSeenItAllHasNoNews) {
    nic.sync();
    const wire::Page page = nic.page();
    const auto again =
        bench.end.feed_now(nic.identity(), {.generation = 1, .cursor = page.to, .seen = page.news});
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->has_news);
    EXPECT_EQ(again->page.from, page.to);
}

TEST_F(SyncEndTalk, AnotherGenerationIsAnsweredAtOnceAndBringsNothing) {
    nic.sync();
    const auto answer = bench.end.feed_now(nic.identity(), {.generation = 3, .cursor = 12});
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->has_news);
    EXPECT_EQ(answer->page.generation, 1);
    EXPECT_TRUE(answer->page.facts.empty());
    EXPECT_EQ(answer->page.to, 12);
}

TEST_F(SyncEndTalk, ChangesComeInPagesAndEachThingOnce) {
    {
        sql::Txn txn{*bench.db};
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 700; ++i) {
                const std::string id = "aroma:S" + std::to_string(i);
                bench.books.put_fact("product", id, aroma,
                                     Map{{"sku", id}, {"name", "P" + std::to_string(round)}});
            }
        }
        txn.commit();
    }
    nic.sync();
    std::set<std::string> seen;
    wire::Page page;
    do {
        page = nic.page();
        EXPECT_LE(page.facts.size() + page.balances.size(),
                  static_cast<std::size_t>(most_changes_a_page));
        for (const wire::Fact& fact : page.facts) {
            const bool fresh = fact.kind != "product" || seen.insert(fact.id).second;
            EXPECT_TRUE(fresh) << fact.id;
        }
    } while (page.more);
    EXPECT_EQ(seen.size(), 700U);
}

TEST_F(SyncEndTalk, ARemovedFactComesAsGone) {
    {
        sql::Txn txn{*bench.db};
        bench.books.put_fact("product", "aroma:X", aroma, Map{{"sku", "X"}});
        txn.commit();
    }
    nic.sync();
    nic.page();
    {
        sql::Txn txn{*bench.db};
        bench.books.remove_fact("product", "aroma:X");
        txn.commit();
    }
    const wire::Page page = nic.page();
    ASSERT_EQ(page.facts.size(), 1U);
    EXPECT_TRUE(page.facts[0].gone);
}

TEST_F(SyncEndTalk, AnotherBusinessIsSeenOnlyWhenItsPoolNamesUs) {
    sql::Txn txn{*bench.db};
    const BusinessId other{"other"};
    bench.books.put_fact("business", "other", other, Map{{"id", "other"}});
    bench.books.put_fact("product", "other:A", other, Map{{"sku", "A"}});
    Pool pool{.id = PoolId{"theirs"}, .business = other, .name = "Theirs"};
    bench.books.put_fact("pool", "theirs", other, *journal::to_value(pool).map());
    txn.commit();
    nic.sync();
    wire::Page page = nic.page();
    for (const wire::Fact& fact : page.facts) EXPECT_NE(fact.id, "other:A");

    sql::Txn later{*bench.db};
    pool.version = 2;
    pool.venues = {VenueId{"nic"}};
    bench.books.put_fact("pool", "theirs", other, *journal::to_value(pool).map());
    later.commit();
    page = nic.page();
    std::set<std::string> ids;
    for (const wire::Fact& fact : page.facts) ids.insert(fact.id);
    EXPECT_TRUE(ids.contains("other:A"));  // though it is older than the cursor
    EXPECT_TRUE(ids.contains("theirs"));
}

TEST_F(SyncEndTalk, ASnapshotIsTheWholeAtOneCursor) {
    bench.fund_pocket(500);
    nic.ask(pocket, 200);
    nic.sync();
    const auto snapshot = bench.end.snapshot(nic.identity());
    ASSERT_TRUE(snapshot);
    EXPECT_EQ(snapshot->as_of, nic.head.seq);
    ASSERT_EQ(snapshot->balances.size(), 1U);
    EXPECT_EQ(snapshot->balances[0].value, Amount{500});
    EXPECT_EQ(snapshot->facts.size(), 7U);  // business, three venues, pool, plan, wallet
    nic.cursor = snapshot->cursor;
    const wire::Page page = nic.page();
    EXPECT_TRUE(page.facts.empty());
    EXPECT_TRUE(page.balances.empty());
}

TEST_F(SyncEndTalk, NoPageOrSnapshotCarriesWhatIsHeld) {
    bench.fund_pocket(500);
    nic.ask(pocket, 200);
    nic.sync();
    EXPECT_EQ(wire::encode(nic.page()).find("held"), std::string::npos);
    EXPECT_EQ(wire::encode(*bench.end.snapshot(nic.identity())).find("held"), std::string::npos);
}

// --- recall and grant between two devices
// ------------------------------------------------------------

TEST_F(SyncEndTalk, WhatAReachableVenueHoldsIsRecalledAndThenGranted) {
    bench.fund_pocket(100);
    lim.ask(pocket, 100);
    lim.sync();
    bench.end.feed_opened(lim.h());

    nic.ask(pocket, 30);
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(nic.grants.empty());  // it waits for lim
    EXPECT_TRUE(bench.woken.holders.contains(lim.h().text));
    const wire::Page page = lim.page();
    EXPECT_EQ(page.recalls, (std::vector<wire::Recall>{{pocket, Amount{30}}}));

    bench.woken = {};
    lim.give_back(pocket, 30);
    lim.sync();
    EXPECT_TRUE(bench.woken.holders.contains(nic.h().text));
    nic.page();
    ASSERT_TRUE(nic.take());
    nic.sync();
    EXPECT_EQ(nic.held(pocket), 30);
    EXPECT_EQ(lim.held(pocket), 70);
    EXPECT_TRUE(lim.page().recalls.empty());
}

TEST_F(SyncEndTalk, ARecallIsNewsAndItsRepetitionIsNot) {
    bench.fund_pocket(100);
    lim.ask(pocket, 100);
    lim.sync();
    const wire::Page before = lim.page();
    bench.end.feed_opened(lim.h());
    nic.ask(pocket, 30);
    ASSERT_TRUE(nic.push());
    const auto told = bench.end.feed_now(
        lim.identity(), {.generation = 1, .cursor = before.to, .seen = before.news});
    EXPECT_TRUE(told->has_news);
    const auto again = bench.end.feed_now(
        lim.identity(), {.generation = 1, .cursor = told->page.to, .seen = told->page.news});
    EXPECT_FALSE(again->has_news);
    EXPECT_EQ(again->page.recalls.size(), 1U);
}

TEST_F(SyncEndTalk, AVenueThatIsNotThereIsNotWaitedFor) {
    bench.fund_pocket(100);
    lim.ask(pocket, 70);
    lim.sync();
    bench.clock.at += Millis{60'000};
    nic.ask(pocket, 50);
    ASSERT_TRUE(nic.push());
    ASSERT_EQ(nic.grants.size(), 1U);
    EXPECT_EQ(nic.grants[0].lines[0].amount, Amount{30});
}

TEST_F(SyncEndTalk, WhenTheOtherVenueGoesAwayTheAskIsAnsweredWithWhatThereIs) {
    bench.fund_pocket(100);
    lim.ask(pocket, 70);
    lim.sync();
    bench.end.feed_opened(lim.h());
    nic.ask(pocket, 50);
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(nic.grants.empty());
    bench.end.feed_closed(lim.h());
    bench.end.presence_lapsed(lim.h());
    EXPECT_TRUE(nic.page().grants.empty());  // it may be between two polls
    bench.clock.at += reachable_after_seen;
    bench.end.presence_lapsed(lim.h());
    nic.page();
    ASSERT_EQ(nic.grants.size(), 1U);
    EXPECT_EQ(nic.grants[0].lines[0].amount, Amount{30});
}

TEST_F(SyncEndTalk, AnAskStaysOpenWhileThereIsNothing) {
    bench.fund_pocket(100);
    lim.ask(pocket, 100);
    lim.sync();
    bench.clock.at += Millis{60'000};
    nic.ask(pocket, 50);
    ASSERT_TRUE(nic.push());
    EXPECT_TRUE(nic.grants.empty());
    lim.give_back(pocket, 60);
    lim.sync();
    nic.page();
    ASSERT_EQ(nic.grants.size(), 1U);
    EXPECT_EQ(nic.grants[0].lines[0].amount, Amount{50});
}

TEST_F(SyncEndTalk, AsksAreAnsweredInTheOrderOfTheirArrival) {
    Device paf = bench.enrol("paf", 3);
    bench.fund_pocket(100);
    lim.ask(pocket, 100);
    lim.sync();
    bench.clock.at += Millis{60'000};
    paf.ask(pocket, 80);
    ASSERT_TRUE(paf.push());
    nic.ask(pocket, 80);
    ASSERT_TRUE(nic.push());
    bench.clock.at += Millis{60'000};
    lim.give_back(pocket, 100);
    lim.sync();
    paf.page();
    nic.page();
    ASSERT_EQ(paf.grants.size(), 1U);
    EXPECT_EQ(paf.grants[0].lines[0].amount, Amount{80});
    // lim is there but holds nothing more, and paf is away: nic gets what is left.
    ASSERT_EQ(nic.grants.size(), 1U);
    EXPECT_EQ(nic.grants[0].lines[0].amount, Amount{20});
}

TEST_F(SyncEndTalk, APassIsRecalledWhole) {
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "lim");
    lim.ask_placement();
    lim.sync();
    bench.end.feed_opened(lim.h());
    nic.ask(pass_subject(pass), 2500);
    ASSERT_TRUE(nic.push());
    EXPECT_EQ(lim.page().recalls, (std::vector<wire::Recall>{{pass_subject(pass), Amount{2500}}}));
    lim.give_back(pass_subject(pass), 2500);
    lim.sync();
    nic.page();
    ASSERT_TRUE(nic.take());
    EXPECT_EQ(nic.held(pass_subject(pass)), 2500);
}

// --- placement
// ---------------------------------------------------------------------------------------

TEST_F(SyncEndTalk, MoneyHomedAtAVenueIsPlacedThereByAsking) {
    bench.fund(pocket, 700, "nic");
    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "nic");
    nic.sync();
    lim.sync();
    EXPECT_TRUE(nic.page().placement);
    EXPECT_FALSE(lim.page().placement);
    nic.ask_placement();
    nic.sync();
    EXPECT_EQ(nic.held(pocket), 700);
    EXPECT_EQ(nic.held(pass_subject(pass)), 2500);
    EXPECT_FALSE(nic.page().placement);
}

TEST_F(SyncEndTalk, ALongPlacementTakesSeveralAsks) {
    sql::Txn txn{*bench.db};
    for (int i = 0; i < 700; ++i) {
        const Subject lot = "lot:L" + std::to_string(i);
        bench.books.ensure_subject(lot, aroma, VenueId{"nic"}, eur());
        ASSERT_TRUE(
            bench.books.transfer(bench.clock.at, "test", "",
                                 {{"issue:aroma", Amount{-10}, eur()}, {lot, Amount{10}, eur()}}));
    }
    txn.commit();
    int asks = 0;
    nic.sync();
    while (nic.page().placement && asks < 5) {
        nic.ask_placement();
        nic.sync();
        ++asks;
    }
    EXPECT_EQ(asks, 2);
    EXPECT_EQ(nic.holds.size(), 700U);
}

TEST_F(SyncEndTalk, APlacementAskThatFoundNothingIsAnsweredWhenMoneyComes) {
    nic.ask_placement();
    nic.sync();
    EXPECT_EQ(nic.asks.size(), 1U);
    bench.fund(pocket, 300, "nic");
    nic.page();
    ASSERT_TRUE(nic.take());
    EXPECT_EQ(nic.held(pocket), 300);
}

TEST_F(SyncEndTalk, WhoAsksByNameComesBeforePlacement) {
    bench.fund(pocket, 100, "nic");
    nic.ask_placement();
    nic.sync();
    ASSERT_EQ(nic.held(pocket), 100);
    bench.end.feed_opened(nic.h());
    nic.ask_placement();
    nic.sync();
    lim.ask(pocket, 60);
    ASSERT_TRUE(lim.push());
    nic.give_back(pocket, 60);
    nic.sync();
    lim.page();
    ASSERT_TRUE(lim.take());
    EXPECT_EQ(lim.held(pocket), 60);
    EXPECT_EQ(nic.held(pocket), 40);
}

// --- codes decided at the centre
// ---------------------------------------------------------------------

class SyncEndPass : public SyncEndTalk {
protected:
    wire::PassAsk ask(const std::string& code, const std::string& pin = "") {
        wire::PassAsk out{.digest = digest_of_code(code)};
        if (!pin.empty()) {
            out.code = Secret{code};
            out.pin = Secret{pin};
        }
        return out;
    }
    Result<wire::PassAnswer> try_pin(const std::string& pin) {
        return bench.end.pass(nic.identity(), ask("AAAABBBBCCCCD", pin));
    }

    const PassId pass = bench.make_pass("AAAABBBBCCCCD", 2500, "", "1234");
};

TEST_F(SyncEndPass, AnUnknownCodeGivesNothing) {
    const auto answer = bench.end.pass(nic.identity(), ask("ZZZZZZZ"));
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->pass);
}

TEST_F(SyncEndPass, TheAnswerHoldsNoDigestAndNoVerifier) {
    const auto answer = bench.end.pass(nic.identity(), ask("AAAABBBBCCCCD"));
    ASSERT_TRUE(answer && answer->pass);
    EXPECT_EQ(answer->pass->at("id"), Value{pass.text});
    EXPECT_FALSE(answer->pass->contains("digest"));
    EXPECT_FALSE(answer->pass->contains("pin_verifier"));
    EXPECT_EQ(answer->pin_state, "required");
}

TEST_F(SyncEndPass, TheRightPinSetsTheCountToZero) {
    EXPECT_EQ(try_pin("0000")->attempts_left, 2);
    EXPECT_EQ(try_pin("0001")->attempts_left, 1);
    EXPECT_EQ(try_pin("1234")->pin_state, "right");
    const auto wrong = try_pin("0002");
    EXPECT_EQ(wrong->pin_state, "incorrect");
    EXPECT_EQ(wrong->attempts_left, 2);
}

TEST_F(SyncEndPass, ThreeWrongPinsLockThePassEverywhere) {
    lim.sync();
    lim.page();
    try_pin("0000");
    try_pin("0001");
    EXPECT_EQ(try_pin("0002")->pin_state, "locked");
    EXPECT_EQ(try_pin("1234")->pin_state, "locked");
    const wire::Page page = lim.page();
    ASSERT_EQ(page.facts.size(), 1U);
    EXPECT_EQ(page.facts[0].body.at("pin_locked"), Value{true});
    EXPECT_TRUE(bench.woken.businesses.contains("aroma"));
}

// --- one count of wrong PINs, wherever they were made
// ------------------------------------------------------

TEST_F(SyncEndPass, WhatAVenueCountedLeavesTheCentreOneTry) {
    lim.sync();
    lim.page();
    nic.write(journal::PinTried{pass, TerminalId{"t1"}, 1});
    nic.write(journal::PinTried{pass, TerminalId{"t1"}, 1});
    nic.sync();
    const wire::Page page = lim.page();
    ASSERT_EQ(page.facts.size(), 1U);
    EXPECT_EQ(page.facts[0].body.at("wrong_pins"), Value{2});
    EXPECT_EQ(page.facts[0].body.at("pin_locked"), Value{false});
    EXPECT_EQ(try_pin("0000")->pin_state, "locked");
    EXPECT_EQ(try_pin("1234")->pin_state, "locked");
}

TEST_F(SyncEndPass, WhatTheCentreCountedIsSeenByTheVenues) {
    lim.sync();
    lim.page();
    try_pin("0000");
    EXPECT_EQ(lim.page().facts.at(0).body.at("wrong_pins"), Value{1});
    try_pin("1234");
    EXPECT_FALSE(lim.page().facts.at(0).body.contains("wrong_pins"));
    EXPECT_TRUE(bench.woken.businesses.contains("aroma"));
}

TEST_F(SyncEndPass, TheThirdTryLocksAlsoWhenAVenueTellsIt) {
    EXPECT_EQ(try_pin("0000")->attempts_left, 2);
    nic.write(journal::PinTried{pass, TerminalId{"t1"}, 2});
    nic.sync();
    EXPECT_EQ(try_pin("1234")->pin_state, "locked");
    EXPECT_EQ(bench.books.fact("pass", pass.text)->at("pin_locked"), Value{true});
}

TEST_F(SyncEndPass, ARightPinAtAVenueBeginsTheCountAnewAndTakesNoLockAway) {
    try_pin("0000");
    try_pin("0001");
    nic.write(journal::PinTried{pass, TerminalId{"t1"}, 0});
    nic.sync();
    EXPECT_EQ(try_pin("0002")->attempts_left, 2);
    try_pin("0003");
    EXPECT_EQ(try_pin("0004")->pin_state, "locked");
    nic.write(journal::PinTried{pass, TerminalId{"t1"}, 0});
    nic.sync();
    EXPECT_EQ(try_pin("1234")->pin_state, "locked");
}

TEST_F(SyncEndPass, ADigestOfAnotherCodeThanIsSentIsMalformed) {
    wire::PassAsk crossed = ask("AAAABBBBCCCCD", "1234");
    crossed.code = Secret{"OTHERCODE1"};
    EXPECT_EQ(bench.end.pass(nic.identity(), crossed).error().code, "malformed_message");
}

TEST_F(SyncEndPass, TheCodeOfANamelessWalletFindsIt) {
    const Wallet wallet{
        .id = WalletId{"guest"}, .currency = eur(), .home = VenueId{"nic"}, .opened_by = pass};
    nic.write(journal::WalletOpened{wallet});
    nic.sync();
    const auto answer = bench.end.pass(lim.identity(), ask("AAAABBBBCCCCD"));
    ASSERT_TRUE(answer && answer->wallet);
    EXPECT_EQ(answer->wallet->at("id"), Value{"guest"});
    EXPECT_FALSE(answer->wallet->contains("code_digest"));
}

// --- passes sold at a till
// ---------------------------------------------------------------------------

TEST_F(SyncEndTalk, AnIssuedPassIsPaidByItsTenderAndPlacedAtTheVenue) {
    const wire::IssueAsk ask{.id = "i1", .plan = gift25, .amount = Amount{4000}, .tender = "card"};
    nic.sync();
    const auto issued = bench.end.issue(nic.identity(), ask);
    ASSERT_TRUE(issued) << issued.error().detail;
    EXPECT_EQ(issued->value, (Money{Amount{4000}, eur()}));
    EXPECT_TRUE(issued->pin);
    EXPECT_EQ(bench.value("tender:card:nic"), -4000);
    EXPECT_EQ(bench.centre(pass_subject(issued->pass)), 4000);
    EXPECT_TRUE(nic.page().placement);

    const auto again = bench.end.issue(nic.identity(), ask);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->pass, issued->pass);
    EXPECT_EQ(again->code.reveal(), issued->code.reveal());
    EXPECT_EQ(bench.value("tender:card:nic"), -4000);
}

TEST_F(SyncEndTalk, AnIssueIsForAContactThatIsKnown) {
    wire::IssueAsk ask{.id = "i1", .plan = gift25, .amount = Amount{4000}, .tender = "card"};
    ask.contact = ContactId{"nobody"};
    nic.sync();
    EXPECT_EQ(bench.end.issue(nic.identity(), ask).error().code, "contact_unknown");
    EXPECT_EQ(bench.value("tender:card:nic"), 0);
}

TEST_F(SyncEndTalk, ASoldPassIsCancelledByTheVoidOfItsSale) {
    const wire::IssueAsk ask{.id = "i1", .plan = gift25, .amount = Amount{4000}, .tender = "card"};
    nic.sync();
    const auto issued = bench.end.issue(nic.identity(), ask);
    ASSERT_TRUE(issued);
    const Subject subject = pass_subject(issued->pass);
    nic.write(journal::PassIssued{TerminalId{"t1"}, issued->pass, gift25, VenueId{"nic"}, issued->value,
                                  std::nullopt, "card", "NIC1-1"});
    nic.ask(subject, 4000);
    nic.sync();
    nic.take();
    nic.write(journal::IssueVoided{"iv1", TerminalId{"t1"}, issued->pass, VenueId{"nic"}, issued->value,
                                   "card", "NIC1-2"});
    nic.sync();
    EXPECT_EQ(bench.books.fact("pass", issued->pass.text)->at("state"), Value{"cancelled"});
    EXPECT_EQ(bench.value("tender:card:nic"), 0);
    EXPECT_EQ(bench.value(subject), 0);
    EXPECT_EQ(bench.exceptions("replay_mismatch") + bench.exceptions("unknown_pass_state"), 0);
}

TEST_F(SyncEndTalk, AnIssueBeyondThePlanIsRefusedAndBooksNothing) {
    const auto none =
        bench.end.issue(nic.identity(), {.id = "i1", .plan = PlanId{"nope"}, .tender = "cash"});
    EXPECT_EQ(none.error().code, "plan_unknown");
    const auto much = bench.end.issue(
        nic.identity(), {.id = "i1", .plan = gift25, .amount = Amount{100'001}, .tender = "cash"});
    EXPECT_EQ(much.error().code, "above_maximum");
    EXPECT_EQ(bench.value("tender:cash:nic"), 0);
}

}  // namespace
}  // namespace obol::ledger::test
