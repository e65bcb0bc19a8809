#include "harness/control/exchanges.h"

#define NAME(KIND, word) [EXCHANGE_##KIND] = word
const char *const exchange_names[NUM_EXCHANGES] = {
    NAME(PATTERN, "pattern"), NAME(ECHO, "echo"),     NAME(PRODUCT, "product"), NAME(GET, "get"),
    NAME(BANK, "bank"),       NAME(BANNER, "banner"), NAME(MESSAGE, "message"),
};

const struct exchange_row exchanges[NUM_EXCHANGES] = {
    [EXCHANGE_PATTERN] = { "pattern", "The client sends bytes, the server answers each inverted.",
                           "a pattern to the server, and the same inverted back", 0, 0, false },
    [EXCHANGE_ECHO] = { "echo", "The client sends a text, the server sends the same back.",
                        "30 bytes of text to the server, and the same back",
                        sizeof EXCHANGE_BANNER_TEXT - 1, sizeof EXCHANGE_BANNER_TEXT - 1, false },
    [EXCHANGE_PRODUCT] = { "product",
                           "The client sends small numbers, one a byte; the server answers their "
                           "product in 4 bytes, big-endian.",
                           "the numbers 2 3 5 7 11 13 17 19 23 to the server, and 223092870 back",
                           9, 4, false },
    [EXCHANGE_GET] = { "get",
                       "The client sends 'GET /index.html HTTP/1.1' and a line feed; the server "
                       "answers with a page.",
                       "a GET of 25 bytes to the server, and a page of 151 back", 25, 151, false },
    [EXCHANGE_BANK] = { "bank",
                        "The client sends a customer's number in 4 bytes; the server answers with "
                        "the record, pickled (protocol 4).",
                        "the customer's number to the server, and the record back", 4, 233, false },
    [EXCHANGE_BANNER] = { "banner", "The server sends a line at once.",
                          "'" EXCHANGE_BANNER_TEXT "' to the client", 0,
                          sizeof EXCHANGE_BANNER_TEXT - 1, true },
    [EXCHANGE_MESSAGE] = { "message", "The client sends a line; there is no answer.",
                           "a line of 65 bytes to the server", sizeof EXCHANGE_MESSAGE_TEXT - 1, 0,
                           false },
};
