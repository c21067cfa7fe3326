#include "agent/app/status.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/business_day.hpp"
#include "agent/app/confirm_clock.hpp"
#include "agent/app/devices.hpp"
#include "agent/store/comparison.hpp"

namespace obol::agent {

namespace {

std::string_view mode_name(uplink::LinkMode mode) {
    switch (mode) {
        case uplink::LinkMode::up: return "up";
        case uplink::LinkMode::down: return "down";
        case uplink::LinkMode::slow: return "slow";
        case uplink::LinkMode::flapping: return "flapping";
    }
    return "";
}

Words link_in_words(const uplink::LinkState& state) {
    Words words;
    words["mode"] = mode_name(state.mode);
    words["state"] = state.up ? "up" : "down";
    words["since"] = instant_in_words(state.since);
    words["last_sync"] = state.last_sync ? Words(instant_in_words(*state.last_sync)) : Words(nullptr);
    if (!state.up && !state.why.empty()) words["why"] = state.why;
    return words;
}

Words certificate_in_words(const CertificateNow& now) {
    Words words;
    words["valid_until"] = instant_in_words(now.valid_until);
    words["ending"] = now.ending;
    if (!now.why.empty()) words["why"] = now.why;
    return words;
}

Words journal_in_words(Facts& facts) {
    const journal::Head head = facts.head();
    const std::int64_t acked = facts.acked_seq();
    Words words;
    words["seq"] = head.seq;
    words["acked_seq"] = acked;
    words["pending"] = head.seq - acked;
    words["head"] = to_hex(head.hash);
    return words;
}

// What the venue could still lose if it were cut off now, and what it has spent at risk that the centre
// has not booked: zero with no allowance.
void add_exposure(Words& words, Context& context) {
    Facts& facts = context.store.facts();
    const std::optional<Business> business = facts.business(context.here.business);
    if (!business) return;
    const Facts::UnreportedRisk used = facts.unreported_risk();
    const Allowance allowance = facts.allowance(context.here.venue, context.here.business);
    words["exposure"].push_back(
        money_in_words({most_at_risk(allowance, used.spent, used.count), business->currency}));
    if (allowance == Allowance{} && used.count == 0) return;
    words["at_risk"] = {{"unreported", used.spent.minor}, {"entries", used.count}};
}

}  // namespace

Answer status(Context& context) {
    Facts& facts = context.store.facts();
    Words words;
    words["venue"] = context.here.venue.text;
    words["business"] = context.here.business.text;
    words["zone"] = context.here.zone;
    words["business_day"] = nullptr;
    if (const auto calendar = calendar_of(facts, context.here)) {
        words["business_day"] = to_iso_date(business_day_of(context.wall.now(), *calendar));
    }
    words["device"] = context.store.device().text;
    words["device_name"] = context.here.device_name;
    words["public_key"] = to_hex(context.store.key().public_key());
    words["link"] = link_in_words(context.link.state());
    words["journal"] = journal_in_words(facts);
    words["authority"] = Words::array();
    words["exposure"] = Words::array();
    add_exposure(words, context);
    for (const Facts::HeldTotal& total : facts.held_totals()) {
        words["authority"].push_back({{"currency", total.currency.code()}, {"held", total.amount.minor}});
    }
    words["clock"] = clock_in_words(context.store.clock());
    words["reconciliation"] = nullptr;
    if (const auto last = last_comparison(facts)) {
        words["reconciliation"] = {{"at", instant_in_words(last->at)}, {"different", last->different}};
    }
    if (context.certificate) words["certificate"] = certificate_in_words(context.certificate());
    words["devices"] = devices_in_words(context);
    words["versions"] = {{"agent", agent_version}, {"zones", zone_database_version()}};
    if (const auto why = facts.meta("stopped_why"); why && !why->empty()) words["stopped"] = *why;
    return answer(200, words);
}

Result<void> ready(Context& context) {
    if (!context.damage.empty()) return Fault{"database_damaged", context.damage};
    Facts& facts = context.store.facts();
    if (!facts.business(context.here.business)) {
        return Fault{"not_ready", "the first snapshot has not come yet"};
    }
    return {};
}

std::string link_text(const uplink::LinkState& state) { return link_in_words(state).dump(); }

}  // namespace obol::agent
