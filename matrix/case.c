/* The names of a case's axes and values, and its id as the path of them: written here, parsed back
 * here. What a value means stands in case_rules.c and its siblings. */
#include "matrix/case.h"

#include "harness/nearest.h"
#include "matrix/case_value.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const axis_names[NUM_AXES] = {
    [AXIS_CLIENT] = "client",     [AXIS_SERVER] = "server",     [AXIS_VERSION] = "version",
    [AXIS_SUITE] = "suite",       [AXIS_GROUP] = "group",       [AXIS_CREDENTIAL] = "credential",
    [AXIS_AUTH] = "auth",         [AXIS_PIN] = "pin",           [AXIS_IDENTITY] = "identity",
    [AXIS_ATTACK] = "attack",     [AXIS_DELIVERY] = "delivery", [AXIS_HELLO] = "hello",
    [AXIS_EXCHANGE] = "exchange",
};

static const char *const auth_names[NUM_AUTH_MODES] = {
    [AUTH_MODE_NONE] = "none",
    [AUTH_MODE_SERVER] = "server",
    [AUTH_MODE_MUTUAL] = "mutual",
    [AUTH_MODE_MUTUAL_NONE_SENT] = "mutual-none-sent",
    [AUTH_MODE_OPTIONAL] = "optional",
    [AUTH_MODE_OPTIONAL_NONE_SENT] = "optional-none-sent",
    [AUTH_MODE_PSK] = "psk",
    [AUTH_MODE_PSK_WRONG_KEY] = "psk-wrong-key",
    [AUTH_MODE_PSK_UNKNOWN] = "psk-unknown",
    [AUTH_MODE_SRP] = "srp",
    [AUTH_MODE_SRP_WRONG_PASSWORD] = "srp-wrong-password",
    [AUTH_MODE_SRP_UNKNOWN] = "srp-unknown",
};

static const char *const pinning_names[NUM_PINNINGS] = {
    [PINNING_OFF] = "off",
    [PINNING_LEAF] = "leaf",
    [PINNING_LEAF_WRONG] = "leaf-wrong",
    [PINNING_SPKI] = "spki",
    [PINNING_SPKI_WRONG] = "spki-wrong",
    [PINNING_TOFU_FIRST] = "tofu-first",
    [PINNING_TOFU_KNOWN] = "tofu-known",
    [PINNING_TOFU_CHANGED] = "tofu-changed",
};

const char *axis_name(enum axis axis)
{
    return axis_names[axis];
}

int axis_by_name(const char *name)
{
    for (int i = 0; i < NUM_AXES; i++)
        if (strcmp(axis_names[i], name) == 0)
            return i;
    return -1;
}

const char *auth_name(enum auth auth)
{
    return auth_names[auth];
}

const char *pinning_name(enum pinning pinning)
{
    return pinning_names[pinning];
}

size_t case_stack(const struct matrix_case *c, enum role role)
{
    return role == ROLE_CLIENT ? c->client : c->server;
}

const char *stack_name(const struct stack_set *set, size_t index)
{
    return index == RAW_STACK ? "raw" : set->stacks[index].stack;
}

int stack_index(const struct stack_set *set, const char *name)
{
    for (size_t i = 0; i < set->num_stacks; i++)
        if (strcmp(set->stacks[i].stack, name) == 0)
            return (int)i;
    return -1;
}

static enum axis axis_of_segment(size_t segment)
{
    return (enum axis)(AXIS_VERSION + segment - 1);
}

void case_id(char out[CASE_ID_MAX], const struct matrix_case *c, const struct stack_set *stacks)
{
    char value[CASE_ID_MAX];
    size_t used = (size_t)snprintf(out, CASE_ID_MAX, "%s-%s", stack_name(stacks, c->client),
                                   stack_name(stacks, c->server));
    for (int axis = AXIS_VERSION; axis < NUM_AXES; axis++) {
        case_axis_value(value, c, (enum axis)axis, stacks);
        if (axis >= FIRST_OPTIONAL_AXIS && axis_value_get(c, (enum axis)axis).v[0] == 0)
            continue;
        used += (size_t)snprintf(out + used, CASE_ID_MAX - used, "/%s", value);
        assert(used < CASE_ID_MAX);
    }
    if (c->repeat > 0)
        snprintf(out + used, CASE_ID_MAX - used, "#%u", (unsigned)c->repeat);
}

