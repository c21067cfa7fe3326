// A day's report as JSON, as a table and as a document to print.

#include <map>
#include <nlohmann/json.hpp>

#include "agent/app/day_report.hpp"

namespace obol::agent {

namespace {

using drivers::Align;
using journal::DayLine;

// What came in by cash, card and other tender, less what went back.
std::map<std::pair<std::string, std::string>, std::pair<Currency, Amount>> taken(const DayReport& report) {
    std::map<std::pair<std::string, std::string>, std::pair<Currency, Amount>> out;
    for (const DayLine& line : report.lines) {
        if (line.tender.empty()) continue;
        auto& [currency, sum] = out[{line.tender, std::string(line.currency.code())}];
        currency = line.currency;
        sum += line.what == "activation_void" ? -line.total : line.total;
    }
    return out;
}

class Paper {
public:
    Paper(const DayReport& report, std::string_view language, bool copy)
        : report_(report), tongue_(language, report.zone, Currency::none()), copy_(copy) {}

    drivers::Document write() {
        head();
        if (report_.lines.empty()) doc_.text(tongue_.say("report.nothing"), Align::centre);
        for (const DayLine& line : report_.lines) one(line);
        tenders();
        if (report_.number == 0) doc_.rule().text(tongue_.say("report.not_final"), Align::centre, true);
        doc_.rule(true).feed().cut();
        return std::move(doc_);
    }

private:
    void head() {
        doc_.title(report_.business).text(report_.venue, Align::centre).rule(true);
        if (copy_) doc_.text(tongue_.say("copy"), Align::centre, true, drivers::Size::tall);
        const bool final = report_.number > 0;
        doc_.text(tongue_.say(final ? "report.z" : "report.x") + (final ? " " + std::to_string(report_.number) : ""),
                  Align::centre, true);
        doc_.columns(final ? tongue_.say("number") + " " + report_.receipt : "", tongue_.moment(report_.at));
        doc_.columns(tongue_.say("report.day"), tongue_.date(report_.day));
        doc_.columns(tongue_.say("report.since"),
                     report_.since ? tongue_.moment(*report_.since) : tongue_.say("report.start"));
        if (!report_.first_receipt.empty()) {
            doc_.columns(tongue_.say("report.receipts"), report_.first_receipt + " - " + report_.last_receipt);
        }
        doc_.rule();
    }

    void one(const DayLine& line) {
        const std::string tender = line.tender.empty() ? "" : ", " + tongue_.say("tender." + line.tender);
        doc_.columns(std::to_string(line.count) + " x " + tongue_.say("report." + line.what) + tender,
                     tongue_.with_currency(line.total, line.currency), 0, true);
        const auto part = [&](std::string_view key, Amount amount) {
            if (amount.minor != 0) doc_.columns(tongue_.say(key), tongue_.money(amount, line.currency), 2);
        };
        part("pocket.commerce", line.commerce);
        part("pocket.business", line.business);
        part("pocket.personal", line.personal);
        if (line.tender.empty()) part("report.other", line.other);
        part("report.rewards", line.awarded);
    }

    void tenders() {
        const auto sums = taken(report_);
        if (sums.empty()) return;
        doc_.rule().text(tongue_.say("report.taken"), Align::left, true);
        for (const auto& [key, sum] : sums) {
            doc_.columns(tongue_.say("tender." + key.first), tongue_.with_currency(sum.second, sum.first), 2);
        }
    }

    const DayReport& report_;
    Tongue tongue_;
    bool copy_;
    drivers::Document doc_;
};

}  // namespace

Words day_line_in_words(const DayLine& line) {
    Words each;
    each["what"] = line.what;
    if (!line.tender.empty()) each["tender"] = line.tender;
    each["currency"] = line.currency.code();
    each["count"] = line.count;
    each["total"] = line.total.minor;
    each["commerce"] = line.commerce.minor;
    each["business"] = line.business.minor;
    each["personal"] = line.personal.minor;
    each["other"] = line.other.minor;
    each["awarded"] = line.awarded.minor;
    return each;
}

Words day_report_in_words(const DayReport& report) {
    Words words;
    const bool final = report.number > 0;
    words["report"] = final ? "z" : "x";
    if (final) {
        words["number"] = report.number;
        words["receipt"] = receipt_in_words(report.receipt);
        words["entry"] = entry_in_words(report.entry);
        words["terminal"] = report.terminal;
    }
    words["business"] = report.business;
    words["venue"] = report.venue;
    words["day"] = to_iso_date(report.day);
    const Result<Zone> zone = Zone::find(report.zone);
    const auto moment = [&zone](Instant at) { return zone ? to_rfc3339(at, *zone) : to_rfc3339(at); };
    words["since"] = report.since ? Words(moment(*report.since)) : Words(nullptr);
    words["at"] = moment(report.at);
    words["entries"] = {{"after", report.after}, {"upto", report.upto}};
    words["receipts"] = nullptr;
    if (!report.first_receipt.empty()) words["receipts"] = {{"first", report.first_receipt}, {"last", report.last_receipt}};
    words["lines"] = Words::array();
    for (const DayLine& line : report.lines) words["lines"].push_back(day_line_in_words(line));
    words["taken"] = Words::array();
    for (const auto& [key, sum] : taken(report)) {
        words["taken"].push_back({{"tender", key.first}, {"currency", key.second}, {"amount", sum.second.minor}});
    }
    return words;
}

std::string day_report_as_csv(const DayReport& report) {
    std::string out = "report,number,day,what,tender,currency,count,total,commerce,business,personal,other,awarded\r\n";
    const std::string head = report.number > 0 ? "z," + std::to_string(report.number) : "x,";
    for (const DayLine& line : report.lines) {
        out += head + "," + to_iso_date(report.day) + "," + line.what + "," + line.tender + "," +
               std::string(line.currency.code()) + "," + std::to_string(line.count);
        for (const Amount amount : {line.total, line.commerce, line.business, line.personal, line.other, line.awarded}) {
            out += "," + std::to_string(amount.minor);
        }
        out += "\r\n";
    }
    return out;
}

drivers::Document day_report_document(const DayReport& report, std::string_view language, bool copy) {
    return Paper(report, language, copy).write();
}

}  // namespace obol::agent
