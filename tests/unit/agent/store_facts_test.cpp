#include "sync/journal/replay.hpp"
#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using namespace testing_support;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

struct StoreFacts : UplinkStoreTest {
    static constexpr std::string_view code = "GIFTABCDEFGH2";

    wire::Fact fact(std::string kind, std::string id, const journal::Value& value) {
        wire::Fact out;
        out.kind = std::move(kind);
        out.id = std::move(id);
        out.body = *value.map();
        return out;
    }
    Plan plan() {
        Plan out;
        out.id = PlanId{"gift25"};
        out.business = aroma;
        out.name = "Gift 25";
        out.currency = eur;
        out.value_min = out.value_max = Amount{2500};
        out.pin = true;
        return out;
    }
    wire::Fact pass_fact(std::string_view state, bool locked = false) {
        const crypto::Digest digest = crypto::sha256(as_bytes(code));
        wire::Fact out;
        out.kind = "pass";
        out.id = "p1";
        out.body = {{"id", "p1"}, {"plan", "gift25"}, {"state", state}, {"value", 2500}, {"redeem_by", journal::Value{}},
                    {"venue", "nic"}, {"display", "•••GH2"}, {"digest", Bytes(digest.begin(), digest.end())},
                    {"pin_verifier", "obol-pin/1$x$y"}, {"pin_locked", locked}};
        return out;
    }
    Pool pool(std::string_view id, std::string_view business) {
        Pool out;
        out.id = PoolId{id};
        out.business = BusinessId{business};
        out.name = std::string(id);
        return out;
    }
    Lot lot(std::string_view id, std::string_view business, std::string_view pool_id) {
        return {LotId{id}, maria, BusinessId{business}, PoolId{pool_id}, eur, {}, clock.at, "import"};
    }
    void bring(std::vector<wire::Fact> facts, std::vector<wire::Balance> balances = {}) {
        wire::Page one = page();
        one.facts = std::move(facts);
        one.balances = std::move(balances);
        ASSERT_TRUE(apply(std::move(one)));
    }
    void bring_pass(std::string_view state = "active") {
        bring({fact("plan", "gift25", journal::to_value(plan())), pass_fact(state)});
    }
    journal::PassRedeemed redeem() {
        journal::PassRedeemed out;
        out.id = next_id();
        out.terminal = TerminalId{"t1"};
        out.pass = PassId{"p1"};
        out.plan = PlanId{"gift25"};
        out.venue = VenueId{"nic"};
        out.value = {Amount{2500}, eur};
        out.credit = {WalletId{"w9"}, aroma, Pocket::business, std::nullopt, out.value};
        out.receipt = "NIC1-1";
        return out;
    }
    Facts& facts() { return store->facts(); }
};

TEST_F(StoreFacts, T59_APassIsFoundByItsCodeAndTheCodeIsNowhere) {
    bring_pass();
    const auto found = facts().pass_by_code(code);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pass.id.text, "p1");
    EXPECT_EQ(found->plan, plan());
    EXPECT_EQ(found->pass.state, PassState::active);
    EXPECT_EQ(found->pin_verifier, "obol-pin/1$x$y");
    EXPECT_FALSE(facts().pass_by_code("GIFTABCDEFGH3"));
    const crypto::Digest digest = crypto::sha256(as_bytes(code));
    const Bytes bytes(digest.begin(), digest.end());
    EXPECT_EQ(facts().db().value<std::int64_t>("SELECT count(*) FROM fact WHERE instr(body, ?) > 0", bytes), 0);
    EXPECT_EQ(facts().db().value<std::int64_t>("SELECT count(*) FROM lookup WHERE hmac = ?", bytes), 0);
}

