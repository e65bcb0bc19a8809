/* Words, numbers and bytes of hello files, and lists of them in the form of each extension. */
#include "matrix/raw/parts.h"

#include "harness/nearest.h"
#include "harness/wire/registry.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int out_of_memory(struct reading *r)
{
    return error_set(r->err, ERROR_HARNESS, "out of memory");
}

const char *read_text(struct reading *r, const struct yaml_item *item)
{
    const char *text;
    if (yaml_string(&text, item, r->err) < 0)
        return NULL;
    const char *mark = strstr(text, "{}");
    if (mark == NULL || r->word == NULL)
        return text;
    size_t room = strlen(text) + strlen(r->word) + 1;
    char *replaced = arena_take(r->arena, room);
    if (replaced == NULL) {
        out_of_memory(r);
        return NULL;
    }
    snprintf(replaced, room, "%.*s%s%s", (int)(mark - text), text, r->word, mark + 2);
    return replaced;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c == '\0' ? NULL : strchr(digits, tolower((unsigned char)c));
    return at == NULL ? -1 : (int)(at - digits);
}

/* Appends the bytes of one line; `out` has room. */
static int add_hex(uint8_t *out, size_t *len, struct reading *r, const struct yaml_item *item)
{
    const char *text = read_text(r, item);
    if (text == NULL)
        return -1;
    for (const char *at = text; *at != '\0';) {
        if (*at == ' ' || *at == '\n') {
            at++;
            continue;
        }
        int high = hex_digit(at[0]), low = high < 0 ? -1 : hex_digit(at[1]);
        if (low < 0)
            return yaml_error(item, r->err, "'%.40s' is no sequence of bytes in hexadecimal", text);
        out[(*len)++] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return 0;
}

static size_t hex_room(struct reading *r, const struct yaml_item *item)
{
    size_t word = r->word == NULL ? 0 : strlen(r->word);
    return (item->text == NULL ? 0 : strlen(item->text)) + word + 1;
}

int read_hex(struct raw_bytes *out, struct reading *r, const struct yaml_item *item)
{
    size_t room = hex_room(r, item), len = 0;
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next)
        room += hex_room(r, i);
    uint8_t *data = arena_take(r->arena, room);
    if (data == NULL)
        return out_of_memory(r);
    if (item->kind == YAML_SCALAR && add_hex(data, &len, r, item) < 0)
        return -1;
    if (item->kind == YAML_MAP)
        return yaml_error(item, r->err, "bytes are hexadecimal digits, or a list of such lines");
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next)
        if (add_hex(data, &len, r, i) < 0)
            return -1;
    *out = (struct raw_bytes){ data, len };
    return 0;
}

static bool parse_number(uint32_t *out, const char *text, uint32_t max)
{
    char *end = NULL;
    bool is_hex = text[0] == '0' && text[1] == 'x';
    if (!isdigit((unsigned char)text[0]))
        return false;
    unsigned long value = strtoul(text, &end, is_hex ? 16 : 10);
    if (*end != '\0' || value > max)
        return false;
    *out = (uint32_t)value;
    return true;
}

int read_number(uint32_t *out, struct reading *r, const struct yaml_item *item, uint32_t max)
{
    const char *text = read_text(r, item);
    if (text == NULL)
        return -1;
    if (!parse_number(out, text, max))
        return yaml_error(item, r->err, "'%.40s' is no number from 0 to %u", text, max);
    return 0;
}

/* ---- words of the registries ---- */

static const struct {
    const char *name;
    uint16_t id;
} more_suites[] = {
    { "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", SCSV_EMPTY_RENEGOTIATION_INFO },
    { "TLS_FALLBACK_SCSV", SCSV_FALLBACK },
};

/* The index-th word of a kind and its number; false past the end. */
static bool word_at(const char **name, uint16_t *id, enum words words, size_t index)
{
    switch (words) {
    case WORDS_VERSION:
        *id = (uint16_t)(TLS10 + index);
        return index < NUM_TLS_VERSIONS && (*name = version_name(*id)) != NULL;
    case WORDS_SUITE:
        if (index < num_suites) {
            *name = suites[index].name;
            *id = suites[index].id;
            return true;
        }
        index -= num_suites;
        if (index >= sizeof more_suites / sizeof more_suites[0])
            return false;
        *name = more_suites[index].name;
        *id = more_suites[index].id;
        return true;
    case WORDS_GROUP:
        if (index >= num_groups)
            return false;
        *name = groups[index].name;
        *id = groups[index].id;
        return true;
    case WORDS_SCHEME:
        if (index >= num_signature_schemes)
            return false;
        *name = signature_schemes[index].name;
        *id = signature_schemes[index].id;
        return true;
    default:
        return false;
    }
}

