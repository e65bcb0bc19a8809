/* How the values of each axis are spelt. */
#include "matrix/case_value.h"

#include "harness/nearest.h"
#include "matrix/raw/hellos.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

#include <stdio.h>
#include <string.h>

struct axis_value axis_value_get(const struct matrix_case *c, enum axis axis)
{
    switch (axis) {
    case AXIS_CLIENT:
        return (struct axis_value){ { c->client } };
    case AXIS_SERVER:
        return (struct axis_value){ { c->server } };
    case AXIS_VERSION:
        return (struct axis_value){ { c->min_version[ROLE_CLIENT], c->max_version[ROLE_CLIENT],
                                      c->min_version[ROLE_SERVER], c->max_version[ROLE_SERVER] } };
    case AXIS_SUITE:
        return (struct axis_value){ { c->suite[ROLE_CLIENT], c->suite[ROLE_SERVER] } };
    case AXIS_GROUP:
        return (struct axis_value){ { c->group[ROLE_CLIENT], c->group[ROLE_SERVER] } };
    case AXIS_CREDENTIAL:
        return (struct axis_value){ { (uint16_t)c->credential } };
    case AXIS_AUTH:
        return (struct axis_value){ { (uint16_t)c->auth } };
    case AXIS_IDENTITY:
        return (struct axis_value){ { c->identity } };
    case AXIS_ATTACK:
        return (struct axis_value){ { c->attack } };
    case AXIS_DELIVERY:
        return (struct axis_value){ { c->delivery } };
    case AXIS_HELLO:
        return (struct axis_value){ { c->hello } };
    case AXIS_EXCHANGE:
        return (struct axis_value){ { c->exchange } };
    default:
        return (struct axis_value){ { (uint16_t)c->pinning } };
    }
}

static void put_pair(uint16_t pair[2], uint16_t client, uint16_t server)
{
    pair[ROLE_CLIENT] = client;
    pair[ROLE_SERVER] = server;
}

void axis_value_put(struct matrix_case *c, enum axis axis, struct axis_value value)
{
    switch (axis) {
    case AXIS_CLIENT:
        c->client = (uint8_t)value.v[0];
        break;
    case AXIS_SERVER:
        c->server = (uint8_t)value.v[0];
        break;
    case AXIS_VERSION:
        put_pair(c->min_version, value.v[0], value.v[2]);
        put_pair(c->max_version, value.v[1], value.v[3]);
        break;
    case AXIS_SUITE:
        put_pair(c->suite, value.v[0], value.v[1]);
        break;
    case AXIS_GROUP:
        put_pair(c->group, value.v[0], value.v[1]);
        break;
    case AXIS_CREDENTIAL:
        c->credential = (enum credential)value.v[0];
        break;
    case AXIS_AUTH:
        c->auth = (enum auth)value.v[0];
        break;
    case AXIS_IDENTITY:
        c->identity = value.v[0];
        break;
    case AXIS_ATTACK:
        c->attack = value.v[0];
        break;
    case AXIS_DELIVERY:
        c->delivery = value.v[0];
        break;
    case AXIS_HELLO:
        c->hello = value.v[0];
        break;
    case AXIS_EXCHANGE:
        c->exchange = value.v[0];
        break;
    default:
        c->pinning = (enum pinning)value.v[0];
        break;
    }
}

