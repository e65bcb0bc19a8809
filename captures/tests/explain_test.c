/* Every row of the table of causes, provoked by a story made by hand; and stories that nobody may
 * be accused for. Which row it was is asserted, so that none can hide behind an earlier one. */
#include "captures/explain.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { NOBODY = -1, ROWS_MAX = 128, SECOND_NS = 1000000000 };

struct made {
    struct story story;
    struct wire_facts facts;
};

/* How far it came. */
enum far { TCP, OPEN, HELLO, SERVER_FLIGHT, CLIENT_FLIGHT, FINISHED, USED };

struct row {
    const char *id;
    const char *sentence; /* a part of it that no other row of the same id has */
    enum far far;
    int alert_from; /* NOBODY */
    uint8_t alert;
    enum wire_close close; /* WIRE_CLOSE_NONE */
    enum role closed_by;
    void (*more)(struct made *made);
};

static void ids(struct id_list *out, size_t num, const uint16_t values[])
{
    out->num_ids = out->total = num;
    memcpy(out->ids, values, num * sizeof values[0]);
}

static void offer(struct made *made)
{
    struct offer *offer = &made->story.offer;
    offer->seen = true;
    offer->place.packet = 4;
    ids(&offer->versions, 2, (const uint16_t[]){ TLS13, TLS12 });
    ids(&offer->suites, 4, (const uint16_t[]){ 0x1301, 0x1302, 0xC02F, 0xC02C });
    ids(&offer->groups, 2, (const uint16_t[]){ 29, 23 });
    strcpy(offer->server_name, "name.example");
    made->story.shook[ROLE_CLIENT] = true;
    made->facts.is_tls = true;
    made->facts.end[ROLE_CLIENT].tcp.bytes = 300;
}

static void reach(struct made *made, enum far far)
{
    struct wire_facts *facts = &made->facts;
    facts->start_seen = facts->complete = true;
    facts->end[ROLE_CLIENT].tcp.syn = (struct place){ 1, SECOND_NS };
    made->story.capture_end_ns = (uint64_t)10 * SECOND_NS;
    if (far >= OPEN)
        facts->end[ROLE_SERVER].tcp.syn = (struct place){ 2, SECOND_NS };
    if (far >= HELLO)
        offer(made);
    if (far >= SERVER_FLIGHT) {
        facts->end[ROLE_SERVER].tcp.bytes = 2000;
        facts->version = TLS12;
        facts->suite = 0xC02F;
        facts->group = 29;
        made->story.has_choice = made->story.shook[ROLE_SERVER] = true;
    }
    if (far >= CLIENT_FLIGHT)
        made->story.changed_cipher[ROLE_CLIENT] = true;
    if (far >= FINISHED)
        facts->end[ROLE_CLIENT].sent_finished = facts->end[ROLE_SERVER].sent_finished = true;
    if (far >= USED)
        facts->end[ROLE_CLIENT].application_records = facts->end[ROLE_SERVER].application_records =
            1;
}

static void close_it(struct made *made, enum wire_close how, enum role by)
{
    struct wire_facts *facts = &made->facts;
    if (how == WIRE_CLOSE_NONE)
        return;
    facts->closed = true;
    facts->closed_how = how;
    facts->closed_first = by;
    facts->closed_at = (struct place){ 30, (uint64_t)5 * SECOND_NS };
    if (how == WIRE_CLOSE_FIN)
        facts->end[by].tcp.fin = facts->closed_at;
    if (how == WIRE_CLOSE_RST)
        facts->end[by].tcp.rst = facts->closed_at;
}

static void tell(struct finding *out, const struct row *row)
{
    static struct made made;
    memset(&made, 0, sizeof made);
    made.story.facts = &made.facts;
    reach(&made, row->far);
    if (row->alert_from != NOBODY) {
        made.facts.end[row->alert_from].alert =
            (struct wire_alert){ .place.packet = 20, .level = 2, .description = row->alert };
        close_it(&made, WIRE_CLOSE_ALERT, (enum role)row->alert_from);
    }
    close_it(&made, row->close, row->closed_by);
    if (row->more != NULL)
        row->more(&made);
    story_conclude(&made.story);
    explain_story(out, &made.story);
}

