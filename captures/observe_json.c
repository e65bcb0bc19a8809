/* Observations as data. */
#include "captures/observe_parts.h"

/* ---- pieces ---- */

static json_t *place_json(struct place place)
{
    if (place.packet == 0)
        return json_null();
    return json_pack("{s:I,s:I}", "packet", (json_int_t)place.packet, "time_ns",
                     (json_int_t)place.time_ns);
}

static json_t *text_json(const char *text)
{
    return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *range_json(const struct length_range *range, bool known)
{
    if (!known)
        return json_null();
    return json_pack("[I,I]", (json_int_t)range->min, (json_int_t)range->max);
}

/* The registry's name, the number where it has none. */
static json_t *id_json(uint16_t id, const char *(*word)(uint16_t id))
{
    char number[8];
    const char *name = word(id);
    snprintf(number, sizeof number, "0x%04X", id);
    return json_string(name == NULL ? number : name);
}

static json_t *chosen_json(uint16_t id, const char *(*word)(uint16_t id))
{
    return id == 0 ? json_null() : id_json(id, word);
}

static json_t *list_json(const struct id_list *list, const char *(*word)(uint16_t id))
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->num_ids; i++)
        json_array_append_new(array, id_json(list->ids[i], word));
    return array;
}

/* ---- parts ---- */

static json_t *client_json(const struct observation *seen)
{
    const struct observed_client_hello *client = &seen->client;
    if (client->place.packet == 0)
        return json_null();
    size_t grease = client->suites.num_grease + client->groups.num_grease +
                    client->versions.num_grease + client->key_shares.num_grease +
                    client->schemes.num_grease;
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:I,s:b}", "at",
        place_json(client->place), "record_version", id_json(client->record_version, version_name),
        "legacy_version", id_json(client->legacy_version, version_name), "versions",
        list_json(&client->versions, version_name), "supported_versions", client->has_versions,
        "suites", list_json(&client->suites, suite_word), "groups",
        list_json(&client->groups, group_word), "key_shares",
        list_json(&client->key_shares, group_word), "signature_schemes",
        list_json(&client->schemes, scheme_word), "server_name", text_json(client->server_name),
        "alpn", text_json(client->protocols), "psk_identity", text_json(client->psk_identity),
        "srp_user", text_json(client->user), "grease", (json_int_t)grease, "extensions",
        (json_int_t)client->num_extensions, "session_id_bytes", (json_int_t)client->session_id_len,
        "ticket_bytes", (json_int_t)client->ticket_len, "early_data", client->early_data);
}

static json_t *server_json(const struct observation *seen)
{
    const struct observed_server_hello *server = &seen->server;
    char random[2 * HELLO_RANDOM_LEN + 1];
    if (server->place.packet == 0)
        return json_null();
    for (size_t i = 0; i < HELLO_RANDOM_LEN; i++)
        snprintf(random + 2 * i, 3, "%02x", server->random[i]);
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:s,s:o,s:b,s:b,s:b,s:b}", "at", place_json(server->place),
        "legacy_version", id_json(server->legacy_version, version_name), "version",
        chosen_json(seen->facts->version, version_name), "suite",
        chosen_json(seen->facts->suite, suite_word), "group",
        chosen_json(seen->facts->group, group_word), "signature_scheme",
        chosen_json(seen->facts->signature_scheme, scheme_word), "random", random,
        "downgrade_sentinel", sentinel_name(server->sentinel), "alpn", text_json(server->protocol),
        "pre_shared_key", server->pre_shared_key, "retried", seen->facts->retried, "resumed",
        seen->facts->resumed, "extended_master_secret", seen->extended_master_secret);
}

static json_t *certificate_json(const struct observed_certificate *certificate)
{
    return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:b}", "bytes", (json_int_t)certificate->der_len,
                     "subject", text_json(certificate->subject), "issuer",
                     text_json(certificate->issuer), "names", text_json(certificate->names),
                     "not_before", text_json(certificate->not_before), "not_after",
                     text_json(certificate->not_after), "key", text_json(certificate->key),
                     "unreadable", certificate->unreadable);
}