TEST_F(StoreFacts, AWalletIsFoundByPhoneWithoutKeepingIt) {
    wire::Fact wallet = wallet_fact(wallet_of(maria, "nic"));
    wallet.body["phone"] = "+35799000001";
    wallet.body["email"] = "m@example.com";
    wallet.body["card"] = "C0001";
    wallet.body["pin_locked"] = false;
    bring({wallet});
    for (const auto& [what, value] : {std::pair{"phone", "+35799000001"}, {"email", "m@example.com"}, {"card", "C0001"}}) {
        const auto found = facts().wallet_by(what, value);
        ASSERT_TRUE(found) << what;
        EXPECT_EQ(found->wallet, wallet_of(maria, "nic"));
    }
    EXPECT_FALSE(facts().wallet_by("email", "+35799000001"));
    EXPECT_EQ(count("SELECT count(*) FROM fact WHERE instr(body, CAST('99000001' AS BLOB)) > 0"), 0);
    wallet.body["phone"] = "+35799000002";
    bring({wallet});
    EXPECT_FALSE(facts().wallet_by("phone", "+35799000001"));
    EXPECT_TRUE(facts().wallet_by("phone", "+35799000002"));
    wallet.gone = true;
    bring({wallet});
    EXPECT_FALSE(facts().wallet_by("phone", "+35799000002"));
    EXPECT_FALSE(facts().wallet(maria));
}

TEST_F(StoreFacts, OwnEntriesStandUntilTheCentreHasThem) {
    bring_pass();
    acquire("pass:p1", 2500);
    const std::int64_t before = facts().head().seq;
    append(redeem());
    const Instant at = clock.at;
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.state, PassState::redeemed);
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.redeemed_at, at);
    // A page from before the entry was booked brings the pass again.
    wire::Page old = page();
    old.as_of = before;
    old.facts = {pass_fact("active")};
    ASSERT_TRUE(apply(old));
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.state, PassState::redeemed);
    // From then on the centre knows better.
    bring({pass_fact("blocked")});
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.state, PassState::blocked);
}

TEST_F(StoreFacts, SellingADraftMakesItActiveAndVoidingItADraftAgain) {
    bring_pass("draft");
    acquire("draft:p1", 1);
    journal::PassActivated sold;
    sold.id = "a1";
    sold.terminal = TerminalId{"t1"};
    sold.pass = PassId{"p1"};
    sold.plan = PlanId{"gift25"};
    sold.venue = VenueId{"nic"};
    sold.value = {Amount{2500}, eur};
    sold.redeem_by = clock.at + 24h;
    sold.tender = "cash";
    append(sold);
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.state, PassState::active);
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.redeem_by, clock.at + 24h);
    EXPECT_EQ(facts().funds("pass:p1").held, Amount{2500});
    EXPECT_EQ(facts().funds("draft:p1").held, Amount{});
    append(journal::ActivationVoided{"v1", TerminalId{"t1"}, "a1", PassId{"p1"}, VenueId{"nic"}, sold.value, "cash", ""});
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.state, PassState::draft);
    EXPECT_EQ(facts().pass(PassId{"p1"})->pass.redeem_by, std::nullopt);
    EXPECT_EQ(facts().funds("draft:p1").held, Amount{1});
    EXPECT_EQ(facts().operations_of("a1").size(), 1u);
}

TEST_F(StoreFacts, ANamelessWalletIsFoundByThePassThatOpenedIt) {
    bring_pass();
    Wallet nameless = wallet_of(WalletId{"w9"}, "nic");
    nameless.opened_by = PassId{"p1"};
    append(journal::WalletOpened{nameless});
    const auto found = facts().wallet_by_code(code);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->wallet, nameless);
    EXPECT_EQ(found->pin_verifier, "obol-pin/1$x$y");
    EXPECT_EQ(found->pin_pass, PassId{"p1"});
}

