/* Attacks on the ClientHello: offers taken away, added, put into another order; and bad form. Where
 * a client does not make an offer, the attack puts one in: the transcripts differ all the same, and
 * there is no stack on which it would change nothing. */
#include "matrix/relay/attacks_parts.h"

#include <string.h>

/* ---- offers ---- */

static void strip_renegotiation_info(struct hello *hello, const struct tamper *tamper)
{
    bool had = hello_has_renegotiation_info(hello);
    (void)tamper;
    hello_remove_extension(hello, EXTENSION_RENEGOTIATION_INFO);
    hello_remove_suite(hello, SCSV_EMPTY_RENEGOTIATION_INFO);
    if (!had && hello->num_suites < HELLO_SUITES_MAX)
        hello->suites[hello->num_suites++] = SCSV_EMPTY_RENEGOTIATION_INFO;
}

static void reverse(uint16_t values[], size_t num_values)
{
    for (size_t i = 0; i < num_values / 2; i++) {
        uint16_t value = values[i];
        values[i] = values[num_values - 1 - i];
        values[num_values - 1 - i] = value;
    }
}

/* A list of one cannot change its order: it gets a second entry that must be ignored (RFC 8701). */
static void reverse_suites(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    if (hello->num_suites == 1)
        hello->suites[hello->num_suites++] = 0x0A0A;
    reverse(hello->suites, hello->num_suites);
}

static bool is_signal(uint16_t suite)
{
    return suite == SCSV_EMPTY_RENEGOTIATION_INFO || suite == SCSV_FALLBACK;
}

/* All but the last suite that is one, and what only signals: the client's least wish. */
static void keep_last_suite(struct hello *hello, const struct tamper *tamper)
{
    uint16_t last = 0;
    size_t num_kept = 1;
    (void)tamper;
    for (size_t i = 0; i < hello->num_suites; i++)
        if (suite_by_id(hello->suites[i]) != NULL)
            last = hello->suites[i];
    for (size_t i = 1; i < hello->num_suites; i++)
        if (is_signal(hello->suites[i]))
            hello->suites[num_kept++] = hello->suites[i];
    hello->suites[0] = last;
    hello->num_suites = num_kept;
}

/* The list in extension `value`, behind a length of two bytes. */
static void reverse_list(struct hello *hello, const struct tamper *tamper)
{
    uint16_t list[HELLO_LIST_MAX];
    struct extension *extension = hello_extension(hello, (uint16_t)tamper->step->value);
    if (extension == NULL)
        return;
    size_t num = extension_list(list, extension, 2);
    if (num == 1)
        list[num++] = 0x0A0A;
    reverse(list, num);
    extension_set_list(extension, list, num, 2);
}

/* RFC 8446 section 4.2.8: a client may send no share, to ask for a HelloRetryRequest. */
static void empty_key_shares(struct hello *hello, const struct tamper *tamper)
{
    static const uint8_t no_shares[] = { 0, 0 };
    struct extension *shares = hello_extension(hello, EXTENSION_KEY_SHARE);
    (void)tamper;
    if (shares != NULL)
        extension_set(shares, no_shares, sizeof no_shares);
}

/* One that every server recognises: of one that it does not it ignores both. Which comes first is
 * the client's choice, anew each time if it likes. */
static void repeat_known_extension(struct hello *hello, const struct tamper *tamper)
{
    static const uint16_t known[] = { EXTENSION_SIGNATURE_ALGORITHMS, EXTENSION_SUPPORTED_GROUPS,
                                      EXTENSION_SERVER_NAME, EXTENSION_RENEGOTIATION_INFO };
    (void)tamper;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct extension *extension = hello_extension(hello, known[i]);
        if (extension == NULL)
            continue;
        hello_add_extension(hello, known[i], extension->body.data, extension->body.len);
        return;
    }
}

/* legacy_compression_methods becomes `data`. */
static void set_compressions(struct hello *hello, const struct tamper *tamper)
{
    hello->num_compressions = tamper->step->data_len;
    memcpy(hello->compressions, tamper->step->data, tamper->step->data_len);
}

