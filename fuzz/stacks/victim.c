#include "fuzz/stacks/victim.h"

#include "fuzz/stacks/pipes.h"
#include "harness/pki/forge.h"

#include <string.h>

int victim_open(struct fuzz_stack *out, const char *name, struct error *err)
{
    *out = (struct fuzz_stack){ .name = tls_stack->name, .stack = tls_stack };
    if (strcmp(name, tls_stack->name) == 0)
        return tls_stack->capabilities(&out->capabilities, err);
    if (fuzz_stack_load(out, name, err) != 0)
        return -1;
    out->control->set_transport(&pipes_transport);
    return 0;
}

void victim_reset(const struct fuzz_stack *victim)
{
    if (victim->control != NULL)
        victim->control->reset(1, FORGE_TIME);
}
