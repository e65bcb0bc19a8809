/* The whole way from packets to wire facts: link layer, flows, TLS, decryption. Feed it packets and
 * secrets as they come; it hands out the facts of each connection when the connection is over. */
#ifndef TLSMATRIX_CAPTURES_ANALYSIS_H
#define TLSMATRIX_CAPTURES_ANALYSIS_H

#include "captures/wire_facts.h"

/* `connection` is called once for each, and `facts` are valid during the call. The others, which
 * may be NULL, see what passes on the way; `tap` of the connection is theirs, and is to be freed in
 * `connection` at the latest. */
struct analysis_sink {
    void (*connection)(void *context, const struct wire_facts *facts, void **tap);
    void (*record)(void *context, const struct tls_record *record, const struct tls_state *state,
                   void **tap);
    void (*message)(void *context, const struct tls_message *message, const struct tls_state *state,
                    void **tap);
    void (*alert)(void *context, const struct tls_alert *alert, const struct tls_state *state,
                  void **tap);
};

struct analysis_counts {
    uint64_t packets[NUM_PACKET_KINDS]; /* of each kind */
    uint64_t connections;
    uint64_t dropped; /* as the capture itself says */
};

struct analysis;

/* NULL: out of memory. The sink is copied. */
struct analysis *analysis_new(const struct analysis_sink *sink, void *context);
/* Finishes first, so that every tap comes back. NULL is allowed. */
void analysis_free(struct analysis *analysis);

/* Where secrets can be added beforehand; those of the capture itself are added as they come. */
struct keylog *analysis_keys(struct analysis *analysis);

int analysis_item(struct analysis *analysis, const struct capture_item *item, struct error *err);
/* The same for one packet. */
int analysis_packet(struct analysis *analysis, const struct capture_packet *packet,
                    struct error *err);

/* No more will come. */
void analysis_finish(struct analysis *analysis);

const struct analysis_counts *analysis_counts(const struct analysis *analysis);

/* A whole file: all of the above but analysis_finish(). The warning of the file, if there is one,
 * is copied to `warning`, empty else. */
int analysis_file(struct analysis *analysis, const char *path, char warning[ERROR_TEXT_MAX],
                  struct error *err);

#endif
