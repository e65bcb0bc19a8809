/* What lengths, order and times of records say once the connection is over. */
#include "captures/observe_parts.h"

#include "harness/wire/handshake.h"
#include "harness/wire/record.h"

#include <stdlib.h>
#include <string.h>

/* RFC 8446 sections 4.3.1, 4.4.2 and 4.4.3: the shortest that the messages of a flight can be. */
enum {
    ENCRYPTED_EXTENSIONS_MIN = HANDSHAKE_HEADER_LEN + 2,
    CERTIFICATE_EMPTY_LEN = HANDSHAKE_HEADER_LEN + 1 + 3,
    CERTIFICATE_VERIFY_MIN = HANDSHAKE_HEADER_LEN + 2 + 2 + 64, /* of EdDSA */
    ALERT_LEN = 2,
    CLIENT_FLIGHT_MAX = 4, /* records: certificate (16 KiB and more are two), verify, Finished */
    /* EncryptedExtensions, Certificate, CertificateVerify, Finished, and with a CertificateRequest
     */
    FLIGHT_RECORDS = 4,
    FLIGHT_RECORDS_MUTUAL = 5,
};

static bool is_tls13(const struct observation *seen)
{
    return seen->facts->version == TLS13;
}

/* ---- records ---- */

static void infer_record(const struct observation *seen, struct observed_record *record)
{
    record->inferable = record->under_protection &&
                        record_shape_content(&record->content, &seen->shape, record->fragment_len);
    record->alert_sized = record->under_protection &&
                          (is_tls13(seen) ? record->inferable && record->content.max == ALERT_LEN
                                          : record->type == CONTENT_ALERT);
}

/* By packet; records come nearly sorted, and few. */
static void sort_records(struct observation *seen)
{
    for (size_t i = 1; i < seen->num_records; i++) {
        struct observed_record record = seen->records[i];
        size_t at = i;
        for (; at > 0 && seen->records[at - 1].place.packet > record.place.packet; at--)
            seen->records[at] = seen->records[at - 1];
        seen->records[at] = record;
    }
}

static bool counts(const struct observed_record *record, enum role from)
{
    return record->from == from && record->under_protection && !record->alert_sized;
}

/* The first record under protection that `from` sent; num_records: none. */
static size_t first_protected(const struct observation *seen, enum role from)
{
    size_t i = 0;
    while (i < seen->num_records &&
           !(seen->records[i].from == from && seen->records[i].under_protection))
        i++;
    return i;
}

/* ---- flights of TLS 1.3 ---- */

/* Up to `max` contents of `from` from `begin` to before `end`; returns how many. */
static size_t contents_of(size_t out[], size_t max, const struct observation *seen, enum role from,
                          size_t begin, size_t end)
{
    size_t num = 0;
    for (size_t i = begin; i < end && num < max; i++)
        if (counts(&seen->records[i], from) && seen->records[i].inferable)
            out[num++] = seen->records[i].content.max;
    return num;
}

static size_t sum_of(const size_t values[], size_t num)
{
    size_t sum = 0;
    for (size_t i = 0; i < num; i++)
        sum += values[i];
    return sum;
}

/* Where each message has a record of its own, which the Finished at the end betrays, the
 * certificate's length is known; else the others' least lengths bound it. */
static void infer_server_flight(struct observation *seen)
{
    size_t lens[OBSERVE_RECORDS_MAX];
    struct observed_flight *flight = &seen->end[ROLE_SERVER].flight;
    size_t finished = finished_len_of(seen->facts->suite);
    size_t begin = first_protected(seen, ROLE_SERVER);
    size_t end = first_protected(seen, ROLE_CLIENT);
    if (begin >= end || finished == 0)
        return;
    size_t num = contents_of(lens, OBSERVE_RECORDS_MAX, seen, ROLE_SERVER, begin, end);
    size_t sum = sum_of(lens, num);
    size_t others = ENCRYPTED_EXTENSIONS_MIN + CERTIFICATE_VERIFY_MIN + finished;
    *flight = (struct observed_flight){ begin, num, sum, KNOWLEDGE_NONE, 0, false };
    if (seen->server.pre_shared_key || sum <= others)
        return;
    flight->certificate = KNOWLEDGE_INFERRED;
    bool apart = (num == FLIGHT_RECORDS || num == FLIGHT_RECORDS_MUTUAL) &&
                 lens[num - 1] == finished && lens[num - 3] < RECORD_PLAINTEXT_MAX;
    flight->at_most = !apart;
    flight->certificate_len = apart ? lens[num - 3] : sum - others;
}

/* How many of the client's first records are its handshake: up to the one as long as a Finished, or
 * one that holds it all. 0: it does not look like a handshake. */
static size_t client_flight_len(const size_t lens[], size_t num, size_t finished)
{
    for (size_t i = 0; i < num; i++)
        if (lens[i] == finished)
            return i + 1;
    return num > 0 && lens[0] > finished ? 1 : 0;
}

