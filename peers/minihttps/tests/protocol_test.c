/* The four messages: what is refused, with which fault, beside the session that goes through. */
#include "peers/minihttps/tests/fixture.h"

struct world {
    struct authority root;
    struct trust trust;
    struct minihttps_identity identity;
    struct minihttps_client client;
    struct minihttps_server server;
    struct bytes hello; /* the server's answer to client.hello */
};

static void start_session(struct world *world, const struct minihttps_identity *identity)
{
    free(world->hello.data);
    world->server = (struct minihttps_server){ .identity = identity };
    assert_fault(server_hello(&world->hello, &world->server, world->client.hello, CLIENT_HELLO_LEN),
                 FAULT_NONE);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->root = authority_new("IronRoot", NULL);
    world->trust = (struct trust){ { world->root.certificate }, 1 };
    world->identity = identity_new(CREDENTIALS_NAME, &world->root);
    assert_int_equal(client_init(&world->client, &world->trust, CREDENTIALS_NAME, TEST_TIME, NULL),
                     0);
    start_session(world, &world->identity);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    client_fini(&world->client);
    identity_fini(&world->identity);
    authority_free(&world->root);
    free(world->hello.data);
    free(world);
    return 0;
}

static enum minihttps_fault take(struct world *world, const uint8_t *hello, size_t len)
{
    uint8_t ready[CLIENT_READY_LEN];
    return client_ready(ready, &world->client, hello, len);
}

/* The rest of a session whose server_hello was taken: the text must arrive. */
static void assert_text_arrives(struct world *world)
{
    uint8_t ready[CLIENT_READY_LEN];
    struct bytes data, text;
    assert_fault(client_ready(ready, &world->client, world->hello.data, world->hello.len),
                 FAULT_NONE);
    assert_fault(server_data(&data, &world->server, ready, sizeof ready), FAULT_NONE);
    assert_int_equal(data.len, SEAL_OVERHEAD + sizeof TEST_TEXT - 1);
    assert_fault(client_data(&text, &world->client, data.data, data.len), FAULT_NONE);
    assert_string_equal(text.data, TEST_TEXT);
    free(data.data);
    free(text.data);
}

/* ---- the whole ---- */

static void a_session_brings_the_text_in_messages_of_the_known_lengths(void **state)
{
    struct world *world = *state;
    assert_int_equal(CLIENT_HELLO_LEN, 120);
    assert_int_equal(CLIENT_READY_LEN, 33);
    assert_int_equal(world->hello.len, 260 + world->identity.certificate.len);
    assert_text_arrives(world);
}

static void an_empty_text_and_the_longest_arrive(void **state)
{
    struct world *world = *state;
    static const size_t lengths[] = { 0, 1, DATA_TEXT_MAX };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t ready[CLIENT_READY_LEN];
        struct bytes data, text;
        free(world->identity.text.data);
        world->identity.text = (struct bytes){ calloc(1, lengths[i] + 1), lengths[i] };
        assert_fault(client_ready(ready, &world->client, world->hello.data, world->hello.len),
                     FAULT_NONE);
        assert_fault(server_data(&data, &world->server, ready, sizeof ready), FAULT_NONE);
        assert_fault(client_data(&text, &world->client, data.data, data.len), FAULT_NONE);
        assert_int_equal(text.len, lengths[i]);
        free(data.data);
        free(text.data);
    }
}

static void an_unchecked_client_believes_anybody(void **state)
{
    struct world *world = *state;
    struct authority shadow = authority_new("ShadowCert", NULL);
    struct minihttps_identity imposter = identity_new(CREDENTIALS_LOOKALIKE, &shadow);
    start_session(world, &imposter);
    assert_fault(take(world, world->hello.data, world->hello.len), FAULT_ISSUER_UNKNOWN);
    world->client.trust = NULL;
    assert_text_arrives(world);
    identity_fini(&imposter);
    authority_free(&shadow);
}

/* ---- identity ---- */

static void a_certificate_without_its_private_key_is_refused(void **state)
{
    struct world *world = *state;
    EVP_PKEY *genuine = world->identity.key;
    world->identity.key = key_generate();
    start_session(world, &world->identity);
    assert_fault(take(world, world->hello.data, world->hello.len), FAULT_SIGNATURE);
    EVP_PKEY_free(world->identity.key);
    world->identity.key = genuine;
    start_session(world, &world->identity);
    assert_text_arrives(world);
}

