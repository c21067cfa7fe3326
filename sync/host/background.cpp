#include "sync/host/background.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace obol::host {

// Where the system refuses one of these, the work is done all the same, only less politely.
void work_in_the_background() {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_BATCH, &none);
    // Something is left to it: who reads a database holds back its log.
    constexpr int a_tenth = 10;
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), a_tenth);
    constexpr int of_a_process = 1, idle_class = 3 << 13;
    ::syscall(SYS_ioprio_set, of_a_process, 0, idle_class);
}

}  // namespace obol::host
