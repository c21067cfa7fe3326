#include <gtest/gtest.h>

#include <limits>

#include "sync/journal/receipt_token.hpp"

namespace obol::journal {
namespace {

class Counting final : public Random {
public:
    explicit Counting(std::uint8_t from) : next_(from) {}
    void fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = next_++;
    }

private:
    std::uint8_t next_;
};

crypto::SigningKey key_of(std::uint8_t seed) {
    Counting random{seed};
    return crypto::SigningKey::generate(random);
}

ReceiptToken usual() {
    ReceiptToken out;
    out.key_id = key_id_of(key_of(1).public_key());
    out.device = "NIC1";
    out.counter = 123;
    out.seq = 4711;
    out.at = parse_rfc3339("2026-11-22T16:30:00.250Z").value();
    out.operation = ReceiptOf::purchase;
    out.id = "0198f2ab-1234-7abc-8def-0123456789ab";
    out.amount = Amount{2530};
    out.currency = Currency::parse("EUR").value();
    for (std::size_t i = 0; i < out.head.size(); ++i) out.head[i] = static_cast<std::uint8_t>(i * 7);
    return out;
}

ReceiptToken longest() {
    ReceiptToken out = usual();
    out.device = std::string(longest_receipt_device, 'W');
    out.counter = out.seq = std::numeric_limits<std::int64_t>::max();
    out.at = parse_rfc3339("9999-12-31T23:59:59.999Z").value();
    out.amount = Amount{std::numeric_limits<std::int64_t>::min()};
    return out;
}

std::string code_of(const Result<SignedReceipt>& got) { return got ? "" : got.error().code; }

// What a forger, or a careless encoder, would send: these bytes behind the prefix.
std::string text_of(const Bytes& bytes) { return "OBOL1" + to_base32(bytes); }
Bytes bytes_of(const std::string& token) { return from_base32(std::string_view(token).substr(5)).value(); }

TEST(ReceiptToken, TellsWhatItWasMadeOfAndWhoseItIs) {
    for (const ReceiptToken& token : {usual(), longest()}) {
        const std::string text = sign_receipt(token, key_of(1));
        const Result<SignedReceipt> got = decode_receipt(text);
        ASSERT_TRUE(got) << got.error().detail;
        EXPECT_EQ(got->token, token);
        EXPECT_EQ(got->token.number(), token.device + "-" + std::to_string(token.counter));
        EXPECT_TRUE(claims_to_be_receipt_token(text));
        EXPECT_TRUE(verify_receipt(*got, key_of(1).public_key()));
        EXPECT_FALSE(verify_receipt(*got, key_of(2).public_key()));
    }
    EXPECT_EQ(sign_receipt(longest(), key_of(1)).size(), longest_receipt_token);
}

TEST(ReceiptToken, IsWordedForTheAlphanumericModeOfQrCodes) {
    const std::string text = sign_receipt(usual(), key_of(1));
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), std::string::npos) << text;
    EXPECT_LE(text.size(), 262u) << "what a QR code of version 9 holds at level M";
}

// The format is on paper for years: this token was made by the first version.
TEST(ReceiptToken, StaysReadable) {
    const std::string text = sign_receipt(usual(), key_of(1));
    EXPECT_EQ(text, "OBOL1MW3AM46W5WEEWBCOJFBTC67HES5KRX5AUA2ACAIBTDZKWERUPK6I33YBENCWPCNLYQTUKVKSAAD"
                    "Q4FI4EMVDCOB7IZGVIW3CNFYHO7UFRSJZVINIV63L3RGL2LM462CHAKVFLAJI5XJ22BFGV7VQBZUY53P"
                    "SFQ6MOOJGOVQZB4JC356K5HRWVHUAXWCGDL7MHPBDQTCUQX6U3HXQMB2VHC27DTIKPT7MBM");
    const Bytes body = decode_receipt(text)->body;
    EXPECT_EQ(to_hex(ByteView(body).subspan(8)),
              "04" "4e494331" "7b" "e724" + to_hex(ByteView(body).subspan(16, 6)) + "01" "010198f2ab12347abc8def0123456789ab" "c427" "455552" +
                  to_hex(usual().head));
    EXPECT_EQ(to_hex(ByteView(body).first(8)), crypto::device_id_of(key_of(1).public_key()).substr(0, 16));
}

TEST(ReceiptToken, EachChangedBitIsNoticed) {
    const std::string text = sign_receipt(usual(), key_of(1));
    const Bytes good = bytes_of(text);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes changed = good;
        changed[bit / 8] = static_cast<std::uint8_t>(changed[bit / 8] ^ 1u << bit % 8);
        const Result<SignedReceipt> got = decode_receipt(text_of(changed));
        EXPECT_FALSE(got && verify_receipt(*got, key_of(1).public_key())) << "bit " << bit;
    }
}

