/* What our own stacks said: only what stood in the hello was tried. */
#include "harness/wire/reader.h"
#include "matrix/probe/survey.h"

#include <string.h>

/* Behind the message's header, version, random and session id (RFC 8446 section 4.1.2). */
static struct reader at_suites(const struct seen *seen)
{
    struct reader hello = reader_of(seen->hello, seen->hello_len);
    reader_bytes(&hello, 4 + 2 + 32);
    reader_block(&hello, 1);
    return hello;
}

static int position(struct reader list, uint16_t id)
{
    for (int i = 0; list.len > 0 && !list.failed; i++)
        if (reader_u16(&list) == id && !list.failed)
            return i;
    return -1;
}

int hello_suite_at(const struct seen *seen, uint16_t id)
{
    struct reader hello = at_suites(seen);
    return position(reader_block(&hello, 2), id);
}

int hello_group_at(const struct seen *seen, uint16_t id)
{
    struct reader hello = at_suites(seen);
    reader_block(&hello, 2);
    reader_block(&hello, 1); /* compression methods */
    for (struct reader extensions = reader_block(&hello, 2);
         extensions.len > 0 && !extensions.failed;) {
        uint16_t type = reader_u16(&extensions);
        struct reader body = reader_block(&extensions, 2);
        if (type == EXTENSION_SUPPORTED_GROUPS)
            return position(reader_block(&body, 2), id);
    }
    return -1;
}

size_t hello_with_suite(uint8_t out[PROBE_HELLO_MAX], const struct seen *seen, uint16_t id)
{
    struct reader hello = at_suites(seen);
    size_t at = seen->hello_len - hello.len; /* of the list's length */
    struct reader list = reader_block(&hello, 2);
    if (list.failed || list.len > UINT16_MAX - 2 || seen->hello_len + 2 > PROBE_HELLO_MAX)
        return 0;
    size_t list_len = list.len + 2, end = at + 2 + list.len, len = seen->hello_len + 2;
    size_t body_len = len - 4;
    memcpy(out, seen->hello, end);
    out[end] = (uint8_t)(id >> 8);
    out[end + 1] = (uint8_t)id;
    memcpy(out + end + 2, seen->hello + end, seen->hello_len - end);
    out[1] = (uint8_t)(body_len >> 16);
    out[2] = (uint8_t)(body_len >> 8);
    out[3] = (uint8_t)body_len;
    out[at] = (uint8_t)(list_len >> 8);
    out[at + 1] = (uint8_t)list_len;
    return len;
}
