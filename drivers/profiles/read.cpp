#include "drivers/profiles/read.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>


namespace obol::drivers {
namespace {

using Json = nlohmann::ordered_json;  // the order of the code pages is their preference

constexpr std::size_t largest_file = 64 * 1024;
constexpr int most_pages = 64;

struct Invalid {
    std::string what;
};

[[noreturn]] void invalid(const std::string& where, const std::string& what) { throw Invalid{where + ": " + what}; }

Json parsed(std::string_view text) {
    if (text.size() > largest_file) throw Invalid{"a file of more than 64 KiB"};
    std::vector<std::set<std::string>> open;
    const auto once = [&](int, Json::parse_event_t event, Json& value) {
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end) open.pop_back();
        if (event == Json::parse_event_t::key && !open.back().insert(value.get<std::string>()).second) {
            invalid(value.get<std::string>(), "stands twice");
        }
        return true;
    };
    try {
        return Json::parse(text, once, true, true);
    } catch (const Json::exception& fault) {
        throw Invalid{std::string("not JSON: ") + fault.what()};
    }
}

// One object of the file; `finish` refuses what nobody asked for.
class Members {
public:
    Members(const Json& json, std::string where) : json_(json), where_(std::move(where)) {
        if (!json.is_object()) invalid(where_.empty() ? "the file" : where_, "must be an object");
    }

    std::string path(const std::string& name) const { return where_.empty() ? name : where_ + "." + name; }

