#pragma once
// A file that is read from its begin to its end, however long it is.

#include <istream>
#include <memory>
#include <string>

#include "sync/core/result.hpp"

namespace obol::host {

Result<std::unique_ptr<std::istream>> open_input(const std::string& path);  // Fault file_unreadable

}  // namespace obol::host
