/* What shows in the end only; and what did not fail, or may not have. */
#include "stories.h"

#include <string.h>

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
static void request_unanswered(struct made *made)
{
    unanswered(made);
    strcpy(made->story.chosen_protocol, "http/1.1");
}
/* The server's last record is an alert that nobody can read. */
static void unanswered_but_alerted(struct made *made)
{
    request_unanswered(made);
    made->story.opaque[ROLE_SERVER].last.type = CONTENT_ALERT;
}

static void client_sealed(struct made *made, size_t len, uint64_t packet)
{
    const struct tls_record record = { .from = ROLE_CLIENT,
                                       .type = CONTENT_APPLICATION_DATA,
                                       .protection = PROTECTION_OPAQUE,
                                       .fragment_len = len,
                                       .first = { packet, (uint64_t)5 * SECOND_NS } };
    const struct tls_state state = { .version = TLS13, .early_data = true };
    story_record(&made->story, &record, &state);
}
/* Records before the server's hello, and one more behind it where it was accepted. */
static void early(struct made *made, bool taken)
{
    made->story.choice_place.packet = 8;
    client_sealed(made, 28, 6);
    client_sealed(made, 400, 7);
    sealed(made, ROLE_SERVER, 27, 10);
    sealed(made, ROLE_SERVER, 53, 10);
    if (taken) {
        client_sealed(made, 300, 11);
        client_sealed(made, 21, 12);
    }
    client_sealed(made, 53, 12);
    sealed(made, ROLE_SERVER, 250, 13);
    client_sealed(made, 19, 14);
}
static void early_taken(struct made *made)
{
    early(made, true);
}
static void early_refused(struct made *made)
{
    early(made, false);
}
/* The same, read with keys. */
static void early_read(struct made *made)
{
    struct wire_end *client = &made->facts.end[ROLE_CLIENT];
    made->story.tls13 = true;
    client->application_records = 1;
    client->application_bytes = client->early_bytes = 11;
}
static void early_read_taken(struct made *made)
{
    early_read(made);
    made->facts.early_accepted = true;
}
/* Data behind the handshake too. */
static void early_read_and_more(struct made *made)
{
    early_read(made);
    made->facts.end[ROLE_CLIENT].application_bytes += 5;
}
/* Two bytes and a close_notify; the RST behind these answers what the client still says. */
static void chain_answered(struct made *made)
{
    chain_asked_alerts(made);
    made->story.speech[ROLE_CLIENT].last.packet = 16;
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

const struct row stories_end[] = {
    { "alert-in-handshake", "internal_error", SERVER_FLIGHT, ROLE_CLIENT, 80, 0, 0, NULL },
    { "cut-by-reset", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER, NULL },
    { "server-closed-on-hello", "", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, NULL },
    { "cut-in-handshake", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, record_left },
    { "server-silent", "5.0 s", HELLO, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, NULL },
    { "client-silent", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_NONE, 0, NULL },
    { "closed-mid-handshake", "The client closed", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN,
      ROLE_CLIENT, NULL },
    { "alert-in-session", "", USED, ROLE_SERVER, 80, 0, 0, NULL },
    { "truncated", "middle of a record", USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      record_left },
    { "truncated", "takes that for a cut", USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      complaint },
    { "cut-in-session", "", USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER, unanswered },
    { "cut-in-session", "", USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_CLIENT, request_unanswered },
    { "closed-without-answer", "", USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      request_unanswered },
    { "no-hello", "", OPEN, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, probe },
    { "hello-malformed", "record_overflow", OPEN, ROLE_SERVER, 22, 0, 0, malformed },
    { "refused-after-handshake", "", FINISHED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, NULL },
    { "refused-after-handshake", "", SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER,
      chain_then_leave },
    { "closed-after-handshake", "", FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, NULL },
    { .far = END },
};

const struct row stories_worked[] = {
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, NULL },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_SERVER, server_expired },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, server_self_signed },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_CLIENT, server_misnamed },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NONE, ROLE_CLIENT, client_empty },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, unanswered },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, unanswered },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_CLIENT, unanswered },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_SERVER, request_unanswered },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER, unanswered_but_alerted },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, unanswered_but_alerted },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, early_taken },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, early_read_taken },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, early_read_and_more },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_idle },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_stays },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_first },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, server_first_short },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, padded_asked },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_alerts },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_RST, ROLE_SERVER, chain_answered },
    { .far = END },
};

const struct row stories_doubted[] = {
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, empty_then_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_then_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_NONE, 0, chain_then_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, tickets },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, chain_asked_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, empty_asked_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, empty_sent_left },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, early_refused },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, early_read },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_expired },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_misnamed },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_self_signed },
    { .far = END },
};
