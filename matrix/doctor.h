/* `tlsmatrix doctor`: is everything here that a run needs? Each check looks at one thing as a run
 * would use it, and names the command that mends what is missing. */
#ifndef TLSMATRIX_MATRIX_DOCTOR_H
#define TLSMATRIX_MATRIX_DOCTOR_H

#include "harness/limits.h"

#include <stdbool.h>
#include <stddef.h>

/* What does not work without it. */
enum need {
    NEED_RUN,       /* any run */
    NEED_RECORDING, /* seeing the wire: without it only the ends' own words are judged */
    NEED_OTHER,     /* something beside runs, which `purpose` says */
};

enum { FINDINGS_MAX = 64, MEND_LEN = 512 };

struct finding {
    char name[NAME_MAX_LEN];
    enum need need;
    const char *purpose; /* static */
    bool there;
    char found[TEXT_LEN]; /* what is there; or what is wrong */
    char mend[MEND_LEN];  /* the command; "" if it is there */
};

struct findings {
    struct finding rows[FINDINGS_MAX];
    size_t num;
};

/* The checks; each adds a row or several. doctor_machine.c: the kernel, the disk, programs. */
void look_at_stacks(struct findings *out);
void look_at_data(struct findings *out);
void look_at_network(struct findings *out);
void look_at_disk(struct findings *out);
void look_at_programs(struct findings *out);

/* A new row that is there; NULL if there are too many. */
struct finding *finding_add(struct findings *out, const char *name, enum need need,
                            const char *purpose);
/* It is not, and this mends it. */
void finding_missing(struct finding *finding, const char *mend_format, ...)
    __attribute__((format(printf, 2, 3)));
/* "apt-get install NAME", with sudo where that is what a person here would type. */
void finding_wants_package(struct finding *finding, const char *package);
/* The first of the programs (blanks between the names) that is in PATH. */
bool program_find(char out[PATH_LEN], const char *names);

#endif
