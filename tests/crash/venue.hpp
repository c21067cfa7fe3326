#pragma once
// A venue on a machine that may lose its power: the real store and the real use cases in one thread, so
// that one seed is one history. What a till asks for is a Deed with a key; it may be asked again.

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/app/acquire.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/throttle.hpp"
#include "agent/store/uplink_store.hpp"
#include "sync/uplink/ports.hpp"
#include "tests/crash/machine.hpp"

namespace obol::crash {

using namespace obol::agent;

// What a till was told. `text` is status and body, byte for byte.
struct Told {
    int status = 0;
    std::string text{};
    bool replayed = false;
    int commits = 0;  // of a deed of several: so many were done before it failed
    bool well() const { return status >= 200 && status < 300; }
};

class Venue;

struct Deed {
    std::string key;
    std::function<agent::awaitable<Told>(Venue&)> run;
    bool told = true;        // it has a stored answer, so a repeat hears the same bytes
    bool repeatable = true;  // a repeat has no second effect
};
using Deeds = std::vector<Deed>;

class SetClock final : public WallClock, public BootClock {
public:
    Instant now() override { return at; }
    Millis since_boot() override { return at.time_since_epoch(); }
    std::string boot_id() override { return "11111111-1111-4111-8111-111111111111"; }
    Instant at = parse_rfc3339("2026-11-20T10:00:00Z").value();
};

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) {
            state_ = state_ * 6364136223846793005u + 1442695040888963407u;
            byte = static_cast<std::uint8_t>(state_ >> 56);
        }
    }

private:
    std::uint64_t state_;
};

class NoLink final : public uplink::Link {
public:
    uplink::LinkState state() const override { return {uplink::LinkMode::down, false, {}, {}, {}}; }
    void set_mode(uplink::LinkMode) override {}
    bool up() const override { return false; }
    void journal_grew() override {}
    agent::awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk) override { co_return down; }
    agent::awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk) override { co_return down; }
    agent::awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk) override { co_return down; }
    agent::awaitable<Result<uplink::Comparison>> compare() override { co_return down; }

private:
    const Fault down{"link_required", "down"};
};

class Impatient final : public Timers {
public:
    Token after(Millis, std::function<void()>) override { return 1; }
    void cancel(Token) override {}
};

class Venue {
public:
    // `life` tells this start of the program from others: ids never repeat.
    Venue(std::shared_ptr<Machine> on, std::uint64_t life);
    ~Venue();
    Venue(const Venue&) = delete;
    Venue& operator=(const Venue&) = delete;

    Result<void> open();
    void close();  // an orderly end

    // All of them are under way before the first is answered. `heard` is called with the place of each as
    // its answer leaves.
    std::vector<Told> together(const Deeds& deeds, const std::function<void(std::size_t, const Told&)>& heard = {});
    Told alone(const Deed& deed) { return together({deed})[0]; }
    void turn();

    Facts& facts() { return store->facts(); }
    Context& context() { return *context_; }
    Caller caller() const { return {TerminalId{"T1"}, Role::cashier, "en"}; }
    static crypto::SigningKey key();

    std::shared_ptr<Machine> machine;
    boost::asio::io_context loop;
    SetClock clock;
    SeededRandom random;
    StoreOptions options;
    std::unique_ptr<Store> store;
    InUse in_use;
    std::unique_ptr<UplinkStore> uplink;

private:
    NoLink link_;
    Impatient timers_;
    std::unique_ptr<Acquire> acquire_;
    std::unique_ptr<Throttle> throttle_;
    std::unique_ptr<Once> once_;
    std::unique_ptr<Context> context_;
};

// --- what a till and the uplink do ------------------------------------------------------------------
Deed top_up_deed(std::string key, std::int64_t cents, bool as_lot = false);
Deed purchase_deed(std::string key, std::int64_t cents, std::string more = "");
Deed refund_deed(std::string key, std::string purchase, std::int64_t cents);
Deed void_deed(std::string key, std::string purchase);
Deed redeem_deed(std::string key, std::string code, bool fresh_wallet);
Deed activate_deed(std::string key, std::string code);
Deed wrong_pin_deed(std::string key);
// Any job of the writer, or work of the uplink.
Deed store_deed(std::string key, std::function<Result<int>(WriteTxn&)> job, bool repeatable = true);
Deed uplink_deed(std::string key, std::function<agent::awaitable<void>(Venue&)> work, bool repeatable = true);

// A venue with plans, passes, a wallet with money, purchases to give back and an ask that is open; made
// once, closed in order.
struct World {
    Image image;
    std::string to_refund, to_void;  // purchases
    std::int64_t ask = 0;            // for 30.00 more of w1's pocket
    std::int64_t head = 0;
    std::int64_t cursor = 0;
};
const World& world();
inline constexpr const char* database = "/state/agent.db";
Subject w1_pocket();

}  // namespace obol::crash
