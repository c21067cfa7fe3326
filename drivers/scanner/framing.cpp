#include "drivers/scanner/framing.hpp"

#include <cstdint>
#include <utility>

namespace obol::drivers {
namespace {

// FNC1 of GS1 comes as group separator; ISO 15434 has record separator and end of transmission, too.
bool belongs(char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return (byte >= 0x20 && byte != 0x7F) || byte == 0x1D || byte == 0x1E || byte == 0x04;
}

}  // namespace

std::string_view words_of(Framed::What what) {
    switch (what) {
        case Framed::What::code: return "a code";
        case Framed::What::cut_off: return "a code that was cut off was dropped: scan it again";
        case Framed::What::too_long: return "more characters than any code holds were dropped: is a key of the scanner stuck?";
        case Framed::What::spoilt: return "a code with control characters was dropped: check the scanner's line settings";
        case Framed::What::no_prefix: return "a code without the prefix that is configured was dropped";
    }
    return "";
}

std::vector<Framed> Framing::take(std::string_view bytes) {
    std::vector<Framed> out;
    for (const char c : bytes) {
        if (rules_.suffix.find(c) != std::string::npos) {
            end(out);
        } else if (fault_ != Framed::What::code) {
            continue;
        } else if (!belongs(c) && rules_.prefix.find(c) == std::string::npos) {
            fault_ = Framed::What::spoilt;
        } else if (data_.size() == rules_.longest + rules_.prefix.size()) {
            fault_ = Framed::What::too_long;
        } else {
            data_ += c;
        }
    }
    return out;
}

std::vector<Framed> Framing::idle() {
    std::vector<Framed> out;
    if (rules_.suffix.empty()) {
        end(out);
    } else if (in_code()) {
        drop(fault_ == Framed::What::code ? Framed::What::cut_off : fault_, out);
    }
    return out;
}

std::vector<Framed> Framing::ends() {
    std::vector<Framed> out;
    if (in_code()) drop(Framed::What::cut_off, out);
    return out;
}

void Framing::end(std::vector<Framed>& out) {
    if (!in_code()) return;  // the second of CR LF
    if (fault_ != Framed::What::code) return drop(fault_, out);
    if (!data_.starts_with(rules_.prefix)) return drop(Framed::What::no_prefix, out);
    if (std::string code = std::exchange(data_, "").substr(rules_.prefix.size()); !code.empty()) {
        out.push_back({Framed::What::code, std::move(code)});
    }
}

void Framing::drop(Framed::What why, std::vector<Framed>& out) {
    data_.clear();
    fault_ = Framed::What::code;
    out.push_back({why, ""});
}

std::string symbology_of(std::string_view data) {
    if (data.size() < 3 || data[0] != ']') return "";
    switch (data[1]) {
        case 'A': return "code39";
        case 'C': return data[2] == '1' ? "gs1_128" : "code128";
        case 'E': return data[2] == '4' ? "ean8" : "ean13";  // UPC comes as EAN
        case 'F': return "codabar";
        case 'G': return "code93";
        case 'I': return "itf";
        case 'L': return "pdf417";
        case 'Q': return data[2] == '3' ? "gs1_qr" : "qr";
        case 'd': return data[2] == '2' ? "gs1_datamatrix" : "datamatrix";
        case 'e': return "gs1_databar";
        case 'z': return "aztec";
        default: return "";
    }
}

}  // namespace obol::drivers
