#include "agent/app/verify_receipt.hpp"

#include "agent/app/receipt.hpp"
#include "drivers/symbol/qr.hpp"
#include "agent/app/scan.hpp"
#include "tests/unit/agent/purchase_till.hpp"

namespace obol::agent::testing {
namespace {

class Papers : public Till {
protected:
    Papers() {
        other_device("active");
        business();
        wallet("w1", Amount{1200});
        open_shop();
    }
    Map device_fact(const std::string& state) const {
        const auto key = other.public_key();
        return {{"id", crypto::device_id_of(key)}, {"business", "aroma"}, {"venue", "paf"}, {"name", "PAF1"},
                {"public_key", Bytes(key.begin(), key.end())}, {"state", state}};
    }
    void other_device(const std::string& state) { know("device", crypto::device_id_of(other.public_key()), device_fact(state)); }
    void now_it_is(const std::string& state) {
        tell({"device", crypto::device_id_of(other.public_key()), false, device_fact(state)});
    }

    journal::ReceiptToken of_paphos() const {
        journal::ReceiptToken token;
        token.device = "PAF1";
        token.counter = 77;
        token.seq = 900;
        token.at = at("2026-11-19T10:00:00Z");
        token.id = "0198f2ab-1234-7abc-8def-0123456789ab";
        token.amount = Amount{1250};
        token.currency = Currency::parse("EUR").value();
        token.head.fill(7);
        return token;
    }
    std::string own_token() {
        bought = buy(spend(R"({"id":"w1"})", basket(700, "T-1"))).body;
        return find_receipt(*store_, context_->here, bought["receipt"]["number"].get<std::string>(), false)->qr.value();
    }
    nlohmann::json verified(const std::string& data) {
        const Got told = got(verify_receipt(*context_, data));
        EXPECT_EQ(told.status, 200) << told.text;
        return told.body;
    }
    nlohmann::json scanned(const std::string& data) { return got(run(scan(*context_, caller, data))).body; }
    static std::string reasons(const nlohmann::json& answer) {
        std::string out;
        for (const auto& each : answer.at("reasons")) out += each.at("code").get<std::string>() + " ";
        return out;
    }

