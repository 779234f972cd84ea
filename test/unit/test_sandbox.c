/* SPDX-License-Identifier: MIT
 *
 * What is denied inside the sandbox, and what is not: each case in a process of its own, which
 * enters and then tries.
 */
#include "cli/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "support/unit.h"

#define WORKED 0
#define DENIED 1

static char directory[] = "/tmp/flowstate-sandbox-XXXXXX";
static char inside[64], outside[64];
static const char counters[] = "/sys/class/net/lo/statistics";
static int null; /* a file that is open, and no terminal */

/* ------------------------------------------------------------------------------- what is tried --
 */

static bool try_exec(void)
{
    char *const words[] = {(char[]){"/bin/true"}, NULL};

    execv("/bin/true", words);
    return false;
}

static bool try_fork(void)
{
    return syscall(SYS_fork) >= 0;
}

static void *run_thread(void *context)
{
    return context;
}

static bool try_thread(void)
{
    void *came = NULL;
    pthread_t thread;
    int mark;

    return pthread_create(&thread, NULL, run_thread, &mark) == 0 &&
           pthread_join(thread, &came) == 0 && came == &mark;
}

/* By the call that makes threads as well. */
static bool try_clone(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool try_unix_socket(void)
{
    int pair[2];

    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0;
}

static bool try_write_outside(void)
{
    return open(outside, O_WRONLY) >= 0;
}

static bool try_create_outside(void)
{
    char path[80];

    snprintf(path, sizeof(path), "%s.new", outside);
    return open(path, O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool try_create_inside(void)
{
    char path[80];

    snprintf(path, sizeof(path), "%s.new", inside);
    return open(path, O_RDWR | O_CREAT | O_EXCL, 0600) >= 0;
}

static bool try_read(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool try_counter(void)
{
    char path[80];

    snprintf(path, sizeof(path), "%s/rx_missed_errors", counters);
    return open(path, O_RDONLY) >= 0;
}

/* That it is no terminal is said after the request was let through. */
static bool try_set_terminal(void)
{
    struct termios modes = {0};

    return ioctl(null, TCSETSW, &modes) == 0 || errno == ENOTTY;
}

static bool try_dup2(void)
{
    return dup2(null, null) == null;
}

static bool try_interface(void)
{
    struct ifreq request = {.ifr_name = "lo"};

    return ioctl(null, SIOCGIFFLAGS, &request) == 0 || errno == ENOTTY;
}

static bool try_rename_inside(void)
{
    char path[80];

    snprintf(path, sizeof(path), "%s.renamed", inside);
    return rename(inside, path) == 0;
}

static bool try_rename_outside(void)
{
    char path[80];

    snprintf(path, sizeof(path), "%s.renamed", outside);
    return rename(outside, path) == 0;
}

static bool try_unlink_outside(void)
{
    return unlink(outside) == 0;
}

static bool try_mkdir(void)
{
    return mkdir("/tmp/flowstate-sandbox-directory", 0700) == 0;
}

static bool try_chmod(void)
{
    return chmod(inside, 04755) == 0;
}

static bool try_run_memory(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect(memory, 4096, PROT_READ | PROT_EXEC) == 0;
}

static bool try_push_input(void)
{
    char octet = '\n';

    /* EPERM, not ENOTTY: it never gets as far as the descriptor. */
    return ioctl(STDIN_FILENO, TIOCSTI, &octet) == 0 || errno != EPERM;
}

static bool try_unshare(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static bool try_setuid(void)
{
    return setuid(65534) == 0;
}

static bool try_mount(void)
{
    return syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL) == 0;
}

static bool try_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno != EPERM;
}

static bool try_keep_working(void)
{
    void *memory = malloc(1 << 20);
    bool good = memory && write(STDERR_FILENO, "", 0) == 0 && lseek(0, 0, SEEK_CUR) >= -1;

    free(memory);
    return good;
}

static bool try_gain_privileges(void)
{
    return syscall(SYS_capset, NULL, NULL) == 0 || errno == EFAULT;
}

static bool try_signal(void)
{
    return kill(getppid(), 0) == 0;
}

static bool try_stop_oneself(void)
{
    return kill(getpid(), 0) == 0;
}

/* ----------------------------------------------------------------------------------- profiles --
 */

enum profile { FILES, FILES_NAMES, CHECK, RECORD, STREAM, SCREEN, PROFILES };

static void enter(enum profile profile)
{
    char *paths[] = {directory};
    const struct fst_files directories = {1, paths};
    const struct fst_sandbox profiles[PROFILES] = {
        [FILES] = {.directories = &directories},
        [FILES_NAMES] = {.directories = &directories, .reads = true},
        [CHECK] = {.directories = &directories, .reads = true, .creates = true},
        [RECORD] = {.directories = &directories,
                    .reads = true,
                    .creates = true,
                    .packets = true,
                    .command = true},
        [STREAM] = {.directories = &directories,
                    .creates = true,
                    .counters = counters,
                    .packets = true},
        [SCREEN] = {.directories = &directories,
                    .creates = true,
                    .counters = counters,
                    .packets = true,
                    .screen = true},
    };

    fst_sandbox_enter(&profiles[profile]);
}

static bool have_landlock(void)
{
#ifdef SYS_landlock_create_ruleset
    return syscall(SYS_landlock_create_ruleset, NULL, 0, 1) > 0;
#else
    return false;
#endif
}

enum { NEVER = 0 };

#define IN(profile) (1u << (profile))
#define LIVE        (IN(STREAM) | IN(SCREEN))
#define EVERYWHERE  (IN(FILES) | IN(FILES_NAMES) | IN(CHECK) | IN(RECORD) | LIVE)

static const struct {
    const char *what;
    bool (*attempt)(void);
    unsigned allowed; /* the profiles in which it works */
    bool needs_landlock;
} cases[] = {
    {"running a program", try_exec, NEVER, false},
    {"a process", try_fork, NEVER, false},
    {"a process like a thread", try_clone, FST_SANITIZED ? EVERYWHERE : NEVER, false},
    {"a thread", try_thread, EVERYWHERE, false},
    {"a socket", try_socket, NEVER, false},
    {"a pair of sockets", try_unix_socket, NEVER, false},
    {"writing a file", try_write_outside, NEVER, true},
    {"making a file", try_create_outside, NEVER, true},
    {"making a file where results go", try_create_inside, IN(CHECK) | IN(RECORD) | LIVE, false},
    {"reading a file", try_read, IN(FILES_NAMES) | IN(CHECK) | IN(RECORD), true},
    {"reading a counter", try_counter, IN(FILES_NAMES) | IN(CHECK) | IN(RECORD) | LIVE, false},
    {"renaming a file where results go", try_rename_inside, EVERYWHERE, false},
    {"renaming another", try_rename_outside, NEVER, true},
    {"removing another", try_unlink_outside, NEVER, true},
    {"making a directory", try_mkdir, NEVER, false},
    {"changing a mode", try_chmod, NEVER, false},
    {"running memory", try_run_memory, NEVER, false},
    {"pushing input into the terminal", try_push_input, NEVER, false},
    {"a namespace", try_unshare, NEVER, false},
    {"another user", try_setuid, NEVER, false},
    {"mounting", try_mount, NEVER, false},
    {"a program for the kernel", try_bpf, NEVER, false},
    {"capabilities", try_gain_privileges, NEVER, false},
    {"a signal to another", try_signal, IN(RECORD), false},
    {"a signal to itself", try_stop_oneself, IN(RECORD) | IN(SCREEN), false},
    {"a terminal's modes", try_set_terminal, IN(SCREEN), false},
    {"a descriptor for another file", try_dup2, IN(CHECK) | IN(RECORD) | LIVE, false},
    {"whether an interface is up", try_interface, IN(RECORD) | LIVE, false},
    {"memory, writing, seeking", try_keep_working, EVERYWHERE, false},
};

static void make_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0 && close(fd) == 0);
}

/* What came of it in a process inside the sandbox. */
static int outcome(bool (*attempt)(void), enum profile profile)
{
    int status;
    pid_t pid;

    make_file(inside);
    make_file(outside);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        enter(profile);
        _exit(attempt() ? WORKED : DENIED);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void only_what_is_needed_is_left(void **state)
{
    char path[80];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned profile = 0; profile < PROFILES; profile++) {
            bool creates = profile == CHECK || profile >= RECORD;

            if (cases[i].needs_landlock && creates && !have_landlock())
                continue;
            if (FST_SANITIZED &&
                (cases[i].attempt == try_signal || cases[i].attempt == try_stop_oneself))
                continue; /* the leak checker's profile has it */
            CHECK(cases[i].what, outcome(cases[i].attempt, (enum profile)profile),
                  cases[i].allowed & IN(profile) ? WORKED : DENIED);
            snprintf(path, sizeof(path), "%s.new", inside);
            unlink(path);
        }
    }
}

