/* A byte stream taken apart into TLS records, as the bytes come. Also recognises what is none: a
 * ClientHello in SSLv2 format (RFC 5246 appendix E.2), and streams that are not TLS at all. */
#ifndef TLSMATRIX_HARNESS_WIRE_RECORD_H
#define TLSMATRIX_HARNESS_WIRE_RECORD_H

#include "harness/wire/writer.h"

enum {
    RECORD_HEADER_LEN = 5,                       /* RFC 8446 section 5.1; RFC 5246 section 6.2.1 */
    RECORD_PLAINTEXT_MAX = 1 << 14,              /* likewise */
    RECORD_FRAGMENT_MAX = (1 << 14) + 2048,      /* TLSCiphertext: RFC 5246 section 6.2.3 */
    RECORD_LEN_MAX = RECORD_HEADER_LEN + 0xFFFF, /* what the length field can say */
};

struct record {
    uint8_t type;        /* ContentType; of an SSLv2 hello: handshake */
    uint16_t version;    /* legacy_record_version; of an SSLv2 hello: 0x0002 */
    const uint8_t *data; /* the whole record, header and all */
    size_t len;
    const uint8_t *fragment; /* what is behind the header */
    size_t fragment_len;
};

enum split {
    SPLIT_RECORD,      /* *out is one, until the next call with this splitter */
    SPLIT_SSLV2_HELLO, /* likewise; at the start of a stream only */
    SPLIT_MORE,        /* more bytes are wanted */
    SPLIT_NOT_TLS,     /* what is left is no record, and no later one will be found */
};

struct splitter {
    struct writer pending;
    size_t at;  /* up to here `pending` has been given out */
    bool begun; /* a record has been given out */
    bool lost;  /* SPLIT_NOT_TLS */
};

void splitter_init(struct splitter *splitter);
void splitter_fini(struct splitter *splitter);

/* Takes as many of the bytes as there is room for, and says how many: all, if every record that was
 * complete has been taken out and `len` is at most RECORD_LEN_MAX. */
size_t splitter_feed(struct splitter *splitter, const void *bytes, size_t len);

/* The next record. A record is whatever has a header with a version 3.x; its type and length are
 * for the caller to judge. */
enum split splitter_next(struct splitter *splitter, struct record *out);

/* The fragment's length that the header of a record announces whose rest has not come; 0: there is
 * no header yet. */
size_t splitter_announced(const struct splitter *splitter);

/* What has been fed and not given out; *len may be 0. Takes it out. */
const uint8_t *splitter_rest(struct splitter *splitter, size_t *len);

/* Bytes of an incomplete record that are waiting for the rest. */
size_t splitter_waiting(const struct splitter *splitter);

/* Writes one record. Lengths beyond the limits of TLS are written as they are, up to 65535. */
void record_write(struct writer *out, uint8_t type, uint16_t version, const void *fragment,
                  size_t len);

#endif
