/* SPDX-License-Identifier: MIT
 *
 * The order of giving up, and capabilities. A capability stays only where it is what makes a
 * promised file possible: root without any may not write into a directory of somebody else.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/options.h"

#define WORDS 2 /* a set of capabilities, in version 3 of the system call */

static const struct __user_cap_header_struct version = {_LINUX_CAPABILITY_VERSION_3, 0};

static bool get(struct __user_cap_data_struct sets[WORDS])
{
    struct __user_cap_header_struct header = version;

    return syscall(SYS_capget, &header, sets) == 0;
}

static void set(const struct __user_cap_data_struct sets[WORDS])
{
    struct __user_cap_header_struct header = version;

    (void)syscall(SYS_capset, &header, sets);
}

/** Whether this process, as it is now, may replace files in the directory: in one with the sticky
 *  bit (/tmp) only its own. */
static bool may_replace_in(const char *directory)
{
    struct stat info;

    return faccessat(AT_FDCWD, directory, W_OK | X_OK, AT_EACCESS) == 0 &&
           stat(directory, &info) == 0 && (!(info.st_mode & S_ISVTX) || info.st_uid == geteuid());
}

static bool may_replace(const struct fst_files *directories)
{
    for (size_t i = 0; directories && i < directories->count; i++)
        if (!may_replace_in(directories->path[i]))
            return false;
    return true;
}

static uint32_t bit(unsigned capability)
{
    return 1u << capability; /* those used here are below 32 */
}

void fst_sandbox_drop_capabilities(const struct fst_sandbox *sandbox)
{
    struct __user_cap_data_struct had[WORDS], sets[WORDS];
    uint32_t kept = 0;

    if (!get(had))
        return;
    memset(sets, 0, sizeof(sets));
    for (unsigned i = 0; i < WORDS; i++)
        sets[i].permitted = had[i].permitted;
    set(sets); /* nothing in effect: now the file system tells what would be missed */
    if (sandbox->reads)
        kept |= bit(CAP_DAC_READ_SEARCH);
    if (!may_replace(sandbox->directories))
        kept |= bit(CAP_DAC_OVERRIDE) | bit(CAP_FOWNER);
    if (sandbox->command)
        kept |= bit(CAP_KILL); /* it may have become somebody else */
    memset(sets, 0, sizeof(sets));
    sets[0].permitted = sets[0].effective = kept & had[0].permitted;
    set(sets);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

void fst_sandbox_enter(const struct fst_sandbox *sandbox)
{
    fst_sandbox_drop_capabilities(sandbox);
    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    fst_sandbox_landlock(sandbox);
#if FST_HAVE_SECCOMP
    fst_sandbox_seccomp(sandbox);
#endif
}

bool fst_sandbox_wanted(const struct fst_arguments *arguments)
{
    if (arguments->no_sandbox)
        fst_complain("--no-sandbox: packets are read with all rights of this process");
    return !arguments->no_sandbox;
}

void fst_sandbox_begin(const struct fst_arguments *arguments, const struct fst_sandbox *sandbox)
{
    if (fst_sandbox_wanted(arguments))
        fst_sandbox_enter(sandbox);
}
