/* The credential forge: a root, an intermediate, a server leaf and a client leaf for every kind
 * of credential, all of that kind, with a frozen clock. Keys are slow (RSA-4096) and therefore
 * cached by their parameters; certificates are made anew for each directory. */
#ifndef TLSMATRIX_HARNESS_PKI_FORGE_H
#define TLSMATRIX_HARNESS_PKI_FORGE_H

#include "harness/control/capabilities.h"
#include "harness/error.h"

#include <stdint.h>
#include <stdio.h>

/* All certificates are judged at this moment and are valid from a year before to a year after. */
#define FORGE_TIME INT64_C(1767225600) /* 2026-01-01 00:00:00 UTC */

/* The name on every server certificate (SAN dNSName; CN too). */
#define FORGE_SERVER_NAME "server.tlsmatrix.example"

/* Files of one credential, below the forge's directory:
 *   KIND/root.pem               trust anchor
 *   KIND/server-chain.pem, KIND/server-key.pem    leaf and intermediate; PKCS#8 key
 *   KIND/client-chain.pem, KIND/client-key.pem
 *   KIND/other-chain.pem, KIND/other-key.pem      another valid leaf for the same name: "changed"
 *   KIND/intermediate.pem, KIND/{root,intermediate}-key.pem    so that others can issue more
 *   all-roots.pem               every trust anchor; CREDENTIALS.txt: what is what, as text
 *   MANIFEST                    format and SHA-256 of every other file: the set is complete
 * Paths in the struct are absolute. */
struct forged {
    char trust_file[PATH_LEN];
    char server_chain[PATH_LEN];
    char server_key[PATH_LEN];
    char client_chain[PATH_LEN];
    char client_key[PATH_LEN];
    char other_chain[PATH_LEN];
    char other_key[PATH_LEN];
    uint8_t server_leaf_sha256[SHA256_LEN];
    uint8_t server_spki_sha256[SHA256_LEN];
    uint8_t client_leaf_sha256[SHA256_LEN];
    uint8_t other_leaf_sha256[SHA256_LEN];
};

struct forge {
    struct forged kinds[NUM_CREDENTIALS]; /* [CREDENTIAL_NONE] is empty */
};

/* Makes (or, if the directory already holds a complete set, reads) all credentials in
 * `directory`, which is created. `key_cache`: directory for keys, created; NULL or empty: no
 * cache. A half-written set is never left behind (written aside, then renamed); several processes
 * may make the same set at once, and all get the one that came first.
 * ERROR_USAGE where the directory is something else: a file, other content, a damaged set (the
 * error names the file), a set in another format. Otherwise ERROR_HARNESS. */
int forge_make(struct forge *out, const char *directory, const char *key_cache, struct error *err);

/* The first certificate of a PEM file as DER, the caller's to free(). ERROR_USAGE where the file
 * holds none. */
int forge_read_certificate(uint8_t **der, size_t *der_len, const char *path, struct error *err);

/* All certificates of a PEM file as the certificate_list of RFC 5246 section 7.4.2, without its own
 * length; the caller's to free(). Errors likewise. */
int forge_read_chain(uint8_t **list, size_t *list_len, const char *path, struct error *err);

/* Writes, for people, where the files of each kind are and the hashes that a pin would hold. */
void forge_list(FILE *out, const struct forge *forge);

/* $TLSMATRIX_CACHE, else $XDG_CACHE_HOME/tlsmatrix, else ~/.cache/tlsmatrix, with "/keys".
 * Empty where there is no home directory either, or the path is too long. */
void forge_default_key_cache(char out[PATH_LEN]);

#endif
