#include "agent/api/report_routes.hpp"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "agent/api/bodies.hpp"
#include "agent/api/paper.hpp"
#include "agent/app/business_day.hpp"
#include "agent/app/day_overview.hpp"
#include "agent/app/day_report.hpp"
#include "agent/app/passes_report.hpp"
#include "agent/app/print_receipt.hpp"

namespace obol::agent {
namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
    std::int64_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size() && number >= 0 ? std::optional(number) : std::nullopt;
}

net::Reply table_reply(std::string table) {
    net::Reply reply;
    reply.content_type = "text/csv; charset=utf-8";
    reply.headers.emplace_back("cache-control", "no-store");
    reply.body = std::move(table);
    return reply;
}

net::Reply reply_with(const DayReport& report, const Call& call, const PaperAsk& paper) {
    if (call.accept == "application/json") return reply_of(answer(200, day_report_in_words(report)));
    if (call.accept == "text/csv") return table_reply(day_report_as_csv(report));
    const std::string title = report.number > 0 ? "Z " + std::to_string(report.number) : "X";
    const drivers::Document document = day_report_document(report, call.caller.language, false);
    return paper_reply(document, call.accept, paper, title, call.caller.language);
}

awaitable<net::Reply> show_x(Context& context, Call call) {
    const Result<PaperAsk> paper = paper_asked(context, call.request);
    if (!paper) co_return reply_of(problem(paper.error()));
    const DayReport report = co_await x_report(context);
    co_return reply_with(report, call, *paper);
}

awaitable<net::Reply> print_x(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    PrintInput input;
    input.what = "x";
    input.printer = reader.optional_id("printer");
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await print(context, call.caller, call.once, std::move(input)));
}

awaitable<net::Reply> close_z(Context& context, Call call) {
    wire::JsonFaults faults;
    read_nothing(call.body, faults);
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await close_day(context, call.caller, call.once));
}

awaitable<net::Reply> show_z(Context& context, Call call) {
    const Result<PaperAsk> paper = paper_asked(context, call.request);
    if (!paper) co_return reply_of(problem(paper.error()));
    const std::optional<std::int64_t> number = number_in(call.param("number"));
    const std::optional<DayReport> report =
        number && *number > 0 ? z_report(context.store.facts(), context.here, *number) : std::nullopt;
    if (!report) co_return reply_of(problem("not_found", "no Z report has this number"));
    co_return reply_with(*report, call, *paper);
}

