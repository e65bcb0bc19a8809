#include "harness/wire/hello.h"

#include "harness/wire/reader.h"

#include <string.h>

/* SHA-256 of "HelloRetryRequest" (RFC 8446 section 4.1.3). */
const uint8_t hello_retry_random[HELLO_RANDOM_LEN] = {
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
};

enum { RANDOM_AT = 2, EXTENSION_BODY_MAX = 0xFFFF };

bool hello_is_retry(const void *body, size_t len)
{
    return len >= RANDOM_AT + HELLO_RANDOM_LEN &&
           memcmp((const uint8_t *)body + RANDOM_AT, hello_retry_random, HELLO_RANDOM_LEN) == 0;
}

static int wrong(struct error *err, const char *what)
{
    return error_set(err, ERROR_USAGE, "hello: %s", what);
}

static int read_session_id(struct hello *hello, struct reader *reader, struct error *err)
{
    struct reader id = reader_block(reader, 1);
    if (id.failed || id.len > HELLO_SESSION_ID_MAX)
        return wrong(err, "legacy_session_id is cut short or above 32 bytes");
    hello->session_id_len = id.len;
    if (id.len > 0)
        memcpy(hello->session_id, id.data, id.len);
    return 0;
}

/* The lists of a client. */
static int read_offer(struct hello *hello, struct reader *reader, struct error *err)
{
    struct reader list = reader_block(reader, 2);
    if (list.failed || list.len % 2 != 0 || list.len / 2 > HELLO_SUITES_MAX)
        return wrong(err, "cipher_suites is cut short, of odd length or too long");
    while (list.len > 0)
        hello->suites[hello->num_suites++] = reader_u16(&list);
    struct reader methods = reader_block(reader, 1);
    if (methods.failed || methods.len > HELLO_COMPRESSIONS_MAX)
        return wrong(err, "legacy_compression_methods is cut short or too long");
    while (methods.len > 0)
        hello->compressions[hello->num_compressions++] = reader_u8(&methods);
    return 0;
}

/* The single values of a server. */
static int read_choice(struct hello *hello, struct reader *reader, struct error *err)
{
    hello->suites[0] = reader_u16(reader);
    hello->compressions[0] = reader_u8(reader);
    hello->num_suites = hello->num_compressions = 1;
    return reader->failed ? wrong(err, "cipher_suite or legacy_compression_method is missing") : 0;
}

static int read_extensions(struct hello *hello, struct reader *reader, struct error *err)
{
    struct reader block = reader_block(reader, 2);
    hello->has_extensions = true;
    while (!block.failed && block.len > 0) {
        uint16_t type = reader_u16(&block);
        struct reader body = reader_block(&block, 2);
        if (block.failed)
            break;
        if (hello->num_extensions == HELLO_EXTENSIONS_MAX)
            return wrong(err, "more extensions than there are");
        struct extension *extension = &hello->extensions[hello->num_extensions++];
        extension->type = type;
        writer_init(&extension->body, EXTENSION_BODY_MAX);
        writer_bytes(&extension->body, body.data, body.len);
        if (extension->body.failed)
            return error_set(err, ERROR_HARNESS, "out of memory");
    }
    return block.failed ? wrong(err, "extensions are cut short") : 0;
}

static int read_all(struct hello *hello, struct reader *reader, struct error *err)
{
    hello->legacy_version = reader_u16(reader);
    const uint8_t *random = reader_bytes(reader, HELLO_RANDOM_LEN);
    if (random == NULL)
        return wrong(err, "version or random is cut short");
    memcpy(hello->random, random, HELLO_RANDOM_LEN);
    if (read_session_id(hello, reader, err) < 0)
        return -1;
    if ((hello->kind == HELLO_CLIENT ? read_offer : read_choice)(hello, reader, err) < 0)
        return -1;
    if (reader->len > 0 && read_extensions(hello, reader, err) < 0)
        return -1;
    return reader->len > 0 ? wrong(err, "bytes behind the extensions") : 0;
}

int hello_read(struct hello *out, uint8_t type, const void *body, size_t len, struct error *err)
{
    struct reader reader = reader_of(body, len);
    memset(out, 0, sizeof *out);
    if (type != HANDSHAKE_CLIENT_HELLO && type != HANDSHAKE_SERVER_HELLO)
        return wrong(err, "a message of another type");
    out->kind = type == HANDSHAKE_CLIENT_HELLO ? HELLO_CLIENT
                : hello_is_retry(body, len)    ? HELLO_RETRY
                                               : HELLO_SERVER;
    if (read_all(out, &reader, err) == 0)
        return 0;
    hello_fini(out);
    return -1;
}

void hello_fini(struct hello *hello)
{
    for (size_t i = 0; i < hello->num_extensions; i++)
        writer_fini(&hello->extensions[i].body);
    hello->num_extensions = 0;
}

static void write_offer(struct writer *out, const struct hello *hello)
{
    size_t mark = writer_open(out, 2);
    for (size_t i = 0; i < hello->num_suites; i++)
        writer_u16(out, hello->suites[i]);
    writer_close(out, mark, 2);
    mark = writer_open(out, 1);
    writer_bytes(out, hello->compressions, hello->num_compressions);
    writer_close(out, mark, 1);
}

static void write_extensions(struct writer *out, const struct hello *hello)
{
    size_t block = writer_open(out, 2);
    for (size_t i = 0; i < hello->num_extensions; i++) {
        const struct extension *extension = &hello->extensions[i];
        writer_u16(out, extension->type);
        size_t mark = writer_open(out, 2);
        writer_bytes(out, extension->body.data, extension->body.len);
        writer_close(out, mark, 2);
    }
    writer_close(out, block, 2);
}

void hello_write(struct writer *out, const struct hello *hello)
{
    writer_u16(out, hello->legacy_version);
    writer_bytes(out, hello->random, sizeof hello->random);
    size_t mark = writer_open(out, 1);
    writer_bytes(out, hello->session_id, hello->session_id_len);
    writer_close(out, mark, 1);
    if (hello->kind == HELLO_CLIENT) {
        write_offer(out, hello);
    } else {
        writer_u16(out, hello->suites[0]);
        writer_u8(out, hello->compressions[0]);
    }
    if (hello->has_extensions)
        write_extensions(out, hello);
}
