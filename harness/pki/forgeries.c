/* One small function for each way to be wrong, and for each healthy variant. */
#include "harness/pki/forgeries.h"

#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>

enum { DAY = 24 * 3600 };

/* ---- who vouches for it ---- */

/* A key that no genuine certificate of this chain has. */
static EVP_PKEY *stranger_key(const struct forgery *f)
{
    return forgery_key(f, f->side == IDENTITY_SERVER ? FORGE_CLIENT : FORGE_SERVER);
}

static void rename_link(struct forgery *f, size_t link, const char *format)
{
    struct certificate_plan *plan = forgery_change(f, link);
    snprintf(plan->common_name, sizeof plan->common_name, format,
             credential_name(f->genuine->kind));
}

void build_self_signed(struct forgery *f)
{
    f->num_links = 1;
    f->links[LINK_LEAF].issuer = LINK_LEAF;
    forgery_change(f, LINK_LEAF)->authority_key = NULL;
}

/* A hierarchy like the genuine one, with keys of its own above the leaf. */
void build_forged_ca(struct forgery *f)
{
    forgery_change(f, LINK_ROOT)->key = forgery_key(f, FORGE_OTHER);
    forgery_change(f, LINK_INTERMEDIATE)->key = stranger_key(f);
    forgery_change(f, LINK_LEAF);
}

void build_unknown_ca(struct forgery *f)
{
    build_forged_ca(f);
    rename_link(f, LINK_ROOT, "tlsmatrix %s unknown root");
    rename_link(f, LINK_INTERMEDIATE, "tlsmatrix %s unknown intermediate");
}

/* libcrypto's syntax takes a key identifier as hexadecimal bytes with colons between them. */
static void write_key_id(struct forgery *f, X509 *certificate)
{
    const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(certificate);
    const unsigned char *bytes = ASN1_STRING_get0_data(id);
    for (int i = 0; i < ASN1_STRING_length(id); i++)
        snprintf(f->key_id + 3 * i, sizeof f->key_id - 3 * (size_t)i, "%02X:", bytes[i]);
    f->key_id[3 * ASN1_STRING_length(id) - 1] = '\0';
}

void build_forged_ca_same_id(struct forgery *f)
{
    build_forged_ca(f);
    write_key_id(f, f->genuine->certificates.of[FORGE_ROOT]);
    f->links[LINK_ROOT].plan.subject_key = f->key_id;
}

void build_wrong_key(struct forgery *f)
{
    f->presenter_key = forgery_key(f, FORGE_OTHER);
}

void build_tampered(struct forgery *f)
{
    forgery_change(f, LINK_LEAF);
    f->tampered = true;
}

/* ---- its name ---- */

/* `names` in libcrypto's syntax; the subject says nothing that helps. */
static void name_leaf(struct forgery *f, const char *names)
{
    struct certificate_plan *plan = forgery_change(f, LINK_LEAF);
    plan->alternative_name = names;
    snprintf(plan->common_name, sizeof plan->common_name, "tlsmatrix server");
}

void build_wrong_host(struct forgery *f)
{
    name_leaf(f, "DNS:other.tlsmatrix.example");
}

void build_look_alike(struct forgery *f)
{
    name_leaf(f, "DNS:server.tlsmatrlx.example");
}

void build_name_as_prefix(struct forgery *f)
{
    name_leaf(f, "DNS:" FORGE_SERVER_NAME ".evil.example");
}

void build_name_as_suffix(struct forgery *f)
{
    name_leaf(f, "DNS:evil-" FORGE_SERVER_NAME);
}

void build_parent_domain(struct forgery *f)
{
    name_leaf(f, "DNS:tlsmatrix.example");
}

void build_name_only(struct forgery *f)
{
    name_leaf(f, "DNS:" FORGE_SERVER_NAME);
}

void build_address_only(struct forgery *f)
{
    name_leaf(f, "IP:127.0.0.1");
}

void build_address_other(struct forgery *f)
{
    name_leaf(f, "IP:127.0.0.2,DNS:" FORGE_SERVER_NAME);
}

void build_address_as_name(struct forgery *f)
{
    name_leaf(f, "DNS:127.0.0.1");
}

void build_common_name_only(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->alternative_name = NULL;
}

void build_common_name_beside_other(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->alternative_name = "DNS:other.tlsmatrix.example";
}

void build_upper_case(struct forgery *f)
{
    name_leaf(f, "DNS:SERVER.TlsMatrix.EXAMPLE");
}

void build_last_of_many(struct forgery *f)
{
    name_leaf(f, "DNS:a.example,email:b@tlsmatrix.example,IP:127.0.0.9,DNS:*.c.example,"
                 "URI:https://tlsmatrix.example/,DNS:" FORGE_SERVER_NAME);
}

void build_wildcard(struct forgery *f)
{
    name_leaf(f, "DNS:*.tlsmatrix.example");
}

