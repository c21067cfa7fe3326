#pragma once
// Words for people, by language. They lie in agent/words, one file a language with the same keys, which pages read
// as well. Numbers and dates are written as people there write them.

#include <string>
#include <string_view>
#include <vector>

#include "agent/app/context.hpp"

namespace obol::agent {

// "en" where there is no such language. The key is one of the catalogue's: else that is a bug.
std::string_view words_for(std::string_view language, std::string_view key);
std::vector<std::string> catalogue_languages();

class Tongue {
public:
    Tongue(std::string_view language, const std::string& zone, Currency currency);

    const std::string& language() const { return language_; }
    std::string say(std::string_view key) const { return std::string(words_for(language_, key)); }
    std::string money(Amount amount) const { return money(amount, currency_); }
    std::string money(Amount amount, Currency currency) const;          // 24.30 or 24,30
    std::string with_currency(Amount amount) const { return with_currency(amount, currency_); }
    std::string with_currency(Amount amount, Currency currency) const;  // and € or its code behind
    std::string date(LocalDate day) const;
    std::string moment(Instant at) const;       // of the zone, to the minute
    std::string last_day(Instant until) const;  // on which it can still be spent

private:
    std::string language_;
    Result<Zone> zone_;
    Currency currency_;
};

}  // namespace obol::agent
