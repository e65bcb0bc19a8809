/* From a recording to recipes: what every recipe has, and the order of theories. */
#include "matrix/reproduce/recipe_parts.h"

#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/record.h"
#include "matrix/oracle.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PLAY_DEADLINE_MS = 10000 };

void leave_out(struct recipe *recipe, const char *format, ...)
{
    va_list args;
    if (recipe->num_left_out == RECIPE_LEFT_OUT_MAX)
        return;
    va_start(args, format);
    vsnprintf(recipe->left_out[recipe->num_left_out++], TEXT_LEN, format, args);
    va_end(args);
}

bool cause_is(const struct recording *recording, const char *id)
{
    return recording->finding.cause != NULL && strcmp(recording->finding.cause->id, id) == 0;
}

bool cause_begins(const struct recording *recording, const char *prefix)
{
    return recording->finding.cause != NULL &&
           strncmp(recording->finding.cause->id, prefix, strlen(prefix)) == 0;
}

bool gave_up(const struct recording *recording, enum role role)
{
    struct ending ending = ending_of(recording);
    return ending.somebody && ending.by == role;
}

uint16_t lowest(const struct id_list *list)
{
    uint16_t found = UINT16_MAX;
    for (size_t i = 0; i < list->num_ids; i++)
        found = list->ids[i] < found ? list->ids[i] : found;
    return found;
}

uint16_t highest(const struct id_list *list)
{
    uint16_t found = 0;
    for (size_t i = 0; i < list->num_ids; i++)
        found = list->ids[i] > found ? list->ids[i] : found;
    return found;
}

void credential_prefix(char out[PATH_LEN], const struct making *making, enum role role)
{
    snprintf(out, PATH_LEN, "%s/%s-%s", making->order->folder, making->recipe->name,
             role_name(role));
}

struct raw_session {
    uint32_t at, len;
};

/* ---- what both ends evidently were ---- */

static uint16_t within(uint16_t version)
{
    return version < TLS10 ? TLS10 : version > TLS13 ? TLS13 : version;
}

static void copy_suites(struct endpoint *out, const struct id_list *list)
{
    for (size_t i = 0; i < list->num_ids && out->num_suites < CONFIG_SUITES_MAX; i++)
        if (suite_by_id(list->ids[i]) != NULL)
            out->suites[out->num_suites++] = list->ids[i];
}

static void copy_groups(struct endpoint *out, const struct id_list *list)
{
    for (size_t i = 0; i < list->num_ids && out->num_groups < CONFIG_GROUPS_MAX; i++)
        if (group_by_id(list->ids[i]) != NULL)
            out->groups[out->num_groups++] = list->ids[i];
}

static void set_common(struct endpoint *out, const struct recording *recording, enum role role)
{
    *out = (struct endpoint){ .role = role,
                              .min_version = TLS10,
                              .max_version = TLS13,
                              .verify_time =
                                  story_time(&recording->story, recording->facts.first.time_ns),
                              .request_len = CASE_REQUEST_LEN,
                              .deadline_ms = PLAY_DEADLINE_MS,
                              .keylog = true };
}

/* "h2, http/1.1", as `explain` has it, for an end. */
static void set_protocols(struct endpoint *out, const char *list)
{
    size_t len = 0;
    for (; *list != '\0' && len + 1 < sizeof out->protocols; list++)
        if (*list != ' ')
            out->protocols[len++] = *list;
    out->protocols[len] = '\0';
}

/* As it offered itself. */
static void set_client(struct endpoint *out, const struct recording *recording)
{
    const struct offer *offer = &recording->story.offer;
    if (!offer->seen)
        return;
    if (offer->versions.num_ids > 0) {
        out->min_version = within(lowest(&offer->versions));
        out->max_version = within(highest(&offer->versions));
    }
    copy_suites(out, &offer->suites);
    copy_groups(out, &offer->groups);
    set_protocols(out, offer->protocols);
    if (strlen(offer->server_name) < sizeof out->peer_name)
        snprintf(out->peer_name, sizeof out->peer_name, "%s", offer->server_name);
}