static json_t *chain_json(const struct observed_chain *chain)
{
    if (chain == NULL)
        return json_null();
    json_t *certificates = json_array();
    for (size_t i = 0; i < chain->num_kept; i++)
        json_array_append_new(certificates, certificate_json(&chain->certificates[i]));
    return json_pack("{s:o,s:I,s:I,s:o}", "at", place_json(chain->place), "message_bytes",
                     (json_int_t)chain->message_len, "chain_length",
                     (json_int_t)chain->num_certificates, "certificates", certificates);
}

static json_t *flight_json(const struct observation *seen, enum role role)
{
    const struct observed_flight *flight = &seen->end[role].flight;
    json_t *lens = json_array();
    json_t *certificate = json_null();
    if (flight->num_records == 0) {
        json_decref(lens);
        return json_null();
    }
    size_t left = flight->num_records;
    for (size_t i = flight->first_record; i < seen->num_records && left > 0; i++)
        if (seen->records[i].from == role && seen->records[i].under_protection &&
            !seen->records[i].alert_sized) {
            json_array_append_new(lens, json_integer(seen->records[i].fragment_len));
            left--;
        }
    if (flight->certificate == KNOWLEDGE_INFERRED)
        certificate = json_pack("{s:I,s:b}", "message_bytes", (json_int_t)flight->certificate_len,
                                "at_most", flight->at_most);
    return json_pack("{s:o,s:I,s:o}", "records", lens, "content_bytes",
                     (json_int_t)flight->content_len, "certificate_inferred", certificate);
}

static json_t *end_json(const struct observation *seen, enum role role)
{
    char address[TCP_ADDRESS_TEXT_LEN];
    const struct observed_end *end = &seen->end[role];
    const struct wire_end *wire = &seen->facts->end[role];
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:o,s:s}", "address",
                     tcp_address_format(address, &seen->facts->address[role]), "syn",
                     place_json(wire->tcp.syn), "fin", place_json(wire->tcp.fin), "rst",
                     place_json(wire->tcp.rst), "chain", chain_json(end->chain), "flight",
                     flight_json(seen, role), "tcp_bytes", (json_int_t)wire->tcp.bytes,
                     "protected_records", (json_int_t)end->num_protected, "protected_bytes",
                     (json_int_t)end->protected_bytes, "alert", place_json(end->alert), "truncated",
                     truncation_name(end->truncated));
}

static json_t *exchange_json(const struct observed_key_exchange *exchange)
{
    if (exchange->place.packet == 0)
        return json_null();
    return json_pack("{s:o,s:I,s:I}", "at", place_json(exchange->place), "message_bytes",
                     (json_int_t)exchange->message_len, "prime_bits",
                     (json_int_t)exchange->prime_bits);
}

static json_t *alerts_json(const struct observation *seen)
{
    json_t *array = json_array();
    for (size_t i = 0; i < seen->num_alerts; i++)
        json_array_append_new(array, json_pack("{s:s,s:i,s:s,s:i,s:o}", "from",
                                               role_name((enum role)seen->alerts_from[i]), "alert",
                                               seen->alerts[i].description, "name",
                                               alert_text(seen->alerts[i].description), "level",
                                               seen->alerts[i].level, "at",
                                               place_json(seen->alerts[i].place)));
    return array;
}

static json_t *records_json(const struct observation *seen)
{
    json_t *array = json_array();
    for (size_t i = 0; i < seen->num_records; i++) {
        const struct observed_record *record = &seen->records[i];
        const char *type = content_type_name(record->type);
        json_array_append_new(array, json_pack("{s:s,s:s,s:I,s:b,s:b,s:o,s:o}", "from",
                                               role_name((enum role)record->from), "type",
                                               type == NULL ? "unknown" : type, "length",
                                               (json_int_t)record->fragment_len, "under_protection",
                                               record->under_protection, "alert_sized",
                                               record->alert_sized, "content",
                                               range_json(&record->content, record->inferable),
                                               "at", place_json(record->place)));
    }
    return array;
}

