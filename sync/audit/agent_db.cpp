#include "sync/audit/agent_db.hpp"

#include <charconv>

namespace obol::audit {
namespace {

constexpr std::int64_t newest_schema = 12;
constexpr std::string_view tables[] = {"meta",      "entry",    "head_signature",   "posting",
                                       "held",      "ask",      "balance",          "answer",
                                       "fact",      "lookup",   "operation",        "wallet_lot",
                                       "pin_tries", "award",    "right_was_away",   "exception",
                                       "token",     "pairing",  "pass_local",       "terminal",
                                       "elsewhere", "limit_of", "activity_central", "activity_own",
                                       "pin_told",  "clock",    "held_total", "at_risk", "use_pace",
                                       "print_job", "refusal"};

// The number in "NIC1-12".
std::optional<std::int64_t> number_of(std::string_view receipt, std::string_view name) {
    if (!receipt.starts_with(name) || receipt.size() < name.size() + 2 ||
        receipt[name.size()] != '-')
        return std::nullopt;
    const std::string_view digits = receipt.substr(name.size() + 1);
    std::int64_t out = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return read.ec == std::errc{} && read.ptr == digits.data() + digits.size() ? std::optional(out)
                                                                               : std::nullopt;
}

}  // namespace

void audit_agent(sql::Db& db, Report& report, const Known& known) {
    AgentAudit(db, report, known).run();
}

AgentAudit::AgentAudit(sql::Db& db, Report& report, const Known& known)
    : db_(db), report_(report), known_(known) {
    const auto text = [&](std::string_view key) {
        return db_.value<std::string>("SELECT CAST(value AS TEXT) FROM meta WHERE key = ?", key)
            .value_or("");
    };
    whole_ = check_file(db_, report_, tables);
    if (!whole_) report_.note("what is damaged may be said more than once");
    device_ = text("device");
    name_ = text("device_name");
    Chain::Options options{.device = device_, .key = known.key_of(device_)};
    if (!options.key)
        report_.note("signatures were not checked: no public key of device " + device_ +
                     " is at hand (--key)");
    chain_ = std::make_unique<Chain>(
        report_, std::move(options), [this](const Entry& entry) { on_entry(entry); },
        [this](std::int64_t from, std::int64_t to) { on_gap(from, to); });
    if (const auto booked = known.booked.find(device_); booked != known.booked.end()) {
        chain_->must_have(booked->second.first, booked->second.second);
    }
    authority_ = std::make_unique<Authority>(report_, *chain_);
}

void AgentAudit::run() {
    const auto version = db_.value<std::int64_t>("PRAGMA user_version").value_or(0);
    if (version > newest_schema) {
        report_.note("schema " + std::to_string(version) + " is newer than " +
                     std::to_string(newest_schema) +
                     ", which this auditor knows: what is new in it was not checked");
    }
    constexpr std::string_view with_parents[] = {"token", "pairing"};
    check_references(db_, report_, with_parents);
    read_meta();
    read_balances();
    learn_what_is_booked();
    read_chain();
    check_signature_rows();
    if (authority_->lines_known()) {
        check_held();
        check_held_totals();
        check_asks();
    } else {
        report_.note(
            "what is held and asked was not compared: entries that move authority cannot be read");
    }
    run_checks<AgentAudit>(
        *this, whole_, report_,
        {&AgentAudit::check_balances, &AgentAudit::check_meta, &AgentAudit::check_operations,
         &AgentAudit::check_answers, &AgentAudit::check_alarms, &AgentAudit::check_pins,
         &AgentAudit::check_pass_states, &AgentAudit::check_awards, &AgentAudit::check_activity,
         &AgentAudit::check_elsewhere, &AgentAudit::check_facts, &AgentAudit::check_clock,
         &AgentAudit::check_opening, &AgentAudit::check_left_rows, &AgentAudit::check_risks,
         &AgentAudit::check_print_jobs});
    report_.finish("agent journal " + name_, {{"entries", chain_->entries()},
                                              {"postings", postings_},
                                              {"signatures verified", chain_->signatures()}});
}

void AgentAudit::read_meta() {
    for (const char* key :
         {"generation", "cursor", "snapshot_as_of", "acked_seq", "receipt_number"}) {
        numbers_[key] =
            db_.value<std::int64_t>("SELECT value FROM meta WHERE key = ?", key).value_or(0);
    }
    if (device_.size() != 64)
        report_.find(row_of("meta_differs", "meta").with("key", "device").with("met", device_));
}

void AgentAudit::read_balances() {
    db_.each("SELECT subject, central, as_of, shown, currency FROM balance", [&](sql::Statement&
                                                                                     row) {
        balances_[row.text(0)] = {row.integer(1), row.integer(2), row.integer(3), 0, row.text(4)};
    });
}

void AgentAudit::learn_what_is_booked() {
    const auto booked = known_.settled.find(device_);
    if (booked == known_.settled.end()) return;
    std::int64_t known = std::max(numbers_["acked_seq"], numbers_["snapshot_as_of"]);
    for (const auto& [subject, balance] : balances_) known = std::max(known, balance.as_of);
    // One that knows less than the agent was told fell back.
    if (known <= booked->second) unbooked_after_ = booked->second;
}

void AgentAudit::read_chain() {
    posting_rows_.emplace(
        db_.prepare("SELECT seq, n, account, minor, currency FROM posting ORDER BY seq, n"));
    posting_there_ = posting_rows_->step();
    look_beyond();
    db_.each(
        "SELECT e.seq, e.kind, e.hash, e.body, s.signature FROM entry e LEFT JOIN head_signature s "
        "ON s.seq = e.seq "
        "ORDER BY e.seq",
        [&](sql::Statement& row) {
            Row entry{row.integer(0), row.text(1), row.blob(2), row.blob(3), std::nullopt};
            if (!row.null(4)) entry.signature = row.blob(4);
            chain_->add(std::move(entry));
        });
    chain_->finish();
    if (chain_->cut()) {
        sums_known_ = receipts_known_ = false;
        authority_->lines_unknown();
    }
    while (posting_there_) {
        const std::int64_t seq = posting_rows_->integer(0);
        if (chain_->missing(seq)) {
            postings_at(seq);
            continue;
        }
        for (const auto& [n, posting] : postings_at(seq)) {
            report_.find(row_of("posting_without_entry", "posting")
                             .with("seq", seq)
                             .with("n", n)
                             .with("account", posting.account));
        }
    }
    posting_rows_.reset();
}

// Where the end was cut off, other tables still know of it: the centre's word alone will do, of
// others two must agree.
void AgentAudit::look_beyond() {
    if (numbers_["acked_seq"] > 0) chain_->must_reach(numbers_["acked_seq"], "acked_seq");
    const std::int64_t last = db_.value<std::int64_t>("SELECT max(seq) FROM entry").value_or(0);
    std::int64_t reach = 0;
    int tables_beyond = 0;
    for (const char* table : {"posting", "head_signature", "ask", "operation", "answer"}) {
        const auto seq =
            db_.value<std::int64_t>("SELECT max(seq) FROM " + std::string(table)).value_or(0);
        if (seq > last) ++tables_beyond;
        reach = std::max(reach, seq);
    }
    if (tables_beyond > 1) chain_->must_reach(reach, "operation, answer, posting, ask");
}

// Rows are read along with the chain; what is left behind belongs to no entry.
std::vector<std::pair<std::int64_t, Posting>> AgentAudit::postings_at(std::int64_t seq) {
    std::vector<std::pair<std::int64_t, Posting>> out;
    while (posting_there_ && posting_rows_->integer(0) <= seq) {
        Posting posting{posting_rows_->text(2), posting_rows_->integer(3), posting_rows_->text(4)};
        const std::int64_t n = posting_rows_->integer(1), of = posting_rows_->integer(0);
        if (of == seq) {
            out.emplace_back(n, std::move(posting));
        } else {
            report_.find(row_of("posting_without_entry", "posting")
                             .with("seq", of)
                             .with("n", n)
                             .with("account", posting.account));
        }
        ++postings_;
        posting_there_ = posting_rows_->step();
    }
    return out;
}

void AgentAudit::on_entry(const Entry& entry) {
    const auto rows = postings_at(entry.seq);
    if (entry.body == nullptr) {
        // The table says again what the body said; only lines of authority stand nowhere else.
        std::vector<Posting> postings;
        for (const auto& [n, posting] : rows) postings.push_back(posting);
        doubted_.add(entry.seq);
        authority_->apply_postings(entry.seq, postings);
        add_postings(entry.seq, postings);
        if (entry.kind.starts_with("authority_") || entry.kind == "generation_adopted")
            authority_->lines_unknown();
        receipts_known_ = false;
        days_.reset();
        return;
    }
    compare_postings(report_, row_of("posting_differs", "posting").with("seq", entry.seq),
                     entry.body->postings, rows);
    authority_->apply(entry);
    risks_.note(*entry.body);
    add_postings(entry.seq, entry.body->postings);
    note_receipt(*entry.body);
    note_day(*entry.body);
    if (operation_of(*entry.body)) operations_.add(entry.seq);
    if (has_answer(*entry.body)) answers_.add(entry.seq);
    note_for_rows(*entry.body);
}

void AgentAudit::on_gap(std::int64_t from, std::int64_t to) {
    receipts_known_ = false;
    days_.reset();
    std::int64_t known = 0;
    while (posting_there_ && posting_rows_->integer(0) <= to && posting_rows_->integer(0) >= from) {
        const std::int64_t seq = posting_rows_->integer(0);
        std::vector<Posting> postings;
        for (const auto& [n, posting] : postings_at(seq)) postings.push_back(posting);
        authority_->apply_postings(seq, postings);
        add_postings(seq, postings);
        ++known;
    }
    // An entry that moved money moved no lines of authority.
    if (known == to - from + 1) return;
    authority_->lines_unknown();
    sums_known_ = false;
}

void AgentAudit::add_postings(std::int64_t seq, const std::vector<Posting>& postings) {
    const std::int64_t snapshot = numbers_["snapshot_as_of"];
    for (const Posting& posting : postings) {
        if (!is_subject(posting.account)) continue;
        const auto found = balances_.find(posting.account);
        if (found != balances_.end() && found->second.currency != posting.currency)
            found->second.moved_in = posting.currency;
        if (found == balances_.end()) {
            if (seq > snapshot) without_balance_[posting.account] = seq;
        } else if (seq > std::max(found->second.as_of, snapshot)) {
            found->second.own = plus(found->second.own, posting.minor);
        }
    }
}

// Numbers are given one after the other, in the entries' transactions.
void AgentAudit::note_receipt(const Body& body) {
    const auto receipt = body.detail.text("receipt");
    if (!receipt) return;
    const auto number = number_of(*receipt, name_);
    const std::string wanted = name_ + "-" + std::to_string(plus(receipts_, 1));
    if (receipts_known_ && number != plus(receipts_, 1)) {
        report_.find(chain_->finding("receipt_differs", body.seq)
                         .differs("body.detail.receipt", wanted, *receipt));
    }
    if (number) {
        receipts_ = *number;
        receipts_known_ = true;
    }
}

// Each Z report has the next number and begins where the one before it ended.
void AgentAudit::note_day(const Body& body) {
    if (body.kind != "day_closed") return;
    const std::int64_t number = body.detail.integer_or_zero("number");
    const std::int64_t after = body.detail.integer_or_zero("after");
    if (days_) {
        if (number != *days_ + 1)
            report_.find(chain_->finding("z_differs", body.seq)
                             .differs("body.detail.number", *days_ + 1, number));
        if (after != last_day_)
            report_.find(
                chain_->finding("z_differs", body.seq).differs("body.detail.after", last_day_, after));
    }
    days_ = number;
    last_day_ = body.seq;
}

void AgentAudit::check_print_jobs() {
    db_.each(
        "SELECT id, receipt FROM print_job WHERE receipt IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
        "operation WHERE operation.receipt = print_job.receipt) ORDER BY id",
        [&](sql::Statement& row) {
            report_.find(row_of("print_job_without_receipt", "print_job")
                             .with("id", row.text_view(0))
                             .with("receipt", row.text_view(1)));
        });
}

void AgentAudit::check_held() {
    std::unordered_map<std::string, Held> wanted = authority_->held();
    db_.each(
        "SELECT subject, minor, currency, last_used, away FROM held ORDER BY subject",
        [&](sql::Statement& row) {
            const auto finding = [&](std::string_view code) {
                return row_of(code, "held").with("subject", row.text_view(0));
            };
            const auto found = wanted.find(row.text(0));
            if (found == wanted.end()) {
                report_.find(
                    finding("held_extra").differs("minor", std::int64_t{0}, row.integer(1)));
                return;
            }
            const Held held = found->second;
            wanted.erase(found);
            if (held.minor != row.integer(1))
                report_.find(finding("held_differs").differs("minor", held.minor, row.integer(1)));
            if (held.currency != row.text_view(2)) {
                report_.find(
                    finding("held_differs").differs("currency", held.currency, row.text_view(2)));
            }
            if (held.last_used != 0 && held.last_used < row.integer(3)) {
                report_.find(
                    finding("held_differs").differs("last_used", held.last_used, row.integer(3)));
            }
            if (row.integer(4) != 0 && row.integer(4) != 1) {
                report_.find(
                    finding("held_differs").with("column", "away").with("met", row.integer(4)));
            }
        });
    for (const auto& [subject, held] : wanted) {
        report_.find(row_of("held_missing", "held")
                         .with("subject", subject)
                         .with("column", "minor")
                         .with("wanted", held.minor));
    }
}

void AgentAudit::check_held_totals() {
    std::map<std::string, std::int64_t> wanted;
    for (const auto& [subject, held] : authority_->held()) {
        std::int64_t& sum = wanted[held.currency];
        sum = plus(sum, held.minor);
    }
    wanted.erase("XXX");  // counts
    const auto compare = [this](const std::string& currency, std::int64_t should, std::int64_t is) {
        if (should == is) return;
        report_.find(row_of("held_total_differs", "held_total")
                         .with("currency", currency)
                         .differs("minor", should, is));
    };
    db_.each("SELECT currency, minor FROM held_total ORDER BY currency", [&](sql::Statement& row) {
        const auto found = wanted.find(row.text(0));
        compare(row.text(0), found == wanted.end() ? 0 : found->second, row.integer(1));
        if (found != wanted.end()) wanted.erase(found);
    });
    for (const auto& [currency, sum] : wanted) compare(currency, sum, 0);
}

void AgentAudit::check_asks() {
    std::map<std::int64_t, Ask> wanted = authority_->asks();
    db_.each("SELECT seq, open, placement, at FROM ask ORDER BY seq", [&](sql::Statement& row) {
        const auto finding = [&](std::string_view code) {
            return row_of(code, "ask").with("seq", row.integer(0));
        };
        const auto found = wanted.find(row.integer(0));
        if (found == wanted.end()) {
            if (!chain_->missing(row.integer(0))) report_.find(finding("ask_extra"));
            return;
        }
        const Ask ask = found->second;
        wanted.erase(found);
        const std::int64_t open = ask.open ? 1 : 0, placement = ask.placement ? 1 : 0;
        if (row.integer(1) != open)
            report_.find(finding("ask_differs").differs("open", open, row.integer(1)));
        if (row.integer(2) != placement)
            report_.find(finding("ask_differs").differs("placement", placement, row.integer(2)));
        if (row.integer(3) > ask.at)
            report_.find(finding("ask_differs").differs("at", ask.at, row.integer(3)));
    });
    for (const auto& [seq, ask] : wanted)
        report_.find(row_of("ask_missing", "ask").with("seq", seq));
}

void AgentAudit::check_balances() {
    if (!sums_known_) return report_.note("balances were not compared: entries are missing");
    for (const auto& [subject, balance] : balances_) {
        const std::int64_t wanted = plus(balance.central, balance.own);
        if (!balance.moved_in.empty())
            report_.find(row_of("balance_differs", "balance")
                             .with("subject", subject)
                             .differs("currency", balance.moved_in, balance.currency));
        if (wanted == balance.shown) continue;
        report_.find(row_of("balance_differs", "balance")
                         .with("subject", subject)
                         .differs("shown", wanted, balance.shown));
    }
    for (const auto& [subject, seq] : without_balance_) {
        report_.find(
            row_of("balance_missing", "balance").with("subject", subject).with("moved_by", seq));
    }
}

void AgentAudit::check_meta() {
    const auto differs = [&](std::string_view key, std::int64_t wanted, std::int64_t met) {
        if (wanted != met)
            report_.find(
                row_of("meta_differs", "meta").with("key", key).differs("value", wanted, met));
    };
    if (!chain_->doubtful()) differs("generation", chain_->generation(), numbers_["generation"]);
    if (receipts_known_) differs("receipt_number", receipts_, numbers_["receipt_number"]);
}

void AgentAudit::check_signature_rows() {
    db_.each(
        "SELECT seq FROM head_signature WHERE seq NOT IN (SELECT seq FROM entry) ORDER BY seq",
        [&](sql::Statement& row) {
            if (chain_->missing(row.integer(0))) return;
            report_.find(
                row_of("signature_without_entry", "head_signature").with("seq", row.integer(0)));
        });
}

std::optional<Body> AgentAudit::body_at(std::int64_t seq) {
    if (doubted_.has(seq)) return std::nullopt;
    const auto bytes = db_.value<Bytes>("SELECT body FROM entry WHERE seq = ?", seq);
    if (!bytes) return std::nullopt;
    Result<Body> body = read_body(*bytes);
    return body ? std::optional(std::move(*body)) : std::nullopt;
}

std::optional<Digest> AgentAudit::hash_at(std::int64_t seq) {
    if (doubted_.has(seq)) return std::nullopt;
    const auto bytes = db_.value<Bytes>("SELECT body FROM entry WHERE seq = ?", seq);
    return bytes ? std::optional(hash_of(*bytes)) : std::nullopt;
}

bool AgentAudit::refers_well(std::int64_t seq, std::string_view code, const Finding& row) {
    if (db_.value<std::int64_t>("SELECT 1 FROM entry WHERE seq = ?", seq)) return true;
    if (!chain_->missing(seq)) {
        Finding finding = row;
        finding.code = code;
        report_.find(std::move(finding).with("seq", seq));
    }
    return false;
}

}  // namespace obol::audit
