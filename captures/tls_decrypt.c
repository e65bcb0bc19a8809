#include "captures/tls_decrypt.h"

#include <stdlib.h>
#include <string.h>

enum {
    SKIPPED_MAX = 64, /* sequence numbers that are tried behind a gap */
    KEY_BLOCK_MAX = 2 * (CIPHER_MAC_MAX + CIPHER_KEY_MAX + CIPHER_IV_MAX),
};

static const char no_secret[] = "the key log has no secret of it";
static const char no_hello[] = "the hellos that it depends on are not in the capture";
static const char no_change[] = "no ChangeCipherSpec came before it";
static const char no_match[] = "the record does not authenticate under the keys of the key log";
static const char no_libcrypto[] = "libcrypto refuses the keys";
static const char no_memory[] = "out of memory";
static const char bytes_missing[] = "bytes of the record are missing in the capture";

static const enum secret_label phase_labels[2][NUM_PHASES] = {
    [ROLE_CLIENT] = { SECRET_CLIENT_EARLY, SECRET_CLIENT_HANDSHAKE, SECRET_CLIENT_TRAFFIC },
    /* A server has no early secret, and never is in that phase. */
    [ROLE_SERVER] = { SECRET_SERVER_HANDSHAKE, SECRET_SERVER_HANDSHAKE, SECRET_SERVER_TRAFFIC },
};

void decryptor_init(struct decryptor *decryptor, const struct keylog *keylog)
{
    *decryptor = (struct decryptor){ .keylog = keylog };
}

void decryptor_fini(struct decryptor *decryptor)
{
    for (int role = 0; role < 2; role++)
        cipher_state_fini(&decryptor->side[role].keys);
    free(decryptor->buffer);
}

void decryptor_skip(struct decryptor *decryptor, enum role from)
{
    decryptor->side[from].skipped = true;
}

/* ---- TLS 1.3 ---- */

/* Keys from a traffic secret (RFC 8446 section 7.3). NULL, or why not. */
static const char *keys_of_secret(struct cipher_state *out, const struct secret *secret,
                                  uint16_t suite)
{
    struct suite_parts parts;
    uint8_t key[CIPHER_KEY_MAX], iv[CIPHER_IV_MAX];
    const char *why = suite_parts_of(&parts, suite_by_id(suite), TLS13);
    if (why != NULL)
        return why;
    if (!tls13_expand_label(key, cipher_key_len(parts.cipher), parts.hash, secret->bytes,
                            secret->len, "key") ||
        !tls13_expand_label(iv, cipher_iv_len(parts.cipher, TLS13), parts.hash, secret->bytes,
                            secret->len, "iv") ||
        !cipher_state_init(out, &parts, TLS13, false, key, iv, NULL))
        return no_libcrypto;
    return NULL;
}

static const char *keys_of_phase(struct cipher_state *out, struct secret *secret,
                                 const struct decryptor *decryptor, const struct tls_state *state,
                                 enum role from, enum phase phase)
{
    const struct secret *found =
        keylog_find(decryptor->keylog, phase_labels[from][phase], state->client_random);
    if (found == NULL)
        return no_secret;
    *secret = *found;
    return keys_of_secret(out, found, state->suite);
}

static void enter_phase(struct decryptor *decryptor, const struct tls_state *state, enum role from,
                        enum phase phase)
{
    struct decrypting *side = &decryptor->side[from];
    cipher_state_fini(&side->keys);
    side->active = true;
    side->phase = phase;
    side->why = keys_of_phase(&side->keys, &side->secret, decryptor, state, from, phase);
}

void decryptor_begin_tls13(struct decryptor *decryptor, const struct tls_state *state)
{
    bool early = state->early_data && !state->retried;
    enter_phase(decryptor, state, ROLE_SERVER, PHASE_HANDSHAKE);
    enter_phase(decryptor, state, ROLE_CLIENT, early ? PHASE_EARLY : PHASE_HANDSHAKE);
}

/* RFC 8446 section 7.2. */
static void update_key(struct decrypting *side, uint16_t suite)
{
    struct secret next = { .len = side->secret.len };
    const char *hash = side->keys.parts.hash;
    if (!side->keys.ready)
        return;
    if (!tls13_expand_label(next.bytes, next.len, hash, side->secret.bytes, side->secret.len,
                            "traffic upd")) {
        side->why = no_libcrypto;
        return;
    }
    side->secret = next;
    side->why = keys_of_secret(&side->keys, &next, suite);
}

void decryptor_message(struct decryptor *decryptor, const struct tls_state *state, enum role from,
                       uint8_t type)
{
    struct decrypting *side = &decryptor->side[from];
    if (state->version != TLS13 || !side->active)
        return;
    if (type == HANDSHAKE_END_OF_EARLY_DATA && side->phase == PHASE_EARLY)
        enter_phase(decryptor, state, from, PHASE_HANDSHAKE);
    else if (type == HANDSHAKE_FINISHED && side->phase == PHASE_HANDSHAKE)
        enter_phase(decryptor, state, from, PHASE_TRAFFIC);
    else if (type == HANDSHAKE_KEY_UPDATE && side->phase == PHASE_TRAFFIC)
        update_key(side, state->suite);
}

/* ---- before TLS 1.3 ---- */

