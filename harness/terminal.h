/* What a person at a terminal gets and a file or a pipe does not: colours, and lines that fit. */
#ifndef TLSMATRIX_HARNESS_TERMINAL_H
#define TLSMATRIX_HARNESS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TEXT_COLUMNS = 100 }; /* no line of our own prose is longer */

enum ink { INK_NONE, INK_TITLE, INK_GOOD, INK_BAD, INK_ODD, INK_FAINT, NUM_INKS };

/* Is it a terminal that shows colours, and does nobody object? TERM=dumb objects, and NO_COLOR set
 * to anything but an empty text (no-color.org). */
bool terminal_has_colours(FILE *stream);

/* The escape sequence that begins this ink on the stream, and that with which it ends; both ""
 * where there are no colours. */
const char *ink(FILE *stream, enum ink ink);
const char *ink_end(FILE *stream);

/* Characters that a UTF-8 text takes on the screen, as far as ours go: no wide ones, no marks. */
size_t text_columns(const char *text);

/* Writes `text` broken at blanks into lines of at most TEXT_COLUMNS. The cursor stands at column
 * `at` (from 0), further lines begin at column `indent`. A newline in the text ends a line and
 * begins the next at the indent; the last line is ended. */
void print_wrapped(FILE *out, size_t at, size_t indent, const char *text);

#endif
