#pragma once
// What to print, as a list of blocks without a printer in mind: one document, several renderings
// (plain text here; ESC/POS bytes and pixels read the same blocks). Pure data.

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace obol::drivers {

enum class Align { left, centre, right };

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

using Block = std::variant<Title, Text, Columns, Rule, Feed>;

struct Document {
    std::vector<Block> blocks;

    Document& title(std::string_view text);
    Document& text(std::string_view text, Align align = Align::left, bool bold = false);
    Document& columns(std::string_view left, std::string_view right, int indent = 0, bool bold = false);
    Document& rule(bool heavy = false);
    Document& feed(int lines = 1);

    bool operator==(const Document&) const = default;
};

}  // namespace obol::drivers
