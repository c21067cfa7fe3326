#pragma once
// A venue's agent: the real store, uplink and use cases on a machine of its own.

#include <deque>

#include "agent/app/acquire.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/ledger_time.hpp"
#include "agent/app/pin_check.hpp"
#include "agent/app/throttle.hpp"
#include "agent/renewal.hpp"
#include "agent/store/uplink_store.hpp"
#include "agent/witness.hpp"
#include "sync/uplink/runner.hpp"
#include "tests/sim/carrier.hpp"

namespace obol::sim {

inline constexpr const char* agent_file = "/state/agent.db";

// What enrolment gave it; on no disk that may be lost or copied, unless a thief copies all.
struct Papers {
    std::string key;  // PEM
    wire::Enrolled enrolled;
    DeviceId h;
};

// What somebody who asked at the counter was told.
struct Told {
    int status = 0;
    std::string body{};
    bool replayed = false;
    bool well() const { return status >= 200 && status < 300; }
};

inline constexpr Millis written_back_within{30'000};  // by the system, what is not synced

class Till;
using Use = std::function<agent::awaitable<agent::Answer>(Till&, agent::Idempotency)>;

class Till final : public Host {
public:
    Till(Agenda& agenda, Network& network, Papers papers, std::uint64_t seed);
    ~Till() override;

    Result<void> start();
    // `heard` is called when the answer leaves; never, if the process ends before.
    void ask(const std::string& key, const Use& use, std::function<void(Told)> heard);

    agent::Facts& facts() { return store_->facts(); }
    agent::Context& context() { return *context_; }
    uplink::Runner& runner() { return *runner_; }
    const Carrier& carrier() const { return *carrier_; }
    agent::Store& store() { return *store_; }
    const Papers& papers() const { return papers_; }
    crypto::SigningKey key() const { return crypto::SigningKey::from_pem(Secret{papers_.key}).value(); }
    const VenueId& venue() const { return papers_.enrolled.venue; }
    const BusinessId& business() const { return papers_.enrolled.business; }
    agent::Caller caller(agent::Role role = agent::Role::cashier) const { return {TerminalId{"T1"}, role, "en"}; }

    std::shared_ptr<Way> way = std::make_shared<Way>();
    bool disk_full = false;
    bool killed_as_it_answers = false;  // the next time that something was done
    bool grew = true;  // entries that nobody has looked at
    int chain = -1;    // its chain in the model
    // Outside the state, as agent/state.cpp keeps it. Not there: lost, or never came along.
    std::optional<agent::Witnessed> witness{};
    bool vouched_for = false;  // somebody who knows answers for a state without a witness
    bool may_be_doubted = false;  // by its witness: it is a copy, or was put back
    bool doubted() const { return doubted_; }
    // What the system had not written back of it by now is lost. True: it lags behind the state.
    bool lose_unwritten_witness(Millis unwritten);

    // What another device wrote; calls back with whether all of it is booked, unless the process ends before.
    std::function<void(const std::string&)> tell{};
    void hand_in(std::string device, std::vector<wire::Push> pushes, std::function<void(bool)> done);

    crypto::Life certificate_life() const { return renewal_->life(); }

private:
    void take_down() override;
    std::optional<std::string> doubt_of_state();
    void see(const agent::Witnessed& now);
    void look_at_certificate();
    void look_now_and_then();
    static agent::awaitable<void> renew(Till& till);

    Network& network_;
    Papers papers_;
    std::string csr_;
    std::optional<agent::Renewal> renewal_{};
    bool renewing_ = false, doubted_ = false;
    std::deque<std::pair<Instant, agent::Witnessed>> witnessed_{};  // when it was written
    bool first_version_;  // of the protocol: not all agents are updated at once
    std::unique_ptr<agent::Store> store_{};
    agent::InUse in_use_{};
    std::unique_ptr<agent::UplinkStore> uplink_{};
    std::unique_ptr<Carrier> carrier_{};
    std::unique_ptr<agent::LedgerTime> ledger_time_{};
    std::unique_ptr<uplink::Runner> runner_{};
    std::unique_ptr<agent::Acquire> acquire_{};
    std::unique_ptr<agent::PinCheck> pins_{};
    std::unique_ptr<agent::Throttle> throttle_{};
    std::unique_ptr<agent::Once> once_{};
    std::unique_ptr<agent::Context> context_{};
};

}  // namespace obol::sim
