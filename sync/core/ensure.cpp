#include "sync/core/ensure.hpp"

#include <cstdio>
#include <cstdlib>

namespace obol {

void ensure_failed(const char* what, const char* file, int line) noexcept {
    std::fprintf(stderr, "obol: broken invariant: %s (%s:%d)\n", what, file, line);
    std::abort();
}

}  // namespace obol
