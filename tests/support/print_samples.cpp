// Prints the sample receipts into a folder, for readers that others wrote: the bytes for each model, what the emulator
// prints of them, and the pictures and pages made without a printer.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "drivers/escpos/render.hpp"
#include "drivers/fake/printer.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/picture/svg.hpp"
#include "drivers/png/png.hpp"
#include "drivers/profiles/read.hpp"
#include "drivers/ticket/text.hpp"
#include "tests/support/receipts.hpp"

using namespace obol::drivers;

namespace {

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

Profile profile_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return read_profile(text.str()).value();
}

std::string printed(const Profile& profile, const std::string& bytes) {
    FakePrinter printer(profile);
    printer.receive(bytes);
    std::vector<Bitmap> sheets;
    for (const Sheet& sheet : printer.sheets()) sheets.push_back(sheet.picture);
    if (printer.sheet().picture.height() > 0) sheets.push_back(printer.sheet().picture);
    return to_png(stacked(sheets), profile.paper.dpi);
}

std::string hexadecimal(const std::string& bytes) {
    std::string out;
    for (const char c : bytes) {
        constexpr std::string_view digits = "0123456789abcdef";
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

// Single things, to be held against how another encoder words them.
nlohmann::ordered_json sequences(Profile profile) {
    std::erase_if(profile.code_pages, [](const Profile::Slot& slot) { return slot.page->name != "CP737"; });
    Profile columns = profile;
    columns.features.bit_image_raster = false;
    Bitmap low(16, 8);
    for (int i = 0; i < 8; ++i) low.set(i, i);
    low.set(15, 0);
    Bitmap high = low;
    high.grow(24);
    const auto bytes = [](const Document& document, const Profile& by) { return hexadecimal(render_escpos(document, by).value()); };
    return {{"bold", bytes(Document{}.text("abc", Align::left, true).text("d"), profile)},
            {"large", bytes(Document{}.text("abc", Align::left, false, Size::large).text("d"), profile)},
            {"greek", bytes(Document{}.text("Καφές"), profile)},
            {"qr", bytes(Document{}.qr("OBOL1:ABC"), profile)},
            {"code128", bytes(Document{}.barcode("4F7K"), profile)},
            {"drawer", bytes(Document{}.pulse(true), profile)},
            {"raster", bytes(Document{}.image(low, Align::left), profile)},
            {"columns", bytes(Document{}.image(high, Align::left), columns)}};
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::cerr << "usage: print_samples PROFILES FOLDER\n";
        return 2;
    }
    const std::filesystem::path out = words[2];
    const std::vector<std::pair<std::string, Document>> all = {
        {"en", samples::english()}, {"el", samples::greek()}, {"gift", samples::gift()}};
    nlohmann::ordered_json list;
    for (const auto& [name, document] : all) {
        auto& about = list["documents"][name];
        for (const Block& block : document.blocks) {
            if (const auto* const qr = std::get_if<Qr>(&block)) about["qr"].push_back(qr->data);
            if (const auto* const bars = std::get_if<Barcode>(&block)) {
                about["bars"].push_back(bars->symbology == Symbology::ean13 ? ean13_digits(bars->data) : bars->data);
            }
        }
        for (const auto& [size, paper] : {std::pair("58mm", paper_58mm), std::pair("80mm", paper_80mm)}) {
            const std::string stem = name + "_" + size;
            write(out / (stem + ".png"), to_png(stacked(draw_sheets(document, paper).value())));
            write(out / (stem + ".svg"), render_svg(document, paper).value());
            list["pictures"].push_back({{"document", name}, {"file", stem + ".png"}, {"svg", stem + ".svg"}});
        }
    }
    for (const auto& entry : std::filesystem::directory_iterator(words[1])) {
        if (entry.path().extension() != ".json") continue;
        const Profile profile = profile_of(entry.path());
        const std::string model = entry.path().stem().string();
        if (model == "TM-T20III") list["sequences"] = sequences(profile);
        for (const auto& [name, document] : all) {
            const std::string stem = model + "_" + name;
            const std::string bytes = render_escpos(document, profile).value();
            write(out / (stem + ".bin"), bytes);
            write(out / (stem + ".png"), printed(profile, bytes));
            nlohmann::ordered_json pages;
            for (const Profile::Slot& slot : profile.code_pages) pages[std::to_string(slot.number)] = slot.page->name;
            list["prints"].push_back({{"document", name}, {"model", model}, {"file", stem + ".bin"}, {"paper", stem + ".png"},
                                      {"text", render_text(document, profile.paper.columns)}, {"pages", pages},
                                      {"native_qr", profile.features.qr_code}});
        }
    }
    write(out / "list.json", list.dump(1));
}
