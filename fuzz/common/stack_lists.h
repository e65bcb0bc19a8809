/* The stacks as their checked-in lists have them, for parsers that check words against them. */
#ifndef TLSMATRIX_FUZZ_COMMON_STACK_LISTS_H
#define TLSMATRIX_FUZZ_COMMON_STACK_LISTS_H

#include "matrix/case.h"

/* OpenSSL, BoringSSL, GnuTLS; read once. */
const struct stack_set *stack_lists(void);

#endif
