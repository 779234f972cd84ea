/* SPDX-License-Identifier: MIT
 *
 * The system calls that are left, with libseccomp. All others fail with EPERM, which the C library
 * takes for what it is; killing would make every call that a later C library picks a crash.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#define COUNT(array)        (sizeof(array) / sizeof((array)[0]))
#define CLONE_THREAD        0x00010000u /* sched.h shows it only with extensions */

#define WRITING_OR_CREATING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)

/* What computing, reading and writing open files, and ending need. */
static const int always[] = {
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(pread64),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pwrite64),
    SCMP_SYS(close),
    SCMP_SYS(lseek),
    SCMP_SYS(_llseek),
    SCMP_SYS(fstat),
    SCMP_SYS(fstat64),
    SCMP_SYS(stat),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstatat64),
    SCMP_SYS(statx),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(ftruncate64),
    SCMP_SYS(fchmod),
    SCMP_SYS(fcntl),
    SCMP_SYS(fcntl64),
    SCMP_SYS(umask),
    SCMP_SYS(getcwd),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_gettime64),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(ugetrlimit),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(eventfd2), /* one thread wakes another */
    SCMP_SYS(tgkill),   /* abort() */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Putting a file in the place of another. */
static const int renaming[] = {
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
};

/* Going on in a new file behind the descriptor of the old one. */
static const int reopening[] = {SCMP_SYS(dup2), SCMP_SYS(dup3)};

/* Packets from a socket that is open. */
static const int packets[] = {
    SCMP_SYS(recvfrom),   SCMP_SYS(recvmsg), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(select),  SCMP_SYS(pselect6),
};

/* A command to look after. */
static const int command[] = {SCMP_SYS(kill), SCMP_SYS(wait4), SCMP_SYS(waitid)};

/* What the leak checker does: see FST_SANITIZED. */
static const int sanitizing[] = {
    SCMP_SYS(getppid),  SCMP_SYS(clone),      SCMP_SYS(ptrace),
    SCMP_SYS(wait4),    SCMP_SYS(prctl),      SCMP_SYS(kill),
    SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(process_vm_readv),
};

static void allow_all(scmp_filter_ctx filter, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        (void)seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
}

/* Where argument `index` of the call, masked, equals `value`. */
static void allow_if(scmp_filter_ctx filter, int call, unsigned index, scmp_datum_t mask,
                     scmp_datum_t value)
{
    const struct scmp_arg_cmp condition = {index, SCMP_CMP_MASKED_EQ, mask, value};

    (void)seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition);
}

/* Memory, but nothing that could be run. */
static void allow_memory(scmp_filter_ctx filter)
{
    allow_if(filter, SCMP_SYS(mmap), 2, PROT_EXEC, 0);
    allow_if(filter, SCMP_SYS(mmap2), 2, PROT_EXEC, 0);
    allow_if(filter, SCMP_SYS(mprotect), 2, PROT_EXEC, 0);
}

static void allow_ioctls(scmp_filter_ctx filter, const unsigned long *requests, size_t count)
{
    for (size_t i = 0; i < count; i++)
        allow_if(filter, SCMP_SYS(ioctl), 1, UINT32_MAX, requests[i]);
}

/* Asking whether and how large a terminal is, and for a screen setting its modes; pushing input
 * into it, for one, is out. Of an interface that fails, whether it is down or gone. */
static void allow_control(scmp_filter_ctx filter, const struct fst_sandbox *sandbox)
{
    static const unsigned long ask[] = {TCGETS, TIOCGWINSZ};
    static const unsigned long set[] = {TCSETS, TCSETSW, TCSETSF, TCFLSH};
    static const unsigned long interface[] = {SIOCGIFFLAGS};

    allow_ioctls(filter, ask, COUNT(ask));
    if (sandbox->screen)
        allow_ioctls(filter, set, COUNT(set));
    if (sandbox->packets)
        allow_ioctls(filter, interface, COUNT(interface));
}

/* Threads, but no processes. The newer call hides its flags in memory: without it the C library
 * takes the older one. */
static void allow_threads(scmp_filter_ctx filter)
{
    allow_if(filter, SCMP_SYS(clone), 0, CLONE_THREAD, CLONE_THREAD);
    (void)seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
}

/* Stopping oneself, as ncurses does when it is told to. */
static void allow_suspending(scmp_filter_ctx filter)
{
    allow_if(filter, SCMP_SYS(kill), 0, UINT32_MAX, (scmp_datum_t)getpid());
}

static void allow_open(scmp_filter_ctx filter, bool creates)
{
    scmp_datum_t mask = creates ? 0 : WRITING_OR_CREATING;

    allow_if(filter, SCMP_SYS(open), 1, mask, 0);
    allow_if(filter, SCMP_SYS(openat), 2, mask, 0);
    (void)seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getdents64), 0);
}

void fst_sandbox_seccomp(const struct fst_sandbox *sandbox)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));

    if (!filter)
        return;
    allow_all(filter, always, COUNT(always));
    allow_memory(filter);
    allow_control(filter, sandbox);
    allow_threads(filter);
    if (sandbox->directories && sandbox->directories->count > 0)
        allow_all(filter, renaming, COUNT(renaming));
    if (sandbox->creates)
        allow_all(filter, reopening, COUNT(reopening));
    if (sandbox->reads || sandbox->creates || sandbox->counters || FST_SANITIZED)
        allow_open(filter, sandbox->creates);
    if (sandbox->screen)
        allow_suspending(filter);
    if (sandbox->packets)
        allow_all(filter, packets, COUNT(packets));
    if (sandbox->command)
        allow_all(filter, command, COUNT(command));
    if (FST_SANITIZED)
        allow_all(filter, sanitizing, COUNT(sanitizing));
    (void)seccomp_load(filter);
    seccomp_release(filter);
}
