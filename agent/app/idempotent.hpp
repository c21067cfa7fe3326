#pragma once
// One effect and one answer per idempotency key of a terminal. The answer commits with the entry, so
// after any crash the key tells the truth.
//
// Use:  auto entered = context.once.enter(caller, idempotency);       // before any other check
//       if (auto* answer = std::get_if<Answer>(&entered)) co_return *answer;   // 409, 422 or a replay
//       Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));
//       … look-ups, PIN, authority (may suspend) …
//       auto job = [..](WriteTxn& txn) -> Answer { decide; refuse or append; word };
//       co_return co_await context.once.commit(ticket, std::move(job));
// A refusal decided before the job is kept with `co_await context.once.keep(ticket, answer)`.

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "agent/app/context.hpp"

namespace obol::agent {

class Once {
public:
    explicit Once(Store& store) : store_(store) {}
    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;

    // The right to run under a key; while it lives, a second request gets 409 request_in_progress.
    class Ticket {
    public:
        Ticket(Ticket&& other) noexcept;
        Ticket& operator=(Ticket&&) = delete;
        ~Ticket();
        const std::string& terminal() const { return terminal_; }
        const std::string& key() const { return key_; }

    private:
        friend class Once;
        Ticket(Once* owner, std::string terminal, Idempotency once);
        Once* owner_;
        std::string terminal_, key_;
        Bytes fingerprint_;
    };

    std::variant<Ticket, Answer> enter(const Caller& caller, const Idempotency& once);

    // Runs the job in the writer. It decides first and appends last: what it appended stays only with
    // an answer below 300, so a refusal must append nothing. Answers that are kept (is_kept) are stored
    // in the same transaction. Faults of the store are worded.
    awaitable<Answer> commit(const Ticket& ticket, std::function<Answer(WriteTxn&)> job, Standing standing = like_all);
    // Stores an answer that needs no job, if it is of the kind that is kept.
    awaitable<Answer> keep(const Ticket& ticket, Answer answer);

private:
    Store& store_;
    std::set<std::pair<std::string, std::string>> running_;
};

}  // namespace obol::agent
