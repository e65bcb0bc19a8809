/* What the RFCs leave open: differences between stacks that are no disagreement. One row a rule. */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_RULES_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_RULES_H

#include "fuzz/differential/compare.h"

enum { RULE_ALERTS_MAX = 12 };

/* A row covers a pair of which all that it says is true; what it leaves out it does not ask. */
struct rule {
    const char *id;
    const char *reference; /* RFC and section */
    const char *text;      /* what is open there */

    uint32_t differences;        /* 1 << enum difference; one of them */
    uint16_t version;            /* TLS12, TLS13; 0: any */
    uint32_t steps;              /* 1 << enum step_kind; no other is there */
    int alerts[RULE_ALERTS_MAX]; /* both alerts are among them */
    size_t num_alerts;
    const char *touches; /* every word of the touched begins so */
    bool minimal;        /* asked of minimised scripts only */
    bool (*also)(const struct pair *pair);
};

extern const struct rule rules[];
extern const size_t num_rules;

/* The first rule that covers it, or NULL. */
const struct rule *rule_for(const struct pair *pair);

bool rule_covers(const struct rule *rule, const struct pair *pair);

#endif
