/* What the client trusts: each refusal by its fault, beside a certificate that is accepted. */
#include "peers/minihttps/tests/fixture.h"

#include "peers/minihttps/base64_file.h"

#include <unistd.h>

struct world {
    struct authority root, other, forger;
    struct trust trust; /* root and other, which the world owns */
    EVP_PKEY *key;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->root = authority_new("TrustCert", NULL);
    world->other = authority_new("IronRoot", NULL);
    world->forger = authority_new("TrustCert", NULL);
    world->trust.anchors[0] = world->root.certificate;
    world->trust.anchors[1] = world->other.certificate;
    world->trust.num_anchors = 2;
    world->key = key_generate();
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    authority_free(&world->root);
    authority_free(&world->other);
    authority_free(&world->forger);
    EVP_PKEY_free(world->key);
    free(world);
    return 0;
}

static enum minihttps_fault check_at(const struct world *world, X509 *certificate, int64_t time)
{
    return certificate_check(certificate, &world->trust, CREDENTIALS_NAME, time);
}

/* Issues a certificate for `name` and checks it for CREDENTIALS_NAME. */
static enum minihttps_fault check_issued(const struct world *world, const char *name,
                                         const struct authority *issuer)
{
    X509 *certificate = issue(name, world->key, issuer, false);
    enum minihttps_fault fault = check_at(world, certificate, TEST_TIME);
    X509_free(certificate);
    return fault;
}

static void issued_by_a_trusted_authority_it_is_accepted(void **state)
{
    const struct world *world = *state;
    assert_fault(check_issued(world, CREDENTIALS_NAME, &world->root), FAULT_NONE);
    assert_fault(check_issued(world, CREDENTIALS_NAME, &world->other), FAULT_NONE);
}

static void a_look_alike_name_is_refused(void **state)
{
    const struct world *world = *state;
    assert_fault(check_issued(world, CREDENTIALS_LOOKALIKE, &world->root), FAULT_NAME);
}

static void the_organisation_is_not_a_name(void **state)
{
    const struct world *world = *state;
    X509 *certificate = issue(CREDENTIALS_NAME, world->key, &world->root, true); /* has no SAN */
    assert_fault(check_at(world, certificate, TEST_TIME), FAULT_NAME);
    X509_free(certificate);
}

/* RFC 6125 section 6.4.4 would let a client fall back on it; this one does not. */
static void the_common_name_is_not_a_name(void **state)
{
    const struct world *world = *state;
    X509 *certificate = issue("common", world->key, &world->root, true); /* has no SAN */
    const unsigned char *name = (const unsigned char *)CREDENTIALS_NAME;
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                                                MBSTRING_UTF8, name, -1, -1, 0),
                     1);
    assert_true(X509_sign(certificate, world->root.key, EVP_sha256()) > 0);
    assert_fault(check_at(world, certificate, TEST_TIME), FAULT_NAME);
    X509_free(certificate);
}

static void an_unknown_authority_is_refused(void **state)
{
    const struct world *world = *state;
    struct authority shadow = authority_new("ShadowCert", NULL);
    assert_fault(check_issued(world, CREDENTIALS_NAME, &shadow), FAULT_ISSUER_UNKNOWN);
    authority_free(&shadow);
}

static void a_forged_authority_with_a_trusted_name_is_refused(void **state)
{
    const struct world *world = *state;
    assert_fault(check_issued(world, CREDENTIALS_NAME, &world->forger), FAULT_ISSUER_FORGED);
}

/* Name and key identifier are the trusted one's; only the signature tells. */
static void a_forged_authority_with_a_trusted_key_identifier_is_refused(void **state)
{
    const struct world *world = *state;
    struct authority mixed = { world->forger.key, world->root.certificate };
    assert_fault(check_issued(world, CREDENTIALS_NAME, &mixed), FAULT_ISSUER_FORGED);
}

static void outside_its_validity_it_is_refused_to_the_second(void **state)
{
    const struct world *world = *state;
    const int64_t from = TEST_TIME - CREDENTIALS_DAYS_BEFORE * DAY;
    const int64_t to = TEST_TIME + CREDENTIALS_DAYS_AFTER * DAY;
    X509 *certificate = issue(CREDENTIALS_NAME, world->key, &world->root, false);
    assert_fault(check_at(world, certificate, from - 1), FAULT_TIME);
    assert_fault(check_at(world, certificate, from), FAULT_NONE);
    assert_fault(check_at(world, certificate, to - 1), FAULT_NONE);
    assert_fault(check_at(world, certificate, to + 1), FAULT_TIME);
    X509_free(certificate);
}

