/* What the forge makes, as tables: kinds of key, roles of certificate, files of a set. */
#ifndef TLSMATRIX_HARNESS_PKI_LAYOUT_H
#define TLSMATRIX_HARNESS_PKI_LAYOUT_H

#include "harness/control/capabilities.h"

#include <stdbool.h>
#include <stddef.h>

/* One key and one certificate of each kind. */
enum forge_role {
    FORGE_ROOT,
    FORGE_INTERMEDIATE,
    FORGE_SERVER,
    FORGE_CLIENT,
    FORGE_OTHER, /* another server leaf for the same name */
    NUM_FORGE_ROLES,
};

extern const char *const forge_role_names[NUM_FORGE_ROLES];

/* How keys of a credential kind are made and used, in libcrypto's words. */
struct forge_kind {
    const char *algorithm; /* key type; NULL for CREDENTIAL_NONE */
    int bits;              /* RSA, DSA: of the modulus; else 0 */
    const char *group;     /* EC: the curve; else NULL */
    const char *digest;    /* hash of the signatures; NULL: part of the algorithm (EdDSA) */
    bool pss;              /* signatures are RSASSA-PSS */
    bool key_encipherment; /* the key can also carry an RSA key exchange */
};

extern const struct forge_kind forge_kinds[NUM_CREDENTIALS];

enum { FORGE_CHAIN_MAX = 2 };

/* A file below KIND/: either a private key or a chain of certificates. */
struct forge_file {
    const char *name;
    bool is_key;
    enum forge_role roles[FORGE_CHAIN_MAX]; /* whose; leaf first */
    size_t num_roles;
};

enum { NUM_FORGE_FILES = 10 };
extern const struct forge_file forge_files[NUM_FORGE_FILES];

/* Files of the whole set. */
#define FORGE_ALL_ROOTS   "all-roots.pem"
#define FORGE_DESCRIPTION "CREDENTIALS.txt"
/* Recognises a complete set, is written last and lists every other file: `sha256sum -c` reads it.
 */
#define FORGE_MANIFEST "MANIFEST"

#endif
