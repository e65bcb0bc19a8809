/* A stack under the fuzzer, in one role: FUZZ_STACK and FUZZ_ROLE say which. An input is a script
 * (script.h); every invariant of a play (play.h) is asserted. */
#include "fuzz/common/fuzz.h"
#include "fuzz/stacks/mutate_input.h"
#include "fuzz/stacks/play.h"
#include "fuzz/stacks/victim.h"

#include <stdlib.h>

static struct player *player;
static struct fuzz_stack victim;
static struct partner_log logs[SCRIPT_OPTIONS];
static bool logged[SCRIPT_OPTIONS];

static _Noreturn void give_up(const struct error *err)
{
    fprintf(stderr, "fuzz-" FUZZ_TARGET ": %s\n", err->text);
    exit(err->class);
}

static void play_script(struct outcome *out, const struct script *script, struct partner_log *log)
{
    struct error err = { 0 };
    if (play(player, out, &victim, script, log, &err) != 0)
        give_up(&err);
    if (out->broken == NULL)
        return;
    script_show(stderr, script);
    outcome_print(stderr, out);
    fuzz_assert_failed(__FILE__, __LINE__, __func__, out->broken);
}

/* The control: with nothing changed, both ends complete. Else nothing that is found means
 * anything. */
static void play_healthy(uint16_t options)
{
    struct script script;
    struct outcome outcome;
    struct error err = { 0 };
    script_of_options(&script, options);
    script.victim = FUZZ_ROLE;
    play_script(&outcome, &script, NULL);
    if (outcome.accepted && outcome.partner_accepted && outcome.ending == ENDING_CLOSED)
        return;
    script_show(stderr, &script);
    outcome_print(stderr, &outcome);
    error_set(&err, ERROR_HARNESS, "a healthy handshake does not complete");
    give_up(&err);
}

static void init(void)
{
    struct error err = { 0 };
    if (player_new(&player, &err) != 0 || victim_open(&victim, FUZZ_STACK, &err) != 0)
        give_up(&err);
    for (unsigned options = 0; options < SCRIPT_OPTIONS; options += 85) /* some of each bit */
        play_healthy((uint16_t)options);
}

static void run(const uint8_t *data, size_t len)
{
    struct script script;
    struct outcome outcome;
    script_read(&script, data, len);
    script.victim = FUZZ_ROLE;
    play_script(&outcome, &script, NULL);
}

/* What the partner says when nothing is changed, asked once for all options that there are. */
static const struct partner_log *log_of(void *context, const struct script *script)
{
    struct script healthy = *script;
    struct outcome outcome;
    (void)context;
    healthy.num_steps = 0;
    uint16_t options = script_options(&healthy);
    if (!logged[options])
        play_script(&outcome, &healthy, &logs[options]);
    logged[options] = true;
    return &logs[options];
}

const struct mutator script_mutator = {
    .log_of = log_of,
    .mutate_bytes = fuzz_mutate_bytes,
    .victim = FUZZ_ROLE,
};

/* Leaks of the stacks that are known, each with its input under fuzz/regressions, so that the next
 * one is found. LeakSanitizer finds this by its name; a row is a function in the allocation's
 * stack.
 *
 * client_use_key_share: GnuTLS 3.7.9 takes a ServerHello with two key_share extensions (RFC 8446
 * section 4.2 forbids that), and forgets the first shared secret without freeing it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:client_use_key_share\n";
}

const struct fuzz_target fuzz_target = {
    .name = FUZZ_TARGET,
    .init = init,
    .run = run,
    .mutate = mutate_input,
};
