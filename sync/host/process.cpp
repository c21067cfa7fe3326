#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "sync/host/system.hpp"

namespace obol::host {

struct Worker::Impl {
    std::thread thread;
};

Worker::Worker(std::string_view name, std::function<void()> body) : impl_(std::make_unique<Impl>()) {
    // Signals belong to the main thread: a worker starts with all of them blocked.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::string refused;
    try {
        impl_->thread = std::thread(std::move(body));
    } catch (const std::system_error& error) {
        refused = error.code().message();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (!refused.empty()) {
        throw std::runtime_error("the system gives no thread for " + std::string(name) + ": " + refused);
    }
    pthread_setname_np(impl_->thread.native_handle(), std::string(name.substr(0, 15)).c_str());
}

Worker::~Worker() { impl_->thread.join(); }

void notify_service_manager(std::string_view state) { sd_notify(0, std::string(state).c_str()); }

void forbid_core_dumps() {
    umask(077);  // nor does any file that is made from now on let others read
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace obol::host
