/* Ids of cases, and the patterns that select them (matrix/case.h). Input: an id, a NUL or newline,
 * a pattern. */
#include "fuzz/common/fuzz.h"
#include "fuzz/common/stack_lists.h"

#include <stdlib.h>
#include <string.h>

static void check(const struct matrix_case *c)
{
    struct matrix_case again, twin;
    char id[CASE_ID_MAX], id_again[CASE_ID_MAX], reason[TEXT_LEN];
    case_id(id, c, stack_lists());
    FUZZ_ASSERT(strlen(id) < CASE_ID_MAX - 1);
    FUZZ_ASSERT(case_from_id(&again, id, stack_lists(), NULL) == 0);
    case_id(id_again, &again, stack_lists());
    FUZZ_ASSERT(strcmp(id, id_again) == 0);
    FUZZ_ASSERT(case_excluded(c) == case_excluded(&again));
    FUZZ_ASSERT(case_fault(c) == case_fault(&again));
    FUZZ_ASSERT(case_id_matches(id, id));
    if (case_excluded(c) != NULL)
        return;
    case_unsupported(reason, c, stack_lists());
    if (case_twin(&twin, c)) {
        FUZZ_ASSERT(case_fault(&twin) == FAULT_NONE);
        FUZZ_ASSERT(case_excluded(&twin) == NULL);
    }
}

static void run(const uint8_t *data, size_t len)
{
    struct matrix_case c;
    struct error err = { .class = ERROR_NONE };
    char *text = fuzz_text(data, len);
    char *end = text + strcspn(text, "\n");
    const char *glob = *end == '\0' ? end : end + 1;
    *end = '\0';
    if (case_from_id(&c, text, stack_lists(), &err) == 0)
        check(&c);
    else
        FUZZ_ASSERT(err.class == ERROR_USAGE && err.text[0] != '\0');
    case_id_matches(glob, text);
    free(text);
}

static void init(void)
{
    stack_lists();
}

const struct fuzz_target fuzz_target = {
    .name = "case_id",
    .init = init,
    .run = run,
    .memory_base = 64 << 10,
    .memory_per_byte = 16,
    .time_base_us = 100000,
    .time_per_byte_us = 200,
};
