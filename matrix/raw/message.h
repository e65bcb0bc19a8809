/* A hello as data: every field and list apart, so that any of them can be changed before it becomes
 * bytes, and every length field of those bytes known by name. Unlike harness/wire/hello.h, which
 * reads what came, this can hold and write what no well-formed hello may be. */
#ifndef TLSMATRIX_MATRIX_RAW_MESSAGE_H
#define TLSMATRIX_MATRIX_RAW_MESSAGE_H

#include "harness/error.h"
#include "harness/limits.h"
#include "harness/wire/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RAW_BYTES_MAX = 256 * 1024, /* of one send: sixteen full records, beyond every hello */
    RAW_EXTENSIONS_MAX = 64,    /* of one hello: twice what browsers send */
    RAW_ITEMS_MAX = 33000,      /* of one list: a list of suites as long as its length can say */
    RAW_LENGTHS_MAX = 128,      /* length fields of one hello that have a name */
};

/* Memory of all hellos of a process, given back together. */
struct arena_block;
struct arena {
    struct arena_block *blocks;
};
/* NULL when out of memory. Zeroed. */
void *arena_take(struct arena *arena, size_t len);
void arena_fini(struct arena *arena);

struct raw_bytes {
    const uint8_t *data;
    size_t len;
};

/* head, then data behind a length of `prefix` bytes (0: none). */
struct raw_item {
    uint8_t head[2];
    uint8_t head_len;
    uint8_t prefix;
    struct raw_bytes data;
};

/* A list: its items behind a length of `prefix` bytes (0: none), then what is there beside it. */
struct raw_list {
    uint8_t prefix;
    struct raw_item *items; /* never changed in place: copies of a message share them */
    size_t num_items;
    struct raw_bytes tail;
};

struct raw_extension {
    uint16_t type;
    struct raw_list body;
};

struct raw_message {
    bool present;
    uint8_t type; /* HandshakeType */
    uint16_t legacy_version;
    struct raw_bytes random; /* of any length */
    struct raw_list session_id;
    bool echo_session_id;         /* a server's: what the client's hello had */
    struct raw_list suites;       /* a server's: one, without length */
    struct raw_list compressions; /* likewise */
    bool has_extensions;
    struct raw_extension extensions[RAW_EXTENSIONS_MAX];
    size_t num_extensions;
    struct raw_bytes tail; /* behind the extensions, within the message */
};

/* A length field of a message's bytes. */
struct raw_length {
    char name[NAME_MAX_LEN]; /* "handshake", "session_id", "extensions", "key_share",
                                "key_share.list", "key_share.0" */
    size_t at;               /* offset */
    uint8_t width;
};

struct raw_lengths {
    struct raw_length of[RAW_LENGTHS_MAX];
    size_t num;
    bool too_many; /* not all are here */
};

/* Appends the message with its handshake header. `lengths` may be NULL; else it is filled, with
 * offsets from the message's first byte, as far as they fit. */
void raw_message_write(struct writer *out, struct raw_lengths *lengths,
                       const struct raw_message *message, const struct raw_bytes *client_session);

/* The name of an extension in data files: IANA's ("alpn" for the long one), or "0x1234". */
void raw_extension_name(char out[NAME_MAX_LEN], uint16_t type);

/* The first of this type; NULL. */
struct raw_extension *raw_message_extension(struct raw_message *message, uint16_t type);

#endif