TEST_F(StoreFacts, PurchaseFactsHoldWhatHasMoneyAndMayBeSpentHere) {
    Pool network = pool("network", "partner");
    network.businesses = {aroma};
    bring({wallet_fact(wallet_of(maria, "nic")), fact("pool", "happy", journal::to_value(pool("happy", "aroma"))),
           fact("pool", "own", journal::to_value(pool("own", "partner"))),
           fact("pool", "network", journal::to_value(network)),
           fact("lot", "l1", journal::to_value(lot("l1", "aroma", "happy"))),
           fact("lot", "l2", journal::to_value(lot("l2", "aroma", "happy"))),
           fact("lot", "empty", journal::to_value(lot("empty", "aroma", "happy"))),
           fact("lot", "theirs", journal::to_value(lot("theirs", "partner", "own"))),
           fact("lot", "shared", journal::to_value(lot("shared", "partner", "network")))},
          {{"lot:l1", Amount{500}, eur}, {"lot:l2", Amount{700}, eur}, {"lot:empty", Amount{}, eur},
           {"lot:theirs", Amount{900}, eur}, {"lot:shared", Amount{50}, eur}, {pocket_of(), Amount{1200}, eur}});
    acquire("lot:l2", 300);
    const PurchaseFacts got = facts().purchase_facts(maria, {VenueId{"nic"}, aroma}, "Asia/Nicosia");
    ASSERT_EQ(got.lots.size(), 3u);
    EXPECT_EQ(got.lots[0].lot, lot("l1", "aroma", "happy"));
    EXPECT_EQ(got.lots[0].funds, (Funds{Amount{500}, Amount{}}));
    EXPECT_EQ(got.lots[1].funds, (Funds{Amount{700}, Amount{300}}));
    EXPECT_EQ(got.lots[2].lot.id, LotId{"shared"});
    ASSERT_EQ(got.pools.size(), 2u);
    EXPECT_EQ(got.business, (Funds{Amount{1200}, Amount{}}));
    EXPECT_EQ(got.personal, Funds{});
    EXPECT_EQ(got.zone, "Asia/Nicosia");
    EXPECT_FALSE(got.zone_version.empty());
}

TEST_F(StoreFacts, AMalformedFactIsReportedAndTheFeedGoesOn) {
    wire::Fact bad;
    bad.kind = "pool";
    bad.id = "bad";
    bad.body = {{"id", "bad"}};
    bring({bad, fact("pool", "happy", journal::to_value(pool("happy", "aroma")))});
    EXPECT_TRUE(facts().pool(PoolId{"happy"}));
    EXPECT_FALSE(facts().pool(PoolId{"bad"}));
    EXPECT_EQ(count("SELECT count(*) FROM exception WHERE code = 'malformed_fact'"), 1);
}

TEST_F(StoreFacts, WrongPinsAreCountedDurably) {
    bring_pass();
    const auto count_one = [](WriteTxn& txn) -> Result<int> { return txn.count_wrong_pin(PassId{"p1"}); };
    EXPECT_EQ(write<int>(count_one).value(), 1);
    EXPECT_EQ(write<int>(count_one).value(), 2);
    uplink.reset();
    reopen();
    uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 2);
    EXPECT_EQ(write<int>(count_one).value(), 3);
    append(journal::PinLocked{PassId{"p1"}, TerminalId{"t1"}});
    EXPECT_TRUE(facts().pass(PassId{"p1"})->pin_locked);
    // The centre has not booked the lock yet.
    wire::Page old = page();
    old.as_of = facts().head().seq - 1;
    old.facts = {pass_fact("active", false)};
    ASSERT_TRUE(apply(old));
    EXPECT_TRUE(facts().pass(PassId{"p1"})->pin_locked);
    bring({pass_fact("active", true)});
    EXPECT_TRUE(facts().pass(PassId{"p1"})->pin_locked);
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 3);
    // Unlocked at the centre: all three tries are there again.
    bring({pass_fact("active", false)});
    EXPECT_FALSE(facts().pass(PassId{"p1"})->pin_locked);
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 0);
}

// --- one count of wrong PINs, here and at the centre
// ------------------------------------------------------------

TEST_F(StoreFacts, WrongPinsAddUpWithThoseOfTheCentre) {
    bring_pass();
    const TerminalId till{"t1"};
    const auto try_wrong = [&](WriteTxn& txn) -> Result<int> {
        const int tries = txn.count_wrong_pin(PassId{"p1"});
        txn.tell_wrong_pins(PassId{"p1"}, till);
        return tries;
    };
    wire::Fact counted = pass_fact("active");
    counted.body["wrong_pins"] = 1;
    bring({counted});
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 1);
    EXPECT_EQ(write<int>(try_wrong).value(), 2);
    // The centre tells the same again, from before it booked our try: still two.
    wire::Page old = page();
    old.as_of = facts().head().seq - 1;
    old.facts = {counted};
    ASSERT_TRUE(apply(old));
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 2);
    // It has booked it: two, not three.
    counted.body["wrong_pins"] = 2;
    bring({counted});
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 2);
    EXPECT_EQ(write<int>(try_wrong).value(), 3);
}

