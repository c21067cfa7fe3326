#include "sync/ledger/api/fact_words.hpp"

#include <array>
#include <cmath>

#include "sync/journal/records.hpp"

namespace obol::ledger {

namespace {

constexpr std::array days{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Words value_in_words(const journal::Value& value) {
    if (const auto* text = value.text()) return *text;
    if (const auto* integer = value.integer()) return *integer;
    if (const auto* truth = value.boolean()) return *truth;
    return nullptr;
}

Words caps_in_words(const AllowanceCaps& caps) {
    return Words{{"per_transaction", caps.per_transaction.minor},
                 {"per_subject", caps.per_subject.minor},
                 {"per_outage", caps.per_outage.minor},
                 {"count", caps.count}};
}

Words allowance_in_words(const journal::Value& value) {
    const auto allowance = journal::allowance_from(value);
    if (!allowance) return nullptr;
    Words words = caps_in_words(allowance->any_till);
    words["with_manager"] = caps_in_words(allowance->with_manager);
    return words;
}

Words window_in_words(const TimeWindow& window) {
    Words words{{"days", Words::array()}, {"months", Words::array()}};
    for (std::size_t i = 0; i < days.size(); ++i) {
        if (window.days[i]) words["days"].push_back(days[i]);
    }
    for (std::size_t i = 0; i < window.months.size(); ++i) {
        if (window.months[i]) words["months"].push_back(i + 1);
    }
    words["from"] = clock_text(window.from_minute);
    words["to"] = clock_text(window.to_minute);
    return words;
}

template <class IdType>
Words ids_in_words(const std::vector<IdType>& ids) {
    Words words = Words::array();
    for (const IdType& id : ids) words.push_back(id.text);
    return words;
}

Words windows_in_words(const std::vector<TimeWindow>& windows) {
    Words words = Words::array();
    for (const TimeWindow& window : windows) words.push_back(window_in_words(window));
    return words;
}

template <class Rules>
Words locations_in_words(const Rules& rules) {
    return Words{{"venues", ids_in_words(rules.venues)},
                 {"businesses", ids_in_words(rules.businesses)}};
}

template <class Rules>
Words products_in_words(const Rules& rules) {
    return Words{{"brands", rules.brands},
                 {"families", rules.families},
                 {"skus", rules.skus},
                 {"types", rules.types}};
}

Words boundary_in_words(const std::optional<Boundary>& boundary) {
    return boundary ? Words(boundary_text(*boundary)) : Words(nullptr);
}

Words period_in_words(const std::optional<Period>& period) {
    return period ? Words(to_text(*period)) : Words(nullptr);
}

Words redeem_by_in_words(const RedeemBy& redeem_by) {
    if (redeem_by.period) return Words{{"period", to_text(*redeem_by.period)}};
    if (redeem_by.date) return Words{{"date", to_iso_date(*redeem_by.date)}};
    return Words{{"always", true}};
}

Words optional_in_words(const std::optional<std::string>& text) {
    return text ? Words(*text) : Words(nullptr);
}

}  // namespace

Words document_in_words(const journal::Map& document) {
    Words words = Words::object();
    // What names a thing comes first, for the people who read it.
    for (const char* key : {"id", "business", "sku", "name"}) {
        if (const auto found = document.find(key); found != document.end()) {
            words[key] = value_in_words(found->second);
        }
    }
    for (const auto& [key, value] : document) {
        if (key == "allowance") {
            words[key] = allowance_in_words(value);
        } else if (!words.contains(key)) {
            words[key] = value_in_words(value);
        }
    }
    return words;
}

Words pool_in_words(const Pool& pool) {
    return Words{
        {"id", pool.id.text},
        {"business", pool.business.text},
        {"name", pool.name},
        {"version", pool.version},
        {"time", windows_in_words(pool.time)},
        {"locations", locations_in_words(pool)},
        {"products", products_in_words(pool)},
        {"spend_on", pool.spend_on == SpendOn::basket ? "basket" : "matching_lines"},
        {"validity", Words{{"from", boundary_in_words(pool.validity.from)},
                           {"until", boundary_in_words(pool.validity.until)},
                           {"period", period_in_words(pool.validity.period)}}}};
}

Words plan_shape_in_words(const Plan& plan) {
    Words value{{"fixed", plan.value_min.minor}};
    if (plan.type == PassType::promotion) value = nullptr;
    if (!plan.fixed_value()) {
        value = Words{{"min", plan.value_min.minor}, {"max", plan.value_max.minor}};
    }
    Words fields = Words::object();
    for (const auto& [key, text] : plan.fields) fields[key] = text;
    return Words{{"id", plan.id.text},
                 {"business", plan.business.text},
                 {"name", plan.name},
                 {"type", name_of(plan.type)},
                 {"printed", plan.printed},
                 {"sold", plan.sold},
                 {"currency", plan.currency.code()},
                 {"value", value},
                 {"redeem_by", redeem_by_in_words(plan.redeem_by)},
                 {"code", Words{{"alphabet", name_of(plan.code.alphabet)},
                                {"prefix", plan.code.prefix},
                                {"suffix", plan.code.suffix},
                                {"length", plan.code.length}}},
                 {"pin", plan.pin},
                 {"pool", plan.pool ? Words(plan.pool->text) : Words(nullptr)},
                 {"offer", plan.offer ? Words(plan.offer->text) : Words(nullptr)},
                 {"offline", plan.offline ? Words(*plan.offline) : Words(nullptr)},
                 {"count", plan.count},
                 {"fields", fields}};
}

Words plan_in_words(const Plan& plan, std::int64_t passes) {
    Words words = plan_shape_in_words(plan);
    words["state"] = name_of(plan.state);
    // As a figure for people: 64.4, not sixteen digits of a logarithm.
    words["entropy_bits"] = std::round(entropy_bits(plan.code) * 100) / 100;
    words["usable_offline"] = plan.usable_offline();
    words["passes"] = passes;
    return words;
}

namespace {

Words reward_in_words(const Reward& reward) {
    Words words = reward.basis_points > 0 ? Words{{"basis_points", reward.basis_points}}
                                          : Words{{"amount", reward.amount.minor}};
    words["cap"] = reward.cap ? Words(reward.cap->minor) : Words(nullptr);
    return words;
}

}  // namespace

Words offer_in_words(const Offer& offer) {
    return Words{
        {"id", offer.id.text},
        {"business", offer.business.text},
        {"name", offer.name},
        {"version", offer.version},
        {"currency", offer.currency.code()},
        {"claim", name_of(offer.claim)},
        {"validity", Words{{"from", instant_in_words(offer.valid.from)},
                           {"until", instant_in_words(offer.valid.until)}}},
        {"time", windows_in_words(offer.time)},
        {"locations", locations_in_words(offer)},
        {"segments", offer.segments},
        {"products", products_in_words(offer)},
        {"least_spend", offer.least_spend.minor},
        {"reward", reward_in_words(offer.reward)},
        {"pool", offer.pool.text},
        {"instant", offer.instant},
        {"uses", offer.uses ? Words(*offer.uses) : Words(nullptr)},
        {"uses_per_contact",
         offer.uses_per_contact ? Words(*offer.uses_per_contact) : Words(nullptr)}};
}

Words contact_in_words(const ContactShape& contact) {
    return Words{{"id", contact.id.text},
                 {"name", contact.name},
                 {"phone", optional_in_words(contact.phone)},
                 {"email", optional_in_words(contact.email)},
                 {"card", optional_in_words(contact.card)},
                 {"segments", contact.segments}};
}

}  // namespace obol::ledger
