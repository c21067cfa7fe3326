#pragma once
// A small language for tests of the store: money comes in, goes out, and the process may die between.

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <filesystem>
#include <future>

#include "agent/store/uplink_store.hpp"
#include "sync/domain/subject.hpp"

namespace obol::agent::testing_support {

class HandClock final : public WallClock, public BootClock {
public:
    Instant now() override { return at + off; }
    Millis since_boot() override { return at.time_since_epoch(); }
    std::string boot_id() override { return boot; }
    Instant at = parse_rfc3339("2026-11-21T12:00:00Z").value();
    Millis off{};  // by so much the system clock is wrong
    std::string boot = "boot-1";
};

class CountingRandom final : public Random {
public:
    explicit CountingRandom(std::uint64_t seed) : state_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) {
            state_ = state_ * 6364136223846793005u + 1442695040888963407u;
            byte = static_cast<std::uint8_t>(state_ >> 56);
        }
    }

private:
    std::uint64_t state_;
};

inline const Currency eur = Currency::parse("EUR").value();
inline const WalletId maria{"maria"};
inline const BusinessId aroma{"aroma"};

// Of one device at venue "nic"; the loop is turned by hand.
struct StoreTest : testing::Test {
    StoreTest() {
        options.path = dir + "/agent.db";
        options.venue = VenueId{"nic"};
        options.business = aroma;
        options.device_name = "NIC1";
        options.own_thread = false;
    }
    ~StoreTest() override {
        store.reset();
        std::filesystem::remove_all(dir);
    }

    static std::string fresh_directory() {
        std::string pattern = testing::TempDir() + "obol-store-XXXXXX";
        return mkdtemp(pattern.data());
    }

    StoreKeys keys(std::uint64_t seed = 1) {
        CountingRandom of_seed{seed};
        return {crypto::SigningKey::generate(of_seed), Bytes(32, 7)};
    }
    Result<std::unique_ptr<Store>> try_open(std::uint64_t seed = 1) {
        return Store::open(io.get_executor(), options, keys(seed), clock, clock, random);
    }
    Store& open() {
        store = std::move(try_open().value());
        return *store;
    }
    void reopen() {
        store.reset();
        open();
    }

    void turn() {
        io.restart();
        io.run();
    }
    template <class T>
    T run(awaitable<T> work) {
        std::future<T> out = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
        turn();
        return out.get();
    }
    template <class T>
    Result<T> write(std::function<Result<T>(WriteTxn&)> job) {
        return run(store->write<T>(std::move(job)));
    }
    Appended append(const journal::Record& record) {
        return write<Appended>([&record](WriteTxn& txn) -> Result<Appended> { return txn.append(record); }).value();
    }

    // --- events -----------------------------------------------------------------------------------
    std::string next_id() { return "op-" + std::to_string(++ids); }
    journal::TopUp top_up_of(std::int64_t cents, const WalletId& wallet = maria) {
        journal::TopUp out;
        out.id = next_id();
        out.terminal = TerminalId{"t1"};
        out.venue = VenueId{"nic"};
        out.credit = {wallet, aroma, Pocket::business, std::nullopt, {Amount{cents}, eur}};
        out.tender = "cash";
        return out;
    }
    journal::Purchase purchase_of(std::int64_t cents, const WalletId& wallet = maria) {
        journal::Purchase out;
        out.id = PurchaseId{next_id()};
        out.terminal = TerminalId{"t1"};
        out.wallet = wallet;
        out.facts.place = {VenueId{"nic"}, aroma};
        out.facts.zone = "Asia/Nicosia";
        out.facts.now = clock.at;
        out.facts.basket.currency = eur;
        out.facts.basket.lines = {{LineId{"1"}, "C1", "1", Amount{cents}, "Freddo", "", "", ""}};
        out.decision.basket_total = out.decision.spent = Amount{cents};
        PaidFrom paid;
        paid.pocket = Pocket::business;
        paid.amount = Amount{cents};
        paid.lines = {{LineId{"1"}, Amount{cents}}};
        out.decision.allocations = {paid};
        return out;
    }
    Appended top_up(std::int64_t cents, const WalletId& wallet = maria) { return append(top_up_of(cents, wallet)); }
    Appended spend(std::int64_t cents, const WalletId& wallet = maria) { return append(purchase_of(cents, wallet)); }

    static Subject pocket_of(const WalletId& wallet = maria) { return business_subject(wallet, aroma); }
    Funds pocket(const WalletId& wallet = maria) { return store->facts().funds(pocket_of(wallet)); }
    std::int64_t count(std::string_view sql) { return store->facts().db().value<std::int64_t>(sql).value_or(0); }

    std::string dir = fresh_directory();
    boost::asio::io_context io;
    HandClock clock;
    CountingRandom random{42};
    StoreOptions options;
    std::unique_ptr<Store> store;
    int ids = 0;
};

// The same with the uplink's view, at generation 1.
struct UplinkStoreTest : StoreTest {
    UplinkStoreTest() {
        open();
        uplink = std::make_unique<UplinkStore>(*store, in_use, io.get_executor(), Millis{30'000});
        run(uplink->adopt(1));
    }

    static journal::AuthorityLine line(const Subject& subject, std::int64_t cents) {
        return {subject, Amount{cents}, subject.starts_with("right:") ? Currency::none() : eur};
    }
    std::int64_t ask(const Subject& subject, std::int64_t cents) {
        std::vector<journal::AuthorityLine> lines{line(subject, cents)};
        return run(uplink->ask(std::move(lines))).value();
    }
    wire::Grant grant(std::int64_t ask, const Subject& subject, std::int64_t cents) {
        wire::Grant out;
        out.ask = ask;
        out.ask_hash = store->facts().hash_at(ask).value();
        if (cents > 0) out.lines = {line(subject, cents)};
        return out;
    }
    void take(const wire::Grant& one) { run(uplink->take({one})); }
    // Acquires what the centre has of it.
    void acquire(const Subject& subject, std::int64_t cents) { take(grant(ask(subject, cents), subject, cents)); }

    wire::Page page() {
        wire::Page out;
        out.generation = 1;
        out.from = cursor;
        out.to = cursor + 1;
        out.as_of = store->facts().head().seq;
        return out;
    }
    bool apply(wire::Page one) {
        const bool fits = run(uplink->apply(one));
        if (fits) cursor = one.to;
        return fits;
    }
    static wire::Fact wallet_fact(const Wallet& wallet) {
        const journal::Value value = journal::to_value(wallet);
        wire::Fact out;
        out.kind = "wallet";
        out.id = wallet.id.text;
        out.body = *value.map();
        return out;
    }
    static Wallet wallet_of(const WalletId& id, std::string_view home) {
        Wallet out;
        out.id = id;
        out.currency = eur;
        out.home = VenueId{home};
        return out;
    }
    // The newest entry as a record.
    journal::Record last() {
        const journal::Entry entry = store->facts().entry(store->facts().head().seq).value();
        return journal::from_detail(entry.kind, entry.detail).value();
    }

    InUse in_use;
    std::unique_ptr<UplinkStore> uplink;
    std::int64_t cursor = 0;
};

}  // namespace obol::agent::testing_support
