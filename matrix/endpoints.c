#include "matrix/endpoints.h"

#include "matrix/oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The external PSK and SRP account that both ends share (RFC 4279, 5054). Not secrets. */
static const char psk_identity[] = "tlsmatrix";
static const uint8_t psk[PSK_LEN] = "a key that both ends of it know";
static const char srp_user[] = "tlsmatrix";
static const char srp_password[] = "a password that both ends know";

static void copy_path(char out[PATH_LEN], const char *path)
{
    snprintf(out, PATH_LEN, "%s", path);
}

/* The files of the case's imposter, or NULL. */
static const struct imposter *imposter_of(const struct matrix_case *c,
                                          const struct case_setting *setting)
{
    if (c->identity == IDENTITY_GENUINE)
        return NULL;
    size_t side = case_identity_role(c) == ROLE_CLIENT ? 1 : 0;
    return &setting->imposters[c->credential]->of[c->identity % IDENTITY_OF_CLIENT][side];
}

static void set_credentials(struct endpoint *e, const struct matrix_case *c,
                            const struct forged *forged, const struct imposter *imposter)
{
    bool client = e->role == ROLE_CLIENT;
    bool presents = client ? case_client_sends_certificate(c) : case_server_has_certificate(c);
    if (!presents)
        return;
    copy_path(e->chain_file, client ? forged->client_chain : forged->server_chain);
    copy_path(e->key_file, client ? forged->client_key : forged->server_key);
    if (imposter == NULL || case_identity_role(c) != e->role)
        return;
    copy_path(e->chain_file, imposter->chain_file);
    if (imposter->key_file[0] != '\0')
        copy_path(e->key_file, imposter->key_file);
    copy_path(e->staple_file, imposter->staple_file);
    e->wrong_key = case_identity(c)->wrong_key;
}

/* What the verifier of an imposter is told otherwise. */
static void set_imposter_verification(struct endpoint *e, const struct matrix_case *c,
                                      const struct imposter *imposter)
{
    const struct identity *identity = case_identity(c);
    if (imposter->trust_file[0] != '\0')
        copy_path(e->trust_file, imposter->trust_file);
    copy_path(e->crl_file, imposter->crl_file);
    e->check_staple = identity->uses_staple;
    if (identity->peer_name != NULL)
        snprintf(e->peer_name, sizeof e->peer_name, "%s", identity->peer_name);
}

static void set_verification(struct endpoint *e, const struct matrix_case *c,
                             const struct forged *forged, const struct imposter *imposter)
{
    static const enum verify_mode server_modes[NUM_AUTH_MODES] = {
        [AUTH_MODE_MUTUAL] = VERIFY_REQUIRE,
        [AUTH_MODE_MUTUAL_NONE_SENT] = VERIFY_REQUIRE,
        [AUTH_MODE_OPTIONAL] = VERIFY_REQUEST,
        [AUTH_MODE_OPTIONAL_NONE_SENT] = VERIFY_REQUEST,
    };
    if (e->role == ROLE_SERVER)
        e->verify = server_modes[c->auth];
    else if (c->auth != AUTH_MODE_NONE && case_server_has_certificate(c))
        e->verify = VERIFY_REQUIRE;
    if (e->verify == VERIFY_NONE)
        return;
    copy_path(e->trust_file, forged->trust_file);
    if (e->role == ROLE_CLIENT)
        snprintf(e->peer_name, sizeof e->peer_name, "%s", FORGE_SERVER_NAME);
    if (imposter != NULL && case_identity_role(c) != e->role)
        set_imposter_verification(e, c, imposter);
}

/* The nearest wrong secret: one bit, one letter. */
static void spoil_secrets(struct endpoint *client, enum auth auth)
{
    if (auth == AUTH_MODE_PSK_WRONG_KEY)
        client->psk[PSK_LEN - 1] ^= 1;
    else if (auth == AUTH_MODE_PSK_UNKNOWN)
        client->psk_identity[0] = 'T';
    else if (auth == AUTH_MODE_SRP_WRONG_PASSWORD)
        client->srp_password[0] = 'A';
    else if (auth == AUTH_MODE_SRP_UNKNOWN)
        client->srp_user[0] = 'T';
}

static void set_secrets(struct endpoint *e, const struct matrix_case *c)
{
    if (auth_healthy(c->auth) == AUTH_MODE_PSK) {
        snprintf(e->psk_identity, sizeof e->psk_identity, "%s", psk_identity);
        memcpy(e->psk, psk, sizeof psk);
        e->psk_len = sizeof psk;
    } else if (auth_healthy(c->auth) == AUTH_MODE_SRP) {
        snprintf(e->srp_user, sizeof e->srp_user, "%s", srp_user);
        snprintf(e->srp_password, sizeof e->srp_password, "%s", srp_password);
    }
    if (e->role == ROLE_CLIENT)
        spoil_secrets(e, c->auth);
}