void build_wildcard_partial(struct forgery *f)
{
    name_leaf(f, "DNS:serv*.tlsmatrix.example");
}

void build_wildcard_inside(struct forgery *f)
{
    name_leaf(f, "DNS:server.*.example");
}

void build_wildcard_below(struct forgery *f)
{
    name_leaf(f, "DNS:*." FORGE_SERVER_NAME);
}

void build_trailing_dot(struct forgery *f)
{
    name_leaf(f, "DNS:" FORGE_SERVER_NAME ".");
}

/* GeneralNames with one dNSName (RFC 5280 section 4.2.1.6), which no text syntax could hold. */
void build_embedded_nul(struct forgery *f)
{
    static const char der[] = "\x30\x28\x82\x26" FORGE_SERVER_NAME "\0.evil.example";
    name_leaf(f, NULL);
    f->links[LINK_LEAF].plan.raw =
        (struct raw_extension){ .oid = "2.5.29.17", .der = der, .der_len = sizeof der - 1 };
}

/* ---- when ---- */

static void end(struct forgery *f, size_t link, int64_t not_after)
{
    forgery_change(f, link)->not_after = not_after;
}

static void begin(struct forgery *f, size_t link, int64_t not_before)
{
    forgery_change(f, link)->not_before = not_before;
}

void build_expired_leaf(struct forgery *f)
{
    end(f, LINK_LEAF, FORGE_TIME - DAY);
}

void build_expired_intermediate(struct forgery *f)
{
    end(f, LINK_INTERMEDIATE, FORGE_TIME - DAY);
}

void build_expired_root(struct forgery *f)
{
    end(f, LINK_ROOT, FORGE_TIME - DAY);
    f->own_anchor = true;
}

void build_future_leaf(struct forgery *f)
{
    begin(f, LINK_LEAF, FORGE_TIME + DAY);
}

void build_future_intermediate(struct forgery *f)
{
    begin(f, LINK_INTERMEDIATE, FORGE_TIME + DAY);
}

void build_future_root(struct forgery *f)
{
    begin(f, LINK_ROOT, FORGE_TIME + DAY);
    f->own_anchor = true;
}

void build_expired_by_a_second(struct forgery *f)
{
    end(f, LINK_LEAF, FORGE_TIME - 1);
}

void build_expires_now(struct forgery *f)
{
    end(f, LINK_LEAF, FORGE_TIME);
}

void build_begins_now(struct forgery *f)
{
    begin(f, LINK_LEAF, FORGE_TIME);
}

/* ---- the chain ---- */

void build_missing_intermediate(struct forgery *f)
{
    forgery_present(f, (size_t[]){ LINK_LEAF }, 1);
}

void build_two_intermediates(struct forgery *f)
{
    forgery_change(f, LINK_INTERMEDIATE)->basic_constraints = "critical,CA:TRUE,pathlen:1";
    struct certificate_plan *plan = forgery_insert(f);
    plan->basic_constraints = "critical,CA:TRUE,pathlen:0";
    plan->key = forgery_key(f, FORGE_OTHER);
}

void build_wrong_order(struct forgery *f)
{
    build_two_intermediates(f);
    forgery_present(f, (size_t[]){ LINK_LEAF, LINK_INTERMEDIATE + 1, LINK_INTERMEDIATE }, 3);
}

void build_with_root(struct forgery *f)
{
    forgery_present(f, (size_t[]){ LINK_LEAF, LINK_INTERMEDIATE, LINK_ROOT }, 3);
}

/* Between leaf and intermediate stands a root that nobody asked for. */
void build_superfluous(struct forgery *f)
{
    size_t stranger = f->num_links++;
    f->links[stranger] = f->links[LINK_ROOT];
    f->links[stranger].issuer = stranger;
    forgery_change(f, stranger)->key = stranger_key(f);
    rename_link(f, stranger, "tlsmatrix %s superfluous root");
    forgery_present(f, (size_t[]){ LINK_LEAF, stranger, LINK_INTERMEDIATE }, 3);
}

void build_intermediate_not_ca(struct forgery *f)
{
    struct certificate_plan *plan = forgery_change(f, LINK_INTERMEDIATE);
    plan->basic_constraints = "critical,CA:FALSE";
    plan->key_usage = "critical,digitalSignature";
}

void build_intermediate_without_constraints(struct forgery *f)
{
    forgery_change(f, LINK_INTERMEDIATE)->basic_constraints = NULL;
}

void build_intermediate_without_cert_sign(struct forgery *f)
{
    forgery_change(f, LINK_INTERMEDIATE)->key_usage = "critical,digitalSignature,cRLSign";
}

void build_intermediate_version_1(struct forgery *f)
{
    forgery_change(f, LINK_INTERMEDIATE)->version = X509_VERSION_1;
}

