#pragma once
// What to print, as a list of blocks without a printer in mind: one document, several renderings
// (plain text, ESC/POS bytes and pictures read the same blocks). Pure data.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "drivers/ticket/bitmap.hpp"

namespace obol::drivers {

enum class Align { left, centre, right };
enum class Size { normal, tall, large };  // tall: twice as high; large: twice as wide, too

// A heading: large where the paper can, centred everywhere.
struct Title {
    std::string text;
    bool operator==(const Title&) const = default;
};

// A paragraph; breaks at words, and within one only where it is longer than the paper is wide.
struct Text {
    std::string text;
    Align align = Align::left;
    bool bold = false;
    Size size = Size::normal;
    bool operator==(const Text&) const = default;
};

// Something on the left and its amount on the right of the same line. The left side gives way and
// breaks; the right side never does, so that an amount is always read whole.
struct Columns {
    std::string left;
    std::string right;
    int indent = 0;
    bool bold = false;
    bool operator==(const Columns&) const = default;
};

struct Rule {
    bool heavy = false;
    bool operator==(const Rule&) const = default;
};

struct Feed {
    int lines = 1;
    bool operator==(const Feed&) const = default;
};

// A logo, dot by dot; made narrower where the paper is.
struct Image {
    Bitmap picture;
    Align align = Align::centre;
    bool operator==(const Image&) const = default;
};

enum class Symbology { code128, ean13 };

// code128: printable ASCII; ean13: 12 digits or 13 with a right check digit.
struct Barcode {
    std::string data;
    Symbology symbology = Symbology::code128;
    bool operator==(const Barcode&) const = default;
};

// Thirteen digits: the check digit is added to twelve. Other text comes back as it is.
std::string ean13_digits(const std::string& data);

struct Qr {
    std::string data;
    bool operator==(const Qr&) const = default;
};

// Here one paper ends; a printer without a knife feeds to its tear-off edge.
struct Cut {
    bool partial = true;
    bool operator==(const Cut&) const = default;
};

// Opens the drawer on the printer's kick connector.
struct Pulse {
    bool second_drawer = false;
    bool operator==(const Pulse&) const = default;
};

using Block = std::variant<Title, Text, Columns, Rule, Feed, Image, Barcode, Qr, Cut, Pulse>;

struct Document {
    std::vector<Block> blocks;

    Document& title(std::string_view text);
    Document& text(std::string_view text, Align align = Align::left, bool bold = false,
                   Size size = Size::normal);
    Document& columns(std::string_view left, std::string_view right, int indent = 0, bool bold = false);
    Document& rule(bool heavy = false);
    Document& feed(int lines = 1);
    Document& image(Bitmap picture, Align align = Align::centre);
    Document& barcode(std::string_view data, Symbology symbology = Symbology::code128);
    Document& qr(std::string_view data);
    Document& cut(bool partial = true);
    Document& pulse(bool second_drawer = false);

    bool operator==(const Document&) const = default;
};

}  // namespace obol::drivers
