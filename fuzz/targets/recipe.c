/* Case files of `tlsmatrix reproduce` (matrix/reproduce/recipe.h). Input: the JSON file. */
#include "matrix/reproduce/recipe.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"

#include <string.h>

static bool ends_within(const char *text, size_t room)
{
    return memchr(text, '\0', room) != NULL;
}

static void check(const struct recipe *recipe)
{
    FUZZ_ASSERT(recipe->name[0] != '\0' && ends_within(recipe->name, sizeof recipe->name));
    FUZZ_ASSERT(ends_within(recipe->theory, sizeof recipe->theory));
    FUZZ_ASSERT(strchr(recipe->name, '/') == NULL); /* it becomes part of a path */
    FUZZ_ASSERT(recipe->partner < NUM_PARTNERS && recipe->judged <= ROLE_SERVER);
    FUZZ_ASSERT((size_t)recipe->echo_at + recipe->echo_len <= recipe->bytes.len);
    FUZZ_ASSERT(recipe->num_left_out <= RECIPE_LEFT_OUT_MAX);
    FUZZ_ASSERT(recipe->avoided[0].num <= RECIPE_AVOIDED_MAX);
    FUZZ_ASSERT(recipe->avoided[1].num <= RECIPE_AVOIDED_MAX);
    for (int role = 0; role < 2; role++)
        FUZZ_ASSERT(recipe->ends[role].role == (enum role)role);
}

static void run(const uint8_t *data, size_t len)
{
    static struct recipe recipe;
    struct error err = { .class = ERROR_NONE };
    const char *path = memory_file(data, len);
    if (recipe_read(&recipe, path, &err) < 0) {
        FUZZ_ASSERT(err.class != ERROR_NONE && strncmp(err.text, path, strlen(path)) == 0);
        return;
    }
    check(&recipe);
    recipe_fini(&recipe);
}

const struct fuzz_target fuzz_target = {
    .name = "recipe",
    .run = run,
    .memory_base = 1 << 20,
    .memory_per_byte = 256,
    .time_base_us = 100000,
    .time_per_byte_us = 100,
};