/* ---- what makes a story a special one ---- */

static void say(struct made *made, enum role role, const char *text)
{
    struct speech *speech = &made->story.speech[role];
    speech->clear_len = strlen(text);
    memcpy(speech->clear, text, speech->clear_len);
    made->facts.end[role].tcp.bytes += speech->clear_len;
}

static void reset_syn(struct made *made)
{
    made->facts.end[ROLE_SERVER].tcp.rst.packet = 2;
}
static void proxy(struct made *made)
{
    say(made, ROLE_CLIENT, "CONNECT a:443 HTTP/1.1\r\n\r\n");
    say(made, ROLE_SERVER, "HTTP/1.1 403 Forbidden\r\n\r\n");
}
static void http_told(struct made *made)
{
    say(made, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    say(made, ROLE_SERVER,
        "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request was sent to "
        "HTTPS port");
}
static void http_alerted(struct made *made)
{
    made->facts.is_tls = true;
    say(made, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
    say(made, ROLE_SERVER, "\x15\x03\x03");
}
static void http_unanswered(struct made *made)
{
    say(made, ROLE_CLIENT, "GET / HTTP/1.1\r\n\r\n");
}
static void text_alerted(struct made *made)
{
    made->facts.is_tls = true;
    say(made, ROLE_CLIENT, "hello\r\n");
    say(made, ROLE_SERVER, "\x15\x03\x03");
}
static void starttls_refused(struct made *made)
{
    say(made, ROLE_CLIENT, "STLS\r\n");
    say(made, ROLE_SERVER, "+OK\r\n-ERR\r\n");
}
static void starttls_demanded(struct made *made)
{
    say(made, ROLE_CLIENT, "EHLO a\r\nMAIL FROM:<>\r\n");
    say(made, ROLE_SERVER, "220 a\r\n530 5.7.0 Must issue a STARTTLS command first\r\n");
}
static void hello_to(struct made *made, const char *answer)
{
    say(made, ROLE_CLIENT, "\x16\x03\x01");
    say(made, ROLE_SERVER, answer);
}
static void hello_to_http(struct made *made)
{
    hello_to(made, "HTTP/1.1 400 Bad Request\r\n");
}
static void hello_to_smtp(struct made *made)
{
    hello_to(made, "220 mail ESMTP\r\n");
}
static void hello_to_ssh(struct made *made)
{
    hello_to(made, "SSH-2.0-x\r\n");
}
static void mail_port(struct made *made)
{
    made->facts.address[ROLE_SERVER].port = 993;
}
static void sslv2(struct made *made)
{
    made->facts.sslv2_hello = true;
}
static void no_versions(struct made *made)
{
    made->story.offer.versions.num_ids = made->story.offer.versions.total = 0;
}
static void only_12(struct made *made)
{
    ids(&made->story.offer.versions, 1, (const uint16_t[]){ TLS12 });
}
static void only_13(struct made *made)
{
    ids(&made->story.offer.versions, 1, (const uint16_t[]){ TLS13 });
}
static void one_suite(struct made *made)
{
    ids(&made->story.offer.suites, 1, (const uint16_t[]){ 0x1301 });
}
static void one_group(struct made *made)
{
    ids(&made->story.offer.groups, 1, (const uint16_t[]){ 24 });
}
static void only_rsa(struct made *made)
{
    only_12(made);
    ids(&made->story.offer.suites, 3, (const uint16_t[]){ 0xC02F, 0xC030, 0xC013 });
}
static void with_key(struct made *made)
{
    made->story.offer.shared_key = true;
}
static void psk_suite(struct made *made)
{
    made->facts.suite = 0x00A8; /* TLS_PSK_WITH_AES_128_GCM_SHA256 */
}
static void short_prime(struct made *made)
{
    made->story.dh_bits = 1024;
}

static struct certificate_view *certificate(struct made *made, enum role role)
{
    struct certificate_view *view = &made->story.certificate[role];
    view->seen = view->name_matches = true;
    made->facts.end[role].certificate = CERTIFICATE_SENT;
    strcpy(view->subject, "CN=leaf");
    return view;
}
static void server_seen(struct made *made)
{
    certificate(made, ROLE_SERVER);
}
static void server_expired(struct made *made)
{
    certificate(made, ROLE_SERVER)->expired = true;
}
static void server_chain_expired(struct made *made)
{
    certificate(made, ROLE_SERVER)->chain_expired = true;
}
static void server_too_new(struct made *made)
{
    certificate(made, ROLE_SERVER)->not_yet_valid = true;
}
static void server_misnamed(struct made *made)
{
    certificate(made, ROLE_SERVER)->name_matches = false;
}
static void server_weak(struct made *made)
{
    certificate(made, ROLE_SERVER)->weak = true;
}
static void server_purpose(struct made *made)
{
    certificate(made, ROLE_SERVER)->wrong_purpose = true;
}
static void server_self_signed(struct made *made)
{
    certificate(made, ROLE_SERVER)->self_signed = true;
}
static void client_seen(struct made *made)
{
    certificate(made, ROLE_CLIENT);
}
static void client_expired(struct made *made)
{
    certificate(made, ROLE_CLIENT)->expired = true;
}
static void client_weak(struct made *made)
{
    certificate(made, ROLE_CLIENT)->weak = true;
}
static void client_purpose(struct made *made)
{
    certificate(made, ROLE_CLIENT)->wrong_purpose = true;
}
static void client_empty(struct made *made)
{
    made->facts.end[ROLE_CLIENT].certificate = CERTIFICATE_EMPTY;
}

static void sealed(struct made *made, enum role from, size_t len, uint64_t packet)
{
    struct tls_record record = { .from = from,
                                 .type = CONTENT_APPLICATION_DATA,
                                 .protection = PROTECTION_OPAQUE,
                                 .fragment_len = len,
                                 .first = { packet, (uint64_t)5 * SECOND_NS } };
    struct tls_state state = { .version = TLS13 };
    made->facts.version = TLS13;
    made->facts.suite = 0x1301;
    made->facts.end[from].num_opaque++;
    story_record(&made->story, &record, &state);
}
static void client_sealed_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 19, 12);
}
static void empty_then_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 25, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 19, 14);
}
static void empty_asked_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 25, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
static void chain_then_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 19, 14);
}
static void chain_asked_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
/* A client that leaves, such as by a pin: the server's close_notify only answers its own. */
static void chain_then_leave(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 19, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
/* A server that gives up idle clients: no refusal comes so late. */
static void chain_asked_idle(struct made *made)
{
    chain_asked_alert(made);
    made->story.opaque[ROLE_CLIENT].first[0].place.time_ns = (uint64_t)2 * SECOND_NS;
}
/* Two bytes in answer, and the connection stays. */
static void chain_asked_stays(struct made *made)
{
    chain_asked_idle(made);
    made->story.opaque[ROLE_SERVER].last.place.time_ns = (uint64_t)2 * SECOND_NS;
}
static void tickets(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 250, 13);
    sealed(made, ROLE_SERVER, 250, 13);
}
static void server_first(struct made *made)
{
    tickets(made);
    sealed(made, ROLE_SERVER, 16401, 14);
}
static void server_first_short(struct made *made)
{
    tickets(made);
    for (uint64_t i = 0; i < 3; i++)
        sealed(made, ROLE_SERVER, 40, 14 + i);
}
static void server_cut(struct made *made)
{
    made->facts.complete = false;
}
static void server_purpose_misnamed(struct made *made)
{
    certificate(made, ROLE_SERVER)->wrong_purpose = true;
    certificate(made, ROLE_SERVER)->name_matches = false;
}
static void record_left(struct made *made)
{
    made->facts.end[ROLE_SERVER].record_left = true;
}
static void complaint(struct made *made)
{
    made->facts.end[ROLE_CLIENT].alert =
        (struct wire_alert){ .place.packet = 31, .level = 2, .description = ALERT_DECODE_ERROR };
}
static void unanswered(struct made *made)
{
    made->facts.end[ROLE_SERVER].application_records = 0;
}
static void malformed(struct made *made)
{
    made->facts.is_tls = true;
    say(made, ROLE_CLIENT, "\x16\x03\x01\xFF\xFF");
}
static void probe(struct made *made)
{
    made->facts.is_tls = true;
}

