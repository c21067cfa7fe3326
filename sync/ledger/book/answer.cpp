#include "sync/ledger/book/answer.hpp"

#include <algorithm>

#include "sync/domain/subject.hpp"

namespace obol::ledger::book {

namespace {

constexpr Amount nothing{};

Amount grantable(const Wanted& line) {
    if (line.centre <= nothing) return nothing;
    if (!is_indivisible(line.subject)) return std::min(line.wanted, line.centre);
    return line.centre == line.whole && line.wanted >= line.whole ? line.whole : nothing;
}

}  // namespace

Amount missing(const Wanted& line) {
    if (is_indivisible(line.subject)) {
        return grantable(line) > nothing ? nothing : line.whole - std::max(line.centre, nothing);
    }
    return std::max(nothing, line.wanted - std::max(line.centre, nothing));
}

std::vector<journal::AuthorityLine> answer(const std::vector<Wanted>& lines) {
    const bool wait = std::any_of(lines.begin(), lines.end(), [](const Wanted& line) {
        return missing(line) > nothing && line.may_return;
    });
    if (wait) return {};
    std::vector<journal::AuthorityLine> out;
    for (const Wanted& line : lines) {
        const Amount given = grantable(line);
        if (given > nothing) out.push_back({line.subject, given, line.currency});
    }
    return out;
}

}  // namespace obol::ledger::book