static void the_time_is_the_clients(void **state)
{
    struct world *world = *state;
    static const int64_t days[] = { -2, 366 };
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        world->client.time = TEST_TIME + days[i] * DAY;
        assert_fault(take(world, world->hello.data, world->hello.len), FAULT_TIME);
    }
    world->client.time = TEST_TIME;
    assert_text_arrives(world);
}

static void a_certificate_key_of_another_curve_is_refused(void **state)
{
    struct world *world = *state;
    struct minihttps_identity other = world->identity;
    other.key = EVP_EC_gen("P-256");
    X509 *certificate = issue(CREDENTIALS_NAME, other.key, &world->root, false);
    other.certificate = certificate_bytes(certificate);
    /* Its own signature is too short, so that of the genuine key goes with it. */
    EVP_PKEY_free(other.key);
    other.key = world->identity.key;
    start_session(world, &other);
    assert_fault(take(world, world->hello.data, world->hello.len), FAULT_KEY);
    X509_free(certificate);
    free(other.certificate.data);
}

static void a_client_needs_a_name_and_somebody_to_trust(void **state)
{
    struct world *world = *state;
    static const struct trust nobody;
    struct minihttps_client client = { 0 };
    struct error err = { 0 };
    assert_int_equal(client_init(&client, &nobody, CREDENTIALS_NAME, TEST_TIME, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_int_equal(client_init(&client, &world->trust, "greenpath.program.", TEST_TIME, &err),
                     -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_int_equal(client_init(&client, &world->trust, "", TEST_TIME, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_null(client.key);
}

/* ---- server_hello in the hands of an attacker ---- */

static void a_flipped_bit_anywhere_in_the_server_hello_is_refused(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < world->hello.len; i++) {
        world->hello.data[i] ^= 0x01;
        assert_fault(take(world, world->hello.data, world->hello.len),
                     i < SPKI_LEN ? FAULT_KEY : FAULT_TAG);
        world->hello.data[i] ^= 0x01;
    }
    assert_text_arrives(world);
}

static void a_server_hello_cut_anywhere_is_refused(void **state)
{
    struct world *world = *state;
    for (size_t len = 0; len < world->hello.len; len++) {
        /* A copy of its own, so that reading beyond it is noticed. */
        struct bytes cut = bytes_copy(world->hello.data, len);
        assert_fault(take(world, cut.data, cut.len), len < SPKI_LEN ? FAULT_KEY : FAULT_TAG);
        free(cut.data);
    }
    assert_text_arrives(world);
}

static void a_server_hello_with_a_byte_more_is_refused(void **state)
{
    struct world *world = *state;
    assert_fault(take(world, world->hello.data, world->hello.len + 1), FAULT_TAG);
    assert_text_arrives(world);
}

static void a_server_hello_of_another_session_is_refused(void **state)
{
    struct world *world = *state;
    struct bytes old = world->hello;
    world->hello = (struct bytes){ 0 };
    client_fini(&world->client);
    assert_int_equal(client_init(&world->client, &world->trust, CREDENTIALS_NAME, TEST_TIME, NULL),
                     0);
    start_session(world, &world->identity);
    assert_fault(take(world, old.data, old.len), FAULT_TAG);
    assert_text_arrives(world);
    free(old.data);
}

struct attacker {
    EVP_PKEY *key;
    uint8_t spki[SPKI_LEN];
    uint8_t server_side[KEY_LEN], client_side[KEY_LEN];
    struct hello_proof proof; /* what the genuine server sent to the attacker */
};

/* Between client and server, with a key exchange on either side. */
static void attacker_init(struct attacker *attacker, struct world *world)
{
    struct bytes hello;
    EVP_PKEY *client_key;
    attacker->key = key_generate();
    assert_fault(spki_encode(attacker->spki, attacker->key), FAULT_NONE);
    assert_fault(server_hello(&hello, &world->server, attacker->spki, SPKI_LEN), FAULT_NONE);
    assert_fault(
        hello_decode(&attacker->proof, attacker->server_side, attacker->key, hello.data, hello.len),
        FAULT_NONE);
    assert_fault(spki_decode(&client_key, world->client.hello, SPKI_LEN), FAULT_NONE);
    assert_fault(key_exchange(attacker->client_side, attacker->key, client_key), FAULT_NONE);
    EVP_PKEY_free(client_key);
    free(hello.data);
}

static void attacker_fini(struct attacker *attacker)
{
    EVP_PKEY_free(attacker->key);
    free(attacker->proof.certificate.data);
}

/* What the client makes of the attacker's hello with this proof in it. */
static enum minihttps_fault take_proof(struct world *world, const struct attacker *attacker,
                                       const struct hello_proof *proof)
{
    struct bytes hello;
    assert_fault(hello_encode(&hello, attacker->spki, attacker->client_side, proof), FAULT_NONE);
    enum minihttps_fault fault = take(world, hello.data, hello.len);
    free(hello.data);
    return fault;
}

static void a_relayed_proof_under_the_attackers_key_is_refused(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    attacker_init(&attacker, world);
    assert_fault(take_proof(world, &attacker, &attacker.proof), FAULT_SIGNATURE);
    attacker_fini(&attacker);
    start_session(world, &world->identity);
    assert_text_arrives(world);
}

static void a_relayed_proof_under_the_servers_key_is_refused(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    struct bytes hello;
    uint8_t server_spki[SPKI_LEN];
    memcpy(server_spki, world->hello.data, SPKI_LEN);
    attacker_init(&attacker, world);
    assert_fault(hello_encode(&hello, server_spki, attacker.client_side, &attacker.proof),
                 FAULT_NONE);
    assert_fault(take(world, hello.data, hello.len), FAULT_TAG);
    free(hello.data);
    attacker_fini(&attacker);
}

/* With the server's private key too: whatever is refused then is refused for its format. */
static void sign_for_attacker(struct hello_proof *proof, const struct world *world,
                              const struct attacker *attacker)
{
    struct bytes content;
    assert_fault(signed_content(&content, world->client.hello, attacker->spki, &proof->certificate),
                 FAULT_NONE);
    assert_fault(signature_make(proof->signature, world->identity.key, content.data, content.len),
                 FAULT_NONE);
    free(content.data);
}

static void a_right_signature_is_accepted_wherever_it_comes_from(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    struct hello_proof proof = { .certificate = world->identity.certificate };
    attacker_init(&attacker, world);
    sign_for_attacker(&proof, world, &attacker);
    assert_fault(take_proof(world, &attacker, &proof), FAULT_NONE);
    attacker_fini(&attacker);
}

static void authentic_but_broken_padding_is_told(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    struct hello_proof proof = { .certificate = world->identity.certificate };
    attacker_init(&attacker, world);
    sign_for_attacker(&proof, world, &attacker);
    proof.signature[SIGNATURE_LEN - 1] ^= 0x20;
    assert_fault(take_proof(world, &attacker, &proof), FAULT_PADDING);
    attacker_fini(&attacker);
}

static void an_authentic_hello_without_a_whole_certificate_is_told(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    const struct bytes genuine = world->identity.certificate;
    struct bytes huge = { calloc(1, CERTIFICATE_MAX + 1), CERTIFICATE_MAX + 1 };
    const struct bytes broken[] = {
        { genuine.data, 0 },
        { genuine.data, 1 },
        { genuine.data, genuine.len - 1 },
        { genuine.data, genuine.len + 1 }, /* the NUL behind it */
        huge,
    };
    attacker_init(&attacker, world);
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        struct hello_proof proof = { .certificate = broken[i] };
        sign_for_attacker(&proof, world, &attacker);
        assert_fault(take_proof(world, &attacker, &proof), FAULT_DECODE);
    }
    attacker_fini(&attacker);
    free(huge.data);
}

static void an_unchecked_client_minds_the_format_all_the_same(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    struct bytes any = { calloc(1, CERTIFICATE_MAX + 1), 0 };
    static const struct {
        size_t certificate_len;
        enum minihttps_fault fault;
    } rows[] = {
        { 0, FAULT_DECODE },
        { 1, FAULT_NONE },
        { CERTIFICATE_MAX, FAULT_NONE },
        { CERTIFICATE_MAX + 1, FAULT_DECODE },
    };
    attacker_init(&attacker, world);
    world->client.trust = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hello_proof proof = { .certificate = { any.data, rows[i].certificate_len } };
        assert_fault(take_proof(world, &attacker, &proof), rows[i].fault);
    }
    attacker_fini(&attacker);
    free(any.data);
}

static void what_is_signed_is_both_keys_and_the_certificate(void **state)
{
    struct world *world = *state;
    const struct bytes *certificate = &world->identity.certificate;
    struct bytes content;
    assert_fault(signed_content(&content, world->client.hello, world->hello.data, certificate),
                 FAULT_NONE);
    assert_int_equal(content.len, 2 * SPKI_LEN + certificate->len);
    assert_memory_equal(content.data, world->client.hello, SPKI_LEN);
    assert_memory_equal(content.data + SPKI_LEN, world->hello.data, SPKI_LEN);
    assert_memory_equal(content.data + 2 * SPKI_LEN, certificate->data, certificate->len);
    free(content.data);
}

static void server_hellos_decode_to_what_was_encoded(void **state)
{
    struct world *world = *state;
    struct attacker attacker;
    uint8_t certificate[600], key[KEY_LEN];
    attacker_init(&attacker, world);
    for (size_t len = 1; len <= sizeof certificate; len += 13) {
        struct hello_proof proof = { .certificate = { certificate, len } }, decoded;
        struct bytes hello;
        for (size_t i = 0; i < len; i++)
            certificate[i] = (uint8_t)(i * len);
        for (size_t i = 0; i < SIGNATURE_LEN; i++)
            proof.signature[i] = (uint8_t)(i + len);
        assert_fault(hello_encode(&hello, attacker.spki, attacker.client_side, &proof), FAULT_NONE);
        assert_fault(hello_decode(&decoded, key, world->client.key, hello.data, hello.len),
                     FAULT_NONE);
        assert_memory_equal(decoded.signature, proof.signature, SIGNATURE_LEN);
        assert_int_equal(decoded.certificate.len, len);
        assert_memory_equal(decoded.certificate.data, certificate, len);
        assert_memory_equal(key, attacker.client_side, KEY_LEN);
        free(decoded.certificate.data);
        free(hello.data);
    }
    attacker_fini(&attacker);
}

/* ---- what a server takes ---- */

static void client_hellos_that_are_no_key_are_refused(void **state)
{
    struct world *world = *state;
    uint8_t hello[CLIENT_HELLO_LEN + 1] = { 0 };
    struct bytes answer = { 0 };
    assert_fault(server_hello(&answer, &world->server, hello, CLIENT_HELLO_LEN), FAULT_KEY);
    memcpy(hello, world->client.hello, CLIENT_HELLO_LEN);
    for (size_t len = 0; len <= sizeof hello; len++)
        if (len != CLIENT_HELLO_LEN)
            assert_fault(server_hello(&answer, &world->server, hello, len), FAULT_KEY);
    hello[CLIENT_HELLO_LEN - 1] ^= 1; /* off the curve */
    assert_fault(server_hello(&answer, &world->server, hello, CLIENT_HELLO_LEN), FAULT_KEY);
    assert_null(answer.data);
    start_session(world, &world->identity); /* the same server goes on */
    assert_text_arrives(world);
}

static void keys_of_other_curves_are_refused(void **state)
{
    struct world *world = *state;
    EVP_PKEY *keys[] = { EVP_EC_gen("P-256"), EVP_EC_gen("P-521"),
                         EVP_PKEY_Q_keygen(NULL, NULL, "X25519") };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        unsigned char *der = NULL;
        struct bytes answer;
        int len = i2d_PUBKEY(keys[i], &der);
        assert_true(len > 0);
        assert_fault(server_hello(&answer, &world->server, der, (size_t)len), FAULT_KEY);
        OPENSSL_free(der);
        EVP_PKEY_free(keys[i]);
    }
    start_session(world, &world->identity);
    assert_text_arrives(world);
}

static enum minihttps_fault say_instead_of_ready(struct world *world, const char *text, size_t len)
{
    uint8_t sealed[64];
    struct bytes data;
    assert_fault(seal(sealed, world->server.session_key, (const uint8_t *)text, len), FAULT_NONE);
    enum minihttps_fault fault = server_data(&data, &world->server, sealed, len + SEAL_OVERHEAD);
    if (fault == FAULT_NONE)
        free(data.data);
    return fault;
}

static void only_ready_in_capitals_is_ready(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *text;
        size_t len;
        enum minihttps_fault fault;
    } rows[] = {
        { "READY", 5, FAULT_NONE },    { "ready", 5, FAULT_READY },   { "", 0, FAULT_READY },
        { "READY\n", 6, FAULT_READY }, { "READY\0", 6, FAULT_READY }, { "READ", 4, FAULT_READY },
        { "Ready", 5, FAULT_READY },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_fault(say_instead_of_ready(world, rows[i].text, rows[i].len), rows[i].fault);
}

static void a_changed_or_cut_client_ready_is_refused(void **state)
{
    struct world *world = *state;
    uint8_t ready[CLIENT_READY_LEN + 1] = { 0 };
    struct bytes data;
    assert_fault(client_ready(ready, &world->client, world->hello.data, world->hello.len),
                 FAULT_NONE);
    for (size_t i = 0; i < CLIENT_READY_LEN; i++) {
        ready[i] ^= 0x10;
        assert_fault(server_data(&data, &world->server, ready, CLIENT_READY_LEN), FAULT_TAG);
        ready[i] ^= 0x10;
    }
    for (size_t len = 0; len <= sizeof ready; len++)
        if (len != CLIENT_READY_LEN)
            assert_fault(server_data(&data, &world->server, ready, len), FAULT_TAG);
    assert_fault(server_data(&data, &world->server, ready, CLIENT_READY_LEN), FAULT_NONE);
    free(data.data);
}

static void messages_beyond_all_bounds_are_refused_unread(void **state)
{
    struct world *world = *state;
    struct bytes huge = { calloc(1, MESSAGE_MAX + 1), MESSAGE_MAX + 1 }, out;
    assert_fault(server_data(&out, &world->server, huge.data, huge.len), FAULT_DECODE);
    assert_fault(server_data(&out, &world->server, huge.data, MESSAGE_MAX), FAULT_TAG);
    assert_fault(client_data(&out, &world->client, huge.data, huge.len), FAULT_DECODE);
    assert_fault(client_data(&out, &world->client, huge.data, MESSAGE_MAX), FAULT_TAG);
    free(huge.data);
}

/* ---- data ---- */

static void changed_or_cut_data_is_refused(void **state)
{
    struct world *world = *state;
    uint8_t ready[CLIENT_READY_LEN];
    struct bytes data, text;
    assert_fault(client_ready(ready, &world->client, world->hello.data, world->hello.len),
                 FAULT_NONE);
    assert_fault(server_data(&data, &world->server, ready, sizeof ready), FAULT_NONE);
    for (size_t i = 0; i < data.len; i++) {
        data.data[i] ^= 0x04;
        assert_fault(client_data(&text, &world->client, data.data, data.len), FAULT_TAG);
        data.data[i] ^= 0x04;
    }
    for (size_t len = 0; len <= data.len + 1; len++)
        if (len != data.len)
            assert_fault(client_data(&text, &world->client, data.data, len), FAULT_TAG);
    assert_fault(client_data(&text, &world->client, data.data, data.len), FAULT_NONE);
    free(text.data);
    free(data.data);
}

#define WITH_WORLD(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WORLD(a_session_brings_the_text_in_messages_of_the_known_lengths),
        WITH_WORLD(an_empty_text_and_the_longest_arrive),
        WITH_WORLD(an_unchecked_client_believes_anybody),
        WITH_WORLD(a_certificate_without_its_private_key_is_refused),
        WITH_WORLD(the_time_is_the_clients),
        WITH_WORLD(a_certificate_key_of_another_curve_is_refused),
        WITH_WORLD(a_client_needs_a_name_and_somebody_to_trust),
        WITH_WORLD(a_flipped_bit_anywhere_in_the_server_hello_is_refused),
        WITH_WORLD(a_server_hello_cut_anywhere_is_refused),
        WITH_WORLD(a_server_hello_with_a_byte_more_is_refused),
        WITH_WORLD(a_server_hello_of_another_session_is_refused),
        WITH_WORLD(a_relayed_proof_under_the_attackers_key_is_refused),
        WITH_WORLD(a_relayed_proof_under_the_servers_key_is_refused),
        WITH_WORLD(a_right_signature_is_accepted_wherever_it_comes_from),
        WITH_WORLD(authentic_but_broken_padding_is_told),
        WITH_WORLD(an_authentic_hello_without_a_whole_certificate_is_told),
        WITH_WORLD(an_unchecked_client_minds_the_format_all_the_same),
        WITH_WORLD(what_is_signed_is_both_keys_and_the_certificate),
        WITH_WORLD(server_hellos_decode_to_what_was_encoded),
        WITH_WORLD(client_hellos_that_are_no_key_are_refused),
        WITH_WORLD(keys_of_other_curves_are_refused),
        WITH_WORLD(only_ready_in_capitals_is_ready),
        WITH_WORLD(a_changed_or_cut_client_ready_is_refused),
        WITH_WORLD(messages_beyond_all_bounds_are_refused_unread),
        WITH_WORLD(changed_or_cut_data_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