static const struct row rows[] = {
    { "tcp-refused", "", TCP, NOBODY, 0, 0, 0, reset_syn },
    { "tcp-unanswered", "", TCP, NOBODY, 0, 0, 0, NULL },
    { "proxy-refused", "403", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, proxy },
    { "http-to-tls-port", "https", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, http_told },
    { "http-to-tls-port", "https", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, http_alerted },
    { "http-to-tls-port", "without a byte", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      http_unanswered },
    { "plaintext-to-tls-port", "", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, text_alerted },
    { "starttls-refused", "POP3", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, starttls_refused },
    { "starttls-not-used", "SMTP", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      starttls_demanded },
    { "server-speaks-http", "400", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, hello_to_http },
    { "starttls-port", "ESMTP", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, hello_to_smtp },
    { "server-not-tls", "SSH", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, hello_to_ssh },
    { "tls-port-greeting-awaited", "", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, mail_port },

    { "sslv2-hello", "", HELLO, ROLE_SERVER, 40, 0, 0, sslv2 },
    { "no-common-version", "not whole", HELLO, ROLE_SERVER, 70, 0, 0, no_versions },
    { "no-common-version", "TLS 1.2 at most", HELLO, ROLE_SERVER, 70, 0, 0, only_12 },
    { "no-common-version", "TLS 1.3 only", HELLO, ROLE_SERVER, 70, 0, 0, only_13 },
    { "no-common-version", "older", HELLO, ROLE_SERVER, 70, 0, 0, NULL },
    { "no-common-version", "chose TLS 1.2", SERVER_FLIGHT, ROLE_CLIENT, 70, 0, 0, NULL },
    { "fallback-refused", "", HELLO, ROLE_SERVER, 86, 0, 0, NULL },
    { "name-not-served", "name.example", HELLO, ROLE_SERVER, 112, 0, 0, NULL },
    { "no-common-alpn", "", HELLO, ROLE_SERVER, 120, 0, 0, NULL },
    { "no-common-suite", "only TLS_AES", HELLO, ROLE_SERVER, 40, 0, 0, one_suite },
    { "no-common-suite", "same kind", HELLO, ROLE_SERVER, 40, 0, 0, only_rsa },
    { "no-common-group", "secp384r1", HELLO, ROLE_SERVER, 71, 0, 0, one_group },
    { "no-common-parameters", "", HELLO, ROLE_SERVER, 40, 0, 0, NULL },
    { "hello-refused", "decode_error", HELLO, ROLE_SERVER, 50, 0, 0, NULL },
    { "dh-too-small", "1024", SERVER_FLIGHT, ROLE_CLIENT, 40, 0, 0, short_prime },
    { "choice-refused", "", SERVER_FLIGHT, ROLE_CLIENT, 47, 0, 0, NULL },

    { "server-certificate-expired", "CN=leaf", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0,
      server_expired },
    { "server-certificate-expired", "above the server's own", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0,
      server_chain_expired },
    { "server-certificate-expired", "clock", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0, server_seen },
    { "server-certificate-expired", "client says", SERVER_FLIGHT, ROLE_CLIENT, 45, 0, 0, NULL },
    { "server-certificate-expired", "CN=leaf", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_expired },
    { "server-certificate-expired", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_expired },
    { "server-certificate-expired", "perhaps because a ", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_chain_expired },
    { "server-certificate-not-yet-valid", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_too_new },
    { "server-certificate-wrong-name", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_misnamed },
    { "server-certificate-unknown-ca", "perhaps", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT,
      server_self_signed },
    { "server-certificate-revoked", "", SERVER_FLIGHT, ROLE_CLIENT, 44, 0, 0, NULL },
    { "server-certificate-not-yet-valid", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_too_new },
    { "server-certificate-wrong-name", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0, server_misnamed },
    { "server-certificate-weak", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0, server_weak },
    { "server-certificate-wrong-purpose", "", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_purpose },
    { "server-certificate-wrong-purpose", "", SERVER_FLIGHT, ROLE_CLIENT, 43, 0, 0,
      server_purpose_misnamed },
    { "server-certificate-wrong-name", "", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0,
      server_purpose_misnamed },
    { "server-certificate-status", "", SERVER_FLIGHT, ROLE_CLIENT, 113, 0, 0, server_seen },
    { "server-certificate-unknown-ca", "self-signed", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      server_self_signed },
    { "server-certificate-unknown-ca", "may not know", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, server_self_signed },
    { "server-certificate-unknown-ca", "issued by", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      server_seen },
    { "server-certificate-unknown-ca", "does not know the CA", SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0,
      NULL },
    { "server-certificate-refused", "in its period", SERVER_FLIGHT, ROLE_CLIENT, 46, 0, 0,
      server_seen },
    { "server-certificate-refused", "among others", SERVER_FLIGHT, ROLE_CLIENT, 42, 0, 0, NULL },
    { "server-certificate-refused", "encrypted alert", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, client_sealed_alert },
    { "client-certificate-missing", "certificate_required", FINISHED, ROLE_SERVER, 116, 0, 0,
      NULL },
    { "client-certificate-missing", "handshake_failure", CLIENT_FLIGHT, ROLE_SERVER, 40, 0, 0,
      client_empty },
    { "client-certificate-missing", "encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, empty_asked_alert },
    { "client-certificate-missing", "may be", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      empty_then_alert },
    { "client-certificate-expired", "CN=leaf", CLIENT_FLIGHT, ROLE_SERVER, 42, 0, 0,
      client_expired },
    { "client-certificate-expired", "server says", CLIENT_FLIGHT, ROLE_SERVER, 45, 0, 0, NULL },
    { "client-certificate-revoked", "", CLIENT_FLIGHT, ROLE_SERVER, 44, 0, 0, NULL },
    { "client-certificate-unknown-ca", "issued by", CLIENT_FLIGHT, ROLE_SERVER, 48, 0, 0,
      client_seen },
    { "client-certificate-unknown-ca", "", CLIENT_FLIGHT, ROLE_SERVER, 48, 0, 0, NULL },
    { "client-certificate-weak", "", CLIENT_FLIGHT, ROLE_SERVER, 42, 0, 0, client_weak },
    { "client-certificate-wrong-purpose", "", CLIENT_FLIGHT, ROLE_SERVER, 43, 0, 0,
      client_purpose },
    { "client-certificate-refused", "certificate_unknown", CLIENT_FLIGHT, ROLE_SERVER, 46, 0, 0,
      client_seen },
    { "client-certificate-refused", "encrypted", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_SERVER, chain_asked_alert },
    { "client-certificate-refused", "may be", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      chain_then_alert },
    { "shared-key-refused", "", HELLO, ROLE_SERVER, 40, 0, 0, with_key },
    { "identity-unknown", "", HELLO, ROLE_SERVER, 115, 0, 0, with_key },
    { "shared-key-wrong", "", HELLO, ROLE_SERVER, 51, 0, 0, with_key },
    { "shared-key-wrong", "", CLIENT_FLIGHT, ROLE_SERVER, 20, 0, 0, psk_suite },
    { "proof-failed", "", SERVER_FLIGHT, ROLE_CLIENT, 51, 0, 0, NULL },
    { "record-damaged", "", USED, ROLE_SERVER, 20, 0, 0, NULL },

    { "alert-in-handshake", "internal_error", SERVER_FLIGHT, ROLE_CLIENT, 80, 0, 0, NULL },
    { "cut-by-reset", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER, NULL },
    { "server-closed-on-hello", "", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, NULL },
    { "cut-in-handshake", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, record_left },
    { "server-silent", "5.0 s", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, NULL },
    { "client-silent", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_NONE, 0, NULL },
    { "closed-mid-handshake", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, NULL },
    { "alert-in-session", "", USED, ROLE_SERVER, 80, 0, 0, NULL },
    { "truncated", "middle of a record", USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      record_left },
    { "truncated", "takes that for a cut", USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      complaint },
    { "cut-in-session", "", USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER, unanswered },
    { "closed-without-answer", "", USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, unanswered },
    { "no-hello", "", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, probe },
    { "hello-malformed", "record_overflow", OPEN, ROLE_SERVER, 22, 0, 0, malformed },
    { "refused-after-handshake", "", FINISHED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, NULL },
    { "refused-after-handshake", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      chain_then_leave },
    { "closed-after-handshake", "", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, NULL },
};

enum { NUM_ROWS = sizeof rows / sizeof rows[0] };

static void each_cause_is_found_by_its_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < NUM_ROWS; i++) {
        struct finding finding;
        tell(&finding, &rows[i]);
        if (finding.cause == NULL || strcmp(finding.cause->id, rows[i].id) != 0 ||
            strstr(finding.sentence, rows[i].sentence) == NULL)
            fail_msg("row %zu, %s: %s: %s", i, rows[i].id,
                     finding.cause == NULL ? "nothing" : finding.cause->id, finding.sentence);
        assert_null(strchr(finding.sentence, '{'));
        assert_null(strchr(finding.why, '{'));
    }
}

