/* What differs between two runs, and between two stacks in one run. */
#ifndef TLSMATRIX_MATRIX_REPORT_DIFF_H
#define TLSMATRIX_MATRIX_REPORT_DIFF_H

#include "matrix/report/differences.h"
#include "matrix/report/run.h"
#include "matrix/report/speed.h"

/* A stack of one run that has another name in the other. */
struct stack_map {
    char a[NAME_MAX_LEN], b[NAME_MAX_LEN];
};

struct diff_request {
    const char *a, *b; /* folders of the runs; of a comparison, both the same */
    const struct stack_map *maps;
    size_t num_maps;
};

struct diff {
    struct told_run a, b;
    struct stack_set *stacks_a, *stacks_b; /* owned */
    const struct stack_map *maps;
    size_t num_maps;
    struct difference_groups found;
    struct speed *speed;
    const struct speed_finding *speeds;
    size_t num_speeds;
    double machine;
    uint64_t num_compared; /* cases that both have */
    uint64_t num_timed;
    unsigned roles; /* whose facts are looked at, bits by role */
    /* Of a comparison of two stacks: what each sends, by role in place of the stack. */
    bool comparing;
    struct speed *bytes;
    const struct speed_finding *byte_ratios;
    size_t num_byte_ratios;
};

/* Compares all cases of two runs. To be finished with diff_fini() in any case. */
int diff_run(struct diff *diff, const struct diff_request *request, struct error *err);

/* Compares two stacks in one run: the cases of each with the same partner, at each end. */
int diff_stacks(struct diff *diff, const char *directory, const char *a, const char *b,
                struct error *err);

void diff_fini(struct diff *diff);

enum diff_format { DIFF_TEXT, DIFF_MARKDOWN, DIFF_HTML, DIFF_JSON, NUM_DIFF_FORMATS };
const char *diff_format_name(enum diff_format format);

/* `title` stands at the top. */
int diff_tell(FILE *out, const struct diff *diff, enum diff_format format, const char *title,
              struct error *err);

/* ---- for the files behind diff.h ---- */

/* Opens the runs and makes what is filled. */
int diff_open(struct diff *diff, const char *a, const char *b, struct error *err);
/* Takes the cases of a pair of each run in. */
int diff_pair(struct diff *diff, const char *pair_a, const char *pair_b, struct error *err);
/* What is beyond noise becomes differences like the others; then they are sorted. */
int diff_finish(struct diff *diff, struct error *err);
/* What differs in two stacks' capability lists becomes differences. */
int diff_capabilities(struct diff *diff, const struct capabilities *a, const struct capabilities *b,
                      struct error *err);

#endif
