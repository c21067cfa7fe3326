#include "sync/ledger/store/shapes.hpp"

#include "sync/domain/bounds.hpp"
#include "sync/ledger/store/shape_parts.hpp"

namespace obol::ledger {

using wire::Json;
using wire::JsonFaults;
using wire::ObjectReader;

namespace {

constexpr std::int64_t largest = largest_credit;
constexpr std::size_t most_pockets = 1'000;
constexpr std::size_t most_rows = 1'000'000;  // of one kind in an import

template <class Shape>
auto collect(std::vector<Placed<Shape>>& into, JsonFaults& faults,
             Shape (*read)(const Json&, const std::string&, JsonFaults&)) {
    return [&into, &faults, read](const Json& item, const std::string& pointer) {
        into.push_back({read(item, pointer, faults), pointer});
    };
}

ContactShape read_imported_contact(const Json& json, const std::string& pointer,
                                   JsonFaults& faults) {
    return read_contact(json, pointer, faults);
}
WalletShape read_imported_wallet(const Json& json, const std::string& pointer, JsonFaults& faults) {
    return read_wallet(json, pointer, faults);
}

std::string read_id(ObjectReader& reader, const std::string& made_id) {
    if (made_id.empty() || reader.has("id")) return reader.required_id("id");
    reader.optional_id("id");
    return made_id;
}

LotShape read_lot(const Json& json, const std::string& pointer, JsonFaults& faults) {
    ObjectReader reader{json, pointer, faults};
    LotShape lot{.pool = PoolId{reader.required_id("pool")}};
    lot.amount = Amount{reader.required_integer("amount", 0, largest)};
    lot.valid_from = read_boundary(reader, "valid_from");
    lot.valid_until = read_boundary(reader, "valid_until");
    reader.done();
    return lot;
}

PocketShape read_pocket(const Json& json, const std::string& pointer, JsonFaults& faults) {
    ObjectReader reader{json, pointer, faults};
    PocketShape pocket{.business = BusinessId{reader.required_id("business")}};
    pocket.open = Amount{reader.optional_integer("open", 0, largest).value_or(0)};
    reader.optional_array("lots", most_pockets, [&](const Json& item, const std::string& at) {
        pocket.lots.push_back(read_lot(item, at, faults));
    });
    reader.done();
    return pocket;
}

}  // namespace

BusinessShape read_business(const Json& json, const std::string& pointer, JsonFaults& faults) {
    static const std::vector<std::string_view> proofs{"none", "card"};
    static const std::vector<std::string_view> undoing{"unspent", "within_balance", "below_zero"};
    ObjectReader reader{json, pointer, faults};
    BusinessShape business{.id = BusinessId{reader.required_id("id")},
                           .name = reader.required_text("name"),
                           .currency = read_currency(reader),
                           .zone = read_zone(reader)};
    if (reader.has("cutoff")) business.cutoff_minute = read_clock(reader, "cutoff", false);
    if (const auto grace = read_period(reader, "refund_grace")) business.refund_grace = *grace;
    if (const auto above = reader.optional_integer("manager_above", 0, largest)) {
        business.manager_above = Amount{*above};
    }
    business.wallet_proof = proofs[reader.optional_word("wallet_proof", proofs).value_or(0)];
    const auto undo = undoing[reader.optional_word("award_undo", undoing).value_or(0)];
    business.award_undo = award_undo_named(undo).value_or(AwardUndo::unspent);
    business.allowance = read_allowance(reader, "allowance", faults);
    reader.done();
    return business;
}

VenueShape read_venue(const Json& json, const std::string& pointer, JsonFaults& faults) {
    ObjectReader reader{json, pointer, faults};
    VenueShape venue{.id = VenueId{reader.required_id("id")},
                     .business = BusinessId{reader.required_id("business")},
                     .name = reader.required_text("name"),
                     .zone = read_zone(reader)};
    venue.allowance = read_allowance(reader, "allowance", faults);
    reader.done();
    return venue;
}

ProductShape read_product(const Json& json, const std::string& pointer, JsonFaults& faults) {
    ObjectReader reader{json, pointer, faults};
    ProductShape product{.business = BusinessId{reader.required_id("business")},
                         .sku = reader.required_text("sku", 1, 64),
                         .name = reader.required_text("name"),
                         .brand = reader.optional_text("brand").value_or(""),
                         .family = reader.optional_text("family").value_or(""),
                         .type = reader.optional_text("type").value_or("")};
    reader.done();
    return product;
}

PassShape read_pass(const Json& json, const std::string& pointer, JsonFaults& faults) {
    static const std::vector<std::string_view> states{"draft",   "active",    "redeemed",
                                                      "expired", "cancelled", "blocked"};
    ObjectReader reader{json, pointer, faults};
    PassShape pass{.plan = PlanId{reader.required_id("plan")},
                   .code = Secret{reader.required_text("code", 1, 512)}};
    if (const auto id = reader.optional_id("id")) pass.id = PassId{*id};
    if (!pass.code.empty()) {
        const auto normal = normalise_code(pass.code.reveal());
        if (normal) pass.code = Secret{*normal};
        if (!normal) reader.fault("code", "not a code: 1 to 64 letters and digits");
    }
    if (auto pin = reader.optional_text("pin", 1, 16)) {
        const auto good = check_pin_form(*pin);
        if (good) pass.pin = Secret{*good};
        if (!good) reader.fault("pin", "a PIN is text of 4 to 8 digits");
    }
    const auto state = reader.optional_word("state", states);
    pass.state = pass_state_named(states[state.value_or(1)]).value_or(PassState::active);
    if (const auto value = reader.optional_integer("value", 0, largest))
        pass.value = Amount{*value};
    if (const auto text = reader.optional_text("redeem_by", 1, 64)) {
        const auto at = parse_rfc3339(*text);
        if (at) pass.redeem_by = *at;
        if (!at) reader.fault("redeem_by", "not an instant with offset");
    }
    if (const auto venue = reader.optional_id("venue")) pass.venue = VenueId{*venue};
    reader.done();
    return pass;
}

ContactShape read_contact(const Json& json, const std::string& pointer, JsonFaults& faults,
                          const std::string& made_id) {
    ObjectReader reader{json, pointer, faults};
    ContactShape contact{.id = ContactId{read_id(reader, made_id)},
                         .name = reader.required_text("name"),
                         .phone = reader.optional_text("phone", 1, 32),
                         .email = reader.optional_text("email", 3, 254),
                         .card = reader.optional_text("card", 1, 64)};
    if (contact.phone) {
        const std::string& text = *contact.phone;
        const bool good = text.size() >= 8 && text.size() <= 16 && text[0] == '+' &&
                          text[1] != '0' &&
                          text.find_first_not_of("0123456789", 1) == std::string::npos;
        if (!good) reader.fault("phone", "must be E.164, such as +35799000001");
    }
    if (contact.email && contact.email->find('@') == std::string::npos) {
        reader.fault("email", "not an e-mail address");
    }
    contact.segments = read_texts(reader, "segments", faults);
    reader.done();
    return contact;
}

WalletShape read_wallet(const Json& json, const std::string& pointer, JsonFaults& faults,
                        const std::string& made_id) {
    ObjectReader reader{json, pointer, faults};
    WalletShape wallet;
    wallet.id = WalletId{read_id(reader, made_id)};
    if (const auto contact = reader.optional_id("contact")) wallet.contact = ContactId{*contact};
    wallet.currency = read_currency(reader);
    if (const auto home = reader.optional_id("home")) wallet.home = VenueId{*home};
    wallet.personal = Amount{reader.optional_integer("personal", 0, largest).value_or(0)};
    wallet.blocked = reader.optional_bool("blocked").value_or(false);
    reader.optional_array("pockets", most_pockets, [&](const Json& item, const std::string& at) {
        wallet.pockets.push_back(read_pocket(item, at, faults));
    });
    reader.done();
    return wallet;
}

ImportDocument read_import(const Json& json, JsonFaults& faults) {
    ObjectReader reader{json, "", faults};
    ImportDocument all;
    reader.optional_array("businesses", most_rows, collect(all.businesses, faults, read_business));
    reader.optional_array("venues", most_rows, collect(all.venues, faults, read_venue));
    reader.optional_array("products", most_rows, collect(all.products, faults, read_product));
    reader.optional_array("pools", most_rows, collect(all.pools, faults, read_pool));
    reader.optional_array("offers", most_rows, collect(all.offers, faults, read_offer));
    reader.optional_array("plans", most_rows, collect(all.plans, faults, read_plan));
    reader.optional_array("passes", most_rows, collect(all.passes, faults, read_pass));
    reader.optional_array("contacts", most_rows,
                          collect(all.contacts, faults, read_imported_contact));
    reader.optional_array("wallets", most_rows, collect(all.wallets, faults, read_imported_wallet));
    reader.optional_array("limits", most_rows, collect(all.limits, faults, read_limit));
    reader.done();
    return all;
}

std::string product_id(const ProductShape& product) {
    return product.business.text + ":" + product.sku;
}

}  // namespace obol::ledger