/* The order of the key block: RFC 5246 section 6.3. */
static const char *keys_of_master(struct cipher_state *out, const struct secret *master,
                                  const struct tls_state *state, enum role from)
{
    struct suite_parts parts;
    uint8_t block[KEY_BLOCK_MAX];
    const char *why = suite_parts_of(&parts, suite_by_id(state->suite), state->version);
    if (why != NULL)
        return why;
    size_t key_len = cipher_key_len(parts.cipher);
    size_t iv_len = cipher_iv_len(parts.cipher, state->version);
    const uint8_t *mac_key = block + from * parts.mac_len;
    const uint8_t *key = block + 2 * parts.mac_len + from * key_len;
    const uint8_t *iv = block + 2 * parts.mac_len + 2 * key_len + from * iv_len;
    if (!tls12_key_block(block, 2 * (parts.mac_len + key_len + iv_len), parts.hash, master->bytes,
                         master->len, state->server_random, state->client_random) ||
        !cipher_state_init(out, &parts, state->version, state->encrypt_then_mac, key, iv, mac_key))
        return no_libcrypto;
    return NULL;
}

void decryptor_change_cipher(struct decryptor *decryptor, const struct tls_state *state,
                             enum role from)
{
    struct decrypting *side = &decryptor->side[from];
    cipher_state_fini(&side->keys);
    side->active = true;
    side->skipped = false;
    if (!state->has_client_hello || !state->has_server_hello) {
        side->why = no_hello;
        return;
    }
    const struct secret *master =
        keylog_find(decryptor->keylog, SECRET_MASTER, state->client_random);
    side->why = master == NULL ? no_secret : keys_of_master(&side->keys, master, state, from);
}

/* ---- records ---- */

static bool make_room(struct decryptor *decryptor, size_t len)
{
    size_t room = len + CIPHER_OVERHEAD_MAX;
    if (room <= decryptor->room)
        return true;
    uint8_t *buffer = realloc(decryptor->buffer, room);
    if (buffer == NULL)
        return false;
    decryptor->buffer = buffer;
    decryptor->room = room;
    return true;
}

/* Behind a gap the sequence number may be some records on. */
static bool open_with(struct cipher_state *keys, bool skipped, struct decryptor *decryptor,
                      struct tls_record *record, const struct sealed *sealed)
{
    uint64_t first = keys->seq;
    for (int i = 0; i <= (skipped ? SKIPPED_MAX : 0); i++) {
        keys->seq = first + (uint64_t)i;
        if (cipher_open(keys, decryptor->buffer, &record->content_len, &record->padding_len,
                        sealed))
            return true;
    }
    keys->seq = first;
    return false;
}

/* Does the record open in the phase after the present one? A client whose early data was refused
 * says no word about it; a Finished may be what was lost. */
static bool open_in_next_phase(struct decryptor *decryptor, const struct tls_state *state,
                               struct tls_record *record, const struct sealed *sealed)
{
    struct decrypting *side = &decryptor->side[record->from];
    struct secret secret;
    struct cipher_state keys = { .ready = false };
    if (state->version != TLS13 || side->phase == PHASE_TRAFFIC)
        return false;
    enum phase next = side->phase + 1;
    if (keys_of_phase(&keys, &secret, decryptor, state, record->from, next) == NULL &&
        open_with(&keys, side->skipped, decryptor, record, sealed)) {
        cipher_state_fini(&side->keys);
        *side =
            (struct decrypting){ .active = true, .phase = next, .secret = secret, .keys = keys };
        return true;
    }
    cipher_state_fini(&keys);
    return false;
}

/* RFC 8446 section 5.2: content, its type, zeros. */
static bool unpad(struct tls_record *record)
{
    size_t len = record->content_len;
    while (len > 0 && record->content[len - 1] == 0)
        len--;
    if (len == 0)
        return false;
    record->padding_len = record->content_len - len;
    record->content_type = record->content[len - 1];
    record->content_len = len - 1;
    return true;
}

static const char *open_record(struct decryptor *decryptor, const struct tls_state *state,
                               struct tls_record *record)
{
    struct decrypting *side = &decryptor->side[record->from];
    struct sealed sealed = { record->type, record->version, record->fragment,
                             record->fragment_len };
    if (record->hurt) {
        cipher_pass(&side->keys, &sealed);
        return bytes_missing;
    }
    if (!make_room(decryptor, sealed.len))
        return no_memory;
    bool opened =
        side->why == NULL && open_with(&side->keys, side->skipped, decryptor, record, &sealed);
    if (!opened && !open_in_next_phase(decryptor, state, record, &sealed)) {
        cipher_pass(&side->keys, &sealed);
        return side->why != NULL ? side->why : no_match;
    }
    side->skipped = false;
    record->early = state->version == TLS13 && side->phase == PHASE_EARLY;
    record->content = decryptor->buffer;
    return state->version == TLS13 && !unpad(record) ? "there is nothing but padding in it" : NULL;
}

void decryptor_open(struct decryptor *decryptor, const struct tls_state *state,
                    struct tls_record *record)
{
    const struct decrypting *side = &decryptor->side[record->from];
    /* In TLS 1.3 all that is protected looks like application data (RFC 8446 section 5.2). */
    bool in_clear =
        !side->active || (state->version == TLS13 && record->type != CONTENT_APPLICATION_DATA);
    record->content_type = record->type;
    record->content = record->fragment;
    record->content_len = record->fragment_len;
    record->padding_len = 0;
    record->protection = PROTECTION_NONE;
    record->why = NULL;
    if (in_clear && record->type != CONTENT_APPLICATION_DATA)
        return;
    if (!in_clear)
        record->why = open_record(decryptor, state, record);
    else
        record->why = state->has_server_hello ? no_change : no_hello;
    record->protection = record->why == NULL ? PROTECTION_DECRYPTED : PROTECTION_OPAQUE;
    if (record->why == NULL)
        return;
    record->content = NULL;
    record->content_len = record->padding_len = 0;
}
