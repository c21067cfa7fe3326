#include "agent/app/journal_list.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/words.hpp"

namespace obol::agent {

namespace {

Words value_in_words(const journal::Value& value) {
    if (const bool* b = value.boolean()) return *b;
    if (const std::int64_t* i = value.integer()) return *i;
    if (const std::string* s = value.text()) return *s;
    if (const Bytes* bytes = value.bytes()) return to_hex(*bytes);
    if (const journal::Array* array = value.array()) {
        Words words = Words::array();
        for (const journal::Value& each : *array) words.push_back(value_in_words(each));
        return words;
    }
    if (const journal::Map* map = value.map()) {
        Words words = Words::object();
        for (const auto& [key, each] : *map) words[key] = value_in_words(each);
        return words;
    }
    return nullptr;
}

// One signature covers all before it, so only the last entry of each commit group has one.
std::optional<Bytes> signature_of(Facts& facts, std::int64_t seq) {
    return facts.db().value<Bytes>("SELECT signature FROM head_signature WHERE seq = ?", seq);
}

Words entry_in_full(const journal::Entry& entry, const Bytes& body) {
    Words postings = Words::array();
    for (const journal::Posting& posting : entry.postings) {
        Words each;
        each["account"] = posting.account;
        each["amount"] = posting.amount.minor;
        each["currency"] = posting.currency.code();
        postings.push_back(std::move(each));
    }
    Words words;
    words["seq"] = entry.seq;
    words["hash"] = to_hex(journal::hash_of(body));
    words["prev"] = to_hex(entry.prev);
    words["kind"] = entry.kind;
    words["at"] = instant_in_words(entry.wall);
    words["postings"] = std::move(postings);
    words["detail"] = value_in_words(journal::Value(entry.detail));
    words["body"] = to_base64(body);
    return words;
}

Words exception_in_words(sql::Statement& row) {
    Words words;
    words["id"] = row.text(0);
    words["at"] = instant_in_words(from_millis(row.integer(1)));
    words["code"] = row.text(2);
    words["detail"] = row.text(3);
    words["seq"] = row.null(4) ? Words(nullptr) : Words(row.integer(4));
    words["amount"] = nullptr;
    if (!row.null(5) && !row.null(6)) words["amount"] = {{"amount", row.integer(5)}, {"currency", row.text(6)}};
    words["closed_at"] = row.null(7) ? Words(nullptr) : Words(instant_in_words(from_millis(row.integer(7))));
    words["closed_reason"] = row.null(8) ? Words(nullptr) : Words(row.text(8));
    return words;
}

constexpr std::string_view exception_columns =
    "SELECT id, at, code, detail, seq, minor, currency, closed_at, closed_reason FROM exception ";

Answer page(Words items, bool more, Words next) {
    Words words;
    words["items"] = std::move(items);
    words["next"] = more ? std::move(next) : Words(nullptr);
    return answer(200, words);
}

}  // namespace

Answer list_journal(Context& context, std::int64_t after_seq, std::size_t limit) {
    auto bodies = context.store.facts().bodies(after_seq + 1, limit + 1);
    const bool more = bodies.size() > limit;
    if (more) bodies.pop_back();
    Words items = Words::array();
    for (const auto& [seq, body] : bodies) {
        const Result<journal::Entry> entry = journal::decode_body(body);
        if (entry) {
            items.push_back(entry_in_full(*entry, body));
        } else {  // damage: shown as it is, for the auditor
            items.push_back({{"seq", seq}, {"damaged", entry.error().detail}, {"body", to_base64(body)}});
        }
        if (const auto signature = signature_of(context.store.facts(), seq)) {
            items.back()["signature"] = to_base64(*signature);
        }
    }
    const std::int64_t last = bodies.empty() ? after_seq : bodies.back().first;
    return page(std::move(items), more, std::to_string(last));
}

Answer list_exceptions(Context& context, const std::string& after, std::size_t limit) {
    static const std::string sql = std::string(exception_columns) + "WHERE id > ? ORDER BY id LIMIT ?";
    Words items = Words::array();
    context.store.facts().db().each(
        sql, [&items](sql::Statement& row) { items.push_back(exception_in_words(row)); }, after,
        static_cast<std::int64_t>(limit) + 1);
    const bool more = items.size() > limit;
    if (more) items.erase(items.size() - 1);
    const Words last = items.empty() ? Words(nullptr) : items.back()["id"];
    return page(std::move(items), more, last);
}

std::vector<std::pair<std::string, std::string>> exceptions_after(Facts& facts, const std::string& after, std::size_t most) {
    static const std::string sql = std::string(exception_columns) + "WHERE id > ? ORDER BY id LIMIT ?";
    std::vector<std::pair<std::string, std::string>> out;
    facts.db().each(
        sql, [&out](sql::Statement& row) { out.emplace_back(row.text(0), exception_in_words(row).dump()); }, after,
        static_cast<std::int64_t>(most));
    return out;
}

awaitable<Answer> close_exception(Context& context, Caller caller, Idempotency once, std::string id,
                                  std::string reason) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        // Closed once: a second reason does not paint over the first.
        txn.db().run("UPDATE exception SET closed_at = ?, closed_reason = ? WHERE id = ? AND closed_at IS NULL",
                     to_millis(txn.now()), reason, id);
        static const std::string sql = std::string(exception_columns) + "WHERE id = ?";
        std::optional<Words> words;
        txn.db().each(sql, [&words](sql::Statement& row) { words = exception_in_words(row); }, id);
        return words ? answer(200, *words) : problem("not_found", "there is no such exception");
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

}  // namespace obol::agent
