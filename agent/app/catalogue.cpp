#include "agent/app/catalogue.hpp"

#include <map>
#include <nlohmann/json.hpp>

#include "agent_words_embedded.hpp"
#include "sync/core/ensure.hpp"

namespace obol::agent {

namespace {

using Catalogue = std::map<std::string, std::string, std::less<>>;

const std::map<std::string, Catalogue, std::less<>>& catalogues() {
    static const auto all = [] {
        std::map<std::string, Catalogue, std::less<>> out;
        for (const auto& [language, text] : embedded::agent_words::all_of_them) {
            out.emplace(language, nlohmann::json::parse(text).get<Catalogue>());
        }
        return out;
    }();
    return all;
}

const Catalogue& catalogue(std::string_view language) {
    const auto found = catalogues().find(language);
    return found == catalogues().end() ? catalogues().find("en")->second : found->second;
}

std::string two(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

}  // namespace

std::string_view words_for(std::string_view language, std::string_view key) {
    const Catalogue& words = catalogue(language);
    const auto found = words.find(key);
    ENSURE(found != words.end());
    return found->second;
}

std::vector<std::string> catalogue_languages() {
    std::vector<std::string> out;
    for (const auto& [language, words] : catalogues()) out.push_back(language);
    return out;
}

Tongue::Tongue(std::string_view language, const std::string& zone, Currency currency)
    : language_(catalogues().contains(language) ? language : "en"), zone_(Zone::find(zone)), currency_(currency) {}

std::string Tongue::money(Amount amount, Currency currency) const {
    std::string out = to_decimal(amount, currency);
    if (language_ == "el") std::replace(out.begin(), out.end(), '.', ',');
    return out;
}

std::string Tongue::with_currency(Amount amount, Currency currency) const {
    const std::string code(currency.code());
    return money(amount, currency) + " " + (code == "EUR" ? "€" : code);
}

std::string Tongue::date(LocalDate day) const {
    if (language_ != "el") return to_iso_date(day);
    return two(static_cast<int>(day.day)) + "/" + two(static_cast<int>(day.month)) + "/" + std::to_string(day.year);
}

std::string Tongue::moment(Instant at) const {
    if (!zone_) return to_rfc3339(at);
    const LocalTime local = zone_->local(at);
    return date(local.date) + " " + two(local.second_of_day / 3600) + ":" + two(local.second_of_day / 60 % 60);
}

std::string Tongue::last_day(Instant until) const {
    const Instant last = until - Millis{1};
    return zone_ ? date(zone_->local(last).date) : to_rfc3339(last);
}

}  // namespace obol::agent
