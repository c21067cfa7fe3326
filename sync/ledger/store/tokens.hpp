#pragma once
// Bearer tokens of the admin API. Only their hash is kept.

#include <optional>
#include <string>
#include <string_view>

#include "sync/core/secret.hpp"
#include "sync/core/time.hpp"
#include "sync/ledger/store/books.hpp"

namespace obol::ledger {

enum class Role { admin, finance, support, readonly };
constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
std::string_view name_of(Role role);
std::optional<Role> role_named(std::string_view name);

struct User {
    std::string name;  // idempotency keys are theirs, whatever token they use
    Role role = Role::readonly;
};

// In the caller's transaction.
Secret make_admin_token(Books& books, std::string_view user, Role role, Instant now, Random& random);
std::optional<User> user_of(Books& books, std::string_view token);

}  // namespace obol::ledger
