/* Random values that look like TLS: for the mutator. */
#ifndef TLSMATRIX_FUZZ_STACKS_GENERATE_H
#define TLSMATRIX_FUZZ_STACKS_GENERATE_H

#include "harness/wire/writer.h"

/* A stream of random numbers; the same seed gives the same. */
struct chance {
    uint64_t state;
};

/* 0 … below - 1; 0 if `below` is 0. */
uint32_t chance_below(struct chance *chance, uint32_t below);
/* True once in so many times. */
bool chance_once_in(struct chance *chance, uint32_t times);

/* A number of 16 bits from one of the registries in harness/wire: of the one that fits this
 * extension if there is one, else of any; now and then GREASE or any number. */
uint16_t generate_id(struct chance *chance, uint16_t extension);

/* An ExtensionType, mostly of the registry. */
uint16_t generate_extension_type(struct chance *chance);

/* Appends the body of an extension of this type in its form, with random content; any bytes where
 * no form is known. */
void generate_extension_body(struct chance *chance, struct writer *out, uint16_t type,
                             bool client_hello);
/* Appends one with its type and length in its form, each list with one element, each opaque vector
 * with four bytes, each field of a byte with this value; empty where no form is known. */
void generate_plain_extension(struct chance *chance, struct writer *out, uint16_t type,
                              bool client_hello, uint8_t kind);
/* Appends one with its type and length. */
void generate_extension(struct chance *chance, struct writer *out, bool client_hello);

/* Likewise a handshake message's body. */
void generate_message_body(struct chance *chance, struct writer *out, uint8_t type, bool tls13);

/* The content of a record of this ContentType: alerts, ChangeCipherSpec, messages with their
 * headers, heartbeats, any bytes. */
void generate_content(struct chance *chance, struct writer *out, uint8_t type, bool tls13);

/* One of those HandshakeTypes that a table has; now and then any. */
uint8_t generate_message_type(struct chance *chance);
uint8_t generate_content_type(struct chance *chance);

void generate_bytes(struct chance *chance, struct writer *out, uint32_t max);

#endif
