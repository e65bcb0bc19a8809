#include "matrix/report/html/documents.h"

#include "matrix/report/html/chunk.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_LEN = 1 << 18 }; /* what opening one case unpacks: a few milliseconds */

int documents_init(struct documents *documents, struct error *err)
{
    *documents = (struct documents){ .block_firsts = json_array() };
    return documents->block_firsts == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
}

void documents_fini(struct documents *documents)
{
    free(documents->text);
    free(documents->block_starts);
    json_decref(documents->block_firsts);
    *documents = (struct documents){ 0 };
}

static int begin_block(struct documents *documents, struct error *err)
{
    size_t *starts =
        reallocarray(documents->block_starts, documents->num_blocks + 1, sizeof *starts);
    if (starts == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    documents->block_starts = starts;
    starts[documents->num_blocks++] = documents->len;
    json_array_append_new(documents->block_firsts, json_integer(documents->num + 1));
    return 0;
}

static int append(struct documents *documents, const char *text, size_t len, struct error *err)
{
    if (documents->len + len + 1 > documents->room) {
        size_t room = (documents->len + len + 1) * 2;
        char *grown = realloc(documents->text, room);
        if (grown == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        documents->text = grown;
        documents->room = room;
    }
    memcpy(documents->text + documents->len, text, len);
    documents->len += len;
    documents->text[documents->len++] = '\n'; /* within JSON it is always escaped */
    return 0;
}

int documents_add(uint32_t *number, struct documents *documents, const json_t *document,
                  struct error *err)
{
    char *text = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);
    int ret = text == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
    if (ret == 0 &&
        (documents->num_blocks == 0 ||
         documents->len - documents->block_starts[documents->num_blocks - 1] >= BLOCK_LEN))
        ret = begin_block(documents, err);
    if (ret == 0)
        ret = append(documents, text, strlen(text), err);
    if (ret == 0)
        *number = ++documents->num;
    free(text);
    return ret;
}

int documents_write(FILE *out, const struct documents *documents, struct error *err)
{
    for (size_t i = 0; i < documents->num_blocks; i++) {
        size_t start = documents->block_starts[i];
        size_t end =
            i + 1 < documents->num_blocks ? documents->block_starts[i + 1] : documents->len;
        if (chunk_write(out, "documents", (int)i, documents->text + start, end - start, err) < 0)
            return -1;
    }
    return 0;
}
