#include "captures/explain_words.h"

#include "captures/explain_speech.h"
#include "harness/wire/record.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SHOWN = 4, ALL_SHOWN = 12 };

char *words_id(char out[NAME_MAX_LEN], uint16_t id, enum id_kind kind)
{
    const char *name = NULL;
    switch (kind) {
    case ID_VERSION:
        name = id == SSL30 ? "SSL 3.0" : id == 0x0002 ? "SSL 2.0" : NULL;
        if (name == NULL && version_name(id) != NULL) {
            snprintf(out, NAME_MAX_LEN, "TLS 1.%d", (id & 0xFF) - 1);
            return out;
        }
        break;
    case ID_SUITE:
        name = suite_by_id(id) == NULL ? NULL : suite_by_id(id)->name;
        break;
    case ID_GROUP:
        name = group_by_id(id) == NULL ? NULL : group_by_id(id)->name;
        break;
    case ID_SCHEME:
        name = signature_scheme_by_id(id) == NULL ? NULL : signature_scheme_by_id(id)->name;
        break;
    }
    if (name != NULL)
        snprintf(out, NAME_MAX_LEN, "%s", name);
    else
        snprintf(out, NAME_MAX_LEN, "0x%04x", id);
    return out;
}

char *words_list(char out[WORDS_LIST_MAX], const struct id_list *list, enum id_kind kind,
                 size_t shown)
{
    size_t used = 0;
    size_t num = list->num_ids < shown ? list->num_ids : shown;
    snprintf(out, WORDS_LIST_MAX, "none");
    for (size_t i = 0; i < num && used + NAME_MAX_LEN + 8 < WORDS_LIST_MAX; i++) {
        char name[NAME_MAX_LEN];
        used += (size_t)snprintf(out + used, WORDS_LIST_MAX - used, "%s%s", i == 0 ? "" : ", ",
                                 words_id(name, list->ids[i], kind));
        shown = i + 1;
    }
    if (list->total > shown && used > 0)
        snprintf(out + used, WORDS_LIST_MAX - used, " and %zu more", list->total - shown);
    return out;
}

char *words_time(char out[32], int64_t seconds)
{
    struct tm broken;
    time_t time = (time_t)seconds;
    if (gmtime_r(&time, &broken) == NULL || strftime(out, 32, "%F %T UTC", &broken) == 0)
        snprintf(out, 32, "an impossible time");
    return out;
}

/* ---- the words ---- */

struct telling {
    const struct story *story;
    enum role by;
};

static uint16_t highest(const struct id_list *list)
{
    uint16_t best = 0;
    for (size_t i = 0; i < list->num_ids; i++)
        if (list->ids[i] > best)
            best = list->ids[i];
    return best;
}

static const struct certificate_view *refused(const struct telling *telling)
{
    return &telling->story->certificate[1 - telling->by];
}

static void say_list(char *out, const struct id_list *list, enum id_kind kind)
{
    words_list(out, list, kind, SHOWN);
}

