/* A server's three files. */
#include "peers/minihttps/base64_file.h"
#include "peers/minihttps/minihttps.h"

#include <openssl/err.h>
#include <stdlib.h>

static EVP_PKEY *decode_key(const struct bytes *der)
{
    uint8_t spki[SPKI_LEN];
    const unsigned char *next = der->data;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &next, (long)der->len);
    if (key != NULL && (next != der->data + der->len || spki_encode(spki, key) != FAULT_NONE)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    ERR_clear_error();
    return key;
}

static int read_file(struct bytes *out, const char *directory, const char *file, size_t max,
                     struct error *err)
{
    char path[PATH_LEN];
    struct bytes bytes;
    if (path_format(path, err, "%s/%s", directory, file) < 0 ||
        base64_file_read(&bytes, path, err) < 0)
        return -1;
    if (bytes.len > max) {
        free(bytes.data);
        return error_set(err, ERROR_USAGE, "%s: more than %zu bytes", path, max);
    }
    *out = bytes;
    return 0;
}

static int read_key(EVP_PKEY **out, const char *directory, struct error *err)
{
    struct bytes der;
    if (read_file(&der, directory, "priv.key", BASE64_BYTES_MAX, err) < 0)
        return -1;
    EVP_PKEY *key = decode_key(&der);
    OPENSSL_cleanse(der.data, der.len);
    free(der.data);
    if (key == NULL)
        return error_set(err, ERROR_USAGE, "%s/priv.key: not a P-384 private key", directory);
    *out = key;
    return 0;
}

int identity_load(struct minihttps_identity *out, const char *directory, struct error *err)
{
    struct minihttps_identity identity = { 0 };
    if (read_key(&identity.key, directory, err) < 0 ||
        read_file(&identity.certificate, directory, "server.cert", CERTIFICATE_MAX, err) < 0 ||
        read_file(&identity.text, directory, "data.txt", DATA_TEXT_MAX, err) < 0) {
        identity_fini(&identity);
        return -1;
    }
    *out = identity;
    return 0;
}

void identity_fini(struct minihttps_identity *identity)
{
    EVP_PKEY_free(identity->key);
    free(identity->certificate.data);
    free(identity->text.data);
    *identity = (struct minihttps_identity){ 0 };
}
