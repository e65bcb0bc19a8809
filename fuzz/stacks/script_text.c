/* Scripts as text and back: one line an option, one line a step, `#` begins a remark. */
#include "fuzz/stacks/script.h"

#include "harness/wire/registry.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

const char *const step_names[NUM_STEP_KINDS] = {
    [STEP_EDIT] = "edit",         [STEP_PATCH] = "patch",     [STEP_SPLICE] = "splice",
    [STEP_SKIP] = "skip",         [STEP_AGAIN] = "again",     [STEP_HOLD] = "hold",
    [STEP_MESSAGE] = "message",   [STEP_CONTENT] = "content", [STEP_RETYPE] = "retype",
    [STEP_RECORD] = "record",     [STEP_BULK] = "bulk",       [STEP_FRAGMENT] = "fragment",
    [STEP_COALESCE] = "coalesce", [STEP_UPDATE] = "update",   [STEP_WIRE] = "wire",
    [STEP_RAW] = "raw",           [STEP_STOP] = "stop",       [STEP_END] = "end",
    [STEP_SEGMENT] = "segment",   [STEP_REPEAT] = "repeat",
};

static const char *const version_words[] = {
    [VERSIONS_BOTH] = "both",
    [VERSIONS_12] = "1.2",
    [VERSIONS_13] = "1.3",
    [VERSIONS_LOWER] = "lower",
};
static const char *const authentication_words[] = {
    [AUTHENTICATION_SERVER] = "server",
    [AUTHENTICATION_MUTUAL] = "mutual",
    [AUTHENTICATION_ASKED] = "asked",
    [AUTHENTICATION_LENIENT] = "lenient",
};
static const char *const victim_words[] = { [ROLE_CLIENT] = "client", [ROLE_SERVER] = "server" };
static const char *const credential_words[] = { "ecdsa-p256", "rsa2048" };
static const char *const group_words[] = { "x25519", "p256" };
static const char *const cipher_words[] = {
    [CIPHERS_GCM] = "gcm",
    [CIPHERS_CHACHA20] = "chacha20",
    [CIPHERS_CBC] = "cbc",
    [CIPHERS_CBC_MAC_FIRST] = "cbc-mac-first",
};
static const char *const exchange_words[] = { "ecdhe", "rsa" };
static const char *const yes_words[] = { "no", "yes" };
static const char *const point_words[] = { "connected", "said", "closed" };

enum { NUM_POINTS = sizeof point_words / sizeof point_words[0] };

/* ---- out ---- */

static void show_place(FILE *out, const struct step *step)
{
    if (!step_counts_messages(step->kind) && step->at >= POINT_CONNECTED &&
        step->at < POINT_CONNECTED + NUM_POINTS)
        fprintf(out, " %s", point_words[step->at - POINT_CONNECTED]);
    else
        fprintf(out, " %u", step->at);
}

static const char *type_remark(const struct step *step)
{
    if (step->offset > 0xFF)
        return NULL;
    if (step->kind == STEP_MESSAGE)
        return handshake_type_name((uint8_t)step->offset);
    bool is_type =
        step->kind == STEP_RECORD || step->kind == STEP_RETYPE || step->kind == STEP_BULK;
    return is_type ? content_type_name((uint8_t)step->offset) : NULL;
}

static void show_step(FILE *out, const struct step *step)
{
    const char *remark = type_remark(step);
    fprintf(out, "%s", step_names[step->kind]);
    show_place(out, step);
    if (step->offset != 0)
        fprintf(out, " offset %u", step->offset);
    if (step->drop != 0)
        fprintf(out, " drop %u", step->drop);
    if (step->bytes_len > 0)
        fputs(" bytes ", out);
    for (size_t i = 0; i < step->bytes_len; i++)
        fprintf(out, "%02x", step->bytes[i]);
    if (remark != NULL)
        fprintf(out, "  # %s", remark);
    fputc('\n', out);
}

void script_show(FILE *out, const struct script *script)
{
    fprintf(out, "victim %s\n", victim_words[script->victim]);
    fprintf(out, "versions %s\n", version_words[script->versions]);
    fprintf(out, "authentication %s\n", authentication_words[script->authentication]);
    fprintf(out, "credential %s\n", credential_words[script->rsa]);
    fprintf(out, "group %s\n", group_words[script->p256]);
    fprintf(out, "retry %s\n", yes_words[script->retry]);
    if (script->cipher != CIPHERS_GCM)
        fprintf(out, "cipher %s\n", cipher_words[script->cipher]);
    if (script->rsa_exchange)
        fprintf(out, "exchange %s\n", exchange_words[script->rsa_exchange]);
    if (script->resumption)
        fprintf(out, "resumption %s\n", yes_words[script->resumption]);
    for (size_t i = 0; i < script->num_steps; i++)
        show_step(out, &script->steps[i]);
}

/* ---- in ---- */

static int find_word(const char *const words[], size_t num_words, const char *word)
{
    for (size_t i = 0; i < num_words; i++)
        if (strcmp(words[i], word) == 0)
            return (int)i;
    return -1;
}

