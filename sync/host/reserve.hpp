#pragma once
// Room on a disk that is kept for when nothing else is left.

#include <cstdint>
#include <string>

#include "sync/core/result.hpp"

namespace obol::host {

// A file of that many allocated bytes. It holds nothing and may be given up and taken again at any time.
class ReserveFile {
public:
    ReserveFile(std::string path, std::uint64_t bytes);  // one that an earlier run left is held

    bool held() const { return held_; }
    // Fault file_unwritable: there is no room for it, and what was begun is gone.
    Result<void> take();
    void give_up();

private:
    std::string path_;
    std::uint64_t bytes_;
    bool held_ = false;
};

}  // namespace obol::host
