#include "sync/ledger/store/registrar.hpp"

#include "sync/core/ensure.hpp"
#include "sync/ledger/store/former_allowances.hpp"
#include "sync/ledger/store/passes.hpp"
#include "sync/ledger/store/plans.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

using journal::Map;
using journal::Value;

namespace {

Map document_of(const Value& value) {
    ENSURE(value.map());
    return *value.map();
}

std::string text_in(const std::optional<Map>& document, std::string_view key) {
    if (!document) return {};
    const auto found = document->find(key);
    return found != document->end() && found->second.text() ? *found->second.text() : std::string{};
}

Outcome outcome_of(bool existed, bool changed) {
    if (!existed) return Outcome::created;
    return changed ? Outcome::changed : Outcome::same;
}

}  // namespace

std::optional<Pool> current_pool(Books& books, const PoolId& id) {
    const auto document = books.fact("pool", id.text);
    if (!document) return std::nullopt;
    auto pool = journal::pool_from(Value{*document});
    ENSURE(pool);
    return *pool;
}

std::optional<Zone> zone_of(Books& books, const BusinessId& business) {
    const std::string name = text_in(books.fact("business", business.text), "zone");
    if (name.empty()) return std::nullopt;
    auto zone = Zone::find(name);
    if (!zone) return std::nullopt;
    return *zone;
}

std::optional<BusinessId> business_of_venue(Books& books, const VenueId& venue) {
    std::string business = text_in(books.fact("venue", venue.text), "business");
    if (business.empty()) return std::nullopt;
    return BusinessId{std::move(business)};
}

Outcome Registrar::refuse(const std::string& pointer, std::string_view member, std::string detail) {
    std::string at = pointer;
    if (!member.empty()) at += "/" + std::string(member);
    faults_.push_back({std::move(at), std::move(detail)});
    return Outcome::refused;
}

bool Registrar::business_known(const BusinessId& id, const std::string& pointer,
                               std::string_view member) {
    if (books_.fact("business", id.text)) return true;
    refuse(pointer, member, "there is no business " + id.text);
    return false;
}

bool Registrar::venue_known(const VenueId& id, const std::string& pointer,
                            std::string_view member) {
    if (id.empty() || books_.fact("venue", id.text)) return true;
    refuse(pointer, member, "there is no venue " + id.text);
    return false;
}

Outcome Registrar::put(const Placed<BusinessShape>& placed) {
    const BusinessShape& business = placed.shape;
    const auto before = books_.fact("business", business.id.text);
    if (before && text_in(before, "currency") != business.currency.code()) {
        return refuse(placed.pointer, "currency", "the currency of a business cannot change");
    }
    bool changed = false;
    keeping_former_allowances(books_, [&] {
        changed = books_.put_fact("business", business.id.text, business.id, to_document(business));
    });
    return outcome_of(before.has_value(), changed);
}

Outcome Registrar::put(const Placed<VenueShape>& placed) {
    const VenueShape& venue = placed.shape;
    if (!business_known(venue.business, placed.pointer)) return Outcome::refused;
    const auto before = books_.fact("venue", venue.id.text);
    if (before && text_in(before, "business") != venue.business.text) {
        return refuse(placed.pointer, "business", "a venue cannot change its business");
    }
    bool changed = false;
    keeping_former_allowances(books_, [&] {
        changed = books_.put_fact("venue", venue.id.text, venue.business, to_document(venue));
    });
    return outcome_of(before.has_value(), changed);
}

Outcome Registrar::put(const Placed<ProductShape>& placed) {
    const ProductShape& product = placed.shape;
    if (!business_known(product.business, placed.pointer)) return Outcome::refused;
    const std::string id = product_id(product);
    const bool existed = books_.fact("product", id).has_value();
    return outcome_of(existed,
                      books_.put_fact("product", id, product.business, to_document(product)));
}

bool Registrar::places_known(const std::vector<VenueId>& venues,
                             const std::vector<BusinessId>& businesses,
                             const std::string& pointer) {
    const std::string places = pointer + "/locations";
    bool good = true;
    for (std::size_t i = 0; i < venues.size(); ++i) {
        good = venue_known(venues[i], places, "venues/" + std::to_string(i)) && good;
    }
    for (std::size_t i = 0; i < businesses.size(); ++i) {
        good = business_known(businesses[i], places, "businesses/" + std::to_string(i)) && good;
    }
    return good;
}

