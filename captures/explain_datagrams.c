#include "captures/explain_datagrams.h"

#include "harness/wire/registry.h"

#include <stdlib.h>
#include <string.h>

enum { PAIRS_MAX = 256, DTLS_HEADER_LEN = 13, QUIC_LONG_HEADER_MIN = 7 };

struct datagram_table {
    struct datagrams pairs[PAIRS_MAX];
    size_t num_pairs;
    uint64_t num_beyond;
};

static const struct {
    uint16_t version;
    const char *name;
} dtls_versions[] = {
    { 0xFEFF, "DTLS 1.0" }, /* RFC 4347 section 4.1 */
    { 0xFEFD, "DTLS 1.2" }, /* RFC 6347 section 4.1; the records of a DTLS 1.3 hello too */
};

static const struct {
    uint32_t version;
    const char *name;
} quic_versions[] = {
    { 0x00000001, "QUIC version 1" }, /* RFC 9000 section 15 */
    { 0x6B3343CF, "QUIC version 2" }, /* RFC 9369 section 3.1 */
    { 0x00000000, "QUIC version negotiation" },
};

static const char *name_dtls(const uint8_t *bytes, size_t len)
{
    if (len < DTLS_HEADER_LEN || bytes[0] < CONTENT_CHANGE_CIPHER_SPEC ||
        bytes[0] > CONTENT_APPLICATION_DATA)
        return NULL;
    for (size_t i = 0; i < sizeof dtls_versions / sizeof dtls_versions[0]; i++)
        if (dtls_versions[i].version == (bytes[1] << 8 | bytes[2]))
            return dtls_versions[i].name;
    return NULL;
}

/* Long headers only (RFC 9000 section 17.2): short ones have no mark of their own. */
static const char *name_quic(const uint8_t *bytes, size_t len)
{
    if (len < QUIC_LONG_HEADER_MIN || (bytes[0] & 0xC0) != 0xC0)
        return NULL;
    uint32_t version =
        (uint32_t)bytes[1] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 8 | bytes[4];
    for (size_t i = 0; i < sizeof quic_versions / sizeof quic_versions[0]; i++)
        if (quic_versions[i].version == version)
            return quic_versions[i].name;
    return NULL;
}

static struct datagrams *find(struct datagram_table *table, const struct segment *segment)
{
    for (size_t i = 0; i < table->num_pairs; i++) {
        struct datagrams *pair = &table->pairs[i];
        if ((tcp_address_equal(&pair->address[0], &segment->source) &&
             tcp_address_equal(&pair->address[1], &segment->destination)) ||
            (tcp_address_equal(&pair->address[1], &segment->source) &&
             tcp_address_equal(&pair->address[0], &segment->destination)))
            return pair;
    }
    return NULL;
}

struct datagram_table *datagram_table_new(void)
{
    return calloc(1, sizeof(struct datagram_table));
}

void datagram_table_free(struct datagram_table *table)
{
    free(table);
}

void datagram_table_add(struct datagram_table *table, const struct segment *segment,
                        struct place place)
{
    struct datagrams *pair = find(table, segment);
    if (pair == NULL) {
        const char *protocol = name_dtls(segment->payload, segment->len);
        if (protocol == NULL)
            protocol = name_quic(segment->payload, segment->len);
        if (protocol == NULL)
            return;
        if (table->num_pairs == PAIRS_MAX) {
            table->num_beyond++;
            return;
        }
        pair = &table->pairs[table->num_pairs++];
        *pair = (struct datagrams){ .address = { segment->source, segment->destination },
                                    .protocol = protocol,
                                    .first = place };
    }
    pair->last = place;
    pair->num_packets++;
}

uint64_t datagram_table_tell(const struct datagram_table *table, const struct explain_sink *sink,
                             void *context)
{
    for (size_t i = 0; i < table->num_pairs && sink->datagrams != NULL; i++)
        sink->datagrams(context, &table->pairs[i]);
    return table->num_beyond;
}
