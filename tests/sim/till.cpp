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
    renewal_.emplace(agent::Papers{papers_.enrolled.certificate, papers_.enrolled.ca});
    csr_ = crypto::make_csr(key(), papers_.h.text);
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
    if (const auto own = crypto::read_identity(renewal_->own().certificate)) options.born = own->not_before;
    auto opened = agent::Store::open(loop->get_executor(), options, {key(), papers_.enrolled.cache_key}, clock, clock, random);
    if (!opened) {
        loop.reset();
        return opened.error();
    }
    store_ = std::move(*opened);
    const auto executor = loop->get_executor();
    uplink_ = std::make_unique<agent::UplinkStore>(*store_, in_use_, executor, Millis{30'000}, &timers);
    carrier_ = std::make_unique<Carrier>(*this, network_, way, renewal_->own().certificate, first_version_);
    carrier_->own = [this] {
        const auto generation = store_->facts().db().value<std::int64_t>("SELECT value FROM meta WHERE key = 'generation'");
        return Carrier::Own{store_->facts().head().seq, generation.value_or(0), !machine->trap && !disk_full};
    };
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
    doubted_ = doubt.has_value();
    renewing_ = false;
    renewal_.emplace(agent::Papers{renewal_->own()});  // of the process, but for what lies on the disk
    store_->on_commit([this, doubtful = doubt.has_value()] {
        grew = true;
        if (!doubtful) see(agent::Witnessed{store_->device(), store_->facts().head()});
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
        runner_->on_change([this](const uplink::LinkState&) { look_at_certificate(); });
        runner_->start();
        look_now_and_then();
    });
    return {};
}

void Till::see(const agent::Witnessed& now) {
    witness = now;
    witnessed_.emplace_back(agenda_.now(), now);
    while (witnessed_.size() > 64 || agenda_.now() - witnessed_.front().first > written_back_within) witnessed_.pop_front();
}

bool Till::lose_unwritten_witness(Millis unwritten) {
    if (!witness || witnessed_.empty()) return false;
    const std::optional<agent::Witnessed> before = witness;
    while (witnessed_.size() > 1 && agenda_.now() - witnessed_.back().first < unwritten) witnessed_.pop_back();
    witness = witnessed_.back().second;
    return witness != before;
}

// As agent/certificate.cpp does, without files and TLS. The papers are on a disk that is not the state's.
void Till::look_at_certificate() {
    if (up_ && !renewing_ && renewal_->wants(store_->clock().judged(), clock.since_boot(), runner_->state())) {
        renewing_ = true;
        asio::co_spawn(*loop, renew(*this), [](std::exception_ptr) {});
    }
}

void Till::look_now_and_then() {
    look_at_certificate();
    timers.after(renewal_->look_every(), [this] { look_now_and_then(); });
}

agent::awaitable<void> Till::renew(Till& till) {
    wire::Renew request{till.csr_};
    const Result<wire::Renewed> answer = co_await till.carrier_->renew(std::move(request));
    till.renewing_ = false;
    if (!till.up_) co_return;
    const agent::ClockNow now = till.store_->clock().judged();
    const auto known = now.trusted ? std::optional(now.now) : std::nullopt;
    const Result<agent::Papers> papers =
        answer ? agent::papers_from(*answer, till.renewal_->own(), known) : Result<agent::Papers>{answer.error()};
    const std::string until = to_rfc3339(till.renewal_->life().to);
    till.tell(till.name + ": the certificate that ends " + until + (papers ? " is renewed" : " is not renewed: " + papers.error().detail));
    if (!papers) {
        till.renewal_->failed(papers.error(), till.clock.since_boot(), till.runner_->state());
        co_return;
    }
    if (papers->certificate != till.renewal_->own().certificate) {
        count(till.agenda_.now() < till.renewal_->life().to ? "branch: certificate renewed" : "branch: certificate renewed after its end");
    }
    till.renewal_->keep(*papers, till.clock.since_boot());
    till.carrier_->present(papers->certificate);
}

// As agent/state.cpp does when it opens the store.
std::optional<std::string> Till::doubt_of_state() {
    const Sound look{machine};
    agent::Facts& facts = store_->facts();
    const agent::Witnessed state{store_->device(), facts.head()};
    const auto there = witness ? facts.hash_at(witness->head.seq) : std::nullopt;
    std::optional<std::string> doubt = agent::doubt_of(witness, state, there);
    if (doubt && vouched_for && doubt->starts_with(agent::witness_missing)) doubt.reset();
    if (!doubt) see(state);
    return doubt;
}

void Till::hand_in(std::string device, std::vector<wire::Push> pushes, std::function<void(bool)> done) {
    const auto send = [](Till& till, std::string of, std::vector<wire::Push> all) -> agent::awaitable<bool> {
        for (wire::Push& each : all) {
            const std::size_t entries = each.entries.size();
            const Result<wire::Receipt> receipt = co_await till.carrier_->hand_in(of, std::move(each));
            if (!receipt || receipt->results.size() < entries) co_return false;
        }
        co_return true;
    };
    enter([&] {
        asio::co_spawn(*loop, send(*this, std::move(device), std::move(pushes)), [this, done = std::move(done)](std::exception_ptr thrown, bool booked) {
            if (up_ && !machine->off && !thrown) done(booked);
        });
    });
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
