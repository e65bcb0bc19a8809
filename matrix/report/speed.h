/* Is something slower or faster, or is that the machine? Ratios of times of the same case on both
 * sides, by stack and suite.
 *
 * What disturbs a machine (another program, a clock that changes) lasts longer than a case, so
 * neighbours in time are no independent samples. So what the machine does at a moment is taken out
 * of each sample: the median over the stacks of what their own cases around that moment come to,
 * which one stack that changed does not move. Where there are too few stacks to tell one from the
 * machine, each stack's own median is taken out, and only its suites are compared. Then the samples
 * of a group are cut into SPEED_BLOCKS stretches of time, and each stretch's median counts once: a
 * group is beyond noise only where all these medians are on one side (a sign test: by chance once
 * in 2000 groups) by SPEED_LEAST at least, and the whole group's median by SPEED_BEYOND. */
#ifndef TLSMATRIX_MATRIX_REPORT_SPEED_H
#define TLSMATRIX_MATRIX_REPORT_SPEED_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SPEED_BLOCKS = 12,
    SPEED_SAMPLES_MIN = 5 * SPEED_BLOCKS, /* of a group; fewer say nothing */
    SPEED_AROUND = 15,                    /* of a stack, for what the machine does at a moment */
    SPEED_SAMPLES_MAX = 1 << 14,          /* of a group; of more, every second, fourth, … */
    SPEED_GROUPS_MAX = 4096,
    SPEED_STACKS_MIN = 3, /* with fewer the machine cannot be told from a stack */
};
#define SPEED_LEAST  0.04 /* of a block, as a natural logarithm */
#define SPEED_BEYOND 0.12 /* of the group */

struct speed;

struct speed *speed_new(struct error *err);
void speed_free(struct speed *speed); /* NULL is fine */

/* One case: `ratio` is the second time by the first, `when` orders the samples in time. Counts for
 * the stack's suite and for the stack as a whole. */
int speed_note(struct speed *speed, const char *stack, const char *suite, double ratio,
               uint32_t when, struct error *err);

struct speed_finding {
    const char *stack, *suite; /* suite "": all of the stack's */
    size_t num_samples;
    double ratio;      /* median, without the machine's part */
    bool enough;       /* samples, to say anything */
    bool beyond_noise; /* slower (ratio > 1) or faster for good */
};

/* To be called once, after the last sample. The findings are sorted by stack and suite and live as
 * long as `speed`; returns their number. *machine is the ratio that all stacks share, 1 where they
 * are too few to say. With `is_machine` false, as within one run, nothing is taken out. */
size_t speed_findings(const struct speed_finding **out, double *machine, struct speed *speed,
                      bool is_machine);

#endif
