#include "drivers/ticket/bitmap.hpp"

#include <algorithm>
#include <array>
#include <cstring>

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

int Bitmap::used_stride() const {
    int used = std::min(1, stride());
    for (int y = 0; y < height_; ++y) {
        const auto dots = row(y);
        for (int i = stride(); i > used; --i) {
            if (dots[static_cast<std::size_t>(i - 1)] != 0) used = i;
        }
    }
    return used;
}

std::string columns_of_24(const Bitmap& picture, int top, int width) {
    std::string out;
    for (int x = 0; x < width; ++x) {
        for (int byte = 0; byte < 3; ++byte) {
            int bits = 0;
            for (int i = 0; i < 8; ++i) bits = bits << 1 | (picture.at(x, top + 8 * byte + i) ? 1 : 0);
            out += static_cast<char>(bits);
        }
    }
    return out;
}

namespace {

// A row of dots, each made `across` wide, behind `x` white ones. Four dots at a time, by a table of what they become.
class Widener {
public:
    static constexpr int widest = 8;

    explicit Widener(int across) : bits_(4 * across) {
        for (std::uint32_t four = 0; four < table_.size(); ++four) {
            for (int dot = 3; dot >= 0; --dot) {
                const std::uint32_t black = (four >> dot & 1) != 0 ? (1u << across) - 1 : 0u;
                table_[four] = table_[four] << across | black;
            }
        }
    }

    void widen(std::span<const std::uint8_t> dots, int x, std::vector<std::uint8_t>& out) const {
        out.clear();
        std::uint64_t waiting = 0;
        int count = x % 8;  // bits of it
        const auto four = [&](std::uint32_t index) {
            waiting = waiting << bits_ | table_[index];
            for (count += bits_; count >= 8; count -= 8) out.push_back(static_cast<std::uint8_t>(waiting >> (count - 8)));
        };
        for (const std::uint8_t byte : dots) {
            four(byte >> 4);
            four(byte & 15u);
        }
        if (count > 0) out.push_back(static_cast<std::uint8_t>(waiting << (8 - count)));
    }

private:
    int bits_;
    std::array<std::uint32_t, 16> table_{};
};

void widen_by_runs(const Bitmap& picture, int row, int x, int across, std::vector<std::uint8_t>& out) {
    Bitmap line(x % 8 + picture.width() * across, 1);
    for (int from = 0; from < picture.width();) {
        int end = from;  // a run of dots is filled at once
        while (end < picture.width() && picture.at(end, row)) ++end;
        if (end > from) line.fill(x % 8 + from * across, 0, (end - from) * across, 1);
        from = end + 1;
    }
    out.assign(line.row(0).begin(), line.row(0).end());
}

void lay_over(std::uint8_t* to, const std::vector<std::uint8_t>& dots, std::size_t size) {
    std::size_t i = 0;
    for (; i + sizeof(std::uint64_t) <= size; i += sizeof(std::uint64_t)) {
        std::uint64_t there = 0, more = 0;
        std::memcpy(&there, to + i, sizeof there);
        std::memcpy(&more, dots.data() + i, sizeof more);
        there |= more;
        std::memcpy(to + i, &there, sizeof there);
    }
    for (; i < size; ++i) to[i] = static_cast<std::uint8_t>(to[i] | dots[i]);
}

}  // namespace

void draw_enlarged(Bitmap& onto, const Bitmap& picture, int x, int y, int across, int down) {
    ENSURE(across > 0 && x >= 0 && y >= 0 && y + picture.height() * down <= onto.height());
    ENSURE(x + picture.width() * across <= onto.width());
    const Widener widener(std::min(across, Widener::widest));
    std::vector<std::uint8_t> wide;
    for (int row = 0; row < picture.height(); ++row) {
        // A row is enlarged across once, and then laid down so many times.
        if (across <= Widener::widest) {
            widener.widen(picture.row(row), x, wide);
        } else {
            widen_by_runs(picture, row, x, across, wide);
        }
        const auto first = static_cast<std::size_t>(x / 8);
        const std::size_t size = std::min(wide.size(), static_cast<std::size_t>(onto.stride()) - first);
        for (int i = 0; i < down; ++i) lay_over(onto.row(y + row * down + i).data() + first, wide, size);
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
