/* The JSON documents of a report, each distinct one once and numbered in the order in which the
 * cases need them, so that those of neighbours stand together and are unpacked together. */
#ifndef TLSMATRIX_MATRIX_REPORT_HTML_DOCUMENTS_H
#define TLSMATRIX_MATRIX_REPORT_HTML_DOCUMENTS_H

#include "harness/error.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct documents {
    char *text; /* one a line */
    size_t len, room;
    uint32_t num;
    json_t *block_firsts; /* number of the first document of each block */
    size_t *block_starts; /* offset in `text` of each */
    size_t num_blocks;
};

int documents_init(struct documents *documents, struct error *err);
void documents_fini(struct documents *documents);
/* Takes the document in; *number is 1 for the first. */
int documents_add(uint32_t *number, struct documents *documents, const json_t *document,
                  struct error *err);
/* Writes the blocks as chunks "documents-0", "documents-1", …. */
int documents_write(FILE *out, const struct documents *documents, struct error *err);

#endif
