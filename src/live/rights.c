/* SPDX-License-Identifier: MIT */
#include "live/rights.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int blame(const char *what, struct fst_diag *diag)
{
    diag->error = FST_EOPEN;
    snprintf(diag->message, sizeof(diag->message),
             "the rights that opened the capture cannot be given up: %s: %s", what,
             strerror(errno));
    return FST_EOPEN;
}

/** A user or group of the environment, which only root's sudo can have set to any purpose: others
 *  could not become it. @return UINT32_MAX if there is none, or it is root's. */
static uint32_t number_of(const char *variable)
{
    const char *text = getenv(variable);
    char *end = NULL;
    unsigned long number = text && *text ? strtoul(text, &end, 10) : 0;

    return number > 0 && number < UINT32_MAX && *end == '\0' ? (uint32_t)number : UINT32_MAX;
}

static int become_user(struct fst_diag *diag)
{
    uint32_t user = number_of("SUDO_UID"), group = number_of("SUDO_GID");

    if (geteuid() != 0 || user == UINT32_MAX || group == UINT32_MAX)
        return 0;
    if (setgroups(0, NULL) != 0)
        return blame("setgroups", diag);
    if (setgid(group) != 0)
        return blame("setgid", diag);
    if (setuid(user) != 0)
        return blame("setuid", diag);
    return 0;
}

static int drop_capabilities(struct fst_diag *diag)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0, 0, 0}};

    if (syscall(SYS_capset, &header, none) != 0)
        return blame("capset", diag);
    return 0;
}

int fst_rights_drop(struct fst_diag *diag)
{
    int error = become_user(diag);

    if (!error)
        error = drop_capabilities(diag);
    /* A program of root's that has no capabilities would get them all back by starting another. */
    if (!error && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        error = blame("no_new_privs", diag);
    return error;
}