static void say_versions(char *out, const struct telling *t)
{
    words_list(out, &t->story->offer.versions, ID_VERSION, ALL_SHOWN);
}
static void say_max(char *out, const struct telling *t)
{
    words_id(out, highest(&t->story->offer.versions), ID_VERSION);
}
static void say_suites(char *out, const struct telling *t)
{
    say_list(out, &t->story->offer.suites, ID_SUITE);
}
static void say_groups(char *out, const struct telling *t)
{
    say_list(out, &t->story->offer.groups, ID_GROUP);
}
static void say_schemes(char *out, const struct telling *t)
{
    say_list(out, &t->story->offer.schemes, ID_SCHEME);
}
static void say_request_schemes(char *out, const struct telling *t)
{
    say_list(out, &t->story->request.schemes, ID_SCHEME);
}
static void say_protocols(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", t->story->offer.protocols);
}
static void say_name(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s",
             t->story->offer.server_name[0] != '\0' ? t->story->offer.server_name : "no name");
}
static void say_version(char *out, const struct telling *t)
{
    words_id(out, t->story->facts->version, ID_VERSION);
}
static void say_suite(char *out, const struct telling *t)
{
    words_id(out, t->story->facts->suite, ID_SUITE);
}
static void say_group(char *out, const struct telling *t)
{
    words_id(out, t->story->facts->group, ID_GROUP);
}
static void say_alert(char *out, const struct telling *t)
{
    const struct last_alert *alert = &t->story->alert;
    snprintf(out, WORDS_LIST_MAX, "%s",
             !alert->seen
                 ? "no alert"
                 : (alert->hidden ? "an encrypted alert" : alert_text(alert->description)));
}
/* Why the server's certificate could not be looked at. */
/* How much of a hello that is cut is there. */
static void say_hello_part(char *out, const struct telling *t)
{
    const struct wire_facts *facts = t->story->facts;
    const struct speech *client = &t->story->speech[ROLE_CLIENT];
    uint64_t preamble = facts->preamble_len[ROLE_CLIENT];
    uint64_t there = facts->end[ROLE_CLIENT].tcp.bytes - preamble;
    const uint8_t *header = client->clear + preamble;
    if (there < RECORD_HEADER_LEN || preamble + RECORD_HEADER_LEN > client->clear_len) {
        snprintf(out, WORDS_LIST_MAX, "no more than its first %" PRIu64 " bytes are there", there);
        return;
    }
    uint64_t whole = RECORD_HEADER_LEN + (uint64_t)(header[3] << 8 | header[4]);
    if (there < whole)
        snprintf(out, WORDS_LIST_MAX,
                 "%" PRIu64 " of the %" PRIu64 " bytes of its first record are there", there,
                 whole);
    else
        snprintf(out, WORDS_LIST_MAX, "its first record is whole, and announces more");
}
/* How an end left. */
static void say_left(char *out, const struct telling *t)
{
    const struct last_alert *alert = &t->story->alert;
    if (alert->seen)
        snprintf(out, WORDS_LIST_MAX, "gave up with %s",
                 alert->hidden ? "an encrypted alert" : alert_text(alert->description));
    else
        snprintf(out, WORDS_LIST_MAX, "%s",
                 t->story->facts->closed_how == WIRE_CLOSE_RST ? "cut the connection off with a RST"
                                                               : "closed");
}
static void say_protocol(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", t->story->chosen_protocol);
}
static void say_unread(char *out, const struct telling *t)
{
    bool sealed = t->story->tls13 && t->story->opaque[ROLE_SERVER].total > 0;
    snprintf(out, WORDS_LIST_MAX, "%s",
             sealed ? "is encrypted (keys would show it)"
                    : (t->story->facts->complete ? "could not be read" : "was not captured whole"));
}
/* Of a server's encrypted records only the sizes tell tickets from data. */
static void say_without(char *out, const struct telling *t)
{
    bool sealed = t->story->by_size && t->story->opaque[ROLE_SERVER].behind > 0;
    if (t->story->early_sent) {
        snprintf(out, WORDS_LIST_MAX, "with no data but early data that the server did not take");
        return;
    }
    snprintf(out, WORDS_LIST_MAX, "%s",
             sealed ? "without data, or with no more of the server's than tickets would take"
                    : "without a byte of data");
}
static void say_nothing(char *out, const struct telling *t)
{
    bool sealed = t->story->by_size && t->story->opaque[ROLE_SERVER].behind > 0;
    if (t->story->early_sent) {
        snprintf(out, WORDS_LIST_MAX, "%s",
                 t->story->num_early > 0
                     ? "no record of an EndOfEarlyData's size, and none of other data, came from "
                       "the client"
                     : "the server's flight does not accept the early data, and no other came");
        return;
    }
    snprintf(out, WORDS_LIST_MAX, "%s",
             sealed ? "the client sent no data, and the server no more than some short records,"
                    : "nothing crossed");
}
static void say_by(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", role_name(t->by));
}
static void say_other(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", role_name((enum role)(1 - t->by)));
}
/* The server's address without its port. */
static void say_host(char *out, const struct telling *t)
{
    const struct tcp_address *address = &t->story->facts->address[ROLE_SERVER];
    bool ipv4 = tcp_address_is_ipv4(address);
    inet_ntop(ipv4 ? AF_INET : AF_INET6, address->ip + (ipv4 ? 12 : 0), out, WORDS_LIST_MAX);
}
/* What was checked of a certificate's names. */
static void say_named(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s",
             t->story->offer.server_name[0] != '\0' ? "carries the name asked for"
                                                    : "carries the server's address");
}
static void say_server(char *out, const struct telling *t)
{
    tcp_address_format(out, &t->story->facts->address[ROLE_SERVER]);
}
static void say_subject(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", refused(t)->subject);
}
static void say_issuer(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", refused(t)->issuer);
}
static void say_names(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s",
             refused(t)->names[0] != '\0' ? refused(t)->names : refused(t)->subject);
}
static void say_key(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", refused(t)->key);
}
static void say_not_after(char *out, const struct telling *t)
{
    words_time(out, refused(t)->not_after);
}
static void say_not_before(char *out, const struct telling *t)
{
    words_time(out, refused(t)->not_before);
}
static void say_chain_subject(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s", refused(t)->chain_subject);
}
static void say_chain_not_after(char *out, const struct telling *t)
{
    words_time(out, refused(t)->chain_not_after);
}
static void say_chain_not_before(char *out, const struct telling *t)
{
    words_time(out, refused(t)->chain_not_before);
}
/* By which time certificates were judged. */
static void say_judged(char *out, const struct telling *t)
{
    char time[32];
    bool said = t->story->recorded.verified_at != 0;
    words_time(time, story_time(t->story, t->story->facts->first.time_ns));
    snprintf(out, WORDS_LIST_MAX, "%s %s",
             said ? "the verifier's time is, by the file's comment," : "the capture is of", time);
}
static void say_dh_bits(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%d", t->story->dh_bits);
}
static void say_server_kind(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%s",
             speech_kind_name(speech_kind(&t->story->speech[ROLE_SERVER])));
}
static void say_server_line(char *out, const struct telling *t)
{
    speech_line(out, &t->story->speech[ROLE_SERVER], "");
}
static void say_server_last(char *out, const struct telling *t)
{
    speech_last_line(out, &t->story->speech[ROLE_SERVER]);
}
static void say_server_demand(char *out, const struct telling *t)
{
    const struct speech *server = &t->story->speech[ROLE_SERVER];
    const char *demand = speech_demand(server, speech_kind(server));
    speech_line(out, server, demand != NULL ? demand : "");
}
static void say_client_line(char *out, const struct telling *t)
{
    speech_line(out, &t->story->speech[ROLE_CLIENT], "");
}
static void say_waited(char *out, const struct telling *t)
{
    const struct story *story = t->story;
    uint64_t since = story->speech[ROLE_CLIENT].last.time_ns;
    uint64_t until = story->facts->closed ? story->closed_at.time_ns : story->capture_end_ns;
    snprintf(out, WORDS_LIST_MAX, "%.1f s", since < until ? (double)(until - since) / 1e9 : 0.0);
}
static void say_where(char *out, const struct telling *t)
{
    static const char *const where[] = {
        [REACHED_TCP] = "before the connection stood",
        [REACHED_BEFORE_TLS] = "before TLS began",
        [REACHED_CLIENT_HELLO] = "behind the client's hello",
        [REACHED_SERVER_FLIGHT] = "in or behind the server's flight",
        [REACHED_CLIENT_FLIGHT] = "behind the client's flight, before the server's Finished",
        [REACHED_DATA] = "behind the handshake",
    };
    snprintf(out, WORDS_LIST_MAX, "%s", where[t->story->stage]);
}
static void say_packets(char *out, const struct telling *t)
{
    snprintf(out, WORDS_LIST_MAX, "%" PRIu64, t->story->facts->end[ROLE_CLIENT].tcp.syn.packet);
}

