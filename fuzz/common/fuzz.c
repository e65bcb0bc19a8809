#include "fuzz/common/fuzz.h"

#include "fuzz/common/allocations.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void fuzz_assert_failed(const char *file, int line, const char *function, const char *condition)
{
    fprintf(stderr, "%s:%d: %s: does not hold: %s\n", file, line, function, condition);
    abort();
}

static uint64_t processor_time_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static uint64_t run_once(const uint8_t *data, size_t len)
{
    const struct fuzz_target *t = &fuzz_target;
    bool watched = t->memory_base != 0 || t->memory_per_byte != 0;
    uint64_t begin = processor_time_us();
    if (watched)
        allocations_watch(t->memory_base + t->memory_per_byte * len);
    t->run(data, len);
    if (watched)
        allocations_unwatch();
    return processor_time_us() - begin;
}

/* What is slow once may have been the machine. */
void fuzz_run_watched(const uint8_t *data, size_t len)
{
    const struct fuzz_target *t = &fuzz_target;
    uint64_t allowed = t->time_base_us + (uint64_t)t->time_per_byte_us * len, taken = 0;
    if (len > FUZZ_INPUT_MAX)
        return;
    for (int i = 0; i < 3; i++) {
        taken = run_once(data, len);
        if (allowed == 0 || taken <= allowed)
            return;
    }
    fprintf(stderr, "%" PRIu64 " us for %zu bytes; %" PRIu64 " allowed\n", taken, len, allowed);
    FUZZ_ASSERT(!"time stays below what the target states");
}

uint8_t fuzz_u8(struct fuzz_input *input)
{
    if (input->len == 0)
        return 0;
    input->len--;
    return *input->data++;
}

uint16_t fuzz_u16(struct fuzz_input *input)
{
    uint16_t high = fuzz_u8(input);
    return (uint16_t)(high << 8 | fuzz_u8(input));
}

uint32_t fuzz_u32(struct fuzz_input *input)
{
    uint32_t high = fuzz_u16(input);
    return high << 16 | fuzz_u16(input);
}

uint32_t fuzz_up_to(struct fuzz_input *input, uint32_t max)
{
    uint32_t value = max < 0x100     ? fuzz_u8(input)
                     : max < 0x10000 ? fuzz_u16(input)
                                     : fuzz_u32(input);
    return max == UINT32_MAX ? value : value % (max + 1);
}

const uint8_t *fuzz_bytes(size_t *got, struct fuzz_input *input, size_t len)
{
    static const uint8_t nothing[1];
    const uint8_t *at = input->len == 0 ? nothing : input->data;
    *got = len < input->len ? len : input->len;
    input->data += *got;
    input->len -= *got;
    return at;
}

char *fuzz_text(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);
    FUZZ_ASSERT(text != NULL);
    for (size_t i = 0; i < len; i++)
        text[i] = data[i] == '\0' ? ' ' : (char)data[i];
    text[len] = '\0';
    return text;
}
