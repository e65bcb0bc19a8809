/* A profile as the planner sees it: every axis value that any block names, once, in the order of
 * first mention; blocks name them by index. */
#ifndef TLSMATRIX_MATRIX_PROFILE_H
#define TLSMATRIX_MATRIX_PROFILE_H

#include "matrix/case_value.h"
#include "matrix/plan.h"

enum {
    PROFILE_VALUES_MAX = 4096, /* of one axis: all suites, mismatches of all, all range pairs */
    PROFILE_BLOCKS_MAX = 64,
};

enum coverage { COVERAGE_FULL, COVERAGE_THREEWISE, COVERAGE_PAIRWISE, COVERAGE_SMOKE };

/* Which (client, server) pairs of the two axes belong to a block. */
enum stack_pairs { PAIRS_ALL, PAIRS_SAME, PAIRS_DIFFERENT };

struct value_list {
    struct axis_value *values;
    size_t num;
};

/* Appends what one word of a profile stands for: a value, a glob, or a keyword ("all", "each",
 * "ranges", "mismatched"). ERROR_USAGE for words that stand for nothing. */
int axis_word_expand(struct value_list *list, enum axis axis, const char *word,
                     const struct stack_set *stacks, struct error *err);

/* A word as it stands in the file, and what it became. */
struct profile_item {
    enum axis axis;
    char *word;
    int line;
    uint16_t *indices; /* into profile.axes[axis] */
    size_t num_indices;
};

struct block_axis {
    uint16_t *indices; /* into profile.axes[axis], in order, each once */
    size_t num;
    uint8_t has[PROFILE_VALUES_MAX / 8]; /* the same as a bit set */
};

struct block {
    char *name;
    enum coverage coverage;
    enum stack_pairs pairs;
    struct block_axis axes[NUM_AXES];
};

struct profile {
    char *title;
    char *path;
    struct value_list axes[NUM_AXES];
    struct block *blocks;
    size_t num_blocks;
    struct profile_item *items;
    size_t num_items;
};

/* Is this value one of the block's? */
bool block_has(const struct block *block, enum axis axis, uint16_t index);
/* Does the block want this pair of stacks (indices into the stack set)? */
bool block_wants_pair(const struct block *block, unsigned client, unsigned server);

#endif
