#include "agent/app/purchase_order.hpp"

#include <algorithm>

namespace obol::agent {
namespace {

SpendRequest read_spend(const wire::Json& json, const std::string& pointer, std::vector<LotId>& left_out,
                        wire::JsonFaults& faults) {
    static const std::vector<std::string_view> modes{"max", "amount", "full", "none"};
    wire::ObjectReader reader(json, pointer, faults);
    SpendRequest spend;
    if (const auto mode = reader.optional_word("mode", modes)) {
        spend.mode = spend_mode_named(modes[*mode]).value_or(SpendMode::max);
    }
    if (spend.mode == SpendMode::amount) {
        spend.amount = Amount{reader.required_integer("amount", 1, largest_amount)};
    } else if (reader.has("amount")) {
        reader.fault("amount", "stands with the mode \"amount\" alone");
        reader.optional("amount");
    }
    if (reader.has("pockets")) {
        spend.pockets.clear();
        reader.required_array("pockets", 1, 3, [&](const wire::Json& each, const std::string& at) {
            const auto* word = std::get_if<std::string>(&each.value);
            const std::optional<Pocket> pocket = word ? pocket_named(*word) : std::nullopt;
            if (!pocket) {
                faults.push_back({at, "must be commerce, business or personal"});
            } else if (std::ranges::find(spend.pockets, *pocket) != spend.pockets.end()) {
                faults.push_back({at, "is named twice"});
            } else {
                spend.pockets.push_back(*pocket);
            }
        });
    }
    reader.optional_array("without", most_left_out, [&](const wire::Json& each, const std::string& at) {
        const auto* word = std::get_if<std::string>(&each.value);
        if (word == nullptr || !is_id_form(*word)) {
            faults.push_back({at, "must be the id of a lot"});
        } else {
            left_out.push_back(LotId{*word});
        }
    });
    reader.done();
    return spend;
}

void read_passes(wire::ObjectReader& reader, std::vector<CodeAndPin>& passes, wire::JsonFaults& faults) {
    reader.optional_array("passes", most_tender_passes, [&](const wire::Json& each, const std::string& at) {
        wire::ObjectReader pass(each, at, faults);
        read_code_and_pin(pass, passes.emplace_back());
        pass.done();
    });
}

void read_promotion_codes(wire::ObjectReader& reader, std::vector<std::string>& codes,
                          wire::JsonFaults& faults) {
    const auto each_code = [&](const wire::Json& each, const std::string& at) {
        const auto* code = std::get_if<std::string>(&each.value);
        if (code == nullptr || code->empty() || code->size() > 256) {
            faults.push_back({at, "must be a code of 1 to 256 characters; a promotion has no PIN"});
        } else {
            codes.push_back(*code);
        }
    };
    reader.optional_array("promotion_codes", most_promotion_codes, each_code);
}

void read_expectation(wire::ObjectReader& reader, PurchaseOrder& order, wire::JsonFaults& faults) {
    if (const wire::Json* expect = reader.optional("expect")) {
        wire::ObjectReader inner(*expect, reader.pointer_of("expect"), faults);
        order.expected = Amount{inner.required_integer("spent", 0, largest_amount)};
        inner.done();
    }
    order.confirm_duplicate = reader.optional_bool("confirm_duplicate").value_or(false);
}

}  // namespace

PurchaseOrder read_purchase_order(const wire::Json& body, OrderOf what, wire::JsonFaults& faults) {
    PurchaseOrder order;
    wire::ObjectReader reader(body, "", faults);
    if (const wire::Json* wallet = reader.required("wallet")) {
        order.wallet = read_wallet_ref(*wallet, reader.pointer_of("wallet"), faults, true);
    }
    read_passes(reader, order.passes, faults);
    if (const wire::Json* basket = reader.required("basket")) {
        order.basket = read_basket(*basket, reader.pointer_of("basket"), faults);
    }
    if (const wire::Json* spend = reader.optional("spend")) {
        order.spend = read_spend(*spend, reader.pointer_of("spend"), order.left_out, faults);
    }
    read_promotion_codes(reader, order.promotion_codes, faults);
    if (what == OrderOf::purchase) read_expectation(reader, order, faults);
    reader.done();
    return order;
}

}  // namespace obol::agent
