#include "sync/journal/replay_limits.hpp"

#include <algorithm>
#include <set>

namespace obol::journal {
namespace {

void check_limit(std::vector<Mismatch>& found, const std::string& where, const Limit& limit,
                 const BusinessId& business, const WalletId& wallet, LimitKind kind,
                 const KnownRules& known) {
    const bool applies = limit.business == business && limit.kind == kind &&
                         (limit.wallet.empty() || limit.wallet == wallet) && !is_lifted(limit);
    if (!applies) found.push_back({where, "does not bound this"});
    const std::optional<Limit> own = known.limit(limit.id, limit.version);
    if (!own) return found.push_back({where, "no such version of limit " + limit.id});
    if (*own != limit) found.push_back({where, "differs from the ledger's version"});
}

void check_activity(std::vector<Mismatch>& found, const std::string& where,
                    const LimitFacts& facts) {
    std::set<LimitPeriod> stated, named;
    for (const Activity& done : facts.activity) {
        if (!stated.insert(done.period).second) {
            found.push_back({where + ".activity", "a period is named twice"});
        }
    }
    for (const Limit& limit : facts.limits) {
        if (limit.period != LimitPeriod::transaction) named.insert(limit.period);
    }
    if (stated != named) {
        found.push_back({where + ".activity", "not of the periods that the limits name"});
    }
}

}  // namespace

void check_limits(std::vector<Mismatch>& found, const std::string& where, const LimitFacts& facts,
                  const BusinessId& business, const WalletId& wallet, LimitKind kind,
                  const KnownRules& known) {
    std::set<std::string_view> ids;
    for (std::size_t i = 0; i < facts.limits.size(); ++i) {
        const Limit& limit = facts.limits[i];
        const std::string at = where + ".limits[" + std::to_string(i) + "]";
        if (!ids.insert(limit.id).second) found.push_back({at, "named twice"});
        check_limit(found, at, limit, business, wallet, kind, known);
    }
    for (const Limit& due : known.limits(business, wallet, kind, facts.as_of)) {
        const bool stated =
            std::find(facts.limits.begin(), facts.limits.end(), due) != facts.limits.end();
        if (!stated) {
            found.push_back({where + ".limits", "limit " + due.id + " was known and left out"});
        }
    }
    check_activity(found, where, facts);
}

void check_credit_limits(std::vector<Mismatch>& found, const LimitFacts& facts,
                         const Credit& credit, LimitKind kind, const KnownRules& known) {
    check_limits(found, "limits", facts, credit.business, credit.wallet, kind, known);
    for (const Reason& reason : judge_limits(facts, credit.money)) {
        found.push_back(
            {"limits", "refused for " + std::string(name_of(reason.code)) + ": " + reason.limit});
    }
}

}  // namespace obol::journal