/* As it chose; what it would have taken besides, nobody can know. */
static void set_server(struct endpoint *out, const struct recording *recording)
{
    const struct wire_facts *facts = &recording->facts;
    if (facts->version >= TLS10 && facts->version <= TLS13)
        out->min_version = out->max_version = facts->version;
    if (suite_by_id(facts->suite) != NULL)
        out->suites[out->num_suites++] = facts->suite;
    if (group_by_id(facts->group) != NULL)
        out->groups[out->num_groups++] = facts->group;
    set_protocols(out, recording->story.chosen_protocol);
}

static bool takes_ecdsa_only(const struct recording *recording)
{
    const struct suite *chosen = suite_by_id(recording->facts.suite);
    if (chosen != NULL && chosen->auth != AUTH_TLS13)
        return chosen->auth == AUTH_ECDSA;
    const struct id_list *offered = &recording->story.offer.suites;
    size_t num_ecdsa = 0, num_other = 0;
    for (size_t i = 0; i < offered->num_ids; i++) {
        const struct suite *suite = suite_by_id(offered->ids[i]);
        num_ecdsa += suite != NULL && suite->auth == AUTH_ECDSA;
        num_other += suite == NULL || suite->auth != AUTH_ECDSA;
    }
    return num_ecdsa > 0 && num_other == 0;
}

/* A server needs some certificate even where the failure comes before it. */
static void set_credential(struct making *making)
{
    struct endpoint *server = &making->recipe->ends[ROLE_SERVER];
    const struct forged *forged =
        &making->forge->kinds[takes_ecdsa_only(making->recording) ? CREDENTIAL_ECDSA_P256
                                                                  : CREDENTIAL_RSA2048];
    snprintf(server->chain_file, PATH_LEN, "%s", forged->server_chain);
    snprintf(server->key_file, PATH_LEN, "%s", forged->server_key);
}

static void set_bytes(struct recipe *recipe, const struct recording *recording)
{
    const struct speech *speech = &recording->story.speech[ROLE_SERVER];
    const struct writer *from =
        recipe->partner == PARTNER_FLIGHT ? &recording->flight : &recording->hello;
    writer_init(&recipe->bytes, RECORDING_BYTES_MAX);
    if (recipe->partner == PARTNER_FLIGHT && from->len == 0) { /* no record of TLS */
        writer_bytes(&recipe->bytes, speech->clear, speech->clear_len);
        return;
    }
    if (recipe->partner != PARTNER_STACK)
        writer_bytes(&recipe->bytes, from->data, from->len);
}

/* Where the session id stands in the bytes of a hello that is the first in its record; false: not
 * there. */
static bool find_session(struct raw_session *out, const struct writer *bytes, uint8_t type)
{
    enum { AT = RECORD_HEADER_LEN + HANDSHAKE_HEADER_LEN + 2 + HELLO_RANDOM_LEN };
    if (bytes->len <= AT || bytes->data[0] != CONTENT_HANDSHAKE ||
        bytes->data[RECORD_HEADER_LEN] != type || bytes->data[AT] > HELLO_SESSION_ID_MAX ||
        bytes->len < AT + 1 + (size_t)bytes->data[AT])
        return false;
    *out = (struct raw_session){ AT + 1, bytes->data[AT] };
    return true;
}

/* RFC 8446 section 4.1.3: a server repeats the client's, and the client compares. */
static void set_echo(struct recipe *recipe, const struct recording *recording)
{
    struct raw_session client, server;
    if (recipe->partner == PARTNER_FLIGHT &&
        find_session(&client, &recording->hello, HANDSHAKE_CLIENT_HELLO) &&
        find_session(&server, &recording->flight, HANDSHAKE_SERVER_HELLO) &&
        client.len == server.len &&
        memcmp(recording->hello.data + client.at, recording->flight.data + server.at, client.len) ==
            0) {
        recipe->echo_at = server.at;
        recipe->echo_len = server.len;
    }
}

