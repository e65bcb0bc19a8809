/* One error idiom for the whole tree.
 *
 * A function that can fail takes a `struct error *` as its last parameter, returns 0 on success
 * and -1 on failure, and writes its out-parameters only on success. On failure the error holds
 * one line of text, without a newline, that a user can act on ("FILE:LINE: what is wrong").
 * Passing NULL is allowed where the caller does not care for the text.
 *
 * Errors are for what the world does wrong; our own bugs are asserts. */
#ifndef TLSMATRIX_HARNESS_ERROR_H
#define TLSMATRIX_HARNESS_ERROR_H

/* Whose fault it is; becomes the exit code of every program of the project. */
enum error_class {
    ERROR_NONE = 0,
    ERROR_USAGE = 2,   /* the user's command line, configuration or input file */
    ERROR_HARNESS = 3, /* the harness itself or the machine: no disk, no process, broken peer */
};

#define ERROR_TEXT_MAX 1024 /* a line; longer texts are cut */

struct error {
    enum error_class class;
    char text[ERROR_TEXT_MAX];
};

/* Fills *err (which may be NULL) and returns -1, so that `return error_set(…)` is a whole exit. */
int error_set(struct error *err, enum error_class class, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set(err, ERROR_HARNESS, …) with ": " and the text of errno appended. */
int error_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the text that is already in *err. Returns -1. */
int error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
