/* make_pki DIR KEYS [IMPOSTERS KIND]: the forge's credentials, and the imposters of one kind, for
 * the tests in Python. */
#include "harness/pki/identities.h"

#include <stdio.h>
#include <stdlib.h>

/* Both are too large for the stack. */
struct everything {
    struct forge forge;
    struct imposters imposters;
};

static int make(struct everything *all, int argc, char **argv, struct error *err)
{
    if (forge_make(&all->forge, argv[1], argv[2], err) != 0)
        return -1;
    if (argc == 3)
        return 0;
    int kind = credential_by_name(argv[4]);
    if (kind < 0)
        return error_set(err, ERROR_USAGE, "%s: no kind of credential", argv[4]);
    return forge_imposters(&all->imposters, argv[3], &all->forge, (enum credential)kind, err);
}

int main(int argc, char **argv)
{
    struct error err = { 0 };
    struct everything *all = malloc(sizeof *all);
    if ((argc != 3 && argc != 5) || all == NULL)
        return ERROR_USAGE;
    int status = make(all, argc, argv, &err);
    if (status != 0)
        fprintf(stderr, "%s\n", err.text);
    free(all);
    return status == 0 ? 0 : ERROR_HARNESS;
}
