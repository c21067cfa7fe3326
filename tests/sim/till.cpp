#include "tests/sim/till.hpp"

#include <boost/asio/co_spawn.hpp>

#include "agent/app/here.hpp"
#include "agent/app/status.hpp"

namespace obol::sim {

namespace asio = boost::asio;

namespace {

agent::Idempotency once_of(const std::string& key) {
    const crypto::Digest digest = crypto::sha256(as_bytes(key));
    return {key, Bytes(digest.begin(), digest.end())};
}

// Where its token was issued there is a terminal.
agent::awaitable<void> stand_at(agent::Store& store) {
    std::function<Result<int>(agent::WriteTxn&)> job = [](agent::WriteTxn& txn) -> Result<int> {
        txn.add_terminal("T1", "Till 1");
        return 1;
    };
    co_await store.write<int>(std::move(job));
}

// As the router does before a use case.
agent::awaitable<Told> answer(Till& till, std::string key, Use use) {
    agent::Context& context = till.context();
    if (context.here.zone.empty()) agent::refresh(context.here, context.store.facts());
    if (const Result<void> ready = agent::ready(context); !ready) {
        co_return Told{503, ready.error().code};
    }
    agent::Idempotency once = once_of(key);
    const agent::Answer told = co_await use(till, std::move(once));
    co_return Told{told.status, told.body, told.replayed};
}

}  // namespace

Till::Till(Agenda& agenda, Network& network, Papers papers, std::uint64_t seed)
    : Host(agenda, papers.enrolled.device_name, seed), network_(network), papers_(std::move(papers)), first_version_(seed % 4 == 0) {
    witness = agent::Witnessed{papers_.h, {}};  // made before the journal is
}

Till::~Till() {
    std::mt19937_64 none;
    end(End::killed, crash::Damage::drop, none);
}

Result<void> Till::start() {
    crash::Machine::mount(machine);
    loop = std::make_unique<asio::io_context>(1);
    agent::StoreOptions options;
    options.path = agent_file;
    options.vfs = crash::vfs_name;
    options.venue = venue();
    options.business = business();
    options.device_name = papers_.enrolled.device_name;
    options.own_thread = options.lock_file = false;
    options.free_bytes = [this] { return disk_full ? std::uint64_t{0} : std::uint64_t{1} << 40; };
    options.read_only = [] { return false; };
    if (const auto own = crypto::read_identity(papers_.enrolled.certificate)) options.born = own->not_before;
    auto opened = agent::Store::open(loop->get_executor(), options, {key(), papers_.enrolled.cache_key}, clock, clock, random);
    if (!opened) {
        loop.reset();
        return opened.error();
    }
    store_ = std::move(*opened);
    const auto executor = loop->get_executor();
    uplink_ = std::make_unique<agent::UplinkStore>(*store_, in_use_, executor, Millis{30'000}, &timers);
    carrier_ = std::make_unique<Carrier>(*this, network_, way, papers_.enrolled.certificate, first_version_);
    ledger_time_ = std::make_unique<agent::LedgerTime>(*carrier_, store_->clock());
    const uplink::Runner::Uses uses{*uplink_, *ledger_time_, timers, store_->clock(), random};
    runner_ = std::make_unique<uplink::Runner>(executor, uses);
    acquire_ = std::make_unique<agent::Acquire>(*uplink_, in_use_, *runner_, timers, Millis{300});
    pins_ = std::make_unique<agent::PinCheck>(executor, *store_, random, 0);
    throttle_ = std::make_unique<agent::Throttle>(clock);
    once_ = std::make_unique<agent::Once>(*store_);
    context_.reset(new agent::Context{*store_, *runner_, *acquire_, *pins_, *throttle_, *once_, store_->clock(), clock, random,
                                      {venue(), business(), "", papers_.enrolled.device_name}});
    const std::optional<std::string> doubt = doubt_of_state();
    store_->on_commit([this, doubtful = doubt.has_value()] {
        grew = true;
        if (!doubtful) witness = agent::Witnessed{store_->device(), store_->facts().head()};
        runner_->journal_grew();
    });
    store_->on_failure([this] { broken("a commit failed"); });
    up_ = true;
    grew = true;
    enter([this, doubt] {
        asio::co_spawn(*loop, stand_at(*store_), [](std::exception_ptr) {});
        if (doubt) {
            count("branch: A7 " + doubt->substr(0, doubt->find(':')));
            asio::co_spawn(*loop, uplink_->stop_for_good(*doubt), [](std::exception_ptr) {});
        }
        runner_->start();
    });
    return {};
}

// As agent/state.cpp does when it opens the store.
std::optional<std::string> Till::doubt_of_state() {
    const Sound look{machine};
    agent::Facts& facts = store_->facts();
    const agent::Witnessed state{store_->device(), facts.head()};
    const auto there = witness ? facts.hash_at(witness->head.seq) : std::nullopt;
    std::optional<std::string> doubt = agent::doubt_of(witness, state, there);
    if (doubt && vouched_for && doubt->starts_with(agent::witness_missing)) doubt.reset();
    if (!doubt) witness = state;
    return doubt;
}

void Till::take_down() {
    const auto dry = [this](bool wait_no_longer) {
        try {
            if (wait_no_longer) timers.fire();
            loop->restart();
            loop->poll();
        } catch (const std::exception&) {
            // The process is at its end anyway.
        }
    };
    // What waits goes on now, so that nothing is left that would look back at what is gone.
    runner_->stop();
    carrier_->cut();
    for (int i = 0; i < 8; ++i) dry(true);
    store_->finish();
    timers.clear();
    dry(false);
    context_.reset();
    once_.reset();
    throttle_.reset();
    pins_.reset();
    acquire_.reset();
    runner_.reset();
    ledger_time_.reset();
    carrier_.reset();
    uplink_.reset();
    dry(false);
    store_.reset();
    loop.reset();
}

void Till::ask(const std::string& key, const Use& use, std::function<void(Told)> heard) {
    enter([&] {
        asio::co_spawn(*loop, answer(*this, key, use), [this, heard = std::move(heard)](std::exception_ptr thrown, Told told) {
            if (!up_ || machine->off) return;
            if (thrown) {
                told.status = 500;
                try {
                    std::rethrow_exception(thrown);
                } catch (const std::exception& error) {
                    told.body = error.what();
                }
            }
            heard(std::move(told));
        });
    });
}

}  // namespace obol::sim
