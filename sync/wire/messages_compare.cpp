#include "sync/wire/messages_compare.hpp"

#include "sync/journal/value.hpp"
#include "sync/wire/parts.hpp"

namespace obol::wire {
namespace {

const std::vector<std::string_view> compared_names{"held", "balances"};
const std::vector<std::string_view> comparison_names{"same", "different", "moved"};

}  // namespace

std::string_view name_of(Compared what) { return compared_names[static_cast<std::size_t>(what)]; }

std::string_view name_of(Comparison state) {
    return comparison_names[static_cast<std::size_t>(state)];
}

journal::Hash digest_of(const std::vector<Balance>& rows) {
    journal::Array all;
    all.reserve(rows.size());
    for (const Balance& row : rows) {
        all.push_back(journal::Array{row.subject, row.value.minor, std::string(row.currency.code())});
    }
    return journal::hash_of(journal::encode(journal::Value{std::move(all)}));
}

std::string encode(const CompareAsk& ask) {
    JsonWriter out = begin_message(2);
    out.member("generation", ask.generation);
    write(out, "head", ask.head);
    out.member("cursor", ask.cursor).member("what", name_of(ask.what));
    out.member("after", ask.after).member("until", ask.until);
    write_hash(out, "digest", ask.digest);
    if (ask.rows) write(out, *ask.rows);
    out.end_object();
    return out.take();
}

template <>
Result<CompareAsk> decode<CompareAsk>(std::string_view json) {
    return decode_with<CompareAsk>(json, [](ObjectReader& in, CompareAsk& ask, JsonFaults& faults) {
        read_version(in, 2, 2);
        ask.generation = read_count(in, "generation");
        ask.head = read_head(in, "head", faults);
        ask.cursor = read_count(in, "cursor");
        ask.what = static_cast<Compared>(in.required_word("what", compared_names));
        ask.after = in.required_text("after", 0, longest_subject);
        ask.until = in.required_text("until", 0, longest_subject);
        ask.digest = read_hash(in, "digest");
        if (!in.has("balances")) return;
        ask.rows = read_balances(in, faults);
        if (ask.rows->size() > most_rows_a_slice) in.fault("balances", "more than a slice has");
    });
}

std::string encode(const CompareAnswer& answer) {
    JsonWriter out = begin_message(2);
    out.member("state", name_of(answer.state));
    out.key("differences").begin_array();
    for (const Difference& one : answer.differences) {
        out.begin_object().member("subject", one.subject);
        out.member("device", one.device.minor).member("ledger", one.ledger.minor);
        out.member("currency", one.currency.code()).end_object();
    }
    out.end_array().end_object();
    return out.take();
}

template <>
Result<CompareAnswer> decode<CompareAnswer>(std::string_view json) {
    return decode_with<CompareAnswer>(json, [](ObjectReader& in, CompareAnswer& answer, JsonFaults& faults) {
        read_version(in, 2, 2);
        answer.state = static_cast<Comparison>(in.required_word("state", comparison_names));
        in.required_array("differences", 0, 2 * most_rows_a_slice, [&](const Json& item, const std::string& at) {
            ObjectReader inner(item, at, faults);
            Difference one;
            one.subject = read_subject(inner);
            one.device = read_amount(inner, "device");
            one.ledger = read_amount(inner, "ledger");
            one.currency = read_currency(inner, "currency");
            inner.done();
            answer.differences.push_back(std::move(one));
        });
    });
}

}  // namespace obol::wire
