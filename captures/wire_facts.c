#include "captures/wire_facts.h"

#include "harness/wire/registry.h"

#include <stdio.h>

static const char *const close_names[] = {
    [WIRE_CLOSE_NONE] = "none",   [WIRE_CLOSE_NOTIFY] = "close_notify",
    [WIRE_CLOSE_ALERT] = "alert", [WIRE_CLOSE_FIN] = "fin",
    [WIRE_CLOSE_RST] = "rst",
};
static const char *const certificate_names[] = {
    [CERTIFICATE_UNSEEN] = "unseen",
    [CERTIFICATE_EMPTY] = "empty",
    [CERTIFICATE_SENT] = "sent",
};
static const char *const flow_end_names[] = {
    [FLOW_CLOSED] = "closed",
    [FLOW_REUSED] = "reused",
    [FLOW_FORGOTTEN] = "forgotten",
    [FLOW_END_OF_CAPTURE] = "end-of-capture",
};

const char *wire_close_name(enum wire_close close)
{
    return close_names[close];
}

const char *wire_certificate_name(enum wire_certificate certificate)
{
    return certificate_names[certificate];
}

/* What has no place or value is null. */
static json_t *place_json(struct place place)
{
    if (place.packet == 0)
        return json_null();
    return json_pack("{s:I,s:I}", "packet", (json_int_t)place.packet, "time_ns",
                     (json_int_t)place.time_ns);
}

static json_t *alert_json(const struct wire_alert *alert)
{
    if (alert->place.packet == 0)
        return json_null();
    return json_pack("{s:i,s:s,s:i,s:b,s:o}", "alert", alert->description, "name",
                     alert_text(alert->description), "level", alert->level, "under_protection",
                     alert->under_protection, "at", place_json(alert->place));
}

/* The registry's name, the number where it has none, null for 0. */
static json_t *id_json(uint16_t id, const char *name)
{
    char number[8];
    if (id == 0)
        return json_null();
    snprintf(number, sizeof number, "0x%04X", id);
    return json_string(name == NULL ? number : name);
}

static json_t *hash_json(const struct wire_end *end)
{
    char hex[2 * SHA256_LEN + 1];
    if (end->certificate != CERTIFICATE_SENT)
        return json_null();
    for (size_t i = 0; i < SHA256_LEN; i++)
        snprintf(hex + 2 * i, 3, "%02x", end->certificate_sha256[i]);
    return json_string(hex);
}

static json_t *tcp_json(const struct flow_sender *tcp)
{
    return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o}", "packets",
                     (json_int_t)tcp->packets, "bytes", (json_int_t)tcp->bytes, "missing",
                     (json_int_t)tcp->missing, "cut", (json_int_t)tcp->cut, "retransmitted",
                     (json_int_t)tcp->retransmitted, "disagreeing", (json_int_t)tcp->disagreeing,
                     "reordered", (json_int_t)tcp->reordered, "syn", place_json(tcp->syn), "fin",
                     place_json(tcp->fin), "rst", place_json(tcp->rst));
}

static json_t *end_json(const struct wire_facts *facts, enum role role)
{
    char address[TCP_ADDRESS_TEXT_LEN];
    const struct wire_end *end = &facts->end[role];
    return json_pack(
        "{s:s,s:o,s:b,s:b,s:b,s:o,s:o,s:I,s:s,s:o,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:I,s:b,s:b}",
        "address", tcp_address_format(address, &facts->address[role]), "tcp", tcp_json(&end->tcp),
        "sent_hello", end->sent_hello, "sent_change_cipher_spec", end->sent_change_cipher_spec,
        "sent_finished", end->sent_finished, "alert", alert_json(&end->alert), "close_notify",
        alert_json(&end->close_notify), "alerts", (json_int_t)end->num_alerts, "certificate",
        wire_certificate_name(end->certificate), "certificate_sha256", hash_json(end),
        "certificates", (int)end->num_certificates, "records", (json_int_t)end->num_records,
        "opaque_records", (json_int_t)end->num_opaque, "hurt_records", (json_int_t)end->num_hurt,
        "application_records", (json_int_t)end->application_records, "application_bytes",
        (json_int_t)end->application_bytes, "early_bytes", (json_int_t)end->early_bytes,
        "opaque_bytes", (json_int_t)end->opaque_bytes, "first_application",
        place_json(end->first_application), "preamble_bytes", (json_int_t)facts->preamble_len[role],
        "record_left", end->record_left, "framing_lost", end->framing_lost);
}

static json_t *close_json(const struct wire_facts *facts)
{
    if (!facts->closed)
        return json_null();
    return json_pack("{s:s,s:s,s:o}", "by", role_name(facts->closed_first), "how",
                     wire_close_name(facts->closed_how), "at", place_json(facts->closed_at));
}

json_t *wire_facts_to_json(const struct wire_facts *facts)
{
    const struct suite *suite = suite_by_id(facts->suite);
    const struct group *group = group_by_id(facts->group);
    const struct signature_scheme *scheme = signature_scheme_by_id(facts->signature_scheme);
    return json_pack(
        "{s:I,s:b,s:s,s:o,s:o,s:I,s:b,s:b,s:o,s:o,s:o,s:o,s:b,s:b,s:b,s:b,s:o,s:o,s:o,s:b,s:b,s:o}",
        "connection", (json_int_t)facts->number, "start_seen", facts->start_seen, "flow_end",
        flow_end_names[facts->flow_end], "first", place_json(facts->first), "last",
        place_json(facts->last), "packets", (json_int_t)facts->num_packets, "tls", facts->is_tls,
        "sslv2_hello", facts->sslv2_hello, "version",
        id_json(facts->version, version_name(facts->version)), "suite",
        id_json(facts->suite, suite == NULL ? NULL : suite->name), "group",
        id_json(facts->group, group == NULL ? NULL : group->name), "signature_scheme",
        id_json(facts->signature_scheme, scheme == NULL ? NULL : scheme->name), "retried",
        facts->retried, "certificate_requested", facts->certificate_requested, "resumed",
        facts->resumed, "early_accepted", facts->early_accepted, "client",
        end_json(facts, ROLE_CLIENT), "server", end_json(facts, ROLE_SERVER), "closed",
        close_json(facts), "complete", facts->complete, "decrypted", facts->decrypted,
        "why_not_decrypted", facts->why_not[0] == '\0' ? json_null() : json_string(facts->why_not));
}
