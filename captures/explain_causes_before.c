/* Causes that lie before TLS: no connection, a clear dialogue where TLS should be, or the other way
 * round. */
#include "captures/explain_causes.h"
#include "captures/explain_speech.h"

enum { SYN_PATIENCE_NS = 1000000000 /* the first retransmission: RFC 6298 section 2 */ };

static const struct speech *client(const struct story *story)
{
    return &story->speech[ROLE_CLIENT];
}
static const struct speech *server(const struct story *story)
{
    return &story->speech[ROLE_SERVER];
}

static bool refused(const struct story *story)
{
    const struct wire_end *end = &story->facts->end[ROLE_SERVER];
    return story->stage == REACHED_TCP && end->tcp.rst.packet != 0;
}

static bool unanswered(const struct story *story)
{
    const struct wire_end *ends = story->facts->end;
    uint64_t since = ends[ROLE_CLIENT].tcp.syn.time_ns;
    return story->stage == REACHED_TCP && ends[ROLE_SERVER].tcp.fin.packet == 0 &&
           story->capture_end_ns > since + SYN_PATIENCE_NS;
}

static bool clear(const struct story *story, enum speech_kind kind)
{
    return story->stage == REACHED_BEFORE_TLS && speech_kind(client(story)) == kind;
}

static bool proxy_refused(const struct story *story)
{
    return clear(story, SPEECH_HTTP) && speech_says(client(story), "CONNECT ") &&
           speech_kind(server(story)) == SPEECH_HTTP && !speech_says(server(story), "HTTP/1.1 2") &&
           !speech_says(server(story), "HTTP/1.0 2");
}

/* What nginx, Go and Apache answer. */
static bool told_that_it_is_https(const struct story *story)
{
    static const char *const answers[] = { "plain HTTP request was sent to HTTPS port",
                                           "HTTP request to an HTTPS server",
                                           "plain HTTP to an SSL-enabled" };
    for (size_t i = 0; clear(story, SPEECH_HTTP) && i < sizeof answers / sizeof answers[0]; i++)
        if (speech_says(server(story), answers[i]))
            return true;
    return false;
}

static bool http_answered_with_tls(const struct story *story)
{
    return clear(story, SPEECH_HTTP) && speech_kind(server(story)) == SPEECH_TLS;
}

static bool http_on_tls_port_unanswered(const struct story *story)
{
    return clear(story, SPEECH_HTTP) && !speech_says(client(story), "CONNECT ") &&
           speech_kind(server(story)) == SPEECH_NONE && story->facts->closed &&
           story->facts->closed_first == ROLE_SERVER;
}

static bool clear_answered_with_tls(const struct story *story)
{
    return story->stage == REACHED_BEFORE_TLS && client(story)->clear_len > 0 &&
           speech_kind(client(story)) != SPEECH_TLS && speech_kind(server(story)) == SPEECH_TLS;
}

/* The client's hello did not come to its end, and nobody but TLS answered to it. */
static bool hello_cut(const struct story *story)
{
    enum speech_kind answer = speech_kind(server(story));
    return story->offer.cut && story->facts->start_seen && story->facts->complete &&
           story->stage == REACHED_CLIENT_HELLO &&
           (answer == SPEECH_NONE || answer == SPEECH_TLS ||
            story->facts->preamble_len[ROLE_CLIENT] > 0);
}

static bool hello_cut_and_closed(const struct story *story)
{
    return hello_cut(story) && story->facts->closed;
}

static bool hello_stalled(const struct story *story)
{
    enum { PATIENCE_NS = 500000000 };
    return hello_cut(story) && !story->facts->closed &&
           story->capture_end_ns >= client(story)->last.time_ns + PATIENCE_NS;
}

static bool starttls_refused(const struct story *story)
{
    /* Some clients go on with their hello all the same. */
    bool in_clear =
        story->stage == REACHED_BEFORE_TLS ||
        (story->stage == REACHED_CLIENT_HELLO && speech_kind(client(story)) != SPEECH_TLS &&
         story->facts->end[ROLE_SERVER].num_records == 0);
    return in_clear && speech_has_starttls(speech_kind(server(story))) &&
           speech_asks_for_tls(client(story)) && story->facts->closed;
}

static bool starttls_demanded(const struct story *story)
{
    return story->stage == REACHED_BEFORE_TLS && !speech_asks_for_tls(client(story)) &&
           speech_demand(server(story), speech_kind(server(story))) != NULL;
}

/* The client begins with TLS. */
static bool hello_answered_by(const struct story *story, enum speech_kind kind)
{
    return story->stage == REACHED_CLIENT_HELLO && speech_kind(client(story)) == SPEECH_TLS &&
           speech_kind(server(story)) == kind;
}

static bool answered_with_http(const struct story *story)
{
    return hello_answered_by(story, SPEECH_HTTP);
}

static bool answered_with_greeting(const struct story *story)
{
    enum speech_kind kind = speech_kind(server(story));
    return speech_has_starttls(kind) && hello_answered_by(story, kind);
}

static bool answered_with_something(const struct story *story)
{
    enum speech_kind kind = speech_kind(server(story));
    return kind != SPEECH_NONE && kind != SPEECH_TLS && story->facts->complete &&
           hello_answered_by(story, kind);
}

/* Ports whose client waits for no greeting in clear (IANA, RFC 8314): a client that does waits. */
static bool both_waited(const struct story *story)
{
    static const uint16_t ports[] = { 465, 993, 995, 990, 636, 5223 };
    const struct wire_facts *facts = story->facts;
    if (story->stage != REACHED_BEFORE_TLS || client(story)->clear_len > 0 ||
        server(story)->clear_len > 0 || !facts->closed || !facts->start_seen)
        return false;
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
        if (facts->address[ROLE_SERVER].port == ports[i])
            return true;
    return false;
}

