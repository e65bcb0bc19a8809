/* TLS out of streams: where it begins, records over segments and gaps, who is who, and what opens
 * under protection. The protected records are sealed here, by libcrypto, as RFC 8446 section 5.2
 * has it. */
#include "captures/tests/packets.h"

#include "captures/cipher.h"
#include "captures/tls_flow.h"
#include "harness/wire/registry.h"

#include <stdio.h>

struct story {
    char text[8192];
    size_t len;
    bool records; /* tell of them too */
};

__attribute__((format(printf, 2, 3))) static void tell(struct story *story, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    story->len +=
        (size_t)vsnprintf(story->text + story->len, sizeof story->text - story->len, format, args);
    va_end(args);
    assert_true(story->len < sizeof story->text);
}

static char arrow(enum role from)
{
    return from == ROLE_CLIENT ? '>' : '<';
}

static void on_record(void *context, const struct tls_record *record)
{
    struct story *story = context;
    bool application = record->content_type == CONTENT_APPLICATION_DATA && record->content != NULL;
    if (story->records)
        tell(story, "%c%d/%d@%d-%d%s%s ", arrow(record->from), record->type,
             (int)record->fragment_len, (int)record->first.packet, (int)record->last.packet,
             record->hurt ? " hurt" : "", record->protection == PROTECTION_OPAQUE ? " opaque" : "");
    else if (record->protection == PROTECTION_OPAQUE)
        tell(story, "%copaque: %s; ", arrow(record->from), record->why);
    else if (application)
        tell(story, "%c'%.*s'+%d ", arrow(record->from), (int)record->content_len,
             (const char *)record->content, (int)record->padding_len);
}

static void on_message(void *context, const struct tls_message *message)
{
    tell(context, "%c%s%s@%d-%d ", arrow(message->from), message->under_protection ? "*" : "",
         handshake_type_name(message->type), (int)message->first.packet, (int)message->last.packet);
}

static void on_alert(void *context, const struct tls_alert *alert)
{
    tell(context, "%c%s%s@%d ", arrow(alert->from), alert->under_protection ? "*" : "",
         alert_text(alert->description), (int)alert->place.packet);
}

static const struct tls_sink sink = { on_record, on_message, on_alert };

/* ---- what is sent ---- */

static uint8_t client_random[32];

static void add_record(struct bytes *out, unsigned type, const void *fragment, size_t len)
{
    add8(out, type);
    add16(out, 0x0303);
    add16(out, (unsigned)len);
    add(out, fragment, len);
}

static void add_message(struct bytes *out, unsigned type, const void *body, size_t len)
{
    add8(out, type);
    add8(out, 0);
    add16(out, (unsigned)len);
    add(out, body, len);
}

/* A record with a hello of TLS 1.3. */
static void add_hello(struct bytes *out, bool client, bool early_data)
{
    struct bytes body = { .len = 0 }, message = { .len = 0 };
    memset(client_random, 7, sizeof client_random);
    add16(&body, 0x0303);
    add(&body, client_random, sizeof client_random);
    add8(&body, 0);
    if (client) {
        add16(&body, 2);
        add16(&body, 0x1301);
        add8(&body, 1);
        add8(&body, 0);
        add16(&body, early_data ? 11 : 7);
        if (early_data)
            add(&body, "\0\x2A\0\0", 4);
        add(&body, "\0\x2B\0\3\2\3\4", 7);
    } else {
        add16(&body, 0x1301);
        add8(&body, 0);
        add16(&body, 6);
        add(&body, "\0\x2B\0\2\3\4", 6);
    }
    add_message(&message, client ? HANDSHAKE_CLIENT_HELLO : HANDSHAKE_SERVER_HELLO, body.data,
                body.len);
    add_record(out, CONTENT_HANDSHAKE, message.data, message.len);
}

/* One direction under one traffic secret, all of whose bytes are `name`. */
struct sealer {
    char name;
    uint64_t seq;
    uint8_t secret[32];
    bool begun;
};

static void begin(struct sealer *sealer)
{
    if (!sealer->begun)
        memset(sealer->secret, sealer->name, sizeof sealer->secret);
    sealer->begun = true;
}

