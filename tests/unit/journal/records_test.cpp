#include "sync/journal/records.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

using samples::one_of_each;

void expect_lossless(const Record& record) {
    const Map detail = to_detail(record);
    const Result<Value> decoded = decode(encode(Value(detail)));
    ASSERT_TRUE(decoded) << decoded.error().detail;
    const Result<Record> back = from_detail(kind_of(record), *decoded->map());
    ASSERT_TRUE(back) << kind_of(record) << ": " << back.error().detail;
    ASSERT_EQ(*back, record) << kind_of(record);
    ASSERT_EQ(to_detail(*back), detail);
}

TEST(Records, ComeBackFromTheirDetails) {
    for (const Record& record : one_of_each()) expect_lossless(record);
}

TEST(Records, EveryKindIsAmongTheSamples) {
    std::set<std::size_t> kinds;
    for (const Record& record : one_of_each()) kinds.insert(record.index());
    EXPECT_EQ(kinds.size(), std::variant_size_v<Record>);
}

TEST(Records, HaveTheirKinds) {
    Refund refund;
    EXPECT_EQ(kind_of(refund), "refund");
    refund.is_void = true;
    EXPECT_EQ(kind_of(refund), "void");
    EXPECT_EQ(kind_of(Purchase{}), "purchase");
    EXPECT_EQ(kind_of(ActivationVoided{}), "activation_voided");
    EXPECT_EQ(from_detail("sung", {}).error(), (Fault{"unknown_kind", "sung"}));
}

// Calls `visit(path, value, replace)` for every value within a document.
void walk(const Value& value, const std::string& path,
          const std::function<void(const std::string&, const Value&)>& visit) {
    visit(path, value);
    if (const Map* map = value.map()) {
        for (const auto& [name, member] : *map)
            walk(member, path.empty() ? name : path + "." + name, visit);
    } else if (const Array* array = value.array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            walk((*array)[i], path + "[" + std::to_string(i) + "]", visit);
    }
}

Value* at(Value& root, const std::string& path) {
    Value* here = &root;
    std::size_t i = 0;
    while (i < path.size()) {
        if (path[i] == '[') {
            const std::size_t end = path.find(']', i);
            here = &(*here->array())[std::stoul(path.substr(i + 1, end - i - 1))];
            i = end + 1;
        } else {
            if (path[i] == '.') ++i;
            const std::size_t end = std::min(path.find_first_of(".[", i), path.size());
            here = &(*here->map())[path.substr(i, end - i)];
            i = end;
        }
    }
    return here;
}

TEST(Records, RefuseAnUnknownMemberWhereverItStands) {
    std::size_t places = 0;
    for (const Record& record : one_of_each()) {
        const Value detail(to_detail(record));
        walk(detail, "", [&](const std::string& path, const Value& value) {
            if (!value.map()) return;
            Value copy = detail;
            (*at(copy, path)->map())["zzz"] = 1;
            const Result<Record> got = from_detail(kind_of(record), *copy.map());
            ASSERT_FALSE(got) << kind_of(record) << " " << path;
            EXPECT_EQ(got.error(), (Fault{"malformed_record", (path.empty() ? "" : path + ".") +
                                                                  "zzz: unknown member"}));
            ++places;
        });
    }
    EXPECT_GT(places, 60u);
}

TEST(Records, RefuseEveryMemberOfAnotherType) {
    for (const Record& record : one_of_each()) {
        const Value detail(to_detail(record));
        walk(detail, "", [&](const std::string& path, const Value&) {
            if (path.empty()) return;
            for (const Value& wrong : {Value(), Value(Bytes{1})}) {
                Value copy = detail;
                if (*at(copy, path) == wrong || (path == "facts_digest" && wrong.bytes())) continue;
                *at(copy, path) = wrong;
                const Result<Record> got = from_detail(kind_of(record), *copy.map());
                ASSERT_FALSE(got) << kind_of(record) << " " << path;
                ASSERT_EQ(got.error().code, "malformed_record");
                ASSERT_EQ(got.error().detail.substr(0, path.size()), path) << got.error().detail;
            }
        });
    }
}

