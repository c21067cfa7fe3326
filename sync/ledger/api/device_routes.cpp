// Devices: enrolment tokens, the list, revocation and write-off.

#include "sync/ledger/api/admin.hpp"
#include "sync/ledger/store/enrolment.hpp"
#include "sync/ledger/store/holders.hpp"
#include "sync/ledger/store/recovery.hpp"
#include "sync/ledger/store/write_off.hpp"

namespace obol::ledger {

namespace {

// Amounts per currency; rights are no money.
Words sums_of(Books& books, std::string_view sql, const std::string& h) {
    Words sums = Words::array();
    books.db().each(sql,
                    [&](sql::Statement& row) {
                        sums.push_back(Words{{"amount", row.integer(1)}, {"currency", row.text(0)}});
                    },
                    h);
    return sums;
}

Words device_in_words(Books& books, const HolderRow& device) {
    const auto last_seen = books.db().value<std::int64_t>("SELECT last_seen FROM holder WHERE h = ?", device.h.text);
    const auto enrolled = books.db().value<std::int64_t>("SELECT enrolled_at FROM holder WHERE h = ?", device.h.text);
    const auto at = [](std::optional<std::int64_t> ms) {
        return ms ? instant_in_words(from_millis(*ms)) : Words(nullptr);
    };
    return Words{
        {"id", device.h.text},
        {"name", device.name},
        {"venue", device.venue.text},
        {"business", device.business.text},
        {"status", wire::name_of(device.status)},
        {"revoked", device.revoked},
        {"head", Words{{"seq", device.head.seq}, {"hash", to_hex(device.head.hash)}}},
        {"generation", device.reported_generation},
        {"enrolled_at", at(enrolled)},
        {"last_seen", at(last_seen)},
        {"held", sums_of(books,
                         "SELECT s.currency, sum(held.minor) FROM held JOIN subject s ON s.subject = held.subject "
                         "WHERE held.h = ? AND s.currency <> 'XXX' AND held.minor > 0 GROUP BY s.currency",
                         device.h.text)},
        {"suspense", sums_of(books,
                             "SELECT s.currency, sum(p.minor) FROM suspense p JOIN subject s ON s.subject = p.subject "
                             "WHERE p.h = ? AND s.currency <> 'XXX' AND p.minor > 0 GROUP BY s.currency",
                             device.h.text)}};
}

Answer make_token(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader{call.body, "", faults}.done();
    if (!faults.empty()) return malformed(faults);
    const auto made =
        make_enrolment_token(office.books, VenueId{call.ids[0]}, call.now, office.random);
    if (!made) return problem(made.error());
    // The third part is for the device alone: it believes the CA with this fingerprint and no other.
    std::string token = made->token.reveal();
    if (office.ca_fingerprint) token += "." + office.ca_fingerprint();
    Words body{{"token", token}, {"expires_at", to_rfc3339(made->expires_at)}};
    Answer given = answer(201, body);
    body["token"] = nullptr;
    given.kept = body.dump();
    return given;
}

Answer list(Office& office, const Call& call) {
    const auto ask = page_asked(call.request);
    if (!ask) return problem(ask.error());
    std::vector<std::string> ids;
    office.books.db().each("SELECT h FROM holder WHERE h > ? ORDER BY h LIMIT ?",
                           [&](sql::Statement& row) { ids.push_back(row.text(0)); }, ask->after,
                           ask->limit + 1);
    std::vector<std::pair<std::string, Words>> items;
    for (const std::string& id : ids) {
        if (const auto device = holder(office.books.db(), id)) {
            items.emplace_back(id, device_in_words(office.books, *device));
        }
    }
    return page(*ask, std::move(items));
}

// `why` is for the exception that somebody will have to close.
std::string read_reason(const Call& call, wire::JsonFaults& faults) {
    wire::ObjectReader reader{call.body, "", faults};
    std::string why = reader.optional_text("reason", 1, 500).value_or("no reason given");
    reader.done();
    return why;
}

Answer revoke(Office& office, const Call& call) {
    wire::JsonFaults faults;
    read_reason(call, faults);
    if (!faults.empty()) return malformed(faults);
    const DeviceId id{call.ids[0]};
    if (auto done = revoke_device(office.books, id); !done) return problem(done.error());
    return answer(201, device_in_words(office.books, *holder(office.books.db(), id.text)));
}

// What the operator is ready to bear in recovery: [{"amount", "currency"}].
std::optional<std::vector<Money>> read_accepted(wire::ObjectReader& reader, wire::JsonFaults& faults) {
    if (!reader.has("accept_risk")) return std::nullopt;
    std::vector<Money> accepted;
    reader.optional_array("accept_risk", 200, [&](const wire::Json& item, const std::string& pointer) {
        wire::ObjectReader each{item, pointer, faults};
        const Amount amount{each.required_integer("amount", 0, largest_amount)};
        const auto currency = Currency::parse(each.required_text("currency", 3, 3));
        if (!currency) each.fault("currency", "must be a currency of ISO 4217");
        each.done();
        if (currency) accepted.push_back({amount, *currency});
    });
    return accepted;
}

// The ceiling is told with the refusal, as what would have to be accepted.
Answer refused_write_off(Office& office, const DeviceId& id, const Fault& fault) {
    const auto row = holder(office.books.db(), id.text);
    if (fault.code != "in_recovery" || !row || later_ledger_seen(office.books.db())) return problem(fault);
    Words ceiling = Words::array();
    for (const Money& money : ceiling_of(office.books.db(), *row)) ceiling.push_back(money_in_words(money));
    return problem(fault.code, fault.detail, Words{{"ceiling", ceiling}});
}

Answer write_off(Office& office, const Call& call) {
    wire::JsonFaults faults;
    wire::ObjectReader reader{call.body, "", faults};
    const std::string why = reader.optional_text("reason", 1, 500).value_or("no reason given");
    const auto accepted = read_accepted(reader, faults);
    reader.done();
    if (!faults.empty()) return malformed(faults);
    const DeviceId id{call.ids[0]};
    const auto sums = write_off_device(office.books, id, why, call.now, office.random, accepted);
    if (!sums) return refused_write_off(office, id, sums.error());
    Words written = Words::array();
    for (const Money& money : *sums) written.push_back(money_in_words(money));
    return answer(201, Words{{"written_off", written},
                             {"device", device_in_words(office.books, *holder(office.books.db(), id.text))}});
}

}  // namespace

Routes device_routes() {
    return {{"POST", "/venues/{id}/enrolment-tokens", may_admin, make_token},
            {"GET", "/devices", may_read, list},
            {"POST", "/devices/{id}/revoke", may_admin, revoke},
            {"POST", "/devices/{id}/write-off", may_admin, write_off}};
}

}  // namespace obol::ledger