Outcome Registrar::put(const Placed<Pool>& placed) {
    Pool pool = placed.shape;
    bool good = business_known(pool.business, placed.pointer);
    good = places_known(pool.venues, pool.businesses, placed.pointer) && good;
    const auto before = current_pool(books_, pool.id);
    if (before && before->business != pool.business) {
        return refuse(placed.pointer, "business", "a pool cannot change its business");
    }
    if (!good) return Outcome::refused;

    pool.version = before ? before->version : 1;
    if (before && *before == pool) return Outcome::same;
    if (before) ++pool.version;
    // Books keeps every version: an entry decided under an old one is replayed under it.
    books_.put_fact("pool", pool.id.text, pool.business, document_of(journal::to_value(pool)));
    return outcome_of(before.has_value(), true);
}

bool Registrar::refers_well(const Placed<Plan>& placed) {
    const Plan& plan = placed.shape;
    if (plan.pool && !current_pool(books_, *plan.pool)) {
        refuse(placed.pointer, "pool", "there is no pool " + plan.pool->text);
        return false;
    }
    if (!plan.offer) return true;
    const auto offer = current_offer(books_, *plan.offer);
    if (!offer || offer->business != plan.business) {
        refuse(placed.pointer, "offer", "the business has no offer " + plan.offer->text);
    } else if (offer->claim != Claim::passes) {
        refuse(placed.pointer, "offer", "offer " + plan.offer->text + " is not claimed by passes");
    } else {
        return true;
    }
    return false;
}

Outcome Registrar::put(const Placed<Plan>& placed) {
    const Plan& plan = placed.shape;
    if (!business_known(plan.business, placed.pointer)) return Outcome::refused;
    if (!refers_well(placed)) return Outcome::refused;
    const auto before = books_.plan(plan.id);
    if (before && *before == plan) return Outcome::same;
    if (before && plan_in_use(books_, plan.id)) {
        return refuse(placed.pointer, "", "a plan that has passes cannot change, only be copied");
    }
    books_.put_fact("plan", plan.id.text, plan.business, document_of(journal::to_value(plan)));
    plans_.erase(plan.id.text);
    return outcome_of(before.has_value(), true);
}

std::optional<Plan> Registrar::plan(const PlanId& id) {
    const auto found = plans_.find(id.text);
    if (found != plans_.end()) return found->second;
    return plans_[id.text] = books_.plan(id);
}

bool Registrar::refers_well(const Placed<PassShape>& placed, const Plan& plan) {
    const PassShape& pass = placed.shape;
    const std::size_t faults_before = faults_.size();
    venue_known(pass.venue, placed.pointer, "venue");
    if (plan.pin && !pass.pin) refuse(placed.pointer, "pin", "passes of this plan have a PIN");
    if (!plan.pin && pass.pin) refuse(placed.pointer, "pin", "passes of this plan have no PIN");
    if (!plan.usable_offline() && !has_form(pass.code.reveal(), plan.code)) {
        // A venue asks the centre about such a plan's codes by their form; no other would be found.
        refuse(placed.pointer, "code", "has not the form of its plan's codes");
    }
    const bool open = pass.state == PassState::draft && !plan.fixed_value();
    const Amount value =
        pass.value.value_or(plan.fixed_value() || open ? plan.value_min : Amount{});
    if (!(open && pass.value == Amount{}) && (value < plan.value_min || value > plan.value_max)) {
        refuse(placed.pointer, "value", "is outside what the plan allows");
    }
    return faults_.size() == faults_before;
}

