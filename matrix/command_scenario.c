/* `tlsmatrix scenario`: a story's steps for every pair of stacks, told as they came out. Its cases
 * go the way of all cases, through runner, oracle and judge; the rest is programs run by hand. */
#include "harness/nearest.h"
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/oracle.h"
#include "matrix/rerun_options.h"
#include "matrix/session.h"
#include "matrix/story_step.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEADLINE_MS = 30000, LANES = 4, PAIRS_MAX = STACKS_MAX * STACKS_MAX };

struct pair {
    size_t client, server;
};

/* Large, so static: one command runs in a process. */
static struct stack_list stacks;
static struct story story;
static struct story_place place;
static enum told_outcome outcomes[PAIRS_MAX][STORY_STEPS_MAX];

struct telling {
    const struct parsed_options *options;
    struct stack_specs specs;
    struct pair pairs[PAIRS_MAX];
    size_t num_pairs;
    char directory[PATH_LEN]; /* scratch */
    char run[PATH_LEN];       /* below it: the run of the cases, if there are any */
    const char **ids;
    size_t num_ids;
    struct results *results;
    char rerun_options[RERUN_OPTIONS_MAX]; /* of the run */
    int run_exit;                          /* of the run: 3, 130; else 0 */
    bool json;
    json_t *told;
    bool done[STORY_STEPS_MAX]; /* STORY_RUN: only once */
};

/* ---- which pairs ---- */

static int one_stack(int *out, const struct parsed_options *options, const char *option,
                     struct error *err)
{
    const char *name = option_value(options, option);
    struct nearest nearest;
    *out = -1;
    if (name == NULL || (*out = stack_index(&stacks.set, name)) >= 0)
        return 0;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < stacks.set.num_stacks; i++)
        nearest_offer(&nearest, stacks.set.stacks[i].stack);
    return error_set(err, ERROR_USAGE, "--%s: no stack '%s'%s", option, name,
                     nearest_hint(&nearest));
}

/* Does a stack take part at all? Programs that are run once choose none. */
static bool has_pairs(void)
{
    for (size_t s = 0; s < story.num_steps; s++)
        if (story.steps[s].kind != STORY_RUN)
            return true;
    return false;
}

/* No stack takes part: what would choose or change one is a mistake. */
static int no_pairs(struct telling *t, struct error *err)
{
    static const char *const about_stacks[] = { "client", "server", "stacks", "stack", "fault" };
    for (size_t i = 0; i < sizeof about_stacks / sizeof about_stacks[0]; i++)
        if (option_given(t->options, about_stacks[i]))
            return error_set(err, ERROR_USAGE,
                             "--%s: no stack takes part in '%s', which runs a program of its own",
                             about_stacks[i], story.name);
    t->num_pairs = 1; /* of nobody: the one line of the table */
    return 0;
}

static int choose_pairs(struct telling *t, struct error *err)
{
    int client, server;
    if (!has_pairs())
        return no_pairs(t, err);
    if (one_stack(&client, t->options, "client", err) < 0 ||
        one_stack(&server, t->options, "server", err) < 0)
        return -1;
    for (size_t c = 0; c < stacks.set.num_stacks; c++)
        for (size_t s = 0; s < stacks.set.num_stacks; s++)
            if ((client < 0 || (size_t)client == c) && (server < 0 || (size_t)server == s))
                t->pairs[t->num_pairs++] = (struct pair){ c, s };
    return 0;
}

/* Also where no case follows that would ask for them. */
static int check_faults(const struct telling *t, struct error *err)
{
    const char *const *specs;
    size_t stack, num = option_values(t->options, "fault", &specs);
    const char *fault;
    for (size_t i = 0; i < num; i++)
        if (stack_fault(&stack, &fault, &stacks.set, specs[i], err) < 0)
            return -1;
    return 0;
}

/* ---- its cases, all in one run ---- */

static void case_of_pair(char out[CASE_ID_MAX * 2], const struct pair *pair, const char *rest)
{
    snprintf(out, (size_t)CASE_ID_MAX * 2, "%s-%s/%s", stacks.set.stacks[pair->client].stack,
             stacks.set.stacks[pair->server].stack, rest);
}

