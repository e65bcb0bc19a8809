/* What the page is told of each case: a table of numbers, one column a fact, and beside a column
 * the words that its numbers stand for. The page knows columns by their names (page/data.js). */
#ifndef TLSMATRIX_MATRIX_REPORT_HTML_TABLE_H
#define TLSMATRIX_MATRIX_REPORT_HTML_TABLE_H

#include "matrix/case.h"

#include <jansson.h>

/* Which chunk of the file a column is in: the page reads the first at once, the others when they
 * are asked for. */
enum part {
    PART_CASES,   /* what is filtered and counted by */
    PART_SPEED,   /* what is measured */
    PART_DETAILS, /* numbers of documents: in blocks of DETAIL_ROWS cases */
    NUM_PARTS,
};
enum { DETAIL_ROWS = 1 << 14 };

enum column {
    /* 0 to NUM_AXES - 1 are the axes, enum axis */
    COLUMN_REPEAT = NUM_AXES,
    COLUMN_CAUSE, /* verdict, kind, check, deviation and reason, with tabs between */
    COLUMN_WAS,   /* in the run that this one is held against: 1 + the number of its cause */
    COLUMN_FLAGS,
    COLUMN_FAULT,  /* why it must be refused; "none" */
    COLUMN_CLIENT, /* "refused handshake": where this end stood when it ended */
    COLUMN_SERVER,
    COLUMN_CLIENT_ALERT, /* the alert that this end sent */
    COLUMN_SERVER_ALERT,
    COLUMN_TOLD_CLIENT, /* the alert that it received */
    COLUMN_TOLD_SERVER,
    COLUMN_GOT_VERSION, /* negotiated */
    COLUMN_GOT_SUITE,
    COLUMN_GOT_GROUP,
    COLUMN_CLIENT_US, /* from an end's first word to its facts */
    COLUMN_SERVER_US,
    COLUMN_HANDSHAKE_US, /* this and the next four: on the wire; 0: not recorded */
    COLUMN_CLIENT_BYTES,
    COLUMN_SERVER_BYTES,
    COLUMN_CLIENT_PACKETS,
    COLUMN_SERVER_PACKETS,
    COLUMN_SEQUENCE,
    COLUMN_EXPECTATION, /* 1 + the number of a document; 0: none */
    COLUMN_CLIENT_FACTS,
    COLUMN_SERVER_FACTS,
    COLUMN_LADDER, /* of the messages on the wire (ladder.h), and the lengths of its steps */
    COLUMN_LENGTHS,
    COLUMN_SERVER_LADDER, /* behind the relay */
    COLUMN_SERVER_LENGTHS,
    NUM_COLUMNS,
};

/* Bits of COLUMN_FLAGS. The exporter takes two: values of enum exporter_state. */
enum {
    FLAG_PLANNED = 1, /* else a healthy twin that was run only to support a refusal */
    FLAG_CAPTURED = 2,
    FLAG_EXPORTER_SHIFT = 2,
};
enum exporter_state { EXPORTER_UNKNOWN, EXPORTER_ONE_END, EXPORTER_EQUAL, EXPORTER_DIFFERS };

/* Texts and their numbers, in the order in which they came. */
struct dictionary {
    json_t *numbers; /* text -> number */
    json_t *words;
    char *last; /* the text that was asked for last: rows come sorted */
    uint32_t last_number;
};

struct table {
    uint32_t *values[NUM_COLUMNS];
    struct dictionary words[NUM_COLUMNS]; /* see table_words() */
    size_t num_rows, room;
};

int dictionary_init(struct dictionary *dictionary, struct error *err);
void dictionary_fini(struct dictionary *dictionary);
/* The number of the text, which is taken in if it is new. Bytes that are no UTF-8 become '?'. */
int dictionary_number(uint32_t *out, struct dictionary *dictionary, const char *text,
                      struct error *err);
/* The same, without taking it in: false if it is not there. */
bool dictionary_find(uint32_t *out, const struct dictionary *dictionary, const char *text);

int table_init(struct table *table, struct error *err);
void table_fini(struct table *table);
/* What the numbers of a column that has words stand for; columns of one kind share it. */
struct dictionary *table_words(struct table *table, int column);
/* Appends a row of zeros. */
int table_add_row(struct table *table, struct error *err);
/* Of the last row. */
void table_set(struct table *table, int column, uint32_t value);
int table_set_word(struct table *table, int column, const char *text, struct error *err);

/* The columns for the page: [{"name", "part", "width", "words"?}]; the caller owns it. */
json_t *table_describe(struct table *table);
/* The bytes of a part from row `first` on, at most `num_rows`: column after column, each `width`
 * times all rows' bytes, the lowest first (numbers that are near each other compress better so). A
 * column of zeros has width 0 and no bytes. The caller frees *out. */
int table_pack(uint8_t **out, size_t *out_len, const struct table *table, enum part part,
               size_t first, size_t num_rows, struct error *err);

#endif
