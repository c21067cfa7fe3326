#pragma once
// A file that grows at its end and is never written over.

#include <string>
#include <string_view>

#include "sync/core/result.hpp"

namespace obol::host {

// At the end of `path`, made with this mode if it is new, and durable when this returns. Fault
// file_unwritable: nothing was added, or the beginning of `text` (a crash leaves that, too).
Result<void> append_durably(const std::string& path, std::string_view text, unsigned mode);

}  // namespace obol::host
