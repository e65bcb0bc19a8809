/* The imposters of one kind as a set on disk: made from the table, read back by its manifest. */
#include "harness/pki/crypto.h"
#include "harness/pki/forgery.h"
#include "harness/pki/identities.h"
#include "harness/pki/manifest.h"
#include "harness/pki/place.h"
#include "harness/pki/revocation.h"

#include <stdlib.h>
#include <string.h>

/* To be raised whenever imposters of today would not do for the table of tomorrow. */
enum { IMPOSTERS_FORMAT = 1 };

enum { NAME_LEN = 2 * NAME_MAX_LEN };

static const enum identity_side sides[2] = { IDENTITY_SERVER, IDENTITY_CLIENT };

static void file_name(char out[NAME_LEN], const struct identity *identity, enum identity_side side,
                      const char *suffix)
{
    snprintf(out, NAME_LEN, "%s%s-%s", side == IDENTITY_CLIENT ? "client-" : "", identity->name,
             suffix);
}

/* ---- writing ---- */

struct writer {
    const char *directory;
    FILE *manifest;
    const struct genuine *genuine;
    const struct identity *identity; /* and its side: what is being written */
    enum identity_side side;
    struct error *err;
};

static int put(struct writer *w, const char *suffix, mode_t mode, struct bytes *content)
{
    char name[NAME_LEN];
    file_name(name, w->identity, w->side, suffix);
    int result =
        manifest_put(w->manifest, w->directory, name, mode, content->data, content->len, w->err);
    OPENSSL_cleanse(content->data, content->len);
    free(content->data);
    return result;
}

static int put_chain(struct writer *w, const struct forgery *f)
{
    struct bytes pem;
    X509 *chain[LINKS_MAX];
    for (size_t i = 0; i < f->num_presented; i++)
        chain[i] = f->links[f->presented[i]].certificate;
    if (certificates_to_pem(&pem, chain, f->num_presented, w->err) < 0)
        return -1;
    return put(w, "chain.pem", 0644, &pem);
}

static int put_key(struct writer *w, const struct forgery *f)
{
    struct bytes pem;
    if (f->presenter_key == NULL)
        return 0;
    return key_to_pem(&pem, f->presenter_key, w->err) < 0 ? -1 : put(w, "key.pem", 0600, &pem);
}

static int put_trust(struct writer *w, const struct forgery *f)
{
    struct bytes pem;
    if (!f->own_anchor)
        return 0;
    X509 *const *anchor = &f->links[f->num_links - 1].certificate;
    return certificates_to_pem(&pem, anchor, 1, w->err) < 0 ? -1 : put(w, "trust.pem", 0644, &pem);
}

static int put_crls(struct writer *w, const struct forgery *f)
{
    struct bytes pem;
    if (!f->crl)
        return 0;
    return revocation_crls(&pem, f, w->err) < 0 ? -1 : put(w, "crl.pem", 0644, &pem);
}

static int put_staple(struct writer *w, const struct forgery *f)
{
    struct bytes der;
    if (f->staple == STAPLE_NONE)
        return 0;
    return revocation_staple(&der, f, w->err) < 0 ? -1 : put(w, "staple.der", 0644, &der);
}

static int write_imposter(struct writer *w)
{
    struct forgery forgery;
    if (forgery_init(&forgery, w->genuine, w->identity, w->side, w->err) < 0)
        return -1;
    int result = put_chain(w, &forgery) < 0 || put_key(w, &forgery) < 0 ||
                         put_trust(w, &forgery) < 0 || put_crls(w, &forgery) < 0 ||
                         put_staple(w, &forgery) < 0
                     ? -1
                     : 0;
    forgery_fini(&forgery);
    return result;
}

static int write_all(struct writer *w)
{
    for (size_t i = 0; i < num_identities; i++)
        for (size_t side = 0; side < 2; side++) {
            w->identity = &identities[i];
            w->side = sides[side];
            if (identity_applies(w->identity, w->side, w->genuine->kind) && write_imposter(w) < 0)
                return -1;
        }
    return 0;
}

