/* What a ClientHello offers, and what a CertificateRequest asks for. */
#include "captures/story.h"

#include "harness/wire/hello.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_signal(uint16_t id)
{
    return id == SCSV_EMPTY_RENEGOTIATION_INFO || id == SCSV_FALLBACK;
}

static void keep(struct id_list *out, const uint16_t ids[], size_t num_ids)
{
    for (size_t i = 0; i < num_ids; i++) {
        if (is_grease(ids[i]) || is_signal(ids[i]))
            continue;
        if (out->num_ids < STORY_IDS_MAX)
            out->ids[out->num_ids++] = ids[i];
        out->total++;
    }
}

static void keep_extension(struct id_list *out, const struct hello *hello, uint16_t type)
{
    uint16_t ids[HELLO_LIST_MAX];
    const struct extension *extension = hello_extension_const(hello, type);
    if (extension != NULL)
        keep(out, ids, extension_list(ids, extension, 2));
}

static bool grease_name(const struct reader *name)
{
    return name->len == 2 && name->data[0] == name->data[1] && (name->data[0] & 0x0F) == 0x0A;
}

static void read_protocols(struct offer *out, const struct hello *hello)
{
    const struct extension *extension = hello_extension_const(hello, EXTENSION_ALPN);
    size_t used = 0;
    if (extension == NULL)
        return;
    struct reader reader = reader_of(extension->body.data, extension->body.len);
    struct reader list = reader_block(&reader, 2);
    while (list.len > 0 && used + 8 < sizeof out->protocols) {
        struct reader name = reader_block(&list, 1);
        if (name.failed)
            break;
        if (grease_name(&name))
            continue;
        if (used > 0)
            used += (size_t)sprintf(out->protocols + used, ", ");
        text_of(out->protocols + used, sizeof out->protocols - used, name.data, name.len);
        used += strlen(out->protocols + used);
    }
}

/* Without the extension, versions are those up to one in the hello's head; of a hello that is cut
 * the extension may be in what is missing. */
static void read_versions(struct offer *out, const struct hello *hello)
{
    uint16_t versions[HELLO_LIST_MAX];
    if (out->cut && hello_extension_const(hello, EXTENSION_SUPPORTED_VERSIONS) == NULL)
        return;
    keep(&out->versions, versions, hello_versions(versions, hello));
    if (out->versions.total == 0) /* SSL 3.0, which nothing here speaks */
        keep(&out->versions, &hello->legacy_version, 1);
}

static void read_body(struct offer *out, const uint8_t *body, size_t len)
{
    size_t name_len;
    struct hello *hello = malloc(sizeof *hello); /* half a stack frame's worth */
    if (hello == NULL || hello_read(hello, HANDSHAKE_CLIENT_HELLO, body, len, NULL) < 0) {
        free(hello);
        return;
    }
    read_versions(out, hello);
    keep(&out->suites, hello->suites, hello->num_suites);
    keep_extension(&out->groups, hello, EXTENSION_SUPPORTED_GROUPS);
    keep_extension(&out->schemes, hello, EXTENSION_SIGNATURE_ALGORITHMS);
    keep_extension(&out->certificate_schemes, hello, EXTENSION_SIGNATURE_ALGORITHMS_CERT);
    out->fallback = id_listed(hello->suites, hello->num_suites, SCSV_FALLBACK);
    out->shared_key = hello_extension_const(hello, EXTENSION_PRE_SHARED_KEY) != NULL;
    const uint8_t *name = hello_server_name(hello, &name_len);
    if (name != NULL)
        text_of(out->server_name, sizeof out->server_name, name, name_len);
    read_protocols(out, hello);
    hello_fini(hello);
    free(hello);
}

void offer_read(struct offer *out, const struct tls_message *message)
{
    out->seen = true;
    out->place = message->first;
    read_body(out, message->body, message->len);
}

/* ---- of a hello that is cut ---- */

enum {
    MENDED_MORE = 2, /* what mend() may add */
    LEGACY_LEN = 2 + HELLO_RANDOM_LEN,
    EXTENSION_HEADER_LEN = 4,
    MESSAGE_HEADER_LEN = 4,
    VERSION_MAJOR = 3,
};

