#pragma once
// A ledger on a temporary file and devices whose chains are real: what a test of the sync end says
// is `nic.sell(300)`, `nic.push()`, `bench.value(pocket)`.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "sync/core/ensure.hpp"
#include "sync/domain/subject.hpp"
#include "sync/journal/replay.hpp"
#include "sync/ledger/store/open.hpp"
#include "sync/ledger/store/passes.hpp"
#include "sync/ledger/store/write_off.hpp"
#include "sync/ledger/sync_end.hpp"

namespace obol::ledger::test {

using journal::AuthorityLine;
using journal::Map;

class StillClock final : public WallClock {
public:
    Instant now() override { return at; }
    Instant at = from_millis(1'795'000'000'000);  // November 2026
};

class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> out) override {
        for (auto& byte : out) byte = static_cast<std::uint8_t>(engine_());
    }

private:
    std::mt19937_64 engine_;
};

inline Currency eur() { return *Currency::parse("EUR"); }
inline const BusinessId aroma{"aroma"};
inline const WalletId maria{"maria"};
inline const PoolId anywhere{"anywhere"};
inline const PlanId gift25{"gift25"};

class Bench;

// A device at a venue, with the state that a real agent would have: chain, held, what it asked.
class Device {
public:
    Device(Bench& bench, std::string venue, std::uint64_t seed);
    // A copy as a thief or a backup makes it: same key, same state, its own future.
    Device clone(std::uint64_t seed) const;

    // Writes an entry. `postings` replaces those that follow from the record: a patched agent.
    std::int64_t write(const journal::Record& record,
                       std::optional<std::vector<journal::Posting>> postings = std::nullopt);
    std::int64_t adopt(std::int64_t generation = 1);
    std::int64_t ask(std::vector<AuthorityLine> lines);
    std::int64_t ask(const Subject& subject, std::int64_t amount, Currency currency = eur());
    std::int64_t ask_placement();
    std::int64_t give_back(const Subject& subject, std::int64_t amount, Currency currency = eur());
    // Takes in a grant of the last receipt or page; false: there was none.
    bool take();
    std::int64_t take_as(std::int64_t ask, std::vector<AuthorityLine> lines);
    // A purchase of one line of `amount`, from what is held; returns its record.
    journal::Purchase purchase(std::int64_t amount);
    journal::Purchase purchase_record(std::int64_t amount);  // not written yet
    journal::Refund refund(const journal::Purchase& purchase,
                           std::optional<std::int64_t> amount = std::nullopt);
    journal::PassRedeemed redeem(const PassId& pass, std::int64_t value,
                                 std::optional<LotId> lot = std::nullopt);
    std::int64_t top_up(std::int64_t amount);

    Result<wire::Receipt> push();  // all that the ledger has not acknowledged
    Result<wire::Receipt> push_from(std::int64_t seq);
    wire::Push message_from(std::int64_t seq, std::size_t most = 500);
    wire::Page page();  // the next one; moves the cursor and keeps its grants
    Result<wire::Welcome> hello();
    void sync();  // push, take, push: until there is nothing to take

    std::int64_t held(const Subject& subject) const;
    crypto::Identity identity() const;
    const DeviceId& h() const { return h_; }

    Bench* bench;
    std::string venue;
    std::shared_ptr<crypto::SigningKey> key;
    SeededRandom random;
    journal::Head head;
    std::int64_t acked = 0;
    std::vector<Bytes> chain{};
    std::map<Subject, std::int64_t> holds{};
    std::vector<std::map<Subject, std::int64_t>> history{{}};  // holds after each seq
    std::map<LotId, Lot> lots{};                               // that it made
    std::map<std::int64_t, journal::Hash> asks{};              // open ones
    std::vector<wire::Grant> grants{};
    std::int64_t cursor = 0;
    std::int64_t generation = 1;

private:
    std::string new_id();

    DeviceId h_;
};

class Bench {
public:
    explicit Bench(std::uint64_t seed = 1);
    ~Bench();

    Device enrol(const std::string& venue, std::uint64_t seed, bool adopts = true);
    // Money at the centre.
    void fund(const Subject& subject, std::int64_t amount, const std::string& home = "");
    void fund_pocket(std::int64_t amount, const std::string& home = "") {
        fund(pocket(), amount, home);
    }
    // A pass of plan gift25 with code and PIN.
    PassId make_pass(const std::string& code, std::int64_t value, const std::string& venue = "",
                     const std::string& pin = "", PassState state = PassState::active);
    void write_off(const Device& device);

    Subject pocket() const { return business_subject(maria, aroma); }
    std::int64_t value(const Subject& subject) { return books.balance(subject).minor; }
    std::int64_t centre(const Subject& subject);
    std::int64_t loss(const Subject& subject);
    std::int64_t held(const Device& device, const Subject& subject);
    std::int64_t suspense(const Device& device, const Subject& subject);
    std::int64_t exceptions(const std::string& code);
    std::string status(const Device& device);
    bool recovering() { return era(*db).recovery; }
    // Everything that must hold after every step (I2, I3 at the ledger, double entry).
    void check();

    std::string folder;
    StillClock clock;
    SeededRandom random;
    SecretKeys keys;
    std::unique_ptr<sql::Db> db;
    Books books;
    Wake woken;
    SyncEnd end;

private:
    void set_up();
};

}  // namespace obol::ledger::test
