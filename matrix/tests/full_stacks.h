/* For tests: stacks that can do everything the registries know, and what every peer would report of
 * a case that went as expected. */
#ifndef TLSMATRIX_MATRIX_TESTS_FULL_STACKS_H
#define TLSMATRIX_MATRIX_TESTS_FULL_STACKS_H

#include "matrix/judge.h"

#include <stdio.h>
#include <string.h>

static inline void full_stack(struct capabilities *out, const char *name, const char *release)
{
    *out = (struct capabilities){ 0 };
    snprintf(out->stack, sizeof out->stack, "%s", name);
    snprintf(out->api, sizeof out->api, "%s", name);
    snprintf(out->release, sizeof out->release, "%s", release);
    for (size_t i = 0; i < num_suites; i++)
        out->suites[out->num_suites++] = suites[i].id;
    for (uint16_t v = TLS10; v <= TLS13; v++) {
        size_t row = v - TLS10;
        out->versions[row] = true;
        for (size_t i = 0; i < num_groups; i++)
            if (v >= groups[i].min_version && v <= groups[i].max_version)
                out->groups[row][out->num_groups[row]++] = groups[i].id;
        for (int i = 0; i < NUM_CREDENTIALS; i++)
            out->credentials[row][i] = true;
    }
    for (int i = 0; i < NUM_FEATURES; i++)
        out->features[i] = true;
}

static inline void full_stacks(struct stack_set *out)
{
    *out = (struct stack_set){ .num_stacks = 3 };
    full_stack(&out->stacks[0], "openssl", "3.0.22");
    full_stack(&out->stacks[1], "boringssl", "13.0.0");
    full_stack(&out->stacks[2], "gnutls", "3.7.9");
}

/* The part that the certificates play: role i presents a leaf whose hash is all (i + 1). */
static inline void perfect_certificates(struct evidence *out, const struct matrix_case *c)
{
    bool seen[2] = { case_server_has_certificate(c), case_client_sends_certificate(c) };
    for (int i = 0; i < 2; i++) {
        memset(out->leaf_sha256[i], i + 1, SHA256_LEN);
        out->facts[i].peer_leaf_known = seen[i];
        if (seen[i])
            memset(out->facts[i].peer_leaf_sha256, 2 - i, SHA256_LEN);
    }
    memset(out->tofu_before, c->pinning == PINNING_TOFU_KNOWN ? 2 : 9, SHA256_LEN);
    memset(out->tofu_sha256, c->pinning == PINNING_TOFU_CHANGED ? 9 : 2, SHA256_LEN);
    bool imposter = case_fault(c) == FAULT_IDENTITY && case_identity_role(c) == ROLE_SERVER;
    out->tofu_stored = c->pinning >= PINNING_TOFU_FIRST && !imposter;
}

static inline void perfect_handshake(struct facts *out, const struct expectation *e)
{
    const struct suite *suite = suite_by_id(e->suites[0]);
    out->handshake_done = true;
    out->version = e->version;
    out->suite = e->suites[0];
    out->group = suite_uses_group(suite) && e->num_groups > 0 ? e->groups[0] : 0;
    out->signature_scheme = e->num_signature_schemes > 0 ? e->signature_schemes[0] : 0;
    out->verify_known = true;
}

static inline void perfect_acceptance(struct facts *out, const struct expectation *e,
                                      enum role role)
{
    out->result = RESULT_ACCEPTED;
    out->stage = STAGE_DONE;
    out->bytes_in = e->may_write[1 - role];
    out->bytes_out = e->may_write[role];
    out->close = CLOSE_CLEAN;
    out->exporter_known = e->exporter_declared[role];
    memset(out->exporter, 7, EXPORTER_LEN);
}

/* The first end that may refuse does, with the first alert that it may send. */
static inline void perfect_refusal(struct evidence *out, const struct expectation *e)
{
    int refuser = e->refusal[ROLE_SERVER].may_refuse ? ROLE_SERVER : ROLE_CLIENT;
    for (int i = 0; i < 2; i++) {
        out->facts[i].result = RESULT_REFUSED;
        out->facts[i].stage = e->refusal[i].stage;
        out->facts[i].handshake_done = e->handshake_may_finish[i];
        out->facts[i].bytes_out = e->may_write[i];
    }
    out->facts[refuser].verify_problem = e->verify_problem;
    if (e->refusal[refuser].num_alerts == 0)
        return;
    out->facts[refuser].alert_sent = e->refusal[refuser].alerts[0];
    out->facts[1 - refuser].alert_received = e->refusal[refuser].alerts[0];
    out->facts[1 - refuser].close = CLOSE_ALERT;
}

/* A raw end that saw what its hello is to be answered with, and a stack that says the same. */
static inline void perfect_hello(struct evidence *out, const struct raw_hello *hello)
{
    const struct hello_expectation *e = &hello->expect;
    unsigned last = (unsigned)hello->num_sends - 1;
    enum role raw = hello->to == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    out->raw = (struct raw_facts){ .num_sent = last + 1, .alert = -1, .close = CLOSE_TRUNCATED };
    for (int answer = 0; answer < NUM_ANSWERS; answer++) {
        if ((e->answers & ANSWER_BIT(answer)) != 0)
            out->raw.answers[last] = (enum answer)answer;
        if (last > 0 && (e->first & ANSWER_BIT(answer)) != 0)
            out->raw.answers[0] = (enum answer)answer;
    }
    if (out->raw.answers[last] == ANSWER_ALERT)
        out->raw.alert = out->facts[hello->to].alert_sent = e->alerts[0];
    out->raw.version = e->version;
    out->raw.suite = e->suites[0];
    out->raw.group = e->group;
    memcpy(out->raw.random_end, e->downgrade == TLS12 ? "DOWNGRD\1" : "DOWNGRD",
           sizeof out->raw.random_end);
    out->facts[hello->to].result = RESULT_REFUSED;
    out->facts[hello->to].stage = STAGE_HANDSHAKE;
    player_tell(&out->facts[raw], &out->raw);
}

/* Facts with which the judge has nothing to find fault. */
static inline void perfect_evidence(struct evidence *out, const struct matrix_case *c,
                                    const struct expectation *e)
{
    *out = (struct evidence){ 0 };
    facts_init(&out->facts[ROLE_CLIENT]);
    facts_init(&out->facts[ROLE_SERVER]);
    if (e->hello != NULL) {
        perfect_hello(out, e->hello);
        return;
    }
    perfect_certificates(out, c);
    for (int i = 0; i < 2; i++) {
        if (e->version != 0)
            perfect_handshake(&out->facts[i], e);
        if (e->accepted)
            perfect_acceptance(&out->facts[i], e, (enum role)i);
    }
    if (!e->accepted)
        perfect_refusal(out, e);
    out->relay.changed = e->attack != NULL;
    for (int i = 0; i < 2; i++)
        if (e->attack != NULL && e->attack->ends[i].truncated) {
            out->facts[i].close = CLOSE_TRUNCATED;
            out->facts[i].stage = STAGE_CLOSE;
        }
}

#endif
