/* Makes or reads a set of credentials, and knows where keys are cached. */
#include "harness/pki/forge.h"
#include "harness/pki/crypto.h"
#include "harness/pki/files.h"
#include "harness/pki/keys.h"
#include "harness/pki/place.h"
#include "harness/pki/set.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static int write_keys_set(const char *directory, void *ring, struct error *err)
{
    return set_write(directory, ring, err);
}

static int make_set(const struct place *place, const char *key_cache, struct error *err)
{
    struct keyring ring;
    if (keyring_init(&ring, key_cache, err) < 0)
        return -1;
    int result = place_fill(place, write_keys_set, &ring, err);
    keyring_fini(&ring);
    return result;
}

int forge_make(struct forge *out, const char *directory, const char *key_cache, struct error *err)
{
    struct place place;
    if (key_cache != NULL && key_cache[0] == '\0')
        key_cache = NULL;
    if (place_find(&place, directory, err) < 0)
        return -1;
    if (!place.filled && make_set(&place, key_cache, err) < 0) {
        place_abandon(&place);
        return -1;
    }
    return set_read(out, place.path, err);
}

/* XDG Base Directory Specification: a relative path is invalid and to be ignored. */
static const char *absolute_variable(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] == '/' ? value : NULL;
}

static const char *home(void)
{
    const char *variable = absolute_variable("HOME");
    if (variable != NULL)
        return variable;
    const struct passwd *user = getpwuid(getuid());
    return user != NULL ? user->pw_dir : NULL;
}

void forge_default_key_cache(char out[PATH_LEN])
{
    const char *own = getenv("TLSMATRIX_CACHE"), *base = absolute_variable("XDG_CACHE_HOME");
    int result = -1;
    if (own != NULL && own[0] != '\0')
        result = path_format(out, NULL, "%s/keys", own);
    else if (base != NULL)
        result = path_format(out, NULL, "%s/tlsmatrix/keys", base);
    else if (home() != NULL)
        result = path_format(out, NULL, "%s/.cache/tlsmatrix/keys", home());
    if (result < 0)
        out[0] = '\0';
}

int forge_read_certificate(uint8_t **der, size_t *der_len, const char *path, struct error *err)
{
    X509 *certificate = certificate_read(path, err);
    if (certificate == NULL)
        return -1;
    int size = i2d_X509(certificate, NULL);
    uint8_t *end = *der = size < 0 ? NULL : malloc((size_t)size);
    int len = end == NULL ? -1 : i2d_X509(certificate, &end); /* moves `end` behind what it wrote */
    X509_free(certificate);
    if (len < 0) {
        free(*der);
        return crypto_error(err, "%s: cannot encode the certificate", path);
    }
    *der_len = (size_t)len;
    return 0;
}
