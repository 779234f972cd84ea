/* SPDX-License-Identifier: MIT
 *
 * Linked into a copy of the program: its allocations and writes come here, and the one that the
 * environment asks for fails. FLOWSTATE_FAIL is "allocation=N", "write=N" or "short=N", which
 * writes half, and "@FD" after it names the descriptor that is told, by one octet, when that came
 * to pass.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__real_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
ssize_t __real_write(int fd, const void *octets, size_t len);

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
ssize_t __wrap_write(int fd, const void *octets, size_t len);

/* Whether this is the n-th call of the kind that is to fail. */
static bool is_the_one(const char *kind)
{
    static atomic_long calls; /* of that kind */
    const char *wish = getenv("FLOWSTATE_FAIL"), *teller;
    size_t len = strlen(kind);

    if (!wish || strncmp(wish, kind, len) != 0 || wish[len] != '=')
        return false;
    if (atomic_fetch_add(&calls, 1) + 1 != strtol(wish + len + 1, NULL, 10))
        return false;
    teller = strchr(wish, '@');
    return teller && __real_write((int)strtol(teller + 1, NULL, 10), "x", 1) == 1;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return is_the_one("allocation") ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
    return is_the_one("allocation") ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_the_one("allocation") ? NULL : __real_realloc(old, size);
}

char *__wrap_strdup(const char *text)
{
    return is_the_one("allocation") ? NULL : __real_strdup(text);
}

char *__wrap_strndup(const char *text, size_t len)
{
    return is_the_one("allocation") ? NULL : __real_strndup(text, len);
}

ssize_t __wrap_write(int fd, const void *octets, size_t len)
{
    if (is_the_one("write")) {
        errno = ENOSPC;
        return -1;
    }
    return __real_write(fd, octets, len > 1 && is_the_one("short") ? len / 2 : len);
}
