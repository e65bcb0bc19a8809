/* Theories about what the hellos say: the server takes something else than what is offered, the
 * client something else than what was chosen. */
#include "matrix/reproduce/recipe_parts.h"

#include "captures/explain_schemes.h"
#include "harness/wire/hello.h"

#include <stdio.h>
#include <string.h>

static bool at_hello(const struct recording *recording)
{
    return recording->story.stage == REACHED_CLIENT_HELLO && gave_up(recording, ROLE_SERVER);
}

/* "Something offered will not do" may be any of three. */
static bool unclear(const struct recording *recording)
{
    return at_hello(recording) && (cause_is(recording, "no-common-parameters") ||
                                   cause_is(recording, "shared-key-refused"));
}

static bool no_version(const struct recording *recording)
{
    return unclear(recording) || (at_hello(recording) && cause_is(recording, "no-common-version"));
}

static bool no_suite(const struct recording *recording)
{
    return unclear(recording) || (at_hello(recording) && cause_is(recording, "no-common-suite"));
}

static bool no_group(const struct recording *recording)
{
    return (unclear(recording) && recording->story.offer.groups.num_ids > 0) ||
           (at_hello(recording) && cause_is(recording, "no-common-group"));
}

static bool no_scheme(const struct recording *recording)
{
    return at_hello(recording) && cause_is(recording, "no-common-signature-algorithm");
}

/* The server does not speak TLS, at least not at once; it may hang up behind what it says. */
static bool no_tls(const struct recording *recording)
{
    return recording->flight.len == 0 && spoke_no_tls(recording);
}

/* The server wants a name, or a protocol, that it has. */
static bool name(const struct recording *recording)
{
    const char *asked = recording->story.offer.server_name;
    return at_hello(recording) && cause_is(recording, "name-not-served") && asked[0] != '\0' &&
           strlen(asked) < NAME_MAX_LEN;
}

static bool protocol(const struct recording *recording)
{
    return at_hello(recording) && cause_is(recording, "no-common-alpn") &&
           recording->story.offer.protocols[0] != '\0';
}

/* All else that a server may have against a hello, if only that it hangs up on it. */
static bool other(const struct recording *recording)
{
    return at_hello(recording) && !no_version(recording) && !no_suite(recording) &&
           !no_group(recording) && !no_scheme(recording) && !name(recording) &&
           !protocol(recording) && !no_tls(recording);
}

/* What the server says in clear, its choice above all. */
static bool choice(const struct recording *recording)
{
    static const char *const causes[] = { "no-common-version", "choice-refused", "dh-too-small",
                                          "alert-in-handshake" };
    bool known = false;
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
        known = known || cause_is(recording, causes[i]);
    return known && gave_up(recording, ROLE_CLIENT) && recording->flight.len > 0 &&
           recording->story.stage >= REACHED_CLIENT_HELLO &&
           recording->story.stage <= REACHED_SERVER_FLIGHT;
}

/* The judged server as it is out of the box takes such a client, or the fault proves nothing. */
static void set_twin(struct recipe *recipe)
{
    recipe->has_twin = true;
    memcpy(recipe->twin, recipe->ends, sizeof recipe->twin);
    recipe->twin[recipe->judged].min_version = TLS10;
    recipe->twin[recipe->judged].max_version = TLS13;
}

static int make_version(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    struct endpoint *server = &recipe->ends[ROLE_SERVER];
    const struct id_list *offered = &making->recording->story.offer.versions;
    (void)err;
    set_twin(recipe);
    if (offered->num_ids > 0 && highest(offered) < TLS13)
        server->min_version = highest(offered) < TLS10 ? TLS10 : highest(offered) + 1;
    else if (offered->num_ids > 0 && lowest(offered) > TLS10)
        server->max_version = lowest(offered) > TLS13 ? TLS13 : lowest(offered) - 1;
    else
        leave_out(recipe, "the server's versions: the client offers all that we have");
    return 0;
}

static void avoid(struct ids *out, const struct id_list *list)
{
    for (size_t i = 0; i < list->num_ids && out->num < RECIPE_AVOIDED_MAX; i++)
        out->of[out->num++] = list->ids[i];
}

/* The server stays within the client's versions: what it lacks is a suite. */
static void stay_within(struct making *making)
{
    struct endpoint *server = &making->recipe->ends[ROLE_SERVER];
    const struct endpoint *client = &making->recipe->ends[ROLE_CLIENT];
    set_twin(making->recipe);
    server->min_version = client->min_version;
    server->max_version = client->max_version;
}

static int make_suite(struct making *making, struct error *err)
{
    (void)err;
    stay_within(making);
    avoid(&making->recipe->avoided[0], &making->recording->story.offer.suites);
    leave_out(making->recipe,
              "which suites the server has: any but the offered ones stand for them");
    return 0;
}

static int make_group(struct making *making, struct error *err)
{
    (void)err;
    stay_within(making);
    avoid(&making->recipe->avoided[1], &making->recording->story.offer.groups);
    leave_out(making->recipe,
              "which groups the server has: any but the offered ones stand for them");
    return 0;
}

