/* The documents of a case: what each end saw, and the ladders of its messages. */
#include "matrix/report/html/gather.h"

#include "harness/wire/registry.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *key;
    int column[2]; /* by role */
} noted[] = {
    { NULL, { COLUMN_CLIENT, COLUMN_SERVER } },
    { "alert_sent", { COLUMN_CLIENT_ALERT, COLUMN_SERVER_ALERT } },
    { "alert_received", { COLUMN_TOLD_CLIENT, COLUMN_TOLD_SERVER } },
    { "version", { COLUMN_GOT_VERSION, COLUMN_GOT_VERSION } },
    { "suite", { COLUMN_GOT_SUITE, COLUMN_GOT_SUITE } },
    { "group", { COLUMN_GOT_GROUP, COLUMN_GOT_GROUP } },
};
enum { NUM_NOTED = sizeof noted / sizeof noted[0] };
_Static_assert(NUM_NOTED == sizeof((struct document_note *)0)->values / sizeof(uint32_t),
               "one each");

/* The word for the page: of a number an alert's name; "" where the end does not know. */
static const char *noted_word(char out[NAME_MAX_LEN * 2], const json_t *facts, const char *key)
{
    const json_t *value = key == NULL ? NULL : json_object_get(facts, key);
    const char *result = json_string_value(json_object_get(facts, "result"));
    const char *stage = json_string_value(json_object_get(facts, "stage"));
    if (key == NULL)
        snprintf(out, NAME_MAX_LEN * 2, "%s%s%s", result == NULL ? "" : result,
                 stage == NULL ? "" : " ", stage == NULL ? "" : stage);
    else if (json_is_integer(value))
        snprintf(out, NAME_MAX_LEN * 2, "%s", alert_text((int)json_integer_value(value)));
    else
        snprintf(out, NAME_MAX_LEN * 2, "%s",
                 json_is_string(value) ? json_string_value(value) : "");
    return out;
}

static int read_note(struct gather *gather, struct document_note *note, const char *text,
                     struct error *err)
{
    char word[NAME_MAX_LEN * 2];
    json_t *facts = text == NULL ? NULL : json_loads(text, 0, NULL);
    int ret = json_is_object(facts)
                  ? documents_add(&note->number, &gather->documents, facts, err)
                  : error_set(err, ERROR_USAGE, "%s/results.db: holds facts that are no JSON",
                              gather->directory);
    for (int i = 0; ret == 0 && i < NUM_NOTED; i++)
        ret = dictionary_number(&note->values[i],
                                table_words(&gather->table, noted[i].column[ROLE_CLIENT]),
                                noted_word(word, facts, noted[i].key), err);
    json_decref(facts);
    return ret;
}

/* Both ends of one kind of fact share their words, so what was noted once serves either. */
static void set_noted(struct gather *gather, const struct document_note *note, enum role role)
{
    for (int i = 0; i < NUM_NOTED; i++)
        if (note->values[i] != 0)
            table_set(&gather->table, noted[i].column[role], note->values[i]);
}

/* The note of a document, taken in by `read` when it is met first; NULL in *out where there is no
 * document. */
static int note_of(struct document_note **out, struct gather *gather, sqlite3_int64 id,
                   int (*read)(struct gather *gather, struct document_note *note, const char *text,
                               struct error *err),
                   struct error *err)
{
    *out = id <= 0 || (size_t)id >= gather->num_notes ? NULL : &gather->notes[id];
    if (*out == NULL || (*out)->number != 0)
        return 0;
    sqlite3_bind_int64(gather->document, 1, id);
    const char *text =
        sqlite3_step(gather->document) == SQLITE_ROW ? gather_text(gather->document, 0) : NULL;
    int ret = read(gather, *out, text, err);
    sqlite3_reset(gather->document);
    return ret;
}

int gather_facts(struct gather *gather, sqlite3_stmt *row, enum role role, struct error *err)
{
    struct document_note *note;
    int column = role == ROLE_CLIENT ? READ_CLIENT_FACTS : READ_SERVER_FACTS;
    if (note_of(&note, gather, sqlite3_column_int64(row, column), read_note, err) < 0)
        return -1;
    if (note == NULL)
        return 0;
    table_set(&gather->table, role == ROLE_CLIENT ? COLUMN_CLIENT_FACTS : COLUMN_SERVER_FACTS,
              note->number);
    set_noted(gather, note, role);
    return 0;
}

/* ---- the ladder ---- */

static int read_ladder(struct gather *gather, struct document_note *note, const char *text,
                       struct error *err)
{
    json_t *steps = text == NULL ? NULL : json_loads(text, 0, NULL);
    int ret = json_is_array(steps)
                  ? documents_add(&note->number, &gather->documents, steps, err)
                  : error_set(err, ERROR_USAGE, "%s/results.db: holds a ladder that is no JSON",
                              gather->directory);
    json_decref(steps);
    return ret;
}

/* "155,2,0" as a document of its own, shared by all ladders of these lengths. */
static int lengths_number(uint32_t *number, struct gather *gather, const char *lengths,
                          struct error *err)
{
    const json_t *known = json_object_get(gather->lengths, lengths);
    if (known != NULL) {
        *number = (uint32_t)json_integer_value(known);
        return 0;
    }
    json_t *array = json_array();
    for (const char *next = lengths; *next != '\0'; next += *next == ',') {
        char *end = NULL;
        json_array_append_new(array, json_integer(strtoll(next, &end, 10)));
        if (end == next) {
            json_decref(array);
            return error_set(err, ERROR_USAGE, "%s/results.db: '%.40s' are no lengths",
                             gather->directory, lengths);
        }
        next = end;
    }
    int ret = documents_add(number, &gather->documents, array, err);
    json_decref(array);
    json_object_set_new_nocheck(gather->lengths, lengths, json_integer(*number));
    return ret;
}

static int set_ladder(struct gather *gather, sqlite3_stmt *row, int read, int column,
                      struct error *err)
{
    struct document_note *note;
    uint32_t number;
    const char *lengths = gather_text(row, read + 1);
    if (note_of(&note, gather, sqlite3_column_int64(row, read), read_ladder, err) < 0)
        return -1;
    if (note == NULL || lengths == NULL)
        return 0;
    if (lengths_number(&number, gather, lengths, err) < 0)
        return -1;
    table_set(&gather->table, column, note->number);
    table_set(&gather->table, column + 1, number);
    return 0;
}

int gather_ladders(struct gather *gather, struct sqlite3_stmt *row, struct error *err)
{
    if (set_ladder(gather, row, READ_LADDER, COLUMN_LADDER, err) < 0)
        return -1;
    return set_ladder(gather, row, READ_SERVER_LADDER, COLUMN_SERVER_LADDER, err);
}
