/* TLS's relatives over UDP, so that a capture of them is not answered with silence: named by their
 * first datagrams, not followed. For explain.c only. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_DATAGRAMS_H
#define TLSMATRIX_CAPTURES_EXPLAIN_DATAGRAMS_H

#include "captures/explain.h"

struct datagram_table;

struct datagram_table *datagram_table_new(void); /* NULL: out of memory */
void datagram_table_free(struct datagram_table *table);
void datagram_table_add(struct datagram_table *table, const struct segment *segment,
                        struct place place);

/* Tells the sink of each; returns how many packets are not among them because the bound was
 * reached. */
uint64_t datagram_table_tell(const struct datagram_table *table, const struct explain_sink *sink,
                             void *context);

#endif
