#pragma once
// The print queue's rows. A job is added in the transaction of what it prints, and its state is durable before
// the printer gets a byte, so that after any end of the program it is known what may lie on paper.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/store.hpp"

namespace obol::agent {

inline constexpr std::int64_t most_open_print_jobs = 100;  // of a printer
// So long jobs that ended are remembered. A receipt that is older and has no job any more counts as printed.
inline constexpr Millis print_jobs_kept{std::int64_t{7} * 24 * 60 * 60 * 1000};

struct PrintJob {
    std::int64_t n = 0;
    std::string id{}, printer{};
    std::string what = "receipt";  // receipt | slip | x | test
    std::string receipt{};         // number, of a receipt or slip
    int copies = 1;
    std::string terminal{};        // who asked
    std::string state = "queued";  // queued | sending | waiting | sent | printed | failed
    std::string why{};             // waiting: paper | cover | offline; failed: the reason
    std::string detail{};          // the same in a sentence
    bool perhaps = false;          // something of it may lie on paper
    Instant at{}, changed{};
    bool open() const { return state == "queued" || state == "sending" || state == "waiting"; }
};

std::optional<PrintJob> print_job(Facts& facts, std::string_view id);
// In order of n, from after that one on; `only_open`: those that have not ended.
std::vector<PrintJob> print_jobs(Facts& facts, std::int64_t after, std::size_t most, bool only_open);
std::optional<PrintJob> next_print_job(Facts& facts, std::string_view printer);
std::int64_t open_print_jobs(Facts& facts);
std::int64_t open_print_jobs(Facts& facts, std::string_view printer);
// Something of this receipt may lie on paper, by another job than this one.
bool perhaps_on_paper(Facts& facts, std::string_view receipt, std::int64_t but_for);

// Fills in n, times and, where there is none, id. Fault busy: so many wait for that printer already.
Result<PrintJob> add_print_job(WriteTxn& txn, PrintJob job);
// The same for a receipt that a terminal prints by itself, which must not fail for it: then it is a failed job.
void add_own_print_job(sql::Db& db, const std::string& id, const std::string& printer, const std::string& receipt,
                       const std::string& terminal, Instant now);
// What an earlier run of the program left: what was being sent is queued again, slips are lost, and so are jobs of
// printers that are not among `printers` any more.
void resume_print_jobs(WriteTxn& txn, const std::vector<std::string>& printers);
// Writes state, why, detail and perhaps.
void keep_print_job(WriteTxn& txn, const PrintJob& job);
// Those that ended before then, at most so many; false: none was left.
bool forget_print_jobs(WriteTxn& txn, Instant before, std::int64_t most);

}  // namespace obol::agent
