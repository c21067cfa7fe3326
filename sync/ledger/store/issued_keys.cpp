#include "sync/ledger/store/issued_keys.hpp"

#include <array>

#include "sync/crypto/crypto.hpp"
#include "sync/wire/json.hpp"
#include "sync/wire/json_writer.hpp"

namespace obol::ledger {

using wire::HolderStatus;

namespace {

constexpr std::string_view header = "obol-issued-keys 1";
constexpr std::size_t check_digits = 32;
constexpr std::size_t most_marks = 1000;  // then those that a later one replaced are left out
constexpr std::int64_t any_number = std::int64_t{1} << 53;
constexpr std::size_t longest = 16384;

std::string check_of(std::string_view before, std::string_view json) {
    return to_hex(crypto::sha256(as_bytes(std::string(before) + std::string(json)))).substr(0, check_digits);
}

std::string line_of(std::string& check, const std::string& json) {
    check = check_of(check, json);
    return check + " " + json + "\n";
}

std::string json_of(const IssuedKey& key) {
    wire::JsonWriter out;
    out.begin_object().member("kind", "key").member("h", key.h.text);
    out.member("public_key", to_hex(key.public_key)).member("venue", key.venue.text);
    out.member("business", key.business.text).member("name", key.name);
    out.member("certificate", key.certificate).member("cache_key_sealed", to_hex(key.cache_key_sealed));
    out.member("enrolled_at", key.enrolled_at).member("status", wire::name_of(key.status));
    return out.flag("revoked", key.revoked).end_object().take();
}

std::string json_of(const Mark& mark) {
    wire::JsonWriter out;
    out.begin_object().member("kind", "mark").member("booked", mark.booked);
    return out.member("transfer", mark.transfer).member("change", mark.change).end_object().take();
}

std::string json_of_generation(std::int64_t generation) {
    wire::JsonWriter out;
    return out.begin_object().member("kind", "generation").member("generation", generation).end_object().take();
}

Bytes bytes_of(wire::ObjectReader& reader, std::string_view member) {
    const auto bytes = from_hex(reader.required_text(member, 0, longest));
    if (bytes) return *bytes;
    reader.fault(member, "must be hexadecimal digits");
    return {};
}

bool is_kept(sql::Db& db) {
    return db.value<std::int64_t>("SELECT value FROM meta WHERE key = 'issued_keys'").has_value();
}

IssuedKey key_from(wire::ObjectReader& reader) {
    IssuedKey key;
    key.h = DeviceId{reader.required_text("h", 1, 64)};
    key.public_key = bytes_of(reader, "public_key");
    key.venue = VenueId{reader.required_text("venue", 1, 255)};
    key.business = BusinessId{reader.required_text("business", 1, 255)};
    key.name = reader.required_text("name", 1, 64);
    key.certificate = reader.required_text("certificate", 0, longest);
    key.cache_key_sealed = bytes_of(reader, "cache_key_sealed");
    key.enrolled_at = reader.required_integer("enrolled_at", 0, any_number);
    constexpr std::array statuses{HolderStatus::active, HolderStatus::quarantined, HolderStatus::written_off,
                                  HolderStatus::revoked};
    std::vector<std::string_view> words;
    for (const HolderStatus status : statuses) words.push_back(wire::name_of(status));
    key.status = statuses.at(reader.required_word("status", words));
    key.revoked = reader.required_bool("revoked");
    return key;
}

}  // namespace

std::vector<IssuedKey> keys_in(sql::Db& db) {
    std::vector<IssuedKey> out;
    db.each(
        "SELECT h, public_key, venue, business, name, certificate, cache_key_sealed, enrolled_at, status, revoked "
        "FROM holder ORDER BY h",
        [&](sql::Statement& row) {
            out.push_back({.h = DeviceId{row.text(0)},
                           .public_key = row.blob(1),
                           .venue = VenueId{row.text(2)},
                           .business = BusinessId{row.text(3)},
                           .name = row.text(4),
                           .certificate = row.text(5),
                           .cache_key_sealed = row.blob(6),
                           .enrolled_at = row.integer(7),
                           .status = status_named(row.text_view(8)),
                           .revoked = row.integer(9) != 0});
        });
    return out;
}

Mark mark_of(sql::Db& db) {
    return {.booked = db.value<std::int64_t>("SELECT sum(head_seq) FROM holder").value_or(0),
            .transfer = db.value<std::int64_t>("SELECT max(id) FROM transfer").value_or(0),
            .change = db.value<std::int64_t>("SELECT max(n) FROM change").value_or(0)};
}

Result<IssuedKeys> IssuedKeys::open(RecordLog& log) {
    const Result<std::string> text = log.read();
    if (!text) return text.error();
    IssuedKeys out{log};
    if (text->empty()) return out;
    if (const Result<void> good = out.read(*text); !good) return good.error();
    if (out.marks_ > most_marks) out.leave_out_old_marks();
    return out;
}

Result<void> IssuedKeys::read(const std::string& text) {
    const std::size_t whole = text.rfind('\n') + 1;  // npos + 1 is 0
    std::string check(header);
    int number = 0;
    for (std::size_t at = 0; at < whole;) {
        const std::size_t end = text.find('\n', at);
        const std::string_view line = std::string_view(text).substr(at, end - at);
        const auto damaged = [&](std::string_view what) {
            return Fault{"issued_keys_damaged",
                         "line " + std::to_string(number) + " of the record of issued keys " + std::string(what) +
                             "; put its copy back, or, where there is none, run `obol-ledger restore --record-lost`"};
        };
        at = end + 1;
        if (++number == 1) {
            if (line != header) return damaged("is not its heading");
            continue;
        }
        const bool long_enough = line.size() > check_digits && line[check_digits] == ' ';
        const std::string_view json = long_enough ? line.substr(check_digits + 1) : "";
        check = check_of(check, json);
        if (!long_enough || line.substr(0, check_digits) != check) return damaged("is not as it was written");
        if (const Result<void> good = take(json); !good) return damaged(good.error().detail);
    }
    if (number > 0) check_ = check;
    // What has no line feed was cut off while it was written, before anybody relied on it.
    if (whole < text.size()) return log_->replace(std::string_view(text).substr(0, whole));
    return {};
}

Result<void> IssuedKeys::take(std::string_view json) {
    const auto parsed = wire::parse_json(json);
    wire::JsonFaults faults;
    if (const auto* found = std::get_if<wire::Json>(&parsed)) {
        wire::ObjectReader reader{*found, "", faults};
        const std::string kind = reader.required_text("kind", 1, 32);
        if (kind == "key") {
            IssuedKey key = key_from(reader);
            const DeviceId h = key.h;
            keys_.insert_or_assign(h, std::move(key));
        } else if (kind == "generation") {
            generation_ = std::max(generation_, reader.required_integer("generation", 1, any_number));
        } else if (kind == "mark") {
            mark_ = {.booked = reader.required_integer("booked", 0, any_number),
                     .transfer = reader.required_integer("transfer", 0, any_number),
                     .change = reader.required_integer("change", 0, any_number)};
            ++marks_;
        } else {
            reader.fault("kind", "is not known");
        }
        reader.done();
    } else {
        faults = std::get<wire::JsonFaults>(parsed);
    }
    if (faults.empty()) return {};
    return Fault{"issued_keys_damaged", "has a fault at " + faults.front().pointer + ": " + faults.front().detail};
}

// The marks grow by some hundred a day, and the last one alone says anything.
void IssuedKeys::leave_out_old_marks() {
    std::string check(header);
    std::string text = check + "\n";
    for (const auto& [h, key] : keys_) text += line_of(check, json_of(key));
    if (generation_ > 0) text += line_of(check, json_of_generation(generation_));
    text += line_of(check, json_of(mark_));
    if (!log_->replace(text)) return;  // the long one stands, and says the same
    check_ = check;
    marks_ = 1;
}

Result<void> IssuedKeys::check(sql::Db& db) const {
    if (is_new() && is_kept(db)) {
        return Fault{"issued_keys_missing",
                     "the record of issued keys is not there, but this ledger has one; put it back, or, where it is "
                     "lost, run `obol-ledger restore --record-lost`"};
    }
    const auto fell_back = [](const std::string& what) {
        return Fault{"ledger_fell_back", "this database is older than what it has told: " + what +
                                             ". It would grant what was granted before. Put the right one in its "
                                             "place, or run `obol-ledger restore --config FILE`"};
    };
    const std::int64_t own = era(db).generation;
    if (generation_ > own) {
        return fell_back("it is of generation " + std::to_string(own) + ", and " + std::to_string(generation_) +
                         " was used");
    }
    if (const Mark now = mark_of(db); now.behind(mark_)) {
        return fell_back("it has booked " + std::to_string(now.booked) + " entries (once " +
                         std::to_string(mark_.booked) + "), transfer " + std::to_string(now.transfer) + " (once " +
                         std::to_string(mark_.transfer) + "), change " + std::to_string(now.change) + " (once " +
                         std::to_string(mark_.change) + ")");
    }
    for (const auto& [h, listed] : keys_) {
        const auto row = holder(db, h.text);
        if (!row) return fell_back("device " + listed.name + " is not in it");
        const bool written_off = listed.status == HolderStatus::written_off;
        if (listed.revoked && !row->revoked) return fell_back("device " + listed.name + " was revoked");
        if (written_off && row->status != listed.status) return fell_back("device " + listed.name + " was written off");
    }
    return {};
}

void IssuedKeys::begin() {
    if (!check_.empty()) return;
    const Result<void> done = log_->append(std::string(header) + "\n");
    if (!done) throw RecordLost(done.error());
    check_ = header;
}

void IssuedKeys::add(const std::string& json) {
    if (broken_) throw RecordLost({"file_unwritable", "the record of issued keys failed before"});
    begin();
    std::string check = check_;
    const Result<void> done = log_->append(line_of(check, json));
    if (!done) {
        broken_ = true;
        throw RecordLost(done.error());
    }
    check_ = std::move(check);
}

void IssuedKeys::add_generation(std::int64_t generation) {
    if (generation <= generation_) return;
    add(json_of_generation(generation));
    generation_ = generation;
}

void IssuedKeys::catch_up(sql::Db& db) {
    add_generation(era(db).generation);
    for (IssuedKey& key : keys_in(db)) {
        const auto found = keys_.find(key.h);
        if (found != keys_.end() && found->second == key) continue;
        add(json_of(key));
        const DeviceId h = key.h;
        keys_.insert_or_assign(h, std::move(key));
    }
    // From now on a record that is not there is one that was lost.
    if (is_kept(db)) return;
    sql::Txn txn{db};
    db.run("INSERT INTO meta (key, value) VALUES ('issued_keys', 1)");
    txn.commit();
}

void IssuedKeys::mark(sql::Db& db) {
    const Mark now = mark_of(db);
    if (now == mark_) return;
    add(json_of(now));
    mark_ = now;
    ++marks_;
}

}  // namespace obol::ledger
