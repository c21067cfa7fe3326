#pragma once
// Where one scanned code ends and the next begins. Pure: whoever feeds it says when the line has been idle.
//
// A code ends with one of the suffix characters, or, where there is no suffix, when the line has been idle. What is
// cut off (idle in the midst of a code), too long or spoilt by control characters is dropped as a whole: half a code
// must never be taken for a code.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace obol::drivers {

struct FramingRules {
    std::string suffix = "\r\n\t";  // each character ends a code; empty: silence does
    std::string prefix;             // comes before each code and is removed; a code without it is dropped
    std::size_t longest = 4096;     // a QR code holds 2953 bytes
};

// What happened, in its order.
struct Framed {
    enum class What { code, cut_off, too_long, spoilt, no_prefix } what = What::code;
    std::string data;  // of a code
    bool operator==(const Framed&) const = default;
};
std::string_view words_of(Framed::What what);

class Framing {
public:
    explicit Framing(FramingRules rules) : rules_(std::move(rules)) {}

    std::vector<Framed> take(std::string_view bytes);
    // The line was idle for so long that what follows belongs to another code.
    std::vector<Framed> idle();
    // The device is gone.
    std::vector<Framed> ends();
    bool in_code() const { return !data_.empty() || fault_ != Framed::What::code; }

private:
    void end(std::vector<Framed>& out);
    void drop(Framed::What why, std::vector<Framed>& out);

    FramingRules rules_;
    std::string data_;
    Framed::What fault_ = Framed::What::code;  // what is wrong with the code that is coming in
};

// The symbology that an AIM identifier before the data names ("]Q1" is qr); empty where there is none or it is not known.
std::string symbology_of(std::string_view data);

}  // namespace obol::drivers