/* The file says of every case what must come of it; the oracle, which decides, has to agree. */
static int check_case(const struct story_step *step, const char *id, struct error *err)
{
    struct matrix_case c;
    struct expectation expectation;
    char reason[TEXT_LEN];
    if (case_from_id(&c, id, &stacks.set, err) < 0)
        return yaml_error(step->item, err, "%s", err->text);
    const struct exclusion_rule *rule = case_excluded(&c);
    if (rule != NULL)
        return yaml_error(step->item, err, "%s: not a possible case: %s", id, rule->text);
    if (case_unsupported(reason, &c, &stacks.set))
        return 0;
    oracle_expect(&expectation, &c, &stacks.set);
    return expectation.accepted == step->accepted
               ? 0
               : yaml_error(step->item, err, "%s: the file says %s, the RFCs say %s", id,
                            step->accepted ? "accepted" : "refused",
                            expectation.accepted ? "accepted" : "refused");
}

static bool has_id(const struct telling *t, const char *id)
{
    for (size_t i = 0; i < t->num_ids; i++)
        if (strcmp(t->ids[i], id) == 0)
            return true;
    return false;
}

static int gather_step(struct telling *t, const struct story_step *step, const struct pair *pair,
                       struct error *err)
{
    char id[CASE_ID_MAX * 2];
    for (size_t i = 0; i < step->num_cases; i++) {
        case_of_pair(id, pair, step->cases[i]);
        if (check_case(step, id, err) < 0)
            return -1;
        if (has_id(t, id))
            continue;
        char *copy = strdup(id);
        if (copy == NULL)
            return error_set(err, ERROR_HARNESS, "out of memory");
        t->ids[t->num_ids++] = copy;
    }
    return 0;
}

