#include "harness/pki/describe.h"
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"

#include <inttypes.h>
#include <openssl/bio.h>
#include <openssl/x509v3.h>

static const char introduction[] =
    "Test credentials of tlsmatrix. They protect nothing: every private key lies beside its\n"
    "certificate.\n"
    "\n"
    "Each kind has a folder, and each folder the same files:\n"
    "  root.pem, root-key.pem                   the trust anchor, self-signed\n"
    "  intermediate.pem, intermediate-key.pem   issued by the root, may issue leaves only\n"
    "  server-chain.pem, server-key.pem         server leaf, then the intermediate\n"
    "  client-chain.pem, client-key.pem         client leaf, then the intermediate\n"
    "  other-chain.pem, other-key.pem           another server leaf for the same name\n"
    "all-roots.pem holds every root. MANIFEST has the SHA-256 of every file; to check them:\n"
    "  sha256sum -c MANIFEST\n"
    "\n";

static const char usage[] =
    "The clock. Programs that can verify at a given time should be given %" PRId64 "\n"
    "(2026-01-01 00:00:00 UTC), the moment at which tlsmatrix judges. Others find the "
    "certificates\n"
    "valid from 2025-01-01 to 2027-01-01 UTC, or can be run under `faketime '2026-01-01 UTC'`.\n"
    "\n"
    "By hand, from this directory, with ecdsa-p256 as the example:\n"
    "  openssl s_server -accept 4433 -cert ecdsa-p256/server-chain.pem \\\n"
    "      -key ecdsa-p256/server-key.pem -cert_chain ecdsa-p256/intermediate.pem \\\n"
    "      -CAfile ecdsa-p256/root.pem -Verify 3 -verify_return_error -attime %" PRId64 " -www\n"
    "  openssl s_client -connect 127.0.0.1:4433 -servername %s \\\n"
    "      -verify_hostname %s -verify_return_error \\\n"
    "      -CAfile ecdsa-p256/root.pem -cert ecdsa-p256/client-chain.pem \\\n"
    "      -key ecdsa-p256/client-key.pem -cert_chain ecdsa-p256/intermediate.pem \\\n"
    "      -attime %" PRId64 "\n"
    "  gnutls-serv --port 4433 --http --x509certfile ecdsa-p256/server-chain.pem \\\n"
    "      --x509keyfile ecdsa-p256/server-key.pem --x509cafile ecdsa-p256/root.pem \\\n"
    "      --require-client-cert --verify-client-cert\n"
    "  curl --cacert ecdsa-p256/root.pem --cert ecdsa-p256/client-chain.pem \\\n"
    "      --key ecdsa-p256/client-key.pem \\\n"
    "      --connect-to %s:443:127.0.0.1:4433 https://%s/\n"
    "\n";

void describe_set(FILE *out)
{
    fputs(introduction, out);
    fprintf(out, usage, FORGE_TIME, FORGE_TIME, FORGE_SERVER_NAME, FORGE_SERVER_NAME, FORGE_TIME,
            FORGE_SERVER_NAME, FORGE_SERVER_NAME);
    fprintf(out,
            "In each folder, the SHA-256 of the certificate (DER), as a pin of the leaf holds\n"
            "it, and of its SubjectPublicKeyInfo (DER), as a pin of the key holds it:\n");
}

/* Subject and validity as libcrypto prints them. */
static int print_subject(FILE *out, X509 *certificate, struct error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    if (bio == NULL ||
        X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253) < 0 ||
        BIO_puts(bio, "\n    from ") < 0 ||
        ASN1_TIME_print(bio, X509_get0_notBefore(certificate)) != 1 || BIO_puts(bio, " to ") < 0 ||
        ASN1_TIME_print(bio, X509_get0_notAfter(certificate)) != 1) {
        BIO_free(bio);
        return crypto_error(err, "cannot describe a certificate");
    }
    long len = BIO_get_mem_data(bio, &text);
    fprintf(out, "%.*s\n", (int)len, text);
    BIO_free(bio);
    return 0;
}

static int describe_certificate(FILE *out, X509 *certificate, struct error *err)
{
    uint8_t whole[SHA256_LEN], key[SHA256_LEN];
    char whole_hex[2 * SHA256_LEN + 1], key_hex[2 * SHA256_LEN + 1];
    if (print_subject(out, certificate, err) < 0 ||
        certificate_sha256(whole, certificate, err) < 0 || spki_sha256(key, certificate, err) < 0)
        return -1;
    hex_format(whole_hex, whole);
    hex_format(key_hex, key);
    fprintf(out, "    certificate %s\n    public key  %s\n", whole_hex, key_hex);
    return 0;
}

int describe_kind(FILE *out, enum credential kind, const struct certificates *certificates,
                  struct error *err)
{
    const char *digest = forge_kinds[kind].digest;
    fprintf(out, "\n%s/ (%s, signatures %s%s)\n", credential_name(kind),
            forge_kinds[kind].algorithm, digest != NULL ? "with " : "of its own kind",
            digest != NULL ? digest : "");
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        fprintf(out, "  %-12s ", forge_role_names[role]);
        if (describe_certificate(out, certificates->of[role], err) < 0)
            return -1;
    }
    return 0;
}

static void list_hash(FILE *out, const char *what, const uint8_t hash[SHA256_LEN])
{
    char hex[2 * SHA256_LEN + 1];
    hex_format(hex, hash);
    fprintf(out, "  %-18s %s\n", what, hex);
}

static void list_kind(FILE *out, const struct forged *forged)
{
    const struct {
        const char *what;
        const char *path;
    } files[] = {
        { "trust anchor", forged->trust_file },    { "server chain", forged->server_chain },
        { "server key", forged->server_key },      { "client chain", forged->client_chain },
        { "client key", forged->client_key },      { "other server chain", forged->other_chain },
        { "other server key", forged->other_key },
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        fprintf(out, "  %-18s %s\n", files[i].what, files[i].path);
    list_hash(out, "server leaf", forged->server_leaf_sha256);
    list_hash(out, "server public key", forged->server_spki_sha256);
    list_hash(out, "client leaf", forged->client_leaf_sha256);
    list_hash(out, "other server leaf", forged->other_leaf_sha256);
}

void forge_list(FILE *out, const struct forge *forge)
{
    for (int kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++) {
        fprintf(out, "%s\n", credential_name((enum credential)kind));
        list_kind(out, &forge->kinds[kind]);
    }
}
