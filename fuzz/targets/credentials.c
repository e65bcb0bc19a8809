/* The files that the forge reads back (harness/pki): a set's MANIFEST, chains, private keys.
 * Input: one byte for what it is, the file. */
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"
#include "fuzz/common/telling.h"
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"
#include "harness/pki/layout.h"
#include "harness/pki/manifest.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- a set whose files are there, so that its manifest alone decides ---- */

static char set[PATH_LEN];
static char *manifest; /* the right one */
static size_t manifest_len;
static pid_t made_by;

static void put_file(FILE *out, const char *name)
{
    FUZZ_ASSERT(manifest_put(out, set, name, 0600, name, strlen(name), NULL) == 0);
}

static void make_set(void)
{
    char name[PATH_LEN];
    FILE *out = open_memstream(&manifest, &manifest_len);
    FUZZ_ASSERT(out != NULL);
    manifest_header(out);
    for (int kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++) {
        snprintf(name, sizeof name, "%s/%s", set, credential_name((enum credential)kind));
        FUZZ_ASSERT(directory_make(name, NULL) == 0);
        for (size_t i = 0; i < NUM_FORGE_FILES; i++) {
            snprintf(name, sizeof name, "%s/%s", credential_name((enum credential)kind),
                     forge_files[i].name);
            put_file(out, name);
        }
    }
    put_file(out, FORGE_ALL_ROOTS);
    put_file(out, FORGE_DESCRIPTION);
    FUZZ_ASSERT(fclose(out) == 0);
}

static void remove_set(void)
{
    if (getpid() == made_by)
        directory_remove(set);
}

/* The errors of files that somebody else may have written: one line that steers no terminal. */
static void check_error(const struct error *err, const char *path)
{
    FUZZ_ASSERT(err->class == ERROR_USAGE);
    FUZZ_ASSERT(strncmp(err->text, path, strlen(path)) == 0);
    FUZZ_ASSERT(strchr(err->text, '\n') == NULL);
    check_harmless(err->text, strlen(err->text));
}

/* The input changes the right manifest: u16 where, u8 how many bytes go, the rest comes in their
 * place. What is taken has every line of the right one; what follows those is nobody's. */
static void check_manifest(const uint8_t *data, size_t len)
{
    struct error err = { .class = ERROR_NONE };
    struct fuzz_input input = { data, len };
    size_t at = fuzz_up_to(&input, (uint32_t)manifest_len);
    size_t gone = fuzz_up_to(&input, UINT8_MAX);
    if (gone > manifest_len - at)
        gone = manifest_len - at;
    size_t size = manifest_len - gone + input.len;
    char *file = malloc(size + 1);
    FUZZ_ASSERT(file != NULL);
    memcpy(file, manifest, at);
    memcpy(file + at, input.data, input.len);
    memcpy(file + at + input.len, manifest + at + gone, manifest_len - at - gone);
    memory_file(file, size);
    size_t lines = manifest_len - 1; /* the last one's end may be missing */
    bool right = size >= lines && memcmp(file, manifest, lines) == 0 &&
                 (size == lines || file[lines] == '\n' || file[lines] == '\0');
    FUZZ_ASSERT((manifest_check(set, &err) == 0) == right);
    if (!right)
        check_error(&err, set);
    free(file);
}

/* ---- PEM ---- */

/* The list is certificates with their lengths, the first of them what reads one alone; written as
 * PEM and read again it is the same. */
static void check_list(const uint8_t *list, size_t len, const char *path)
{
    X509 *certificates[64];
    size_t num = 0;
    uint8_t *first, *again;
    size_t first_len, again_len;
    FUZZ_ASSERT(forge_read_certificate(&first, &first_len, path, NULL) == 0);
    FUZZ_ASSERT(first_len + 3 <= len && memcmp(first, list + 3, first_len) == 0);
    free(first);
    for (size_t at = 0; at < len; num++) {
        FUZZ_ASSERT(len - at > 3 && num < sizeof certificates / sizeof certificates[0]);
        size_t size = (size_t)list[at] << 16 | (size_t)list[at + 1] << 8 | list[at + 2];
        const uint8_t *der = list + at + 3;
        FUZZ_ASSERT(size <= len - at - 3);
        certificates[num] = d2i_X509(NULL, &der, (long)size);
        FUZZ_ASSERT(certificates[num] != NULL && der == list + at + 3 + size);
        at += 3 + size;
    }
    struct bytes pem;
    FUZZ_ASSERT(certificates_to_pem(&pem, certificates, num, NULL) == 0);
    FUZZ_ASSERT(forge_read_chain(&again, &again_len, memory_file(pem.data, pem.len), NULL) == 0);
    FUZZ_ASSERT(again_len == len && memcmp(again, list, len) == 0);
    free(again);
    free(pem.data);
    while (num > 0)
        X509_free(certificates[--num]);
}

static void check_chain(const uint8_t *data, size_t len)
{
    struct error err = { .class = ERROR_NONE };
    uint8_t *list, *one;
    size_t list_len, one_len;
    const char *path = memory_file(data, len);
    if (forge_read_chain(&list, &list_len, path, &err) == 0) {
        check_list(list, list_len, path);
        free(list);
    } else {
        check_error(&err, path);
        FUZZ_ASSERT(forge_read_certificate(&one, &one_len, path, &err) < 0);
        check_error(&err, path);
    }
    ERR_clear_error();
}

/* A key that is taken is the same one when written and read again. */
static void check_key(const uint8_t *data, size_t len)
{
    struct bytes pem = { (unsigned char *)data, len }, again;
    EVP_PKEY *key = key_from_pem(&pem);
    if (key != NULL && key_to_pem(&again, key, NULL) == 0) {
        EVP_PKEY *same = key_from_pem(&again);
        FUZZ_ASSERT(same != NULL && EVP_PKEY_eq(key, same) == 1);
        EVP_PKEY_free(same);
        free(again.data);
    }
    EVP_PKEY_free(key);
    ERR_clear_error();
}

static void (*const files[])(const uint8_t *data, size_t len) = {
    check_manifest,
    check_chain,
    check_key,
};

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    uint8_t kind = fuzz_u8(&input) % (sizeof files / sizeof files[0]);
    files[kind](input.data, input.len);
}

static void init(void)
{
    snprintf(set, sizeof set, "%s", memory_folder(FORGE_MANIFEST));
    made_by = getpid();
    atexit(remove_set);
    make_set();
    for (uint8_t i = 0; i < sizeof files / sizeof files[0]; i++) /* libcrypto's tables */
        files[i]((const uint8_t *)manifest, manifest_len);
}

const struct fuzz_target fuzz_target = {
    .name = "credentials",
    .init = init,
    .run = run,
    .memory_base = 4 << 20,
    .memory_per_byte = 128,
    .time_base_us = 300000, /* a set has some hundred and thirty files */
    .time_per_byte_us = 100,
};