const struct cause causes_before[] = {
    {
        .row = { "tcp-refused", CONFIDENCE_CERTAIN,
                 "Nobody listens at {server}: the connection was refused before TLS could begin." },
        .holds = refused,
        .why = "A RST answers the SYN (packet {syn}). A firewall that rejects looks the same.",
        .references = "RFC 9293 section 3.5.2",
        .blame = BLAME_SERVER,
    },
    {
        .row = { "tcp-unanswered", CONFIDENCE_LIKELY,
                 "{server} does not answer: no SYN/ACK came for the client's SYN, and no RST." },
        .holds = unanswered,
        .why = "Evidence is that no packet from there is in the capture; that a firewall or a "
               "wrong address is the reason is a guess.",
        .references = "RFC 9293 section 3.5",
        .blame = BLAME_SERVER,
    },
    {
        .row = { "proxy-refused", CONFIDENCE_CERTAIN,
                 "The proxy refused the tunnel: {server.line}. TLS never began." },
        .holds = proxy_refused,
        .why = "The client said: {client.line}",
        .references = "RFC 9110 section 9.3.6",
    },
    {
        .row = { "http-to-tls-port", CONFIDENCE_CERTAIN,
                 "The client speaks plain HTTP to a TLS port ({client.line}): it should use "
                 "https://." },
        .holds = told_that_it_is_https,
        .why = "The server says so: {server.line}",
        .references = "RFC 9110 section 4.2.2",
    },
    {
        .row = { "http-to-tls-port", CONFIDENCE_LIKELY,
                 "The client speaks plain HTTP to a TLS port ({client.line}): it should use "
                 "https://." },
        .holds = http_answered_with_tls,
        .why = "The server answers with a TLS alert.",
        .references = "RFC 9110 section 4.2.2",
    },
    {
        .row = { "hello-cut", CONFIDENCE_CERTAIN,
                 "The client's hello is cut: {hello.part}; then the {by} {left}." },
        .holds = hello_cut_and_closed,
        .why = "The bytes begin a hello and do not end it; whether the client stopped or the rest "
               "was lost on its way is not in the capture.",
        .references = "RFC 8446 section 5.1; RFC 9846 section 5.1",
    },
    {
        .row = { "hello-cut", CONFIDENCE_LIKELY,
                 "The client's hello is cut: {hello.part}, and nothing more came for {waited}." },
        .holds = hello_stalled,
        .why = "The bytes begin a hello and do not end it; whether the client stopped or the rest "
               "was lost on its way is not in the capture. Where packets of full size do not pass, "
               "a hello of two packets ends like this.",
        .references = "RFC 8446 section 5.1; RFC 9846 section 5.1",
    },
    {
        .row = { "starttls-refused", CONFIDENCE_LIKELY,
                 "The client asked for TLS in the {server.kind} dialogue and did not get it: "
                 "{server.last}" },
        .holds = starttls_refused,
        .why = "No TLS follows the command; the line quoted is the last that the server said.",
        .references = "RFC 3207 section 4, RFC 9051 section 6.2.1, RFC 2595 section 4",
    },
    {
        .row = { "starttls-not-used", CONFIDENCE_CERTAIN,
                 "The client never said STARTTLS, and the {server.kind} server insists on it." },
        .holds = starttls_demanded,
        .why = "The server says so in clear: {server.demand}",
        .references = "RFC 3207 section 4",
    },
    {
        .row = { "plaintext-to-tls-port", CONFIDENCE_LIKELY,
                 "The client does not speak TLS ({client.line}), the server does." },
        .holds = clear_answered_with_tls,
        .why = "The server answers clear bytes with a TLS alert.",
    },
    {
        .row = { "http-to-tls-port", CONFIDENCE_POSSIBLE,
                 "The client speaks plain HTTP ({client.line}) and the server closed without a "
                 "byte, as TLS servers do." },
        .holds = http_on_tls_port_unanswered,
        .why = "A guess: nothing in the capture shows that the server speaks TLS.",
    },
    {
        .row = { "server-speaks-http", CONFIDENCE_CERTAIN,
                 "Not TLS: the server answered the client's hello with {server.line}. It speaks "
                 "plain HTTP at this port, or a proxy in between does." },
        .holds = answered_with_http,
        .why = "The answer begins so in clear.",
    },
    {
        .row = { "starttls-port", CONFIDENCE_CERTAIN,
                 "The client speaks TLS at once to a port where TLS begins with STARTTLS: the "
                 "server greeted it as {server.kind} ({server.line})." },
        .holds = answered_with_greeting,
        .why = "The greeting is in the capture, in clear.",
        .references = "RFC 3207 section 4, RFC 8314 section 3",
    },
    {
        .row = { "server-not-tls", CONFIDENCE_LIKELY,
                 "Not TLS: the server answered the client's hello in {server.kind}: "
                 "{server.line}" },
        .holds = answered_with_something,
        .why = "What it sent begins like no TLS record.",
    },
    {
        .row = { "tls-port-greeting-awaited", CONFIDENCE_POSSIBLE,
                 "Nobody said anything: at this port TLS begins at once, and the client seems to "
                 "have waited for a greeting in clear." },
        .holds = both_waited,
        .why = "A guess by the number of the port.",
        .references = "RFC 8314 section 3",
    },
    { .holds = NULL },
};
