#pragma once
// Memory for what a computation needs besides its answer: on the stack as long as it fits there, and
// given back in one go. A decision at a till takes no heap for its workings.

#include <cstddef>
#include <memory_resource>

namespace obol {

template <std::size_t size>
class Scratch {
public:
    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;

    std::pmr::memory_resource* memory() { return &memory_; }

private:
    alignas(std::max_align_t) std::byte first_[size];
    std::pmr::monotonic_buffer_resource memory_{first_, size};
};

}  // namespace obol
