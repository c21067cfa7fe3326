#include "tests/crash/venue.hpp"

#include <boost/asio/co_spawn.hpp>
#include <nlohmann/json.hpp>

#include "agent/app/activate_pass.hpp"
#include "agent/app/pin_check.hpp"
#include "agent/app/purchase.hpp"
#include "agent/app/redeem_pass.hpp"
#include "agent/app/refund.hpp"
#include "agent/app/top_up.hpp"
#include "agent/app/void.hpp"
#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"
#include "tests/crash/faulty_memory.hpp"

namespace obol::crash {

namespace asio = boost::asio;

namespace {

Told told(const Answer& answer) {
    const UnwatchedMemory own;
    return {answer.status, std::to_string(answer.status) + " " + answer.body, answer.replayed};
}

wire::Json json(const std::string& text) { return std::get<wire::Json>(wire::parse_json(text)); }

Idempotency once_of(const std::string& key) {
    const crypto::Digest digest = crypto::sha256(as_bytes(key));
    return {key, Bytes(digest.begin(), digest.end())};
}

// Comparing PINs takes 25 ms by design and touches no disk, so no pass of the world has one; what the
// store does around a comparison is `wrong_pin_deed`. The context wants a reference all the same.
agent::PinCheck& no_pins() {
    struct Unused {
        Unused() {
            Machine::mount(std::make_shared<Machine>());
            store = std::move(Store::open(loop.get_executor(), options(), {Venue::key(), Bytes(32, 7)}, clock, clock,
                                          random).value());
            pins = std::make_unique<agent::PinCheck>(loop.get_executor(), *store, random, 0);
        }
        static StoreOptions options() {
            StoreOptions out;
            out.path = database;
            out.vfs = vfs_name;
            out.own_thread = out.lock_file = false;
            out.free_bytes = [] { return std::uint64_t{1} << 40; };
            return out;
        }
        asio::io_context loop;
        SetClock clock;
        SeededRandom random{77};
        std::unique_ptr<Store> store;
        std::unique_ptr<agent::PinCheck> pins;
    };
    static Unused* const unused = new Unused;  // outlives every test
    return *unused->pins;
}

}  // namespace

crypto::SigningKey Venue::key() {
    SeededRandom random{1};
    return crypto::SigningKey::generate(random);
}

Venue::Venue(std::shared_ptr<Machine> on, std::uint64_t life) : machine(std::move(on)), random(life) {
    options.path = database;
    options.vfs = vfs_name;
    options.venue = VenueId{"nic"};
    options.business = BusinessId{"aroma"};
    options.device_name = "NIC1";
    options.own_thread = false;
    options.lock_file = false;
    options.free_bytes = [] { return std::uint64_t{1} << 40; };
    clock.at += Millis{1000} * static_cast<int>(life % 1000);
    no_pins();
}

Venue::~Venue() { close(); }

Result<void> Venue::open() {
    Machine::mount(machine);
    auto opened = Store::open(loop.get_executor(), options, {key(), Bytes(32, 7)}, clock, clock, random);
    if (!opened) return opened.error();
    store = std::move(*opened);
    uplink = std::make_unique<UplinkStore>(*store, in_use, loop.get_executor(), Millis{30'000});
    acquire_ = std::make_unique<Acquire>(*uplink, in_use, link_, timers_, Millis{300});
    throttle_ = std::make_unique<Throttle>(clock);
    once_ = std::make_unique<Once>(*store);
    context_.reset(new Context{*store, link_, *acquire_, no_pins(), *throttle_, *once_, clock, clock, random,
                               {VenueId{"nic"}, BusinessId{"aroma"}, "Asia/Nicosia", "NIC1"}});
    return {};
}

void Venue::close() {
    Machine::mount(machine);
    context_.reset();
    once_.reset();
    throttle_.reset();
    acquire_.reset();
    uplink.reset();
    store.reset();
}

void Venue::turn() {
    loop.restart();
    loop.run();
}

std::vector<Told> Venue::together(const Deeds& deeds, const std::function<void(std::size_t, const Told&)>& heard) {
    std::vector<Told> out(deeds.size(), Told{0, "never answered"});
    for (std::size_t i = 0; i < deeds.size(); ++i) {
        asio::co_spawn(loop, deeds[i].run(*this), [&out, &heard, i](std::exception_ptr thrown, Told answer) {
            const UnwatchedMemory own;
            if (thrown) {
                answer.status = 500;
                try {
                    std::rethrow_exception(thrown);
                } catch (const std::exception& error) {
                    answer.text = std::string("500 thrown: ") + error.what();
                }
            }
            out[i] = std::move(answer);
            if (heard) heard(i, out[i]);
        });
    }
    turn();
    return out;
}

// --- deeds --------------------------------------------------------------------------------------------

Deed top_up_deed(std::string key, std::int64_t cents, bool as_lot) {
    return {key, [key, cents, as_lot](Venue& venue) -> agent::awaitable<Told> {
                TopUpInput input;
                input.wallet = WalletId{"w1"};
                input.amount = {Amount{cents}, Currency::parse("EUR").value()};
                input.tender = "cash";
                if (as_lot) input.pool = PoolId{"year"};
                Idempotency once = once_of(key);
                co_return told(co_await top_up(venue.context(), venue.caller(), std::move(once), std::move(input)));
            }};
}

Deed purchase_deed(std::string key, std::int64_t cents, std::string more) {
    const std::string body =
        R"({"wallet":{"id":"w1"},"basket":{"currency":"EUR","lines":[{"id":"1","sku":"C1","quantity":"1","amount":)" +
        std::to_string(cents) + "}]}" + more + "}";
    return {key, [key, body](Venue& venue) -> agent::awaitable<Told> {
                wire::JsonFaults faults;
                PurchaseOrder order = read_purchase_order(json(body), OrderOf::purchase, faults);
                ENSURE(faults.empty());
                Idempotency once = once_of(key);
                co_return told(co_await purchase(venue.context(), venue.caller(), std::move(once), std::move(order)));
            }};
}

Deed refund_deed(std::string key, std::string id, std::int64_t cents) {
    const std::string body = R"({"amount":)" + std::to_string(cents) + "}";
    return {key, [key, id, body](Venue& venue) -> agent::awaitable<Told> {
                wire::JsonFaults faults;
                RefundOrder order = read_refund_order(json(body), faults);
                ENSURE(faults.empty());
                Idempotency once = once_of(key);
                PurchaseId of{id};
                co_return told(co_await refund(venue.context(), venue.caller(), std::move(once), std::move(of),
                                               std::move(order)));
            }};
}

Deed void_deed(std::string key, std::string id) {
    return {key, [key, id](Venue& venue) -> agent::awaitable<Told> {
                Idempotency once = once_of(key);
                PurchaseId of{id};
                co_return told(co_await void_purchase(venue.context(), venue.caller(), std::move(once), std::move(of)));
            }};
}

Deed redeem_deed(std::string key, std::string code, bool fresh_wallet) {
    return {key, [key, code, fresh_wallet](Venue& venue) -> agent::awaitable<Told> {
                RedeemInput input;
                input.pass.code = code;
                input.wallet.by = fresh_wallet ? WalletRef::By::fresh : WalletRef::By::id;
                if (!fresh_wallet) input.wallet.value = "w1";
                Idempotency once = once_of(key);
                co_return told(co_await redeem_pass(venue.context(), venue.caller(), std::move(once),
                                                    std::move(input)));
            }};
}

Deed activate_deed(std::string key, std::string code) {
    return {key, [key, code](Venue& venue) -> agent::awaitable<Told> {
                ActivateInput input;
                input.code = code;
                input.tender = "cash";
                Idempotency once = once_of(key);
                co_return told(co_await activate_pass(venue.context(), venue.caller(), std::move(once),
                                                      std::move(input)));
            }};
}

// As PinCheck has it: counted and committed, compared, then told to the centre; the third locks.
Deed wrong_pin_deed(std::string key) {
    auto run = [](Venue& venue) -> agent::awaitable<Told> {
        const PassId pass{"p-gift"};
        std::function<Result<int>(WriteTxn&)> count = [&pass](WriteTxn& txn) -> Result<int> {
            return txn.count_wrong_pin(pass);
        };
        const Result<int> tries = co_await venue.store->write<int>(std::move(count));
        if (!tries) co_return Told{503, tries.error().code};
        std::function<Result<int>(WriteTxn&)> settle = [&pass, &tries](WriteTxn& txn) -> Result<int> {
            txn.tell_wrong_pins(pass, TerminalId{"T1"});
            if (*tries >= 3) {
                journal::PinLocked record;
                record.pass = pass;
                record.terminal = TerminalId{"T1"};
                txn.append(record);
            }
            return 1;
        };
        const Result<int> settled = co_await venue.store->write<int>(std::move(settle));
        if (!settled) co_return Told{503, settled.error().code, false, 1};
        co_return Told{200, "wrong"};
    };
    return {std::move(key), std::move(run), false, false};
}

Deed store_deed(std::string key, std::function<Result<int>(WriteTxn&)> job, bool repeatable) {
    auto run = [job = std::move(job)](Venue& venue) -> agent::awaitable<Told> {
        std::function<Result<int>(WriteTxn&)> mine = job;
        const Result<int> done = co_await venue.store->write<int>(std::move(mine));
        if (!done) co_return Told{503, done.error().code};
        co_return Told{200, "done"};
    };
    return {std::move(key), std::move(run), false, repeatable};
}

Deed uplink_deed(std::string key, std::function<agent::awaitable<void>(Venue&)> work, bool repeatable) {
    auto run = [work = std::move(work)](Venue& venue) -> agent::awaitable<Told> {
        try {
            co_await work(venue);
        } catch (const StoreRefused& refused) {
            co_return Told{503, refused.fault().code};
        }
        co_return Told{200, "done"};
    };
    return {std::move(key), std::move(run), false, repeatable};
}

// --- the world ----------------------------------------------------------------------------------------

Subject w1_pocket() { return business_subject(WalletId{"w1"}, BusinessId{"aroma"}); }

namespace {

using journal::Map;

struct Maker {
    void know(std::string kind, std::string id, Map body) {
        snapshot.facts.push_back({std::move(kind), std::move(id), false, std::move(body)});
    }
    void know_value(std::string kind, std::string id, const journal::Value& value) {
        know(std::move(kind), std::move(id), *value.map());
    }
    void hold(const Subject& subject, std::int64_t minor, Currency currency) {
        snapshot.balances.push_back({subject, Amount{minor}, currency});
        lines.push_back({subject, Amount{minor}, currency});
    }
    void plan(const std::string& id, PassType type) {
        Plan it;
        it.id = PlanId{id};
        it.business = BusinessId{"aroma"};
        it.name = id;
        it.type = type;
        it.currency = eur;
        it.value_min = it.value_max = Amount{2500};
        know_value("plan", id, journal::to_value(it));
    }
    void pass(const std::string& id, const std::string& plan_id, const std::string& code, bool draft = false) {
        const crypto::Digest digest = crypto::sha256(as_bytes(code));
        know("pass", id, {{"id", id}, {"plan", plan_id}, {"state", draft ? "draft" : "active"},
                          {"value", std::int64_t{draft ? 0 : 2500}}, {"venue", "nic"}, {"display", "…" + code.substr(9)},
                          {"digest", Bytes(digest.begin(), digest.end())}, {"pin_locked", false}});
        if (draft) hold(draft_subject(PassId{id}), 1, Currency::none());
        else hold(pass_subject(PassId{id}), 2500, eur);
    }
    const Currency eur = Currency::parse("EUR").value();
    wire::Snapshot snapshot{};
    std::vector<journal::AuthorityLine> lines{};
};

Maker stock() {
    Maker out;
    out.know("business", "aroma", {{"id", "aroma"}, {"name", "Aroma"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"},
                                   {"cutoff", "04:00"}, {"refund_grace", "P30D"}});
    out.know("venue", "nic", {{"id", "nic"}, {"business", "aroma"}, {"name", "Nicosia"}, {"zone", "Asia/Nicosia"}});
    out.know("product", "aroma:C1", {{"business", "aroma"}, {"sku", "C1"}, {"name", "Freddo"}, {"brand", "Aroma"},
                                     {"family", "Coffee"}, {"type", "goods"}});
    Pool pool;
    pool.id = PoolId{"year"};
    pool.business = BusinessId{"aroma"};
    pool.validity.period = Period{12, 0};
    out.know_value("pool", "year", journal::to_value(pool));
    out.plan("gift25", PassType::gift);
    out.pass("p-gift", "gift25", "GIFT2X4567ABC");
    out.pass("p-more", "gift25", "MORE2X4567ABC");
    out.pass("p-draft", "gift25", "DRAF2X4567ABC", true);
    Wallet wallet;
    wallet.id = WalletId{"w1"};
    wallet.contact = ContactId{"maria"};
    wallet.holder = "M. G.";
    wallet.currency = out.eur;
    wallet.home = VenueId{"nic"};
    out.know_value("wallet", "w1", journal::to_value(wallet));
    out.hold(w1_pocket(), 50'000, out.eur);
    out.snapshot.generation = 1;
    out.snapshot.cursor = 1;
    return out;
}

std::string id_in(const Told& answer) {
    ENSURE(answer.well());
    return nlohmann::json::parse(answer.text.substr(4)).at("id").get<std::string>();
}

World make_world() {
    World out;
    const auto machine = std::make_shared<Machine>();
    Venue venue(machine, 1);
    ENSURE(venue.open().has_value());
    Maker maker = stock();
    const auto granted = [](std::vector<journal::AuthorityLine> lines) {
        return uplink_deed("grant", [lines](Venue& at) -> agent::awaitable<void> {
            std::vector<journal::AuthorityLine> asked = lines;
            const Result<std::int64_t> ask = co_await at.uplink->ask(std::move(asked));
            wire::Grant grant;
            grant.ask = *ask;
            grant.ask_hash = at.facts().hash_at(*ask).value();
            grant.lines = lines;
            std::vector<wire::Grant> grants{grant};
            co_await at.uplink->take(std::move(grants));
        });
    };
    const auto surely = [&venue](const Deed& deed) {
        Told answer = venue.alone(deed);
        if (!answer.well()) throw std::runtime_error("the world cannot be made: " + deed.key + ": " + answer.text);
        return answer;
    };
    surely(uplink_deed("adopt", [](Venue& at) { return at.uplink->adopt(1); }));
    surely(uplink_deed("install", [&maker](Venue& at) { return at.uplink->install(maker.snapshot); }));
    surely(granted(maker.lines));
    out.to_refund = id_in(surely(purchase_deed("w-1", 1000)));
    out.to_void = id_in(surely(purchase_deed("w-2", 700)));
    surely(uplink_deed("ask", [&out, &maker](Venue& at) -> agent::awaitable<void> {
        std::vector<journal::AuthorityLine> lines{{w1_pocket(), Amount{3000}, maker.eur}};
        out.ask = (co_await at.uplink->ask(std::move(lines))).value();
    }));
    out.head = venue.facts().head().seq;
    out.cursor = 1;
    venue.close();
    out.image = machine->disk.all_kept();
    return out;
}

}  // namespace

const World& world() {
    static const World made = make_world();
    return made;
}

}  // namespace obol::crash
