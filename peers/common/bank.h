/* A customer's record on its way from bank to client: a Python object, pickled with protocol 4.
 * Unpickling in general is running the sender's program; this reads exactly one class with exactly
 * its fields, in the opcodes that Python writes for it, and refuses everything else. No TLS here.
 */
#ifndef TLSMATRIX_PEERS_COMMON_BANK_H
#define TLSMATRIX_PEERS_COMMON_BANK_H

#include "harness/error.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    BANK_TEXT_MAX = 255,    /* bytes; what one length byte can say (SHORT_BINUNICODE) */
    BANK_RECORD_MAX = 2048, /* six texts of that length, their names, and the frame around them */
    BANK_CUSTOMER = 100124796, /* the number that is asked for where nobody says otherwise */
};

struct bank_customer {
    int32_t id;
    char name[BANK_TEXT_MAX + 1];
    char email[BANK_TEXT_MAX + 1];
    int32_t account;
    int32_t sort_code;
    char street[BANK_TEXT_MAX + 1];
    char district[BANK_TEXT_MAX + 1];
    char town[BANK_TEXT_MAX + 1];
    char postcode[BANK_TEXT_MAX + 1];
};

/* The one customer of this bank, under another name if `name` is not NULL. */
void bank_customer_init(struct bank_customer *out, int32_t id, const char *name);

/* Returns the length. */
size_t bank_encode(uint8_t out[BANK_RECORD_MAX], const struct bank_customer *customer);

/* ERROR_USAGE says at which byte what was found instead of what. */
int bank_decode(struct bank_customer *out, const uint8_t *bytes, size_t len, struct error *err);

/* How many bytes a record that begins so has in all, as its frame says; 0 while `len` is too small
 * to tell, SIZE_MAX if it is no record or one beyond BANK_RECORD_MAX. */
size_t bank_record_len(const uint8_t *bytes, size_t len);

/* For people: name, account, sort code in pairs of digits, address. Control characters come out as
 * '?'. */
void bank_print(char *out, size_t out_len, const struct bank_customer *customer);

#endif
