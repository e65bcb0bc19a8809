/* What several commands read from their options. */
#ifndef TLSMATRIX_MATRIX_COMMAND_COMMON_H
#define TLSMATRIX_MATRIX_COMMAND_COMMON_H

#include "harness/options.h"
#include "matrix/plan.h"
#include "matrix/raw/hellos.h"
#include "matrix/stacks.h"

/* --stacks and --stack as specs for stacks_load(). Plain memory: the strings live in it. */
struct stack_specs {
    char words[PATH_LEN * 4];
    const char *specs[STACKS_MAX];
    size_t num_specs;
};
int stack_specs_read(struct stack_specs *out, const struct parsed_options *options,
                     struct error *err);

/* Loads the raw hellos: the project's own, and those of --hellos. */
int hellos_from_options(const struct parsed_options *options, struct error *err);

/* --select, --shard, --repeat. */
int selection_read(struct selection *out, const struct parsed_options *options, struct error *err);

/* The profile operand, or the default; more than one operand is an error. NULL on error. */
const char *profile_operand(const struct parsed_options *options, struct error *err);

/* Loads the stacks that the options name, and points the profile lookup at the data. The list is
 * large: keep it in static memory or on the heap. */
int stacks_from_options(struct stack_list *out, const struct parsed_options *options,
                        struct error *err);

#endif
