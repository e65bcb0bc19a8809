/* Raw hellos: the project's own files are sound, an edit changes what it says and nothing else, and
 * whatever is wrong in a file is told with its line. */
#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"
#include "matrix/raw/hellos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char own_files[] = SOURCE_DIR "/matrix/hellos";

static int load_own(void **state)
{
    struct error err = { 0 };
    (void)state;
    if (hellos_load(own_files, &err) == 0)
        return 0;
    print_error("%s\n", err.text);
    return -1;
}

static int forget(void **state)
{
    (void)state;
    hellos_clear();
    return 0;
}

static const struct raw_hello *hello_named(const char *name)
{
    int index = hello_by_name(name);
    if (index < 0)
        fail_msg("no hello %s", name);
    return hello_at((size_t)index);
}

static void write_first(struct writer *out, const struct raw_hello *hello)
{
    static const struct hello_setting nothing;
    writer_init(out, RAW_BYTES_MAX);
    hello_send_write(out, &hello->sends[0], &nothing);
    assert_false(out->failed);
}

/* The first handshake message of what a hello sends, in well-formed records. */
static void first_message(struct assembler *assembler, struct handshake_message *message,
                          const struct writer *bytes)
{
    struct splitter splitter;
    struct record record;
    splitter_init(&splitter);
    assembler_init(assembler);
    assert_int_equal(splitter_feed(&splitter, bytes->data, bytes->len), bytes->len);
    while (splitter_next(&splitter, &record) == SPLIT_RECORD)
        assert_int_equal(assembler_feed(assembler, record.fragment, record.fragment_len), 0);
    assert_int_equal(assembler_next(assembler, message), 1);
    splitter_fini(&splitter);
}

static void sound_hellos_are_what_others_read(void **state)
{
    static const char *const names[] = { "base-tls13",        "base-tls13-p256",    "base-tls12",
                                         "base-rich",         "base-rich-tls12",    "base-retry",
                                         "grease-everywhere", "record-fragments-37" };
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct raw_message *said = &hello_named(names[i])->sends[0].message;
        struct writer bytes, again;
        struct assembler assembler;
        struct handshake_message message;
        struct hello hello;
        struct error err = { 0 };
        write_first(&bytes, hello_named(names[i]));
        first_message(&assembler, &message, &bytes);
        if (hello_read(&hello, message.type, message.body, message.len, &err) < 0)
            fail_msg("%s: %s", names[i], err.text);
        assert_int_equal(hello.num_extensions, said->num_extensions);
        assert_int_equal(hello.num_suites, said->suites.num_items);
        writer_init(&again, RAW_BYTES_MAX);
        hello_write(&again, &hello);
        assert_int_equal(again.len, message.len);
        assert_memory_equal(again.data, message.body, message.len);
        writer_fini(&again);
        hello_fini(&hello);
        assembler_fini(&assembler);
        writer_fini(&bytes);
    }
}

/* The base of a family "FAMILY-…" and what its member adds to the one length. */
static void check_one_length(const struct raw_hello *hello, const struct raw_hello *base)
{
    const struct hello_change *change = &hello->sends[0].changes[0];
    struct raw_lengths lengths;
    struct writer plain, changed, message;
    size_t num = 0, at = 0;
    writer_init(&message, RAW_BYTES_MAX);
    raw_message_write(&message, &lengths, &base->sends[0].message, NULL);
    for (size_t i = 0; i < lengths.num; i++)
        if (strcmp(lengths.of[i].name, change->field) == 0 && num++ == 0)
            at = RECORD_HEADER_LEN + lengths.of[i].at + lengths.of[i].width - 1u;
    assert_int_equal(num, 1); /* no two fields of one name */
    write_first(&plain, base);
    write_first(&changed, hello);
    assert_int_equal(plain.len, changed.len);
    assert_int_equal((uint8_t)(plain.data[at] + change->by), changed.data[at]);
    changed.data[at] = plain.data[at];
    for (size_t i = 0; i < plain.len; i++)
        if (plain.data[i] != changed.data[i] && !(i < at && i + 3 > at)) /* the carry of 00 - 1 */
            fail_msg("%s changes the byte at %zu too", hello->name, i);
    writer_fini(&message);
    writer_fini(&plain);
    writer_fini(&changed);
}