static void no_row_is_out_of_reach(void **state)
{
    bool found[ROWS_MAX] = { false };
    const struct cause_row *row;
    (void)state;
    for (size_t i = 0; i < NUM_ROWS; i++) {
        struct finding finding;
        tell(&finding, &rows[i]);
        for (size_t j = 0; (row = explain_cause_row(j)) != NULL; j++)
            found[j] |= row == finding.cause;
    }
    for (size_t j = 0; (row = explain_cause_row(j)) != NULL; j++) {
        assert_true(j < ROWS_MAX);
        if (!found[j])
            fail_msg("no test provokes %s: %s", row->id, row->sentence);
    }
}

static void a_session_that_worked_is_not_accused(void **state)
{
    static const struct row worked[] = {
        { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, NULL },
        { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_SERVER, server_expired },
        { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, server_self_signed },
        { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_CLIENT, server_misnamed },
        { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NONE, ROLE_CLIENT, client_empty },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_idle },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_stays },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_first },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, server_first_short },
    };
    (void)state;
    for (size_t i = 0; i < sizeof worked / sizeof worked[0]; i++) {
        struct finding finding;
        tell(&finding, &worked[i]);
        assert_null(finding.cause);
        assert_int_equal(finding.outcome, OUTCOME_COMPLETED);
    }
}

