/* The recipes of theories_trust.c, and what both they and its table ask of a recording. */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_TRUST_RECIPES_H
#define TLSMATRIX_MATRIX_REPRODUCE_TRUST_RECIPES_H

#include "matrix/reproduce/recipe_parts.h"

/* Did this end's certificates cross the wire where they could be read? */
static inline bool seen(const struct recording *recording, enum role role)
{
    return recording->chain[role].len > 0;
}

/* Was the last alert this one, readable? */
static inline bool said(const struct recording *recording, uint8_t description)
{
    const struct last_alert *alert = &recording->story.alert;
    return alert->seen && !alert->hidden && alert->description == description;
}

/* Each makes the recipe of a theory: the credentials that the judged end is shown, what it trusts,
 * and its twin, in which nothing is wrong (struct theory). */
int make_as_seen(struct making *making, struct error *err);
int make_late(struct making *making, struct error *err); /* verified behind the handshake */
int make_without_anchor(struct making *making, struct error *err);
int make_revoked(struct making *making, struct error *err);
int make_proof(struct making *making, struct error *err); /* signed by another key */
int make_pin(struct making *making, struct error *err);
int make_none_sent(struct making *making, struct error *err);
/* Where nobody saw the certificates. */
int make_unseen_expired(struct making *making, struct error *err);
int make_unseen_unknown_ca(struct making *making, struct error *err);
int make_unseen_wrong_name(struct making *making, struct error *err);

#endif