static size_t get16(const uint8_t *at)
{
    return (size_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, size_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Null compression alone, and no extensions. */
static size_t end_suites(uint8_t *body, size_t at)
{
    put16(body + at, 0x0100);
    return at + MENDED_MORE;
}

/* Makes a body that is cut one that ends with what is whole of it, by its inner lengths (RFC 8446
 * section 4.1.2); `body` has room for MENDED_MORE. Returns how long it is then; 0: too little. */
static size_t mend(uint8_t *body, size_t len)
{
    size_t at = LEGACY_LEN;
    if (at + 1 > len || (at += 1 + body[at]) + 2 > len)
        return 0;
    size_t num = get16(body + at), there = (len - at - 2) & ~(size_t)1;
    if (num > there)
        put16(body + at, there);
    at += 2 + (num > there ? there : num);
    if (num > there || at + 1 > len || at + 1 + body[at] + 2 > len)
        return end_suites(body, at);
    size_t extensions = at += 1 + body[at];
    at += 2;
    while (at + EXTENSION_HEADER_LEN <= len &&
           at + EXTENSION_HEADER_LEN + get16(body + at + 2) <= len)
        at += EXTENSION_HEADER_LEN + get16(body + at + 2);
    put16(body + extensions, at - extensions - 2);
    return at;
}

/* The contents of the stream's records, headers left out. Returns how much it is. */
static size_t take_fragments(uint8_t *out, const uint8_t *stream, size_t len)
{
    size_t taken = 0;
    while (len >= RECORD_HEADER_LEN && stream[0] == CONTENT_HANDSHAKE) {
        size_t left = len - RECORD_HEADER_LEN, fragment = get16(stream + 3);
        fragment = fragment < left ? fragment : left;
        memcpy(out + taken, stream + RECORD_HEADER_LEN, fragment);
        taken += fragment;
        stream += RECORD_HEADER_LEN + fragment;
        len = left - fragment;
    }
    return taken;
}

/* As far as there is anything: client_hello, of less than 64 KiB, TLS or SSL 3.0. */
static bool begins_hello(const uint8_t *message, size_t len)
{
    return (len < 1 || message[0] == HANDSHAKE_CLIENT_HELLO) && (len < 2 || message[1] == 0) &&
           (len <= MESSAGE_HEADER_LEN || message[MESSAGE_HEADER_LEN] == VERSION_MAJOR);
}

void offer_read_cut(struct offer *out, const uint8_t *stream, size_t len)
{
    uint8_t message[STORY_CLEAR_KEPT + MENDED_MORE];
    if (len < 2 || len > STORY_CLEAR_KEPT || stream[0] != CONTENT_HANDSHAKE ||
        stream[1] != VERSION_MAJOR ||
        (len >= RECORD_HEADER_LEN && get16(stream + 3) > RECORD_FRAGMENT_MAX))
        return;
    size_t taken = take_fragments(message, stream, len);
    if (!begins_hello(message, taken))
        return;
    out->cut = true;
    if (taken > MESSAGE_HEADER_LEN) {
        size_t mended = mend(message + MESSAGE_HEADER_LEN, taken - MESSAGE_HEADER_LEN);
        read_body(out, message + MESSAGE_HEADER_LEN, mended);
    }
}

/* ---- CertificateRequest ---- */

static void keep_list(struct id_list *out, struct reader list)
{
    while (list.len > 0 && !list.failed) {
        uint16_t id = reader_u16(&list);
        if (!list.failed)
            keep(out, &id, 1);
    }
}

static void read_request_extensions(struct request *out, struct reader extensions)
{
    while (extensions.len > 0 && !extensions.failed) {
        uint16_t type = reader_u16(&extensions);
        struct reader body = reader_block(&extensions, 2);
        if (type == EXTENSION_SIGNATURE_ALGORITHMS)
            keep_list(&out->schemes, reader_block(&body, 2));
        if (type == EXTENSION_SIGNATURE_ALGORITHMS_CERT)
            keep_list(&out->certificate_schemes, reader_block(&body, 2));
    }
}

/* RFC 8446 section 4.3.2; RFC 5246 section 7.4.4, before which it names no algorithms. */
void request_read(struct request *out, const struct tls_message *message, uint16_t version)
{
    struct reader reader = reader_of(message->body, message->len);
    out->seen = true;
    reader_block(&reader, 1); /* certificate_request_context, or certificate_types */
    if (version == TLS13)
        read_request_extensions(out, reader_block(&reader, 2));
    else if (version == TLS12)
        keep_list(&out->schemes, reader_block(&reader, 2));
}
