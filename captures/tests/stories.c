#include "stories.h"

#include <string.h>

void ids(struct id_list *out, size_t num, const uint16_t values[])
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

void tell(struct finding *out, const struct row *row)
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

void say(struct made *made, enum role role, const char *text)
{
    struct speech *speech = &made->story.speech[role];
    speech->clear_len = strlen(text);
    memcpy(speech->clear, text, speech->clear_len);
    made->facts.end[role].tcp.bytes += speech->clear_len;
}

struct certificate_view *certificate(struct made *made, enum role role)
{
    struct certificate_view *view = &made->story.certificate[role];
    view->seen = view->name_matches = true;
    made->facts.end[role].certificate = CERTIFICATE_SENT;
    strcpy(view->subject, "CN=leaf");
    return view;
}

void server_expired(struct made *made)
{
    certificate(made, ROLE_SERVER)->expired = true;
}
void server_misnamed(struct made *made)
{
    certificate(made, ROLE_SERVER)->name_matches = false;
}
void server_self_signed(struct made *made)
{
    certificate(made, ROLE_SERVER)->self_signed = true;
}
void client_empty(struct made *made)
{
    made->facts.end[ROLE_CLIENT].certificate = CERTIFICATE_EMPTY;
}

void sealed(struct made *made, enum role from, size_t len, uint64_t packet)
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

void client_sealed_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 19, 12);
}
void empty_then_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 25, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 19, 14);
}
void empty_asked_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 25, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
void chain_then_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 19, 14);
}
void chain_asked_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
/* A client that leaves, such as by a pin: the server's close_notify only answers its own. */
void chain_then_leave(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 19, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
/* A server that gives up idle clients: no refusal comes so late. */
void chain_asked_idle(struct made *made)
{
    chain_asked_alert(made);
    made->story.opaque[ROLE_CLIENT].first[0].place.time_ns = (uint64_t)2 * SECOND_NS;
}
/* Two bytes in answer, and the connection stays. */
void chain_asked_stays(struct made *made)
{
    chain_asked_idle(made);
    made->story.opaque[ROLE_SERVER].last.place.time_ns = (uint64_t)2 * SECOND_NS;
}
/* One that sends two lines and its close_notify, which the server answers. */
void empty_sent_left(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 25, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_CLIENT, 19, 13);
    sealed(made, ROLE_SERVER, 19, 14);
}
/* gnutls-serv says what is wrong twice. */
void chain_asked_alerts(struct made *made)
{
    chain_asked_alert(made);
    sealed(made, ROLE_SERVER, 19, 15);
}
/* The first crosses with what the client asks and its close_notify. */
void chain_alerts_crossing(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 700, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 19, 13);
    sealed(made, ROLE_CLIENT, 35, 14);
    sealed(made, ROLE_CLIENT, 19, 14);
    sealed(made, ROLE_SERVER, 19, 15);
}
/* Two before the client said anything: a greeting of two bytes, or a refusal. */
void chain_then_alerts(struct made *made)
{
    chain_then_alert(made);
    sealed(made, ROLE_SERVER, 19, 15);
}
/* Java's sockets pad each record by 16 bytes. */
void padded_alert(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 35, 12);
    made->story.suite = 0x1302;
}
void padded_asked(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 85, 12);
    sealed(made, ROLE_CLIENT, 94, 13);
    sealed(made, ROLE_SERVER, 19, 14);
    made->story.suite = 0x1302;
}
void padded_empty_asked(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 41, 12);
    sealed(made, ROLE_CLIENT, 85, 12);
    sealed(made, ROLE_CLIENT, 94, 13);
    sealed(made, ROLE_SERVER, 19, 14);
    made->story.suite = 0x1302;
}
void server_padded_refuses(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_SERVER, 69, 10);
    sealed(made, ROLE_CLIENT, 25, 12);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_CLIENT, 95, 13);
    sealed(made, ROLE_SERVER, 35, 14);
}
void tickets(struct made *made)
{
    sealed(made, ROLE_SERVER, 900, 10);
    sealed(made, ROLE_CLIENT, 53, 12);
    sealed(made, ROLE_SERVER, 250, 13);
    sealed(made, ROLE_SERVER, 250, 13);
}
void server_first(struct made *made)
{
    tickets(made);
    sealed(made, ROLE_SERVER, 16401, 14);
}
void server_first_short(struct made *made)
{
    tickets(made);
    for (uint64_t i = 0; i < 3; i++)
        sealed(made, ROLE_SERVER, 40, 14 + i);
}
