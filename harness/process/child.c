#include "harness/process/child.h"

#include "harness/control/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child needs after fork(). */
struct plan {
    char *const *argv;
    int control; /* its end of the control socket */
    int output;  /* for stdout and stderr */
    int report;  /* where it says that exec failed; close-on-exec */
    pid_t parent;
};

/* ---- in the child: only async-signal-safe calls ---- */

static bool reset_signals(void)
{
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit fails the write, not the process */
    return sigprocmask(SIG_SETMASK, &none, NULL) == 0;
}

static bool die_with_parent(pid_t parent)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return false;
    if (getppid() != parent) /* it died before we asked */
        _exit(ERROR_HARNESS);
    return true;
}

/* Out of the way of the numbers that are about to be taken. */
static int move_up(int descriptor)
{
    return fcntl(descriptor, F_DUPFD_CLOEXEC, CONTROL_FD + 2);
}

static bool arrange_descriptors(struct plan *plan)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    null = null < 0 ? -1 : move_up(null);
    plan->control = move_up(plan->control);
    plan->output = move_up(plan->output);
    plan->report = move_up(plan->report);
    int report = CONTROL_FD + 1;
    return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(plan->output, STDOUT_FILENO) >= 0 &&
           dup2(plan->output, STDERR_FILENO) >= 0 && dup2(plan->control, CONTROL_FD) >= 0 &&
           dup3(plan->report, report, O_CLOEXEC) >= 0 && (plan->report = report) >= 0 &&
           close_range((unsigned)report + 1, ~0u, 0) == 0;
}

static bool limit_files(void)
{
    struct rlimit limit = { CHILD_FILE_MAX, CHILD_FILE_MAX };
    return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

_Noreturn static void become(struct plan plan)
{
    if (setpgid(0, 0) == 0 && die_with_parent(plan.parent) && reset_signals() && limit_files() &&
        arrange_descriptors(&plan))
        execvp(plan.argv[0], plan.argv);
    int why = errno;
    ssize_t ignored = write(plan.report, &why, sizeof why);
    (void)ignored; /* without a report the parent sees the exit status */
    _exit(ERROR_HARNESS);
}

/* ---- in the parent ---- */

static void close_pair(int pair[2])
{
    close(pair[0]);
    close(pair[1]);
}

/* Waits until the child has executed its program: 0, or -1 with why it could not. */
static int await_exec(int report, const char *program, struct error *err)
{
    int why;
    ssize_t len;
    do
        len = read(report, &why, sizeof why);
    while (len < 0 && errno == EINTR);
    if (len == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "cannot run %s: %s", program,
                     strerror(len == sizeof why ? why : errno));
}

static int watch(struct child *out, pid_t pid, int report, const char *program, struct error *err)
{
    struct child child = { .pid = pid, .pidfd = pidfd_open(pid, 0) };
    int status =
        child.pidfd < 0 ? error_errno(err, "pidfd_open") : await_exec(report, program, err);
    if (status == 0)
        *out = child;
    else
        child_stop(&child, NULL);
    return status;
}

static int fork_child(struct child *out, struct plan plan, const int report[2], struct error *err)
{
    pid_t pid = fork();
    if (pid < 0) {
        close(report[1]);
        return error_errno(err, "fork");
    }
    if (pid == 0)
        become(plan);
    close(report[1]); /* so that end of file means exec */
    return watch(out, pid, report[0], plan.argv[0], err);
}

int child_spawn(struct child *out, int *channel, char *const argv[], int stderr_fd,
                struct error *err)
{
    int pair[2], report[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return error_errno(err, "socketpair");
    if (pipe2(report, O_CLOEXEC) != 0) {
        close_pair(pair);
        return error_errno(err, "pipe");
    }
    struct plan plan = { .argv = argv,
                         .control = pair[1],
                         .output = stderr_fd >= 0 ? stderr_fd : STDERR_FILENO,
                         .report = report[1],
                         .parent = getpid() };
    int status = fork_child(out, plan, report, err);
    close(report[0]);
    close(pair[1]);
    if (status == 0)
        *channel = pair[0];
    else
        close(pair[0]);
    return status;
}

static void describe_end(char how[TEXT_LEN], int status)
{
    if (WIFSIGNALED(status))
        snprintf(how, TEXT_LEN, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(how, TEXT_LEN, "exited with status %d", WEXITSTATUS(status));
}

void child_stop(struct child *child, char how[TEXT_LEN])
{
    int status = 0;
    pid_t reaped;
    /* While the leader is not reaped its number, and the group's, cannot be another's. */
    if (kill(-child->pid, SIGKILL) != 0)
        kill(child->pid, SIGKILL); /* before its setpgid() */
    do
        reaped = waitpid(child->pid, &status, 0);
    while (reaped < 0 && errno == EINTR);
    if (child->pidfd >= 0)
        close(child->pidfd);
    if (how != NULL)
        describe_end(how, status);
    *child = (struct child){ .pid = -1, .pidfd = -1 };
}

int child_log_new(struct error *err)
{
    int log = memfd_create("child-log", MFD_CLOEXEC);
    if (log < 0)
        return error_errno(err, "memfd_create");
    fcntl(log, F_SETFL, O_APPEND);
    return log;
}

void child_log_take(int log, char *out, size_t len)
{
    off_t end = lseek(log, 0, SEEK_END);
    off_t start = end < (off_t)len ? 0 : end - (off_t)(len - 1);
    ssize_t got = pread(log, out, len - 1, start);
    out[got > 0 ? got : 0] = '\0';
    if (ftruncate(log, 0) != 0)
        return; /* a memory file can always shrink; if not, the next report is longer */
}
