/* What a certificate of a capture says: reading only, no verification of signatures. */
#include "captures/story.h"

#include "harness/wire/certificate_list.h"
#include "harness/wire/reader.h"

#include <arpa/inet.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    CHAIN_MAX = 16,      /* certificates of one message that are looked at */
    RSA_BITS_MIN = 2048, /* NIST SP 800-131A revision 2 section 3 */
    EC_BITS_MIN = 224,   /* likewise */
    IPV4_LEN = 4,
    IPV6_LEN = 16,
};

static void read_name(char out[STORY_TEXT_MAX], const X509_NAME *name)
{
    char line[STORY_TEXT_MAX] = "";
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~XN_FLAG_DN_REV) >= 0) {
        char *data;
        long len = BIO_get_mem_data(bio, &data);
        text_of(line, sizeof line, data, len > 0 ? (size_t)len : 0);
    }
    BIO_free(bio);
    strcpy(out, line);
}

static void add_name(char out[STORY_TEXT_MAX], const char *text)
{
    size_t used = strlen(out);
    snprintf(out + used, STORY_TEXT_MAX - used, "%s%s", used == 0 ? "" : ", ", text);
}

/* IPv4 as IPv4-mapped (RFC 4291 section 2.5.5.2). False: of neither length (RFC 5280 section
 * 4.2.1.6). */
static bool read_address(struct in6_addr *out, const ASN1_OCTET_STRING *octets)
{
    const unsigned char *data = ASN1_STRING_get0_data(octets);
    int len = ASN1_STRING_length(octets);
    *out = (struct in6_addr){ .s6_addr = { [10] = 0xFF, [11] = 0xFF } };
    if (len != IPV4_LEN && len != IPV6_LEN)
        return false;
    memcpy(out->s6_addr + IPV6_LEN - len, data, (size_t)len);
    return true;
}

static void add_address(struct certificate_view *out, const ASN1_OCTET_STRING *octets)
{
    struct in6_addr address;
    char text[INET6_ADDRSTRLEN];
    if (!read_address(&address, octets))
        return;
    bool ipv4 = IN6_IS_ADDR_V4MAPPED(&address);
    inet_ntop(ipv4 ? AF_INET : AF_INET6, address.s6_addr + (ipv4 ? IPV6_LEN - IPV4_LEN : 0), text,
              sizeof text);
    add_name(out->names, text);
    if (out->num_addresses < STORY_ADDRESSES_MAX)
        out->addresses[out->num_addresses] = address;
    out->num_addresses++;
}

/* DNS names and IP addresses; where there is no such extension, the common name stands for them as
 * it does for lenient clients. */
static void read_names(struct certificate_view *out, X509 *certificate)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        char text[STORY_TEXT_MAX];
        if (name->type == GEN_DNS)
            add_name(out->names, text_of(text, sizeof text, ASN1_STRING_get0_data(name->d.dNSName),
                                         (size_t)ASN1_STRING_length(name->d.dNSName)));
        else if (name->type == GEN_IPADD)
            add_address(out, name->d.iPAddress);
    }
    GENERAL_NAMES_free(names);
}

/* No host name may be an address (RFC 6066 section 3), but clients send them. */
static bool is_for(X509 *leaf, const char *server_name)
{
    return server_name[0] == '\0' ||
           X509_check_host(leaf, server_name, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1 ||
           X509_check_ip_asc(leaf, server_name, 0) == 1;
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm broken;
    return ASN1_TIME_to_tm(time, &broken) == 1 ? (int64_t)timegm(&broken) : 0;
}

static bool has_ended(const X509 *certificate, int64_t now)
{
    return seconds_of(X509_get0_notAfter(certificate)) < now;
}

static bool has_begun(const X509 *certificate, int64_t now)
{
    return seconds_of(X509_get0_notBefore(certificate)) <= now;
}

static enum key_kind kind_of(const EVP_PKEY *key)
{
    static const struct {
        const char *name;
        enum key_kind kind;
    } kinds[] = { { "RSA", KEY_RSA }, { "RSA-PSS", KEY_RSA_PSS }, { "DSA", KEY_DSA },
                  { "EC", KEY_EC },   { "ED25519", KEY_ED25519 }, { "ED448", KEY_ED448 } };
    for (size_t i = 0; key != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
        if (EVP_PKEY_is_a(key, kinds[i].name))
            return kinds[i].kind;
    return KEY_OTHER;
}

static uint16_t group_of(const EVP_PKEY *key)
{
    char name[32];
    size_t len;
    if (EVP_PKEY_get_group_name(key, name, sizeof name, &len) != 1)
        return 0;
    int nid = OBJ_txt2nid(name);
    return nid == NID_X9_62_prime256v1 ? 23
           : nid == NID_secp384r1      ? 24
           : nid == NID_secp521r1      ? 25
                                       : 0;
}

/* The scheme by which it is signed, in TLS's numbers; RSASSA-PSS as of an RSA key. 0: self-signed,
 * so that nobody verifies it (RFC 8446 section 4.2.3), or none that TLS has a number for. */
static uint16_t signature_of(X509 *certificate)
{
    static const struct {
        int digest;
        uint16_t hash, pss; /* RFC 5246 section 7.4.1.4.1; RFC 8446 section 4.2.3 */
    } hashes[] = { { NID_md5, 0x0100, 0 },         { NID_sha1, 0x0200, 0 },
                   { NID_sha224, 0x0300, 0 },      { NID_sha256, 0x0400, 0x0804 },
                   { NID_sha384, 0x0500, 0x0805 }, { NID_sha512, 0x0600, 0x0806 } };
    int digest = NID_undef, key = NID_undef;
    if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0)
        return 0;
    X509_get_signature_info(certificate, &digest, &key, NULL, NULL);
    if (key == NID_ED25519 || key == NID_ED448)
        return key == NID_ED25519 ? 0x0807 : 0x0808;
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (hashes[i].digest != digest)
            continue;
        switch (key) {
        case NID_rsaEncryption:
            return hashes[i].hash | 1;
        case NID_dsa:
            return hashes[i].hash | 2;
        case NID_X9_62_id_ecPublicKey:
            return hashes[i].hash | 3;
        case NID_rsassaPss:
            return hashes[i].pss;
        default:
            return 0;
        }
    }
    return 0;
}