int read_word(uint16_t *out, struct reading *r, const struct yaml_item *item, enum words words)
{
    static const char *const kinds[] = { "number", "version", "suite", "group",
                                         "signature scheme" };
    struct nearest nearest;
    uint32_t number;
    const char *name, *text = read_text(r, item);
    if (text == NULL)
        return -1;
    if (parse_number(&number, text, 0xFFFF)) {
        *out = (uint16_t)number;
        return 0;
    }
    nearest_init(&nearest, text);
    for (size_t i = 0; word_at(&name, out, words, i); i++) {
        if (strcmp(name, text) == 0)
            return 0;
        nearest_offer(&nearest, name);
    }
    return yaml_error(item, r->err, "unknown %s '%.60s'%s", kinds[words], text,
                      nearest_hint(&nearest));
}

/* ---- lists ---- */

static struct raw_item *new_items(struct reading *r, size_t num)
{
    struct raw_item *items =
        num > RAW_ITEMS_MAX ? NULL : arena_take(r->arena, num * sizeof(struct raw_item));
    if (items == NULL)
        error_set(r->err, num > RAW_ITEMS_MAX ? ERROR_USAGE : ERROR_HARNESS,
                  "a list of %zu items: too long, or out of memory", num);
    return items;
}

int list_join(struct raw_list *list, struct reading *r, const struct raw_list *first,
              const struct raw_list *second)
{
    struct raw_item *items = new_items(r, first->num_items + second->num_items);
    if (items == NULL)
        return -1;
    if (first->num_items > 0)
        memcpy(items, first->items, first->num_items * sizeof *items);
    if (second->num_items > 0)
        memcpy(items + first->num_items, second->items, second->num_items * sizeof *items);
    list->num_items = first->num_items + second->num_items;
    list->items = items;
    return 0;
}

int list_repeat(struct raw_list *list, struct reading *r, uint32_t times)
{
    if (list->num_items == 0)
        return error_set(r->err, ERROR_USAGE, "an empty list cannot be repeated");
    struct raw_item *items = new_items(r, list->num_items * times);
    if (items == NULL)
        return -1;
    for (size_t i = 0; i < list->num_items * times; i++)
        items[i] = list->items[i % list->num_items];
    list->items = items;
    list->num_items *= times;
    return 0;
}

/* How one item of a list becomes bytes. */
typedef int read_item(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                      enum words words);

static int item_u16(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                    enum words words)
{
    uint16_t value;
    if (read_word(&value, r, item, words) < 0)
        return -1;
    *out = (struct raw_item){ .head = { (uint8_t)(value >> 8), (uint8_t)value }, .head_len = 2 };
    return 0;
}

static int item_u8(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                   enum words words)
{
    uint32_t value;
    (void)words;
    if (read_number(&value, r, item, 0xFF) < 0)
        return -1;
    *out = (struct raw_item){ .head = { (uint8_t)value }, .head_len = 1 };
    return 0;
}

static int item_hex(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                    enum words words)
{
    (void)words;
    *out = (struct raw_item){ .prefix = 0 };
    return read_hex(&out->data, r, item);
}

static int item_text(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                     uint8_t prefix)
{
    const char *text = read_text(r, item);
    if (text == NULL)
        return -1;
    *out = (struct raw_item){ .prefix = prefix, .data = { (const uint8_t *)text, strlen(text) } };
    return 0;
}

/* ProtocolName (RFC 7301 section 3.1). */
static int item_protocol(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                         enum words words)
{
    (void)words;
    return item_text(out, r, item, 1);
}

/* ServerName with type host_name (RFC 6066 section 3). */
static int item_name(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                     enum words words)
{
    (void)words;
    if (item_text(out, r, item, 2) < 0)
        return -1;
    out->head_len = 1;
    return 0;
}

/* KeyShareEntry (RFC 8446 section 4.2.8). */
static int item_share(struct raw_item *out, struct reading *r, const struct yaml_item *item,
                      enum words words)
{
    static const struct yaml_key keys[] = {
        { "group", YAML_SCALAR, .required = true },
        { "key", YAML_SCALAR, .required = true, .any_kind = true },
    };
    if (yaml_check_map(item, keys, 2, r->err) < 0 ||
        item_u16(out, r, yaml_get(item, "group"), words) < 0 ||
        read_hex(&out->data, r, yaml_get(item, "key")) < 0)
        return -1;
    out->prefix = 2;
    return 0;
}

struct form {
    uint8_t prefix;
    read_item *read;
    enum words words;
};

