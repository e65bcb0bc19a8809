/* What the readers of hello files share among themselves. For matrix/raw only. */
#ifndef TLSMATRIX_MATRIX_RAW_PARTS_H
#define TLSMATRIX_MATRIX_RAW_PARTS_H

#include "harness/yaml/yaml.h"
#include "matrix/raw/hellos.h"

/* One row being read: where its memory comes from, and the word that stands for "{}" in it. */
struct reading {
    struct arena *arena;
    const char *word; /* of for-each; NULL: none */
    struct error *err;
};

/* A scalar with its "{}" replaced; NULL: an error. */
const char *read_text(struct reading *r, const struct yaml_item *item);
/* Hexadecimal digits, spaces between; a list of such lines is one text. */
int read_hex(struct raw_bytes *out, struct reading *r, const struct yaml_item *item);
/* A number from 0 to `max`: decimal, or hexadecimal with 0x. */
int read_number(uint32_t *out, struct reading *r, const struct yaml_item *item, uint32_t max);

/* What the words of a list may be; numbers always may. */
enum words { WORDS_NONE, WORDS_VERSION, WORDS_SUITE, WORDS_GROUP, WORDS_SCHEME };
int read_word(uint16_t *out, struct reading *r, const struct yaml_item *item, enum words words);

/* The lists that every hello has, by the names of RFC 8446 section 4.1.2. */
int read_suites(struct raw_list *out, struct reading *r, const struct yaml_item *item, bool client);
int read_compressions(struct raw_list *out, struct reading *r, const struct yaml_item *item,
                      bool client);
int read_session_id(struct raw_list *out, struct reading *r, const struct yaml_item *item);

/* Words beside the extensions' that could have been meant; NULL ends them. */
typedef const char *const *other_words;
/* The type of an extension by the key of `item`, or by its text where it has none. `others` (NULL:
 * none) are what else may stand there: a misspelt one is told so. */
int read_extension_type(uint16_t *out, struct reading *r, const struct yaml_item *item,
                        other_words others);
/* Its body: a list in the extension's own form, or the bytes of the whole body in hex. */
int read_extension_body(struct raw_list *out, struct reading *r, uint16_t type,
                        const struct yaml_item *item, bool client);

/* A client_hello or server_hello spelt out. */
int read_message(struct raw_message *out, struct reading *r, const struct yaml_item *item);

/* One edit of the list `edits`, done to what is sent. */
int edit_send(struct hello_send *send, struct reading *r, const struct yaml_item *edit);

/* `expect`, into what the base expects. */
int read_expectation(struct hello_expectation *out, struct reading *r, const struct yaml_item *map);

/* Lists are never changed in place: these give *list new items. */
int list_join(struct raw_list *list, struct reading *r, const struct raw_list *first,
              const struct raw_list *second);
int list_repeat(struct raw_list *list, struct reading *r, uint32_t times);

int out_of_memory(struct reading *r);

#endif
