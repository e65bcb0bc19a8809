#include "harness/wire/registry.h"

#include "harness/names.h"

static const char *const names[NUM_TLS_VERSIONS] = { "tls1.0", "tls1.1", "tls1.2", "tls1.3" };

const char *version_name(uint16_t version)
{
    if (version < TLS10 || version > TLS13)
        return NULL;
    return names[version - TLS10];
}

uint16_t version_by_name(const char *name)
{
    int i = name_find(names, NUM_TLS_VERSIONS, name);
    return i < 0 ? 0 : (uint16_t)(TLS10 + i);
}
