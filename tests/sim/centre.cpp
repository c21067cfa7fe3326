#include "tests/sim/centre.hpp"

#include <boost/asio/co_spawn.hpp>

#include "sync/ledger/store/import.hpp"
#include "sync/ledger/store/open.hpp"
#include "sync/ledger/store/recovery.hpp"

namespace obol::sim {

namespace asio = boost::asio;

Centre::Centre(Agenda& agenda, std::uint64_t seed)
    : Host(agenda, "ledger", seed), ca_key_(crypto::SigningKey::generate(random)),
      ca_(crypto::make_ca(ca_key_, "sim", clock.now(), Millis{std::int64_t{86'400'000} * 3650})) {
    keys_.code.fill(1);
    keys_.seal.fill(2);
}

Centre::~Centre() {
    std::mt19937_64 none;
    end(End::killed, crash::Damage::drop, none);
}

Result<void> Centre::start() {
    crash::Machine::mount(machine);
    try {
        if (auto opened = open(); !opened) {
            db_.reset();
            return opened;
        }
    } catch (const sql::SqlError& error) {  // a disk that fails at once
        db_.reset();
        return Fault{"database_unusable", error.what()};
    }
    loop = std::make_unique<asio::io_context>(1);
    books_ = std::make_unique<ledger::Books>(*db_);
    routes_ = std::make_unique<ledger::SyncRoutes>(*db_, clock, timers, random, keys_,
                                                   [this](std::string_view why) { broken(std::string(why)); }, nullptr,
                                                   ledger::CertificateDesk{[this] { return authority(); }, {}}, &*record_);
    up_ = true;
    ++starts_;
    mark_now_and_then();
    return {};
}

ledger::Authority Centre::authority() const {
    ledger::Authority out{ca_key_, ca_, "https://ledger"};
    out.device_life = device_life;
    return out;
}

void Centre::begin_as(const Centre& other) {
    machine = std::make_shared<crash::Machine>(other.machine->disk.all_kept());
    record_file_ = other.record_file_;
    device_life = other.device_life;
}

Result<void> Centre::restore() {
    crash::Machine::mount(machine);
    try {
        auto opened = ledger::open_ledger(ledger_file, crash::vfs_name);
        if (!opened) return opened.error();
        db_ = std::move(*opened);
        auto record = ledger::IssuedKeys::open(record_file_);
        if (!record) return record.error();
        record_.emplace(std::move(*record));
        ledger::Books books{*db_};
        sql::Txn txn{*db_};
        ledger::begin_recovery(books, &*record_);
        txn.commit();
        record_->catch_up(*db_);
        record_->mark(*db_);
    } catch (const sql::SqlError& error) {
        db_.reset();
        return Fault{"database_unusable", error.what()};
    }
    db_.reset();
    return {};
}

Result<void> Centre::open() {
    auto opened = ledger::open_ledger(ledger_file, crash::vfs_name);
    if (!opened) return opened.error();
    db_ = std::move(*opened);
    auto record = ledger::IssuedKeys::open(record_file_);
    if (!record) return record.error();
    record_.emplace(std::move(*record));
    if (const auto same = record_->check(*db_); !same) return same.error();
    record_->catch_up(*db_);
    return {};
}

// As sync/ledger/ledger.cpp does.
void Centre::mark_now_and_then() {
    timers.after(Millis{5 * 60'000}, [this] {
        try {
            record_->mark(*db_);
        } catch (const sql::SqlError& error) {
            broken(error.what());
        }
        mark_now_and_then();
    });
}

void Centre::take_down() {
    routes_->stop();
    timers.clear();
    try {
        loop->restart();
        loop->poll();
    } catch (const std::exception&) {
        // The process is at its end anyway.
    }
    routes_.reset();
    books_.reset();
    loop.reset();
    try {
        db_.reset();
    } catch (const std::exception&) {
    }
}

void Centre::handle(net::Request request, std::function<void(net::Reply)> answer) {
    enter([&] {
        asio::co_spawn(*loop, routes_->handle(std::move(request)),
                       [this, answer = std::move(answer)](std::exception_ptr thrown, net::Reply reply) {
                           if (thrown) std::rethrow_exception(thrown);
                           if (up_ && !machine->off) answer(std::move(reply));
                       });
    });
}

bool Centre::operate(const std::function<bool(ledger::Books&)>& what) {
    bool done = false;
    enter([&] {
        try {
            sql::Txn txn{*db_};
            if (!what(*books_)) return;
            txn.commit();
            done = true;
        } catch (const sql::SqlError& error) {
            if (!error.disk_full()) broken(error.what());
            return;
        }
        routes_->end().centre_changed();
    });
    return done && up_;
}

Result<wire::Enrolled> Centre::enrol(const VenueId& venue, const std::string& csr) {
    Result<wire::Enrolled> out = Fault{"unreachable", "the ledger is down"};
    const bool done = operate([&](ledger::Books& books) {
        const auto token = ledger::make_enrolment_token(books, venue, clock.now(), random);
        if (!token) {
            out = token.error();
            return false;
        }
        const wire::Enrol request{token->token, csr};
        out = ledger::enrol(books, keys_, authority(), request, clock.now(), random);
        return out.has_value();
    });
    if (!done && out) return Fault{"outcome_unknown", "the ledger could not commit"};
    // Before the device hears of it. The disk may fail once more; then it has no certificate, and asks again.
    if (done) {
        try {
            record_->catch_up(*db_);
        } catch (const sql::SqlError&) {
            return Fault{"outcome_unknown", "the record could not be brought up to date"};
        }
    }
    return out;
}

bool Centre::import(const std::string& document) {
    bool done = false;
    enter([&] {
        try {
            const auto outcome = ledger::import_document(*books_, keys_, document, clock.now(), random);
            done = !std::holds_alternative<wire::JsonFaults>(outcome);
            if (!done) return;
        } catch (const sql::SqlError& error) {
            if (!error.disk_full()) broken(error.what());
            return;
        }
        routes_->end().centre_changed();
    });
    return done && up_;
}

}  // namespace obol::sim
