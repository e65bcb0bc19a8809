/* Patterns over the ids of cases. Braces are alternatives within one automaton, not texts to be
 * tried one after the other: those would be as many as all combinations of all braces. */
#include "matrix/case.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

/* Positions in the pattern that what has been read so far may have led to. */
struct states {
    size_t *at;
    size_t num;
    bool *has; /* [position] */
};

struct glob {
    const char *text;
    size_t len;
    size_t *close; /* [position] of what stands within braces: where they end; else 0 */
    struct states now, next;
};

static bool states_init(struct states *states, size_t num_positions)
{
    *states = (struct states){ .at = calloc(num_positions, sizeof *states->at),
                               .has = calloc(num_positions, sizeof *states->has) };
    return states->at != NULL && states->has != NULL;
}

static void states_fini(struct states *states)
{
    free(states->at);
    free(states->has);
}

static void states_clear(struct states *states)
{
    for (size_t i = 0; i < states->num; i++)
        states->has[states->at[i]] = false;
    states->num = 0;
}

static void add(struct states *states, size_t position)
{
    if (states->has[position])
        return;
    states->has[position] = true;
    states->at[states->num++] = position;
}

/* Braces do not nest; one that is not closed stands for itself. */
static void find_braces(struct glob *glob)
{
    for (size_t i = 0; i < glob->len; i++) {
        const char *close = glob->text[i] == '{' ? strchr(glob->text + i, '}') : NULL;
        size_t end = close == NULL ? i : (size_t)(close - glob->text);
        for (size_t k = i; close != NULL && k <= end; k++)
            glob->close[k] = end;
        i = end;
    }
}

static bool opens(const struct glob *glob, size_t i)
{
    return glob->text[i] == '{' && glob->close[i] != 0 &&
           (i == 0 || glob->close[i - 1] != glob->close[i]);
}

/* Adds what can be reached without reading: the states grow while they are gone through. */
static void reach(const struct glob *glob, struct states *states)
{
    for (size_t n = 0; n < states->num; n++) {
        size_t i = states->at[n];
        if (glob->text[i] == '*') {
            add(states, i + 1);
        } else if (opens(glob, i)) {
            add(states, i + 1);
            for (size_t k = i + 1; k < glob->close[i]; k++)
                if (glob->text[k] == ',')
                    add(states, k + 1);
        } else if (glob->close[i] != 0 && (glob->text[i] == ',' || i == glob->close[i])) {
            add(states, glob->close[i] + 1);
        }
    }
}

/* How many characters of the pattern stand for one of the id: an escaped one, "[…]", any other. */
static size_t token_len(const char *text)
{
    if (text[0] == '\\' && text[1] != '\0')
        return 2;
    const char *close = text[0] == '[' ? strchr(text + 1, ']') : NULL;
    return close == NULL ? 1 : (size_t)(close - text) + 1;
}

static bool token_matches(const char *token, size_t len, char c)
{
    enum { TOKEN_MAX = 64 };
    char pattern[TOKEN_MAX], one[] = { c, '\0' };
    if (len == 1)
        return token[0] == '?' || token[0] == c;
    if (len >= TOKEN_MAX)
        return false;
    memcpy(pattern, token, len);
    pattern[len] = '\0';
    return fnmatch(pattern, one, 0) == 0;
}

static void read_one(struct glob *glob, char c)
{
    states_clear(&glob->next);
    for (size_t n = 0; n < glob->now.num; n++) {
        size_t i = glob->now.at[n];
        if (glob->text[i] == '*') {
            add(&glob->next, i);
        } else if (i < glob->len && !opens(glob, i) &&
                   !(glob->close[i] != 0 && (glob->text[i] == ',' || i == glob->close[i]))) {
            size_t len = token_len(glob->text + i);
            if (token_matches(glob->text + i, len, c))
                add(&glob->next, i + len);
        }
    }
    struct states swap = glob->now;
    glob->now = glob->next;
    glob->next = swap;
    reach(glob, &glob->now);
}

static bool match(struct glob *glob, const char *id)
{
    find_braces(glob);
    add(&glob->now, 0);
    reach(glob, &glob->now);
    for (; *id != '\0' && glob->now.num > 0; id++)
        read_one(glob, *id);
    return glob->now.has[glob->len];
}

bool case_id_matches(const char *text, const char *id)
{
    struct glob glob = { .text = text, .len = strlen(text) };
    if (strchr(text, '{') == NULL)
        return fnmatch(text, id, 0) == 0;
    glob.close = calloc(glob.len + 1, sizeof *glob.close);
    bool now = states_init(&glob.now, glob.len + 1), next = states_init(&glob.next, glob.len + 1);
    bool matches = glob.close != NULL && now && next && match(&glob, id);
    free(glob.close);
    states_fini(&glob.now);
    states_fini(&glob.next);
    return matches;
}
