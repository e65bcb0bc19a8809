/* A case: one value on every axis. What the planner makes, the oracle judges beforehand, the
 * runner carries out and the judge judges afterwards. Plain data, may be copied with `=`.
 *
 * Its id is the path of its axis values, for example
 *   openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/leaf
 * and is all that is needed to make the case again: case_from_id(case_id(c)) == c. The axes behind
 * the pin are optional: an ordinary value leaves its segment out, another is told by its name,
 *   openssl-boringssl/tls1.3/aes128gcm/x25519/ecdsa-p256/mutual/off/client-expired-leaf
 * so that a new axis changes no id that was there before. */
#ifndef TLSMATRIX_MATRIX_CASE_H
#define TLSMATRIX_MATRIX_CASE_H

#include "harness/control/capabilities.h"
#include "harness/control/endpoint.h"
#include "harness/error.h"
#include "harness/pki/identities.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum axis {
    AXIS_CLIENT,
    AXIS_SERVER,
    AXIS_VERSION,
    AXIS_SUITE,
    AXIS_GROUP,
    AXIS_CREDENTIAL,
    AXIS_AUTH,
    AXIS_PIN,
    AXIS_IDENTITY, /* from here on optional in ids and profiles */
    AXIS_ATTACK,
    AXIS_DELIVERY,
    AXIS_HELLO,
    AXIS_EXCHANGE,
    NUM_AXES,
};
enum { FIRST_OPTIONAL_AXIS = AXIS_IDENTITY };

/* "client", "server", "version", … as in profiles. */
const char *axis_name(enum axis axis);
int axis_by_name(const char *name); /* -1 if unknown */

/* Who authenticates whom, and with what. */
enum auth {
    AUTH_MODE_NONE,               /* nobody verifies; anonymous suites have no certificate at all */
    AUTH_MODE_SERVER,             /* the client verifies the server */
    AUTH_MODE_MUTUAL,             /* and the server requires a client certificate, which comes */
    AUTH_MODE_MUTUAL_NONE_SENT,   /* required, none sent: must be refused */
    AUTH_MODE_OPTIONAL,           /* requested, sent, verified */
    AUTH_MODE_OPTIONAL_NONE_SENT, /* requested, none sent: must be accepted */
    AUTH_MODE_PSK,
    AUTH_MODE_PSK_WRONG_KEY, /* the client knows the identity, but not the key: must be refused */
    AUTH_MODE_PSK_UNKNOWN,   /* an identity that the server does not know: must be refused */
    AUTH_MODE_SRP,
    AUTH_MODE_SRP_WRONG_PASSWORD, /* must be refused */
    AUTH_MODE_SRP_UNKNOWN,        /* a user whom the server does not know: must be refused */
    NUM_AUTH_MODES,
};

/* "none", "server", "mutual", "mutual-none-sent", "optional", "optional-none-sent", "psk",
 * "psk-wrong-key", "psk-unknown", "srp", "srp-wrong-password", "srp-unknown". */
const char *auth_name(enum auth auth);

/* The same without what is wrong with it: "psk" of "psk-wrong-key", "mutual" of
 * "mutual-none-sent"; itself where nothing is. */
enum auth auth_healthy(enum auth auth);

enum pinning {
    PINNING_OFF,
    PINNING_LEAF,
    PINNING_LEAF_WRONG,
    PINNING_SPKI,
    PINNING_SPKI_WRONG,
    PINNING_TOFU_FIRST,   /* no stored hash: accepted, and stored */
    PINNING_TOFU_KNOWN,   /* the stored hash is this one */
    PINNING_TOFU_CHANGED, /* another is stored: refused, the store untouched */
    NUM_PINNINGS,
};

/* "off", "leaf", "leaf-wrong", "spki", "spki-wrong", "tofu-first", "tofu-known", "tofu-changed". */
const char *pinning_name(enum pinning pinning);

/* Values of the suite and group axes that name no registry entry. */
enum {
    SUITE_ANY = 0xFFFF, /* slug "any": each end offers the general list (case_offered_suites) */
    GROUP_ANY = 0xFFFF, /* slug "any" */
    GROUP_NONE = 0,     /* slug "none": the suite has no (EC)DHE */
};

enum { STACKS_MAX = 16 }; /* three here, a few builds of each later; an index fits a byte */

/* In place of a stack's index: the end is no stack, it says what the case's hello says (raw/). It
 * declares nothing, and `all` and globs of stacks do not mean it. */
enum { RAW_STACK = STACKS_MAX };

/* The stacks of a run, in the order of the command line or profile. Stack names match
 * [a-z0-9][a-z0-9._+]*: no '-' and no '/', which separate in ids. */
struct stack_set {
    struct capabilities stacks[STACKS_MAX + 1]; /* the last is RAW_STACK: all zero */
    size_t num_stacks;
};

/* "openssl"; "raw" for RAW_STACK. */
const char *stack_name(const struct stack_set *set, size_t index);

/* Index of the stack, -1 if unknown. */
int stack_index(const struct stack_set *set, const char *name);

/* Added to the row's number where the client is the imposter. */
enum { IDENTITY_OF_CLIENT = IDENTITIES_MAX };

struct matrix_case {
    uint8_t client; /* index into the stack set */
    uint8_t server;
    uint16_t min_version[2]; /* [enum role] */
    uint16_t max_version[2];
    uint16_t suite[2];          /* [enum role]: differs where "no common suite" is the case */
    uint16_t group[2];          /* likewise */
    enum credential credential; /* of the server, and of the client where it has one */
    enum auth auth;
    enum pinning pinning;
    uint16_t identity; /* row of identities[]; of the client's: IDENTITY_OF_CLIENT + row */
    uint16_t attack;   /* 0: none; else 1 + its index (relay/attacks.h) */
    uint16_t delivery; /* enum delivery (relay/relay.h) */
    uint16_t hello;    /* 0: none; else 1 + its number (raw/hellos.h) */
    uint16_t exchange; /* enum exchange_kind */
    uint32_t repeat;   /* 0, or the number behind "#" in the id: the same case run again */
};

