/* Findings for people and for programs. */
#include "captures/explain.h"
#include "captures/explain_words.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { SHOWN = 6, NANOSECONDS = 1000000000, CLOCK_LEN = 40 };

/* "2026-11-21 19:14:42.123456", UTC. */
static const char *clock_text(char out[CLOCK_LEN], uint64_t time_ns)
{
    struct tm broken;
    time_t seconds = (time_t)(time_ns / NANOSECONDS);
    size_t used =
        gmtime_r(&seconds, &broken) == NULL ? 0 : strftime(out, CLOCK_LEN, "%F %T", &broken);
    snprintf(out + used, CLOCK_LEN - used, ".%06u", (unsigned)(time_ns % NANOSECONDS / 1000));
    return out;
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* What failed before a version was chosen has none. */
static const char *version_text(char out[NAME_MAX_LEN], const struct wire_facts *facts)
{
    return facts->version == 0 ? strcpy(out, "-") : words_id(out, facts->version, ID_VERSION);
}

static void print_line(FILE *out, const struct story *story, const struct finding *finding)
{
    const struct wire_facts *facts = story->facts;
    char when[CLOCK_LEN], client[TCP_ADDRESS_TEXT_LEN], server[TCP_ADDRESS_TEXT_LEN];
    char version[NAME_MAX_LEN], verdict[CASE_COMMENT_LINE_MAX];
    fprintf(out, "#%" PRIu64 "  %s  %s > %s  %s  %s  %s", facts->number,
            clock_text(when, facts->first.time_ns),
            tcp_address_format(client, &facts->address[ROLE_CLIENT]),
            tcp_address_format(server, &facts->address[ROLE_SERVER]),
            or_dash(story->offer.server_name), version_text(version, facts),
            outcome_name(finding->outcome));
    if (finding->cause != NULL)
        fprintf(out, ": %s", finding->cause->id);
    if (finding->note != NULL)
        fprintf(out, " (%s)", finding->note);
    if (case_comment_is_red(&story->recorded))
        fprintf(out, "; the case is judged %s", case_comment_verdict(verdict, &story->recorded));
    fputc('\n', out);
}

static void print_field(FILE *out, const char *name, const char *text)
{
    fprintf(out, "    %-10s %s\n", name, text);
}

void explain_print_case(FILE *out, const struct case_comment *recorded)
{
    char when[32];
    fprintf(out, "case %s\n", recorded->id);
    print_field(out, "verdict", recorded->verdict);
    print_field(out, "expected", or_dash(recorded->expected));
    print_field(out, "client", or_dash(recorded->client));
    print_field(out, "server", or_dash(recorded->server));
    if (recorded->verified_at != 0)
        fprintf(out, "    %-10s certificates as of %s\n", "verified",
                words_time(when, recorded->verified_at));
    fprintf(out, "    %-10s %s rerun -v '%s'%s\n\n", "again", program_invocation_name, recorded->id,
            recorded->options);
}

static void print_offer(FILE *out, const struct offer *offer)
{
    static const struct {
        const char *name;
        size_t offset;
        enum id_kind kind;
    } lists[] = {
        { "versions", offsetof(struct offer, versions), ID_VERSION },
        { "suites", offsetof(struct offer, suites), ID_SUITE },
        { "groups", offsetof(struct offer, groups), ID_GROUP },
        { "signatures", offsetof(struct offer, schemes), ID_SCHEME },
    };
    char text[WORDS_LIST_MAX];
    const char *who = "client";
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const struct id_list *list =
            (const struct id_list *)((const char *)offer + lists[i].offset);
        if (!offer->seen && list->total == 0) /* it may be in what is missing */
            continue;
        fprintf(out, "    %-10s %-10s %s\n", who, lists[i].name,
                words_list(text, list, lists[i].kind, SHOWN));
        who = "";
    }
    if (offer->protocols[0] != '\0')
        fprintf(out, "    %-10s %-10s %s\n", "", "alpn", offer->protocols);
}

static void print_choice(FILE *out, const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    char version[NAME_MAX_LEN], suite[NAME_MAX_LEN], group[NAME_MAX_LEN];
    if (!story->has_choice)
        return;
    fprintf(out, "    %-10s chose %s, %s", "server", version_text(version, facts),
            words_id(suite, facts->suite, ID_SUITE));
    if (facts->group != 0)
        fprintf(out, ", %s", words_id(group, facts->group, ID_GROUP));
    if (story->chosen_protocol[0] != '\0')
        fprintf(out, ", alpn %s", story->chosen_protocol);
    if (facts->certificate_requested)
        fprintf(out, ", asked for a certificate");
    fputc('\n', out);
}

