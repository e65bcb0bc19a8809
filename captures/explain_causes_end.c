/* Causes that show in how a connection ended: cut, closed, silent; alerts that say nothing more;
 * and what comes behind a handshake that was completed. */
#include "captures/explain_causes.h"

#include <string.h>

/* An end that owed an answer is silent only after this long. */
enum { PATIENCE_NS = 500000000 };

static bool in_handshake(const struct story *story)
{
    return story->facts->is_tls && story->stage < REACHED_DATA && story->stage > REACHED_BEFORE_TLS;
}

static bool alert_in_handshake(const struct story *story)
{
    return in_handshake(story) && story->alert.seen;
}

static bool cut_by_reset(const struct story *story)
{
    return in_handshake(story) && story->facts->closed &&
           story->facts->closed_how == WIRE_CLOSE_RST;
}

static bool closed_on_hello(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return facts->is_tls && story->stage == REACHED_CLIENT_HELLO && facts->closed &&
           story->closed_first == ROLE_SERVER && facts->end[ROLE_SERVER].tcp.bytes == 0 &&
           facts->end[ROLE_SERVER].tcp.missing == 0;
}

/* Is it the server that owes the next message? */
static bool server_owes(const struct story *story)
{
    return story->stage == REACHED_CLIENT_HELLO || story->stage == REACHED_CLIENT_FLIGHT ||
           (story->stage == REACHED_SERVER_FLIGHT && story->facts->end[ROLE_SERVER].record_left);
}

static uint64_t last_said_ns(const struct story *story)
{
    uint64_t client = story->speech[ROLE_CLIENT].last.time_ns;
    uint64_t server = story->speech[ROLE_SERVER].last.time_ns;
    return client > server ? client : server;
}

static bool server_silent(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    uint64_t until = facts->closed ? story->closed_at.time_ns : story->capture_end_ns;
    return in_handshake(story) && facts->complete && server_owes(story) &&
           (!facts->closed || story->closed_first == ROLE_CLIENT) &&
           until >= last_said_ns(story) + PATIENCE_NS;
}

static bool closed_in_handshake(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return in_handshake(story) && facts->closed && facts->complete;
}

static bool client_silent(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return in_handshake(story) && !facts->closed && facts->complete && !server_owes(story) &&
           story->capture_end_ns >= last_said_ns(story) + PATIENCE_NS;
}

static bool alert_in_session(const struct story *story)
{
    return story->facts->is_tls && story->stage == REACHED_DATA && story->alert.seen;
}

static bool cut_in_record(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return story->facts->is_tls && facts->closed && facts->complete &&
           facts->end[story->closed_first].record_left &&
           (facts->closed_how == WIRE_CLOSE_FIN || facts->closed_how == WIRE_CLOSE_RST);
}

static bool cut_in_handshake(const struct story *story)
{
    return in_handshake(story) && cut_in_record(story);
}

/* The client complains of an end without close_notify. */
static bool end_complained_of(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    const struct wire_end *server = &facts->end[ROLE_SERVER];
    return facts->is_tls && story->stage == REACHED_DATA &&
           server->close_notify.place.packet == 0 && server->tcp.fin.packet != 0 &&
           facts->end[ROLE_CLIENT].alert.place.packet > server->tcp.fin.packet;
}

static bool left_before_hello(const struct story *story)
{
    return story->facts->is_tls && story->facts->start_seen && story->stage == REACHED_BEFORE_TLS &&
           story->facts->complete && story->facts->end[ROLE_CLIENT].tcp.bytes == 0 &&
           story->facts->closed;
}

static bool hello_malformed(const struct story *story)
{
    return story->facts->is_tls && story->facts->start_seen && story->stage == REACHED_BEFORE_TLS &&
           story->facts->complete && story->alert.seen && story->alert.from == ROLE_SERVER;
}

bool story_unanswered(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    bool readable = !story->tls13 || facts->end[ROLE_SERVER].num_opaque == 0;
    return facts->is_tls && story->stage == REACHED_DATA && facts->complete && readable &&
           story->used && facts->end[ROLE_CLIENT].application_records > 0 &&
           facts->end[ROLE_SERVER].application_records == 0 && facts->closed;
}

/* Some protocols only send, such as syslog (RFC 5425). In these each request has an answer. */
static bool owes_answer(const struct story *story)
{
    static const char *const protocols[] = { "h2", "http/1.1", "http/1.0" };
    for (size_t i = 0; i < sizeof protocols / sizeof protocols[0]; i++)
        if (strcmp(story->chosen_protocol, protocols[i]) == 0)
            return true;
    return false;
}

/* Was it closed so, with no alert of either end before, be it one that nobody can read? */
static bool closed_bare(const struct story *story, enum wire_close how)
{
    const struct wire_facts *facts = story->facts;
    return facts->closed_how == how && facts->closed_first == story->closed_first &&
           story->opaque[facts->closed_first].last.type != CONTENT_ALERT;
}

static bool cut_in_session(const struct story *story)
{
    return story_unanswered(story) && closed_bare(story, WIRE_CLOSE_RST) &&
           (story->closed_first == ROLE_SERVER || owes_answer(story));
}

static bool closed_without_answer(const struct story *story)
{
    return story_unanswered(story) && closed_bare(story, WIRE_CLOSE_FIN) &&
           story->closed_first == ROLE_SERVER && owes_answer(story);
}