static void add_sealed(struct bytes *out, struct sealer *sealer, unsigned type, const void *content,
                       size_t len, size_t padding)
{
    uint8_t key[16], nonce[12], tag[16], header[5], text[1024] = { 0 };
    int got;
    begin(sealer);
    assert_true(tls13_expand_label(key, 16, "SHA256", sealer->secret, 32, "key"));
    assert_true(tls13_expand_label(nonce, 12, "SHA256", sealer->secret, 32, "iv"));
    nonce[11] ^= (uint8_t)sealer->seq++;
    memcpy(text, content, len);
    text[len] = (uint8_t)type;
    size_t inner = len + 1 + padding;
    struct bytes head = { .len = 0 };
    add8(&head, CONTENT_APPLICATION_DATA);
    add16(&head, 0x0303);
    add16(&head, (unsigned)(inner + 16));
    memcpy(header, head.data, 5);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), NULL, key, nonce), 1);
    assert_int_equal(EVP_EncryptUpdate(context, NULL, &got, header, 5), 1);
    assert_int_equal(EVP_EncryptUpdate(context, text, &got, text, (int)inner), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, text + inner, &got), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag), 1);
    EVP_CIPHER_CTX_free(context);
    add(out, header, 5);
    add(out, text, inner);
    add(out, tag, 16);
}

static void add_sealed_message(struct bytes *out, struct sealer *sealer, unsigned type)
{
    struct bytes message = { .len = 0 };
    add_message(&message, type, "x", 1);
    add_sealed(out, sealer, CONTENT_HANDSHAKE, message.data, message.len, 0);
}

static void update(struct sealer *sealer)
{
    uint8_t next[32];
    assert_true(tls13_expand_label(next, 32, "SHA256", sealer->secret, 32, "traffic upd"));
    memcpy(sealer->secret, next, 32);
    sealer->seq = 0;
}

/* Secrets: e early, c and s handshake, C and S traffic. */
static struct keylog *keys_of(const char *names)
{
    static const char *const labels[128] = {
        ['e'] = "CLIENT_EARLY_TRAFFIC_SECRET",     ['c'] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        ['s'] = "SERVER_HANDSHAKE_TRAFFIC_SECRET", ['C'] = "CLIENT_TRAFFIC_SECRET_0",
        ['S'] = "SERVER_TRAFFIC_SECRET_0",
    };
    struct keylog *keylog = keylog_new();
    for (; *names != '\0'; names++) {
        char line[256];
        size_t len = (size_t)snprintf(line, sizeof line, "%s ", labels[(int)*names]);
        for (int i = 0; i < 32; i++)
            len += (size_t)snprintf(line + len, sizeof line - len, "07");
        line[len++] = ' ';
        for (int i = 0; i < 32; i++)
            len += (size_t)snprintf(line + len, sizeof line - len, "%02x", *names);
        assert_int_equal(keylog_add(keylog, line, len, NULL), 1);
    }
    return keylog;
}

/* ---- how it arrives ---- */

struct trial {
    struct story story;
    struct keylog *keys;
    struct tls_flow *flow;
    uint64_t packet;
};

static void start(struct trial *trial, const char *keys)
{
    *trial = (struct trial){ .keys = keys_of(keys) };
    trial->flow = tls_flow_new(trial->keys, &sink, &trial->story);
    assert_non_null(trial->flow);
}

static void finish(struct trial *trial)
{
    tls_flow_finish(trial->flow);
    tls_flow_free(trial->flow);
    keylog_free(trial->keys);
}

static void send_text(struct trial *trial, enum role from, const char *text)
{
    struct place place = { ++trial->packet, 0 };
    tls_flow_data(trial->flow, from, (const uint8_t *)text, strlen(text), place);
}

/* All in one segment; `out` is empty afterwards. */
static void send_all(struct trial *trial, enum role from, struct bytes *out)
{
    struct place place = { ++trial->packet, 0 };
    tls_flow_data(trial->flow, from, out->data, out->len, place);
    out->len = 0;
}

static void send_each_byte(struct trial *trial, enum role from, struct bytes *out)
{
    for (size_t i = 0; i < out->len; i++)
        tls_flow_data(trial->flow, from, out->data + i, 1, (struct place){ ++trial->packet, 0 });
    out->len = 0;
}

static void send_hellos(struct trial *trial)
{
    struct bytes out = { .len = 0 };
    add_hello(&out, true, false);
    send_all(trial, ROLE_CLIENT, &out);
    add_hello(&out, false, false);
    send_all(trial, ROLE_SERVER, &out);
}

