/* A target for test_keeping.py: with PLANTED it reads one byte too many of some inputs. */
#include "fuzz/common/fuzz.h"

static volatile uint8_t sink;

__attribute__((noinline)) static void parse_planted(const uint8_t *data, size_t len)
{
    size_t end = len;
#ifdef PLANTED
    end++;
#endif
    if (len >= 3 && data[0] == 'B' && data[1] == 'U' && data[2] == 'G')
        sink = data[end - 1];
}

static void run(const uint8_t *data, size_t len)
{
    parse_planted(data, len);
}

const struct fuzz_target fuzz_target = { .name = "planted", .run = run };
