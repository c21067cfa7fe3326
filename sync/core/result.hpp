#pragma once
// Result is for what the caller can act on; exceptions are for disk, memory and bugs.

#include <boost/system/result.hpp>
#include <string>
#include <utility>

namespace obol {

// A foreseen failure. `code` is stable and machine-read, `detail` is for the person who reads the log.
struct Fault {
    std::string code;
    std::string detail;

    Fault() = default;
    // With constructors, because an aggregate can be made of one string, and then Result<std::string>
    // could not tell its value from its failure.
    Fault(std::string the_code, std::string the_detail) : code(std::move(the_code)), detail(std::move(the_detail)) {}

    bool operator==(const Fault&) const = default;
};

template <class T>
using Result = boost::system::result<T, Fault>;

// Boost calls this when value() is taken of a failed Result: that is a bug, so it stops the process.
[[noreturn]] void throw_exception_from_error(const Fault& fault, const boost::source_location& where);

}  // namespace obol
