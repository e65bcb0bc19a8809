/* How theories about certificates are made to happen. The recorded chain is presented again, made
 * anew with keys of ours; where nobody could see it (TLS 1.3 without keys) one with the fault that
 * the alert names stands for it. */
#include "matrix/reproduce/trust_recipes.h"

#include "harness/pki/reissue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t day = 86400, year = 365 * INT64_C(86400);

static enum role presenter(enum role judged)
{
    return judged == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
}

static bool has_ended(const struct recording *recording, enum role role)
{
    const struct certificate_view *view = &recording->story.certificate[role];
    return view->expired || view->not_yet_valid || view->chain_expired || view->chain_not_yet_valid;
}

/* ---- credentials ---- */

static void set_files(struct making *making, enum role role, char root[PATH_LEN])
{
    char prefix[PATH_LEN];
    struct endpoint *endpoint = &making->recipe->ends[role];
    credential_prefix(prefix, making, role);
    snprintf(endpoint->chain_file, PATH_LEN, "%s-chain.pem", prefix);
    snprintf(endpoint->key_file, PATH_LEN, "%s-key.pem", prefix);
    snprintf(root, PATH_LEN, "%s-root.pem", prefix);
}

static int reissue_seen(struct making *making, enum role role, char root[PATH_LEN],
                        struct error *err)
{
    char prefix[PATH_LEN];
    const struct writer *chain = &making->recording->chain[role];
    const struct reissue_order order = { .chain = chain->data,
                                         .chain_len = chain->len,
                                         .revoked = making->revoked,
                                         .revoked_now = making->recipe->ends[role].verify_time };
    credential_prefix(prefix, making, role);
    if (reissue_chain(&order, prefix, err) < 0)
        return error_prefix(err, "%s: the %s's certificates", making->order->capture,
                            role_name(role));
    set_files(making, role, root);
    return 0;
}

static void note_reissued(struct making *making, enum role role)
{
    leave_out(making->recipe,
              "the %s's private key: its certificates are made again with keys of ours, and say "
              "what they said",
              role_name(role));
}

/* One of our own for the name that the client asked for, at the capture's time. */
static int issue_unseen(struct making *making, enum role role, bool expired, const char *name,
                        char root[PATH_LEN], struct error *err)
{
    char prefix[PATH_LEN];
    uint8_t *chain;
    size_t chain_len;
    int64_t now = making->recipe->ends[role].verify_time;
    const struct forged *forged = &making->forge->kinds[CREDENTIAL_ECDSA_P256];
    if (forge_read_chain(&chain, &chain_len,
                         role == ROLE_SERVER ? forged->server_chain : forged->client_chain,
                         err) < 0)
        return -1;
    const struct reissue_order order = {
        .chain = chain,
        .chain_len = chain_len,
        .server_name = name,
        .set_period = true,
        .leaf_period = { now - year, expired ? now - day : now + year },
        .ca_period = { now - 2 * year, now + 2 * year },
        .revoked = making->revoked,
        .revoked_now = now,
    };
    credential_prefix(prefix, making, role);
    int ret = reissue_chain(&order, prefix, err);
    free(chain);
    if (ret == 0)
        set_files(making, role, root);
    return ret;
}

int present_sound(struct making *making, struct error *err)
{
    char root[PATH_LEN];
    if (seen(making->recording, ROLE_SERVER))
        return reissue_seen(making, ROLE_SERVER, root, err);
    return 0; /* the forge's, which nobody verifies */
}

/* ---- recipes ---- */

static void judge_by(struct making *making, const char *trust_file)
{
    struct endpoint *judged = &making->recipe->ends[making->recipe->judged];
    judged->verify = VERIFY_REQUIRE;
    snprintf(judged->trust_file, PATH_LEN, "%s", trust_file);
}

/* An anchor that has to do with nothing in the capture. */
static const char *foreign_root(const struct making *making)
{
    return making->forge->kinds[CREDENTIAL_RSA2048].trust_file;
}

static const char *wanted_name(const struct making *making)
{
    const char *name = making->recipe->ends[ROLE_CLIENT].peer_name;
    return making->recipe->judged == ROLE_CLIENT && name[0] != '\0' ? name : NULL;
}

/* The same judge, shown a chain of the same kind in which nothing is wrong: in force at the
 * capture's time, for the name that was asked for, and with an anchor that the judge knows. */
