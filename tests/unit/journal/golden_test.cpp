// The written format, kept still: each sample in tests/golden/journal is a chain of entries, one
// body a line in hex. With OBOL_GOLDEN_WRITE=1 the test writes them anew; a change of bytes is then
// a change of the format, and wants a new version number.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/unit/journal/samples.hpp"

namespace obol::journal {
namespace {

constexpr const char* chain_file = "tests/golden/journal/chain.hex";
constexpr const char* head_file = "tests/golden/journal/chain.head";

// Nothing here may depend on the machine, not even on its time-zone database.
std::vector<Record> samples_of_the_format() {
    std::vector<Record> records = samples::one_of_each();
    for (Record& record : records) {
        if (auto* purchase = std::get_if<Purchase>(&record)) {
            purchase->facts.zone_version = "2025b";
            purchase->digest = facts_digest(*purchase);
        }
    }
    return records;
}

std::vector<Bytes> write_chain(const std::vector<Record>& records) {
    std::vector<Bytes> bodies;
    Head head;
    for (const Record& record : records) {
        Entry entry;
        entry.device = DeviceId(std::string(64, 'd'));
        entry.kind = kind_of(record);
        entry.nonce.fill(static_cast<std::uint8_t>(head.seq + 1));
        entry.wall = samples::noon + std::chrono::seconds{head.seq};
        entry.boot = Millis{1000 * head.seq};
        entry.boot_id = "5e0f7a52-golden";
        entry.generation = 1;
        entry.postings = postings_of(record);
        entry.detail = to_detail(record);
        Sealed sealed = seal(entry, head);
        head = {entry.seq, sealed.hash};
        bodies.push_back(std::move(sealed.body));
    }
    return bodies;
}

std::vector<std::string> read_lines(const char* path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) {
        if (!line.empty() && line[0] != '#') lines.push_back(line);
    }
    return lines;
}

TEST(Golden, ChainIsWrittenAsItAlwaysWas) {
    const std::vector<Bytes> bodies = write_chain(samples_of_the_format());
    if (std::getenv("OBOL_GOLDEN_WRITE")) {
        std::ofstream file(chain_file);
        file << "# One entry a line: the canonical body in hex. Format: sync/journal/README.md.\n";
        for (const Bytes& body : bodies) file << to_hex(body) << "\n";
    }
    const std::vector<std::string> golden = read_lines(chain_file);
    ASSERT_EQ(golden.size(), bodies.size()) << "run from the root of the tree";
    for (std::size_t i = 0; i < golden.size(); ++i)
        EXPECT_EQ(to_hex(bodies[i]), golden[i]) << "entry " << i + 1;
}

TEST(Golden, ChainStillReads) {
    const std::vector<std::string> golden = read_lines(chain_file);
    const std::vector<Record> records = samples_of_the_format();
    ASSERT_EQ(golden.size(), records.size()) << "run from the root of the tree";
    Head head;
    for (std::size_t i = 0; i < golden.size(); ++i) {
        const Bytes body = *from_hex(golden[i]);
        const Result<Entry> entry = follow(head, body);
        ASSERT_TRUE(entry) << entry.error().detail;
        const Result<Record> record = from_detail(entry->kind, entry->detail);
        ASSERT_TRUE(record) << entry->kind << ": " << record.error().detail;
        EXPECT_EQ(*record, records[i]) << entry->kind;
        EXPECT_EQ(entry->postings, postings_of(*record));
        head = {entry->seq, hash_of(body)};
    }
    if (std::getenv("OBOL_GOLDEN_WRITE")) std::ofstream(head_file) << "# Hash of the last entry of chain.hex.\n" << to_hex(head.hash) << "\n";
    EXPECT_EQ(to_hex(head.hash), read_lines(head_file).at(0));
}

}  // namespace
}  // namespace obol::journal
