/* From an endpoint to a priority string (selection.h). */
#include "peers/gnutls/selection.h"

#include "harness/wire/registry.h"
#include "peers/gnutls/library.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The three lists whose product GnuTLS offers, each by first appearance. */
struct product {
    gnutls_kx_algorithm_t kx[CONFIG_SUITES_MAX];
    gnutls_cipher_algorithm_t ciphers[CONFIG_SUITES_MAX];
    gnutls_mac_algorithm_t macs[CONFIG_SUITES_MAX];
    size_t num_kx, num_ciphers, num_macs;
};

#define HAS(list, num, value)                                                                      \
    ({                                                                                             \
        size_t at_ = 0;                                                                            \
        while (at_ < (num) && (list)[at_] != (value))                                              \
            at_++;                                                                                 \
        at_ < (num);                                                                               \
    })

#define ADD_ONCE(list, num, value)                                                                 \
    do {                                                                                           \
        if (!HAS(list, num, value))                                                                \
            (list)[(num)++] = (value);                                                             \
    } while (0)

static void product_add(struct product *product, const struct suite_entry *suite)
{
    if (suite->min_version != TLS13)
        ADD_ONCE(product->kx, product->num_kx, suite->kx);
    ADD_ONCE(product->ciphers, product->num_ciphers, suite->cipher);
    ADD_ONCE(product->macs, product->num_macs, suite->mac);
}

static bool product_has(const struct product *product, const struct suite_entry *suite)
{
    return (suite->min_version == TLS13 || HAS(product->kx, product->num_kx, suite->kx)) &&
           HAS(product->ciphers, product->num_ciphers, suite->cipher) &&
           HAS(product->macs, product->num_macs, suite->mac);
}

static void product_of(struct product *out, const struct selection *selection)
{
    *out = (struct product){ 0 };
    for (size_t i = 0; i < selection->num_suites; i++)
        product_add(out, library_suite_by_id(selection->suites[i]));
    /* psk_dhe_ke (RFC 8446 section 4.2.9) has no name of its own in priority strings. */
    if (selection->psk13) {
        ADD_ONCE(out->kx, out->num_kx, GNUTLS_KX_ECDHE_PSK);
        ADD_ONCE(out->kx, out->num_kx, GNUTLS_KX_DHE_PSK);
    }
}

static bool in_versions(const struct suite_entry *suite, uint16_t min, uint16_t max)
{
    return suite->min_version == TLS13 ? max >= TLS13 : suite->min_version <= max && min <= TLS12;
}

/* Is there a suite in the product of `selection` that is not in `asked`, but in `offered` (NULL:
 * anything counts as offered)? */
static bool has_extra(const struct selection *selection, const struct selection *asked,
                      const uint16_t *offered, size_t num_offered)
{
    struct product product;
    product_of(&product, selection);
    for (size_t i = 0; i < num_library_suites; i++) {
        const struct suite_entry *suite = &library_suites[i];
        if (in_versions(suite, asked->min_version, asked->max_version) &&
            (offered == NULL || HAS(offered, num_offered, suite->id)) &&
            !HAS(asked->suites, asked->num_suites, suite->id) && product_has(&product, suite))
            return true;
    }
    return false;
}

bool selection_is_exact(const struct selection *selection)
{
    return selection->num_suites == 0 || !has_extra(selection, selection, NULL, 0);
}

void selection_narrow(struct selection *out, const struct selection *selection,
                      const uint16_t *offered, size_t num_offered)
{
    *out = *selection;
    out->num_suites = 0;
    for (size_t i = 0; i < num_offered && out->num_suites < CONFIG_SUITES_MAX; i++) {
        if (!HAS(selection->suites, selection->num_suites, offered[i]) ||
            HAS(out->suites, out->num_suites, offered[i]))
            continue;
        out->suites[out->num_suites++] = offered[i];
        if (has_extra(out, selection, offered, num_offered))
            out->num_suites--;
    }
    /* Nothing in common: one asked suite, alone, keeps it so. */
    if (out->num_suites == 0)
        out->suites[out->num_suites++] = selection->suites[0];
}

static int take_suites(struct selection *out, const struct endpoint *endpoint, struct error *err)
{
    for (size_t i = 0; i < endpoint->num_suites; i++) {
        uint16_t id = endpoint->suites[i];
        if (library_suite_by_id(id) == NULL) {
            const struct suite *suite = suite_by_id(id);
            return error_set(err, ERROR_USAGE, "GnuTLS has no cipher suite %s (0x%04x)",
                             suite != NULL ? suite->name : "of that number", id);
        }
        out->suites[out->num_suites++] = id;
    }
    return 0;
}

static int take_groups(struct selection *out, const struct endpoint *endpoint, struct error *err)
{
    for (size_t i = 0; i < endpoint->num_groups; i++) {
        uint16_t id = endpoint->groups[i];
        if (library_group_by_id(id) == NULL) {
            const struct group *group = group_by_id(id);
            return error_set(err, ERROR_USAGE, "GnuTLS has no group %s (0x%04x)",
                             group != NULL ? group->name : "of that number", id);
        }
        out->groups[out->num_groups++] = id;
    }
    return 0;
}

