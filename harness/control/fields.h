/* Plain structs to JSON objects and back, by a table of fields: what endpoint, facts and
 * capabilities have in common. For harness/control only. */
#ifndef TLSMATRIX_HARNESS_CONTROL_FIELDS_H
#define TLSMATRIX_HARNESS_CONTROL_FIELDS_H

#include "harness/error.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct field;

/* How one kind of member becomes a JSON value. */
struct codec {
    /* The value, owned by the caller; NULL when out of memory. */
    json_t *(*put)(const struct field *field, const void *base);
    /* Is the member at its default, so that its key stays absent? */
    bool (*absent)(const struct field *field, const void *base);
    /* Stores the value. NULL if it fits, else what it must be ("a string of at most N bytes"). */
    const char *(*take)(const struct field *field, void *base, const json_t *value);
};

enum { NO_AUX = 0 }; /* no struct here begins with a count or flag */

struct field {
    const char *key;
    const struct codec *codec;
    size_t offset;            /* of the member in the struct */
    size_t size;              /* of the member */
    size_t aux;               /* offset of its count, its length or its `known` flag; or NO_AUX */
    bool required;            /* never left out, and demanded */
    const char *const *names; /* CODEC_ENUM, CODEC_NAME_SET: by value */
    size_t num_names;
    int64_t min, max;  /* CODEC_NUMBER */
    int64_t otherwise; /* CODEC_NUMBER: the value of an absent key */
};

extern const struct codec codec_boolean;
extern const struct codec codec_enum;    /* an enum, as one of `names`; 0 is the default */
extern const struct codec codec_number;  /* any integer; with aux, absent unless the flag is set */
extern const struct codec codec_string;  /* a char array; empty is the default */
extern const struct codec codec_hex;     /* fixed bytes; absent if all zero, or by the aux flag */
extern const struct codec codec_hex_len; /* bytes with a length in aux */
extern const struct codec codec_version; /* uint16_t; 0 is the default */
extern const struct codec codec_suite;   /* likewise; unknown ids are spelt "0x1234" */
extern const struct codec codec_group;
extern const struct codec codec_scheme;
extern const struct codec codec_suites; /* uint16_t arrays with a count in aux */
extern const struct codec codec_groups;
extern const struct codec codec_schemes;
extern const struct codec codec_name_set; /* an array of bool by value, as the names that are set */

#define FIELD(type, member, kind, ...)                                                             \
    {                                                                                              \
        .key = #member, .codec = &codec_##kind, .offset = offsetof(type, member),                  \
        .size = sizeof((type *)0)->member, __VA_ARGS__                                             \
    }

/* A new object with every field that is required or not at its default; NULL: out of memory. */
json_t *fields_to_json(const struct field fields[], size_t num_fields, const void *base);

/* Stores every member of `object` below `base`, which holds the defaults already. Unknown keys,
 * wrong values and missing required keys are errors (`what`.KEY: …), class ERROR_HARNESS. At most
 * 64 fields. */
int fields_from_json(const struct field fields[], size_t num_fields, void *base,
                     const json_t *object, const char *what, struct error *err);

#endif
