/* One of a case's connections as somebody at the wire sees it: the facts of captures/, and what
 * each end was seen to do there that no end should. Filled from an analysis as it goes on. */
#ifndef TLSMATRIX_MATRIX_WIRE_VIEW_H
#define TLSMATRIX_MATRIX_WIRE_VIEW_H

#include "captures/analysis.h"
#include "matrix/ladder.h"

enum { NONCES_WATCHED = 64, NONCE_LEN = 8 }; /* a case has a dozen records a direction */

/* What one end sent. */
struct wire_habits {
    bool data_in_clear;        /* application data that could be read without a key */
    bool certificate_in_clear; /* a Certificate message that could */
    bool alert_in_clear;       /* an alert after this end's ServerHello of TLS 1.3 that could */
    bool nonce_repeated;       /* two records under one explicit nonce or IV (TLS 1.1 and 1.2) */
    bool random_known;
    uint8_t random[KEYLOG_RANDOM_LEN]; /* of its hello */
    bool random_repeated; /* … which it had used before; whoever has seen both says so */
    uint8_t nonces[NONCES_WATCHED][NONCE_LEN];
    size_t num_nonces;
};

struct wire_view {
    struct wire_facts facts;
    struct wire_habits sent[2]; /* by role */
    bool exporter_known;        /* from the key log */
    uint8_t exporter[EXPORTER_LEN];
    struct ladder ladder;
    uint64_t hello_ns;         /* when the first packet of the ClientHello passed; 0: none seen */
    uint64_t finished_ns[2];   /* when each end's first Finished had passed; 0: none seen */
    const struct keylog *keys; /* while it is being filled */
};

/* From the ClientHello to the last Finished, by the recording's clock; 0: not both were seen. */
uint64_t wire_view_handshake_us(const struct wire_view *view);

/* The sink that fills a view, which is its context: empty but for `keys`. */
extern const struct analysis_sink wire_view_sink;

#endif
