/* Supervised child processes: each in a process group of its own, with a control socket, and gone
 * when it is told to go or when its parent dies. Linux only (pidfd, PR_SET_PDEATHSIG). */
#ifndef TLSMATRIX_HARNESS_PROCESS_CHILD_H
#define TLSMATRIX_HARNESS_PROCESS_CHILD_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stddef.h>
#include <sys/types.h>

struct child {
    pid_t pid; /* and the id of its process group */
    int pidfd; /* readable, for epoll, once the process has ended */
};

/* No file that a child writes, its log among them, may grow beyond this: an endless error message
 * must not fill the disk. */
enum { CHILD_FILE_MAX = 16 * 1024 * 1024 };

/* Starts argv[0] (looked up in PATH if it has no slash) with stdin from /dev/null, stdout and
 * stderr to `stderr_fd` (-1: our stderr), one end of a SOCK_SEQPACKET socket pair at CONTROL_FD,
 * and no other descriptor. *channel receives the other end, close-on-exec and blocking. The child
 * gets SIGKILL when the thread that called this ends. A program that cannot be executed is an
 * error here (ERROR_USAGE), not a child that dies. */
int child_spawn(struct child *out, int *channel, char *const argv[], int stderr_fd,
                struct error *err);

/* Kills the whole group, reaps the child and closes the pidfd. `how` (may be NULL) receives how
 * it ended: "killed by signal 11 (Segmentation fault)", "exited with status 3". A child that had
 * ended before keeps its own ending. */
void child_stop(struct child *child, char how[TEXT_LEN]);

/* A log in memory to give to child_spawn() as `stderr_fd`: -1 on failure. */
int child_log_new(struct error *err);
/* Copies the end of the log, cut to `len` bytes with the closing NUL, and empties the log. */
void child_log_take(int log, char *out, size_t len);

#endif