#define HELLOS ">client_hello@1-1 <server_hello@2-2 "

/* ---- in clear ---- */

static void a_message_knows_its_packets_over_any_cut(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    add_hello(&out, true, false);
    size_t len = out.len;
    char expected[64];
    snprintf(expected, sizeof expected, ">client_hello@1-%d ", (int)len);
    send_each_byte(&trial, ROLE_CLIENT, &out);
    assert_string_equal(trial.story.text, expected);
    assert_true(tls_flow_state(trial.flow)->has_client_hello);
    finish(&trial);
}

static void a_message_may_come_in_records_of_a_byte(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 }, records = { .len = 0 };
    (void)state;
    start(&trial, "");
    add_hello(&out, true, false);
    for (size_t i = 5; i < out.len; i++)
        add_record(&records, CONTENT_HANDSHAKE, out.data + i, 1);
    send_all(&trial, ROLE_CLIENT, &records);
    assert_string_equal(trial.story.text, ">client_hello@1-1 ");
    add_record(&records, CONTENT_ALERT, "\2", 1);
    send_all(&trial, ROLE_SERVER, &records);
    add_record(&records, CONTENT_ALERT, "\x28", 1);
    send_all(&trial, ROLE_SERVER, &records);
    assert_string_equal(trial.story.text, ">client_hello@1-1 <handshake_failure@3 ");
    finish(&trial);
}

static void a_compressed_certificate_is_a_certificate(void **state)
{
    static const char two_bytes[] = "\x19\0\0\x12\0\1\0\0\2\0\0\12\x78\x9C\x63\x60\0\0\0\2\0\1";
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state, start(&trial, "s"), send_hellos(&trial);
    add_sealed(&out, &(struct sealer){ .name = 's' }, CONTENT_HANDSHAKE, two_bytes, 22, 0);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text, HELLOS "<*certificate@3-3 ");
}

static void a_dialogue_before_tls_is_passed_over(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    send_text(&trial, ROLE_SERVER, "220 mail.example ESMTP\r\n");
    send_text(&trial, ROLE_CLIENT, "STARTTLS\r\n");
    send_text(&trial, ROLE_SERVER, "220 go ahead\r\n");
    add_hello(&out, true, false);
    send_all(&trial, ROLE_CLIENT, &out);
    add_record(&out, CONTENT_ALERT, "\2\x46", 2);
    send_all(&trial, ROLE_SERVER, &out);
    assert_string_equal(trial.story.text, ">client_hello@4-4 <protocol_version@5 ");
    const struct tls_state *seen = tls_flow_state(trial.flow);
    assert_int_equal(seen->preamble_len[ROLE_SERVER], 38);
    assert_memory_equal(seen->preamble[ROLE_SERVER], "220 mail.example ESMTP\r\n220 go", 30);
    assert_memory_equal(seen->preamble[ROLE_CLIENT], "STARTTLS\r\n", 10);
    finish(&trial);
}

/* PROXY protocol: in one segment with the hello. */
static void a_hello_is_found_within_a_segment_too(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    for (int each_byte = 0; each_byte < 2; each_byte++) {
        start(&trial, "");
        add(&out, "PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", 32);
        add_hello(&out, true, false);
        (each_byte ? send_each_byte : send_all)(&trial, ROLE_CLIENT, &out);
        assert_true(tls_flow_state(trial.flow)->has_client_hello);
        assert_int_equal(tls_flow_state(trial.flow)->preamble_len[ROLE_CLIENT], 32);
        finish(&trial);
    }
}

static void what_is_no_tls_is_said_to_be_none(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    send_text(&trial, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    send_text(&trial, ROLE_SERVER, "HTTP/1.1 200 OK\r\n\r\n");
    assert_false(tls_flow_state(trial.flow)->is_tls);
    for (int i = 0; i < 200; i++) { /* past the bound of the search */
        memset(out.data, 'x', 1000);
        out.len = 1000;
        send_all(&trial, ROLE_SERVER, &out);
    }
    add_hello(&out, false, false);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text, "");
}

