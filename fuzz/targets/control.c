/* Control messages: endpoint, facts and capabilities from JSON (harness/control). Input: one byte
 * for the kind, then the JSON text. */
#include "fuzz/common/fuzz.h"
#include "harness/control/capabilities.h"
#include "harness/control/endpoint.h"
#include "harness/control/facts.h"

#include <string.h>

/* One kind of message; the struct lives in `value`, as large as the largest. */
struct message {
    int (*from_json)(void *out, const json_t *object, struct error *err);
    json_t *(*to_json)(const void *value);
};

static int endpoint_from(void *out, const json_t *object, struct error *err)
{
    return endpoint_from_json(out, object, err);
}

static json_t *endpoint_to(const void *value)
{
    return endpoint_to_json(value);
}

static int facts_from(void *out, const json_t *object, struct error *err)
{
    return facts_from_json(out, object, err);
}

static json_t *facts_to(const void *value)
{
    return facts_to_json(value);
}

static int capabilities_from(void *out, const json_t *object, struct error *err)
{
    return capabilities_from_json(out, object, err);
}

static json_t *capabilities_to(const void *value)
{
    return capabilities_to_json(value);
}

static const struct message messages[] = {
    { endpoint_from, endpoint_to },
    { facts_from, facts_to },
    { capabilities_from, capabilities_to },
};

union value {
    struct endpoint endpoint;
    struct facts facts;
    struct capabilities capabilities;
};

/* What was read, written and read again is the same, and is written the same. */
static void check_again(const struct message *message, const union value *value)
{
    static union value again;
    json_t *first = message->to_json(value);
    struct error err;
    FUZZ_ASSERT(first != NULL);
    FUZZ_ASSERT(message->from_json(&again, first, &err) == 0);
    json_t *second = message->to_json(&again);
    FUZZ_ASSERT(second != NULL && json_equal(first, second));
    json_decref(first);
    json_decref(second);
}

static void run(const uint8_t *data, size_t len)
{
    static union value value;
    struct fuzz_input input = { data, len };
    const struct message *message =
        &messages[fuzz_u8(&input) % (sizeof messages / sizeof messages[0])];
    struct error err = { .class = ERROR_NONE };
    if (input.len > CONTROL_MESSAGE_MAX)
        return;
    json_t *object = json_loadb((const char *)input.data, input.len, 0, NULL);
    if (object == NULL)
        return;
    memset(&value, 0, sizeof value);
    if (message->from_json(&value, object, &err) == 0)
        check_again(message, &value);
    else
        FUZZ_ASSERT(err.class == ERROR_HARNESS && err.text[0] != '\0');
    json_decref(object);
}

const struct fuzz_target fuzz_target = {
    .name = "control",
    .run = run,
    .memory_base = 512 << 10,
    .memory_per_byte = 256, /* jansson's values; `[[[[` costs it most */
    .time_base_us = 50000,
    .time_per_byte_us = 50,
};
