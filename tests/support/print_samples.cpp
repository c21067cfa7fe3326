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
#include "drivers/page/pdf.hpp"
#include "drivers/picture/draw.hpp"
#include "drivers/picture/svg.hpp"
#include "drivers/png/png.hpp"
#include "drivers/printer/tongue.hpp"
#include "drivers/profiles/read.hpp"
#include "drivers/ticket/text.hpp"
#include "sync/journal/receipt_token.hpp"
#include "tests/support/receipts.hpp"

using namespace obol::drivers;

namespace {

// A receipt whose code is a token that a device has signed.
struct Proof {
    std::string token, public_key;
};

Proof proof() {
    obol::crypto::SystemRandom random;
    const auto key = obol::crypto::SigningKey::generate(random);
    obol::journal::ReceiptToken token;
    token.device = "NIC1";
    token.counter = 1042;
    token.seq = 4711;
    token.at = obol::parse_rfc3339("2026-11-20T16:05:00Z").value();
    token.id = "0198f2ab-1234-7abc-8def-0123456789ab";
    token.amount = obol::Amount{2430};
    token.currency = obol::Currency::parse("EUR").value();
    token.head.fill(0xA7);
    return {obol::journal::sign_receipt(token, key), obol::to_hex(key.public_key())};
}

void write(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

Profile profile_of(const std::filesystem::path& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return read_profile(text.str()).value();
}

std::string printed(const Profile& profile, const std::string& bytes, bool garbles = false) {
    FakePrinter printer(profile);
    printer.ignore_code_pages(garbles);
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
nlohmann::ordered_json star_sequences(const Profile& profile) {
    Bitmap high(16, 24);
    for (int i = 0; i < 8; ++i) high.set(i, i);
    high.set(15, 0);
    const auto bytes = [&](const Document& document) { return hexadecimal(render_for(profile, document).value()); };
    return {{"bold", bytes(Document{}.text("abc", Align::left, true).text("d"))},
            {"large", bytes(Document{}.text("abc", Align::left, false, Size::large).text("d"))},
            {"greek", bytes(Document{}.text("Καφές"))},
            {"qr", bytes(Document{}.qr("OBOL1:ABC"))},
            {"code128", bytes(Document{}.barcode("4F7K"))},
            {"ean13", bytes(Document{}.barcode("5201234567894", Symbology::ean13))},
            {"drawer", bytes(Document{}.pulse(true))},
            {"columns", bytes(Document{}.image(high, Align::left))},
            {"cut", bytes(Document{}.cut())}};
}

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
    const Proof proved = proof();
    const std::vector<std::pair<std::string, Document>> all = {
        {"en", samples::english()}, {"el", samples::greek()}, {"gift", samples::gift()},
        {"proof", Document{}.title("Aroma").columns("No. NIC1-1042", "24.30 EUR").qr(proved.token).cut()}};
    nlohmann::ordered_json list;
    list["proof"] = {{"token", proved.token}, {"public_key", proved.public_key}};
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
        if (profile.language == Profile::Language::page) {
            for (const auto& [name, document] : all) {
                Document lines;  // a report longer than a page, and then the receipt
                for (int i = 1; i <= 120; ++i) lines.columns("Report line " + std::to_string(i), std::to_string(i) + ".00");
                lines.cut().blocks.insert(lines.blocks.end(), document.blocks.begin(), document.blocks.end());
                write(out / ("office_" + name + ".pdf"), render_pdf(lines, profile.paper).value());
                list["pages"].push_back({{"document", name}, {"file", "office_" + name + ".pdf"}});
            }
            continue;
        }
        const std::string model = entry.path().stem().string();
        const bool star = profile.language == Profile::Language::star_line;
        if (model == "TM-T20III") list["sequences"] = sequences(profile);
        if (model == "TSP650II") list["star_sequences"] = star_sequences(profile);
        for (const auto& [name, document] : all) {
            const std::string stem = model + "_" + name;
            const std::string bytes = render_for(profile, document).value();
            write(out / (stem + ".bin"), bytes);
            write(out / (stem + ".png"), printed(profile, bytes));
            if (name != "en") write(out / (stem + "_garbled.png"), printed(profile, bytes, true));
            nlohmann::ordered_json pages;
            for (const Profile::Slot& slot : profile.code_pages) pages[std::to_string(slot.number)] = slot.page->name;
            list["prints"].push_back({{"document", name}, {"model", model}, {"file", stem + ".bin"}, {"paper", stem + ".png"},
                                      {"text", render_text(document, profile.paper.columns)}, {"pages", pages},
                                      {"native_qr", profile.features.qr_code}, {"star", star}});
        }
    }
    write(out / "list.json", list.dump(1));
}
