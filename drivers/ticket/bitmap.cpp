#include "drivers/ticket/bitmap.hpp"

#include <algorithm>

#include "sync/core/ensure.hpp"

namespace obol::drivers {

Bitmap::Bitmap(int width, int height) : width_(width), height_(height) {
    ENSURE(width >= 0 && height >= 0);
    bits_.resize(index(0, height));
}

void Bitmap::fill(int x, int y, int width, int height) {
    const int right = std::min(x + width, width_), foot = std::min(y + height, height_);
    x = std::max(x, 0);
    if (x >= right) return;
    const auto first = static_cast<std::uint8_t>(0xFF >> x % 8);
    const auto last = static_cast<std::uint8_t>(0xFF << (7 - (right - 1) % 8));
    for (int line = std::max(y, 0); line < foot; ++line) {
        std::uint8_t* const from = bits_.data() + index(x, line);
        std::uint8_t* const to = bits_.data() + index(right - 1, line);
        if (from == to) {
            *from = static_cast<std::uint8_t>(*from | (first & last));
            continue;
        }
        *from |= first;
        std::fill(from + 1, to, std::uint8_t{0xFF});
        *to |= last;
    }
}

void Bitmap::merge(int x, int y, std::uint32_t bits, int count) {
    ENSURE(count > 0 && count <= 24);
    if (y < 0 || y >= height_) return;
    if (x < 0 || x + count > width_) {  // at an edge dot by dot
        for (int i = 0; i < count; ++i) {
            if ((bits >> (count - 1 - i) & 1) != 0) set(x + i, y);
        }
        return;
    }
    std::uint8_t* to = bits_.data() + index(x, y);
    for (std::uint32_t left = bits << (32 - count) >> x % 8; left != 0; left <<= 8, ++to) {
        *to = static_cast<std::uint8_t>(*to | left >> 24);
    }
}

void Bitmap::draw(const Bitmap& other, int x, int y) {
    for (int line = std::max(0, -y); line < other.height() && y + line < height_; ++line) {
        const std::span<const std::uint8_t> bytes = other.row(line);
        for (int i = 0; i < other.stride(); ++i) {
            const std::uint8_t byte = bytes[static_cast<std::size_t>(i)];
            if (byte != 0) merge(x + 8 * i, y + line, byte, 8);
        }
    }
}

void Bitmap::grow(int height) {
    height_ = height;
    bits_.resize(index(0, height));
}

void draw_enlarged(Bitmap& onto, const Bitmap& picture, int x, int y, int across, int down) {
    ENSURE(x >= 0 && y >= 0 && y + picture.height() * down <= onto.height());
    for (int row = 0; row < picture.height(); ++row) {
        const int top = y + row * down;
        for (int from = 0; from < picture.width();) {
            int end = from;  // a run of dots is filled at once
            while (picture.at(end, row)) ++end;
            if (end > from) onto.fill(x + from * across, top, (end - from) * across, down);
            from = end + 1;
        }
    }
}

Bitmap enlarged(const Bitmap& picture, int across, int down) {
    Bitmap out(picture.width() * across, picture.height() * down);
    draw_enlarged(out, picture, 0, 0, across, down);
    return out;
}

Bitmap narrowed(const Bitmap& picture, int width) {
    if (picture.width() <= width) return picture;
    Bitmap out(width, picture.height() * width / picture.width());
    for (int y = 0; y < out.height(); ++y) {
        for (int x = 0; x < width; ++x) {
            if (picture.at(x * picture.width() / width, y * picture.width() / width)) out.set(x, y);
        }
    }
    return out;
}

}  // namespace obol::drivers
