#include "captures/tls_search.h"

#include "harness/wire/record.h"
#include "harness/wire/registry.h"

/* One byte of a form: from `low` to `high`. */
struct bounds {
    uint8_t low, high;
};

#define ANY                                                                                        \
    {                                                                                              \
        0, 255                                                                                     \
    }
#define IS(value)                                                                                  \
    {                                                                                              \
        (value), (value)                                                                           \
    }
enum {
    MAJOR = 3,
    MINOR_MAX = 4,
    LENGTH_HIGH_MAX = RECORD_FRAGMENT_MAX >> 8,
    HELLO_LENGTH_MIN = 38
};

static const struct bounds record_form[] = {
    { CONTENT_CHANGE_CIPHER_SPEC, CONTENT_HEARTBEAT },
    IS(MAJOR),
    { 0, MINOR_MAX },
    { 0, LENGTH_HIGH_MAX },
    ANY,
};
/* A record of a handshake message of 64 KiB at most, which begins with a version. */
static const struct bounds hello_form[TLS_MATCH_LEN] = {
    IS(CONTENT_HANDSHAKE),
    IS(MAJOR),
    { 0, MINOR_MAX },
    { 0, LENGTH_HIGH_MAX },
    ANY,
    { HANDSHAKE_CLIENT_HELLO, HANDSHAKE_SERVER_HELLO },
    IS(0),
    ANY,
    ANY,
    IS(MAJOR),
    { 0, MINOR_MAX },
};
static const struct bounds alert_form[] = {
    IS(CONTENT_ALERT), IS(MAJOR), { 0, MINOR_MAX }, IS(0), IS(2), { 1, 2 }, ANY,
};
/* RFC 5246 appendix E.2: the length with its highest bit set, client_hello, a version. */
static const struct bounds sslv2_form[] = {
    { 0x80, 0xFF }, ANY, IS(HANDSHAKE_CLIENT_HELLO), { 0, MAJOR }, { 0, MINOR_MAX },
};

static enum tls_match match(const struct bounds *form, size_t form_len, const uint8_t *bytes,
                            size_t len)
{
    for (size_t i = 0; i < form_len && i < len; i++)
        if (bytes[i] < form[i].low || bytes[i] > form[i].high)
            return TLS_MATCH_NO;
    return len < form_len ? TLS_MATCH_MORE : TLS_MATCH_YES;
}

#define MATCH(form, bytes, len) match(form, sizeof(form) / sizeof((form)[0]), bytes, len)

enum tls_match tls_match_record(const uint8_t *bytes, size_t len)
{
    return MATCH(record_form, bytes, len);
}

enum tls_match tls_match_start(const uint8_t *bytes, size_t len)
{
    enum tls_match found = MATCH(record_form, bytes, len);
    return found != TLS_MATCH_NO ? found : MATCH(sslv2_form, bytes, len);
}

enum tls_match tls_match_hello(const uint8_t *bytes, size_t len)
{
    enum tls_match found = MATCH(hello_form, bytes, len);
    if (found == TLS_MATCH_YES && (bytes[7] << 8 | bytes[8]) < HELLO_LENGTH_MIN)
        return TLS_MATCH_NO;
    return found;
}

enum tls_match tls_match_alert(const uint8_t *bytes, size_t len)
{
    return MATCH(alert_form, bytes, len);
}
