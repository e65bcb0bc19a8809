/* Stacks that never were, for tests of cases and plans: one that declares everything in the
 * registry, and one that declares little. */
#ifndef TLSMATRIX_MATRIX_TESTS_FIXTURE_H
#define TLSMATRIX_MATRIX_TESTS_FIXTURE_H

#include "matrix/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything that the registries hold. */
static inline void fixture_rich(struct capabilities *stack, const char *name)
{
    memset(stack, 0, sizeof *stack);
    snprintf(stack->stack, sizeof stack->stack, "%s", name);
    for (size_t i = 0; i < num_suites; i++)
        stack->suites[stack->num_suites++] = suites[i].id;
    for (size_t v = 0; v < NUM_TLS_VERSIONS; v++) {
        stack->versions[v] = true;
        for (size_t i = 0; i < num_groups; i++)
            stack->groups[v][stack->num_groups[v]++] = groups[i].id;
        for (int i = 0; i < NUM_CREDENTIALS; i++)
            stack->credentials[v][i] = true;
    }
    for (int i = 0; i < NUM_FEATURES; i++)
        stack->features[i] = true;
}

static inline void fixture_add_suite(struct capabilities *stack, const char *slug)
{
    const struct suite *suite = suite_by_slug(slug);
    if (suite == NULL)
        abort(); /* the fixture names what the registry does not know */
    stack->suites[stack->num_suites++] = suite->id;
}

/* TLS 1.2 and 1.3, a dozen suites, three groups, RSA and P-256; no PSK before TLS 1.3. */
static inline void fixture_small(struct capabilities *stack, const char *name)
{
    static const char *const slugs[] = {
        "aes128gcm",           "aes256gcm",           "chacha20poly1305",
        "ecdhe-rsa-aes128gcm", "ecdhe-rsa-aes256gcm", "ecdhe-ecdsa-aes128gcm",
        "rsa-aes128gcm",       "rsa-aes128cbc-sha",   "ecdhe-rsa-aes128cbc-sha",
    };
    static const uint16_t ids[] = { 0x001D, 0x0017, 0x0018 };
    memset(stack, 0, sizeof *stack);
    snprintf(stack->stack, sizeof stack->stack, "%s", name);
    for (size_t i = 0; i < sizeof slugs / sizeof slugs[0]; i++)
        fixture_add_suite(stack, slugs[i]);
    for (size_t v = TLS12 - TLS10; v < NUM_TLS_VERSIONS; v++) {
        stack->versions[v] = true;
        stack->num_groups[v] = sizeof ids / sizeof ids[0];
        memcpy(stack->groups[v], ids, sizeof ids);
        stack->credentials[v][CREDENTIAL_RSA2048] = true;
        stack->credentials[v][CREDENTIAL_ECDSA_P256] = true;
    }
    stack->features[FEATURE_CLIENT_AUTH] = true;
    stack->features[FEATURE_PSK_TLS13] = true;
}

/* "rich" and "small". */
static inline struct stack_set *fixture_stacks(void)
{
    static struct stack_set stacks;
    if (stacks.num_stacks == 0) {
        fixture_rich(&stacks.stacks[0], "rich");
        fixture_small(&stacks.stacks[1], "small");
        stacks.num_stacks = 2;
    }
    return &stacks;
}

#endif
