#include "sync/policy/holdings.hpp"

#include <algorithm>

namespace obol::policy {
namespace {

Amount found(const std::map<Subject, Amount>& in, const Subject& subject) {
    const auto at = in.find(subject);
    return at == in.end() ? Amount{} : at->second;
}

}  // namespace

Holdings::Holdings(const Timeline& timeline)
    : timeline_(timeline),
      held_(timeline.chains().size()),
      cut_at_(timeline.chains().size()),
      unseen_(timeline.chains().size(), std::vector<Moves>(timeline.chains().size())),
      travelling_(timeline.chains().size()) {}

bool Holdings::anyone_cut() const {
    return std::ranges::any_of(cut_at_, [](const auto& at) { return at.has_value(); });
}

void Holdings::cut(std::size_t chain) {
    cut_at_[chain] = step_;
    parted_ = true;
}

void Holdings::heal(std::size_t chain) {
    cut_at_[chain].reset();
    travelling_[chain].clear();
    for (std::size_t other = 0; other < held_.size(); ++other) {
        if (is_cut(other)) continue;
        unseen_[chain][other].clear();
        unseen_[other][chain].clear();
    }
}

Amount Holdings::unseen(std::size_t chain, const Subject& subject) const {
    Amount sum;
    for (const Moves& by : unseen_[chain]) sum += found(by, subject);
    return sum;
}

// A venue that is cut off hears nothing of what the centre pays in or out meanwhile.
std::optional<Amount> Holdings::base(std::size_t chain, const Subject& subject) const {
    return timeline_.base(subject, cut_at_[chain].value_or(step_));
}

Amount Holdings::held(std::size_t chain, const Subject& subject) const {
    const auto at = held_[chain].find(subject);
    return at == held_[chain].end() ? Amount{} : at->second.amount;
}

Amount Holdings::out_of_reach(const Subject& subject) const {
    Amount sum;
    for (std::size_t c = 0; c < held_.size(); ++c) {
        if (is_cut(c)) sum += held(c, subject) + found(travelling_[c], subject);
    }
    return sum;
}

Amount Holdings::out_with_venues(const Subject& subject) const {
    Amount sum = out_of_reach(subject);
    for (std::size_t c = 0; c < held_.size(); ++c) {
        if (!is_cut(c)) sum += held(c, subject);
    }
    return sum;
}

std::optional<Amount> Holdings::value(const Subject& subject) const {
    const auto known = timeline_.base(subject, step_);
    if (!known) return std::nullopt;
    return *known + found(moved_, subject);
}

Amount Holdings::spendable(std::size_t chain, const Subject& subject) const {
    const Amount here = held(chain, subject);
    if (is_cut(chain)) return here;
    if (const auto all = value(subject)) return std::max(*all - out_of_reach(subject), Amount{});
    Amount sum;
    for (std::size_t c = 0; c < held_.size(); ++c) {
        if (!is_cut(c)) sum += held(c, subject);
    }
    return sum;
}

Funds Holdings::funds(std::size_t chain, const Subject& subject) const {
    const auto known = base(chain, subject);
    const Amount own = found(moved_, subject) - unseen(chain, subject);
    return {known.value_or(Amount{}) + own, spendable(chain, subject)};
}

Holdings::Held& Holdings::row(std::size_t chain, const journal::AuthorityLine& line) {
    Held& out = held_[chain][line.subject];
    out.currency = line.currency;
    return out;
}

// Takes out of what the other venues with a link hold, the largest part first.
void Holdings::draw(std::size_t chain, const Subject& subject, Amount most) {
    while (most > Amount{}) {
        Held* largest = nullptr;
        for (std::size_t c = 0; c < held_.size(); ++c) {
            if (c == chain || is_cut(c)) continue;
            const auto at = held_[c].find(subject);
            if (at == held_[c].end() || at->second.amount <= Amount{}) continue;
            if (!largest || at->second.amount > largest->amount) largest = &at->second;
        }
        if (!largest) return;
        const Amount part = std::min(most, largest->amount);
        largest->amount -= part;
        most -= part;
    }
}

void Holdings::move(std::size_t chain, const journal::AuthorityLine& line) {
    moved_[line.subject] += line.amount;
    for (std::size_t other = 0; other < held_.size(); ++other) {
        if (other == chain || !(is_cut(chain) || is_cut(other))) continue;
        unseen_[other][chain][line.subject] += line.amount;
    }
    Held& here = row(chain, line);
    here.amount += line.amount;
    if (here.amount >= Amount{}) return;
    const Amount lacking = -here.amount;
    here.amount = Amount{};
    if (is_cut(chain) || !parted_) return;
    // The centre's own part goes first.
    const auto all = value(line.subject);
    draw(chain, line.subject, all ? std::min(lacking, out_with_venues(line.subject) - *all) : lacking);
}

void Holdings::take(std::size_t chain, const journal::AuthorityLine& line) {
    Amount amount = line.amount;
    if (parted_) {
        if (is_cut(chain)) return;
        const auto all = value(line.subject);
        // Of what purchases are not shown a venue is given the whole, which nobody else has then.
        const Amount left = all.value_or(line.amount) - out_with_venues(line.subject);
        amount = std::clamp(left, Amount{}, amount);
    }
    if (amount > Amount{}) row(chain, line).amount += amount;
}

void Holdings::give_back(std::size_t chain, const journal::AuthorityLine& line, bool unasked) {
    if (is_cut(chain) && !unasked) return;  // nobody could ask for it
    const Amount amount = parted_ ? std::min(line.amount, held(chain, line.subject)) : line.amount;
    if (amount <= Amount{}) return;
    row(chain, line).amount -= amount;
    if (is_cut(chain)) travelling_[chain][line.subject] += amount;
}

std::map<Currency, Amount> Holdings::held_in_all(std::size_t chain) const {
    std::map<Currency, Amount> out;
    for (const auto& [subject, held] : held_[chain]) {
        if (held.currency != Currency::none() && held.amount != Amount{}) out[held.currency] += held.amount;
    }
    return out;
}

Amount Holdings::book_loss(const Subject& subject) {
    const auto left = value(subject);
    if (!left || *left >= Amount{}) return {};
    const Amount loss = -*left;
    moved_[subject] += loss;
    return loss;
}

}  // namespace obol::policy
