/* What a play showed, in words, and compared. */
#include "fuzz/stacks/play.h"

#include "harness/wire/registry.h"

#include <inttypes.h>

const char *ending_name(enum ending ending)
{
    static const char *const names[] = {
        [ENDING_REFUSED] = "refused",
        [ENDING_TOLD] = "told",
        [ENDING_CLOSED] = "closed",
        [ENDING_TRUNCATED] = "truncated",
    };
    return names[ending];
}

const char *stall_name(enum stall stall)
{
    static const char *const names[] = {
        [STALL_NONE] = "no stall",
        [STALL_UNREAD] = "stall: it asks for more, and leaves what is there",
        [STALL_WRITE] = "stall: it waits for writing, which is possible",
        [STALL_ENDLESS] = "stall: it goes on for ever",
        [STALL_DEAF] = "stall: it asks for more behind the end of TCP",
    };
    return names[stall];
}

static void print_alert(FILE *out, const char *what, int alert)
{
    if (alert >= 0)
        fprintf(out, ", %s %s", what, alert_text(alert));
}

static const char *name_of(const char *name)
{
    return name != NULL ? name : "unknown";
}

static void print_parameters(FILE *out, const struct outcome *outcome)
{
    const struct suite *suite = suite_by_id(outcome->suite);
    const struct group *group = group_by_id(outcome->group);
    const struct signature_scheme *scheme = signature_scheme_by_id(outcome->signature_scheme);
    if (outcome->version == 0)
        return;
    fprintf(out, ", %s %s %s %s", name_of(version_name(outcome->version)),
            name_of(suite != NULL ? suite->name : NULL),
            name_of(group != NULL ? group->name : NULL),
            name_of(scheme != NULL ? scheme->name : NULL));
}

void outcome_print(FILE *out, const struct outcome *o)
{
    fprintf(out, "%s, %s%s", o->accepted ? "accepted" : "not accepted", ending_name(o->ending),
            o->waited ? " after waiting" : "");
    print_alert(out, "sent", o->alert_sent);
    print_alert(out, "received", o->alert_received);
    print_parameters(out, o);
    fprintf(out, ", %zu bytes in; sent %zu bytes (%016" PRIx64 "), was sent %zu (%016" PRIx64 ")\n",
            o->num_in, o->num_said, o->hash_said, o->num_heard, o->hash_heard);
    if (o->error_text[0] != '\0')
        fprintf(out, "  its words: %s\n", o->error_text);
    if (o->partner_text[0] != '\0')
        fprintf(out, "  the partner's: %s\n", o->partner_text);
    if (o->broken != NULL)
        fprintf(out, "  BROKEN: %s\n", o->broken);
}

bool outcome_agrees(const struct outcome *a, const struct outcome *b)
{
    return a->accepted == b->accepted && a->waited == b->waited && a->ending == b->ending &&
           a->alert_sent == b->alert_sent && a->alert_received == b->alert_received &&
           a->version == b->version && a->suite == b->suite && a->group == b->group &&
           a->signature_scheme == b->signature_scheme && a->num_in == b->num_in;
}
