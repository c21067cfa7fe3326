#include "agent/app/context.hpp"

namespace obol::agent {

std::string_view name_of(Role role) {
    switch (role) {
        case Role::pos: return "pos";
        case Role::cashier: return "cashier";
        case Role::manager: return "manager";
    }
    return "";
}

std::optional<Role> role_named(std::string_view name) {
    for (Role role : {Role::pos, Role::cashier, Role::manager}) {
        if (name_of(role) == name) return role;
    }
    return std::nullopt;
}

}  // namespace obol::agent
