#pragma once
// Private to this folder: how much of the disk is left for whom.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "sync/host/reserve.hpp"

namespace obol::agent {

struct StoreOptions;

// To open the database takes a little room (its shared memory); on a full disk that is the reserve's.
void make_room_to_open(const StoreOptions& options);

class DiskSpace {
public:
    enum class Room {
        enough,
        reserve,  // only for what gives something back
        none,
        read_only,
    };

    // bytes 0: never looks for room. reserve_file empty: keeps no file of `bytes`.
    DiskSpace(std::function<std::uint64_t()> free_bytes, std::uint64_t bytes, const std::string& reserve_file,
              std::function<bool()> read_only = {});

    // Before each commit. The reserve file makes room for a job that gives something back once nothing else
    // is left, and comes again when there is twice its size.
    Room look(bool giving_back);
    bool read_only() const { return read_only_ && read_only_(); }

private:
    Room judge(bool giving_back);

    std::function<std::uint64_t()> free_bytes_;
    std::uint64_t bytes_;
    std::optional<host::ReserveFile> reserve_;
    std::function<bool()> read_only_;
    Room before_ = Room::enough;
};

}  // namespace obol::agent
