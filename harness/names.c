#include "harness/names.h"

#include <string.h>

int name_find(const char *const names[], int num_names, const char *name)
{
    for (int i = 0; i < num_names; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}