static void note_common(struct recipe *recipe, const struct recording *recording)
{
    const struct offer *offer = &recording->story.offer;
    if (!recording->facts.complete)
        leave_out(recipe, "bytes that the capture lacks: it is not whole");
    if (recipe->partner == PARTNER_STACK) {
        if (offer->protocols[0] != '\0' && recording->story.chosen_protocol[0] == '\0' &&
            recording->story.tls13 && recording->facts.end[ROLE_SERVER].num_opaque > 0)
            leave_out(recipe,
                      "which of the application protocols (%s) the server takes: that is "
                      "encrypted; ours takes none",
                      offer->protocols);
        leave_out(recipe, "which signature algorithms the ends take: the stacks' own");
    }
    if (offer->shared_key)
        leave_out(recipe, "the ticket or shared key that the hello offers: no live end knows it");
    if (recipe->partner == PARTNER_HELLO && recording->facts.retried)
        leave_out(recipe, "the second hello, which answers a HelloRetryRequest");
}

static int make_one(struct recipe *out, const struct theory *theory, struct making *making,
                    struct error *err)
{
    const struct recording *recording = making->recording;
    *out = (struct recipe){ .connection = recording->facts.number,
                            .recorded = ending_of(recording),
                            .judged = theory->judged,
                            .partner = theory->partner };
    snprintf(out->name, sizeof out->name, "%s", theory->name);
    snprintf(out->theory, sizeof out->theory, "%s", theory->text);
    snprintf(out->capture, sizeof out->capture, "%s", making->order->capture);
    snprintf(out->sentence, sizeof out->sentence, "%s", recording->finding.sentence);
    making->recipe = out;
    making->revoked = false;
    set_bytes(out, recording);
    set_echo(out, recording);
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        set_common(&out->ends[role], recording, role);
    set_client(&out->ends[ROLE_CLIENT], recording);
    if (theory->partner != PARTNER_HELLO)
        set_server(&out->ends[ROLE_SERVER], recording);
    set_credential(making);
    note_common(out, recording);
    if (theory->make == NULL || theory->make(making, err) == 0)
        return 0;
    recipe_fini(out);
    return -1;
}

static bool has_bytes(const struct theory *theory, const struct recording *recording)
{
    return theory->partner == PARTNER_HELLO    ? recording->hello.len > 0
           : theory->partner == PARTNER_FLIGHT ? recording->story.speech[ROLE_SERVER].clear_len > 0
                                               : recording->story.offer.seen;
}

static int make_of(struct recipe out[RECIPES_MAX], int num, const struct theory *theories,
                   struct making *making, struct error *err)
{
    for (const struct theory *theory = theories; theory->name != NULL && num < RECIPES_MAX;
         theory++) {
        if (!theory->fits(making->recording) || !has_bytes(theory, making->recording))
            continue;
        if (make_one(&out[num], theory, making, err) < 0) {
            while (num-- > 0)
                recipe_fini(&out[num]);
            return -1;
        }
        num++;
    }
    return num;
}

static const struct theory *const families[] = { theories_hello, theories_trust, theories_path };
enum { NUM_FAMILIES = sizeof families / sizeof families[0] };

bool recipes_fit(const struct recording *recording)
{
    for (size_t i = 0; i < NUM_FAMILIES; i++)
        for (const struct theory *theory = families[i]; theory->name != NULL; theory++)
            if (theory->fits(recording) && has_bytes(theory, recording))
                return true;
    return false;
}

static int make_all(struct recipe out[RECIPES_MAX], struct making *making, struct error *err)
{
    int num = 0;
    for (size_t i = 0; i < NUM_FAMILIES && num >= 0; i++)
        num = make_of(out, num, families[i], making, err);
    if (num == 1)
        out[0].alone = true;
    return num;
}

int recipes_make(struct recipe out[RECIPES_MAX], const struct recording *recording,
                 const struct recipe_order *order, struct error *err)
{
    char pki[PATH_LEN], cache[PATH_LEN];
    struct forge *forge = malloc(sizeof *forge);
    struct making making = { .recording = recording, .order = order, .forge = forge };
    int num = -1;
    snprintf(pki, sizeof pki, "%s/pki", order->folder);
    forge_default_key_cache(cache);
    if (forge == NULL)
        error_set(err, ERROR_HARNESS, "out of memory");
    else if (forge_make(forge, pki, cache, err) == 0)
        num = make_all(out, &making, err);
    free(forge);
    return num;
}