TEST_F(StoreFacts, ARightPinClearsTheCountHereAtOnceAndTellsTheCentreOnlyIfItHasOne) {
    bring_pass();
    const TerminalId till{"t1"};
    const auto right = [&](WriteTxn& txn) -> Result<int> {
        txn.count_wrong_pin(PassId{"p1"});
        txn.clear_wrong_pins(PassId{"p1"}, till);
        return 0;
    };
    const std::int64_t before = facts().head().seq;
    ASSERT_TRUE(write<int>(right));
    EXPECT_EQ(facts().head().seq, before);
    wire::Fact counted = pass_fact("active");
    counted.body["wrong_pins"] = 2;
    bring({counted});
    ASSERT_TRUE(write<int>(right));
    EXPECT_EQ(facts().entry(facts().head().seq)->kind, "pin_tried");
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 0);
    // What the centre counts after it has booked that counts again.
    counted.body["wrong_pins"] = 1;
    bring({counted});
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 1);
}

TEST_F(StoreFacts, ATryThatWasNotMadeIsTakenBack) {
    bring_pass();
    const auto busy = [](WriteTxn& txn) -> Result<int> {
        txn.count_wrong_pin(PassId{"p1"});
        txn.uncount_wrong_pin(PassId{"p1"});
        return 0;
    };
    ASSERT_TRUE(write<int>(busy));
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 0);
}

TEST_F(StoreFacts, UntoldTriesStandInTheJournalBeforeAuthorityIsGivenAway) {
    bring_pass();
    const auto count_one = [](WriteTxn& txn) -> Result<int> { return txn.count_wrong_pin(PassId{"p1"}); };
    ASSERT_TRUE(write<int>(count_one));  // and the comparison never ended: the power went
    top_up(500);
    wire::Page recall = page();
    recall.recalls = {{pocket_of(), Amount{500}}};
    ASSERT_TRUE(apply(recall));
    const std::int64_t last = facts().head().seq;
    ASSERT_EQ(facts().entry(last)->kind, "authority_returned");
    EXPECT_EQ(facts().entry(last - 1)->kind, "pin_tried");
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 1);
}

TEST_F(StoreFacts, UnlockedHereCountsAnew) {
    bring({fact("plan", "gift25", journal::to_value(plan())), pass_fact("active", true)});
    EXPECT_TRUE(facts().pass(PassId{"p1"})->pin_locked);
    append(journal::PinUnlocked{PassId{"p1"}, TerminalId{"t1"}, "the customer showed an identity card"});
    EXPECT_FALSE(facts().pass(PassId{"p1"})->pin_locked);
    EXPECT_EQ(facts().pass(PassId{"p1"})->wrong_pins, 0);
}

TEST_F(StoreFacts, AnAnswerIsStoredOnceWithItsEntry) {
    const Bytes print{1, 2, 3};
    const auto job = [&](WriteTxn& txn) -> Result<int> {
        if (txn.answer("t1", "key")) return Fault{"seen", ""};
        const Appended entry = txn.append(top_up_of(100));
        txn.store_answer("t1", "key", print, 201, "{\"id\":1}", entry.seq);
        return 1;
    };
    EXPECT_TRUE(write<int>(job));
    EXPECT_EQ(write<int>(job).error().code, "seen");
    EXPECT_EQ(pocket().held, Amount{100});
    const auto stored = facts().answer("t1", "key");
    ASSERT_TRUE(stored);
    EXPECT_EQ(stored->fingerprint, print);
    EXPECT_EQ(stored->status, 201);
    EXPECT_EQ(stored->body, "{\"id\":1}");
    EXPECT_FALSE(facts().answer("t2", "key"));  // the key belongs to the terminal
}

TEST_F(StoreFacts, ReceiptNumbersHaveNoGapsAfterARollback) {
    const auto number = [](WriteTxn& txn) -> Result<std::string> { return Result<std::string>(txn.next_receipt_number()); };
    EXPECT_EQ(write<std::string>(number).value(), "NIC1-1");
    EXPECT_FALSE(write<std::string>([](WriteTxn& txn) -> Result<std::string> {
        txn.next_receipt_number();
        return Fault{"refused", ""};
    }));
    EXPECT_EQ(write<std::string>(number).value(), "NIC1-2");
}

