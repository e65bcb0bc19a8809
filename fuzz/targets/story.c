/* Scenarios that people run by name (matrix/story.h). Input: the YAML file. */
#include "matrix/story.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"

#include <stdlib.h>
#include <string.h>

static const char *folder;

static void check(const struct story *story)
{
    FUZZ_ASSERT(story->num_steps >= 1 && story->num_steps <= STORY_STEPS_MAX);
    FUZZ_ASSERT(story->title != NULL && story->text != NULL);
    for (size_t i = 0; i < story->num_steps; i++) {
        const struct story_step *step = &story->steps[i];
        FUZZ_ASSERT(step->num_cases <= STORY_CASES_MAX && step->num_files <= STORY_FILES_MAX);
        FUZZ_ASSERT(step->num_after <= STORY_FILES_MAX);
    }
}

static void run(const uint8_t *data, size_t len)
{
    static struct story story;
    struct error err = { .class = ERROR_NONE };
    memory_file(data, len);
    if (story_load(&story, "fuzz", &err) < 0) {
        FUZZ_ASSERT(err.class == ERROR_USAGE && strncmp(err.text, folder, strlen(folder)) == 0);
        FUZZ_ASSERT(story.file == NULL);
        return;
    }
    check(&story);
    story_fini(&story);
}

static void init(void)
{
    folder = memory_folder("matrix/stories/fuzz.yaml");
    setenv("TLSMATRIX_DATA", folder, 1);
}

const struct fuzz_target fuzz_target = {
    .name = "story",
    .init = init,
    .run = run,
    .memory_base = 4 << 20, /* a file is read into 1 MiB (YAML_FILE_MAX) */
    .memory_per_byte = 256,
    .time_base_us = 100000,
    .time_per_byte_us = 200,
};
