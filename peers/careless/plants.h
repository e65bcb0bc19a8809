/* The carelessnesses of this peer, each a row that the harness has to turn red: what is left out,
 * what the texts say about that, and the cases that show it. One at a time; with none it is a
 * careful end, and the very same cases are green. */
#ifndef TLSMATRIX_PEERS_CARELESS_PLANTS_H
#define TLSMATRIX_PEERS_CARELESS_PLANTS_H

#include "peers/common/stack.h"

enum plant {
    PLANT_NONE,
    /* The other end's certificate. */
    PLANT_HOST_NAME,
    PLANT_NAME_PREFIX,
    PLANT_NAME_SUFFIX,
    PLANT_NAME_NUL,
    PLANT_WILDCARD,
    PLANT_COMMON_NAME,
    PLANT_ADDRESS_AS_NAME,
    PLANT_EXPIRY,
    PLANT_BEGINNING,
    PLANT_ANY_ISSUER,
    PLANT_SELF_SIGNED,
    PLANT_CERTIFICATE_SIGNATURE,
    PLANT_ANY_CA,
    PLANT_PATH_LENGTH,
    PLANT_NAME_CONSTRAINTS,
    PLANT_PURPOSE,
    PLANT_CRITICAL_EXTENSIONS,
    PLANT_REVOCATION,
    PLANT_LEAF_REVOCATION,
    PLANT_LATE_VERIFICATION,
    PLANT_WEAK_DIGEST,
    PLANT_CLIENT_CERTIFICATE,
    PLANT_OPTIONAL,
    PLANT_LATE_AUTHENTICATION,
    PLANT_PIN,
    PLANT_EARLY_FIRST_USE,
    /* Signatures and Finished. */
    PLANT_SERVER_SIGNATURE,
    PLANT_CLIENT_SIGNATURE,
    PLANT_FINISHED,
    PLANT_FALSE_START,
    PLANT_EMPTY_CERTIFICATE,
    PLANT_SKIPPED_CERTIFICATE,
    PLANT_SKIPPED_KEY_EXCHANGE,
    PLANT_SKIPPED_VERIFY,
    PLANT_EARLY_FINISHED,
    PLANT_BEFORE_KEYS,
    PLANT_ANY_SHARE,
    /* What was negotiated, and what was not. */
    PLANT_SENTINEL_CHECK,
    PLANT_SENTINEL_SENT,
    PLANT_FALLBACK,
    PLANT_UNOFFERED_VERSION,
    PLANT_UNOFFERED_SUITE,
    PLANT_UNOFFERED_GROUP,
    PLANT_OWN_SUITE,
    PLANT_OWN_GROUP,
    PLANT_UNOFFERED_EXTENSION,
    PLANT_MISPLACED_EXTENSION,
    PLANT_REPEATED_EXTENSION,
    PLANT_MISSING_EXTENSION,
    PLANT_COMPRESSION,
    PLANT_NULL_COMPRESSION,
    PLANT_SESSION_ID,
    PLANT_RETRY_SHARED,
    PLANT_RETRY_UNOFFERED,
    PLANT_TRAILING_BYTES,
    PLANT_WHOLE_MESSAGES,
    PLANT_INTOLERANT,
    PLANT_REPEATED_MESSAGES,
    /* Records. */
    PLANT_EARLY_CHANGE,
    PLANT_NO_CHANGE,
    PLANT_LATE_CHANGE,
    PLANT_ANY_CHANGE,
    PLANT_RECORD_TAG,
    PLANT_REPLAYED_RECORDS,
    PLANT_LOST_RECORDS,
    PLANT_OVERSIZE,
    PLANT_CLEAR_ALERT,
    PLANT_CLEAR_DATA,
    PLANT_CLEAR_HANDSHAKE,
    PLANT_EARLY_DATA,
    PLANT_EARLY_KEYS,
    PLANT_UNKNOWN_RECORDS,
    PLANT_HEARTBEAT,
    PLANT_FATAL_ALERTS,
    PLANT_TEXT_BEFORE,
    /* The end. */
    PLANT_TRUNCATION,
    PLANT_NO_CLOSE_NOTIFY,
    PLANT_WRONG_ALERT,
    PLANT_NO_ALERT,
    PLANT_ALERT_UNSEALED,
    PLANT_SAME_NONCE,
    PLANT_SAME_RANDOM,
    NUM_PLANTS,
};

enum { PLANT_CASES_MAX = 5 };

struct plant_row {
    const char *name;                   /* as in the endpoint's `fault` */
    const char *text;                   /* what it does, in a line */
    const char *references;             /* what it should do instead */
    const char *cases[PLANT_CASES_MAX]; /* each of them has to be red; ends at NULL */
    const char *kind;                   /* and of this kind of failure (harness/verdict.h) */
};

extern const struct plant_row plant_rows[NUM_PLANTS]; /* [PLANT_NONE] is empty */

/* PLANT_NONE if unknown. */
enum plant plant_by_name(const char *name);

/* The carelessness of the connections that are made from here on. */
void plant_begin(enum plant plant);
enum plant plant_current(void);

#endif
