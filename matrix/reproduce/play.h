/* A recipe played: the judged end as a live stack, on a real socket, recorded. */
#ifndef TLSMATRIX_MATRIX_REPRODUCE_PLAY_H
#define TLSMATRIX_MATRIX_REPRODUCE_PLAY_H

#include "captures/tcpdump.h"
#include "matrix/capture_case.h"
#include "matrix/network.h"
#include "matrix/reproduce/recipe.h"
#include "matrix/worker.h"

/* What came of it, the best first. The twin is played wherever it was refused. */
enum played_kind {
    PLAYED_SAME,  /* the same end, stage and alert */
    PLAYED_CAUSE, /* refused for the same cause, but with another alert or at another stage */
    PLAYED_OTHER, /* refused, but otherwise */
    PLAYED_ACCEPTED,
    PLAYED_UNCLEAR,     /* the same, but without the fault it is refused as well */
    PLAYED_UNSUPPORTED, /* the stack cannot be told to be so */
    PLAYED_BROKEN,      /* it crashed, or broke its contract */
    NUM_PLAYED_KINDS,
};
/* "same", "same-cause", "other", "accepted", "unclear", "unsupported", "broken". */
const char *played_kind_name(enum played_kind kind);

struct played {
    enum played_kind kind;
    struct ending ending; /* where it came to one */
    struct ending twin;   /* likewise, where the recipe has one */
    bool has_twin;
    char why[TEXT_LEN];         /* PLAYED_UNSUPPORTED, PLAYED_BROKEN; else the stack's own words */
    char partner[NAME_MAX_LEN]; /* the stack at the other end; empty: none */
    char capture[PATH_LEN];     /* empty: none */
};

/* What it came to, by its ending and the twin's. */
enum played_kind played_judge(const struct played *played, const struct recipe *recipe);

/* Where recipes are played. Large: for the heap. */
struct ground {
    struct stack_list stacks;
    const char *faults[STACKS_MAX]; /* the lie that each is told to tell; NULL: none */
    struct network network;
    struct tcpdump tcpdump;
    struct splitter *splitter; /* NULL: nobody may record */
    char not_recorded[ERROR_TEXT_MAX];
    uint32_t sequence;
    struct worker workers[STACKS_MAX][2]; /* [stack][role] */
};

/* `specs`, `faults` as of a session. The caller owes ground_close(), also after a failure. */
int ground_open(struct ground *ground, const char *const *specs, size_t num_specs,
                const char *const *faults, size_t num_faults, bool isolate, struct error *err);
void ground_close(struct ground *ground);

/* Plays the recipe against this stack, and its twin; captures go to FOLDER/captures. -1: the
 * harness failed. */
int recipe_play(struct played *out, struct ground *ground, const struct recipe *recipe,
                size_t stack, const char *folder, struct error *err);

/* What an end of the recipe is told where it is this stack. False with the reason where the stack
 * has not what is wanted. */
bool recipe_resolve(struct endpoint *out, char why[TEXT_LEN], const struct recipe *recipe,
                    enum role role, const struct capabilities *stack);

#endif
