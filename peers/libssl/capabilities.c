/* The library asked for what it can do. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

static void list_versions(struct capabilities *caps)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_method());
    for (uint16_t version = TLS10; ctx != NULL && version <= TLS13; version++)
        caps->versions[version - TLS10] = SSL_CTX_set_max_proto_version(ctx, version) == 1 &&
                                          SSL_CTX_set_min_proto_version(ctx, version) == 1;
    SSL_CTX_free(ctx);
}

static void list_suites(struct capabilities *caps)
{
    for (size_t i = 0; i < num_suites && caps->num_suites < CAPABILITY_SUITES_MAX; i++)
        if (dialect_has_suite(suites[i].id))
            caps->suites[caps->num_suites++] = suites[i].id;
}

static void list_groups(struct capabilities *caps, uint16_t version)
{
    size_t *num = &caps->num_groups[version - TLS10];
    for (size_t i = 0; i < num_groups && *num < CAPABILITY_NAMES_MAX; i++)
        if (groups[i].min_version <= version && version <= groups[i].max_version &&
            dialect_has_group(version, groups[i].id))
            caps->groups[version - TLS10][(*num)++] = groups[i].id;
}

static void list_credentials(struct capabilities *caps, uint16_t version)
{
    for (int kind = 0; kind < NUM_CREDENTIALS; kind++) {
        const struct dialect_credential *row = &dialect_credentials[kind];
        caps->credentials[version - TLS10][kind] =
            kind == CREDENTIAL_NONE ||
            (row->min_version <= version && version <= row->max_version &&
             dialect_has_key_type(row->key_type));
    }
}

static void list_signature_schemes(struct capabilities *caps)
{
    for (size_t i = 0; i < num_signature_schemes; i++)
        if (dialect_has_signature_scheme(signature_schemes[i].id))
            caps->signature_schemes[caps->num_signature_schemes++] = signature_schemes[i].id;
}

int libssl_capabilities(struct capabilities *out, struct error *err)
{
    memset(out, 0, sizeof *out);
    snprintf(out->stack, sizeof out->stack, "%s", dialect_name);
    snprintf(out->api, sizeof out->api, "%s", dialect_name);
    dialect_describe_library(out->library, out->release);
    list_versions(out);
    list_suites(out);
    for (uint16_t version = TLS10; version <= TLS13; version++) {
        if (!out->versions[version - TLS10])
            continue;
        list_groups(out, version);
        list_credentials(out, version);
    }
    list_signature_schemes(out);
    memcpy(out->features, dialect_features, sizeof out->features);
    ERR_clear_error();
    if (out->num_suites == 0)
        return error_set(err, ERROR_HARNESS, "%s has no suite of the registry", dialect_name);
    return 0;
}
