#include "sync/journal/records.hpp"

#include "sync/crypto/crypto.hpp"
#include "sync/journal/records_authority.hpp"
#include "sync/journal/records_day.hpp"
#include "sync/journal/records_pass.hpp"
#include "sync/journal/records_purchase.hpp"
#include "sync/journal/replay.hpp"

namespace obol::journal {
namespace {

constexpr std::string_view void_kind = "void";

template <class T>
Result<Record> read(const Map& detail) {
    Result<T> record = read_map<T>(detail, true);
    if (!record) return record.error();
    return Record{std::move(*record)};
}

// Tries the kinds in turn: the one list of them is the variant itself.
template <std::size_t I = 0>
Result<Record> read_kind(std::string_view kind, const Map& detail) {
    if constexpr (I == std::variant_size_v<Record>) {
        return Fault{"unknown_kind", std::string(kind)};
    } else {
        using T = std::variant_alternative_t<I, Record>;
        return kind == T::kind ? read<T>(detail) : read_kind<I + 1>(kind, detail);
    }
}

Map detail_of(const Purchase& purchase) {
    if (!purchase.digest.empty()) return write_map(purchase);
    Purchase complete = purchase;
    complete.digest = facts_digest(purchase);
    return write_map(complete);
}

}  // namespace

std::string_view kind_of(const Record& record) {
    if (const auto* refund = std::get_if<Refund>(&record); refund && refund->is_void)
        return void_kind;
    return std::visit([](const auto& x) { return std::decay_t<decltype(x)>::kind; }, record);
}

Map to_detail(const Record& record) {
    if (const auto* purchase = std::get_if<Purchase>(&record)) return detail_of(*purchase);
    return std::visit([](const auto& x) { return write_map(x); }, record);
}

Result<Record> from_detail(std::string_view kind, const Map& detail) {
    if (kind != void_kind) return read_kind(kind, detail);
    Result<Record> record = read<Refund>(detail);
    if (record) std::get<Refund>(*record).is_void = true;
    return record;
}

Bytes facts_digest(const Purchase& purchase) {
    Map document;
    document.emplace("wallet", purchase.wallet.text);
    document.emplace("request", Writer::doc(purchase.request));
    document.emplace("facts", Writer::doc(purchase.facts));
    const auto digest = crypto::sha256(encode(Value(std::move(document))));
    return {digest.begin(), digest.end()};
}

}  // namespace obol::journal
