#include "agent/app/print_receipt.hpp"

#include <nlohmann/json.hpp>

#include "agent/app/idempotent.hpp"
#include "agent/app/receipt.hpp"

namespace obol::agent {

namespace {

using drivers::Align;

// It may lie on paper already, by this job or another; or so long ago that nobody knows any more.
bool is_copy(Facts& facts, const PrintJob& job, Instant receipt_at, Instant now) {
    return job.perhaps || perhaps_on_paper(facts, job.receipt, job.n) || receipt_at < now - print_jobs_kept;
}

Result<drivers::Document> receipt_to_print(Context& context, std::string_view language, const PrintJob& job) {
    Facts& facts = context.store.facts();
    const std::optional<Receipt> receipt = find_receipt(context.store, context.here, job.receipt, context.link.up());
    if (!receipt) return Fault{"receipt_unknown", "no receipt of this device has this number"};
    bool copy = is_copy(facts, job, receipt->at, context.wall.now());
    drivers::Document out;
    for (int n = 0; n < job.copies; ++n) {
        drivers::Document one = receipt_document(*receipt, language, copy);
        out.blocks.insert(out.blocks.end(), std::make_move_iterator(one.blocks.begin()),
                          std::make_move_iterator(one.blocks.end()));
        copy = true;
    }
    return out;
}

}  // namespace

awaitable<Answer> print(Context& context, Caller caller, Idempotency once, PrintInput input) {
    std::variant<Once::Ticket, Answer> entered = context.once.enter(caller, once);
    if (const Answer* seen = std::get_if<Answer>(&entered)) co_return *seen;
    const Once::Ticket ticket = std::get<Once::Ticket>(std::move(entered));

    Answer refused;
    if (input.what == "receipt" && !context.store.facts().operation_by_receipt(input.receipt)) {
        refused = problem("receipt_unknown", "no receipt of this device has this number");
        co_return co_await context.once.keep(ticket, refused);
    }
    const DeviceSet::Printer* printer =
        input.printer ? context.devices->printer(*input.printer) : context.devices->printer_for(caller.terminal.text);
    if (printer == nullptr) {
        const std::string detail = input.printer ? "there is no printer " + *input.printer
                                                 : "terminal " + caller.terminal.text + " has no printer; name one";
        refused = problem("device_unknown", detail);
        co_return co_await context.once.keep(ticket, refused);
    }
    PrintJob asked;
    asked.printer = printer->setting.name;
    asked.what = input.what;
    asked.receipt = input.receipt;
    asked.copies = input.copies;
    asked.terminal = caller.terminal.text;
    std::function<Answer(WriteTxn&)> job = [&asked](WriteTxn& txn) -> Answer {
        const Result<PrintJob> added = add_print_job(txn, asked);
        return added ? answer(202, print_job_in_words(*added)) : problem(added.error());
    };
    Answer out = co_await context.once.commit(ticket, std::move(job));
    context.printing->look();
    co_return out;
}

std::string print_job_text(const PrintJob& job) { return print_job_in_words(job).dump(); }

Words print_job_in_words(const PrintJob& job) {
    Words words;
    words["id"] = job.id;
    words["printer"] = job.printer;
    words["what"] = job.what;
    if (!job.receipt.empty()) words["receipt"] = receipt_in_words(job.receipt);
    if (job.copies != 1) words["copies"] = job.copies;
    words["terminal"] = job.terminal;
    words["state"] = job.state;
    if (!job.why.empty()) words["why"] = job.why;
    if (!job.detail.empty()) words["detail"] = job.detail;
    words["at"] = instant_in_words(job.at);
    words["changed"] = instant_in_words(job.changed);
    return words;
}

Answer show_print_job(Context& context, std::string_view id) {
    const std::optional<PrintJob> job = print_job(context.store.facts(), id);
    return job ? answer(200, print_job_in_words(*job)) : problem("print_job_unknown", "there is no print job with this id");
}

Answer list_print_jobs(Context& context, std::int64_t after, std::size_t limit, bool only_open) {
    std::vector<PrintJob> jobs = print_jobs(context.store.facts(), after, limit + 1, only_open);
    const bool more = jobs.size() > limit;
    if (more) jobs.pop_back();
    Words words;
    words["items"] = Words::array();
    for (const PrintJob& job : jobs) words["items"].push_back(print_job_in_words(job));
    words["next"] = more ? Words(std::to_string(jobs.back().n)) : Words(nullptr);
    return answer(200, words);
}

awaitable<Result<drivers::Document>> document_of_job(Context& context, std::string language, PrintJob job,
                                                     const DeviceSet::Printer& printer) {
    if (!printer.setting.language.empty()) language = printer.setting.language;
    if (job.what == "test") co_return test_page(printer, language);
    if (job.what == "x") {
        const DayReport report = co_await x_report(context);
        co_return day_report_document(report, language, false);
    }
    co_return receipt_to_print(context, language, job);
}

drivers::Document slip_document(const Slip& slip, std::string_view language) {
    const Tongue tongue(language, slip.zone, slip.value.currency);
    drivers::Document out;
    out.title(slip.business).text(slip.venue, Align::centre).rule(true);
    out.text(tongue.say(slip.type == PassType::topup ? "slip.topup" : "slip.gift"), Align::centre, true);
    out.text(tongue.with_currency(slip.value.amount), Align::centre, false, drivers::Size::large).feed();
    out.columns(tongue.say("slip.code"), slip.code, 0, true);
    if (!slip.pin.empty()) out.columns(tongue.say("slip.pin"), slip.pin, 0, true);
    if (slip.redeem_by) out.columns(tongue.say("slip.redeem_by"), tongue.last_day(*slip.redeem_by));
    out.feed().qr(slip.code).rule();
    out.columns(tongue.say("till") + " " + slip.terminal.text, tongue.moment(slip.at));
    out.text(tongue.say("slip.like_cash"), Align::centre).feed().cut();
    return out;
}

drivers::Document test_page(const DeviceSet::Printer& printer, std::string_view language) {
    const Tongue tongue(language, "UTC", Currency::none());
    const drivers::Profile& profile = printer.profile;
    drivers::Document out;
    out.title("Obol").text(tongue.say("test.title"), Align::centre, true).rule(true);
    out.columns(tongue.say("test.printer"), printer.setting.name);
    out.columns(tongue.say("test.profile"), printer.setting.profile);
    out.columns(tongue.say("test.columns"), std::to_string(profile.paper.columns)).rule();
    out.text(tongue.say("test.letters"), Align::left, true);
    out.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 .,:;!?-+*/=%&@#()[]");
    out.text("ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ αβγδεζηθικλμνξοπρσςτυφχψω άέήίόύώ ϊϋΐΰ");
    out.text("€ £ $ é è ü ö ä ß ñ ç “ ” – …").rule();
    out.qr("OBOL TEST " + printer.setting.name).text(tongue.say("test.read_it"), Align::centre).feed();
    out.barcode("OBOL-TEST").feed().cut();
    return out;
}

}  // namespace obol::agent
