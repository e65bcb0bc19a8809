/* The imposters of every kind, made once for all tests of a program. */
#ifndef TLSMATRIX_HARNESS_PKI_TESTS_IMPOSTERS_FIXTURE_H
#define TLSMATRIX_HARNESS_PKI_TESTS_IMPOSTERS_FIXTURE_H

#include "harness/pki/crypto.h"
#include "harness/pki/identities.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char base[] = "/tmp/imposters.XXXXXX";
static struct forge forge;
static struct imposters *all[NUM_CREDENTIALS];

#define FOR_EACH_KIND(kind)                                                                        \
    for (enum credential kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++)

/* Every row at every side it has, of every kind it can be made of. */
#define FOR_EACH_IMPOSTER(row, side, kind)                                                         \
    FOR_EACH_KIND(kind)                                                                            \
    for (size_t row = 0; row < num_identities; row++)                                              \
        for (size_t side = 0; side < 2; side++)                                                    \
            if (identity_applies(&identities[row], side == 0 ? IDENTITY_SERVER : IDENTITY_CLIENT,  \
                                 kind))

static const char *below(const char *name)
{
    static char paths[4][PATH_LEN];
    static int next;
    char *path = paths[next++ % 4];
    assert_int_equal(path_format(path, NULL, "%s/%s", base, name), 0);
    return path;
}

static int make_all(void **state)
{
    (void)state;
    char cache[PATH_LEN];
    struct error err;
    if (mkdtemp(base) == NULL)
        return -1;
    forge_default_key_cache(cache);
    if (forge_make(&forge, below("set"), cache, &err) < 0)
        return -1;
    FOR_EACH_KIND(kind)
    {
        all[kind] = malloc(sizeof *all[kind]);
        if (forge_imposters(all[kind], below("imposters"), &forge, kind, &err) < 0) {
            print_error("%s\n", err.text);
            return -1;
        }
    }
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    free(all[kind]);
    directory_remove(base);
    return 0;
}

static const struct imposter *imposter_of(size_t row, size_t side, enum credential kind)
{
    return &all[kind]->of[row][side];
}

static X509 *load_chain(STACK_OF(X509) * others, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    X509 *first = PEM_read_X509(file, NULL, NULL, NULL), *next;
    assert_non_null(first);
    while (others != NULL && (next = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
        sk_X509_push(others, next);
    fclose(file);
    ERR_clear_error();
    return first;
}

#endif
