#include "agent/store/print_jobs.hpp"

#include <algorithm>
#include <limits>

namespace obol::agent {

namespace {

constexpr const char* columns =
    "SELECT n, id, printer, what, receipt, copies, terminal, state, why, detail, perhaps, at, changed FROM print_job ";
constexpr const char* is_open = "state IN ('queued', 'sending', 'waiting')";  // as the index has it

PrintJob job_in(const sql::Statement& row) {
    PrintJob out;
    out.n = row.integer(0);
    out.id = row.text(1);
    out.printer = row.text(2);
    out.what = row.text(3);
    if (!row.null(4)) out.receipt = row.text(4);
    out.copies = static_cast<int>(row.integer(5));
    out.terminal = row.text(6);
    out.state = row.text(7);
    out.why = row.text(8);
    out.detail = row.text(9);
    out.perhaps = row.integer(10) != 0;
    out.at = from_millis(row.integer(11));
    out.changed = from_millis(row.integer(12));
    return out;
}

template <class... A>
std::vector<PrintJob> jobs_where(Facts& facts, const std::string& condition, const A&... args) {
    std::vector<PrintJob> out;
    facts.db().each(columns + condition, [&out](sql::Statement& row) { out.push_back(job_in(row)); }, args...);
    return out;
}

std::int64_t count_open(sql::Db& db, std::string_view printer) {
    static const std::string sql = std::string("SELECT count(*) FROM print_job WHERE printer = ? AND ") + is_open;
    return db.value<std::int64_t>(sql, printer).value_or(0);
}

void insert(sql::Db& db, const PrintJob& job) {
    const std::optional<std::string> receipt = job.receipt.empty() ? std::nullopt : std::optional(job.receipt);
    db.run("INSERT INTO print_job (id, printer, what, receipt, copies, terminal, state, why, detail, perhaps, at, changed) "
           "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
           job.id, job.printer, job.what, receipt, job.copies, job.terminal, job.state, job.why, job.detail, job.perhaps,
           to_millis(job.at), to_millis(job.changed));
}

Fault queue_full(const std::string& printer) {
    return {"busy", "printer " + printer + " has " + std::to_string(most_open_print_jobs) + " jobs to print"};
}

}  // namespace

std::optional<PrintJob> print_job(Facts& facts, std::string_view id) {
    std::vector<PrintJob> found = jobs_where(facts, "WHERE id = ?", id);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<PrintJob> print_jobs(Facts& facts, std::int64_t after, std::size_t most, bool only_open) {
    const std::string condition = std::string("WHERE n > ? ") + (only_open ? std::string("AND ") + is_open : "") +
                                  " ORDER BY n LIMIT ?";
    return jobs_where(facts, condition, after, static_cast<std::int64_t>(most));
}

std::optional<PrintJob> next_print_job(Facts& facts, std::string_view printer) {
    std::vector<PrintJob> found =
        jobs_where(facts, std::string("WHERE printer = ? AND ") + is_open + " ORDER BY n LIMIT 1", printer);
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::int64_t open_print_jobs(Facts& facts) {
    static const std::string sql = std::string("SELECT count(*) FROM print_job WHERE ") + is_open;
    return facts.db().value<std::int64_t>(sql).value_or(0);
}

std::int64_t open_print_jobs(Facts& facts, std::string_view printer) { return count_open(facts.db(), printer); }

bool perhaps_on_paper(Facts& facts, std::string_view receipt, std::int64_t but_for) {
    return facts.db()
        .value<std::int64_t>("SELECT 1 FROM print_job WHERE receipt = ? AND what = 'receipt' AND perhaps = 1 AND n <> ? LIMIT 1",
                             receipt, but_for)
        .has_value();
}

Result<PrintJob> add_print_job(WriteTxn& txn, PrintJob job) {
    if (count_open(txn.db(), job.printer) >= most_open_print_jobs) return queue_full(job.printer);
    if (job.id.empty()) job.id = txn.new_id();
    job.at = job.changed = txn.now();
    insert(txn.db(), job);
    job.n = txn.db().last_insert_rowid();
    return job;
}

void add_own_print_job(sql::Db& db, const std::string& id, const std::string& printer, const std::string& receipt,
                       const std::string& terminal, Instant now) {
    PrintJob job;
    job.id = id;
    job.printer = printer;
    job.receipt = receipt;
    job.terminal = terminal;
    job.at = job.changed = now;
    if (count_open(db, printer) >= most_open_print_jobs) {
        job.state = "failed";
        job.why = "queue_full";
        job.detail = queue_full(printer).detail;
    }
    insert(db, job);
}

void resume_print_jobs(WriteTxn& txn, const std::vector<std::string>& printers) {
    for (PrintJob& job : print_jobs(txn, 0, std::numeric_limits<std::int32_t>::max(), true)) {
        if (job.what == "slip") {
            job.state = "failed";
            job.why = job.perhaps ? "slip_uncertain" : "slip_lost";
            job.detail = "the program ended; a slip's code and PIN are kept nowhere";
        } else if (std::ranges::find(printers, job.printer) == printers.end()) {
            job.state = "failed";
            job.why = "device_unknown";
            job.detail = "no printer " + job.printer + " is configured any more";
        } else if (job.state == "sending") {
            job.state = "queued";
        } else {
            continue;
        }
        keep_print_job(txn, job);
    }
}

void keep_print_job(WriteTxn& txn, const PrintJob& job) {
    txn.db().run("UPDATE print_job SET state = ?, why = ?, detail = ?, perhaps = ?, changed = ? WHERE n = ?", job.state,
                 job.why, job.detail, job.perhaps, to_millis(txn.now()), job.n);
}

bool forget_print_jobs(WriteTxn& txn, Instant before, std::int64_t most) {
    return txn.db().run("DELETE FROM print_job WHERE n IN (SELECT n FROM print_job WHERE "
                        "state IN ('sent', 'printed', 'failed') AND changed < ? ORDER BY changed LIMIT ?)",
                        to_millis(before), most) > 0;
}

}  // namespace obol::agent