static void hellos_show_who_is_who(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    add_hello(&out, true, false);
    send_all(&trial, ROLE_SERVER, &out); /* as the flow has it */
    add_hello(&out, false, false);
    send_all(&trial, ROLE_CLIENT, &out);
    add_record(&out, CONTENT_ALERT, "\2\x32", 2);
    send_all(&trial, ROLE_SERVER, &out);
    assert_string_equal(trial.story.text, HELLOS ">decode_error@3 ");
    assert_true(tls_flow_state(trial.flow)->roles_swapped);
    finish(&trial);
}

static void a_hello_of_sslv2_is_recognised(void **state)
{
    static const uint8_t hello[] = { 0x80, 0x2C, 1, 3, 1, 0, 3, 0, 0, 0, 32, 0, 0, 0x2F };
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    add(&out, hello, sizeof hello);
    for (unsigned i = 0; i < 32; i++)
        add8(&out, i);
    send_all(&trial, ROLE_CLIENT, &out);
    const struct tls_state *seen = tls_flow_state(trial.flow);
    assert_true(seen->sslv2_hello);
    assert_true(seen->has_client_hello);
    assert_int_equal(seen->client_random[31], 31);
    finish(&trial);
}

/* ---- gaps ---- */

static void a_gap_within_a_record_hurts_that_record_only(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    trial.story.records = true;
    send_hellos(&trial);
    trial.story.len = 0;
    add8(&out, CONTENT_APPLICATION_DATA);
    add16(&out, 0x0303);
    add16(&out, 5000);
    add(&out, "abc", 3);
    send_all(&trial, ROLE_SERVER, &out);
    tls_flow_gap(trial.flow, ROLE_SERVER, 4990, (struct place){ ++trial.packet, 0 });
    add(&out, "1234567", 7);
    add_record(&out, CONTENT_ALERT, "\2\x28", 2);
    send_all(&trial, ROLE_SERVER, &out);
    assert_string_equal(trial.story.text,
                        "<23/5000@3-5 hurt opaque <21/2@5-5 <handshake_failure@5 ");
    finish(&trial);
}

static void behind_a_longer_gap_a_segment_that_begins_like_a_record_is_one(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    (void)state;
    start(&trial, "");
    trial.story.records = true;
    send_hellos(&trial);
    trial.story.len = 0;
    add8(&out, CONTENT_APPLICATION_DATA);
    add16(&out, 0x0303);
    add16(&out, 10);
    send_all(&trial, ROLE_SERVER, &out);
    tls_flow_gap(trial.flow, ROLE_SERVER, 100, (struct place){ ++trial.packet, 0 });
    assert_true(tls_flow_state(trial.flow)->lost[ROLE_SERVER]);
    send_text(&trial, ROLE_SERVER, "the middle of something");
    add_record(&out, CONTENT_ALERT, "\2\x28", 2);
    send_all(&trial, ROLE_SERVER, &out);
    assert_string_equal(trial.story.text, "<23/10@3-4 hurt opaque <21/2@6-6 <handshake_failure@6 ");
    assert_false(tls_flow_state(trial.flow)->lost[ROLE_SERVER]);
    finish(&trial);
}

static void an_incomplete_record_is_told(void **state)
{
    struct trial trial;
    (void)state;
    start(&trial, "");
    send_text(&trial, ROLE_CLIENT, "\x16\3\1\1\1half");
    assert_int_equal(tls_flow_state(trial.flow)->waiting[ROLE_CLIENT], 9);
    finish(&trial);
}

/* ---- under protection ---- */

static void a_handshake_opens_to_its_end(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    struct sealer s = { .name = 's' }, c = { .name = 'c' }, S = { .name = 'S' },
                  C = { .name = 'C' };
    (void)state;
    start(&trial, "csCS");
    send_hellos(&trial);
    add_record(&out, CONTENT_CHANGE_CIPHER_SPEC, "\1", 1);
    add_sealed_message(&out, &s, HANDSHAKE_ENCRYPTED_EXTENSIONS);
    add_sealed_message(&out, &s, HANDSHAKE_FINISHED);
    send_all(&trial, ROLE_SERVER, &out);
    add_record(&out, CONTENT_CHANGE_CIPHER_SPEC, "\1", 1);
    add_sealed_message(&out, &c, HANDSHAKE_FINISHED);
    add_sealed(&out, &C, CONTENT_APPLICATION_DATA, "ping", 4, 3);
    add_sealed_message(&out, &C, HANDSHAKE_KEY_UPDATE);
    update(&C);
    add_sealed(&out, &C, CONTENT_APPLICATION_DATA, "more", 4, 0);
    add_sealed(&out, &C, CONTENT_ALERT, "\1\0", 2, 0);
    send_all(&trial, ROLE_CLIENT, &out);
    add_sealed(&out, &S, CONTENT_ALERT, "\2\x74", 2, 0);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text,
                        HELLOS "<*encrypted_extensions@3-3 <*finished@3-3 >*finished@4-4 "
                               ">'ping'+3 >*key_update@4-4 >'more'+0 >*close_notify@4 "
                               "<*certificate_required@5 ");
}