static void each_length_edit_changes_one_length(void **state)
{
    size_t num = 0;
    (void)state;
    for (size_t i = 0; i < num_hellos(); i++) {
        const struct raw_hello *hello = hello_at(i);
        if (strncmp(hello->name, "tls13-length-", 13) != 0 &&
            strncmp(hello->name, "tls12-length-", 13) != 0)
            continue;
        check_one_length(
            hello,
            hello_named(strncmp(hello->name, "tls12", 5) == 0 ? "base-rich-tls12" : "base-rich"));
        num++;
    }
    assert_true(num > 100);
}

static void every_length_field_has_both_its_edits(void **state)
{
    static const char *const bases[][2] = { { "base-rich", "tls13-length-%s-%s-1" },
                                            { "base-rich-tls12", "tls12-length-%s-%s-1" } };
    (void)state;
    for (size_t b = 0; b < 2; b++) {
        struct raw_lengths lengths;
        struct writer out;
        writer_init(&out, RAW_BYTES_MAX);
        raw_message_write(&out, &lengths, &hello_named(bases[b][0])->sends[0].message, NULL);
        for (size_t i = 1; i < lengths.num; i++)
            for (int plus = 0; plus < 2; plus++) {
                char name[NAME_MAX_LEN * 3];
                snprintf(name, sizeof name,
                         b == 0 ? "tls13-length-%s-%s-1" : "tls12-length-%s-%s-1",
                         lengths.of[i].name, plus ? "plus" : "minus");
                hello_named(name);
            }
        writer_fini(&out);
    }
}

/* The acceptance table's rows. */
static void every_row_of_the_table_is_there(void **state)
{
    (void)state;
    for (int h = 1; h <= 30; h++) {
        char id[8];
        size_t num = 0;
        snprintf(id, sizeof id, "%c%d", h <= 20 ? 'H' : 'G', h <= 20 ? h : h - 20);
        for (size_t i = 0; i < num_hellos(); i++)
            num += strcmp(hello_at(i)->ids, id) == 0;
        if (num == 0)
            fail_msg("no hello has the id %s", id);
    }
}

static void what_must_be_refused_has_a_healthy_twin(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_hellos(); i++) {
        const struct raw_hello *hello = hello_at(i), *twin = hello_at(hello->twin);
        if (!hello_is_faulty(hello))
            continue;
        assert_false(hello_is_faulty(twin));
        assert_int_equal(twin->to, hello->to);
        assert_int_equal(twin->max_version, hello->max_version);
    }
}

static void each_can_be_shown(void **state)
{
    FILE *out = tmpfile();
    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < num_hellos(); i++)
        hello_describe(out, hello_at(i));
    assert_true(ftell(out) > 100000);
    fclose(out);
}

/* ---- files ---- */

#define BASE                                                                                       \
    "title: t\nhellos:\n  - name: sound\n    text: A sound one.\n    to: server\n"                 \
    "    stack: tls1.2\n    client_hello:\n      legacy_version: tls1.2\n      random: 0011\n"     \
    "      session_id: ''\n      cipher_suites: [TLS_AES_128_GCM_SHA256]\n"                        \
    "      compression_methods: [0]\n      extensions:\n        - supported_groups: [x25519]\n"    \
    "    expect: {answer: server_hello}\n    references: RFC 1\n"
#define NEXT    "  - name: next\n    text: Another.\n    base: sound\n" /* from line 17 on */
#define REFUSED "    expect: {answer: refused, alerts: [decode_error]}\n"

static void right_files_are_read(void **state)
{
    static const char *const right[] = {
        BASE,
        BASE NEXT "    stack: tls1.1-1.2\n",
        BASE NEXT "    fin: at-once\n" REFUSED,
        BASE NEXT "    edits: [{length: {session_id: +255}}]\n" REFUSED,
        BASE NEXT "    edits: [{length: {record: +65510}}]\n" REFUSED,
        BASE NEXT "    edits: [{length: {record: -25}}]\n" REFUSED,
        BASE NEXT "    bytes: [00 11, '22']\n" REFUSED,
        BASE NEXT "    edits: [{append: {cipher_suites: [0x0a0a]}}]\n",
        BASE NEXT "    edits: [{length: {supported_groups.list: +1}}]\n" REFUSED,
        BASE NEXT "    then: [same, {bytes: '00'}]\n" REFUSED,
    };
    (void)state;
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct error err = { 0 };
        hellos_clear();
        if (hellos_parse("f", right[i], &err) < 0)
            fail_msg("%s", err.text);
    }
}