/* Index of the stack at this end. */
size_t case_stack(const struct matrix_case *c, enum role role);

enum { CASE_ID_MAX = 320 };

/* Writes the id. Segments: client-server / version / suite / group / credential / auth / pinning,
 * with "#N" behind the whole if repeat is N > 0. Version: "tls1.3", a range "tls1.0-1.2", or
 * CLIENT:SERVER "tls1.2:tls1.3"; suite and group: a slug, or CLIENT:SERVER. */
void case_id(char out[CASE_ID_MAX], const struct matrix_case *c, const struct stack_set *stacks);

/* Parses an id; the error (ERROR_USAGE) names the segment that is wrong and the nearest word that
 * would be right. Does not ask whether the case is possible (see case_excluded). */
int case_from_id(struct matrix_case *out, const char *id, const struct stack_set *stacks,
                 struct error *err);

/* Writes / parses the value of one axis, as in profiles and ids. */
void case_axis_value(char out[CASE_ID_MAX], const struct matrix_case *c, enum axis axis,
                     const struct stack_set *stacks);
int case_set_axis(struct matrix_case *c, enum axis axis, const char *value,
                  const struct stack_set *stacks, struct error *err);

/* Why the protocol makes a case impossible: rows of one table (case_rules.c), each with a name, a
 * sentence and a reference. Neighbours of one name are parts of one rule. */
struct exclusion_rule {
    const char *name;      /* "credential-suite" */
    const char *text;      /* one sentence */
    const char *reference; /* "RFC 5246 section 7.4.2" */
    unsigned axes;         /* bit mask of the axes that it looks at: 1u << AXIS_… */
    bool (*excludes)(const struct matrix_case *c);
};
extern const struct exclusion_rule exclusion_rules[];
extern const size_t num_exclusion_rules;

/* The first rule that excludes the case, or NULL if the case is possible. */
const struct exclusion_rule *case_excluded(const struct matrix_case *c);

/* Is a stack of the case, or of its healthy twin, declared unable? Writes the reason ("boringssl:
 * no group x448 in tls1.3") and returns true. Looks at capability lists only. */
bool case_unsupported(char reason[TEXT_LEN], const struct matrix_case *c,
                      const struct stack_set *stacks);

/* The highest version in both ranges, 0 if there is none. */
uint16_t case_common_version(const struct matrix_case *c);

/* The suites / groups that this end is told to offer: the one of the case, or the general list
 * cut to what its stack has; groups followed, for TLS <= 1.2 at an end that is shown an ECDSA
 * certificate, by that one's curve (RFC 8422 section 5.1: the list also limits certificates).
 * Returns the number written. */
size_t case_offered_suites(uint16_t out[CONFIG_SUITES_MAX], const struct matrix_case *c,
                           enum role role, const struct stack_set *stacks);
size_t case_offered_groups(uint16_t out[CONFIG_GROUPS_MAX], const struct matrix_case *c,
                           enum role role, const struct stack_set *stacks);

/* What is expected to go wrong: at most one per case (rule "one-fault"). */
enum fault {
    FAULT_NONE,
    FAULT_NO_COMMON_VERSION,
    FAULT_NO_COMMON_SUITE,
    FAULT_NO_COMMON_GROUP,
    FAULT_NO_CLIENT_CERTIFICATE,
    FAULT_WRONG_PSK,
    FAULT_UNKNOWN_PSK,
    FAULT_WRONG_PASSWORD,
    FAULT_UNKNOWN_USER,
    FAULT_PIN_MISMATCH,
    FAULT_FIRST_USE_CHANGED,
    FAULT_IDENTITY,
    FAULT_ATTACK,
    FAULT_HELLO,
};
enum fault case_fault(const struct matrix_case *c);

struct attack;
/* The attack in the path, NULL if there is none. */
const struct attack *case_attack(const struct matrix_case *c);
/* Does the case need the relay between its ends? */
bool case_is_relayed(const struct matrix_case *c);

struct raw_hello;
/* What the raw end says, NULL if both ends are stacks. */
const struct raw_hello *case_hello(const struct matrix_case *c);

/* The case's row of identities[] (never NULL), and who is presented so. */
const struct identity *case_identity(const struct matrix_case *c);
enum role case_identity_role(const struct matrix_case *c);

/* The healthy twin of a faulty case: the same with the fault taken away (server's version, suite,
 * group at both ends, or the client's where the server's is not possible there; certificate sent;
 * pin that matches). A stack may still be unable to run it (case_unsupported). False if the case
 * is healthy. */
bool case_twin(struct matrix_case *twin, const struct matrix_case *c);

/* Does the server / the client present a certificate in this case? */
bool case_server_has_certificate(const struct matrix_case *c);
bool case_client_sends_certificate(const struct matrix_case *c);

/* fnmatch() over a whole id, in which '*' crosses '/', with "{a,b}" as a shell has it: what the
 * summary of a run writes of what its failures have in common. Braces do not nest, and one that is
 * not closed stands for itself. The time is bounded by the product of both lengths. */
bool case_id_matches(const char *glob, const char *id);

/* Of a glob that matches nothing: ": 'opensl' is no value of any axis, did you mean 'openssl'?", or
 * "" if every word in it is a value or a pattern. */
void case_glob_hint(char out[TEXT_LEN], const char *glob, const struct stack_set *stacks);

/* FNV-1a, 64 bits, of the id: the shard of a case is hash % n. */
uint64_t case_hash(const char *id);

#endif
