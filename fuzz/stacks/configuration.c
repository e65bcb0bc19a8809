/* Endpoints, credentials and contexts for every combination of a script's options. */
#include "fuzz/stacks/configuration.h"

#include "fuzz/stacks/credentials.h"
#include "fuzz/stacks/entropy.h"
#include "fuzz/stacks/pipes.h"
#include "fuzz/stacks/wrapped.h"
#include "harness/pki/files.h"
#include "harness/pki/forge.h"
#include "harness/wire/registry.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GROUP_P256 = 0x0017, GROUP_X25519 = 0x001D };
enum { CREDENTIALS_FORMAT = 1 }; /* another number where other bytes come out of credentials.c */
enum {
    VICTIM_OPTIONS = SCRIPT_OPTIONS,
    STACKS_MAX = 8,
    DEADLINE_MS = 1000 /* which nobody looks at */
};

/* What one stack keeps. */
struct shelf {
    const struct tls_stack *stack;
    struct configuration *of[VICTIM_OPTIONS];   /* by victim_number() */
    struct stack_credential *credentials[2][2]; /* [enum role][RSA] */
    struct stack_trust *trust[2];               /* [RSA] */
};

struct player {
    struct credentials files;
    struct shelf shelves[STACKS_MAX]; /* [0] is the partner's own */
    size_t num_shelves;
};

/* Beside the program, or where things go that may vanish. */
static int default_directory(char out[PATH_LEN], struct error *err)
{
    char folder[PATH_LEN];
    ssize_t len = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(folder, '/');
    if (slash != NULL)
        *slash = '\0';
    if (slash != NULL && access(folder, W_OK) == 0)
        return path_format(out, err, "%s/fuzz-credentials-%d", folder, CREDENTIALS_FORMAT);
    return path_format(out, err, "/tmp/tlsmatrix-fuzz-credentials-%d-%ld", CREDENTIALS_FORMAT,
                       (long)getuid());
}

int player_new(struct player **out, struct error *err)
{
    struct player *player = calloc(1, sizeof *player);
    char directory[PATH_LEN];
    if (player == NULL)
        return error_errno(err, "player");
    entropy_install();
    wrapped_set_transport(&pipes_transport);
    if (default_directory(directory, err) != 0 ||
        credentials_make(&player->files, directory, err) != 0) {
        free(player);
        return -1;
    }
    player->shelves[player->num_shelves++].stack = tls_stack;
    *out = player;
    return 0;
}

static void clear_shelf(struct shelf *shelf)
{
    for (size_t i = 0; i < VICTIM_OPTIONS; i++)
        if (shelf->of[i] != NULL) {
            shelf->stack->context_free(shelf->of[i]->victim);
            tls_stack->context_free(shelf->of[i]->partner);
            free(shelf->of[i]);
        }
    for (size_t i = 0; i < 4; i++)
        shelf->stack->credential_free(shelf->credentials[i / 2][i % 2]);
    for (size_t i = 0; i < 2; i++)
        shelf->stack->trust_free(shelf->trust[i]);
}

void player_free(struct player *player)
{
    if (player == NULL)
        return;
    for (size_t i = player->num_shelves; i-- > 0;)
        clear_shelf(&player->shelves[i]);
    free(player);
}

/* ---- what the options mean ---- */

static const struct credential_files *files_of(const struct player *player,
                                               const struct script *script)
{
    return script->rsa ? &player->files.rsa : &player->files.ecdsa;
}

static void set_credential(struct endpoint *e, const struct credential_files *files)
{
    bool server = e->role == ROLE_SERVER;
    memcpy(e->chain_file, server ? files->server_chain : files->client_chain, PATH_LEN);
    memcpy(e->key_file, server ? files->server_key : files->client_key, PATH_LEN);
}

static enum verify_mode server_verify(const struct script *script)
{
    if (script->authentication == AUTHENTICATION_MUTUAL)
        return VERIFY_REQUIRE;
    bool asks = script->authentication == AUTHENTICATION_ASKED ||
                (script->authentication == AUTHENTICATION_LENIENT && script->victim == ROLE_SERVER);
    return asks ? VERIFY_REQUEST : VERIFY_NONE;
}

static bool client_has_certificate(const struct script *script)
{
    return script->authentication == AUTHENTICATION_MUTUAL ||
           (script->authentication == AUTHENTICATION_LENIENT && script->victim == ROLE_SERVER);
}

static void set_role(struct endpoint *e, enum role role, const struct script *script,
                     const struct credential_files *files)
{
    *e = (struct endpoint){ .role = role, .verify_time = FORGE_TIME, .deadline_ms = DEADLINE_MS };
    if (role == ROLE_SERVER || client_has_certificate(script))
        set_credential(e, files);
    memcpy(e->trust_file, files->trust_file, PATH_LEN);
    e->verify = role == ROLE_SERVER ? server_verify(script) : VERIFY_REQUIRE;
    if (role == ROLE_CLIENT)
        memcpy(e->peer_name, FORGE_SERVER_NAME, sizeof FORGE_SERVER_NAME);
    e->min_version = script->versions == VERSIONS_13 ? TLS13 : TLS12;
    e->max_version = script->versions == VERSIONS_12 ? TLS12 : TLS13;
}

static void set_groups(struct endpoint *e, size_t num, uint16_t first, uint16_t second)
{
    e->groups[0] = first;
    e->groups[1] = second;
    e->num_groups = num;
}

