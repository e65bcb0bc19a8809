/* One worker process as the runner sees it: started, greeted, given cases, restarted. */
#ifndef TLSMATRIX_MATRIX_WORKER_H
#define TLSMATRIX_MATRIX_WORKER_H

#include "harness/process/child.h"
#include "matrix/judge.h"
#include "matrix/stacks.h"

struct worker {
    const struct stack_program *program;
    struct child child;
    int channel; /* -1: not running */
};

/* Starts the worker and exchanges hellos (bounded by a deadline). `stderr_fd` receives its
 * standard error; -1: ours. On failure the process is gone. `caps` may be NULL. */
int worker_start(struct worker *worker, const struct stack_program *program, int stderr_fd,
                 struct capabilities *caps, struct error *err);

/* Kills the worker's process group if it runs, and reaps it; `how` (may be NULL) receives how it
 * ended, e.g. "killed by signal 11 (Segmentation fault)". */
void worker_stop(struct worker *worker, char how[TEXT_LEN]);

/* Has the worker said something, or ended? */
bool worker_has_news(const struct worker *worker);

/* Tells a worker that owes nothing to end. */
void worker_quit(struct worker *worker);
/* The end of such a worker: PEER_ANSWERED if it said no more and exited with status 0, or what it
 * did instead with *reason filled. One that takes too long is killed and not blamed for it. The
 * worker has been stopped. */
enum peer_outcome worker_farewell(struct worker *worker, char reason[TEXT_LEN]);

/* Sends a case with its socket (which stays the caller's). */
int worker_send_case(struct worker *worker, const struct endpoint *endpoint, int socket,
                     struct error *err);

/* Receives the facts. PEER_ANSWERED, or what went wrong with *reason filled; then the worker has
 * been stopped. */
enum peer_outcome worker_receive(struct worker *worker, struct facts *facts, char reason[TEXT_LEN]);

/* Starts the program once to read its capability list, and stops it. */
int worker_ask(struct capabilities *out, const struct stack_program *program, struct error *err);

#endif
