// Exports of one device, whole and in pieces, as the auditor reads them.

#include "sync/audit/export_file.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "sync/journal/entry.hpp"

namespace obol::audit {
namespace {

using Json = nlohmann::ordered_json;

// A chain of alarms; every third is signed, and what a piece ends with.
struct ExportTest : testing::Test {
    ExportTest() {
        for (int i = 1; i <= 9; ++i) add("x");  // entry 1 is of another kind
    }

    void add(const std::string& code) {
        journal::Entry entry;
        entry.device = DeviceId{device};
        entry.kind = chain.empty() ? "generation_adopted" : "alarm";
        entry.wall = from_millis(1'700'000'000'000 + static_cast<std::int64_t>(chain.size()));
        entry.boot_id = "b";
        entry.generation = chain.empty() ? 0 : 3;
        entry.detail = chain.empty() ? journal::Map{{"generation", 3}} : journal::Map{{"code", code}, {"detail", "y"}};
        const journal::Head before = chain.empty() ? journal::Head{} : chain.back().head;
        const journal::Sealed sealed = journal::seal(entry, before);
        chain.push_back({{entry.seq, sealed.hash}, sealed.body, entry.kind, to_rfc3339(entry.wall)});
    }

    struct Link {
        journal::Head head;
        Bytes body;
        std::string kind, at;
    };
    journal::Head head_at(std::int64_t seq) const {
        return seq == 0 ? journal::Head{} : chain[static_cast<std::size_t>(seq) - 1].head;
    }
    static Json said(const journal::Head& head) { return {{"seq", head.seq}, {"hash", to_hex(head.hash)}}; }
    std::vector<Json> lines(std::int64_t after, std::int64_t last) const {
        std::vector<Json> out;
        out.push_back({{"format", "obol-journal/1"}, {"device", device}, {"public_key", to_hex(key.public_key())},
                       {"venue", "nic"}});
        if (after > 0) out[0]["after"] = said(head_at(after));
        for (std::int64_t seq = after + 1; seq <= last; ++seq) {
            const Link& link = chain[static_cast<std::size_t>(seq) - 1];
            Json line{{"seq", seq}, {"kind", link.kind}, {"at", link.at}, {"hash", to_hex(link.head.hash)},
                      {"body", to_base64(link.body)}};
            if (seq == last || seq % 3 == 0) {
                line["signature"] = to_base64(key.sign(journal::signed_text(DeviceId{device}, link.head)));
            }
            out.push_back(line);
        }
        out.push_back({{"head", said(head_at(last))}});
        return out;
    }
    static std::string text_of(const std::vector<Json>& lines) {
        std::string out;
        for (const Json& line : lines) out += line.dump() + "\n";
        return out;
    }
    std::string piece(std::int64_t after, std::int64_t last) const { return text_of(lines(after, last)); }

    // What is said of files A, B, C … of these texts, without the summary; empty: no finding.
    static std::string said_of(const std::vector<std::string>& texts) {
        std::vector<ExportPiece> pieces;
        Known known;
        for (const std::string& text : texts) {
            std::istringstream first(text);
            const ExportHeader header = read_export_header(first);
            if (header.key) known.keys[header.device] = *header.key;
            pieces.push_back({std::string(1, static_cast<char>('A' + pieces.size())),
                              std::make_unique<std::istringstream>(text), header});
        }
        std::ostringstream out;
        Report report(out, false, "all");
        audit_exports(std::move(pieces), report, known);
        std::string said = out.str();
        const std::size_t summary = said.rfind("export of venue nic: ");
        said.resize(summary);
        const std::size_t note = said.find("note all: begins after entry ");
        if (note != std::string::npos) said.erase(note, said.find('\n', note) + 1 - note);
        return said;
    }

