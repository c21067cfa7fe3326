#pragma once
// What a business day came to: the X report at any time, the Z report that closes the day. A Z is an entry with a
// number and a receipt number of its own, so it is what it was for ever.

#include "agent/app/catalogue.hpp"
#include "agent/app/words.hpp"
#include "drivers/ticket/document.hpp"

namespace obol::agent {

struct DayReport {
    std::int64_t number = 0;         // of a Z; 0: an X, which is not final
    std::string receipt{};           // of a Z
    std::string business{}, venue{}, zone{}, terminal{};
    LocalDate day{};                 // business day of `at`
    std::optional<Instant> since{};  // of the Z before
    Instant at;
    std::int64_t after = 0, upto = 0;  // entries that are counted: (after, upto]
    std::string first_receipt{}, last_receipt{};
    std::vector<journal::DayLine> lines{};  // in the order of kinds, tenders, currencies
    Appended entry{};                       // of a Z
};

DayReport day_report_of(Facts& facts, const Here& here, const journal::DayClosed& closed, Instant at,
                        const Appended& entry);

// As it stands now. Entries are read in small turns, so that no till waits for it.
awaitable<DayReport> x_report(Context& context);
// POST /v1/reports/z → 201. 422 day_empty cannot be: a day without receipts is closed as well.
awaitable<Answer> close_day(Context& context, Caller caller, Idempotency once);
// nullopt: no Z has this number.
std::optional<DayReport> z_report(Facts& facts, const Here& here, std::int64_t number);

// Z reports after number `after`, oldest first.
Answer list_z(Context& context, std::int64_t after, std::size_t limit);

Words day_line_in_words(const journal::DayLine& line);
Words day_report_in_words(const DayReport& report);
std::string day_report_as_csv(const DayReport& report);
drivers::Document day_report_document(const DayReport& report, std::string_view language, bool copy);

}  // namespace obol::agent