static int gather_cases(struct telling *t, struct error *err)
{
    t->ids = calloc(t->num_pairs * STORY_STEPS_MAX * STORY_CASES_MAX, sizeof *t->ids);
    if (t->ids == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    for (size_t p = 0; p < t->num_pairs; p++)
        for (size_t s = 0; s < story.num_steps; s++)
            if (gather_step(t, &story.steps[s], &t->pairs[p], err) < 0)
                return -1;
    return 0;
}

static int run_cases(struct telling *t, struct error *err)
{
    struct session_request request = { .selection = { .num_shards = 1, .repeats = 1 },
                                       .ids = t->ids,
                                       .num_ids = t->num_ids,
                                       .directory = t->run,
                                       .stacks = t->specs.specs,
                                       .num_stacks = t->specs.num_specs,
                                       .capture = CAPTURE_FAILURES, /* the wire has a say */
                                       .isolate = !option_given(t->options, "no-isolation"),
                                       .quiet = true };
    struct session_outcome outcome;
    char path[PATH_LEN + 16];
    uint64_t lanes, deadline_ms;
    if (t->num_ids == 0)
        return 0;
    if (option_number(&lanes, t->options, "lanes", LANES, 1, LANES_MAX, err) < 0 ||
        option_number(&deadline_ms, t->options, "deadline-ms", DEADLINE_MS, 1, DEADLINE_MS_MAX,
                      err) < 0)
        return -1;
    request.lanes = (unsigned)lanes;
    request.deadline_ms = (uint32_t)deadline_ms;
    request.num_faults = option_values(t->options, "fault", &request.faults);
    request.num_hellos = option_values(t->options, "hellos", &request.hellos);
    if (session_run(&outcome, &request, err) < 0)
        return -1;
    t->run_exit = session_exit_code(&outcome);
    snprintf(path, sizeof path, "%s/results.db", t->run);
    return results_open(&t->results, path, RESULTS_READ, err) < 0
               ? -1
               : rerun_options_read(t->rerun_options, t->results, err);
}

/* ---- the scratch folder ---- */

static int make_place(struct telling *t, struct error *err)
{
    const char *base = getenv("TMPDIR");
    char pki[PATH_LEN + 16], cache[PATH_LEN];
    int len = snprintf(t->directory, sizeof t->directory - 16, "%s/tlsmatrix-scenario-XXXXXX",
                       base == NULL ? "/tmp" : base);
    if (len >= (int)sizeof t->directory - 16 || mkdtemp(t->directory) == NULL) {
        t->directory[0] = '\0';
        return error_errno(err, "a temporary folder");
    }
    snprintf(t->run, sizeof t->run, "%s/run", t->directory);
    snprintf(pki, sizeof pki, "%s/pki", t->directory);
    forge_default_key_cache(cache);
    place.stacks = &stacks;
    snprintf(place.directory, sizeof place.directory, "%s", t->directory);
    return forge_make(&place.forge, pki, cache, err);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static void remove_place(const struct telling *t)
{
    if (t->directory[0] != '\0')
        nftw(t->directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- telling ---- */

static void tell(struct telling *t, size_t step, const struct pair *pair, const struct told *told)
{
    const char *client = pair != NULL ? stacks.set.stacks[pair->client].stack : "";
    const char *server = pair != NULL ? stacks.set.stacks[pair->server].stack : "";
    if (t->json) {
        json_array_append_new(
            t->told, json_pack("{s:i, s:s, s:s, s:s, s:s, s:s}", "step", (int)step + 1, "client",
                               client, "server", server, "id", told->id, "outcome",
                               told_outcome_name(told->outcome), "story", told->text));
        return;
    }
    const char *text = told->text;
    printf("  %zu. %s. ", step + 1, told_outcome_name(told->outcome));
    for (; *text != '\0'; text++) {
        if (*text != '\n')
            putchar(*text);
        else if (text[1] != '\0')
            fputs("\n     ", stdout); /* what a program printed keeps its lines */
    }
    if (told->outcome == TOLD_WRONG && told->id[0] != '\0')
        printf("\n     rerun tlsmatrix rerun -v '%s'%s", told->id, t->rerun_options);
    putchar('\n');
}

static void note(struct telling *t, size_t p, size_t s, const struct pair *pair,
                 const struct told *told)
{
    bool first = p < PAIRS_MAX && outcomes[p][s] == NUM_TOLD_OUTCOMES;
    /* Of several cases of one step the worst counts; unsupported is none of them. */
    if (first || told->outcome == TOLD_WRONG || outcomes[p][s] == TOLD_UNSUPPORTED ||
        (told->outcome == TOLD_DEVIATES && outcomes[p][s] == TOLD_AS_STATED))
        outcomes[p][s] = told->outcome;
    tell(t, s, pair, told);
}

static int do_cases(struct telling *t, size_t p, size_t s, struct told *told, struct error *err)
{
    char id[CASE_ID_MAX * 2];
    const struct story_step *step = &story.steps[s];
    for (size_t i = 0; i < step->num_cases; i++) {
        case_of_pair(id, &t->pairs[p], step->cases[i]);
        if (story_tell_case(told, step, id, t->results, &stacks.set, err) < 0)
            return -1;
        note(t, p, s, &t->pairs[p], told);
    }
    return 0;
}

static int do_step(struct telling *t, size_t p, size_t s, struct error *err)
{
    static struct told told;
    const struct story_step *step = &story.steps[s];
    const struct pair *pair = &t->pairs[p];
    int ret = 0;
    if (step->kind == STORY_CASE)
        return do_cases(t, p, s, &told, err);
    if (step->kind == STORY_RUN) {
        outcomes[p][s] = outcomes[0][s];
        if (t->done[s])
            return 0;
        ret = story_do_run(&told, step, &place, err);
        t->done[s] = true;
        pair = NULL;
    } else if (step->kind == STORY_HAND) {
        ret = story_do_hand(&told, step, &place, t->pairs[p].client, t->pairs[p].server, err);
    } else {
        ret = story_do_compare(&told, &place, t->pairs[p].client, t->pairs[p].server);
    }
    if (ret == 0)
        note(t, p, s, pair, &told);
    return ret;
}

static void print_head(void)
{
    printf("%s: %s\n\n%s\n\n", story.name, story.title, story.text);
    for (size_t s = 0; s < story.num_steps; s++)
        printf("  %zu. %s\n     %s\n", s + 1, story.steps[s].deed, story.steps[s].why);
}

static int tell_pairs(struct telling *t, struct error *err)
{
    bool per_pair = has_pairs();
    if (!t->json)
        print_head();
    for (size_t p = 0; p < t->num_pairs; p++)
        for (size_t s = 0; s < STORY_STEPS_MAX; s++)
            outcomes[p][s] = NUM_TOLD_OUTCOMES;
    for (size_t p = 0; p < t->num_pairs; p++) {
        if (!t->json && per_pair)
            printf("\n%s as the client, %s as the server\n",
                   stacks.set.stacks[t->pairs[p].client].stack,
                   stacks.set.stacks[t->pairs[p].server].stack);
        else if (!t->json && p == 0)
            putchar('\n');
        for (size_t s = 0; s < story.num_steps; s++)
            if (do_step(t, p, s, err) < 0)
                return -1;
    }
    return 0;
}

static void print_table(const struct telling *t)
{
    static const char *const cells[NUM_TOLD_OUTCOMES] = { "ok", "known", "-", "WRONG" };
    const bool per_pair = has_pairs();
    printf("\n%-24s", per_pair ? "client-server \\ step" : "step");
    for (size_t s = 0; s < story.num_steps; s++)
        printf(" %5zu", s + 1);
    for (size_t p = 0; p < t->num_pairs; p++) {
        char pair[NAME_MAX_LEN * 2 + 2] = "the program";
        if (per_pair)
            snprintf(pair, sizeof pair, "%s-%s", stacks.set.stacks[t->pairs[p].client].stack,
                     stacks.set.stacks[t->pairs[p].server].stack);
        printf("\n%-24s", pair);
        for (size_t s = 0; s < story.num_steps; s++)
            printf(" %5s", cells[outcomes[p][s]]);
    }
    puts(per_pair
             ? "\n\nok: as stated; known: a known deviation (tlsmatrix list --deviations); -: a "
               "stack cannot"
             : "\n\nok: as stated");
}

/* 0: all that was done is as stated; 1: something is not; 2: nothing was done; 3, 130: of the run
 * of the cases. */
static int verdict_of(const struct telling *t, uint64_t counts[NUM_TOLD_OUTCOMES])
{
    for (size_t p = 0; p < t->num_pairs; p++)
        for (size_t s = 0; s < story.num_steps; s++)
            counts[outcomes[p][s]]++;
    if (t->run_exit > 1)
        return t->run_exit;
    if (counts[TOLD_WRONG] > 0 || t->run_exit != 0)
        return 1;
    return counts[TOLD_AS_STATED] + counts[TOLD_DEVIATES] > 0 ? 0 : ERROR_USAGE;
}

static void print_json(const struct telling *t, int code)
{
    json_t *steps = json_array();
    for (size_t s = 0; s < story.num_steps; s++)
        json_array_append_new(
            steps, json_pack("{s:s, s:s}", "do", story.steps[s].deed, "why", story.steps[s].why));
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:b, s:o, s:O}", "scenario", story.name, "title", story.title,
                  "story", story.text, "as_stated", code == 0, "steps", steps, "told", t->told);
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
}

static int finish(const struct telling *t)
{
    uint64_t counts[NUM_TOLD_OUTCOMES] = { 0 };
    int code = verdict_of(t, counts);
    if (t->json) {
        print_json(t, code);
        return code;
    }
    print_table(t);
    if (code == 0)
        puts("everything was as stated");
    else if (code == 1)
        puts("NOT everything was as stated");
    else if (code == ERROR_USAGE)
        fputs("tlsmatrix: nothing was done: no stack of these can\n", stderr);
    return code;
}

static int run_telling(struct telling *t, struct error *err)
{
    if (stack_specs_read(&t->specs, t->options, err) < 0 ||
        (has_pairs() && stacks_from_options(&stacks, t->options, err) < 0) ||
        choose_pairs(t, err) < 0 || check_faults(t, err) < 0 || gather_cases(t, err) < 0 ||
        make_place(t, err) < 0 || run_cases(t, err) < 0 || tell_pairs(t, err) < 0)
        return -1;
    return finish(t);
}

int command_scenario(const struct parsed_options *options, struct error *err)
{
    static struct telling t;
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE,
                         "scenario needs one name; `tlsmatrix list --scenarios` has them");
    if (story_load(&story, options->operands[0], err) < 0)
        return -1;
    t = (struct telling){ .options = options, .json = option_given(options, "json") };
    t.told = json_array();
    int code = run_telling(&t, err);
    results_close(t.results, NULL);
    for (size_t i = 0; i < t.num_ids; i++)
        free((char *)t.ids[i]);
    free(t.ids);
    json_decref(t.told);
    remove_place(&t);
    story_fini(&story);
    return code;
}
