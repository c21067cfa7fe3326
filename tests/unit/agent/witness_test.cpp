// The witness outside the state (PROTOCOL.md A7, W7d, M12).

#include "agent/witness.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace obol::agent {
namespace {

class WitnessFile : public ::testing::Test {
protected:
    WitnessFile() {
        std::string made = ::testing::TempDir() + "obol-witness-XXXXXX";
        folder = ::mkdtemp(made.data());
        path = folder + "/there/witness";
    }
    ~WitnessFile() override { std::filesystem::remove_all(folder); }

    static Witnessed at(std::int64_t seq) {
        Witnessed out{DeviceId{std::string(64, 'a')}, {seq, {}}};
        out.head.hash.fill(static_cast<std::uint8_t>(seq));
        return out;
    }
    void spoil(std::streamoff where) {
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(where);
        file.put('\x5a');
    }

    std::string folder, path;
};

TEST_F(WitnessFile, SaysWhatWasWrittenLastAlsoAfterItWasOpenedAnew) {
    EXPECT_FALSE(Witness::read(path));
    {
        auto witness = Witness::open(path);
        ASSERT_TRUE(witness);
        EXPECT_FALSE(Witness::read(path));
        for (std::int64_t seq = 0; seq < 5; ++seq) {
            ASSERT_TRUE((*witness)->write(at(seq)));
            EXPECT_EQ(Witness::read(path), at(seq));
        }
    }
    auto again = Witness::open(path);
    ASSERT_TRUE((*again)->write(at(5)));
    EXPECT_EQ(Witness::read(path), at(5));
}

TEST_F(WitnessFile, ATornWriteLeavesTheOneBefore) {
    auto witness = Witness::open(path);
    (*witness)->write(at(1));  // slot 0
    (*witness)->write(at(2));  // slot 1
    spoil(512 + 20);
    EXPECT_EQ(Witness::read(path), at(1));
    // The next one takes the slot that is of no use.
    auto again = Witness::open(path);
    (*again)->write(at(3));
    EXPECT_EQ(Witness::read(path), at(3));
    spoil(20);
    EXPECT_EQ(Witness::read(path), at(3));
    spoil(512 + 20);
    EXPECT_FALSE(Witness::read(path));
}

TEST_F(WitnessFile, TheThreadWritesTheNewestInTheEnd) {
    auto witness = Witness::open(path);
    {
        WitnessThread thread(**witness);
        for (std::int64_t seq = 1; seq <= 1000; ++seq) thread.follow(at(seq));
        for (int tries = 0; tries < 100'000 && Witness::read(path) != at(1000); ++tries) std::this_thread::yield();
        EXPECT_EQ(Witness::read(path), at(1000));
    }
}

TEST(WitnessDoubt, W7d_A7_AWitnessAheadOfTheStateOrOfAnotherJournalIsARollback) {
    const DeviceId device{"d"};
    journal::Hash one{}, other{};
    other.fill(1);
    const Witnessed state{device, {7, one}};
    EXPECT_FALSE(doubt_of(Witnessed{device, {7, one}}, state, one));
    EXPECT_FALSE(doubt_of(Witnessed{device, {3, one}}, state, one));  // it lags: a loss of power
    EXPECT_FALSE(doubt_of(Witnessed{device, {0, {}}}, state, std::nullopt));
    EXPECT_TRUE(doubt_of(Witnessed{device, {8, one}}, state, std::nullopt)->starts_with("rollback"));
    EXPECT_TRUE(doubt_of(Witnessed{device, {3, other}}, state, one)->starts_with("rollback"));
    EXPECT_TRUE(doubt_of(Witnessed{device, {3, one}}, state, std::nullopt)->starts_with("rollback"));
}

TEST(WitnessDoubt, M12_AStateWithoutItsWitnessWaitsForSomebodyToAnswerForIt) {
    const Witnessed state{DeviceId{"d"}, {7, {}}};
    EXPECT_TRUE(doubt_of(std::nullopt, state, std::nullopt)->starts_with(witness_missing));
    EXPECT_TRUE(doubt_of(Witnessed{DeviceId{"another"}, {7, {}}}, state, journal::Hash{})->starts_with(witness_missing));
}

}  // namespace
}  // namespace obol::agent
