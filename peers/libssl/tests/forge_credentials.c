/* The forge as a program: a stack's self test cannot link it, since the forge brings a libcrypto
 * of its own. */
#include "harness/pki/forge.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    struct forge forge;
    struct error err;
    char cache[PATH_LEN];
    if (argc != 2)
        return 2;
    forge_default_key_cache(cache);
    if (forge_make(&forge, argv[1], cache, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}