/* The first line of a manifest: imposters of another forge have another root to be wrong about. */
static int header(char out[NAME_LEN], const struct genuine *genuine, struct error *err)
{
    uint8_t root[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    if (certificate_sha256(root, genuine->certificates.of[FORGE_ROOT], err) < 0)
        return -1;
    hex_format(hex, root);
    snprintf(out, NAME_LEN, "# tlsmatrix imposters, format %d, root %.32s", IMPOSTERS_FORMAT, hex);
    return 0;
}

static int write_set(const char *directory, void *context, struct error *err)
{
    char path[PATH_LEN], first_line[NAME_LEN], *text = NULL;
    size_t len;
    if (path_format(path, err, "%s/%s", directory, FORGE_MANIFEST) < 0 ||
        header(first_line, context, err) < 0)
        return -1;
    FILE *manifest = open_memstream(&text, &len);
    if (manifest == NULL)
        return error_errno(err, "a file in memory");
    fprintf(manifest, "%s\n", first_line);
    struct writer w = { directory, manifest, context, .err = err };
    int result = write_all(&w);
    if (fclose(manifest) != 0 && result == 0)
        result = error_errno(err, "%s", path);
    if (result == 0)
        result = file_write(path, 0644, text, len, err);
    free(text);
    return result;
}

/* ---- reading ---- */

struct reader {
    const char *directory;
    const char *manifest; /* its lines, with a newline before the first name */
    enum credential kind;
    struct error *err;
};

/* The path of the row's file, or an empty one where the manifest does not know it. */
static int find_file(char out[PATH_LEN], const struct reader *r, const struct identity *identity,
                     enum identity_side side, const char *suffix)
{
    char name[NAME_LEN], line_end[NAME_LEN + 4];
    file_name(name, identity, side, suffix);
    snprintf(line_end, sizeof line_end, "  %s\n", name);
    out[0] = '\0';
    if (strstr(r->manifest, line_end) == NULL)
        return 0;
    return path_format(out, r->err, "%s/%s", r->directory, name);
}

static int read_imposter(struct imposter *out, const struct reader *r,
                         const struct identity *identity, enum identity_side side)
{
    const struct {
        char *path;
        const char *suffix;
    } files[] = {
        { out->chain_file, "chain.pem" },   { out->key_file, "key.pem" },
        { out->trust_file, "trust.pem" },   { out->crl_file, "crl.pem" },
        { out->staple_file, "staple.der" },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (find_file(files[i].path, r, identity, side, files[i].suffix) < 0)
            return -1;
    if (out->chain_file[0] == '\0')
        return error_set(r->err, ERROR_USAGE,
                         "%s: imposters without %s, made by another version: remove the directory "
                         "or name another one",
                         r->directory, identity->name);
    return leaf_sha256(out->leaf_sha256, out->spki_sha256, out->chain_file, r->err);
}

static int read_all(struct imposters *out, const struct reader *r)
{
    for (size_t i = 0; i < num_identities; i++)
        for (size_t side = 0; side < 2; side++)
            if (identity_applies(&identities[i], sides[side], r->kind) &&
                read_imposter(&out->of[i][side], r, &identities[i], sides[side]) < 0)
                return -1;
    return 0;
}

/* Checks every file that the lines name. */
static int check_files(const char *directory, const char *lines, struct error *err)
{
    enum { HEX_LEN = 2 * SHA256_LEN };
    int number = 2; /* the first line was the header */
    for (const char *line = lines, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        char hex[HEX_LEN + 1], name[NAME_LEN];
        size_t len = (size_t)(end - line);
        if (len <= HEX_LEN + 2 || len - HEX_LEN - 2 >= sizeof name)
            return error_set(err, ERROR_USAGE, "%s/%s:%d: not a hash and a name", directory,
                             FORGE_MANIFEST, number);
        snprintf(hex, sizeof hex, "%s", line);
        snprintf(name, sizeof name, "%.*s", (int)(len - HEX_LEN - 2), line + HEX_LEN + 2);
        if (manifest_check_file(directory, name, hex, err) < 0)
            return -1;
        number++;
    }
    return 0;
}

/* What follows the first line, which must be the one that a set of today would have. */
static const char *skip_header(const char *text, const char *path, const struct genuine *genuine,
                               struct error *err)
{
    char expected[NAME_LEN];
    if (header(expected, genuine, err) < 0)
        return NULL;
    size_t len = strlen(expected);
    if (strncmp(text, expected, len) == 0 && text[len] == '\n')
        return text + len + 1;
    error_set(err, ERROR_USAGE,
              "%s: not of these credentials, or not of this version: remove the directory or name "
              "another one",
              path);
    return NULL;
}

static int read_set(struct imposters *out, const char *directory, const struct genuine *genuine,
                    struct error *err)
{
    char path[PATH_LEN];
    struct bytes text;
    if (path_format(path, err, "%s/%s", directory, FORGE_MANIFEST) < 0 ||
        file_read(&text, path, err) < 0)
        return -1;
    const char *lines = skip_header((const char *)text.data, path, genuine, err);
    struct reader r = { directory, lines, genuine->kind, err };
    int result = lines == NULL || check_files(directory, lines, err) < 0 ? -1 : read_all(out, &r);
    free(text.data);
    return result;
}

/* ---- both ---- */

static int make_or_read(struct imposters *out, const char *directory, const struct genuine *genuine,
                        struct error *err)
{
    struct place place;
    if (place_find(&place, directory, err) < 0)
        return -1;
    if (!place.filled && place_fill(&place, write_set, (void *)genuine, err) < 0) {
        place_abandon(&place);
        return -1;
    }
    return read_set(out, place.path, genuine, err);
}

int forge_imposters(struct imposters *out, const char *directory, const struct forge *forge,
                    enum credential kind, struct error *err)
{
    char path[PATH_LEN];
    struct genuine genuine;
    if (path_format(path, err, "%s/%s", directory, credential_name(kind)) < 0 ||
        genuine_init(&genuine, forge, kind, err) < 0)
        return -1;
    memset(out, 0, sizeof *out);
    int result = make_or_read(out, path, &genuine, err);
    genuine_fini(&genuine);
    return result;
}