static void without_keys_it_is_opaque_and_says_why(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    struct sealer s = { .name = 's' };
    (void)state;
    start(&trial, "cC");
    send_hellos(&trial);
    add_sealed_message(&out, &s, HANDSHAKE_ENCRYPTED_EXTENSIONS);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text, HELLOS "<opaque: the key log has no secret of it; ");
}

static void a_changed_record_is_opaque_and_the_next_opens(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    struct sealer s = { .name = 's' };
    (void)state;
    start(&trial, "csCS");
    send_hellos(&trial);
    add_sealed(&out, &s, CONTENT_APPLICATION_DATA, "one", 3, 0);
    out.data[7] ^= 1;
    add_sealed(&out, &s, CONTENT_APPLICATION_DATA, "two", 3, 0);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text,
                        HELLOS "<opaque: the record does not authenticate under the keys of the "
                               "key log; <'two'+0 ");
}

static void behind_a_gap_the_sequence_number_is_found(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 }, lost = { .len = 0 };
    struct sealer s = { .name = 's' }, S = { .name = 'S' };
    (void)state;
    start(&trial, "csCS");
    send_hellos(&trial);
    add_sealed(&lost, &s, CONTENT_APPLICATION_DATA, "lost", 4, 0);
    add_sealed(&lost, &s, CONTENT_APPLICATION_DATA, "lost", 4, 0);
    tls_flow_gap(trial.flow, ROLE_SERVER, lost.len, (struct place){ 3, 0 });
    add_sealed(&out, &s, CONTENT_APPLICATION_DATA, "found", 5, 0);
    send_all(&trial, ROLE_SERVER, &out);
    add_sealed(&lost, &S, CONTENT_APPLICATION_DATA, "lost", 4, 0); /* and the Finished before it */
    tls_flow_gap(trial.flow, ROLE_SERVER, lost.len, (struct place){ 3, 0 });
    add_sealed(&out, &S, CONTENT_APPLICATION_DATA, "too", 3, 0);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text, HELLOS "<'found'+0 <'too'+0 ");
}

static void early_data_opens_and_refused_early_data_does_not_matter(void **state)
{
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        struct trial trial;
        struct bytes out = { .len = 0 };
        struct sealer e = { .name = 'e' }, c = { .name = 'c' };
        start(&trial, refused ? "csCS" : "ecsCS");
        add_hello(&out, true, true);
        add_record(&out, CONTENT_CHANGE_CIPHER_SPEC, "\1", 1);
        add_sealed(&out, &e, CONTENT_APPLICATION_DATA, "early", 5, 0);
        send_all(&trial, ROLE_CLIENT, &out);
        add_hello(&out, false, false);
        send_all(&trial, ROLE_SERVER, &out);
        if (!refused)
            add_sealed_message(&out, &e, HANDSHAKE_END_OF_EARLY_DATA);
        add_sealed_message(&out, &c, HANDSHAKE_FINISHED);
        send_all(&trial, ROLE_CLIENT, &out);
        finish(&trial);
        assert_string_equal(trial.story.text,
                            refused ? HELLOS
                                ">opaque: the key log has no secret of it; >*finished@3-3 "
                                    : HELLOS ">'early'+0 >*end_of_early_data@3-3 >*finished@3-3 ");
    }
}

