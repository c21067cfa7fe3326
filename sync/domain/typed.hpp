#pragma once
// From what a scanner or a hand sends to plain ASCII: what codes and scans have in common.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obol {

inline constexpr char group_separator = 0x1D;  // how scanners send the FNC1 between two elements of GS1

// Drops blanks and control characters, among them the CR, LF or TAB behind a scan and, unless it is to stay,
// the group separator of GS1; folds full-width forms, the many dashes and what was meant as Latin to ASCII.
// Case stays. nullopt: a letter that was meant as none of these.
enum class Separators { dropped, kept };
std::optional<std::string> fold_typed(std::string_view raw, Separators separators = Separators::dropped);

// "C1" of "]C1…", "Q3" of "]Q3…": the scanner's word (ISO/IEC 15424) for the symbology that it read.
std::optional<std::string_view> aim_identifier(std::string_view text);

std::optional<std::string> percent_decoded(std::string_view text);

// What was typed by keys under another layout than the one it was meant for: the text as it stands, then as
// the keys of the Greek, the Russian, the French and the German layout have it on a Latin one, in capitals
// each, as far as all of its characters lie there. Only for texts that prove themselves.
std::vector<std::string> by_layouts(std::string_view raw);

}  // namespace obol
