/* What tls_flow.c (bytes to records) and tls_content.c (records to messages and alerts) share. */
#ifndef TLSMATRIX_CAPTURES_TLS_FLOW_PARTS_H
#define TLSMATRIX_CAPTURES_TLS_FLOW_PARTS_H

#include "captures/tls_decrypt.h"
#include "captures/tls_search.h"
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"

/* A record that waits for a hello. */
struct held_record {
    struct held_record *next;
    struct tls_record record; /* its fragment is `bytes` */
    uint8_t bytes[];
};

enum framing {
    FRAMING_SEARCHING, /* nothing of TLS yet */
    FRAMING_RECORDS,
    FRAMING_RESYNC, /* behind a gap: waiting for a segment that begins like a record */
    FRAMING_OVER,   /* it is no TLS, or none any more */
};

/* One direction. */
struct side {
    /* bytes to records */
    enum framing framing;
    bool begun;                   /* a byte came, or a gap */
    uint8_t probe[TLS_MATCH_LEN]; /* the last bytes, which may begin a hello */
    size_t probe_len;
    struct place probe_place;
    struct splitter splitter;
    struct place record_first;
    bool hurt; /* of the record that is put together */
    struct held_record *held, **held_end;
    size_t held_size;
    /* records to messages */
    struct assembler assembler;
    struct place message_first;
    bool messages_lost; /* a message has begun that was not seen whole */
    uint8_t alert[2];
    size_t alert_len;
};

struct tls_flow {
    struct tls_sink sink;
    void *context;
    struct tls_state state;
    struct decryptor decryptor;
    bool hold;           /* records wait for their hellos */
    struct side side[2]; /* by TLS role */
};

/* Deals with one record: decrypts, gives out, takes in what its content means. */
void tls_flow_take_record(struct tls_flow *flow, struct tls_record *record);

#endif
