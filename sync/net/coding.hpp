#pragma once
// The content coding of HTTP bodies: zstd (RFC 8878), the one that both ends of ours speak. The only place that
// includes the library. Pure functions of their bytes. Private to sync/net.

#include <cstddef>
#include <string>
#include <string_view>

#include "sync/core/result.hpp"

namespace obol::net {

inline constexpr std::string_view zstd_name = "zstd";
// Below this the coding gains less than its field costs.
inline constexpr std::size_t least_packed = 1'400;

std::string packed(std::string_view plain);
// One whole frame and nothing behind it. Fault body_malformed; body_too_large: more than `most` bytes would come
// out, of which no more than that are ever made, or it wants a window larger than what our own packing needs.
Result<std::string> unpacked(std::string_view coded, std::size_t most);
// Does an Accept-Encoding field name it, and not with a weight of zero?
bool accepts_zstd(std::string_view field);

}  // namespace obol::net