/* What may as well have gone well is named at most as possible, and not as a failure. */
static void a_doubt_is_no_failure(void **state)
{
    static const struct row doubts[] = {
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, empty_then_alert },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_then_alert },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_NONE, 0, chain_then_alert },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, tickets },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, chain_asked_alert },
        { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, empty_asked_alert },
        { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_expired },
        { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_misnamed },
        { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_self_signed },
    };
    (void)state;
    for (size_t i = 0; i < sizeof doubts / sizeof doubts[0]; i++) {
        struct finding finding;
        tell(&finding, &doubts[i]);
        assert_int_equal(finding.outcome, OUTCOME_UNUSED);
        assert_non_null(finding.cause);
        assert_int_equal(finding.cause->confidence, CONFIDENCE_POSSIBLE);
    }
}

static void a_certificate_cut_is_not_called_encrypted(void **state)
{
    static const struct row cut = { NULL, NULL, SERVER_FLIGHT, ROLE_CLIENT, 48, 0, 0, server_cut };
    struct finding finding;
    (void)state;
    tell(&finding, &cut);
    assert_non_null(strstr(finding.why, "not captured whole"));
    assert_null(strstr(finding.why, "encrypted"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_is_found_by_its_row),
        cmocka_unit_test(no_row_is_out_of_reach),
        cmocka_unit_test(a_session_that_worked_is_not_accused),
        cmocka_unit_test(a_doubt_is_no_failure),
        cmocka_unit_test(a_certificate_cut_is_not_called_encrypted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
