#include "agent/app/basket_of.hpp"

#include <set>
#include <string_view>

namespace obol::agent {
namespace {

constexpr std::size_t longest_sku = 64, longest_attribute = 256, longest_ticket = 64;
constexpr std::size_t longest_whole = 9, longest_fraction = 6;

bool all_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "6", "0.335", "-1" (a return): digits, a point and digits, as people write it. Nothing computes with it.
bool is_quantity(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const std::size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    if (!all_digits(whole) || whole.size() > longest_whole) return false;
    if (whole.size() > 1 && whole.front() == '0') return false;
    if (point == std::string_view::npos) return true;
    const std::string_view fraction = text.substr(point + 1);
    return all_digits(fraction) && fraction.size() <= longest_fraction;
}

Line read_line(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults) {
    wire::ObjectReader reader(json, pointer, faults);
    const auto attribute = [&](std::string_view key) {
        return reader.optional_text(key, 0, longest_attribute).value_or("");
    };
    Line line;
    line.id = LineId{reader.required_id("id")};
    line.sku = reader.required_text("sku", 1, longest_sku);
    line.quantity = reader.required_text("quantity", 1, 1 + longest_whole + 1 + longest_fraction);
    if (!line.quantity.empty() && !is_quantity(line.quantity)) {
        reader.fault("quantity", "must be a decimal number as a string, such as \"6\" or \"0.335\"");
    }
    line.amount = Amount{reader.required_integer("amount", -largest_amount, largest_amount)};
    line.name = attribute("name");
    line.brand = attribute("brand");
    line.family = attribute("family");
    line.type = attribute("type");
    reader.done();
    return line;
}

bool fits(const std::vector<Line>& lines) {
    // 1,000 lines of 2^53 stay below 2^63, so this sum cannot overflow.
    std::int64_t sum = 0;
    for (const Line& line : lines) sum += line.amount.minor;
    return sum >= -largest_amount && sum <= largest_amount;
}

}  // namespace

Basket read_basket(const wire::Json& json, const std::string& pointer, wire::JsonFaults& faults) {
    wire::ObjectReader reader(json, pointer, faults);
    Basket basket;
    const std::string code = reader.required_text("currency", 3, 3);
    if (!code.empty()) {
        const Result<Currency> currency = Currency::parse(code);
        if (currency && *currency != Currency::none()) {
            basket.currency = *currency;
        } else {
            reader.fault("currency", "is no active ISO 4217 code");
        }
    }
    basket.ticket = reader.optional_text("ticket", 0, longest_ticket).value_or("");
    std::set<std::string> seen;
    reader.required_array("lines", 1, most_lines, [&](const wire::Json& each, const std::string& at) {
        Line line = read_line(each, at, faults);
        if (!line.id.empty() && !seen.insert(line.id.text).second) {
            faults.push_back({at + "/id", "stands for another line already"});
        }
        basket.lines.push_back(std::move(line));
    });
    if (basket.lines.size() <= most_lines && !fits(basket.lines)) {
        reader.fault("lines", "come to more than an amount can hold");
    }
    reader.done();
    return basket;
}

void complete_from_catalogue(Basket& basket, Facts& facts, const BusinessId& business) {
    for (Line& line : basket.lines) {
        const bool whole = !line.name.empty() && !line.brand.empty() && !line.family.empty() &&
                           !line.type.empty();
        if (whole) continue;
        const std::optional<Product> product = facts.product(business, line.sku);
        if (!product) continue;
        if (line.name.empty()) line.name = product->name;
        if (line.brand.empty()) line.brand = product->brand;
        if (line.family.empty()) line.family = product->family;
        if (line.type.empty()) line.type = product->type;
    }
}

}  // namespace obol::agent