/* The pins fit what the server presents, imposter or not: what is wrong is the case's to say. */
static void set_pin(struct endpoint *e, const struct matrix_case *c, const uint8_t *leaf_sha256,
                    const uint8_t *spki_sha256, const char *tofu_store)
{
    static const enum pin_mode modes[NUM_PINNINGS] = {
        [PINNING_OFF] = PIN_OFF,         [PINNING_LEAF] = PIN_LEAF,
        [PINNING_LEAF_WRONG] = PIN_LEAF, [PINNING_SPKI] = PIN_SPKI,
        [PINNING_SPKI_WRONG] = PIN_SPKI, [PINNING_TOFU_FIRST] = PIN_TOFU,
        [PINNING_TOFU_KNOWN] = PIN_TOFU, [PINNING_TOFU_CHANGED] = PIN_TOFU,
    };
    e->pin = modes[c->pinning];
    if (e->pin == PIN_TOFU)
        copy_path(e->tofu_store, tofu_store);
    else if (e->pin != PIN_OFF)
        memcpy(e->pin_sha256, e->pin == PIN_LEAF ? leaf_sha256 : spki_sha256, SHA256_LEN);
    if (c->pinning == PINNING_LEAF_WRONG || c->pinning == PINNING_SPKI_WRONG)
        e->pin_sha256[SHA256_LEN - 1] ^= 1; /* the nearest wrong pin: one bit */
}

static void make_one(struct endpoint *e, const struct matrix_case *c, enum role role,
                     const struct case_setting *setting)
{
    const struct forged *forged = &setting->forge->kinds[c->credential];
    const char *fault = setting->fault[case_stack(c, role)];
    *e = (struct endpoint){
        .role = role,
        .min_version = c->min_version[role],
        .max_version = c->max_version[role],
        .verify_time = FORGE_TIME,
        .exchange = (enum exchange_kind)c->exchange,
        .request_len = CASE_REQUEST_LEN,
        .deadline_ms = setting->deadline_ms,
        .keylog = setting->keylog,
    };
    e->num_suites = case_offered_suites(e->suites, c, role, setting->stacks);
    e->num_groups = case_offered_groups(e->groups, c, role, setting->stacks);
    const struct imposter *imposter = imposter_of(c, setting);
    bool other_server = imposter != NULL && case_identity_role(c) == ROLE_SERVER;
    set_credentials(e, c, forged, imposter);
    set_verification(e, c, forged, imposter);
    set_secrets(e, c);
    if (role == ROLE_CLIENT)
        set_pin(e, c, other_server ? imposter->leaf_sha256 : forged->server_leaf_sha256,
                other_server ? imposter->spki_sha256 : forged->server_spki_sha256,
                setting->tofu_store);
    if (fault != NULL)
        snprintf(e->fault, sizeof e->fault, "%s", fault);
}

void endpoints_make(struct endpoint endpoints[2], const struct matrix_case *c,
                    const struct case_setting *setting)
{
    for (enum role role = ROLE_CLIENT; role <= ROLE_SERVER; role++)
        if (case_stack(c, role) != RAW_STACK)
            make_one(&endpoints[role], c, role, setting);
}

static bool uses_store(const struct matrix_case *c)
{
    return c->pinning == PINNING_TOFU_FIRST || c->pinning == PINNING_TOFU_KNOWN ||
           c->pinning == PINNING_TOFU_CHANGED;
}

static int write_store(const char *path, const uint8_t hash[SHA256_LEN], struct error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return error_errno(err, "%s", path);
    ssize_t written = write(fd, hash, SHA256_LEN);
    if (close(fd) != 0 || written != SHA256_LEN)
        return error_errno(err, "%s", path);
    return 0;
}

int endpoints_prepare(struct evidence *evidence, const struct matrix_case *c,
                      const struct case_setting *setting, struct error *err)
{
    const struct forged *forged = &setting->forge->kinds[c->credential];
    memcpy(evidence->leaf_sha256[ROLE_SERVER], forged->server_leaf_sha256, SHA256_LEN);
    memcpy(evidence->leaf_sha256[ROLE_CLIENT], forged->client_leaf_sha256, SHA256_LEN);
    const struct imposter *imposter = imposter_of(c, setting);
    if (imposter != NULL)
        memcpy(evidence->leaf_sha256[case_identity_role(c)], imposter->leaf_sha256, SHA256_LEN);
    if (!uses_store(c))
        return 0;
    if (unlink(setting->tofu_store) != 0 && errno != ENOENT)
        return error_errno(err, "%s", setting->tofu_store);
    if (c->pinning == PINNING_TOFU_FIRST)
        return 0;
    memcpy(evidence->tofu_before, forged->server_leaf_sha256, SHA256_LEN);
    if (c->pinning == PINNING_TOFU_CHANGED)
        evidence->tofu_before[0] ^= 0x80;
    return write_store(setting->tofu_store, evidence->tofu_before, err);
}

int endpoints_collect(struct evidence *evidence, const struct matrix_case *c,
                      const struct case_setting *setting, struct error *err)
{
    evidence->tofu_stored = false;
    if (!uses_store(c))
        return 0;
    int fd = open(setting->tofu_store, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : error_errno(err, "%s", setting->tofu_store);
    uint8_t hash[SHA256_LEN + 1];
    ssize_t len = read(fd, hash, sizeof hash);
    close(fd);
    if (len < 0)
        return error_errno(err, "%s", setting->tofu_store);
    /* A store of another length is one that the peer ruined: "stored", with a hash that fits
     * nothing. */
    evidence->tofu_stored = true;
    memset(evidence->tofu_sha256, 0, SHA256_LEN);
    if (len == SHA256_LEN)
        memcpy(evidence->tofu_sha256, hash, SHA256_LEN);
    return 0;
}
