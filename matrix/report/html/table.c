#include "matrix/report/html/table.h"

#include "matrix/case_value.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 1 << 12 };

enum { OWN = 1 }; /* with words: a dictionary of its own, else that of another column */
#define AS(column) ((column) + 2)

/* Names of the axes are case.h's. `words`: 0 where numbers are just numbers; `zero` is the text of
 * number 0. */
static const struct column_row {
    const char *name;
    enum part part;
    int words;
    const char *zero;
} column_rows[NUM_COLUMNS] = {
    [AXIS_CLIENT] = { NULL, PART_CASES, OWN },
    [AXIS_SERVER] = { NULL, PART_CASES, AS(AXIS_CLIENT) },
    [AXIS_VERSION... NUM_AXES - 1] = { NULL, PART_CASES, OWN },
    [COLUMN_REPEAT] = { "repeat", PART_CASES },
    [COLUMN_CAUSE] = { "cause", PART_CASES, true },
    [COLUMN_WAS] = { "was", PART_CASES },
    [COLUMN_FLAGS] = { "flags", PART_CASES },
    [COLUMN_FAULT] = { "fault", PART_CASES, OWN, "none" },
    [COLUMN_CLIENT] = { "client-ended", PART_CASES, OWN, "" },
    [COLUMN_SERVER] = { "server-ended", PART_CASES, AS(COLUMN_CLIENT) },
    [COLUMN_CLIENT_ALERT] = { "client-alert", PART_CASES, OWN, "" },
    [COLUMN_SERVER_ALERT] = { "server-alert", PART_CASES, AS(COLUMN_CLIENT_ALERT) },
    [COLUMN_TOLD_CLIENT] = { "client-told", PART_CASES, AS(COLUMN_CLIENT_ALERT) },
    [COLUMN_TOLD_SERVER] = { "server-told", PART_CASES, AS(COLUMN_CLIENT_ALERT) },
    [COLUMN_GOT_VERSION] = { "got-version", PART_CASES, OWN, "" },
    [COLUMN_GOT_SUITE] = { "got-suite", PART_CASES, OWN, "" },
    [COLUMN_GOT_GROUP] = { "got-group", PART_CASES, OWN, "" },
    [COLUMN_CLIENT_US] = { "client-us", PART_SPEED },
    [COLUMN_SERVER_US] = { "server-us", PART_SPEED },
    [COLUMN_HANDSHAKE_US] = { "handshake-us", PART_SPEED },
    [COLUMN_CLIENT_BYTES] = { "client-bytes", PART_SPEED },
    [COLUMN_SERVER_BYTES] = { "server-bytes", PART_SPEED },
    [COLUMN_CLIENT_PACKETS] = { "client-packets", PART_SPEED },
    [COLUMN_SERVER_PACKETS] = { "server-packets", PART_SPEED },
    [COLUMN_SEQUENCE] = { "sequence", PART_DETAILS },
    [COLUMN_EXPECTATION] = { "expectation", PART_DETAILS },
    [COLUMN_CLIENT_FACTS] = { "client-facts", PART_DETAILS },
    [COLUMN_SERVER_FACTS] = { "server-facts", PART_DETAILS },
    [COLUMN_LADDER] = { "ladder", PART_DETAILS },
    [COLUMN_LENGTHS] = { "lengths", PART_DETAILS },
    [COLUMN_SERVER_LADDER] = { "server-ladder", PART_DETAILS },
    [COLUMN_SERVER_LENGTHS] = { "server-lengths", PART_DETAILS },
};

static int out_of_memory(struct error *err)
{
    return error_set(err, ERROR_HARNESS, "out of memory");
}

/* ---- dictionaries ---- */

int dictionary_init(struct dictionary *dictionary, struct error *err)
{
    *dictionary = (struct dictionary){ json_object(), json_array(), NULL, 0 };
    return dictionary->numbers == NULL || dictionary->words == NULL ? out_of_memory(err) : 0;
}

void dictionary_fini(struct dictionary *dictionary)
{
    json_decref(dictionary->numbers);
    json_decref(dictionary->words);
    free(dictionary->last);
    *dictionary = (struct dictionary){ 0 };
}

bool dictionary_find(uint32_t *out, const struct dictionary *dictionary, const char *text)
{
    const json_t *known = json_object_get(dictionary->numbers, text);
    if (known == NULL)
        return false;
    *out = (uint32_t)json_integer_value(known);
    return true;
}

/* The text as a JSON string, whatever a peer or a cut made of it. */
static json_t *clean_string(const char *text)
{
    json_t *string = json_string(text);
    if (string != NULL)
        return string;
    char *copy = strdup(text);
    for (char *byte = copy; copy != NULL && *byte != '\0'; byte++)
        if ((unsigned char)*byte >= 0x80)
            *byte = '?';
    string = copy == NULL ? NULL : json_string(copy);
    free(copy);
    return string;
}

