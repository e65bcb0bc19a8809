/* By hand: what people want to know of the other end. */
#include "peers/gnutls/internal.h"

#include <stdio.h>
#include <string.h>

static void add_common_name(struct peer_description *out, gnutls_x509_crt_t leaf)
{
    char text[PEER_NAME_LEN];
    size_t len = sizeof text;
    if (gnutls_x509_crt_get_dn_by_oid(leaf, GNUTLS_OID_X520_COMMON_NAME, 0, 0, text, &len) < 0)
        return;
    out->has_common_name = true;
    peer_add_name(out, text, len);
}

static void add_alternative_names(struct peer_description *out, gnutls_x509_crt_t leaf)
{
    for (unsigned i = 0; i < PEER_NAMES_MAX; i++) {
        char value[PEER_NAME_LEN];
        size_t len = sizeof value;
        int type = gnutls_x509_crt_get_subject_alt_name(leaf, i, value, &len, NULL);
        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return;
        if (type == GNUTLS_SAN_DNSNAME)
            peer_add_name(out, value, len);
        else if (type == GNUTLS_SAN_IPADDRESS)
            peer_add_address(out, value, len);
    }
}

void gnutls_stack_describe_peer(struct stack_connection *connection, struct peer_description *out)
{
    unsigned num = 0;
    gnutls_x509_crt_t leaf = NULL;
    const gnutls_datum_t *chain = gnutls_certificate_get_peers(connection->session, &num);
    /* GnuTLS has had no compression since 3.6.0, and no function is left that would tell. */
    snprintf(out->compression, sizeof out->compression, "none");
    if (chain == NULL || num == 0 || gnutls_x509_crt_init(&leaf) < 0)
        return;
    if (gnutls_x509_crt_import(leaf, &chain[0], GNUTLS_X509_FMT_DER) >= 0) {
        add_common_name(out, leaf);
        add_alternative_names(out, leaf);
    }
    gnutls_x509_crt_deinit(leaf);
}
