#include "drivers/symbol/barcode.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace obol::drivers {
namespace {

// ISO/IEC 15417: widths of bar and space in turn for the values 0 to 105, and the stop.
constexpr std::string_view code128_widths[] = {
    "212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213",
    "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132",
    "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211",
    "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313",
    "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331",
    "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111",
    "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214",
    "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111",
    "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141",
    "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141",
    "114131", "311141", "411131", "211412", "211214", "211232", "2331112"};
constexpr int start_b = 104, start_c = 105, stop = 106;

// ISO/IEC 15420: widths of the digits' set A; set B mirrors C, and C swaps bars and spaces of A.
constexpr std::string_view ean_widths[] = {"3211", "2221", "2122", "1411", "1132",
                                           "1231", "1114", "1312", "1213", "3112"};
// Which of the six left digits are in set B, by the first digit.
constexpr std::string_view ean_parity[] = {"AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB",
                                           "ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"};

bool digits_only(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

class Bars {
public:
    void add(std::string_view widths, bool bar) {
        for (const char width : widths) {
            row_.insert(row_.end(), static_cast<std::size_t>(width - '0'), bar);
            bar = !bar;
        }
    }
    Bitmap finish() const {
        Bitmap out(static_cast<int>(row_.size()), 1);
        for (std::size_t x = 0; x < row_.size(); ++x) out.set(static_cast<int>(x), 0, row_[x]);
        return out;
    }

private:
    std::vector<bool> row_;
};

Bitmap code128(const Barcode& code) {
    std::vector<int> values;
    if (in_pairs(code)) {
        values.push_back(start_c);
        for (std::size_t i = 0; i < code.data.size(); i += 2) {
            values.push_back((code.data[i] - '0') * 10 + code.data[i + 1] - '0');
        }
    } else {
        values.push_back(start_b);
        for (const char c : code.data) values.push_back(c - ' ');
    }
    int sum = values.front();
    for (std::size_t i = 1; i < values.size(); ++i) sum += static_cast<int>(i) * values[i];
    values.push_back(sum % 103);
    values.push_back(stop);
    Bars bars;
    for (const int value : values) bars.add(code128_widths[value], true);
    return bars.finish();
}

Bitmap ean13(const std::string& digits) {
    const auto digit = [&](std::size_t i) { return static_cast<std::size_t>(digits[i] - '0'); };
    Bars bars;
    bars.add("111", true);
    for (std::size_t i = 1; i <= 6; ++i) {
        std::string widths(ean_widths[digit(i)]);
        if (ean_parity[digit(0)][i - 1] == 'B') std::reverse(widths.begin(), widths.end());
        bars.add(widths, false);
    }
    bars.add("11111", false);
    for (std::size_t i = 7; i <= 12; ++i) bars.add(ean_widths[digit(i)], true);
    bars.add("111", true);
    return bars.finish();
}

}  // namespace

bool in_pairs(const Barcode& code) {
    if (code.data.size() < 4 || code.data.size() % 2 != 0 || !digits_only(code.data)) return false;
    for (std::size_t i = 0; i + 4 <= code.data.size(); i += 2) {
        const std::string_view pairs = std::string_view(code.data).substr(i, 4);
        if (pairs == "1604" || pairs == "1605" || pairs == "1620") return false;
    }
    return true;
}

Result<Bitmap> bar_modules(const Barcode& code) {
    if (code.symbology == Symbology::ean13) {
        if ((code.data.size() != 12 && code.data.size() != 13) || !digits_only(code.data)) {
            return Fault{"illegal", "EAN-13 takes 12 or 13 digits"};
        }
        const std::string digits = ean13_digits(code.data);
        if (code.data.size() == 13 && code.data != digits) return Fault{"illegal", "a wrong check digit of EAN-13"};
        return ean13(digits);
    }
    const bool printable = std::all_of(code.data.begin(), code.data.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (code.data.empty() || !printable) return Fault{"illegal", "Code 128 takes printable ASCII"};
    return code128(code);
}

Result<BarPlace> place_bars(int modules, const Paper& paper) {
    constexpr int least = 2, most = 3, quiet = 10;
    const int module = std::min(most, paper.dots / (modules + 2 * quiet));
    if (module < least) {
        return Fault{"illegal", "a bar code of " + std::to_string(modules) + " modules does not fit on " +
                                    std::to_string(paper.dots) + " dots"};
    }
    return BarPlace{module, (paper.dots - modules * module) / 2};
}

}  // namespace obol::drivers
