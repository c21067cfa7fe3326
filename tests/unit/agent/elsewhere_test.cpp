// A purchase of another venue, told, refunded and voided here: it comes from the centre, with what others
// gave back of it, and only with the right to refund is anything given.

#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

const std::string w1 = R"({"id":"w1"})";

class Elsewhere : public Till {
protected:
    Elsewhere() {
        business();
        wallet("w1", Amount{5000});
        open_shop();
        theirs = purchase_elsewhere("theirs", 1000);
        link.is_up = true;
        timers->patient = true;
        link.told_purchase = [this](const wire::PurchaseAsk& ask) {
            ++asked;
            wire::PurchaseAnswer answer;
            if (ask.id.text == "theirs") answer = {theirs, given_back};
            return answer;
        };
        link.on_growth = [this] {
            const journal::Entry entry = store_->facts().entry(entries()).value();
            if (entry.kind != journal::AuthorityAsked::kind) return;
            const auto record = journal::from_detail(entry.kind, entry.detail).value();
            const auto lines = granting ? std::get<journal::AuthorityAsked>(record).lines
                                        : std::vector<journal::AuthorityLine>{};
            asio::co_spawn(loop_, grant_later(entry.seq, lines), [](std::exception_ptr e) { EXPECT_FALSE(e); });
        };
    }

    Bytes sealed(const journal::Record& record) {
        journal::Entry entry;
        entry.device = DeviceId{std::string(64, 'b')};
        entry.kind = std::string(journal::kind_of(record));
        entry.wall = clock.moment;
        entry.boot_id = "22222222-2222-4222-8222-222222222222";
        entry.postings = journal::postings_of(record);
        entry.detail = journal::to_detail(record);
        return journal::seal(entry, journal::Head{}).body;
    }
    // As a till of another venue would have written it.
    Bytes purchase_elsewhere(const std::string& id, std::int64_t amount) {
        const std::string mine = buy(spend(w1, basket(amount))).body["id"];
        journal::Purchase record = store_->facts().purchase(PurchaseId{mine}).value();
        record.id = PurchaseId{id};
        record.facts.place.venue = VenueId{"lim"};
        return sealed(record);
    }
    void refunded_elsewhere(std::int64_t amount) {
        journal::Refund record;
        record.id = "back-" + std::to_string(given_back.size());
        record.purchase = PurchaseId{"theirs"};
        record.wallet = WalletId{"w1"};
        record.venue = VenueId{"lim"};
        record.business = BusinessId{"aroma"};
        record.currency = Currency::parse("EUR").value();
        record.request.amount = Amount{amount};
        const auto entry = journal::decode_body(theirs).value();
        const auto bought = std::get<journal::Purchase>(journal::from_detail(entry.kind, entry.detail).value());
        record.facts = {bought.facts.basket, bought.decision.allocations, {}, false};
        record.decision = decide_refund(record.facts, record.request);
        ASSERT_TRUE(record.decision.accepted);
        given_back.push_back(sealed(record));
    }

    void right_goes_to_the_centre(const std::string& id) {
        run<bool>([](Store& store, std::string purchase) -> awaitable<bool> {
            std::function<Result<bool>(WriteTxn&)> job = [&purchase](WriteTxn& txn) -> Result<bool> {
                txn.append(journal::AuthorityReturned{
                    "recall", {{right_subject(PurchaseId{purchase}), Amount{1}, Currency::none()}}});
                return true;
            };
            const Result<bool> done = co_await store.write<bool>(std::move(job));
            co_return done.has_value();
        }(*store_, id));
    }

    Bytes theirs;
    std::vector<Bytes> given_back;
    bool granting = true;
    int asked = 0;
    Subject pocket = business_subject(WalletId{"w1"}, BusinessId{"aroma"});
};

TEST_F(Elsewhere, IsToldWithWhatTheOthersGaveBack) {
    refunded_elsewhere(300);
    const Got told = show("theirs");
    ASSERT_EQ(told.status, 200) << told.text;
    EXPECT_EQ(told.body["spent"], 1000);
    EXPECT_EQ(told.body["refundable"][0]["amount"], 700);
    ASSERT_EQ(told.body["refunds"].size(), 1u);
    EXPECT_EQ(told.body["confirmed"], true);
    EXPECT_EQ(told.body["entry"]["hash"], to_hex(journal::hash_of(theirs)));
    EXPECT_EQ(show("nobody's").code(), "purchase_unknown");
    link.is_up = false;
    EXPECT_EQ(show("theirs").code(), "link_required") << "it may have changed since";
}

TEST_F(Elsewhere, IsRefundedWithTheRightAndNeverBeyondWhatIsLeft) {
    refunded_elsewhere(300);
    const Amount before = funds(pocket).held;
    EXPECT_EQ(refund_of("theirs", R"({"amount":701})").code(), "refund_exceeds_purchase");
    const Got got = refund_of("theirs", R"({"amount":700})");
    ASSERT_EQ(got.status, 201) << got.text;
    EXPECT_EQ(got.body["refunded"], 700);
    EXPECT_EQ(funds(pocket).held - before, Amount{700});
    EXPECT_EQ(refund_of("theirs", R"({"amount":1})").code(), "already_refunded");
}

