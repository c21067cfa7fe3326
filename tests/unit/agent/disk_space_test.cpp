#include "agent/store/disk_space.hpp"

#include <sys/stat.h>

#include <fstream>

#include "tests/unit/agent/store_support.hpp"

namespace obol::agent {
namespace {

using Room = DiskSpace::Room;
constexpr std::uint64_t reserve = 1 << 20;

// A disk of a size of its own, on which the reserve file, a real one, takes its part.
struct SmallDisk : testing::Test {
    ~SmallDisk() override { std::filesystem::remove_all(dir); }

    bool has_file() const { return std::filesystem::exists(file); }
    std::uint64_t free() const { return size - used - (has_file() ? reserve : 0); }
    DiskSpace space() {
        return {[this] { return free(); }, reserve, file};
    }

    std::string dir = testing_support::StoreTest::fresh_directory();
    std::string file = dir + "/reserve";
    std::uint64_t size = 10 * reserve, used = 0;
};

TEST_F(SmallDisk, HoldsItsReserveInRealBlocks) {
    DiskSpace disk = space();
    EXPECT_EQ(disk.look(false), Room::enough);
    struct stat found {};
    ASSERT_EQ(::stat(file.c_str(), &found), 0);
    EXPECT_GE(static_cast<std::uint64_t>(found.st_blocks) * 512, reserve);
    EXPECT_EQ(found.st_mode & 0777, 0600u);
}

TEST_F(SmallDisk, F15_KeepsTheReserveForWhatGivesBack) {
    DiskSpace disk = space();
    disk.look(false);
    used = 8 * reserve + reserve / 2;  // half a reserve is left beside the file
    EXPECT_EQ(disk.look(false), Room::reserve);
    EXPECT_TRUE(has_file());
    EXPECT_EQ(disk.look(true), Room::reserve);
    EXPECT_TRUE(has_file());  // there is room beside it yet, and what fills the disk would fill this too
    used = 9 * reserve - 1000;
    EXPECT_EQ(disk.look(true), Room::reserve);
    EXPECT_FALSE(has_file());
    used = 8 * reserve + reserve / 2;
    // With the file gone there is more than one reserve, which is for giving back all the same.
    EXPECT_EQ(disk.look(false), Room::reserve);
    used = 10 * reserve;
    EXPECT_EQ(disk.look(true), Room::none);
}

TEST_F(SmallDisk, F15_GoesOnOnceThereIsRoomForBothAndNotBefore) {
    DiskSpace disk = space();
    disk.look(false);
    used = 9 * reserve;
    disk.look(true);
    used = 8 * reserve + 1;
    EXPECT_EQ(disk.look(false), Room::reserve);
    EXPECT_FALSE(has_file());
    used = 8 * reserve;
    EXPECT_EQ(disk.look(false), Room::enough);
    EXPECT_TRUE(has_file());
}

TEST_F(SmallDisk, FindsTheReserveOfAnEarlierRun) {
    space().look(false);
    ASSERT_TRUE(has_file());
    used = 9 * reserve;
    DiskSpace disk = space();
    EXPECT_EQ(disk.look(true), Room::reserve);
    EXPECT_FALSE(has_file());
}

TEST_F(SmallDisk, TakesAHalfWrittenReserveAnew) {
    std::ofstream(file) << "torn";
    DiskSpace disk = space();
    EXPECT_EQ(disk.look(false), Room::enough);
    EXPECT_EQ(std::filesystem::file_size(file), reserve);
}

TEST_F(SmallDisk, DoesWithoutAFileThatCannotBe) {
    file = dir + "/nowhere/reserve";
    DiskSpace disk = space();
    // No reserve beside it: what sells must stop one reserve earlier.
    EXPECT_EQ(disk.look(false), Room::reserve);
}

TEST_F(SmallDisk, F17_OnAReadOnlyDiskThereIsRoomForNobody) {
    bool fixed = true;
    DiskSpace disk{[this] { return free(); }, reserve, file, [&fixed] { return fixed; }};
    EXPECT_EQ(disk.look(true), Room::read_only);
    EXPECT_FALSE(has_file());
    fixed = false;
    EXPECT_EQ(disk.look(false), Room::enough);
    EXPECT_TRUE(has_file());
}

TEST_F(SmallDisk, WithoutABoundItNeverLooks) {
    DiskSpace disk{[]() -> std::uint64_t { throw std::logic_error("looked"); }, 0, file};
    EXPECT_EQ(disk.look(true), Room::enough);
}

}  // namespace
}  // namespace obol::agent
