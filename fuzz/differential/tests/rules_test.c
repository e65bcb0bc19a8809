/* Each rule covers what it is for, and not what is beside it. */
#include "fuzz/differential/rules.h"
#include "fuzz/differential/tests/with_ensemble.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

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
    { "certificate-first",
      { SERVER13 MUTUAL "message 1 offset 11 bytes 00000000\n", REFUSED(UNKNOWN_CA),
        REFUSED(UNEXPECTED_MESSAGE) },
      { SERVER13 MUTUAL "message 1 offset 15 bytes 00000000\n", REFUSED(UNKNOWN_CA),
        REFUSED(UNEXPECTED_MESSAGE) } },
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
    { "share-rules",
      { SERVER13 "repeat 0 offset 147 drop 36\n", TAKEN, REFUSED(ILLEGAL_PARAMETER) },
      { SERVER13 "repeat 0 offset 147 drop 36\n", TAKEN, REFUSED(DECODE_ERROR) } },
    { "share-list",
      { SERVER13 "edit 0 offset 147 bytes 001d\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(DECODE_ERROR) },
      { SERVER13 "edit 0 offset 151 drop 1\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(DECODE_ERROR) } },
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
    { "recognised-ticket",
      { CLIENT13 "resumption yes\nedit 3 offset 65535 bytes 000e0000\n", TAKEN,
        REFUSED(ILLEGAL_PARAMETER) },
      { CLIENT13 "resumption yes\nedit 3 offset 65535 bytes 00330000\n", TAKEN,
        REFUSED(ILLEGAL_PARAMETER) } },
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
      { CLIENT13 "raw 1 bytes 170303000100\n", REFUSED(PROTOCOL_VERSION),
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
    { "tls12-empty-record",
      { SERVER12 "record connected offset 21\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) },
      { SERVER12 "record connected offset 20 bytes 01\n", TAKEN, REFUSED(UNEXPECTED_MESSAGE) } },
    { "many-certificates",
      { SERVER12 MUTUAL "repeat 1 offset 601 drop 543 bytes 28\n", TAKEN, REFUSED(INTERNAL_ERROR) },
      { SERVER12 MUTUAL "repeat 1 offset 601 drop 543 bytes 02\n", TAKEN,
        REFUSED(INTERNAL_ERROR) } },
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

/* Other forms of what a row is for. */
static const struct {
    const char *id;
    struct judged judged;
} likewise[] = {
    /* The same extension by two steps, and two that have no name. */
    { "recognised", { SERVER13 USE_SRTP USE_SRTP, TAKEN, REFUSED(DECODE_ERROR) } },
    { "recognised",
      { SERVER13 "edit 0 offset 65535 bytes 12340000\nedit 0 offset 65535 bytes 12350000\n", TAKEN,
        REFUSED(DECODE_ERROR) } },
    /* In TLS 1.2 the ServerHello changes no keys. */
    { "messages-shifted",
      { CLIENT12 "content 0 offset 72 bytes 17\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(UNEXPECTED_MESSAGE) } },
    { "messages-shifted",
      { CLIENT12 "splice 0 offset 72 bytes 17\n", REFUSED(ILLEGAL_PARAMETER),
        REFUSED(UNEXPECTED_MESSAGE) } },
    /* The record ends before it did, and its last bytes begin none. */
    { "no-record",
      { CLIENT13 "wire 0 offset 4 drop 1 bytes 6a\n", REFUSED(PROTOCOL_VERSION),
        REFUSED(UNEXPECTED_MESSAGE) } },
};

static void a_rule_covers_other_forms_of_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof likewise / sizeof likewise[0]; i++) {
        const struct rule *covering = rule_of(&likewise[i].judged);
        if (covering == NULL || strcmp(covering->id, likewise[i].id) != 0)
            fail_msg("%s: covered by %s", likewise[i].judged.script,
                     covering != NULL ? covering->id : "none");
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
    /* share-rules: two extensions of a type (RFC 8446 section 4.2) */
    { SERVER13 "edit 0 offset 65535 bytes 003300020000\n", TAKEN, REFUSED(ILLEGAL_PARAMETER) },
    /* overflow-of-unknown: protected, and of a type that there is */
    { CLIENT13 "bulk connected offset 22 drop 18432\n", REFUSED(RECORD_OVERFLOW),
      REFUSED(UNEXPECTED_MESSAGE) },
    /* message-length: it is all there */
    { SERVER13 "record connected offset 22 bytes e6000000\n", REFUSED(ILLEGAL_PARAMETER),
      REFUSED(UNEXPECTED_MESSAGE) },
    /* fields-shifted: a whole extension taken out, and another byte in the middle of a message */
    { SERVER13 "edit 0 offset 79 drop 33\n", REFUSED(MISSING_EXTENSION),
      REFUSED(HANDSHAKE_FAILURE) },
    { SERVER13 MUTUAL "content 3 offset 5 drop 1 bytes 33\n", REFUSED(ILLEGAL_PARAMETER),
      REFUSED(DECODE_ERROR) },
    /* recognised: the suites as well */
    { SERVER13 USE_SRTP "edit 0 offset 69 bytes 1301\n", TAKEN, REFUSED(DECODE_ERROR) },
    /* messages-shifted: in TLS 1.3 the ServerHello changes them (RFC 8446 section 5.1) */
    { CLIENT13 "content 0 offset 122 bytes 17\n", REFUSED(ILLEGAL_PARAMETER),
      REFUSED(UNEXPECTED_MESSAGE) },
    /* no-record: its version, which is ignored (RFC 8446 section 5.1) */
    { CLIENT13 "wire 0 offset 1 drop 2 bytes 0301\n", REFUSED(PROTOCOL_VERSION),
      REFUSED(UNEXPECTED_MESSAGE) },
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_covers_what_it_is_for_and_nothing_beside),
        cmocka_unit_test(a_rule_covers_other_forms_of_the_same),
        cmocka_unit_test(a_rule_is_no_wider_than_its_text),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