/* ----------------------------------------------------------------------------------- the parts --
 */

static bool has_no_privileges(void)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];

    return syscall(SYS_capget, &header, sets) == 0 && sets[0].effective == 0 &&
           sets[0].permitted == 0 && sets[0].inheritable == 0 && sets[1].permitted == 0 &&
           prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static void parts_hold_alone(void **state)
{
    const struct fst_sandbox sandbox = {0};
    int status;
    pid_t pid;

    (void)state;
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) { /* without seccomp, so that it can be asked */
        fst_sandbox_drop_capabilities(&sandbox);
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        if (!has_no_privileges())
            _exit(2);
        fst_sandbox_landlock(&sandbox);
        _exit(!have_landlock() || (!try_read() && !try_write_outside() && errno == EACCES) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Root without capabilities may not write where others may not: it keeps what it needs for that. */
static bool foreign_directory_keeps(uint32_t wanted)
{
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];
    char *paths[] = {directory};
    const struct fst_files directories = {1, paths};
    const struct fst_sandbox sandbox = {.directories = &directories};

    fst_sandbox_drop_capabilities(&sandbox);
    return syscall(SYS_capget, &header, sets) == 0 && sets[0].effective == wanted &&
           sets[0].permitted == wanted;
}

static void results_can_be_put_in_place(void **state)
{
    uint32_t needed = 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER;
    int status;
    pid_t pid;

    (void)state;
    if (geteuid() != 0)
        skip();
    for (unsigned foreign = 0; foreign < 2; foreign++) {
        assert_int_equal(chown(directory, foreign ? 65534 : 0, (gid_t)-1), 0);
        pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            _exit(foreign_directory_keeps(foreign ? needed : 0) ? 0 : 1);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    assert_int_equal(chown(directory, 0, (gid_t)-1), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(inside, sizeof(inside), "%s/result", directory);
    snprintf(outside, sizeof(outside), "%s-outside", directory);
    null = open("/dev/null", O_RDWR);
    return null < 0 ? -1 : 0;
}

static int clean_up(void **state)
{
    char path[80];

    (void)state;
    snprintf(path, sizeof(path), "%s.renamed", inside);
    unlink(path);
    unlink(inside);
    unlink(outside);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_needed_is_left),
        cmocka_unit_test(parts_hold_alone),
        cmocka_unit_test(results_can_be_put_in_place),
    };

    return cmocka_run_group_tests(tests, set_up, clean_up);
}
