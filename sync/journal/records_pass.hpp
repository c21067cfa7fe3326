#pragma once
// Details of the entries about passes, wallets and money that comes in.

#include "sync/journal/documents_allowance.hpp"
#include "sync/journal/documents_limit.hpp"

namespace obol::journal {

template <class Io>
void members(Io& io, Ref<Io, JournalOpened> x) {
    io("venue", x.venue);
    io("business", x.business);
    io("software", x.software);
}

template <class Io>
void members(Io& io, Ref<Io, WalletOpened> x) {
    io("wallet", x.wallet);
}

template <class Io>
void members(Io& io, Ref<Io, Credit> x) {
    io("wallet", x.wallet);
    io.sparse("business", x.business);
    io("pocket", x.pocket);
    io("lot", x.lot);
    io("money", x.money);
    io.check(x.lot.has_value() == (x.pocket == Pocket::commerce), "lot",
             "does not go with the pocket");
    io.check(x.business.empty() == (x.pocket == Pocket::personal), "business",
             "does not go with the pocket");
}

template <class Io>
void members(Io& io, Ref<Io, PassActivated> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("pass", x.pass);
    io("plan", x.plan);
    io("venue", x.venue);
    io("value", x.value);
    io("redeem_by", x.redeem_by);
    io("tender", x.tender);
    io.check(is_id_form(x.tender), "tender", "not a word");
    io.sparse("ticket", x.ticket);
    io.sparse("receipt", x.receipt);
}

template <class Io>
void members(Io& io, Ref<Io, PassRedeemed> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("pass", x.pass);
    io("plan", x.plan);
    io("venue", x.venue);
    io("value", x.value);
    io("credit", x.credit);
    io("pool", x.pool);
    io.sparse("receipt", x.receipt);
    io.sparse("limits", x.limits);
    io.sparse("at_risk", x.at_risk);
    io.sparse("allowance", x.allowance);
    io.check(x.at_risk == Amount{} || x.at_risk == x.value.amount, "at_risk", "a part of a pass");
}

template <class Io>
void members(Io& io, Ref<Io, TopUp> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("venue", x.venue);
    io("credit", x.credit);
    io("pool", x.pool);
    io("tender", x.tender);
    io.check(is_id_form(x.tender), "tender", "not a word");
    io.sparse("ticket", x.ticket);
    io.sparse("receipt", x.receipt);
    io.sparse("limits", x.limits);
}

template <class Io>
void members(Io& io, Ref<Io, ActivationVoided> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("activation", x.activation);
    io("pass", x.pass);
    io("venue", x.venue);
    io("value", x.value);
    io("tender", x.tender);
    io.check(is_id_form(x.tender), "tender", "not a word");
    io.sparse("receipt", x.receipt);
}

template <class Io>
void members(Io& io, Ref<Io, PassIssued> x) {
    io.sparse("terminal", x.terminal);
    io("pass", x.pass);
    io("plan", x.plan);
    io("venue", x.venue);
    io("value", x.value);
    io("contact", x.contact);
    io("tender", x.tender);
    io.check(is_id_form(x.tender), "tender", "not a word");
    io("receipt", x.receipt);
}

template <class Io>
void members(Io& io, Ref<Io, IssueVoided> x) {
    io("id", x.id);
    io.sparse("terminal", x.terminal);
    io("pass", x.pass);
    io("venue", x.venue);
    io("value", x.value);
    io("tender", x.tender);
    io.check(is_id_form(x.tender), "tender", "not a word");
    io("receipt", x.receipt);
}

template <class Io>
void members(Io& io, Ref<Io, PinTried> x) {
    io("pass", x.pass);
    io.sparse("terminal", x.terminal);
    io.sparse("wrong", x.wrong);
    io.check(x.wrong >= 0 && x.wrong <= 1000, "wrong", "out of range");
}

template <class Io>
void members(Io& io, Ref<Io, PinLocked> x) {
    io("pass", x.pass);
    io.sparse("terminal", x.terminal);
}

template <class Io>
void members(Io& io, Ref<Io, PinUnlocked> x) {
    io("pass", x.pass);
    io.sparse("terminal", x.terminal);
    io("reason", x.reason);
}

}  // namespace obol::journal
