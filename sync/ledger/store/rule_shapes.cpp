#include <array>

#include "sync/ledger/store/shape_parts.hpp"
#include "sync/domain/bounds.hpp"
#include "sync/ledger/store/shapes.hpp"

namespace obol::ledger {

using wire::Json;
using wire::JsonFaults;
using wire::ObjectReader;

namespace {

constexpr std::int64_t largest = largest_credit;
constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};

TimeWindow read_window(const Json& json, const std::string& pointer, JsonFaults& faults) {
    ObjectReader reader{json, pointer, faults};
    TimeWindow window;
    reader.optional_array("days", 7, [&](const Json& item, const std::string& at) {
        const auto* text = std::get_if<std::string>(&item.value);
        for (std::size_t i = 0; text && i < day_names.size(); ++i) {
            if (day_names[i] == *text) return void(window.days.set(i));
        }
        faults.push_back({at, "must be one of mon, tue, wed, thu, fri, sat, sun"});
    });
    reader.optional_array("months", 12, [&](const Json& item, const std::string& at) {
        const auto* month = std::get_if<std::int64_t>(&item.value);
        if (month && *month >= 1 && *month <= 12) {
            window.months.set(static_cast<std::size_t>(*month - 1));
        } else {
            faults.push_back({at, "must be a month from 1 to 12"});
        }
    });
    window.from_minute = read_clock(reader, "from", false);
    window.to_minute = read_clock(reader, "to", true);
    reader.done();
    return window;
}

template <class IdType>
std::vector<IdType> read_ids(ObjectReader& reader, std::string_view key, JsonFaults& faults) {
    std::vector<IdType> ids;
    reader.optional_array(key, most_words, [&](const Json& item, const std::string& at) {
        const auto* text = std::get_if<std::string>(&item.value);
        if (text && is_id_form(*text)) {
            ids.push_back(IdType{*text});
        } else {
            faults.push_back({at, "must be an id: 1 to 64 of A-Za-z0-9_-"});
        }
    });
    return ids;
}

// Pools and offers word their conditions alike.
template <class Rules>
void read_locations(const Json& json, const std::string& pointer, JsonFaults& faults,
                    Rules& rules) {
    ObjectReader reader{json, pointer, faults};
    rules.venues = read_ids<VenueId>(reader, "venues", faults);
    rules.businesses = read_ids<BusinessId>(reader, "businesses", faults);
    reader.done();
}

template <class Rules>
void read_products(const Json& json, const std::string& pointer, JsonFaults& faults, Rules& rules) {
    ObjectReader reader{json, pointer, faults};
    rules.brands = read_texts(reader, "brands", faults);
    rules.families = read_texts(reader, "families", faults);
    rules.skus = read_texts(reader, "skus", faults);
    rules.types = read_texts(reader, "types", faults);
    reader.done();
}

void read_reward(const Json& json, const std::string& pointer, JsonFaults& faults, Offer& offer) {
    ObjectReader reader{json, pointer, faults};
    const auto part = reader.optional_integer("basis_points", 1, whole_in_basis_points);
    const auto amount = reader.optional_integer("amount", 1, largest);
    if (reader.has("basis_points") == reader.has("amount")) {
        faults.push_back({pointer, "must be one of basis_points and amount"});
    }
    if (part) offer.reward.basis_points = static_cast<int>(*part);
    if (amount) offer.reward.amount = Amount{*amount};
    if (const auto cap = reader.optional_integer("cap", 1, largest)) {
        offer.reward.cap = Amount{*cap};
    }
    reader.done();
}

void read_run(const Json& json, const std::string& pointer, JsonFaults& faults, OfferShape& shape) {
    ObjectReader reader{json, pointer, faults};
    shape.from = read_boundary(reader, "from");
    shape.until = read_boundary(reader, "until");
    reader.done();
}

void read_validity(const Json& json, const std::string& pointer, JsonFaults& faults, Pool& pool) {
    ObjectReader reader{json, pointer, faults};
    pool.validity.from = read_boundary(reader, "from");
    pool.validity.until = read_boundary(reader, "until");
    pool.validity.period = read_period(reader, "period");
    reader.done();
}

void read_value(const Json& json, const std::string& pointer, JsonFaults& faults, Plan& plan) {
    ObjectReader reader{json, pointer, faults};
    if (reader.has("fixed")) {
        plan.value_min = plan.value_max = Amount{reader.required_integer("fixed", 1, largest)};
    } else {
        plan.value_min = Amount{reader.required_integer("min", 1, largest)};
        plan.value_max = Amount{reader.required_integer("max", 1, largest)};
        if (plan.value_max < plan.value_min) reader.fault("max", "must not be less than min");
    }
    reader.done();
}

void read_redeem_by(const Json& json, const std::string& pointer, JsonFaults& faults, Plan& plan) {
    ObjectReader reader{json, pointer, faults};
    plan.redeem_by.period = read_period(reader, "period");
    if (const auto text = reader.optional_text("date", 1, 32)) {
        const auto date = parse_iso_date(*text);
        if (date) plan.redeem_by.date = *date;
        if (!date) reader.fault("date", "not a date such as 2026-12-31");
    }
    const auto always = reader.optional_bool("always");
    const int given = int{reader.has("period")} + int{reader.has("date")} + int{always == true};
    if (given != 1) faults.push_back({pointer, "must be one of period, date and always: true"});
    reader.done();
}

void read_code_format(const Json& json, const std::string& pointer, JsonFaults& faults,
                      Plan& plan) {
    static const std::vector<std::string_view> alphabets{"numeric", "alphabetic", "alphanumeric"};
    ObjectReader reader{json, pointer, faults};
    plan.code.alphabet =
        alphabet_named(alphabets[reader.required_word("alphabet", alphabets)]).value_or(Alphabet{});
    for (const auto& [key, part] :
         {std::pair{"prefix", &plan.code.prefix}, std::pair{"suffix", &plan.code.suffix}}) {
        const auto text = reader.optional_text(key, 0, 16);
        if (!text || text->empty()) continue;
        // Kept in the form that every scanned code is brought into, or it would never match.
        const auto normal = normalise_code(*text);
        if (normal) *part = *normal;
        if (!normal) reader.fault(key, "must be letters and digits");
    }
    plan.code.length = static_cast<int>(reader.required_integer("length", 7, 16));
    reader.done();
}

constexpr std::int64_t most_passes = 1'000'000;
constexpr std::size_t most_fields = 32, longest_key = 64, longest_field = 1'000;

bool is_field(const std::string& key, const std::string& text) {
    return !key.empty() && key.size() <= longest_key && text.size() <= longest_field;
}

// Calls `read` on an object member, if it is there.
template <class Target>
void read_part(ObjectReader& reader, std::string_view key, JsonFaults& faults, Target& target,
               void (*read)(const Json&, const std::string&, JsonFaults&, Target&)) {
    if (const Json* json = reader.optional(key)) {
        read(*json, reader.pointer_of(key), faults, target);
    }
}

}  // namespace

