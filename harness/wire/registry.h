/* The protocol's registries as const tables: versions, cipher suites, groups, signature schemes,
 * alerts. One row a fact, each table citing its registry or RFC. Every other part of the tree
 * names protocol elements by these ids and spells them by these names.
 *
 * Each entry has two spellings: `name`, the one of RFC and IANA ("TLS_RSA_WITH_AES_128_CBC_SHA",
 * "secp256r1"), used in JSON and output; and `slug`, a short lower-case word that goes into case
 * ids ("rsa-aes128cbc-sha", "p256"). Both are unique within their table. Lookups return NULL for
 * the unknown; returned pointers live for ever. */
#ifndef TLSMATRIX_HARNESS_WIRE_REGISTRY_H
#define TLSMATRIX_HARNESS_WIRE_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Protocol versions as on the wire (RFC 8446 section 4.2.1; 5246 E.1). */
enum tls_version {
    TLS10 = 0x0301,
    TLS11 = 0x0302,
    TLS12 = 0x0303,
    TLS13 = 0x0304,
};
enum { NUM_TLS_VERSIONS = 4 };
/* No version that anybody may choose (RFC 7568; RFC 8446 appendix D.5), nor one of enum
 * tls_version. */
enum { SSL30 = 0x0300 };

/* "tls1.0" … "tls1.3"; NULL for another value. The slug and the name are the same word. */
const char *version_name(uint16_t version);
/* 0 if `name` is none of them. */
uint16_t version_by_name(const char *name);

/* How the premaster secret comes about. */
enum key_exchange {
    KX_TLS13,   /* decided by key_share and PSK, not by the suite (RFC 8446 section 4.1.1) */
    KX_RSA,     /* RFC 5246 section 7.4.7.1 */
    KX_DHE,     /* RFC 5246 section 7.4.3; RFC 7919 */
    KX_ECDHE,   /* RFC 4492, 8422 */
    KX_DH,      /* static */
    KX_ECDH,    /* static */
    KX_PSK,     /* RFC 4279 section 2 */
    KX_RSA_PSK, /* RFC 4279 section 4 */
    KX_SRP,     /* RFC 5054 */
};

/* What authenticates the server. */
enum suite_auth {
    AUTH_TLS13, /* decided by signature_algorithms and PSK (RFC 8446 section 4.2.3) */
    AUTH_RSA,
    AUTH_ECDSA, /* also EdDSA (RFC 8422 section 2) */
    AUTH_DSS,
    AUTH_ANON, /* nothing */
    AUTH_PSK,
};

enum cipher_kind { CIPHER_AEAD, CIPHER_CBC, CIPHER_STREAM, CIPHER_NULL };

struct suite {
    uint16_t id;
    const char *name;
    const char *slug;
    enum key_exchange kx;
    enum suite_auth auth;
    enum cipher_kind cipher;
    uint16_t min_version; /* the versions that may negotiate it */
    uint16_t max_version;
};

enum group_kind { GROUP_ECDHE, GROUP_FFDHE, GROUP_HYBRID, GROUP_KEM };

struct group {
    uint16_t id;
    const char *name;
    const char *slug;
    enum group_kind kind;
    uint16_t min_version;
    uint16_t max_version;
};

struct signature_scheme {
    uint16_t id;
    const char *name; /* RFC 8446 section 4.2.3 spelling, also for TLS 1.2 pairs of RFC 5246 */
};

struct alert {
    uint8_t id;
    const char *name;
    const char *reference;
};

extern const struct suite suites[];
extern const size_t num_suites;
extern const struct group groups[];
extern const size_t num_groups;
extern const struct signature_scheme signature_schemes[];
extern const size_t num_signature_schemes;
extern const struct alert alerts[];
extern const size_t num_alerts;

const struct suite *suite_by_id(uint16_t id);
const struct suite *suite_by_name(const char *name);
const struct suite *suite_by_slug(const char *slug);
/* May this suite be negotiated in this version? */
bool suite_allows_version(const struct suite *suite, uint16_t version);
/* Does the handshake with this suite in this version use a (EC)DHE group? */
bool suite_uses_group(const struct suite *suite);
/* The kind of group it uses; call it only where suite_uses_group(), and not for KX_TLS13. */
enum group_kind suite_group_kind(const struct suite *suite);

const struct group *group_by_id(uint16_t id);
const struct group *group_by_name(const char *name);
const struct group *group_by_slug(const char *slug);

const struct signature_scheme *signature_scheme_by_id(uint16_t id);
const struct signature_scheme *signature_scheme_by_name(const char *name);

const struct alert *alert_by_id(uint8_t id);
const struct alert *alert_by_name(const char *name);
/* The alert's name, or "alert N" in a static buffer for an unknown one. */
const char *alert_text(int id);

/* ContentType and HandshakeType: IANA "TLS ContentType", "TLS HandshakeType". The wire's numbers;
 * those that only old or reserved texts give are here too, because old peers send them. */
