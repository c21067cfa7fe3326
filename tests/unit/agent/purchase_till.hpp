#pragma once
// A venue in one process: the real store on a temporary directory, the real use cases and routes' parts,
// a clock that is set, a link that is switched, and a centre that grants what it is told to.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "agent/app/acquire.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/pin_check.hpp"
#include "agent/app/purchase.hpp"
#include "agent/app/quote.hpp"
#include "agent/app/redeem_pass.hpp"
#include "agent/app/refund.hpp"
#include "agent/app/throttle.hpp"
#include "agent/app/void.hpp"
#include "agent/app/words.hpp"
#include "agent/store/uplink_store.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent::testing {

namespace asio = boost::asio;
using journal::Map;
using journal::Value;

inline Instant at(std::string_view text) { return parse_rfc3339(text).value(); }

class SetClock final : public WallClock, public BootClock {
public:
    Instant now() override { return moment + off; }
    Millis since_boot() override { return Millis{to_millis(moment) - to_millis(first)}; }
    std::string boot_id() override { return "11111111-1111-4111-8111-111111111111"; }
    Instant moment = at("2026-11-20T10:00:00Z");  // a Friday, noon in Nicosia
    Millis off{};  // by so much the system clock is wrong

private:
    Instant first = moment;
};

// Timers that are over at once: nobody waits for a centre that never answers.
class NoPatience final : public Timers {
public:
    explicit NoPatience(asio::any_io_executor loop) : loop_(std::move(loop)) {}
    Token after(Millis, std::function<void()> callback) override {
        if (patient) return 1;  // the centre answers, so the budget is never over
        asio::post(loop_, std::move(callback));
        return 1;
    }
    void cancel(Token) override {}
    bool patient = false;

private:
    asio::any_io_executor loop_;
};

class SwitchedLink final : public uplink::Link {
public:
    uplink::LinkState state() const override { return {uplink::LinkMode::up, is_up, {}, {}, {}}; }
    void set_mode(uplink::LinkMode) override {}
    bool up() const override { return is_up; }
    void journal_grew() override {
        if (on_growth) on_growth();
    }
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk) override {
        if (!is_up) co_return Fault{"link_required", "down"};
        co_return wire::PassAnswer{};
    }
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) override {
        if (!is_up) co_return Fault{"link_required", "down"};
        co_return told_purchase ? told_purchase(ask) : wire::PurchaseAnswer{};
    }
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk) override {
        if (!issued) co_return Fault{"link_required", "no centre here"};
        co_return issued();
    }
    awaitable<Result<uplink::Comparison>> compare() override {
        co_return Fault{"link_required", "no centre here"};
    }
    bool is_up = false;
    std::function<void()> on_growth;
    std::function<wire::PurchaseAnswer(const wire::PurchaseAsk&)> told_purchase;
    std::function<wire::IssueAnswer()> issued;
};

