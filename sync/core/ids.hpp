#pragma once
// Identifiers that cannot be mistaken for one another: a WalletId never stands where a LotId is due.

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace obol {

template <class Tag>
struct Id {
    std::string text;

    Id() = default;
    explicit Id(std::string value) : text(std::move(value)) {}
    explicit Id(std::string_view value) : text(value) {}
    explicit Id(const char* value) : text(value) {}

    bool empty() const { return text.empty(); }
    auto operator<=>(const Id&) const = default;
};

using BusinessId = Id<struct BusinessTag>;
using VenueId = Id<struct VenueTag>;
using TerminalId = Id<struct TerminalTag>;
using DeviceId = Id<struct DeviceTag>;  // hex SHA-256 of the device's public key: the holder h
using ContactId = Id<struct ContactTag>;
using WalletId = Id<struct WalletTag>;
using LotId = Id<struct LotTag>;
using PoolId = Id<struct PoolTag>;
using PlanId = Id<struct PlanTag>;
using PassId = Id<struct PassTag>;
using PurchaseId = Id<struct PurchaseTag>;
using OfferId = Id<struct OfferTag>;
using LineId = Id<struct LineTag>;

// True for 1 to 64 of A-Za-z0-9_-, the form of every id on the wire.
bool is_id_form(std::string_view text);

}  // namespace obol

template <class Tag>
struct std::hash<obol::Id<Tag>> {
    std::size_t operator()(const obol::Id<Tag>& id) const {
        return std::hash<std::string>{}(id.text);
    }
};
