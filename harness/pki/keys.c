#include "harness/pki/keys.h"
#include "harness/pki/crypto.h"

#include <assert.h>
#include <fcntl.h>
#include <openssl/dsa.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    NUM_KEYS = NUM_CREDENTIALS * NUM_FORGE_ROLES,
    THREADS_MAX = 16, /* 50 keys, of which the slowest fifth takes most of the time */
    DSA_Q_BITS = 256, /* FIPS 186-4's companion of a 2048-bit modulus and SHA-256 */
};

struct job {
    enum credential kind;
    enum forge_role role;
};

/* The keys that are still to be made, and the threads' common state. */
struct workshop {
    struct keyring *ring;
    const char *cache;
    struct job jobs[NUM_KEYS];
    size_t num_jobs;
    size_t next_job;
    bool failed;
    struct error error; /* of the first that failed */
    pthread_mutex_t lock;
    EVP_PKEY *dsa_parameters; /* all DSA keys share them, as they take seconds to find */
    pthread_mutex_t dsa_lock;
};

/* By the time that one key takes, so that threads end together. DSA stands first because finding
 * its parameters should overlap with the rest. */
static const enum credential slowest_first[] = {
    CREDENTIAL_DSA2048,    CREDENTIAL_RSA4096,    CREDENTIAL_RSA3072,    CREDENTIAL_RSA2048,
    CREDENTIAL_RSAPSS2048, CREDENTIAL_ECDSA_P521, CREDENTIAL_ECDSA_P384, CREDENTIAL_ECDSA_P256,
    CREDENTIAL_ED448,      CREDENTIAL_ED25519,
};
static_assert(sizeof slowest_first / sizeof slowest_first[0] == NUM_CREDENTIALS - 1,
              "every kind is made");

static int cache_path(char out[PATH_LEN], const char *cache, struct job job, struct error *err)
{
    return path_format(out, err, "%s/%s-%s.pem", cache, credential_name(job.kind),
                       forge_role_names[job.role]);
}

static bool is_of_kind(EVP_PKEY *key, const struct forge_kind *kind)
{
    char group[NAME_MAX_LEN] = "";
    if (!EVP_PKEY_is_a(key, kind->algorithm))
        return false;
    if (kind->bits != 0 && EVP_PKEY_get_bits(key) != kind->bits)
        return false;
    return kind->group == NULL || (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) == 1 &&
                                   strcmp(group, kind->group) == 0);
}

/* A cached key ends in a line with the hash of what stands above it, which readers of PEM skip.
 * It tells a damaged key in no time, where libcrypto's own check of an RSA key takes longer than
 * everything else that a warm forge does. */
#define SEAL "sha256 "
enum { SEAL_LEN = sizeof SEAL - 1 + 2 * SHA256_LEN + 1 };

static int seal(char out[SEAL_LEN + 1], const void *data, size_t len, struct error *err)
{
    uint8_t hash[SHA256_LEN];
    char hex[2 * SHA256_LEN + 1];
    if (sha256(hash, data, len, err) < 0)
        return -1;
    hex_format(hex, hash);
    snprintf(out, SEAL_LEN + 1, SEAL "%s\n", hex);
    return 0;
}

static bool is_sealed(const struct bytes *file)
{
    char expected[SEAL_LEN + 1];
    if (file->len <= SEAL_LEN)
        return false;
    size_t len = file->len - SEAL_LEN;
    return seal(expected, file->data, len, NULL) == 0 &&
           memcmp(file->data + len, expected, SEAL_LEN) == 0;
}

/* NULL where the cache has no sound key. */
static EVP_PKEY *load_key(const char *cache, struct job job)
{
    char path[PATH_LEN];
    struct bytes file;
    if (cache_path(path, cache, job, NULL) < 0 || file_read(&file, path, NULL) < 0)
        return NULL;
    EVP_PKEY *key = is_sealed(&file) ? key_from_pem(&file) : NULL;
    OPENSSL_cleanse(file.data, file.len);
    free(file.data);
    if (key == NULL || is_of_kind(key, &forge_kinds[job.kind]))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static int write_sealed(const char *path, const struct bytes *pem, struct error *err)
{
    char *text = malloc(pem->len + SEAL_LEN + 1);
    if (text == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    memcpy(text, pem->data, pem->len);
    int result = seal(text + pem->len, pem->data, pem->len, err);
    if (result == 0)
        result = file_write(path, 0600, text, pem->len + SEAL_LEN, err);
    OPENSSL_cleanse(text, pem->len);
    free(text);
    return result;
}

static int store_key(const char *cache, struct job job, EVP_PKEY *key, struct error *err)
{
    char path[PATH_LEN];
    struct bytes pem;
    if (cache_path(path, cache, job, err) < 0 || key_to_pem(&pem, key, err) < 0)
        return -1;
    int result = write_sealed(path, &pem, err);
    OPENSSL_cleanse(pem.data, pem.len);
    free(pem.data);
    return result;
}

static EVP_PKEY *find_dsa_parameters(int bits)
{
    EVP_PKEY *parameters = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    if (ctx != NULL && EVP_PKEY_paramgen_init(ctx) == 1 &&
        EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, bits) == 1 &&
        EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, DSA_Q_BITS) == 1)
        EVP_PKEY_paramgen(ctx, &parameters);
    EVP_PKEY_CTX_free(ctx);
    return parameters;
}

