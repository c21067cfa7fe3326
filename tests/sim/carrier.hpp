#pragma once
// The uplink's Ledger port over the simulated network: the real messages, encoded and decoded, on three
// connections that take one exchange at a time, as sync/uplink/http_ledger has them.

#include <deque>

#include "sync/uplink/ports.hpp"
#include "tests/sim/network.hpp"

namespace obol::sim {

class Carrier final : public uplink::Ledger {
public:
    template <class T>
    using awaitable = uplink::awaitable<T>;

    // `first_version`: as an agent that is older than the ledger.
    Carrier(Host& host, Network& network, std::shared_ptr<const Way> way, std::string certificate, bool first_version)
        : host_(host), network_(network), way_(std::move(way)), certificate_(std::move(certificate)),
          first_version_(first_version) {}
    ~Carrier() override;

    awaitable<Result<wire::Welcome>> hello(wire::Hello hello) override;
    awaitable<Result<wire::Receipt>> push(wire::Push push) override;
    awaitable<Result<wire::Page>> feed(wire::FeedAsk ask) override;
    awaitable<Result<wire::Snapshot>> snapshot() override;
    awaitable<Result<wire::SnapshotPage>> snapshot_page(wire::SnapshotAsk ask) override;
    awaitable<Result<wire::PassAnswer>> pass(wire::PassAsk ask) override;
    awaitable<Result<wire::IssueAnswer>> issue(wire::IssueAsk ask) override;
    awaitable<Result<wire::PurchaseAnswer>> purchase(wire::PurchaseAsk ask) override;
    awaitable<Result<wire::CompareAnswer>> compare(wire::CompareAsk ask) override;
    awaitable<Result<wire::Renewed>> renew(wire::Renew ask);
    // What the other venue's device wrote (agent/hand_in.cpp).
    awaitable<Result<wire::Receipt>> hand_in(std::string device, wire::Push push);
    void present(std::string certificate) { certificate_ = std::move(certificate); }
    void cut() override;

    struct Own {
        std::int64_t head = 0, generation = 0;
        bool sound_disk = true;
    };
    std::function<Own()> own{};
    // Where the device stood when the ledger told it, in whatever answer, that it knows more of its chain (A7).
    std::optional<Own> told_behind{};

private:
    struct Line {
        bool busy = false;
        std::uint64_t call = 0;
        std::function<void()> cut{};
        std::deque<std::function<void()>> waiting{};
    };
    template <class Answer>
    awaitable<Result<Answer>> exchange(Line& line, std::string path, std::string body, Millis deadline,
                                       std::string method = "POST");
    void note(const std::vector<wire::Grant>& grants);
    void note_booked(std::int64_t booked, std::int64_t generation);

    Host& host_;
    Network& network_;
    std::shared_ptr<const Way> way_;
    std::string certificate_;
    bool first_version_;
    std::uint64_t cuts_ = 0;
    Line journal_{}, feed_{}, direct_{};
    std::map<std::int64_t, int> grants_seen_{};
};

}  // namespace obol::sim
