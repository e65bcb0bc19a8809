#include "captures/keys_given.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int keys_given_init(struct keys_given *out, const char *path, struct error *err)
{
    *out = (struct keys_given){ .log = NULL };
    if (path == NULL)
        return 0;
    out->log = keylog_new();
    if (out->log == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (keylog_read(out->log, path, err) == 0)
        return 0;
    keys_given_fini(out);
    return -1;
}

void keys_given_fini(struct keys_given *given)
{
    keylog_free(given->log);
    given->log = NULL;
}

bool keys_given_count(struct keys_given *given, uint64_t number,
                      const uint8_t random[KEYLOG_RANDOM_LEN])
{
    bool fits = false;
    if (given->log == NULL)
        return false;
    for (int label = 0; label < NUM_SECRET_LABELS && !fits; label++)
        fits = keylog_find(given->log, (enum secret_label)label, random) != NULL;
    uint64_t *listed = fits ? given->fitting : given->others;
    uint64_t num = fits ? given->num_fitting : given->num_connections - given->num_fitting;
    if (num < KEYS_LISTED)
        listed[num] = number;
    given->num_connections++;
    given->num_fitting += fits;
    return fits;
}

static void list(char out[KEYS_GIVEN_TEXT_LEN], const char *word, const uint64_t numbers[],
                 uint64_t num)
{
    size_t used = strlen(out);
    for (uint64_t i = 0; i < num; i++)
        used += (size_t)snprintf(out + used, KEYS_GIVEN_TEXT_LEN - used, "%s#%" PRIu64,
                                 i == 0 ? word : ", ", numbers[i]);
    snprintf(out + used, KEYS_GIVEN_TEXT_LEN - used, ")");
}

const char *keys_given_text(char out[KEYS_GIVEN_TEXT_LEN], const struct keys_given *given)
{
    uint64_t num = given->num_connections, others = num - given->num_fitting;
    if (given->num_fitting == 0) {
        snprintf(out, KEYS_GIVEN_TEXT_LEN, "fits none of the %" PRIu64 " connection%s of TLS", num,
                 num == 1 ? "" : "s");
        return out;
    }
    snprintf(out, KEYS_GIVEN_TEXT_LEN, "fits %" PRIu64 " of %" PRIu64 " connection%s of TLS",
             given->num_fitting, num, num == 1 ? "" : "s");
    if (others > 0 && given->num_fitting <= KEYS_LISTED)
        list(out, " (", given->fitting, given->num_fitting);
    else if (others > 0 && others <= KEYS_LISTED)
        list(out, " (not ", given->others, others);
    return out;
}
