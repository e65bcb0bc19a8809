/* Profiles (matrix/plan.h): words, globs and keywords of every axis. Input: the YAML file. */
#include "matrix/profile.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"
#include "fuzz/common/stack_lists.h"

#include <string.h>

static void check(const struct profile *profile)
{
    FUZZ_ASSERT(profile->num_blocks <= PROFILE_BLOCKS_MAX);
    for (size_t i = 0; i < profile->num_blocks; i++)
        for (int axis = 0; axis < NUM_AXES; axis++) {
            const struct block_axis *values = &profile->blocks[i].axes[axis];
            FUZZ_ASSERT(profile->axes[axis].num <= PROFILE_VALUES_MAX);
            for (size_t k = 0; k < values->num; k++) {
                FUZZ_ASSERT(values->indices[k] < profile->axes[axis].num);
                FUZZ_ASSERT(block_has(&profile->blocks[i], (enum axis)axis, values->indices[k]));
            }
        }
}

/* Every value can be spelt, and what is spelt is that value. */
static void check_words(const struct profile *profile)
{
    for (int axis = 0; axis < NUM_AXES; axis++)
        for (size_t i = 0; i < profile->axes[axis].num && i < 64; i++) {
            struct axis_value again, value = profile->axes[axis].values[i];
            char text[CASE_ID_MAX];
            axis_value_write(text, sizeof text, (enum axis)axis, value, stack_lists());
            FUZZ_ASSERT(axis_value_parse(&again, (enum axis)axis, text, stack_lists(), NULL) == 0);
            FUZZ_ASSERT(axis_value_equal(value, again));
        }
}

static void run(const uint8_t *data, size_t len)
{
    struct profile *profile;
    struct error err = { .class = ERROR_NONE };
    const char *path = memory_file(data, len);
    if (profile_load(&profile, path, stack_lists(), &err) < 0) {
        FUZZ_ASSERT(err.class == ERROR_USAGE && strncmp(err.text, path, strlen(path)) == 0);
        return;
    }
    check(profile);
    check_words(profile);
    profile_free(profile);
}

static void init(void)
{
    stack_lists();
}

const struct fuzz_target fuzz_target = {
    .name = "profile",
    .init = init,
    .run = run,
    .memory_base = 8 << 20, /* every axis of every block may name 4096 values */
    .memory_per_byte = 16 << 10,
    .time_base_us = 500000,
    .time_per_byte_us = 2000, /* a word of three letters may stand for thousands of values */
};
