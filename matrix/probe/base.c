/* The first connections to a server: what it negotiates, and whether each stack trusts its chain.
 */
#include "matrix/probe/survey.h"

#include <stdio.h>
#include <string.h>

static void stack_range(uint16_t range[2], const struct capabilities *caps)
{
    range[0] = range[1] = 0;
    for (int v = 0; v < NUM_TLS_VERSIONS; v++)
        if (caps->versions[v]) {
            range[0] = range[0] == 0 ? (uint16_t)(TLS10 + v) : range[0];
            range[1] = (uint16_t)(TLS10 + v);
        }
}

/* With ALPN where the stack has it; a server that refuses just that is asked without. */
static int try_stack(struct seen *out, struct probe *probe, size_t stack, bool verify,
                     struct error *err)
{
    const struct capabilities *caps = &probe->stacks->set.stacks[stack];
    uint16_t range[2];
    stack_range(range, caps);
    struct endpoint endpoint = probe_endpoint(probe, range[0], range[1]);
    if (caps->features[FEATURE_ALPN])
        snprintf(endpoint.protocols, sizeof endpoint.protocols, "%s", probe->target->protocols);
    if (verify) {
        endpoint.verify = VERIFY_REQUIRE;
        snprintf(endpoint.trust_file, sizeof endpoint.trust_file, "%s", probe->target->anchors);
    }
    int ret = probe_attempt(out, probe, stack, &endpoint, err);
    if (ret == 0 && out->outcome == ATTEMPT_REFUSED && endpoint.protocols[0] != '\0' &&
        strstr(out->why, "no_application_protocol") != NULL) {
        endpoint.protocols[0] = '\0';
        ret = probe_attempt(out, probe, stack, &endpoint, err);
    }
    return ret;
}

int survey_base(struct survey *survey, struct probe *probe, struct error *err)
{
    const struct stack_set *set = &probe->stacks->set;
    for (size_t stack = 0; stack < set->num_stacks; stack++) {
        struct seen seen;
        if (try_stack(&seen, probe, stack, false, err) < 0)
            return -1;
        if (stack == 0 || seen.outcome == ATTEMPT_ACCEPTED)
            survey->base = seen;
        if ((seen.outcome == ATTEMPT_ACCEPTED && seen.completed) ||
            seen.outcome == ATTEMPT_UNREACHABLE || seen.outcome == ATTEMPT_NOT_TLS)
            break;
    }
    if (survey->base.outcome != ATTEMPT_ACCEPTED || probe->target->anchors == NULL)
        return 0;
    for (size_t stack = 0; stack < set->num_stacks; stack++) {
        if (try_stack(&survey->verified[stack], probe, stack, true, err) < 0)
            return -1;
        survey->has_verified[stack] = true;
    }
    return 0;
}