class Till : public ::testing::Test {
protected:
    // The terminals that print each of their receipts, and on which printer.
    explicit Till(std::map<std::string, std::string> receipt_printers = {}) {
        directory_ = std::filesystem::temp_directory_path() /
                     ("obol-till-" + std::to_string(::getpid()) + "-" + std::to_string(++tills_));
        std::filesystem::create_directories(directory_);
        StoreOptions options;
        options.path = (directory_ / "agent.db").string();
        options.venue = VenueId{"nic"};
        options.business = BusinessId{"aroma"};
        options.device_name = "NIC1";
        options.receipt_printers = std::move(receipt_printers);
        options.free_bytes = [this] { return free_bytes.load(); };
        options.read_only = [this] { return read_only.load(); };
        StoreKeys keys{crypto::SigningKey::generate(random_), Bytes(32, 7)};
        auto opened = Store::open(loop_.get_executor(), options, std::move(keys), clock, clock, random_);
        EXPECT_TRUE(opened.has_value()) << (opened ? "" : opened.error().code + opened.error().detail);
        store_ = std::move(*opened);
        uplink_ = std::make_unique<UplinkStore>(*store_, in_use_, loop_.get_executor(), Millis{30'000});
        timers = std::make_unique<NoPatience>(loop_.get_executor());
        acquire_ = std::make_unique<Acquire>(*uplink_, in_use_, link, *timers, Millis{300});
        pins_ = std::make_unique<PinCheck>(loop_.get_executor(), *store_, random_, 1);
        throttle_ = std::make_unique<Throttle>(clock);
        once_ = std::make_unique<Once>(*store_);
        context_.reset(new Context{*store_, link, *acquire_, *pins_, *throttle_, *once_, store_->clock(), clock, random_,
                                   {VenueId{"nic"}, BusinessId{"aroma"}, "Asia/Nicosia", "NIC1"}});
        run<void>(uplink_->adopt(1));
    }
    ~Till() override {
        context_.reset();
        once_.reset();
        pins_.reset();
        acquire_.reset();
        uplink_.reset();
        store_.reset();
        std::filesystem::remove_all(directory_);
    }

    // --- running ---------------------------------------------------------------------------------
    template <class T>
    T run(awaitable<T> work) {
        std::optional<T> out;
        std::exception_ptr thrown;
        asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr e, T value) {
            thrown = e;
            if (!e) out.emplace(std::move(value));
        });
        until([&] { return out || thrown; });
        if (thrown) std::rethrow_exception(thrown);
        return std::move(*out);
    }
    template <class T>
    requires std::is_void_v<T>
    void run(awaitable<void> work) {
        bool done = false;
        std::exception_ptr thrown;
        asio::co_spawn(loop_, std::move(work), [&](std::exception_ptr e) {
            thrown = e;
            done = true;
        });
        until([&] { return done; });
        if (thrown) std::rethrow_exception(thrown);
    }
    // The store's thread posts to the loop, so an empty queue does not mean that nothing will come.
    void until(const std::function<bool()>& done) {
        auto hold = asio::make_work_guard(loop_);
        loop_.restart();
        while (!done()) loop_.run_one();
    }

    // --- what the venue knows ----------------------------------------------------------------------
    void know(std::string kind, std::string id, Map body) {
        snapshot_.facts.push_back({std::move(kind), std::move(id), false, std::move(body)});
    }
    const std::vector<wire::Fact>& told() const { return snapshot_.facts; }
    // News of what is known already, as the feed brings it.
    void tell(wire::Fact fact) {
        wire::Page page;
        page.generation = 1;
        page.from = snapshot_.cursor;
        page.to = ++snapshot_.cursor;
        page.as_of = store_->facts().head().seq;
        page.facts = {std::move(fact)};
        ASSERT_TRUE(run(uplink_->apply(page)));
    }
    void know_value(std::string kind, std::string id, Value value) { know(std::move(kind), std::move(id), *value.map()); }

