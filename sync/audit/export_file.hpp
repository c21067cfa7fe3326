#pragma once
// What `obolctl journal export` writes: a header with the device's public key, a line an entry, a
// trailer with the head. It needs nothing else, on any machine. A journal may come in pieces, of
// which each says after which entry it begins.

#include <istream>
#include <memory>
#include <vector>

#include "sync/audit/known.hpp"
#include "sync/audit/report.hpp"

namespace obol::audit {

inline constexpr std::string_view export_format = "obol-journal/1";

struct ExportHeader {
    std::string device, venue;
    std::optional<PublicKey> key;  // where it is the one that the device is named by
    // The entry that it begins behind.
    struct After {
        std::optional<std::int64_t> seq;
        std::optional<Digest> hash;
    };
    std::optional<After> after;

    std::int64_t begin() const { return after ? after->seq.value_or(0) : 0; }
};
ExportHeader read_export_header(std::istream& in);

struct ExportPiece {
    std::string file;
    std::unique_ptr<std::istream> in;
    ExportHeader header;
};
// All of one device.
void audit_exports(std::vector<ExportPiece> pieces, Report& report, const Known& known);

}  // namespace obol::audit
