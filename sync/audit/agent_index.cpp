#include <set>

#include "sync/audit/agent_db.hpp"
#include "sync/audit/json_text.hpp"

namespace obol::audit {
namespace {

using Json = nlohmann::json;

constexpr std::size_t fingerprint_size = 32;

// What both an answer and its entry may say: where in the answer, where in the detail.
struct Told {
    const char* kinds;
    const char* in_answer;
    const char* in_detail;
};
constexpr Told told[] = {
    {"purchase", "/spent", "decision.spent"},
    {"purchase", "/due", "decision.due"},
    {"purchase", "/basket_total", "decision.basket_total"},
    {"purchase", "/currency", "facts.basket.currency"},
    {"purchase", "/policy", "decision.policy"},
    {"refund void", "/refunded", "decision.refunded"},
    {"refund void", "/due_back", "decision.due_back"},
    {"refund void", "/currency", "currency"},
    {"refund void", "/purchase", "purchase"},
    {"top_up pass_redeemed", "/credited/amount", "credit.money.amount"},
    {"top_up pass_redeemed", "/credited/currency", "credit.money.currency"},
    {"top_up pass_redeemed", "/credited/lot", "credit.lot.id"},
    {"activation_voided issue_voided", "/due_back/amount", "value.amount"},
    {"activation_voided issue_voided", "/due_back/currency", "value.currency"},
    {"pass_activated pass_issued", "/pass/value/amount", "value.amount"},
    {"pass_activated pass_issued", "/pass/value/currency", "value.currency"},
    {"", "/receipt/number", "receipt"},
};

bool named(std::string_view kinds, std::string_view kind) {
    if (kinds.empty()) return true;
    while (!kinds.empty()) {
        const std::string_view word = kinds.substr(0, kinds.find(' '));
        if (word == kind) return true;
        kinds.remove_prefix(std::min(kinds.size(), word.size() + 1));
    }
    return false;
}

const Json* member(const Json& json, const char* pointer) {
    const Json::json_pointer at(pointer);
    return json.contains(at) ? &json[at] : nullptr;
}

std::optional<std::string> text_in(const Value& value, const char* path) {
    if (const auto text = value.text(path)) return text;
    const auto integer = value.integer(path);
    return integer ? std::optional(std::to_string(*integer)) : std::nullopt;
}

std::string joined(const std::set<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : " ") + part;
    return out;
}

bool has_allocations(std::string_view kind) {
    return kind == "purchase" || kind == "refund" || kind == "void";
}

// Which pockets and lots paid, or were paid back, and how much: "lot:x=500 business=20".
std::string paid_in(const Value& detail) {
    std::set<std::string> parts;
    for (const Value& part : detail.list("decision.allocations")) {
        parts.insert(part.text_or_empty("pocket") + ":" + part.text_or_empty("lot") + "=" +
                     std::to_string(part.integer_or_zero("amount")));
    }
    return joined(parts);
}

std::string paid_in(const Json& answer) {
    const auto text = [](const Json& part, const char* pointer) {
        const Json* found = member(part, pointer);
        return found == nullptr || found->is_null() ? std::string() : scalar_text(*found);
    };
    const Json* list = member(answer, "/allocations");
    if (list == nullptr || !list->is_array()) return "none";
    std::set<std::string> parts;
    for (const Json& part : *list)
        parts.insert(text(part, "/pocket") + ":" + text(part, "/lot") + "=" +
                     text(part, "/amount"));
    return joined(parts);
}

// "/receipt/number" → "body.receipt.number"
std::string column_of(std::string_view pointer) {
    std::string out = "body" + std::string(pointer);
    for (char& c : out) {
        if (c == '/') c = '.';
    }
    return out;
}

bool is_kept_status(std::int64_t status) {
    return (status >= 200 && status < 300) || status == 404 || status == 422 || status == 423;
}

}  // namespace

void AgentAudit::check_operations() {
    Seqs seen;
    db_.each(
        "SELECT ref, kind, seq, purchase, receipt, terminal, ticket, wallet, total, at FROM "
        "operation ORDER BY ref",
        [&](sql::Statement& row) {
            const std::int64_t seq = row.integer(2);
            const auto finding = [&](std::string_view code) {
                return row_of(code, "operation").with("ref", row.text_view(0));
            };
            if (!refers_well(seq, "operation_without_entry", finding(""))) return;
            seen.add(seq);
            const std::optional<Body> body = body_at(seq);
            if (!body) return;
            const std::optional<Operation> wanted = operation_of(*body);
            if (!wanted) {
                report_.find(
                    finding("operation_without_entry").with("seq", seq).with("kind", body->kind));
                return;
            }
            const auto compare = [&](std::string_view column, const std::string& should,
                                     const std::string& is) {
                if (should != is)
                    report_.find(
                        finding("operation_differs").with("seq", seq).differs(column, should, is));
            };
            compare("ref", wanted->ref, row.text(0));
            compare("kind", body->kind, row.text(1));
            compare("purchase", or_none(wanted->purchase), or_none(text_or_null(row, 3)));
            compare("receipt", or_none(wanted->receipt), or_none(text_or_null(row, 4)));
            compare("terminal", wanted->terminal, row.text(5));
            compare("ticket", or_none(wanted->ticket), or_none(text_or_null(row, 6)));
            compare("wallet", or_none(wanted->wallet), or_none(text_or_null(row, 7)));
            compare("total", said(wanted->total), said(integer_or_null(row, 8)));
            // The entry's stamp never runs back: where the clock was ahead once, it is ahead of the
            // moment. It is never behind it.
            if (row.integer(9) > body->wall)
                compare("at", std::to_string(body->wall), std::to_string(row.integer(9)));
        });
    operations_.each([&](std::int64_t seq) {
        if (!seen.has(seq)) report_.find(row_of("operation_missing", "operation").with("seq", seq));
    });
}

