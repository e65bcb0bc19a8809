/* The table of acceptance (matrix/acceptance.h), as it is listed. Input: the YAML file. */
#include "matrix/acceptance.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"
#include "fuzz/common/stack_lists.h"

#include <stdio.h>
#include <stdlib.h>

static void run(const uint8_t *data, size_t len)
{
    struct error text = { .class = ERROR_NONE }, json = { .class = ERROR_NONE };
    memory_file(data, len);
    int ret = acceptance_list(NULL, stack_lists(), false, &text);
    FUZZ_ASSERT(acceptance_list(NULL, stack_lists(), true, &json) == ret);
    FUZZ_ASSERT(text.class == json.class);
    FUZZ_ASSERT(ret == 0 || (text.class == ERROR_USAGE && text.text[0] != '\0'));
    acceptance_list("a", stack_lists(), false, &text);
}

/* What it prints is nobody's to read. */
static void init(void)
{
    setenv("TLSMATRIX_DATA", memory_folder("matrix/acceptance.yaml"), 1);
    FUZZ_ASSERT(freopen("/dev/null", "w", stdout) != NULL);
    stack_lists();
}

const struct fuzz_target fuzz_target = {
    .name = "acceptance",
    .init = init,
    .run = run,
    .memory_base = 4 << 20,  /* a file is read into 1 MiB (YAML_FILE_MAX) */
    .memory_per_byte = 1024, /* the tree, and the same as JSON */
    .time_base_us = 100000,
    .time_per_byte_us = 300,
};
