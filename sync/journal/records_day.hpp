#pragma once
// Detail of the entry that closes a business day.

#include "sync/journal/documents.hpp"

namespace obol::journal {

template <class Io>
void members(Io& io, Ref<Io, DayLine> x) {
    io("what", x.what);
    io.check(is_id_form(x.what), "what", "not a word");
    io.sparse("tender", x.tender);
    io("currency", x.currency);
    io("count", x.count);
    io.check(x.count > 0, "count", "not above zero");
    io.total("total", x.total);
    io.sparse("commerce", x.commerce);
    io.sparse("business", x.business);
    io.sparse("personal", x.personal);
    io.sparse("other", x.other);
    io.sparse("awarded", x.awarded);
}

template <class Io>
void members(Io& io, Ref<Io, DayClosed> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("venue", x.venue);
    io("number", x.number);
    io.check(x.number > 0, "number", "not above zero");
    io.sparse("after", x.after);
    io.check(x.after >= 0, "after", "below zero");
    io("since", x.since);
    io("day", x.day);
    io.sparse("first_receipt", x.first_receipt);
    io.sparse("last_receipt", x.last_receipt);
    io.sparse("lines", x.lines);
    io.check(x.lines.size() <= 1000, "lines", "too many");
    io("receipt", x.receipt);
}

}  // namespace obol::journal