Outcome Registrar::put(const Placed<PassShape>& placed) {
    const PassShape& pass = placed.shape;
    const auto of_plan = plan(pass.plan);
    if (!of_plan) return refuse(placed.pointer, "plan", "there is no plan " + pass.plan.text);
    const std::string& code = pass.code.reveal();
    // Two codes of an older system may differ by a dash alone; as one they would be one pass.
    if (!codes_.insert(digest_of_code(code)).second) {
        return refuse(placed.pointer, "code", "reads the same as another code of this document");
    }
    if (const auto known = secrets_by_digest(books_, keys_, digest_of_code(code))) {
        const bool same =
            text_in(books_.fact("pass", known->pass.text), "plan") == pass.plan.text &&
            (!pass.id || *pass.id == known->pass);
        if (same) return Outcome::same;
        return refuse(placed.pointer, "code",
                      "another pass has this code, or one that reads the same");
    }
    const PassId id = pass.id.value_or(derived_pass_id(keys_, pass.plan, code));
    if (books_.fact("pass", id.text)) {
        return refuse(placed.pointer, "id", "another pass has this id");
    }
    if (!refers_well(placed, *of_plan)) return Outcome::refused;

    const auto zone = zone_of(books_, of_plan->business);
    ENSURE(zone);
    const bool open = pass.state == PassState::draft && !of_plan->fixed_value();
    const NewPass made{
        .id = id,
        .plan = *of_plan,
        .code = pass.code,
        .pin = pass.pin,
        .state = pass.state,
        .value = open ? Amount{} : pass.value.value_or(of_plan->value_min),
        .redeem_by = pass.redeem_by ? pass.redeem_by : redeem_by_of(*of_plan, now_, *zone),
        .venue = pass.venue,
        .from_account = "issue:" + of_plan->business.text,
        .source = source_};
    const auto added = add_pass(books_, keys_, made, now_, random_);
    if (!added) return refuse(placed.pointer, "code", added.error().detail);
    return Outcome::created;
}

std::string initials_of(std::string_view name) {
    std::string initials;
    bool at_start = true;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const auto byte = static_cast<unsigned char>(name[i]);
        if (byte == ' ' || byte == '\t') {
            at_start = true;
        } else if (at_start) {
            // A whole UTF-8 character: its lead byte and what continues it.
            std::size_t end = i + 1;
            while (end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80)
                ++end;
            if (!initials.empty()) initials += ' ';
            initials += std::string(name.substr(i, end - i)) + ".";
            at_start = false;
        }
    }
    return initials;
}

Outcome Registrar::put(const Placed<ContactShape>& placed) {
    const ContactShape& person = placed.shape;
    const auto taken = [&](std::string_view sql, const std::optional<std::string>& value,
                           std::string_view member) {
        if (!value) return false;
        const auto other = books_.db().value<std::string>(sql, *value);
        if (!other || *other == person.id.text) return false;
        refuse(placed.pointer, member, "contact " + *other + " has the same");
        return true;
    };
    const bool clash =
        static_cast<int>(taken("SELECT id FROM contact WHERE phone = ?", person.phone, "phone")) |
        static_cast<int>(taken("SELECT id FROM contact WHERE email = ?", person.email, "email")) |
        static_cast<int>(taken("SELECT id FROM contact WHERE card = ?", person.card, "card"));
    if (clash) return Outcome::refused;

    std::string segments;
    for (const std::string& segment : person.segments) segments += segment + "\n";
    const auto before = contact(books_, person.id);
    const bool same = before && before->name == person.name && before->phone == person.phone &&
                      before->email == person.email && before->card == person.card &&
                      before->segments == person.segments;
    if (same) return Outcome::same;
    books_.db().run(
        "INSERT INTO contact (id, name, phone, email, card, segments) VALUES (?1, ?2, ?3, ?4, ?5, "
        "?6) "
        "ON CONFLICT (id) DO UPDATE SET name = ?2, phone = ?3, email = ?4, card = ?5, segments = "
        "?6",
        person.id.text, person.name, person.phone, person.email, person.card, segments);
    // The venues find the person's wallets by the new number from the next page on.
    for (const std::string& id : wallets_of(books_, person.id)) {
        auto of_person = wallet(books_, WalletId{id});
        if (!of_person) continue;
        of_person->holder = initials_of(person.name);
        put_wallet(books_, *of_person, scope_of_wallet(books_, of_person->id));
    }
    return outcome_of(before.has_value(), true);
}

}  // namespace obol::ledger
