#pragma once
// ENSURE stays on in release: a broken invariant stops the process and the service manager restarts
// it into recovery. Wrong input never trips it; that is what Result is for.

namespace obol {

[[noreturn]] void ensure_failed(const char* what, const char* file, int line) noexcept;

}  // namespace obol

#define ENSURE(condition) \
    ((condition) ? static_cast<void>(0) : ::obol::ensure_failed(#condition, __FILE__, __LINE__))
