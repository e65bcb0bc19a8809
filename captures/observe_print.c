/* Observations for people: what leaks first, then what stays hidden. */
#include "captures/observe_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

enum { LABEL_WIDTH = 16, BURSTS_SHOWN = 16, LISTED = 8 };

__attribute__((format(printf, 3, 4))) static void line(FILE *out, const char *label,
                                                       const char *format, ...)
{
    va_list args;
    fprintf(out, "  %-*s ", LABEL_WIDTH, label);
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    putc('\n', out);
}

/* "1.250 ms"; `from` and `to` of 0 packets never come here. */
static const char *span(char out[32], struct place from, struct place to)
{
    double ns = to.time_ns < from.time_ns ? 0 : (double)(to.time_ns - from.time_ns);
    snprintf(out, 32, ns < 1e9 ? "%.3f ms" : "%.1f s", ns < 1e9 ? ns / 1e6 : ns / 1e9);
    return out;
}

static const char *range_text(char out[32], const struct length_range *range, bool known)
{
    if (!known)
        snprintf(out, 32, "?");
    else if (range->min == range->max)
        snprintf(out, 32, "%zu", range->max);
    else
        snprintf(out, 32, "%zu to %zu", range->min, range->max);
    return out;
}

/* ---- V1, V8: who, when ---- */

static void print_head(FILE *out, const struct observation *seen)
{
    char client[TCP_ADDRESS_TEXT_LEN], server[TCP_ADDRESS_TEXT_LEN];
    const struct wire_facts *facts = seen->facts;
    fprintf(out, "connection %" PRIu64 "  %s > %s, packets %" PRIu64 " to %" PRIu64 "%s\n",
            facts->number, tcp_address_format(client, &facts->address[ROLE_CLIENT]),
            tcp_address_format(server, &facts->address[ROLE_SERVER]), facts->first.packet,
            facts->last.packet, facts->complete ? "" : " (not all of it was captured)");
}

static void print_timing(FILE *out, const struct observation *seen)
{
    char tcp[32] = "?", hello[32] = "?", whole[32];
    const struct wire_facts *facts = seen->facts;
    const struct place syn = facts->end[ROLE_CLIENT].tcp.syn, ack = facts->end[ROLE_SERVER].tcp.syn;
    if (syn.packet != 0 && ack.packet != 0)
        span(tcp, syn, ack);
    if (seen->client.place.packet != 0 && seen->server.place.packet != 0)
        span(hello, seen->client.place, seen->server.place);
    line(out, "timing", "TCP round trip %s, hello to hello %s, whole connection %s", tcp, hello,
         span(whole, facts->first, facts->last));
}

/* ---- V2, V3: hellos ---- */

static void print_ids(FILE *out, const char *label, const struct id_list *list,
                      const char *(*word)(uint16_t id))
{
    size_t shown = 0;
    if (list->num_ids == 0)
        return;
    fprintf(out, "  %-*s ", LABEL_WIDTH, label);
    for (size_t i = 0; i < list->num_ids && shown < LISTED; i++) {
        const char *name = word(list->ids[i]);
        if (is_grease(list->ids[i]))
            continue;
        if (name == NULL)
            fprintf(out, "%s0x%04X", shown > 0 ? " " : "", list->ids[i]);
        else
            fprintf(out, "%s%s", shown > 0 ? " " : "", name);
        shown++;
    }
    size_t more = list->num_ids - list->num_grease - shown;
    if (more > 0)
        fprintf(out, " and %zu more", more);
    fprintf(out, "%s\n", list->num_grease > 0 ? " (and GREASE)" : "");
}

static const char *or_unknown(const char *name)
{
    return name == NULL ? "unknown" : name;
}

static void print_identities(FILE *out, const struct observation *seen)
{
    const struct observed_client_hello *client = &seen->client;
    if (client->psk_identity[0] != '\0')
        line(out, "PSK identity", "%s", client->psk_identity);
    if (seen->psk_identity[0] != '\0')
        line(out, "PSK identity", "%s", seen->psk_identity);
    if (client->user[0] != '\0')
        line(out, "user", "%s (SRP)", client->user);
    if (client->ticket_len > 0)
        line(out, "ticket offered", "%zu bytes: links this connection to an earlier one",
             client->ticket_len);
    if (seen->ticket.packet != 0)
        line(out, "ticket given", "%zu bytes, in clear: a later connection will be linked to it",
             seen->ticket_len);
}

