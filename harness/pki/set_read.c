#include "harness/pki/crypto.h"
#include "harness/pki/layout.h"
#include "harness/pki/manifest.h"
#include "harness/pki/set.h"

static int fill_paths(struct forged *out, const char *directory, enum credential kind,
                      struct error *err)
{
    const struct {
        char *path;
        const char *name;
    } files[] = {
        { out->trust_file, "root.pem" },       { out->server_chain, "server-chain.pem" },
        { out->server_key, "server-key.pem" }, { out->client_chain, "client-chain.pem" },
        { out->client_key, "client-key.pem" }, { out->other_chain, "other-chain.pem" },
        { out->other_key, "other-key.pem" },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (path_format(files[i].path, err, "%s/%s/%s", directory, credential_name(kind),
                        files[i].name) < 0)
            return -1;
    return 0;
}

static int read_kind(struct forged *out, const char *directory, enum credential kind,
                     struct error *err)
{
    if (fill_paths(out, directory, kind, err) < 0 ||
        leaf_sha256(out->server_leaf_sha256, out->server_spki_sha256, out->server_chain, err) < 0 ||
        leaf_sha256(out->client_leaf_sha256, NULL, out->client_chain, err) < 0)
        return -1;
    return leaf_sha256(out->other_leaf_sha256, NULL, out->other_chain, err);
}

int set_read(struct forge *out, const char *directory, struct error *err)
{
    struct forge forge = { 0 };
    if (manifest_check(directory, err) < 0)
        return -1;
    for (int kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++)
        if (read_kind(&forge.kinds[kind], directory, (enum credential)kind, err) < 0)
            return -1;
    *out = forge;
    return 0;
}
