#pragma once
// A file as it is found: which of the three kinds it is, and a way to read it that changes nothing
// beside it.

#include <filesystem>
#include <istream>
#include <memory>
#include <string>

#include "sync/core/result.hpp"
#include "sync/sql/db.hpp"

namespace obol::audit {

enum class Kind { ledger, journal_export, agent };

class Source {
public:
    // Fault unreadable.
    static Result<Source> open(const std::string& path);
    Source(Source&&) noexcept = default;
    Source& operator=(Source&&) noexcept = default;
    ~Source();

    const std::string& path() const { return path_; }
    Kind kind() const { return kind_; }
    sql::Db& db() const { return *db_; }
    std::unique_ptr<std::istream> stream() const;  // of an export, from its start
    // Where changes lay beside the database that it had not taken in yet.
    const std::string& note() const { return note_; }
    // Somebody wrote to it while it was read in its place: what was read may be half of one thing
    // and half of another. A copy is one moment's, whatever was written since.
    bool changed() const;
    bool copied() const { return copy_ != nullptr; }
    // By the file's first page alone: is this a ledger's database, as far as can be told?
    static bool seems_a_ledger(const std::string& path);

private:
    struct Stamp {
        std::uintmax_t size = 0;
        std::filesystem::file_time_type written{};
        bool operator==(const Stamp&) const = default;
    };
    Source() = default;
    static Stamp stamp_of(const std::filesystem::path& path);
    Result<void> open_database();
    Result<void> take_copy();
    bool copy_once(const std::filesystem::path& to, std::string& why) const;

    std::string path_, note_;
    Kind kind_ = Kind::agent;
    Stamp before_, wal_before_;
    struct Copy {
        std::filesystem::path folder;
        ~Copy();
    };
    std::unique_ptr<Copy> copy_;  // goes after the database
    std::unique_ptr<sql::Db> db_;
};

// The whole of a small file, such as a key's; nothing where there is none.
std::string text_of_file(const std::string& path);

}  // namespace obol::audit
