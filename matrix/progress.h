/* What a person sees while a run goes on: one rewritten line on a terminal, now and then a plain
 * line elsewhere. Always on standard error. */
#ifndef TLSMATRIX_MATRIX_PROGRESS_H
#define TLSMATRIX_MATRIX_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
    uint64_t total;
    uint64_t done;     /* in this process */
    uint64_t before;   /* done by earlier ones (resume) */
    uint64_t failures; /* so far: everything that makes the run red */
    uint64_t twins;    /* healthy twins run after the plan */
    bool terminal;
    uint64_t started_ms;
    uint64_t next_line_ms;
    unsigned next_percent;
};

void progress_init(struct progress *progress, uint64_t total, uint64_t before);
/* Shows the state if it is time to. */
void progress_show(struct progress *progress);
/* Ends the line on a terminal, so that other output can follow; tells all twins elsewhere. */
void progress_end(struct progress *progress);
/* Cases per second since the start. */
double progress_rate(const struct progress *progress);

#endif
