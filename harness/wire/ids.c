/* Lists of the numbers that IANA gives. */
#include "harness/wire/registry.h"

bool id_listed(const uint16_t ids[], size_t num_ids, uint16_t id)
{
    for (size_t i = 0; i < num_ids; i++)
        if (ids[i] == id)
            return true;
    return false;
}
