// FeedAsk, Page, Snapshot and its pages: what the centre tells the venue.

#include "sync/wire/parts.hpp"

namespace obol::wire {

std::string encode(const FeedAsk& ask) {
    JsonWriter out = begin_message();
    out.member("generation", ask.generation).member("cursor", ask.cursor);
    out.member("wait_ms", ask.wait_ms).member("seen", ask.seen).end_object();
    return out.take();
}

template <>
Result<FeedAsk> decode<FeedAsk>(std::string_view json) {
    return decode_with<FeedAsk>(json, [](ObjectReader& in, FeedAsk& ask, JsonFaults&) {
        read_version(in);
        ask.generation = read_count(in, "generation");
        ask.cursor = read_count(in, "cursor");
        ask.wait_ms = in.required_integer("wait_ms", 0, 60'000);
        ask.seen = in.required_text("seen", 0, 256);
    });
}

std::string encode(const Page& page) {
    JsonWriter out = begin_message();
    out.member("generation", page.generation).member("from", page.from).member("to", page.to);
    out.flag("more", page.more);
    write(out, page.facts);
    write(out, page.balances);
    out.member("as_of", page.as_of).key("recalls").begin_array();
    for (const Recall& recall : page.recalls) {
        out.begin_object().member("subject", recall.subject);
        out.member("amount", recall.amount.minor).end_object();
    }
    out.end_array();
    write(out, page.grants);
    out.flag("placement", page.placement).member("news", page.news);
    write_status(out, page.status);
    write_instant(out, "now", page.now);
    out.end_object();
    return out.take();
}

namespace {

void read_page(ObjectReader& in, Page& page, JsonFaults& faults) {
    read_version(in);
    page.generation = in.required_integer("generation", 1, largest_amount);
    page.from = read_count(in, "from");
    page.to = read_count(in, "to");
    page.more = in.required_bool("more");
    page.facts = read_facts(in, faults);
    page.balances = read_balances(in, faults);
    page.as_of = read_count(in, "as_of");
    in.required_array("recalls", 0, most_lines, [&](const Json& json, const std::string& pointer) {
        ObjectReader inner(json, pointer, faults);
        Recall recall;
        recall.subject = read_subject(inner);
        recall.amount = Amount{inner.required_integer("amount", 1, largest_amount)};
        inner.done();
        page.recalls.push_back(std::move(recall));
    });
    page.grants = read_grants(in, faults);
    page.placement = in.required_bool("placement");
    page.news = in.required_text("news", 0, 256);
    page.status = read_status(in);
    page.now = read_instant(in, "now");
}

}  // namespace

template <>
Result<Page> decode<Page>(std::string_view json) {
    return decode_with<Page>(json, read_page);
}

std::string encode(const Snapshot& snapshot) {
    JsonWriter out = begin_message();
    out.member("generation", snapshot.generation).member("cursor", snapshot.cursor);
    out.member("as_of", snapshot.as_of);
    write(out, snapshot.facts);
    write(out, snapshot.balances);
    out.end_object();
    return out.take();
}

template <>
Result<Snapshot> decode<Snapshot>(std::string_view json) {
    return decode_with<Snapshot>(
        json, [](ObjectReader& in, Snapshot& snapshot, JsonFaults& faults) {
            read_version(in);
            snapshot.generation = in.required_integer("generation", 1, largest_amount);
            snapshot.cursor = read_count(in, "cursor");
            snapshot.as_of = read_count(in, "as_of");
            snapshot.facts = read_facts(in, faults);
            snapshot.balances = read_balances(in, faults);
        });
}

namespace {

// Opaque to the device: it says back what it was told.
constexpr std::size_t longest_place = 512;

}  // namespace

std::string encode(const SnapshotAsk& ask) {
    JsonWriter out = begin_message(2);
    out.member("id", ask.id).member("after", ask.after).end_object();
    return out.take();
}

template <>
Result<SnapshotAsk> decode<SnapshotAsk>(std::string_view json) {
    return decode_with<SnapshotAsk>(json, [](ObjectReader& in, SnapshotAsk& ask, JsonFaults&) {
        read_version(in, 2, 2);
        ask.id = in.required_text("id", 0, longest_place);
        ask.after = in.required_text("after", 0, longest_place);
    });
}

std::string encode(const SnapshotPage& page) {
    JsonWriter out = begin_message(2);
    out.member("id", page.id).member("generation", page.generation).member("cursor", page.cursor);
    out.member("as_of", page.as_of);
    write(out, page.facts);
    write(out, page.balances);
    out.member("after", page.after).member("next", page.next).end_object();
    return out.take();
}

template <>
Result<SnapshotPage> decode<SnapshotPage>(std::string_view json) {
    return decode_with<SnapshotPage>(json, [](ObjectReader& in, SnapshotPage& page, JsonFaults& faults) {
        read_version(in, 2, 2);
        page.id = in.required_text("id", 1, longest_place);
        page.generation = in.required_integer("generation", 1, largest_amount);
        page.cursor = read_count(in, "cursor");
        page.as_of = read_count(in, "as_of");
        page.facts = read_facts(in, faults);
        page.balances = read_balances(in, faults);
        page.after = in.required_text("after", 0, longest_place);
        page.next = in.required_text("next", 0, longest_place);
    });
}

}  // namespace obol::wire
