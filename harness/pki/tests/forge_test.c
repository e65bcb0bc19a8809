/* What the forge makes, held against libcrypto's verifier in its strict mode and against the disk.
 * Each refusal stands beside what is accepted. One cold forge, by four processes at once, serves
 * all tests: it takes about ten seconds. */
#include "harness/pki/crypto.h"
#include "harness/pki/forge.h"
#include "harness/pki/layout.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NUM_MAKERS = 4, TWO_YEARS = 2 * 365 * 24 * 3600 };

static char base[] = "/tmp/forge_test.XXXXXX";
static char cache[PATH_LEN];
static struct forge forge; /* of base/set-0 */

static const char *below(const char *name)
{
    static char paths[4][PATH_LEN];
    static int next;
    char *path = paths[next++ % 4];
    assert_int_equal(path_format(path, NULL, "%s/%s", base, name), 0);
    return path;
}

static void run(const char *format, ...)
{
    char command[4 * PATH_LEN];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    assert_int_equal(system(command), 0);
}

/* Two of the four makers share a directory. */
static int make_in_parallel(void **state)
{
    (void)state;
    static const char *const directories[NUM_MAKERS] = { "set-0", "set-0", "set-1", "set-2" };
    if (mkdtemp(base) == NULL || path_format(cache, NULL, "%s/cache/keys", base) < 0)
        return -1;
    struct error err;
    for (int i = 0; i < NUM_MAKERS; i++)
        if (fork() == 0)
            _exit(forge_make(&forge, below(directories[i]), cache, &err) < 0);
    for (int i = 0; i < NUM_MAKERS; i++) {
        int status;
        if (wait(&status) < 0 || status != 0)
            return -1;
    }
    return forge_make(&forge, below("set-0"), cache, &err);
}

static int remove_all(void **state)
{
    (void)state;
    directory_remove(base);
    return 0;
}

#define FOR_EACH_KIND(kind)                                                                        \
    for (enum credential kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++)

static X509 *load_certificates(STACK_OF(X509) * others, const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    X509 *first = PEM_read_X509(file, NULL, NULL, NULL), *next;
    assert_non_null(first);
    while (others != NULL && (next = PEM_read_X509(file, NULL, NULL, NULL)) != NULL)
        sk_X509_push(others, next);
    fclose(file);
    return first;
}

static EVP_PKEY *load_key(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    return key;
}

static const char *kind_file(const char *set, enum credential kind, const char *name)
{
    char path[PATH_LEN];
    assert_int_equal(path_format(path, NULL, "%s/%s/%s", set, credential_name(kind), name), 0);
    return below(path);
}

static X509 *load_role(enum credential kind, enum forge_role role)
{
    static const char *const names[NUM_FORGE_ROLES] = {
        "root.pem", "intermediate.pem", "server-chain.pem", "client-chain.pem", "other-chain.pem",
    };
    return load_certificates(NULL, kind_file("set-0", kind, names[role]));
}

struct question {
    const char *chain;
    const char *trust;
    const char *host; /* may be NULL, as may ip */
    const char *ip;
    int purpose;
    int64_t time;
};

/* X509_V_OK, or what the strict verifier objects to. */
static int verify(const struct question *q)
{
    STACK_OF(X509) *others = sk_X509_new_null();
    X509 *leaf = load_certificates(others, q->chain);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_load_file(store, q->trust);
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE_CTX_init(ctx, store, leaf, others);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE |
                                           X509_V_FLAG_POLICY_CHECK);
    X509_VERIFY_PARAM_set_time(param, q->time);
    X509_VERIFY_PARAM_set_purpose(param, q->purpose);
    X509_VERIFY_PARAM_set1_host(param, q->host, 0);
    if (q->ip != NULL)
        X509_VERIFY_PARAM_set1_ip_asc(param, q->ip);
    int result = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_pop_free(others, X509_free);
    X509_free(leaf);
    return result;
}

static struct question server_question(enum credential kind)
{
    return (struct question){ forge.kinds[kind].server_chain,
                              forge.kinds[kind].trust_file,
                              FORGE_SERVER_NAME,
                              NULL,
                              X509_PURPOSE_SSL_SERVER,
                              FORGE_TIME };
}

