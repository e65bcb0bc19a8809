/* What the files of the by-hand client and server share. For byhand*.c only. */
#ifndef TLSMATRIX_PEERS_COMMON_BYHAND_PARTS_H
#define TLSMATRIX_PEERS_COMMON_BYHAND_PARTS_H

#include "peers/common/byhand.h"
#include "peers/common/exchange.h"

/* ---- byhand_report.c: what people read ---- */

/* "tls1.3 TLS_AES_128_GCM_SHA256 x25519 rsa_pss_rsae_sha256" */
void print_negotiated(FILE *out, const struct facts *facts);
void print_peer(FILE *out, const struct facts *facts);
void print_end(FILE *out, const struct facts *facts);
/* --report: a line for each property of the connection. `wanted`: the host whose name is looked for
 * on the certificate, whether or not TLS was told to; NULL: none. */
void report_connection(const struct facts *facts, const struct endpoint *endpoint,
                       const struct peer_description *peer, const char *wanted);

/* ---- byhand_talk.c: what is said ---- */

/* One conversation by hand: the exchange, and what was seen of the other end. */
struct conversation {
    struct talk talk;
    uint8_t numbers[PRODUCT_NUMBERS_MAX + 1]; /* --numbers; one more than is allowed may be sent */
    struct peer_description peer;
    bool connected; /* the handshake was done, `peer` is filled */
};

/* --app, --message, --numbers, --request-len; the exchange goes into the endpoint. */
int conversation_read(struct conversation *out, struct endpoint *endpoint,
                      const struct parsed_options *options, struct error *err);
/* Refers to the conversation. */
struct exchange conversation_exchange(struct conversation *conversation);

/* ---- byhand_config.c ---- */

/* Adds what --config FILE says for this command to a copy of the options; what is given on the
 * command line comes first. */
struct configured {
    struct yaml_file *file;
    struct parsed_options options;
    struct configured_value {
        const char *option, *value, *path;
        int line;
    } values[OPTIONS_MAX];
    size_t num_values;
};
int configured_read(struct configured *out, const struct parsed_options *options,
                    const char *command, struct error *err);
/* Puts FILE:LINE before an error that is about a value of the file. Returns -1. */
int configured_error(const struct configured *configured, struct error *err);
void configured_fini(struct configured *configured);

#endif
