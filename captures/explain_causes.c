#include "captures/explain_causes.h"

#include "captures/explain_words.h"

#include <stdio.h>
#include <string.h>

static const struct cause *const tables[] = {
    causes_before, causes_negotiation, causes_server, causes_client, causes_proofs, causes_end,
};

enum { NUM_TABLES = sizeof tables / sizeof tables[0] };

const char *confidence_name(enum confidence confidence)
{
    static const char *const names[] = {
        [CONFIDENCE_CERTAIN] = "certain",
        [CONFIDENCE_LIKELY] = "likely",
        [CONFIDENCE_POSSIBLE] = "possible",
    };
    return names[confidence];
}

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_FAILED] = "failed",   [OUTCOME_COMPLETED] = "completed",
        [OUTCOME_UNUSED] = "unused",   [OUTCOME_UNFINISHED] = "unfinished",
        [OUTCOME_NOT_TLS] = "not-tls",
    };
    return names[outcome];
}

const struct cause_row *explain_cause_row(size_t index)
{
    for (size_t i = 0; i < NUM_TABLES; i++)
        for (const struct cause *cause = tables[i]; cause->holds != NULL; cause++)
            if (index-- == 0)
                return &cause->row;
    return NULL;
}

enum role story_ended_by(const struct story *story)
{
    if (story->alert.seen)
        return story->alert.from;
    return story->facts->closed ? story->closed_first : ROLE_CLIENT;
}

static const struct cause *find_cause(const struct story *story)
{
    for (size_t i = 0; i < NUM_TABLES; i++)
        for (const struct cause *cause = tables[i]; cause->holds != NULL; cause++)
            if (cause->holds(story))
                return cause;
    return NULL;
}

/* An end that closes without close_notify leaves the other in doubt. Seen where records can be told
 * apart: before TLS 1.3 by their type, else decrypted. */
static bool lacks_close_notify(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    enum role by = facts->closed_first;
    bool readable = facts->end[by].num_opaque == 0;
    bool by_type = !story->tls13 && story->opaque[by].last.type != CONTENT_ALERT;
    return facts->closed &&
           (facts->closed_how == WIRE_CLOSE_FIN || facts->closed_how == WIRE_CLOSE_RST) &&
           (readable || by_type);
}

/* Before TLS 1.3, where the types of records are in clear. */
static bool answered_with_alert(const struct story *story)
{
    const struct wire_end *ends = story->facts->end;
    const struct opaque_record *last = &story->opaque[ROLE_SERVER].last;
    return !story->tls13 && ends[ROLE_CLIENT].application_records > 0 &&
           ends[ROLE_SERVER].application_records == 0 && last->type == CONTENT_ALERT &&
           last->place.packet > ends[ROLE_CLIENT].first_application.packet;
}

static const char *note_of(const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    if (!facts->closed)
        return "still open at the end of the capture";
    if (facts->closed_how == WIRE_CLOSE_RST && story_unanswered(story))
        return "ended by a RST before the server sent data: the client wants no answer, or gave up";
    if (facts->closed_how == WIRE_CLOSE_RST)
        return "ended by a RST";
    if (answered_with_alert(story))
        return "the server answered with nothing but an encrypted alert: its close_notify, or a "
               "refusal; keys would show which";
    if (lacks_close_notify(story) && facts->closed_first == ROLE_SERVER && story_unanswered(story))
        return "the server closed without close_notify and sent no data: an answer is missing, or "
               "the client wants none";
    if (lacks_close_notify(story))
        return "closed without close_notify, which the other end cannot tell from a cut";
    if (story->early_taken)
        return story->num_early == 0 ? "with early data (0-RTT)"
                                     : "with early data (0-RTT), accepted by what its records' "
                                       "sizes show";
    return NULL;
}

/* No cause: what is it then? */
static void conclude_without_cause(struct finding *out, const struct story *story)
{
    const struct wire_facts *facts = story->facts;
    if (!facts->is_tls && !story->offer.cut) {
        out->outcome = OUTCOME_NOT_TLS;
    } else if (story->stage == REACHED_DATA && facts->start_seen) {
        out->outcome = OUTCOME_COMPLETED;
        out->note = note_of(story);
    } else {
        out->outcome = OUTCOME_UNFINISHED;
        out->note = !facts->start_seen ? "its beginning is not in the capture"
                    : !facts->complete ? "bytes of it are missing in the capture"
                    : story->offer.cut ? "the capture ends within the client's hello"
                                       : "it is not to be seen how it went on";
    }
}

void explain_story(struct finding *out, const struct story *story)
{
    const struct cause *cause = find_cause(story);
    memset(out, 0, sizeof *out);
    if (cause == NULL) {
        conclude_without_cause(out, story);
        return;
    }
    out->outcome = cause->outcome;
    out->cause = &cause->row;
    out->references = cause->references;
    out->somebody = true;
    out->by = cause->blame == BLAME_SERVER ? ROLE_SERVER : story_ended_by(story);
    words_fill(out->sentence, sizeof out->sentence, cause->row.sentence, story, out->by);
    words_fill(out->why, sizeof out->why, cause->why, story, out->by);
}

bool story_said(const struct story *story, enum role from, uint8_t description)
{
    return story->alert.seen && !story->alert.hidden && story->alert.from == from &&
           story->alert.description == description;
}
