// Reading a limit, and putting it in its place.

#include <algorithm>

#include "sync/domain/bounds.hpp"
#include "sync/ledger/store/limits.hpp"
#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {

using wire::Json;
using wire::JsonFaults;
using wire::ObjectReader;

namespace {

constexpr std::int64_t most_count = 1'000'000'000;

void read_bounds(ObjectReader& reader, Limit& limit) {
    const bool once = limit.period == LimitPeriod::transaction;
    limit.most_count = reader.optional_integer("most_count", 0, most_count);
    if (const auto most = reader.optional_integer("most_amount", 0, largest_pocket)) {
        limit.most_amount = Amount{*most};
    }
    if (const auto least = reader.optional_integer("least_amount", 0, largest_pocket)) {
        limit.least_amount = Amount{*least};
    }
    if (once && limit.most_count) reader.fault("most_count", "a transaction is always one");
    if (!once && limit.least_amount) {
        reader.fault("least_amount", "is for period transaction alone");
    }
    if (limit.least_amount && limit.most_amount && *limit.least_amount > *limit.most_amount) {
        reader.fault("least_amount", "must not be more than most_amount");
    }
}

std::string made_id(const Limit& limit) {
    const std::string text = limit.wallet.text + "-" + limit.business.text + "-" +
                             std::string(name_of(limit.kind)) + "-" +
                             std::string(name_of(limit.period));
    if (is_id_form(text)) return text;
    const auto digest = crypto::sha256(as_bytes(text));
    return to_hex(ByteView(digest).first(16));
}

}  // namespace

Limit read_limit(const Json& json, const std::string& pointer, JsonFaults& faults) {
    return read_limit_of(json, pointer, faults, WalletId{});
}

Limit read_limit_of(const Json& json, const std::string& pointer, JsonFaults& faults,
                    const WalletId& wallet) {
    static const std::vector<std::string_view> kinds{"debit", "credit", "top_up", "transfer"};
    static const std::vector<std::string_view> periods{"transaction", "day", "week", "month"};
    ObjectReader reader{json, pointer, faults};
    Limit limit;
    if (wallet.empty()) {
        limit.id = reader.required_id("id");
        if (const auto id = reader.optional_id("wallet")) limit.wallet = WalletId{*id};
    } else {
        limit.id = reader.optional_id("id").value_or("");
        limit.wallet = wallet;
    }
    limit.business = BusinessId{reader.required_id("business")};
    limit.kind = limit_kind_named(kinds[reader.required_word("kind", kinds)]).value();
    limit.period = limit_period_named(periods[reader.required_word("period", periods)]).value();
    read_bounds(reader, limit);
    reader.done();
    if (limit.id.empty() && !wallet.empty()) limit.id = made_id(limit);
    return limit;
}

Outcome Registrar::put(const Placed<Limit>& placed) {
    Limit limit = placed.shape;
    const auto business = books_.fact("business", limit.business.text);
    if (!business_known(limit.business, placed.pointer)) return Outcome::refused;
    if (!limit.wallet.empty() && !wallet(books_, limit.wallet)) {
        return refuse(placed.pointer, "wallet", "there is no wallet " + limit.wallet.text);
    }
    const auto currency = business->find("currency");
    limit.currency = Currency::parse(*currency->second.text()).value();
    const auto before = current_limit(books_, limit.id);
    if (before) {
        const bool same_place = before->business == limit.business &&
                                before->wallet == limit.wallet && before->kind == limit.kind &&
                                before->period == limit.period;
        if (!same_place) {
            return refuse(placed.pointer, "id", "is a limit on something else; lift that one");
        }
        limit.version = before->version;
        if (*before == limit) return Outcome::same;
        ++limit.version;
    }
    put_limit(books_, limit, now_);
    return before ? Outcome::changed : Outcome::created;
}

}  // namespace obol::ledger