static struct question client_question(enum credential kind)
{
    return (struct question){ forge.kinds[kind].client_chain,
                              forge.kinds[kind].trust_file,
                              NULL,
                              NULL,
                              X509_PURPOSE_SSL_CLIENT,
                              FORGE_TIME };
}

static void makers_share_keys_and_leave_nothing_else(void **state)
{
    (void)state;
    run("cmp -s %s %s", kind_file("set-0", CREDENTIAL_RSA4096, "root-key.pem"),
        kind_file("set-1", CREDENTIAL_RSA4096, "root-key.pem"));
    run("cmp -s %s %s; test $? = 1", below("set-0/rsa4096/root.pem"),
        below("set-1/rsa4096/root.pem"));
    run("test -z \"$(find %s -name '*.forging-*' -o -name '*.pem.*')\"", base);
    run("test $(ls %s | wc -l) = %d", cache, (NUM_CREDENTIALS - 1) * NUM_FORGE_ROLES);
    run("test $(ls %s | wc -l) = 4", base); /* three sets and the cache */
    run("test -z \"$(find %s ! -perm 600 -type f)\"", cache);
}

static void other_tools_agree_with_the_manifest(void **state)
{
    (void)state;
    run("cd %s && sha256sum --quiet --strict -c MANIFEST", below("set-2"));
    run("test $(find %s -type f | wc -l) = $(wc -l < %s)", below("set-2"), below("set-2/MANIFEST"));
}

static void keys_are_private_and_belong_to_their_certificates(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        char name[64];
        struct stat info;
        snprintf(name, sizeof name, "%s-key.pem", forge_role_names[role]);
        const char *path = kind_file("set-0", kind, name);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0600);
        EVP_PKEY *key = load_key(path);
        X509 *certificate = load_role(kind, (enum forge_role)role);
        X509 *stranger = load_role(kind, (enum forge_role)((role + 1) % NUM_FORGE_ROLES));
        assert_true(EVP_PKEY_is_a(key, forge_kinds[kind].algorithm));
        assert_int_equal(X509_check_private_key(certificate, key), 1);
        assert_int_equal(X509_check_private_key(stranger, key), 0);
        X509_free(certificate);
        X509_free(stranger);
        EVP_PKEY_free(key);
    }
}

static void chains_verify_strictly_at_the_frozen_time_only(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct question questions[] = { server_question(kind), client_question(kind),
                                        server_question(kind) };
        questions[2].chain = forge.kinds[kind].other_chain;
        for (size_t i = 0; i < 3; i++) {
            assert_int_equal(verify(&questions[i]), X509_V_OK);
            questions[i].time = FORGE_TIME - TWO_YEARS;
            assert_int_equal(verify(&questions[i]), X509_V_ERR_CERT_NOT_YET_VALID);
            questions[i].time = FORGE_TIME + TWO_YEARS;
            assert_int_equal(verify(&questions[i]), X509_V_ERR_CERT_HAS_EXPIRED);
        }
    }
}

static void chains_verify_under_their_own_root_only(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct question q = client_question(kind);
        q.trust = below("set-0/" FORGE_ALL_ROOTS);
        assert_int_equal(verify(&q), X509_V_OK);
        q.trust = forge.kinds[kind == CREDENTIAL_ED25519 ? CREDENTIAL_ED448 : CREDENTIAL_ED25519]
                      .trust_file;
        assert_int_equal(verify(&q), X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
        q.trust = kind_file("set-1", kind, "root.pem"); /* same name and key: a twin, not a fault */
        assert_int_equal(verify(&q), X509_V_OK);
    }
}

static void servers_carry_their_name_and_address(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct question q = server_question(kind);
        q.host = "other.tlsmatrix.example";
        assert_int_equal(verify(&q), X509_V_ERR_HOSTNAME_MISMATCH);
        q.host = NULL;
        q.ip = "127.0.0.1";
        assert_int_equal(verify(&q), X509_V_OK);
        q.ip = "127.0.0.2";
        assert_int_equal(verify(&q), X509_V_ERR_IP_ADDRESS_MISMATCH);
        q = client_question(kind);
        q.host = FORGE_SERVER_NAME;
        assert_int_equal(verify(&q), X509_V_ERR_HOSTNAME_MISMATCH);
    }
}