static void wrong_files_are_told_with_their_line(void **state)
{
    static const struct {
        const char *text, *said;
    } wrong[] = {
        { "title: t\nhellos:\n  - nam: x\n", "f:3: unknown key 'nam', did you mean 'name'?" },
        { BASE "  - name: Sound!\n    text: x\n    base: sound\n", "f:17: 'Sound!' is no name" },
        { BASE "  - name: sound!\n    text: x\n    base: sound\n", "f:17: 'sound!' is no name" },
        { BASE "  - name: Upper\n    text: x\n    base: sound\n", "f:17: 'Upper' is no name" },
        { BASE "  - name: sound\n    text: x\n    base: sound\n",
          "f:17: there is a hello 'sound'" },
        { BASE "  - name: x\n    text: x\n    base: soud\n",
          "f:19: no hello 'soud' before this one, did you mean 'sound'?" },
        { BASE NEXT "    edits: [{sett: {random: '00'}}]\n", "f:20: unknown edit 'sett'" },
        { BASE NEXT "    edits: [{set: {key_share: []}}]\n", "has no extension 'key_share'" },
        { BASE NEXT "    edits: [{remove: suported_groups}]\n",
          "did you mean 'supported_groups'?" },
        { BASE NEXT "    edits: [{length: {extensions: 0}}]\n", "f:20: '0' is no difference" },
        { BASE NEXT "    edits: [{length: {extensions: 1x}}]\n", "f:20: '1x' is no difference" },
        { BASE NEXT "    edits: [{length: {extensions: '+-1'}}]\n", "'+-1' is no difference" },
        { BASE NEXT "    edits: [{length: {extensions: 4294967297}}]\n", "is no difference" },
        { BASE NEXT "    edits: [{length: {record: +65536}}]\n" REFUSED,
          "f:20: the length of record would be 65561, which does not fit its 2 bytes" },
        { BASE NEXT "    edits: [{length: {session_id: -1}}]\n" REFUSED,
          "f:20: the length of session_id would be -1, which does not fit its 1 bytes" },
        { BASE NEXT "    edits: [{length: {session_id: 200}}, {length: {session_id: 100}}]\n",
          "f:20: the length of session_id would be 300" },
        { BASE NEXT "    edits: [{length: {supported_groups.list: -1}}, {set: {supported_groups: "
                    "''}}]\n" REFUSED,
          "f:17: the hello has no length field 'supported_groups.list'" },
        { BASE NEXT "    edits: [{set: {legacy_version: tls1.2}}]\n" REFUSED,
          "f:17: hello 'next' says byte for byte what its twin 'sound' says" },
        { BASE NEXT "    edits: [{length: {record: 1}}, {length: {record: -1}}]\n" REFUSED,
          "f:17: hello 'next' says byte for byte" },
        { BASE NEXT, "f:17: hello 'next' says byte for byte" },
        { BASE "  - name: many\n    text: x\n    base: sound\n    edits: [{add: {server_name: "
               "[a]}}, {repeat: {server_name: 200}}]\n"
               "  - name: '{}'\n    text: x\n    base: many\n    for-each: length-field\n",
          "f:21: 'many' has more than 128 length fields" },
        { BASE NEXT "    edits: [{length: {extension: 1}}]\n", "no length field 'extension'" },
        { BASE NEXT "    edits: [{set: {cipher_suites: [TLS_AES]}}]\n", "unknown suite 'TLS_AES'" },
        { BASE NEXT "    edits: [{set: {cipher_suites: [70000]}}]\n", "unknown suite '70000'" },
        { BASE NEXT "    edits: [{set: {supported_groups: [x25518]}}]\n",
          "did you mean 'x25519'?" },
        { BASE NEXT "    edits: [{repeat: {cipher_suites: 33001}}]\n",
          "f:20: '33001' is no number" },
        { BASE NEXT "    bytes: 0\n", "f:20: '0' is no sequence of bytes" },
        { BASE NEXT "    bytes: 0g\n", "f:20: '0g' is no sequence of bytes" },
        { BASE NEXT "    bytes: {a: b}\n", "f:20: bytes are hexadecimal digits" },
        { BASE NEXT "    record: {fragment: 0}\n", "f:20: fragments of no bytes" },
        { BASE NEXT "    stack: tls1.5\n", "f:20: 'tls1.5' is no version" },
        { BASE NEXT "    to: nobody\n", "f:20: 'nobody' is neither client nor server" },
        { BASE NEXT "    fin: never\n", "f:20: 'never' is neither at-once nor after-answer" },
        { BASE NEXT "    then: [somebody]\n", "f:20: no hello 'somebody'" },
        { BASE NEXT "    messages: [finished]\n", "f:20: 'finished' is neither certificate" },
        { BASE NEXT "    expect: {answer: refused}\n", "f:20: refused, but with which alerts?" },
        { BASE NEXT "    expect: {answer: refusd, alerts: [decode_error]}\n",
          "f:20: unknown answer 'refusd', did you mean 'refused'?" },
        { BASE NEXT "    expect: {answer: refused, alerts: [decode]}\n", "unknown alert 'decode'" },
        { BASE NEXT "    expect: {answer: refused, alerts: [illegal_paramter]}\n",
          "f:20: unknown alert 'illegal_paramter', did you mean 'illegal_parameter'?" },
        { BASE NEXT "    edits: [{set: {sesion_id: '00'}}]\n",
          "f:20: unknown field or extension 'sesion_id', did you mean 'session_id'?" },
        { BASE NEXT "    edits: [{tail: {mesage: '00'}}]\n",
          "f:20: unknown field or extension 'mesage', did you mean 'message'?" },
        { BASE NEXT "    edits: [{add: {key_shar: []}}]\n",
          "f:20: unknown extension 'key_shar', did you mean 'key_share'?" },
        { BASE NEXT "    stack: tls1.3\n" REFUSED, "f:17: hello 'next' must be refused, and its" },
        { "title: t\nhellos:\n  - name: x\n    text: x\n    stack: tls1.2\n" REFUSED,
          "f:3: hello 'x' lacks a base, or else 'references'" },
        { BASE NEXT "    for-each: what\n", "f:20: for-each is a list" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error err = { 0 };
        hellos_clear();
        if (hellos_parse("f", wrong[i].text, &err) == 0)
            fail_msg("taken, instead of: %s", wrong[i].said);
        assert_int_equal(err.class, ERROR_USAGE);
        if (strstr(err.text, wrong[i].said) == NULL)
            fail_msg("'%s' without '%s'", err.text, wrong[i].said);
    }
}

static void a_family_has_a_member_for_each_word(void **state)
{
    static const char text[] = BASE "  - name: with-{}\n    text: With {}.\n    base: sound\n"
                                    "    for-each: [0x0a0a, TLS_AES_256_GCM_SHA384, left-out]\n"
                                    "    except: [left-out]\n"
                                    "    edits: [{append: {cipher_suites: ['{}']}}]\n";
    struct error err = { 0 };
    (void)state;
    hellos_clear();
    if (hellos_parse("f", text, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(num_hellos(), 3);
    assert_int_equal(hello_named("with-0x0a0a")->sends[0].message.suites.num_items, 2);
    assert_string_equal(hello_named("with-tls_aes_256_gcm_sha384")->text,
                        "With TLS_AES_256_GCM_SHA384.");
    assert_int_equal(hello_named("sound")->sends[0].message.suites.num_items, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound_hellos_are_what_others_read, load_own, forget),
        cmocka_unit_test_setup_teardown(each_length_edit_changes_one_length, load_own, forget),
        cmocka_unit_test_setup_teardown(every_length_field_has_both_its_edits, load_own, forget),
        cmocka_unit_test_setup_teardown(every_row_of_the_table_is_there, load_own, forget),
        cmocka_unit_test_setup_teardown(what_must_be_refused_has_a_healthy_twin, load_own, forget),
        cmocka_unit_test_setup_teardown(each_can_be_shown, load_own, forget),
        cmocka_unit_test_teardown(right_files_are_read, forget),
        cmocka_unit_test_teardown(wrong_files_are_told_with_their_line, forget),
        cmocka_unit_test_teardown(a_family_has_a_member_for_each_word, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