TEST(ReceiptToken, OneReceiptHasOneText) {
    const std::string text = sign_receipt(usual(), key_of(1));
    std::string lower = text;
    for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const std::string& other : {text + "A", text + "=", text + " ", " " + text, text + text, lower,
                                     text.substr(0, text.size() - 1), text.substr(0, 90), std::string("OBOL1"),
                                     "obol1" + text.substr(5), std::string("OBOL"), std::string(), text + "\n"}) {
        EXPECT_EQ(code_of(decode_receipt(other)), "token_malformed") << other;
    }
    // The bits that fill the last digit are zero.
    const std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    const std::size_t spare = (text.size() - 5) * 5 % 8;
    ASSERT_GT(spare, 0u);
    std::string filled = text;
    filled.back() = digits[digits.find(filled.back()) ^ 1];
    EXPECT_EQ(code_of(decode_receipt(filled)), "token_malformed");
}

TEST(ReceiptToken, NumbersHaveTheirShortestFormAlone) {
    const Bytes good = bytes_of(sign_receipt(usual(), key_of(1)));
    const std::size_t counter = 8 + 1 + 4;
    ASSERT_EQ(good[counter], 123);
    Bytes padded = good;
    padded[counter] = 123 | 0x80;
    padded.insert(padded.begin() + counter + 1, 0);
    EXPECT_EQ(code_of(decode_receipt(text_of(padded))), "token_malformed");

    Bytes zero = good;
    zero[counter] = 0;  // receipts are counted from 1
    EXPECT_EQ(code_of(decode_receipt(text_of(zero))), "token_malformed");

    Bytes endless = good;
    endless.insert(endless.begin() + counter, 12, std::uint8_t{0xFF});
    EXPECT_EQ(code_of(decode_receipt(text_of(endless))), "token_malformed");
}

TEST(ReceiptToken, NamesOfDevicesCurrenciesAndOperationsAreThoseThereAre) {
    const Bytes good = bytes_of(sign_receipt(usual(), key_of(1)));
    const auto changed = [&](std::size_t at, std::uint8_t byte) {
        Bytes out = good;
        out[at] = byte;
        return code_of(decode_receipt(text_of(out)));
    };
    const std::size_t name = 9, operation = good.size() - 64 - 32 - 3 - 2 - 17 - 1, currency = operation + 20;
    ASSERT_EQ(good[operation], 1);
    ASSERT_EQ(good[currency], 'E');
    EXPECT_EQ(changed(8, 0), "token_malformed");
    EXPECT_EQ(changed(8, 255), "token_malformed");
    EXPECT_EQ(changed(name, ' '), "token_malformed");
    EXPECT_EQ(changed(operation, 0), "token_malformed");
    EXPECT_EQ(changed(operation, 9), "token_malformed");
    EXPECT_EQ(changed(operation, 8), "");
    EXPECT_EQ(changed(operation + 1, 2), "token_malformed");
    EXPECT_EQ(changed(currency, 'e'), "token_malformed");
    EXPECT_EQ(changed(currency, 'Q'), "token_malformed");
}

TEST(ReceiptToken, AnIdThatIsNoUuidIsLeftOut) {
    for (const char* id : {"", "p1", "0198F2AB-1234-7ABC-8DEF-0123456789AB", "0198f2ab-1234-7abc-8def-0123456789a-"}) {
        ReceiptToken token = usual();
        token.id = id;
        EXPECT_EQ(decode_receipt(sign_receipt(token, key_of(1)))->token.id, "") << id;
    }
}

TEST(ReceiptToken, OfALaterVersionSaysSo) {
    std::string text = sign_receipt(usual(), key_of(1));
    text[4] = '2';
    EXPECT_TRUE(claims_to_be_receipt_token(text));
    EXPECT_EQ(code_of(decode_receipt(text)), "token_version");
    EXPECT_FALSE(claims_to_be_receipt_token("OBOL12345678")) << "a code of a pass";
}

TEST(ReceiptToken, NumbersOfReceiptsAreTakenApartAsTheyWerePutTogether) {
    EXPECT_EQ(receipt_number_parts("NIC1-123"), (std::pair<std::string, std::int64_t>{"NIC1", 123}));
    EXPECT_EQ(receipt_number_parts("NIC1-2-7"), (std::pair<std::string, std::int64_t>{"NIC1-2", 7}));
    for (const char* bad : {"", "NIC1", "NIC1-", "-1", "NIC1-0", "NIC1-01", "NIC1-1a", "NIC1-99999999999999999999", "N C-1",
                            "ANAMEOFTWENTYFIVELETTERSX-1"}) {
        EXPECT_EQ(receipt_number_parts(bad), std::nullopt) << bad;
    }
}

TEST(ReceiptToken, OperationsAreWordedAsInReceipts) {
    for (int i = 1; i <= 8; ++i) {
        const auto operation = static_cast<ReceiptOf>(i);
        EXPECT_EQ(receipt_of_named(name_of(operation)), operation);
    }
    EXPECT_EQ(name_of(ReceiptOf::purchase_void), "void");
    EXPECT_EQ(receipt_of_named("sale"), std::nullopt);
}

}  // namespace
}  // namespace obol::journal
