/* Every byte string is a script; what is written is read the same; text is the same script. */
#include "fuzz/stacks/script.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NUM_ROUNDS = 3000, INPUT_MAX = 400 };

static uint64_t seed = 1;

static uint8_t random_byte(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint8_t)(seed >> 56);
}

static size_t random_input(uint8_t *out)
{
    size_t len = (size_t)(random_byte() << 8 | random_byte()) % INPUT_MAX;
    for (size_t i = 0; i < len; i++)
        out[i] = random_byte() < 128 ? 0 : random_byte(); /* short numbers, many steps */
    return len;
}

static void assert_same(const struct script *a, const struct script *b)
{
    assert_int_equal(a->victim, b->victim);
    assert_int_equal(a->versions, b->versions);
    assert_int_equal(a->authentication, b->authentication);
    assert_int_equal(a->rsa, b->rsa);
    assert_int_equal(a->p256, b->p256);
    assert_int_equal(a->retry, b->retry);
    assert_int_equal(a->cipher, b->cipher);
    assert_int_equal(a->rsa_exchange, b->rsa_exchange);
    assert_int_equal(a->resumption, b->resumption);
    assert_int_equal(a->num_steps, b->num_steps);
    for (size_t i = 0; i < a->num_steps; i++) {
        const struct step *s = &a->steps[i], *t = &b->steps[i];
        assert_int_equal(s->kind, t->kind);
        assert_int_equal(s->at, t->at);
        assert_int_equal(s->offset, t->offset);
        assert_int_equal(s->drop, t->drop);
        assert_int_equal(s->bytes_len, t->bytes_len);
        if (s->bytes_len > 0)
            assert_memory_equal(s->bytes, t->bytes, s->bytes_len);
    }
}

static void random_bytes_are_scripts_and_come_back_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < NUM_ROUNDS; i++) {
        uint8_t input[INPUT_MAX];
        size_t len = random_input(input);
        struct script script, again;
        struct writer bytes, twice;
        script_read(&script, input, len);
        writer_init(&bytes, SCRIPT_MAX);
        writer_init(&twice, SCRIPT_MAX);
        script_write(&bytes, &script);
        script_read(&again, bytes.data, bytes.len);
        assert_same(&script, &again);
        script_write(&twice, &again);
        assert_int_equal(bytes.len, twice.len);
        assert_memory_equal(bytes.data, twice.data, bytes.len);
        writer_fini(&bytes);
        writer_fini(&twice);
    }
}

static void text_is_the_same_script(void **state)
{
    (void)state;
    for (int i = 0; i < NUM_ROUNDS / 10; i++) {
        uint8_t input[INPUT_MAX];
        size_t len = random_input(input), text_len;
        char *text;
        struct script script, again;
        struct error err = { 0 };
        struct writer room;
        script_read(&script, input, len);
        FILE *stream = open_memstream(&text, &text_len);
        script_show(stream, &script);
        fclose(stream);
        stream = fmemopen(text, strlen(text), "r");
        writer_init(&room, SCRIPT_MAX);
        assert_int_equal(script_make(&again, &room, stream, &err), 0);
        assert_same(&script, &again);
        fclose(stream);
        free(text);
        writer_fini(&room);
    }
}

static int make(struct script *out, struct writer *room, const char *text, struct error *err)
{
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    writer_init(room, SCRIPT_MAX);
    int result = script_make(out, room, stream, err);
    fclose(stream);
    return result;
}

static void a_text_says_what_it_says(void **state)
{
    struct script script;
    struct writer room;
    struct error err = { 0 };
    (void)state;
    assert_int_equal(make(&script, &room,
                          "# a remark\n"
                          "victim client\n"
                          "cipher cbc-mac-first\n"
                          "exchange rsa\n"
                          "versions 1.3   # another\n"
                          "\n"
                          "edit 1 offset 2 drop 3 bytes 00ff\n"
                          "record said offset 21 bytes 0100\n",
                          &err),
                     0);
    assert_int_equal(script.victim, ROLE_CLIENT);
    assert_int_equal(script.versions, VERSIONS_13);
    assert_int_equal(script.cipher, CIPHERS_CBC_MAC_FIRST);
    assert_true(script.rsa_exchange);
    assert_int_equal(script.num_steps, 2);
    assert_int_equal(script.steps[0].kind, STEP_EDIT);
    assert_int_equal(script.steps[0].drop, 3);
    assert_memory_equal(script.steps[0].bytes, "\x00\xff", 2);
    assert_int_equal(script.steps[1].at, POINT_SAID);
    assert_memory_equal(script.steps[1].bytes, "\x01\x00", 2);
    writer_fini(&room);
}

static void a_wrong_line_is_named(void **state)
{
    static const char *const wrong[] = {
        "victim nobody",
        "cipher rot13",
        "exchange dh",
        "verbs 1.3",
        "edit",
        "edit 256",
        "edit 1 offset",
        "edit 1 offset 65536",
        "edit 1 drop x",
        "edit 1 bytes 0",
        "edit 1 bytes 0g",
        "edit said",
        "victim client server",
        "edit 1 bytes 00 bytes 01",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct script script;
        struct writer room;
        struct error err = { 0 };
        char text[64];
        snprintf(text, sizeof text, "retry no\n%s\n", wrong[i]);
        assert_int_equal(make(&script, &room, text, &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        assert_non_null(strstr(err.text, "line 2"));
        writer_fini(&room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_bytes_are_scripts_and_come_back_the_same),
        cmocka_unit_test(text_is_the_same_script),
        cmocka_unit_test(a_text_says_what_it_says),
        cmocka_unit_test(a_wrong_line_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
