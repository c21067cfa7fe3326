#include "agent/store/disk_space.hpp"

#include "agent/store/store.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace {

constexpr std::uint64_t parts = 8;  // of the reserve; less than one is no room for a commit

const char* words_of(DiskSpace::Room room) {
    switch (room) {
        case DiskSpace::Room::enough: return "the disk takes all again; everything is sold and taken";
        case DiskSpace::Room::reserve: return "the disk is nearly full; only refunds, voids and returns are written";
        case DiskSpace::Room::none: return "the disk is full, the reserve too; nothing is written";
        case DiskSpace::Room::read_only: return "the file system is read-only; nothing is written";
    }
    return "";
}

}  // namespace

void make_room_to_open(const StoreOptions& options) {
    if (options.reserve_bytes == 0 || options.reserve_file.empty()) return;
    host::ReserveFile reserve(options.reserve_file, options.reserve_bytes);
    if (reserve.held() && options.free_bytes() < options.reserve_bytes / parts) reserve.give_up();
}

DiskSpace::DiskSpace(std::function<std::uint64_t()> free_bytes, std::uint64_t bytes, const std::string& reserve_file,
                     std::function<bool()> read_only)
    : free_bytes_(std::move(free_bytes)), bytes_(bytes), read_only_(std::move(read_only)) {
    if (bytes_ > 0 && !reserve_file.empty()) reserve_.emplace(reserve_file, bytes_);
}

DiskSpace::Room DiskSpace::look(bool giving_back) {
    const Room room = read_only() ? Room::read_only : bytes_ == 0 ? Room::enough : judge(giving_back);
    if (room != before_) {
        host::log_line(room == Room::enough ? host::Level::info : host::Level::error, words_of(room));
        before_ = room;
    }
    return room;
}

DiskSpace::Room DiskSpace::judge(bool giving_back) {
    std::uint64_t free = free_bytes_();
    // What is left must be enough for both: else the file would come and go with every look.
    if (reserve_ && !reserve_->held() && free >= 2 * bytes_ && reserve_->take()) free = free_bytes_();
    const bool whole = !reserve_ || reserve_->held();
    if (whole && free >= bytes_) return Room::enough;
    // Not before it is needed: what fills the disk would fill this room too.
    if (reserve_ && reserve_->held() && giving_back && free < bytes_ / parts) {
        reserve_->give_up();
        free = free_bytes_();
    }
    const bool more = reserve_ && reserve_->held();
    return more || free >= bytes_ / parts ? Room::reserve : Room::none;
}

}  // namespace obol::agent
