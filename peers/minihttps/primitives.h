/* The cryptography of the protocol, on the system's libcrypto: ECDH and ECDSA on P-384,
 * HKDF-SHA256, AES-256-GCM. Whoever holds a key may call these; the protocol itself is in
 * minihttps.h. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_PRIMITIVES_H
#define TLSMATRIX_PEERS_MINIHTTPS_PRIMITIVES_H

#include "peers/minihttps/fault.h"

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SPKI_LEN = 120,  /* SubjectPublicKeyInfo of an uncompressed P-384 point, DER */
    SHARED_LEN = 48, /* its X coordinate */
    KEY_LEN = 32,    /* AES-256 */
    NONCE_LEN = 12,
    TAG_LEN = 16,
    SEAL_OVERHEAD = NONCE_LEN + TAG_LEN,
    PAD_BLOCK = 16,
    SIGNATURE_DER_MAX = 104, /* two integers of 49 bytes with their headers, and the sequence's */
    SIGNATURE_LEN = 112,     /* that, padded; a DER form under 96 bytes comes once in 2^50 */
};

/* A new P-384 key pair, which the caller owns; NULL if libcrypto cannot. */
EVP_PKEY *key_generate(void);

/* Exactly the 120 bytes; FAULT_KEY if the key is not on P-384. */
enum minihttps_fault spki_encode(uint8_t out[SPKI_LEN], EVP_PKEY *key);
/* The caller owns *out. Takes the one canonical encoding of a point on the curve, nothing else. */
enum minihttps_fault spki_decode(EVP_PKEY **out, const uint8_t *data, size_t len);

/* RFC 5869 with SHA-256. An empty salt means 32 zero bytes, as section 2.2 there has it. */
enum minihttps_fault hkdf_sha256(uint8_t *out, size_t out_len, const uint8_t *secret,
                                 size_t secret_len, const uint8_t *salt, size_t salt_len,
                                 const uint8_t *info, size_t info_len);

/* ECDH, then HKDF-SHA256 of the X coordinate with no salt and no info. */
enum minihttps_fault key_exchange(uint8_t out[KEY_LEN], EVP_PKEY *own, EVP_PKEY *peer);

/* nonce || ciphertext || tag, len + SEAL_OVERHEAD bytes, with a random nonce. */
enum minihttps_fault seal(uint8_t *out, const uint8_t key[KEY_LEN], const uint8_t *plain,
                          size_t len);
/* As seal(), with the caller's nonce: for known answers only. */
enum minihttps_fault seal_with_nonce(uint8_t *out, const uint8_t key[KEY_LEN],
                                     const uint8_t nonce[NONCE_LEN], const uint8_t *plain,
                                     size_t len);
/* Writes len - SEAL_OVERHEAD bytes. FAULT_TAG if they are not authentic, or too few for a tag;
 * what was written is then cleared. */
enum minihttps_fault unseal(uint8_t *out, const uint8_t key[KEY_LEN], const uint8_t *sealed,
                            size_t len);

/* PKCS#7 (RFC 5652 section 6.3) to whole blocks of 16; `out` has room for len + 16 bytes. */
size_t pkcs7_pad(uint8_t *out, const uint8_t *data, size_t len);
/* The length without padding; FAULT_PADDING for every way in which it can be wrong. */
enum minihttps_fault pkcs7_unpad(size_t *out, const uint8_t *data, size_t len);

/* ECDSA with SHA-256, DER, padded. */
enum minihttps_fault signature_make(uint8_t out[SIGNATURE_LEN], EVP_PKEY *key, const uint8_t *data,
                                    size_t len);
enum minihttps_fault signature_check(const uint8_t signature[SIGNATURE_LEN], EVP_PKEY *key,
                                     const uint8_t *data, size_t len);

#endif
