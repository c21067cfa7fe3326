#pragma once
// Adds up, entry after entry, what receipts say.

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sync/journal/records.hpp"

namespace obol::agent {

class DayTotals {
public:
    void add(const journal::Record& record);

    std::vector<journal::DayLine> lines() const;  // in the order of kinds, tenders, currencies
    const std::string& first_receipt() const { return first_; }
    const std::string& last_receipt() const { return last_; }

private:
    journal::DayLine& line(std::string_view what, const std::string& tender, Currency currency, const std::string& receipt);
    void of(const journal::Purchase& it);
    void of(const journal::Refund& it);
    void credited(std::string_view what, const std::string& tender, const journal::Credit& credit, const std::string& receipt);
    void sold(std::string_view what, const std::string& tender, const Money& value, const std::string& receipt);

    std::map<std::tuple<std::ptrdiff_t, std::string, std::string>, journal::DayLine> lines_;
    std::string first_, last_;
};

}  // namespace obol::agent
