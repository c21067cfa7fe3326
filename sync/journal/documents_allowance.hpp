#pragma once
// What a venue may spend at its own risk, and what it had spent when it decided.

#include "sync/journal/documents.hpp"

namespace obol::journal {

template <class Io>
void members(Io& io, Ref<Io, AllowanceCaps> x) {
    io.value("per_transaction", x.per_transaction);
    io.value("per_subject", x.per_subject);
    io.value("per_outage", x.per_outage);
    io("count", x.count);
    io.check(x.count >= 0, "count", "below zero");
}

template <class Io>
void members(Io& io, Ref<Io, Allowance> x) {
    io("any_till", x.any_till);
    io("with_manager", x.with_manager);
}

template <class Io>
void members(Io& io, Ref<Io, AllowanceFacts> x) {
    io("allowance", x.allowance);
    io.sparse("manager", x.manager);
    io("acked", x.acked);
    io("since", x.since);
    io.value("spent", x.spent);
    io("count", x.count);
    io.value("recent", x.recent);
    io.check(x.acked >= 0, "acked", "below zero");
    io.check(x.count >= 0, "count", "below zero");
    io.check(x.in_force(), "allowance", "nothing is allowed");
}

}  // namespace obol::journal
