/* DNS queries that pass by in clear (RFC 1035 section 4.1), so far as to read the name. */
#include "captures/observe_parts.h"

#include <stdlib.h>
#include <strings.h>

enum {
    DNS_PORT = 53,
    DNS_HEADER_LEN = 12,
    DNS_RESPONSE = 0x80,  /* QR, in the third byte */
    DNS_LABEL_MAX = 63,   /* beyond is a pointer, which a query's first name has no use for */
    DNS_LABELS_MAX = 128, /* RFC 1035 section 2.3.4: a name has 255 bytes */
};

struct dns_query {
    char name[OBSERVE_TEXT_MAX];
    struct place place;
};

struct dns_log {
    struct dns_query queries[OBSERVE_DNS_QUERIES_MAX]; /* a ring */
    size_t next;
};

struct dns_log *dns_log_new(void)
{
    return calloc(1, sizeof(struct dns_log));
}

void dns_log_free(struct dns_log *log)
{
    free(log);
}

/* The name of the first question. */
static bool read_name(char out[OBSERVE_TEXT_MAX], struct reader *reader)
{
    out[0] = '\0';
    for (int i = 0; i < DNS_LABELS_MAX; i++) {
        size_t len = reader_u8(reader);
        const uint8_t *label = len > DNS_LABEL_MAX ? NULL : reader_bytes(reader, len);
        if (reader->failed || len > DNS_LABEL_MAX)
            return false;
        if (len == 0)
            return i > 0;
        if (i > 0)
            append_printable(out, OBSERVE_TEXT_MAX, ".", 1);
        append_printable(out, OBSERVE_TEXT_MAX, label, len);
    }
    return false;
}

bool dns_log_add(struct dns_log *log, const struct segment *datagram, struct place place)
{
    struct reader reader = reader_of(datagram->payload, datagram->len);
    const uint8_t *header = reader_bytes(&reader, DNS_HEADER_LEN);
    struct dns_query *query = &log->queries[log->next];
    char name[OBSERVE_TEXT_MAX];
    if (datagram->destination.port != DNS_PORT || header == NULL ||
        (header[2] & DNS_RESPONSE) != 0 || (header[4] | header[5]) == 0)
        return false;
    if (!read_name(name, &reader))
        return false;
    snprintf(query->name, sizeof query->name, "%s", name);
    query->place = place;
    log->next = (log->next + 1) % OBSERVE_DNS_QUERIES_MAX;
    return true;
}

struct place dns_log_find(const struct dns_log *log, const char *name)
{
    struct place found = { .packet = 0 };
    for (size_t i = 0; i < OBSERVE_DNS_QUERIES_MAX; i++)
        if (log->queries[i].place.packet > found.packet &&
            strcasecmp(log->queries[i].name, name) == 0)
            found = log->queries[i].place;
    return found;
}
