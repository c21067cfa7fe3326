#pragma once
// What a printer model can do, as data. The words are those of escpos-printer-db; `profiles/` reads them
// from config/printers.

#include <string>
#include <vector>

#include "drivers/escpos/code_page.hpp"
#include "drivers/ticket/layout.hpp"

namespace obol::drivers {

struct Profile {
    struct Slot {
        int number = 0;  // of ESC t
        const CodePage* page = nullptr;
        bool operator==(const Slot&) const = default;
    };
    struct Features {
        bool barcode_b = false;         // GS k with a length
        bool bit_image_column = false;  // ESC *
        bool bit_image_raster = false;  // GS v 0
        bool qr_code = false;           // GS ( k
        bool full_cut = false, part_cut = false;
        bool pulse_standard = false, pulse_bel = false;
        bool process_id = false;      // GS ( H: says when all before it is printed
        bool drawer_contact = false;  // pin 3 of the kick connector tells open from closed
        bool kanji = false;  // pairs bytes from 0x80 on up as Chinese letters unless told not to
        bool operator==(const Features&) const = default;
    };

    enum class Language { escpos, star_line, page };  // page: PDF, through CUPS

    std::string name, vendor, notes;
    Language language = Language::escpos;
    Paper paper;
    Features features;
    std::vector<Slot> code_pages;  // those that we have tables of, the preferred first; at most 64

    bool operator==(const Profile&) const = default;
};

}  // namespace obol::drivers
