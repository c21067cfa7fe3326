// PassAsk, IssueAsk and enrolment: questions that are answered at once, with a person waiting.

#include "sync/wire/parts.hpp"

namespace obol::wire {
namespace {

constexpr std::size_t most_given_back = 10'000;
const std::vector<std::string_view> pin_states{"none", "required", "right", "incorrect", "locked"};

Secret read_secret(ObjectReader& in, std::string_view key, std::size_t longest) {
    return Secret(in.required_text(key, 1, longest));
}

std::optional<Secret> read_optional_secret(ObjectReader& in, std::string_view key,
                                           std::size_t longest) {
    auto text = in.optional_text(key, 1, longest);
    if (!text) return std::nullopt;
    return Secret(std::move(*text));
}

}  // namespace

std::string encode(const PassAsk& ask) {
    JsonWriter out = begin_message();
    write_bytes(out, "digest", ask.digest);
    if (!ask.code.empty()) out.member("code", ask.code.reveal());
    if (ask.pin) out.member("pin", ask.pin->reveal());
    out.end_object();
    return out.take();
}

template <>
Result<PassAsk> decode<PassAsk>(std::string_view json) {
    return decode_with<PassAsk>(json, [](ObjectReader& in, PassAsk& ask, JsonFaults&) {
        read_version(in);
        ask.digest = read_bytes(in, "digest", 32, 32);
        ask.code = read_optional_secret(in, "code", 64).value_or(Secret{});
        ask.pin = read_optional_secret(in, "pin", 64);
        if (ask.pin && ask.code.empty()) in.fault("code", "must be there with a PIN");
    });
}

std::string encode(const PassAnswer& answer) {
    JsonWriter out = begin_message();
    if (answer.pass) write_document(out, "pass", *answer.pass);
    if (answer.wallet) write_document(out, "wallet", *answer.wallet);
    out.member("pin_state", answer.pin_state);
    if (answer.attempts_left) out.member("attempts_left", std::int64_t{*answer.attempts_left});
    out.end_object();
    return out.take();
}

template <>
Result<PassAnswer> decode<PassAnswer>(std::string_view json) {
    return decode_with<PassAnswer>(json, [](ObjectReader& in, PassAnswer& answer, JsonFaults&) {
        read_version(in);
        answer.pass = read_document(in, "pass");
        answer.wallet = read_document(in, "wallet");
        answer.pin_state = pin_states[in.required_word("pin_state", pin_states)];
        if (const auto left = in.optional_integer("attempts_left", 0, 1000)) {
            answer.attempts_left = static_cast<int>(*left);
        }
    });
}

std::string encode(const PurchaseAsk& ask) {
    JsonWriter out = begin_message();
    out.member("id", ask.id.text);
    out.end_object();
    return out.take();
}

template <>
Result<PurchaseAsk> decode<PurchaseAsk>(std::string_view json) {
    return decode_with<PurchaseAsk>(json, [](ObjectReader& in, PurchaseAsk& ask, JsonFaults&) {
        read_version(in);
        ask.id = PurchaseId{in.required_id("id")};
    });
}

std::string encode(const PurchaseAnswer& answer) {
    JsonWriter out = begin_message();
    if (answer.purchase) write_bytes(out, "purchase", *answer.purchase);
    out.key("given_back").begin_array();
    for (const Bytes& entry : answer.given_back) out.text(to_base64(entry));
    out.end_array().end_object();
    return out.take();
}

template <>
Result<PurchaseAnswer> decode<PurchaseAnswer>(std::string_view json) {
    return decode_with<PurchaseAnswer>(json, [](ObjectReader& in, PurchaseAnswer& answer, JsonFaults& faults) {
        read_version(in);
        if (in.has("purchase")) answer.purchase = read_bytes(in, "purchase", 1, longest_blob);
        in.required_array("given_back", 0, most_given_back, [&](const Json& item, const std::string& at) {
            const auto* text = std::get_if<std::string>(&item.value);
            Result<Bytes> entry = from_base64(text ? *text : "?");
            if (entry) answer.given_back.push_back(std::move(*entry));
            else faults.push_back({at, "not base64"});
        });
    });
}

std::string encode(const IssueAsk& ask) {
    JsonWriter out = begin_message();
    out.member("id", ask.id).member("plan", ask.plan.text);
    if (ask.amount) out.member("amount", ask.amount->minor);
    out.member("tender", ask.tender);
    if (ask.contact) out.member("contact", ask.contact->text);
    out.end_object();
    return out.take();
}

template <>
Result<IssueAsk> decode<IssueAsk>(std::string_view json) {
    return decode_with<IssueAsk>(json, [](ObjectReader& in, IssueAsk& ask, JsonFaults&) {
        read_version(in);
        ask.id = in.required_text("id", 1, 512);
        ask.plan = PlanId(in.required_id("plan"));
        if (const auto amount = in.optional_integer("amount", 1, largest_amount)) {
            ask.amount = Amount{*amount};
        }
        ask.tender = in.required_text("tender", 1, 32);
        if (auto contact = in.optional_id("contact")) ask.contact = ContactId(std::move(*contact));
    });
}

std::string encode(const IssueAnswer& answer) {
    JsonWriter out = begin_message();
    out.member("pass", answer.pass.text).member("code", answer.code.reveal());
    if (answer.pin) out.member("pin", answer.pin->reveal());
    out.key("value").begin_object().member("amount", answer.value.amount.minor);
    out.member("currency", answer.value.currency.code()).end_object();
    if (answer.redeem_by) write_instant(out, "redeem_by", *answer.redeem_by);
    out.end_object();
    return out.take();
}

template <>
Result<IssueAnswer> decode<IssueAnswer>(std::string_view json) {
    return decode_with<IssueAnswer>(
        json, [](ObjectReader& in, IssueAnswer& answer, JsonFaults& faults) {
            read_version(in);
            answer.pass = PassId(in.required_id("pass"));
            answer.code = read_secret(in, "code", 64);
            answer.pin = read_optional_secret(in, "pin", 64);
            if (const Json* value = in.required("value")) {
                ObjectReader inner(*value, in.pointer_of("value"), faults);
                answer.value.amount = Amount{inner.required_integer("amount", 0, largest_amount)};
                answer.value.currency = read_currency(inner, "currency");
                inner.done();
            }
            answer.redeem_by = read_optional_instant(in, "redeem_by");
        });
}

std::string encode(const Enrol& enrol) {
    JsonWriter out;
    out.begin_object().member("token", enrol.token.reveal()).member("csr", enrol.csr).end_object();
    return out.take();
}

template <>
Result<Enrol> decode<Enrol>(std::string_view json) {
    return decode_with<Enrol>(json, [](ObjectReader& in, Enrol& enrol, JsonFaults&) {
        enrol.token = read_secret(in, "token", 256);
        enrol.csr = in.required_text("csr", 1, longest_pem);
    });
}

std::string encode(const Enrolled& enrolled) {
    JsonWriter out;
    out.begin_object().member("certificate", enrolled.certificate).member("ca", enrolled.ca);
    out.member("venue", enrolled.venue.text).member("business", enrolled.business.text);
    out.member("device_name", enrolled.device_name);
    write_bytes(out, "cache_key", enrolled.cache_key);
    out.member("sync_url", enrolled.sync_url).end_object();
    return out.take();
}

template <>
Result<Enrolled> decode<Enrolled>(std::string_view json) {
    return decode_with<Enrolled>(json, [](ObjectReader& in, Enrolled& enrolled, JsonFaults&) {
        enrolled.certificate = in.required_text("certificate", 1, longest_pem);
        enrolled.ca = in.required_text("ca", 1, longest_pem);
        enrolled.venue = VenueId(in.required_id("venue"));
        enrolled.business = BusinessId(in.required_id("business"));
        enrolled.device_name = in.required_id("device_name");
        enrolled.cache_key = read_bytes(in, "cache_key", 32, 32);
        enrolled.sync_url = in.required_text("sync_url", 1, 512);
    });
}

std::string encode(const Renew& renew) {
    JsonWriter out = begin_message(2);
    out.member("csr", renew.csr).end_object();
    return out.take();
}

template <>
Result<Renew> decode<Renew>(std::string_view json) {
    return decode_with<Renew>(json, [](ObjectReader& in, Renew& renew, JsonFaults&) {
        read_version(in, 2, 2);
        renew.csr = in.required_text("csr", 1, longest_pem);
    });
}

std::string encode(const Renewed& renewed) {
    JsonWriter out = begin_message(2);
    out.member("certificate", renewed.certificate).member("ca", renewed.ca).end_object();
    return out.take();
}

template <>
Result<Renewed> decode<Renewed>(std::string_view json) {
    return decode_with<Renewed>(json, [](ObjectReader& in, Renewed& renewed, JsonFaults&) {
        read_version(in, 2, 2);
        renewed.certificate = in.required_text("certificate", 1, longest_pem);
        renewed.ca = in.required_text("ca", 1, longest_pem);
    });
}

}  // namespace obol::wire