static void leaves_serve_their_purpose_only(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct question q = server_question(kind);
        assert_int_equal(verify(&q), X509_V_OK);
        q.purpose = X509_PURPOSE_SSL_CLIENT;
        assert_int_equal(verify(&q), X509_V_ERR_INVALID_PURPOSE);
        q = client_question(kind);
        assert_int_equal(verify(&q), X509_V_OK);
        q.purpose = X509_PURPOSE_SSL_SERVER;
        assert_int_equal(verify(&q), X509_V_ERR_INVALID_PURPOSE);
    }
}

static void extensions_are_what_the_role_needs(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        bool ca = role == FORGE_ROOT || role == FORGE_INTERMEDIATE;
        X509 *certificate = load_role(kind, (enum forge_role)role);
        uint32_t usage = ca ? KU_KEY_CERT_SIGN | KU_CRL_SIGN : KU_DIGITAL_SIGNATURE;
        if (!ca && role != FORGE_CLIENT && EVP_PKEY_is_a(X509_get0_pubkey(certificate), "RSA"))
            usage |= KU_KEY_ENCIPHERMENT;
        assert_int_equal(X509_get_version(certificate), X509_VERSION_3);
        assert_int_equal(X509_get_key_usage(certificate), usage);
        assert_int_equal(X509_check_ca(certificate), ca);
        assert_int_equal(X509_get_pathlen(certificate), role == FORGE_INTERMEDIATE ? 0 : -1);
        assert_non_null(X509_get0_subject_key_id(certificate));
        assert_int_equal(X509_get0_authority_key_id(certificate) != NULL, role != FORGE_ROOT);
        X509_free(certificate);
    }
}

static void signatures_use_the_fitting_hash(void **state)
{
    (void)state;
    static const int algorithms[NUM_CREDENTIALS] = {
        [CREDENTIAL_RSA2048] = NID_sha256WithRSAEncryption,
        [CREDENTIAL_RSA3072] = NID_sha256WithRSAEncryption,
        [CREDENTIAL_RSA4096] = NID_sha256WithRSAEncryption,
        [CREDENTIAL_RSAPSS2048] = NID_rsassaPss,
        [CREDENTIAL_ECDSA_P256] = NID_ecdsa_with_SHA256,
        [CREDENTIAL_ECDSA_P384] = NID_ecdsa_with_SHA384,
        [CREDENTIAL_ECDSA_P521] = NID_ecdsa_with_SHA512,
        [CREDENTIAL_ED25519] = NID_ED25519,
        [CREDENTIAL_ED448] = NID_ED448,
        [CREDENTIAL_DSA2048] = NID_dsa_with_SHA256,
    };
    FOR_EACH_KIND(kind)
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        X509 *certificate = load_role(kind, (enum forge_role)role);
        assert_int_equal(X509_get_signature_nid(certificate), algorithms[kind]);
        X509_free(certificate);
    }
    X509 *pss = load_role(CREDENTIAL_RSAPSS2048, FORGE_SERVER);
    int digest;
    assert_int_equal(X509_get_signature_info(pss, &digest, NULL, NULL, NULL), 1);
    assert_int_equal(digest, NID_sha256);
    ASN1_OBJECT *key_type;
    X509_PUBKEY_get0_param(&key_type, NULL, NULL, NULL, X509_get_X509_PUBKEY(pss));
    assert_int_equal(OBJ_obj2nid(key_type), NID_rsassaPss);
    X509_free(pss);
}

static void serials_are_long_positive_and_distinct(void **state)
{
    (void)state;
    unsigned char serials[NUM_CREDENTIALS * NUM_FORGE_ROLES][16];
    size_t num = 0;
    FOR_EACH_KIND(kind)
    for (int role = 0; role < NUM_FORGE_ROLES; role++) {
        X509 *certificate = load_role(kind, (enum forge_role)role);
        const ASN1_INTEGER *serial = X509_get0_serialNumber(certificate);
        assert_int_equal(ASN1_STRING_type(serial), V_ASN1_INTEGER); /* not V_ASN1_NEG_INTEGER */
        assert_int_equal(ASN1_STRING_length(serial), 16);
        memcpy(serials[num], ASN1_STRING_get0_data(serial), 16);
        for (size_t i = 0; i < num; i++)
            assert_memory_not_equal(serials[i], serials[num], 16);
        num++;
        X509_free(certificate);
    }
}

