#include "sync/net/coding.hpp"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "sync/core/ensure.hpp"

namespace obol::net {
namespace {

constexpr int level = 3;
constexpr int largest_window_log = 23;  // 8 MiB, what RFC 8878 asks every reader to have
constexpr std::size_t step = 128 << 10;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string packed(std::string_view plain) {
    std::string out(ZSTD_compressBound(plain.size()), '\0');
    const std::size_t size = ZSTD_compress(out.data(), out.size(), plain.data(), plain.size(), level);
    ENSURE(!ZSTD_isError(size));  // the room is enough by the library's own word
    out.resize(size);
    return out;
}

Result<std::string> unpacked(std::string_view coded, std::size_t most) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> reader(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    if (!reader) throw std::bad_alloc();
    ENSURE(!ZSTD_isError(ZSTD_DCtx_setParameter(reader.get(), ZSTD_d_windowLogMax, largest_window_log)));
    std::string out;
    ZSTD_inBuffer from{coded.data(), coded.size(), 0};
    std::size_t rest = 1;
    while (rest != 0) {
        const std::size_t before = out.size();
        // A byte more than may come, so that what is too much shows.
        out.resize(std::min(before + step, most + 1));
        ZSTD_outBuffer to{out.data() + before, out.size() - before, 0};
        const std::size_t read_before = from.pos;
        rest = ZSTD_decompressStream(reader.get(), &to, &from);
        out.resize(before + to.pos);
        if (ZSTD_isError(rest)) return Fault{"body_malformed", "not zstd, or of too large a window"};
        if (out.size() > most) return Fault{"body_too_large", "the body is too large when unpacked"};
        if (rest != 0 && to.pos == 0 && from.pos == read_before) return Fault{"body_malformed", "zstd that ends early"};
    }
    if (from.pos != coded.size()) return Fault{"body_malformed", "more than one zstd frame"};
    return out;
}

bool accepts_zstd(std::string_view field) {
    while (!field.empty()) {
        const std::size_t comma = std::min(field.find(','), field.size());
        const std::string_view item = trimmed(field.substr(0, comma));
        field.remove_prefix(std::min(comma + 1, field.size()));
        const std::size_t semicolon = std::min(item.find(';'), item.size());
        if (trimmed(item.substr(0, semicolon)) != zstd_name) continue;
        const std::string_view weight = trimmed(item.substr(std::min(semicolon + 1, item.size())));
        return weight.find_first_of("123456789") != std::string_view::npos || weight.empty();
    }
    return false;
}

}  // namespace obol::net
