#include "sync/core/ensure.hpp"

#include <cstdio>
#include <cstdlib>

#ifdef OBOL_COVERAGE
extern "C" void __gcov_dump();
#endif

namespace obol {

void ensure_failed(const char* what, const char* file, int line) noexcept {
    std::fprintf(stderr, "obol: broken invariant: %s (%s:%d)\n", what, file, line);
#ifdef OBOL_COVERAGE
    __gcov_dump();  // or what a death test reached would not count
#endif
    std::abort();
}

}  // namespace obol
