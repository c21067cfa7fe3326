#pragma once
// Details of the entries that move authority, and of those about the device itself.

#include "sync/journal/documents.hpp"

namespace obol::journal {

// Above zero: a return of less than nothing would be a grant that nobody gave.
template <class Io>
void members(Io& io, Ref<Io, AuthorityLine> x) {
    io("subject", x.subject);
    io.check(is_subject(x.subject), "subject", "not a subject");
    io.part("amount", x.amount);
    io("currency", x.currency);
}

// A grant lists up to 500 subjects; with twice as many the sum of all lines still fits 63 bits.
template <class Io>
void lines_of(Io& io, Ref<Io, std::vector<AuthorityLine>> lines) {
    io.sparse("lines", lines);
    io.check(lines.size() <= 1000, "lines", "too many");
}

template <class Io>
void members(Io& io, Ref<Io, AuthorityAsked> x) {
    io.sparse("placement", x.placement);
    lines_of(io, x.lines);
}

template <class Io>
void members(Io& io, Ref<Io, AuthorityTaken> x) {
    io("ask", x.ask);
    lines_of(io, x.lines);
}

template <class Io>
void members(Io& io, Ref<Io, AuthorityReturned> x) {
    io("why", x.why);
    lines_of(io, x.lines);
}

template <class Io>
void members(Io& io, Ref<Io, GenerationAdopted> x) {
    io("generation", x.generation);
}

template <class Io>
void members(Io& io, Ref<Io, Alarm> x) {
    io("code", x.code);
    io.sparse("detail", x.detail);
}

template <class Io>
void members(Io& io, Ref<Io, ClockEvent> x) {
    io("trusted", x.trusted);
    io("reason", x.reason);
    io.check(is_id_form(x.reason), "reason", "not a word");
    io("system", x.system);
    io("taken", x.taken);
    io.sparse("terminal", x.terminal);
    io.sparse("note", x.note);
}

}  // namespace obol::journal