static void an_expired_authority_is_refused_like_an_expired_certificate(void **state)
{
    const struct world *world = *state;
    struct issue_order order = { .name = CREDENTIALS_NAME,
                                 .key = world->key,
                                 .issuer = world->root.certificate,
                                 .issuer_key = world->root.key,
                                 .time = TEST_TIME + 300 * DAY };
    X509 *certificate = certificate_issue(&order, NULL);
    assert_non_null(certificate);
    assert_fault(check_at(world, certificate, TEST_TIME + 310 * DAY), FAULT_NONE);
    assert_fault(check_at(world, certificate, TEST_TIME + 400 * DAY), FAULT_TIME);
    X509_free(certificate);
}

static void an_intermediate_is_refused_whether_or_not_it_is_in_the_directory(void **state)
{
    struct world *world = *state;
    struct authority between = authority_new("Between", &world->root);
    assert_fault(check_issued(world, CREDENTIALS_NAME, &between), FAULT_ISSUER_UNKNOWN);
    world->trust.anchors[world->trust.num_anchors++] = between.certificate;
    assert_fault(check_issued(world, CREDENTIALS_NAME, &between), FAULT_CHAIN);
    assert_fault(check_issued(world, CREDENTIALS_NAME, &world->root), FAULT_NONE);
    world->trust.num_anchors--;
    authority_free(&between);
}

static void an_intermediate_alone_is_no_anchor(void **state)
{
    struct world *world = *state;
    struct authority between = authority_new("Between", &world->root);
    struct world alone = *world;
    alone.trust = (struct trust){ .anchors = { between.certificate }, .num_anchors = 1 };
    assert_fault(check_issued(&alone, CREDENTIALS_NAME, &between), FAULT_CHAIN);
    authority_free(&between);
}

static void a_trusted_authority_cannot_be_the_server(void **state)
{
    const struct world *world = *state;
    assert_fault(check_at(world, world->root.certificate, TEST_TIME), FAULT_CHAIN);
}

static void an_unknown_authority_cannot_be_the_server(void **state)
{
    const struct world *world = *state;
    struct authority self = authority_new(CREDENTIALS_NAME, NULL);
    assert_fault(check_at(world, self.certificate, TEST_TIME), FAULT_ISSUER_UNKNOWN);
    authority_free(&self);
}

static void a_server_cannot_be_an_authority(void **state)
{
    struct world *world = *state;
    X509 *leaf = issue(CREDENTIALS_NAME, world->key, NULL, false); /* self-signed, not a CA */
    struct authority posing = { world->key, leaf };
    struct world alone = *world;
    alone.trust = (struct trust){ .anchors = { leaf }, .num_anchors = 1 };
    EVP_PKEY *key = key_generate();
    X509 *certificate = issue(CREDENTIALS_NAME, key, &posing, false);
    assert_fault(check_at(&alone, certificate, TEST_TIME), FAULT_CHAIN);
    X509_free(certificate);
    X509_free(leaf);
    EVP_PKEY_free(key);
}

static void the_case_of_a_name_does_not_matter(void **state)
{
    const struct world *world = *state;
    X509 *certificate = issue(CREDENTIALS_NAME, world->key, &world->root, false);
    assert_fault(certificate_check(certificate, &world->trust, "GREENPATH.program", TEST_TIME),
                 FAULT_NONE);
    X509_free(certificate);
}

static void certificates_decode_to_what_was_encoded_and_nothing_else(void **state)
{
    const struct world *world = *state;
    struct bytes der = certificate_bytes(world->root.certificate);
    X509 *decoded = certificate_decode(der.data, der.len);
    assert_non_null(decoded);
    struct bytes again = certificate_bytes(decoded);
    assert_int_equal(again.len, der.len);
    assert_memory_equal(again.data, der.data, der.len);
    assert_null(certificate_decode(der.data, der.len + 1)); /* the NUL behind it */
    for (size_t len = 0; len < der.len; len++)
        assert_null(certificate_decode(der.data, len));
    X509_free(decoded);
    free(again.data);
    free(der.data);
}

/* ---- names ---- */

