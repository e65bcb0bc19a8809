/* The mutator: what comes out is a script within its bounds and the same for the same seed; it
 * reaches every kind of step and every message; much of what it makes keeps the form of messages;
 * and what it makes, played, breaks nothing. */
#include "fuzz/stacks/generate.h"
#include "fuzz/stacks/mutate.h"
#include "fuzz/stacks/play.h"
#include "fuzz/stacks/structure.h"
#include "fuzz/stacks/victim.h"
#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NUM_ROUNDS = 8000, NUM_PLAYED = 300, NUM_MESSAGES = 16 };

static struct player *player;
static struct fuzz_stack victim;
static struct partner_log logs[SCRIPT_OPTIONS];
static bool logged[SCRIPT_OPTIONS];

static int open_all(void **state)
{
    struct error err = { 0 };
    (void)state;
    return player_new(&player, &err) == 0 ? victim_open(&victim, "careless", &err) : -1;
}

static int close_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCRIPT_OPTIONS; i++)
        partner_log_fini(&logs[i]);
    player_free(player);
    return 0;
}

static const struct partner_log *log_of(void *context, const struct script *script)
{
    struct script healthy = *script;
    struct outcome outcome;
    struct error err = { 0 };
    (void)context;
    healthy.num_steps = 0;
    uint16_t options = script_options(&healthy);
    if (!logged[options])
        assert_int_equal(play(player, &outcome, &victim, &healthy, &logs[options], &err), 0);
    logged[options] = true;
    return &logs[options];
}

static size_t change_a_byte(uint8_t *data, size_t len, size_t max)
{
    (void)max;
    if (len > 0)
        data[len / 2] ^= 1;
    return len;
}

static const struct mutator mutator = { log_of, NULL, change_a_byte, ROLE_CLIENT };

static void the_same_seed_gives_the_same_script(void **state)
{
    static uint8_t a[SCRIPT_MAX], b[SCRIPT_MAX];
    size_t a_len = 0, b_len = 0;
    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        a_len = mutate_script(&mutator, a, a_len, 2048, seed);
        b_len = mutate_script(&mutator, b, b_len, 2048, seed);
        assert_int_equal(a_len, b_len);
        assert_true(a_len <= 2048);
        assert_memory_equal(a, b, a_len);
    }
}

static void every_kind_and_every_message_gets_its_share(void **state)
{
    static uint8_t data[SCRIPT_MAX];
    unsigned kinds[NUM_STEP_KINDS] = { 0 }, messages[NUM_MESSAGES] = { 0 }, points[3] = { 0 };
    (void)state;
    for (unsigned seed = 0; seed < NUM_ROUNDS; seed++) {
        struct script script;
        data[0] = 2; /* TLS 1.3, a server's five messages */
        size_t len = mutate_script(&mutator, data, 1, sizeof data, seed);
        script_read(&script, data, len);
        assert_int_equal(script.victim, ROLE_CLIENT);
        for (size_t i = 0; i < script.num_steps; i++) {
            const struct step *s = &script.steps[i];
            kinds[s->kind]++;
            if (step_counts_messages(s->kind) && s->at < NUM_MESSAGES)
                messages[s->at]++;
            if (!step_counts_messages(s->kind) && s->at >= POINT_CONNECTED && s->at <= POINT_CLOSED)
                points[s->at - POINT_CONNECTED]++;
        }
    }
    for (size_t i = 0; i < NUM_STEP_KINDS; i++)
        assert_true(kinds[i] > NUM_ROUNDS / 200);
    for (size_t i = 0; i < 5; i++)
        assert_true(messages[i] > NUM_ROUNDS / 20);
    for (size_t i = 0; i < 3; i++)
        assert_true(points[i] > NUM_ROUNDS / 40);
}

/* Of the edits of EncryptedExtensions and Certificate, most leave a message with its form. */
static void edits_keep_the_form_often_enough(void **state)
{
    static uint8_t data[SCRIPT_MAX];
    unsigned num = 0, kept = 0;
    (void)state;
    for (unsigned seed = 0; seed < NUM_ROUNDS; seed++) {
        struct script script;
        data[0] = 2;
        size_t len = mutate_script(&mutator, data, 1, sizeof data, seed);
        script_read(&script, data, len);
        if (script.num_steps != 1 || script.steps[0].kind != STEP_EDIT || script.steps[0].at < 1 ||
            script.steps[0].at > 2)
            continue;
        const struct step *s = &script.steps[0];
        const struct writer *original = &log_of(NULL, &script)->messages[s->at];
        struct writer message;
        struct structure structure;
        writer_init(&message, 1 << 20);
        writer_bytes(&message, original->data, original->len);
        structure_edit(&message, TLS13, s->offset, s->drop, s->bytes, s->bytes_len);
        structure_read(&structure, TLS13, message.data, message.len);
        size_t outer = s->at == 1 ? 0 : 1;
        num++;
        kept += structure.num_vectors > outer && structure.vectors[outer].to == message.len - 4;
        writer_fini(&message);
    }
    assert_true(num > 50);
    assert_true(kept * 10 > num * 7);
}

