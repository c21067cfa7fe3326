#pragma once
// A journal in files: what `obolctl journal export` writes and `obolctl journal verify FILE...` reads. A shop
// archives it in pieces, each with the entries behind those of the piece before.
//
//   export = NDJSON: header, one line an entry (journal_check.hpp), trailer
//   header = {"format": "obol-journal/1", "device": hex, "public_key": hex, "venue": text, "after"?: HEAD}
//   trailer = {"head": HEAD}          HEAD = {"seq", "hash"}
//
// Without `after` an export begins with entry 1. With it, the entry behind `after` comes first, and links to
// that hash. The head of a piece is the `after` of the next.

#include <istream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/journal_check.hpp"

namespace obol::agent {

inline constexpr std::string_view journal_format = "obol-journal/1";
// The largest entry comes to a tenth of it.
inline constexpr std::size_t longest_export_line = 4 << 20;

struct ExportHeader {
    DeviceId device{};
    Bytes public_key{};
    std::string venue{};
    journal::Head after{};
};
std::string to_line(const ExportHeader& header);
Result<ExportHeader> header_from(std::string_view line);  // Fault malformed_export
std::string to_trailer_line(const journal::Head& head);

struct ExportSummary {
    std::string device{}, venue{};
    journal::Head after{}, head{};  // what is here lies between them
    std::int64_t signatures = 0;
};

struct ExportPiece {
    std::string name;
    std::unique_ptr<std::istream> in;
};

// Each piece by itself, and that each continues the one before: they may come in any order. Pieces may
// overlap where they say the same. The first fault ends it; of several pieces it names the one. Besides those
// of JournalCheck: malformed_export, head_differs, cut_short; piece_missing: entries that no file has;
// pieces_differ: two files say different things of one entry; other_device, other_venue.
Result<ExportSummary> check_exports(std::vector<ExportPiece> pieces);

}  // namespace obol::agent
