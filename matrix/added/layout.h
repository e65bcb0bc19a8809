/* A prefix: where in it headers and libraries of a TLS library are, and a loader of its own. */
#ifndef TLSMATRIX_MATRIX_ADDED_LAYOUT_H
#define TLSMATRIX_MATRIX_ADDED_LAYOUT_H

#include "harness/error.h"
#include "harness/limits.h"

#include <stdbool.h>
#include <stddef.h>

enum { LAYOUT_LIBRARIES_MAX = 2, LAYOUT_DIRECTORIES_MAX = 16, API_FOLDERS_MAX = 3 };

/* What a stack's API is made of. */
struct api {
    const char *name;                     /* the folder in peers/ */
    const char *title;                    /* "OpenSSL" */
    const char *header;                   /* below an include folder */
    const char *mark;                     /* a header that only this API has, or NULL */
    const char *folders[API_FOLDERS_MAX]; /* sources, beside those of every peer */
    const char *libraries[LAYOUT_LIBRARIES_MAX + 1];
    const char *subfolder;      /* Debian's place for it, beside the usual ones */
    const char *with_static[3]; /* what static libraries want besides, or NULL */
};
extern const struct api apis[];
extern const size_t num_apis;

struct layout {
    const struct api *api;
    char prefix[PATH_LEN]; /* without symbolic links */
    char includes[2][PATH_LEN];
    size_t num_includes;
    char libraries[LAYOUT_LIBRARIES_MAX][PATH_LEN]; /* files to link */
    bool is_shared[LAYOUT_LIBRARIES_MAX];
    char directories[LAYOUT_DIRECTORIES_MAX][PATH_LEN]; /* where the loader is to look */
    size_t num_directories;
    char loader[PATH_LEN]; /* of a prefix that is a whole system's root; else "" */
};

/* Error: a clear line, with the nearest word. */
const struct api *api_by_name(const char *name, struct error *err);

/* Looks through the prefix. ERROR_USAGE says what it lacks. */
int layout_find(struct layout *out, const struct api *api, const char *prefix, struct error *err);

/* A library for every peer (lib`name`.a): the prefix's own if it is a root, else the machine's. */
int layout_static_library(char out[PATH_LEN], const struct layout *layout, const char *name,
                          struct error *err);

#endif
