#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <thread>

#include "sync/host/pool.hpp"
#include "sync/host/system.hpp"

namespace obol::host {
namespace {

struct Host : testing::Test {
    std::string dir = [] {
        std::string pattern = testing::TempDir() + "obol-host-XXXXXX";
        return std::string(mkdtemp(pattern.data()));
    }();
    ~Host() override { std::filesystem::remove_all(dir); }

    static unsigned mode_of(const std::string& path) {
        struct stat found {};
        EXPECT_EQ(::stat(path.c_str(), &found), 0);
        return found.st_mode & 07777;
    }
};

TEST_F(Host, AFileReadsBackAsWrittenWithItsMode) {
    const std::string path = dir + "/key";
    const std::string content("binary \0 and\nlines", 18);
    ASSERT_TRUE(write_file_atomically(path, content, 0600));
    EXPECT_EQ(read_file(path).value(), content);
    EXPECT_EQ(mode_of(path), 0600u);
    ASSERT_TRUE(write_file_atomically(path, "new", 0644));
    EXPECT_EQ(read_file(path).value(), "new");
    EXPECT_EQ(mode_of(path), 0644u);
}

TEST_F(Host, NothingIsLeftBesideTheFile) {
    ASSERT_TRUE(write_file_atomically(dir + "/a", "x", 0600));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir), {}), 1);
}

TEST_F(Host, MissingPlacesAreNamed) {
    EXPECT_EQ(read_file(dir + "/none").error().code, "file_unreadable");
    const auto refused = write_file_atomically(dir + "/none/a", "x", 0600);
    EXPECT_EQ(refused.error().code, "file_unwritable");
    EXPECT_NE(refused.error().detail.find(dir + "/none/a"), std::string::npos);
}

TEST_F(Host, DirectoriesAreMadeWithTheirParents) {
    ASSERT_TRUE(make_directories(dir + "/a/b/c", 0700));
    EXPECT_TRUE(file_exists(dir + "/a/b/c"));
    ASSERT_TRUE(make_directories(dir + "/a/b/c", 0700));
    ASSERT_TRUE(write_file_atomically(dir + "/a/file", "x", 0600));
    EXPECT_FALSE(make_directories(dir + "/a/file", 0700));
}

TEST_F(Host, OneStateHasOneProcess) {
    auto first = FileLock::take(dir + "/lock");
    ASSERT_TRUE(first);
    EXPECT_EQ(FileLock::take(dir + "/lock").error().code, "already_running");
    first->reset();
    EXPECT_TRUE(FileLock::take(dir + "/lock"));
}

TEST_F(Host, SpaceIsTold) {
    EXPECT_GT(free_space(dir + "/file"), 0u);
    EXPECT_EQ(free_space(dir + "/none/file"), 0u);
}

TEST_F(Host, APlaceThatTakesWritesIsNotReadOnlyNorIsOneThatIsMissing) {
    EXPECT_FALSE(read_only(dir));
    EXPECT_FALSE(read_only(dir + "/none/none"));
    ASSERT_TRUE(write_file_atomically(dir + "/of-the-reader", "x", 0400));
    EXPECT_FALSE(read_only(dir + "/of-the-reader"));  // a matter of rights
}

TEST(Comments, BecomeSpacesButNotInsideStrings) {
    EXPECT_EQ(without_comments("{\"a\": 1} // one\n2"), "{\"a\": 1}       \n2");
    EXPECT_EQ(without_comments(R"({"url": "https://x", "q": "\"//"})"), R"({"url": "https://x", "q": "\"//"})");
    EXPECT_EQ(without_comments("a/b"), "a/b");
}

TEST(Clocks, TellTimeAndBoot) {
    SystemWallClock wall;
    SystemBootClock boot;
    EXPECT_GT(wall.now(), parse_rfc3339("2024-01-01T00:00:00Z").value());
    EXPECT_GT(boot.since_boot().count(), 0);
    EXPECT_EQ(boot.boot_id().size(), 36u);
}

TEST(Worker, HasRunWhenItIsGone) {
    std::atomic<int> count{0};
    { const Worker worker("a-name-that-is-much-too-long", [&count] { count = 7; }); }
    EXPECT_EQ(count, 7);
}

TEST(HostPool, RunsEachJobOnceOnItsOwnThreadsAndTakesNoMoreThanMayWait) {
    std::atomic<int> ran{0};
    std::mutex gate;
    gate.lock();
    {
        Pool pool("test", 1, 2);
        std::atomic<bool> started{false};
        ASSERT_TRUE(pool.add([&] {
            started = true;
            const std::lock_guard wait(gate);
            ++ran;
        }));
        while (!started) std::this_thread::yield();
        EXPECT_TRUE(pool.add([&] { ++ran; }));
        EXPECT_TRUE(pool.add([&] { ++ran; }));
        EXPECT_FALSE(pool.add([&] { ++ran; }));
        gate.unlock();
        while (ran < 3) std::this_thread::yield();
        EXPECT_TRUE(pool.add([] {}));
    }
    EXPECT_EQ(ran, 3);
}

}  // namespace
}  // namespace obol::host
