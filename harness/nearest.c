#include "harness/nearest.h"

#include "harness/limits.h"

#include <stdio.h>
#include <string.h>

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

/* Levenshtein distance, one row at a time; words beyond NAME_MAX_LEN are never near. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN)
        return 2 * NAME_MAX_LEN;
    for (size_t j = 0; j <= b_len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t changed = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = min3(row[j] + 1, row[j - 1] + 1, changed);
        }
    }
    return row[b_len];
}

void nearest_init(struct nearest *nearest, const char *word)
{
    size_t near_enough = strlen(word) / 3;
    *nearest =
        (struct nearest){ .word = word, .distance = (near_enough < 2 ? 2 : near_enough) + 1 };
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    size_t distance = edit_distance(nearest->word, candidate);
    /* A candidate that has nothing in common with a short word is no help. */
    if (distance >= nearest->distance || distance >= strlen(candidate))
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}

const char *nearest_hint(struct nearest *nearest)
{
    nearest->hint[0] = '\0';
    if (nearest->best != NULL)
        snprintf(nearest->hint, sizeof nearest->hint, ", did you mean '%.130s'?", nearest->best);
    return nearest->hint;
}

const char *nearest_word(const char *word, const char *const words[], size_t num_words)
{
    struct nearest nearest;
    nearest_init(&nearest, word);
    for (size_t i = 0; i < num_words; i++)
        nearest_offer(&nearest, words[i]);
    return nearest.best;
}