static void print_client(FILE *out, const struct observation *seen)
{
    const struct observed_client_hello *client = &seen->client;
    if (client->place.packet == 0) {
        line(out, "client hello", "none was seen");
        return;
    }
    if (client->server_name[0] != '\0')
        line(out, "server name", "%s", client->server_name);
    else
        line(out, "server name", "absent");
    if (seen->dns.packet != 0) {
        char before[32];
        line(out, "DNS query", "for it in packet %" PRIu64 ", %s before the hello",
             seen->dns.packet, span(before, seen->dns, client->place));
    }
    if (client->protocols[0] != '\0')
        line(out, "ALPN", "%s", client->protocols);
    line(out, "client hello", "record %s, hello %s, %zu extensions%s%s",
         or_unknown(version_name(client->record_version)),
         or_unknown(version_name(client->legacy_version)), client->num_extensions,
         client->early_data ? ", early data" : "", seen->facts->retried ? ", retried" : "");
    print_ids(out, "  versions", &client->versions, version_name);
    print_ids(out, "  suites", &client->suites, suite_word);
    print_ids(out, "  groups", &client->groups, group_word);
    print_ids(out, "  key shares", &client->key_shares, group_word);
    print_ids(out, "  signatures", &client->schemes, scheme_word);
}

static void print_server(FILE *out, const struct observation *seen)
{
    const struct wire_facts *facts = seen->facts;
    const struct observed_server_hello *server = &seen->server;
    static const char *const sentinels[] = {
        [SENTINEL_NONE] = "",
        [SENTINEL_TLS12] = ", DOWNGRD\\x01 in its random: it could do TLS 1.3",
        [SENTINEL_BELOW] = ", DOWNGRD\\x00 in its random: it could do more than TLS 1.1",
    };
    if (server->place.packet == 0) {
        line(out, "server hello", "none was seen");
        return;
    }
    line(out, "server hello", "%s %s%s%s%s%s%s%s", or_unknown(version_name(facts->version)),
         or_unknown(suite_word(facts->suite)), facts->group == 0 ? "" : " ",
         facts->group == 0 ? "" : or_unknown(group_word(facts->group)),
         server->pre_shared_key ? ", pre-shared key" : "", facts->resumed ? ", resumed" : "",
         server->protocol[0] != '\0' ? ", ALPN " : "", server->protocol);
    if (server->sentinel != SENTINEL_NONE)
        line(out, "", "downgraded%s", sentinels[server->sentinel]);
}

/* ---- V4: certificates ---- */

static void print_chain(FILE *out, const char *label, const struct observed_chain *chain)
{
    line(out, label, "in clear, %zu in %zu bytes%s", chain->num_certificates, chain->message_len,
         chain->num_certificates == 0 ? ": none" : "");
    for (size_t i = 0; i < chain->num_kept; i++) {
        const struct observed_certificate *certificate = &chain->certificates[i];
        if (certificate->unreadable)
            line(out, "", "%zu bytes that are no certificate", certificate->der_len);
        else
            line(out, "", "%s, %s, %s to %s%s%s", certificate->subject, certificate->key,
                 certificate->not_before, certificate->not_after,
                 certificate->names[0] != '\0' ? ", for " : "", certificate->names);
    }
}

static void print_flight(FILE *out, const char *label, const struct observation *seen,
                         enum role role)
{
    const struct observed_flight *flight = &seen->end[role].flight;
    if (flight->num_records == 0)
        return;
    fprintf(out, "  %-*s hidden; its flight has records of", LABEL_WIDTH, label);
    size_t left = flight->num_records;
    for (size_t i = flight->first_record; i < seen->num_records && left > 0; i++)
        if (seen->records[i].from == role && seen->records[i].under_protection &&
            !seen->records[i].alert_sized && left-- + LISTED > flight->num_records)
            fprintf(out, " %" PRIu32, seen->records[i].fragment_len);
    fprintf(out, "\n");
    if (flight->certificate == KNOWLEDGE_INFERRED && role == ROLE_SERVER)
        line(out, "", "so its certificate message has %s%zu bytes, which tells servers apart",
             flight->at_most ? "at most " : "", flight->certificate_len);
    else if (flight->certificate == KNOWLEDGE_INFERRED)
        line(out, "", "so its certificate message has %s%zu bytes",
             flight->at_most ? "at most " : "", flight->certificate_len);
}

static void print_certificates(FILE *out, const struct observation *seen)
{
    static const char *const labels[] = {
        [ROLE_CLIENT] = "client's chain", [ROLE_SERVER] = "server's chain"
    };
    for (int role = ROLE_SERVER; role >= ROLE_CLIENT; role--) {
        if (seen->end[role].chain != NULL)
            print_chain(out, labels[role], seen->end[role].chain);
        else
            print_flight(out, labels[role], seen, (enum role)role);
    }
    if (seen->server_exchange.prime_bits > 0)
        line(out, "key exchange", "a prime of %u bits", seen->server_exchange.prime_bits);
    line(out, "mutual", "%s%s: %s",
         seen->mutual_knowledge == KNOWLEDGE_INFERRED ? "inferred: " : "",
         mutual_name(seen->mutual), seen->mutual_why);
}

/* ---- V6, V7: sizes and order ---- */

static void print_sizes(FILE *out, const struct observation *seen)
{
    char shape[SHAPE_TEXT_LEN];
    line(out, "sizes",
         "%" PRIu64 " records and %" PRIu64 " bytes of the client, %" PRIu64 " and %" PRIu64
         " of the server under protection",
         seen->end[ROLE_CLIENT].num_protected, seen->end[ROLE_CLIENT].protected_bytes,
         seen->end[ROLE_SERVER].num_protected, seen->end[ROLE_SERVER].protected_bytes);
    line(out, "", "content: %s", record_shape_text(shape, &seen->shape));
}

