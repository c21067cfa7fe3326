#include "agent/api/receipt_routes.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/api/bodies.hpp"
#include "agent/api/paper.hpp"
#include "agent/api/words.hpp"
#include "agent/app/print_receipt.hpp"
#include "agent/app/receipt.hpp"
#include "agent/app/verify_receipt.hpp"

namespace obol::agent {
namespace {

constexpr int most_copies = 5;

// The words of a query that is yes or no.
Result<bool> flag_of(const net::Request& request, std::string_view name) {
    const std::optional<std::string> word = request.query_value(name);
    if (!word || *word == "false") return false;
    if (*word == "true") return true;
    return Fault{"malformed_request", std::string(name) + ": true or false"};
}

awaitable<net::Reply> show(Context& context, Call call) {
    const Result<PaperAsk> paper = paper_asked(context, call.request);
    if (!paper) co_return reply_of(problem(paper.error()));
    const Result<bool> copy = flag_of(call.request, "copy");
    if (!copy) co_return reply_of(problem(copy.error()));
    const std::optional<Receipt> receipt = find_receipt(context.store, context.here,
                                                        call.param("number"), context.link.up());
    if (!receipt) co_return reply_of(problem("receipt_unknown", "no receipt of this device has this number"));
    if (call.accept == "application/json") co_return reply_of(answer(200, receipt_in_full(*receipt)));
    const drivers::Document document = receipt_document(*receipt, call.caller.language, *copy);
    co_return paper_reply(document, call.accept, *paper, receipt->number, call.caller.language);
}

constexpr std::size_t longest_data = 4096;  // as of scans

awaitable<net::Reply> verify(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    const std::string data = reader.required_text("data", 1, longest_data);
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);

    co_return reply_of(verify_receipt(context, data));
}

awaitable<net::Reply> print_it(Context& context, Call call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader(call.body, "", faults);
    PrintInput input;
    input.receipt = call.param("number");
    input.printer = reader.optional_id("printer");
    input.copies = static_cast<int>(reader.optional_integer("copies", 1, most_copies).value_or(1));
    reader.done();
    if (!faults.empty()) co_return refuse_malformed(faults);
    co_return reply_of(co_await print(context, call.caller, call.once, std::move(input)));
}

awaitable<net::Reply> jobs(Context& context, Call call) {
    const Result<PageAsk> ask = page_asked(call.request);
    if (!ask) co_return reply_of(problem(ask.error()));
    const Result<bool> open = flag_of(call.request, "open");
    if (!open) co_return reply_of(problem(open.error()));
    const bool number = ask->after.size() <= 18 && std::ranges::all_of(ask->after, [](char c) { return c >= '0' && c <= '9'; });
    if (!number) co_return reply_of(problem("malformed_request", "after: not a cursor of ours"));
    const std::int64_t after = ask->after.empty() ? 0 : std::stoll(ask->after);
    co_return reply_of(list_print_jobs(context, after, ask->limit, *open));
}

awaitable<net::Reply> job(Context& context, Call call) { co_return reply_of(show_print_job(context, call.param("id"))); }

}  // namespace

Routes receipt_routes(Context& context) {
    std::vector<std::string> types{"application/json"};
    types.insert(types.end(), paper_types.begin(), paper_types.end());
    return {
        {"GET", "/v1/receipts/{number}", Access::everyone, Body::none,
         [&context](Call call) { return show(context, std::move(call)); }, types},
        {"POST", "/v1/receipts/{number}/print", Access::everyone, Body::keyed,
         [&context](Call call) { return print_it(context, std::move(call)); }},
        {"POST", "/v1/receipts/verify", Access::everyone, Body::json,
         [&context](Call call) { return verify(context, std::move(call)); }},
        {"GET", "/v1/print-jobs", Access::everyone, Body::none,
         [&context](Call call) { return jobs(context, std::move(call)); }},
        {"GET", "/v1/print-jobs/{id}", Access::everyone, Body::none,
         [&context](Call call) { return job(context, std::move(call)); }},
    };
}

}  // namespace obol::agent
