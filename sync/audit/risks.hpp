#pragma once
// What a device's entries spent without authority, and the table that says so again.

#include <map>
#include <string>

#include "sync/audit/known.hpp"
#include "sync/audit/meaning.hpp"
#include "sync/audit/report.hpp"

namespace obol::audit {

class Risks {
public:
    void note(const Body& body);
    // The rows of `at_risk`, at a ledger those of device `h`. What is not told by an entry that was
    // read is left to whoever names that entry.
    void check(sql::Db& db, Report& report, const std::string& h = "") const;

private:
    struct Row {
        std::int64_t minor = 0, at = 0;
        std::string wallet;
    };
    Seqs read_;
    std::map<std::pair<std::int64_t, std::string>, Row> wanted_;  // by seq and subject
};

}  // namespace obol::audit
