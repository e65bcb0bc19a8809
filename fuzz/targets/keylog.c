/* Key logs (captures/keylog.h). Input: the text. */
#include "captures/keylog.h"
#include "captures/limits.h"
#include "fuzz/common/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is looked up again: the randoms of the lines, as far as they are hexadecimal. */
static size_t random_of(uint8_t out[KEYLOG_RANDOM_LEN], const char *line, size_t len)
{
    const char *blank = memchr(line, ' ', len);
    size_t i = 0;
    if (blank == NULL || (size_t)(line + len - blank) < 2 * KEYLOG_RANDOM_LEN + 1)
        return 0;
    for (; i < KEYLOG_RANDOM_LEN; i++) {
        unsigned byte;
        char two[3] = { blank[1 + 2 * i], blank[2 + 2 * i], '\0' };
        if (sscanf(two, "%2x", &byte) != 1)
            return 0;
        out[i] = (uint8_t)byte;
    }
    return i;
}

/* Writes the entry as a line, reads it into an empty log, and finds the same there. */
static void check_again(enum secret_label label, const uint8_t random[KEYLOG_RANDOM_LEN],
                        const struct secret *secret)
{
    char line[KEYLOG_LINE_MAX];
    int used = snprintf(line, sizeof line, "%s ", secret_label_name(label));
    for (size_t i = 0; i < KEYLOG_RANDOM_LEN; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%02x", random[i]);
    line[used++] = ' ';
    for (size_t i = 0; i < secret->len; i++)
        used += snprintf(line + used, sizeof line - (size_t)used, "%02X", secret->bytes[i]);
    struct keylog *keylog = keylog_new();
    FUZZ_ASSERT(keylog != NULL && keylog_add(keylog, line, (size_t)used, NULL) == 1);
    const struct secret *again = keylog_find(keylog, label, random);
    FUZZ_ASSERT(again != NULL && again->len == secret->len);
    FUZZ_ASSERT(memcmp(again->bytes, secret->bytes, secret->len) == 0);
    keylog_free(keylog);
}

static size_t check_line(const struct keylog *keylog, const char *line, size_t len)
{
    uint8_t random[KEYLOG_RANDOM_LEN];
    size_t found = 0;
    if (random_of(random, line, len) == 0)
        return 0;
    for (int label = 0; label < NUM_SECRET_LABELS; label++) {
        const struct secret *secret = keylog_find(keylog, (enum secret_label)label, random);
        if (secret == NULL)
            continue;
        FUZZ_ASSERT(secret->len > 0 && secret->len <= KEYLOG_SECRET_MAX);
        check_again((enum secret_label)label, random, secret);
        found++;
    }
    return found;
}

static void run(const uint8_t *data, size_t len)
{
    char *text = fuzz_text(data, len);
    struct keylog *whole = keylog_new(), *lines = keylog_new();
    FUZZ_ASSERT(whole != NULL && lines != NULL);
    int64_t found = keylog_add(whole, text, len, NULL), sum = 0;
    size_t num_lines = 0;
    FUZZ_ASSERT(found >= 0 && keylog_count(whole) <= (size_t)found);
    for (size_t at = 0; at < len;) { /* line by line is the same */
        size_t line = strcspn(text + at, "\n");
        sum += keylog_add(lines, text + at, line, NULL);
        if (num_lines++ < 64)
            check_line(whole, text + at, line);
        at += line + 1;
    }
    FUZZ_ASSERT(sum == found && keylog_count(lines) == keylog_count(whole));
    keylog_free(whole);
    keylog_free(lines);
    free(text);
}

const struct fuzz_target fuzz_target = {
    .name = "keylog",
    .run = run,
    .memory_base = 16 << 10,
    .memory_per_byte = 16,
    .time_base_us = 50000,
    .time_per_byte_us = 20,
};
