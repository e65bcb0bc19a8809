/* All stacks in one process, and one script to each of them. */
#ifndef TLSMATRIX_FUZZ_DIFFERENTIAL_ENSEMBLE_H
#define TLSMATRIX_FUZZ_DIFFERENTIAL_ENSEMBLE_H

#include "fuzz/differential/compare.h"

enum { OFFERED_MAX = 64, OPTIONS_NUM = SCRIPT_OPTIONS };

struct offer {
    bool known;
    uint16_t extensions[OFFERED_MAX];
    size_t num;
};

struct ensemble {
    struct player *player;
    struct fuzz_stack stacks[COMPARED_MAX];
    size_t num;
    size_t num_plays; /* of one stack each */

    /* Of each options byte, asked once. */
    struct partner_log logs[OPTIONS_NUM];
    bool logged[OPTIONS_NUM];
    struct offer offers[OPTIONS_NUM][COMPARED_MAX];
};

/* Loads openssl, boringssl and gnutls. A large object on the heap, which the caller frees. */
int ensemble_new(struct ensemble **out, struct error *err);
void ensemble_free(struct ensemble *ensemble);

/* Takes from the script's options what would make it another script to one of the stacks: GnuTLS's
 * client sends shares of both groups, so that the retry that OpenSSL's gets never comes, and P-256
 * is answered with a share of it to GnuTLS's alone; servers' tickets have other lengths, so that a
 * byte of the ClientHello behind one is another byte. */
void ensemble_align(struct script *script);

/* What the partner says under the script's options when nothing is changed; NULL and *err if the
 * control fails: with no step every stack takes it, and no two disagree,
 * and the partner says the same messages and records to each. */
const struct partner_log *ensemble_log(struct ensemble *ensemble, const struct script *script,
                                       struct error *err);

/* Plays the script to each. compared[] receives as many as there are stacks. */
int ensemble_play(struct ensemble *ensemble, struct compared compared[COMPARED_MAX],
                  const struct script *script, struct error *err);

/* Plays and compares. */
int ensemble_compare(struct ensemble *ensemble, struct disagreement *out,
                     const struct script *script, bool minimal, struct error *err);

/* Makes *script as small as it gets while the disagreement's facts stay (with
 * a step less a rule may cover them: then the rest of the steps has nothing to do with it), in at
 * most `plays_max` plays; *out is what the smallest shows, judged as a minimal one (its `worst` may
 * be DIFFERENCE_NONE then). `room` receives the steps' bytes and outlives *script. */
int ensemble_minimise(struct ensemble *ensemble, struct disagreement *out, struct script *script,
                      struct writer *room, size_t plays_max, struct error *err);

#endif
