/* The commands of `tlsmatrix`; each returns its exit code, or -1 with *err. main.c has the table
 * of their options. */
#ifndef TLSMATRIX_MATRIX_COMMANDS_H
#define TLSMATRIX_MATRIX_COMMANDS_H

#include "harness/options.h"

int command_run(const struct parsed_options *options, struct error *err);
int command_rerun(const struct parsed_options *options, struct error *err);
int command_plan(const struct parsed_options *options, struct error *err);
int command_list(const struct parsed_options *options, struct error *err);
int command_show(const struct parsed_options *options, struct error *err);
int command_merge(const struct parsed_options *options, struct error *err);
int command_stacks(const struct parsed_options *options, struct error *err);
/* `stacks add`, `remove`, `renew`, `list`, `check`. */
int command_added(const struct parsed_options *options, struct error *err);
int command_scenario(const struct parsed_options *options, struct error *err);
int command_pki(const struct parsed_options *options, struct error *err);
int command_explain(const struct parsed_options *options, struct error *err);
int command_observe(const struct parsed_options *options, struct error *err);
int command_report(const struct parsed_options *options, struct error *err);
int command_diff(const struct parsed_options *options, struct error *err);
int command_compare(const struct parsed_options *options, struct error *err);
int command_reproduce(const struct parsed_options *options, struct error *err);
int command_doctor(const struct parsed_options *options, struct error *err);
int command_probe(const struct parsed_options *options, struct error *err);

/* What the words in the table of options stand for (command_values.c). */
extern const struct value_kind command_values[];

/* Is it a case file of `reproduce`, and no id? */
bool is_case_file(const char *operand);
/* `rerun` of one. */
int rerun_case_file(const struct parsed_options *options, struct error *err);

#endif