    const Json* find(const std::string& name) {
        asked_.insert(name);
        const auto found = json_.find(name);
        return found == json_.end() ? nullptr : &*found;
    }
    const Json& need(const std::string& name) {
        const Json* const found = find(name);
        if (found == nullptr) invalid(path(name), "is missing");
        return *found;
    }
    std::string text(const std::string& name, bool needed) {
        const Json* const found = needed ? &need(name) : find(name);
        if (found == nullptr) return "";
        if (!found->is_string()) invalid(path(name), "must be text");
        if (needed && found->get<std::string>().empty()) invalid(path(name), "must not be empty");
        return found->get<std::string>();
    }
    int number(const std::string& name, int least, int most) {
        const Json& found = need(name);
        if (!found.is_number_integer() || found.get<std::int64_t>() < least || found.get<std::int64_t>() > most) {
            invalid(path(name), "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
        }
        return found.get<int>();
    }
    bool flag(const std::string& name) {
        const Json* const found = find(name);
        if (found == nullptr) return false;
        if (!found->is_boolean()) invalid(path(name), "must be true or false");
        return found->get<bool>();
    }
    void finish() const {
        for (const auto& [name, value] : json_.items()) {
            if (asked_.count(name) == 0) invalid(path(name), "is not known");
        }
    }

private:
    const Json& json_;
    std::string where_;
    std::set<std::string> asked_;
};

// Star's feeds are so many eighths of a millimetre, which are dots at this resolution, and its lines four millimetres apart.
void to_star_line(Profile& profile) {
    constexpr int dots_a_millimetre = 8, dpi = 203;
    if (profile.paper.dpi != dpi) invalid("media.dpi", "must be 203 where features.starCommands is true");
    profile.language = Profile::Language::star_line;
    profile.paper.pitch = 4 * dots_a_millimetre;
}

Profile::Features features_of(const Json& json) {
    Members members(json, "features");
    Profile::Features out;
    out.barcode_b = members.flag("barcodeB");
    out.bit_image_column = members.flag("bitImageColumn");
    out.bit_image_raster = members.flag("bitImageRaster");
    out.qr_code = members.flag("qrCode");
    out.full_cut = members.flag("paperFullCut");
    out.part_cut = members.flag("paperPartCut");
    out.pulse_standard = members.flag("pulseStandard");
    out.pulse_bel = members.flag("pulseBel");
    out.process_id = members.flag("processId");
    out.drawer_contact = members.flag("drawerContact");
    out.kanji = members.flag("kanjiMode");
    for (const char* const unused : {"starCommands", "officePage", "barcodeA", "graphics", "highDensity", "pdf417Code"}) members.flag(unused);
    members.finish();
    return out;
}

// As escpos-printer-db names them; of some we have no table, and their numbers are passed over.
bool is_page_name(std::string_view name) {
    const auto digits_after = [&](std::string_view start) {
        return name.size() > start.size() && name.starts_with(start) &&
               std::all_of(name.begin() + static_cast<std::ptrdiff_t>(start.size()), name.end(),
                           [](char c) { return c >= '0' && c <= '9'; });
    };
    return digits_after("CP") || digits_after("ISO_8859-") || digits_after("TCVN-3-") || digits_after("RK") ||
           name == "KATAKANA" || name == "Unknown";
}

std::vector<Profile::Slot> pages_of(const Json& json) {
    if (!json.is_object()) invalid("codePages", "must be an object");
    std::vector<Profile::Slot> out;
    for (const auto& [number, name] : json.items()) {
        const std::string where = "codePages." + number;
        const bool digits = !number.empty() && number.size() <= 3 && (number == "0" || number[0] != '0') &&
                            number.find_first_not_of("0123456789") == std::string::npos;
        if (!digits || std::stoi(number) > 255) invalid(where, "must be a number from 0 to 255");
        if (!name.is_string() || !is_page_name(name.get<std::string>())) invalid(where, "is no name of a code page");
        const CodePage* const page = find_code_page(name.get<std::string>());
        const bool seen = std::any_of(out.begin(), out.end(), [&](const Profile::Slot& each) { return each.page == page; });
        if (page != nullptr && !seen && out.size() < most_pages) out.push_back({std::stoi(number), page});
    }
    return out;
}

void read_fonts(const Json& json, Paper& paper) {
    Members fonts(json, "fonts");
    for (const auto& [number, value] : json.items()) {
        if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) {
            invalid("fonts." + number, "must be a number");
        }
        Members font(*fonts.find(number), "fonts." + number);
        font.text("name", false);
        const int columns = font.number("columns", narrowest_paper, 255);
        font.finish();
        if (number == "0") paper.columns = columns;
    }
    fonts.need("0");
    if (paper.columns * cell_width > paper.dots) {
        invalid("fonts.0.columns", std::to_string(paper.columns) + " letters of " + std::to_string(cell_width) +
                                       " dots are wider than the paper's " + std::to_string(paper.dots));
    }
}

Paper paper_of(const Json& media_json, const Json& fonts) {
    Members media(media_json, "media");
    Paper paper;
    paper.dpi = media.number("dpi", 100, 600);
    Members width(media.need("width"), "media.width");
    const Json& mm = width.need("mm");
    if (!mm.is_number() || mm.get<double>() < 30 || mm.get<double>() > 120) {
        invalid("media.width.mm", "must be a number from 30 to 120");
    }
    paper.dots = width.number("pixels", narrowest_paper * cell_width, 1200);
    width.finish();
    media.finish();
    read_fonts(fonts, paper);
    return paper;
}

}  // namespace

Result<Profile> read_profile(std::string_view json) {
    try {
        const Json file = parsed(json);
        Members members(file, "");
        Profile out;
        out.name = members.text("name", true);
        out.vendor = members.text("vendor", true);
        out.notes = members.text("notes", false);
        members.find("colors");  // all of our paper is printed in black
        out.features = features_of(members.need("features"));
        out.paper = paper_of(members.need("media"), members.need("fonts"));
        out.code_pages = pages_of(members.need("codePages"));
        const bool star = members.need("features").value("starCommands", false), page = members.need("features").value("officePage", false);
        if (star && page) invalid("features.officePage", "a printer speaks one language");
        if (star) to_star_line(out);
        if (page) out.language = Profile::Language::page;
        members.finish();
        return out;
    } catch (const Invalid& fault) {
        return Fault{"profile_invalid", fault.what};
    }
}

}  // namespace obol::drivers