bool axis_value_equal(struct axis_value a, struct axis_value b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

struct axis_value axis_value_both(uint16_t first, uint16_t second)
{
    return (struct axis_value){ { first, second, first, second } };
}

/* How many numbers of v[] one end has on the axis. */
static size_t end_len(enum axis axis)
{
    return axis == AXIS_VERSION ? 2 : 1;
}

static bool has_two_ends(enum axis axis)
{
    return axis == AXIS_VERSION || axis == AXIS_SUITE || axis == AXIS_GROUP;
}

static void write_range(char *out, size_t out_len, const uint16_t *range)
{
    if (range[0] == range[1])
        snprintf(out, out_len, "%s", version_name(range[0]));
    else
        snprintf(out, out_len, "%s-%s", version_name(range[0]),
                 version_name(range[1]) + strlen("tls"));
}

static const char *suite_word(uint16_t id)
{
    const struct suite *suite = suite_by_id(id);
    return suite != NULL ? suite->slug : "any";
}

static const char *group_word(uint16_t id)
{
    const struct group *group = group_by_id(id);
    if (group != NULL)
        return group->slug;
    return id == GROUP_NONE ? "none" : "any";
}

/* One end of the value. */
static void write_end(char *out, size_t out_len, enum axis axis, const uint16_t *v,
                      const struct stack_set *stacks)
{
    switch (axis) {
    case AXIS_CLIENT:
    case AXIS_SERVER:
        snprintf(out, out_len, "%s", stack_name(stacks, *v));
        break;
    case AXIS_VERSION:
        write_range(out, out_len, v);
        break;
    case AXIS_SUITE:
        snprintf(out, out_len, "%s", suite_word(*v));
        break;
    case AXIS_GROUP:
        snprintf(out, out_len, "%s", group_word(*v));
        break;
    case AXIS_IDENTITY:
        snprintf(out, out_len, "%s%s", *v >= IDENTITY_OF_CLIENT ? "client-" : "",
                 identities[*v % IDENTITIES_MAX].name);
        break;
    default:
        snprintf(out, out_len, "%s", axis_word(axis, *v, stacks));
        break;
    }
}

void axis_value_write(char *out, size_t out_len, enum axis axis, struct axis_value value,
                      const struct stack_set *stacks)
{
    size_t len = end_len(axis);
    write_end(out, out_len, axis, value.v, stacks);
    if (!has_two_ends(axis) || memcmp(value.v, value.v + len, len * sizeof value.v[0]) == 0)
        return;
    size_t used = strlen(out);
    out[used++] = ':';
    write_end(out + used, out_len - used, axis, value.v + len, stacks);
}

/* Words: the registry first, then what names no entry of it. */
static const char *suite_axis_word(size_t index)
{
    if (index < num_suites)
        return suites[index].slug;
    return index == num_suites ? "any" : NULL;
}

static const char *group_axis_word(size_t index)
{
    if (index < num_groups)
        return groups[index].slug;
    return index == num_groups ? "any" : index == num_groups + 1 ? "none" : NULL;
}

/* The server's faults under their own names, then the client's as "client-NAME". */
static const char *identity_word(size_t index)
{
    static char client_names[IDENTITIES_MAX][NAME_MAX_LEN];
    if (index < num_identities)
        return identities[index].name;
    size_t row = index - num_identities + 1; /* nobody says "client-genuine" */
    if (row >= num_identities)
        return NULL;
    snprintf(client_names[row], NAME_MAX_LEN, "client-%s", identities[row].name);
    return client_names[row];
}

const char *axis_word(enum axis axis, size_t index, const struct stack_set *stacks)
{
    switch (axis) {
    case AXIS_CLIENT:
    case AXIS_SERVER:
        return index < stacks->num_stacks    ? stacks->stacks[index].stack
               : index == stacks->num_stacks ? stack_name(stacks, RAW_STACK)
                                             : NULL;
    case AXIS_VERSION:
        return index < NUM_TLS_VERSIONS ? version_name((uint16_t)(TLS10 + index)) : NULL;
    case AXIS_SUITE:
        return suite_axis_word(index);
    case AXIS_GROUP:
        return group_axis_word(index);
    case AXIS_CREDENTIAL:
        return index < NUM_CREDENTIALS ? credential_name((enum credential)index) : NULL;
    case AXIS_AUTH:
        return index < NUM_AUTH_MODES ? auth_name((enum auth)index) : NULL;
    case AXIS_IDENTITY:
        return identity_word(index);
    case AXIS_ATTACK:
        return index == 0               ? "no-attack"
               : index <= num_attacks() ? attack_at(index - 1)->name
                                        : NULL;
    case AXIS_DELIVERY:
        return index < NUM_DELIVERIES ? deliveries[index].name : NULL;
    case AXIS_HELLO:
        return index == 0 ? "no-hello" : index <= num_hellos() ? hello_at(index - 1)->name : NULL;
    case AXIS_EXCHANGE:
        return index < NUM_EXCHANGES ? exchange_names[index] : NULL;
    default:
        return index < NUM_PINNINGS ? pinning_name((enum pinning)index) : NULL;
    }
}

static int unknown_word(enum axis axis, const char *text, const struct stack_set *stacks,
                        struct error *err)
{
    struct nearest nearest;
    const char *word;
    if (err == NULL)
        return -1; /* nobody asks what was meant */
    nearest_init(&nearest, text);
    for (size_t i = 0; (word = axis_word(axis, i, stacks)) != NULL; i++)
        nearest_offer(&nearest, word);
    return error_set(err, ERROR_USAGE, "unknown %s '%s'%s", axis_name(axis), text,
                     nearest_hint(&nearest));
}

/* "tls1.2" or "tls1.0-1.2". */
static int parse_range(uint16_t range[2], const char *text, const struct stack_set *stacks,
                       struct error *err)
{
    char first[NAME_MAX_LEN], last[NAME_MAX_LEN];
    size_t len = strcspn(text, "-");
    if (len >= sizeof first)
        return unknown_word(AXIS_VERSION, text, stacks, err);
    snprintf(first, sizeof first, "%.*s", (int)len, text);
    if (text[len] == '-')
        snprintf(last, sizeof last, "tls%s", text + len + 1);
    else
        memcpy(last, first, sizeof last);
    range[0] = version_by_name(first);
    range[1] = version_by_name(last);
    if (range[0] == 0)
        return unknown_word(AXIS_VERSION, first, stacks, err);
    if (range[1] == 0)
        return unknown_word(AXIS_VERSION, last, stacks, err);
    if (text[len] == '-' && range[0] >= range[1])
        return error_set(err, ERROR_USAGE, "version range '%s' does not ascend", text);
    return 0;
}

static uint16_t id_of_word(enum axis axis, size_t index, const struct stack_set *stacks)
{
    if (axis == AXIS_CLIENT || axis == AXIS_SERVER)
        return index < stacks->num_stacks ? (uint16_t)index : (uint16_t)RAW_STACK;
    if (axis == AXIS_SUITE)
        return index < num_suites ? suites[index].id : SUITE_ANY;
    if (axis == AXIS_GROUP)
        return index < num_groups ? groups[index].id : index == num_groups ? GROUP_ANY : GROUP_NONE;
    if (axis == AXIS_IDENTITY && index >= num_identities)
        return (uint16_t)(IDENTITY_OF_CLIENT + index - num_identities + 1);
    return (uint16_t)index;
}

static int parse_end(uint16_t *v, enum axis axis, const char *text, const struct stack_set *stacks,
                     struct error *err)
{
    const char *word;
    if (axis == AXIS_VERSION)
        return parse_range(v, text, stacks, err);
    for (size_t i = 0; (word = axis_word(axis, i, stacks)) != NULL; i++)
        if (strcmp(word, text) == 0) {
            *v = id_of_word(axis, i, stacks);
            return 0;
        }
    return unknown_word(axis, text, stacks, err);
}

/* "any" against something is no mismatch, and "none" against something is no (EC)DHE. */
static bool is_open(enum axis axis, uint16_t id)
{
    return (axis == AXIS_SUITE && id == SUITE_ANY) ||
           (axis == AXIS_GROUP && (id == GROUP_ANY || id == GROUP_NONE));
}

static int parse_two_ends(struct axis_value *value, enum axis axis, const char *text,
                          const char *colon, const struct stack_set *stacks, struct error *err)
{
    char client[CASE_ID_MAX];
    size_t len = end_len(axis);
    if (!has_two_ends(axis) || (size_t)(colon - text) >= sizeof client)
        return unknown_word(axis, text, stacks, err);
    snprintf(client, sizeof client, "%.*s", (int)(colon - text), text);
    if (parse_end(value->v, axis, client, stacks, err) < 0 ||
        parse_end(value->v + len, axis, colon + 1, stacks, err) < 0)
        return -1;
    if (value->v[0] != value->v[1] && (is_open(axis, value->v[0]) || is_open(axis, value->v[1])))
        return error_set(err, ERROR_USAGE, "%s '%s': both ends of a mismatch have to be specific",
                         axis_name(axis), text);
    return 0;
}

int axis_value_parse(struct axis_value *out, enum axis axis, const char *text,
                     const struct stack_set *stacks, struct error *err)
{
    struct axis_value value = { { 0 } };
    const char *colon = strchr(text, ':');
    if (colon != NULL) {
        if (parse_two_ends(&value, axis, text, colon, stacks, err) < 0)
            return -1;
    } else {
        size_t len = end_len(axis);
        if (parse_end(value.v, axis, text, stacks, err) < 0)
            return -1;
        if (has_two_ends(axis))
            memcpy(value.v + len, value.v, len * sizeof value.v[0]);
    }
    *out = value;
    return 0;
}