static int set_twin(struct making *making, const char *root, struct error *err)
{
    char prefix[PATH_LEN];
    struct recipe *recipe = making->recipe;
    enum role role = presenter(recipe->judged);
    const struct certificate_view *view = &making->recording->story.certificate[role];
    const struct writer *chain = &making->recording->chain[role];
    int64_t now = recipe->ends[role].verify_time;
    const struct reissue_order order = {
        .chain = chain->data,
        .chain_len = chain->len,
        .server_name = view->name_matches ? NULL : wanted_name(making),
        .set_period = true,
        .leaf_period = { now - year, now + year },
        .ca_period = { now - 2 * year, now + 2 * year },
    };
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    snprintf(recipe->twin[recipe->judged].trust_file, PATH_LEN, "%s", root);
    recipe->has_twin = !view->weak && !view->wrong_purpose;
    if (!recipe->has_twin || (view->name_matches && !has_ended(making->recording, role)))
        return 0;
    snprintf(prefix, sizeof prefix, "%s/%s-healthy", making->order->folder, recipe->name);
    if (reissue_chain(&order, prefix, err) < 0)
        return -1;
    struct endpoint *other = &recipe->twin[role];
    snprintf(other->chain_file, PATH_LEN, "%.*s-chain.pem", PATH_LEN - 16, prefix);
    snprintf(other->key_file, PATH_LEN, "%.*s-key.pem", PATH_LEN - 16, prefix);
    snprintf(recipe->twin[recipe->judged].trust_file, PATH_LEN, "%.*s-root.pem", PATH_LEN - 16,
             prefix);
    return 0;
}

/* Its clock is not in the capture: an alert that says "expired" of what is not tells of it. */
static void set_clock(struct making *making)
{
    struct recipe *recipe = making->recipe;
    const struct certificate_view *view =
        &making->recording->story.certificate[presenter(recipe->judged)];
    if (!said(making->recording, ALERT_CERTIFICATE_EXPIRED) || view->expired ||
        view->chain_expired || view->not_yet_valid || view->chain_not_yet_valid)
        return;
    recipe->ends[recipe->judged].verify_time = view->not_after + day;
    leave_out(recipe, "the %s's clock: one that stands behind the certificate's end is assumed",
              role_name(recipe->judged));
}

/* With the user's anchor the recorded chain itself can be shown; no key fits it, but a chain is
 * judged before its proof. */
static int use_ca(struct making *making, struct error *err)
{
    char prefix[PATH_LEN], path[PATH_LEN];
    struct recipe *recipe = making->recipe;
    enum role role = presenter(recipe->judged);
    const struct writer *chain = &making->recording->chain[role];
    const struct reissue_order order = { .chain = chain->data, .chain_len = chain->len };
    if (making->order->ca_file == NULL) {
        note_reissued(making, role);
        return 0;
    }
    if (realpath(making->order->ca_file, path) == NULL || strlen(path) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "--ca %s: there is no such file",
                         making->order->ca_file);
    credential_prefix(prefix, making, role);
    strncat(prefix, "-recorded", sizeof prefix - strlen(prefix) - 1);
    if (reissue_copy(&order, prefix, err) < 0)
        return -1;
    snprintf(recipe->ends[role].chain_file, PATH_LEN, "%s-chain.pem", prefix);
    recipe->ends[role].wrong_key = true;
    recipe->has_twin = false;
    judge_by(making, path);
    snprintf(
        recipe->theory, sizeof recipe->theory,
        "the %s trusts the given anchor, and is shown the recorded chain at the capture's time",
        role_name(recipe->judged));
    leave_out(recipe, "the %s's private key: the chain is the recorded one, and another key signs",
              role_name(role));
    return 0;
}

/* Before TLS 1.3 the list of groups also says which curves may be in the client's certificate (RFC
 * 8422 section 5.1); which the recorded server had beside the one that it chose, nobody knows. */
static void take_curves(struct recipe *recipe)
{
    static const uint16_t curves[] = { 0x0017, 0x0018, 0x0019 };
    struct endpoint *server = &recipe->ends[ROLE_SERVER];
    for (size_t i = 0; recipe->judged == ROLE_SERVER && i < sizeof curves / sizeof curves[0]; i++)
        if (server->num_groups > 0 && server->groups[0] != curves[i] &&
            server->num_groups < CONFIG_GROUPS_MAX)
            server->groups[server->num_groups++] = curves[i];
}

static int make_seen(struct making *making, bool trusted, struct error *err)
{
    char root[PATH_LEN];
    struct recipe *recipe = making->recipe;
    enum role role = presenter(recipe->judged);
    if ((recipe->judged == ROLE_SERVER && present_sound(making, err) < 0) ||
        reissue_seen(making, role, root, err) < 0)
        return -1;
    take_curves(recipe);
    judge_by(making, trusted ? root : foreign_root(making));
    if (set_twin(making, root, err) < 0)
        return -1;
    set_clock(making);
    if (recipe->judged == ROLE_CLIENT && recipe->ends[ROLE_CLIENT].peer_name[0] == '\0')
        leave_out(recipe, "the name that the client wanted: it sent none");
    return use_ca(making, err);
}