awaitable<net::Reply> list_all_z(Context& context, Call call) {
    const Result<PageAsk> ask = page_asked(call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    const std::optional<std::int64_t> after = number_in(ask->after.empty() ? "0" : ask->after);
    if (!after) co_return reply_of(problem("malformed_request", "after: not a cursor of ours"));
    co_return reply_of(list_z(context, *after, ask->limit));
}

awaitable<net::Reply> show_day(Context& context, Call call) {
    std::optional<LocalDate> day;
    if (const auto text = call.request.query_value("day")) {
        const Result<LocalDate> read = parse_iso_date(*text);
        if (!read) co_return reply_of(problem("malformed_request", "day: a date such as 2026-11-22"));
        day = *read;
    }
    const DayOverview overview = co_await day_overview(context, day);
    co_return reply_of(answer(200, day_overview_in_words(overview)));
}

// A date begins as the business's day does, so that a report of a day and its Z tell of the same hours.
Result<Instant> moment_asked(Context& context, const net::Request& request, std::string_view name) {
    const std::optional<std::string> text = request.query_value(name);
    const Fault wrong{"malformed_request", std::string(name) + ": a date, or a moment with its offset, is expected"};
    if (!text) return wrong;
    if (const Result<Instant> moment = parse_rfc3339(*text)) return *moment;
    const Result<LocalDate> date = parse_iso_date(*text);
    const std::optional<BusinessCalendar> calendar = calendar_of(context.store.facts(), context.here);
    if (!date || !calendar) return wrong;
    return opening_of(*date, *calendar);
}

constexpr std::chrono::days longest_span{400};

Result<PassesAsk> passes_asked(Context& context, const net::Request& request) {
    PassesAsk ask;
    const Result<Instant> from = moment_asked(context, request, "from"), to = moment_asked(context, request, "to");
    if (!from) return from.error();
    if (!to) return to.error();
    ask.from = *from;
    ask.to = *to;
    if (ask.to < ask.from || ask.to - ask.from > longest_span) {
        return Fault{"malformed_request", "to: not before `from`, and at most 400 days after it"};
    }
    for (auto [name, member] : {std::pair{"what", &PassesAsk::what}, {"plan", &PassesAsk::plan}, {"type", &PassesAsk::type}, {"terminal", &PassesAsk::terminal}}) {
        const std::string text = request.query_value(name).value_or("");
        if (!text.empty() && !is_id_form(text)) return Fault{"malformed_request", std::string(name) + ": not an id"};
        ask.*member = text;
    }
    return ask;
}

Result<DecimalMark> mark_asked(const net::Request& request) {
    const std::string text = request.query_value("decimal").value_or("point");
    if (text == "point") return DecimalMark::point;
    if (text == "comma") return DecimalMark::comma;
    return Fault{"malformed_request", "decimal: point or comma"};
}

// A table holds all of it, a list one page.
awaitable<net::Reply> show_passes(Context& context, Call call) {
    const Result<PassesAsk> ask = passes_asked(context, call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    const Result<DecimalMark> mark = mark_asked(call.request);
    if (!mark) co_return reply_of(problem(mark.error()));
    const Result<PageAsk> page = page_asked(call.request);
    if (!page) co_return reply_of(problem(page.error()));
    const std::optional<std::int64_t> after = number_in(page->after.empty() ? "0" : page->after);
    if (!after) co_return reply_of(problem("malformed_request", "after: not a cursor of ours"));
    const bool table = call.accept == "text/csv";
    const std::size_t limit = table ? std::numeric_limits<std::size_t>::max() : page->limit;
    const PassesReport report = co_await passes_analysis(context, *ask, *after, limit);
    if (table) co_return table_reply(passes_analysis_as_csv(report, *mark));
    co_return reply_of(answer(200, passes_analysis_in_words(report)));
}

awaitable<net::Reply> show_passes_summary(Context& context, Call call) {
    const Result<PassesAsk> ask = passes_asked(context, call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    const Result<DecimalMark> mark = mark_asked(call.request);
    if (!mark) co_return reply_of(problem(mark.error()));
    const PassesReport report = co_await passes_summary(context, *ask);
    if (call.accept == "text/csv") co_return table_reply(passes_summary_as_csv(report, *mark));
    co_return reply_of(answer(200, passes_summary_in_words(report)));
}

}  // namespace

Routes report_routes(Context& context) {
    const std::vector<std::string> tables{"application/json", "text/csv"};
    std::vector<std::string> types = tables;
    types.insert(types.end(), paper_types.begin(), paper_types.end());
    return {
        {"GET", "/v1/reports/day", Access::manager, Body::none,
         [&context](Call call) { return show_day(context, std::move(call)); }},
        {"GET", "/v1/reports/passes-analysis", Access::manager, Body::none,
         [&context](Call call) { return show_passes(context, std::move(call)); }, tables},
        {"GET", "/v1/reports/passes-summary", Access::manager, Body::none,
         [&context](Call call) { return show_passes_summary(context, std::move(call)); }, tables},
        {"GET", "/v1/reports/z", Access::manager, Body::none,
         [&context](Call call) { return list_all_z(context, std::move(call)); }},
        {"GET", "/v1/reports/x", Access::manager, Body::none,
         [&context](Call call) { return show_x(context, std::move(call)); }, types},
        {"POST", "/v1/reports/x/print", Access::manager, Body::keyed,
         [&context](Call call) { return print_x(context, std::move(call)); }},
        {"POST", "/v1/reports/z", Access::manager, Body::keyed,
         [&context](Call call) { return close_z(context, std::move(call)); }},
        {"GET", "/v1/reports/z/{number}", Access::manager, Body::none,
         [&context](Call call) { return show_z(context, std::move(call)); }, types},
    };
}

}  // namespace obol::agent
