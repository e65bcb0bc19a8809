/* From shared secrets to keys: RFC 8446 section 7, RFC 5246 sections 6.3 and 8.1, RFC 7627. */
#include "peers/careless/careless.h"

#include <stdio.h>
#include <string.h>

static int out_of_order(conn *c)
{
    return refuse(c, ALERT_INTERNAL_ERROR, "key schedule");
}

/* ---- transcript ---- */

int transcript_hash(conn *c, uint8_t out[HASH_LEN])
{
    if (c->transcript.failed || hash(out, c->transcript.data, c->transcript.len) != 0)
        return out_of_order(c);
    return 0;
}

int transcript_retry(conn *c)
{
    enum { MESSAGE_HASH = 254 };
    uint8_t digest[HASH_LEN];
    if (transcript_hash(c, digest) != 0)
        return -1;
    writer_clear(&c->transcript);
    handshake_write(&c->transcript, MESSAGE_HASH, digest, HASH_LEN);
    return 0;
}

/* ---- key log ---- */

static void append_hex(char *text, size_t room, const uint8_t *bytes, size_t len)
{
    size_t used = strlen(text);
    for (size_t i = 0; i < len && used + 2 < room; i++, used += 2)
        snprintf(text + used, room - used, "%02x", bytes[i]);
}

static void log_secret(conn *c, const char *label, const uint8_t *secret, size_t len)
{
    char line[256];
    size_t used = strlen(c->facts->keylog);
    snprintf(line, sizeof line, "%s ", label);
    append_hex(line, sizeof line, c->randoms[ROLE_CLIENT], HELLO_RANDOM_LEN);
    strcat(line, " ");
    append_hex(line, sizeof line, secret, len);
    if (c->endpoint.keylog && used + strlen(line) + 2 <= sizeof c->facts->keylog)
        sprintf(c->facts->keylog + used, "%s\n", line);
}

/* ---- TLS 1.3 ---- */

/* Derive-Secret with a hash that is there already. */
static int derive(uint8_t out[HASH_LEN], const uint8_t secret[HASH_LEN], const char *label,
                  const uint8_t digest[HASH_LEN])
{
    return hkdf_expand_label(out, HASH_LEN, secret, label, digest, HASH_LEN);
}

/* From one stage of the schedule to the next: HKDF-Extract with the derived secret as salt. */
static int advance(conn *c, const uint8_t input[HASH_LEN])
{
    uint8_t empty[HASH_LEN], salt[HASH_LEN];
    if (hash(empty, "", 0) != 0 || derive(salt, c->secret, "derived", empty) != 0 ||
        mac(c->secret, salt, HASH_LEN, input, HASH_LEN) != 0)
        return out_of_order(c);
    return 0;
}

int schedule13_use(conn *c, struct protection *protection, const uint8_t secret[HASH_LEN])
{
    if (protection == &c->writing)
        announce_keys(c);
    *protection = (struct protection){ .on = true, .cipher = cipher_of(c->suite) };
    if (hkdf_expand_label(protection->key, protection->cipher->key_len, secret, "key", NULL, 0) !=
            0 ||
        hkdf_expand_label(protection->iv, NONCE_LEN, secret, "iv", NULL, 0) != 0)
        return out_of_order(c);
    return 0;
}

int schedule13_handshake(conn *c)
{
    uint8_t digest[HASH_LEN];
    uint8_t(*secrets)[HASH_LEN] = c->handshake_secrets;
    enum role other = c->role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    if (mac(c->secret, NULL, 0, c->psk, HASH_LEN) != 0 || advance(c, c->shared_secret) != 0 ||
        transcript_hash(c, digest) != 0 ||
        derive(secrets[ROLE_CLIENT], c->secret, "c hs traffic", digest) != 0 ||
        derive(secrets[ROLE_SERVER], c->secret, "s hs traffic", digest) != 0)
        return out_of_order(c);
    log_secret(c, "CLIENT_HANDSHAKE_TRAFFIC_SECRET", secrets[ROLE_CLIENT], HASH_LEN);
    log_secret(c, "SERVER_HANDSHAKE_TRAFFIC_SECRET", secrets[ROLE_SERVER], HASH_LEN);
    if (schedule13_use(c, &c->reading, secrets[other]) != 0)
        return -1;
    return schedule13_use(c, &c->writing, secrets[c->role]);
}

int schedule13_master(conn *c)
{
    static const uint8_t zeros[HASH_LEN];
    uint8_t digest[HASH_LEN];
    uint8_t(*secrets)[HASH_LEN] = c->traffic_secrets;
    if (advance(c, zeros) != 0 || transcript_hash(c, digest) != 0 ||
        derive(secrets[ROLE_CLIENT], c->secret, "c ap traffic", digest) != 0 ||
        derive(secrets[ROLE_SERVER], c->secret, "s ap traffic", digest) != 0 ||
        derive(c->exporter_secret, c->secret, "exp master", digest) != 0)
        return out_of_order(c);
    log_secret(c, "CLIENT_TRAFFIC_SECRET_0", secrets[ROLE_CLIENT], HASH_LEN);
    log_secret(c, "SERVER_TRAFFIC_SECRET_0", secrets[ROLE_SERVER], HASH_LEN);
    log_secret(c, "EXPORTER_SECRET", c->exporter_secret, HASH_LEN);
    return 0;
}