/* A retry is necessary where a server has none of the groups that the client sends shares of; TLS
 * 1.2 has no shares, and there the groups judge certificates too. */
static void set_all_groups(struct configuration *conf, const struct script *script)
{
    uint16_t first = script->p256 ? GROUP_P256 : GROUP_X25519;
    uint16_t second = script->p256 ? GROUP_X25519 : GROUP_P256;
    bool server = script->victim == ROLE_SERVER;
    bool retry = script->retry && conf->partner_end.max_version >= TLS13;
    set_groups(&conf->partner_end, server || !retry ? 2 : 1, first, second);
    if (retry && server)
        set_groups(&conf->victim_end, 1, second, 0);
    else if (retry)
        set_groups(&conf->victim_end, 2, second, first);
}

/* TLS 1.3 has one suite of each cipher; with CBC it keeps to GCM. */
static void set_suites(struct endpoint *e, const struct script *script)
{
    static const uint16_t rows[NUM_SCRIPT_CIPHERS][4] = {
        /* TLS 1.3; ECDHE with ECDSA and with RSA; RSA */
        [CIPHERS_GCM] = { 0x1301, 0xC02B, 0xC02F, 0x009C },
        [CIPHERS_CHACHA20] = { 0x1303, 0xCCA9, 0xCCA8, 0x009C /* there is none of ChaCha20 */ },
        [CIPHERS_CBC] = { 0x1301, 0xC009, 0xC013, 0x002F },
        [CIPHERS_CBC_MAC_FIRST] = { 0x1301, 0xC009, 0xC013, 0x002F },
    };
    const uint16_t *row = rows[script->cipher];
    e->num_suites = 0;
    e->suites[e->num_suites++] = row[0];
    if (script->rsa_exchange && script->rsa) {
        e->suites[e->num_suites++] = row[3];
        return;
    }
    e->suites[e->num_suites++] = row[1];
    e->suites[e->num_suites++] = row[2];
}

static void configure(struct configuration *conf, const struct player *player,
                      const struct script *script)
{
    enum role partner = script->victim == ROLE_SERVER ? ROLE_CLIENT : ROLE_SERVER;
    set_role(&conf->victim_end, script->victim, script, files_of(player, script));
    set_role(&conf->partner_end, partner, script, files_of(player, script));
    if (script->authentication == AUTHENTICATION_LENIENT && script->victim == ROLE_CLIENT)
        conf->victim_end.verify = VERIFY_NONE;
    if (partner == ROLE_CLIENT)
        conf->partner_end.verify = VERIFY_NONE; /* whom it trusts changes nothing that it says */
    if (script->versions == VERSIONS_LOWER)
        conf->partner_end.max_version = TLS12;
    set_all_groups(conf, script);
    set_suites(&conf->partner_end, script);
    conf->partner_end.sessions = conf->victim_end.sessions = script->resumption;
}

/* ---- what the stacks make of it ---- */

static int make_context(struct stack_context **out, struct shelf *shelf, const struct endpoint *e,
                        bool rsa, struct error *err)
{
    struct stack_credential **credential = &shelf->credentials[e->role][rsa];
    struct stack_trust **trust = &shelf->trust[rsa];
    if (e->chain_file[0] != '\0' && *credential == NULL &&
        shelf->stack->credential_new(credential, e, err) != 0)
        return -1;
    if (*trust == NULL && shelf->stack->trust_new(trust, e, err) != 0)
        return -1;
    return shelf->stack->context_new(out, e, e->chain_file[0] != '\0' ? *credential : NULL, *trust,
                                     err);
}

static struct shelf *shelf_of(struct player *player, const struct tls_stack *stack,
                              struct error *err)
{
    for (size_t i = 0; i < player->num_shelves; i++)
        if (player->shelves[i].stack == stack)
            return &player->shelves[i];
    if (player->num_shelves == STACKS_MAX) {
        error_set(err, ERROR_HARNESS, "too many stacks for one player");
        return NULL;
    }
    player->shelves[player->num_shelves].stack = stack;
    return &player->shelves[player->num_shelves++];
}

/* A victim that keeps sessions has a context for each of all options, so that no other script's
 * session comes into it. */
static size_t victim_number(const struct script *script)
{
    enum { OPTIONS_BYTE = 0xFF };
    return script_options(script) & (script->resumption ? SCRIPT_OPTIONS - 1 : OPTIONS_BYTE);
}

struct configuration *configuration_of(struct player *player, const struct fuzz_stack *victim,
                                       const struct script *script, struct error *err)
{
    struct shelf *shelf = shelf_of(player, victim->stack, err);
    uint16_t options = script_options(script);
    struct configuration **place = shelf != NULL ? &shelf->of[victim_number(script)] : NULL;
    if (place == NULL)
        return NULL;
    if (*place == NULL && (*place = calloc(1, sizeof **place)) == NULL) {
        error_errno(err, "configuration");
        return NULL;
    }
    struct configuration *conf = *place;
    if (conf->partner != NULL && conf->options == options)
        return conf;
    configure(conf, player, script);
    if (conf->victim == NULL &&
        make_context(&conf->victim, shelf, &conf->victim_end, script->rsa, err) != 0)
        return NULL;
    tls_stack->context_free(conf->partner);
    conf->partner = NULL;
    conf->resumable = false;
    conf->options = options;
    return make_context(&conf->partner, &player->shelves[0], &conf->partner_end, script->rsa,
                        err) == 0
               ? conf
               : NULL;
}
