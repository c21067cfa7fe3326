// One side of the rules benchmark: our evaluation (conditions, reasons, optimal allocation) and a
// plain hand-written loop (conditions alone, words interned beforehand), both on a case that
// tests/bench/rules/cases.py wrote.
//
//   rules_bench verdicts CASE              one line a basket: 1 for each lot whose conditions hold
//   rules_bench time CASE MILLISECONDS     processor microseconds for a pass over all baskets: ours, plain
//   rules_bench count ours|plain CASE N    N passes, for callgrind to count

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "sync/domain/purchase.hpp"

namespace {

using nlohmann::json;
using namespace obol;

// ---- what the domain is asked ---------------------------------------------------------------------

Instant at(const json& seconds) { return Instant{std::chrono::seconds{seconds.get<long>()}}; }
std::optional<Instant> maybe(const json& seconds) {
    if (seconds.is_null()) return std::nullopt;
    return at(seconds);
}

Pool pool_of(const json& from) {
    Pool pool;
    pool.id = PoolId(from.at("id").get<std::string>());
    pool.business = BusinessId("aroma");
    for (const json& each : from.at("time")) {
        TimeWindow window{.from_minute = each.at("from"), .to_minute = each.at("to")};
        for (const int day : each.at("days")) window.days.set(static_cast<std::size_t>(day));
        for (const int month : each.at("months")) window.months.set(static_cast<std::size_t>(month));
        pool.time.push_back(window);
    }
    for (const json& each : from.at("venues")) pool.venues.emplace_back(each.get<std::string>());
    for (const json& each : from.at("businesses")) {
        pool.businesses.emplace_back(each.get<std::string>());
    }
    from.at("brands").get_to(pool.brands);
    from.at("families").get_to(pool.families);
    from.at("skus").get_to(pool.skus);
    from.at("types").get_to(pool.types);
    pool.spend_on = from.at("spend_on") == "basket" ? SpendOn::basket : SpendOn::matching_lines;
    return pool;
}

std::vector<PurchaseFacts> facts_of(const json& from) {
    PurchaseFacts facts;
    facts.place = {VenueId(from.at("venue").get<std::string>()),
                   BusinessId(from.at("business").get<std::string>())};
    facts.zone = from.at("zone");
    facts.zone_version = zone_database_version();
    facts.now = at(from.at("now"));
    facts.basket.currency = *Currency::parse("EUR");
    for (const json& each : from.at("pools")) facts.pools.push_back(pool_of(each));
    for (const json& each : from.at("lots")) {
        LotFacts lot;
        lot.lot.id = LotId(each.at("id").get<std::string>());
        lot.lot.pool = facts.pools.at(each.at("pool").get<std::size_t>()).id;
        lot.lot.business = BusinessId("aroma");
        lot.lot.currency = facts.basket.currency;
        lot.lot.valid = {maybe(each.at("from")), maybe(each.at("until"))};
        lot.lot.credited_at = at(each.at("credited"));
        lot.funds = {Amount{each.at("amount")}, Amount{each.at("amount")}};
        facts.lots.push_back(std::move(lot));
    }
    std::vector<PurchaseFacts> all;
    for (const json& basket : from.at("baskets")) {
        facts.basket.lines.clear();
        for (const json& each : basket) {
            Line line;
            line.id = LineId(each.at("id").get<std::string>());
            line.quantity = "1";
            each.at("sku").get_to(line.sku);
            each.at("brand").get_to(line.brand);
            each.at("family").get_to(line.family);
            each.at("type").get_to(line.type);
            line.amount = Amount{each.at("amount")};
            facts.basket.lines.push_back(std::move(line));
        }
        all.push_back(facts);
    }
    return all;
}

// ---- the plain loop -------------------------------------------------------------------------------

using Word = std::uint32_t;
using Words = std::vector<Word>;

struct PlainLine {
    Word brand, family, sku, type;
    std::int64_t amount;
};
struct PlainLot {
    std::int64_t from, until;
    std::vector<TimeWindow> time;
    Words venues, businesses, brands, families, skus, types;
};
struct Plain {
    std::int64_t now;
    int weekday, month, minute;
    Word venue, business;
    std::vector<PlainLot> lots;
    std::vector<std::vector<PlainLine>> baskets;
};

class Interned {
public:
    Word operator()(const std::string& text) {
        return words_.try_emplace(text, static_cast<Word>(words_.size())).first->second;
    }
    Words operator()(const json& texts) {
        Words out;
        for (const json& text : texts) out.push_back((*this)(text.get<std::string>()));
        return out;
    }

private:
    std::map<std::string, Word> words_;
};

Plain plain_of(const json& from) {
    Interned word;
    Plain plain{.now = from.at("now"),
                .weekday = from.at("weekday"),
                .month = from.at("month"),
                .minute = from.at("minute"),
                .venue = word(from.at("venue").get<std::string>()),
                .business = word(from.at("business").get<std::string>()),
                .lots = {},
                .baskets = {}};
    for (const json& each : from.at("lots")) {
        const json& pool = from.at("pools").at(each.at("pool").get<std::size_t>());
        plain.lots.push_back({each.at("from").is_null() ? INT64_MIN : each.at("from").get<long>(),
                              each.at("until").is_null() ? INT64_MAX : each.at("until").get<long>(),
                              pool_of(pool).time, word(pool.at("venues")),
                              word(pool.at("businesses")), word(pool.at("brands")),
                              word(pool.at("families")), word(pool.at("skus")),
                              word(pool.at("types"))});
    }
    for (const json& basket : from.at("baskets")) {
        auto& lines = plain.baskets.emplace_back();
        for (const json& line : basket) {
            lines.push_back({word(line.at("brand").get<std::string>()),
                             word(line.at("family").get<std::string>()),
                             word(line.at("sku").get<std::string>()),
                             word(line.at("type").get<std::string>()), line.at("amount")});
        }
    }
    return plain;
}

bool among(const Words& words, Word word) {
    for (const Word each : words) {
        if (each == word) return true;
    }
    return false;
}

bool open_now(const PlainLot& lot, const Plain& plain) {
    if (lot.time.empty()) return true;
    for (const TimeWindow& window : lot.time) {
        if ((window.days.none() || window.days[static_cast<std::size_t>(plain.weekday)]) &&
            (window.months.none() || window.months[static_cast<std::size_t>(plain.month)]) &&
            window.from_minute <= plain.minute && plain.minute < window.to_minute) {
            return true;
        }
    }
    return false;
}

struct Verdict {
    bool holds = false;
    std::vector<std::uint64_t> lines{};  // which it may pay
};

// Every condition of every lot against every line, as one would write it by hand.
void judge(const Plain& plain, const std::vector<PlainLine>& lines, std::vector<Verdict>& out) {
    for (std::size_t i = 0; i < plain.lots.size(); ++i) {
        const PlainLot& lot = plain.lots[i];
        Verdict& verdict = out[i];
        const bool any_product =
            lot.brands.empty() && lot.families.empty() && lot.skus.empty() && lot.types.empty();
        bool matches = any_product;
        verdict.lines.assign((lines.size() + 63) / 64, 0);
        for (std::size_t l = 0; l < lines.size(); ++l) {
            const PlainLine& line = lines[l];
            if (line.amount <= 0) continue;
            if (any_product || among(lot.brands, line.brand) ||
                among(lot.families, line.family) || among(lot.skus, line.sku) ||
                among(lot.types, line.type)) {
                verdict.lines[l / 64] |= std::uint64_t{1} << (l % 64);
                matches = true;
            }
        }
        const bool here = (lot.venues.empty() && lot.businesses.empty()) ||
                          among(lot.venues, plain.venue) || among(lot.businesses, plain.business);
        verdict.holds =
            plain.now >= lot.from && plain.now < lot.until && here && open_now(lot, plain) && matches;
    }
}

// ---- the two sides --------------------------------------------------------------------------------

[[gnu::noinline]] std::int64_t bench_ours(const std::vector<PurchaseFacts>& cases) {
    std::int64_t spent = 0;
    for (const PurchaseFacts& facts : cases) spent += decide_purchase(facts, {}).spent.minor;
    return spent;
}

[[gnu::noinline]] std::int64_t bench_plain(const Plain& plain, std::vector<Verdict>& verdicts) {
    std::int64_t held = 0;
    for (const auto& basket : plain.baskets) {
        judge(plain, basket, verdicts);
        for (const Verdict& verdict : verdicts) held += verdict.holds;
    }
    return held;
}

// What it computed must not look unused.
volatile std::int64_t sink = 0;

// Of this process, so that what else the machine does counts less.
std::chrono::duration<double, std::micro> processor_time() {
    timespec spent{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
    return std::chrono::seconds{spent.tv_sec} + std::chrono::nanoseconds{spent.tv_nsec};
}

template <class Pass>
double microseconds(Pass pass, std::chrono::milliseconds length) {
    for (int warm = 0; warm < 3; ++warm) sink = sink + pass();
    const auto begin = processor_time();
    auto now = begin;
    long passes = 0;
    for (long batch = 1; now - begin < length; batch = std::min(2 * batch, 256L)) {
        for (long i = 0; i < batch; ++i) sink = sink + pass();
        passes += batch;
        now = processor_time();
    }
    return (now - begin).count() / static_cast<double>(passes);
}

// A lot pays or names a reason; only these say that a condition does not hold.
bool is_condition(const Reason& reason) {
    return reason.code == Code::not_yet_valid || reason.code == Code::expired ||
           reason.code == Code::location_not_allowed ||
           reason.code == Code::outside_time_window || reason.code == Code::no_matching_product;
}

std::string our_verdicts(const PurchaseFacts& facts) {
    std::string out(facts.lots.size(), '1');
    const PurchaseDecision decision = decide_purchase(facts, {});
    for (const RefusedLot& refused : decision.refused) {
        // One that paid a part and stopped at its lines is named too, but its conditions hold.
        const bool paid = std::any_of(decision.allocations.begin(), decision.allocations.end(),
                                      [&](const PaidFrom& each) { return each.lot == refused.lot; });
        if (paid || !is_condition(refused.reasons.at(0))) continue;
        for (std::size_t i = 0; i < facts.lots.size(); ++i) {
            if (facts.lots[i].lot.id == refused.lot) out[i] = '0';
        }
    }
    return out;
}

int verdicts(const json& from) {
    const Plain plain = plain_of(from);
    std::vector<Verdict> judged(plain.lots.size());
    std::size_t n = 0;
    for (const PurchaseFacts& facts : facts_of(from)) {
        judge(plain, plain.baskets[n++], judged);
        std::string loop;
        for (const Verdict& verdict : judged) loop += verdict.holds ? '1' : '0';
        const std::string ours = our_verdicts(facts);
        if (ours != loop) {
            std::cerr << "basket " << n << ": ours " << ours << ", plain loop " << loop << '\n';
            return 1;
        }
        std::cout << ours << '\n';
    }
    return 0;
}

int time_both(const json& from, std::chrono::milliseconds length) {
    const std::vector<PurchaseFacts> cases = facts_of(from);
    const Plain plain = plain_of(from);
    std::vector<Verdict> judged(plain.lots.size());
    const double ours = microseconds([&] { return bench_ours(cases); }, length);
    const double loop = microseconds([&] { return bench_plain(plain, judged); }, length);
    std::cout << ours << ' ' << loop << '\n';
    return 0;
}

int count(const json& from, bool ours, int passes) {
    const std::vector<PurchaseFacts> cases = facts_of(from);
    const Plain plain = plain_of(from);
    std::vector<Verdict> judged(plain.lots.size());
    // The first question loads the zone; that is not counted.
    for (const PurchaseFacts& facts : cases) sink = sink + decide_purchase(facts, {}).spent.minor;
    for (int i = 0; i < passes; ++i) {
        sink = sink + (ours ? bench_ours(cases) : bench_plain(plain, judged));
    }
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    // A program that runs for long keeps its heap; this one would give it back after each pass.
    mallopt(M_TRIM_THRESHOLD, 1 << 28);
    mallopt(M_MMAP_THRESHOLD, 1 << 28);
    const std::string mode = argc > 1 ? argv[1] : "";
    const auto read = [](const char* path) { return json::parse(std::ifstream(path)); };
    if (mode == "verdicts" && argc == 3) return verdicts(read(argv[2]));
    if (mode == "time" && argc == 4) {
        return time_both(read(argv[2]), std::chrono::milliseconds{std::atoi(argv[3])});
    }
    if (mode == "count" && argc == 5) {
        return count(read(argv[3]), std::strcmp(argv[2], "ours") == 0, std::atoi(argv[4]));
    }
    std::cerr << "usage: rules_bench verdicts CASE | time CASE MS | count ours|plain CASE N\n";
    return 2;
}
