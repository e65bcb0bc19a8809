/* ClientHello, ServerHello and HelloRetryRequest as one struct that can be edited and written back
 * (RFC 8446 sections 4.1.2 to 4.1.4; RFC 5246 sections 7.4.1.2 and 7.4.1.3). What was read and not
 * changed is written byte for byte as it was: order, duplicates, GREASE, unknown extensions. Only
 * the outer form is demanded; what is in an extension is for whoever asks for it. */
#ifndef TLSMATRIX_HARNESS_WIRE_HELLO_H
#define TLSMATRIX_HARNESS_WIRE_HELLO_H

#include "harness/error.h"
#include "harness/wire/registry.h"
#include "harness/wire/writer.h"

enum {
    HELLO_RANDOM_LEN = 32,
    HELLO_SESSION_ID_MAX = 32,
    HELLO_SUITES_MAX = 512,     /* above the number that the registry has */
    HELLO_COMPRESSIONS_MAX = 8, /* three were ever given out */
    HELLO_EXTENSIONS_MAX = 64,  /* above the number that the registry has */
    HELLO_LIST_MAX = 128,       /* versions, groups, schemes, key shares in one extension */
};

enum hello_kind { HELLO_CLIENT, HELLO_SERVER, HELLO_RETRY };

struct extension {
    uint16_t type;
    struct writer body;
};

struct hello {
    enum hello_kind kind;
    uint16_t legacy_version;
    uint8_t random[HELLO_RANDOM_LEN];
    uint8_t session_id[HELLO_SESSION_ID_MAX];
    size_t session_id_len;
    uint16_t suites[HELLO_SUITES_MAX]; /* server: one */
    size_t num_suites;
    uint8_t compressions[HELLO_COMPRESSIONS_MAX]; /* server: one */
    size_t num_compressions;
    bool has_extensions; /* the block is there, be it empty */
    struct extension extensions[HELLO_EXTENSIONS_MAX];
    size_t num_extensions;
};

/* The random of a HelloRetryRequest (RFC 8446 section 4.1.3). */
extern const uint8_t hello_retry_random[HELLO_RANDOM_LEN];

/* Reads the body of a message (without handshake header) of HandshakeType `type`, client_hello or
 * server_hello. The error (class ERROR_USAGE) says what is wrong; then *out is as after
 * hello_fini(). On success the caller owes hello_fini(). */
int hello_read(struct hello *out, uint8_t type, const void *body, size_t len, struct error *err);
void hello_fini(struct hello *hello);

/* Is this body of a server_hello a HelloRetryRequest? Looks at no more than the random. */
bool hello_is_retry(const void *body, size_t len);

/* Appends the body; failures stick in the writer. */
void hello_write(struct writer *out, const struct hello *hello);

/* ---- extensions ---- */

/* The first of this type; NULL. */
struct extension *hello_extension(struct hello *hello, uint16_t type);
const struct extension *hello_extension_const(const struct hello *hello, uint16_t type);

/* Takes out all of this type; false if there was none. */
bool hello_remove_extension(struct hello *hello, uint16_t type);

/* Puts one at the end, but before pre_shared_key, which must stay the last (RFC 8446 section
 * 4.2.11). False if there is no room. */
bool hello_add_extension(struct hello *hello, uint16_t type, const void *body, size_t len);

/* Puts this body in the place of the extension's. */
void extension_set(struct extension *extension, const void *body, size_t len);

/* ---- what is in them ---- */

/* A list of 16-bit values behind a length of `prefix_len` bytes: supported_versions of a client
 * (1), supported_groups, signature_algorithms (2). Returns how many were written to `out`; 0 also
 * where the form is wrong. */
size_t extension_list(uint16_t out[HELLO_LIST_MAX], const struct extension *extension,
                      size_t prefix_len);
void extension_set_list(struct extension *extension, const uint16_t values[], size_t num_values,
                        size_t prefix_len);

/* supported_versions of a client; without that extension, every version up to legacy_version. */
size_t hello_versions(uint16_t out[HELLO_LIST_MAX], const struct hello *hello);
bool hello_offers_version(const struct hello *hello, uint16_t version);

/* What a server has chosen: supported_versions, else legacy_version. */
uint16_t hello_chosen_version(const struct hello *hello);

bool hello_offers_suite(const struct hello *hello, uint16_t suite);
/* Takes the suite out of a client's list; false if it was not there. */
bool hello_remove_suite(struct hello *hello, uint16_t suite);

/* The groups of key_share, by the form of the hello's kind: several of a client, one of a server
 * or of a HelloRetryRequest. */
size_t hello_key_share_groups(uint16_t out[HELLO_LIST_MAX], const struct hello *hello);

/* server_name of a client (RFC 6066 section 3): its first host_name, not terminated; NULL. */
const uint8_t *hello_server_name(const struct hello *hello, size_t *len);

/* The first protocol of ALPN (RFC 7301 section 3.1), not terminated; NULL. */
const uint8_t *hello_first_protocol(const struct hello *hello, size_t *len);

/* extended_master_secret, encrypt_then_mac: empty where they are in good form. */
bool hello_has_flag(const struct hello *hello, uint16_t type);

/* renegotiation_info, or of a client the signalling suite that stands for it (RFC 5746 section
 * 3.4). */
bool hello_has_renegotiation_info(const struct hello *hello);

#endif
