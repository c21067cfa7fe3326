#pragma once
// What `obolctl journal export` writes: a header with the device's public key, a line an entry, a
// trailer with the head. It needs nothing else, on any machine.

#include <istream>

#include "sync/audit/known.hpp"
#include "sync/audit/report.hpp"

namespace obol::audit {

inline constexpr std::string_view export_format = "obol-journal/1";

// The key that the header names, where it is the one that the device is named by.
void learn_from_export(std::istream& in, Known& known);
void audit_export(std::istream& in, Report& report, const Known& known);

}  // namespace obol::audit
