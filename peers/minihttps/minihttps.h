/* The mini-HTTPS protocol: four messages, by which a client gets one text from a server that it
 * need not know. Messages are byte strings here; transport.h carries them over TCP.
 *
 *   client_hello   Kp1                                     120 bytes
 *   server_hello   Kp2 || seal(k, signature || certificate) 260 + certificate
 *   client_ready   seal(k, "READY")                         33
 *   data           seal(k, text)                            28 + text
 *
 * Kp1, Kp2: ephemeral P-384 keys as SubjectPublicKeyInfo; k: HKDF-SHA256 of their ECDH; the
 * signature covers Kp1 || Kp2 || certificate, so that neither can be put into another session. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_MINIHTTPS_H
#define TLSMATRIX_PEERS_MINIHTTPS_MINIHTTPS_H

#include "harness/pki/files.h"
#include "peers/minihttps/certificate.h"
#include "peers/minihttps/primitives.h"

#include <stdbool.h>

#define READY_TEXT "READY" /* capital letters */

enum {
    CLIENT_HELLO_LEN = SPKI_LEN,
    CLIENT_READY_LEN = SEAL_OVERHEAD + sizeof READY_TEXT - 1,
    CERTIFICATE_MAX = 16 * 1024, /* real ones are under 4 KiB */
    DATA_TEXT_MAX = 32 * 1024,   /* a text, not a download */
    MESSAGE_MAX = 64 * 1024,     /* above every message of the above */
};

/* What makes a server: key and certificate need not belong together (an imposter's do not). */
struct minihttps_identity {
    EVP_PKEY *key;
    struct bytes certificate; /* DER */
    struct bytes text;
};

/* Reads priv.key, server.cert and data.txt of a directory. */
int identity_load(struct minihttps_identity *out, const char *directory, struct error *err);
void identity_fini(struct minihttps_identity *identity);

/* One session of a client. The trust belongs to the caller and must outlive it. */
struct minihttps_client {
    const struct trust *trust; /* NULL: unchecked, whoever answers is believed */
    const char *name;
    int64_t time;
    EVP_PKEY *key;
    uint8_t hello[SPKI_LEN];
    uint8_t session_key[KEY_LEN];
};

/* `name` is the server's (see server_name_check()); seconds since 1970 as time. With trust NULL
 * neither counts. */
int client_init(struct minihttps_client *out, const struct trust *trust, const char *name,
                int64_t time, struct error *err);
void client_fini(struct minihttps_client *client);

/* client->hello is the client_hello. Takes the server_hello and makes the client_ready: only if
 * certificate and signature are right (nothing is to be sent otherwise). */
enum minihttps_fault client_ready(uint8_t out[CLIENT_READY_LEN], struct minihttps_client *client,
                                  const uint8_t *server_hello, size_t len);
/* Opens the data message; the caller owns out->data, which has a NUL behind it. */
enum minihttps_fault client_data(struct bytes *out, const struct minihttps_client *client,
                                 const uint8_t *data, size_t len);

/* One session of a server; the identity must outlive it. */
struct minihttps_server {
    const struct minihttps_identity *identity;
    uint8_t session_key[KEY_LEN];
};

/* Takes the client_hello, makes the server_hello; the caller owns out->data. */
enum minihttps_fault server_hello(struct bytes *out, struct minihttps_server *server,
                                  const uint8_t *client_hello, size_t len);
/* Takes the client_ready, makes the data message; the caller owns out->data. */
enum minihttps_fault server_data(struct bytes *out, const struct minihttps_server *server,
                                 const uint8_t *ready, size_t len);

/* The parts of a server_hello, for whoever takes one apart or makes one. */
struct hello_proof {
    uint8_t signature[SIGNATURE_LEN];
    struct bytes certificate;
};
enum minihttps_fault hello_encode(struct bytes *out, const uint8_t spki[SPKI_LEN],
                                  const uint8_t key[KEY_LEN], const struct hello_proof *proof);
/* `own` is the receiver's ephemeral key. The caller owns out->certificate.data. */
enum minihttps_fault hello_decode(struct hello_proof *out, uint8_t key[KEY_LEN], EVP_PKEY *own,
                                  const uint8_t *hello, size_t len);
/* Kp1 || Kp2 || certificate; the caller owns out->data. */
enum minihttps_fault signed_content(struct bytes *out, const uint8_t client_spki[SPKI_LEN],
                                    const uint8_t server_spki[SPKI_LEN],
                                    const struct bytes *certificate);

#endif
