#include "agent/app/present.hpp"

#include <algorithm>
#include <set>

#include "agent/app/pin_check.hpp"
#include "agent/app/throttle.hpp"

namespace obol::agent {

namespace {

Bytes digest_of(std::string_view code) {
    const crypto::Digest digest = crypto::sha256(as_bytes(code));
    return {digest.begin(), digest.end()};
}

bool has_form_of_a_plan(Facts& facts, const BusinessId& business, std::string_view code) {
    for (const Plan& plan : facts.plans()) {
        if (plan.business == business && has_form(code, plan.code)) return true;
    }
    return false;
}

bool is_known(Facts& facts, const std::string& code) {
    return facts.pass_by_code(code).has_value() || facts.wallet_by_code(code).has_value();
}

// Offline, only who holds authority over a pass compares its PIN, so that tries do not multiply over
// venues. What was redeemed here has no authority left; its PIN guards the wallet that it opened here.
bool may_compare_here(Facts& facts, const PassRow& row, const Here& here) {
    if (row.pin_verifier.empty()) return false;
    return facts.funds(pass_subject(row.pass.id)).held.minor > 0 ||
           facts.funds(draft_subject(row.pass.id)).held.minor > 0 || row.pass.redeemed_venue == here.venue;
}

bool may_compare_here(Facts& facts, const Wallet& wallet, const Here& here) {
    if (wallet.home == here.venue) return true;
    const PurchaseFacts known = facts.purchase_facts(wallet.id, {here.venue, here.business}, here.zone);
    return known.business.held.minor > 0 || known.personal.held.minor > 0 ||
           std::any_of(known.lots.begin(), known.lots.end(),
                       [](const LotFacts& lot) { return lot.funds.held.minor > 0; });
}

std::optional<Reason> reason_of(const PinVerdict& verdict) {
    switch (verdict.what) {
        case PinVerdict::What::right: return std::nullopt;
        case PinVerdict::What::incorrect: {
            Reason out = because(Code::pin_incorrect);
            out.attempts_left = verdict.attempts_left;
            return out;
        }
        case PinVerdict::What::locked: return because(Code::pass_locked);
        case PinVerdict::What::busy:
        case PinVerdict::What::failed: break;
    }
    return std::nullopt;
}

std::optional<Reason> reason_of(const wire::PassAnswer& centre) {
    if (centre.pin_state == "locked") return because(Code::pass_locked);
    if (centre.pin_state == "required") return because(Code::pin_required);
    if (centre.pin_state == "incorrect") {
        Reason out = because(Code::pin_incorrect);
        out.attempts_left = centre.attempts_left;
        return out;
    }
    return std::nullopt;
}

Fault fault_of(const PinVerdict& verdict) {
    if (verdict.what == PinVerdict::What::busy) return {"busy", "too many PINs are being compared"};
    return verdict.fault;
}

wire::PassAsk ask_for(const std::string& code, const std::optional<Secret>& pin) {
    wire::PassAsk ask;
    ask.digest = digest_of(code);
    if (pin) {
        ask.code = Secret(code);
        ask.pin = pin;
    }
    return ask;
}

// What is known here about a pass moves ahead of the centre once the own journal redeemed it.
void overlay(PassRow& row, const PassRow& centre) {
    if (row.pass.state == PassState::redeemed) return;
    row.pass = centre.pass;
    row.pin_locked = row.pin_locked || centre.pin_locked;
}

awaitable<void> ask_the_centre(Context& context, Caller caller, std::optional<Secret> pin, PinUse use,
                               Presented& out) {
    wire::PassAsk ask = ask_for(out.code, use == PinUse::ask ? pin : std::nullopt);
    Result<wire::PassAnswer> answered = co_await context.link.pass(std::move(ask));
    if (!answered) {
        out.reasons.push_back(because(Code::link_required));
        co_return;
    }
    if (answered->pass) out.pass = pass_row_from(context.store.facts(), *answered->pass);
    if (!out.pass) {
        context.throttle.count_unknown(caller.terminal.text);
        out.reasons.push_back(because(Code::pass_unknown));
        co_return;
    }
    out.from_centre = true;
    if (use == PinUse::ignore) co_return;
    if (const auto against = reason_of(*answered)) {
        out.reasons.push_back(*against);
        co_return;
    }
    out.pin_right = true;
}

awaitable<void> check_known(Context& context, Caller caller, std::optional<Secret> pin, Presented& out) {
    PassRow& row = *out.pass;
    if (!row.plan.pin) {
        out.pin_right = true;
        co_return;
    }
    if (row.pin_locked || row.wrong_pins >= most_pin_tries) {
        out.reasons.push_back(because(Code::pass_locked));
        co_return;
    }
    if (!pin) {
        out.reasons.push_back(because(Code::pin_required));
        co_return;
    }
    if (!may_compare_here(context.store.facts(), row, context.here)) {
        wire::PassAsk ask = ask_for(out.code, pin);
        Result<wire::PassAnswer> answered = co_await context.link.pass(std::move(ask));
        if (!answered || !answered->pass) {
            out.reasons.push_back(because(Code::authority_elsewhere));
        } else if (const auto against = reason_of(*answered)) {
            out.reasons.push_back(*against);
        } else {
            if (const auto centre = pass_row_from(context.store.facts(), *answered->pass)) overlay(row, *centre);
            out.pin_right = true;
        }
        co_return;
    }
    PassId id = row.pass.id;
    std::string verifier = row.pin_verifier, code = out.code;
    Secret given = *pin;
    TerminalId terminal = caller.terminal;
    const PinVerdict verdict = co_await context.pins.check(std::move(id), std::move(verifier), std::move(given),
                                                           std::move(code), std::move(terminal));
    if (const auto against = reason_of(verdict)) {
        out.reasons.push_back(*against);
        row.pin_locked = row.pin_locked || against->code == Code::pass_locked;
    } else if (verdict.what == PinVerdict::What::right) {
        out.pin_right = true;
    } else {
        out.fault = fault_of(verdict);
    }
}

}  // namespace

std::string code_meant(Facts& facts, const BusinessId& business, const std::string& code) {
    if (is_known(facts, code)) return code;
    std::set<std::string> readings, known;
    for (const Plan& plan : facts.plans()) {
        const auto meant = plan.business == business ? read_as(code, plan.code) : std::nullopt;
        if (!meant || *meant == code) continue;
        readings.insert(*meant);
        if (is_known(facts, *meant)) known.insert(*meant);
    }
    // Two passes that it could be are none: nobody's money is guessed at.
    if (known.size() == 1) return *known.begin();
    const bool only = known.empty() && readings.size() == 1 && !has_form_of_a_plan(facts, business, code);
    return only ? *readings.begin() : code;
}

awaitable<Presented> present_code(Context& context, Caller caller, std::string raw_code,
                                  std::optional<Secret> pin, PinUse use) {
    Presented out;
    const Result<std::string> code = normalise_code(raw_code);
    if (!code) {
        out.reasons.push_back(because(Code::code_malformed));
        co_return out;
    }
    out.code = *code;
    if (const int wait_s = context.throttle.retry_after_s(caller.terminal.text); wait_s > 0) {
        out.reasons.push_back(because(Code::too_many_attempts));
        out.retry_after_s = wait_s;
        co_return out;
    }
    Facts& facts = context.store.facts();
    out.pass = facts.pass_by_code(out.code);  // as nearly always; else it may have been typed or read otherwise
    if (!out.pass) {
        out.code = code_meant(facts, context.here.business, out.code);
        out.pass = facts.pass_by_code(out.code);
    }
    if (out.pass) {
        if (use == PinUse::ask) co_await check_known(context, caller, pin, out);
        co_return out;
    }
    if (has_form_of_a_plan(facts, context.here.business, out.code)) {
        co_await ask_the_centre(context, caller, pin, use, out);
    } else {
        context.throttle.count_unknown(caller.terminal.text);
        out.reasons.push_back(because(Code::pass_unknown));
    }
    if (!out.pass && pin && use == PinUse::ask) {
        Secret given = *pin;
        std::string decoy = out.code;
        co_await context.pins.pretend(std::move(given), std::move(decoy));
    }
    co_return out;
}

namespace {

// A nameless wallet with a PIN: the PIN of the pass that opened it, over that pass's code.
awaitable<void> check_wallet_pin(Context& context, Caller caller, std::optional<Secret> pin, FoundWallet& out) {
    WalletRow& row = *out.row;
    if (row.pin_verifier.empty()) co_return;
    if (row.pin_locked || row.wrong_pins >= most_pin_tries) {
        out.reasons.push_back(because(Code::pass_locked));
        co_return;
    }
    if (!pin || out.code.empty() || !row.pin_pass) {
        out.reasons.push_back(because(Code::pin_required));
        co_return;
    }
    if (!may_compare_here(context.store.facts(), row.wallet, context.here)) {
        wire::PassAsk ask = ask_for(out.code, pin);
        Result<wire::PassAnswer> answered = co_await context.link.pass(std::move(ask));
        if (!answered) {
            out.reasons.push_back(because(Code::link_required));
        } else if (const auto against = reason_of(*answered)) {
            out.reasons.push_back(*against);
        }
        co_return;
    }
    PassId id = *row.pin_pass;
    std::string verifier = row.pin_verifier, code = out.code;
    Secret given = *pin;
    TerminalId terminal = caller.terminal;
    const PinVerdict verdict = co_await context.pins.check(std::move(id), std::move(verifier), std::move(given),
                                                           std::move(code), std::move(terminal));
    if (const auto against = reason_of(verdict)) {
        out.reasons.push_back(*against);
    } else if (verdict.what != PinVerdict::What::right) {
        out.fault = fault_of(verdict);
    }
}

awaitable<FoundWallet> wallet_by_pass_code(Context& context, Caller caller, WalletRef ref) {
    FoundWallet out;
    const Result<std::string> code = normalise_code(ref.value);
    if (!code) {
        out.reasons.push_back(because(Code::code_malformed));
        co_return out;
    }
    out.code = *code;
    if (const int wait_s = context.throttle.retry_after_s(caller.terminal.text); wait_s > 0) {
        out.reasons.push_back(because(Code::too_many_attempts));
        out.retry_after_s = wait_s;
        co_return out;
    }
    Facts& facts = context.store.facts();
    out.row = facts.wallet_by_code(out.code);
    if (!out.row) {
        out.code = code_meant(facts, context.here.business, out.code);
        out.row = facts.wallet_by_code(out.code);
    }
    if (out.row) {
        co_await check_wallet_pin(context, caller, ref.pin, out);
        co_return out;
    }
    Presented opener;
    opener.code = out.code;
    opener.pass = facts.pass_by_code(out.code);
    if (opener.pass) {
        // That it opened no wallet says something of its state, so its PIN comes first.
        co_await check_known(context, caller, ref.pin, opener);
        out.fault = opener.fault;
        out.reasons = opener.reasons;
        if (out.reasons.empty() && !out.fault) out.reasons.push_back(because(Code::wallet_unknown));
        co_return out;
    }
    if (has_form_of_a_plan(facts, context.here.business, out.code)) {
        wire::PassAsk ask = ask_for(out.code, ref.pin);
        Result<wire::PassAnswer> answered = co_await context.link.pass(std::move(ask));
        if (!answered) {
            out.reasons.push_back(because(Code::link_required));
            co_return out;
        }
        if (answered->wallet) out.row = wallet_row_from(*answered->wallet);
        if (out.row) {
            if (const auto against = reason_of(*answered)) out.reasons.push_back(*against);
            co_return out;
        }
        if (!answered->pass) context.throttle.count_unknown(caller.terminal.text);
    } else {
        context.throttle.count_unknown(caller.terminal.text);
    }
    out.reasons.push_back(because(Code::wallet_unknown));
    if (ref.pin) {
        Secret given = *ref.pin;
        std::string decoy = out.code;
        co_await context.pins.pretend(std::move(given), std::move(decoy));
    }
    co_return out;
}

}  // namespace

awaitable<FoundWallet> find_wallet(Context& context, Caller caller, WalletRef ref) {
    FoundWallet out;
    Facts& facts = context.store.facts();
    switch (ref.by) {
        case WalletRef::By::fresh: co_return out;
        case WalletRef::By::pass_code: {
            out = co_await wallet_by_pass_code(context, std::move(caller), std::move(ref));
            co_return out;
        }
        case WalletRef::By::id: out.row = facts.wallet(WalletId{ref.value}); break;
        case WalletRef::By::card: {
            out.row = facts.wallet_by("card", ref.value);
            const Result<std::string> folded = normalise_code(ref.value);
            if (!out.row && folded) out.row = facts.wallet_by("card", *folded);
            break;
        }
        case WalletRef::By::phone: out.row = facts.wallet_by("phone", ref.value); break;
        case WalletRef::By::email: out.row = facts.wallet_by("email", ref.value); break;
    }
    if (!out.row) {
        out.reasons.push_back(because(Code::wallet_unknown));
        co_return out;
    }
    co_await check_wallet_pin(context, std::move(caller), std::nullopt, out);
    co_return out;
}

}  // namespace obol::agent
