/* harness/wire/hello.h: hellos and every extension that is read. Input: one byte for the kind, two
 * for an edit, then the body of the message. */
#include "harness/wire/hello.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/tls_mutator.h"
#include "harness/wire/handshake.h"

#include <string.h>

static void write_hello(struct writer *out, const struct hello *hello)
{
    writer_init(out, 2 * FUZZ_INPUT_MAX);
    hello_write(out, hello);
}

static bool same(const struct writer *a, const void *bytes, size_t len)
{
    return a->len == len && (len == 0 || memcmp(a->data, bytes, len) == 0);
}

/* A list that was read and is written again says the same. */
static void check_list(const struct hello *hello, uint16_t type, size_t prefix_len)
{
    uint16_t values[HELLO_LIST_MAX], again[HELLO_LIST_MAX];
    const struct extension *extension = hello_extension_const(hello, type);
    if (extension == NULL)
        return;
    size_t num = extension_list(values, extension, prefix_len);
    FUZZ_ASSERT(num <= HELLO_LIST_MAX);
    if (num == 0)
        return;
    struct extension copy = { .type = type };
    writer_init(&copy.body, 0xFFFF);
    extension_set_list(&copy, values, num, prefix_len);
    FUZZ_ASSERT(!copy.body.failed && same(&copy.body, extension->body.data, extension->body.len));
    FUZZ_ASSERT(extension_list(again, &copy, prefix_len) == num);
    FUZZ_ASSERT(memcmp(values, again, num * sizeof values[0]) == 0);
    writer_fini(&copy.body);
}

/* A text that points into the hello lies within one of its extensions. */
static void check_within(const struct hello *hello, uint16_t type, const uint8_t *at, size_t len)
{
    const struct extension *extension = hello_extension_const(hello, type);
    if (at == NULL)
        return;
    FUZZ_ASSERT(extension != NULL && at >= extension->body.data);
    FUZZ_ASSERT(at + len <= extension->body.data + extension->body.len);
}

static void check_extensions(const struct hello *hello)
{
    uint16_t list[HELLO_LIST_MAX];
    size_t len = 0;
    check_list(hello, EXTENSION_SUPPORTED_VERSIONS, 1);
    check_list(hello, EXTENSION_SUPPORTED_GROUPS, 2);
    check_list(hello, EXTENSION_SIGNATURE_ALGORITHMS, 2);
    FUZZ_ASSERT(hello_key_share_groups(list, hello) <= HELLO_LIST_MAX);
    size_t num = hello_versions(list, hello);
    FUZZ_ASSERT(num <= HELLO_LIST_MAX);
    for (size_t i = 0; i < num; i++)
        FUZZ_ASSERT(hello_offers_version(hello, list[i]));
    const uint8_t *name = hello_server_name(hello, &len);
    check_within(hello, EXTENSION_SERVER_NAME, name, len);
    const uint8_t *protocol = hello_first_protocol(hello, &len);
    check_within(hello, EXTENSION_ALPN, protocol, len);
    hello_chosen_version(hello);
    hello_has_renegotiation_info(hello);
    hello_has_flag(hello, EXTENSION_ENCRYPT_THEN_MAC);
    for (size_t i = 0; i < hello->num_suites; i++)
        FUZZ_ASSERT(hello_offers_suite(hello, hello->suites[i]));
}

/* What an edit did is there when it is read again, and nothing else of that type. */
static void check_edit(struct hello *hello, uint8_t type, uint16_t edited)
{
    static const uint8_t body[] = { 0, 1, 2 };
    struct writer bytes;
    struct hello again;
    hello_remove_extension(hello, edited);
    FUZZ_ASSERT(hello_extension(hello, edited) == NULL);
    bool added = hello_add_extension(hello, edited, body, sizeof body);
    FUZZ_ASSERT(added || hello->num_extensions == HELLO_EXTENSIONS_MAX);
    write_hello(&bytes, hello);
    if (!bytes.failed && hello_read(&again, type, bytes.data, bytes.len, NULL) == 0) {
        const struct extension *found = hello_extension_const(&again, edited);
        FUZZ_ASSERT((found != NULL) == added);
        FUZZ_ASSERT(found == NULL || same(&found->body, body, sizeof body));
        FUZZ_ASSERT(again.num_extensions == hello->num_extensions);
        hello_fini(&again);
    } else {
        FUZZ_ASSERT(bytes.failed); /* only the block's length can have grown too much */
    }
    writer_fini(&bytes);
}

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    uint8_t type = fuzz_u8(&input) % 2 == 0 ? HANDSHAKE_CLIENT_HELLO : HANDSHAKE_SERVER_HELLO;
    uint16_t edited = fuzz_u16(&input);
    struct hello hello, again;
    struct writer bytes;
    struct error err;
    if (hello_read(&hello, type, input.data, input.len, &err) < 0) {
        FUZZ_ASSERT(err.class == ERROR_USAGE && err.text[0] != '\0');
        FUZZ_ASSERT(hello.num_extensions == 0);
        return;
    }
    FUZZ_ASSERT(hello.num_extensions <= HELLO_EXTENSIONS_MAX);
    FUZZ_ASSERT((hello.kind == HELLO_RETRY) ==
                (type == HANDSHAKE_SERVER_HELLO && hello_is_retry(input.data, input.len)));
    write_hello(&bytes, &hello);
    FUZZ_ASSERT(!bytes.failed && same(&bytes, input.data, input.len));
    FUZZ_ASSERT(hello_read(&again, type, bytes.data, bytes.len, NULL) == 0);
    hello_fini(&again);
    writer_fini(&bytes);
    check_extensions(&hello);
    check_edit(&hello, type, edited);
    hello_fini(&hello);
}

static size_t mutate(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    return tls_mutate_hello(data, len, max, seed, 3, len > 0 && data[0] % 2 == 0);
}

const struct fuzz_target fuzz_target = {
    .name = "hello",
    .run = run,
    .mutate = mutate,
    .memory_base = 256 << 10, /* 64 extensions twice, each with room for 512 bytes */
    .memory_per_byte = 16,
    .time_base_us = 20000,
    .time_per_byte_us = 20,
};
