#include "agent/witness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sync/core/bytes.hpp"
#include "sync/crypto/crypto.hpp"
#include "sync/host/system.hpp"

namespace obol::agent {

namespace {

constexpr std::string_view magic = "OBOLWIT1";
constexpr std::size_t seq_at = 8, hash_at_byte = 16, device_at = 48, check_at = 112, used = 144;
constexpr std::size_t slot_size = 512;
using Slot = std::array<std::uint8_t, slot_size>;

Slot slot_of(const Witnessed& now) {
    Slot out{};
    std::copy(magic.begin(), magic.end(), out.begin());
    for (std::size_t i = 0; i < 8; ++i) {
        out[seq_at + i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(now.head.seq) >> (56 - 8 * i));
    }
    std::copy(now.head.hash.begin(), now.head.hash.end(), out.begin() + hash_at_byte);
    const std::string& device = now.device.text;
    std::copy_n(device.begin(), std::min(device.size(), check_at - device_at), out.begin() + device_at);
    const auto check = crypto::sha256(ByteView(out).first(check_at));
    std::copy(check.begin(), check.end(), out.begin() + check_at);
    return out;
}

std::optional<Witnessed> read_slot(ByteView bytes) {
    if (bytes.size() < used || !std::equal(magic.begin(), magic.end(), bytes.begin())) return std::nullopt;
    const auto check = crypto::sha256(bytes.first(check_at));
    if (!std::equal(check.begin(), check.end(), bytes.begin() + check_at)) return std::nullopt;
    Witnessed out;
    std::uint64_t seq = 0;
    for (std::size_t i = 0; i < 8; ++i) seq = seq << 8 | bytes[seq_at + i];
    out.head.seq = static_cast<std::int64_t>(seq);
    std::copy_n(bytes.begin() + hash_at_byte, out.head.hash.size(), out.head.hash.begin());
    const auto device = bytes.subspan(device_at, check_at - device_at);
    out.device.text.assign(device.begin(), std::find(device.begin(), device.end(), 0));
    return out;
}

// Both slots; the one that is further is where the journal was.
std::array<std::optional<Witnessed>, 2> slots_of(const std::string& path) {
    const Result<std::string> text = host::read_file(path);
    if (!text) return {};
    const ByteView all = as_bytes(*text);
    return {read_slot(all.first(std::min(all.size(), slot_size))),
            all.size() > slot_size ? read_slot(all.subspan(slot_size)) : std::nullopt};
}

std::int64_t seq_of(const std::optional<Witnessed>& slot) { return slot ? slot->head.seq : -1; }

}  // namespace

std::optional<Witnessed> Witness::read(const std::string& path) {
    const auto slots = slots_of(path);
    return seq_of(slots[0]) >= seq_of(slots[1]) ? slots[0] : slots[1];
}

Result<std::unique_ptr<Witness>> Witness::open(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash != std::string::npos && slash > 0) {
        if (auto made = host::make_directories(path.substr(0, slash), 0700); !made) return made.error();
    }
    // The whole file is there from the first moment, so that no later write needs room.
    if (!host::file_exists(path)) {
        const std::string empty(2 * slot_size, '\0');
        if (auto made = host::write_file_atomically(path, empty, 0600); !made) return made.error();
    }
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return Fault{"file_unwritable", path + ": cannot be opened for writing"};
    std::unique_ptr<Witness> out(new Witness(fd));
    const auto slots = slots_of(path);
    out->slot_ = seq_of(slots[0]) > seq_of(slots[1]) ? 1 : 0;
    return out;
}

Witness::~Witness() { ::close(fd_); }

bool Witness::write(const Witnessed& now) {
    const Slot slot = slot_of(now);
    const auto at = static_cast<off_t>(slot_) * static_cast<off_t>(slot_size);
    if (::pwrite(fd_, slot.data(), slot.size(), at) != static_cast<ssize_t>(slot.size())) return false;
    slot_ = 1 - slot_;
    return true;
}

bool Witness::sync() { return ::fdatasync(fd_) == 0; }

void WitnessThread::follow(const Witnessed& now) {
    {
        const std::lock_guard lock(mutex_);
        newest_ = now;
    }
    // One that waits already will find the newest.
    pool_.add([this] { write_newest(); });
}

void WitnessThread::write_newest() {
    std::optional<Witnessed> now;
    {
        const std::lock_guard lock(mutex_);
        now.swap(newest_);
    }
    if (now) witness_.write(*now);
}

std::optional<std::string> doubt_of(const std::optional<Witnessed>& seen, const Witnessed& state,
                                    const std::optional<journal::Hash>& hash_at) {
    if (!seen || seen->device != state.device) {
        return std::string(witness_missing) +
               ": nothing outside the state says that it was not copied or put back; a person who knows may answer for "
               "it (obol-agent accept-state), or the device is enrolled anew";
    }
    if (seen->head.seq > state.head.seq) {
        return "rollback: the witness has seen entry " + std::to_string(seen->head.seq) + ", the state ends with " +
               std::to_string(state.head.seq);
    }
    if (seen->head.seq > 0 && hash_at != seen->head.hash) {
        return "rollback: the witness has seen another entry " + std::to_string(seen->head.seq) + " than the state's";
    }
    return std::nullopt;
}

}  // namespace obol::agent
