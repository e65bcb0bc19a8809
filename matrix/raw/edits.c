/* What can be changed in a hello before it is sent: one table, a row an edit. */
#include "matrix/raw/parts.h"

#include "harness/nearest.h"
#include "harness/wire/registry.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_client(const struct raw_message *message)
{
    return message->type == HANDSHAKE_CLIENT_HELLO;
}

static const char *key_of(const struct reading *r, const struct yaml_item *item)
{
    return strcmp(item->key, "{}") == 0 && r->word != NULL ? r->word : item->key;
}

/* ---- fields of the message itself ---- */

typedef int set_field(struct raw_message *message, struct reading *r, const struct yaml_item *item);

static int set_version(struct raw_message *message, struct reading *r, const struct yaml_item *item)
{
    return read_word(&message->legacy_version, r, item, WORDS_VERSION);
}

static int set_random(struct raw_message *message, struct reading *r, const struct yaml_item *item)
{
    return read_hex(&message->random, r, item);
}

static int set_session_id(struct raw_message *message, struct reading *r,
                          const struct yaml_item *item)
{
    message->echo_session_id =
        item->kind == YAML_SCALAR && item->text != NULL && strcmp(item->text, "echo") == 0;
    if (!message->echo_session_id)
        return read_session_id(&message->session_id, r, item);
    message->session_id = (struct raw_list){ .prefix = 1 };
    return 0;
}

static int set_suites(struct raw_message *message, struct reading *r, const struct yaml_item *item)
{
    return read_suites(&message->suites, r, item, is_client(message));
}

static int set_compressions(struct raw_message *message, struct reading *r,
                            const struct yaml_item *item)
{
    return read_compressions(&message->compressions, r, item, is_client(message));
}

static int add_extension(struct raw_message *message, struct reading *r,
                         const struct yaml_item *item, uint16_t type)
{
    if (message->num_extensions == RAW_EXTENSIONS_MAX)
        return yaml_error(item, r->err, "more than %d extensions", RAW_EXTENSIONS_MAX);
    struct raw_extension *new = &message->extensions[message->num_extensions];
    *new = (struct raw_extension){ .type = type };
    if (read_extension_body(&new->body, r, type, item, is_client(message)) < 0)
        return -1;
    message->num_extensions++;
    message->has_extensions = true;
    return 0;
}

/* A list of maps with one key, in order; "none": not even the block. */
static int set_extensions(struct raw_message *message, struct reading *r,
                          const struct yaml_item *item)
{
    message->num_extensions = 0;
    message->has_extensions = item->kind == YAML_LIST;
    if (item->kind == YAML_SCALAR && strcmp(item->text, "none") == 0)
        return 0;
    if (item->kind != YAML_LIST)
        return yaml_error(item, r->err, "extensions are a list of NAME: VALUE, or 'none'");
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next) {
        uint16_t type;
        if (yaml_check_kind(i, YAML_MAP, r->err) < 0)
            return -1;
        if (i->num_items != 1)
            return yaml_error(i, r->err, "one extension at a time: NAME: VALUE");
        if (read_extension_type(&type, r, i->first, NULL) < 0 ||
            add_extension(message, r, i->first, type) < 0)
            return -1;
    }
    return 0;
}

static const struct {
    const char *name;
    set_field *set;
} fields[] = {
    { "legacy_version", set_version },
    { "random", set_random },
    { "session_id", set_session_id },
    { "cipher_suites", set_suites },
    { "compression_methods", set_compressions },
    { "extensions", set_extensions },
};
enum { NUM_FIELDS = sizeof fields / sizeof fields[0] };

int read_message(struct raw_message *out, struct reading *r, const struct yaml_item *item)
{
    static const struct yaml_key keys[NUM_FIELDS] = {
        { "legacy_version", YAML_SCALAR, .required = true },
        { "random", YAML_SCALAR, .required = true, .any_kind = true },
        { "session_id", YAML_SCALAR, .required = true, .any_kind = true },
        { "cipher_suites", YAML_LIST, .required = true },
        { "compression_methods", YAML_LIST, .required = true },
        { "extensions", YAML_LIST, .required = true, .any_kind = true },
    };
    if (yaml_check_map(item, keys, NUM_FIELDS, r->err) < 0)
        return -1;
    for (size_t i = 0; i < NUM_FIELDS; i++)
        if (fields[i].set(out, r, yaml_get(item, fields[i].name)) < 0)
            return -1;
    out->present = true;
    return 0;
}

/* ---- edits ---- */

static const char *const list_words[] = { "cipher_suites", "compression_methods", "session_id",
                                          "message", NULL };

