#include "agent/app/day_totals.hpp"

#include <algorithm>
#include <iterator>

#include "sync/core/overloaded.hpp"

namespace obol::agent {

namespace {

using journal::DayLine;

constexpr std::string_view order_of_kinds[] = {"purchase", "refund", "void", "redeem", "activation", "activation_void", "top_up"};

Amount& pocket_of(DayLine& line, Pocket pocket) {
    if (pocket == Pocket::commerce) return line.commerce;
    return pocket == Pocket::business ? line.business : line.personal;
}

}  // namespace

void DayTotals::add(const journal::Record& record) {
    std::visit(overloaded{
                   [&](const journal::Purchase& it) { of(it); },
                   [&](const journal::Refund& it) { of(it); },
                   [&](const journal::PassRedeemed& it) { credited("redeem", "", it.credit, it.receipt); },
                   [&](const journal::TopUp& it) { credited("top_up", it.tender, it.credit, it.receipt); },
                   [&](const journal::PassActivated& it) { sold("activation", it.tender, it.value, it.receipt); },
                   [&](const journal::PassIssued& it) { sold("activation", it.tender, it.value, it.receipt); },
                   [&](const journal::ActivationVoided& it) { sold("activation_void", it.tender, it.value, it.receipt); },
                   [&](const journal::IssueVoided& it) { sold("activation_void", it.tender, it.value, it.receipt); },
                   [](const auto&) {},
               },
               record);
}

std::vector<DayLine> DayTotals::lines() const {
    std::vector<DayLine> out;
    for (const auto& [key, line] : lines_) out.push_back(line);
    return out;
}

DayLine& DayTotals::line(std::string_view what, const std::string& tender, Currency currency, const std::string& receipt) {
    if (!receipt.empty()) {
        if (first_.empty()) first_ = receipt;
        last_ = receipt;
    }
    const auto kind = std::ranges::find(order_of_kinds, what) - std::begin(order_of_kinds);
    DayLine& out = lines_[{kind, tender, std::string(currency.code())}];
    out.what = what;
    out.tender = tender;
    out.currency = currency;
    ++out.count;
    return out;
}

void DayTotals::of(const journal::Purchase& it) {
    DayLine& out = line("purchase", "", it.facts.basket.currency, it.receipt);
    out.total += it.decision.basket_total;
    out.other += it.decision.due;
    for (const PaidFrom& paid : it.decision.allocations) pocket_of(out, paid.pocket) += paid.amount;
    for (const Award& award : it.decision.awards) out.awarded += award.amount;
}

void DayTotals::of(const journal::Refund& it) {
    DayLine& out = line(it.is_void ? "void" : "refund", "", it.currency, it.receipt);
    out.total += it.decision.refunded + it.decision.due_back;
    out.other += it.decision.due_back;
    for (const PaidFrom& paid : it.decision.allocations) pocket_of(out, paid.pocket) += paid.amount;
    for (const AwardUndone& undone : it.decision.undone) out.awarded += undone.total();
}

void DayTotals::credited(std::string_view what, const std::string& tender, const journal::Credit& credit, const std::string& receipt) {
    DayLine& out = line(what, tender, credit.money.currency, receipt);
    out.total += credit.money.amount;
    pocket_of(out, credit.pocket) += credit.money.amount;
}

void DayTotals::sold(std::string_view what, const std::string& tender, const Money& value, const std::string& receipt) {
    DayLine& out = line(what, tender, value.currency, receipt);
    out.total += value.amount;
    out.other += value.amount;
}

}  // namespace obol::agent
