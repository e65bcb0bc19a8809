#include "harness/pki/certificates.h"
#include "harness/pki/crypto.h"
#include "harness/pki/describe.h"
#include "harness/pki/manifest.h"
#include "harness/pki/set.h"

#include <stdlib.h>

/* A file that grows in memory and is written at the end. */
struct draft {
    FILE *stream;
    char *text;
    size_t len;
};

struct writer {
    const char *directory;
    struct draft manifest;
    struct draft roots;
    struct draft description;
    struct error *err;
};

static int draft_init(struct draft *draft, struct error *err)
{
    draft->stream = open_memstream(&draft->text, &draft->len);
    return draft->stream != NULL ? 0 : error_errno(err, "a file in memory");
}

static void draft_fini(struct draft *draft)
{
    if (draft->stream != NULL)
        fclose(draft->stream);
    free(draft->text);
}

/* Writes a file of the set and its line in the manifest. */
static int put(struct writer *w, const char *name, mode_t mode, const void *data, size_t len)
{
    return manifest_put(w->manifest.stream, w->directory, name, mode, data, len, w->err);
}

static int put_draft(struct writer *w, const char *name, struct draft *draft)
{
    if (fflush(draft->stream) != 0)
        return error_errno(w->err, "%s", name);
    return put(w, name, 0644, draft->text, draft->len);
}

static int chain_to_pem(struct bytes *out, const struct forge_file *file,
                        const struct certificates *certificates, struct error *err)
{
    X509 *chain[FORGE_CHAIN_MAX];
    for (size_t i = 0; i < file->num_roles; i++)
        chain[i] = certificates->of[file->roles[i]];
    return certificates_to_pem(out, chain, file->num_roles, err);
}

static int write_file(struct writer *w, enum credential kind, const struct forge_file *file,
                      const struct certificates *certificates, EVP_PKEY *const *keys)
{
    char name[PATH_LEN];
    struct bytes pem;
    int made = file->is_key ? key_to_pem(&pem, keys[file->roles[0]], w->err)
                            : chain_to_pem(&pem, file, certificates, w->err);
    if (made < 0)
        return -1;
    int result = path_format(name, w->err, "%s/%s", credential_name(kind), file->name);
    if (result == 0)
        result = put(w, name, file->is_key ? 0600 : 0644, pem.data, pem.len);
    if (file->is_key)
        OPENSSL_cleanse(pem.data, pem.len);
    free(pem.data);
    return result;
}

static int add_root(struct writer *w, X509 *root)
{
    struct bytes pem;
    if (certificates_to_pem(&pem, &root, 1, w->err) < 0)
        return -1;
    fwrite(pem.data, 1, pem.len, w->roots.stream);
    free(pem.data);
    return 0;
}

static int write_kind(struct writer *w, enum credential kind, EVP_PKEY *const *keys)
{
    char directory[PATH_LEN];
    struct certificates certificates;
    if (path_format(directory, w->err, "%s/%s", w->directory, credential_name(kind)) < 0 ||
        directory_make(directory, w->err) < 0 ||
        certificates_init(&certificates, kind, keys, w->err) < 0)
        return -1;
    int result = 0;
    for (size_t i = 0; i < NUM_FORGE_FILES && result == 0; i++)
        result = write_file(w, kind, &forge_files[i], &certificates, keys);
    if (result == 0)
        result = add_root(w, certificates.of[FORGE_ROOT]);
    if (result == 0)
        result = describe_kind(w->description.stream, kind, &certificates, w->err);
    certificates_fini(&certificates);
    return result;
}

static int write_manifest(struct writer *w)
{
    char path[PATH_LEN];
    if (path_format(path, w->err, "%s/%s", w->directory, FORGE_MANIFEST) < 0)
        return -1;
    if (fflush(w->manifest.stream) != 0)
        return error_errno(w->err, "%s", path);
    return file_write(path, 0644, w->manifest.text, w->manifest.len, w->err);
}

static int write_all(struct writer *w, const struct keyring *ring)
{
    if (draft_init(&w->manifest, w->err) < 0 || draft_init(&w->roots, w->err) < 0 ||
        draft_init(&w->description, w->err) < 0)
        return -1;
    manifest_header(w->manifest.stream);
    describe_set(w->description.stream);
    for (int kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++)
        if (write_kind(w, (enum credential)kind, ring->keys[kind]) < 0)
            return -1;
    if (put_draft(w, FORGE_ALL_ROOTS, &w->roots) < 0 ||
        put_draft(w, FORGE_DESCRIPTION, &w->description) < 0)
        return -1;
    return write_manifest(w);
}

int set_write(const char *directory, const struct keyring *ring, struct error *err)
{
    struct writer w = { .directory = directory, .err = err };
    int result = write_all(&w, ring);
    draft_fini(&w.manifest);
    draft_fini(&w.roots);
    draft_fini(&w.description);
    return result;
}
