/* What the length of a protected record says about the length of its content: the arithmetic of
 * record protection, seen from outside. Pure. */
#ifndef TLSMATRIX_CAPTURES_OBSERVE_LENGTHS_H
#define TLSMATRIX_CAPTURES_OBSERVE_LENGTHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both ends belong to it. */
struct length_range {
    size_t min, max;
};

/* What a suite adds to a content in a version (RFC 5246 section 6.2.3, RFC 8446 section 5.2, RFC
 * 7366). */
struct record_shape {
    bool known;       /* else there is no suite yet, or its cipher is unknown */
    bool is_null;     /* the content is in clear */
    bool inner_type;  /* TLS 1.3: the content has its type behind it, and perhaps padding */
    bool mac_outside; /* encrypt_then_mac: the MAC is behind the blocks */
    size_t record_iv; /* bytes before the content */
    size_t tag;       /* AEAD */
    size_t mac;       /* all others */
    size_t block;     /* CBC; 0 else */
};

/* `version` and `suite` as negotiated; 0 where they are not known. */
void record_shape_of(struct record_shape *out, uint16_t version, uint16_t suite,
                     bool encrypt_then_mac);

/* The content of a protected record whose fragment has `fragment_len` bytes. Padding that TLS 1.3
 * allows counts as content, because nobody can tell; that of CBC is taken to be the shortest.
 * False: unknown, or no record of this suite has that length. */
bool record_shape_content(struct length_range *out, const struct record_shape *shape,
                          size_t fragment_len);

/* The fragment's length of a record with `content_len` bytes, unpadded. Not for CBC. */
size_t record_shape_fragment(const struct record_shape *shape, size_t content_len);

/* The length of a Finished message of TLS 1.3, header and all (RFC 8446 section 4.4.4); 0:
 * unknown. */
size_t finished_len_of(uint16_t suite);

/* One line: "fragment - 24: 8 explicit nonce, 16 tag". Returns `out`. */
enum { SHAPE_TEXT_LEN = 160 };
const char *record_shape_text(char out[SHAPE_TEXT_LEN], const struct record_shape *shape);

#endif
