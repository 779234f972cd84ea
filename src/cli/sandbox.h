/* SPDX-License-Identifier: MIT
 *
 * Giving up, before the first octet of a capture is looked at, what reading captures does not need:
 * so that a flaw in the reader cannot be turned into more than a wrong report.
 */
#ifndef FST_CLI_SANDBOX_H
#define FST_CLI_SANDBOX_H

#include <stdbool.h>

#include "cli/files.h"

struct fst_arguments;

struct fst_sandbox {
    const struct fst_files *directories; /* where files may be renamed and removed; NULL: nowhere */
    bool creates;                        /* files may also be made in `directories` */
    bool reads;                          /* any file may be opened to be read */
    const char *counters; /* a directory whose files may be read all the same, or NULL */
    bool packets;         /* from a socket that is open */
    bool command;         /* to wait for and to signal */
    bool screen;          /* the terminal is drawn on, and put back as it was */
};

/**
 * Give up capabilities, new privileges, the file system (Landlock) and system calls (seccomp), for
 * good. What is open stays usable. As far as the system offers it: where a part is missing the
 * others hold.
 */
void fst_sandbox_enter(const struct fst_sandbox *sandbox);

/** Whether to enter: unless the user says --no-sandbox, which is then told. */
bool fst_sandbox_wanted(const struct fst_arguments *arguments);

/** Enter if it is wanted. */
void fst_sandbox_begin(const struct fst_arguments *arguments, const struct fst_sandbox *sandbox);

/* The parts. */
void fst_sandbox_drop_capabilities(const struct fst_sandbox *sandbox);
void fst_sandbox_landlock(const struct fst_sandbox *sandbox);
void fst_sandbox_seccomp(const struct fst_sandbox *sandbox);

/* The sanitizers look at the process from outside when it ends: they need a thread of their own
 * that traces the others, and /proc. */
#if defined(__SANITIZE_ADDRESS__)
#define FST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FST_SANITIZED 1
#endif
#endif
#ifndef FST_SANITIZED
#define FST_SANITIZED 0
#endif

#endif