static int read_list(struct raw_list *out, struct reading *r, const struct yaml_item *item,
                     const struct form *form)
{
    if (yaml_check_kind(item, YAML_LIST, r->err) < 0)
        return -1;
    struct raw_item *items = new_items(r, item->num_items);
    if (items == NULL)
        return -1;
    *out = (struct raw_list){ .prefix = form->prefix, .items = items };
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next)
        if (form->read(&items[out->num_items++], r, i, form->words) < 0)
            return -1;
    return 0;
}

int read_suites(struct raw_list *out, struct reading *r, const struct yaml_item *item, bool client)
{
    const struct form form = { client ? 2 : 0, item_u16, WORDS_SUITE };
    return read_list(out, r, item, &form);
}

int read_compressions(struct raw_list *out, struct reading *r, const struct yaml_item *item,
                      bool client)
{
    const struct form form = { client ? 1 : 0, item_u8, WORDS_NONE };
    return read_list(out, r, item, &form);
}

int read_session_id(struct raw_list *out, struct reading *r, const struct yaml_item *item)
{
    struct raw_item *one = new_items(r, 1);
    if (one == NULL || read_hex(&one->data, r, item) < 0)
        return -1;
    *out = (struct raw_list){ .prefix = 1, .items = one, .num_items = 1 };
    return 0;
}

/* ---- extensions ---- */

static const struct extension_form {
    uint16_t type;
    struct form client, server;
} extension_forms[] = {
    { EXTENSION_SERVER_NAME, { 2, item_name, WORDS_NONE }, { 0, item_hex, WORDS_NONE } },
    { EXTENSION_SUPPORTED_GROUPS, { 2, item_u16, WORDS_GROUP }, { 2, item_u16, WORDS_GROUP } },
    { EXTENSION_EC_POINT_FORMATS, { 1, item_u8, WORDS_NONE }, { 1, item_u8, WORDS_NONE } },
    { EXTENSION_SIGNATURE_ALGORITHMS,
      { 2, item_u16, WORDS_SCHEME },
      { 2, item_u16, WORDS_SCHEME } },
    { 50, { 2, item_u16, WORDS_SCHEME }, { 2, item_u16, WORDS_SCHEME } },
    { EXTENSION_ALPN, { 2, item_protocol, WORDS_NONE }, { 2, item_protocol, WORDS_NONE } },
    { EXTENSION_SUPPORTED_VERSIONS,
      { 1, item_u16, WORDS_VERSION },
      { 0, item_u16, WORDS_VERSION } },
    { EXTENSION_PSK_KEY_EXCHANGE_MODES, { 1, item_u8, WORDS_NONE }, { 1, item_u8, WORDS_NONE } },
    { EXTENSION_KEY_SHARE, { 2, item_share, WORDS_GROUP }, { 0, item_share, WORDS_GROUP } },
    { EXTENSION_RENEGOTIATION_INFO, { 1, item_hex, WORDS_NONE }, { 1, item_hex, WORDS_NONE } },
};

int read_extension_type(uint16_t *out, struct reading *r, const struct yaml_item *item,
                        other_words others)
{
    struct nearest nearest;
    uint32_t number;
    const char *text = item->key != NULL ? item->key : read_text(r, item);
    if (text != NULL && strcmp(text, "{}") == 0 && r->word != NULL)
        text = r->word;
    if (text == NULL)
        return -1;
    if (parse_number(&number, text, 0xFFFF)) {
        *out = (uint16_t)number;
        return 0;
    }
    const struct extension_type *known = strcmp(text, "alpn") == 0
                                             ? extension_type_by_id(EXTENSION_ALPN)
                                             : extension_type_by_name(text);
    if (known != NULL) {
        *out = known->id;
        return 0;
    }
    nearest_init(&nearest, text);
    for (size_t i = 0; i < num_extension_types; i++)
        nearest_offer(&nearest, extension_types[i].name);
    for (other_words i = others; i != NULL && *i != NULL; i++)
        nearest_offer(&nearest, *i);
    return yaml_error(item, r->err, "unknown %sextension '%.60s'%s",
                      others == NULL ? "" : "field or ", text, nearest_hint(&nearest));
}

int read_extension_body(struct raw_list *out, struct reading *r, uint16_t type,
                        const struct yaml_item *item, bool client)
{
    static const struct form opaque = { 0, item_hex, WORDS_NONE };
    const struct form *form = &opaque;
    for (size_t i = 0; i < sizeof extension_forms / sizeof extension_forms[0]; i++)
        if (extension_forms[i].type == type)
            form = client ? &extension_forms[i].client : &extension_forms[i].server;
    if (item->kind == YAML_LIST)
        return read_list(out, r, item, form);
    struct raw_item *one = new_items(r, 1);
    if (one == NULL || read_hex(&one->data, r, item) < 0)
        return -1;
    *out = (struct raw_list){ .items = one, .num_items = 1 };
    return 0;
}
