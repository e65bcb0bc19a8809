/* Differences and what becomes of them: each rule covers what it is for and not what is beside it,
 * a healthy script shows none, a stack that lies is found out, its twin that does not is not, and a
 * minimised script shows what the long one did. */
#include "fuzz/differential/findings.h"
#include "fuzz/differential/rules.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct ensemble *ensemble;

static int open_all(void **state)
{
    struct error err = { 0 };
    (void)state;
    if (ensemble_new(&ensemble, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

static int close_all(void **state)
{
    (void)state;
    ensemble_free(ensemble);
    return 0;
}

static void make(struct script *out, struct writer *room, const char *text)
{
    struct error err = { 0 };
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    writer_init(room, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    if (script_make(out, room, stream, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    fclose(stream);
}

/* ---- rules, row by row ---- */

#define REFUSED(name)                                                                              \
    {                                                                                              \
        .fate = FATE_REFUSED, .alert = ALERT_##name                                                \
    }
#define SILENT                                                                                     \
    {                                                                                              \
        .fate = FATE_REFUSED, .alert = -1                                                          \
    }
#define TAKEN                                                                                      \
    {                                                                                              \
        .fate = FATE_TAKEN, .accepted = true, .orderly = true, .alert = -1                         \
    }
#define DONE_AND_WAITS                                                                             \
    {                                                                                              \
        .fate = FATE_TAKEN, .accepted = true, .alert = -1                                          \
    }
#define DELIVERED(a_num)                                                                           \
    {                                                                                              \
        .fate = FATE_TAKEN, .accepted = true, .orderly = true, .alert = -1, .num_in = (a_num)      \
    }
#define CHOSE_IN(a_version, a_suite, a_group, a_scheme)                                            \
    {                                                                                              \
        .fate = FATE_TAKEN, .accepted = true, .orderly = true, .alert = -1,                        \
        .version = (a_version), .suite = (a_suite), .group = (a_group), .scheme = (a_scheme)       \
    }
#define CHOSE(a_suite, a_group, a_scheme)   CHOSE_IN(TLS13, a_suite, a_group, a_scheme)
#define CHOSE12(a_suite, a_group, a_scheme) CHOSE_IN(TLS12, a_suite, a_group, a_scheme)

struct judged {
    const char *script;
    struct reduced a, b;
    bool offered_by_one, minimal;
};

#define CLIENT13 "victim client\nversions 1.3\n"
#define CLIENT12 "victim client\nversions 1.2\n"
#define SERVER13 "victim server\nversions 1.3\n"
#define SERVER12 "victim server\nversions 1.2\n"
#define MUTUAL   "authentication mutual\n"
#define USE_SRTP "edit 0 offset 65535 bytes 000e0000\n"
#define GROUPS   "edit 0 offset 65535 bytes 000a0000\n"

static const struct {
    const char *id;
    struct judged covered, beside;
} rows[] = {
    { "tls13-silence",
      { CLIENT13 "skip 3\n", SILENT, REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT12 "skip 2\n", SILENT, REFUSED(UNEXPECTED_MESSAGE) } },
    { "tls12-field",
      { CLIENT12 "edit 0 drop 1\n", REFUSED(DECODE_ERROR), REFUSED(ILLEGAL_PARAMETER) },
      { CLIENT13 "edit 0 drop 1 bytes ff\n", REFUSED(DECODE_ERROR), REFUSED(ILLEGAL_PARAMETER) } },
    { "certificate",
      { CLIENT13 "edit 2 offset 60 drop 1 bytes ff\n", REFUSED(BAD_CERTIFICATE),
        REFUSED(UNKNOWN_CA) },
      { CLIENT13 "edit 3 offset 60 drop 1 bytes ff\n", REFUSED(BAD_CERTIFICATE),
        REFUSED(UNKNOWN_CA) } },
    { "certificate-usage",
      { SERVER13 MUTUAL "edit 1 offset 60 drop 1 bytes ff\n", REFUSED(UNSUPPORTED_CERTIFICATE),
        REFUSED(ILLEGAL_PARAMETER) },
      { SERVER13 MUTUAL "edit 2 offset 60 drop 1 bytes ff\n", REFUSED(UNSUPPORTED_CERTIFICATE),
        REFUSED(ILLEGAL_PARAMETER) } },
    { "signed-parameters",
      { CLIENT12 "edit 2 offset 9 drop 1 bytes ff\n", REFUSED(DECODE_ERROR),
        REFUSED(DECRYPT_ERROR) },
      { SERVER12 "edit 1 offset 9 drop 1 bytes ff\n", REFUSED(DECODE_ERROR),
        REFUSED(DECRYPT_ERROR) } },
    { "tls12-scheme",
      { SERVER12 MUTUAL "patch 3 drop 1 bytes ff\n", REFUSED(HANDSHAKE_FAILURE),
        REFUSED(ILLEGAL_PARAMETER) },
      { SERVER13 MUTUAL "patch 2 drop 1 bytes ff\n", REFUSED(HANDSHAKE_FAILURE),
        REFUSED(ILLEGAL_PARAMETER) } },
    { "tls12-change-cipher-spec",
      { SERVER12 "content 2 bytes ff\n", REFUSED(UNEXPECTED_MESSAGE), REFUSED(ILLEGAL_PARAMETER) },
      { SERVER13 "content 1 bytes ff\n", REFUSED(UNEXPECTED_MESSAGE),
        REFUSED(ILLEGAL_PARAMETER) } },
    { "no-shared-group",
      { SERVER13 "retry yes\nagain 0\n", REFUSED(HANDSHAKE_FAILURE), REFUSED(ILLEGAL_PARAMETER) },
      { SERVER13 "patch 0 offset 40 drop 1 bytes ff\n", REFUSED(HANDSHAKE_FAILURE),
        REFUSED(ILLEGAL_PARAMETER) } },
    { "message-length",
      { CLIENT13 "splice 1 offset 1 drop 1 bytes ff\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "splice 1 offset 4 drop 1 bytes ff\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "session-id-echo",
      { CLIENT13 "edit 0 offset 45 bytes 00\n", REFUSED(ILLEGAL_PARAMETER), REFUSED(DECODE_ERROR) },
      { CLIENT13 "edit 0 offset 45 drop 1 bytes 00\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(DECODE_ERROR) } },
    { "extension-twice",
      { CLIENT13 "edit 0 offset 65535 bytes 002b00020304\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(PROTOCOL_VERSION) },
      { CLIENT13 "edit 0 offset 65535 bytes 123400020304\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(PROTOCOL_VERSION) } },
    { "tls12-extension-twice",
      { SERVER12 "edit 0 offset 65535 bytes 000d000400020303\n", REFUSED(UNSUPPORTED_EXTENSION),
        REFUSED(DECODE_ERROR) },
      { CLIENT12 "edit 0 offset 65535 bytes 123400020303\n", REFUSED(UNSUPPORTED_EXTENSION),
        REFUSED(DECODE_ERROR) } },
    { "alert-length",
      { CLIENT13 "record connected offset 21 bytes 02\n", REFUSED(DECODE_ERROR),
        REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "record connected offset 21\n", REFUSED(DECODE_ERROR),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "overflow-of-unknown",
      { CLIENT12 "bulk connected offset 99 drop 16640\n", REFUSED(RECORD_OVERFLOW),
        REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT12 "bulk connected offset 23 drop 16640\n", REFUSED(RECORD_OVERFLOW),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "messages-shifted",
      { CLIENT13 "content 4 bytes 00\n", REFUSED(ILLEGAL_PARAMETER), REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "splice 0 offset 65535 bytes 00\n", REFUSED(BAD_RECORD_MAC),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "fields-shifted",
      { CLIENT13 "patch 0 drop 1\n", REFUSED(PROTOCOL_VERSION), REFUSED(DECODE_ERROR) },
      { CLIENT13 "patch 0 drop 1 bytes ff\n", REFUSED(PROTOCOL_VERSION), REFUSED(DECODE_ERROR) } },
    { "another-message",
      { SERVER13 "patch 0 drop 65535 bytes 0303\n", REFUSED(HANDSHAKE_FAILURE),
        REFUSED(DECODE_ERROR) },
      { SERVER13 "patch 0 drop 65535\n", REFUSED(HANDSHAKE_FAILURE), REFUSED(DECODE_ERROR) } },
    { "tls12-warning",
      { CLIENT12 "record 1 offset 21 bytes 015a\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT12 "record 1 offset 21 bytes 025a\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) } },
    { "hello-request",
      { CLIENT12 "record connected offset 22 bytes 00000000\n", TAKEN,
        REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT12 "record connected offset 22 bytes 0000000100\n", TAKEN,
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "renegotiation",
      { SERVER12 "record connected offset 22 bytes 0100000100\n", TAKEN,
        REFUSED(UNEXPECTED_MESSAGE) },
      { SERVER12 "record connected offset 22 bytes 0200000100\n", TAKEN,
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "misplaced-or-not-offered",
      { CLIENT13 "edit 1 offset 2 bytes 00320000\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(UNSUPPORTED_EXTENSION) },
      { SERVER13 "patch 0 offset 40 drop 1 bytes ff\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(UNSUPPORTED_EXTENSION) } },
    { "offered",
      { CLIENT13 "edit 1 offset 2 bytes 12340000\n", TAKEN, REFUSED(UNSUPPORTED_EXTENSION), true },
      { CLIENT13 "edit 1 offset 2 bytes 12340000\n", TAKEN, REFUSED(UNSUPPORTED_EXTENSION),
        false } },
    { "recognised",
      { SERVER13 USE_SRTP, TAKEN, REFUSED(DECODE_ERROR) },
      { SERVER13 GROUPS, TAKEN, REFUSED(DECODE_ERROR) } },
    { "recognised-request",
      { CLIENT13 "authentication mutual\nedit 2 offset 65535 bytes 000e0000\n", TAKEN,
        REFUSED(ILLEGAL_PARAMETER) },
      { CLIENT13 "authentication mutual\nedit 2 offset 65535 bytes 00330000\n", TAKEN,
        REFUSED(ILLEGAL_PARAMETER) } },
    { "user-canceled",
      { CLIENT13 "record connected offset 21 bytes 015a\n", TAKEN, { .fate = FATE_TOLD } },
      { CLIENT13 "record connected offset 21 bytes 0128\n", TAKEN, { .fate = FATE_TOLD } } },
    { "ssl2-hello",
      { SERVER13 "raw 0 bytes 802e0103\n", REFUSED(HANDSHAKE_FAILURE), REFUSED(DECODE_ERROR) },
      { SERVER13 "raw 0 bytes 002e0103\n", REFUSED(HANDSHAKE_FAILURE), REFUSED(DECODE_ERROR) } },
    { "no-record",
      { CLIENT13 "raw 1 bytes 802e0103\n", REFUSED(PROTOCOL_VERSION), REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "raw 1 bytes 160303000100\n", REFUSED(PROTOCOL_VERSION),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "clear-record",
      { SERVER13 "raw 1 bytes 15030300020228\n", REFUSED(BAD_RECORD_MAC),
        REFUSED(UNEXPECTED_MESSAGE) },
      { SERVER13 "record connected offset 0\n", REFUSED(BAD_RECORD_MAC),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "transport-end",
      { CLIENT13 "end connected\n", REFUSED(UNEXPECTED_MESSAGE), REFUSED(DECODE_ERROR) },
      { CLIENT13 "skip 3\n", REFUSED(UNEXPECTED_MESSAGE), REFUSED(DECODE_ERROR) } },
    { "transport-end-accepted",
      { CLIENT13 "end connected\n", TAKEN, REFUSED(DECODE_ERROR), .minimal = true },
      { CLIENT13 "skip 3\nend connected\n", TAKEN, REFUSED(DECODE_ERROR) } },
    { "announced-length",
      { CLIENT13 "splice 0 offset 1 drop 3 bytes ffffff\n",
        REFUSED(DECODE_ERROR),
        { .fate = FATE_WAITED, .alert = -1 } },
      { CLIENT13 "edit 0 drop 3\n", REFUSED(DECODE_ERROR), { .fate = FATE_WAITED, .alert = -1 } } },
    { "announced-record",
      { CLIENT13 "raw connected bytes 5a0303\n", DONE_AND_WAITS, REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "raw connected bytes 5a0303\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) } },
    { "several-faults",
      { CLIENT13 "skip 1\nskip 2\n", REFUSED(DECODE_ERROR), REFUSED(UNEXPECTED_MESSAGE), false,
        true },
      { CLIENT13 "skip 1\n", REFUSED(DECODE_ERROR), REFUSED(UNEXPECTED_MESSAGE), false, true } },
    { "signature-scheme",
      { SERVER13 "segment 0\n", CHOSE(1, 2, 3), CHOSE(1, 2, 4) },
      { CLIENT13 "segment 0\n", CHOSE(1, 2, 3), CHOSE(5, 2, 4) } },
    { "client-share",
      { CLIENT13 "segment 0\n", CHOSE(1, 2, 3), CHOSE(1, 9, 3) },
      { CLIENT13 "segment 0\n", CHOSE(1, 2, 3), CHOSE(8, 9, 3) } },
    { "server-choice",
      { SERVER13 "segment 0\n", CHOSE(1, 2, 3), CHOSE(8, 9, 3) },
      { CLIENT13 "segment 0\n", CHOSE(1, 2, 3), CHOSE(8, 9, 3) } },
    { "many-times",
      { CLIENT13 "update connected drop 31\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "update connected drop 1\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) } },
    { "moment",
      { CLIENT13 "again 4\n",
        { .fate = FATE_REFUSED, .alert = ALERT_UNEXPECTED_MESSAGE, .accepted = true },
        REFUSED(UNEXPECTED_MESSAGE) },
      { CLIENT13 "again 4\n",
        { .fate = FATE_REFUSED, .alert = ALERT_UNEXPECTED_MESSAGE, .accepted = true },
        REFUSED(DECODE_ERROR) } },
};

static const struct rule *rule_of(const struct judged *judged)
{
    struct script script;
    struct touched touched;
    struct writer room;
    struct error err = { 0 };
    make(&script, &room, judged->script);
    const struct partner_log *log = ensemble_log(ensemble, &script, &err);
    if (log == NULL)
        fail_msg("%s", err.text);
    touched_read(&touched, &script, log);
    bool swap = judged->b.fate < judged->a.fate;
    struct pair pair = {
        .difference = difference_of(&judged->a, &judged->b),
        .script = &script,
        .touched = &touched,
        .version = script_version(&script),
        .first = swap ? &judged->b : &judged->a,
        .second = swap ? &judged->a : &judged->b,
        .offered_by_one = judged->offered_by_one,
        .minimal = judged->minimal,
    };
    assert_int_not_equal(pair.difference, DIFFERENCE_NONE);
    const struct rule *rule = rule_for(&pair);
    writer_fini(&room);
    return rule;
}

static void each_rule_covers_what_it_is_for_and_nothing_beside(void **state)
{
    (void)state;
    assert_int_equal(sizeof rows / sizeof rows[0], num_rules);
    for (size_t i = 0; i < num_rules; i++) {
        const struct rule *covering = rule_of(&rows[i].covered);
        const struct rule *beside = rule_of(&rows[i].beside);
        assert_string_equal(rows[i].id, rules[i].id);
        if (covering == NULL || strcmp(covering->id, rows[i].id) != 0)
            fail_msg("%s: covered by %s", rows[i].id, covering != NULL ? covering->id : "none");
        if (beside != NULL)
            fail_msg("beside %s: covered by %s", rows[i].id, beside->id);
    }
}

/* Near to what a row covers, and nothing that its text is about. */
static const struct judged decided[] = {
    /* message-length: another type, of which RFC 8446 section 4 has unexpected_message */
    { CLIENT13 "splice 1 drop 1 bytes 0b\n", REFUSED(DECODE_ERROR), REFUSED(UNEXPECTED_MESSAGE) },
    /* extension-twice: it may stand there, once (RFC 8446 section 6.2) */
    { SERVER13 "edit 0 offset 65535 bytes 000d000400020303\n", REFUSED(ILLEGAL_PARAMETER),
      REFUSED(UNSUPPORTED_EXTENSION) },
    /* misplaced-or-not-offered: it belongs there, once */
    { CLIENT13 MUTUAL "edit 2 offset 3 bytes 000d00080006040308040401\n",
      REFUSED(ILLEGAL_PARAMETER), REFUSED(UNSUPPORTED_EXTENSION) },
    /* tls12-warning: what comes behind close_notify is ignored (RFC 5246 section 7.2.1) */
    { CLIENT12 "record connected offset 21 bytes 0100\n", TAKEN, DELIVERED(18) },
    /* tls12-warning, user-canceled: something else is there */
    { CLIENT12 "record 1 offset 21 bytes 015a\nrecord 1 offset 23 bytes 61\n", TAKEN,
      REFUSED(UNEXPECTED_MESSAGE) },
    { CLIENT13 "record connected offset 21 bytes 015a\nrecord connected offset 22 bytes 02\n",
      TAKEN, REFUSED(UNEXPECTED_MESSAGE) },
    /* server-choice: the version is none of its own (RFC 8446 section 4.2.1) */
    { SERVER13 "segment 0\n", CHOSE(1, 2, 3), CHOSE12(1, 2, 3) },
};

static void a_rule_is_no_wider_than_its_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++) {
        const struct rule *covering = rule_of(&decided[i]);
        if (covering != NULL)
            fail_msg("%s: covered by %s", decided[i].script, covering->id);
    }
}

/* ---- plays ---- */

/* What is repeated is put in. */
static void a_repetition_is_an_edit(void **state)
{
    static const char *const texts[] = { SERVER13 "edit 0 offset 69 bytes 13011301\n",
                                         SERVER13 "repeat 0 offset 69 drop 2 bytes 02\n" };
    struct touched touched[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct script script;
        struct writer room;
        struct error err = { 0 };
        make(&script, &room, texts[i]);
        touched_read(&touched[i], &script, ensemble_log(ensemble, &script, &err));
        writer_fini(&room);
    }
    assert_int_equal(touched[0].num_words, 1);
    assert_int_equal(touched[1].num_words, 1);
    assert_string_equal(touched[0].words[0], touched[1].words[0]);
    assert_int_equal(touched[0].steps, touched[1].steps);
    assert_int_equal(touched[0].num_shifting, touched[1].num_shifting);
}

static void compare_text(struct disagreement *out, const char *text)
{
    struct script script;
    struct writer room;
    struct error err = { 0 };
    make(&script, &room, text);
    if (ensemble_compare(ensemble, out, &script, true, &err) != 0)
        fail_msg("%s", err.text);
    writer_fini(&room);
}

static void assert_agreed(const char *text)
{
    struct disagreement found;
    compare_text(&found, text);
    if (found.worst != DIFFERENCE_NONE)
        fail_msg("%s", found.signature);
}

static void healthy_scripts_show_no_difference(void **state)
{
    (void)state;
    for (unsigned options = 0; options < OPTIONS_NUM; options += 3) {
        struct script script;
        struct error err = { 0 };
        script_of_options(&script, (uint16_t)options);
        ensemble_align(&script);
        if (ensemble_log(ensemble, &script, &err) == NULL)
            fail_msg("%s", err.text);
    }
}

/* The byte lies behind the ClientHello of the one's session, and within that of the other's. */
static void who_has_other_tickets_is_not_accused(void **state)
{
    struct script behind, elsewhere;
    struct writer room, other_room;
    struct disagreement found;
    struct error err = { 0 };
    (void)state;
    make(&behind, &room, SERVER13 "resumption yes\npatch 0 offset 440 drop 1 bytes a7\n");
    ensemble_align(&behind);
    assert_false(behind.resumption);
    assert_int_equal(ensemble_compare(ensemble, &found, &behind, true, &err), 0);
    assert_int_equal(found.worst, DIFFERENCE_NONE);
    make(&elsewhere, &other_room, SERVER13 "resumption yes\nfragment 0 offset 40\nskip 1\n");
    ensemble_align(&elsewhere);
    assert_true(elsewhere.resumption);
    writer_fini(&other_room);
    writer_fini(&room);
}

#define REFUSED_BY_ALL CLIENT13 "skip 3\n"

/* A stack that reports another alert than it has sent. */
static const struct tls_stack *honest;

static void lie(struct stack_connection *connection, struct facts *facts)
{
    honest->connection_facts(connection, facts);
    if (facts->alert_sent == ALERT_UNEXPECTED_MESSAGE)
        facts->alert_sent = ALERT_INTERNAL_ERROR;
}

static void a_stack_that_lies_is_found_out_and_its_twin_is_not(void **state)
{
    struct disagreement found;
    static struct tls_stack lying; /* the player keeps what it made with it */
    (void)state;
    assert_agreed(REFUSED_BY_ALL);
    honest = ensemble->stacks[1].stack;
    lying = *honest;
    lying.connection_facts = lie;
    ensemble->stacks[1].stack = &lying;
    compare_text(&found, REFUSED_BY_ALL);
    ensemble->stacks[1].stack = honest;
    assert_int_equal(found.worst, DIFFERENCE_ALERT);
    assert_string_equal(found.signature,
                        "client tls1.3 alert openssl=refused/unexpected_message "
                        "boringssl=refused/internal_error gnutls=refused/unexpected_message: "
                        "skip:certificate_verify");
    assert_agreed(REFUSED_BY_ALL);
}

/* Of two stacks that shook hands and were told to close. */
static void compare_two(struct disagreement *out, struct outcome second)
{
    const struct outcome healthy = {
        .accepted = true, .ending = ENDING_CLOSED, .alert_sent = -1, .alert_received = -1
    };
    const struct compared both[] = { { .name = "one", .outcome = healthy },
                                     { .name = "other", .outcome = second } };
    const struct touched touched = { 0 };
    struct script script;
    struct writer room;
    make(&script, &room, CLIENT13);
    compare(out, both, 2, &script, &touched, false);
    writer_fini(&room);
}

static void a_broken_invariant_is_the_worst_and_who_was_spared_is_not_compared(void **state)
{
    struct outcome second = {
        .accepted = true, .ending = ENDING_CLOSED, .alert_sent = -1, .alert_received = -1
    };
    struct disagreement found;
    (void)state;
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_NONE);
    second.broken = "a stall";
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_BROKEN);
    second = (struct outcome){ .ending = ENDING_REFUSED,
                               .alert_sent = ALERT_DECODE_ERROR,
                               .alert_received = -1 };
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_ACCEPTED);
    second.spared = true;
    compare_two(&found, second);
    assert_int_equal(found.worst, DIFFERENCE_NONE);
}

/* One step of five does it, and half of its bytes. */
static void a_minimised_script_shows_the_same(void **state)
{
    static const char text[] = CLIENT13 "authentication mutual\n"
                                        "segment 0\n"
                                        "fragment 0 offset 300\n"
                                        "edit 1 offset 2 bytes 1234000012350000\n"
                                        "update connected\n"
                                        "coalesce 2 offset 1\n";
    struct script script;
    struct writer room, small;
    struct disagreement before, after;
    struct error err = { 0 };
    (void)state;
    make(&script, &room, text);
    writer_init(&small, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    assert_int_equal(ensemble_compare(ensemble, &before, &script, false, &err), 0);
    assert_int_equal(before.worst, DIFFERENCE_ACCEPTED);
    assert_int_equal(ensemble_minimise(ensemble, &after, &script, &small, 500, &err), 0);
    assert_string_equal(after.facts, before.facts);
    assert_int_equal(script.num_steps, 1);
    assert_int_equal(script.steps[0].kind, STEP_EDIT);
    assert_int_equal(script.steps[0].bytes_len, 4);
    assert_int_equal(script.authentication, AUTHENTICATION_SERVER);
    assert_string_equal(strchr(after.signature, ':'), ": edit:encrypted_extensions:unknown");
    writer_fini(&small);
    writer_fini(&room);
}

/* Without the record the difference is one that a rule covers: the record has nothing to do with
 * it. */
static void what_a_rule_explains_is_no_disagreement(void **state)
{
    static const char text[] = SERVER13 USE_SRTP "record connected offset 23\n";
    struct script script;
    struct writer room, small;
    struct disagreement before, after;
    struct error err = { 0 };
    (void)state;
    make(&script, &room, text);
    writer_init(&small, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    assert_int_equal(ensemble_compare(ensemble, &before, &script, false, &err), 0);
    assert_int_equal(before.worst, DIFFERENCE_ACCEPTED);
    assert_int_equal(ensemble_minimise(ensemble, &after, &script, &small, 100, &err), 0);
    assert_int_equal(after.worst, DIFFERENCE_NONE);
    assert_int_equal(script.num_steps, 1);
    writer_fini(&small);
    writer_fini(&room);
}

/* What is written down is found again; with a stack's line changed it does not stand. */
static void a_finding_stands_until_a_stack_does_otherwise(void **state)
{
    struct finding finding = { .name = "test", .num_signatures = 1 };
    struct disagreement found;
    struct error err = { 0 };
    bool held;
    FILE *nowhere = fopen("/dev/null", "w");
    (void)state;
    make(&finding.script, &finding.room, CLIENT13 "edit 1 offset 2 bytes 12340000\n");
    assert_int_equal(ensemble_compare(ensemble, &found, &finding.script, true, &err), 0);
    memcpy(finding.signatures[0], found.signature, sizeof found.signature);
    strcpy(finding.expected[0], "taken");
    strcpy(finding.expected[1], "refused/unsupported_extension");
    strcpy(finding.expected[2], "taken");
    assert_int_equal(finding_check(&held, &finding, ensemble, stdout, &err), 0);
    assert_true(held);
    strcpy(finding.expected[2], "refused/unsupported_extension");
    assert_int_equal(finding_check(&held, &finding, ensemble, nowhere, &err), 0);
    assert_false(held);
    strcpy(finding.expected[2], "taken");
    strcpy(finding.signatures[0], "client tls1.3 alert *");
    assert_int_equal(finding_check(&held, &finding, ensemble, nowhere, &err), 0);
    assert_false(held);
    fclose(nowhere);
    writer_fini(&finding.room);
}

/* ---- a folder of findings ---- */

#define FINDING(signature_text)                                                                    \
    "# title: t\n# rfc: r\n# wrong: openssl\n# openssl: a\n# boringssl: a\n# gnutls: a\n"          \
    "# signature: " signature_text "\n" CLIENT13 "skip 1\n"

/* Reads one of this text; NULL: it is taken. */
static const char *complaint_about(const char *text)
{
    static struct error err;
    char folder[] = "/tmp/tlsmatrix-findings-XXXXXX", path[sizeof folder + 16];
    struct findings findings;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/one.script", folder);
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
    int result = findings_read(&findings, ensemble, folder, &err);
    if (result == 0)
        findings_free(&findings);
    unlink(path);
    rmdir(folder);
    return result == 0 ? NULL : err.text;
}

static void a_finding_says_which_kind_it_covers(void **state)
{
    (void)state;
    assert_null(complaint_about(FINDING("client tls1.3 @(alert|told) *")));
    assert_non_null(strstr(complaint_about(FINDING("client tls1.3 * openssl=taken")),
                           "one.script: does not say: which kind"));
    assert_non_null(complaint_about(FINDING("client tls1.3 al?rt openssl=taken")));
    assert_non_null(complaint_about(FINDING("client *")));
}

/* Of another release than is here it must not be so; of this one it must. */
static void a_finding_of_one_release_stands_with_that_alone(void **state)
{
    struct finding finding = { .name = "test", .num_signatures = 1 };
    struct error err = { 0 };
    FILE *nowhere = fopen("/dev/null", "w");
    bool held;
    (void)state;
    make(&finding.script, &finding.room, CLIENT13 "edit 1 offset 2 bytes 12340000\n");
    strcpy(finding.signatures[0], "client tls1.3 accepted openssl=taken *");
    strcpy(finding.expected[0], "taken");
    strcpy(finding.expected[1], "refused/unsupported_extension");
    strcpy(finding.expected[2], "taken");
    snprintf(finding.release, sizeof finding.release, "openssl %s",
             ensemble->stacks[0].capabilities.release);
    assert_int_equal(finding_check(&held, &finding, ensemble, stdout, &err), 0);
    assert_true(held);
    strcpy(finding.release, "openssl 0.9.8");
    assert_int_equal(finding_check(&held, &finding, ensemble, nowhere, &err), 0);
    assert_false(held);
    strcpy(finding.signatures[0], "client tls1.2 accepted openssl=taken *");
    assert_int_equal(finding_check(&held, &finding, ensemble, stdout, &err), 0);
    assert_true(held);
    fclose(nowhere);
    writer_fini(&finding.room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_covers_what_it_is_for_and_nothing_beside),
        cmocka_unit_test(a_rule_is_no_wider_than_its_text),
        cmocka_unit_test(a_repetition_is_an_edit),
        cmocka_unit_test(healthy_scripts_show_no_difference),
        cmocka_unit_test(who_has_other_tickets_is_not_accused),
        cmocka_unit_test(a_stack_that_lies_is_found_out_and_its_twin_is_not),
        cmocka_unit_test(a_broken_invariant_is_the_worst_and_who_was_spared_is_not_compared),
        cmocka_unit_test(a_minimised_script_shows_the_same),
        cmocka_unit_test(what_a_rule_explains_is_no_disagreement),
        cmocka_unit_test(a_finding_stands_until_a_stack_does_otherwise),
        cmocka_unit_test(a_finding_says_which_kind_it_covers),
        cmocka_unit_test(a_finding_of_one_release_stands_with_that_alone),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
