/* The {words} of the causes' sentences, and how lists of a hello are said in short. */
#ifndef TLSMATRIX_CAPTURES_EXPLAIN_WORDS_H
#define TLSMATRIX_CAPTURES_EXPLAIN_WORDS_H

#include "captures/story.h"

/* Who gave up, for {by} and {other}. */
void words_fill(char *out, size_t out_len, const char *template, const struct story *story,
                enum role by);

enum id_kind { ID_VERSION, ID_SUITE, ID_GROUP, ID_SCHEME };
enum { WORDS_LIST_MAX = 512 };
/* "TLS 1.2 and 1.3"; "x25519, secp256r1 and 5 more"; "none". Returns `out`. */
char *words_list(char out[WORDS_LIST_MAX], const struct id_list *list, enum id_kind kind,
                 size_t shown);
/* One of them; a number where it has no name. Returns `out`. */
char *words_id(char out[NAME_MAX_LEN], uint16_t id, enum id_kind kind);
/* "2026-11-21 19:14:42 UTC". Returns `out`. */
char *words_time(char out[32], int64_t seconds);

#endif
