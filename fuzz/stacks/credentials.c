/* The forge's certificates for keys of a fixed random stream (entropy.h). The forge itself makes
 * fifty keys on several threads, of which no two runs are alike. */
#include "fuzz/stacks/credentials.h"

#include "fuzz/stacks/entropy.h"
#include "fuzz/stacks/wrapped.h"
#include "harness/pki/certificates.h"
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NUM_KINDS = 2 };
static const enum credential kinds[NUM_KINDS] = { CREDENTIAL_ECDSA_P256, CREDENTIAL_RSA2048 };

static EVP_PKEY *make_key(enum credential kind)
{
    return kind == CREDENTIAL_RSA2048
               ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)forge_kinds[kind].bits)
               : EVP_PKEY_Q_keygen(NULL, NULL, "EC", forge_kinds[kind].group);
}

static int write_file(const char *directory, enum credential kind, const struct forge_file *file,
                      const struct certificates *certificates, EVP_PKEY *const *keys,
                      struct error *err)
{
    char path[PATH_LEN];
    struct bytes pem;
    X509 *chain[FORGE_CHAIN_MAX];
    for (size_t i = 0; i < file->num_roles; i++)
        chain[i] = certificates->of[file->roles[i]];
    int made = file->is_key ? key_to_pem(&pem, keys[file->roles[0]], err)
                            : certificates_to_pem(&pem, chain, file->num_roles, err);
    if (made != 0)
        return -1;
    int result = path_format(path, err, "%s/%s-%s", directory, credential_name(kind), file->name);
    if (result == 0)
        result = file_write(path, 0600, pem.data, pem.len, err);
    free(pem.data);
    return result;
}

static int write_kind(const char *directory, enum credential kind, struct error *err)
{
    EVP_PKEY *keys[NUM_FORGE_ROLES];
    struct certificates certificates;
    for (size_t i = 0; i < NUM_FORGE_ROLES; i++)
        keys[i] = make_key(kind);
    int result = certificates_init(&certificates, kind, keys, err);
    for (size_t i = 0; result == 0 && i < NUM_FORGE_FILES; i++)
        result = write_file(directory, kind, &forge_files[i], &certificates, keys, err);
    if (result == 0)
        certificates_fini(&certificates);
    for (size_t i = 0; i < NUM_FORGE_ROLES; i++)
        EVP_PKEY_free(keys[i]);
    return result;
}

/* Writes all of it beside the place, and renames; who comes second throws his away. */
static int make_all(const char *directory, struct error *err)
{
    char beside[PATH_LEN];
    if (path_format(beside, err, "%s.%ld", directory, (long)getpid()) != 0 ||
        directory_make(beside, err) != 0)
        return -1;
    entropy_install();
    wrapped_reset(1, FORGE_TIME);
    int result = 0;
    for (size_t i = 0; result == 0 && i < NUM_KINDS; i++)
        result = write_kind(beside, kinds[i], err);
    if (result == 0 && rename(beside, directory) == 0)
        return 0;
    directory_remove(beside);
    return result;
}

static int fill(struct credential_files *out, const char *directory, enum credential kind,
                struct error *err)
{
    const char *name = credential_name(kind);
    return path_format(out->trust_file, err, "%s/%s-root.pem", directory, name) != 0 ||
                   path_format(out->server_chain, err, "%s/%s-server-chain.pem", directory, name) !=
                       0 ||
                   path_format(out->server_key, err, "%s/%s-server-key.pem", directory, name) !=
                       0 ||
                   path_format(out->client_chain, err, "%s/%s-client-chain.pem", directory, name) !=
                       0 ||
                   path_format(out->client_key, err, "%s/%s-client-key.pem", directory, name) != 0
               ? -1
               : 0;
}

int credentials_make(struct credentials *out, const char *directory, struct error *err)
{
    struct stat info;
    if (stat(directory, &info) != 0 && make_all(directory, err) != 0)
        return -1;
    return fill(&out->ecdsa, directory, CREDENTIAL_ECDSA_P256, err) == 0
               ? fill(&out->rsa, directory, CREDENTIAL_RSA2048, err)
               : -1;
}
