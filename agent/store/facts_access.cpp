// Stored answers, tokens, terminals and the small things of `meta`.

#include "agent/store/facts.hpp"

namespace obol::agent {

namespace {

TokenRow token_in(const sql::Statement& row) {
    TokenRow out;
    out.id = row.text(0);
    out.terminal = row.text(1);
    out.role = row.text(2);
    out.created = from_millis(row.integer(3));
    if (!row.null(4)) out.expires = from_millis(row.integer(4));
    out.revoked = !row.null(5);
    return out;
}

}  // namespace

std::optional<StoredAnswer> Facts::answer(std::string_view terminal, std::string_view key) {
    std::optional<StoredAnswer> out;
    db_.each(
        "SELECT fingerprint, status, body FROM answer WHERE terminal = ? AND key = ?",
        [&out](sql::Statement& row) {
            out = StoredAnswer{row.blob(0), static_cast<int>(row.integer(1)), row.text(2)};
        },
        terminal, key);
    return out;
}

std::optional<TokenRow> Facts::token_by_hash(ByteView hash) {
    const std::string key(as_text(hash));
    if (memory_) {
        if (const TokenRow* known = memory_->tokens.find(key)) return *known;
    }
    std::optional<TokenRow> out;
    db_.each("SELECT id, terminal, role, created, expires, revoked FROM token WHERE hash = ?",
             [&out](sql::Statement& row) { out = token_in(row); }, hash);
    if (memory_ && out) memory_->tokens.keep(key, *out);
    return out;
}

std::vector<TokenRow> Facts::tokens() {
    std::vector<TokenRow> out;
    db_.each("SELECT id, terminal, role, created, expires, revoked FROM token ORDER BY created, id",
             [&out](sql::Statement& row) { out.push_back(token_in(row)); });
    return out;
}

std::vector<std::pair<std::string, std::string>> Facts::terminals() {
    std::vector<std::pair<std::string, std::string>> out;
    db_.each("SELECT id, name FROM terminal ORDER BY id",
             [&out](sql::Statement& row) { out.emplace_back(row.text(0), row.text(1)); });
    return out;
}

std::optional<std::string> Facts::meta(std::string_view key) {
    return db_.value<std::string>("SELECT value FROM meta WHERE key = ?", key);
}

}  // namespace obol::agent
