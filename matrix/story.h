/* A scenario that people can run by name (`tlsmatrix scenario NAME`): a file of matrix/stories/,
 * which tells in steps what is done, what must come of it and why. Read here, and nothing else. */
#ifndef TLSMATRIX_MATRIX_STORY_H
#define TLSMATRIX_MATRIX_STORY_H

#include "harness/yaml/yaml.h"
#include "matrix/case.h"

#include <jansson.h>

enum {
    STORY_STEPS_MAX = 32,  /* more than anybody reads */
    STORY_CASES_MAX = 8,   /* of one step */
    STORY_WORDS_MAX = 40,  /* of one command */
    STORY_FILES_MAX = 4,   /* that a step writes, or looks at afterwards */
    STORIES_MAX = 256,     /* files in the folder */
    STORY_CLIENTS_MAX = 4, /* at once in one step */
};

enum story_kind {
    STORY_CASE,    /* cases of the matrix, for every pair of stacks: the matrix's own verdict */
    STORY_HAND,    /* the peers' programs as a person would type them, for every pair */
    STORY_RUN,     /* a program, once */
    STORY_COMPARE, /* the capability lists of every pair */
};

struct story_words {
    const char *words[STORY_WORDS_MAX];
    size_t num;
};

struct story_file {
    const char *name; /* below the step's scratch folder */
    const char *text; /* to write; or of what must be there afterwards: "absent", "unchanged", or
                         its length in bytes */
};

struct story_step {
    enum story_kind kind;
    const struct yaml_item *item;       /* where it stands, and its hand-written expectation */
    const char *deed;                   /* what is done, one sentence */
    const char *why;                    /* why it must come out so, with the RFC's section */
    const char *cases[STORY_CASES_MAX]; /* STORY_CASE: ids without the pair of stacks */
    size_t num_cases;
    bool accepted;               /* STORY_CASE: must both ends accept? */
    struct story_words server;   /* STORY_HAND; none: no server is there */
    struct story_words client;   /* STORY_HAND; or STORY_RUN: the program and its words */
    bool alone;                  /* STORY_HAND: `client` is all that the program is told */
    int64_t exit;                /* of client or program */
    int64_t at_once;             /* clients started together */
    struct story_words says;     /* texts that its output must hold */
    struct story_words not_says; /* and must not */
    struct story_words server_says;
    struct story_file files[STORY_FILES_MAX]; /* written before */
    size_t num_files;
    struct story_file after[STORY_FILES_MAX];
    size_t num_after;
};

struct story {
    struct yaml_file *file;
    char name[NAME_MAX_LEN];
    const char *title; /* one line */
    const char *text;  /* a paragraph */
    struct story_step steps[STORY_STEPS_MAX];
    size_t num_steps;
};

/* Where the stories are, set once; the default is matrix/stories of the data (stacks.h). */
void story_directory(char out[PATH_LEN]);

/* ERROR_USAGE: no such story (with the nearest name), or something wrong in its file. */
int story_load(struct story *out, const char *name, struct error *err);
void story_fini(struct story *story);

/* The names of all, in order; each to be freed, and the array. -1 on error. */
int story_names(char ***out, struct error *err);
void story_names_free(char **names, int num);

/* One line each: name and title. */
int story_list(bool json, struct error *err);

#endif