static HELLO_ACTION(strip_renegotiation_info) static HELLO_ACTION(reverse_suites) static HELLO_ACTION(keep_last_suite) static HELLO_ACTION(
    reverse_list) static HELLO_ACTION(empty_key_shares) static HELLO_ACTION(repeat_known_extension) static HELLO_ACTION(set_compressions)

    /* ---- what must happen ---- */

    /* Before TLS 1.3 either end may refuse one that does not have it (RFC 5746 sections 3.4 and
     * 3.6), and a client a server that answers to what it did not ask. */
    static const struct attack_expectation renegotiation_info_gone[] = {
        { IN_TLS13, when_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR)) },
        { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
        { BEFORE_TLS13, NULL, ATTACK_REFUSED,
          ENDS(REFUSES(ALERT_HANDSHAKE_FAILURE, ALERT_UNSUPPORTED_EXTENSION),
               REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE)) },
        { 0 },
    };

/* An answer to an offer that the client did not make (RFC 5246 section 7.4.1.4). An end may want
 * nothing to do with one that has no extended master secret (RFC 7627 sections 5.2 and 5.3). */
static const struct attack_expectation flag_toggled[] = {
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_UNSUPPORTED_EXTENSION, ALERT_HANDSHAKE_FAILURE),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE)) },
    { 0 },
};

/* What is left may not be to the server's liking (RFC 8446 section 4.1.1). */
static const struct attack_expectation one_suite_left[] = {
    { IN_TLS13, when_psk, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_HANDSHAKE_FAILURE,
                            ALERT_INSUFFICIENT_SECURITY, ALERT_UNKNOWN_PSK_IDENTITY)) },
    { IN_TLS13, when_any_suite, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_BAD_RECORD_MAC),
           REFUSES(ALERT_HANDSHAKE_FAILURE, ALERT_INSUFFICIENT_SECURITY)) },
    { BEFORE_TLS13, when_any_suite, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE,
                            ALERT_INSUFFICIENT_SECURITY)) },
    { 0 },
};

/* A server may choose the suite first, and has no use for a PSK of another hash then (RFC 8446
 * section 4.2.11). */
static const struct attack_expectation suites_reversed[] = {
    { IN_TLS13, when_psk, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_HANDSHAKE_FAILURE,
                            ALERT_INSUFFICIENT_SECURITY, ALERT_UNKNOWN_PSK_IDENTITY)) },
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

/* A name that the server does not know, where there was none (RFC 6066 section 3). */
static const struct attack_expectation name_toggled[] = {
    { IN_TLS13, when_psk, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_UNRECOGNIZED_NAME)) },
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_BAD_RECORD_MAC), REFUSES(ALERT_UNRECOGNIZED_NAME)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_UNRECOGNIZED_NAME)) },
    { 0 },
};

/* TLS 1.3: missing_extension (RFC 8446 section 9.2). Before: the server may choose any curve (RFC
 * 4492 section 4), and one that the client does not have is illegal. */
static const struct attack_expectation groups_gone[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_MISSING_EXTENSION)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_HANDSHAKE_FAILURE),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE)) },
    { 0 },
};

/* Before: the server is to take SHA-1 for the client's wish (RFC 5246 section 7.4.1.4.1), which it
 * may be unable to grant, and the client has not wished. */
static const struct attack_expectation schemes_gone[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_MISSING_EXTENSION)) },
    { IN_TLS12, when_ephemeral, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_DECRYPT_ERROR, ALERT_HANDSHAKE_FAILURE),
           REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC, ALERT_HANDSHAKE_FAILURE)) },
    { 0 },
};

static const struct attack_expectation schemes_reversed[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { IN_TLS12, when_ephemeral, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* The key shares are in the old order still, for which a server may look (RFC 8446 section 4.2.8).
 */
static const struct attack_expectation groups_reversed[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_BAD_RECORD_MAC), REFUSES(ALERT_ILLEGAL_PARAMETER)) },
    { BEFORE_TLS13, when_curve, ATTACK_REFUSED,
      ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

/* The server asks for a share of the group that it likes best. Either the client has sent that
 * already (RFC 8446 section 4.2.8, illegal_parameter), or the transcripts differ. */
static const struct attack_expectation shares_gone[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { 0 },
};

static const struct attack_expectation key_share_gone[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_MISSING_EXTENSION)) },
    { 0 },
};

/* The randoms go into what ServerKeyExchange signs, and into the keys (RFC 5246 sections 7.4.3 and
 * 8.1). */
