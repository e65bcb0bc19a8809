/* What a handshake message is made of: its vectors, each behind a length, and the elements in them.
 * For edits after which all lengths still fit, and for a mutator that knows what it changes. */
#ifndef TLSMATRIX_FUZZ_STACKS_STRUCTURE_H
#define TLSMATRIX_FUZZ_STACKS_STRUCTURE_H

#include "harness/wire/writer.h"

enum {
    STRUCTURE_VECTORS_MAX = 256, /* a hello of a stack has about 60; what is beyond is opaque */
    STRUCTURE_ELEMENTS_MAX = 512,
};

/* Offsets are of the message's body. */
struct vector {
    size_t prefix_len;  /* bytes of the length, which stand before `from` */
    size_t from, to;    /* the content */
    int parent;         /* index of the vector around it; -1: the message */
    uint16_t extension; /* ExtensionType that it is the body of, or lies in; only if in_extension */
    bool in_extension;
    bool is_block; /* the extensions, each with type and length, of a message or of an entry */
};

/* One of a list: a suite, an extension with its type and length, an entry of a certificate list. */
struct element {
    size_t from, to;
    int list; /* index of the vector that it stands in */
};

/* Vectors stand before those inside them, elements in their order. */
struct structure {
    struct vector vectors[STRUCTURE_VECTORS_MAX];
    size_t num_vectors;
    struct element elements[STRUCTURE_ELEMENTS_MAX];
    size_t num_elements;
};

/* Reads a whole message, header and all, as far as it has the form of its type in this version
 * (TLS13 or another); where it has not, less is found, and nothing at all is no error. */
void structure_read(struct structure *out, uint16_t version, const uint8_t *message, size_t len);

/* The form of a message of this type, of an extension's body; NULL: none is known. `b` `h` `w` `r`
 * are fields of 1, 2, 4 and 32 bytes; `1(…)` is a vector behind a length of 1 byte that repeats
 * what is in the brackets, with nothing in them any bytes; `E` is the block of extensions. */
const char *structure_message_form(uint8_t type, bool tls13);
const char *structure_extension_form(uint16_t type, bool client_hello);

/* Behind the brackets that the form begins with. */
const char *structure_behind_brackets(const char *form);

/* Index of the vector that a change of `drop` bytes at `offset` is inside of; -1: of none. An
 * insertion between two elements is inside their list, one at the end of several vectors in the
 * outermost of them, one in an empty vector in that. */
int structure_at(const struct structure *structure, size_t offset, size_t drop);

/* Replaces `drop` bytes at `offset` of the message's body, as far as they are there, and has the
 * lengths of all vectors around that follow, and the message's own. An offset beyond the end is
 * behind all, in the outermost vector that ends there, be there an empty one in it. A length that
 * its prefix cannot say is cut to the prefix's bits. */
void structure_edit(struct writer *message, uint16_t version, size_t offset, size_t drop,
                    const void *bytes, size_t len);

/* Puts `times` copies of the `len` bytes at `offset` of the body, as far as they are there, in
 * front of them, as an edit; no more than the message has room for. */
void structure_repeat(struct writer *message, uint16_t version, size_t offset, size_t len,
                      unsigned times);

#endif
