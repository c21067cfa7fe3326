#include "agent/app/verify_receipt.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/receipt.hpp"
#include "agent/app/words.hpp"
#include "agent/store/known_devices.hpp"
#include "sync/domain/scan_text.hpp"
#include "sync/domain/typed.hpp"

namespace obol::agent {
namespace {

using journal::ReceiptToken;
using journal::SignedReceipt;
using Remark = ReceiptProof::Remark;

Remark remark_on(const std::string& state) {
    if (state == "revoked") return {"device_revoked", "the device that signed it was revoked since, or its key was known to others"};
    if (state == "quarantined") return {"device_quarantined", "two chains were signed with this device's key"};
    return {"device_written_off", "the device that signed it was written off"};
}

// An own receipt is what the own journal says, to the last member; its token is made anew and compared.
std::optional<Remark> against_journal(Context& context, const ReceiptToken& token) {
    const std::optional<Receipt> own = find_receipt(context.store.facts(), context.here, token.number(), context.link.up());
    if (!own) return Remark{"not_in_journal", "this device signed it, and its journal has no such receipt"};
    std::optional<ReceiptToken> said = token_of(*own);
    if (said) said->key_id = token.key_id;
    if (said != token) return Remark{"journal_differs", "the journal tells something else of this receipt"};
    return std::nullopt;
}

void prove_own(Context& context, const SignedReceipt& receipt, ReceiptProof& out) {
    out.own = true;
    out.venue = context.here.venue;
    out.valid = verify_receipt(receipt, context.store.key().public_key());
    if (!out.valid) return out.remarks.push_back({"signature_wrong", "this is not what the device has signed"});
    if (const auto differs = against_journal(context, receipt.token)) {
        out.valid = false;
        out.remarks.push_back(*differs);
    }
}

void prove_by_devices(const std::vector<KnownDevice>& devices, const SignedReceipt& receipt, ReceiptProof& out) {
    if (devices.empty()) {
        return out.remarks.push_back({"key_unknown", "no device that this venue knows of has the key that signed it"});
    }
    const auto signer = std::ranges::find_if(devices, [&](const KnownDevice& each) {
        return verify_receipt(receipt, each.public_key);
    });
    if (signer == devices.end()) return out.remarks.push_back({"signature_wrong", "this is not what the device has signed"});
    out.valid = true;
    out.venue = signer->venue;
    if (signer->state != "active") out.remarks.push_back(remark_on(signer->state));
}

Words token_in_words(const ReceiptProof& proof) {
    const ReceiptToken& token = *proof.token;
    Words words;
    words["number"] = token.number();
    words["kind"] = name_of(token.operation);
    if (!token.id.empty()) words["id"] = token.id;
    words["device"] = token.device;
    if (!proof.venue.empty()) words["venue"] = proof.venue.text;
    words["at"] = instant_in_words(token.at);
    words["amount"] = token.amount.minor;
    words["currency"] = token.currency.code();
    words["entry"] = Words{{"seq", token.seq}, {"hash", to_hex(token.head)}};
    return words;
}

ReceiptProof prove(Context& context, std::string_view text) {
    ReceiptProof out;
    const Result<SignedReceipt> receipt = journal::decode_receipt(text);
    if (!receipt) {
        out.remarks.push_back({receipt.error().code, receipt.error().detail});
        return out;
    }
    out.token = receipt->token;
    if (receipt->token.key_id == journal::key_id_of(context.store.key().public_key())) {
        prove_own(context, *receipt, out);
    } else {
        prove_by_devices(devices_with_key(context.store.facts().db(), receipt->token.key_id), *receipt, out);
    }
    return out;
}

}  // namespace

std::optional<ReceiptProof> prove_receipt(Context& context, std::string_view data) {
    // Under which layout it was typed only the signature tells.
    std::optional<ReceiptProof> first;
    for (const std::string& text : by_layouts(read_scan(data).text)) {
        if (!journal::claims_to_be_receipt_token(text)) continue;
        ReceiptProof proof = prove(context, text);
        if (proof.valid) return proof;
        if (!first || (!first->token && proof.token)) first = std::move(proof);
    }
    return first;
}

Answer verify_receipt(Context& context, const std::string& data) {
    std::optional<ReceiptProof> proof = prove_receipt(context, data);
    if (!proof) proof = ReceiptProof{.remarks = {{"token_malformed", "not the text of a receipt's QR code"}}};
    Words words;
    words["valid"] = proof->valid;
    if (proof->token) words["receipt"] = token_in_words(*proof);
    Words reasons = Words::array();
    for (const Remark& remark : proof->remarks) reasons.push_back({{"code", remark.code}, {"detail", remark.detail}});
    words["reasons"] = std::move(reasons);
    return answer(200, words);
}

}  // namespace obol::agent
