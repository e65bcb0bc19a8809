/* Known deviations (matrix/deviations.h), and their patterns at work. Input: the YAML file of
 * OpenSSL. */
#include "matrix/deviations.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"
#include "fuzz/common/stack_lists.h"

#include <string.h>

static const char *folder;

static void check(const struct deviations *deviations)
{
    static const char id[] = "openssl-gnutls/tls1.2/any/any/rsa2048/mutual-none-sent/off";
    struct matrix_case c;
    size_t at = 0, num = 0;
    const struct deviation *found;
    FUZZ_ASSERT(case_from_id(&c, id, stack_lists(), NULL) == 0);
    for (size_t i = 0; i < deviations_count(deviations); i++) {
        const struct deviation *d = deviations_at(deviations, i);
        FUZZ_ASSERT(strcmp(d->stack, "openssl") == 0 && d->line >= 1);
        FUZZ_ASSERT(d->id[0] != '\0' && d->reason[0] != '\0' && d->observed[0] != '\0');
        FUZZ_ASSERT(d->kind > KIND_NONE && d->kind < NUM_FAILURE_KINDS);
    }
    while ((found = deviations_covering(deviations, &at, id, &c, stack_lists())) != NULL) {
        FUZZ_ASSERT(case_id_matches(found->select, id));
        FUZZ_ASSERT(++num <= deviations_count(deviations));
    }
}

static void run(const uint8_t *data, size_t len)
{
    struct deviations *deviations;
    struct error err = { .class = ERROR_NONE };
    memory_file(data, len);
    if (deviations_load(&deviations, folder, &err) < 0) {
        FUZZ_ASSERT(err.class == ERROR_USAGE && strncmp(err.text, folder, strlen(folder)) == 0);
        return;
    }
    check(deviations);
    deviations_free(deviations);
}

static void init(void)
{
    folder = memory_folder("openssl.yaml");
    stack_lists();
}

const struct fuzz_target fuzz_target = {
    .name = "deviations",
    .init = init,
    .run = run,
    .memory_base = 4 << 20, /* a file is read into 1 MiB (YAML_FILE_MAX) */
    .memory_per_byte = 256,
    .time_base_us = 100000,
    .time_per_byte_us = 200,
};
