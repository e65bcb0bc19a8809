/* What several stacks made of the same script, compared: outcomes reduced to facts, differences
 * sorted by how much they weigh, those left out that an RFC leaves open (rules.h). */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_COMPARE_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_COMPARE_H

#include "fuzz/differential/touched.h"
#include "fuzz/stacks/play.h"

/* What became of it. */
enum fate {
    FATE_TAKEN,   /* the handshake was done, and nothing was refused */
    FATE_REFUSED, /* of its own accord */
    FATE_TOLD,    /* the partner sent a fatal alert, which it heard */
    FATE_WAITED,  /* not done, and it still wanted more when all was said */
    FATE_CUT,     /* not done when the partner ended TCP */
};

/* Of one stack. */
struct reduced {
    enum fate fate;
    bool accepted; /* its handshake was done */
    bool orderly;  /* it was ended by close_notify */
    int alert;     /* sent; -1: none */
    uint16_t version, suite, group, scheme;
    size_t num_in;
};

/* The worst first. */
enum difference {
    DIFFERENCE_BROKEN,     /* an invariant of a play does not hold: a stall, data out of nothing */
    DIFFERENCE_ACCEPTED,   /* one took what another refused */
    DIFFERENCE_TOLD,       /* one was told by the partner, which another took or refused */
    DIFFERENCE_WAITED,     /* one waits for more where another had an answer */
    DIFFERENCE_ENDING,     /* both took it, one's connection ended without close_notify */
    DIFFERENCE_DELIVERED,  /* both took it, with other application data */
    DIFFERENCE_ALERT,      /* both refused it, with other alerts */
    DIFFERENCE_PARAMETERS, /* both took it, with other parameters */
    DIFFERENCE_MOMENT,     /* both refused it alike, one after its handshake was done */
    NUM_DIFFERENCES,
    DIFFERENCE_NONE = NUM_DIFFERENCES,
};

extern const char *const difference_names[NUM_DIFFERENCES];

/* Two stacks that differ: what a rule judges. `first` is of the one whose `fate` is the lower. */
struct pair {
    enum difference difference;
    const struct script *script;
    const struct touched *touched;
    uint16_t version; /* TLS13 or TLS12: what the options come to */
    const struct reduced *first, *second;
    /* An extension that is touched was offered by one of both clients only. */
    bool offered_by_one;
    bool minimal; /* no step can be left out without another difference */
};

enum { COMPARED_MAX = 4, SIGNATURE_LEN = 768 };

struct disagreement {
    enum difference worst; /* DIFFERENCE_NONE: they agree, or all is covered by rules */
    size_t num_covered;    /* pairs that differ, and are covered */
    size_t covered_by;     /* index of the rule that covered the last of them */
    /* "client tls1.3 alert openssl=… …", by the worst difference of all, covered or not: what a
     * smaller script has to show as well. Empty if there is none. */
    char facts[SIGNATURE_LEN];
    /* The same by the worst that no rule covers, ": ", and what was touched. */
    char signature[SIGNATURE_LEN];
};

struct compared {
    const char *name;
    struct outcome outcome;
    const uint16_t *offered; /* extensions of a client's first flight; NULL for a server */
    size_t num_offered;
};

void reduce(struct reduced *out, const struct outcome *outcome);

/* "taken", "refused/decode_error", "done+refused/no alert": with parameters where they matter. */
void reduced_text(char *out, size_t len, const struct reduced *reduced, enum difference difference);

enum difference difference_of(const struct reduced *a, const struct reduced *b);

uint16_t script_version(const struct script *script);

void compare(struct disagreement *out, const struct compared compared[], size_t num,
             const struct script *script, const struct touched *touched, bool minimal);

#endif
