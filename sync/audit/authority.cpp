#include "sync/audit/authority.hpp"

namespace obol::audit {

void Authority::find(Finding finding, std::int64_t seq) {
    if (!lines_known_ || (known_ && known_(seq))) return;
    report_.find(finding);
}

void Authority::apply(const Entry& entry) {
    const Body& body = *entry.body;
    if (body.kind == "authority_asked") asked(entry);
    if (body.kind == "authority_taken") taken(entry);
    if (body.kind == "generation_adopted") {
        for (auto& [seq, ask] : asks_) {
            ask.open = false;
            ask.wanted.clear();
        }
    }
    move(entry.seq, body.wall, held_moves(body));
}

void Authority::apply_postings(std::int64_t seq, const std::vector<Posting>& postings) {
    move(seq, 0, held_moves(postings));
}

void Authority::move(std::int64_t seq, std::int64_t wall,
                     const std::map<std::string, Line>& moves) {
    for (const auto& [subject, line] : moves) {
        if (line.amount == 0) continue;
        Held& held = held_[subject];
        const std::int64_t before = held.minor;
        held.minor = plus(held.minor, line.amount);
        held.currency = line.currency;
        held.last_used = wall;
        // Once below zero, said once: what comes after follows from it.
        if (held.minor < 0 && before >= 0) {
            find(chain_.finding("overspent", seq)
                     .with("subject", subject)
                     .differs("held", std::int64_t{0}, held.minor),
                 seq);
        }
        if (held.minor == 0) held_.erase(subject);
    }
}

void Authority::asked(const Entry& entry) {
    Ask& ask = asks_[entry.seq];
    ask.placement = entry.body->detail.flag("placement");
    ask.at = entry.body->wall;
    ask.hash = entry.hash;
    for (const Line& line : lines_of(*entry.body)) ask.wanted[line.subject] = line.amount;
}

// A grant answers one ask, once, and with no more than was asked for.
void Authority::taken(const Entry& entry) {
    const std::int64_t seq = entry.body->detail.integer_or_zero("ask");
    const auto found = asks_.find(seq);
    if (found == asks_.end()) {
        return find(chain_.finding("ask_unknown", entry.seq).with("ask", seq), entry.seq);
    }
    Ask& ask = found->second;
    if (!ask.open)
        return find(chain_.finding("ask_taken_twice", entry.seq).with("ask", seq), entry.seq);
    for (const Line& line : lines_of(*entry.body)) {
        const auto wanted = ask.wanted.find(line.subject);
        const std::int64_t most = wanted == ask.wanted.end() ? 0 : wanted->second;
        if (ask.placement || line.amount <= most) continue;
        find(chain_.finding("taken_beyond_ask", entry.seq)
                 .with("ask", seq)
                 .with("subject", line.subject)
                 .differs("amount", most, line.amount),
             entry.seq);
    }
    ask.open = false;
    ask.wanted.clear();
}

}  // namespace obol::audit