    crypto::SystemRandom random;
    crypto::SigningKey key = crypto::SigningKey::generate(random);
    std::string device = crypto::device_id_of(key.public_key());
    std::vector<Link> chain;
};

TEST_F(ExportTest, PiecesInAnyOrderAreOneJournal) {
    EXPECT_EQ(said_of({piece(0, 9)}), "");
    EXPECT_EQ(said_of({piece(0, 4), piece(4, 5), piece(5, 5), piece(5, 9)}), "");
    EXPECT_EQ(said_of({piece(5, 9), piece(0, 4), piece(4, 5)}), "");
    EXPECT_EQ(said_of({piece(4, 9)}), "");
    EXPECT_EQ(said_of({piece(6, 9), piece(4, 6)}), "");
    EXPECT_EQ(said_of({piece(4, 4)}), "");
}

TEST_F(ExportTest, PiecesMaySayTheSameTwice) {
    EXPECT_EQ(said_of({piece(0, 9), piece(0, 9)}), "");
    EXPECT_EQ(said_of({piece(0, 6), piece(2, 4), piece(3, 9), piece(3, 5)}), "");
}

TEST_F(ExportTest, ALatePieceSaysWhatWasNotChecked) {
    std::ostringstream out;
    Report report(out, false, "all");
    std::istringstream first(piece(4, 9));
    std::vector<ExportPiece> pieces;
    pieces.push_back({"A", std::make_unique<std::istringstream>(piece(4, 9)), read_export_header(first)});
    audit_exports(std::move(pieces), report, {});
    EXPECT_EQ(out.str(),
              "note all: begins after entry 4: what stands before it was not checked, nor what was held and asked\n"
              "export of venue nic: 5 entries, 0 postings, 2 signatures verified, no findings\n");
}

TEST_F(ExportTest, AMissingPieceIsNamed) {
    EXPECT_EQ(said_of({piece(0, 3), piece(5, 9)}), "seq_missing entry seq=4 to=5\n");
    EXPECT_EQ(said_of({piece(0, 3), piece(5, 5)}), "tail_missing entry seq=4 to=5 known_by=header\n");
}

TEST_F(ExportTest, AFaultIsNamedWithItsFile) {
    auto changed = lines(3, 9);
    changed[2]["kind"] = "purchase";
    EXPECT_EQ(said_of({piece(0, 3), text_of(changed)}),
              "kind_differs entry seq=5 file=B line=3 column=kind wanted=alarm met=purchase\n");
    changed = lines(3, 9);
    changed.pop_back();
    EXPECT_EQ(said_of({piece(0, 3), text_of(changed)}), "cut_short trailer file=B last=9\n");
    changed = lines(0, 3);
    changed[4]["head"]["hash"] = "00";
    EXPECT_EQ(said_of({text_of(changed), piece(3, 9)}),
              "head_differs trailer file=A column=hash wanted=" + to_hex(head_at(3).hash) + " met=00\n");
    changed = lines(3, 9);
    changed[0]["venue"] = "lim";
    EXPECT_EQ(said_of({piece(0, 3), text_of(changed)}), "venue_differs header file=B column=venue wanted=nic met=lim\n");
    changed = lines(3, 9);
    changed[0]["public_key"] = std::string(64, '0');
    EXPECT_EQ(said_of({piece(0, 3), text_of(changed)}),
              "key_differs header file=B column=public_key device=" + device + "\n");
    changed[0] = lines(3, 9)[0];
    changed[0]["after"].erase("hash");
    EXPECT_EQ(said_of({piece(0, 3), text_of(changed)}), "line_malformed line file=B line=1 column=after.hash\n");
}

TEST_F(ExportTest, APieceThatBeginsElsewhereThanItSaysIsNamed) {
    auto changed = lines(3, 9);
    changed[0]["after"]["hash"] = std::string(64, '0');
    EXPECT_EQ(said_of({piece(0, 3), text_of(changed)}), "begin_differs header file=B column=after.hash wanted=" +
                                                            to_hex(head_at(3).hash) + " met=" + std::string(64, '0') +
                                                            "\n");
    EXPECT_EQ(said_of({text_of(changed)}), "chain_broken entry seq=4 column=body.prev wanted=" + std::string(64, '0') +
                                               " met=" + to_hex(head_at(3).hash) + "\n");
}

TEST_F(ExportTest, TwoBranchesOfOneDeviceAreNamed) {
    const std::string one = piece(0, 7);
    const std::string hash = to_hex(head_at(5).hash), end = to_hex(head_at(6).hash);
    chain.resize(4);
    add("another");
    add("x");
    add("x");
    EXPECT_EQ(said_of({one, piece(4, 5)}), "pieces_differ entry file=B seq=5 line=2 column=body wanted=" + hash +
                                               " met=" + to_hex(head_at(5).hash) +
                                               "\nhead_differs trailer file=B column=hash wanted=" + hash +
                                               " met=" + to_hex(head_at(5).hash) + "\n");
    EXPECT_TRUE(said_of({one, piece(6, 7)}).starts_with("begin_differs header file=B column=after.hash wanted=" + end))
        << said_of({one, piece(6, 7)});
}

TEST_F(ExportTest, WhatIsSaidAgainIsLookedAtAsWell) {
    auto again = lines(2, 8);
    again[3]["hash"] = "00";
    EXPECT_EQ(said_of({piece(0, 9), text_of(again)}),
              "hash_differs entry file=B seq=5 line=4 column=hash wanted=" + to_hex(head_at(5).hash) + " met=00\n");
    again = lines(2, 8);
    again[4]["signature"] = to_base64(crypto::Signature{});
    EXPECT_EQ(said_of({piece(0, 9), text_of(again)}),
              "signature_wrong entry file=B seq=6 line=5 column=signature why=\"not of this device and this head\"\n");
    again = lines(2, 8);
    again.erase(again.begin() + 3);
    EXPECT_EQ(said_of({piece(0, 9), text_of(again)}), "seq_missing entry file=B seq=5\n");
    EXPECT_EQ(said_of({piece(0, 6), text_of(again)}), "seq_missing entry file=B seq=5\n");
    again = lines(2, 8);
    again.erase(again.begin() + 6);
    EXPECT_EQ(said_of({piece(0, 8), text_of(again)}), "tail_missing entry file=B seq=8 to=8 known_by=trailer\n");
    again = lines(2, 9);
    again.erase(again.begin() + 4, again.begin() + 6);
    EXPECT_EQ(said_of({piece(0, 7), text_of(again)}), "seq_missing entry file=B seq=6 to=7\n");
    again = lines(2, 8);
    again.insert(again.begin() + 2, again[2]);
    EXPECT_EQ(said_of({piece(0, 9), text_of(again)}), "seq_twice entry file=B seq=4 line=4 after=4\n");
}

TEST_F(ExportTest, ALineWithoutABoundIsNotRead) {
    std::string text = piece(0, 3);
    text.insert(text.find('\n') + 1, std::string((4 << 20) + 1, ' '));
    EXPECT_EQ(said_of({text}), "line_malformed line line=2 why=\"longer than any entry\"\n");
}

}  // namespace
}  // namespace obol::audit
