#pragma once
// A venue's agent: the real store, uplink and use cases on a machine of its own.

#include <set>

#include "agent/app/acquire.hpp"
#include "agent/app/idempotent.hpp"
#include "agent/app/ledger_time.hpp"
#include "agent/app/pin_check.hpp"
#include "agent/app/throttle.hpp"
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
    agent::Store& store() { return *store_; }
    const Papers& papers() const { return papers_; }
    crypto::SigningKey key() const { return crypto::SigningKey::from_pem(Secret{papers_.key}).value(); }
    const VenueId& venue() const { return papers_.enrolled.venue; }
    const BusinessId& business() const { return papers_.enrolled.business; }
    agent::Caller caller(agent::Role role = agent::Role::cashier) const { return {TerminalId{"T1"}, role, "en"}; }

    std::shared_ptr<Way> way = std::make_shared<Way>();
    bool disk_full = false;
    bool grew = true;  // entries that nobody has looked at
    int chain = -1;    // its chain in the model
    // Outside the state, as agent/state.cpp keeps it. Not there: lost, or never came along.
    std::optional<agent::Witnessed> witness{};
    bool vouched_for = false;  // somebody who knows answers for a state without a witness

private:
    void take_down() override;
    std::optional<std::string> doubt_of_state();

    Network& network_;
    Papers papers_;
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
