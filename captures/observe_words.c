/* The words in which observations are told. */
#include "captures/observe_parts.h"

static const char *const mutual_names[] = {
    [MUTUAL_UNKNOWN] = "unknown",
    [MUTUAL_NO] = "no",
    [MUTUAL_NONE_SENT] = "asked-none-sent",
    [MUTUAL_YES] = "yes",
};
static const char *const knowledge_names[] = {
    [KNOWLEDGE_NONE] = "none",
    [KNOWLEDGE_INFERRED] = "inferred",
    [KNOWLEDGE_CLEAR] = "in-clear",
};
static const char *const sentinel_names[] = {
    [SENTINEL_NONE] = "none",
    [SENTINEL_TLS12] = "tls1.2",
    [SENTINEL_BELOW] = "tls1.1-or-below",
};
static const char *const burst_names[] = {
    [BURST_DATA] = "data",
    [BURST_UNASKED] = "unasked",
};
static const char *const truncation_names[] = {
    [TRUNCATION_NO] = "no",
    [TRUNCATION_PERHAPS] = "perhaps",
    [TRUNCATION_YES] = "yes",
};

const char *mutual_name(enum mutual mutual)
{
    return mutual_names[mutual];
}

const char *knowledge_name(enum knowledge knowledge)
{
    return knowledge_names[knowledge];
}

const char *sentinel_name(enum downgrade_sentinel sentinel)
{
    return sentinel_names[sentinel];
}

const char *burst_kind_name(enum burst_kind kind)
{
    return burst_names[kind];
}

const char *truncation_name(enum truncation truncation)
{
    return truncation_names[truncation];
}

const char *suite_word(uint16_t id)
{
    const struct suite *suite = suite_by_id(id);
    if (id == SCSV_EMPTY_RENEGOTIATION_INFO)
        return "TLS_EMPTY_RENEGOTIATION_INFO_SCSV";
    if (id == SCSV_FALLBACK)
        return "TLS_FALLBACK_SCSV";
    return suite == NULL ? NULL : suite->name;
}

const char *group_word(uint16_t id)
{
    const struct group *group = group_by_id(id);
    return group == NULL ? NULL : group->name;
}

const char *scheme_word(uint16_t id)
{
    const struct signature_scheme *scheme = signature_scheme_by_id(id);
    return scheme == NULL ? NULL : scheme->name;
}
