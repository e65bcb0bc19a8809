#include "harness/control/facts.h"

#include "harness/control/fields.h"

#include <limits.h>

static const char *const result_names[] = { "accepted", "refused", "declined", "timeout" };
static const char *const stage_names[] = { "configure",   "handshake", "pin",
                                           "application", "close",     "done" };
static const char *const close_names[] = { "unknown", "clean", "truncated", "reset", "alert" };
static const char *const problem_names[] = { "none",  "chain",   "name", "time",
                                             "usage", "revoked", "weak" };

#define NAMES(table)      .names = (table), .num_names = sizeof(table) / sizeof(table)[0]
#define MEMBER(name, ...) FIELD(struct facts, name, __VA_ARGS__)
#define KNOWN_BY(name)    .aux = offsetof(struct facts, name)

static const struct field fields[] = {
    MEMBER(result, enum, .required = true, NAMES(result_names)),
    MEMBER(stage, enum, .required = true, NAMES(stage_names)),
    MEMBER(handshake_done, boolean),
    MEMBER(version, version),
    MEMBER(suite, suite),
    MEMBER(group, group),
    MEMBER(signature_scheme, scheme),
    MEMBER(resumed, boolean),
    MEMBER(verify_code, number, KNOWN_BY(verify_known), .min = LONG_MIN, .max = LONG_MAX),
    MEMBER(verify_text, string),
    MEMBER(verify_problem, enum, NAMES(problem_names)),
    MEMBER(alert_sent, number, .min = -1, .max = UINT8_MAX, .otherwise = -1),
    MEMBER(alert_received, number, .min = -1, .max = UINT8_MAX, .otherwise = -1),
    MEMBER(peer_leaf_sha256, hex, KNOWN_BY(peer_leaf_known)),
    MEMBER(bytes_in, number, .max = INT64_MAX),
    MEMBER(bytes_out, number, .max = INT64_MAX),
    MEMBER(close, enum, NAMES(close_names)),
    MEMBER(exporter, hex, KNOWN_BY(exporter_known)),
    MEMBER(error_text, string),
    MEMBER(duration_us, number, .max = INT64_MAX),
    MEMBER(keylog, string),
};
static const size_t num_fields = sizeof fields / sizeof fields[0];

void facts_init(struct facts *facts)
{
    *facts = (struct facts){
        .result = RESULT_REFUSED, .stage = STAGE_CONFIGURE, .alert_sent = -1, .alert_received = -1
    };
}

const char *result_name(enum result result)
{
    return result_names[result];
}

const char *stage_name(enum stage stage)
{
    return stage_names[stage];
}

const char *close_kind_name(enum close_kind kind)
{
    return close_names[kind];
}

const char *verify_problem_name(enum verify_problem problem)
{
    return problem_names[problem];
}

json_t *facts_to_json(const struct facts *facts)
{
    return fields_to_json(fields, num_fields, facts);
}

int facts_from_json(struct facts *out, const json_t *object, struct error *err)
{
    struct facts facts;
    facts_init(&facts);
    if (fields_from_json(fields, num_fields, &facts, object, "facts", err) != 0)
        return -1;
    *out = facts;
    return 0;
}
