/* What shows in the end only; and what did not fail, or may not have. */
#include "stories.h"

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

const struct row stories_end[] = {
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
    { .far = END },
};

const struct row stories_worked[] = {
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_CLIENT, NULL },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NOTIFY, ROLE_SERVER, server_expired },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, server_self_signed },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_RST, ROLE_CLIENT, server_misnamed },
    { NULL, NULL, USED, NOBODY, 0, WIRE_CLOSE_NONE, ROLE_CLIENT, client_empty },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_idle },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_asked_stays },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_first },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, server_first_short },
    { .far = END },
};

const struct row stories_doubted[] = {
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, empty_then_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, chain_then_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_NONE, 0, chain_then_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_SERVER, tickets },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, chain_asked_alert },
    { NULL, NULL, SERVER_FLIGHT, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, empty_asked_alert },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_expired },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_misnamed },
    { NULL, NULL, FINISHED, NOBODY, 0, WIRE_CLOSE_FIN, ROLE_CLIENT, server_self_signed },
    { .far = END },
};