/* By another way than the forge's own: DER by i2d_X509, hashed by SHA256(). */
static void assert_leaf_hash(const uint8_t expected[SHA256_LEN], const char *path)
{
    X509 *certificate = load_certificates(NULL, path);
    unsigned char *der = NULL, hash[SHA256_LEN];
    int len = i2d_X509(certificate, &der);
    SHA256(der, (size_t)len, hash);
    assert_memory_equal(expected, hash, SHA256_LEN);
    OPENSSL_free(der);
    X509_free(certificate);
}

static void assert_key_hash(const uint8_t expected[SHA256_LEN], const char *path)
{
    EVP_PKEY *key = load_key(path); /* the private key knows its public half, too */
    unsigned char *der = NULL, hash[SHA256_LEN];
    int len = i2d_PUBKEY(key, &der);
    SHA256(der, (size_t)len, hash);
    assert_memory_equal(expected, hash, SHA256_LEN);
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void hashes_are_true(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        const struct forged *f = &forge.kinds[kind];
        assert_leaf_hash(f->server_leaf_sha256, f->server_chain);
        assert_leaf_hash(f->client_leaf_sha256, f->client_chain);
        assert_leaf_hash(f->other_leaf_sha256, f->other_chain);
        assert_key_hash(f->server_spki_sha256, f->server_key);
        assert_memory_not_equal(f->server_leaf_sha256, f->other_leaf_sha256, SHA256_LEN);
    }
}

static void a_complete_set_is_read_not_made(void **state)
{
    (void)state;
    struct forge again;
    struct stat before, after;
    struct error err;
    assert_int_equal(stat(below("set-0/MANIFEST"), &before), 0);
    assert_int_equal(forge_make(&again, below("set-0/"), NULL, &err), 0);
    assert_int_equal(stat(below("set-0/MANIFEST"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_memory_equal(&again, &forge, sizeof forge);
}

/* A forge in `name` fails, with an error that contains `text`. */
static void assert_refused(const char *name, enum error_class class, const char *text)
{
    struct forge out;
    struct error err;
    assert_int_equal(forge_make(&out, below(name), cache, &err), -1);
    assert_int_equal(err.class, class);
    if (strstr(err.text, text) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.text, text);
    assert_null(strchr(err.text, '\n'));
}

/* `damage` is a shell command, run in a copy of the set. */
static void assert_damage_found(const char *damage, enum error_class class, const char *text)
{
    struct forge out;
    run("rm -rf %s && cp -a %s %s", below("copy"), below("set-0"), below("copy"));
    assert_int_equal(forge_make(&out, below("copy"), cache, NULL), 0);
    run("cd %s && %s", below("copy"), damage);
    assert_refused("copy", class, text);
}

static void a_damaged_set_is_refused_by_the_file_s_name(void **state)
{
    (void)state;
    assert_damage_found("echo >> ed448/client-chain.pem", ERROR_USAGE,
                        "copy/ed448/client-chain.pem: differs from its hash in MANIFEST");
    assert_damage_found("rm rsa2048/other-key.pem", ERROR_HARNESS,
                        "copy/rsa2048/other-key.pem: No such file or directory");
    assert_damage_found(": > all-roots.pem", ERROR_USAGE, "copy/all-roots.pem: differs");
    assert_damage_found("sed -i 5d MANIFEST", ERROR_USAGE,
                        "copy/MANIFEST:5: must be the line of rsa2048/client-chain.pem");
    assert_damage_found("sed -i '50,$d' MANIFEST", ERROR_USAGE, "copy/MANIFEST:50: must be");
    assert_damage_found("sed -i '1s/1$/999/' MANIFEST", ERROR_USAGE,
                        "copy: credentials in format 999, this version makes and reads format 1");
    assert_damage_found(": > MANIFEST", ERROR_USAGE, "copy/MANIFEST:1: not a manifest");
    assert_damage_found("sed -i '1s/1$/\\x1b[2J/' MANIFEST", ERROR_USAGE,
                        "copy/MANIFEST:1: not a manifest");
    assert_damage_found("rm MANIFEST", ERROR_USAGE, "holds something else than credentials");
    assert_damage_found("yes | head -c 300000 > MANIFEST", ERROR_USAGE, "MANIFEST: larger than");
}

static void what_is_no_place_for_a_set_is_refused(void **state)
{
    (void)state;
    struct forge out;
    run("mkdir -p %s && ln -sfn empty %s && touch %s", below("empty"), below("link"),
        below("file"));
    assert_int_equal(forge_make(&out, below("link"), cache, NULL), 0);
    run("test -e %s", below("empty/MANIFEST"));
    assert_int_equal(forge_make(&out, below("a/b/c/"), cache, NULL), 0);
    assert_refused("file", ERROR_USAGE, "file: not a directory");
    assert_refused("file/below", ERROR_HARNESS, "file/below: Not a directory");
    assert_refused("cache", ERROR_USAGE, "cache: holds something else than credentials");
}

static void the_current_directory_is_refused(void **state)
{
    (void)state;
    struct forge out;
    struct error err;
    run("mkdir %s", below("current"));
    assert_int_equal(chdir(below("current")), 0);
    assert_int_equal(forge_make(&out, ".", cache, &err), -1);
    assert_non_null(strstr(err.text, "/current: the current directory cannot become"));
    assert_int_equal(forge_make(&out, "below", cache, &err), 0);
    assert_string_equal(out.kinds[CREDENTIAL_DSA2048].server_key,
                        below("current/below/dsa2048/server-key.pem"));
    assert_int_equal(chdir("/"), 0);
}

/* Runs a forge in a child after `prepare`; its error text comes back through a pipe. */
static void forge_in_child(char text[ERROR_TEXT_MAX], void (*prepare)(void), const char *directory)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    if (fork() == 0) {
        struct error err = { .text = "made" };
        prepare();
        forge_make(&forge, directory, cache, &err);
        ssize_t written = write(ends[1], err.text, sizeof err.text);
        _exit(written < 0);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], text, ERROR_TEXT_MAX), ERROR_TEXT_MAX);
    close(ends[0]);
    wait(NULL);
}