static void print_certificate(FILE *out, const struct story *story, enum role role)
{
    const struct certificate_view *view = &story->certificate[role];
    char begin[32], end[32];
    if (!view->seen)
        return;
    fprintf(out, "    %-10s certificate %s (%s), issued by %s, %s, %s to %s\n", role_name(role),
            view->subject, or_dash(view->names), view->issuer, view->key,
            words_time(begin, view->not_before), words_time(end, view->not_after));
}

/* Packets that tell the story, in the order in which it went. */
static void packets_of(const struct story *story,
                       void (*tell)(void *context, const char *what, uint64_t packet),
                       void *context)
{
    const struct wire_facts *facts = story->facts;
    const struct {
        const char *what;
        uint64_t packet;
    } packets[] = {
        { "first", facts->first.packet },
        { "client_hello", story->offer.place.packet },
        { "server_hello", story->choice_place.packet },
        { "server_certificate", story->certificate[ROLE_SERVER].place.packet },
        { "client_certificate", story->certificate[ROLE_CLIENT].place.packet },
        { "alert", story->alert.seen ? story->alert.place.packet : 0 },
        { "close", facts->closed ? story->closed_at.packet : 0 },
        { "last", facts->last.packet },
    };
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++)
        if (packets[i].packet != 0)
            tell(context, packets[i].what, packets[i].packet);
}

static void print_packet(void *context, const char *what, uint64_t packet)
{
    fprintf(context, " %s %" PRIu64, what, packet);
}

static void print_end(FILE *out, const struct story *story, const struct finding *finding)
{
    const struct last_alert *alert = &story->alert;
    bool unused = finding->outcome == OUTCOME_UNUSED;
    if (!alert->seen && !story->closed)
        fprintf(out, "    %-10s nobody: still open at the end of the capture", "gave up");
    else
        fprintf(out, "    %-10s the %s", unused ? "closed" : "gave up", role_name(finding->by));
    if (alert->seen && alert->from == finding->by)
        fprintf(out, ", %s %s", unused && alert->hidden ? "perhaps by an alert" : "alert",
                alert->hidden ? "(encrypted)" : alert_text(alert->description));
    else if (story->closed_at.packet != story->facts->closed_at.packet)
        fprintf(out, ", by %s",
                story->tls13 ? "a record as long as a close_notify" : "an encrypted alert");
    else if (story->facts->closed)
        fprintf(out, ", %s", wire_close_name(story->facts->closed_how));
    fprintf(out, "\n    %-10s %s\n", "stage", reached_name(story->stage));
}

void explain_print(FILE *out, const struct story *story, const struct finding *finding)
{
    print_line(out, story, finding);
    if (finding->cause == NULL)
        return;
    fprintf(out, "    %s\n", finding->sentence);
    fprintf(out, "    %-10s %s\n", confidence_name(finding->cause->confidence), finding->why);
    if (finding->references != NULL)
        print_field(out, "see", finding->references);
    print_end(out, story, finding);
    print_offer(out, &story->offer);
    print_choice(out, story);
    print_certificate(out, story, ROLE_SERVER);
    print_certificate(out, story, ROLE_CLIENT);
    fprintf(out, "    %-10s", "packets");
    packets_of(story, print_packet, out);
    fputs("\n\n", out);
}

void explain_print_datagrams(FILE *out, const struct datagrams *datagrams)
{
    char from[TCP_ADDRESS_TEXT_LEN], to[TCP_ADDRESS_TEXT_LEN];
    fprintf(out, "udp  %s > %s  %s, %" PRIu64 " packet%s from %" PRIu64 " on: not followed\n",
            tcp_address_format(from, &datagrams->address[0]),
            tcp_address_format(to, &datagrams->address[1]), datagrams->protocol,
            datagrams->num_packets, datagrams->num_packets == 1 ? "" : "s",
            datagrams->first.packet);
}

/* ---- for programs ---- */

json_t *explain_datagrams_to_json(const struct datagrams *datagrams)
{
    char when[CLOCK_LEN], from[TCP_ADDRESS_TEXT_LEN], to[TCP_ADDRESS_TEXT_LEN];
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b}", "time",
                     clock_text(when, datagrams->first.time_ns), "from",
                     tcp_address_format(from, &datagrams->address[0]), "to",
                     tcp_address_format(to, &datagrams->address[1]), "protocol",
                     datagrams->protocol, "packets", (json_int_t)datagrams->num_packets, "first",
                     (json_int_t)datagrams->first.packet, "last",
                     (json_int_t)datagrams->last.packet, "followed", false);
}

