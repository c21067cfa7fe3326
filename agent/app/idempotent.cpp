#include "agent/app/idempotent.hpp"

#include "agent/app/words.hpp"
#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

Answer replay_or_refuse(const StoredAnswer& seen, const Bytes& fingerprint) {
    if (!equal_constant_time(seen.fingerprint, fingerprint)) {
        return problem("idempotency_key_reused", "this key belongs to another request");
    }
    Answer again;
    again.status = seen.status;
    again.body = seen.body;
    again.problem = seen.status >= 400;
    again.replayed = true;
    return again;
}

}  // namespace

Once::Ticket::Ticket(Once* owner, std::string terminal, Idempotency once)
    : owner_(owner), terminal_(std::move(terminal)), key_(std::move(once.key)),
      fingerprint_(std::move(once.fingerprint)) {}

Once::Ticket::Ticket(Ticket&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), terminal_(std::move(other.terminal_)),
      key_(std::move(other.key_)), fingerprint_(std::move(other.fingerprint_)) {}

Once::Ticket::~Ticket() {
    if (owner_ != nullptr) owner_->running_.erase({terminal_, key_});
}

std::variant<Once::Ticket, Answer> Once::enter(const Caller& caller, const Idempotency& once) {
    const std::pair<std::string, std::string> name{caller.terminal.text, once.key};
    if (running_.contains(name)) {
        return problem("request_in_progress", "the first request with this key still runs", 1);
    }
    if (const auto seen = store_.facts().answer(name.first, name.second)) {
        return replay_or_refuse(*seen, once.fingerprint);
    }
    // A stopped device still tells what it did; it does nothing more.
    if (const auto why = store_.facts().meta("stopped_why"); why && !why->empty()) {
        return refusal({because(Code::device_quarantined)}, caller.language);
    }
    // The ticket first: it takes the name away again, whatever fails here.
    Ticket ticket(this, name.first, once);
    running_.insert(name);
    return ticket;
}

awaitable<Answer> Once::commit(const Ticket& ticket, std::function<Answer(WriteTxn&)> job, Standing standing) {
    std::function<Result<Answer>(WriteTxn&)> whole = [&ticket, &job](WriteTxn& txn) -> Result<Answer> {
        // Looked up again inside the transaction: only what is committed there counts.
        if (const auto seen = txn.answer(ticket.terminal(), ticket.key())) {
            return replay_or_refuse(*seen, ticket.fingerprint_);
        }
        const std::int64_t before = txn.head().seq;
        Answer out = job(txn);
        ENSURE(out.status < 300 || txn.head().seq == before);  // decide first, append last
        if (is_kept(out)) {
            txn.store_answer(ticket.terminal(), ticket.key(), ticket.fingerprint_, out.status,
                             out.stored ? *out.stored : out.body, out.seq);
        }
        return out;
    };
    Result<Answer> done = co_await store_.write<Answer>(std::move(whole), standing);
    if (!done) co_return problem(done.error());
    co_return std::move(*done);
}

awaitable<Answer> Once::keep(const Ticket& ticket, Answer answer) {
    if (!is_kept(answer)) co_return answer;
    std::function<Answer(WriteTxn&)> job = [&answer](WriteTxn&) { return answer; };
    co_return co_await commit(ticket, std::move(job));
}

}  // namespace obol::agent