static bool has_suite_for(const struct selection *selection, uint16_t version)
{
    if (selection->num_suites == 0)
        return true;
    for (size_t i = 0; i < selection->num_suites; i++)
        if (in_versions(library_suite_by_id(selection->suites[i]), version, version))
            return true;
    return false;
}

/* GnuTLS 3.7 computes the binder of an external PSK with SHA-256 and has no call to change that,
 * so such a PSK goes with no suite of another hash (RFC 8446 section 4.2.11). */
static int check_psk_hash(const struct selection *selection, struct error *err)
{
    if (!selection->psk13 || selection->min_version < TLS13 || selection->num_suites == 0)
        return 0;
    for (size_t i = 0; i < selection->num_suites; i++) {
        const struct suite *suite = suite_by_id(selection->suites[i]);
        if (suite->kx == KX_TLS13 && strstr(suite->name, "SHA384") == NULL)
            return 0;
    }
    return error_set(err, ERROR_USAGE, "GnuTLS has external PSKs in TLS 1.3 with SHA-256 only");
}

int selection_of(struct selection *out, const struct endpoint *endpoint, struct error *err)
{
    struct selection made = { .min_version = endpoint->min_version,
                              .max_version = endpoint->max_version };
    if (made.min_version < TLS10 || made.max_version > TLS13 || made.min_version > made.max_version)
        return error_set(err, ERROR_USAGE, "GnuTLS has no version range 0x%04x to 0x%04x",
                         made.min_version, made.max_version);
    if (take_suites(&made, endpoint, err) < 0 || take_groups(&made, endpoint, err) < 0)
        return -1;
    /* A highest version without any suite would be offered and then fail. */
    while (made.max_version >= made.min_version && !has_suite_for(&made, made.max_version))
        made.max_version--;
    if (made.max_version < made.min_version)
        return error_set(err, ERROR_USAGE, "none of the suites belongs to %s to %s",
                         version_name(endpoint->min_version), version_name(endpoint->max_version));
    made.server_order = endpoint->server_order;
    made.psk13 = endpoint->psk_len > 0 && made.max_version == TLS13;
    if (check_psk_hash(&made, err) < 0)
        return -1;
    *out = made;
    return 0;
}

struct text {
    char *at;
    size_t len;
};

__attribute__((format(printf, 2, 3))) static void append(struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int written = vsnprintf(text->at + text->len, SELECTION_LEN - text->len, format, args);
    va_end(args);
    assert(written >= 0 && text->len + (size_t)written < SELECTION_LEN);
    text->len += (size_t)written;
}

static void append_versions(struct text *text, const struct selection *selection)
{
    static const char *const names[NUM_TLS_VERSIONS] = { "1.0", "1.1", "1.2", "1.3" };
    for (uint16_t version = selection->max_version; version >= selection->min_version; version--)
        append(text, ":+VERS-TLS%s", names[version - TLS10]);
}

static void append_product(struct text *text, const struct selection *selection)
{
    struct product product;
    product_of(&product, selection);
    for (size_t i = 0; i < product.num_kx; i++)
        append(text, ":+%s", gnutls_kx_get_name(product.kx[i]));
    for (size_t i = 0; i < product.num_ciphers; i++)
        append(text, ":+%s", gnutls_cipher_get_name(product.ciphers[i]));
    for (size_t i = 0; i < product.num_macs; i++)
        append(text, ":+%s", gnutls_mac_get_name(product.macs[i]));
}

static void append_groups(struct text *text, const struct selection *selection)
{
    if (selection->num_groups == 0)
        append(text, ":+GROUP-ALL");
    for (size_t i = 0; i < selection->num_groups; i++)
        append(text, ":+GROUP-%s",
               gnutls_group_get_name(library_group_by_id(selection->groups[i])->group));
}

static void append_signs(struct text *text)
{
    for (size_t i = 0; i < num_library_signs; i++)
        if (library_has_sign(library_signs[i].sign))
            append(text, ":+SIGN-%s", gnutls_sign_get_name(library_signs[i].sign));
}

void selection_string(char out[SELECTION_LEN], const struct selection *selection)
{
    struct text text = { out, 0 };
    if (selection->num_suites == 0)
        append(&text, "NORMAL:-VERS-ALL:-GROUP-ALL:-SIGN-ALL");
    else
        append(&text, "NONE:+COMP-NULL:+CTYPE-X509");
    append_versions(&text, selection);
    append_product(&text, selection);
    append_groups(&text, selection);
    append_signs(&text);
    if (selection->server_order)
        append(&text, ":%%SERVER_PRECEDENCE");
    append(&text, ":%%PROFILE_LOW"); /* for certificates: what NORMAL brings, and NONE does not */
}
