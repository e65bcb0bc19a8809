/* The word that a user probably meant: the nearest by edit distance among those offered. */
#ifndef TLSMATRIX_HARNESS_NEAREST_H
#define TLSMATRIX_HARNESS_NEAREST_H

#include <stddef.h>

enum { NEAREST_HINT_LEN = 160 };

struct nearest {
    const char *word;
    const char *best; /* NULL as long as nothing near enough was offered */
    size_t distance;  /* of best; before that, one more than is near enough */
    char hint[NEAREST_HINT_LEN];
};

/* `word` and every candidate must outlive *nearest. Near enough is a third of the word's length,
 * and at least 2. */
void nearest_init(struct nearest *nearest, const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);

/* For the end of a message: ", did you mean 'WORD'?", or "" if nothing was near. Lives in
 * *nearest. */
const char *nearest_hint(struct nearest *nearest);

/* All at once: the nearest of the words, or NULL. */
const char *nearest_word(const char *word, const char *const words[], size_t num_words);

#endif