Pool read_pool(const Json& json, const std::string& pointer, JsonFaults& faults) {
    static const std::vector<std::string_view> ways{"basket", "matching_lines"};
    ObjectReader reader{json, pointer, faults};
    Pool pool{.id = PoolId{reader.required_id("id")},
              .business = BusinessId{reader.required_id("business")},
              .name = reader.required_text("name")};
    reader.optional_array("time", most_words, [&](const Json& item, const std::string& at) {
        pool.time.push_back(read_window(item, at, faults));
    });
    read_part<Pool>(reader, "locations", faults, pool, read_locations<Pool>);
    read_part<Pool>(reader, "products", faults, pool, read_products<Pool>);
    read_part<Pool>(reader, "validity", faults, pool, read_validity);
    const auto way = reader.optional_word("spend_on", ways).value_or(0);
    pool.spend_on = way == 0 ? SpendOn::basket : SpendOn::matching_lines;
    reader.done();
    return pool;
}

OfferShape read_offer(const Json& json, const std::string& pointer, JsonFaults& faults) {
    static const std::vector<std::string_view> claims{"automatic", "passes", "code"};
    constexpr std::int64_t most_uses = 1'000'000'000;
    ObjectReader reader{json, pointer, faults};
    OfferShape shape;
    Offer& offer = shape.offer;
    offer.id = OfferId{reader.required_id("id")};
    offer.business = BusinessId{reader.required_id("business")};
    offer.name = reader.required_text("name");
    offer.currency = read_currency(reader);
    offer.claim = claim_named(claims[reader.required_word("claim", claims)]).value_or(Claim{});
    read_part<OfferShape>(reader, "validity", faults, shape, read_run);
    reader.optional_array("time", most_words, [&](const Json& item, const std::string& at) {
        offer.time.push_back(read_window(item, at, faults));
    });
    read_part<Offer>(reader, "locations", faults, offer, read_locations<Offer>);
    offer.segments = read_texts(reader, "segments", faults);
    read_part<Offer>(reader, "products", faults, offer, read_products<Offer>);
    offer.least_spend = Amount{reader.optional_integer("least_spend", 0, largest).value_or(0)};
    if (const Json* reward = reader.required("reward")) {
        read_reward(*reward, reader.pointer_of("reward"), faults, offer);
    }
    offer.pool = PoolId{reader.required_id("pool")};
    offer.instant = reader.optional_bool("instant").value_or(false);
    offer.uses = reader.optional_integer("uses", 1, most_uses);
    if (const auto uses = reader.optional_integer("uses_per_contact", 1, most_uses)) {
        offer.uses_per_contact = static_cast<int>(*uses);
    }
    if (const auto text = reader.optional_text("code", 1, 256)) {
        const auto normal = normalise_code(*text);
        if (normal) shape.code = Secret{*normal};
        if (!normal) reader.fault("code", "not a code: 1 to 64 letters and digits");
        if (offer.claim != Claim::code) reader.fault("code", "goes with the claim \"code\" alone");
    }
    reader.done();
    return shape;
}

