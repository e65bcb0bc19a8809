#include "harness/control/fields.h"

#include "harness/limits.h"
#include "harness/wire/registry.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const void *member(const struct field *field, const void *base)
{
    return (const char *)base + field->offset;
}

static void *member_out(const struct field *field, void *base)
{
    return (char *)base + field->offset;
}

static bool flag(const struct field *field, const void *base)
{
    return *(const bool *)((const char *)base + field->aux);
}

static void set_flag(const struct field *field, void *base)
{
    if (field->aux != NO_AUX)
        *(bool *)((char *)base + field->aux) = true;
}

static size_t count(const struct field *field, const void *base)
{
    return *(const size_t *)((const char *)base + field->aux);
}

static void set_count(const struct field *field, void *base, size_t value)
{
    *(size_t *)((char *)base + field->aux) = value;
}

static bool all_zero(const struct field *field, const void *base)
{
    const char *bytes = member(field, base);
    for (size_t i = 0; i < field->size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

/* ---- bool, enum, number ---- */

static json_t *put_bool(const struct field *field, const void *base)
{
    return json_boolean(*(const bool *)member(field, base));
}

static const char *take_bool(const struct field *field, void *base, const json_t *value)
{
    if (!json_is_boolean(value))
        return "true or false";
    *(bool *)member_out(field, base) = json_is_true(value);
    return NULL;
}

const struct codec codec_boolean = { put_bool, all_zero, take_bool };

static json_t *put_enum(const struct field *field, const void *base)
{
    int value;
    memcpy(&value, member(field, base), sizeof value);
    assert(value >= 0 && (size_t)value < field->num_names);
    return json_string(field->names[value]);
}

static int name_index(const struct field *field, const json_t *value)
{
    if (!json_is_string(value))
        return -1;
    for (size_t i = 0; i < field->num_names; i++)
        if (strcmp(field->names[i], json_string_value(value)) == 0)
            return (int)i;
    return -1;
}

static const char *take_enum(const struct field *field, void *base, const json_t *value)
{
    int index = name_index(field, value);
    if (index < 0)
        return "one of its known words";
    memcpy(member_out(field, base), &index, sizeof index);
    return NULL;
}

const struct codec codec_enum = { put_enum, all_zero, take_enum };

static int64_t load_number(const struct field *field, const void *base)
{
    const void *at = member(field, base);
    if (field->size == sizeof(int64_t))
        return *(const int64_t *)at;
    return field->min < 0 ? *(const int32_t *)at : (int64_t) * (const uint32_t *)at;
}

static json_t *put_number(const struct field *field, const void *base)
{
    return json_integer(load_number(field, base));
}

static bool absent_number(const struct field *field, const void *base)
{
    if (field->aux != NO_AUX)
        return !flag(field, base);
    return load_number(field, base) == field->otherwise;
}

static const char *take_number(const struct field *field, void *base, const json_t *value)
{
    if (!json_is_integer(value))
        return "an integer";
    int64_t number = json_integer_value(value);
    if (number < field->min || number > field->max)
        return "an integer within its bounds";
    if (field->size == sizeof(int64_t))
        *(int64_t *)member_out(field, base) = number;
    else
        *(uint32_t *)member_out(field, base) = (uint32_t)number;
    set_flag(field, base);
    return NULL;
}

const struct codec codec_number = { put_number, absent_number, take_number };

/* ---- strings and bytes ---- */

/* Library texts and file names may hold any byte; JSON holds UTF-8 only. */
static json_t *string_from_any_bytes(const char *text)
{
    char ascii[KEYLOG_LEN];
    size_t i = 0;
    for (; text[i] != '\0' && i + 1 < sizeof ascii; i++)
        ascii[i] = (text[i] & 0x80) != 0 ? '?' : text[i];
    ascii[i] = '\0';
    return json_string(ascii);
}

static json_t *put_string(const struct field *field, const void *base)
{
    json_t *value = json_string(member(field, base));
    return value != NULL ? value : string_from_any_bytes(member(field, base));
}

static bool absent_string(const struct field *field, const void *base)
{
    return *(const char *)member(field, base) == '\0';
}

static const char *take_string(const struct field *field, void *base, const json_t *value)
{
    if (!json_is_string(value))
        return "a string";
    if (json_string_length(value) >= field->size)
        return "a shorter string";
    memcpy(member_out(field, base), json_string_value(value), json_string_length(value) + 1);
    return NULL;
}

const struct codec codec_string = { put_string, absent_string, take_string };

enum { HEX_BYTES_MAX = 64 };

static json_t *hex_string(const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * HEX_BYTES_MAX];
    assert(len <= HEX_BYTES_MAX);
    for (size_t i = 0; i < len; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return json_stringn_nocheck(text, 2 * len);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool hex_bytes(uint8_t *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static json_t *put_hex(const struct field *field, const void *base)
{
    return hex_string(member(field, base), field->size);
}

static bool absent_hex(const struct field *field, const void *base)
{
    return field->aux != NO_AUX ? !flag(field, base) : all_zero(field, base);
}

static const char *take_hex(const struct field *field, void *base, const json_t *value)
{
    if (!json_is_string(value) || json_string_length(value) != 2 * field->size ||
        !hex_bytes(member_out(field, base), json_string_value(value), field->size))
        return "lower-case hexadecimal of the right length";
    set_flag(field, base);
    return NULL;
}

const struct codec codec_hex = { put_hex, absent_hex, take_hex };

static json_t *put_hex_len(const struct field *field, const void *base)
{
    return hex_string(member(field, base), count(field, base));
}

static bool absent_counted(const struct field *field, const void *base)
{
    return count(field, base) == 0;
}

static const char *take_hex_len(const struct field *field, void *base, const json_t *value)
{
    size_t len = json_string_length(value) / 2;
    if (!json_is_string(value) || json_string_length(value) % 2 != 0 || len == 0 ||
        len > field->size || !hex_bytes(member_out(field, base), json_string_value(value), len))
        return "lower-case hexadecimal within its length";
    set_count(field, base, len);
    return NULL;
}

const struct codec codec_hex_len = { put_hex_len, absent_counted, take_hex_len };

/* ---- registry names ---- */

typedef const char *(*name_of)(uint16_t id);
typedef uint16_t (*id_of)(const char *name);

static const char *suite_name_of(uint16_t id)
{
    const struct suite *suite = suite_by_id(id);
    return suite != NULL ? suite->name : NULL;
}

static uint16_t suite_id_of(const char *name)
{
    const struct suite *suite = suite_by_name(name);
    return suite != NULL ? suite->id : 0;
}

static const char *group_name_of(uint16_t id)
{
    const struct group *group = group_by_id(id);
    return group != NULL ? group->name : NULL;
}

static uint16_t group_id_of(const char *name)
{
    const struct group *group = group_by_name(name);
    return group != NULL ? group->id : 0;
}

static const char *scheme_name_of(uint16_t id)
{
    const struct signature_scheme *scheme = signature_scheme_by_id(id);
    return scheme != NULL ? scheme->name : NULL;
}

static uint16_t scheme_id_of(const char *name)
{
    const struct signature_scheme *scheme = signature_scheme_by_name(name);
    return scheme != NULL ? scheme->id : 0;
}

static json_t *put_id(name_of name, uint16_t id)
{
    const char *known = name(id);
    return known != NULL ? json_string_nocheck(known) : json_sprintf("0x%04X", id);
}

/* 0 if it is neither a registered name nor "0x" and four hexadecimal digits. */
static uint16_t take_id(id_of lookup, const json_t *value)
{
    const char *name = json_string_value(value);
    if (name == NULL)
        return 0;
    uint16_t id = lookup(name);
    if (id != 0 || strlen(name) != 6 || strncmp(name, "0x", 2) != 0 ||
        strspn(name + 2, "0123456789ABCDEFabcdef") != 4)
        return id;
    return (uint16_t)strtoul(name + 2, NULL, 16);
}

static const char *take_one(id_of lookup, const struct field *field, void *base,
                            const json_t *value)
{
    uint16_t id = take_id(lookup, value);
    if (id == 0)
        return "a registered name";
    *(uint16_t *)member_out(field, base) = id;
    return NULL;
}

static json_t *put_list(name_of name, const struct field *field, const void *base)
{
    json_t *list = json_array();
    const uint16_t *ids = member(field, base);
    for (size_t i = 0; list != NULL && i < count(field, base); i++) {
        if (json_array_append_new(list, put_id(name, ids[i])) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static const char *take_list(id_of lookup, const struct field *field, void *base,
                             const json_t *value)
{
    if (!json_is_array(value))
        return "a list of registered names";
    size_t num = json_array_size(value);
    if (num > field->size / sizeof(uint16_t))
        return "a shorter list";
    uint16_t *ids = member_out(field, base);
    for (size_t i = 0; i < num; i++) {
        ids[i] = take_id(lookup, json_array_get(value, i));
        if (ids[i] == 0)
            return "a list of registered names only";
    }
    set_count(field, base, num);
    return NULL;
}

/* One codec for a single id and, where `plural` is given, one for a list of them. */
#define SINGLE_CODEC(kind, name, lookup)                                                           \
    static json_t *put_##kind(const struct field *field, const void *base)                         \
    {                                                                                              \
        return put_id(name, *(const uint16_t *)member(field, base));                               \
    }                                                                                              \
    static const char *take_##kind(const struct field *field, void *base, const json_t *value)     \
    {                                                                                              \
        return take_one(lookup, field, base, value);                                               \
    }                                                                                              \
    const struct codec codec_##kind = { put_##kind, all_zero, take_##kind };

#define LIST_CODEC(kind, name, lookup)                                                             \
    static json_t *put_##kind(const struct field *field, const void *base)                         \
    {                                                                                              \
        return put_list(name, field, base);                                                        \
    }                                                                                              \
    static const char *take_##kind(const struct field *field, void *base, const json_t *value)     \
    {                                                                                              \
        return take_list(lookup, field, base, value);                                              \
    }                                                                                              \
    const struct codec codec_##kind = { put_##kind, absent_counted, take_##kind };

SINGLE_CODEC(version, version_name, version_by_name)
SINGLE_CODEC(suite, suite_name_of, suite_id_of)
SINGLE_CODEC(group, group_name_of, group_id_of)
SINGLE_CODEC(scheme, scheme_name_of, scheme_id_of)
LIST_CODEC(suites, suite_name_of, suite_id_of)
LIST_CODEC(groups, group_name_of, group_id_of)
LIST_CODEC(schemes, scheme_name_of, scheme_id_of)

/* ---- sets of names ---- */

static json_t *put_name_set(const struct field *field, const void *base)
{
    json_t *list = json_array();
    const bool *set = member(field, base);
    for (size_t i = 0; list != NULL && i < field->num_names; i++) {
        if (!set[i] || json_array_append_new(list, json_string(field->names[i])) == 0)
            continue;
        json_decref(list);
        list = NULL;
    }
    return list;
}

static const char *take_name_set(const struct field *field, void *base, const json_t *value)
{
    if (!json_is_array(value))
        return "a list of its known words";
    bool *set = member_out(field, base);
    for (size_t i = 0; i < json_array_size(value); i++) {
        int index = name_index(field, json_array_get(value, i));
        if (index < 0)
            return "a list of its known words only";
        set[index] = true;
    }
    return NULL;
}

const struct codec codec_name_set = { put_name_set, all_zero, take_name_set };

/* ---- whole objects ---- */

json_t *fields_to_json(const struct field fields[], size_t num_fields, const void *base)
{
    json_t *object = json_object();
    for (const struct field *f = fields; object != NULL && f < fields + num_fields; f++) {
        if (!f->required && f->codec->absent(f, base))
            continue;
        if (json_object_set_new_nocheck(object, f->key, f->codec->put(f, base)) == 0)
            continue;
        json_decref(object);
        object = NULL;
    }
    return object;
}

static size_t find_field(const struct field fields[], size_t num_fields, const char *key)
{
    size_t i = 0;
    while (i < num_fields && strcmp(fields[i].key, key) != 0)
        i++;
    return i;
}

static int check_required(const struct field fields[], size_t num_fields, uint64_t seen,
                          const char *what, struct error *err)
{
    for (size_t i = 0; i < num_fields; i++)
        if (fields[i].required && (seen & UINT64_C(1) << i) == 0)
            return error_set(err, ERROR_HARNESS, "%s.%s: missing", what, fields[i].key);
    return 0;
}

int fields_from_json(const struct field fields[], size_t num_fields, void *base,
                     const json_t *object, const char *what, struct error *err)
{
    assert(num_fields <= 64);
    if (!json_is_object(object))
        return error_set(err, ERROR_HARNESS, "%s: must be an object", what);
    uint64_t seen = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = find_field(fields, num_fields, key);
        if (i == num_fields)
            return error_set(err, ERROR_HARNESS, "%s.%s: unknown key", what, key);
        const char *must_be = fields[i].codec->take(&fields[i], base, value);
        if (must_be != NULL)
            return error_set(err, ERROR_HARNESS, "%s.%s: must be %s", what, key, must_be);
        seen |= UINT64_C(1) << i;
    }
    return check_required(fields, num_fields, seen, what, err);
}