static void infer_client_flight(struct observation *seen)
{
    size_t lens[CLIENT_FLIGHT_MAX];
    struct observed_flight *flight = &seen->end[ROLE_CLIENT].flight;
    size_t finished = finished_len_of(seen->facts->suite);
    size_t begin = first_protected(seen, ROLE_CLIENT);
    size_t end = begin;
    while (end < seen->num_records && !counts(&seen->records[end], ROLE_SERVER))
        end++;
    size_t num = contents_of(lens, CLIENT_FLIGHT_MAX, seen, ROLE_CLIENT, begin, end);
    num = client_flight_len(lens, num, finished);
    *flight = (struct observed_flight){ begin, num, sum_of(lens, num), KNOWLEDGE_NONE, 0, false };
    if (num == 0 || flight->content_len < finished + CERTIFICATE_EMPTY_LEN)
        return;
    size_t rest = flight->content_len - finished;
    flight->certificate = KNOWLEDGE_INFERRED;
    flight->at_most = num != 3 && rest != CERTIFICATE_EMPTY_LEN;
    flight->certificate_len = num == 3                        ? lens[0]
                              : rest > CERTIFICATE_VERIFY_MIN ? rest - CERTIFICATE_VERIFY_MIN
                                                              : rest;
}

/* ---- mutual authentication ---- */

static void set_mutual(struct observation *seen, enum mutual mutual, enum knowledge knowledge,
                       const char *why)
{
    seen->mutual = mutual;
    seen->mutual_knowledge = knowledge;
    seen->mutual_why = why;
}

static void mutual_in_clear(struct observation *seen)
{
    const struct observed_chain *chain = seen->end[ROLE_CLIENT].chain;
    if (chain != NULL && chain->num_certificates > 0)
        set_mutual(seen, MUTUAL_YES, KNOWLEDGE_CLEAR, "the client's certificate is in clear");
    else if (chain != NULL)
        set_mutual(seen, MUTUAL_NONE_SENT, KNOWLEDGE_CLEAR,
                   "CertificateRequest and an empty Certificate are in clear");
    else if (seen->certificate_requested)
        set_mutual(seen, MUTUAL_UNKNOWN, KNOWLEDGE_NONE,
                   "CertificateRequest is in clear, and the handshake ended before an answer");
    else if (seen->facts->resumed)
        set_mutual(seen, MUTUAL_UNKNOWN, KNOWLEDGE_NONE,
                   "a resumed session does not show how it began");
    else
        set_mutual(seen, MUTUAL_NO, KNOWLEDGE_CLEAR, "there is no CertificateRequest");
}

static void mutual_by_lengths(struct observation *seen)
{
    const struct observed_flight *flight = &seen->end[ROLE_CLIENT].flight;
    size_t finished = finished_len_of(seen->facts->suite);
    if (seen->client.early_data)
        set_mutual(seen, MUTUAL_UNKNOWN, KNOWLEDGE_NONE,
                   "early data hides where the client's handshake begins");
    else if (flight->num_records == 0)
        set_mutual(seen, MUTUAL_UNKNOWN, KNOWLEDGE_NONE,
                   "the client's handshake under protection was not seen");
    else if (flight->content_len == finished)
        set_mutual(seen, MUTUAL_NO, KNOWLEDGE_INFERRED,
                   "the client's flight is as long as a Finished alone");
    else if (flight->content_len == finished + CERTIFICATE_EMPTY_LEN)
        set_mutual(seen, MUTUAL_NONE_SENT, KNOWLEDGE_INFERRED,
                   "the client's flight is as long as an empty Certificate and a Finished");
    else if (flight->content_len >= finished + CERTIFICATE_EMPTY_LEN + CERTIFICATE_VERIFY_MIN)
        set_mutual(seen, MUTUAL_YES, KNOWLEDGE_INFERRED,
                   "the client's flight is longer than a Finished: certificate and signature fit");
    else
        set_mutual(seen, MUTUAL_UNKNOWN, KNOWLEDGE_NONE,
                   "the client's flight has an unusual length");
}

/* ---- bursts ---- */

static bool is_data(const struct observation *seen, size_t index)
{
    const struct observed_record *record = &seen->records[index];
    const struct observed_flight *flight = &seen->end[record->from].flight;
    if (!counts(record, (enum role)record->from) || record->type != CONTENT_APPLICATION_DATA)
        return false;
    if (!is_tls13(seen))
        return true;
    if (record->from == ROLE_SERVER)
        return index > first_protected(seen, ROLE_CLIENT);
    size_t passed = 0;
    for (size_t i = flight->first_record; i < index && passed < flight->num_records; i++)
        passed += counts(&seen->records[i], ROLE_CLIENT);
    return passed == flight->num_records;
}

static void begin_burst(struct observation *seen, size_t index, bool client_spoke)
{
    const struct observed_record *record = &seen->records[index];
    struct observed_burst *burst = &seen->bursts[seen->num_bursts++];
    *burst = (struct observed_burst){
        .from = (enum role)record->from,
        .kind = is_tls13(seen) && record->from == ROLE_SERVER && !client_spoke ? BURST_UNASKED
                                                                               : BURST_DATA,
        .first_record = index,
        .inferable = true,
        .first = record->place,
    };
}