static const struct attack_expectation random_flipped[] = {
    { IN_TLS13, when_psk, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_DECRYPT_ERROR)) },
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(REFUSES(ALERT_BAD_RECORD_MAC), FOLLOWS) },
    { BEFORE_TLS13, when_key_exchange_is_signed, ATTACK_REFUSED,
      ENDS(REFUSES(ALERT_DECRYPT_ERROR), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

/* RFC 8446 section 4.1.3: an echo that does not match is an illegal_parameter. */
static const struct attack_expectation session_id_changed[] = {
    { IN_TLS13, when_no_psk, ATTACK_REFUSED, ENDS(REFUSES(ALERT_ILLEGAL_PARAMETER), FOLLOWS) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

/* RFC 8446 section 4.1.2; RFC 5246 section 7.4.1.2 knows other methods than null. */
static const struct attack_expectation compression_offered[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_ILLEGAL_PARAMETER)) },
    TRANSCRIPT_BEFORE_TLS13,
    { 0 },
};

/* Before TLS 1.3 a client MUST offer null; no text says what to answer to one that does not. */
static const struct attack_expectation null_not_offered[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED, ENDS(FOLLOWS, REFUSES(ALERT_ILLEGAL_PARAMETER)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_HANDSHAKE_FAILURE)) },
    { 0 },
};

/* MUST NOT be (RFC 8446 section 4.2, RFC 5246 section 7.4.1.4); the alert is free. TLS 1.2 does not
 * say that a server looks for it: who does not is saved by the transcript. */
static const struct attack_expectation extension_twice[] = {
    { IN_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_UNSUPPORTED_EXTENSION)) },
    { BEFORE_TLS13, NULL, ATTACK_REFUSED,
      ENDS(FOLLOWS,
           REFUSES(ALERT_ILLEGAL_PARAMETER, ALERT_DECODE_ERROR, ALERT_UNSUPPORTED_EXTENSION,
                   ALERT_HANDSHAKE_FAILURE, ALERT_DECRYPT_ERROR, ALERT_BAD_RECORD_MAC)) },
    { 0 },
};

#define TRANSCRIPT_TEXT "RFC 8446 sections 4.4.1 and 5.2; RFC 5246 section 7.4.9"

