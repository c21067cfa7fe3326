// Preloaded into a program under test: the system gives it FEW_THREADS threads and then no more, as a limit on
// processes would. No other program is meant to use this.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int made;

int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
    static int (*real)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    if (!real) *(void**)&real = dlsym(RTLD_NEXT, "pthread_create");
    const char* few = getenv("FEW_THREADS");
    if (few && atomic_fetch_add(&made, 1) >= atoi(few)) return EAGAIN;
    return real(thread, attributes, body, argument);
}
