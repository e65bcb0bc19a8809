/* Raw hellos: what a peer that is no TLS stack sends to one, byte for byte, and what the RFCs say
 * must come back. One row is one value of the axis `hello`; the rows are data (matrix/hellos). */
#ifndef TLSMATRIX_MATRIX_RAW_HELLOS_H
#define TLSMATRIX_MATRIX_RAW_HELLOS_H

#include "harness/control/endpoint.h"
#include "matrix/raw/message.h"

#include <stdio.h>

enum {
    HELLOS_MAX = 4000,       /* one axis of a profile holds so many values (PROFILE_VALUES_MAX) */
    HELLO_SENDS_MAX = 4,     /* a hello, a second one, a word more */
    HELLO_CHANGES_MAX = 4,   /* of length fields in one message */
    HELLO_ALERTS_MAX = 8,    /* that one expectation allows */
    HELLO_EXPECTED_MAX = 32, /* suites of one expectation */
};

/* What came back for one send. */
enum answer {
    ANSWER_NONE,          /* nothing: the connection ended without an alert */
    ANSWER_ALERT,         /* a fatal alert came first */
    ANSWER_SERVER_HELLO,  /* ServerHello and the rest of the server's first flight */
    ANSWER_RETRY,         /* HelloRetryRequest */
    ANSWER_CLIENT_HELLO,  /* another ClientHello: what a client says to a HelloRetryRequest */
    ANSWER_CLIENT_FLIGHT, /* ClientKeyExchange and ChangeCipherSpec */
    ANSWER_CUT,           /* a flight that ended in the middle, without an alert */
    NUM_ANSWERS,
};

/* "close", "refused", "server_hello", "hello_retry_request", "client_hello", "client_flight",
 * "cut": as in data files. */
const char *answer_name(enum answer answer);
#define ANSWER_BIT(answer) (1u << (answer))
enum { ANSWERS_ANY = (1 << NUM_ANSWERS) - 1 };

/* A length field that says something else than it should. */
struct hello_change {
    char field[NAME_MAX_LEN]; /* of struct raw_length, or "record" */
    int by;
};

/* What goes out in one piece. */
struct hello_send {
    struct raw_message message; /* or none */
    bool with_certificate;      /* a server's Certificate with the case's chain behind it */
    bool with_hello_done;       /* ServerHelloDone behind that */
    struct hello_change changes[HELLO_CHANGES_MAX];
    size_t num_changes;
    uint8_t record_type;
    uint16_t record_version;
    uint32_t fragment;       /* bytes of a record at most */
    struct raw_bytes inside; /* behind the message, in its record */
    struct raw_bytes before; /* bytes before the first record */
    uint32_t echo_at;        /* a server's, in `before`: where the client's legacy_session_id */
    uint32_t echo_len;       /* stands; the client's own goes there if it has this length */
    struct raw_bytes after;  /* bytes behind the last */
    uint32_t cut;            /* bytes left out at the end */
};

struct hello_expectation {
    unsigned answers;                 /* ANSWER_BIT()s: any of these */
    unsigned first;                   /* likewise for the first of several sends; 0: no matter */
    uint8_t alerts[HELLO_ALERTS_MAX]; /* with ANSWER_ALERT: any of these; none: any at all */
    size_t num_alerts;
    uint16_t version;                    /* of the ServerHello or HelloRetryRequest; 0: any */
    uint16_t suites[HELLO_EXPECTED_MAX]; /* likewise; none: any */
    size_t num_suites;
    uint16_t group;     /* of its key_share; 0: any */
    uint16_t downgrade; /* its random ends in RFC 8446 section 4.1.3's word for this version */
    bool healthy;       /* the alert is about what follows the hello, and shows that it was taken */
};

struct raw_hello {
    const char *name;       /* as in ids */
    const char *text;       /* one sentence */
    const char *ids;        /* "H1, H2": of lists that it stands in; "" */
    const char *references; /* RFC sections */
    const char *file;       /* where it was read */
    int line;
    enum role to;         /* the end under test */
    uint16_t min_version; /* the versions that this end is told to support */
    uint16_t max_version;
    uint16_t twin; /* number of the healthy twin; its own: it is one */
    struct hello_send sends[HELLO_SENDS_MAX];
    size_t num_sends;
    bool fin_at_once; /* our sending ends with the last byte, not with the answer */
    struct hello_expectation expect;
};

/* Reads every *.yaml of the folder, in the order of their names; may be called again for another
 * folder. Errors are "FILE:LINE: …". */
int hellos_load(const char *directory, struct error *err);
/* The same for one text in memory, `name` in the path's place: for tests. */
int hellos_parse(const char *name, const char *text, struct error *err);
/* Forgets them all. */
void hellos_clear(void);

size_t num_hellos(void);
/* NULL past the end. The number is stable within a run only; ids carry the name. */
const struct raw_hello *hello_at(size_t index);
/* -1 if unknown. */
int hello_by_name(const char *name);

/* Must it be refused? */
bool hello_is_faulty(const struct raw_hello *hello);

/* What a send needs to know of the case to become bytes. */
struct hello_setting {
    struct raw_bytes client_session; /* legacy_session_id of the client's hello */
    struct raw_bytes chain;          /* certificate_list of the case (RFC 5246 section 7.4.2) */
};

/* Appends the bytes of one send. */
void hello_send_write(struct writer *out, const struct hello_send *send,
                      const struct hello_setting *setting);

/* Can it be written as it says: does every change of a length fit its field? The error is without
 * file and line. */
int hello_send_check(const struct hello_send *send, struct error *err);

/* For people: the fields by their names, the changes, what must come back, and the bytes in hex.
 * Of a hello to a client the parts that only the case knows are left out. */
void hello_describe(FILE *out, const struct raw_hello *hello);

/* "server_hello or refused with decode_error": what is allowed to come back. */
void hello_expected_text(char out[TEXT_LEN], const struct raw_hello *hello);

#endif
