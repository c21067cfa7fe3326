// Preloaded into a program under test: "localhost" is what the file named by WRONG_NAMES says at that moment: an
// address, "fail" (no name server answers), or "hang" (none answers for as long as it says so). No other program is
// meant to use this.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int (*Lookup)(const char*, const char*, const struct addrinfo*, struct addrinfo**);

static void what_it_says(char* text, size_t size) {
    const char* path = getenv("WRONG_NAMES");
    const int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    const ssize_t got = file < 0 ? 0 : read(file, text, size - 1);
    if (file >= 0) close(file);
    text[got > 0 ? got : 0] = 0;
}

int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** found) {
    const Lookup real = (Lookup)dlsym(RTLD_NEXT, "getaddrinfo");
    if (node == NULL || strcmp(node, "localhost") != 0) return real(node, service, hints, found);
    char says[64];
    for (what_it_says(says, sizeof says); strcmp(says, "hang") == 0; what_it_says(says, sizeof says)) usleep(20000);
    if (says[0] == 0 || strcmp(says, "fail") == 0) return EAI_AGAIN;
    return real(says, service, hints, found);
}