void AgentAudit::check_answers() {
    const Seqs wanted = std::exchange(answers_, {});
    db_.each(
        "SELECT terminal, key, fingerprint, status, body, seq, at FROM answer ORDER BY terminal, "
        "key",
        [this](sql::Statement& row) { check_answer(row); });
    wanted.each([&](std::int64_t seq) {
        if (!answers_.has(seq)) report_.find(row_of("answer_missing", "answer").with("seq", seq));
    });
}

// One key has one effect: the entry that the answer names, which no other answer names.
void AgentAudit::check_answer(sql::Statement& row) {
    const auto finding = [&](std::string_view code) {
        return row_of(code, "answer")
            .with("terminal", row.text_view(0))
            .with("key", row.text_view(1));
    };
    const auto differs = [&](std::string_view column, const std::string& should,
                             const std::string& is) {
        if (should != is) report_.find(finding("answer_differs").differs(column, should, is));
    };
    const std::int64_t status = row.integer(3);
    const std::optional<std::int64_t> stored_seq = integer_or_null(row, 5);
    if (row.blob_view(2).size() != fingerprint_size)
        report_.find(finding("answer_malformed").with("column", "fingerprint"));
    const std::optional<Json> read = json_in(row.text_view(4));
    if (!read || !read->is_object()) {
        report_.find(finding("answer_malformed").with("column", "body"));
        if (stored_seq) answers_.add(*stored_seq);
        return;
    }
    const Json& json = *read;
    if (!is_kept_status(status))
        report_.find(finding("answer_differs").with("column", "status").with("met", status));
    if (const Json* said_status = member(json, "/status");
        status >= 400 && said_status != nullptr) {
        differs("status", scalar_text(*said_status), std::to_string(status));
    }
    const Json* told_seq = member(json, "/entry/seq");
    const Json* told_hash = member(json, "/entry/hash");
    if (told_seq == nullptr || !told_seq->is_number_integer()) {
        if (stored_seq) report_.find(finding("answer_differs").differs("seq", "none", *stored_seq));
        if (!db_.value<std::int64_t>("SELECT 1 FROM terminal WHERE id = ?", row.text_view(0)))
            report_.find(finding("answer_differs").differs("terminal", "none", row.text_view(0)));
        return;
    }
    const auto hash_of_entry = [&](std::int64_t seq) {
        const auto hash = hash_at(seq);
        return hash ? to_hex(*hash) : std::string("none");
    };
    const std::string hash = told_hash != nullptr ? scalar_text(*told_hash) : "none";
    std::int64_t seq = told_seq->get<std::int64_t>();
    if (!stored_seq) {
        report_.find(finding("answer_differs").differs("seq", seq, "none"));
    } else if (*stored_seq != seq && hash_of_entry(*stored_seq) == hash) {
        report_.find(finding("answer_differs").differs("body.entry.seq", *stored_seq, seq));
        seq = *stored_seq;
    } else if (*stored_seq != seq) {
        report_.find(finding("answer_differs").differs("seq", seq, *stored_seq));
    }
    if (!refers_well(seq, "answer_without_entry", finding(""))) return;
    if (!answers_.add(seq)) report_.find(finding("answer_shares_entry").with("seq", seq));
    const std::optional<Body> body = body_at(seq);
    if (!body) return;
    differs("body.entry.hash", hash_of_entry(seq), hash);
    differs("status", "201", std::to_string(status));
    differs("terminal", body->detail.text_or_empty("terminal"), row.text(0));
    if (row.integer(6) > body->wall)
        differs("at", std::to_string(body->wall), std::to_string(row.integer(6)));
    const auto compare = [&](const char* pointer, const std::string& should) {
        const Json* is = member(json, pointer);
        differs(column_of(pointer), should, is != nullptr ? scalar_text(*is) : "none");
    };
    if (const std::string id = id_of(*body); !id.empty()) compare("/id", id);
    for (const Told& each : told) {
        if (!named(each.kinds, body->kind)) continue;
        if (const auto should = text_in(body->detail, each.in_detail))
            compare(each.in_answer, *should);
    }
    if (has_allocations(body->kind))
        differs("body.allocations", paid_in(body->detail), paid_in(json));
}

}  // namespace obol::audit
