#include "captures/tcpdump.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    START_DEADLINE_MS = 10000, /* from exec to "listening on" */
    STOP_DEADLINE_MS = 30000,  /* from SIGINT to the end: the buffer has to reach the disk */
    MESSAGES_MAX = 4096,       /* what tcpdump says is a few lines */
    READER_NICE = -10,
    PIPE_LEN = 1 << 20, /* the reader may be kept waiting for a while */
};

/* In the child, where it is not root: passes the right to capture, which it may hold in a user
 * namespace, on to the program that it becomes. Without it tcpdump says what it lacks. */
static void pass_on_raw_sockets(void)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, sets) != 0)
        return;
    sets[CAP_TO_INDEX(CAP_NET_RAW)].inheritable |= CAP_TO_MASK(CAP_NET_RAW);
    if (syscall(SYS_capset, &header, sets) == 0)
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_RAW, 0, 0);
}

/* In the child: becomes tcpdump. Each packet waits in the buffer (-B, KiB) in room for a whole
 * snapshot, so -s is to be no more than the longest packet. -Z root, of no effect unless we
 * are root, because another user could not write where we can. --immediate-mode because short
 * runs would otherwise end before the first packet is handed over. */
static void become_tcpdump(const char *path, uint16_t port, uint32_t snaplen, int stderr_fd,
                           int stdout_fd)
{
    char filter[32], length[16];
    snprintf(filter, sizeof filter, "tcp port %u", port);
    snprintf(length, sizeof length, "%u", snaplen);
    setpriority(PRIO_PROCESS, 0, READER_NICE); /* where we may: a reader that waits loses packets */
    prctl(PR_SET_PDEATHSIG, SIGINT);
    setpgid(0, 0); /* a Ctrl-C at the terminal is the runner's to handle */
    if (dup2(stderr_fd, STDERR_FILENO) < 0 ||
        (stdout_fd >= 0 && dup2(stdout_fd, STDOUT_FILENO) < 0))
        _exit(127);
    if (geteuid() != 0)
        pass_on_raw_sockets();
    execlp("tcpdump", "tcpdump", "--immediate-mode", "-Z", "root", "-B", "131072", "-s", length,
           "-n", "-i", "lo", "-U", "-w", path == NULL ? "-" : path, filter, (char *)NULL);
    fprintf(stderr, "tcpdump: %s\n", strerror(errno));
    _exit(127);
}

/* Reads messages until one contains `until` (true) or tcpdump ends or time is up (false). */
static bool read_messages(const struct tcpdump *tcpdump, char messages[MESSAGES_MAX],
                          const char *until, int deadline_ms)
{
    size_t len = 0;
    messages[0] = '\0';
    while (len + 1 < MESSAGES_MAX) {
        struct pollfd wait = { .fd = tcpdump->stderr_fd, .events = POLLIN };
        int ready = poll(&wait, 1, deadline_ms);
        if (ready < 0 && errno == EINTR)
            continue; /* a second Ctrl-C must not cost the end of the capture */
        if (ready <= 0)
            return false;
        ssize_t got = read(tcpdump->stderr_fd, messages + len, MESSAGES_MAX - 1 - len);
        if (got <= 0)
            return false;
        len += (size_t)got;
        messages[len] = '\0';
        if (until != NULL && strstr(messages, until) != NULL)
            return true;
    }
    return false;
}

static void one_line(char *messages)
{
    size_t len = strlen(messages);
    while (len > 0 && messages[len - 1] == '\n')
        messages[--len] = '\0';
    for (char *newline = messages; (newline = strchr(newline, '\n')) != NULL;)
        *newline = ';';
}

/* Pipes for its messages and, with `path` NULL, the packets; -1 where there is none. */
static int open_pipes(int messages[2], int packets[2], const char *path, struct error *err)
{
    packets[0] = packets[1] = -1;
    if (pipe2(messages, O_CLOEXEC) != 0)
        return error_errno(err, "pipe");
    if (path != NULL || pipe2(packets, O_CLOEXEC) == 0) {
        if (path == NULL)
            fcntl(packets[0], F_SETPIPE_SZ, PIPE_LEN); /* less is fine */
        return 0;
    }
    error_errno(err, "pipe");
    close(messages[0]);
    close(messages[1]);
    return -1;
}

static void close_if_open(int fd)
{
    if (fd >= 0)
        close(fd);
}

int tcpdump_start(struct tcpdump *tcpdump, const char *path, uint16_t port, uint32_t snaplen,
                  struct error *err)
{
    int ends[2], packets[2];
    if (open_pipes(ends, packets, path, err) < 0)
        return -1;
    pid_t pid = fork();
    if (pid < 0) {
        error_errno(err, "fork");
        close(ends[0]);
        close(ends[1]);
        close_if_open(packets[0]);
        close_if_open(packets[1]);
        return -1;
    }
    if (pid == 0)
        become_tcpdump(path, port, snaplen, ends[1], packets[1]);
    close(ends[1]);
    close_if_open(packets[1]);
    *tcpdump = (struct tcpdump){ .pid = pid, .stderr_fd = ends[0], .packets_fd = packets[0] };
    char messages[MESSAGES_MAX];
    if (read_messages(tcpdump, messages, "listening on", START_DEADLINE_MS))
        return 0;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(tcpdump->stderr_fd);
    close_if_open(packets[0]);
    tcpdump->pid = 0;
    one_line(messages);
    return error_set(err, ERROR_USAGE,
                     "cannot capture (--capture-from relay needs no right to, --capture none "
                     "runs without): %s",
                     messages);
}

/* "123 packets captured" -> 123. */
static bool parse_count(const char *messages, const char *what, uint64_t *count)
{
    const char *found = strstr(messages, what);
    if (found == NULL)
        return false;
    const char *line = found;
    while (line > messages && line[-1] != '\n')
        line--;
    *count = strtoull(line, NULL, 10);
    return true;
}

int tcpdump_stop(struct tcpdump *tcpdump, uint64_t *num_captured, uint64_t *num_dropped,
                 struct error *err)
{
    char messages[MESSAGES_MAX];
    int status;
    if (tcpdump->pid == 0)
        return 0;
    kill(tcpdump->pid, SIGINT);
    read_messages(tcpdump, messages, NULL, STOP_DEADLINE_MS);
    kill(tcpdump->pid, SIGKILL); /* no-op for one that has ended; ends one that hangs */
    waitpid(tcpdump->pid, &status, 0);
    close(tcpdump->stderr_fd);
    tcpdump->pid = 0;
    if (!parse_count(messages, " packets captured", num_captured) ||
        !parse_count(messages, " packets dropped by kernel", num_dropped)) {
        one_line(messages);
        return error_set(err, ERROR_HARNESS, "tcpdump ended badly: %s", messages);
    }
    return 0;
}