/* The list that a key names: of the message, or an extension's. */
static int find_list(struct raw_list **out, struct raw_message *message, struct reading *r,
                     const struct yaml_item *item)
{
    uint16_t type;
    const char *key = key_of(r, item);
    if (strcmp(key, "cipher_suites") == 0)
        *out = &message->suites;
    else if (strcmp(key, "compression_methods") == 0)
        *out = &message->compressions;
    else if (strcmp(key, "session_id") == 0)
        *out = &message->session_id;
    else if (read_extension_type(&type, r, item, list_words) < 0)
        return -1;
    else {
        struct raw_extension *extension = raw_message_extension(message, type);
        if (extension == NULL)
            return yaml_error(item, r->err, "the hello has no extension '%.60s'", key);
        *out = &extension->body;
    }
    return 0;
}

/* Reads the list that would stand under this key. */
static int read_same_form(struct raw_list *out, const struct raw_message *message,
                          struct reading *r, const struct yaml_item *item)
{
    uint16_t type;
    const char *key = key_of(r, item);
    if (strcmp(key, "cipher_suites") == 0)
        return read_suites(out, r, item, is_client(message));
    if (strcmp(key, "compression_methods") == 0)
        return read_compressions(out, r, item, is_client(message));
    if (read_extension_type(&type, r, item, list_words) < 0)
        return -1;
    return read_extension_body(out, r, type, item, is_client(message));
}

typedef int edit_function(struct hello_send *send, struct reading *r, const struct yaml_item *item);

static int edit_set(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    struct raw_message *message = &send->message;
    struct raw_extension *extension;
    const char *words[NUM_FIELDS + 1] = { NULL };
    uint16_t type;
    for (size_t i = 0; i < NUM_FIELDS; i++)
        words[i] = fields[i].name;
    for (size_t i = 0; i < NUM_FIELDS; i++)
        if (strcmp(fields[i].name, key_of(r, item)) == 0)
            return fields[i].set(message, r, item);
    if (read_extension_type(&type, r, item, words) < 0)
        return -1;
    extension = raw_message_extension(message, type);
    if (extension == NULL)
        return yaml_error(item, r->err, "the hello has no extension '%.60s'", key_of(r, item));
    return read_extension_body(&extension->body, r, type, item, is_client(message));
}

static int edit_add(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    uint16_t type;
    return read_extension_type(&type, r, item, NULL) < 0
               ? -1
               : add_extension(&send->message, r, item, type);
}

static int edit_append(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    struct raw_list *list, more;
    return find_list(&list, &send->message, r, item) < 0 ||
                   read_same_form(&more, &send->message, r, item) < 0
               ? -1
               : list_join(list, r, list, &more);
}

static int edit_prepend(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    struct raw_list *list, more;
    return find_list(&list, &send->message, r, item) < 0 ||
                   read_same_form(&more, &send->message, r, item) < 0
               ? -1
               : list_join(list, r, &more, list);
}

static int edit_repeat(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    struct raw_list *list;
    uint32_t times;
    if (find_list(&list, &send->message, r, item) < 0 ||
        read_number(&times, r, item, RAW_ITEMS_MAX) < 0)
        return -1;
    return list_repeat(list, r, times) < 0 ? error_prefix(r->err, "%s:%d", item->file, item->line)
                                           : 0;
}

/* Bytes beside a list, within what is around it; of the message: behind its extensions. */
static int edit_tail(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    struct raw_list *list;
    if (strcmp(key_of(r, item), "message") == 0)
        return read_hex(&send->message.tail, r, item);
    return find_list(&list, &send->message, r, item) < 0 ? -1 : read_hex(&list->tail, r, item);
}

/* "+1", "-2": other than 0, of a length field's three bytes at most. */
static bool parse_difference(int *out, const char *text)
{
    enum { DIFFERENCE_MAX = 0xFFFFFF };
    char *end = NULL;
    const char *digits = text + (text[0] == '+' || text[0] == '-');
    if (!isdigit((unsigned char)digits[0]))
        return false;
    unsigned long value = strtoul(digits, &end, 10);
    if (*end != '\0' || value == 0 || value > DIFFERENCE_MAX)
        return false;
    *out = text[0] == '-' ? -(int)value : (int)value;
    return true;
}

static int edit_length(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    const char *text = read_text(r, item);
    int by;
    if (text == NULL)
        return -1;
    if (!parse_difference(&by, text))
        return yaml_error(item, r->err, "'%.40s' is no difference such as +1 or -1", text);
    if (send->num_changes == HELLO_CHANGES_MAX)
        return yaml_error(item, r->err, "more than %d lengths change", HELLO_CHANGES_MAX);
    struct hello_change *change = &send->changes[send->num_changes++];
    snprintf(change->field, sizeof change->field, "%s", key_of(r, item));
    change->by = by;
    return hello_send_check(send, r->err) < 0
               ? error_prefix(r->err, "%s:%d", item->file, item->line)
               : 0;
}

