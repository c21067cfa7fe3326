#include "agent/app/access.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/words.hpp"
#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

Words token_in_words(const TokenRow& row) {
    Words words;
    words["id"] = row.id;
    words["terminal"] = row.terminal;
    words["role"] = row.role;
    words["created_at"] = instant_in_words(row.created);
    words["expires_at"] = row.expires ? Words(instant_in_words(*row.expires)) : Words(nullptr);
    words["revoked"] = row.revoked;
    return words;
}

// The items after the one whose id is `after` (all, if there is none such), at most `limit`.
Words page_of(const std::vector<Words>& all, const std::string& after, std::size_t limit) {
    auto from = all.begin();
    if (!after.empty()) {
        const auto seen = std::ranges::find(all, after, [](const Words& each) { return each["id"].get<std::string>(); });
        if (seen != all.end()) from = std::next(seen);
    }
    Words items = Words::array();
    for (; from != all.end() && items.size() < limit; ++from) items.push_back(*from);
    Words words;
    words["next"] = from != all.end() ? items.back()["id"] : Words(nullptr);
    words["items"] = std::move(items);
    return words;
}

bool knows_terminal(Facts& facts, const std::string& id) {
    const auto all = facts.terminals();
    return std::any_of(all.begin(), all.end(), [&id](const auto& each) { return each.first == id; });
}

std::string eight_digits(Random& random) {
    std::string code;
    for (int i = 0; i < 8; ++i) code += static_cast<char>('0' + uniform(random, 10));
    return code;
}

}  // namespace

Secret make_token(Random& random) {
    std::array<std::uint8_t, 32> bits{};
    random.fill(bits);
    return Secret("obol_" + to_base64url(bits));
}

Bytes token_hash(std::string_view token) {
    const crypto::Digest digest = crypto::sha256(as_bytes(token));
    return {digest.begin(), digest.end()};
}

Secret grant_token(WriteTxn& txn, Random& random, const std::string& terminal, Role role,
                   std::optional<Instant> expires) {
    if (!knows_terminal(txn, terminal)) txn.add_terminal(terminal, terminal);
    Secret token = make_token(random);
    TokenRow row;
    row.id = txn.new_id();
    row.terminal = terminal;
    row.role = name_of(role);
    row.created = txn.now();
    row.expires = expires;
    txn.add_token(row, token_hash(token.reveal()));
    return token;
}

Answer list_terminals(Context& context, const std::string& after, std::size_t limit) {
    std::vector<Words> all;
    for (const auto& [id, name] : context.store.facts().terminals()) all.push_back({{"id", id}, {"name", name}});
    return answer(200, page_of(all, after, limit));
}

awaitable<Answer> add_terminal(Context& context, Caller caller, Idempotency once, std::string id, std::string name) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        txn.add_terminal(id, name);
        Words words;
        words["id"] = id;
        words["name"] = name;
        return answer(201, words);
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

awaitable<Answer> make_pairing_code(Context& context, Caller caller, Idempotency once, std::string terminal,
                                    Role role) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        if (!knows_terminal(txn, terminal)) return problem("not_found", "there is no such terminal");
        const Secret code(eight_digits(context.random));
        const Instant expires = context.wall.now() + pairing_lifetime;
        txn.add_pairing(token_hash(code.reveal()), terminal, name_of(role), expires);
        Words words;
        words["pairing_code"] = nullptr;
        words["terminal"] = terminal;
        words["role"] = name_of(role);
        words["expires_at"] = instant_in_words(expires);
        std::string without_secret = words.dump();
        words["pairing_code"] = code.reveal();
        Answer out = answer(201, words);
        out.stored = std::move(without_secret);
        return out;
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

awaitable<Answer> issue_token(Context& context, Caller caller, Idempotency once, std::string terminal, Role role) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        if (!knows_terminal(txn, terminal)) return problem("not_found", "there is no such terminal");
        const Secret token = grant_token(txn, context.random, terminal, role, std::nullopt);
        const auto id = txn.db().value<std::string>("SELECT id FROM token WHERE hash = ?", token_hash(token.reveal()));
        const std::vector<TokenRow> all = txn.tokens();
        const auto row = std::ranges::find(all, id.value_or(""), &TokenRow::id);
        ENSURE(row != all.end());
        Words words = token_in_words(*row);
        words["token"] = nullptr;
        std::string without_secret = words.dump();
        words["token"] = token.reveal();
        Answer out = answer(201, words);
        out.stored = std::move(without_secret);
        return out;
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

awaitable<Answer> open_session(Context& context, Throttle& throttle, Caller caller, std::string peer,
                               Secret pairing_code) {
    if (const int wait_s = throttle.retry_after_s(peer); wait_s > 0) {
        co_return refusal({because(Code::too_many_attempts)}, caller.language, wait_s);
    }
    std::function<Result<Words>(WriteTxn&)> job = [&](WriteTxn& txn) -> Result<Words> {
        const Instant now = context.wall.now();
        const auto paired = txn.use_pairing(token_hash(pairing_code.reveal()), now);
        const auto role = paired ? role_named(paired->second) : std::nullopt;
        if (!role) return Fault{"unauthenticated", "this pairing code is not known, used or too old"};
        const Instant expires = now + session_lifetime;
        const Secret token = grant_token(txn, context.random, paired->first, *role, expires);
        Words words;
        words["token"] = token.reveal();
        words["terminal"] = paired->first;
        words["role"] = paired->second;
        words["expires_at"] = instant_in_words(expires);
        return words;
    };
    const Result<Words> opened = co_await context.store.write<Words>(std::move(job));
    if (opened) co_return answer(201, *opened);
    if (opened.error().code == "unauthenticated") throttle.count_unknown(peer);
    co_return problem(opened.error());
}

Answer list_tokens(Context& context, const std::string& after, std::size_t limit) {
    std::vector<Words> all;
    for (const TokenRow& row : context.store.facts().tokens()) all.push_back(token_in_words(row));
    return answer(200, page_of(all, after, limit));
}

awaitable<Answer> revoke_token(Context& context, Caller caller, Idempotency once, std::string id) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    std::function<Answer(WriteTxn&)> job = [&](WriteTxn& txn) {
        txn.revoke_token(id);
        const std::vector<TokenRow> all = txn.tokens();
        const auto row = std::find_if(all.begin(), all.end(), [&id](const TokenRow& each) { return each.id == id; });
        if (row == all.end()) return problem("not_found", "there is no such token");
        return answer(200, token_in_words(*row));
    };
    co_return co_await context.once.commit(ticket, std::move(job));
}

}  // namespace obol::agent
