/* What must come back for a hello: read from its file, and told to people. */
#include "matrix/raw/parts.h"

#include "harness/nearest.h"
#include "harness/wire/registry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const answer_names[NUM_ANSWERS] = {
    [ANSWER_NONE] = "close",
    [ANSWER_ALERT] = "refused",
    [ANSWER_SERVER_HELLO] = "server_hello",
    [ANSWER_RETRY] = "hello_retry_request",
    [ANSWER_CLIENT_HELLO] = "client_hello",
    [ANSWER_CLIENT_FLIGHT] = "client_flight",
    [ANSWER_CUT] = "cut",
};

const char *answer_name(enum answer answer)
{
    return answer_names[answer];
}

static int read_answer(unsigned *out, struct reading *r, const struct yaml_item *item)
{
    const char *text = read_text(r, item);
    if (text == NULL)
        return -1;
    if (strcmp(text, "any") == 0)
        *out |= ANSWERS_ANY;
    for (int i = 0; i < NUM_ANSWERS; i++)
        if (strcmp(text, answer_names[i]) == 0)
            *out |= ANSWER_BIT(i);
    if (*out != 0)
        return 0;
    const char *best = nearest_word(text, answer_names, NUM_ANSWERS);
    return yaml_error(item, r->err, "unknown answer '%.40s'%s%s%s", text,
                      best == NULL ? "" : ", did you mean '", best == NULL ? "" : best,
                      best == NULL ? "" : "'?");
}

/* One answer or a list of them. */
static int read_answers(unsigned *out, struct reading *r, const struct yaml_item *item)
{
    *out = 0;
    if (item == NULL)
        return 0;
    if (item->kind == YAML_SCALAR)
        return read_answer(out, r, item);
    for (const struct yaml_item *i = item->first; i != NULL; i = i->next) {
        unsigned one = 0;
        if (read_answer(&one, r, i) < 0)
            return -1;
        *out |= one;
    }
    return 0;
}

static int unknown_alert(struct reading *r, const struct yaml_item *item, const char *text)
{
    struct nearest nearest;
    nearest_init(&nearest, text);
    for (size_t i = 0; i < num_alerts; i++)
        nearest_offer(&nearest, alerts[i].name);
    return yaml_error(item, r->err, "unknown alert '%.40s'%s", text, nearest_hint(&nearest));
}

static int read_alerts(struct hello_expectation *out, struct reading *r,
                       const struct yaml_item *list)
{
    for (const struct yaml_item *i = list == NULL ? NULL : list->first; i != NULL; i = i->next) {
        const char *text = read_text(r, i);
        if (text == NULL)
            return -1;
        const struct alert *alert = alert_by_name(text);
        if (alert == NULL)
            return unknown_alert(r, i, text);
        if (out->num_alerts == HELLO_ALERTS_MAX)
            return yaml_error(i, r->err, "more than %d alerts", HELLO_ALERTS_MAX);
        out->alerts[out->num_alerts++] = alert->id;
    }
    return 0;
}

static int read_expected_suites(struct hello_expectation *out, struct reading *r,
                                const struct yaml_item *list)
{
    for (const struct yaml_item *i = list == NULL ? NULL : list->first; i != NULL; i = i->next) {
        if (out->num_suites == HELLO_EXPECTED_MAX)
            return yaml_error(i, r->err, "more than %d suites", HELLO_EXPECTED_MAX);
        if (read_word(&out->suites[out->num_suites++], r, i, WORDS_SUITE) < 0)
            return -1;
    }
    return 0;
}

static int get_word(uint16_t *out, struct reading *r, const struct yaml_item *map, const char *key,
                    enum words words)
{
    const struct yaml_item *item = yaml_get(map, key);
    return item == NULL ? 0 : read_word(out, r, item, words);
}