std::map<std::string, std::optional<std::string>, std::less<>> read_fields(const Json& json,
                                                                        const std::string& pointer,
                                                                        JsonFaults& faults) {
    std::map<std::string, std::optional<std::string>, std::less<>> fields;
    const auto* object = std::get_if<Json::Object>(&json.value);
    if (!object || object->size() > most_fields) {
        faults.push_back({pointer, "must be an object of at most 32 texts"});
        return fields;
    }
    for (const auto& [key, value] : *object) {
        const auto* text = std::get_if<std::string>(&value.value);
        std::string at = pointer;
        wire::append_pointer_step(at, key);
        if (!(text || value.is_null()) || !is_field(key, text ? *text : "")) {
            faults.push_back({at, "must be a text of at most 1000 bytes under a key of 1 to 64"});
            continue;
        }
        fields.emplace(key, text ? std::optional(*text) : std::nullopt);
    }
    return fields;
}

Plan read_plan(const Json& json, const std::string& pointer, JsonFaults& faults) {
    static const std::vector<std::string_view> types{"gift", "topup", "promotion"};
    ObjectReader reader{json, pointer, faults};
    Plan plan{.id = PlanId{reader.required_id("id")},
              .business = BusinessId{reader.required_id("business")},
              .name = reader.required_text("name"),
              .currency = {}};
    plan.type = pass_type_named(types[reader.required_word("type", types)]).value_or(PassType{});
    plan.printed = reader.optional_bool("printed").value_or(false);
    plan.sold = reader.optional_bool("sold").value_or(true);
    plan.currency = read_currency(reader);
    // A promotion is worth what its offer says of a basket.
    const bool promotion = plan.type == PassType::promotion;
    if (promotion && reader.has("value")) {
        reader.fault("value", "a promotion plan has no value of its own");
        reader.optional("value");
    } else if (const Json* value = promotion ? nullptr : reader.required("value")) {
        read_value(*value, reader.pointer_of("value"), faults, plan);
    }
    read_part<Plan>(reader, "redeem_by", faults, plan, read_redeem_by);
    if (const Json* code = reader.required("code")) {
        read_code_format(*code, reader.pointer_of("code"), faults, plan);
    }
    plan.pin = reader.optional_bool("pin").value_or(false);
    if (const auto pool = reader.optional_id("pool")) plan.pool = PoolId{*pool};
    plan.offline = reader.optional_bool("offline");
    if (const auto offer = reader.optional_id("offer")) plan.offer = OfferId{*offer};
    if (promotion != plan.offer.has_value()) {
        reader.fault("offer", promotion ? "a promotion plan names its offer"
                                        : "goes with the type \"promotion\" alone");
    }
    plan.count = static_cast<int>(reader.optional_integer("count", 0, most_passes).value_or(0));
    if (const Json* fields = reader.optional("fields")) {
        for (auto& [key, text] : read_fields(*fields, reader.pointer_of("fields"), faults)) {
            if (text) plan.fields.emplace(key, std::move(*text));
        }
    }
    if (promotion && plan.pin) reader.fault("pin", "a promotion plan has no PIN");
    if (promotion && plan.printed) reader.fault("printed", "a promotion plan is electronic");
    if (promotion && plan.pool) reader.fault("pool", "the offer names the pool of its awards");
    reader.done();
    return plan;
}

}  // namespace obol::ledger