/* Makes the server one that has but a key by which the client lets it sign, or none such. */
static void set_key(struct endpoint *server, const struct making *making, bool allowed)
{
    static const struct {
        enum credential kind;
        struct signing_key key;
    } keys[] = {
        { CREDENTIAL_RSA2048, { KEY_RSA, 0 } },
        { CREDENTIAL_ECDSA_P256, { KEY_EC, 0x0017 } },
        { CREDENTIAL_ED25519, { KEY_ED25519, 0 } },
        { CREDENTIAL_ED448, { KEY_ED448, 0 } },
    };
    const struct offer *offer = &making->recording->story.offer;
    uint16_t version = offer->versions.num_ids > 0 ? highest(&offer->versions) : TLS12;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct forged *forged = &making->forge->kinds[keys[i].kind];
        if (schemes_allow_key(&offer->schemes, &keys[i].key, version) != allowed)
            continue;
        snprintf(server->chain_file, PATH_LEN, "%s", forged->server_chain);
        snprintf(server->key_file, PATH_LEN, "%s", forged->server_key);
        return;
    }
}

static int make_scheme(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    (void)err;
    stay_within(making);
    set_key(&recipe->ends[ROLE_SERVER], making, false);
    set_key(&recipe->twin[ROLE_SERVER], making, true);
    leave_out(recipe, "which certificate the server has: one with a key of another kind stands "
                      "for it");
    return 0;
}

/* Any but the one that the hello asks for; the twin serves that. */
static int make_name(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    (void)err;
    set_twin(recipe);
    snprintf(recipe->ends[ROLE_SERVER].served_name, NAME_MAX_LEN, "none-of-these.invalid");
    snprintf(recipe->twin[ROLE_SERVER].served_name, NAME_MAX_LEN, "%s",
             making->recording->story.offer.server_name);
    leave_out(recipe, "which names the server serves: another than the one asked for stands for "
                      "them");
    return 0;
}

static int make_protocol(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    const char *offered = making->recording->story.offer.protocols;
    (void)err;
    set_twin(recipe);
    snprintf(recipe->ends[ROLE_SERVER].protocols, PROTOCOLS_LEN, "none-of-these");
    snprintf(recipe->twin[ROLE_SERVER].protocols, PROTOCOLS_LEN, "%.*s", (int)strcspn(offered, ","),
             offered);
    leave_out(recipe, "which application protocols the server speaks: any but the offered ones "
                      "stand for them");
    return 0;
}

static int make_other(struct making *making, struct error *err)
{
    (void)err;
    if (cause_is(making->recording, "name-not-served"))
        leave_out(making->recipe, "the server's list of names: ours serves every name, as the "
                                  "hello asks for none, or for one that is too long");
    leave_out(making->recipe, "the server's settings, of which a refused hello shows nothing: a "
                              "server with the stack's own stands for it");
    return 0;
}

static int make_choice(struct making *making, struct error *err)
{
    struct recipe *recipe = making->recipe;
    struct endpoint *client = &recipe->ends[ROLE_CLIENT];
    uint16_t chosen = making->recording->facts.version;
    (void)err;
    /* A hello without supported_versions does not say where the client begins. */
    if (cause_is(making->recording, "no-common-version") && chosen >= TLS10 &&
        client->min_version <= chosen && client->max_version > chosen)
        client->min_version = chosen + 1;
    if (cause_is(making->recording, "dh-too-small"))
        leave_out(recipe, "how long a Diffie-Hellman prime the client wants: our clients take any");
    if (recipe->echo_len > 0)
        leave_out(recipe, "the session id that the server repeats: the live client's own goes out");
    leave_out(recipe, "the server's random and proofs are the recorded ones, made for another "
                      "client: a client that comes so far refuses them");
    return 0;
}

static int make_no_tls(struct making *making, struct error *err)
{
    const struct recording *recording = making->recording;
    (void)err;
    making->recipe->hangs_up =
        recording->facts.closed && recording->story.closed_first == ROLE_SERVER;
    if (recording->story.speech[ROLE_SERVER].clear_len == STORY_CLEAR_KEPT)
        leave_out(making->recipe, "what the server said behind its first %d bytes",
                  STORY_CLEAR_KEPT);
    return 0;
}

const struct theory theories_hello[] = {
    { "no-common-version", "the server takes none of the versions that the hello offers",
      ROLE_SERVER, PARTNER_HELLO, no_version, make_version },
    { "no-common-suite", "the server takes none of the suites that the hello offers", ROLE_SERVER,
      PARTNER_HELLO, no_suite, make_suite },
    { "no-common-group", "the server takes none of the groups that the hello offers", ROLE_SERVER,
      PARTNER_HELLO, no_group, make_group },
    { "no-common-signature-algorithm",
      "the server has a key by which none of the offered signature algorithms signs", ROLE_SERVER,
      PARTNER_HELLO, no_scheme, make_scheme },
    { "name-not-served", "the server serves other names than the one that the hello asks for",
      ROLE_SERVER, PARTNER_HELLO, name, make_name },
    { "no-common-protocol",
      "the server speaks none of the application protocols that the hello offers", ROLE_SERVER,
      PARTNER_HELLO, protocol, make_protocol },
    { "hello", "the server is as the stack makes it, and takes every version", ROLE_SERVER,
      PARTNER_HELLO, other, make_other },
    { "choice", "the client takes the versions, suites and groups that the recorded one offered",
      ROLE_CLIENT, PARTNER_FLIGHT, choice, make_choice },
    { "no-tls", "the client takes the versions, suites and groups that the recorded one offered",
      ROLE_CLIENT, PARTNER_FLIGHT, no_tls, make_no_tls },
    { 0 },
};