TEST_F(StoreFacts, OperationsAreFoundByIdReceiptAndTicket) {
    top_up(1000);
    journal::Purchase purchase = purchase_of(250);
    purchase.receipt = "NIC1-7";
    purchase.facts.basket.ticket = "T1-5";
    const Appended at = append(purchase);
    purchase.digest = journal::facts_digest(purchase);  // filled in as it was written
    const auto found = facts().operation_by_receipt("NIC1-7");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->ref, purchase.id.text);
    EXPECT_EQ(found->seq, at.seq);
    EXPECT_EQ(found->total, 250);
    EXPECT_EQ(found->wallet, maria.text);
    EXPECT_EQ(facts().operations_with_ticket("t1", "T1-5", clock.at - 24h).size(), 1u);
    EXPECT_TRUE(facts().operations_with_ticket("t1", "T1-5", clock.at + 1s).empty());
    EXPECT_TRUE(facts().operations_with_ticket("t2", "T1-5", clock.at - 24h).empty());
    EXPECT_EQ(facts().purchase(purchase.id), purchase);
    EXPECT_FALSE(facts().purchase(PurchaseId{"none"}));

    journal::Refund refund;
    refund.id = "r1";
    refund.terminal = TerminalId{"t1"};
    refund.purchase = purchase.id;
    refund.wallet = maria;
    refund.venue = VenueId{"nic"};
    refund.business = aroma;
    refund.currency = eur;
    refund.facts.basket = purchase.facts.basket;
    refund.decision.refunded = Amount{100};
    refund.decision.allocations = {purchase.decision.allocations[0]};
    refund.decision.allocations[0].amount = Amount{100};
    append(refund);
    ASSERT_EQ(facts().refunds_of(purchase.id).size(), 1u);
    EXPECT_EQ(facts().refunds_of(purchase.id)[0], refund);
    EXPECT_EQ(pocket(), (Funds{Amount{850}, Amount{850}}));
}

TEST_F(StoreFacts, PairingCodesWorkOnceAndForAWhile) {
    const Bytes hash(32, 1), late(32, 2);
    write<int>([&](WriteTxn& txn) -> Result<int> {
        txn.add_terminal("t1", "Till 1");
        txn.add_pairing(hash, "t1", "cashier", txn.now() + 600s);
        txn.add_pairing(late, "t1", "pos", txn.now() + 10s);
        return 1;
    }).value();
    clock.at += 60s;
    const auto use = [&](const Bytes& one) {
        return write<std::string>([&](WriteTxn& txn) -> Result<std::string> {
            const auto got = txn.use_pairing(one, txn.now());
            return Result<std::string>(got ? got->first + " " + got->second : std::string("none"));
        }).value();
    };
    EXPECT_EQ(use(hash), "t1 cashier");
    EXPECT_EQ(use(hash), "none");
    EXPECT_EQ(use(late), "none");
    EXPECT_EQ(facts().terminals(), (std::vector<std::pair<std::string, std::string>>{{"t1", "Till 1"}}));
}

TEST_F(StoreFacts, ATokenIsKnownByItsHashUntilRevoked) {
    const Bytes hash(32, 9);
    write<int>([&](WriteTxn& txn) -> Result<int> {
        txn.add_terminal("t1", "Till 1");
        txn.add_token({"k1", "t1", "manager", std::nullopt, false, txn.now()}, hash);
        return 1;
    }).value();
    ASSERT_TRUE(facts().token_by_hash(hash));
    EXPECT_EQ(facts().token_by_hash(hash)->role, "manager");
    EXPECT_FALSE(facts().token_by_hash(hash)->revoked);
    const auto revoke = [&](std::string_view id) {
        return write<bool>([id](WriteTxn& txn) -> Result<bool> { return txn.revoke_token(id); }).value();
    };
    EXPECT_TRUE(revoke("k1"));
    EXPECT_TRUE(revoke("k1"));
    EXPECT_FALSE(revoke("k2"));
    EXPECT_TRUE(facts().token_by_hash(hash)->revoked);
    EXPECT_EQ(facts().tokens().size(), 1u);
}

}  // namespace
}  // namespace obol::agent
