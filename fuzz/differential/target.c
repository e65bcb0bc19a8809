/* differential-client and differential-server: an input is a script (fuzz/stacks/script.h), played
 * to all stacks in one process; what all of them cover guides libFuzzer. A disagreement does not
 * end it: it is minimised, and what is new is written to the folder that TLSMATRIX_DIFFERENTIAL_OUT
 * names, a file each, and told on standard error. */
#include "fuzz/common/fuzz.h"
#include "fuzz/differential/findings.h"
#include "fuzz/stacks/mutate_input.h"
#include "harness/pki/files.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLAYS_MAX = 400,    /* of one minimisation */
    SEEN_MAX = 1 << 16, /* signatures; a power of two */
    FRUITLESS_MAX = 20, /* minimisations of the same facts that gave nothing new */
};

static struct ensemble *ensemble;
static struct findings known;
static uint64_t seen[SEEN_MAX];
static struct {
    uint64_t facts;
    unsigned fruitless;
} facts_seen[SEEN_MAX];

static _Noreturn void give_up(const struct error *err)
{
    fprintf(stderr, "fuzz-" FUZZ_TARGET ": %s\n", err->text);
    exit(err->class);
}

static uint64_t hash(const char *text)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
    return hash != 0 ? hash : 1;
}

/* Adds it; false if it was there. A full table takes everything for seen. */
static bool is_new(const char *signature)
{
    uint64_t value = hash(signature);
    for (size_t i = 0; i < SEEN_MAX; i++) {
        uint64_t *slot = &seen[(value + i) % SEEN_MAX];
        if (*slot == value)
            return false;
        if (*slot == 0) {
            *slot = value;
            return true;
        }
    }
    return false;
}

/* Where the same facts came again and again to nothing new, they are looked at ever less often. */
static unsigned *fruitless_of(const char *facts)
{
    uint64_t value = hash(facts);
    size_t i = value % SEEN_MAX;
    for (size_t j = 0; j < SEEN_MAX && facts_seen[i].facts != value && facts_seen[i].facts != 0;
         j++)
        i = (i + 1) % SEEN_MAX;
    facts_seen[i].facts = value;
    return &facts_seen[i].fruitless;
}

static void tell(const struct disagreement *found, const struct script *script)
{
    const char *folder = getenv("TLSMATRIX_DIFFERENTIAL_OUT");
    char path[PATH_LEN];
    struct error err = { 0 };
    fprintf(stderr, "DISAGREEMENT %s\n", found->signature);
    if (folder == NULL)
        return;
    if (path_format(path, &err, "%s/%s-%s-%016" PRIx64 ".script", folder,
                    difference_names[found->worst], FUZZ_TARGET, hash(found->signature)) != 0 ||
        finding_write(path, ensemble, found, script, &err) != 0)
        give_up(&err);
}

static void look_into(const struct disagreement *found, const struct script *script)
{
    struct script smallest = *script;
    struct disagreement minimal;
    struct writer room;
    struct error err = { 0 };
    unsigned *fruitless = fruitless_of(found->facts);
    if (!is_new(found->signature) ||
        (*fruitless > FRUITLESS_MAX && hash(found->signature) % *fruitless != 0))
        return;
    writer_init(&room, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    if (ensemble_minimise(ensemble, &minimal, &smallest, &room, PLAYS_MAX, &err) != 0)
        give_up(&err);
    bool fresh = minimal.worst != DIFFERENCE_NONE &&
                 (is_new(minimal.signature) || strcmp(minimal.signature, found->signature) == 0) &&
                 findings_cover(&known, minimal.signature) == NULL;
    bool covered = false;
    if (fresh && findings_cover_steps(&covered, &known, ensemble, &smallest, &err) != 0)
        give_up(&err);
    fresh = fresh && !covered;
    *fruitless = fresh ? 0 : *fruitless + 1;
    if (fresh)
        tell(&minimal, &smallest);
    writer_fini(&room);
}

static void init(void)
{
    struct error err = { 0 };
    if (ensemble_new(&ensemble, &err) != 0 ||
        findings_read(&known, ensemble, SOURCE_DIR "/fuzz/differential/findings", &err) != 0)
        give_up(&err);
    for (unsigned options = 0; options < OPTIONS_NUM; options += 5) {
        struct script script;
        script_of_options(&script, (uint16_t)options);
        ensemble_align(&script);
        if (script.victim == FUZZ_ROLE && ensemble_log(ensemble, &script, &err) == NULL)
            give_up(&err);
    }
}

static void run(const uint8_t *data, size_t len)
{
    struct script script;
    struct disagreement found;
    struct error err = { 0 };
    script_read(&script, data, len);
    script.victim = FUZZ_ROLE;
    ensemble_align(&script);
    if (ensemble_compare(ensemble, &found, &script, false, &err) != 0)
        give_up(&err);
    if (found.worst != DIFFERENCE_NONE && findings_cover(&known, found.signature) == NULL)
        look_into(&found, &script);
}

/* ---- mutations: as of the stacks' targets ---- */

static const struct partner_log *log_of(void *context, const struct script *script)
{
    struct error err = { 0 };
    struct script aligned = *script;
    (void)context;
    ensemble_align(&aligned);
    const struct partner_log *log = ensemble_log(ensemble, &aligned, &err);
    if (log == NULL)
        give_up(&err);
    return log;
}

const struct mutator script_mutator = {
    .log_of = log_of,
    .mutate_bytes = fuzz_mutate_bytes,
    .victim = FUZZ_ROLE,
};

const struct fuzz_target fuzz_target = {
    .name = FUZZ_TARGET,
    .init = init,
    .run = run,
    .mutate = mutate_input,
};
