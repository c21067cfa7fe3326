#include "tests/unit/ledger/office_fixture.hpp"

#include "sync/ledger/store/registrar.hpp"
#include "sync/ledger/store/wallets.hpp"

namespace obol::ledger {
namespace {

using Pointers = std::vector<std::string>;

class Import : public OfficeTest {
protected:
    journal::Map fact(std::string_view kind, std::string_view id) {
        return books.fact(kind, id).value_or(journal::Map{});
    }
    std::string text(std::string_view kind, std::string_view id, std::string_view member) {
        const auto body = fact(kind, id);
        const auto found = body.find(member);
        return found == body.end() || !found->second.text() ? "(none)" : *found->second.text();
    }
    std::int64_t centre(const Subject& subject) {
        const auto row = books.subject(subject);
        return row ? row->centre.minor : -1;
    }
};

TEST_F(Import, PutsMoneyAtTheCentreAndPlacesItAtItsHome) {
    import_cafe();
    const Subject pass = pass_subject(pass_of("ABCDEFGHJKMNP"));
    EXPECT_EQ(centre(pass), 2500);
    EXPECT_EQ(books.subject(pass)->home, VenueId{"nic"});
    EXPECT_EQ(centre("business:w1:aroma"), 1200);
    EXPECT_EQ(centre("lot:w1-aroma-0"), 5000);
    EXPECT_EQ(centre("personal:w1"), 300);
    EXPECT_EQ(books.subject("lot:w1-aroma-0")->home, VenueId{"nic"});
    // 2500 and 1000 of passes, 1200 + 5000 + 300 of the wallet were given out.
    EXPECT_EQ(books.balance("issue:aroma").minor, -(2500 + 1000 + 1200 + 5000 + 300) - 1);
}

TEST_F(Import, ADraftIsARightToSellAndNoMoney) {
    import_cafe();
    const PassId draft = pass_of("QRSTUVWXYZ234");
    EXPECT_EQ(centre(draft_subject(draft)), 1);
    EXPECT_EQ(books.subject(draft_subject(draft))->currency, Currency::none());
    EXPECT_EQ(books.subject(draft_subject(draft))->home, VenueId{"lim"});
    EXPECT_EQ(centre(pass_subject(draft)), -1) << "there is no such subject yet";
}

TEST_F(Import, RunAgainChangesNothing) {
    import_cafe();
    const auto change = books.last_change();
    const auto transfers = count("SELECT count(*) FROM transfer");
    clock.at += Millis{86'400'000};

    const auto again = import(cafe());
    ASSERT_TRUE(std::holds_alternative<ImportSummary>(again));
    for (const ImportCount& kind : std::get<ImportSummary>(again)) {
        EXPECT_EQ(kind.created, 0) << kind.kind;
        EXPECT_EQ(kind.changed, 0) << kind.kind;
        EXPECT_GT(kind.same, 0) << kind.kind;
    }
    EXPECT_EQ(books.last_change(), change);
    EXPECT_EQ(count("SELECT count(*) FROM transfer"), transfers);
}

TEST_F(Import, LeavesAPassThatHasLivedAsItIs) {
    import_cafe();
    const PassId id = pass_of("ABCDEFGHJKMNP");
    auto body = fact("pass", id.text);
    body["state"] = "redeemed";
    books.put_fact("pass", id.text, BusinessId{"aroma"}, body);
    EXPECT_EQ(faults_of(cafe()), Pointers{});
    EXPECT_EQ(text("pass", id.text, "state"), "redeemed");
}

TEST_F(Import, KeepsTheIdsThatAreGiven) {
    auto document = cafe();
    document["passes"][0]["id"] = "my-pass";
    EXPECT_EQ(faults_of(document), Pointers{});
    EXPECT_EQ(pass_of("ABCDEFGHJKMNP"), PassId{"my-pass"});
    document["passes"][0].erase("id");  // the same code of the same plan is the same pass
    EXPECT_EQ(faults_of(document), Pointers{});
}

TEST_F(Import, T60_ThePassIdTellsNothingOfTheCodeWithoutTheKey) {
    import_cafe();
    SecretKeys other = keys;
    other.code.fill(9);
    EXPECT_EQ(derived_pass_id(keys, PlanId{"gift25"}, "ABCDEFGHJKMNP"), pass_of("ABCDEFGHJKMNP"));
    EXPECT_NE(derived_pass_id(other, PlanId{"gift25"}, "ABCDEFGHJKMNP"), pass_of("ABCDEFGHJKMNP"));
}

TEST_F(Import, OnlyAPlanUsableOfflineSendsDigestAndVerifierToVenues) {
    import_cafe();
    const auto offline = fact("pass", pass_of("ABCDEFGHJKMNP").text);
    ASSERT_TRUE(offline.contains("digest"));
    EXPECT_EQ(*offline.at("digest").bytes(), digest_of_code("ABCDEFGHJKMNP"));
    EXPECT_TRUE(crypto::check_pin(*offline.at("pin_verifier").text(), "1234", "ABCDEFGHJKMNP"));
    const auto central = fact("pass", pass_of("1111222233334444").text);
    ASSERT_FALSE(central.empty());
    EXPECT_FALSE(central.contains("digest"));
    EXPECT_FALSE(central.contains("pin_verifier"));
}

TEST_F(Import, KeepsCodesAndPinsSealed) {
    import_cafe();
    const PassId id = pass_of("ABCDEFGHJKMNP");
    const auto code = db->value<Bytes>("SELECT code_sealed FROM pass_secret WHERE pass = ?", id.text);
    const auto pin = db->value<Bytes>("SELECT pin_sealed FROM pass_secret WHERE pass = ?", id.text);
    EXPECT_EQ(unseal_code(keys, id, *code)->reveal(), "ABCDEFGHJKMNP");
    EXPECT_EQ(unseal_pin(keys, id, *pin)->reveal(), "1234");
    EXPECT_FALSE(unseal_code(keys, PassId{"another"}, *code)) << "a sealed code belongs to its pass";
    EXPECT_EQ(as_text(*code).find("ABCDEFGHJKMNP"), std::string_view::npos);
}

TEST_F(Import, ALotGetsItsPoolsValidityWhereTheImportNamesNone) {
    auto document = cafe();
    document["wallets"][0]["pockets"][0]["lots"].push_back(
        {{"pool", "happy"}, {"amount", 1}, {"valid_from", "2026-12-01"}, {"valid_until", "2027-01-31"}});
    EXPECT_EQ(faults_of(document), Pointers{});
    const auto lots = lots_of(books, WalletId{"w1"});
    ASSERT_EQ(lots.size(), 2U);
    EXPECT_EQ(lots[0].valid.from, std::nullopt);
    // The last day is inside: midnight of the day after, in Nicosia.
    EXPECT_EQ(to_rfc3339(*lots[0].valid.until), "2026-12-31T22:00:00Z");
    EXPECT_EQ(to_rfc3339(*lots[1].valid.from), "2026-11-30T22:00:00Z");
    EXPECT_EQ(to_rfc3339(*lots[1].valid.until), "2027-01-31T22:00:00Z");
}

TEST_F(Import, AVenueLearnsInitialsAndWhatAWalletIsFoundBy) {
    import_cafe();
    EXPECT_EQ(text("wallet", "w1", "holder"), "M. G.");
    EXPECT_EQ(text("wallet", "w1", "phone"), "+35799000001");
    EXPECT_EQ(text("wallet", "w1", "email"), "(none)");
    EXPECT_EQ(initials_of("  Ελένη  Παπαδοπούλου "), "Ε. Π.");
    EXPECT_EQ(initials_of(""), "");

    auto document = cafe();
    document["contacts"][0]["phone"] = "+35799000002";
    document["contacts"][0]["email"] = "m@example.com";
    EXPECT_EQ(faults_of(document), Pointers{});
    EXPECT_EQ(text("wallet", "w1", "phone"), "+35799000002");
    EXPECT_EQ(text("wallet", "w1", "email"), "m@example.com");
}

TEST_F(Import, AChangedPoolGetsANewVersionAndTheOldOneStays) {
    import_cafe();
    auto document = cafe();
    document["pools"][0]["spend_on"] = "matching_lines";
    EXPECT_EQ(faults_of(document), Pointers{});
    EXPECT_EQ(current_pool(books, PoolId{"happy"})->version, 2);
    EXPECT_EQ(books.pool(PoolId{"happy"}, 1)->spend_on, SpendOn::basket);
    EXPECT_EQ(books.pool(PoolId{"happy"}, 2)->spend_on, SpendOn::matching_lines);
    EXPECT_EQ(faults_of(document), Pointers{});
    EXPECT_EQ(current_pool(books, PoolId{"happy"})->version, 2);
}

TEST_F(Import, APlanWithPassesCannotChange) {
    import_cafe();
    auto document = cafe();
    document["plans"][0]["name"] = "Gift 25 euro";
    EXPECT_EQ(faults_of(document), Pointers{"/plans/0"});
    document = cafe();
    document["plans"][1]["name"] = "Any value";  // it has none
    EXPECT_EQ(faults_of(document), Pointers{});
}

struct Bad {
    const char* what;
    const char* patch;  // RFC 6902, on the café
    std::vector<std::string> pointers;
};

class ImportFault : public Import, public ::testing::WithParamInterface<Bad> {};

TEST_P(ImportFault, IsToldWithItsPointerAndWritesNothing) {
    const json document = cafe().patch(json::parse(GetParam().patch));
    EXPECT_EQ(faults_of(document), GetParam().pointers);
    EXPECT_EQ(count("SELECT count(*) FROM fact"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM pass_secret"), 0);
    EXPECT_EQ(count("SELECT count(*) FROM transfer"), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ImportFault,
    ::testing::Values(
        Bad{"UnknownKind", R"([{"op":"add","path":"/shops","value":[]}])", {"/shops"}},
        Bad{"UnknownMember", R"([{"op":"add","path":"/venues/1/colour","value":"red"}])", {"/venues/1/colour"}},
        Bad{"MissingMember", R"([{"op":"remove","path":"/products/0/name"}])", {"/products/0/name"}},
        Bad{"TwoFaults", R"([{"op":"replace","path":"/venues/0/zone","value":"Mars"},{"op":"replace","path":"/plans/2/code/length","value":6}])",
            {"/venues/0/zone", "/plans/2/code/length"}},
        Bad{"Currency", R"([{"op":"replace","path":"/businesses/0/currency","value":"EUX"}])", {"/businesses/0/currency"}},
        Bad{"Cutoff", R"([{"op":"replace","path":"/businesses/0/cutoff","value":"24:00"}])", {"/businesses/0/cutoff"}},
        Bad{"Day", R"([{"op":"add","path":"/pools/0/time/0/days/1","value":"friday"}])", {"/pools/0/time/0/days/1"}},
        Bad{"Month", R"([{"op":"replace","path":"/pools/0/time/0/months/0","value":13}])", {"/pools/0/time/0/months/0"}},
        Bad{"Clock", R"([{"op":"replace","path":"/pools/0/time/0/from","value":"22:60"}])", {"/pools/0/time/0/from"}},
        Bad{"Until", R"([{"op":"replace","path":"/pools/0/validity/until","value":"2026-02-30"}])", {"/pools/0/validity/until"}},
        Bad{"PoolVenue", R"([{"op":"replace","path":"/pools/0/locations/venues/0","value":"moon"}])", {"/pools/0/locations/venues/0"}},
        Bad{"Fraction", R"([{"op":"replace","path":"/passes/0/value","value":2500.5}])", {"/passes/0/value"}},
        Bad{"MinMax", R"([{"op":"replace","path":"/plans/1/value","value":{"min":5,"max":4}}])", {"/plans/1/value/max"}},
        Bad{"TwoRedeemBys", R"([{"op":"add","path":"/plans/0/redeem_by/always","value":true}])", {"/plans/0/redeem_by"}},
        Bad{"PromotionPin", R"([{"op":"replace","path":"/plans/0/type","value":"promotion"},{"op":"replace","path":"/plans/0/printed","value":false}])", {"/plans/0/value", "/plans/0/offer", "/plans/0/pin", "/plans/0/pool"}},
        Bad{"PlanPool", R"([{"op":"replace","path":"/plans/0/pool","value":"sad"}])", {"/plans/0/pool"}},
        Bad{"NoPin", R"([{"op":"remove","path":"/passes/0/pin"}])", {"/passes/0/pin"}},
        Bad{"PinTooShort", R"([{"op":"replace","path":"/passes/0/pin","value":"123"}])", {"/passes/0/pin"}},
        Bad{"PassPlan", R"([{"op":"replace","path":"/passes/0/plan","value":"gone"}])", {"/passes/0/plan"}},
        Bad{"PassVenue", R"([{"op":"replace","path":"/passes/0/venue","value":"gone"}])", {"/passes/0/venue"}},
        Bad{"PassValue", R"([{"op":"replace","path":"/passes/0/value","value":2501}])", {"/passes/0/value"}},
        Bad{"CodeOfNothing", R"([{"op":"replace","path":"/passes/0/code","value":" - "}])", {"/passes/0/code"}},
        Bad{"CodeTwiceAfterNormalising", R"([{"op":"replace","path":"/passes/1/code","value":"abcd efgh jkmnp"},{"op":"replace","path":"/passes/1/plan","value":"any"},{"op":"remove","path":"/passes/1/pin"}])",
            {"/passes/1/code"}},
        Bad{"CentralCodeWithoutItsForm", R"([{"op":"replace","path":"/passes/2/code","value":"111122223333"}])", {"/passes/2/code"}},
        Bad{"Phone", R"([{"op":"replace","path":"/contacts/0/phone","value":"99000001"}])", {"/contacts/0/phone"}},
        Bad{"PhoneTwice", R"([{"op":"add","path":"/contacts/1","value":{"id":"eleni","name":"Eleni","phone":"+35799000001"}}])", {"/contacts/1/phone"}},
        Bad{"WalletContact", R"([{"op":"replace","path":"/wallets/0/contact","value":"nobody"}])", {"/wallets/0/contact"}},
        Bad{"WalletHome", R"([{"op":"replace","path":"/wallets/0/home","value":"moon"}])", {"/wallets/0/home"}},
        Bad{"LotPool", R"([{"op":"replace","path":"/wallets/0/pockets/0/lots/0/pool","value":"sad"}])", {"/wallets/0/pockets/0/lots/0/pool"}},
        Bad{"NegativeMoney", R"([{"op":"replace","path":"/wallets/0/pockets/0/open","value":-1}])", {"/wallets/0/pockets/0/open"}},
        Bad{"TwoPockets", R"([{"op":"add","path":"/wallets/0/pockets/1","value":{"business":"aroma","open":1}}])", {"/wallets/0/pockets/1/business"}}),
    [](const auto& bad) { return bad.param.what; });

TEST_F(Import, DuplicateKeysAreAFault) {
    const auto done = import_document(books, keys, R"({"venues": [], "venues": []})", clock.at, random);
    ASSERT_TRUE(std::holds_alternative<wire::JsonFaults>(done));
    EXPECT_EQ(std::get<wire::JsonFaults>(done)[0].pointer, "/venues");
}

TEST_F(Import, AWalletNeedsSomebodyWhoCanSeeIt) {
    auto document = cafe();
    document["businesses"].push_back({{"id", "other"}, {"name", "Other"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"}});
    document["wallets"].push_back({{"id", "w2"}, {"currency", "EUR"}});
    EXPECT_EQ(faults_of(document), Pointers{"/wallets/1/home"});
    document["wallets"][1]["home"] = "lim";
    EXPECT_EQ(faults_of(document), Pointers{});
}

TEST_F(Import, AWalletOfSeveralBusinessesIsSeenByAll) {
    auto document = cafe();
    document["businesses"].push_back({{"id", "other"}, {"name", "Other"}, {"currency", "EUR"}, {"zone", "Asia/Nicosia"}});
    document["wallets"][0]["pockets"].push_back({{"business", "other"}, {"open", 7}});
    EXPECT_EQ(faults_of(document), Pointers{});
    EXPECT_EQ(scope_of_wallet(books, WalletId{"w1"}), BusinessId{});
    EXPECT_EQ(centre("business:w1:other"), 7);
    EXPECT_EQ(books.balance("issue:other").minor, -7);
}

}  // namespace
}  // namespace obol::ledger