static void add_to_burst(struct observed_burst *burst, const struct observed_record *record)
{
    burst->num_records++;
    burst->last = record->place;
    burst->inferable = burst->inferable && record->inferable;
    burst->content.min += record->content.min;
    burst->content.max += record->content.max;
}

static void infer_bursts(struct observation *seen)
{
    bool client_spoke = false;
    seen->bursts = calloc(seen->num_records + 1, sizeof seen->bursts[0]);
    if (seen->bursts == NULL)
        return;
    for (size_t i = 0; i < seen->num_records; i++) {
        const struct observed_record *record = &seen->records[i];
        if (!is_data(seen, i))
            continue;
        if (seen->num_bursts == 0 ||
            seen->bursts[seen->num_bursts - 1].from != (enum role)record->from)
            begin_burst(seen, i, client_spoke);
        add_to_burst(&seen->bursts[seen->num_bursts - 1], record);
        client_spoke = client_spoke || record->from == ROLE_CLIENT;
    }
}

/* ---- closing ---- */

static void find_alert(struct observation *seen, enum role role)
{
    struct observed_end *end = &seen->end[role];
    for (size_t i = seen->num_alerts; i-- > 0;)
        if (seen->alerts_from[i] == role)
            end->alert = seen->alerts[i].place;
    if (end->alert.packet != 0)
        return;
    for (size_t i = 0; i < seen->num_records && !is_tls13(seen); i++)
        if (seen->records[i].from == role && seen->records[i].alert_sized) {
            end->alert = seen->records[i].place;
            return;
        }
    if (end->has_last && end->last.alert_sized)
        end->alert = end->last.place;
}

static bool sent_data(const struct observation *seen, enum role role)
{
    for (size_t i = 0; i < seen->num_bursts; i++)
        if (seen->bursts[i].from == role && seen->bursts[i].kind == BURST_DATA)
            return true;
    return false;
}

/* What the alert that the end got before its FIN makes of a FIN without one of its own. After data
 * in both directions an alert is a close_notify, in all likelihood. */
static enum truncation truncation_after(const struct observation *seen, enum role other)
{
    for (size_t i = 0; i < seen->num_alerts; i++)
        if (seen->alerts_from[i] == other)
            return seen->alerts[i].description == ALERT_CLOSE_NOTIFY ? TRUNCATION_YES
                                                                     : TRUNCATION_NO;
    return sent_data(seen, ROLE_CLIENT) && sent_data(seen, ROLE_SERVER) ? TRUNCATION_YES
                                                                        : TRUNCATION_PERHAPS;
}

static void infer_truncation(struct observation *seen, enum role role)
{
    struct observed_end *end = &seen->end[role];
    enum role other = (enum role)(1 - role);
    const struct place *alert = &seen->end[other].alert;
    const struct wire_end *wire = &seen->facts->end[role];
    if (wire->tcp.fin.packet == 0 || end->num_protected == 0 || end->alert.packet != 0 ||
        !seen->facts->complete || wire->framing_lost)
        return;
    end->truncated = alert->packet != 0 && alert->packet < wire->tcp.fin.packet
                         ? truncation_after(seen, other)
                         : TRUNCATION_YES;
}

/* The facts know of alerts in clear, FIN and RST; lengths show the others. */
static void infer_close(struct observation *seen)
{
    const struct wire_facts *facts = seen->facts;
    seen->closed = facts->closed;
    seen->closed_by = facts->closed_first;
    seen->closed_how = wire_close_name(facts->closed_how);
    seen->closed_at = facts->closed_at;
    for (int role = 0; role < 2; role++) {
        const struct place *alert = &seen->end[role].alert;
        if (alert->packet == 0 || (seen->closed && alert->packet >= seen->closed_at.packet))
            continue;
        seen->closed = true;
        seen->closed_by = (enum role)role;
        seen->closed_how = "alert-sized";
        seen->closed_at = *alert;
    }
}

void observe_infer(struct observation *seen)
{
    record_shape_of(&seen->shape, seen->facts->version, seen->facts->suite, seen->encrypt_then_mac);
    for (size_t i = 0; i < seen->num_records; i++)
        infer_record(seen, &seen->records[i]);
    for (int role = 0; role < 2; role++)
        infer_record(seen, &seen->end[role].last);
    sort_records(seen);
    if (is_tls13(seen) && !seen->client.early_data) {
        infer_server_flight(seen);
        infer_client_flight(seen);
    }
    if (is_tls13(seen))
        mutual_by_lengths(seen);
    else if (seen->server.place.packet != 0)
        mutual_in_clear(seen);
    else
        set_mutual(seen, MUTUAL_UNKNOWN, KNOWLEDGE_NONE, "no server hello was seen");
    infer_bursts(seen);
    find_alert(seen, ROLE_CLIENT);
    find_alert(seen, ROLE_SERVER);
    infer_truncation(seen, ROLE_CLIENT);
    infer_truncation(seen, ROLE_SERVER);
    infer_close(seen);
}
