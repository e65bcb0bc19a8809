/* How connections end, for comparison. */
#include "matrix/reproduce/play.h"
#include "matrix/reproduce/recipe_parts.h"

#include <stdio.h>
#include <string.h>

bool spoke_no_tls(const struct recording *recording)
{
    return cause_is(recording, "starttls-port") || cause_is(recording, "server-not-tls") ||
           cause_is(recording, "server-speaks-http");
}

/* What a client says to what is no TLS counts, also where the server had closed by then. */
static void take_late_alert(struct ending *ending, const struct recording *recording)
{
    const struct wire_alert *alert = &recording->facts.end[ROLE_CLIENT].alert;
    if (ending->alert != ENDING_NO_ALERT || !spoke_no_tls(recording) || alert->place.packet == 0)
        return;
    ending->by = ROLE_CLIENT;
    ending->alert = ENDING_ALERT;
    ending->description = alert->description;
}

struct ending ending_of(const struct recording *recording)
{
    const struct story *story = &recording->story;
    const struct finding *finding = &recording->finding;
    struct ending ending = { .refused = finding->outcome == OUTCOME_FAILED ||
                                        finding->outcome == OUTCOME_UNUSED,
                             .somebody = finding->somebody,
                             .by = finding->by,
                             .stage = story->stage };
    if (story->alert.seen) {
        ending.somebody = true;
        ending.by = story->alert.from;
        ending.alert = story->alert.hidden ? ENDING_HIDDEN_ALERT : ENDING_ALERT;
        ending.description = story->alert.description;
    }
    take_late_alert(&ending, recording);
    snprintf(ending.cause, sizeof ending.cause, "%s",
             finding->cause == NULL ? "" : finding->cause->id);
    return ending;
}

struct ending ending_of_played(const struct recording *seen, const struct recipe *recipe)
{
    const struct ending *recorded = &recipe->recorded;
    struct ending ending = ending_of(seen);
    if (recipe->hangs_up && recorded->alert == ENDING_NO_ALERT && ending.alert == ENDING_NO_ALERT) {
        ending.somebody = recorded->somebody;
        ending.by = recorded->by;
    }
    return ending;
}

static bool is_by_same(const struct ending *played, const struct ending *recorded)
{
    return !recorded->somebody || (played->somebody && recorded->by == played->by);
}

bool ending_is_same(const struct ending *played, const struct recipe *recipe)
{
    const struct ending *recorded = &recipe->recorded;
    if (!played->refused || recorded->stage != played->stage || !is_by_same(played, recorded))
        return false;
    if (recorded->alert == ENDING_HIDDEN_ALERT)
        return played->alert != ENDING_NO_ALERT;
    return recorded->alert == played->alert &&
           (recorded->alert != ENDING_ALERT || recorded->description == played->description);
}

void ending_text(char out[TEXT_LEN], const struct ending *ending)
{
    const char *the = ending->somebody ? "the " : "";
    const char *who = ending->somebody ? role_name(ending->by) : "nobody";
    const char *where = reached_name(ending->stage);
    if (!ending->refused)
        snprintf(out, TEXT_LEN, "accepted");
    else if (ending->alert == ENDING_NO_ALERT)
        snprintf(out, TEXT_LEN, "ended without an alert by %s%s at %s", the, who, where);
    else
        snprintf(out, TEXT_LEN, "%s from %s%s at %s",
                 ending->alert == ENDING_ALERT ? alert_text(ending->description)
                                               : "an encrypted alert",
                 the, who, where);
}

json_t *ending_to_json(const struct ending *ending)
{
    return json_pack("{s:b, s:s?, s:s, s:s?, s:b, s:s}", "refused", ending->refused, "by",
                     ending->somebody ? role_name(ending->by) : NULL, "stage",
                     reached_name(ending->stage), "alert",
                     ending->alert == ENDING_ALERT ? alert_text(ending->description) : NULL,
                     "alert_hidden", ending->alert == ENDING_HIDDEN_ALERT, "cause", ending->cause);
}

/* ---- what came of an attempt ---- */

const char *played_kind_name(enum played_kind kind)
{
    static const char *const names[NUM_PLAYED_KINDS] = {
        [PLAYED_SAME] = "same",       [PLAYED_CAUSE] = "same-cause",
        [PLAYED_OTHER] = "other",     [PLAYED_ACCEPTED] = "accepted",
        [PLAYED_UNCLEAR] = "unclear", [PLAYED_UNSUPPORTED] = "unsupported",
        [PLAYED_BROKEN] = "broken",
    };
    return names[kind];
}

/* Something that no other fault of a replay looks like. */
static bool is_telling_cause(const char *cause)
{
    static const char *const telling[] = {
        "server-certificate-expired",
        "server-certificate-not-yet-valid",
        "server-certificate-weak",
        "server-certificate-wrong-purpose",
        "client-certificate-expired",
        "client-certificate-weak",
        "starttls-port",
        "client-certificate-wrong-purpose",
        "server-speaks-http",
        "server-not-tls",
    };
    for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++)
        if (strcmp(cause, telling[i]) == 0)
            return true;
    return false;
}

/* The judged end refuses this and, where there is a twin, nothing without it; and it is what was
 * recorded: `explain` says so of both captures, or it is the only thing that can have been. */
static bool is_same_cause(const struct played *played, const struct recipe *recipe)
{
    const struct ending *ending = &played->ending;
    bool same_words = strcmp(ending->cause, recipe->recorded.cause) == 0;
    if (!ending->somebody || ending->by != recipe->judged)
        return false;
    return played->has_twin ? !played->twin.refused && (same_words || recipe->alone)
                            : same_words && is_telling_cause(ending->cause);
}

enum played_kind played_judge(const struct played *played, const struct recipe *recipe)
{
    const struct ending *ending = &played->ending;
    if (!ending->refused)
        return PLAYED_ACCEPTED;
    bool same = ending_is_same(ending, recipe);
    /* A hello that is refused so whatever the server is told is at fault itself. */
    bool by_itself =
        same && recipe->partner == PARTNER_HELLO && ending_is_same(&played->twin, recipe);
    if (same && played->has_twin && played->twin.refused && !by_itself)
        return PLAYED_UNCLEAR;
    return same ? PLAYED_SAME : is_same_cause(played, recipe) ? PLAYED_CAUSE : PLAYED_OTHER;
}
