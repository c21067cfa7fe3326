#include "sync/ledger/store/plans.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"

namespace obol::ledger {

namespace {

// Nobody ever issues so many that codes of 64 random bits would become few.
constexpr double bits_without_end = 64;

std::int64_t passes_of_forms_like(Books& books, const CodeFormat& format) {
    std::vector<PlanId> plans;
    books.db().each("SELECT body FROM fact WHERE kind = 'plan' AND gone = 0", [&](sql::Statement& row) {
        const auto body = journal::decode(row.blob_view(0));
        ENSURE(body);
        const auto plan = journal::plan_from(*body);
        ENSURE(plan);
        if (forms_meet(plan->code, format)) plans.push_back(plan->id);
    });
    std::int64_t passes = 0;
    for (const PlanId& plan : plans) passes += passes_of(books, plan);
    return passes;
}

}  // namespace

std::int64_t passes_of(Books& books, const PlanId& plan) {
    return books.db()
        .value<std::int64_t>("SELECT count(*) FROM pass_secret WHERE plan = ?", plan.text)
        .value_or(0);
}

bool plan_in_use(Books& books, const PlanId& plan) {
    return books.db()
        .value<std::int64_t>("SELECT 1 FROM pass_secret WHERE plan = ? LIMIT 1", plan.text)
        .has_value();
}

void set_plan_active(Books& books, Plan& plan) {
    plan.state = PlanState::active;
    const journal::Value body = journal::to_value(plan);
    books.put_fact("plan", plan.id.text, plan.business, *body.map());
}

Result<void> check_room(Books& books, const Plan& plan, std::int64_t more) {
    if (plan.count > 0 && passes_of(books, plan.id) + more > plan.count) {
        return Fault{"plan_complete", "the plan has " + std::to_string(plan.count) +
                                          " passes at most; copy it for others"};
    }
    if (entropy_bits(plan.code) >= bits_without_end) return {};
    if (has_room_for(plan.code, passes_of_forms_like(books, plan.code) + more)) return {};
    return Fault{"codes_exhausted",
                 "the plan's code format has too few codes: a thousand are wanted for each pass, "
                 "those of all plans with codes of the same form counted"};
}

Result<Activated> activate_plan(Books& books, const SecretKeys& keys, const PlanId& id,
                                const VenueId& venue, const std::string& source, Instant now,
                                Random& random) {
    auto plan = books.plan(id);
    if (!plan) return Fault{"plan_unknown", "there is no plan " + id.text};
    const std::int64_t wanted = plan->printed ? plan->count : 0;
    const std::int64_t missing = std::max<std::int64_t>(0, wanted - passes_of(books, id));
    if (plan->state == PlanState::active && missing == 0) {
        return Fault{"plan_already_active", "the plan is active and has its passes"};
    }
    // All of them must fit, not only those that are made now.
    if (auto room = check_room(books, *plan, missing); !room) return room.error();
    set_plan_active(books, *plan);

    Activated done{.plan = *plan};
    const std::int64_t now_made = std::min(missing, plan->pin ? most_with_pin : most_without_pin);
    done.remaining = missing - now_made;
    if (now_made == 0) return done;
    const IssueOrder order{.plan = id, .venue = venue, .source = source};
    auto issued = issue_passes(books, keys, order, now_made, now, random);
    if (!issued) return issued.error();
    done.passes = std::move(*issued);
    return done;
}

Result<std::vector<PrintedPass>> export_passes(Books& books, const SecretKeys& keys, const PlanId& plan,
                                               std::string_view after, std::int64_t limit) {
    if (!books.plan(plan)) return Fault{"plan_unknown", "there is no plan " + plan.text};
    struct Sealed {
        PassId id;
        Bytes code;
        std::optional<Bytes> pin{};
        bool has_pin = false;
    };
    std::vector<Sealed> rows;
    books.db().each(
        "SELECT pass, code_sealed, pin_sealed, pin_verifier FROM pass_secret WHERE plan = ? AND pass > ? "
        "ORDER BY pass LIMIT ?",
        [&rows](sql::Statement& row) {
            Sealed sealed{.id = PassId{row.text(0)}, .code = row.blob(1), .has_pin = !row.null(3)};
            if (!row.null(2)) sealed.pin = row.blob(2);
            rows.push_back(std::move(sealed));
        },
        plan.text, after, limit);

    std::vector<PrintedPass> passes;
    for (const Sealed& row : rows) {
        auto code = unseal_code(keys, row.id, row.code);
        if (!code) return code.error();
        PrintedPass pass{.id = row.id, .code = std::move(*code), .has_pin = row.has_pin};
        if (row.pin) {
            auto pin = unseal_pin(keys, row.id, *row.pin);
            if (!pin) return pin.error();
            pass.pin = std::move(*pin);
            books.db().run("UPDATE pass_secret SET pin_sealed = NULL WHERE pass = ?", row.id.text);
        }
        passes.push_back(std::move(pass));
    }
    return passes;
}

}  // namespace obol::ledger