static const struct {
    const char *word;
    void (*say)(char out[WORDS_LIST_MAX], const struct telling *telling);
} words[] = {
    { "client.versions", say_versions },
    { "client.max", say_max },
    { "client.suites", say_suites },
    { "client.groups", say_groups },
    { "client.schemes", say_schemes },
    { "request.schemes", say_request_schemes },
    { "client.protocols", say_protocols },
    { "client.line", say_client_line },
    { "name", say_name },
    { "version", say_version },
    { "suite", say_suite },
    { "group", say_group },
    { "alert", say_alert },
    { "protocol", say_protocol },
    { "unread", say_unread },
    { "hello.part", say_hello_part },
    { "left", say_left },
    { "without", say_without },
    { "nothing", say_nothing },
    { "by", say_by },
    { "other", say_other },
    { "host", say_host },
    { "named", say_named },
    { "server", say_server },
    { "server.kind", say_server_kind },
    { "server.line", say_server_line },
    { "server.last", say_server_last },
    { "server.demand", say_server_demand },
    { "cert.subject", say_subject },
    { "cert.issuer", say_issuer },
    { "cert.names", say_names },
    { "cert.key", say_key },
    { "cert.not_after", say_not_after },
    { "cert.not_before", say_not_before },
    { "chain.subject", say_chain_subject },
    { "chain.not_after", say_chain_not_after },
    { "chain.not_before", say_chain_not_before },
    { "judged", say_judged },
    { "dh.bits", say_dh_bits },
    { "waited", say_waited },
    { "where", say_where },
    { "syn", say_packets },
};

static void say_word(char out[WORDS_LIST_MAX], const char *word, size_t len,
                     const struct telling *telling)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i].word) == len && memcmp(words[i].word, word, len) == 0) {
            words[i].say(out, telling);
            return;
        }
    snprintf(out, WORDS_LIST_MAX, "{%.*s}", (int)len, word); /* a test finds it */
}

void words_fill(char *out, size_t out_len, const char *template, const struct story *story,
                enum role by)
{
    const struct telling telling = { story, by };
    size_t used = 0;
    out[0] = '\0';
    while (*template != '\0' && used + 1 < out_len) {
        size_t plain = strcspn(template, "{");
        char value[WORDS_LIST_MAX];
        snprintf(out + used, out_len - used, "%.*s", (int)plain, template);
        used += strlen(out + used);
        template += plain;
        if (*template != '{')
            continue;
        size_t word = strcspn(template + 1, "}");
        say_word(value, template + 1, word, &telling);
        snprintf(out + used, out_len - used, "%s", value);
        used += strlen(out + used);
        template += 1 + word + (template[1 + word] == '}');
    }
}
