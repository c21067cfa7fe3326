// Pass plans: write, change, activate, copy, and the print shop's export.

#include "sync/core/ensure.hpp"
#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/api/fact_words.hpp"
#include "sync/ledger/store/plans.hpp"
#include "sync/ledger/store/registrar.hpp"

namespace obol::ledger {

namespace {

Words told(Books& books, const Plan& plan) { return plan_in_words(plan, passes_of(books, plan.id)); }

Answer unknown() { return problem("plan_unknown", "there is no such plan"); }

// New or changed; a plan in draft stays one.
Answer write(Office& office, const Call& call, const Plan& plan, const std::optional<Plan>& before) {
    if (before && *before != plan && plan_in_use(office.books, plan.id)) {
        return problem("plan_frozen", "a plan that has passes cannot change, only be copied");
    }
    wire::JsonFaults faults;
    Registrar registrar{office.books, office.keys, call.now, office.random, call.source(), faults};
    if (registrar.put(Placed<Plan>{plan, ""}) == Outcome::refused) return malformed(faults);
    return answer(before ? 200 : 201, told(office.books, plan));
}

Answer put(Office& office, const Call& call) {
    wire::JsonFaults faults;
    Plan plan = read_plan(call.body, "", faults);
    if (!faults.empty()) return malformed(faults);
    const auto before = office.books.plan(plan.id);
    plan.state = before ? before->state : PlanState::draft;
    return write(office, call, plan, before);
}

Answer list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    const std::string business = call.request.query_value("business").value_or("");
    std::vector<std::pair<std::string, Words>> items;
    office.books.db().each(
        "SELECT id, body FROM fact WHERE kind = 'plan' AND id > ?1 AND gone = 0 AND (?2 = '' OR business = ?2) "
        "ORDER BY id LIMIT ?3",
        [&](sql::Statement& row) {
            const auto body = journal::decode(row.blob_view(1));
            ENSURE(body);
            const auto plan = journal::plan_from(*body);
            ENSURE(plan);
            items.emplace_back(row.text(0), told(office.books, *plan));
        },
        ask->after, business, ask->limit + 1);
    return page(*ask, std::move(items));
}

Answer show(Office& office, const Call& call) {
    const auto plan = office.books.plan(PlanId{call.ids[0]});
    return plan ? answer(200, told(office.books, *plan)) : unknown();
}

// What is named changes, whole members at a time; the outcome is read like any other plan.
Answer change(Office& office, const Call& call) {
    const Words patch = Words::parse(call.request.body);  // strictly decoded before
    if (!patch.is_object()) return malformed({{"", "must be an object"}});
    wire::JsonFaults faults;
    for (const char* fixed : {"id", "business"}) {
        if (patch.contains(fixed)) faults.push_back({std::string("/") + fixed, "cannot change"});
    }
    const Words known = plan_shape_in_words(Plan{});
    for (const auto& [key, value] : patch.items()) {
        if (!known.contains(key)) faults.push_back({"/" + key, "is not a member of a plan"});
    }
    if (!faults.empty()) return malformed(faults);
    const auto before = office.books.plan(PlanId{call.ids[0]});
    if (!before) return unknown();
    Words whole = plan_shape_in_words(*before);
    whole.update(patch);
    const auto parsed = wire::parse_json(whole.dump());
    const auto* json = std::get_if<wire::Json>(&parsed);
    ENSURE(json);
    Plan plan = read_plan(*json, "", faults);
    if (!faults.empty()) return malformed(faults);
    plan.state = before->state;
    return write(office, call, plan, before);
}

Answer activate(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const VenueId venue{reader.optional_id("venue").value_or("")};
    reader.done();
    if (faults.empty() && !venue.empty() && !business_of_venue(office.books, venue)) {
        reader.fault("venue", "there is no venue " + venue.text);
    }
    if (!faults.empty()) return malformed(faults);
    const auto done = activate_plan(office.books, office.keys, PlanId{call.ids[0]}, venue, call.source(),
                                    call.now, office.random);
    if (!done) return problem(done.error());
    Words items = Words::array();
    for (const IssuedPass& pass : done->passes) {
        items.push_back(Words{{"id", pass.id.text}, {"state", name_of(pass.state)}});
    }
    return answer(201, Words{{"plan", told(office.books, done->plan)},
                             {"items", std::move(items)},
                             {"remaining", done->remaining}});
}

Answer copy(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const auto id = reader.optional_id("id");
    const auto name = reader.optional_text("name", 1);
    reader.done();
    if (faults.empty() && id && office.books.plan(PlanId{*id})) {
        reader.fault("id", "there is a plan with this id already");
    }
    if (!faults.empty()) return malformed(faults);
    auto plan = office.books.plan(PlanId{call.ids[0]});
    if (!plan) return unknown();
    plan->id = PlanId{id ? *id : make_uuid7(call.now, office.random)};
    if (name) plan->name = *name;
    plan->state = PlanState::draft;
    return write(office, call, *plan, std::nullopt);
}

// Codes and PINs for the print shop, shown once: a replay has null there, and no PIN can be read again.
Answer print(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const std::string after = reader.optional_id("after").value_or("");
    const std::int64_t limit = reader.optional_integer("limit", 1, 500).value_or(500);
    reader.done();
    if (!faults.empty()) return malformed(faults);
    const auto passes = export_passes(office.books, office.keys, PlanId{call.ids[0]}, after, limit);
    if (!passes) return problem(passes.error());

    Words shown{{"items", Words::array()}}, kept = shown;
    for (const PrintedPass& pass : *passes) {
        Words item{{"id", pass.id.text}, {"code", pass.code.reveal()}};
        if (pass.has_pin) item["pin"] = pass.pin ? Words(pass.pin->reveal()) : Words(nullptr);
        shown["items"].push_back(item);
        item["code"] = nullptr;
        if (pass.has_pin) item["pin"] = nullptr;
        kept["items"].push_back(item);
    }
    const bool full = static_cast<std::int64_t>(passes->size()) == limit;
    shown["next"] = kept["next"] = full ? Words(passes->back().id.text) : Words(nullptr);
    Answer given = answer(201, shown);
    given.kept = kept.dump();
    return given;
}

}  // namespace

Routes plan_routes() {
    return {{"POST", "/plans", may_admin, put},
            {"GET", "/plans", may_read, list},
            {"GET", "/plans/{id}", may_read, show},
            {"PATCH", "/plans/{id}", may_admin, change},
            {"POST", "/plans/{id}/activate", may_finance, activate},
            {"POST", "/plans/{id}/copy", may_admin, copy},
            {"POST", "/plans/{id}/export", may_finance, print}};
}

}  // namespace obol::ledger
