/* What a ClientHello offers. */
#include "captures/story.h"

#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

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

void offer_read(struct offer *out, const struct tls_message *message)
{
    uint16_t versions[HELLO_LIST_MAX];
    size_t name_len;
    struct hello *hello = malloc(sizeof *hello); /* half a stack frame's worth */
    out->seen = true;
    out->place = message->first;
    if (hello == NULL ||
        hello_read(hello, HANDSHAKE_CLIENT_HELLO, message->body, message->len, NULL) < 0) {
        free(hello);
        return;
    }
    keep(&out->versions, versions, hello_versions(versions, hello));
    if (out->versions.total == 0) /* SSL 3.0, which nothing here speaks */
        keep(&out->versions, &hello->legacy_version, 1);
    keep(&out->suites, hello->suites, hello->num_suites);
    keep_extension(&out->groups, hello, EXTENSION_SUPPORTED_GROUPS);
    keep_extension(&out->schemes, hello, EXTENSION_SIGNATURE_ALGORITHMS);
    out->fallback = id_listed(hello->suites, hello->num_suites, SCSV_FALLBACK);
    out->shared_key = hello_extension_const(hello, EXTENSION_PRE_SHARED_KEY) != NULL;
    const uint8_t *name = hello_server_name(hello, &name_len);
    if (name != NULL)
        text_of(out->server_name, sizeof out->server_name, name, name_len);
    read_protocols(out, hello);
    hello_fini(hello);
    free(hello);
}
