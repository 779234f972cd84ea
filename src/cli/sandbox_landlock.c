/* SPDX-License-Identifier: MIT
 *
 * Landlock: what of the file system and the network is out of reach. By raw system calls, since no
 * C library has wrappers; the structures are those of the kernel's documentation (Landlock: user
 * space), whose later versions only append.
 */
#include "cli/sandbox.h"

#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444 /* the same number on every architecture */
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif

#define CREATE_VERSION 1u
#define RULE_PATH      1

#define FS_WRITE_FILE  (UINT64_C(1) << 1)
#define FS_READ_FILE   (UINT64_C(1) << 2)
#define FS_READ_DIR    (UINT64_C(1) << 3)
#define FS_REMOVE_FILE (UINT64_C(1) << 5)
#define FS_MAKE_REG    (UINT64_C(1) << 8)
#define FS_TRUNCATE    (UINT64_C(1) << 14) /* since version 3 */
#define FS_ALL_OF_1    ((UINT64_C(1) << 13) - 1)
#define FS_ALL_OF_2    ((UINT64_C(1) << 14) - 1)
#define FS_ALL_OF_3    ((UINT64_C(1) << 15) - 1)
#define FS_ALL_OF_5    ((UINT64_C(1) << 16) - 1)
#define NET_ALL_OF_4   UINT64_C(3) /* bind and connect */
#define SCOPE_ALL_OF_6 UINT64_C(3) /* abstract sockets and signals */

#define SIZE_OF_1      8
#define SIZE_OF_4      16
#define SIZE_OF_6      24

struct ruleset {
    uint64_t handled_fs, handled_net, scoped;
};

/* Packed in the kernel's header. */
struct path_rule {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

static long supported_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
}

static uint64_t all_of(long abi)
{
    if (abi >= 5)
        return FS_ALL_OF_5;
    if (abi >= 3)
        return FS_ALL_OF_3;
    return abi == 2 ? FS_ALL_OF_2 : FS_ALL_OF_1;
}

static int make_ruleset(long abi, const struct fst_sandbox *sandbox)
{
    struct ruleset rules = {.handled_fs = all_of(abi)};
    size_t size = SIZE_OF_1;

    if (abi >= 4) {
        rules.handled_net = NET_ALL_OF_4;
        size = SIZE_OF_4;
    }
    if (abi >= 6) {
        rules.scoped = sandbox->command ? 1 : SCOPE_ALL_OF_6; /* it is outside, and signalled */
        size = SIZE_OF_6;
    }
    return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

static void allow(int ruleset, const char *path, uint64_t rights)
{
    struct path_rule rule = {rights, open(path, O_PATH | O_CLOEXEC)};

    if (rule.parent < 0)
        return;
    (void)syscall(SYS_landlock_add_rule, ruleset, RULE_PATH, &rule, 0);
    close(rule.parent);
}

void fst_sandbox_landlock(const struct fst_sandbox *sandbox)
{
    long abi = supported_version();
    int ruleset = abi < 1 ? -1 : make_ruleset(abi, sandbox);
    uint64_t rights = FS_REMOVE_FILE | FS_MAKE_REG;

    if (ruleset < 0)
        return;
    if (sandbox->creates)
        rights |= FS_WRITE_FILE | FS_READ_FILE | (abi >= 3 ? FS_TRUNCATE : 0);
    for (size_t i = 0; sandbox->directories && i < sandbox->directories->count; i++)
        allow(ruleset, sandbox->directories->path[i], rights);
    if (sandbox->reads)
        allow(ruleset, "/", FS_READ_FILE | FS_READ_DIR);
    if (sandbox->counters)
        allow(ruleset, sandbox->counters, FS_READ_FILE | FS_READ_DIR);
    if (FST_SANITIZED)
        allow(ruleset, "/proc", FS_READ_FILE | FS_READ_DIR);
    (void)syscall(SYS_landlock_restrict_self, ruleset, 0);
    close(ruleset);
}
