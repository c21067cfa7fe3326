#include "agent/app/confirm_clock.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"

namespace obol::agent {

Words clock_in_words(GuardedClock& clock) {
    const ClockNow now = clock.judged();
    Words words;
    words["state"] = now.trusted ? "trusted" : "untrusted";
    words["now"] = instant_in_words(now.now);
    if (const std::string why = clock.why(); !now.trusted && !why.empty()) words["why"] = why;
    return words;
}

// The clock believes it once the entry is durable: what is not in the journal has no effect.
awaitable<Answer> confirm_clock(Context& context, Caller caller, Idempotency once, std::string reason) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    GuardedClock& clock = context.store.clock();
    std::optional<ClockReading> confirmed;
    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        const ClockReading reading = clock.read();
        const Appended entry = txn.confirm_clock(caller.terminal, reason, reading);
        Words words;
        words["entry"] = entry_in_words(entry);
        words["clock"] = {{"state", "trusted"}, {"now", instant_in_words(reading.wall)}};
        Answer out = answer(201, words);
        out.seq = entry.seq;
        confirmed = reading;
        return out;
    };
    Answer out = co_await context.once.commit(ticket, std::move(job));
    if (confirmed && out.status == 201) clock.confirmed(*confirmed);
    co_return out;
}

}  // namespace obol::agent