int make_revoked(struct making *making, struct error *err)
{
    char prefix[PATH_LEN], root[PATH_LEN];
    struct recipe *recipe = making->recipe;
    enum role role = presenter(recipe->judged);
    struct endpoint *judged = &recipe->ends[recipe->judged];
    making->revoked = true;
    if ((seen(making->recording, role)
             ? reissue_seen(making, role, root, err)
             : issue_unseen(making, role, false, wanted_name(making), root, err)) < 0)
        return -1;
    take_curves(recipe);
    judge_by(making, root);
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    recipe->has_twin = true;
    credential_prefix(prefix, making, role);
    snprintf(judged->crl_file, PATH_LEN, "%.*s-crl.pem", PATH_LEN - 16, prefix);
    if (seen(making->recording, role))
        note_reissued(making, role);
    leave_out(recipe, "how the %s knew (CRL, OCSP or a list of its own): a CRL stands for it",
              role_name(recipe->judged));
    return 0;
}

int make_as_seen(struct making *making, struct error *err)
{
    return make_seen(making, true, err);
}

int make_late(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    if (make_seen(making, true, err) < 0)
        return -1;
    recipe->ends[ROLE_CLIENT].late_verify = recipe->twin[ROLE_CLIENT].late_verify = true;
    return 0;
}

int make_without_anchor(struct making *making, struct error *err)
{
    return make_seen(making, false, err);
}

static int make_unseen(struct making *making, bool expired, bool trusted, const char *name,
                       struct error *err)
{
    char root[PATH_LEN];
    struct recipe *recipe = making->recipe;
    enum role role = presenter(recipe->judged);
    if (issue_unseen(making, role, expired, name, root, err) < 0)
        return -1;
    take_curves(recipe);
    judge_by(making, trusted ? root : foreign_root(making));
    leave_out(recipe,
              "the %s's certificates: they are encrypted (keys would show them); one of ours with "
              "the fault that is assumed stands for them",
              role_name(role));
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    recipe->has_twin = true;
    snprintf(recipe->twin[recipe->judged].trust_file, PATH_LEN, "%s", root);
    if (expired)
        recipe->twin[recipe->judged].verify_time -= 30 * day;
    if (name != NULL && recipe->judged == ROLE_CLIENT && recipe->ends[ROLE_CLIENT].peer_name[0])
        snprintf(recipe->twin[ROLE_CLIENT].peer_name, NAME_MAX_LEN, "%s", name);
    return 0;
}

int make_unseen_expired(struct making *making, struct error *err)
{
    return make_unseen(making, true, true, wanted_name(making), err);
}

int make_unseen_unknown_ca(struct making *making, struct error *err)
{
    return make_unseen(making, false, false, wanted_name(making), err);
}

int make_unseen_wrong_name(struct making *making, struct error *err)
{
    return make_unseen(making, false, true, "another.invalid", err);
}

int make_none_sent(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    if (present_sound(making, err) < 0)
        return -1;
    judge_by(making, foreign_root(making));
    recipe->has_twin = true;
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    recipe->twin[ROLE_SERVER].verify = VERIFY_REQUEST;
    leave_out(recipe, "the CAs that the server names in its request");
    return 0;
}

/* A key of the right kind, but not the certificate's: that of a second copy. */
int make_proof(struct making *making, struct error *err)
{
    char root[PATH_LEN], other[PATH_LEN];
    struct recipe *recipe = making->recipe;
    const struct writer *chain = &making->recording->chain[ROLE_SERVER];
    if (!seen(making->recording, ROLE_SERVER)) {
        if (issue_unseen(making, ROLE_SERVER, false, wanted_name(making), root, err) < 0)
            return -1;
        snprintf(recipe->ends[ROLE_SERVER].key_file, PATH_LEN, "%s",
                 making->forge->kinds[CREDENTIAL_ECDSA_P256].other_key);
    } else {
        const struct reissue_order order = { .chain = chain->data, .chain_len = chain->len };
        if (reissue_seen(making, ROLE_SERVER, root, err) < 0)
            return -1;
        snprintf(other, sizeof other, "%s/%s-other", making->order->folder, recipe->name);
        if (reissue_chain(&order, other, err) < 0)
            return -1;
        note_reissued(making, ROLE_SERVER);
        snprintf(recipe->ends[ROLE_SERVER].key_file, PATH_LEN, "%.*s-key.pem", PATH_LEN - 16,
                 other);
    }
    recipe->ends[ROLE_SERVER].wrong_key = true;
    judge_by(making, root);
    return 0;
}

int make_pin(struct making *making, struct error *err)
{
    char root[PATH_LEN];
    struct recipe *recipe = making->recipe;
    struct endpoint *client = &recipe->ends[ROLE_CLIENT];
    int ret = seen(making->recording, ROLE_SERVER)
                  ? reissue_seen(making, ROLE_SERVER, root, err)
                  : issue_unseen(making, ROLE_SERVER, false, wanted_name(making), root, err);
    if (ret < 0)
        return -1;
    judge_by(making, root);
    recipe->has_twin = true;
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    client->pin = PIN_LEAF;
    memset(client->pin_sha256, 0xA5, SHA256_LEN); /* of no certificate */
    if (seen(making->recording, ROLE_SERVER))
        note_reissued(making, ROLE_SERVER);
    leave_out(recipe, "what the client checks behind the handshake: a pin that does not fit stands "
                      "for it");
    return 0;
}
