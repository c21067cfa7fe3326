#include "sync/audit/body.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "sync/audit/authority.hpp"
#include "sync/audit/chain.hpp"
#include "sync/audit/meaning.hpp"

namespace {

using namespace obol;
using namespace obol::audit;

// One entry of every kind, as the writer's own test keeps them.
std::vector<Bytes> golden_bodies() {
    std::vector<Bytes> out;
    std::ifstream file("tests/golden/journal/chain.hex");
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') out.push_back(from_hex(line).value());
    }
    return out;
}

std::vector<std::string> lines_of(const std::ostringstream& said) {
    std::vector<std::string> out;
    std::istringstream in(said.str());
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

TEST(Golden, EveryEntryIsReadAndItsPostingsFollowFromItsDetail) {
    std::set<std::string> kinds;
    Digest before{};
    for (const Bytes& bytes : golden_bodies()) {
        const Result<Body> body = read_body(bytes);
        ASSERT_TRUE(body) << body.error().detail;
        EXPECT_EQ(body->prev, before) << body->seq;
        before = hash_of(bytes);
        kinds.insert(body->kind);
        const std::optional<Nets> wanted = wanted_nets(*body);
        ASSERT_TRUE(wanted) << body->kind << " is unknown to the auditor";
        EXPECT_EQ(*wanted, nets_of(body->postings)) << body->kind;
    }
    EXPECT_GE(kinds.size(), 18U);
}

TEST(Golden, AnyBitThatFlipsIsNoticed) {
    const Bytes good = golden_bodies().at(1);
    const Digest hash = hash_of(good);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
        Bytes bad = good;
        bad[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
        EXPECT_NE(hash_of(bad), hash) << bit;
        (void)read_body(bad);  // whatever it makes of it, it ends
    }
}

// What is said of the samples as rows, each changed before it is looked at.
template <class Change>
std::vector<std::string> said_of(Change change) {
    std::ostringstream said;
    Report report(said, false, "x");
    Chain chain(report, {.device = std::string(64, 'd'), .signatures = false}, {});
    std::int64_t seq = 0;
    for (const Bytes& body : golden_bodies()) {
        const Digest hash = hash_of(body);
        Row row{++seq, read_body(body)->kind, Bytes(hash.begin(), hash.end()), body, std::nullopt};
        change(row);
        chain.add(std::move(row));
    }
    chain.finish();
    std::vector<std::string> out;
    for (const std::string& line : lines_of(said)) {
        // The samples begin in generation 1 without having adopted it.
        if (!line.starts_with("generation_differs")) out.push_back(line.substr(0, line.find(" wanted=")));
    }
    return out;
}
using Lines = std::vector<std::string>;

TEST(Chain, ADifferenceIsLaidToTheHashOrTheBodyByWhoVouchesForWhich) {
    EXPECT_EQ(said_of([](Row&) {}), Lines{});
    EXPECT_EQ(said_of([](Row& row) {
                  if (row.seq == 3) row.hash[7] ^= 1;
              }),
              Lines{"hash_differs entry seq=3 column=hash"});
    EXPECT_EQ(said_of([](Row& row) {
                  if (row.seq == 3) row.body[90] ^= 1;
              }),
              Lines{"hash_differs entry seq=3 column=body"});
    EXPECT_EQ(said_of([](Row& row) {
                  if (row.seq == 3) row.hash.clear();
              }),
              Lines{"hash_differs entry seq=3 column=hash"});
    EXPECT_EQ(said_of([](Row& row) {
                  if (row.seq == 3) row.kind = "other";
              }),
              Lines{"kind_differs entry seq=3 column=kind"});
}

TEST(Chain, AnEntryThatWasWrittenAnewBreaksTheLinkThatFollowsIt) {
    const auto another_nonce = [](Row& row) {
        if (row.seq != 3) return;
        constexpr std::string_view name = "nonce";
        const auto at = std::search(row.body.begin(), row.body.end(), name.begin(), name.end());
        ASSERT_NE(at, row.body.end());
        at[static_cast<std::ptrdiff_t>(name.size()) + 4] ^= 1;
        const Digest hash = hash_of(row.body);
        row.hash.assign(hash.begin(), hash.end());
    };
    EXPECT_EQ(said_of(another_nonce), Lines{"chain_broken entry seq=4 column=body.prev"});
}

TEST(Chain, WhatALedgerBookedMustBeThere) {
    std::ostringstream said;
    Report report(said, false, "x");
    const Bytes body = golden_bodies().front();
    const Digest hash = hash_of(body);
    Chain chain(report, {.device = std::string(64, 'd'), .signatures = false}, {});
    chain.must_have(1, Digest{});
    chain.must_reach(4, "somebody");
    chain.add({1, read_body(body)->kind, Bytes(hash.begin(), hash.end()), body, std::nullopt});
    chain.finish();
    const std::vector<std::string> lines = lines_of(said);
    ASSERT_EQ(lines.size(), 3U) << said.str();
    EXPECT_TRUE(lines[0].starts_with("differs_from_ledger entry seq=1 column=hash")) << lines[0];
    EXPECT_EQ(lines[2], "tail_missing entry seq=2 to=4 known_by=somebody");
    EXPECT_TRUE(chain.missing(3));
    EXPECT_FALSE(chain.missing(1));
}

TEST(Body, NonsenseSumsToTheEndOfTheScaleAndNoFurther) {
    EXPECT_EQ(plus(INT64_MAX, 1), INT64_MAX);
    EXPECT_EQ(plus(INT64_MIN, -1), INT64_MIN);
    EXPECT_EQ(negated(INT64_MIN), INT64_MAX);
    EXPECT_EQ(sums_of({{"a", INT64_MAX, "EUR"}, {"b", INT64_MAX, "EUR"}}).at("EUR"), INT64_MAX);
}

TEST(Report, AValueThatIsNoOneWordIsQuoted) {
    std::ostringstream said;
    Report report(said, false, "x");
    report.find(Finding("code", "table")
                    .with("key", "a b")
                    .with("n", std::int64_t{-3})
                    .with("none", "")
                    .with("q", "\"\xff"));
    EXPECT_EQ(said.str(), "code table key=\"a b\" n=-3 none=\"\" q=\"\\\"\xEF\xBF\xBD\"\n");
    EXPECT_EQ(report.findings(), 1);
}

}  // namespace
