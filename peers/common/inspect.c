/* By hand: what the stack can do, what a selection string means to it, what is in a file. */
#include "peers/common/byhand.h"

#include "peers/common/exchange.h"

#include <string.h>

static int print_json(const struct capabilities *caps, struct error *err)
{
    json_t *object = capabilities_to_json(caps);
    int status = object != NULL ? json_dumpf(object, stdout, JSON_INDENT(1)) : -1;
    json_decref(object);
    putchar('\n');
    return status == 0 ? 0 : error_set(err, ERROR_HARNESS, "cannot write the list");
}

static void print_credentials(const bool row[NUM_CREDENTIALS])
{
    for (int i = 0; i < NUM_CREDENTIALS; i++)
        if (row[i])
            printf(" %s", credential_name((enum credential)i));
}

static void print_version(const struct capabilities *caps, size_t v)
{
    static const bool none[NUM_CREDENTIALS];
    uint16_t version = (uint16_t)(TLS10 + v);
    printf("%s\n  groups:", version_name(version));
    for (size_t i = 0; i < caps->num_groups[v]; i++) {
        const struct group *group = group_by_id(caps->groups[v][i]);
        printf(" %s", group != NULL ? group->name : "?");
    }
    printf("\n  credentials:");
    print_credentials(caps->credentials[v]);
    if (memcmp(caps->client_credentials[v], none, sizeof none) != 0) {
        printf("\n  of a client:");
        print_credentials(caps->client_credentials[v]);
    }
    printf("\n  suites:\n");
    for (size_t i = 0; i < caps->num_suites; i++) {
        const struct suite *suite = suite_by_id(caps->suites[i]);
        if (suite != NULL && suite_allows_version(suite, version))
            printf("    0x%04X %s (%s)\n", suite->id, suite->name, suite->slug);
    }
}

static void print_text(const struct capabilities *caps)
{
    printf("%s: %s\n", caps->stack, caps->library);
    for (size_t v = 0; v < NUM_TLS_VERSIONS; v++)
        if (caps->versions[v])
            print_version(caps, v);
    printf("signature schemes:");
    for (size_t i = 0; i < caps->num_signature_schemes; i++) {
        const struct signature_scheme *s = signature_scheme_by_id(caps->signature_schemes[i]);
        printf(" %s", s != NULL ? s->name : "?");
    }
    printf("\nfeatures:");
    for (int i = 0; i < NUM_FEATURES; i++)
        if (caps->features[i])
            printf(" %s", feature_name((enum feature)i));
    putchar('\n');
}

int byhand_features(const struct parsed_options *options, struct error *err)
{
    struct capabilities caps = { 0 };
    if (peer_capabilities(tls_stack, &caps, err) != 0)
        return -1;
    if (option_given(options, "json"))
        return print_json(&caps, err);
    print_text(&caps);
    return 0;
}

static int one_operand(const char **out, const struct parsed_options *options, const char *what,
                       struct error *err)
{
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "one %s is needed", what);
    *out = options->operands[0];
    return 0;
}

int byhand_ciphers(const struct parsed_options *options, struct error *err)
{
    const char *selection = NULL;
    if (one_operand(&selection, options, "selection string", err) != 0)
        return -1;
    return tls_stack->print_ciphers(stdout, selection, err);
}

int byhand_describe(const struct parsed_options *options, struct error *err)
{
    const char *path = NULL;
    if (one_operand(&path, options, "file", err) != 0)
        return -1;
    if (byhand_readable(path, err) != 0)
        return -1;
    return tls_stack->describe_file(stdout, path, err);
}