static void a_generated_extension_has_its_form(void **state)
{
    static const uint16_t types[] = { EXTENSION_SUPPORTED_GROUPS, EXTENSION_ALPN,
                                      EXTENSION_KEY_SHARE, EXTENSION_PRE_SHARED_KEY };
    struct chance chance = { 1 };
    unsigned good = 0, num = 0;
    (void)state;
    for (unsigned i = 0; i < 2000; i++, num++) {
        struct writer body, message;
        struct hello hello = {
            .kind = HELLO_CLIENT, .num_suites = 1, .num_compressions = 1, .has_extensions = true
        };
        struct structure s;
        writer_init(&body, 4096);
        writer_init(&message, 8192);
        generate_extension_body(&chance, &body, types[i % 4], true);
        hello_add_extension(&hello, types[i % 4], body.data, body.len);
        writer_clear(&body);
        hello_write(&body, &hello);
        writer_u8(&message, 1);
        writer_u24(&message, (uint32_t)body.len);
        writer_bytes(&message, body.data, body.len);
        structure_read(&s, TLS13, message.data, message.len);
        good += s.num_vectors > 5; /* the hello's four, the body, and what is in it */
        writer_fini(&body);
        writer_fini(&message);
        hello_fini(&hello);
    }
    assert_true(good * 10 > num * 8);
}

/* Not all of it: else no parser would see a length that lies, or more than it has room for. */
static void some_generated_content_lies_or_is_long(void **state)
{
    struct chance chance = { 1 };
    unsigned lies = 0, longs = 0;
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct writer body;
        writer_init(&body, 4096);
        generate_extension_body(&chance, &body, EXTENSION_COOKIE, true);
        lies += body.len >= 2 && body.data[0] == 0xFF && body.data[1] == 0xFF;
        longs += body.len > 255;
        writer_fini(&body);
    }
    assert_in_range(lies, 20, 1000);
    assert_in_range(longs, 100, 1000);
}

/* RFC 8446 section 5.4: a record of zeros alone has no type. */
static void some_generated_records_are_of_padding_alone(void **state)
{
    struct chance chance = { 1 };
    unsigned padding = 0, typed = 0;
    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        struct writer content;
        uint8_t type = generate_content_type(&chance);
        size_t zeros = 0;
        writer_init(&content, 4096);
        generate_content(&chance, &content, type, true);
        while (zeros < content.len && content.data[zeros] == 0)
            zeros++;
        padding += type == 0 && zeros == content.len;
        typed += type == 0 && zeros != content.len;
        writer_fini(&content);
    }
    assert_in_range(padding, 200, 2000);
    assert_in_range(typed, 200, 2000);
}

/* Mutates the script of one step; counts where `wanted` finds in its bytes what it looks for. */
static unsigned count_changed(const struct step *step, bool (*wanted)(const struct step *))
{
    static uint8_t data[SCRIPT_MAX];
    struct script script = { .victim = ROLE_CLIENT, .versions = VERSIONS_13 };
    struct writer bytes;
    unsigned num = 0;
    writer_init(&bytes, SCRIPT_MAX);
    script_add(&script, *step);
    script_write(&bytes, &script);
    for (unsigned seed = 0; seed < NUM_ROUNDS; seed++) {
        struct script changed;
        memcpy(data, bytes.data, bytes.len);
        size_t len = mutate_script(&mutator, data, bytes.len, sizeof data, seed);
        script_read(&changed, data, len);
        for (size_t i = 0; i < changed.num_steps; i++)
            num += changed.steps[i].kind == step->kind && changed.steps[i].at == step->at &&
                   changed.steps[i].offset == step->offset && wanted(&changed.steps[i]);
    }
    writer_fini(&bytes);
    return num;
}

/* The nonce of a NewSessionTicket stands behind header, lifetime and age_add. */
enum { NONCE_AT = 4 + 4 + 4, NONCE_LEN = 8 };

static bool has_long_nonce(const struct step *s)
{
    return s->bytes_len > NONCE_AT && s->bytes[0] == HANDSHAKE_NEW_SESSION_TICKET &&
           s->bytes[NONCE_AT] > 32 && s->bytes_len == 4 + (s->bytes[2] << 8 | s->bytes[3]) &&
           s->bytes_len == NONCE_AT + 1 + s->bytes[NONCE_AT] + 2 + 4 + 2;
}

