#include "drivers/page/pdf.hpp"

#include <algorithm>
#include <cstdint>

#include "drivers/picture/draw.hpp"
#include "drivers/png/png.hpp"
#include "sync/core/ensure.hpp"

namespace obol::drivers {
namespace {

constexpr int page_width_mm = 210, page_height_mm = 297, margin_mm = 15;
constexpr int points_an_inch = 72, tenths_of_mm_an_inch = 254;

int dots_of(int mm, int dpi) { return mm * 10 * dpi / tenths_of_mm_an_inch; }

// In hundredths, as PDF has no need of more.
std::string points(int dots, int dpi) {
    const int hundredths = dots * points_an_inch * 100 / dpi;
    const std::string rest = std::to_string(hundredths % 100);
    return std::to_string(hundredths / 100) + "." + (rest.size() == 1 ? "0" : "") + rest;
}
std::string points_of_mm(int mm) { return points(mm * 10, tenths_of_mm_an_inch); }

bool is_white(const Bitmap& picture, int y) {
    const auto row = picture.row(y);
    return std::all_of(row.begin(), row.end(), [](std::uint8_t byte) { return byte == 0; });
}

// Rows of each page, broken where nothing is black; in the midst of something only where it is higher than half a page.
std::vector<Bitmap> pages_of(const Bitmap& sheet, int most_rows) {
    std::vector<Bitmap> out;
    for (int top = 0; top < sheet.height();) {
        int end = std::min(sheet.height(), top + most_rows);
        if (end < sheet.height()) {
            int white = end;
            while (white > top + most_rows / 2 && !is_white(sheet, white - 1)) --white;
            if (white > top + most_rows / 2) end = white;
        }
        Bitmap page(sheet.width(), end - top);
        for (int y = top; y < end; ++y) std::copy(sheet.row(y).begin(), sheet.row(y).end(), page.row(y - top).begin());
        out.push_back(std::move(page));
        top = end;
    }
    return out;
}

// The rows of a PNG are packed as PDF packs those of a picture: its data can stand there as they are.
std::string packed_rows(const std::string& png) {
    std::string out;
    for (std::size_t at = 8; at + 12 <= png.size();) {
        std::size_t length = 0;
        for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<std::uint8_t>(png[at + i]);
        if (png.compare(at + 4, 4, "IDAT") == 0) out.append(png, at + 8, length);
        at += length + 12;
    }
    ENSURE(!out.empty());
    return out;
}

class File {
public:
    // Objects are numbered in their order, from 1 on.
    void object(const std::string& dictionary, const std::string& stream = "") {
        begins_.push_back(out_.size());
        out_ += std::to_string(begins_.size()) + " 0 obj\n<< " + dictionary;
        if (!stream.empty()) out_ += " /Length " + std::to_string(stream.size());
        out_ += " >>\n";
        if (!stream.empty()) out_ += "stream\n" + stream + "\nendstream\n";
        out_ += "endobj\n";
    }
    std::string finish() {
        const std::size_t table = out_.size();
        const std::string count = std::to_string(begins_.size() + 1);
        out_ += "xref\n0 " + count + "\n0000000000 65535 f \n";
        for (const std::size_t begin : begins_) {
            const std::string at = std::to_string(begin);
            out_ += std::string(10 - at.size(), '0') + at + " 00000 n \n";
        }
        out_ += "trailer\n<< /Size " + count + " /Root 1 0 R >>\nstartxref\n" + std::to_string(table) + "\n%%EOF\n";
        return std::move(out_);
    }

private:
    std::string out_ = "%PDF-1.4\n%\xE2\xE3\xCF\xD3\n";
    std::vector<std::size_t> begins_;
};

}  // namespace

Result<std::string> render_pdf(const Document& document, const Paper& paper) {
    const Result<std::vector<Bitmap>> sheets = draw_sheets(document, paper);
    if (!sheets) return sheets.error();
    std::vector<Bitmap> pages;
    for (const Bitmap& sheet : *sheets) {
        if (sheet.height() == 0) continue;
        for (Bitmap& page : pages_of(sheet, dots_of(page_height_mm - 2 * margin_mm, paper.dpi))) pages.push_back(std::move(page));
    }
    if (pages.empty()) pages.push_back(Bitmap(paper.dots, 1));

    constexpr int first = 3, objects_a_page = 3;  // 1 and 2: the catalogue and the list of pages
    const auto number = [](std::size_t page, int which) { return std::to_string(first + objects_a_page * static_cast<int>(page) + which) + " 0 R"; };
    std::string kids;
    for (std::size_t i = 0; i < pages.size(); ++i) kids += (i == 0 ? "" : " ") + number(i, 0);
    File file;
    file.object("/Type /Catalog /Pages 2 0 R");
    file.object("/Type /Pages /Kids [" + kids + "] /Count " + std::to_string(pages.size()));
    for (std::size_t i = 0; i < pages.size(); ++i) {
        const Bitmap& page = pages[i];
        const std::string width = std::to_string(page.width());
        const int left = (dots_of(page_width_mm, paper.dpi) - page.width()) / 2;
        const int foot = dots_of(page_height_mm - margin_mm, paper.dpi) - page.height();
        file.object("/Type /Page /Parent 2 0 R /MediaBox [0 0 " + points_of_mm(page_width_mm) + " " + points_of_mm(page_height_mm) +
                    "] /Resources << /XObject << /Paper " + number(i, 2) + " >> >> /Contents " + number(i, 1));
        file.object("", "q " + points(page.width(), paper.dpi) + " 0 0 " + points(page.height(), paper.dpi) + " " + points(left, paper.dpi) +
                            " " + points(foot, paper.dpi) + " cm /Paper Do Q");
        file.object("/Type /XObject /Subtype /Image /Width " + width + " /Height " + std::to_string(page.height()) +
                        " /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /FlateDecode /DecodeParms << /Predictor 15 /Colors 1 "
                        "/BitsPerComponent 1 /Columns " + width + " >>",
                    packed_rows(to_png(page, paper.dpi)));
    }
    return file.finish();
}

}  // namespace obol::drivers
