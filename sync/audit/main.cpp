// obol-audit FILE...: what these files say of themselves and of one another, and nothing is
// written.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "sync/audit/agent_db.hpp"
#include "sync/audit/export_file.hpp"
#include "sync/audit/ledger_db.hpp"
#include "sync/audit/source.hpp"

namespace {

using namespace obol;
using namespace obol::audit;

constexpr int clean = 0, with_findings = 1, unreadable = 2;

// A certificate, or 64 hex digits: the raw Ed25519 key.
std::optional<PublicKey> key_in(const std::string& path) {
    std::string given = text_of_file(path);
    if (const auto key = crypto::certificate_public_key(given)) return *key;
    while (!given.empty() && (given.back() == '\n' || given.back() == '\r' || given.back() == ' '))
        given.pop_back();
    const Result<Bytes> raw = from_hex(given);
    PublicKey out{};
    if (!raw || raw->size() != out.size()) return std::nullopt;
    std::ranges::copy(*raw, out.begin());
    return out;
}

void learn(const Source& source, Known& known) {
    if (source.kind() == Kind::ledger) {
        learn_from_ledger(source.db(), known);
    } else if (source.kind() == Kind::journal_export) {
        learn_from_export(*source.stream(), known);
    }
}

int check(const Source& source, bool json, const Known& known) {
    Report report(std::cout, json, source.path());
    if (!source.note().empty()) report.note(source.note());
    try {
        if (source.kind() == Kind::ledger) {
            audit_ledger(source.db(), report);
        } else if (source.kind() == Kind::agent) {
            audit_agent(source.db(), report, known);
        } else {
            audit_export(*source.stream(), report, known);
        }
    } catch (const sql::SqlError& error) {
        report.find(Finding("database_damaged", "file").with("why", error.what()));
        report.finish("could not be read to its end", {});
    }
    if (source.changed()) {
        std::cerr << "obol-audit: " << source.path() << ": was written to while it was read\n";
        return unreadable;
    }
    return report.findings() == 0 ? clean : with_findings;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Checks an agent's database, a ledger's, or a journal's export; writes nothing");
    std::vector<std::string> files, keys;
    bool json = false;
    app.add_option("FILE", files,
                   "databases and exports; a ledger's vouches for those of its agents")
        ->required();
    app.add_option("--key", keys,
                   "a device's certificate or public key in hex, to check an agent's signatures")
        ->allow_extra_args(false);
    app.add_flag("--json", json, "each line as JSON");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        const int code = app.exit(error);
        return code == 0 ? clean : unreadable;
    }

    int worst = clean;
    Known known;
    for (const std::string& path : keys) {
        if (const auto key = key_in(path)) {
            known.keys[crypto::device_id_of(*key)] = *key;
        } else {
            std::cerr << "obol-audit: " << path << ": no certificate and no key\n";
            worst = unreadable;
        }
    }
    std::vector<Source> sources;
    for (const std::string& path : files) {
        if (Result<Source> source = Source::open(path)) {
            sources.push_back(std::move(*source));
        } else {
            std::cerr << "obol-audit: " << source.error().detail << '\n';
            worst = unreadable;
        }
    }
    for (const Source& source : sources) {
        try {
            learn(source, known);
        } catch (const sql::SqlError&) {
            // It will be said when the file's own turn comes.
        }
    }
    for (const Source& source : sources) worst = std::max(worst, check(source, json, known));
    return worst;
}