static int add_word(uint32_t *out, struct dictionary *dictionary, const char *text,
                    struct error *err)
{
    *out = (uint32_t)json_array_size(dictionary->words);
    if (json_array_append_new(dictionary->words, clean_string(text)) < 0 ||
        json_object_set_new_nocheck(dictionary->numbers, text, json_integer(*out)) < 0)
        return out_of_memory(err);
    return 0;
}

int dictionary_number(uint32_t *out, struct dictionary *dictionary, const char *text,
                      struct error *err)
{
    if (dictionary->last != NULL && strcmp(dictionary->last, text) == 0) {
        *out = dictionary->last_number;
        return 0;
    }
    if (!dictionary_find(out, dictionary, text) && add_word(out, dictionary, text, err) < 0)
        return -1;
    free(dictionary->last);
    dictionary->last = strdup(text);
    dictionary->last_number = *out;
    return dictionary->last == NULL ? out_of_memory(err) : 0;
}

/* ---- the table ---- */

struct dictionary *table_words(struct table *table, int column)
{
    int words = column_rows[column].words;
    return &table->words[words == OWN ? column : words - AS(0)];
}

/* What an optional axis is where the id does not say, and a fact that is not known, are number 0.
 */
static const char *zero_word(int column)
{
    static const struct stack_set no_stacks;
    if (column >= NUM_AXES)
        return column_rows[column].zero;
    return column < FIRST_OPTIONAL_AXIS ? NULL : axis_word((enum axis)column, 0, &no_stacks);
}

int table_init(struct table *table, struct error *err)
{
    uint32_t number;
    *table = (struct table){ 0 };
    for (int column = 0; column < NUM_COLUMNS; column++) {
        if (column_rows[column].words != OWN)
            continue;
        const char *zero = zero_word(column);
        if (dictionary_init(&table->words[column], err) < 0 ||
            (zero != NULL && dictionary_number(&number, &table->words[column], zero, err) < 0))
            return -1;
    }
    return 0;
}

void table_fini(struct table *table)
{
    for (int column = 0; column < NUM_COLUMNS; column++) {
        dictionary_fini(&table->words[column]);
        free(table->values[column]);
    }
    *table = (struct table){ 0 };
}

static int grow(struct table *table, struct error *err)
{
    size_t room = table->room == 0 ? ROOM_AT_FIRST : table->room * 2;
    for (int column = 0; column < NUM_COLUMNS; column++) {
        uint32_t *values = reallocarray(table->values[column], room, sizeof *values);
        if (values == NULL)
            return out_of_memory(err);
        table->values[column] = values;
    }
    table->room = room;
    return 0;
}

int table_add_row(struct table *table, struct error *err)
{
    if (table->num_rows == table->room && grow(table, err) < 0)
        return -1;
    for (int column = 0; column < NUM_COLUMNS; column++)
        table->values[column][table->num_rows] = 0;
    table->num_rows++;
    return 0;
}

void table_set(struct table *table, int column, uint32_t value)
{
    table->values[column][table->num_rows - 1] = value;
}

int table_set_word(struct table *table, int column, const char *text, struct error *err)
{
    uint32_t number;
    if (dictionary_number(&number, table_words(table, column), text, err) < 0)
        return -1;
    table_set(table, column, number);
    return 0;
}

/* ---- for the page ---- */

static unsigned width_of(const struct table *table, int column)
{
    uint32_t all = 0;
    unsigned width = 0;
    for (size_t row = 0; row < table->num_rows; row++)
        all |= table->values[column][row];
    for (; all != 0; all >>= 8)
        width++;
    return width;
}

json_t *table_describe(struct table *table)
{
    static const char *const part_names[NUM_PARTS] = { "cases", "speed", "details" };
    json_t *columns = json_array();
    for (int column = 0; column < NUM_COLUMNS; column++) {
        const char *name =
            column < NUM_AXES ? axis_name((enum axis)column) : column_rows[column].name;
        json_array_append_new(
            columns,
            json_pack("{s:s, s:s, s:i, s:O*}", "name", name, "part",
                      part_names[column_rows[column].part], "width", (int)width_of(table, column),
                      "words",
                      column_rows[column].words ? table_words(table, column)->words : NULL));
    }
    return columns;
}

int table_pack(uint8_t **out, size_t *out_len, const struct table *table, enum part part,
               size_t first, size_t num_rows, struct error *err)
{
    size_t num = table->num_rows - first < num_rows ? table->num_rows - first : num_rows;
    uint8_t *bytes = malloc(num * NUM_COLUMNS * sizeof(uint32_t) + 1), *next = bytes;
    if (bytes == NULL)
        return out_of_memory(err);
    for (int column = 0; column < NUM_COLUMNS; column++) {
        unsigned width = column_rows[column].part == part ? width_of(table, column) : 0;
        for (unsigned plane = 0; plane < width; plane++)
            for (size_t row = first; row < first + num; row++)
                *next++ = (uint8_t)(table->values[column][row] >> (8 * plane));
    }
    *out = bytes;
    *out_len = (size_t)(next - bytes);
    return 0;
}
