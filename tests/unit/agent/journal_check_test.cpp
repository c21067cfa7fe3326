#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/journal_check.hpp"
#include "sync/crypto/crypto.hpp"

namespace obol::agent {
namespace {

// A chain of alarms, signed at every second entry and at the last.
class JournalCheckTest : public ::testing::Test {
protected:
    JournalCheckTest() {
        for (int i = 1; i <= 5; ++i) {
            journal::Entry entry;
            entry.device = device;
            entry.kind = "alarm";
            entry.nonce[0] = static_cast<std::uint8_t>(i);
            entry.wall = from_millis(1'700'000'000'000 + i);
            entry.boot_id = "b";
            entry.detail = {{"code", "x"}, {"detail", "y"}};
            const journal::Sealed sealed = journal::seal(entry, head);
            head = {entry.seq, sealed.hash};
            ListedEntry listed{entry.seq, entry.kind, to_rfc3339(entry.wall), to_hex(sealed.hash),
                               to_base64(sealed.body), {}};
            if (i % 2 == 0 || i == 5) listed.signature = to_base64(key.sign(journal::signed_text(device, head)));
            chain.push_back(listed);
        }
    }

    std::string exported() const {
        nlohmann::ordered_json header;
        header["format"] = "obol-journal/1";
        header["device"] = device.text;
        header["public_key"] = to_hex(key.public_key());
        header["venue"] = "nic";
        std::string out = header.dump() + "\n";
        for (const ListedEntry& entry : chain) out += to_line(entry) + "\n";
        nlohmann::ordered_json trailer;
        trailer["head"] = {{"seq", head.seq}, {"hash", to_hex(head.hash)}};
        return out + trailer.dump() + "\n";
    }
    std::string fault() const {
        const auto got = check_export(exported());
        return got ? "good" : got.error().code + " " + got.error().detail;
    }

    crypto::SystemRandom random;
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    DeviceId device{crypto::device_id_of(key.public_key())};
    journal::Head head;
    std::vector<ListedEntry> chain;
};

TEST_F(JournalCheckTest, BelievesAChainThatIsWhole) {
    const auto got = check_export(exported());
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got->head, head);
    EXPECT_EQ(got->signatures, 3);
    EXPECT_EQ(got->venue, "nic");
}

TEST_F(JournalCheckTest, FindsEveryChangedByteOfABody) {
    Bytes body = from_base64(chain[2].body).value();
    for (std::size_t i = 0; i < body.size(); ++i) {
        Bytes changed = body;
        changed[i] ^= 1;
        chain[2].body = to_base64(changed);
        EXPECT_NE(fault(), "good") << "byte " << i;
    }
}

TEST_F(JournalCheckTest, NamesTheFirstFault) {
    const auto whole = chain;
    chain.erase(chain.begin() + 2);
    EXPECT_TRUE(fault().starts_with("chain_broken entry 3: is missing")) << fault();

    chain = whole;
    chain[3].hash[0] = chain[3].hash[0] == 'a' ? 'b' : 'a';
    EXPECT_TRUE(fault().starts_with("hash_differs entry 4")) << fault();

    chain = whole;
    chain[1].signature = to_base64(crypto::Signature{});
    EXPECT_TRUE(fault().starts_with("signature_wrong entry 2")) << fault();

    chain = whole;
    chain[4].signature.reset();
    EXPECT_TRUE(fault().starts_with("unsigned_tail entries 5 to 5")) << fault();

    chain = whole;
    chain[0].kind = "purchase";
    EXPECT_TRUE(fault().starts_with("label_differs entry 1")) << fault();
}

TEST_F(JournalCheckTest, NoticesThatTheEndWasCutOff) {
    std::string text = exported();
    text.resize(text.rfind('\n', text.size() - 2) + 1);  // without the trailer
    EXPECT_EQ(check_export(text).error().code, "cut_short");
    EXPECT_EQ(check_export(exported() + to_line(chain[0]) + "\n").error().code, "malformed_export");
    head.hash[0] ^= 1;
    EXPECT_EQ(check_export(exported()).error().code, "head_differs");
    EXPECT_EQ(check_export("").error().code, "malformed_export");
    EXPECT_EQ(check_export("{}\n[]\n").error().code, "malformed_export");
}

TEST_F(JournalCheckTest, RefusesAKeyThatIsNotTheDevices) {
    key = crypto::SigningKey::generate(random);
    EXPECT_TRUE(fault().starts_with("wrong_key")) << fault();
}

}  // namespace
}  // namespace obol::agent