// Taking a member away is a fault or, where it may be left out, reads as another record: never the
// same.
TEST(Records, MissNothingThatIsLeftOut) {
    for (const Record& record : one_of_each()) {
        const Value detail(to_detail(record));
        walk(detail, "", [&](const std::string& path, const Value& value) {
            if (!value.map()) return;
            for (const auto& [name, member] : *value.map()) {
                Value copy = detail;
                at(copy, path)->map()->erase(name);
                const Result<Record> got = from_detail(kind_of(record), *copy.map());
                if (got) {
                    ASSERT_NE(*got, record) << path << " " << name;
                }
            }
        });
    }
}

Result<Record> with(const Record& record, const char* path, Value value) {
    Value detail(to_detail(record));
    *at(detail, path) = std::move(value);
    return from_detail(kind_of(record), *detail.map());
}

TEST(Records, RefuseWhatNoAgentWouldWrite) {
    const Record purchase = samples::purchase();
    const Record top_up = samples::top_up();
    const Record taken = AuthorityTaken{12, {{"lot:a", Amount{1}, samples::eur}}};
    const std::int64_t too_much = largest_amount + 1;
    EXPECT_TRUE(with(purchase, "facts.lots[0].funds.held", largest_amount));
    EXPECT_FALSE(with(purchase, "facts.lots[0].funds.held", too_much));
    EXPECT_FALSE(with(purchase, "facts.basket.lines[0].amount", too_much));
    EXPECT_FALSE(with(purchase, "facts.basket.currency", "EURO"));
    EXPECT_FALSE(
        with(purchase, "facts.basket.lines", Array(1001, Value(Map{{"id", "1"}, {"amount", 1}}))));
    EXPECT_FALSE(with(purchase, "facts.now", INT64_MAX));
    EXPECT_FALSE(with(purchase, "decision.allocations[0].amount", 0));
    EXPECT_FALSE(with(purchase, "decision.allocations[0].amount", -5));
    EXPECT_FALSE(with(purchase, "decision.allocations[0].lines[0].amount", -5));
    EXPECT_FALSE(with(purchase, "request.mode", "greedy"));
    EXPECT_FALSE(with(purchase, "receipt", "")) << "left out when empty, so there is one form";
    EXPECT_FALSE(with(purchase, "facts.pools[0].time[0].days", 128));
    EXPECT_FALSE(with(purchase, "facts.pools[0].time[0].from", 1440));
    EXPECT_FALSE(with(purchase, "facts.lots[0].lot.id", "a:b")) << "would name another account";
    EXPECT_FALSE(with(top_up, "credit.money.amount", -1));
    EXPECT_FALSE(with(top_up, "tender", "cash:lim"));
    EXPECT_FALSE(with(top_up, "credit.pocket", "personal"));
    EXPECT_FALSE(with(top_up, "credit.pocket", "commerce"));
    EXPECT_FALSE(with(taken, "lines[0].amount", 0));
    EXPECT_FALSE(with(taken, "lines[0].amount", -1));
    EXPECT_FALSE(with(taken, "lines[0].subject", "sale:nic"));
    EXPECT_TRUE(with(purchase, "facts.basket.lines[0].id", "a line: free text"));
}

TEST(Records, RefuseSumsThatWouldOverflow) {
    Purchase purchase = samples::purchase();
    PaidFrom part = purchase.decision.allocations[0];
    part.amount = Amount{largest_amount};
    purchase.decision.allocations.assign(1025, part);
    EXPECT_FALSE(from_detail("purchase", to_detail(Record(purchase))));
    purchase.decision.allocations.assign(1000, part);
    EXPECT_TRUE(from_detail("purchase", to_detail(Record(purchase))));
}