/* The genuine intermediate allows no other below it. */
void build_path_too_long(struct forgery *f)
{
    forgery_insert(f)->key = forgery_key(f, FORGE_OTHER);
}

static void constrain(struct forgery *f, const char *server, const char *client)
{
    forgery_change(f, LINK_INTERMEDIATE)->name_constraints =
        f->side == IDENTITY_SERVER ? server : client;
}

void build_names_not_permitted(struct forgery *f)
{
    constrain(f, "critical,permitted;DNS:elsewhere.example",
              "critical,permitted;email:elsewhere.example");
}

void build_names_excluded(struct forgery *f)
{
    constrain(f, "critical,excluded;DNS:tlsmatrix.example",
              "critical,excluded;email:tlsmatrix.example");
}

void build_names_permitted(struct forgery *f)
{
    constrain(f, "critical,permitted;DNS:tlsmatrix.example",
              "critical,permitted;email:tlsmatrix.example");
}

void build_root_without_constraints(struct forgery *f)
{
    forgery_change(f, LINK_ROOT)->basic_constraints = NULL;
    f->own_anchor = true;
}

void build_long_chain(struct forgery *f)
{
    forgery_change(f, LINK_INTERMEDIATE)->basic_constraints = "critical,CA:TRUE";
    while (f->num_links < LONG_CHAIN_LINKS)
        forgery_insert(f);
}

/* ---- what it may be used for, and what else it says ---- */

void build_wrong_purpose(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->extended_key_usage =
        f->side == IDENTITY_SERVER ? "clientAuth" : "serverAuth";
}

void build_no_purpose(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->extended_key_usage = NULL;
}

void build_any_purpose(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->extended_key_usage = "anyExtendedKeyUsage";
}

void build_intermediate_purpose(struct forgery *f)
{
    forgery_change(f, LINK_INTERMEDIATE)->extended_key_usage =
        f->side == IDENTITY_SERVER ? "clientAuth" : "serverAuth";
}

void build_wrong_usage(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->key_usage = "critical,nonRepudiation";
}

void build_no_usage(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->key_usage = NULL;
}

/* An extension of the enterprise number for documentation (RFC 5612), holding NULL. */
static void add_unknown(struct forgery *f, size_t link, bool critical)
{
    forgery_change(f, link)->raw = (struct raw_extension){
        .oid = "1.3.6.1.4.1.32473.1", .critical = critical, .der = "\x05\x00", .der_len = 2
    };
}

void build_unknown_critical(struct forgery *f)
{
    add_unknown(f, LINK_LEAF, true);
}

void build_unknown_critical_intermediate(struct forgery *f)
{
    add_unknown(f, LINK_INTERMEDIATE, true);
}

void build_unknown(struct forgery *f)
{
    add_unknown(f, LINK_LEAF, false);
}

void build_version_1(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->version = X509_VERSION_1;
}

/* The right name and 2400 others, 25 bytes each in DER. */
void build_huge(struct forgery *f)
{
    enum { NUM_NAMES = 2400 };
    size_t len;
    FILE *stream = open_memstream(&f->long_text, &len);
    f->failed = stream == NULL;
    if (f->failed)
        return;
    fputs("DNS:" FORGE_SERVER_NAME, stream);
    for (int i = 0; i < NUM_NAMES; i++)
        fprintf(stream, ",DNS:h%04d.tlsmatrix.example", i);
    f->failed = fclose(stream) != 0;
    forgery_change(f, LINK_LEAF)->alternative_name = f->long_text;
}

/* ---- whether it still holds ---- */

void build_not_revoked(struct forgery *f)
{
    f->crl = true;
}

void build_revoked(struct forgery *f)
{
    f->crl = true;
    forgery_change(f, LINK_LEAF);
    f->links[LINK_LEAF].revoked = true;
}

void build_revoked_intermediate(struct forgery *f)
{
    f->crl = true;
    forgery_change(f, LINK_INTERMEDIATE);
    f->links[LINK_INTERMEDIATE].revoked = true;
}

void build_staple_good(struct forgery *f)
{
    f->staple = STAPLE_GOOD;
}

void build_staple_revoked(struct forgery *f)
{
    f->staple = STAPLE_REVOKED;
}

void build_staple_forged(struct forgery *f)
{
    f->staple = STAPLE_FORGED;
}

void build_staple_stale(struct forgery *f)
{
    f->staple = STAPLE_STALE;
}

/* ---- how strong it is ---- */

void build_rsa1024(struct forgery *f)
{
    f->own_key = EVP_RSA_gen(1024);
    f->failed = f->own_key == NULL;
    f->presenter_key = f->own_key;
    forgery_change(f, LINK_LEAF)->key = f->own_key;
}

void build_sha1(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->digest = "SHA1";
}

void build_md5(struct forgery *f)
{
    forgery_change(f, LINK_LEAF)->digest = "MD5";
}
