/* How connections end, for comparison. */
#include "matrix/reproduce/recipe.h"

#include <stdio.h>
#include <string.h>

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
    snprintf(ending.cause, sizeof ending.cause, "%s",
             finding->cause == NULL ? "" : finding->cause->id);
    return ending;
}

static const char *alert_words(const struct ending *ending)
{
    static const char *const words[] = { "no alert", "an encrypted alert" };
    return ending->alert == ENDING_ALERT ? alert_text(ending->description) : words[ending->alert];
}

void ending_text(char out[TEXT_LEN], const struct ending *ending)
{
    if (!ending->refused)
        snprintf(out, TEXT_LEN, "accepted");
    else
        snprintf(out, TEXT_LEN, "%s from %s%s at %s", alert_words(ending),
                 ending->somebody ? "the " : "nobody",
                 ending->somebody ? role_name(ending->by) : "", reached_name(ending->stage));
}

json_t *ending_to_json(const struct ending *ending)
{
    return json_pack("{s:b, s:s?, s:s, s:s?, s:b, s:s}", "refused", ending->refused, "by",
                     ending->somebody ? role_name(ending->by) : NULL, "stage",
                     reached_name(ending->stage), "alert",
                     ending->alert == ENDING_ALERT ? alert_text(ending->description) : NULL,
                     "alert_hidden", ending->alert == ENDING_HIDDEN_ALERT, "cause", ending->cause);
}