static void names_that_nobody_can_have_are_errors_of_usage(void **state)
{
    (void)state;
    static const char *const bad[] = { "",          ".",    "greenpath.program.",
                                       ".program",  "a..b", "green path",
                                       "*.program", "a/b",  "gr\xC3\xBCn.program" };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct error err = { 0 };
        assert_int_equal(server_name_check(bad[i], &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
    }
}

static void ordinary_names_are_not(void **state)
{
    (void)state;
    static const char *const good[] = { CREDENTIALS_NAME, "localhost", "A.b-c.9",
                                        "xn--grn-ioa.de" };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(server_name_check(good[i], NULL), 0);
}

static void a_label_has_63_characters_at_most(void **state)
{
    (void)state;
    char label[65];
    memset(label, 'a', 64);
    label[64] = '\0';
    assert_int_equal(server_name_check(label, NULL), -1);
    label[63] = '\0';
    assert_int_equal(server_name_check(label, NULL), 0);
}

/* ---- the directory ---- */

struct folder {
    char path[PATH_LEN], trusted[PATH_LEN];
};

static struct folder folder_new(void)
{
    struct folder folder;
    snprintf(folder.path, sizeof folder.path, "/tmp/minihttps-test.XXXXXX");
    assert_non_null(mkdtemp(folder.path));
    assert_int_equal(credentials_make(folder.path, TEST_TIME, NULL), 0);
    assert_int_equal(path_format(folder.trusted, NULL, "%s/trusted_certs", folder.path), 0);
    return folder;
}

static void every_authority_of_the_directory_is_loaded(void **state)
{
    (void)state;
    struct trust trust;
    struct folder folder = folder_new();
    assert_int_equal(trust_load(&trust, folder.trusted, NULL), 0);
    assert_int_equal(trust.num_anchors, NUM_TRUSTED);
    trust_fini(&trust);
    directory_remove(folder.path);
}

static void assert_not_loaded(const char *directory)
{
    struct trust trust = { 0 };
    struct error err = { 0 };
    assert_int_equal(trust_load(&trust, directory, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_int_equal(trust.num_anchors, 0);
}

static void a_directory_without_authorities_is_an_error(void **state)
{
    (void)state;
    struct folder folder = folder_new();
    char server[PATH_LEN];
    assert_int_equal(path_format(server, NULL, "%s/empty", folder.path), 0);
    assert_not_loaded(server); /* not there */
    assert_int_equal(directory_make(server, NULL), 0);
    assert_not_loaded(server);
    directory_remove(folder.path);
}

static void a_file_that_is_no_certificate_is_an_error_and_not_skipped(void **state)
{
    (void)state;
    static const char *const contents[] = { "", "!!!!", "aGVsbG8=", "aGVsbG8" };
    struct folder folder = folder_new();
    char path[PATH_LEN];
    assert_int_equal(path_format(path, NULL, "%s/Zzz.cert", folder.trusted), 0);
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        assert_int_equal(file_write(path, 0644, contents[i], strlen(contents[i]), NULL), 0);
        assert_not_loaded(folder.trusted);
    }
    directory_remove(folder.path);
}

static void outside_validity_all_five_fail_alike(void **state)
{
    (void)state;
    struct trust trust;
    struct folder folder = folder_new();
    assert_int_equal(trust_load(&trust, folder.trusted, NULL), 0);
    for (int i = 1; i <= NUM_SERVERS; i++) {
        char path[PATH_LEN];
        struct bytes der;
        assert_int_equal(path_format(path, NULL, "%s/server%d/server.cert", folder.path, i), 0);
        assert_int_equal(base64_file_read(&der, path, NULL), 0);
        X509 *certificate = certificate_decode(der.data, der.len);
        assert_non_null(certificate);
        for (int64_t days = -400; days <= 400; days += 800)
            assert_fault(
                certificate_check(certificate, &trust, CREDENTIALS_NAME, TEST_TIME + days * DAY),
                FAULT_TIME);
        X509_free(certificate);
        free(der.data);
    }
    trust_fini(&trust);
    directory_remove(folder.path);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(issued_by_a_trusted_authority_it_is_accepted),
        WITH_WORLD(a_look_alike_name_is_refused),
        WITH_WORLD(the_organisation_is_not_a_name),
        WITH_WORLD(the_common_name_is_not_a_name),
        WITH_WORLD(an_unknown_authority_is_refused),
        WITH_WORLD(a_forged_authority_with_a_trusted_name_is_refused),
        WITH_WORLD(a_forged_authority_with_a_trusted_key_identifier_is_refused),
        WITH_WORLD(outside_its_validity_it_is_refused_to_the_second),
        WITH_WORLD(an_expired_authority_is_refused_like_an_expired_certificate),
        WITH_WORLD(an_intermediate_is_refused_whether_or_not_it_is_in_the_directory),
        WITH_WORLD(an_intermediate_alone_is_no_anchor),
        WITH_WORLD(a_trusted_authority_cannot_be_the_server),
        WITH_WORLD(an_unknown_authority_cannot_be_the_server),
        WITH_WORLD(a_server_cannot_be_an_authority),
        WITH_WORLD(the_case_of_a_name_does_not_matter),
        WITH_WORLD(certificates_decode_to_what_was_encoded_and_nothing_else),
        cmocka_unit_test(names_that_nobody_can_have_are_errors_of_usage),
        cmocka_unit_test(ordinary_names_are_not),
        cmocka_unit_test(a_label_has_63_characters_at_most),
        cmocka_unit_test(every_authority_of_the_directory_is_loaded),
        cmocka_unit_test(a_directory_without_authorities_is_an_error),
        cmocka_unit_test(a_file_that_is_no_certificate_is_an_error_and_not_skipped),
        cmocka_unit_test(outside_validity_all_five_fail_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
