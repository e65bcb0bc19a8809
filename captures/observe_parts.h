/* The parts of observe.c. */
#ifndef TLSMATRIX_CAPTURES_OBSERVE_PARTS_H
#define TLSMATRIX_CAPTURES_OBSERVE_PARTS_H

#include "captures/observe.h"
#include "harness/wire/reader.h"

/* Appends what a peer sent to the text in `out`, of `room` bytes, as printable ASCII; what is not
 * becomes \xNN. Cut where it does not fit. */
void append_printable(char *out, size_t room, const void *bytes, size_t len);

/* ---- observe_words.c: the registries' names; NULL: they have none ---- */
const char *suite_word(uint16_t id);
const char *group_word(uint16_t id);
const char *scheme_word(uint16_t id);

/* ---- observe_clear.c: messages in clear ---- */
void observe_message(struct observation *seen, const struct tls_message *message,
                     const struct tls_state *state);
/* The chain as far as it can be read; NULL: out of memory. The caller owns it. */
struct observed_chain *observe_chain(const struct tls_message *message);

/* ---- observe_infer.c: once all records are there ---- */
void observe_infer(struct observation *seen);

/* ---- observe_dns.c ---- */
struct dns_log;
struct dns_log *dns_log_new(void);
void dns_log_free(struct dns_log *log);
/* Takes a datagram to port 53; anything else, and what is no query, is passed over. True: it was
 * one. */
bool dns_log_add(struct dns_log *log, const struct segment *datagram, struct place place);
/* The latest query for this name; packet 0: none. The case of letters does not count. */
struct place dns_log_find(const struct dns_log *log, const char *name);

#endif
