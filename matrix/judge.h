/* The judge: expectation and facts in, verdict out. Pure. */
#ifndef TLSMATRIX_MATRIX_JUDGE_H
#define TLSMATRIX_MATRIX_JUDGE_H

#include "harness/verdict.h"
#include "matrix/oracle.h"
#include "matrix/raw/player.h"
#include "matrix/relay/relay.h"
#include "matrix/wire_view.h"

/* How a worker ended up without facts. */
enum peer_outcome {
    PEER_ANSWERED,
    PEER_HUNG,           /* no facts before the backstop deadline; killed */
    PEER_CRASHED,        /* the process ended; `reason` says by which signal or status */
    PEER_BROKE_CONTRACT, /* garbage, wrong message, wrong contract on the control socket */
};

/* All that is known of one run of a case. */
struct evidence {
    enum peer_outcome outcome[2]; /* [enum role] */
    char reason[2][TEXT_LEN];     /* for the outcomes that are not PEER_ANSWERED */
    struct facts facts[2];
    /* Ground truth of the credentials that the runner handed out. */
    uint8_t leaf_sha256[2][SHA256_LEN]; /* of the leaf that role presents, where it has one */
    /* The connection at each end: one and the same, or two where the case is relayed; NULL: it was
     * not recorded. */
    const struct wire_view *wire[2];
    struct raw_facts raw;     /* what the raw end saw, where the case has one */
    struct relay_facts relay; /* what was seen and done in the path, where the case is relayed */
    /* Trust on first use: what the store holds afterwards (PINNING_TOFU_*). */
    bool tofu_stored;
    uint8_t tofu_sha256[SHA256_LEN];
    uint8_t tofu_before[SHA256_LEN]; /* what the runner put there (TOFU_KNOWN, TOFU_CHANGED) */
};

struct judgement {
    enum verdict verdict;   /* never XFAIL, XPASS, INCONCLUSIVE, UNSUPPORTED: those need more */
    enum failure_kind kind; /* where verdict is FAIL */
    char reason[TEXT_LEN];  /* one sentence that names the end, the fact and the expectation;
                               empty for a pass */
    const char *check;      /* the name of the row in judge_checks[] that decided, NULL: a pass */
};

void judge(struct judgement *out, const struct matrix_case *c, const struct expectation *e,
           const struct evidence *evidence);

/* The same; and where the RFCs leave the outcome open, the one that *e does not name is as good: if
 * that is what happened, *e becomes it. */
void judge_either(struct judgement *out, struct expectation *e, const struct matrix_case *c,
                  const struct stack_set *stacks, const struct evidence *evidence);

#endif
