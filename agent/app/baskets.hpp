#pragma once
// What each till is selling now, as its POS shows it to the till page. Not kept anywhere: it is over with the
// program, and the POS knows it.

#include <map>
#include <optional>

#include "agent/app/basket_of.hpp"
#include "agent/app/context.hpp"

namespace obol::agent {

class Baskets {
public:
    struct Shown {
        Basket basket{};
        Instant at{};
    };
    // nullopt: there is none any more.
    void show(const TerminalId& terminal, std::optional<Basket> basket, Instant now);
    const Shown* shown(const TerminalId& terminal) const;

private:
    std::map<TerminalId, Shown> shown_;  // of terminals that there are, so their number is bound
};

// Own terminals alone, but for managers. Fault forbidden, not_found.
Result<void> may_use(Context& context, const Caller& caller, const TerminalId& terminal);
Answer basket_answer(Context& context, const Baskets& baskets, const TerminalId& terminal);
// What listeners hear: how much it is, not what; the page asks for the rest.
std::string basket_event(const Baskets& baskets, const TerminalId& terminal);

}  // namespace obol::agent
