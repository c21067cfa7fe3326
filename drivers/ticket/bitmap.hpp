#pragma once
// Black dots on white paper, one bit each: what a thermal head prints. A value, without a file format.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace obol::drivers {

// The bits of a row beyond its width are always zero.
class Bitmap {
public:
    Bitmap() = default;
    Bitmap(int width, int height);  // white; neither negative

    int width() const { return width_; }
    int height() const { return height_; }
    int stride() const { return (width_ + 7) / 8; }  // bytes of a row; the left dot is the highest bit

    bool at(int x, int y) const {  // white outside
        return x >= 0 && y >= 0 && x < width_ && y < height_ &&
               (bits_[index(x, y)] >> (7 - x % 8) & 1) != 0;
    }
    void set(int x, int y, bool black = true) {  // outside: nothing
        if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
        const auto bit = static_cast<std::uint8_t>(0x80 >> x % 8);
        std::uint8_t& byte = bits_[index(x, y)];
        byte = static_cast<std::uint8_t>(black ? byte | bit : byte & ~bit);
    }
    void fill(int x, int y, int width, int height);
    // At most 24 dots of a row at once, black over what is there: the `count` low bits, the highest of them left.
    void merge(int x, int y, std::uint32_t bits, int count);
    void draw(const Bitmap& other, int x, int y);  // black over what is there, cut at the edges
    void grow(int height);  // white rows at the foot, or rows cut off

    int used_stride() const;  // bytes of a row up to the last black dot; at least one, of no width none

    std::span<const std::uint8_t> row(int y) const {
        return {bits_.data() + index(0, y), static_cast<std::size_t>(stride())};
    }
    std::span<std::uint8_t> row(int y) {
        return {bits_.data() + index(0, y), static_cast<std::size_t>(stride())};
    }

    bool operator==(const Bitmap&) const = default;

private:
    std::size_t index(int x, int y) const {
        return static_cast<std::size_t>(y) * static_cast<std::size_t>(stride()) +
               static_cast<std::size_t>(x / 8);
    }

    int width_ = 0, height_ = 0;
    std::vector<std::uint8_t> bits_;
};

// Whole dots only: each becomes across x down dots. The first draws them into another picture at a place inside it.
void draw_enlarged(Bitmap& onto, const Bitmap& picture, int x, int y, int across, int down);
Bitmap enlarged(const Bitmap& picture, int across, int down);
// 24 rows from `top` on as printers take them in columns: three bytes a column, the upper dot the highest bit.
std::string columns_of_24(const Bitmap& picture, int top, int width);
// At most so wide, by leaving out dots; a narrower one stays as it is.
Bitmap narrowed(const Bitmap& picture, int width);

}  // namespace obol::drivers
