#pragma once
// A printer's profile from its JSON text (config/printers/*.json). Who finds and reads the file is the caller's affair.

#include <string_view>

#include "drivers/escpos/profile.hpp"
#include "sync/core/result.hpp"

namespace obol::drivers {

// Strict: a member that nobody knows, a member twice, a number out of range are faults that name the member.
// Fault profile_invalid.
Result<Profile> read_profile(std::string_view json);

}  // namespace obol::drivers
