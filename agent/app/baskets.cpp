#include "agent/app/baskets.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/app/purchase_words.hpp"

namespace obol::agent {

void Baskets::show(const TerminalId& terminal, std::optional<Basket> basket, Instant now) {
    if (!basket) {
        shown_.erase(terminal);
    } else {
        shown_[terminal] = {std::move(*basket), now};
    }
}

const Baskets::Shown* Baskets::shown(const TerminalId& terminal) const {
    const auto found = shown_.find(terminal);
    return found == shown_.end() ? nullptr : &found->second;
}

Result<void> may_use(Context& context, const Caller& caller, const TerminalId& terminal) {
    if (caller.terminal == terminal) return {};
    if (caller.role != Role::manager) return Fault{"forbidden", "this is another till's"};
    const auto all = context.store.facts().terminals();
    const bool known = std::ranges::any_of(all, [&](const auto& each) { return each.first == terminal.text; });
    if (!known) return Fault{"not_found", "there is no such terminal"};
    return {};
}

Answer basket_answer(Context& context, const Baskets& baskets, const TerminalId& terminal) {
    const Baskets::Shown* const shown = baskets.shown(terminal);
    Words words;
    words["terminal"] = terminal.text;
    words["basket"] = nullptr;
    words["at"] = nullptr;
    if (shown != nullptr) {
        Basket basket = shown->basket;
        complete_from_catalogue(basket, context.store.facts(), context.here.business);
        words["basket"] = basket_in_words(basket);
        words["at"] = instant_in_words(shown->at);
    }
    return answer(200, words);
}

std::string basket_event(const Baskets& baskets, const TerminalId& terminal) {
    const Baskets::Shown* const shown = baskets.shown(terminal);
    Words words;
    words["terminal"] = terminal.text;
    words["lines"] = shown != nullptr ? shown->basket.lines.size() : 0;
    if (shown != nullptr) {
        words["currency"] = shown->basket.currency.code();
        words["total"] = shown->basket.total().minor;
        if (!shown->basket.ticket.empty()) words["ticket"] = shown->basket.ticket;
    }
    return words.dump();
}

}  // namespace obol::agent
