/* Hellos looked into and edited. */
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

#include <string.h>

const struct extension *hello_extension_const(const struct hello *hello, uint16_t type)
{
    for (size_t i = 0; i < hello->num_extensions; i++)
        if (hello->extensions[i].type == type)
            return &hello->extensions[i];
    return NULL;
}

struct extension *hello_extension(struct hello *hello, uint16_t type)
{
    return (struct extension *)hello_extension_const(hello, type);
}

bool hello_remove_extension(struct hello *hello, uint16_t type)
{
    size_t num_kept = 0;
    for (size_t i = 0; i < hello->num_extensions; i++) {
        if (hello->extensions[i].type == type)
            writer_fini(&hello->extensions[i].body);
        else
            hello->extensions[num_kept++] = hello->extensions[i];
    }
    bool removed = num_kept < hello->num_extensions;
    hello->num_extensions = num_kept;
    return removed;
}

bool hello_add_extension(struct hello *hello, uint16_t type, const void *body, size_t len)
{
    if (hello->num_extensions == HELLO_EXTENSIONS_MAX)
        return false;
    size_t at = hello->num_extensions;
    if (at > 0 && hello->extensions[at - 1].type == EXTENSION_PRE_SHARED_KEY) {
        hello->extensions[at] = hello->extensions[at - 1];
        at--;
    }
    hello->extensions[at].type = type;
    writer_init(&hello->extensions[at].body, 0xFFFF);
    writer_bytes(&hello->extensions[at].body, body, len);
    hello->num_extensions++;
    hello->has_extensions = true;
    return true;
}

void extension_set(struct extension *extension, const void *body, size_t len)
{
    writer_clear(&extension->body);
    writer_bytes(&extension->body, body, len);
}

static struct reader body_of(const struct extension *extension)
{
    return reader_of(extension->body.data, extension->body.len);
}

size_t extension_list(uint16_t out[HELLO_LIST_MAX], const struct extension *extension,
                      size_t prefix_len)
{
    size_t num = 0;
    if (extension == NULL)
        return 0;
    struct reader body = body_of(extension);
    struct reader list = reader_block(&body, prefix_len);
    if (!reader_done(&body) || list.len % 2 != 0 || list.len / 2 > HELLO_LIST_MAX)
        return 0;
    while (list.len > 0)
        out[num++] = reader_u16(&list);
    return num;
}

void extension_set_list(struct extension *extension, const uint16_t values[], size_t num_values,
                        size_t prefix_len)
{
    struct writer *body = &extension->body;
    writer_clear(body);
    size_t mark = writer_open(body, prefix_len);
    for (size_t i = 0; i < num_values; i++)
        writer_u16(body, values[i]);
    writer_close(body, mark, prefix_len);
}

size_t hello_versions(uint16_t out[HELLO_LIST_MAX], const struct hello *hello)
{
    size_t num = 0;
    const struct extension *offered = hello_extension_const(hello, EXTENSION_SUPPORTED_VERSIONS);
    if (offered != NULL)
        return extension_list(out, offered, 1);
    for (uint16_t v = TLS12; v >= TLS10; v--)
        if (v <= hello->legacy_version)
            out[num++] = v;
    return num;
}

bool hello_offers_version(const struct hello *hello, uint16_t version)
{
    uint16_t versions[HELLO_LIST_MAX];
    return id_listed(versions, hello_versions(versions, hello), version);
}

uint16_t hello_chosen_version(const struct hello *hello)
{
    const struct extension *chosen = hello_extension_const(hello, EXTENSION_SUPPORTED_VERSIONS);
    if (chosen == NULL)
        return hello->legacy_version;
    struct reader body = body_of(chosen);
    return reader_u16(&body);
}

bool hello_offers_suite(const struct hello *hello, uint16_t suite)
{
    return id_listed(hello->suites, hello->num_suites, suite);
}

bool hello_remove_suite(struct hello *hello, uint16_t suite)
{
    size_t num_kept = 0;
    for (size_t i = 0; i < hello->num_suites; i++)
        if (hello->suites[i] != suite)
            hello->suites[num_kept++] = hello->suites[i];
    bool removed = num_kept < hello->num_suites;
    hello->num_suites = num_kept;
    return removed;
}

static size_t client_share_groups(uint16_t out[HELLO_LIST_MAX], struct reader body)
{
    size_t num = 0;
    struct reader shares = reader_block(&body, 2);
    while (shares.len > 0 && num < HELLO_LIST_MAX) {
        uint16_t group = reader_u16(&shares);
        reader_block(&shares, 2);
        if (shares.failed)
            break;
        out[num++] = group;
    }
    return num;
}

size_t hello_key_share_groups(uint16_t out[HELLO_LIST_MAX], const struct hello *hello)
{
    const struct extension *shares = hello_extension_const(hello, EXTENSION_KEY_SHARE);
    if (shares == NULL)
        return 0;
    struct reader body = body_of(shares);
    if (hello->kind == HELLO_CLIENT)
        return client_share_groups(out, body);
    out[0] = reader_u16(&body);
    return body.failed ? 0 : 1;
}

const uint8_t *hello_server_name(const struct hello *hello, size_t *len)
{
    enum { HOST_NAME = 0 };
    const struct extension *names = hello_extension_const(hello, EXTENSION_SERVER_NAME);
    if (names == NULL)
        return NULL;
    struct reader body = body_of(names);
    struct reader list = reader_block(&body, 2);
    while (list.len > 0) {
        uint8_t type = reader_u8(&list);
        struct reader name = reader_block(&list, 2);
        *len = name.len;
        if (type == HOST_NAME && !list.failed)
            return name.data;
    }
    return NULL;
}

const uint8_t *hello_first_protocol(const struct hello *hello, size_t *len)
{
    const struct extension *alpn = hello_extension_const(hello, EXTENSION_ALPN);
    if (alpn == NULL)
        return NULL;
    struct reader body = body_of(alpn);
    struct reader list = reader_block(&body, 2);
    struct reader name = reader_block(&list, 1);
    *len = name.len;
    return name.failed ? NULL : name.data;
}

bool hello_has_flag(const struct hello *hello, uint16_t type)
{
    const struct extension *flag = hello_extension_const(hello, type);
    return flag != NULL && flag->body.len == 0;
}

bool hello_has_renegotiation_info(const struct hello *hello)
{
    return hello_extension_const(hello, EXTENSION_RENEGOTIATION_INFO) != NULL ||
           (hello->kind == HELLO_CLIENT &&
            hello_offers_suite(hello, SCSV_EMPTY_RENEGOTIATION_INFO));
}
