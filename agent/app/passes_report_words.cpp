// The reports on passes as JSON and as tables.

#include <nlohmann/json.hpp>

#include "agent/app/passes_report.hpp"

namespace obol::agent {

namespace {

std::string moment_of(const PassesReport& report, Instant at) {
    const Result<Zone> zone = Zone::find(report.zone);
    return zone ? to_rfc3339(at, *zone) : to_rfc3339(at);
}

Words head_of(const PassesReport& report, std::string_view name) {
    Words words;
    words["report"] = name;
    words["business"] = report.business;
    words["venue"] = report.venue;
    words["from"] = moment_of(report, report.from);
    words["to"] = moment_of(report, report.to);
    words["at"] = moment_of(report, report.at);
    return words;
}

}  // namespace

Words passes_analysis_in_words(const PassesReport& report) {
    Words words = head_of(report, "passes-analysis");
    words["items"] = Words::array();
    for (const PassEvent& event : report.events) {
        Words each;
        each["seq"] = event.seq;
        each["at"] = moment_of(report, event.at);
        each["what"] = event.what;
        each["pass"] = event.pass.text;
        each["display"] = event.display;
        each["plan"] = Words{{"id", event.plan.text}, {"name", event.plan_name}};
        each["type"] = event.type;
        each["value"] = money_in_words(event.value);
        each["terminal"] = event.terminal;
        each["tender"] = event.tender.empty() ? Words(nullptr) : Words(event.tender);
        each["receipt"] = event.receipt.empty() ? Words(nullptr) : Words(event.receipt);
        words["items"].push_back(std::move(each));
    }
    words["next"] = report.next ? Words(std::to_string(*report.next)) : Words(nullptr);
    return words;
}

std::string passes_analysis_as_csv(const PassesReport& report, DecimalMark mark) {
    Table table(mark);
    for (const char* name : {"entry", "at", "what", "pass", "plan", "plan_name", "type", "value", "currency", "terminal", "tender", "receipt"}) {
        table.text(name);
    }
    table.end_line();
    for (const PassEvent& event : report.events) {
        table.number(event.seq).text(moment_of(report, event.at)).text(event.what).text(event.display);
        table.text(event.plan.text).text(event.plan_name).text(event.type);
        table.money(event.value.amount, event.value.currency).text(event.value.currency.code());
        table.text(event.terminal).text(event.tender).text(event.receipt).end_line();
    }
    return table.take();
}

Words passes_summary_in_words(const PassesReport& report) {
    Words words = head_of(report, "passes-summary");
    words["items"] = Words::array();
    for (const auto& [key, sums] : report.plans) {
        const auto sum_in_words = [](const PlanSums::Sum& sum) { return Words{{"count", sum.count}, {"value", sum.value.minor}}; };
        Words each;
        each["plan"] = Words{{"id", key.first.text}, {"name", sums.name}};
        each["type"] = sums.type;
        each["currency"] = key.second.code();
        each["sold"] = sum_in_words(sums.sold);
        each["redeemed"] = sum_in_words(sums.redeemed);
        each["voided"] = sum_in_words(sums.voided);
        words["items"].push_back(std::move(each));
    }
    return words;
}

std::string passes_summary_as_csv(const PassesReport& report, DecimalMark mark) {
    Table table(mark);
    for (const char* name : {"plan", "plan_name", "type", "currency", "sold", "sold_value", "redeemed", "redeemed_value", "voided", "voided_value"}) {
        table.text(name);
    }
    table.end_line();
    for (const auto& [key, sums] : report.plans) {
        table.text(key.first.text).text(sums.name).text(sums.type).text(key.second.code());
        for (const PlanSums::Sum& sum : {sums.sold, sums.redeemed, sums.voided}) {
            table.number(sum.count).money(sum.value, key.second);
        }
        table.end_line();
    }
    return table.take();
}

}  // namespace obol::agent
