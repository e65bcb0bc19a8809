/* Scripts against a victim: healthy ones complete, the same one gives the same bytes, and each kind
 * of step reaches what it says it changes, beside what happens without it. The victim is the stack
 * that is named on the command line, else peers/careless. */
#include "fuzz/stacks/pipes.h"
#include "fuzz/stacks/play.h"
#include "fuzz/stacks/victim.h"
#include "harness/wire/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct player *player;
static struct fuzz_stack victim;
static const char *victim_name = "careless";

static int open_all(void **state)
{
    struct error err = { 0 };
    (void)state;
    if (player_new(&player, &err) == 0 && victim_open(&victim, victim_name, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

static int close_all(void **state)
{
    (void)state;
    player_free(player);
    return 0;
}

static void play_script(struct outcome *out, const struct script *script)
{
    struct error err = { 0 };
    if (play(player, out, &victim, script, NULL, &err) != 0)
        fail_msg("%s", err.text);
    if (out->broken != NULL) {
        script_show(stderr, script);
        outcome_print(stderr, out);
    }
    assert_null(out->broken);
}

static void play_text(struct outcome *out, const char *text)
{
    struct script script;
    struct writer room;
    struct error err = { 0 };
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    writer_init(&room, SCRIPT_MAX);
    if (script_make(&script, &room, stream, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    fclose(stream);
    play_script(out, &script);
    writer_fini(&room);
}

static void assert_healthy(const struct outcome *o)
{
    if (!o->accepted || o->ending != ENDING_CLOSED || !o->partner_accepted)
        outcome_print(stderr, o);
    assert_true(o->accepted);
    assert_true(o->partner_accepted);
    assert_int_equal(o->ending, ENDING_CLOSED);
    assert_int_equal(o->num_in, strlen("the partner's word"));
    assert_int_equal(o->alert_sent, -1);
    assert_int_equal(o->alert_received, -1);
}

/* Some of all options, no step. */
static void healthy_scripts_complete(void **state)
{
    (void)state;
    for (unsigned options = 0; options < SCRIPT_OPTIONS; options += options < 256 ? 1 : 5) {
        struct script script;
        struct outcome o;
        script_of_options(&script, (uint16_t)options);
        play_script(&o, &script);
        assert_healthy(&o);
        bool low = script.versions == VERSIONS_12 || script.versions == VERSIONS_LOWER;
        assert_int_equal(o.version, low ? TLS12 : TLS13);
    }
}

static void options_choose_the_suite(void **state)
{
    static const struct {
        const char *text;
        uint16_t suite;
    } choices[] = {
        { "versions 1.2\n", 0xC02B },
        { "versions 1.2\ncipher chacha20\n", 0xCCA9 },
        { "versions 1.2\ncipher cbc\ncredential rsa2048\n", 0xC013 },
        { "versions 1.2\ncipher cbc-mac-first\n", 0xC009 },
        { "versions 1.2\ncredential rsa2048\nexchange rsa\n", 0x009C },
        { "versions 1.2\ncredential rsa2048\nexchange rsa\ncipher cbc\n", 0x002F },
        { "versions 1.2\nexchange rsa\n", 0xC02B }, /* there is no RSA key */
        { "versions 1.3\ncipher chacha20\n", 0x1303 },
        { "versions 1.3\ncipher cbc\n", 0x1301 },
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof choices / sizeof choices[0]; i++) {
        char text[256];
        struct outcome o;
        snprintf(text, sizeof text, "victim %s\n%s", i % 2 == 0 ? "client" : "server",
                 choices[i / 2].text);
        play_text(&o, text);
        assert_healthy(&o);
        assert_int_equal(o.suite, choices[i / 2].suite);
    }
}

/* RFC 7366: the records are of another length, as the MAC is not under the padding. */
static void encrypt_then_mac_is_used_where_the_victim_has_it(void **state)
{
    struct outcome last, first;
    (void)state;
    play_text(&last, "victim server\nversions 1.2\ncipher cbc\n");
    play_text(&first, "victim server\nversions 1.2\ncipher cbc-mac-first\n");
    assert_healthy(&last);
    assert_healthy(&first);
    if (strcmp(victim.name, "boringssl") != 0)
        assert_int_not_equal(last.num_said, first.num_said);
}

/* RFC 8446 section 2.2: no certificate comes, so none is judged. */
static void a_session_is_taken_up_again(void **state)
{
    static const char *const more[] = { "", "retry yes\n", "authentication mutual\n",
                                        "cipher chacha20\nversions both\n" };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof more / sizeof more[0]; i++) {
        char text[256];
        struct outcome o;
        const char *victim_word = i % 2 == 0 ? "client" : "server";
        snprintf(text, sizeof text, "victim %s\nversions 1.3\n%s", victim_word, more[i / 2]);
        play_text(&o, text);
        assert_healthy(&o);
        assert_false(o.resumed);
        strcat(text, "resumption yes\n");
        play_text(&o, text);
        assert_healthy(&o);
        assert_true(o.resumed);
        assert_int_equal(o.signature_scheme, 0);
    }
}

static void the_same_script_gives_the_same_bytes(void **state)
{
    (void)state;
    if (victim.control != NULL && !victim.control->instrumented)
        skip();
    for (unsigned options = 0; options < SCRIPT_OPTIONS; options += 51) {
        struct script script;
        struct outcome first, again;
        script_of_options(&script, (uint16_t)options);
        play_script(&first, &script);
        play_script(&again, &script);
        assert_true(outcome_agrees(&first, &again));
        assert_int_equal(first.hash_said, again.hash_said);
        assert_int_equal(first.hash_heard, again.hash_heard);
    }
}

/* What comes of a script: an alert that the victim sends; or one of these. */
enum { ACCEPTS = -1, WAITS = -2, REFUSES = -3 /* with whichever alert */, TOLD = -4, CUT = -5 };

struct row {
    const char *what;
    const char *text;
    int expected; /* by the RFCs */
    /* What a stack does otherwise, as is known. */
    struct {
        const char *stack;
        int expected;
    } but[2];
};

static bool check_row(const struct row *row)
{
    struct outcome o;
    bool good;
    int expected = row->expected;
    for (size_t i = 0; i < 2; i++)
        if (row->but[i].stack != NULL && strcmp(row->but[i].stack, victim_name) == 0)
            expected = row->but[i].expected;
    play_text(&o, row->text);
    if (expected == ACCEPTS)
        good = o.accepted && o.alert_sent == -1;
    else if (expected == WAITS)
        good = o.waited && !o.accepted;
    else if (expected == REFUSES)
        good = o.ending == ENDING_REFUSED;
    else if (expected == TOLD)
        good = o.ending == ENDING_TOLD;
    else if (expected == CUT)
        good = o.ending == ENDING_TRUNCATED && !o.waited;
    else
        good = o.alert_sent == expected && o.ending == ENDING_REFUSED;
    if (!good) {
        fprintf(stderr, "%s: ", row->what);
        outcome_print(stderr, &o);
    }
    return good;
}

#define CLIENT13 "victim client\nversions 1.3\n"
#define CLIENT12 "victim client\nversions 1.2\n"
#define SERVER13 "victim server\nversions 1.3\n"
#define SERVER12 "victim server\nversions 1.2\n"

/* The partner's messages. A server's in TLS 1.3: 0 server_hello, 1 encrypted_extensions, 2
 * certificate, 3 certificate_verify, 4 finished; in TLS 1.2: 0 server_hello, 1 certificate, 2
 * server_key_exchange, 3 server_hello_done, 4 finished. A client's: 0 client_hello, in TLS 1.2 1
 * client_key_exchange, 2 finished, in TLS 1.3 1 finished. Records: the same, and change_cipher_spec
 * behind the hello (a client's in TLS 1.3: before its finished; in TLS 1.2 likewise). */
static const struct row rows[] = {
    /* edit, patch, splice: inside protection, before the transcript. */
    { "an extension that was not offered, in EncryptedExtensions",
      CLIENT13 "edit 1 offset 2 bytes 12340000",
      ALERT_UNSUPPORTED_EXTENSION,
      { { "openssl", ACCEPTS }, { "gnutls", ACCEPTS } } },
    { "a binder of another hello (RFC 8446 section 6.2)",
      SERVER13 "resumption yes\ncontent 0 offset 10 drop 1 bytes ff",
      ALERT_DECRYPT_ERROR,
      { { "openssl", ALERT_ILLEGAL_PARAMETER }, { "gnutls", ALERT_ILLEGAL_PARAMETER } } },
    { "an identity that was not offered", CLIENT13 "resumption yes\nedit 0 offset 65535 bytes 0000",
      ALERT_DECODE_ERROR },
    { "CBC: a byte of the encrypted Finished that was changed",
      SERVER12 "cipher cbc-mac-first\nwire 3 offset 30 drop 1 bytes ff", ALERT_BAD_RECORD_MAC },
    { "encrypt-then-MAC: likewise", SERVER12 "cipher cbc\nwire 3 offset 30 drop 1 bytes ff",
      ALERT_BAD_RECORD_MAC },
    { "RSA: a premaster secret that does not open shows in the Finished",
      SERVER12 "credential rsa2048\nexchange rsa\nedit 1 offset 20 drop 1 bytes ff",
      ALERT_BAD_RECORD_MAC },
    { "supported_groups may stand there", CLIENT13 "edit 1 offset 2 bytes 000a00040002001d",
      ACCEPTS },
    { "a length that says too much, in EncryptedExtensions",
      CLIENT13 "patch 1 offset 0 drop 2 bytes 0001", ALERT_DECODE_ERROR },
    { "a message that says more than comes", CLIENT13 "splice 4 offset 1 drop 3 bytes 000021",
      WAITS },
    { "another verify_data", CLIENT13 "edit 4 drop 1 bytes 00", ALERT_DECRYPT_ERROR },
    { "another verify_data, TLS 1.2", SERVER12 "edit 2 drop 1 bytes 00", ALERT_DECRYPT_ERROR },
    { "a client's extension that nobody knows is passed over, and is in the transcript",
      SERVER13 "edit 0 offset 1000 bytes 12340000", ACCEPTS },
    { "a client's legacy_session_id of 33 bytes", SERVER13 "edit 0 offset 35 bytes 00", REFUSES },
    { "two key shares in ServerHello",
      CLIENT13 "edit 0 offset 72 bytes 00330024001d0020"
               "fcd09538d09f4d6dba8943282cf52846f5efc0d7471bf4de9343a5fec9201728",
      ALERT_ILLEGAL_PARAMETER,
      { { "gnutls", ACCEPTS } } },
    { "suites that are there many times", SERVER13 "repeat 0 offset 69 drop 2 bytes 28", ACCEPTS },
    /* skip, again, hold, message */
    { "no CertificateVerify", CLIENT13 "skip 3", ALERT_UNEXPECTED_MESSAGE },
    { "no Finished", CLIENT13 "skip 4", WAITS },
    { "no Finished, but application data", SERVER13 "skip 1", ALERT_BAD_RECORD_MAC },
    { "ServerHelloDone twice", CLIENT12 "again 3", ALERT_UNEXPECTED_MESSAGE },
    { "Certificate behind ServerKeyExchange", CLIENT12 "hold 1", ALERT_UNEXPECTED_MESSAGE },
    { "a ServerHelloDone before its time", CLIENT12 "message 2 offset 14",
      ALERT_UNEXPECTED_MESSAGE },
    { "a HelloRequest in the handshake is passed over, but not in the transcript",
      CLIENT12 "message 2 offset 0",
      TOLD,
      { { "boringssl", ALERT_UNEXPECTED_MESSAGE }, { "gnutls", ALERT_UNEXPECTED_MESSAGE } } },
    /* content, retype, record, bulk */
    { "a ServerHello that the transcript does not know",
      CLIENT13 "content 0 offset 6 drop 1 bytes 00", REFUSES },
    { "EncryptedExtensions as application data", CLIENT13 "retype 2 offset 23",
      ALERT_UNEXPECTED_MESSAGE },
    { "a record of an unknown type", CLIENT13 "record connected offset 99 bytes 00",
      ALERT_UNEXPECTED_MESSAGE },
    { "a NewSessionTicket behind the handshake",
      CLIENT13 "record connected offset 22 bytes 0400000f00000e100000000001000001000000", ACCEPTS },
    { "half a NewSessionTicket, and application data",
      CLIENT13 "record connected offset 22 bytes 0400000f00000e10", ALERT_UNEXPECTED_MESSAGE },
    { "half a NewSessionTicket, then a record with nothing in it, which is kept from GnuTLS",
      CLIENT13 "record connected offset 22 bytes 040000100000\nrecord connected offset 22",
      ALERT_UNEXPECTED_MESSAGE },
    { "a fatal alert inside protection", CLIENT13 "record connected offset 21 bytes 0228",
      ACCEPTS },
    { "application data behind padding", CLIENT13 "record connected bytes 70616464656417000000",
      ACCEPTS },
    { "nothing but padding",
      CLIENT13 "record connected bytes 000000",
      ALERT_UNEXPECTED_MESSAGE,
      { { "boringssl", ALERT_DECRYPT_ERROR }, { "gnutls", ALERT_BAD_RECORD_MAC } } },
    { "more than a record may hold", CLIENT13 "bulk connected offset 23 drop 16385", REFUSES },
    { "as much as a record may hold", CLIENT13 "bulk connected offset 23 drop 16384", ACCEPTS },
    /* fragment, coalesce, segment, update: nothing is wrong with them */
    { "small records", CLIENT12 "fragment 0 offset 100", ACCEPTS },
    { "several messages to a record", CLIENT12 "coalesce 0 offset 2", ACCEPTS },
    { "several messages to a record, and a change of keys between", CLIENT13 "coalesce 0 offset 9",
      ACCEPTS },
    { "byte by byte", CLIENT13 "segment 0", ACCEPTS },
    { "KeyUpdate", CLIENT13 "update connected", ACCEPTS },
    { "KeyUpdate, requested, and again", SERVER13 "update connected offset 1 drop 2", ACCEPTS },
    { "KeyUpdate of another kind",
      SERVER13 "update connected offset 2",
      ALERT_ILLEGAL_PARAMETER,
      { { "boringssl", ALERT_DECODE_ERROR } } },
    /* wire, raw, stop, end */
    { "a changed record", CLIENT13 "wire 3 offset 9 drop 1 bytes 00", ALERT_BAD_RECORD_MAC },
    { "a clear alert among what is protected", CLIENT13 "raw 3 bytes 15030300020228", REFUSES },
    { "half a record", CLIENT13 "stop 3 bytes 1703030100", WAITS },
    { "the end of TCP", CLIENT12 "end 2", CUT },
    { "no TLS at all", SERVER13 "stop 0 bytes 474554202f20485454502f312e300d0a0d0a", REFUSES },
};

static void each_step_reaches_the_victim(void **state)
{
    size_t num_wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        num_wrong += !check_row(&rows[i]);
    assert_int_equal(num_wrong, 0);
}

/* What is behind an end of TCP or a stop is not sent; without them it is. */
static void what_was_stopped_is_not_sent(void **state)
{
    struct outcome whole, stopped, ended;
    (void)state;
    play_text(&whole, CLIENT12);
    play_text(&stopped, CLIENT12 "stop 2 bytes 16");
    play_text(&ended, CLIENT12 "end 2");
    assert_true(whole.num_heard > stopped.num_heard);
    assert_int_equal(stopped.num_heard, ended.num_heard + 1);
    assert_int_equal(stopped.ending, ENDING_TRUNCATED);
}

/* Steps that no end may object to, and that must have been there all the same. */
static void what_is_cut_or_joined_is_so_on_the_wire(void **state)
{
    enum { HEADER = 5, OVERHEAD = 16 + 1 }; /* TLS 1.3's: tag and type */
    struct outcome whole, cut, joined, segmented, longer;
    (void)state;
    play_text(&whole, SERVER13);
    play_text(&cut, SERVER13 "fragment 2 offset 12"); /* Finished, of 36 bytes, in three */
    play_text(&segmented, SERVER13 "segment 0");
    assert_int_equal(cut.num_heard, whole.num_heard + 2 * (HEADER + OVERHEAD) +
                                        1 * (HEADER + OVERHEAD)); /* and its word of 18 in two */
    assert_int_equal(segmented.num_heard, whole.num_heard);
    play_text(&longer, SERVER13 "repeat 0 offset 69 drop 2 bytes 28"); /* a suite, 40 times more */
    assert_int_equal(longer.num_heard, whole.num_heard + 2 * 40);
    play_text(&whole, CLIENT13);
    play_text(&joined, CLIENT13 "coalesce 2 offset 2"); /* its four messages as one record */
    /* The signature's length varies by a few bytes; three headers are more. */
    assert_true(joined.num_heard < whole.num_heard - 2 * (HEADER + OVERHEAD));
}

static void a_segment_is_all_that_is_received_at_once(void **state)
{
    uint8_t bytes[8];
    (void)state;
    pipes_reset(3);
    assert_int_equal(pipes_send(PIPE_PARTNER, "12345", 5), 5);
    assert_int_equal(pipes_recv(PIPE_VICTIM, bytes, sizeof bytes), 3);
    assert_int_equal(pipes_recv(PIPE_VICTIM, bytes, sizeof bytes), 2);
    assert_int_equal(pipes_recv(PIPE_VICTIM, bytes, sizeof bytes), -1);
    assert_int_equal(pipes_send(PIPE_VICTIM, "12345", 5), 5);
    assert_int_equal(pipes_recv(PIPE_PARTNER, bytes, sizeof bytes), 5);
    pipes_end(PIPE_PARTNER);
    assert_int_equal(pipes_recv(PIPE_VICTIM, bytes, sizeof bytes), 0);
}

/* Random scripts keep the invariants, and end. */
static void random_scripts_end_and_break_nothing(void **state)
{
    uint64_t seed = 1;
    (void)state;
    for (int round = 0; round < 300; round++) {
        uint8_t input[120];
        struct script script;
        struct outcome o;
        for (size_t i = 0; i < sizeof input; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            input[i] = (seed >> 40 & 3) == 0 ? (uint8_t)(seed >> 56) : (uint8_t)(seed >> 61);
        }
        input[0] = (uint8_t)(seed >> 32);
        script_read(&script, input, sizeof input);
        play_script(&o, &script);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy_scripts_complete),
        cmocka_unit_test(options_choose_the_suite),
        cmocka_unit_test(encrypt_then_mac_is_used_where_the_victim_has_it),
        cmocka_unit_test(a_session_is_taken_up_again),
        cmocka_unit_test(the_same_script_gives_the_same_bytes),
        cmocka_unit_test(each_step_reaches_the_victim),
        cmocka_unit_test(what_was_stopped_is_not_sent),
        cmocka_unit_test(what_is_cut_or_joined_is_so_on_the_wire),
        cmocka_unit_test(a_segment_is_all_that_is_received_at_once),
        cmocka_unit_test(random_scripts_end_and_break_nothing),
    };
    if (argc > 1)
        victim_name = argv[1];
    return cmocka_run_group_tests(tests, open_all, close_all);
}