TEST_F(Elsewhere, IsRefundedOfflineWhileTheRightIsHere) {
    ASSERT_EQ(refund_of("theirs", R"({"amount":100})").status, 201);
    link.is_up = false;
    EXPECT_EQ(refund_of("theirs", R"({"amount":100})").status, 201);
    EXPECT_EQ(show("theirs").body["refundable"][0]["amount"], 800);
}

TEST_F(Elsewhere, IsNotRefundedWithoutTheRight) {
    granting = false;
    const Got got = refund_of("theirs", R"({"amount":100})");
    EXPECT_EQ(got.code(), "authority_elsewhere") << got.text;
    link.is_up = false;
    EXPECT_EQ(refund_of("theirs", R"({"amount":100})", "later").code(), "authority_elsewhere");
}

TEST_F(Elsewhere, IsNotRefundedWhileWhatOthersGaveBackIsUnknown) {
    // The right comes, and the link goes before the centre has told what was done with it.
    ASSERT_EQ(show("theirs").status, 200);
    take_authority({{right_subject(PurchaseId{"theirs"}), Amount{1}, Currency::none()}});
    link.is_up = false;
    EXPECT_EQ(refund_of("theirs", R"({"amount":100})").code(), "link_required");
    EXPECT_EQ(void_of("theirs").code(), "link_required");
    link.is_up = true;
    refunded_elsewhere(950);
    EXPECT_EQ(refund_of("theirs", R"({"amount":100})").code(), "refund_exceeds_purchase");
    EXPECT_EQ(refund_of("theirs", R"({"amount":50})").status, 201);
}

TEST_F(Elsewhere, IsVoidedWhole) {
    const Amount before = funds(pocket).held;
    const Got got = void_of("theirs");
    ASSERT_EQ(got.status, 201) << got.text;
    EXPECT_EQ(funds(pocket).held - before, Amount{1000});
    EXPECT_EQ(void_of("theirs").code(), "already_voided");
}

TEST_F(Elsewhere, AnOwnPurchaseWhoseRightWasAwayKnowsWhatOthersGaveBack) {
    const std::string id = buy(spend(w1, basket(1000))).body["id"];
    theirs = store_->facts().bodies(entries(), 1).front().second;
    link.told_purchase = [this](const wire::PurchaseAsk&) { return wire::PurchaseAnswer{theirs, given_back}; };
    const int before = asked;
    ASSERT_EQ(refund_of(id, R"({"amount":100})").status, 201);
    EXPECT_EQ(asked, before) << "the right was here all the time";
    given_back = {store_->facts().bodies(entries(), 1).front().second};
    // The right goes to the centre, another venue gives 600 back, and the right comes home.
    right_goes_to_the_centre(id);
    journal::Refund record = store_->facts().refunds_of(PurchaseId{id}).front();
    record.id = "back-elsewhere";
    record.facts.before = {record.decision};
    record.request.amount = Amount{600};
    record.decision = decide_refund(record.facts, record.request);
    given_back.push_back(sealed(record));

    EXPECT_EQ(refund_of(id, R"({"amount":301})").code(), "refund_exceeds_purchase");
    EXPECT_EQ(refund_of(id, R"({"amount":300})").status, 201);
    EXPECT_EQ(refund_of(id, R"({"amount":1})").code(), "already_refunded");
    EXPECT_EQ(show(id).body["refunds"].size(), 3u);
}

TEST_F(Elsewhere, AnOwnPurchaseThatWasVoidedElsewhereSaysSoAndAsksForNothing) {
    const std::string id = buy(spend(w1, basket(1000))).body["id"];
    theirs = store_->facts().bodies(entries(), 1).front().second;
    link.told_purchase = [this](const wire::PurchaseAsk&) { return wire::PurchaseAnswer{theirs, given_back}; };
    right_goes_to_the_centre(id);
    const journal::Purchase bought = store_->facts().purchase(PurchaseId{id}).value();
    journal::Refund record;
    record.id = "void-elsewhere";
    record.purchase = bought.id;
    record.wallet = bought.wallet;
    record.venue = VenueId{"lim"};
    record.business = BusinessId{"aroma"};
    record.currency = Currency::parse("EUR").value();
    record.is_void = true;
    record.facts = {bought.facts.basket, bought.decision.allocations, {}, false};
    record.decision = decide_refund(record.facts, record.request);
    given_back = {sealed(record)};

    granting = false;
    const std::int64_t before = entries();
    EXPECT_EQ(void_of(id).code(), "already_voided");
    EXPECT_EQ(refund_of(id, R"({"amount":1})").code(), "already_voided");
    EXPECT_EQ(entries(), before);
}

TEST_F(Elsewhere, AnAnswerAboutAnotherPurchaseIsNotKept) {
    link.told_purchase = [this](const wire::PurchaseAsk&) { return wire::PurchaseAnswer{theirs, {}}; };
    EXPECT_EQ(show("another").code(), "link_required");
    EXPECT_FALSE(store_->facts().purchase(PurchaseId{"another"}));
    EXPECT_FALSE(store_->facts().purchase(PurchaseId{"theirs"}));
}

}  // namespace
}  // namespace obol::agent::testing
