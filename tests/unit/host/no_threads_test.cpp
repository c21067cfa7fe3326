// A system that gives no more threads: this program's own pthread_create says so.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <functional>
#include <string>

#include "sync/host/pool.hpp"

namespace {
std::atomic<int> threads_left{1'000'000};
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
    using Create = int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static Create* const real = reinterpret_cast<Create*>(dlsym(RTLD_NEXT, "pthread_create"));
    if (threads_left.fetch_sub(1) <= 0) return EAGAIN;
    return real(thread, attributes, body, argument);
}

namespace obol::host {
namespace {

struct NoThreads : testing::Test {
    ~NoThreads() override { threads_left = 1'000'000; }

    static std::string refusal_of(const std::function<void()>& make) {
        try {
            make();
        } catch (const std::exception& error) {
            return error.what();
        }
        return "";
    }
    static bool blocked(int signal) {
        sigset_t now;
        pthread_sigmask(SIG_SETMASK, nullptr, &now);
        return sigismember(&now, signal) == 1;
    }
};

TEST_F(NoThreads, F22_AWorkerSaysSoAndLeavesTheSignalsAlone) {
    threads_left = 0;
    const std::string said = refusal_of([] { const Worker none("obol-test", [] {}); });
    EXPECT_NE(said.find("no thread for obol-test"), std::string::npos) << said;
    EXPECT_FALSE(blocked(SIGTERM));
}

TEST_F(NoThreads, F22_APoolThatGetsTooFewEndsThoseItHas) {
    threads_left = 2;
    const std::string said = refusal_of([] { const Pool pool("test", 3, 1); });
    EXPECT_NE(said.find("no thread for test"), std::string::npos) << said;
}

}  // namespace
}  // namespace obol::host