enum {
    CONTENT_CHANGE_CIPHER_SPEC = 20, /* RFC 8446 section 5.1 */
    CONTENT_ALERT = 21,
    CONTENT_HANDSHAKE = 22,
    CONTENT_APPLICATION_DATA = 23,
    CONTENT_HEARTBEAT = 24, /* RFC 6520 */
};
enum {
    HANDSHAKE_HELLO_REQUEST = 0, /* RFC 5246 section 7.4 */
    HANDSHAKE_CLIENT_HELLO = 1,  /* RFC 8446 section 4 */
    HANDSHAKE_SERVER_HELLO = 2,
    HANDSHAKE_NEW_SESSION_TICKET = 4,
    HANDSHAKE_END_OF_EARLY_DATA = 5,
    HANDSHAKE_ENCRYPTED_EXTENSIONS = 8,
    HANDSHAKE_CERTIFICATE = 11,
    HANDSHAKE_SERVER_KEY_EXCHANGE = 12, /* RFC 5246 section 7.4 */
    HANDSHAKE_CERTIFICATE_REQUEST = 13,
    HANDSHAKE_SERVER_HELLO_DONE = 14, /* RFC 5246 section 7.4 */
    HANDSHAKE_CERTIFICATE_VERIFY = 15,
    HANDSHAKE_CLIENT_KEY_EXCHANGE = 16, /* RFC 5246 section 7.4 */
    HANDSHAKE_FINISHED = 20,
    HANDSHAKE_CERTIFICATE_STATUS = 22, /* RFC 6066 section 8 */
    HANDSHAKE_KEY_UPDATE = 24,
    HANDSHAKE_COMPRESSED_CERTIFICATE = 25, /* RFC 8879 section 4 */
};

/* "handshake", "client_hello": the RFC's spelling; NULL for another value. */
const char *content_type_name(uint8_t type);
const char *handshake_type_name(uint8_t type);

/* ExtensionType: IANA "TLS ExtensionType Values". */
struct extension_type {
    uint16_t id;
    const char *name; /* "supported_versions" */
    const char *reference;
};
extern const struct extension_type extension_types[];
extern const size_t num_extension_types;

const struct extension_type *extension_type_by_id(uint16_t id);
const struct extension_type *extension_type_by_name(const char *name);

/* Extensions that the tree names. */
enum {
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_SUPPORTED_GROUPS = 10,
    EXTENSION_EC_POINT_FORMATS = 11,
    EXTENSION_SIGNATURE_ALGORITHMS = 13,
    EXTENSION_ALPN = 16,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_EXTENDED_MASTER_SECRET = 23,
    EXTENSION_SESSION_TICKET = 35,
    EXTENSION_PRE_SHARED_KEY = 41,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    EXTENSION_COOKIE = 44,
    EXTENSION_PSK_KEY_EXCHANGE_MODES = 45,
    EXTENSION_CERTIFICATE_AUTHORITIES = 47,
    EXTENSION_SIGNATURE_ALGORITHMS_CERT = 50,
    EXTENSION_KEY_SHARE = 51,
    EXTENSION_RENEGOTIATION_INFO = 0xFF01,
};

/* Signalling suites, which no table of suites holds because none can be negotiated. */
enum {
    SCSV_EMPTY_RENEGOTIATION_INFO = 0x00FF, /* RFC 5746 section 3.3 */
    SCSV_FALLBACK = 0x5600,                 /* RFC 7507 section 2 */
};

/* GREASE: values that must be ignored where they are offered (RFC 8701 section 2). */
bool is_grease(uint16_t value);

/* Is this id of a suite, group, scheme or version among them? */
bool id_listed(const uint16_t ids[], size_t num_ids, uint16_t id);

/* Alerts that rules name (RFC 8446 section 6, RFC 5246 section 7.2). */
enum {
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_UNEXPECTED_MESSAGE = 10,
    ALERT_BAD_RECORD_MAC = 20,
    ALERT_RECORD_OVERFLOW = 22,
    ALERT_DECOMPRESSION_FAILURE = 30, /* RFC 5246 section 7.2.2 */
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_UNSUPPORTED_CERTIFICATE = 43,
    ALERT_CERTIFICATE_REVOKED = 44,
    ALERT_CERTIFICATE_EXPIRED = 45,
    ALERT_CERTIFICATE_UNKNOWN = 46,
    ALERT_ILLEGAL_PARAMETER = 47,
    ALERT_UNKNOWN_CA = 48,
    ALERT_ACCESS_DENIED = 49,
    ALERT_DECODE_ERROR = 50,
    ALERT_DECRYPT_ERROR = 51,
    ALERT_PROTOCOL_VERSION = 70,
    ALERT_INSUFFICIENT_SECURITY = 71,
    ALERT_INTERNAL_ERROR = 80,
    ALERT_INAPPROPRIATE_FALLBACK = 86, /* RFC 7507 section 2 */
    ALERT_USER_CANCELED = 90,
    ALERT_MISSING_EXTENSION = 109,
    ALERT_UNSUPPORTED_EXTENSION = 110,
    ALERT_UNRECOGNIZED_NAME = 112, /* RFC 6066 section 3 */
    ALERT_BAD_CERTIFICATE_STATUS_RESPONSE = 113,
    ALERT_UNKNOWN_PSK_IDENTITY = 115,
    ALERT_CERTIFICATE_REQUIRED = 116,
    ALERT_NO_APPLICATION_PROTOCOL = 120, /* RFC 7301 section 3.2 */
};

#endif
