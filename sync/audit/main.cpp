// obol-audit FILE...: what these files say of themselves and of one another, and nothing is
// written.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>

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
        learn_from_ledger(source.db(), !source.copied(), known);
    } else if (source.kind() == Kind::journal_export) {
        const ExportHeader header = read_export_header(*source.stream());
        if (header.key) known.keys[header.device] = *header.key;
    }
}

using Together = std::vector<const Source*>;  // databases one by one, all exports of one device

// In the order in which they were given.
std::vector<Together> together(const std::vector<std::optional<Source>>& sources) {
    std::vector<Together> out;
    std::map<std::string, std::size_t> places;  // by device
    for (const auto& source : sources) {
        if (!source) continue;
        if (source->kind() == Kind::journal_export) {
            const std::string device = read_export_header(*source->stream()).device;
            const auto [place, first] = places.emplace(device, out.size());
            if (!first) {
                out[place->second].push_back(&*source);
                continue;
            }
        }
        out.push_back({&*source});
    }
    return out;
}

void audit_pieces(const Together& sources, Report& report, const Known& known) {
    std::vector<ExportPiece> pieces;
    for (const Source* source : sources) {
        pieces.push_back(
            {source->path(), source->stream(), read_export_header(*source->stream())});
    }
    audit_exports(std::move(pieces), report, known);
}

std::string names_of(const Together& sources) {
    std::string out = sources.front()->path();
    if (sources.size() > 1) out += " and " + std::to_string(sources.size() - 1) + " more";
    return out;
}

int check(const Together& sources, bool json, const Known& known) {
    const Source& source = *sources.front();
    Report report(std::cout, json, names_of(sources));
    if (!source.note().empty()) report.note(source.note());
    try {
        if (source.kind() == Kind::ledger) {
            audit_ledger(source.db(), report);
        } else if (source.kind() == Kind::agent) {
            audit_agent(source.db(), report, known);
        } else {
            audit_pieces(sources, report, known);
        }
    } catch (const sql::SqlError& error) {
        report.find(Finding("database_damaged", "file").with("why", error.what()));
        report.finish("could not be read to its end", {});
    }
    for (const Source* each : sources) {
        if (!each->changed()) continue;
        std::cerr << "obol-audit: " << each->path() << ": was written to while it was read\n";
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
                   "databases and exports, which may be pieces of one; a ledger's vouches for those "
                   "of its agents")
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
    // Of files that live, a ledger's is taken first: its agents may know more than it, never less.
    std::vector<std::optional<Source>> sources(files.size());
    for (const bool ledgers : {true, false}) {
        for (std::size_t at = 0; at < files.size(); ++at) {
            if (Source::seems_a_ledger(files[at]) != ledgers || sources[at]) continue;
            if (Result<Source> source = Source::open(files[at])) {
                sources[at] = std::move(*source);
            } else {
                std::cerr << "obol-audit: " << source.error().detail << '\n';
                worst = unreadable;
            }
        }
    }
    for (const auto& source : sources) {
        try {
            if (source) learn(*source, known);
        } catch (const sql::SqlError&) {
            // It will be said when the file's own turn comes.
        }
    }
    for (const Together& each : together(sources))
        worst = std::max(worst, check(each, json, known));
    return worst;
}