static void no_limit(void)
{
}

/* Stands for a full disk: the description is the only file that is larger. */
static void limit_files_to_12k(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){ 12 * 1024, 12 * 1024 });
}

static void become_nobody(void)
{
    if (setuid(65534) < 0)
        _exit(1);
}

static void a_disk_that_is_full_leaves_no_half_set(void **state)
{
    (void)state;
    char text[ERROR_TEXT_MAX];
    forge_in_child(text, limit_files_to_12k, below("full"));
    assert_non_null(strstr(text, "CREDENTIALS.txt: File too large"));
    run("! ls -d %s* 2>/dev/null", below("full"));
    forge_in_child(text, no_limit, below("full"));
    assert_string_equal(text, "made");
}

static void directories_without_permission_are_told_by_name(void **state)
{
    (void)state;
    char text[ERROR_TEXT_MAX];
    if (geteuid() != 0) /* only root can put on another's shoes */
        skip();
    run("chmod 755 %s && mkdir -m 700 %s && mkdir -m 755 %s", base, below("closed"),
        below("readonly"));
    forge_in_child(text, become_nobody, below("closed"));
    assert_non_null(strstr(text, "/closed: Permission denied"));
    forge_in_child(text, become_nobody, below("readonly/set"));
    assert_non_null(strstr(text, "cannot create directory"));
    forge_in_child(text, no_limit, below("readonly/set"));
    assert_string_equal(text, "made");
}