#define FIND(words, word) find_word(words, sizeof words / sizeof words[0], word)

/* 1: the line is an option; 0: it is none; -1: it has a value that there is not. */
static int make_option(struct script *out, const char *name, const char *value)
{
    int found = -1;
    if (strcmp(name, "victim") == 0)
        out->victim = (enum role)(found = FIND(victim_words, value));
    else if (strcmp(name, "versions") == 0)
        out->versions = (enum script_versions)(found = FIND(version_words, value));
    else if (strcmp(name, "authentication") == 0)
        out->authentication =
            (enum script_authentication)(found = FIND(authentication_words, value));
    else if (strcmp(name, "credential") == 0)
        out->rsa = (found = FIND(credential_words, value)) == 1;
    else if (strcmp(name, "group") == 0)
        out->p256 = (found = FIND(group_words, value)) == 1;
    else if (strcmp(name, "retry") == 0)
        out->retry = (found = FIND(yes_words, value)) == 1;
    else if (strcmp(name, "cipher") == 0)
        out->cipher = (enum script_cipher)(found = FIND(cipher_words, value));
    else if (strcmp(name, "exchange") == 0)
        out->rsa_exchange = (found = FIND(exchange_words, value)) == 1;
    else if (strcmp(name, "resumption") == 0)
        out->resumption = (found = FIND(yes_words, value)) == 1;
    else
        return 0;
    return found >= 0 ? 1 : -1;
}

static bool make_number(unsigned *out, const char *word, unsigned max)
{
    char *end;
    unsigned long value =
        word != NULL && isdigit((unsigned char)word[0]) ? strtoul(word, &end, 10) : max + 1UL;
    if (value > max || *end != '\0')
        return false;
    *out = (unsigned)value;
    return true;
}

/* The bytes go behind each other; their pointers are set when all have been read, because `room`
 * may move. */
static bool make_bytes(struct step *step, struct writer *room, const char *hex)
{
    size_t len = hex != NULL ? strlen(hex) : 1;
    if (len % 2 != 0 || len / 2 > UINT16_MAX)
        return false;
    for (size_t i = 0; i < len; i += 2) {
        unsigned byte;
        if (!isxdigit((unsigned char)hex[i]) || sscanf(hex + i, "%2x", &byte) != 1 ||
            !isxdigit((unsigned char)hex[i + 1]))
            return false;
        writer_u8(room, (uint8_t)byte);
    }
    step->bytes_len = (uint16_t)(len / 2);
    return true;
}

static bool make_place(struct step *step, const char *word)
{
    unsigned at;
    int point = word != NULL ? FIND(point_words, word) : -1;
    if (point >= 0 && step_counts_messages(step->kind))
        return false;
    if (point >= 0)
        at = POINT_CONNECTED + (unsigned)point;
    else if (!make_number(&at, word, UINT8_MAX))
        return false;
    step->at = (uint8_t)at;
    return true;
}

/* `words` is the rest of the line, for strtok(). */
static bool make_step(struct step *step, struct writer *room)
{
    const char *word;
    unsigned number;
    if (!make_place(step, strtok(NULL, " \t\n")))
        return false;
    while ((word = strtok(NULL, " \t\n")) != NULL) {
        const char *value = strtok(NULL, " \t\n");
        if (strcmp(word, "bytes") == 0) {
            if (step->bytes_len != 0 || !make_bytes(step, room, value))
                return false;
            continue;
        }
        bool is_offset = strcmp(word, "offset") == 0;
        if ((!is_offset && strcmp(word, "drop") != 0) || !make_number(&number, value, UINT16_MAX))
            return false;
        *(is_offset ? &step->offset : &step->drop) = (uint16_t)number;
    }
    return true;
}

static bool make_line(struct script *out, struct writer *room, char *line)
{
    line[strcspn(line, "#\n")] = '\0';
    const char *word = strtok(line, " \t");
    if (word == NULL)
        return true;
    int kind = FIND(step_names, word);
    if (kind < 0) {
        const char *value = strtok(NULL, " \t");
        return value != NULL && make_option(out, word, value) == 1 && strtok(NULL, " \t") == NULL;
    }
    struct step step = { .kind = (enum step_kind)kind };
    return make_step(&step, room) && script_add(out, step);
}

int script_make(struct script *out, struct writer *room, FILE *in, struct error *err)
{
    char *line = NULL;
    size_t size = 0, number = 0;
    bool good = true;
    *out = (struct script){ .victim = ROLE_SERVER };
    while (good && getline(&line, &size, in) > 0) {
        number++;
        good = make_line(out, room, line) && !room->failed;
    }
    free(line);
    if (!good)
        return error_set(err, ERROR_USAGE, "line %zu: no option and no step of a script", number);
    size_t at = 0;
    for (size_t i = 0; i < out->num_steps; at += out->steps[i++].bytes_len)
        out->steps[i].bytes = room->len > 0 ? room->data + at : NULL;
    return 0;
}
