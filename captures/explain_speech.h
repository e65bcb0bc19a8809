/* What a clear dialogue is: recognised by how it begins. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_SPEECH_H
#define TLSMATRIX_CAPTURES_EXPLAIN_SPEECH_H

#include "captures/story.h"

enum speech_kind {
    SPEECH_NONE, /* nothing was said */
    SPEECH_TLS,
    SPEECH_HTTP,
    SPEECH_SMTP,
    SPEECH_FTP,
    SPEECH_IMAP,
    SPEECH_POP3,
    SPEECH_XMPP,
    SPEECH_LDAP,
    SPEECH_POSTGRESQL,
    SPEECH_SSH,
    SPEECH_PROXY, /* the PROXY header of HAProxy */
    SPEECH_OTHER,
    NUM_SPEECH_KINDS
};

enum speech_kind speech_kind(const struct speech *speech);
/* "HTTP", "SMTP", …, "another protocol". */
const char *speech_kind_name(enum speech_kind kind);
/* Is it one whose TLS begins on a command in the clear dialogue? */
bool speech_has_starttls(enum speech_kind kind);

/* Does it hold this text, in any case of letters? */
bool speech_says(const struct speech *speech, const char *text);
/* The first line that holds this text ("": the first), fit to be quoted; empty: none does. */
void speech_line(char out[STORY_TEXT_MAX], const struct speech *speech, const char *text);
/* The last whole line before TLS, or at all. */
void speech_last_line(char out[STORY_TEXT_MAX], const struct speech *speech);

/* Did the client ask to begin TLS? Did the server demand that it does? */
bool speech_asks_for_tls(const struct speech *client);
const char *speech_demand(const struct speech *server, enum speech_kind kind); /* NULL: no */
bool speech_offers_tls(const struct speech *server, enum speech_kind kind);

#endif