/* `damage`: a shell command, run in the cache, that spoils the key ed25519-root.pem alone. */
static void assert_key_remade(const char *damage)
{
    struct forge out;
    char name[64], path[PATH_LEN];
    static int round;
    snprintf(name, sizeof name, "remade-%d", round++);
    run("cd %s && cp ed25519-root.pem %s && cp ecdsa-p256-root.pem %s && %s", cache,
        below("old.pem"), below("same.pem"), damage);
    run("cp %s/ed25519-root.pem %s 2>/dev/null || rm -f %s", cache, below("spoilt.pem"),
        below("spoilt.pem"));
    assert_int_equal(forge_make(&out, below(name), cache, NULL), 0);
    run("cmp -s %s %s/ed25519-root.pem; test $? = 1", below("old.pem"), cache);
    run("! cmp -s %s %s/ed25519-root.pem", below("spoilt.pem"), cache);
    run("cmp -s %s %s/ecdsa-p256-root.pem", below("same.pem"), cache);
    assert_int_equal(path_format(path, NULL, "%s/ed25519-root.pem", cache), 0);
    EVP_PKEY *key = load_key(path);
    assert_true(EVP_PKEY_is_a(key, "ED25519"));
    EVP_PKEY_free(key);
}

static void spoilt_keys_in_the_cache_are_remade(void **state)
{
    (void)state;
    assert_key_remade(": > ed25519-root.pem");
    assert_key_remade("rm ed25519-root.pem");
    assert_key_remade("truncate -s 50 ed25519-root.pem");
    /* One character within the seed: still a key, but another. */
    assert_key_remade("sed -i '2{s/^\\(.\\{39\\}\\)X/\\1Y/;t;s/./X/40}' ed25519-root.pem");
    assert_key_remade("cp ed448-root.pem ed25519-root.pem"); /* sound, but of another kind */
    assert_key_remade("head -c 400000 /dev/zero > ed25519-root.pem");
}

static void a_cache_that_cannot_be_is_an_error(void **state)
{
    (void)state;
    struct forge out;
    struct error err;
    run("touch %s", below("file"));
    assert_int_equal(forge_make(&out, below("uncached"), below("file"), &err), -1);
    assert_non_null(strstr(err.text, "key cache: "));
    assert_non_null(strstr(err.text, "file: not a directory"));
    run("! test -e %s", below("uncached"));
}

static void the_default_cache_follows_the_environment(void **state)
{
    (void)state;
    char path[PATH_LEN];
    setenv("TLSMATRIX_CACHE", "/a", 1);
    setenv("XDG_CACHE_HOME", "/b", 1);
    setenv("HOME", "/c", 1);
    forge_default_key_cache(path);
    assert_string_equal(path, "/a/keys");
    unsetenv("TLSMATRIX_CACHE");
    forge_default_key_cache(path);
    assert_string_equal(path, "/b/tlsmatrix/keys");
    setenv("XDG_CACHE_HOME", "relative", 1);
    forge_default_key_cache(path);
    assert_string_equal(path, "/c/.cache/tlsmatrix/keys");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makers_share_keys_and_leave_nothing_else),
        cmocka_unit_test(other_tools_agree_with_the_manifest),
        cmocka_unit_test(keys_are_private_and_belong_to_their_certificates),
        cmocka_unit_test(chains_verify_strictly_at_the_frozen_time_only),
        cmocka_unit_test(chains_verify_under_their_own_root_only),
        cmocka_unit_test(servers_carry_their_name_and_address),
        cmocka_unit_test(leaves_serve_their_purpose_only),
        cmocka_unit_test(extensions_are_what_the_role_needs),
        cmocka_unit_test(signatures_use_the_fitting_hash),
        cmocka_unit_test(serials_are_long_positive_and_distinct),
        cmocka_unit_test(hashes_are_true),
        cmocka_unit_test(a_complete_set_is_read_not_made),
        cmocka_unit_test(a_damaged_set_is_refused_by_the_file_s_name),
        cmocka_unit_test(what_is_no_place_for_a_set_is_refused),
        cmocka_unit_test(the_current_directory_is_refused),
        cmocka_unit_test(a_disk_that_is_full_leaves_no_half_set),
        cmocka_unit_test(directories_without_permission_are_told_by_name),
        cmocka_unit_test(spoilt_keys_in_the_cache_are_remade),
        cmocka_unit_test(a_cache_that_cannot_be_is_an_error),
        cmocka_unit_test(the_default_cache_follows_the_environment),
    };
    return cmocka_run_group_tests(tests, make_in_parallel, remove_all);
}
