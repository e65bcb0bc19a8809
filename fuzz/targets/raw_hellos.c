/* The notation of raw hellos (matrix/raw/hellos.h), and the bytes that it becomes. Input: the YAML
 * file. */
#include "fuzz/common/fuzz.h"
#include "matrix/raw/hellos.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t session[32] = { 1, 2, 3 };
static const uint8_t chain[] = { 0, 0, 4, 0x30, 2, 5, 0 };
static const struct hello_setting setting = { { session, sizeof session },
                                              { chain, sizeof chain } };

static void check_send(const struct hello_send *send)
{
    struct writer once, twice;
    writer_init(&once, 4 * RAW_BYTES_MAX);
    writer_init(&twice, 4 * RAW_BYTES_MAX);
    hello_send_write(&once, send, &setting);
    hello_send_write(&twice, send, &setting);
    FUZZ_ASSERT(once.failed == twice.failed && once.len == twice.len);
    FUZZ_ASSERT(once.len == 0 || memcmp(once.data, twice.data, once.len) == 0);
    writer_fini(&once);
    writer_fini(&twice);
}

static void check(const struct raw_hello *hello)
{
    char *text = NULL, expected[TEXT_LEN];
    size_t len = 0;
    FUZZ_ASSERT(hello->name != NULL && hello->num_sends >= 1);
    FUZZ_ASSERT(hello->num_sends <= HELLO_SENDS_MAX && hello->twin < num_hellos());
    FUZZ_ASSERT(hello_at((size_t)hello_by_name(hello->name)) == hello);
    for (size_t i = 0; i < hello->num_sends; i++)
        check_send(&hello->sends[i]);
    hello_expected_text(expected, hello);
    FILE *stream = open_memstream(&text, &len);
    hello_describe(stream, hello);
    fclose(stream);
    FUZZ_ASSERT(len > 0);
    free(text);
}

static void run(const uint8_t *data, size_t len)
{
    enum { LOOKED_AT = 16 };
    struct error err = { .class = ERROR_NONE };
    char *text = fuzz_text(data, len);
    hellos_clear();
    if (hellos_parse("input.yaml", text, &err) < 0)
        FUZZ_ASSERT(err.class == ERROR_USAGE && strncmp(err.text, "input.yaml", 10) == 0);
    else
        for (size_t i = 0; i < num_hellos() && i < LOOKED_AT; i++)
            check(hello_at(i));
    FUZZ_ASSERT(num_hellos() <= HELLOS_MAX);
    hellos_clear();
    free(text);
}

const struct fuzz_target fuzz_target = {
    .name = "raw_hellos",
    .run = run,
    .memory_base = 16 << 20,
    .memory_per_byte = 64 << 10, /* `repeat` and `for-each` make much of little */
    .time_base_us = 1000000,
    .time_per_byte_us = 2000,
};