static void read_strength(struct certificate_view *out, X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    int digest = NID_undef;
    int bits = key == NULL ? 0 : EVP_PKEY_get_bits(key);
    bool ec = key != NULL && EVP_PKEY_is_a(key, "EC");
    bool rsa = key != NULL && (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"));
    const char *kind = key == NULL ? "of an unknown kind" : EVP_PKEY_get0_type_name(key);
    out->signing_key.kind = kind_of(key);
    out->signing_key.group = out->signing_key.kind == KEY_EC ? group_of(key) : 0;
    snprintf(out->key, sizeof out->key, "%s %d", kind == NULL ? "?" : kind, bits);
    X509_get_signature_info(certificate, &digest, NULL, NULL, NULL);
    out->weak = (rsa && bits < RSA_BITS_MIN) || (ec && bits < EC_BITS_MIN) ||
                (!out->self_signed && (digest == NID_md5 || digest == NID_sha1));
}

/* RFC 5280 section 4.2.1.12: without the extension every purpose is allowed. */
static bool lacks_purpose(X509 *leaf, enum role role)
{
    uint32_t wanted = role == ROLE_SERVER ? XKU_SSL_SERVER : XKU_SSL_CLIENT;
    uint32_t usage = X509_get_extended_key_usage(leaf);
    return usage != UINT32_MAX && (usage & wanted) == 0;
}

static void read_leaf(struct certificate_view *out, X509 *leaf, enum role role, int64_t now,
                      const char *server_name)
{
    out->seen = true;
    read_name(out->subject, X509_get_subject_name(leaf));
    read_name(out->issuer, X509_get_issuer_name(leaf));
    read_names(out, leaf);
    out->not_before = seconds_of(X509_get0_notBefore(leaf));
    out->not_after = seconds_of(X509_get0_notAfter(leaf));
    out->expired = has_ended(leaf, now);
    out->not_yet_valid = !has_begun(leaf, now);
    out->self_signed = X509_NAME_cmp(X509_get_subject_name(leaf), X509_get_issuer_name(leaf)) == 0;
    out->name_matches = is_for(leaf, server_name);
    out->wrong_purpose = lacks_purpose(leaf, role);
    read_strength(out, leaf);
}

/* One above the leaf: one that has ended counts before one that has not begun, and of each the
 * first. */
static void read_above(struct certificate_view *out, const X509 *certificate, int64_t now)
{
    bool ended = has_ended(certificate, now), begun = has_begun(certificate, now);
    bool told = (ended && !out->chain_expired) ||
                (!begun && !out->chain_expired && !out->chain_not_yet_valid);
    out->chain_expired |= ended;
    out->chain_not_yet_valid |= !begun;
    if (!told)
        return;
    read_name(out->chain_subject, X509_get_subject_name(certificate));
    out->chain_not_before = seconds_of(X509_get0_notBefore(certificate));
    out->chain_not_after = seconds_of(X509_get0_notAfter(certificate));
}

void certificate_view_read(struct certificate_view *out, const struct tls_message *message,
                           bool tls13, const char *server_name, int64_t now)
{
    struct certificate_list list = certificate_list_of(message->body, message->len, tls13);
    struct reader der;
    out->place = message->first;
    for (size_t i = 0; i < CHAIN_MAX && certificate_list_next(&list, &der); i++) {
        const unsigned char *at = der.data;
        X509 *certificate = d2i_X509(NULL, &at, (long)der.len);
        if (certificate == NULL)
            break;
        if (i == 0)
            read_leaf(out, certificate, message->from, now, server_name);
        else
            read_above(out, certificate, now);
        if (i < STORY_CHAIN_KEPT)
            out->signed_by[i] = signature_of(certificate);
        X509_free(certificate);
    }
}