    crypto::SystemRandom random;
    crypto::SigningKey other = crypto::SigningKey::generate(random);
    nlohmann::json bought;
};

TEST_F(Papers, AnOwnReceiptProvesItselfAndFitsAQrCodeOfVersionTen) {
    const std::string token = own_token();
    const nlohmann::json got = verified(token);
    EXPECT_EQ(got["valid"], true);
    EXPECT_EQ(reasons(got), "");
    EXPECT_EQ(got["receipt"]["number"], "NIC1-1");
    EXPECT_EQ(got["receipt"]["kind"], "purchase");
    EXPECT_EQ(got["receipt"]["id"], bought["id"]);
    EXPECT_EQ(got["receipt"]["amount"], 700);
    EXPECT_EQ(got["receipt"]["currency"], "EUR");
    EXPECT_EQ(got["receipt"]["entry"], bought["entry"]);
    EXPECT_EQ(got["receipt"]["venue"], "nic");
    EXPECT_EQ(drivers::qr_modules(token)->width(), 17 + 4 * 9) << "version 9";

    journal::ReceiptToken longest = of_paphos();
    longest.device = std::string(journal::longest_receipt_device, 'W');
    longest.counter = longest.seq = std::numeric_limits<std::int64_t>::max();
    longest.at = at("9999-12-31T23:59:59.999Z");
    longest.amount = Amount{std::numeric_limits<std::int64_t>::min()};
    EXPECT_EQ(drivers::qr_modules(sign_receipt(longest, other))->width(), 17 + 4 * 10) << "version 10";
}

TEST_F(Papers, OfAnotherVenueAreProvedWithoutALinkByWhatTheCentreOnceTold) {
    const std::string token = sign_receipt(of_paphos(), other);
    EXPECT_EQ(verified(token)["valid"], true);
    EXPECT_EQ(verified(token)["receipt"]["venue"], "paf");
    EXPECT_EQ(verified(token)["receipt"]["number"], "PAF1-77");

    now_it_is("revoked");
    EXPECT_EQ(verified(token)["valid"], true) << "its receipts stay genuine";
    EXPECT_EQ(reasons(verified(token)), "device_revoked ");
    now_it_is("quarantined");
    EXPECT_EQ(reasons(verified(token)), "device_quarantined ");
    now_it_is("written_off");
    EXPECT_EQ(reasons(verified(token)), "device_written_off ");
}

TEST_F(Papers, OfAKeyThatNobodyKnowsAreNotValid) {
    const crypto::SigningKey strange = crypto::SigningKey::generate(random);
    const nlohmann::json got = verified(sign_receipt(of_paphos(), strange));
    EXPECT_EQ(got["valid"], false);
    EXPECT_EQ(reasons(got), "key_unknown ");
    EXPECT_EQ(got["receipt"]["number"], "PAF1-77") << "what it claims is told";
    EXPECT_FALSE(got["receipt"].contains("venue"));
}

TEST_F(Papers, ForgedByOneDigitAreNotValid) {
    std::string token = sign_receipt(of_paphos(), other);
    token[token.size() - 30] = token[token.size() - 30] == 'A' ? 'B' : 'A';
    EXPECT_EQ(verified(token)["valid"], false);
    EXPECT_EQ(reasons(verified(token)), "signature_wrong ");
}

// Whoever got hold of the key can sign anything; the own journal knows better.
TEST_F(Papers, SignedByTheOwnKeyButNotInTheJournalAreNotValid) {
    own_token();
    journal::ReceiptToken token = of_paphos();
    EXPECT_EQ(reasons(verified(sign_receipt(token, store_->key()))), "not_in_journal ");

    const Receipt receipt = find_receipt(store_->facts(), context_->here, "NIC1-1", false).value();
    token = token_of(receipt).value();
    EXPECT_EQ(verified(sign_receipt(token, store_->key()))["valid"], true);
    token.amount += Amount{1};
    EXPECT_EQ(verified(sign_receipt(token, store_->key()))["valid"], false);
    EXPECT_EQ(reasons(verified(sign_receipt(token, store_->key()))), "journal_differs ");
}

TEST_F(Papers, AreReadHoweverTheScannerSentThem) {
    const std::string token = own_token();
    std::string lower = token;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const std::string& data : {token, "]Q1" + token + "\r\n", lower, " " + token + "\t"}) {
        EXPECT_EQ(verified(data)["valid"], true) << data;
    }
    std::string german = token;  // typed where the keys of Y and Z are exchanged
    for (char& c : german) c = c == 'Y' ? 'Z' : c == 'Z' ? 'Y' : c;
    EXPECT_EQ(verified(german)["valid"], true);
    EXPECT_EQ(reasons(verified("hello")), "token_malformed ");
    EXPECT_EQ(reasons(verified(token + "A")), "token_malformed ");
    EXPECT_EQ(reasons(verified("OBOL2" + token.substr(5))), "token_version ");
}

TEST_F(Papers, AProductIsFoundHoweverItWasScanned) {
    know("product", "aroma:4006381333931", {{"business", "aroma"}, {"sku", "4006381333931"}, {"name", "Pen"}, {"brand", ""},
                                            {"family", "Paper"}, {"type", "goods"}});
    tell(told().back());
    for (const char* data : {"4006381333931", "]E04006381333931\r", "]C10104006381333931" "10AB", "]e0(01)04006381333931",
                             "]Q1https://id.gs1.org/01/04006381333931/10/AB", "４００６３８１３３３９３１"}) {
        const nlohmann::json found = scanned(data);
        ASSERT_EQ(found["kind"], "product") << data;
        EXPECT_EQ(found["product"]["sku"], "4006381333931");
        EXPECT_EQ(found["product"]["gtin"], "04006381333931");
    }
    EXPECT_EQ(scanned("]C10104006381333931" "10AB")["elements"]["10"], "AB");
    EXPECT_EQ(scanned("c1")["product"]["sku"], "C1");
    EXPECT_EQ(scanned("4006381333932")["kind"], "unknown") << "a digit was misread";
}

TEST_F(Papers, AScanTellsThePurchaseThatMayBeGivenBack) {
    const std::string token = own_token();
    const nlohmann::json own = scanned("]Q1" + token);
    EXPECT_EQ(own["kind"], "receipt");
    EXPECT_EQ(own["receipt"]["number"], "NIC1-1");
    EXPECT_EQ(own["receipt"]["purchase"], bought["id"]);
    EXPECT_EQ(own["receipt"]["valid"], true);
    EXPECT_EQ(scanned(sign_receipt(of_paphos(), other))["receipt"]["purchase"], of_paphos().id) << "of another venue, too";

    journal::ReceiptToken refund = of_paphos();
    refund.operation = journal::ReceiptOf::refund;
    EXPECT_FALSE(scanned(sign_receipt(refund, other))["receipt"].contains("purchase"));
    const crypto::SigningKey strange = crypto::SigningKey::generate(random);
    const nlohmann::json forged = scanned(sign_receipt(of_paphos(), strange));
    EXPECT_EQ(forged["receipt"]["valid"], false);
    EXPECT_FALSE(forged["receipt"].contains("purchase"));
    EXPECT_EQ(scanned(token.substr(0, 150))["kind"], "receipt") << "half of one is no unknown code";
    EXPECT_EQ(scanned(token.substr(0, 150))["receipt"]["valid"], false);
    EXPECT_EQ(scanned("NIC1-1")["receipt"]["purchase"], bought["id"]) << "its number typed in";
}

}  // namespace
}  // namespace obol::agent::testing
