/* What must happen in each case. Results keep it only of cases that did not pass; of the others it
 * follows from the id. A hundred thousand cases have some thousand different expectations, and
 * these some dozen requirements. */
#include "matrix/report/html/gather.h"

#include "matrix/oracle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct known {
    uint32_t number;
    char fault[NAME_MAX_LEN];
};

struct expectations {
    json_t *by_text;  /* the oracle's or the results' JSON -> index of known[] */
    json_t *by_bytes; /* hash of the oracle's struct -> index of seen[] */
    json_t *requirements;
    json_t *requirement_numbers; /* JSON -> index of requirements */
    struct known *known;
    size_t num_known;
    struct expectation *seen; /* what the hashes stand for; [i] belongs to seen_known[i] */
    uint32_t *seen_known;
    size_t num_seen;
};

struct expectations *expectations_new(struct error *err)
{
    struct expectations *expectations = calloc(1, sizeof *expectations);
    if (expectations != NULL) {
        expectations->by_text = json_object();
        expectations->by_bytes = json_object();
        expectations->requirements = json_array();
        expectations->requirement_numbers = json_object();
    } else {
        error_set(err, ERROR_HARNESS, "out of memory");
    }
    return expectations;
}

void expectations_free(struct expectations *expectations)
{
    if (expectations == NULL)
        return;
    json_decref(expectations->by_text);
    json_decref(expectations->by_bytes);
    json_decref(expectations->requirements);
    json_decref(expectations->requirement_numbers);
    free(expectations->known);
    free(expectations->seen);
    free(expectations->seen_known);
    free(expectations);
}

json_t *expectations_requirements(const struct expectations *expectations)
{
    return expectations->requirements;
}

/* "requirements": [{…}] becomes a list of numbers. */
static int name_requirements(struct expectations *expectations, json_t *expectation,
                             struct error *err)
{
    const json_t *rules = json_object_get(expectation, "requirements");
    json_t *numbers = json_array();
    for (size_t i = 0; i < json_array_size(rules); i++) {
        json_t *rule = json_array_get(rules, i);
        char *text = json_dumps(rule, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        if (text == NULL) {
            json_decref(numbers);
            return error_set(err, ERROR_HARNESS, "out of memory");
        }
        if (json_object_get(expectations->requirement_numbers, text) == NULL) {
            size_t number = json_array_size(expectations->requirements);
            json_object_set_new(expectations->requirement_numbers, text,
                                json_integer((json_int_t)number));
            json_array_append(expectations->requirements, rule);
        }
        json_array_append(numbers, json_object_get(expectations->requirement_numbers, text));
        free(text);
    }
    return json_object_set_new(expectation, "requirements", numbers) < 0
               ? error_set(err, ERROR_HARNESS, "out of memory")
               : 0;
}

/* Takes in an expectation that is new. */
static int learn(struct gather *gather, json_t *expectation, const char *text, struct error *err)
{
    struct expectations *all = gather->expectations;
    struct known *known = reallocarray(all->known, all->num_known + 1, sizeof *known);
    if (known == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    all->known = known;
    known += all->num_known;
    const char *fault = json_string_value(json_object_get(expectation, "fault"));
    snprintf(known->fault, sizeof known->fault, "%s", fault == NULL ? "none" : fault);
    if (name_requirements(all, expectation, err) < 0 ||
        documents_add(&known->number, &gather->documents, expectation, err) < 0)
        return -1;
    json_object_set_new(all->by_text, text, json_integer((json_int_t)all->num_known));
    all->num_known++;
    return 0;
}

static int index_of_text(size_t *index, struct gather *gather, const char *text, struct error *err)
{
    struct expectations *all = gather->expectations;
    const json_t *known = json_object_get(all->by_text, text);
    if (known != NULL) {
        *index = (size_t)json_integer_value(known);
        return 0;
    }
    json_t *expectation = json_loads(text, 0, NULL);
    if (!json_is_object(expectation)) {
        json_decref(expectation);
        return error_set(err, ERROR_USAGE, "the results hold an expectation that is no JSON");
    }
    *index = all->num_known;
    int ret = learn(gather, expectation, text, err);
    json_decref(expectation);
    return ret;
}

static void hash_of(char key[17], const struct expectation *expectation)
{
    const uint8_t *bytes = (const uint8_t *)expectation;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof *expectation; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    snprintf(key, 17, "%016" PRIx64, hash);
}

/* Remembers the struct, so that JSON is made once for each. */
static int remember(struct expectations *all, const char *key,
                    const struct expectation *expectation, size_t index, struct error *err)
{
    struct expectation *seen = reallocarray(all->seen, all->num_seen + 1, sizeof *seen);
    if (seen != NULL)
        all->seen = seen;
    uint32_t *known = reallocarray(all->seen_known, all->num_seen + 1, sizeof *known);
    if (known != NULL)
        all->seen_known = known;
    if (seen == NULL || known == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    memcpy(&seen[all->num_seen], expectation, sizeof *expectation);
    known[all->num_seen] = (uint32_t)index;
    json_object_set_new(all->by_bytes, key, json_integer((json_int_t)all->num_seen));
    all->num_seen++;
    return 0;
}

/* The expectation is a pure function of the case; equal bytes are equal expectations. */
static int index_of_struct(size_t *index, struct gather *gather,
                           const struct expectation *expectation, struct error *err)
{
    struct expectations *all = gather->expectations;
    char key[17];
    hash_of(key, expectation);
    const json_t *seen = json_object_get(all->by_bytes, key);
    if (seen != NULL &&
        memcmp(&all->seen[json_integer_value(seen)], expectation, sizeof *expectation) == 0) {
        *index = all->seen_known[json_integer_value(seen)];
        return 0;
    }
    json_t *object = expectation_to_json(expectation);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    int ret = text == NULL ? error_set(err, ERROR_HARNESS, "out of memory")
                           : index_of_text(index, gather, text, err);
    free(text);
    return ret < 0 || seen != NULL ? ret : remember(all, key, expectation, *index, err);
}

int expectation_number(uint32_t *number, const char **fault, struct gather *gather,
                       const char *stored, const char *id, struct error *err)
{
    static struct expectation expectation; /* a kilobyte, with all of its padding zero */
    struct matrix_case c;
    size_t index;
    *number = 0;
    *fault = "none";
    if (stored != NULL) {
        if (index_of_text(&index, gather, stored, err) < 0)
            return -1;
    } else {
        /* A case of a value that this tlsmatrix does not know (another's raw hello) has none. */
        char reason[TEXT_LEN];
        if (case_from_id(&c, id, gather->stacks, NULL) < 0 ||
            case_unsupported(reason, &c, gather->stacks))
            return 0;
        memset(&expectation, 0, sizeof expectation);
        oracle_expect(&expectation, &c, gather->stacks);
        if (index_of_struct(&index, gather, &expectation, err) < 0)
            return -1;
    }
    *number = gather->expectations->known[index].number;
    *fault = gather->expectations->known[index].fault;
    return 0;
}