static void take_out(struct raw_message *message, size_t index)
{
    message->num_extensions--;
    memmove(&message->extensions[index], &message->extensions[index + 1],
            (message->num_extensions - index) * sizeof message->extensions[0]);
}

/* The extension that a scalar names. */
static int find_extension(size_t *index, struct hello_send *send, struct reading *r,
                          const struct yaml_item *item)
{
    struct yaml_item word = *item;
    uint16_t type;
    word.key = NULL;
    if (yaml_check_kind(item, YAML_SCALAR, r->err) < 0 ||
        read_extension_type(&type, r, &word, NULL) < 0)
        return -1;
    const struct raw_extension *extension = raw_message_extension(&send->message, type);
    if (extension == NULL)
        return yaml_error(item, r->err, "the hello has no extension '%.60s'", item->text);
    *index = (size_t)(extension - send->message.extensions);
    return 0;
}

static int edit_remove(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    size_t index;
    if (find_extension(&index, send, r, item) < 0)
        return -1;
    take_out(&send->message, index);
    return 0;
}

/* At the end, unless `last` is there: then it moves. */
static int put_last(struct hello_send *send, struct reading *r, const struct yaml_item *item,
                    bool stays)
{
    struct raw_message *message = &send->message;
    size_t index;
    if (find_extension(&index, send, r, item) < 0)
        return -1;
    if (message->num_extensions == RAW_EXTENSIONS_MAX)
        return yaml_error(item, r->err, "more than %d extensions", RAW_EXTENSIONS_MAX);
    message->extensions[message->num_extensions++] = message->extensions[index];
    if (!stays)
        take_out(message, index);
    return 0;
}

static int edit_duplicate(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    return put_last(send, r, item, true);
}

static int edit_last(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    return put_last(send, r, item, false);
}

/* RFC 7685: so many zero bytes. */
static int edit_pad(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    struct raw_message *message = &send->message;
    uint32_t len;
    if (read_number(&len, r, item, 0xFFFF) < 0)
        return -1;
    if (message->num_extensions == RAW_EXTENSIONS_MAX)
        return yaml_error(item, r->err, "more than %d extensions", RAW_EXTENSIONS_MAX);
    struct raw_item *zeros = arena_take(r->arena, sizeof *zeros);
    uint8_t *data = arena_take(r->arena, len);
    if (zeros == NULL || data == NULL)
        return out_of_memory(r);
    zeros->data = (struct raw_bytes){ data, len };
    message->extensions[message->num_extensions++] =
        (struct raw_extension){ .type = 21, .body = { .items = zeros, .num_items = 1 } };
    return 0;
}

/* Edits of maps are done for each key of the map, of scalars once. */
static const struct {
    const char *name;
    bool of_map;
    edit_function *edit;
} edits[] = {
    { "set", true, edit_set },       { "add", true, edit_add },
    { "append", true, edit_append }, { "prepend", true, edit_prepend },
    { "repeat", true, edit_repeat }, { "tail", true, edit_tail },
    { "length", true, edit_length }, { "remove", false, edit_remove },
    { "last", false, edit_last },    { "duplicate", false, edit_duplicate },
    { "pad", false, edit_pad },
};
enum { NUM_EDITS = sizeof edits / sizeof edits[0] };

static int unknown_edit(struct reading *r, const struct yaml_item *item)
{
    struct nearest nearest;
    nearest_init(&nearest, item->key);
    for (size_t i = 0; i < NUM_EDITS; i++)
        nearest_offer(&nearest, edits[i].name);
    return yaml_error(item, r->err, "unknown edit '%.60s'%s", item->key, nearest_hint(&nearest));
}

static int do_edit(struct hello_send *send, struct reading *r, const struct yaml_item *item)
{
    size_t row = 0;
    while (row < NUM_EDITS && strcmp(edits[row].name, item->key) != 0)
        row++;
    if (row == NUM_EDITS)
        return unknown_edit(r, item);
    if (!send->message.present)
        return yaml_error(item, r->err, "there is no message to edit");
    if (!edits[row].of_map)
        return edits[row].edit(send, r, item);
    if (yaml_check_kind(item, YAML_MAP, r->err) < 0)
        return -1;
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next)
        if (edits[row].edit(send, r, i) < 0)
            return -1;
    return 0;
}

int edit_send(struct hello_send *send, struct reading *r, const struct yaml_item *edit)
{
    if (yaml_check_kind(edit, YAML_MAP, r->err) < 0)
        return -1;
    for (const struct yaml_item *i = edit->first; i != NULL; i = i->next)
        if (do_edit(send, r, i) < 0)
            return -1;
    return 0;
}
