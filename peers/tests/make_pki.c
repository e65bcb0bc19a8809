/* make_pki DIR KEYS: the forge's credentials, for the tests in Python. */
#include "harness/pki/forge.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    struct error err = { 0 };
    struct forge *forge = malloc(sizeof *forge);
    if (argc != 3 || forge == NULL)
        return ERROR_USAGE;
    int status = forge_make(forge, argv[1], argv[2], &err);
    if (status != 0)
        fprintf(stderr, "%s\n", err.text);
    free(forge);
    return status == 0 ? 0 : ERROR_HARNESS;
}