/* A context for making a key of the kind, NULL on failure. */
static EVP_PKEY_CTX *dsa_context(struct workshop *shop, const struct forge_kind *kind)
{
    pthread_mutex_lock(&shop->dsa_lock);
    if (shop->dsa_parameters == NULL)
        shop->dsa_parameters = find_dsa_parameters(kind->bits);
    pthread_mutex_unlock(&shop->dsa_lock);
    if (shop->dsa_parameters == NULL)
        return NULL;
    return EVP_PKEY_CTX_new_from_pkey(NULL, shop->dsa_parameters, NULL);
}

static EVP_PKEY *generate(struct workshop *shop, const struct forge_kind *kind)
{
    bool dsa = strcmp(kind->algorithm, "DSA") == 0;
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx =
        dsa ? dsa_context(shop, kind) : EVP_PKEY_CTX_new_from_name(NULL, kind->algorithm, NULL);
    if (ctx == NULL || EVP_PKEY_keygen_init(ctx) != 1)
        goto out;
    if (kind->bits != 0 && !dsa && EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, kind->bits) != 1)
        goto out;
    if (kind->group != NULL && EVP_PKEY_CTX_set_group_name(ctx, kind->group) != 1)
        goto out;
    EVP_PKEY_generate(ctx, &key);
out:
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static int make_key(struct workshop *shop, struct job job, struct error *err)
{
    EVP_PKEY *key = generate(shop, &forge_kinds[job.kind]);
    if (key == NULL)
        return crypto_error(err, "cannot make the key %s-%s", credential_name(job.kind),
                            forge_role_names[job.role]);
    shop->ring->keys[job.kind][job.role] = key;
    return shop->cache == NULL ? 0 : store_key(shop->cache, job, key, err);
}

/* Takes the next job; false when there is none or another thread failed. */
static bool take_job(struct workshop *shop, struct job *job)
{
    pthread_mutex_lock(&shop->lock);
    bool taken = !shop->failed && shop->next_job < shop->num_jobs;
    if (taken)
        *job = shop->jobs[shop->next_job++];
    pthread_mutex_unlock(&shop->lock);
    return taken;
}

static void *work(void *context)
{
    struct workshop *shop = context;
    struct job job;
    while (take_job(shop, &job)) {
        struct error err;
        if (make_key(shop, job, &err) == 0)
            continue;
        pthread_mutex_lock(&shop->lock);
        if (!shop->failed)
            shop->error = err;
        shop->failed = true;
        pthread_mutex_unlock(&shop->lock);
    }
    return NULL;
}

static size_t num_threads(const struct workshop *shop)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t num = processors < 1 ? 1 : (size_t)processors;
    if (num > THREADS_MAX)
        num = THREADS_MAX;
    return num > shop->num_jobs ? shop->num_jobs : num;
}

static int make_missing(struct workshop *shop, struct error *err)
{
    pthread_t threads[THREADS_MAX];
    size_t num = num_threads(shop), started = 0;
    /* The caller's thread works too, so that a thread that cannot be started costs only time. */
    while (started + 1 < num && pthread_create(&threads[started], NULL, work, shop) == 0)
        started++;
    work(shop);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    if (!shop->failed)
        return 0;
    return error_set(err, shop->error.class, "%s", shop->error.text);
}

/* Loads what the cache has and lists the rest as jobs. */
static void load_keys(struct workshop *shop)
{
    shop->num_jobs = 0;
    for (int role = 0; role < NUM_FORGE_ROLES; role++)
        for (size_t i = 0; i < sizeof slowest_first / sizeof slowest_first[0]; i++) {
            struct job job = { slowest_first[i], (enum forge_role)role };
            EVP_PKEY **key = &shop->ring->keys[job.kind][job.role];
            if (*key == NULL && shop->cache != NULL)
                *key = load_key(shop->cache, job);
            if (*key == NULL)
                shop->jobs[shop->num_jobs++] = job;
        }
}

/* Waits until no other process fills this cache. -1 where the file system has no locks: then the
 * work may be done twice, but file_write() keeps it whole. */
static int lock_cache(const char *cache)
{
    char path[PATH_LEN];
    if (path_format(path, NULL, "%s/.lock", cache) < 0)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        flock(fd, LOCK_EX);
    return fd;
}

static int fill_ring(struct workshop *shop, struct error *err)
{
    load_keys(shop);
    if (shop->num_jobs == 0)
        return 0;
    if (shop->cache == NULL)
        return make_missing(shop, err);
    int lock = lock_cache(shop->cache);
    load_keys(shop); /* again: another process may have made them meanwhile */
    int result = make_missing(shop, err);
    if (lock >= 0)
        close(lock);
    return result;
}

/* A new cache is for the user's eyes only. */
static int make_cache(const char *cache, struct error *err)
{
    struct stat info;
    bool is_new = stat(cache, &info) < 0;
    if (directory_make(cache, err) < 0)
        return error_prefix(err, "key cache");
    if (is_new && chmod(cache, 0700) < 0)
        return error_errno(err, "key cache %s", cache);
    return 0;
}

int keyring_init(struct keyring *ring, const char *cache, struct error *err)
{
    *ring = (struct keyring){ 0 };
    if (cache != NULL && make_cache(cache, err) < 0)
        return -1;
    struct workshop shop = {
        .ring = ring,
        .cache = cache,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .dsa_lock = PTHREAD_MUTEX_INITIALIZER,
    };
    int result = fill_ring(&shop, err);
    EVP_PKEY_free(shop.dsa_parameters);
    if (result < 0)
        keyring_fini(ring);
    return result;
}

void keyring_fini(struct keyring *ring)
{
    for (int kind = 0; kind < NUM_CREDENTIALS; kind++)
        for (int role = 0; role < NUM_FORGE_ROLES; role++) {
            EVP_PKEY_free(ring->keys[kind][role]);
            ring->keys[kind][role] = NULL;
        }
}
