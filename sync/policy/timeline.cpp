#include "sync/policy/timeline.hpp"

#include <algorithm>

namespace obol::policy {

std::vector<journal::AuthorityLine> value_moves(const journal::Record& record) {
    std::vector<journal::AuthorityLine> out;
    for (const journal::Posting& posting : journal::postings_of(record)) {
        if (!is_subject(posting.account)) continue;
        const auto line = std::ranges::find(out, posting.account, &journal::AuthorityLine::subject);
        if (line == out.end()) {
            out.push_back({posting.account, posting.amount, posting.currency});
        } else {
            line->amount += posting.amount;
        }
    }
    std::erase_if(out, [](const journal::AuthorityLine& line) { return line.amount == Amount{}; });
    return out;
}

Timeline::Timeline(std::vector<Chain> chains) {
    for (const Chain& chain : chains) chains_.push_back({chain.device, chain.venue});
    merge(chains);
    look();
    drop_lagging();
    moved_.clear();
}

void Timeline::merge(std::vector<Chain>& chains) {
    for (std::size_t c = 0; c < chains.size(); ++c) {
        Instant at{};
        for (Recorded& entry : chains[c].entries) {
            at = std::max(at, entry.wall);
            steps_.push_back({c, entry.seq, at, std::move(entry.record)});
        }
        chains[c].entries.clear();
    }
    // Each chain keeps its own order, since its instants never go back.
    std::ranges::stable_sort(steps_, {}, &Step::at);
}

void Timeline::look() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const journal::Record& record = steps_[i].record;
        if (const auto* purchase = std::get_if<journal::Purchase>(&record)) see(*purchase, i);
        for (const journal::AuthorityLine& line : value_moves(record)) {
            moved_[line.subject] += line.amount;
        }
    }
}

void Timeline::see(const journal::Purchase& purchase, std::size_t step) {
    const PurchaseFacts& facts = purchase.facts;
    for (const LotFacts& lot : facts.lots) {
        see(lot_subject(lot.lot.id), step, lot.funds.shown);
        lots_[lot.lot.wallet].try_emplace(lot.lot.id, lot.lot);
    }
    for (const Pool& pool : facts.pools) pools_.try_emplace(pool.id, pool);
    see(business_subject(purchase.wallet, facts.place.business), step, facts.business.shown);
    see(personal_subject(purchase.wallet), step, facts.personal.shown);
    for (const OfferFacts& each : facts.offers) {
        if (each.offer.uses) see(offer_subject(each.offer.id), step, each.uses.shown);
    }
}

void Timeline::see(const Subject& subject, std::size_t step, Amount shown) {
    seen_[subject].push_back({step, shown - moved_[subject]});
}

// One that differs from both its neighbours, which agree, was shown a page that lagged behind a sale
// elsewhere. What is left is kept where it changes.
void Timeline::drop_lagging() {
    for (auto& [subject, seen] : seen_) {
        for (std::size_t i = 1; i + 1 < seen.size(); ++i) {
            if (seen[i - 1].base == seen[i + 1].base) seen[i].base = seen[i - 1].base;
        }
        const auto same = std::ranges::unique(seen, {}, &Seen::base);
        seen.erase(same.begin(), same.end());
    }
}

std::optional<Amount> Timeline::base(const Subject& subject, std::size_t step) const {
    const auto found = seen_.find(subject);
    if (found == seen_.end()) return std::nullopt;
    const std::vector<Seen>& seen = found->second;
    const auto behind = std::ranges::upper_bound(seen, step, {}, &Seen::step);
    return behind == seen.begin() ? seen.front().base : std::prev(behind)->base;
}

bool Timeline::first_seen_after(const Subject& subject, std::size_t step) const {
    const auto found = seen_.find(subject);
    return found == seen_.end() || found->second.front().step >= step;
}

}  // namespace obol::policy
