/* What one end saw and did: the answer of a peer to a case. Facts, never verdicts.
 *
 * Travels as the JSON message `facts`. Plain data, may be copied with `=`. A value that the peer
 * does not know is 0, empty or -1 as noted, and its key is absent from the JSON. */
#ifndef TLSMATRIX_HARNESS_CONTROL_FACTS_H
#define TLSMATRIX_HARNESS_CONTROL_FACTS_H

#include "harness/error.h"
#include "harness/limits.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How it ended at this end. */
enum result {
    RESULT_ACCEPTED, /* handshake done, own checks passed, application exchange complete */
    RESULT_REFUSED,  /* ended before that, by this end's decision or the other's */
    RESULT_DECLINED, /* the stack cannot be configured so, sent nothing; or this machine
                        lacks what the case needs: the store of a pin, memory */
    RESULT_TIMEOUT,  /* the deadline passed while waiting for the other end */
};

/* Where this end was when it ended. */
enum stage {
    STAGE_CONFIGURE,   /* nothing sent yet */
    STAGE_HANDSHAKE,   /* the handshake function had not returned success */
    STAGE_PIN,         /* handshake done; the pin or first-use check refused */
    STAGE_APPLICATION, /* exchanging application data (a TLS 1.3 server's refusal lands here) */
    STAGE_CLOSE,       /* application exchange done, closing */
    STAGE_DONE,
};

/* How the other end's sending direction ended. */
enum close_kind {
    CLOSE_UNKNOWN,   /* not reached */
    CLOSE_CLEAN,     /* close_notify received (RFC 8446 section 6.1) */
    CLOSE_TRUNCATED, /* TCP FIN without close_notify */
    CLOSE_RESET,     /* TCP RST */
    CLOSE_ALERT,     /* an alert that ended it (alert_received) */
};

/* What the check of the other end's certificate found wrong, in words common to all libraries. */
enum verify_problem {
    VERIFY_PROBLEM_NONE,  /* nothing, or not checked */
    VERIFY_PROBLEM_CHAIN, /* no path to a trust anchor, bad signature, broken constraint, … */
    VERIFY_PROBLEM_NAME,  /* the certificate is for another name */
    VERIFY_PROBLEM_TIME,  /* expired or not yet valid */
    VERIFY_PROBLEM_USAGE, /* its key usage or extended key usage does not allow this use */
    VERIFY_PROBLEM_REVOKED,
    VERIFY_PROBLEM_WEAK, /* a key or a signature algorithm below the verifier's measure */
};

struct facts {
    enum result result;
    enum stage stage;
    bool handshake_done;       /* this end's handshake function returned success */
    uint16_t version;          /* negotiated; 0 unknown */
    uint16_t suite;            /* 0 unknown */
    uint16_t group;            /* 0 unknown or none */
    uint16_t signature_scheme; /* of the server's handshake signature; 0 unknown or none */
    bool resumed;
    bool verify_known; /* verify_code holds the library's own result code */
    long verify_code;
    char verify_text[TEXT_LEN];
    enum verify_problem verify_problem;
    /* Number of a fatal alert, or in TLS 1.3 of one that is an error whatever its level (RFC 8446
     * section 6); -1 none or unknown. */
    int alert_sent;
    int alert_received;
    bool peer_leaf_known; /* the other end presented a certificate */
    uint8_t peer_leaf_sha256[SHA256_LEN];
    size_t bytes_in; /* application bytes */
    size_t bytes_out;
    enum close_kind close;
    bool exporter_known;
    uint8_t exporter[EXPORTER_LEN]; /* label "EXPORTER-tlsmatrix", empty context */
    char error_text[TEXT_LEN];      /* the library's own words, one line */
    uint64_t duration_us;           /* from first handshake call to facts */
    char keylog[KEYLOG_LEN];        /* NSS key log lines, each ending in a newline */
};

void facts_init(struct facts *facts);
const char *result_name(enum result result);
const char *stage_name(enum stage stage);
const char *close_kind_name(enum close_kind kind);
const char *verify_problem_name(enum verify_problem problem);

/* The JSON object of the facts, keys as in peers/README.md; NULL when out of memory. */
json_t *facts_to_json(const struct facts *facts);
int facts_from_json(struct facts *out, const json_t *object, struct error *err);

#endif
