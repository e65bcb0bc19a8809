#include "harness/pki/forgery.h"
#include "harness/pki/crypto.h"
#include "harness/pki/files.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is genuine ---- */

static int read_pem(struct bytes *out, const struct forged *forged, const char *name,
                    struct error *err)
{
    char path[PATH_LEN];
    const char *slash = strrchr(forged->trust_file, '/');
    assert(slash != NULL); /* paths of the forge are absolute */
    if (path_format(path, err, "%.*s/%s", (int)(slash - forged->trust_file), forged->trust_file,
                    name) < 0)
        return -1;
    return file_read(out, path, err);
}

/* Whose key or leaf certificate the file holds is in its row. */
static int load_file(struct genuine *genuine, const struct forged *forged,
                     const struct forge_file *file, struct error *err)
{
    struct bytes pem;
    if (read_pem(&pem, forged, file->name, err) < 0)
        return -1;
    enum forge_role role = file->roles[0];
    if (file->is_key)
        genuine->keys[role] = key_from_pem(&pem);
    else
        genuine->certificates.of[role] = certificate_from_pem(&pem);
    OPENSSL_cleanse(pem.data, pem.len);
    free(pem.data);
    if ((file->is_key ? (void *)genuine->keys[role] : genuine->certificates.of[role]) == NULL)
        return crypto_error(err, "%s of %s", file->name, credential_name(genuine->kind));
    return 0;
}

int genuine_init(struct genuine *out, const struct forge *forge, enum credential kind,
                 struct error *err)
{
    *out = (struct genuine){ .kind = kind };
    for (size_t i = 0; i < NUM_FORGE_FILES; i++)
        if (load_file(out, &forge->kinds[kind], &forge_files[i], err) < 0) {
            genuine_fini(out);
            return -1;
        }
    return 0;
}

void genuine_fini(struct genuine *genuine)
{
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        EVP_PKEY_free(genuine->keys[role]);
        genuine->keys[role] = NULL;
    }
    certificates_fini(&genuine->certificates);
}

/* ---- for builders ---- */

struct certificate_plan *forgery_change(struct forgery *f, size_t link)
{
    f->links[link].changed = true;
    return &f->links[link].plan;
}

EVP_PKEY *forgery_key(const struct forgery *f, enum forge_role role)
{
    return f->genuine->keys[role];
}

struct certificate_plan *forgery_insert(struct forgery *f)
{
    assert(f->num_links < LINKS_MAX);
    memmove(&f->links[LINK_INTERMEDIATE + 1], &f->links[LINK_INTERMEDIATE],
            (f->num_links - LINK_INTERMEDIATE) * sizeof f->links[0]);
    f->num_links++;
    for (size_t i = LINK_INTERMEDIATE + 1; i < f->num_links; i++)
        f->links[i].issuer++;
    f->links[LINK_INTERMEDIATE].issuer = LINK_INTERMEDIATE + 1;
    struct certificate_plan *plan = forgery_change(f, LINK_INTERMEDIATE);
    snprintf(plan->common_name, sizeof plan->common_name, "tlsmatrix %s sub-CA %zu",
             credential_name(f->genuine->kind), f->num_links - LINK_ROOT);
    forgery_change(f, LINK_LEAF);
    return plan;
}

void forgery_present(struct forgery *f, const size_t *links, size_t num_links)
{
    assert(num_links <= LINKS_MAX);
    memcpy(f->presented, links, num_links * sizeof links[0]);
    f->num_presented = num_links;
}

/* ---- making one ---- */

static void plan_genuine(struct forgery *f)
{
    const enum forge_role roles[] = { f->side == IDENTITY_SERVER ? FORGE_SERVER : FORGE_CLIENT,
                                      FORGE_INTERMEDIATE, FORGE_ROOT };
    f->num_links = sizeof roles / sizeof roles[0];
    for (size_t i = 0; i < f->num_links; i++) {
        EVP_PKEY *key = f->genuine->keys[roles[i]];
        f->links[i].role = roles[i];
        f->links[i].plan = certificate_plan(f->genuine->kind, roles[i], key);
        f->links[i].issuer = i == LINK_ROOT ? i : i + 1;
    }
}

/* Unless the builder said otherwise: all but the root, and a root that is the leaf too. */
static void plan_presentation(struct forgery *f)
{
    if (f->num_presented > 0)
        return;
    f->num_presented = f->num_links > 1 ? f->num_links - 1 : 1;
    for (size_t i = 0; i < f->num_presented; i++)
        f->presented[i] = i;
}

static int issue_link(struct forgery *f, size_t i, struct error *err)
{
    struct link *link = &f->links[i], *issuer = &f->links[link->issuer];
    assert(link->issuer >= i);
    if (link->changed) {
        link->certificate =
            certificate_issue(&link->plan, issuer->certificate, issuer->plan.key, err);
        return link->certificate == NULL ? -1 : 0;
    }
    link->certificate = f->genuine->certificates.of[link->role];
    X509_up_ref(link->certificate);
    return 0;
}

/* Turns the last bit of the signature, which stands at the end of the DER. */
static int tamper(struct link *leaf, struct error *err)
{
    unsigned char *der = NULL;
    int len = i2d_X509(leaf->certificate, &der);
    if (len <= 0)
        return crypto_error(err, "cannot encode a certificate");
    der[len - 1] ^= 1;
    const unsigned char *at = der;
    X509 *changed = d2i_X509(NULL, &at, len);
    OPENSSL_free(der);
    if (changed == NULL)
        return crypto_error(err, "cannot decode a tampered certificate");
    X509_free(leaf->certificate);
    leaf->certificate = changed;
    return 0;
}

static int issue_all(struct forgery *f, struct error *err)
{
    for (size_t i = f->num_links; i-- > 0;)
        if (issue_link(f, i, err) < 0)
            return -1;
    return f->tampered ? tamper(&f->links[LINK_LEAF], err) : 0;
}

int forgery_init(struct forgery *out, const struct genuine *genuine,
                 const struct identity *identity, enum identity_side side, struct error *err)
{
    *out = (struct forgery){ .genuine = genuine, .side = side };
    plan_genuine(out);
    if (identity->build != NULL)
        identity->build(out);
    plan_presentation(out);
    if (out->failed)
        crypto_error(err, "its builder failed");
    else if (issue_all(out, err) == 0)
        return 0;
    forgery_fini(out);
    return error_prefix(err, "imposter %s of %s", identity->name, credential_name(genuine->kind));
}

void forgery_fini(struct forgery *forgery)
{
    for (size_t i = 0; i < forgery->num_links; i++)
        X509_free(forgery->links[i].certificate);
    EVP_PKEY_free(forgery->own_key);
    free(forgery->long_text);
    *forgery = (struct forgery){ 0 };
}
