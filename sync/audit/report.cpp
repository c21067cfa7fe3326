#include "sync/audit/report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

namespace obol::audit {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t most_said = 1000;

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const Cell& cell) {
    return std::visit([](const auto& value) { return Json(value); }, cell);
}

// Plain where it is one word, as JSON where it is not, so that a line splits at its spaces.
std::string text_of(const Cell& cell) {
    const auto* text = std::get_if<std::string>(&cell);
    if (text == nullptr) return std::to_string(std::get<std::int64_t>(cell));
    const bool plain = !text->empty() && std::ranges::all_of(*text, [](char c) {
        return c > ' ' && c < '\x7f' && c != '"' && c != '\\';
    });
    return plain ? *text : dumped(Json(*text));
}

}  // namespace

void Report::find(const Finding& finding) {
    if (++findings_ > most_said) return;
    if (json_) {
        Json line{{"file", file_}, {"code", finding.code}, {"table", finding.table}};
        for (const auto& [key, value] : finding.parts) line[key] = json_of(value);
        out_ << dumped(line) << '\n';
        return;
    }
    out_ << finding.code << ' ' << finding.table;
    for (const auto& [key, value] : finding.parts) out_ << ' ' << key << '=' << text_of(value);
    out_ << '\n';
}

void Report::note(std::string_view text) {
    if (json_) {
        out_ << dumped(Json{{"file", file_}, {"note", text}}) << '\n';
    } else {
        out_ << "note " << file_ << ": " << text << '\n';
    }
}

void Report::finish(std::string_view what,
                    const std::vector<std::pair<std::string, std::int64_t>>& counts) {
    if (findings_ > most_said)
        note("only the first " + std::to_string(most_said) + " findings are said");
    if (json_) {
        Json line{{"file", file_}, {"summary", what}};
        for (const auto& [name, count] : counts) line[name] = count;
        line["findings"] = findings_;
        out_ << dumped(line) << '\n';
        return;
    }
    out_ << what << ": ";
    for (const auto& [name, count] : counts) out_ << count << ' ' << name << ", ";
    if (findings_ == 0) {
        out_ << "no findings\n";
    } else {
        out_ << findings_ << (findings_ == 1 ? " finding\n" : " findings\n");
    }
}

}  // namespace obol::audit
