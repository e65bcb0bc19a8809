#include "captures/case_comment.h"

#include "captures/story.h"
#include "harness/verdict.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LEN_MAX = CASE_COMMENT_LINE_MAX, WORD_MAX = 32 };

static const char time_key[] = "verified at";
static const char time_format[] = "%Y-%m-%dT%H:%M:%SZ";

static const struct {
    const char *key;
    size_t offset, size;
} fields[] = {
    { "case", offsetof(struct case_comment, id), CASE_COMMENT_ID_MAX },
    { "client", offsetof(struct case_comment, client), LEN_MAX },
    { "server", offsetof(struct case_comment, server), LEN_MAX },
    { "expected", offsetof(struct case_comment, expected), LEN_MAX },
    { "verdict", offsetof(struct case_comment, verdict), LEN_MAX },
    { "options", offsetof(struct case_comment, options), LEN_MAX },
    { "addresses", offsetof(struct case_comment, addresses), LEN_MAX },
    { "capture", offsetof(struct case_comment, capture), LEN_MAX },
};

enum { NUM_FIELDS = sizeof fields / sizeof fields[0] };

/* A line of its own, whatever the value holds. */
static size_t add_line(char out[CASE_COMMENT_MAX], size_t used, const char *key, const char *value)
{
    size_t begin = used + (size_t)snprintf(out + used, CASE_COMMENT_MAX - used, "%s: ", key);
    snprintf(out + begin, CASE_COMMENT_MAX - begin, "%s", value);
    for (char *c = out + begin; *c != '\0'; c++)
        if ((unsigned char)*c < ' ')
            *c = ' ';
    used = strlen(out);
    snprintf(out + used, CASE_COMMENT_MAX - used, "\n");
    return strlen(out);
}

char *case_comment_write(char out[CASE_COMMENT_MAX], const struct case_comment *comment)
{
    size_t used = 0;
    char text[WORD_MAX];
    struct tm broken;
    time_t seconds = (time_t)comment->verified_at;
    out[0] = '\0';
    for (size_t i = 0; i < NUM_FIELDS; i++) {
        const char *value = (const char *)comment + fields[i].offset;
        if (value[0] != '\0')
            used = add_line(out, used, fields[i].key, value);
    }
    if (comment->verified_at != 0 && gmtime_r(&seconds, &broken) != NULL &&
        strftime(text, sizeof text, time_format, &broken) > 0)
        add_line(out, used, time_key, text);
    return out;
}

/* ---- reading ---- */

#define LETTERS_AND_DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

static bool is_id(const char *id)
{
    static const char allowed[] = LETTERS_AND_DIGITS "-./:_+,";
    return id[0] != '\0' && id[strspn(id, allowed)] == '\0';
}

/* As they are written, each with a blank before it; what stands in quotes is not taken. */
static bool is_options(const char *options)
{
    static const char allowed[] = LETTERS_AND_DIGITS "-./:_+,=@% ";
    return strncmp(options, " --", 3) == 0 && options[strspn(options, allowed)] == '\0';
}

static bool read_time(int64_t *out, const char *value, size_t len)
{
    char text[WORD_MAX];
    struct tm broken = { 0 };
    text_of(text, sizeof text, value, len);
    const char *end = strptime(text, time_format, &broken);
    if (end == NULL || *end != '\0')
        return false;
    *out = (int64_t)timegm(&broken);
    return true;
}

static bool is_key(const char *key, const char *line, size_t len)
{
    return strlen(key) == len && memcmp(key, line, len) == 0;
}

static void read_line(struct case_comment *out, const char *line, size_t len)
{
    const char *colon = memchr(line, ':', len);
    if (colon == NULL || colon + 1 == line + len || colon[1] != ' ')
        return;
    size_t key_len = (size_t)(colon - line), value_len = len - key_len - 2;
    if (is_key(time_key, line, key_len))
        read_time(&out->verified_at, colon + 2, value_len);
    for (size_t i = 0; i < NUM_FIELDS; i++)
        if (is_key(fields[i].key, line, key_len))
            text_of((char *)out + fields[i].offset, fields[i].size, colon + 2, value_len);
}

void case_comment_read(struct case_comment *out, const char *text, size_t len)
{
    *out = (struct case_comment){ 0 };
    while (len > 0) {
        const char *end = memchr(text, '\n', len);
        size_t line_len = end == NULL ? len : (size_t)(end - text);
        read_line(out, text, line_len);
        text += line_len + (end != NULL);
        len -= line_len + (end != NULL);
    }
    if (!is_id(out->id) || out->verdict[0] == '\0')
        out->id[0] = '\0';
    if (!is_options(out->options))
        out->options[0] = '\0';
}

char *case_comment_verdict(char out[LEN_MAX], const struct case_comment *comment)
{
    return text_of(out, LEN_MAX, comment->verdict, strcspn(comment->verdict, ":"));
}

char *case_comment_hint(char out[CASE_COMMENT_HINT_MAX], const struct case_comment *comment)
{
    char verdict[LEN_MAX];
    out[0] = '\0';
    if (comment->id[0] != '\0')
        snprintf(out, CASE_COMMENT_HINT_MAX,
                 "; it is a case of ours, judged %.64s: tlsmatrix rerun -v '%s'%s repeats it",
                 case_comment_verdict(verdict, comment), comment->id, comment->options);
    return out;
}

bool case_comment_is_red(const struct case_comment *comment)
{
    char word[WORD_MAX];
    size_t len = strcspn(comment->verdict, " :");
    int verdict = verdict_by_name(text_of(word, sizeof word, comment->verdict, len));
    return comment->id[0] != '\0' && verdict >= 0 && verdict != VERDICT_PASS &&
           verdict != VERDICT_XFAIL && verdict != VERDICT_UNSUPPORTED;
}
