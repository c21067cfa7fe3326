#pragma once
// `obol-ledger import`: one document, one transaction, all or nothing.

#include <array>
#include <string_view>
#include <variant>

#include "sync/ledger/store/books.hpp"
#include "sync/ledger/store/secrets.hpp"
#include "sync/wire/json.hpp"

namespace obol::ledger {

struct ImportCount {
    std::string_view kind;
    int created = 0, changed = 0, same = 0;
    bool operator==(const ImportCount&) const = default;
};
using ImportSummary = std::vector<ImportCount>;

// Keeps ids; running it again changes nothing, and money is never credited twice. Either what was
// written, or every fault with its JSON pointer and nothing written.
std::variant<ImportSummary, wire::JsonFaults> import_document(Books& books, const SecretKeys& keys,
                                                              std::string_view text, Instant now,
                                                              Random& random);

}  // namespace obol::ledger