static bool has_lying_nonce(const struct step *s)
{
    return s->bytes_len == NONCE_AT + 1 + NONCE_LEN + 2 + 4 + 2 && s->bytes[NONCE_AT] == 0xFF;
}

static void a_message_that_a_step_brings_is_changed_in_its_form(void **state)
{
    static const uint8_t ticket[] = "\4\0\0\x19\0\0\0\1\0\0\0\2\x08nonceis8\0\4tick\0";
    struct step step = { .kind = STEP_RECORD,
                         .at = POINT_CONNECTED,
                         .offset = CONTENT_HANDSHAKE,
                         .bytes_len = sizeof ticket,
                         .bytes = ticket };
    (void)state;
    assert_true(count_changed(&step, has_long_nonce) > NUM_ROUNDS / 2000);
    assert_true(count_changed(&step, has_lying_nonce) > NUM_ROUNDS / 2000);
    step.offset = CONTENT_ALERT; /* the twin: no message, and so no form */
    assert_int_equal(count_changed(&step, has_long_nonce), 0);
}

/* Type and length as they were, and a list that says it is longer than the extension. */
static bool has_lying_list(const struct step *s)
{
    return s->bytes_len == 9 && s->bytes[1] == EXTENSION_ALPN && s->bytes[3] == 5 &&
           s->bytes[4] >= 0x40 && s->bytes[6] == 2;
}

static void an_extension_that_a_step_brings_is_changed_in_its_form(void **state)
{
    static const uint8_t alpn[] = { 0, EXTENSION_ALPN, 0, 5, 0, 3, 2, 'h', '2' };
    const struct step step = { .kind = STEP_EDIT,
                               .at = 1, /* EncryptedExtensions */
                               .offset = UINT16_MAX,
                               .bytes_len = sizeof alpn,
                               .bytes = alpn };
    (void)state;
    assert_true(count_changed(&step, has_lying_list) > NUM_ROUNDS / 2000);
}

static void what_comes_out_breaks_nothing(void **state)
{
    static uint8_t data[SCRIPT_MAX];
    unsigned accepted = 0, refused = 0;
    (void)state;
    for (unsigned seed = 0; seed < NUM_PLAYED; seed++) {
        struct script script;
        struct outcome o;
        struct error err = { 0 };
        data[0] = (uint8_t)(128 + seed % 128);
        size_t len = mutate_script(&mutator, data, 1, sizeof data, seed);
        script_read(&script, data, len);
        assert_int_equal(play(player, &o, &victim, &script, NULL, &err), 0);
        if (o.broken != NULL) {
            script_show(stderr, &script);
            outcome_print(stderr, &o);
        }
        assert_null(o.broken);
        accepted += o.accepted;
        refused += o.ending == ENDING_REFUSED;
    }
    assert_true(accepted > NUM_PLAYED / 10);
    assert_true(refused > NUM_PLAYED / 10);
}

static void crossing_takes_steps_of_both(void **state)
{
    static const uint8_t a[] = { 2, 0, STEP_SKIP, 1, 0, 0, 0, 0, 0, 0 };
    static const uint8_t b[] = { 1, 0, STEP_AGAIN, 2, 0, 0, 0, 0, 0, 0 };
    bool both = false;
    (void)state;
    for (unsigned seed = 0; seed < 50 && !both; seed++) {
        uint8_t out[64];
        struct script script;
        size_t len = cross_scripts(&mutator, out, sizeof out, a, sizeof a, b, sizeof b, seed);
        script_read(&script, out, len);
        assert_int_equal(script.versions, VERSIONS_13);
        both = script.num_steps == 2 && script.steps[0].kind == STEP_SKIP &&
               script.steps[1].kind == STEP_AGAIN;
    }
    assert_true(both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_script),
        cmocka_unit_test(every_kind_and_every_message_gets_its_share),
        cmocka_unit_test(edits_keep_the_form_often_enough),
        cmocka_unit_test(a_generated_extension_has_its_form),
        cmocka_unit_test(some_generated_content_lies_or_is_long),
        cmocka_unit_test(some_generated_records_are_of_padding_alone),
        cmocka_unit_test(a_message_that_a_step_brings_is_changed_in_its_form),
        cmocka_unit_test(an_extension_that_a_step_brings_is_changed_in_its_form),
        cmocka_unit_test(what_comes_out_breaks_nothing),
        cmocka_unit_test(crossing_takes_steps_of_both),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