int schedule13_resumption(conn *c)
{
    uint8_t digest[HASH_LEN];
    if (transcript_hash(c, digest) != 0 ||
        derive(c->resumption_secret, c->secret, "res master", digest) != 0)
        return out_of_order(c);
    return 0;
}

int schedule13_update(conn *c, enum role sender)
{
    uint8_t *secret = c->traffic_secrets[sender];
    if (hkdf_expand_label(secret, HASH_LEN, secret, "traffic upd", NULL, 0) != 0)
        return out_of_order(c);
    return schedule13_use(c, sender == c->role ? &c->writing : &c->reading, secret);
}

int finished13(conn *c, uint8_t out[HASH_LEN], enum role sender)
{
    uint8_t digest[HASH_LEN], key[HASH_LEN];
    if (transcript_hash(c, digest) != 0 ||
        hkdf_expand_label(key, HASH_LEN, c->handshake_secrets[sender], "finished", NULL, 0) != 0 ||
        mac(out, key, HASH_LEN, digest, HASH_LEN) != 0)
        return out_of_order(c);
    return 0;
}

/* ---- TLS 1.2 ---- */

static int master_secret12(conn *c)
{
    uint8_t digest[HASH_LEN];
    uint8_t *out = c->master_secret;
    if (transcript_hash(c, digest) != 0)
        return -1;
    /* The randoms lie behind each other in the order client, server. */
    int done = c->extended ? prf(out, MASTER_SECRET_LEN, c->shared_secret, c->shared_secret_len,
                                 "extended master secret", digest, HASH_LEN)
                           : prf(out, MASTER_SECRET_LEN, c->shared_secret, c->shared_secret_len,
                                 "master secret", c->randoms, sizeof c->randoms);
    return done == 0 ? 0 : out_of_order(c);
}

/* One direction's parts of the key block, which has the client's before the server's of each. */
static void cut_block(struct protection *out, const conn *c, const uint8_t *block, enum role sender)
{
    const struct cipher *cipher = cipher_of(c->suite);
    *out = (struct protection){ .on = true, .cipher = cipher, .mac_last = c->mac_last };
    memcpy(out->mac_key, block + (size_t)sender * cipher->mac_len, cipher->mac_len);
    block += 2 * cipher->mac_len;
    memcpy(out->key, block + (size_t)sender * cipher->key_len, cipher->key_len);
    block += 2 * cipher->key_len;
    memcpy(out->iv, block + (size_t)sender * cipher->fixed_len, cipher->fixed_len);
}

int schedule12(conn *c)
{
    uint8_t seed[2 * HELLO_RANDOM_LEN], block[2 * (MAC_LEN + KEY_MAX + NONCE_LEN)];
    memcpy(seed, c->randoms[ROLE_SERVER], HELLO_RANDOM_LEN);
    memcpy(seed + HELLO_RANDOM_LEN, c->randoms[ROLE_CLIENT], HELLO_RANDOM_LEN);
    if (master_secret12(c) != 0 || prf(block, sizeof block, c->master_secret, MASTER_SECRET_LEN,
                                       "key expansion", seed, sizeof seed) != 0)
        return out_of_order(c);
    log_secret(c, "CLIENT_RANDOM", c->master_secret, MASTER_SECRET_LEN);
    for (enum role sender = ROLE_CLIENT; sender <= ROLE_SERVER; sender++)
        cut_block(sender == c->role ? &c->next_writing : &c->next_reading, c, block, sender);
    return 0;
}

int finished12(conn *c, uint8_t out[FINISHED12_LEN], enum role sender)
{
    static const char *const labels[] = {
        [ROLE_CLIENT] = "client finished", [ROLE_SERVER] = "server finished"
    };
    uint8_t digest[HASH_LEN];
    if (transcript_hash(c, digest) != 0 ||
        prf(out, FINISHED12_LEN, c->master_secret, MASTER_SECRET_LEN, labels[sender], digest,
            HASH_LEN) != 0)
        return out_of_order(c);
    return 0;
}

/* ---- exporter ---- */

int export_value(conn *c, uint8_t out[EXPORTER_LEN])
{
    static const char label[] = "EXPORTER-tlsmatrix";
    uint8_t empty[HASH_LEN], secret[HASH_LEN];
    /* The randoms and the length of the context, which is empty (RFC 5705 section 4). */
    uint8_t seed[sizeof c->randoms + 2] = { 0 };
    memcpy(seed, c->randoms, sizeof c->randoms);
    if (c->version == TLS12)
        return prf(out, EXPORTER_LEN, c->master_secret, MASTER_SECRET_LEN, label, seed,
                   sizeof seed);
    if (hash(empty, "", 0) != 0 || derive(secret, c->exporter_secret, label, empty) != 0)
        return -1;
    return hkdf_expand_label(out, EXPORTER_LEN, secret, "exporter", empty, HASH_LEN);
}
