/* What the wire showed of one attempt. */
#include "captures/analysis.h"
#include "captures/splitter.h"
#include "harness/wire/certificate_list.h"
#include "harness/wire/reader.h"
#include "harness/wire/writer.h"
#include "matrix/probe/probe.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct reading {
    struct seen *seen;
    const char *server_name;
    int64_t now;
};

/* Each certificate as a message of its own: that is what can be read. */
static void add_certificate(struct reading *reading, const struct tls_message *message,
                            struct reader der)
{
    struct seen *seen = reading->seen;
    struct writer body;
    if (seen->num_certificates >= PROBE_CHAIN_MAX)
        return;
    writer_init(&body, 1 << 17);
    size_t list = writer_open(&body, 3), one = writer_open(&body, 3);
    writer_bytes(&body, der.data, der.len);
    writer_close(&body, one, 3);
    writer_close(&body, list, 3);
    const struct tls_message alone = { .from = ROLE_SERVER,
                                       .type = HANDSHAKE_CERTIFICATE,
                                       .body = body.data,
                                       .len = body.len,
                                       .first = message->first,
                                       .last = message->last };
    if (!body.failed)
        certificate_view_read(&seen->chain[seen->num_certificates++], &alone, false,
                              reading->server_name, reading->now);
    writer_fini(&body);
}

static void read_chain(struct reading *reading, const struct tls_message *message, bool tls13)
{
    struct certificate_list list = certificate_list_of(message->body, message->len, tls13);
    struct reader der;
    while (certificate_list_next(&list, &der))
        add_certificate(reading, message, der);
}

/* The one name in a server's ALPN extension (RFC 7301 section 3.1). */
static void read_protocol(struct seen *seen, struct reader extensions)
{
    while (extensions.len > 0 && !extensions.failed) {
        uint16_t type = reader_u16(&extensions);
        struct reader body = reader_block(&extensions, 2);
        if (type != EXTENSION_ALPN)
            continue;
        struct reader names = reader_block(&body, 2), name = reader_block(&names, 1);
        size_t len = name.failed ? 0 : name.len;
        snprintf(seen->chosen_protocol, sizeof seen->chosen_protocol, "%.*s", (int)len,
                 len > 0 ? (const char *)name.data : "");
        for (char *c = seen->chosen_protocol; *c != '\0'; c++)
            if (!isprint((unsigned char)*c))
                *c = '?';
    }
}

static void read_extensions(struct seen *seen, const struct tls_message *message)
{
    struct reader reader = reader_of(message->body, message->len);
    if (message->type == HANDSHAKE_SERVER_HELLO) {
        reader_bytes(&reader, 2 + 32); /* version, random */
        reader_block(&reader, 1);      /* session id */
        reader_bytes(&reader, 2 + 1);  /* suite, compression */
    }
    if (reader.len > 0 && !reader.failed)
        read_protocol(seen, reader_block(&reader, 2));
}

static void on_message(void *context, const struct tls_message *message,
                       const struct tls_state *state, void **tap)
{
    struct reading *reading = context;
    struct seen *seen = reading->seen;
    (void)tap;
    if (message->from == ROLE_CLIENT) {
        if (message->type == HANDSHAKE_CLIENT_HELLO && seen->hello_len == 0 &&
            message->len + 4 <= PROBE_HELLO_MAX) {
            const uint8_t head[] = { message->type, (uint8_t)(message->len >> 16),
                                     (uint8_t)(message->len >> 8), (uint8_t)message->len };
            memcpy(seen->hello, head, sizeof head);
            memcpy(seen->hello + sizeof head, message->body, message->len);
            seen->hello_len = message->len + sizeof head;
        }
        return;
    }
    switch (message->type) {
    case HANDSHAKE_SERVER_HELLO:
    case HANDSHAKE_ENCRYPTED_EXTENSIONS:
        read_extensions(seen, message);
        break;
    case HANDSHAKE_CERTIFICATE:
        if (seen->num_certificates == 0)
            read_chain(reading, message, state->version == TLS13);
        break;
    case HANDSHAKE_CERTIFICATE_REQUEST:
        seen->asked_for_client = true;
        break;
    case HANDSHAKE_NEW_SESSION_TICKET:
        seen->num_tickets++;
        break;
    default:
        break;
    }
}

/* What the server's hello chose; why it did not choose. */
static void on_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct reading *reading = context;
    struct seen *seen = reading->seen;
    const struct wire_end *server = &facts->end[ROLE_SERVER];
    (void)tap;
    seen->retried = facts->retried;
    if (server->sent_hello) {
        seen->outcome = ATTEMPT_ACCEPTED;
        seen->why[0] = '\0';
        seen->version = facts->version;
        seen->suite = facts->suite;
        seen->group = facts->group;
        seen->signature_scheme = facts->signature_scheme;
    } else if (server->alert.place.packet != 0) {
        seen->outcome = ATTEMPT_REFUSED;
        snprintf(seen->why, sizeof seen->why, "alert %s", alert_text(server->alert.description));
    } else if (facts->closed && facts->closed_first == ROLE_SERVER) {
        seen->outcome = ATTEMPT_CLOSED;
        snprintf(seen->why, sizeof seen->why, "%s without a word",
                 facts->closed_how == WIRE_CLOSE_RST ? "reset" : "closed");
    }
}

void seen_read(struct seen *out, const struct split_connection *packets, const char *keylog,
               const char *server_name, int64_t now)
{
    static const struct analysis_sink sink = { .connection = on_connection, .message = on_message };
    struct reading reading = { .seen = out, .server_name = server_name, .now = now };
    struct analysis *analysis = analysis_new(&sink, &reading);
    if (analysis == NULL)
        return;
    keylog_add(analysis_keys(analysis), keylog, strlen(keylog), NULL);
    for (size_t i = 0; i < packets->num_packets; i++) {
        const struct split_packet *packet = &packets->packets[i];
        const struct capture_packet one = { .number = i + 1,
                                            .time_ns = packet->time_ns,
                                            .link_type = packets->link_type,
                                            .data = packets->bytes + packet->offset,
                                            .len = packet->len,
                                            .original_len = packet->original_len };
        analysis_packet(analysis, &one, NULL);
    }
    analysis_finish(analysis);
    analysis_free(analysis);
}

/* A record of TLS or SSL 3.0 begins with its content type and 3 (RFC 8446 section 5.1). */
bool seen_no_tls(char out[TEXT_LEN], const uint8_t *first, size_t len)
{
    if (len == 0 || (first[0] >= CONTENT_CHANGE_CIPHER_SPEC &&
                     first[0] <= CONTENT_APPLICATION_DATA && (len < 2 || first[1] == 3)))
        return false;
    char text[PROBE_FIRST_LEN + 1];
    size_t used = 0;
    for (; used < len && used < PROBE_FIRST_LEN && first[used] != '\r' && first[used] != '\n';
         used++)
        text[used] = isprint(first[used]) ? (char)first[used] : '.';
    text[used] = '\0';
    const char *kind = strncmp(text, "SSH-", 4) == 0    ? " (SSH)"
                       : strncmp(text, "HTTP/", 5) == 0 ? " (HTTP in clear)"
                       : strncmp(text, "220", 3) == 0   ? " (SMTP or FTP: TLS after STARTTLS there)"
                                                        : "";
    snprintf(out, TEXT_LEN, "it does not speak TLS there: it says '%s'%s", text, kind);
    return true;
}
