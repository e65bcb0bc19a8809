/* What the two ends may say to each other inside a connection: the axis `exchange` of a case, the
 * key `exchange` of an endpoint, `--app` by hand. Here is what everybody has to know of each; what
 * the ends do stands in peers/common/exchange.c. */
#ifndef TLSMATRIX_HARNESS_CONTROL_EXCHANGES_H
#define TLSMATRIX_HARNESS_CONTROL_EXCHANGES_H

#include <stdbool.h>
#include <stddef.h>

enum exchange_kind {
    EXCHANGE_PATTERN, /* the ordinary one; 0, so that an absent key means it */
    EXCHANGE_ECHO,
    EXCHANGE_PRODUCT,
    EXCHANGE_GET,
    EXCHANGE_BANK,
    EXCHANGE_BANNER,
    EXCHANGE_MESSAGE,
    NUM_EXCHANGES,
};

struct exchange_row {
    const char *name; /* "product", as in ids and messages */
    const char *text; /* one sentence for people */
    const char *told; /* what has crossed where it was completed as in a case */
    /* Application bytes in a case, each way; of the pattern, endpoint.request_len both ways. */
    size_t request_len;
    size_t answer_len;
    bool server_first; /* the server speaks before it has heard anything */
};
extern const struct exchange_row exchanges[NUM_EXCHANGES];
/* The names alone, by kind. */
extern const char *const exchange_names[NUM_EXCHANGES];

/* What is said where nobody says otherwise. */
#define EXCHANGE_BANNER_TEXT  "Simple is better than complex."
#define EXCHANGE_MESSAGE_TEXT "What is said here is heard by whom it is for and by nobody else.\n"

#endif