static bool unused(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    return facts->is_tls && facts->start_seen && facts->complete && story->stage == REACHED_DATA &&
           !story->used && facts->closed;
}

static bool unused_client(const struct story *story)
{
    return unused(story) && story->closed_first == ROLE_CLIENT;
}

#define CLOSURE "RFC 8446 section 6.1; RFC 9846 section 6.1; RFC 5246 section 7.2.1"

const struct cause causes_end[] = {
    {
        .row = { "alert-in-handshake", CONFIDENCE_LIKELY,
                 "The {by} gave up {where} with {alert}." },
        .holds = alert_in_handshake,
        .why = "The alert is evidence; it does not tell why.",
        .references = "RFC 8446 section 6.2; RFC 9846 section 6.2",
    },
    {
        .row = { "cut-by-reset", CONFIDENCE_CERTAIN,
                 "Cut off {where} by a RST from the {by}, or from something in between." },
        .holds = cut_by_reset,
        .why = "The RST is in the capture, and no alert before it.",
        .references = "RFC 9293 section 3.5.2",
    },
    {
        .row = { "server-closed-on-hello", CONFIDENCE_CERTAIN,
                 "The server closed the connection on the client's hello without a byte. It may "
                 "serve something else there, want another name or a PROXY header, or have a "
                 "fault." },
        .holds = closed_on_hello,
        .why = "The FIN is evidence; why is a guess.",
    },
    {
        .row = { "cut-in-handshake", CONFIDENCE_CERTAIN,
                 "Cut off {where}: the {by} closed in the middle of a record." },
        .holds = cut_in_handshake,
        .why = "The record's length says that more was to come.",
        .references = CLOSURE,
    },
    {
        .row = { "server-silent", CONFIDENCE_LIKELY,
                 "The server stopped answering {where}; nothing came for {waited}." },
        .holds = server_silent,
        .why = "No packet with data from the server is in the capture behind that; that one was "
               "lost on the way is possible.",
    },
    {
        .row = { "client-silent", CONFIDENCE_LIKELY,
                 "The client stopped answering {where}, and the capture ends without more." },
        .holds = client_silent,
        .why = "No packet with data from the client is in the capture behind that.",
    },
    {
        .row = { "closed-mid-handshake", CONFIDENCE_CERTAIN,
                 "The {by} closed the connection {where}, without an alert." },
        .holds = closed_in_handshake,
        .why = "That it did is evidence; why is not in the capture.",
        .references = CLOSURE,
    },
    {
        .row = { "alert-in-session", CONFIDENCE_LIKELY,
                 "The handshake was completed; then the {by} gave up with {alert}." },
        .holds = alert_in_session,
        .why = "The alert is evidence; it does not tell why.",
        .references = "RFC 8446 section 6.2; RFC 9846 section 6.2",
    },
    {
        .row = { "truncated", CONFIDENCE_CERTAIN,
                 "Truncated: the {by} closed in the middle of a record, without close_notify." },
        .holds = cut_in_record,
        .why = "The record's length says that more was to come.",
        .references = CLOSURE,
    },
    {
        .row = { "truncated", CONFIDENCE_LIKELY,
                 "Truncated: the server closed without close_notify, and the client takes that for "
                 "a cut." },
        .holds = end_complained_of,
        .why = "The client answers the server's FIN with an alert.",
        .references = CLOSURE,
    },
    {
        .row = { "cut-in-session", CONFIDENCE_LIKELY,
                 "The handshake was completed and the client sent data; before any answer a RST "
                 "from the {by}, or from something in between, cut the connection off." },
        .holds = cut_in_session,
        .why = "The RST is evidence; that the client waited for an answer is a guess.",
        .references = "RFC 9293 section 3.5.2",
    },
    {
        .row = { "closed-without-answer", CONFIDENCE_LIKELY,
                 "The handshake was completed and the client sent data; the server closed without "
                 "an answer and without close_notify." },
        .holds = closed_without_answer,
        .why = "The FIN is evidence, and in {protocol} each request has an answer.",
        .references = CLOSURE,
    },
    {
        .row = { "no-hello", CONFIDENCE_CERTAIN,
                 "The client closed before it said anything, as a port probe or a health check "
                 "does." },
        .holds = left_before_hello,
        .why = "The server's alert ({alert}) shows that it speaks TLS; the client sent no byte.",
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "hello-malformed", CONFIDENCE_LIKELY,
                 "What the client sent is no hello, or one that is malformed from its first record "
                 "on: the server answers with {alert}." },
        .holds = hello_malformed,
        .why = "No hello could be read, and the server's alert is in the capture.",
        .references = "RFC 8446 sections 5.1 and 6.2; RFC 9846 sections 5.1 and 6.2",
    },
    {
        .row = { "refused-after-handshake", CONFIDENCE_POSSIBLE,
                 "The handshake was completed, and the client left {without}: a pin "
                 "that does not match, a name or certificate that the application refuses itself, "
                 "or a mere probe." },
        .holds = unused_client,
        .why = "That {nothing} is evidence; why is a guess.",
        .references = CLOSURE,
        .outcome = OUTCOME_UNUSED,
    },
    {
        .row = { "closed-after-handshake", CONFIDENCE_POSSIBLE,
                 "The handshake was completed, and the server closed {without}: the "
                 "application behind it may refuse the client." },
        .holds = unused,
        .why = "That {nothing} is evidence; why is a guess.",
        .references = CLOSURE,
        .outcome = OUTCOME_UNUSED,
    },
    { .holds = NULL },
};
