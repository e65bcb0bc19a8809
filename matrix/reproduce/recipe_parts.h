/* What the files share that make recipes. For matrix/reproduce/ only. */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_RECIPE_PARTS_H
#define TLSMATRIX_MATRIX_REPRODUCE_RECIPE_PARTS_H

#include "harness/pki/forge.h"
#include "matrix/reproduce/recipe.h"

/* One recipe in the making. */
struct making {
    const struct recording *recording;
    const struct recipe_order *order;
    const struct forge *forge;
    struct recipe *recipe;
    bool revoked; /* the certificates in the making are: their CRLs are made with them */
};

/* A way in which a failure can have come about. */
struct theory {
    const char *name;
    const char *text; /* what the judged end is told */
    enum role judged;
    enum partner partner;
    bool (*fits)(const struct recording *recording);
    int (*make)(struct making *making, struct error *err); /* beyond what all have; NULL */
};
extern const struct theory theories_hello[]; /* what the hellos say; a row without a name ends */
extern const struct theory theories_trust[]; /* certificates and who holds them */
extern const struct theory theories_path[];  /* what somebody did on the way */

__attribute__((format(printf, 2, 3))) void leave_out(struct recipe *recipe, const char *format,
                                                     ...);

bool cause_is(const struct recording *recording, const char *id);
bool cause_begins(const struct recording *recording, const char *prefix);
/* Was what the server said no TLS, by what `explain` found? */
bool spoke_no_tls(const struct recording *recording);
/* Was it this end that gave up? */
bool gave_up(const struct recording *recording, enum role role);

/* Lowest and highest of a list that is not empty. */
uint16_t lowest(const struct id_list *list);
uint16_t highest(const struct id_list *list);

/* The whole file name of a credential that is written for this recipe: FOLDER/NAME-ROLE, to which
 * the forge adds "-chain.pem" and so on. */
void credential_prefix(char out[PATH_LEN], const struct making *making, enum role role);

/* A server's certificate with nothing wrong, where it is not what failed: the recorded chain made
 * again, or where nobody saw it the forge's. For recipes in which nobody verifies it. */
int present_sound(struct making *making, struct error *err);

#endif
