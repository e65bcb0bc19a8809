/* The contract of a fuzz target: what one file under fuzz/targets (or one build of fuzz/stacks)
 * defines, and what it may use. The same file becomes two programs: fuzz-NAME, driven by libFuzzer
 * (preset `fuzz`), and fuzz-NAME-replay, which runs given files and folders once (any compiler).
 *
 * A target asserts properties, not only that nothing crashes. Whatever the input, around each of
 * them the driver holds: no more memory than the target states, no more time, nothing leaked to the
 * next input that the target does not own. */
#ifndef TLSMATRIX_FUZZ_COMMON_FUZZ_H
#define TLSMATRIX_FUZZ_COMMON_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every target refuses to look at more: beyond it, inputs grow slower than they learn. */
enum { FUZZ_INPUT_MAX = 128 * 1024 };

struct fuzz_target {
    const char *name; /* as in fuzz-NAME, fuzz/corpora/NAME, fuzz/regressions/NAME */

    /* Once, before the first input; NULL: nothing to do. What it allocates is not watched. */
    void (*init)(void);

    /* One input; may hold anything. The bytes stand in memory of exactly `len` bytes. */
    void (*run)(const uint8_t *data, size_t len);

    /* A change of the input in place that keeps it well formed often enough; returns its new
     * length. NULL: libFuzzer's own. Must use fuzz_mutate_bytes() for libFuzzer's. */
    size_t (*mutate)(uint8_t *data, size_t len, size_t max, unsigned seed);

    /* Live heap while run() works: at most `memory_base` + `memory_per_byte` * len bytes.
     * Both 0: not watched (stacks, whose memory is not ours to judge). */
    size_t memory_base;
    size_t memory_per_byte;

    /* Processor time of run() in microseconds, likewise; an input that exceeds it does so thrice.
     * Sanitizers and a slow machine are counted in. Both 0: libFuzzer's -timeout alone. */
    unsigned time_base_us;
    unsigned time_per_byte_us;
};

/* Defined once in each program. */
extern const struct fuzz_target fuzz_target;

/* An invariant that no input may break. Always on. */
#define FUZZ_ASSERT(condition)                                                                     \
    ((condition) ? (void)0 : fuzz_assert_failed(__FILE__, __LINE__, __func__, #condition))
_Noreturn void fuzz_assert_failed(const char *file, int line, const char *function,
                                  const char *condition);

/* Runs one input under the watch of memory and time: what both drivers call. */
void fuzz_run_watched(const uint8_t *data, size_t len);

/* libFuzzer's mutations, with its dictionary; in a replay program nothing is changed. */
size_t fuzz_mutate_bytes(uint8_t *data, size_t len, size_t max);

/* ---- an input read as values ---- */

/* What is missing reads as 0, so that every input is a whole one. */
struct fuzz_input {
    const uint8_t *data;
    size_t len;
};

uint8_t fuzz_u8(struct fuzz_input *input);
uint16_t fuzz_u16(struct fuzz_input *input);
uint32_t fuzz_u32(struct fuzz_input *input);
/* 0 … max, both included. */
uint32_t fuzz_up_to(struct fuzz_input *input, uint32_t max);
/* The next bytes, as many as there are of `len`; *got says how many. Never NULL. */
const uint8_t *fuzz_bytes(size_t *got, struct fuzz_input *input, size_t len);

/* A NUL-terminated copy of the bytes, which the caller frees; their own NULs become spaces. */
char *fuzz_text(const uint8_t *data, size_t len);

#endif