static void print_bursts(FILE *out, const struct observation *seen)
{
    char content[32], pause[32];
    for (size_t i = 0; i < seen->num_bursts && i < BURSTS_SHOWN; i++) {
        const struct observed_burst *burst = &seen->bursts[i];
        fprintf(out, "  %-*s %s %s bytes in %zu record%s%s", LABEL_WIDTH, i == 0 ? "pattern" : "",
                burst->from == ROLE_CLIENT ? "client >" : "server <",
                range_text(content, &burst->content, burst->inferable), burst->num_records,
                burst->num_records == 1 ? "" : "s",
                burst->kind == BURST_UNASKED ? ", unasked: tickets, or the server speaks first"
                                             : "");
        if (i > 0)
            fprintf(out, ", after %s", span(pause, seen->bursts[i - 1].last, burst->first));
        putc('\n', out);
    }
    if (seen->num_bursts > BURSTS_SHOWN)
        line(out, "", "and %zu more", seen->num_bursts - BURSTS_SHOWN);
    if (seen->records_left_out > 0)
        line(out, "", "%" PRIu64 " more records are counted and not looked at one by one",
             seen->records_left_out);
}

/* ---- V5: alerts, closing ---- */

static void print_closing(FILE *out, const struct observation *seen)
{
    const struct wire_facts *facts = seen->facts;
    for (size_t i = 0; i < seen->num_alerts; i++)
        line(out, "alert", "%s: %s, in packet %" PRIu64, role_name((enum role)seen->alerts_from[i]),
             alert_text(seen->alerts[i].description), seen->alerts[i].place.packet);
    for (int role = 0; role < 2; role++) {
        const struct observed_end *end = &seen->end[role];
        if (end->has_last && end->last.alert_sized && seen->num_alerts == 0)
            line(out, "alert", "%s: a record as long as an alert%s, in packet %" PRIu64,
                 role_name((enum role)role), facts->version == TLS13 ? "" : ", and of its type",
                 end->last.place.packet);
    }
    if (seen->closed)
        line(out, "closed", "%s first, by %s in packet %" PRIu64, role_name(seen->closed_by),
             strcmp(seen->closed_how, "alert-sized") == 0 ? "a record as long as an alert"
                                                          : seen->closed_how,
             seen->closed_at.packet);
    else
        line(out, "closed", "not before the capture ended");
    for (int role = 0; role < 2; role++)
        if (seen->end[role].truncated != TRUNCATION_NO)
            line(out, "truncated", "%s: %s sent FIN, and nothing as long as close_notify before it",
                 truncation_name(seen->end[role].truncated), role_name((enum role)role));
}

/* ---- N1 to N3: hidden ---- */

static void print_readable(FILE *out, const struct observation *seen)
{
    for (int role = 0; role < 2; role++)
        if (seen->readable[role] > 0)
            line(out, "READABLE", "%" PRIu64 " application bytes of the %s: %s",
                 seen->readable[role], role_name((enum role)role), seen->sample[role]);
}

static void print_control(FILE *out, const struct observation *seen)
{
    const struct observed_control *control = &seen->control;
    const uint64_t *bytes = control->application_bytes;
    if (!control->has_keys)
        line(out, "with keys", "none at hand: no positive control");
    else if (control->opened || bytes[0] + bytes[1] > 0)
        line(out, "with keys",
             "positive control: the same capture opens with its keys: %" PRIu64
             " application bytes of the client, %" PRIu64 " of the server%s",
             bytes[ROLE_CLIENT], bytes[ROLE_SERVER],
             control->opened ? "" : ", though not all of it");
    else
        line(out, "with keys", "they do not open it: %s", control->why_not);
}

static void print_hidden(FILE *out, const struct observation *seen)
{
    bool tls13 = seen->facts->version == TLS13;
    uint64_t readable = seen->readable[0] + seen->readable[1];
    uint64_t in_clear = seen->control.in_clear[0] + seen->control.in_clear[1];
    if (readable == 0 && in_clear == 0)
        line(out, "not visible", "any application byte%s",
             tls13 ? "; certificates, tickets, the kind of an alert under protection"
                   : "; the kind of an alert under protection");
    if (in_clear > readable)
        line(out, "READABLE", "%" PRIu64 " application bytes stand in their records as they are",
             in_clear);
    print_control(out, seen);
}

void observe_print(FILE *out, const struct observation *seen)
{
    print_head(out, seen);
    print_readable(out, seen);
    print_client(out, seen);
    print_server(out, seen);
    print_identities(out, seen);
    print_certificates(out, seen);
    print_sizes(out, seen);
    print_bursts(out, seen);
    print_closing(out, seen);
    print_timing(out, seen);
    print_hidden(out, seen);
}
