#include "agent/app/unlock_pass.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/present.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

namespace {

Answer unlock_in(WriteTxn& txn, const Caller& caller, const PassRow& presented, const std::string& reason) {
    journal::PinUnlocked record;
    record.pass = presented.pass.id;
    record.terminal = caller.terminal;
    record.reason = reason;
    const Appended entry = txn.append(record);

    PassRow row = txn.pass(presented.pass.id).value_or(presented);
    row.pin_locked = false;
    row.wrong_pins = 0;
    Words words;
    words["id"] = presented.pass.id.text;
    words["entry"] = entry_in_words(entry);
    words["pass"] = pass_in_words(txn, row, false, txn.now());
    Answer out = answer(201, words);
    out.seq = entry.seq;
    return out;
}

}  // namespace

awaitable<Answer> unlock_pass(Context& context, Caller caller, Idempotency once, UnlockInput input) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Presented presented = co_await present_code(context, caller, input.code, std::nullopt, PinUse::ignore);
    if (const auto no = refused(presented, caller)) co_return co_await context.once.keep(ticket, *no);

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        return unlock_in(txn, caller, *presented.pass, input.reason);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

}  // namespace obol::agent
