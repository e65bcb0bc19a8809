/* From what a recorded end was to what a stack is told: the suites and groups of it that the stack
 * has, or, where the end lacked what was offered, any others. */
#include "matrix/reproduce/play.h"

#include <stdio.h>
#include <string.h>

static bool holds(const struct ids *ids, uint16_t id)
{
    for (size_t i = 0; i < ids->num; i++)
        if (ids->of[i] == id)
            return true;
    return false;
}

static bool refuse(char why[TEXT_LEN], const struct capabilities *stack, const char *what)
{
    snprintf(why, TEXT_LEN, "%s %s", stack->stack, what);
    return false;
}

static bool overlaps(const struct suite *suite, const struct endpoint *endpoint)
{
    return suite->min_version <= endpoint->max_version &&
           suite->max_version >= endpoint->min_version;
}

/* ---- the versions that it has ---- */

static bool clip_versions(struct endpoint *e, char why[TEXT_LEN], const struct capabilities *stack)
{
    while (e->min_version <= e->max_version && !stack->versions[e->min_version - TLS10])
        e->min_version++;
    while (e->max_version >= e->min_version && !stack->versions[e->max_version - TLS10])
        e->max_version--;
    return e->min_version <= e->max_version || refuse(why, stack, "has none of the versions");
}

/* ---- lists that are wanted ---- */

static bool keep_suites(struct endpoint *e, char why[TEXT_LEN], const struct capabilities *stack)
{
    size_t num = 0, wanted = e->num_suites;
    for (size_t i = 0; i < wanted; i++)
        if (capabilities_have_suite(stack, e->suites[i]) && overlaps(suite_by_id(e->suites[i]), e))
            e->suites[num++] = e->suites[i];
    e->num_suites = num;
    return wanted == 0 || num > 0 || refuse(why, stack, "has none of the recorded suites");
}

static bool has_group(const struct capabilities *stack, const struct endpoint *e, uint16_t group)
{
    for (uint16_t version = e->min_version; version <= e->max_version; version++)
        if (capabilities_have_group(stack, version, group))
            return true;
    return false;
}

static bool keep_groups(struct endpoint *e, char why[TEXT_LEN], const struct capabilities *stack)
{
    size_t num = 0, wanted = e->num_groups;
    for (size_t i = 0; i < wanted; i++)
        if (has_group(stack, e, e->groups[i]))
            e->groups[num++] = e->groups[i];
    e->num_groups = num;
    return wanted == 0 || num > 0 || refuse(why, stack, "has none of the recorded groups");
}

/* ---- lists of anything but what was offered ---- */

/* What is worth choosing: authenticated by the server's certificate, with a cipher of today or of
 * yesterday. */
static bool is_usual(const struct suite *suite)
{
    bool auth = suite->auth == AUTH_TLS13 || suite->auth == AUTH_RSA || suite->auth == AUTH_ECDSA;
    bool kx = suite->kx == KX_TLS13 || suite->kx == KX_RSA || suite->kx == KX_DHE ||
              suite->kx == KX_ECDHE;
    bool cipher = suite->cipher == CIPHER_AEAD || suite->cipher == CIPHER_CBC;
    return auth && kx && cipher;
}

/* Some stacks take every suite of TLS 1.3 that they have, whatever they are told. */
static bool cannot_choose(const struct ids *avoided, const struct capabilities *stack)
{
    if (stack->features[FEATURE_TLS13_SUITE_CHOICE])
        return false;
    for (size_t i = 0; i < avoided->num; i++) {
        const struct suite *suite = suite_by_id(avoided->of[i]);
        if (suite != NULL && suite->kx == KX_TLS13 &&
            capabilities_have_suite(stack, avoided->of[i]))
            return true;
    }
    return false;
}

static bool has_tls13_suite(const struct endpoint *e)
{
    for (size_t i = 0; i < e->num_suites; i++)
        if (suite_by_id(e->suites[i])->kx == KX_TLS13)
            return true;
    return false;
}

static bool other_suites(struct endpoint *e, char why[TEXT_LEN], const struct ids *avoided,
                         const struct capabilities *stack)
{
    bool no_choice = cannot_choose(avoided, stack);
    e->num_suites = 0;
    for (size_t i = 0; i < num_suites && e->num_suites < CONFIG_SUITES_MAX; i++)
        if (capabilities_have_suite(stack, suites[i].id) && overlaps(&suites[i], e) &&
            is_usual(&suites[i]) && !holds(avoided, suites[i].id) &&
            !(no_choice && suites[i].kx == KX_TLS13))
            e->suites[e->num_suites++] = suites[i].id;
    if (e->max_version == TLS13 && !has_tls13_suite(e))
        e->max_version = TLS12;
    if (e->min_version > e->max_version)
        return refuse(why, stack, "takes every suite of TLS 1.3, whatever it is told");
    return e->num_suites > 0 || refuse(why, stack, "has no other suite");
}

/* Without a group there must be no way: no suite that does without (RFC 8422 section 4). */
static bool other_groups(struct endpoint *e, char why[TEXT_LEN], const struct ids *avoided,
                         const struct capabilities *stack)
{
    static const uint16_t usual[] = { 0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x0100, 0x0101 };
    e->num_groups = e->num_suites = 0;
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (has_group(stack, e, usual[i]) && !holds(avoided, usual[i]))
            e->groups[e->num_groups++] = usual[i];
    for (size_t i = 0; i < num_suites && e->num_suites < CONFIG_SUITES_MAX; i++)
        if (capabilities_have_suite(stack, suites[i].id) && overlaps(&suites[i], e) &&
            is_usual(&suites[i]) && (suites[i].kx == KX_TLS13 || suites[i].kx == KX_ECDHE))
            e->suites[e->num_suites++] = suites[i].id;
    return (e->num_groups > 0 && e->num_suites > 0) || refuse(why, stack, "has no other group");
}

bool recipe_resolve(struct endpoint *out, char why[TEXT_LEN], const struct recipe *recipe,
                    enum role role, const struct capabilities *stack)
{
    bool judged = role == recipe->judged;
    *out = recipe->ends[role];
    if (!clip_versions(out, why, stack))
        return false;
    if (out->wrong_key && !stack->features[FEATURE_WRONG_KEY])
        return refuse(why, stack, "cannot sign with a key that is not the certificate's");
    if (out->crl_file[0] != '\0' && !stack->features[FEATURE_CRL])
        return refuse(why, stack, "judges by no CRL");
    if (out->late_verify && !stack->features[FEATURE_LATE_VERIFY])
        return refuse(why, stack, "judges no certificate behind the handshake");
    if (out->served_name[0] != '\0' && !stack->features[FEATURE_SERVED_NAME])
        return refuse(why, stack, "cannot be told which name it serves");
    if (recipe->partner == PARTNER_HELLO && out->protocols[0] != '\0' &&
        !stack->features[FEATURE_ALPN])
        return refuse(why, stack, "cannot be told which application protocols it speaks");
    if (!stack->features[FEATURE_ALPN])
        out->protocols[0] = '\0';
    if (judged && recipe->avoided[0].num > 0)
        return other_suites(out, why, &recipe->avoided[0], stack);
    if (judged && recipe->avoided[1].num > 0)
        return other_groups(out, why, &recipe->avoided[1], stack);
    return keep_suites(out, why, stack) && keep_groups(out, why, stack);
}
