#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "agent/journal_export.hpp"
#include "sync/crypto/crypto.hpp"

namespace obol::agent {
namespace {

Result<ExportSummary> check_export(const std::string& text) {
    std::vector<ExportPiece> pieces;
    pieces.push_back({"one", std::make_unique<std::istringstream>(text)});
    return check_exports(std::move(pieces));
}

// A chain of alarms, signed at every second entry and at the last.
class JournalExportTest : public ::testing::Test {
protected:
    JournalExportTest() { grow(5); }

    void grow(int last) {
        for (int i = static_cast<int>(chain.size()) + 1; i <= last; ++i) {
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
            if (i % 2 == 0 || i == last) listed.signature = to_base64(key.sign(journal::signed_text(device, head)));
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

    journal::Head head_at(std::int64_t seq) const {
        journal::Head out{seq, {}};
        if (seq == 0) return out;
        const Bytes hash = from_hex(chain[static_cast<std::size_t>(seq) - 1].hash).value();
        std::ranges::copy(hash, out.hash.begin());
        return out;
    }
    // What `export --after AFTER` wrote when the journal ended with entry `last`, which closed a group.
    std::string piece(std::int64_t after, std::int64_t last) const {
        const auto public_key = key.public_key();
        std::string out =
            to_line(ExportHeader{device, {public_key.begin(), public_key.end()}, "nic", head_at(after)}) + "\n";
        for (std::int64_t seq = after + 1; seq <= last; ++seq) {
            ListedEntry entry = chain[static_cast<std::size_t>(seq) - 1];
            if (seq == last) entry.signature = to_base64(key.sign(journal::signed_text(device, head_at(seq))));
            out += to_line(entry) + "\n";
        }
        return out + to_trailer_line(head_at(last)) + "\n";
    }
    // What is said of files A, B, C … of these texts.
    static std::string said_of(const std::vector<std::string>& texts) {
        std::vector<ExportPiece> pieces;
        for (const std::string& text : texts) {
            std::string name(1, static_cast<char>('A' + pieces.size()));
            pieces.push_back({name, std::make_unique<std::istringstream>(text)});
        }
        const auto got = check_exports(std::move(pieces));
        if (!got) return got.error().code + " " + got.error().detail;
        return "good " + std::to_string(got->after.seq) + "-" + std::to_string(got->head.seq);
    }

    crypto::SystemRandom random;
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    DeviceId device{crypto::device_id_of(key.public_key())};
    journal::Head head;
    std::vector<ListedEntry> chain;
};

TEST_F(JournalExportTest, BelievesAChainThatIsWhole) {
    const auto got = check_export(exported());
    ASSERT_TRUE(got.has_value()) << got.error().detail;
    EXPECT_EQ(got->head, head);
    EXPECT_EQ(got->signatures, 3);
    EXPECT_EQ(got->venue, "nic");
}

TEST_F(JournalExportTest, FindsEveryChangedByteOfABody) {
    Bytes body = from_base64(chain[2].body).value();
    for (std::size_t i = 0; i < body.size(); ++i) {
        Bytes changed = body;
        changed[i] ^= 1;
        chain[2].body = to_base64(changed);
        EXPECT_NE(fault(), "good") << "byte " << i;
    }
}

TEST_F(JournalExportTest, NamesTheFirstFault) {
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

TEST_F(JournalExportTest, NoticesThatTheEndWasCutOff) {
    std::string text = exported();
    text.resize(text.rfind('\n', text.size() - 2) + 1);  // without the trailer
    EXPECT_EQ(check_export(text).error().code, "cut_short");
    EXPECT_EQ(check_export(exported() + to_line(chain[0]) + "\n").error().code, "malformed_export");
    head.hash[0] ^= 1;
    EXPECT_EQ(check_export(exported()).error().code, "head_differs");
    EXPECT_EQ(check_export("").error().code, "malformed_export");
    EXPECT_EQ(check_export("{}\n[]\n").error().code, "malformed_export");
    head.hash[0] ^= 1;
    const std::string good = exported();
    EXPECT_EQ(check_export(good.substr(0, good.find('\n') + 1) + "[]\n").error().detail, "line 2 is no entry");
}

TEST_F(JournalExportTest, BelievesPiecesInAnyOrder) {
    grow(9);
    const std::string first = piece(0, 3), second = piece(3, 4), nothing_new = piece(4, 4), rest = piece(4, 9);
    EXPECT_EQ(said_of({first, second, nothing_new, rest}), "good 0-9");
    EXPECT_EQ(said_of({rest, nothing_new, first, second}), "good 0-9");
    EXPECT_EQ(said_of({second, first, rest}), "good 0-9");
    // Of an archive's later part alone it is said where it begins.
    EXPECT_EQ(said_of({rest, second}), "good 3-9");
    EXPECT_EQ(said_of({nothing_new}), "good 4-4");
}

TEST_F(JournalExportTest, BelievesPiecesThatSayTheSameTwice) {
    grow(9);
    EXPECT_EQ(said_of({piece(0, 5), piece(3, 9)}), "good 0-9");
    EXPECT_EQ(said_of({piece(0, 9), piece(3, 5), piece(5, 9)}), "good 0-9");
    EXPECT_EQ(said_of({piece(0, 9), piece(0, 9), piece(2, 4), piece(2, 3), piece(0, 1)}), "good 0-9");
    EXPECT_EQ(said_of({piece(3, 5), piece(3, 9), piece(4, 9), piece(4, 6)}), "good 3-9");
}

TEST_F(JournalExportTest, NamesThePieceThatIsMissing) {
    grow(9);
    EXPECT_EQ(said_of({piece(5, 9), piece(0, 3)}),
              "piece_missing entries 4 to 5 are in no file: B ends before them, and A begins behind them");
    EXPECT_EQ(said_of({piece(0, 3), piece(0, 2), piece(4, 9)}),
              "piece_missing entries 4 to 4 are in no file: A ends before them, and C begins behind them");
}

TEST_F(JournalExportTest, NamesTheFileWithTheFault) {
    grow(9);
    const std::string first = piece(0, 3), rest = piece(3, 9);
    chain[3].hash[0] = chain[3].hash[0] == 'a' ? 'b' : 'a';
    EXPECT_TRUE(said_of({piece(3, 9), first}).starts_with("hash_differs A: entry 4:")) << said_of({piece(3, 9), first});
    std::string cut = rest;
    cut.resize(cut.rfind('\n', cut.size() - 2) + 1);
    EXPECT_EQ(said_of({first, cut}), "cut_short B: the export ends after entry 9 without a trailer");
    EXPECT_TRUE(said_of({first, ""}).starts_with("malformed_export B: line 1 is no header"));
}

TEST_F(JournalExportTest, NamesTwoBranchesOfOneDevice) {
    // Restored from a backup after entry 3: both branches are whole and signed by the device.
    chain.resize(3);
    head = head_at(3);
    const std::vector<ListedEntry> before = chain;
    grow(6);
    const std::string one = piece(0, 6), behind = piece(5, 6);
    chain = before;
    head = head_at(3);
    for (ListedEntry& entry : chain) entry.signature.reset();
    const auto later = from_millis(1'800'000'000'000);
    journal::Entry entry;
    entry.device = device;
    entry.kind = "alarm";
    entry.wall = later;
    entry.boot_id = "b";
    entry.detail = {{"code", "x"}, {"detail", "another"}};
    const journal::Sealed sealed = journal::seal(entry, head);
    head = {entry.seq, sealed.hash};
    chain.push_back({entry.seq, entry.kind, to_rfc3339(later), to_hex(sealed.hash), to_base64(sealed.body), {}});
    grow(7);
    EXPECT_EQ(said_of({one, piece(3, 7)}),
              "pieces_differ entry 4 is another in B than in the files before it, of which A reaches furthest");
    EXPECT_EQ(said_of({piece(0, 7), behind}),
              "pieces_differ entry 5 is another in B than in the files before it, of which A reaches furthest");
    EXPECT_EQ(said_of({one, piece(6, 7)}),
              "pieces_differ entry 6 is another in B than in the files before it, of which A reaches furthest");
}

TEST_F(JournalExportTest, NamesAPieceThatLinksToAnotherEntryThanItSays) {
    std::string lying = piece(3, 5);
    const std::string hash = chain[2].hash;
    lying.replace(lying.find(hash), hash.size(), std::string(64, '0'));
    EXPECT_TRUE(said_of({lying}).starts_with("chain_broken entry 4")) << said_of({lying});
    for (const char* after : {R"({"seq":0,"hash":")", R"({"hash":")", R"("3")", R"({"seq":"3","hash":")"}) {
        std::string text = piece(3, 5);
        text.replace(text.find(R"({"seq":3,"hash":")"), 17, after);
        EXPECT_TRUE(said_of({text}).starts_with("malformed_export line 1")) << text;
    }
}

TEST_F(JournalExportTest, NamesAnotherDevicesPiece) {
    const std::string ours = piece(0, 3);
    std::string elsewhere = piece(3, 5);
    elsewhere.replace(elsewhere.find("\"nic\""), 5, "\"lim\"");
    EXPECT_EQ(said_of({ours, elsewhere}), "other_venue B: is of venue lim, and A of another");
    key = crypto::SigningKey::generate(random);
    device = DeviceId{crypto::device_id_of(key.public_key())};
    chain.clear();
    head = {};
    grow(5);
    EXPECT_TRUE(said_of({ours, piece(3, 5)}).starts_with("other_device B: is of device " + device.text));
}

TEST_F(JournalExportTest, ReadsNoLineWithoutABound) {
    std::string text = piece(0, 2);
    const std::size_t second = text.find('\n') + 1;
    text.insert(second, std::string(longest_export_line + 1, 'x'));
    EXPECT_EQ(said_of({text}), "malformed_export line 2 is longer than any entry");
    EXPECT_EQ(said_of({piece(0, 2) + std::string(longest_export_line + 1, ' ')}), "malformed_export line 5 follows the trailer");
    EXPECT_EQ(said_of({std::string(longest_export_line + 1, '{')}), "malformed_export line 1 is no header of obol-journal/1");
}

TEST_F(JournalExportTest, RefusesAKeyThatIsNotTheDevices) {
    key = crypto::SigningKey::generate(random);
    EXPECT_TRUE(fault().starts_with("wrong_key")) << fault();
    const ExportHeader header{device, Bytes(5, 1), "nic", {}};  // of another length than any key
    EXPECT_EQ(check_export(to_line(header) + "\n").error().code, "wrong_key");
}

}  // namespace
}  // namespace obol::agent