static json_t *burst_records_json(const struct observation *seen,
                                  const struct observed_burst *burst)
{
    json_t *array = json_array();
    size_t left = burst->num_records;
    for (size_t i = burst->first_record; i < seen->num_records && left > 0; i++)
        if (seen->records[i].from == burst->from && seen->records[i].under_protection &&
            !seen->records[i].alert_sized) {
            json_array_append_new(
                array, range_json(&seen->records[i].content, seen->records[i].inferable));
            left--;
        }
    return array;
}

static json_t *bursts_json(const struct observation *seen)
{
    json_t *array = json_array();
    for (size_t i = 0; i < seen->num_bursts; i++) {
        const struct observed_burst *burst = &seen->bursts[i];
        json_array_append_new(array,
                              json_pack("{s:s,s:s,s:o,s:o,s:o,s:o}", "from", role_name(burst->from),
                                        "kind", burst_kind_name(burst->kind), "records",
                                        burst_records_json(seen, burst), "content",
                                        range_json(&burst->content, burst->inferable), "first",
                                        place_json(burst->first), "last", place_json(burst->last)));
    }
    return array;
}

static json_t *closed_json(const struct observation *seen)
{
    if (!seen->closed)
        return json_null();
    return json_pack("{s:s,s:s,s:o}", "by", role_name(seen->closed_by), "how", seen->closed_how,
                     "at", place_json(seen->closed_at));
}

static json_t *hidden_json(const struct observation *seen)
{
    const struct observed_control *control = &seen->control;
    bool tls13 = seen->facts->version == TLS13;
    bool chain = seen->end[0].chain != NULL || seen->end[1].chain != NULL;
    json_t *with_keys = json_null();
    if (control->has_keys)
        with_keys = json_pack(
            "{s:b,s:[I,I],s:[I,I],s:o}", "opened", control->opened, "application_bytes",
            (json_int_t)control->application_bytes[ROLE_CLIENT],
            (json_int_t)control->application_bytes[ROLE_SERVER], "in_clear",
            (json_int_t)control->in_clear[ROLE_CLIENT], (json_int_t)control->in_clear[ROLE_SERVER],
            "why_not", text_json(control->why_not));
    return json_pack("{s:[I,I],s:[o,o],s:b,s:o}", "readable_bytes",
                     (json_int_t)seen->readable[ROLE_CLIENT],
                     (json_int_t)seen->readable[ROLE_SERVER], "readable",
                     text_json(seen->sample[ROLE_CLIENT]), text_json(seen->sample[ROLE_SERVER]),
                     "tls13_certificate_in_clear", tls13 && chain, "with_keys", with_keys);
}

static json_t *mutual_json(const struct observation *seen)
{
    return json_pack("{s:s,s:s,s:s,s:b}", "authentication", mutual_name(seen->mutual), "knowledge",
                     knowledge_name(seen->mutual_knowledge), "why", seen->mutual_why,
                     "request_in_clear", seen->certificate_requested);
}

json_t *observe_to_json(const struct observation *seen)
{
    char shape[SHAPE_TEXT_LEN];
    const struct wire_facts *facts = seen->facts;
    return json_pack(
        "{s:I,s:I,s:b,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:o,s:I,s:o,s:o,s:o,s:o}",
        "connection", (json_int_t)facts->number, "packets", (json_int_t)facts->num_packets,
        "complete", facts->complete, "client", end_json(seen, ROLE_CLIENT), "server",
        end_json(seen, ROLE_SERVER), "client_hello", client_json(seen), "server_hello",
        server_json(seen), "server_key_exchange", exchange_json(&seen->server_exchange),
        "client_key_exchange", exchange_json(&seen->client_exchange), "psk_identity",
        text_json(seen->psk_identity), "ticket_bytes",
        seen->ticket.packet == 0 ? json_null() : json_integer((json_int_t)seen->ticket_len),
        "mutual", mutual_json(seen), "alerts", alerts_json(seen), "inference",
        record_shape_text(shape, &seen->shape), "records", records_json(seen), "records_left_out",
        (json_int_t)seen->records_left_out, "bursts", bursts_json(seen), "closed",
        closed_json(seen), "dns_query", place_json(seen->dns), "hidden", hidden_json(seen));
}
