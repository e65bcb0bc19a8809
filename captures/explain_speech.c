#include "captures/explain_speech.h"

#include <string.h>
#include <strings.h>

struct opening {
    enum speech_kind kind;
    const char *begins;
    size_t begins_len;
    const char *holds; /* somewhere behind; NULL: whatever */
};

#define BEGINS(kind, text, holds)                                                                  \
    {                                                                                              \
        kind, text, sizeof(text) - 1, holds                                                        \
    }

/* The first that fits counts. References: RFC 9112, 5321, 959, 9051, 1939, 6120, 4511, 4253; the
 * PROXY protocol's own text; PostgreSQL's "Message Formats" (SSLRequest). */
static const struct opening openings[] = {
    BEGINS(SPEECH_TLS, "\x16\x03", NULL),
    BEGINS(SPEECH_TLS, "\x15\x03", NULL),
    BEGINS(SPEECH_TLS, "\x14\x03", NULL),
    BEGINS(SPEECH_TLS, "\x17\x03", NULL),
    BEGINS(SPEECH_HTTP, "HTTP/", NULL),
    BEGINS(SPEECH_HTTP, "GET ", NULL),
    BEGINS(SPEECH_HTTP, "POST ", NULL),
    BEGINS(SPEECH_HTTP, "HEAD ", NULL),
    BEGINS(SPEECH_HTTP, "PUT ", NULL),
    BEGINS(SPEECH_HTTP, "DELETE ", NULL),
    BEGINS(SPEECH_HTTP, "OPTIONS ", NULL),
    BEGINS(SPEECH_HTTP, "CONNECT ", NULL),
    BEGINS(SPEECH_HTTP, "PRI * HTTP/2", NULL),
    BEGINS(SPEECH_HTTP, "<!DOCTYPE", NULL),
    BEGINS(SPEECH_HTTP, "<html", NULL),
    BEGINS(SPEECH_PROXY, "PROXY ", NULL),
    BEGINS(SPEECH_PROXY, "\r\n\r\n\0\r\nQUIT\n", NULL),
    BEGINS(SPEECH_FTP, "220", "FTP"),
    BEGINS(SPEECH_FTP, "USER ", NULL),
    BEGINS(SPEECH_FTP, "AUTH ", NULL),
    BEGINS(SPEECH_SMTP, "220 ", NULL),
    BEGINS(SPEECH_SMTP, "220-", NULL),
    BEGINS(SPEECH_SMTP, "554", NULL),
    BEGINS(SPEECH_SMTP, "421", NULL),
    BEGINS(SPEECH_SMTP, "EHLO", NULL),
    BEGINS(SPEECH_SMTP, "HELO", NULL),
    BEGINS(SPEECH_IMAP, "* OK", NULL),
    BEGINS(SPEECH_IMAP, "* PREAUTH", NULL),
    BEGINS(SPEECH_IMAP, "* BYE", NULL),
    BEGINS(SPEECH_POP3, "+OK", NULL),
    BEGINS(SPEECH_POP3, "-ERR", NULL),
    BEGINS(SPEECH_XMPP, "<?xml", "jabber:"),
    BEGINS(SPEECH_XMPP, "<stream:stream", NULL),
    BEGINS(SPEECH_LDAP, "\x30", "1.3.6.1.4.1.1466.20037"),
    BEGINS(SPEECH_POSTGRESQL, "\0\0\0\x08\x04\xd2\x16\x2f", NULL),
    BEGINS(SPEECH_SSH, "SSH-", NULL),
    BEGINS(SPEECH_OTHER, "", NULL),
};

enum { NUM_OPENINGS = sizeof openings / sizeof openings[0] };

