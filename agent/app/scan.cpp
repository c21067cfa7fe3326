#include "agent/app/scan.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/present.hpp"
#include "agent/app/receipt.hpp"
#include "agent/app/verify_receipt.hpp"
#include "agent/app/words.hpp"
#include "sync/domain/scan_text.hpp"

namespace obol::agent {

namespace {

Words of_kind(std::string_view kind, const std::string& data) {
    Words words;
    words["kind"] = kind;
    words["data"] = data;
    return words;
}

std::optional<Words> as_receipt(Context& context, const std::string& data, std::string_view text) {
    Facts& facts = context.store.facts();
    if (!is_id_form(text)) return std::nullopt;
    const std::optional<Operation> operation = facts.operation_by_receipt(text);
    if (!operation) return std::nullopt;
    Words words = of_kind("receipt", data);
    Words receipt;
    receipt["number"] = operation->receipt;
    if (operation->kind == journal::Purchase::kind) receipt["purchase"] = operation->ref;
    receipt["valid"] = true;
    words["receipt"] = std::move(receipt);
    return words;
}

// A token proves itself, offline, whoever of the business signed it; a refund may start from its purchase.
std::optional<Words> as_token(Context& context, const std::string& data) {
    const std::optional<ReceiptProof> proof = prove_receipt(context, data);
    if (!proof) return std::nullopt;
    Words receipt;
    receipt["number"] = proof->token ? Words(proof->token->number()) : Words(nullptr);
    if (proof->valid && proof->token->operation == journal::ReceiptOf::purchase && !proof->token->id.empty()) {
        receipt["purchase"] = proof->token->id;
    }
    receipt["valid"] = proof->valid;
    if (!proof->venue.empty()) receipt["venue"] = proof->venue.text;
    Words reasons = Words::array();
    for (const ReceiptProof::Remark& each : proof->remarks) reasons.push_back({{"code", each.code}, {"detail", each.detail}});
    receipt["reasons"] = std::move(reasons);
    Words words = of_kind("receipt", data);
    words["receipt"] = std::move(receipt);
    return words;
}

std::optional<Words> as_product(Context& context, const std::string& data, const ScanText& scan) {
    std::optional<Product> product;
    for (const std::string& text : product_texts(scan)) {
        if (!product) product = context.store.facts().product(context.here.business, text);
    }
    if (!product) return std::nullopt;
    Words words = of_kind("product", data);
    words["product"] = {{"sku", product->sku},       {"name", product->name}, {"brand", product->brand},
                        {"family", product->family}, {"type", product->type}};
    if (!scan.gtin.empty()) words["product"]["gtin"] = scan.gtin;
    for (const Gs1Element& each : scan.elements) words["elements"][each.ai] = each.value;
    return words;
}

// A nameless wallet with a PIN shows that it is one, and no more, until the PIN was right.
Words wallet_shown(Context& context, const WalletRow& row) {
    Facts& facts = context.store.facts();
    if (row.pin_verifier.empty()) {
        return wallet_in_words(facts, row.wallet, context.here, as_of(facts, context.wall.now()));
    }
    Words words;
    words["pin"] = row.pin_locked || row.wrong_pins >= most_pin_tries ? "locked" : "required";
    return words;
}

std::optional<Words> as_wallet(Context& context, const std::string& data, std::string_view text) {
    Facts& facts = context.store.facts();
    const Result<std::string> code = normalise_code(text);
    std::optional<WalletRow> row = facts.wallet_by("card", text);
    if (!row && code) row = facts.wallet_by("card", *code);
    if (!row && code) row = facts.wallet_by_code(code_meant(facts, context.here.business, *code));
    if (!row) return std::nullopt;
    Words words = of_kind("wallet", data);
    words["wallet"] = wallet_shown(context, *row);
    return words;
}

}  // namespace

awaitable<Answer> scan(Context& context, Caller caller, std::string data) {
    if (const auto words = as_token(context, data)) co_return answer(200, *words);
    const ScanText scanned = read_scan(data);
    if (const auto words = as_receipt(context, data, scanned.text)) co_return answer(200, *words);
    if (const auto words = as_product(context, data, scanned)) co_return answer(200, *words);
    if (const auto words = as_wallet(context, data, scanned.text)) co_return answer(200, *words);

    // Only text that has the form of a code counts as a try to guess one.
    const Result<std::string> code = normalise_code(data);
    const std::vector<Plan> plans = context.store.facts().plans();
    const bool formed = code && std::any_of(plans.begin(), plans.end(), [&code](const Plan& plan) {
        return read_as(*code, plan.code).has_value();
    });
    if (!formed) co_return answer(200, of_kind("unknown", data));

    Presented presented = co_await present_code(context, caller, data, std::nullopt, PinUse::ignore);
    const bool throttled = !presented.reasons.empty() && presented.reasons.front().code == Code::too_many_attempts;
    if (presented.fault || throttled) co_return *refused(presented, caller);
    if (!presented.pass) {
        Words words = of_kind("unknown", data);
        words["reasons"] = reasons_in_words(presented.reasons);
        co_return answer(200, words);
    }
    Words words = of_kind("pass", data);
    words["pass"] = pass_in_words(context.store.facts(), *presented.pass, !presented.pass->plan.pin,
                                  context.wall.now());
    co_return answer(200, words);
}

}  // namespace obol::agent
