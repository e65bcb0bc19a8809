/* What differs between what the ends say of one case and of another. */
#include "harness/wire/registry.h"
#include "matrix/report/differences.h"

#include <stdlib.h>
#include <string.h>

/* What a key of the facts is about. Keys that are not here are DIFFERENCE_FACT. */
static const struct {
    const char *key;
    enum difference about; /* DIFFERENCE_NONE: differs from run to run anyway */
    bool alert;            /* its numbers have names; depends on timing where alerts cross */
    bool timing;           /* depends on timing where the connection is broken off */
} keys[] = {
    { "result", DIFFERENCE_OUTCOME },
    { "stage", DIFFERENCE_OUTCOME },
    { "handshake_done", DIFFERENCE_OUTCOME },
    { "alert_sent", DIFFERENCE_ALERT, .alert = true },
    { "alert_received", DIFFERENCE_ALERT, .alert = true },
    { "version", DIFFERENCE_PARAMETERS },
    { "suite", DIFFERENCE_PARAMETERS },
    { "group", DIFFERENCE_PARAMETERS },
    { "signature_scheme", DIFFERENCE_PARAMETERS },
    { "resumed", DIFFERENCE_PARAMETERS },
    { "bytes_in", DIFFERENCE_FACT, .timing = true },
    { "bytes_out", DIFFERENCE_FACT, .timing = true },
    { "close", DIFFERENCE_FACT, .timing = true },
    { "peer_leaf_sha256", DIFFERENCE_NONE }, /* the certificates are made anew for each run */
    { "error_text", DIFFERENCE_NONE },       /* names the run's folder; words change with a patch */
    { "verify_text", DIFFERENCE_NONE },      /* likewise */
};
enum { NUM_KEYS = sizeof keys / sizeof keys[0] };

static size_t key_row(const char *key)
{
    size_t row = 0;
    while (row < NUM_KEYS && strcmp(keys[row].key, key) != 0)
        row++;
    return row;
}

static void append(struct facts_difference *out, const char *text)
{
    size_t len = strlen(out->text);
    snprintf(out->text + len, sizeof out->text - len, "%s", text);
}

static void append_value(struct facts_difference *out, const json_t *value, bool alert)
{
    char *text = NULL, name[64];
    if (value == NULL) {
        append(out, "none");
    } else if (json_is_string(value)) {
        append(out, json_string_value(value));
    } else if (alert && json_is_integer(value)) {
        snprintf(name, sizeof name, "%d %s", (int)json_integer_value(value),
                 alert_text((int)json_integer_value(value)));
        append(out, name);
    } else if ((text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT)) != NULL) {
        append(out, text);
    }
    free(text);
}

/* What of a case depends on which of two things came first. */
struct races {
    bool broken;  /* an end gave up: how much had been sent, and how it was closed */
    bool crossed; /* alerts: the attacker's came before or behind the one that the end sent */
};

static bool depends_on_timing(size_t row, const struct races *races)
{
    return row < NUM_KEYS &&
           ((keys[row].timing && races->broken) || (keys[row].alert && races->crossed));
}

static void note(struct facts_difference *out, enum role role, const char *key, const json_t *a,
                 const json_t *b, const struct races *races)
{
    size_t row = key_row(key);
    enum difference about = row == NUM_KEYS ? DIFFERENCE_FACT : keys[row].about;
    if (about == DIFFERENCE_NONE)
        return;
    if (depends_on_timing(row, races)) {
        out->timing = true;
        return;
    }
    if (about < out->difference)
        out->difference = about;
    append(out, out->text[0] == '\0' ? "" : "; ");
    append(out, role_name(role));
    append(out, " ");
    append(out, key);
    append(out, ": ");
    append_value(out, a, row < NUM_KEYS && keys[row].alert);
    append(out, " -> ");
    append_value(out, b, row < NUM_KEYS && keys[row].alert);
}

static void compare_end(struct facts_difference *out, enum role role, const json_t *a,
                        const json_t *b, const struct races *races)
{
    const char *key;
    json_t *value;
    for (size_t i = 0; i < NUM_KEYS;
         i++) { /* the table's order first, that one cause is one text */
        const json_t *left = json_object_get(a, keys[i].key);
        const json_t *right = json_object_get(b, keys[i].key);
        if ((left == NULL) != (right == NULL) || (left != NULL && !json_equal(left, right)))
            note(out, role, keys[i].key, left, right, races);
    }
    json_object_foreach((json_t *)a, key, value)
    {
        if (key_row(key) == NUM_KEYS && !json_equal(value, json_object_get(b, key)))
            note(out, role, key, value, json_object_get(b, key), races);
    }
    json_object_foreach((json_t *)b, key, value)
    {
        if (key_row(key) == NUM_KEYS && json_object_get(a, key) == NULL)
            note(out, role, key, NULL, value, races);
    }
}

static bool is_accepted(const json_t *facts)
{
    const char *result = json_string_value(json_object_get(facts, "result"));
    return result != NULL && strcmp(result, "accepted") == 0;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool has(const json_t *facts, const char *key)
{
    return json_object_get(facts, key) != NULL;
}

/* Did the end send its alert in one of the two, and in the other receive one instead? */
static bool is_swapped(const json_t *a, const json_t *b)
{
    bool sent = has(a, "alert_sent"), received = has(a, "alert_received");
    return sent != received && has(b, "alert_sent") == received && has(b, "alert_received") == sent;
}

/* Attacks that put an alert into the path are called so. */
static bool injects_alert(const char *id)
{
    return strstr(id, "/alert-") != NULL || strstr(id, "/warning-to-") != NULL ||
           strstr(id, "/close-to-") != NULL;
}

/* Did an end go on in one of the two, and not in the other? */
static bool is_turned(json_t *const a[2], json_t *const b[2])
{
    return is_accepted(a[ROLE_CLIENT]) != is_accepted(b[ROLE_CLIENT]) ||
           is_accepted(a[ROLE_SERVER]) != is_accepted(b[ROLE_SERVER]);
}

void facts_differ(struct facts_difference *out, const char *id, const char *const a[2],
                  const char *const b[2], unsigned roles)
{
    json_t *left[2], *right[2];
    *out = (struct facts_difference){ .difference = DIFFERENCE_NONE };
    if (same_text(a[0], b[0]) && same_text(a[1], b[1]))
        return;
    struct races races = { 0 };
    for (int role = 0; role < 2; role++) {
        left[role] = a[role] == NULL ? NULL : json_loads(a[role], 0, NULL);
        right[role] = b[role] == NULL ? NULL : json_loads(b[role], 0, NULL);
        races.broken |= !is_accepted(left[role]) || !is_accepted(right[role]);
        races.crossed |= injects_alert(id) && is_swapped(left[role], right[role]);
    }
    /* A stack that reads on beside an alert of the attacker's may meet it sooner or later. */
    out->timing = injects_alert(id) && is_turned(left, right);
    for (int role = 0; role < 2 && !out->timing; role++)
        if ((roles & 1u << role) != 0)
            compare_end(out, (enum role)role, left[role], right[role], &races);
    if (out->difference != DIFFERENCE_NONE)
        out->timing = false;
    for (int role = 0; role < 2; role++) {
        json_decref(left[role]);
        json_decref(right[role]);
    }
}