static json_t *list_to_json(const struct id_list *list, enum id_kind kind)
{
    json_t *array = json_array();
    char name[NAME_MAX_LEN];
    for (size_t i = 0; i < list->num_ids; i++)
        json_array_append_new(array, json_string(words_id(name, list->ids[i], kind)));
    return array;
}

static json_t *offer_to_json(const struct offer *offer)
{
    if (!offer->seen && !offer->cut)
        return json_null();
    return json_pack("{s:b, s:o, s:o, s:o, s:o, s:s, s:s}", "whole", offer->seen, "versions",
                     list_to_json(&offer->versions, ID_VERSION), "suites",
                     list_to_json(&offer->suites, ID_SUITE), "groups",
                     list_to_json(&offer->groups, ID_GROUP), "signatures",
                     list_to_json(&offer->schemes, ID_SCHEME), "alpn", offer->protocols, "sni",
                     offer->server_name);
}

static json_t *certificate_to_json(const struct certificate_view *view)
{
    if (!view->seen)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "subject",
                     view->subject, "issuer", view->issuer, "names", view->names, "key", view->key,
                     "not_before", (json_int_t)view->not_before, "not_after",
                     (json_int_t)view->not_after, "expired", view->expired, "not_yet_valid",
                     view->not_yet_valid, "chain_expired", view->chain_expired,
                     "chain_not_yet_valid", view->chain_not_yet_valid, "weak", view->weak,
                     "self_signed", view->self_signed, "name_matches", view->name_matches);
}

static json_t *alert_to_json(const struct last_alert *alert)
{
    if (!alert->seen)
        return json_null();
    json_t *object = json_pack("{s:s, s:b, s:I}", "from", role_name(alert->from), "hidden",
                               alert->hidden, "packet", (json_int_t)alert->place.packet);
    if (!alert->hidden) {
        json_object_set_new(object, "level", json_integer(alert->level));
        json_object_set_new(object, "description", json_integer(alert->description));
        json_object_set_new(object, "name", json_string(alert_text(alert->description)));
    }
    return object;
}

static void add_packet(void *context, const char *what, uint64_t packet)
{
    json_object_set_new(context, what, json_integer((json_int_t)packet));
}

static json_t *cause_to_json(const struct story *story, const struct finding *finding)
{
    if (finding->cause == NULL)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s, s:s, s:o}", "id", finding->cause->id,
                     "confidence", confidence_name(finding->cause->confidence), "sentence",
                     finding->sentence, "why", finding->why, "references", finding->references,
                     "by", role_name(finding->by), "stage", reached_name(story->stage), "alert",
                     alert_to_json(&story->alert));
}

static json_t *case_to_json(const struct case_comment *recorded)
{
    int64_t time = recorded->verified_at;
    if (recorded->id[0] == '\0')
        return json_null();
    return json_pack("{s:s, s:s, s:b, s:s, s:s, s:s, s:o}", "id", recorded->id, "verdict",
                     recorded->verdict, "red", case_comment_is_red(recorded), "expected",
                     recorded->expected, "client", recorded->client, "server", recorded->server,
                     "verified_at", time == 0 ? json_null() : json_integer(time));
}

json_t *explain_to_json(const struct story *story, const struct finding *finding)
{
    const struct wire_facts *facts = story->facts;
    char when[CLOCK_LEN], client[TCP_ADDRESS_TEXT_LEN], server[TCP_ADDRESS_TEXT_LEN];
    json_t *packets = json_object();
    packets_of(story, add_packet, packets);
    return json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s?, s:b, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}",
        "connection", (json_int_t)facts->number, "time", clock_text(when, facts->first.time_ns),
        "client", tcp_address_format(client, &facts->address[ROLE_CLIENT]), "server",
        tcp_address_format(server, &facts->address[ROLE_SERVER]), "outcome",
        outcome_name(finding->outcome), "note", finding->note, "keys_fit", finding->keys_fit,
        "cause", cause_to_json(story, finding), "offered", offer_to_json(&story->offer),
        "chosen_alpn", story->chosen_protocol, "server_certificate",
        certificate_to_json(&story->certificate[ROLE_SERVER]), "client_certificate",
        certificate_to_json(&story->certificate[ROLE_CLIENT]), "packets", packets, "facts",
        wire_facts_to_json(facts), "case", case_to_json(&story->recorded));
}