static const struct attack rows[] = {
    { .name = "strip-suites",
      .text = "All suites but the client's least wish are taken out of the ClientHello.",
      .references = "RFC 8446 sections 4.1.1 and 5.2; RFC 5246 sections 7.4.1.3 and 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_keep_last_suite } },
      .min_suites = 2,
      .expectations = one_suite_left },
    { .name = "reorder-suites",
      .text = "The suites in the ClientHello come in the reverse order.",
      .references = TRANSCRIPT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_reverse_suites } },
      .expectations = suites_reversed },
    { .name = "strip-groups",
      .text = "supported_groups is taken out of the ClientHello, or put in where it is not.",
      .references = "RFC 8446 section 9.2; RFC 4492 sections 4 and 5.4; RFC 5246 section 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_toggle_extension, .value = EXTENSION_SUPPORTED_GROUPS,
                   RECORD_BYTES(0, 2, 0, 0x17) } },
      .expectations = groups_gone },
    { .name = "reorder-groups",
      .text = "The groups in the ClientHello come in the reverse order.",
      .references = TRANSCRIPT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_reverse_list, .value = EXTENSION_SUPPORTED_GROUPS } },
      .expectations = groups_reversed },
    { .name = "strip-key-shares",
      .text = "The key shares are taken out of the ClientHello, so that the server asks for one "
              "with a HelloRetryRequest.",
      .references = "RFC 8446 sections 4.1.4 and 4.2.8",
      .steps = { { AT_CLIENT_HELLO, act_empty_key_shares } },
      .expectations = shares_gone },
    { .name = "strip-key-share-extension",
      .text = "key_share is taken out of the ClientHello altogether.",
      .references = "RFC 8446 section 9.2",
      .steps = { { AT_CLIENT_HELLO, act_strip_extension, .value = EXTENSION_KEY_SHARE } },
      .expectations = key_share_gone },
    { .name = "strip-signature-algorithms",
      .text = "signature_algorithms is taken out of the ClientHello.",
      .references = "RFC 8446 section 9.2; RFC 5246 section 7.4.1.4.1",
      .steps = { { AT_CLIENT_HELLO, act_strip_extension,
                   .value = EXTENSION_SIGNATURE_ALGORITHMS } },
      .expectations = schemes_gone },
    { .name = "reorder-signature-algorithms",
      .text = "The signature schemes in the ClientHello come in the reverse order.",
      .references = TRANSCRIPT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_reverse_list, .value = EXTENSION_SIGNATURE_ALGORITHMS } },
      .expectations = schemes_reversed },
    { .name = "strip-alpn",
      .text = "ALPN is taken out of the ClientHello, or put in where it is not.",
      .references = "RFC 7301 section 3.1; " TRANSCRIPT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_toggle_extension, .value = EXTENSION_ALPN,
                   RECORD_BYTES(0, 3, 2, 'h', '2') } },
      .expectations = transcript_differs },
    { .name = "strip-sni",
      .text = "server_name is taken out of the ClientHello, or put in where it is not.",
      .references = "RFC 6066 section 3; " TRANSCRIPT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_toggle_extension, .value = EXTENSION_SERVER_NAME,
                   RECORD_BYTES(0, 6, 0, 0, 3, 'a', '.', 'b') } },
      .expectations = name_toggled },
    { .name = "strip-extended-master-secret",
      .text = "extended_master_secret is taken out of the ClientHello, or put in where it is not.",
      .references = "RFC 7627 sections 5.1 to 5.3; RFC 5246 section 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_toggle_extension,
                   .value = EXTENSION_EXTENDED_MASTER_SECRET } },
      .expectations = flag_toggled },
    { .name = "strip-encrypt-then-mac",
      .text = "encrypt_then_mac is taken out of the ClientHello, or put in where it is not.",
      .references = "RFC 7366 sections 2 and 3; RFC 5246 sections 7.4.1.4 and 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_toggle_extension, .value = EXTENSION_ENCRYPT_THEN_MAC } },
      .expectations = flag_toggled },
    { .name = "strip-renegotiation-info",
      .text = "renegotiation_info and the suite that stands for it are taken out of the "
              "ClientHello, or the suite put in where neither is.",
      .references = "RFC 5746 section 3.4; RFC 5246 section 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_strip_renegotiation_info } },
      .expectations = renegotiation_info_gone },
    { .name = "add-grease-extension",
      .text = "An extension that must be ignored is put into the ClientHello.",
      .references = "RFC 8701 section 3; " TRANSCRIPT_TEXT,
      .steps = { { AT_CLIENT_HELLO, act_add_extension, .value = 0x3A3A } },
      .expectations = transcript_differs },
    { .name = "change-client-session-id",
      .text = "legacy_session_id of the ClientHello is changed.",
      .references = "RFC 8446 section 4.1.3; RFC 5246 section 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_change_session_id } },
      .expectations = session_id_changed },
    { .name = "offer-compression",
      .text = "The ClientHello is made to offer DEFLATE beside null.",
      .references = "RFC 8446 section 4.1.2; RFC 5246 section 7.4.9",
      .steps = { { AT_CLIENT_HELLO, act_set_compressions, RECORD_BYTES(1, 0) } },
      .expectations = compression_offered },
    { .name = "offer-only-compression",
      .text = "The ClientHello is made to offer DEFLATE instead of null.",
      .references = "RFC 8446 section 4.1.2; RFC 5246 section 7.4.1.2",
      .steps = { { AT_CLIENT_HELLO, act_set_compressions, RECORD_BYTES(1) } },
      .expectations = null_not_offered },
    { .name = "flip-client-hello",
      .text = "A bit of ClientHello.random is flipped.",
      .references = "RFC 8446 section 7.1; RFC 5246 sections 7.4.3, 7.4.9 and 8.1",
      .steps = { { AT_CLIENT_HELLO, act_flip_random } },
      .expectations = random_flipped },
    { .name = "repeat-client-extension",
      .text = "An extension of the ClientHello that all servers know comes a second time.",
      .references = "RFC 8446 section 4.2; RFC 5246 section 7.4.1.4",
      .steps = { { AT_CLIENT_HELLO, act_repeat_known_extension } },
      .expectations = extension_twice },
    { .name = "append-to-client-hello",
      .text = "The ClientHello is a byte longer than what is in it.",
      .references = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
      .steps = { { AT_CLIENT_HELLO, act_append, .value = 1 } },
      .expectations = server_decode_error },
    { .name = "cut-client-hello",
      .text = "The ClientHello is a byte shorter than what is in it.",
      .references = "RFC 8446 section 6.2; RFC 5246 section 7.2.2",
      .steps = { { AT_CLIENT_HELLO, act_cut, .value = 1 } },
      .expectations = server_decode_error },
};

FAMILY(family_client_hello, "client-hello", rows);
