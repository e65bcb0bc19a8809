#include "fuzz/stacks/raw_hello.h"

#include "fuzz/stacks/pipes.h"

#include <ctype.h>

enum { LINE_BYTES = 48 };

/* The kinds that at message or record 0 act on the first flight alone. */
static const bool of_first_flight[NUM_STEP_KINDS] = {
    [STEP_EDIT] = true,    [STEP_PATCH] = true,  [STEP_SPLICE] = true, [STEP_MESSAGE] = true,
    [STEP_CONTENT] = true, [STEP_RETYPE] = true, [STEP_RECORD] = true, [STEP_BULK] = true,
    [STEP_WIRE] = true,    [STEP_RAW] = true,    [STEP_STOP] = true,   [STEP_END] = true,
    [STEP_REPEAT] = true,
};

bool raw_hello_possible(const struct script *script)
{
    if (script->victim != ROLE_SERVER || script->num_steps == 0)
        return false;
    for (size_t i = 0; i < script->num_steps; i++)
        if (!of_first_flight[script->steps[i].kind] || script->steps[i].at != 0)
            return false;
    return true;
}

/* As the profile `hellos` has them, which knows no server of TLS 1.3 alone. */
static const char *const supported[] = {
    [VERSIONS_BOTH] = "tls1.2-1.3",
    [VERSIONS_12] = "tls1.2",
    [VERSIONS_13] = "tls1.2-1.3",
    [VERSIONS_LOWER] = "tls1.2-1.3",
};

/* As names of hellos are. */
static void write_name(FILE *out, const char *name)
{
    for (; *name != '\0'; name++)
        putc(isalnum((unsigned char)*name) ? tolower((unsigned char)*name) : '-', out);
}

static void write_row(FILE *out, const struct script *script, const char *name,
                      const uint8_t *bytes, size_t len)
{
    fputs("title: found by fuzzing\nhellos:\n  - name: ", out);
    write_name(out, name);
    fputs("\n    text: The first flight of a client that a fuzzer made.\n    base: base-tls13\n",
          out);
    fprintf(out, "    stack: %s\n    bytes:\n", supported[script->versions]);
    for (size_t at = 0; at < len; at += LINE_BYTES) {
        fputs("      - \"", out);
        for (size_t i = at; i < len && i < at + LINE_BYTES; i++)
            fprintf(out, "%02x", bytes[i]);
        fputs("\"\n", out);
    }
    fputs("    expect: {answer: any} # say here what the RFC says, and below where\n"
          "    references: none yet\n",
          out);
}

int raw_hello_write(FILE *out, const struct script *script, const char *name, struct player *player,
                    const struct fuzz_stack *victim, struct error *err)
{
    struct script first = *script;
    struct outcome outcome;
    size_t len = 0;
    if (!raw_hello_possible(script))
        return error_set(err, ERROR_USAGE, "no raw hello: more than a client's first flight");
    if (!script_add(&first, (struct step){ .kind = STEP_END, .at = 1 }))
        return error_set(err, ERROR_USAGE, "no raw hello: too many steps");
    if (play(player, &outcome, victim, &first, NULL, err) != 0)
        return -1;
    const uint8_t *bytes = pipes_bytes(PIPE_PARTNER, &len);
    write_row(out, script, name, bytes, len);
    return 0;
}
