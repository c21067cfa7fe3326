#pragma once
// What is asked of the print queue, and what its jobs print.

#include "agent/app/print_queue.hpp"
#include "agent/app/words.hpp"
#include "sync/domain/pass.hpp"

namespace obol::agent {

struct PrintInput {
    std::string what = "receipt";  // receipt | x | test
    std::string receipt{};         // number
    std::optional<std::string> printer{};
    int copies = 1;
};
// 202 with the job. 404 receipt_unknown | device_unknown; 503 busy: too many wait for that printer.
awaitable<Answer> print(Context& context, Caller caller, Idempotency once, PrintInput input);

Words print_job_in_words(const PrintJob& job);
std::string print_job_text(const PrintJob& job);  // the same, as an event tells it
Answer show_print_job(Context& context, std::string_view id);
Answer list_print_jobs(Context& context, std::int64_t after, std::size_t limit, bool only_open);

// The document of a job that is no slip, in the printer's language or else in `language`; whatever may have been
// printed before says COPY. Fault receipt_unknown.
awaitable<Result<drivers::Document>> document_of_job(Context& context, std::string language, PrintJob job,
                                                     const DeviceSet::Printer& printer);

// What a gift or top-up pass that was issued at the till gives to who bought it: its code and PIN, once.
struct Slip {
    PassType type = PassType::gift;
    std::string code{}, pin{};
    Money value{};
    std::optional<Instant> redeem_by{};
    std::string business{}, venue{}, zone{};
    TerminalId terminal{};
    Instant at{};
};
drivers::Document slip_document(const Slip& slip, std::string_view language);

drivers::Document test_page(const DeviceSet::Printer& printer, std::string_view language);

}  // namespace obol::agent
