#include "sync/core/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace obol {

void throw_exception_from_error(const Fault& fault, const boost::source_location& where) {
    std::fprintf(stderr, "obol: value of a failed result: %s: %s (%s:%u)\n", fault.code.c_str(),
                 fault.detail.c_str(), where.file_name(), static_cast<unsigned>(where.line()));
    std::abort();
}

}  // namespace obol
