/* What one end of a case is told to be: the peer's whole configuration, and nothing else.
 *
 * It travels as the JSON message `case` (peers/README.md has the contract); by-hand peers fill the
 * same struct from their command line. Plain data: no ownership, may be copied with `=`. */
#ifndef TLSMATRIX_HARNESS_CONTROL_ENDPOINT_H
#define TLSMATRIX_HARNESS_CONTROL_ENDPOINT_H

#include "harness/control/exchanges.h"
#include "harness/error.h"
#include "harness/limits.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum role { ROLE_CLIENT, ROLE_SERVER };

/* "client", "server". */
const char *role_name(enum role role);

/* What an end demands of the other end's certificate. */
enum verify_mode {
    VERIFY_NONE,    /* client: accepts any; server: sends no CertificateRequest */
    VERIFY_REQUEST, /* server only: asks, accepts none, verifies what comes */
    VERIFY_REQUIRE, /* verifies; refuses when it fails or (server) when none comes */
};

enum pin_mode {
    PIN_OFF,
    PIN_LEAF, /* SHA-256 of the peer's leaf certificate, DER */
    PIN_SPKI, /* SHA-256 of the leaf's SubjectPublicKeyInfo, DER (RFC 7469 section 2.4) */
    PIN_TOFU, /* trust on first use: leaf hash kept in the file `tofu_store` */
};

struct endpoint {
    enum role role;
    uint16_t min_version;
    uint16_t max_version;
    /* Offered or accepted suites and groups by preference; an empty list is the stack's default. */
    uint16_t suites[CONFIG_SUITES_MAX];
    size_t num_suites;
    uint16_t groups[CONFIG_GROUPS_MAX];
    size_t num_groups;
    /* Own credential: PEM chain, leaf first, and PEM key. Empty: none. */
    char chain_file[PATH_LEN];
    char key_file[PATH_LEN];
    /* Trust anchors (PEM) for the other end's certificate. Empty: none. */
    char trust_file[PATH_LEN];
    /* CRLs (PEM) of every CA of the other end's chain: the verifier checks each certificate of it
     * against them. Empty: no such check. */
    char crl_file[PATH_LEN];
    /* OCSP response (DER) about the own leaf, which this end staples where it is asked to (RFC 6066
     * section 8; RFC 8446 section 4.4.2.1). Empty: none. */
    char staple_file[PATH_LEN];
    /* The verifier asks for a staple, and refuses where one comes that says revoked, is forged or
     * is out of date. Without one it goes on: nothing here demands a staple. */
    bool check_staple;
    /* A server takes its own first common suite, not the client's. */
    bool server_order;
    /* A trust anchor need not sign itself. */
    bool partial_chain;
    /* Certificates are held to every letter of RFC 5280 that the library knows. */
    bool strict;
    /* Signs with key_file although that is not the certificate's key. */
    bool wrong_key;
    /* The name that the server's certificate must carry (client; also sent as SNI). Empty: not
     * checked, not sent. */
    char peer_name[NAME_MAX_LEN];
    /* The one name that a server serves: a hello that asks for another is refused with
     * unrecognized_name (RFC 6066 section 3). Empty: every name. */
    char served_name[NAME_MAX_LEN];
    /* Application protocols by preference, "h2,http/1.1". A client offers them; a server takes the
     * first of its own that is offered, and refuses an offer without any of them with
     * no_application_protocol (RFC 7301 section 3.2). Empty: no ALPN. */
    char protocols[PROTOCOLS_LEN];
    enum verify_mode verify;
    /* The other end's certificate is judged behind the handshake, as by programs that do it
     * themselves: who refuses it then sends close_notify, and no alert. */
    bool late_verify;
    int64_t verify_time; /* seconds since 1970 (UTC) at which certificates are judged */
    enum pin_mode pin;
    uint8_t pin_sha256[SHA256_LEN]; /* PIN_LEAF, PIN_SPKI */
    char tofu_store[PATH_LEN];      /* PIN_TOFU: 32 raw bytes, or absent before the first use */
    /* External PSK (RFC 4279; RFC 8446 section 4.2.11). psk_len 0: none. */
    char psk_identity[NAME_MAX_LEN];
    uint8_t psk[PSK_LEN];
    size_t psk_len;
    /* SRP (RFC 5054). Empty: none. The server knows this one user. */
    char srp_user[NAME_MAX_LEN];
    char srp_password[NAME_MAX_LEN];
    /* What is said inside, before both send close_notify. `request_len` is of EXCHANGE_PATTERN: the
     * client sends so many bytes, the server answers with as many, each inverted (XOR 0xFF). */
    enum exchange_kind exchange;
    size_t request_len;
    /* Sessions are kept in the context, offered and taken up again. For instruments that hold the
     * context themselves: no message says it, and cases are apart from each other. */
    bool sessions;
    uint32_t deadline_ms;     /* for everything from receipt of the message to the facts */
    bool keylog;              /* put NSS key log lines into the facts */
    char fault[NAME_MAX_LEN]; /* for the peer `liar` only: the lie to tell. Others decline. */
};

/* The JSON object of an endpoint, keys as in peers/README.md; NULL when out of memory.
 * The caller owns the reference. */
json_t *endpoint_to_json(const struct endpoint *endpoint);

/* Unknown keys, wrong types, unknown names and lists beyond their bounds are errors
 * (class ERROR_HARNESS) that name the key. */
int endpoint_from_json(struct endpoint *out, const json_t *object, struct error *err);

#endif