/* Cuts "#N" off the id. */
static int parse_repeat(uint32_t *repeat, char *id, struct error *err)
{
    char *mark = strchr(id, '#');
    *repeat = 0;
    if (mark == NULL)
        return 0;
    char *end = NULL;
    unsigned long number = mark[1] >= '1' && mark[1] <= '9' ? strtoul(mark + 1, &end, 10) : 0;
    if (number == 0 || *end != '\0' || number > UINT32_MAX)
        return error_set(err, ERROR_USAGE, "repeat '%s' is not '#' and a number from 1 up", mark);
    *mark = '\0';
    *repeat = (uint32_t)number;
    return 0;
}

static int parse_pair(struct matrix_case *c, char *pair, const struct stack_set *stacks,
                      struct error *err)
{
    char *dash = strchr(pair, '-');
    if (dash == NULL)
        return error_set(err, ERROR_USAGE, "'%s' is not CLIENT-SERVER", pair);
    *dash = '\0';
    if (case_set_axis(c, AXIS_CLIENT, pair, stacks, err) < 0)
        return -1;
    return case_set_axis(c, AXIS_SERVER, dash + 1, stacks, err);
}

enum { NUM_SEGMENTS = FIRST_OPTIONAL_AXIS - 1 }; /* client and server share the first */

static int unknown_optional(int first, const char *text, const struct stack_set *stacks,
                            struct error *err)
{
    struct nearest nearest;
    const char *word;
    nearest_init(&nearest, text);
    for (int axis = first; axis < NUM_AXES; axis++)
        for (size_t i = 0; (word = axis_word((enum axis)axis, i, stacks)) != NULL; i++)
            nearest_offer(&nearest, word);
    return error_set(err, ERROR_USAGE, "'%s' is no identity, attack, delivery, hello or exchange%s",
                     text, nearest_hint(&nearest));
}

/* One segment behind the pin: a value of the first optional axis from `first` on that knows it.
 * Returns the axis after it, -1 if none does. */
static int parse_optional(struct matrix_case *c, int first, const char *text,
                          const struct stack_set *stacks, struct error *err)
{
    for (int axis = first; axis < NUM_AXES; axis++)
        if (case_set_axis(c, (enum axis)axis, text, stacks, NULL) == 0)
            return axis + 1;
    return first < NUM_AXES
               ? unknown_optional(first, text, stacks, err)
               : error_set(err, ERROR_USAGE, "'%s' follows after the last segment", text);
}

static int parse_segments(struct matrix_case *c, char *id, const struct stack_set *stacks,
                          struct error *err)
{
    char *rest = id;
    for (size_t segment = 0; segment < NUM_SEGMENTS; segment++) {
        char *text = strsep(&rest, "/");
        if (text == NULL)
            return error_set(err, ERROR_USAGE, "the id ends before its %s",
                             axis_name(axis_of_segment(segment)));
        int failed = segment == 0 ? parse_pair(c, text, stacks, err)
                                  : case_set_axis(c, axis_of_segment(segment), text, stacks, err);
        if (failed < 0)
            return -1;
    }
    for (int axis = FIRST_OPTIONAL_AXIS; rest != NULL;) {
        axis = parse_optional(c, axis, strsep(&rest, "/"), stacks, err);
        if (axis < 0)
            return -1;
    }
    return 0;
}

int case_from_id(struct matrix_case *out, const char *id, const struct stack_set *stacks,
                 struct error *err)
{
    char copy[CASE_ID_MAX];
    struct matrix_case c = { 0 };
    if (strlen(id) >= sizeof copy)
        return error_set(err, ERROR_USAGE, "a case id has fewer than %d characters", CASE_ID_MAX);
    memcpy(copy, id, strlen(id) + 1);
    if (parse_repeat(&c.repeat, copy, err) < 0 || parse_segments(&c, copy, stacks, err) < 0)
        return error_prefix(err, "case '%s'", id);
    *out = c;
    return 0;
}

void case_axis_value(char out[CASE_ID_MAX], const struct matrix_case *c, enum axis axis,
                     const struct stack_set *stacks)
{
    axis_value_write(out, CASE_ID_MAX, axis, axis_value_get(c, axis), stacks);
}

int case_set_axis(struct matrix_case *c, enum axis axis, const char *value,
                  const struct stack_set *stacks, struct error *err)
{
    struct axis_value parsed;
    if (axis_value_parse(&parsed, axis, value, stacks, err) < 0)
        return -1;
    axis_value_put(c, axis, parsed);
    return 0;
}

uint64_t case_hash(const char *id)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const unsigned char *byte = (const unsigned char *)id; *byte != '\0'; byte++)
        hash = (hash ^ *byte) * UINT64_C(0x100000001b3);
    return hash;
}
