/* By hand: what people want to know of the other end. */
#include "peers/libssl/dialect.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

static void add_common_name(struct peer_description *out, X509 *leaf)
{
    X509_NAME *subject = X509_get_subject_name(leaf);
    int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    unsigned char *text = NULL;
    if (index < 0)
        return;
    int len =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
    if (len < 0)
        return;
    out->has_common_name = true;
    peer_add_name(out, text, (size_t)len);
    OPENSSL_free(text);
}

static void add_alternative_names(struct peer_description *out, X509 *leaf)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    for (size_t i = 0; names != NULL && i < (size_t)sk_GENERAL_NAME_num(names); i++) {
        int type;
        const ASN1_STRING *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
        if (type == GEN_DNS)
            peer_add_name(out, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
        else if (type == GEN_IPADD)
            peer_add_address(out, ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    }
    GENERAL_NAMES_free(names);
}

void libssl_describe_peer(struct stack_connection *connection, struct peer_description *out)
{
    const COMP_METHOD *compression = SSL_get_current_compression(connection->ssl);
    const char *name = compression != NULL ? SSL_COMP_get_name(compression) : NULL;
    snprintf(out->compression, sizeof out->compression, "%s", name != NULL ? name : "none");
    if (connection->peer_leaf == NULL)
        return;
    add_common_name(out, connection->peer_leaf);
    add_alternative_names(out, connection->peer_leaf);
    ERR_clear_error();
}