/* Two points of capture whose packets are not in order. */
static void records_before_their_hello_wait_for_it(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    struct sealer s = { .name = 's' }, c = { .name = 'c' };
    (void)state;
    start(&trial, "csCS");
    add_hello(&out, false, false);
    add_sealed_message(&out, &s, HANDSHAKE_FINISHED);
    struct bytes hello = { .len = 0 };
    add_hello(&hello, true, false);
    send_all(&trial, ROLE_CLIENT, &hello);
    add_sealed_message(&hello, &c, HANDSHAKE_FINISHED);
    send_all(&trial, ROLE_CLIENT, &hello);
    assert_string_equal(trial.story.text, ">client_hello@1-1 ");
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text,
                        ">client_hello@1-1 <server_hello@3-3 >*finished@2-2 <*finished@3-3 ");
}

static void a_connection_seen_from_its_middle_is_opaque(void **state)
{
    struct trial trial;
    struct bytes out = { .len = 0 };
    struct sealer s = { .name = 'S' };
    (void)state;
    start(&trial, "csCS");
    add_sealed(&out, &s, CONTENT_APPLICATION_DATA, "data", 4, 0);
    send_all(&trial, ROLE_SERVER, &out);
    add_record(&out, CONTENT_CHANGE_CIPHER_SPEC, "\1", 1);
    add_record(&out, CONTENT_HANDSHAKE, "0123456789012345", 16);
    send_all(&trial, ROLE_SERVER, &out);
    finish(&trial);
    assert_string_equal(trial.story.text,
                        "<opaque: the hellos that it depends on are not in the capture; "
                        "<opaque: the hellos that it depends on are not in the capture; ");
}

/* Any byte changed, any piece missing: no crash, and nothing that was sealed opens as other. */
static void no_changed_byte_leads_astray(void **state)
{
    struct bytes client = { .len = 0 }, server = { .len = 0 };
    struct sealer s = { .name = 's' }, c = { .name = 'c' };
    (void)state;
    add_hello(&client, true, false);
    add_sealed_message(&client, &c, HANDSHAKE_FINISHED);
    add_hello(&server, false, false);
    add_sealed(&server, &s, CONTENT_APPLICATION_DATA, "data", 4, 0);
    for (size_t at = 0; at < server.len; at++)
        for (int way = 0; way < 3; way++) {
            struct trial trial;
            struct bytes out = server;
            start(&trial, "csCS");
            tls_flow_data(trial.flow, ROLE_CLIENT, client.data, client.len, (struct place){ 1, 0 });
            out.data[at] ^= way == 0 ? 0xFF : 1;
            tls_flow_data(trial.flow, ROLE_SERVER, out.data, at, (struct place){ 2, 0 });
            if (way == 2)
                tls_flow_gap(trial.flow, ROLE_SERVER, 1, (struct place){ 3, 0 });
            size_t from = at + (way == 2);
            tls_flow_data(trial.flow, ROLE_SERVER, out.data + from, out.len - from,
                          (struct place){ 3, 0 });
            finish(&trial);
            char *data = strstr(trial.story.text, "<'");
            assert_true(data == NULL || strstr(data, "<'data'+0") == data);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_knows_its_packets_over_any_cut),
        cmocka_unit_test(a_message_may_come_in_records_of_a_byte),
        cmocka_unit_test(a_compressed_certificate_is_a_certificate),
        cmocka_unit_test(a_dialogue_before_tls_is_passed_over),
        cmocka_unit_test(a_hello_is_found_within_a_segment_too),
        cmocka_unit_test(what_is_no_tls_is_said_to_be_none),
        cmocka_unit_test(hellos_show_who_is_who),
        cmocka_unit_test(a_hello_of_sslv2_is_recognised),
        cmocka_unit_test(a_gap_within_a_record_hurts_that_record_only),
        cmocka_unit_test(behind_a_longer_gap_a_segment_that_begins_like_a_record_is_one),
        cmocka_unit_test(an_incomplete_record_is_told),
        cmocka_unit_test(a_handshake_opens_to_its_end),
        cmocka_unit_test(without_keys_it_is_opaque_and_says_why),
        cmocka_unit_test(a_changed_record_is_opaque_and_the_next_opens),
        cmocka_unit_test(behind_a_gap_the_sequence_number_is_found),
        cmocka_unit_test(early_data_opens_and_refused_early_data_does_not_matter),
        cmocka_unit_test(records_before_their_hello_wait_for_it),
        cmocka_unit_test(a_connection_seen_from_its_middle_is_opaque),
        cmocka_unit_test(no_changed_byte_leads_astray),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