TEST(Records, APurchaseCarriesTheDigestOfItsFacts) {
    Purchase purchase = samples::purchase();
    purchase.digest.clear();
    const Map detail = to_detail(Record(purchase));
    EXPECT_EQ(detail.at("facts_digest"), Value(facts_digest(purchase)));
    purchase.digest = Bytes(32, 1);
    EXPECT_EQ(to_detail(Record(purchase)).at("facts_digest"), Value(Bytes(32, 1)));
}

// --- property: whatever the members hold
// ------------------------------------------------------------
class Any {
public:
    explicit Any(std::uint64_t seed) : dice_(seed) {}

    std::int64_t below(std::int64_t n) {
        return static_cast<std::int64_t>(dice_() % static_cast<std::uint64_t>(n));
    }
    bool coin() { return below(2) == 0; }
    std::string text() {
        static constexpr const char* some[] = {"", "a", "Φρέντο", "two words", "\"\\", "😀", "0"};
        return some[below(7)];
    }
    template <class T>
    T id() {
        return T("id-" + std::to_string(below(50)));
    }
    Amount amount() { return Amount{below(3) == 0 ? largest_amount : below(100'000) - 50'000}; }
    Amount part() { return Amount{1 + below(100'000)}; }
    Instant instant() { return from_millis(below(4'000'000'000'000) - 1'000'000'000'000); }
    template <class F>
    auto maybe(F make) -> std::optional<decltype(make())> {
        if (coin()) return std::nullopt;
        return make();
    }
    template <class F>
    auto list(F make) -> std::vector<decltype(make())> {
        std::vector<decltype(make())> out;
        for (auto n = below(4); n > 0; --n) out.push_back(make());
        return out;
    }
    Currency currency() { return *Currency::parse(coin() ? "EUR" : "JPY"); }
    Boundary boundary() {
        if (coin()) return {LocalDate{2026, 1u + static_cast<unsigned>(below(12)), 28}, {}};
        return {{}, instant()};
    }
    Period period() { return {static_cast<int>(below(30)), static_cast<int>(below(400))}; }
    Span span() {
        return {maybe([&] { return instant(); }), maybe([&] { return instant(); })};
    }
    Pool pool() {
        Pool x;
        x.id = id<PoolId>();
        x.business = id<BusinessId>();
        x.name = text();
        x.version = static_cast<int>(below(9));
        x.time = list([&] {
            return TimeWindow{static_cast<unsigned long>(below(128)),
                              static_cast<unsigned long>(below(4096)),
                              static_cast<int>(below(1440)), static_cast<int>(below(1441))};
        });
        x.venues = list([&] { return id<VenueId>(); });
        x.businesses = list([&] { return id<BusinessId>(); });
        x.brands = list([&] { return text(); });
        x.families = list([&] { return text(); });
        x.skus = list([&] { return text(); });
        x.types = list([&] { return text(); });
        x.spend_on = coin() ? SpendOn::basket : SpendOn::matching_lines;
        x.validity = {maybe([&] { return boundary(); }), maybe([&] { return boundary(); }),
                      maybe([&] { return period(); })};
        return x;
    }
    Lot lot() {
        return {id<LotId>(), id<WalletId>(), id<BusinessId>(), id<PoolId>(),
                currency(),  span(),         instant(),        text()};
    }
    Reason reason() {
        Reason x;
        x.code = coin() ? Code::outside_time_window : Code::pin_incorrect;
        x.detail = text();
        x.moment = maybe([&] { return instant(); });
        x.moment_offset = coin() ? "+02:00" : "";
        x.wanted = list([&] { return text(); });
        x.available = maybe([&] { return amount(); });
        x.attempts_left = maybe([&] { return static_cast<int>(below(3)); });
        x.venue = text();
        x.offer = text();
        x.criterion = text();
        x.least = maybe([&] { return amount(); });
        return x;
    }
    Basket basket() {
        return {currency(), text(), list([&] {
                    return Line{id<LineId>(), text(), text(), amount(),
                                text(),       text(), text(), text()};
                })};
    }
    PaidFrom paid() {
        PaidFrom x;
        x.pocket = coin() ? Pocket::commerce : Pocket::personal;
        if (x.pocket == Pocket::commerce) {
            x.lot = id<LotId>();
            x.pool = id<PoolId>();
            x.pool_version = static_cast<int>(below(4));
        }
        x.amount = part();
        x.lines = list([&] { return LineShare{id<LineId>(), part()}; });
        return x;
    }
    AwardUndone undone() {
        return {id<OfferId>(), id<LotId>(), part(), part(), part(), coin() ? id<PassId>() : PassId(), coin()};
    }
    Offer offer() {
        const Pool like = pool();
        Offer x;
        x.id = id<OfferId>();
        x.business = id<BusinessId>();
        x.name = text();
        x.version = static_cast<int>(below(9));
        x.currency = currency();
        x.claim = coin() ? Claim::passes : Claim::code;
        x.valid = lot().valid;
        x.time = like.time;
        x.venues = like.venues;
        x.families = like.families;
        x.segments = list([&] { return text(); });
        x.least_spend = part();
        if (coin()) {
            x.reward = {static_cast<int>(1 + below(10'000)), {}, maybe([&] { return part(); })};
        } else {
            x.reward.amount = part();
        }
        x.pool = id<PoolId>();
        x.instant = coin();
        x.uses = maybe([&] { return static_cast<std::int64_t>(below(100)); });
        x.uses_per_contact = maybe([&] { return static_cast<int>(below(100)); });
        return x;
    }
    Award award() {
        return {id<OfferId>(), 3, part(), coin(), coin(), coin() ? id<PassId>() : PassId(), lot()};
    }
    PurchaseDecision decision() {
        PurchaseDecision x;
        x.accepted = coin();
        x.reasons = list([&] { return reason(); });
        x.basket_total = amount();
        x.spent = amount();
        x.due = amount();
        x.allocations = list([&] { return paid(); });
        x.refused = list([&] {
            return RefusedLot{id<LotId>(), id<PoolId>(), amount(), list([&] { return reason(); })};
        });
        x.awards = list([&] { return award(); });
        x.policy = text();
        return x;
    }
    Purchase purchase() {
        Purchase x;
        x.id = id<PurchaseId>();
        x.terminal = coin() ? id<TerminalId>() : TerminalId();
        x.wallet = id<WalletId>();
        x.request = {coin() ? SpendMode::amount : SpendMode::none, amount(),
                     list([&] { return coin() ? Pocket::business : Pocket::personal; })};
        x.facts.place = {id<VenueId>(), id<BusinessId>()};
        x.facts.zone = text();
        x.facts.zone_version = text();
        x.facts.now = instant();
        x.facts.clock_trusted = coin();
        x.facts.basket = basket();
        x.facts.lots = list([&] {
            return LotFacts{lot(), {amount(), amount()}, coin() ? "p1" : ""};
        });
        x.facts.pools = list([&] { return pool(); });
        x.facts.business = {amount(), amount()};
        if (coin()) x.facts.personal = {amount(), amount()};
        x.facts.offers = list([&] {
            return OfferFacts{offer(), id<PassId>(), {amount(), amount()}, 7, lot()};
        });
        x.facts.segments = list([&] { return text(); });
        x.decision = decision();
        x.redeemed = list([&] { return id<PassId>(); });
        x.receipt = text();
        x.digest = Bytes(32, static_cast<std::uint8_t>(below(256)));
        return x;
    }
    std::vector<RefundLine> goods() {
        return list([&] { return RefundLine{id<LineId>(), part()}; });
    }
    RefundDecision refund_decision() {
        return {coin(),  list([&] { return reason(); }), amount(), amount(),
                goods(), list([&] { return paid(); }),   list([&] { return undone(); }),
                amount()};
    }
    Refund refund() {
        Refund x;
        x.id = text();
        x.purchase = id<PurchaseId>();
        x.wallet = id<WalletId>();
        x.venue = id<VenueId>();
        x.business = id<BusinessId>();
        x.currency = currency();
        x.request = {goods(), maybe([&] { return amount(); })};
        x.facts.basket = basket();
        x.facts.paid = list([&] { return paid(); });
        x.facts.before = list([&] { return refund_decision(); });
        x.facts.voided = coin();
        x.facts.awards = list([&] {
            return AwardFacts{offer(), award(), {amount(), amount()}};
        });
        x.facts.business = {amount(), amount()};
        x.facts.award_undo = coin() ? AwardUndo::within_balance : AwardUndo::unspent;
        x.decision = refund_decision();
        x.revived = list([&] { return lot(); });
        x.is_void = coin();
        return x;
    }
    Plan plan() {
        Plan x;
        x.id = id<PlanId>();
        x.business = id<BusinessId>();
        x.name = text();
        x.type = coin() ? PassType::topup : PassType::promotion;
        x.printed = coin();
        x.sold = coin();
        x.currency = currency();
        x.value_min = part();
        x.value_max = part();
        x.redeem_by = {maybe([&] { return period(); }), maybe([&] {
                           return LocalDate{2027, 2, 3};
                       })};
        x.code = {Alphabet::numeric, text(), text(), static_cast<int>(7 + below(10))};
        x.pin = coin();
        x.pool = maybe([&] { return id<PoolId>(); });
        x.offline = maybe([&] { return coin(); });
        x.offer = maybe([&] { return id<OfferId>(); });
        return x;
    }
    Wallet wallet() {
        Wallet x;
        x.id = id<WalletId>();
        x.contact = maybe([&] { return id<ContactId>(); });
        x.holder = text();
        x.currency = currency();
        x.home = coin() ? id<VenueId>() : VenueId();
        x.opened_by = maybe([&] { return id<PassId>(); });
        x.blocked = coin();
        x.segments = list([&] { return text(); });
        return x;
    }

private:
    std::mt19937_64 dice_;
};

TEST(Records, ComeBackWhateverTheyHold) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Any any(seed);
        expect_lossless(any.purchase());
        expect_lossless(any.refund());
        PassRedeemed redeemed = samples::redeemed();
        redeemed.credit.lot = any.lot();
        redeemed.pool = any.maybe([&] { return any.pool(); });
        expect_lossless(redeemed);
        expect_lossless(WalletOpened{any.wallet()});
        if (::testing::Test::HasFatalFailure()) return;
    }
}

TEST(Records, DocumentsOfDomainValuesComeBackToo) {
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
        SCOPED_TRACE(seed);
        Any any(seed);
        const Pool pool = any.pool();
        const Plan plan = any.plan();
        const Lot lot = any.lot();
        const Offer offer = any.offer();
        ASSERT_EQ(*offer_from(to_value(offer)), offer);
        const Wallet wallet = any.wallet();
        const Basket basket = any.basket();
        ASSERT_EQ(*pool_from(to_value(pool)), pool);
        ASSERT_EQ(*plan_from(to_value(plan)), plan);
        ASSERT_EQ(*lot_from(to_value(lot)), lot);
        ASSERT_EQ(*wallet_from(to_value(wallet)), wallet);
        ASSERT_EQ(*basket_from(to_value(basket)), basket);
        ASSERT_NE(to_value(any.decision()).map(), nullptr);
    }
}

TEST(Records, DocumentsByThemselvesPassOverWhatTheyDoNotKnow) {
    Value fact = to_value(Any(1).wallet());
    (*fact.map())["phone"] = "+35799000001";
    EXPECT_TRUE(wallet_from(fact));
    EXPECT_EQ(wallet_from(Value(1)).error().code, "malformed_record");
    fact.map()->erase("id");
    EXPECT_EQ(wallet_from(fact).error(), (Fault{"malformed_record", "id: missing"}));
}

}  // namespace
}  // namespace obol::journal