int read_expectation(struct hello_expectation *out, struct reading *r, const struct yaml_item *map)
{
    static const struct yaml_key keys[] = {
        { "answer", YAML_SCALAR, .required = true, .any_kind = true },
        { "first", YAML_SCALAR, .any_kind = true },
        { "alerts", YAML_LIST },
        { "version", YAML_SCALAR },
        { "suites", YAML_LIST },
        { "group", YAML_SCALAR },
        { "downgrade", YAML_SCALAR },
        { "healthy", YAML_SCALAR },
    };
    if (map == NULL)
        return 0; /* as the base */
    *out = (struct hello_expectation){ 0 };
    if (yaml_check_map(map, keys, sizeof keys / sizeof keys[0], r->err) < 0 ||
        read_answers(&out->answers, r, yaml_get(map, "answer")) < 0 ||
        read_answers(&out->first, r, yaml_get(map, "first")) < 0 ||
        read_alerts(out, r, yaml_get(map, "alerts")) < 0 ||
        read_expected_suites(out, r, yaml_get(map, "suites")) < 0 ||
        get_word(&out->version, r, map, "version", WORDS_VERSION) < 0 ||
        get_word(&out->group, r, map, "group", WORDS_GROUP) < 0 ||
        get_word(&out->downgrade, r, map, "downgrade", WORDS_VERSION) < 0 ||
        yaml_get_bool(&out->healthy, map, "healthy", r->err) < 0)
        return -1;
    if ((out->answers & ANSWER_BIT(ANSWER_ALERT)) != 0 && out->answers != ANSWERS_ANY &&
        out->num_alerts == 0)
        return yaml_error(map, r->err, "refused, but with which alerts?");
    return 0;
}

bool hello_is_faulty(const struct raw_hello *hello)
{
    const unsigned taken = ANSWER_BIT(ANSWER_SERVER_HELLO) | ANSWER_BIT(ANSWER_RETRY) |
                           ANSWER_BIT(ANSWER_CLIENT_HELLO) | ANSWER_BIT(ANSWER_CLIENT_FLIGHT);
    return (hello->expect.answers & taken) == 0 && !hello->expect.healthy;
}

/* ---- for people ---- */

__attribute__((format(printf, 2, 3))) static void add(char out[TEXT_LEN], const char *format, ...)
{
    size_t len = strlen(out);
    va_list args;
    va_start(args, format);
    vsnprintf(out + len, TEXT_LEN - len, format, args);
    va_end(args);
}

static void add_alerts(char out[TEXT_LEN], const struct hello_expectation *e)
{
    for (size_t i = 0; i < e->num_alerts; i++)
        add(out, "%s%s", i == 0 ? " with " : " or ", alert_text(e->alerts[i]));
}

static void add_negotiated(char out[TEXT_LEN], const struct hello_expectation *e)
{
    const struct group *group = group_by_id(e->group);
    if (e->version != 0)
        add(out, " %s", version_name(e->version) != NULL ? version_name(e->version) : "?");
    for (size_t i = 0; i < e->num_suites; i++) {
        const struct suite *suite = suite_by_id(e->suites[i]);
        add(out, "%s%s", i == 0 ? " " : "/", suite != NULL ? suite->name : "?");
    }
    if (e->group != 0)
        add(out, " %s", group != NULL ? group->name : "?");
    if (e->downgrade != 0)
        add(out, " (with the downgrade sentinel)");
}

void hello_expected_text(char out[TEXT_LEN], const struct raw_hello *hello)
{
    const struct hello_expectation *e = &hello->expect;
    bool begun = false;
    out[0] = '\0';
    if (e->answers == ANSWERS_ANY) {
        add(out, "anything that is an end");
        return;
    }
    for (int i = 0; i < NUM_ANSWERS; i++) {
        if ((e->answers & ANSWER_BIT(i)) == 0)
            continue;
        add(out, "%s%s", begun ? ", or " : "", answer_names[i]);
        if (i == ANSWER_ALERT)
            add_alerts(out, e);
        if (i == ANSWER_SERVER_HELLO || i == ANSWER_RETRY)
            add_negotiated(out, e);
        begun = true;
    }
}