    void business(Map more = {}) {
        Map body{{"id", "aroma"}, {"name", "Aroma"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"},
                 {"cutoff", "04:00"}, {"refund_grace", "P30D"}};
        for (auto& [key, value] : more) body[key] = value;
        know("business", "aroma", body);
        know("venue", "nic", {{"id", "nic"}, {"business", "aroma"}, {"name", "Nicosia"}, {"zone", "Asia/Nicosia"}});
        know("product", "aroma:C1", {{"business", "aroma"}, {"sku", "C1"}, {"name", "Φρέντο εσπρέσο"},
                                     {"brand", "Aroma"}, {"family", "Coffee"}, {"type", "goods"}});
    }
    void pool(Pool rules) {
        rules.business = BusinessId{"aroma"};
        const std::string id = rules.id.text;
        know_value("pool", id, journal::to_value(rules));
    }
    void wallet(const std::string& id, Amount open, const std::string& currency = "EUR",
                std::vector<std::string> segments = {}) {
        Wallet it;
        it.id = WalletId{id};
        it.contact = ContactId{"maria"};
        it.holder = "M. G.";
        it.currency = Currency::parse(currency).value();
        it.home = VenueId{"nic"};
        it.segments = std::move(segments);
        Value body = journal::to_value(it);
        if (id == "w1") (*body.map())["phone"] = "+35799000001";
        know_value("wallet", id, body);
        money(business_subject(it.id, BusinessId{"aroma"}), open);
    }
    void lot(const std::string& id, const std::string& wallet_id, const std::string& pool_id, Amount amount,
             Span valid = {}) {
        Lot it;
        it.id = LotId{id};
        it.wallet = WalletId{wallet_id};
        it.business = BusinessId{"aroma"};
        it.pool = PoolId{pool_id};
        it.currency = Currency::parse("EUR").value();
        it.valid = valid;
        it.credited_at = at("2026-01-01T00:00:00Z");
        it.source = "import";
        know_value("lot", id, journal::to_value(it));
        money(lot_subject(it.id), amount);
    }
    void plan(const std::string& id, PassType type, Amount value, bool pin, std::optional<PoolId> into = {}) {
        Plan it;
        it.id = PlanId{id};
        it.business = BusinessId{"aroma"};
        it.name = id;
        it.type = type;
        it.currency = Currency::parse("EUR").value();
        it.value_min = it.value_max = value;
        it.pin = pin;
        it.pool = std::move(into);
        know_value("plan", id, journal::to_value(it));
    }
    // Ten per cent of coffee unless the test says otherwise.
    static Offer an_offer(const std::string& id, Claim claim, const std::string& pool_id) {
        Offer it;
        it.id = OfferId{id};
        it.business = BusinessId{"aroma"};
        it.name = "Offer " + id;
        it.currency = Currency::parse("EUR").value();
        it.claim = claim;
        it.families = {"Coffee"};
        it.reward.basis_points = 1000;
        it.pool = PoolId{pool_id};
        return it;
    }
    void offer(const Offer& terms, const std::string& code = "") {
        Value body = journal::to_value(terms);
        if (!code.empty()) {
            const crypto::Digest digest = crypto::sha256(as_bytes(code));
            (*body.map())["digest"] = Bytes(digest.begin(), digest.end());
        }
        know_value("offer", terms.id.text, body);
        if (terms.uses) count(offer_subject(terms.id), Amount{*terms.uses});
    }
    // A plan whose passes claim the offer, and one such pass, held here.
    void promotion(const std::string& plan_id, const std::string& offer_id, const std::string& pass_id,
                   const std::string& code) {
        Plan it;
        it.id = PlanId{plan_id};
        it.business = BusinessId{"aroma"};
        it.name = plan_id;
        it.type = PassType::promotion;
        it.printed = false;
        it.currency = Currency::parse("EUR").value();
        it.offer = OfferId{offer_id};
        know_value("plan", plan_id, journal::to_value(it));
        pass(pass_id, plan_id, code, Amount{0});
        count(pass_subject(PassId{pass_id}), Amount{1});
    }
    void count(const Subject& subject, Amount amount) {
        snapshot_.balances.push_back({subject, amount, Currency::none()});
        to_hold_.push_back({subject, amount, Currency::none()});
    }
    void pass(const std::string& id, const std::string& plan_id, const std::string& code, Amount value,
              const std::string& pin = "", const std::string& state = "active") {
        const crypto::Digest digest = crypto::sha256(as_bytes(code));
        Map body{{"id", id}, {"plan", plan_id}, {"state", state}, {"value", value.minor}, {"venue", "nic"},
                 {"display", display_of(code)}, {"digest", Bytes(digest.begin(), digest.end())},
                 {"pin_locked", false}};
        if (!pin.empty()) body["pin_verifier"] = crypto::make_pin_verifier(pin, code, random_);
        know("pass", id, body);
        money(pass_subject(PassId{id}), value);
    }
    // Shown as the centre last said; all of it held here unless `held` says less.
    void money(const Subject& subject, Amount shown) {
        if (shown.minor == 0) return;
        const Currency euro = Currency::parse("EUR").value();
        snapshot_.balances.push_back({subject, shown, euro});
        to_hold_.push_back({subject, shown, euro});
    }
    void but_hold_only(const Subject& subject, Amount held) {
        for (journal::AuthorityLine& line : to_hold_) {
            if (line.subject == subject) line.amount = held;
        }
    }
    // Everything told above comes in: the snapshot by the feed, the authority by an ask that is granted.
    void open_shop() {
        snapshot_.generation = 1;
        snapshot_.cursor = 1;
        run<void>(uplink_->install(snapshot_));
        std::erase_if(to_hold_, [](const auto& line) { return line.amount.minor == 0; });
        take_authority(to_hold_);
    }
    void take_authority(std::vector<journal::AuthorityLine> lines) {
        if (lines.empty()) return;
        const std::int64_t ask = run(uplink_->ask(lines)).value();
        grant(ask, lines);
    }
    void grant(std::int64_t ask, std::vector<journal::AuthorityLine> lines) {
        run<void>(grant_later(ask, std::move(lines)));
    }
    awaitable<void> grant_later(std::int64_t ask, std::vector<journal::AuthorityLine> lines) {
        wire::Grant granted;
        granted.ask = ask;
        granted.ask_hash = store_->facts().hash_at(ask).value();
        granted.lines = std::move(lines);
        std::vector<wire::Grant> grants{granted};
        co_await uplink_->take(std::move(grants));
    }

    // --- asking, as a till would ---------------------------------------------------------------------
    struct Got {
        int status = 0;
        nlohmann::json body{};
        std::string text{};
        bool replayed = false;
        std::string code() const { return body.value("code", std::string()); }
    };
    static Got got(const Answer& answer) {
        return {answer.status, nlohmann::json::parse(answer.body), answer.body, answer.replayed};
    }
    static wire::Json json(const std::string& text) { return std::get<wire::Json>(wire::parse_json(text)); }

    static PurchaseOrder order_of(const std::string& text, OrderOf what) {
        wire::JsonFaults faults;
        PurchaseOrder order = read_purchase_order(json(text), what, faults);
        for (const auto& fault : faults) ADD_FAILURE() << fault.pointer << ": " << fault.detail;
        return order;
    }
    Idempotency once(const std::string& key, const std::string& body) const {
        const crypto::Digest digest = crypto::sha256(as_bytes(body));
        return {key, Bytes(digest.begin(), digest.end())};
    }
    std::string fresh_key() { return "k" + std::to_string(++keys_); }

    Got ask_quote(const std::string& body) { return got(run(quote(*context_, caller, order_of(body, OrderOf::quote)))); }
    Got buy(const std::string& body, std::string key = "") {
        if (key.empty()) key = fresh_key();
        return got(run(purchase(*context_, caller, once(key, body), order_of(body, OrderOf::purchase))));
    }
    Got refund_of(const std::string& id, const std::string& body, std::string key = "") {
        wire::JsonFaults faults;
        RefundOrder order = read_refund_order(json(body), faults);
        EXPECT_TRUE(faults.empty());
        if (key.empty()) key = fresh_key();
        return got(run(refund(*context_, caller, once(key, body), PurchaseId{id}, std::move(order))));
    }
    Got void_of(const std::string& id) {
        return got(run(void_purchase(*context_, caller, once(fresh_key(), "{}"), PurchaseId{id})));
    }
    Got redeem(const std::string& code, const std::string& pin, const std::string& wallet_ref) {
        RedeemInput input;
        input.pass.code = code;
        if (!pin.empty()) input.pass.pin = Secret(pin);
        wire::JsonFaults faults;
        input.wallet = read_wallet_ref(json(wallet_ref), "/wallet", faults, true);
        return got(run(redeem_pass(*context_, caller, once(fresh_key(), code), std::move(input))));
    }
    Got show(const std::string& id) { return got(run(purchase_told(*context_, caller, PurchaseId{id}))); }

    Funds funds(const Subject& subject) { return store_->facts().funds(subject); }
    std::int64_t entries() { return store_->facts().head().seq; }

    static std::string basket(std::int64_t amount, const std::string& ticket = "") {
        return R"({"currency":"EUR",)" + (ticket.empty() ? "" : R"("ticket":")" + ticket + R"(",)") +
               R"("lines":[{"id":"1","sku":"C1","quantity":"1","amount":)" + std::to_string(amount) + "}]}";
    }
    static std::string spend(const std::string& wallet_ref, const std::string& basket_text,
                             const std::string& more = "") {
        return R"({"wallet":)" + wallet_ref + R"(,"basket":)" + basket_text + more + "}";
    }

    std::atomic<std::uint64_t> free_bytes{1u << 30};  // of the disk, as the store sees it
    std::atomic<bool> read_only{false};
    SetClock clock;
    SwitchedLink link;
    Caller caller{TerminalId{"T1"}, Role::cashier, "en"};
    std::unique_ptr<NoPatience> timers;
    asio::io_context loop_;
    crypto::SystemRandom random_;
    InUse in_use_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<UplinkStore> uplink_;
    std::unique_ptr<Acquire> acquire_;
    std::unique_ptr<PinCheck> pins_;
    std::unique_ptr<Throttle> throttle_;
    std::unique_ptr<Once> once_;
    std::unique_ptr<Context> context_;

private:
    std::filesystem::path directory_;
    wire::Snapshot snapshot_{};
    std::vector<journal::AuthorityLine> to_hold_;
    int keys_ = 0;
    static inline int tills_ = 0;
};

}  // namespace obol::agent::testing
