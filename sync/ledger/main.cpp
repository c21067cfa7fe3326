// obol-ledger: composition root. Reads the command and its configuration, builds the objects, runs.

#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "sync/crypto/crypto.hpp"
#include "sync/host/system.hpp"
#include "sync/ledger/ledger.hpp"
#include "sync/ledger/store/import.hpp"
#include "sync/ledger/record_file.hpp"
#include "sync/ledger/store/open.hpp"
#include "sync/ledger/store/recovery.hpp"
#include "sync/ledger/store/tokens.hpp"

using namespace obol;
using namespace obol::ledger;

namespace {

struct Options {
    std::string config, data, role = "admin", user;
    bool record_lost = false;
};

int failed(const Fault& fault) {
    std::cerr << "obol-ledger: " << fault.code << ": " << fault.detail << "\n";
    return 1;
}

// All that a command but `init` needs. One process at a time: SQLite's WAL has one writer here.
struct Opened {
    Config config;
    Credentials credentials;
    std::unique_ptr<host::FileLock> lock;
    std::unique_ptr<sql::Db> db;
    std::unique_ptr<RecordFile> file;
};

Result<Opened> open_all(const std::string& config_path) {
    auto config = load_config(config_path);
    if (!config) return config.error();
    auto credentials = load_credentials(config->credentials);
    if (!credentials) return credentials.error();
    if (!host::file_exists(config->database)) {
        // An empty ledger in the place of a lost one would grant what was granted before.
        return Fault{"database_missing", config->database + ": is made once, by `obol-ledger init`"};
    }
    auto lock = host::FileLock::take(config->database + ".lock");
    if (!lock) return Fault{lock.error().code, lock.error().detail + "; stop the running ledger first"};
    auto db = open_ledger(config->database);
    if (!db) return db.error();
    auto file = std::make_unique<RecordFile>(config->issued_keys);
    return Opened{std::move(*config), std::move(*credentials), std::move(*lock), std::move(*db), std::move(file)};
}

// For whoever changes the books: they must be those that the record was kept for.
Result<IssuedKeys> open_record(Opened& opened) {
    auto record = IssuedKeys::open(*opened.file);
    if (!record) return record.error();
    if (auto same = record->check(*opened.db); !same) return same.error();
    record->catch_up(*opened.db);
    return record;
}

int init(const Options& options) {
    const auto config = load_config(options.config);
    if (!config) return failed(config.error());
    const std::size_t slash = config->database.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : config->database.substr(0, slash);
    if (auto there = host::make_directories(folder, 0700); !there) return failed(there.error());
    const auto db = open_ledger(config->database);
    if (!db) return failed(db.error());
    if (!is_empty(**db)) {
        return failed({"database_exists", config->database + ": is in use; new keys would not fit it"});
    }
    RecordFile file{config->issued_keys};
    auto record = IssuedKeys::open(file);
    if (!record) return failed(record.error());
    if (!record->is_new()) {
        return failed({"issued_keys_exist", config->issued_keys + ": is the record of a ledger that was there before"});
    }
    host::SystemWallClock wall;
    crypto::SystemRandom random;
    const auto made = make_credentials(config->credentials, config->names, config->server_life, wall.now(), random);
    if (!made) return failed(made.error());
    record->catch_up(**db);
    std::cout << "made " << config->credentials << ", " << config->database << " and " << config->issued_keys << "\n";
    return 0;
}

int import(const Options& options) {
    const auto text = host::read_file(options.data);
    if (!text) return failed(text.error());
    auto opened = open_all(options.config);
    if (!opened) return failed(opened.error());
    auto record = open_record(*opened);
    if (!record) return failed(record.error());
    host::SystemWallClock wall;
    crypto::SystemRandom random;
    Books books{*opened->db};
    const auto done = import_document(books, opened->credentials.keys, *text, wall.now(), random);
    if (const auto* faults = std::get_if<wire::JsonFaults>(&done)) {
        for (const wire::JsonFault& fault : *faults) {
            std::cerr << options.data << ": " << (fault.pointer.empty() ? "/" : fault.pointer) << ": "
                      << fault.detail << "\n";
        }
        std::cerr << "obol-ledger: nothing was imported\n";
        return 1;
    }
    for (const ImportCount& count : std::get<ImportSummary>(done)) {
        std::cout << count.kind << ": " << count.created << " new, " << count.changed << " changed, "
                  << count.same << " as before\n";
    }
    record->mark(*opened->db);
    return 0;
}

// The database was put back from a backup. Nothing is granted from now on until each device has told
// what it holds.
int restore(const Options& options) {
    auto opened = open_all(options.config);
    if (!opened) return failed(opened.error());
    if (options.record_lost) {
        if (auto aside = opened->file->set_aside(); !aside) return failed(aside.error());
    }
    auto record = IssuedKeys::open(*opened->file);
    if (!record) return failed(record.error());
    sql::Db& db = *opened->db;
    if (record->is_new() && !options.record_lost) {
        return failed({"issued_keys_missing",
                       opened->config.issued_keys + ": the record of issued keys is not there, and without it nobody "
                                                    "knows whom to wait for. Put it back; where it is lost, "
                                                    "--record-lost waits for the devices that the database knows"});
    }
    Books books{db};
    sql::Txn txn{db};
    const std::int64_t generation = begin_recovery(books, &*record);
    txn.commit();
    record->catch_up(db);
    record->mark(db);
    std::cout << "generation " << generation << "; nothing is granted until these have told what they hold:\n";
    for (const Awaited& each : awaited(db)) {
        std::cout << "  " << each.name << " of venue " << each.venue
                  << (each.listed == "active" ? "" : " (" + each.listed + " after the backup: write it off anew)") << "\n";
    }
    return 0;
}

int token(const Options& options) {
    const auto role = role_named(options.role);
    if (!role) return failed({"role_unknown", "--role is one of admin, finance, support, readonly"});
    auto opened = open_all(options.config);
    if (!opened) return failed(opened.error());
    host::SystemWallClock wall;
    crypto::SystemRandom random;
    Books books{*opened->db};
    sql::Txn txn{*opened->db};
    const std::string user = options.user.empty() ? options.role : options.user;
    const Secret made = make_admin_token(books, user, *role, wall.now(), random);
    txn.commit();
    std::cout << made.reveal() << "\n";
    return 0;
}

int rotate(const Options& options) {
    auto opened = open_all(options.config);
    if (!opened) return failed(opened.error());
    host::SystemWallClock wall;
    crypto::SystemRandom random;
    const Config& config = opened->config;
    const auto done = rotate_ca(config.credentials, config.names, config.server_life, wall.now(), random);
    if (!done) return failed(done.error());
    std::cout << "a new CA is in " << config.credentials << "; devices hear of it at their next session\n";
    return 0;
}

int run_server(const Options& options) {
    host::forbid_core_dumps();
    auto opened = open_all(options.config);
    if (!opened) return failed(opened.error());
    auto record = open_record(*opened);
    if (!record) return failed(record.error());
    host::SystemWallClock wall;
    crypto::SystemRandom random;
    return serve(opened->config, opened->credentials, *opened->db, *record, Machine{wall, random});
}

int run(int argc, char** argv) {
    CLI::App app{"Obol's central ledger", "obol-ledger"};
    app.require_subcommand(1);
    Options options;
    const auto command = [&](const char* name, const char* help) {
        CLI::App* sub = app.add_subcommand(name, help);
        sub->add_option("--config", options.config, "configuration (JSON with // comments)")->required();
        return sub;
    };
    CLI::App* const serve_command = command("serve", "run the ledger");
    CLI::App* const init_command = command("init", "make keys, certificates and database, once");
    CLI::App* const import_command = command("import", "bring in a JSON file; again changes nothing");
    import_command->add_option("DATA", options.data, "the file")->required();
    CLI::App* const restore_command =
        command("restore", "after the database was put back from a backup: begin a new generation and recovery");
    restore_command->add_flag("--record-lost", options.record_lost,
                              "the record of issued keys is lost or damaged: begin a new one from the database");
    CLI::App* const token_command = command("token", "make a token for the admin API");
    token_command->add_option("--role", options.role, "admin, finance, support or readonly")->required();
    token_command->add_option("--user", options.user, "whose token it is (default: the role's name)");
    CLI::App* const rotate_command =
        command("rotate-ca", "replace the CA; the one before is believed until it ends");
    CLI11_PARSE(app, argc, argv);

    if (serve_command->parsed()) return run_server(options);
    if (init_command->parsed()) return init(options);
    if (restore_command->parsed()) return restore(options);
    if (import_command->parsed()) return import(options);
    if (rotate_command->parsed()) return rotate(options);
    return token_command->parsed() ? token(options) : 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        ::umask(0077);  // the books hold what their owner alone may read
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << "obol-ledger: " << error.what() << "\n";
        return 1;
    }
}