static const struct {
    const char *name;
    const char *command; /* by which a client asks for TLS; NULL: there is none */
    const char *offer;   /* by which a server says that it may */
    const char *demand;  /* by which a server says that it must */
} kinds[NUM_SPEECH_KINDS] = {
    [SPEECH_NONE] = { "nothing", NULL, NULL, NULL },
    [SPEECH_TLS] = { "TLS", NULL, NULL, NULL },
    [SPEECH_HTTP] = { "HTTP", NULL, NULL, NULL },
    [SPEECH_SMTP] = { "SMTP", "STARTTLS", "STARTTLS", "530 " },               /* RFC 3207 */
    [SPEECH_FTP] = { "FTP", "AUTH TLS", "AUTH TLS", "SSL/TLS required" },     /* RFC 4217 */
    [SPEECH_IMAP] = { "IMAP", "STARTTLS", "STARTTLS", "PRIVACYREQUIRED" },    /* RFC 9051, 5530 */
    [SPEECH_POP3] = { "POP3", "STLS", "STLS", "[SYS/PERM] " },                /* RFC 2595 */
    [SPEECH_XMPP] = { "XMPP", "<starttls", "<starttls", "policy-violation" }, /* RFC 6120 */
    [SPEECH_LDAP] = { "LDAP", "1.3.6.1.4.1.1466.20037", NULL, NULL },         /* RFC 4511 */
    [SPEECH_POSTGRESQL] = { "PostgreSQL", NULL, NULL, NULL },
    [SPEECH_SSH] = { "SSH", NULL, NULL, NULL },
    [SPEECH_PROXY] = { "a PROXY header", NULL, NULL, NULL },
    [SPEECH_OTHER] = { "another protocol", NULL, NULL, NULL },
};

/* The place of `text` in the bytes, in any case of letters; NULL. */
static const uint8_t *find(const uint8_t *bytes, size_t len, const char *text)
{
    size_t text_len = strlen(text);
    for (size_t i = 0; i + text_len <= len; i++)
        if (strncasecmp((const char *)bytes + i, text, text_len) == 0)
            return bytes + i;
    return NULL;
}

enum speech_kind speech_kind(const struct speech *speech)
{
    if (speech->clear_len == 0)
        return SPEECH_NONE;
    for (size_t i = 0; i < NUM_OPENINGS; i++) {
        const struct opening *row = &openings[i];
        if (speech->clear_len >= row->begins_len &&
            memcmp(speech->clear, row->begins, row->begins_len) == 0 &&
            (row->holds == NULL || speech_says(speech, row->holds)))
            return row->kind;
    }
    return SPEECH_OTHER;
}

const char *speech_kind_name(enum speech_kind kind)
{
    return kinds[kind].name;
}

bool speech_has_starttls(enum speech_kind kind)
{
    return kinds[kind].command != NULL;
}

bool speech_says(const struct speech *speech, const char *text)
{
    return find(speech->clear, speech->clear_len, text) != NULL;
}

static void quote(char out[STORY_TEXT_MAX], const uint8_t *begin, const uint8_t *end)
{
    const uint8_t *stop = begin;
    while (stop < end && *stop != '\r' && *stop != '\n')
        stop++;
    text_of(out, STORY_TEXT_MAX, begin, (size_t)(stop - begin));
}

void speech_line(char out[STORY_TEXT_MAX], const struct speech *speech, const char *text)
{
    const uint8_t *at = find(speech->clear, speech->clear_len, text);
    out[0] = '\0';
    if (at == NULL)
        return;
    while (at > speech->clear && at[-1] != '\n')
        at--;
    quote(out, at, speech->clear + speech->clear_len);
}

void speech_last_line(char out[STORY_TEXT_MAX], const struct speech *speech)
{
    const uint8_t *end = speech->clear + speech->clear_len;
    const uint8_t *at = end;
    while (at > speech->clear && (at[-1] == '\n' || at[-1] == '\r'))
        at--;
    while (at > speech->clear && at[-1] != '\n')
        at--;
    quote(out, at, end);
}

bool speech_asks_for_tls(const struct speech *client)
{
    for (size_t i = 0; i < NUM_SPEECH_KINDS; i++)
        if (kinds[i].command != NULL && speech_says(client, kinds[i].command))
            return true;
    return false;
}

const char *speech_demand(const struct speech *server, enum speech_kind kind)
{
    const char *demand = kinds[kind].demand;
    bool said = demand != NULL && speech_says(server, demand) &&
                (kind != SPEECH_SMTP || speech_says(server, "STARTTLS command"));
    return said ? demand : NULL;
}

bool speech_offers_tls(const struct speech *server, enum speech_kind kind)
{
    return kinds[kind].offer != NULL && speech_says(server, kinds[kind].offer);
}
