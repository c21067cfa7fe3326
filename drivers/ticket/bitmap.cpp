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
    y = std::max(y, 0);
    if (x >= right || y >= foot) return;
    for (int at = x; at < right; ++at) set(at, y);
    for (int line = y + 1; line < foot; ++line) {
        for (int at = x; at < right;) {
            if (at % 8 == 0 && at + 8 <= right) {
                bits_[index(at, line)] = 0xFF;
                at += 8;
            } else {
                set(at++, line);
            }
        }
    }
}

void Bitmap::draw(const Bitmap& other, int x, int y) {
    for (int line = std::max(0, -y); line < other.height() && y + line < height_; ++line) {
        const std::span<const std::uint8_t> bytes = other.row(line);
        for (int i = 0; i < other.stride(); ++i) {
            for (int bit = 0; bytes[static_cast<std::size_t>(i)] != 0 && bit < 8; ++bit) {
                if ((bytes[static_cast<std::size_t>(i)] >> (7 - bit) & 1) != 0) set(x + 8 * i + bit, y + line);
            }
        }
    }
}

void Bitmap::copy_row(int from, int to) {
    const std::span<const std::uint8_t> source = row(from);
    std::copy(source.begin(), source.end(), row(to).begin());
}

void Bitmap::grow(int height) {
    height_ = height;
    bits_.resize(index(0, height));
}

Bitmap enlarged(const Bitmap& picture, int across, int down) {
    Bitmap out(picture.width() * across, picture.height() * down);
    for (int y = 0; y < picture.height(); ++y) {
        for (int x = 0; x < picture.width();) {
            int end = x;  // a run of dots is filled at once
            while (picture.at(end, y)) ++end;
            if (end > x) out.fill(x * across, y * down, (end - x) * across, 1);
            x = end + 1;
        }
        for (int i = 1; i < down; ++i) out.copy_row(y * down, y * down + i);
    }
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
