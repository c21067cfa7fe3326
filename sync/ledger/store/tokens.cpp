#include "sync/ledger/store/tokens.hpp"

#include <array>

#include "sync/crypto/crypto.hpp"
#include "sync/ledger/store/secrets.hpp"

namespace obol::ledger {

namespace {

constexpr std::array<std::string_view, 4> names{"admin", "finance", "support", "readonly"};

}  // namespace

std::string_view name_of(Role role) { return names[static_cast<std::size_t>(role)]; }

std::optional<Role> role_named(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return static_cast<Role>(i);
    }
    return std::nullopt;
}

Secret make_admin_token(Books& books, std::string_view user, Role role, Instant now, Random& random) {
    Secret token = make_token_secret(random);
    books.db().run("INSERT INTO admin_token (id, user, hash, role, created) VALUES (?, ?, ?, ?, ?)",
                   make_uuid7(now, random), user, crypto::sha256(as_bytes(token.reveal())),
                   name_of(role), to_millis(now));
    return token;
}

std::optional<User> user_of(Books& books, std::string_view token) {
    // Found by its hash: what an index compares tells nothing about a token of 256 random bits.
    std::optional<User> user;
    books.db().each("SELECT user, role FROM admin_token WHERE hash = ? AND revoked IS NULL",
                    [&](sql::Statement& row) {
                        if (const auto role = role_named(row.text_view(1))) {
                            user = User{row.text(0), *role};
                        }
                    },
                    crypto::sha256(as_bytes(token)));
    return user;
}

}  // namespace obol::ledger
