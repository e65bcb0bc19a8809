/* Cipher suites: IANA "TLS Cipher Suites" registry, without the ones that never had a TLS key
 * schedule of their own in a stack we could drive (KRB5, EXPORT, SCSVs, GOST, ECJPAKE, ECCPWD).
 * Versions: AEAD suites and suites with SHA-256 or better need TLS 1.2 (RFC 5246 section 1.2,
 * 5288 section 4); DES and IDEA end with TLS 1.1 (RFC 5469 section 1). */
#include "harness/wire/registry.h"

#include <string.h>

#define SUITE(id, name, slug, kx, auth, cipher, min, max)                                          \
    { (id), (name), (slug), KX_##kx, AUTH_##auth, CIPHER_##cipher, (min), (max) },

/* clang-format off */
const struct suite suites[] = {
    SUITE(0x0001, "TLS_RSA_WITH_NULL_MD5", "rsa-null-md5",
          RSA, RSA, NULL, TLS10, TLS12)
    SUITE(0x0002, "TLS_RSA_WITH_NULL_SHA", "rsa-null-sha",
          RSA, RSA, NULL, TLS10, TLS12)
    SUITE(0x0004, "TLS_RSA_WITH_RC4_128_MD5", "rsa-rc4128-md5",
          RSA, RSA, STREAM, TLS10, TLS12)
    SUITE(0x0005, "TLS_RSA_WITH_RC4_128_SHA", "rsa-rc4128-sha",
          RSA, RSA, STREAM, TLS10, TLS12)
    SUITE(0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA", "rsa-ideacbc-sha",
          RSA, RSA, CBC, TLS10, TLS11)
    SUITE(0x0009, "TLS_RSA_WITH_DES_CBC_SHA", "rsa-descbc-sha",
          RSA, RSA, CBC, TLS10, TLS11)
    SUITE(0x000A, "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "rsa-3descbc-sha",
          RSA, RSA, CBC, TLS10, TLS12)
    SUITE(0x000C, "TLS_DH_DSS_WITH_DES_CBC_SHA", "dh-dss-descbc-sha",
          DH, DSS, CBC, TLS10, TLS11)
    SUITE(0x000D, "TLS_DH_DSS_WITH_3DES_EDE_CBC_SHA", "dh-dss-3descbc-sha",
          DH, DSS, CBC, TLS10, TLS12)
    SUITE(0x000F, "TLS_DH_RSA_WITH_DES_CBC_SHA", "dh-rsa-descbc-sha",
          DH, RSA, CBC, TLS10, TLS11)
    SUITE(0x0010, "TLS_DH_RSA_WITH_3DES_EDE_CBC_SHA", "dh-rsa-3descbc-sha",
          DH, RSA, CBC, TLS10, TLS12)
    SUITE(0x0012, "TLS_DHE_DSS_WITH_DES_CBC_SHA", "dhe-dss-descbc-sha",
          DHE, DSS, CBC, TLS10, TLS11)
    SUITE(0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA", "dhe-dss-3descbc-sha",
          DHE, DSS, CBC, TLS10, TLS12)
    SUITE(0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA", "dhe-rsa-descbc-sha",
          DHE, RSA, CBC, TLS10, TLS11)
    SUITE(0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "dhe-rsa-3descbc-sha",
          DHE, RSA, CBC, TLS10, TLS12)
    SUITE(0x0018, "TLS_DH_anon_WITH_RC4_128_MD5", "dh-anon-rc4128-md5",
          DHE, ANON, STREAM, TLS10, TLS12)
    SUITE(0x001A, "TLS_DH_anon_WITH_DES_CBC_SHA", "dh-anon-descbc-sha",
          DHE, ANON, CBC, TLS10, TLS11)
    SUITE(0x001B, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA", "dh-anon-3descbc-sha",
          DHE, ANON, CBC, TLS10, TLS12)
    SUITE(0x002C, "TLS_PSK_WITH_NULL_SHA", "psk-null-sha",
          PSK, PSK, NULL, TLS10, TLS12)
    SUITE(0x002D, "TLS_DHE_PSK_WITH_NULL_SHA", "dhe-psk-null-sha",
          DHE, PSK, NULL, TLS10, TLS12)
    SUITE(0x002E, "TLS_RSA_PSK_WITH_NULL_SHA", "rsa-psk-null-sha",
          RSA_PSK, RSA, NULL, TLS10, TLS12)
    SUITE(0x002F, "TLS_RSA_WITH_AES_128_CBC_SHA", "rsa-aes128cbc-sha",
          RSA, RSA, CBC, TLS10, TLS12)
    SUITE(0x0030, "TLS_DH_DSS_WITH_AES_128_CBC_SHA", "dh-dss-aes128cbc-sha",
          DH, DSS, CBC, TLS10, TLS12)
    SUITE(0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA", "dh-rsa-aes128cbc-sha",
          DH, RSA, CBC, TLS10, TLS12)
    SUITE(0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA", "dhe-dss-aes128cbc-sha",
          DHE, DSS, CBC, TLS10, TLS12)
    SUITE(0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "dhe-rsa-aes128cbc-sha",
          DHE, RSA, CBC, TLS10, TLS12)
    SUITE(0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA", "dh-anon-aes128cbc-sha",
          DHE, ANON, CBC, TLS10, TLS12)
    SUITE(0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA", "rsa-aes256cbc-sha",
          RSA, RSA, CBC, TLS10, TLS12)
    SUITE(0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA", "dh-dss-aes256cbc-sha",
          DH, DSS, CBC, TLS10, TLS12)
    SUITE(0x0037, "TLS_DH_RSA_WITH_AES_256_CBC_SHA", "dh-rsa-aes256cbc-sha",
          DH, RSA, CBC, TLS10, TLS12)
    SUITE(0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA", "dhe-dss-aes256cbc-sha",
          DHE, DSS, CBC, TLS10, TLS12)
    SUITE(0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA", "dhe-rsa-aes256cbc-sha",
          DHE, RSA, CBC, TLS10, TLS12)
    SUITE(0x003A, "TLS_DH_anon_WITH_AES_256_CBC_SHA", "dh-anon-aes256cbc-sha",
          DHE, ANON, CBC, TLS10, TLS12)
    SUITE(0x003B, "TLS_RSA_WITH_NULL_SHA256", "rsa-null-sha256",
          RSA, RSA, NULL, TLS12, TLS12)
    SUITE(0x003C, "TLS_RSA_WITH_AES_128_CBC_SHA256", "rsa-aes128cbc-sha256",
          RSA, RSA, CBC, TLS12, TLS12)
    SUITE(0x003D, "TLS_RSA_WITH_AES_256_CBC_SHA256", "rsa-aes256cbc-sha256",
          RSA, RSA, CBC, TLS12, TLS12)
    SUITE(0x003E, "TLS_DH_DSS_WITH_AES_128_CBC_SHA256", "dh-dss-aes128cbc-sha256",
          DH, DSS, CBC, TLS12, TLS12)
    SUITE(0x003F, "TLS_DH_RSA_WITH_AES_128_CBC_SHA256", "dh-rsa-aes128cbc-sha256",
          DH, RSA, CBC, TLS12, TLS12)
    SUITE(0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256", "dhe-dss-aes128cbc-sha256",
          DHE, DSS, CBC, TLS12, TLS12)
    SUITE(0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", "rsa-camellia128cbc-sha",
          RSA, RSA, CBC, TLS10, TLS12)
    SUITE(0x0042, "TLS_DH_DSS_WITH_CAMELLIA_128_CBC_SHA", "dh-dss-camellia128cbc-sha",
          DH, DSS, CBC, TLS10, TLS12)
    SUITE(0x0043, "TLS_DH_RSA_WITH_CAMELLIA_128_CBC_SHA", "dh-rsa-camellia128cbc-sha",
          DH, RSA, CBC, TLS10, TLS12)
    SUITE(0x0044, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA", "dhe-dss-camellia128cbc-sha",
          DHE, DSS, CBC, TLS10, TLS12)
    SUITE(0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA", "dhe-rsa-camellia128cbc-sha",
          DHE, RSA, CBC, TLS10, TLS12)
    SUITE(0x0046, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA", "dh-anon-camellia128cbc-sha",
          DHE, ANON, CBC, TLS10, TLS12)
    SUITE(0x0066, "TLS_DHE_DSS_WITH_RC4_128_SHA", "dhe-dss-rc4128-sha",
          DHE, DSS, STREAM, TLS10, TLS12)
    SUITE(0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "dhe-rsa-aes128cbc-sha256",
          DHE, RSA, CBC, TLS12, TLS12)
    SUITE(0x0068, "TLS_DH_DSS_WITH_AES_256_CBC_SHA256", "dh-dss-aes256cbc-sha256",
          DH, DSS, CBC, TLS12, TLS12)
    SUITE(0x0069, "TLS_DH_RSA_WITH_AES_256_CBC_SHA256", "dh-rsa-aes256cbc-sha256",
          DH, RSA, CBC, TLS12, TLS12)
    SUITE(0x006A, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256", "dhe-dss-aes256cbc-sha256",
          DHE, DSS, CBC, TLS12, TLS12)
    SUITE(0x006B, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", "dhe-rsa-aes256cbc-sha256",
          DHE, RSA, CBC, TLS12, TLS12)
    SUITE(0x006C, "TLS_DH_anon_WITH_AES_128_CBC_SHA256", "dh-anon-aes128cbc-sha256",
          DHE, ANON, CBC, TLS12, TLS12)
    SUITE(0x006D, "TLS_DH_anon_WITH_AES_256_CBC_SHA256", "dh-anon-aes256cbc-sha256",
          DHE, ANON, CBC, TLS12, TLS12)
    SUITE(0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", "rsa-camellia256cbc-sha",
          RSA, RSA, CBC, TLS10, TLS12)
    SUITE(0x0085, "TLS_DH_DSS_WITH_CAMELLIA_256_CBC_SHA", "dh-dss-camellia256cbc-sha",
          DH, DSS, CBC, TLS10, TLS12)
    SUITE(0x0086, "TLS_DH_RSA_WITH_CAMELLIA_256_CBC_SHA", "dh-rsa-camellia256cbc-sha",
          DH, RSA, CBC, TLS10, TLS12)
    SUITE(0x0087, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA", "dhe-dss-camellia256cbc-sha",
          DHE, DSS, CBC, TLS10, TLS12)
    SUITE(0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA", "dhe-rsa-camellia256cbc-sha",
          DHE, RSA, CBC, TLS10, TLS12)
    SUITE(0x0089, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA", "dh-anon-camellia256cbc-sha",
          DHE, ANON, CBC, TLS10, TLS12)
    SUITE(0x008A, "TLS_PSK_WITH_RC4_128_SHA", "psk-rc4128-sha",
          PSK, PSK, STREAM, TLS10, TLS12)
    SUITE(0x008B, "TLS_PSK_WITH_3DES_EDE_CBC_SHA", "psk-3descbc-sha",
          PSK, PSK, CBC, TLS10, TLS12)
    SUITE(0x008C, "TLS_PSK_WITH_AES_128_CBC_SHA", "psk-aes128cbc-sha",
          PSK, PSK, CBC, TLS10, TLS12)
    SUITE(0x008D, "TLS_PSK_WITH_AES_256_CBC_SHA", "psk-aes256cbc-sha",
          PSK, PSK, CBC, TLS10, TLS12)
    SUITE(0x008E, "TLS_DHE_PSK_WITH_RC4_128_SHA", "dhe-psk-rc4128-sha",
          DHE, PSK, STREAM, TLS10, TLS12)
    SUITE(0x008F, "TLS_DHE_PSK_WITH_3DES_EDE_CBC_SHA", "dhe-psk-3descbc-sha",
          DHE, PSK, CBC, TLS10, TLS12)
    SUITE(0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA", "dhe-psk-aes128cbc-sha",
          DHE, PSK, CBC, TLS10, TLS12)
    SUITE(0x0091, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA", "dhe-psk-aes256cbc-sha",
          DHE, PSK, CBC, TLS10, TLS12)
    SUITE(0x0092, "TLS_RSA_PSK_WITH_RC4_128_SHA", "rsa-psk-rc4128-sha",
          RSA_PSK, RSA, STREAM, TLS10, TLS12)
    SUITE(0x0093, "TLS_RSA_PSK_WITH_3DES_EDE_CBC_SHA", "rsa-psk-3descbc-sha",
          RSA_PSK, RSA, CBC, TLS10, TLS12)
    SUITE(0x0094, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA", "rsa-psk-aes128cbc-sha",
          RSA_PSK, RSA, CBC, TLS10, TLS12)
    SUITE(0x0095, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA", "rsa-psk-aes256cbc-sha",
          RSA_PSK, RSA, CBC, TLS10, TLS12)
    SUITE(0x0096, "TLS_RSA_WITH_SEED_CBC_SHA", "rsa-seedcbc-sha",
          RSA, RSA, CBC, TLS10, TLS12)
    SUITE(0x0097, "TLS_DH_DSS_WITH_SEED_CBC_SHA", "dh-dss-seedcbc-sha",
          DH, DSS, CBC, TLS10, TLS12)
    SUITE(0x0098, "TLS_DH_RSA_WITH_SEED_CBC_SHA", "dh-rsa-seedcbc-sha",
          DH, RSA, CBC, TLS10, TLS12)
    SUITE(0x0099, "TLS_DHE_DSS_WITH_SEED_CBC_SHA", "dhe-dss-seedcbc-sha",
          DHE, DSS, CBC, TLS10, TLS12)
    SUITE(0x009A, "TLS_DHE_RSA_WITH_SEED_CBC_SHA", "dhe-rsa-seedcbc-sha",
          DHE, RSA, CBC, TLS10, TLS12)
    SUITE(0x009B, "TLS_DH_anon_WITH_SEED_CBC_SHA", "dh-anon-seedcbc-sha",
          DHE, ANON, CBC, TLS10, TLS12)
    SUITE(0x009C, "TLS_RSA_WITH_AES_128_GCM_SHA256", "rsa-aes128gcm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0x009D, "TLS_RSA_WITH_AES_256_GCM_SHA384", "rsa-aes256gcm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0x009E, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "dhe-rsa-aes128gcm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0x009F, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "dhe-rsa-aes256gcm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0x00A0, "TLS_DH_RSA_WITH_AES_128_GCM_SHA256", "dh-rsa-aes128gcm",
          DH, RSA, AEAD, TLS12, TLS12)
    SUITE(0x00A1, "TLS_DH_RSA_WITH_AES_256_GCM_SHA384", "dh-rsa-aes256gcm",
          DH, RSA, AEAD, TLS12, TLS12)
    SUITE(0x00A2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", "dhe-dss-aes128gcm",
          DHE, DSS, AEAD, TLS12, TLS12)
    SUITE(0x00A3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384", "dhe-dss-aes256gcm",
          DHE, DSS, AEAD, TLS12, TLS12)
    SUITE(0x00A4, "TLS_DH_DSS_WITH_AES_128_GCM_SHA256", "dh-dss-aes128gcm",
          DH, DSS, AEAD, TLS12, TLS12)
    SUITE(0x00A5, "TLS_DH_DSS_WITH_AES_256_GCM_SHA384", "dh-dss-aes256gcm",
          DH, DSS, AEAD, TLS12, TLS12)
    SUITE(0x00A6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256", "dh-anon-aes128gcm",
          DHE, ANON, AEAD, TLS12, TLS12)
    SUITE(0x00A7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384", "dh-anon-aes256gcm",
          DHE, ANON, AEAD, TLS12, TLS12)
    SUITE(0x00A8, "TLS_PSK_WITH_AES_128_GCM_SHA256", "psk-aes128gcm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0x00A9, "TLS_PSK_WITH_AES_256_GCM_SHA384", "psk-aes256gcm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0x00AA, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256", "dhe-psk-aes128gcm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0x00AB, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", "dhe-psk-aes256gcm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0x00AC, "TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", "rsa-psk-aes128gcm",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0x00AD, "TLS_RSA_PSK_WITH_AES_256_GCM_SHA384", "rsa-psk-aes256gcm",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0x00AE, "TLS_PSK_WITH_AES_128_CBC_SHA256", "psk-aes128cbc-sha256",
          PSK, PSK, CBC, TLS12, TLS12)
    SUITE(0x00AF, "TLS_PSK_WITH_AES_256_CBC_SHA384", "psk-aes256cbc-sha384",
          PSK, PSK, CBC, TLS12, TLS12)
    SUITE(0x00B0, "TLS_PSK_WITH_NULL_SHA256", "psk-null-sha256",
          PSK, PSK, NULL, TLS12, TLS12)
    SUITE(0x00B1, "TLS_PSK_WITH_NULL_SHA384", "psk-null-sha384",
          PSK, PSK, NULL, TLS12, TLS12)
    SUITE(0x00B2, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256", "dhe-psk-aes128cbc-sha256",
          DHE, PSK, CBC, TLS12, TLS12)
    SUITE(0x00B3, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384", "dhe-psk-aes256cbc-sha384",
          DHE, PSK, CBC, TLS12, TLS12)
    SUITE(0x00B4, "TLS_DHE_PSK_WITH_NULL_SHA256", "dhe-psk-null-sha256",
          DHE, PSK, NULL, TLS12, TLS12)
    SUITE(0x00B5, "TLS_DHE_PSK_WITH_NULL_SHA384", "dhe-psk-null-sha384",
          DHE, PSK, NULL, TLS12, TLS12)
    SUITE(0x00B6, "TLS_RSA_PSK_WITH_AES_128_CBC_SHA256", "rsa-psk-aes128cbc-sha256",
          RSA_PSK, RSA, CBC, TLS12, TLS12)
    SUITE(0x00B7, "TLS_RSA_PSK_WITH_AES_256_CBC_SHA384", "rsa-psk-aes256cbc-sha384",
          RSA_PSK, RSA, CBC, TLS12, TLS12)
    SUITE(0x00B8, "TLS_RSA_PSK_WITH_NULL_SHA256", "rsa-psk-null-sha256",
          RSA_PSK, RSA, NULL, TLS12, TLS12)
    SUITE(0x00B9, "TLS_RSA_PSK_WITH_NULL_SHA384", "rsa-psk-null-sha384",
          RSA_PSK, RSA, NULL, TLS12, TLS12)
    SUITE(0x00BA, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256", "rsa-camellia128cbc-sha256",
          RSA, RSA, CBC, TLS12, TLS12)
    SUITE(0x00BB, "TLS_DH_DSS_WITH_CAMELLIA_128_CBC_SHA256", "dh-dss-camellia128cbc-sha256",
          DH, DSS, CBC, TLS12, TLS12)
    SUITE(0x00BC, "TLS_DH_RSA_WITH_CAMELLIA_128_CBC_SHA256", "dh-rsa-camellia128cbc-sha256",
          DH, RSA, CBC, TLS12, TLS12)
    SUITE(0x00BD, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256", "dhe-dss-camellia128cbc-sha256",
          DHE, DSS, CBC, TLS12, TLS12)
    SUITE(0x00BE, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", "dhe-rsa-camellia128cbc-sha256",
          DHE, RSA, CBC, TLS12, TLS12)
    SUITE(0x00BF, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256", "dh-anon-camellia128cbc-sha256",
          DHE, ANON, CBC, TLS12, TLS12)
    SUITE(0x00C0, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256", "rsa-camellia256cbc-sha256",
          RSA, RSA, CBC, TLS12, TLS12)
    SUITE(0x00C1, "TLS_DH_DSS_WITH_CAMELLIA_256_CBC_SHA256", "dh-dss-camellia256cbc-sha256",
          DH, DSS, CBC, TLS12, TLS12)
    SUITE(0x00C2, "TLS_DH_RSA_WITH_CAMELLIA_256_CBC_SHA256", "dh-rsa-camellia256cbc-sha256",
          DH, RSA, CBC, TLS12, TLS12)
    SUITE(0x00C3, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256", "dhe-dss-camellia256cbc-sha256",
          DHE, DSS, CBC, TLS12, TLS12)
    SUITE(0x00C4, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256", "dhe-rsa-camellia256cbc-sha256",
          DHE, RSA, CBC, TLS12, TLS12)
    SUITE(0x00C5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256", "dh-anon-camellia256cbc-sha256",
          DHE, ANON, CBC, TLS12, TLS12)
    SUITE(0x00C6, "TLS_SM4_GCM_SM3", "sm4gcm",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0x00C7, "TLS_SM4_CCM_SM3", "sm4ccm",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0x1301, "TLS_AES_128_GCM_SHA256", "aes128gcm",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0x1302, "TLS_AES_256_GCM_SHA384", "aes256gcm",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0x1303, "TLS_CHACHA20_POLY1305_SHA256", "chacha20poly1305",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0x1304, "TLS_AES_128_CCM_SHA256", "aes128ccm",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0x1305, "TLS_AES_128_CCM_8_SHA256", "aes128ccm8",
          TLS13, TLS13, AEAD, TLS13, TLS13)
    SUITE(0xC001, "TLS_ECDH_ECDSA_WITH_NULL_SHA", "ecdh-ecdsa-null-sha",
          ECDH, ECDSA, NULL, TLS10, TLS12)
    SUITE(0xC002, "TLS_ECDH_ECDSA_WITH_RC4_128_SHA", "ecdh-ecdsa-rc4128-sha",
          ECDH, ECDSA, STREAM, TLS10, TLS12)
    SUITE(0xC003, "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA", "ecdh-ecdsa-3descbc-sha",
          ECDH, ECDSA, CBC, TLS10, TLS12)
    SUITE(0xC004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA", "ecdh-ecdsa-aes128cbc-sha",
          ECDH, ECDSA, CBC, TLS10, TLS12)
    SUITE(0xC005, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA", "ecdh-ecdsa-aes256cbc-sha",
          ECDH, ECDSA, CBC, TLS10, TLS12)
    SUITE(0xC006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA", "ecdhe-ecdsa-null-sha",
          ECDHE, ECDSA, NULL, TLS10, TLS12)
    SUITE(0xC007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA", "ecdhe-ecdsa-rc4128-sha",
          ECDHE, ECDSA, STREAM, TLS10, TLS12)
    SUITE(0xC008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA", "ecdhe-ecdsa-3descbc-sha",
          ECDHE, ECDSA, CBC, TLS10, TLS12)
    SUITE(0xC009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ecdhe-ecdsa-aes128cbc-sha",
          ECDHE, ECDSA, CBC, TLS10, TLS12)
    SUITE(0xC00A, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ecdhe-ecdsa-aes256cbc-sha",
          ECDHE, ECDSA, CBC, TLS10, TLS12)
    SUITE(0xC00B, "TLS_ECDH_RSA_WITH_NULL_SHA", "ecdh-rsa-null-sha",
          ECDH, RSA, NULL, TLS10, TLS12)
    SUITE(0xC00C, "TLS_ECDH_RSA_WITH_RC4_128_SHA", "ecdh-rsa-rc4128-sha",
          ECDH, RSA, STREAM, TLS10, TLS12)
    SUITE(0xC00D, "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA", "ecdh-rsa-3descbc-sha",
          ECDH, RSA, CBC, TLS10, TLS12)
    SUITE(0xC00E, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA", "ecdh-rsa-aes128cbc-sha",
          ECDH, RSA, CBC, TLS10, TLS12)
    SUITE(0xC00F, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA", "ecdh-rsa-aes256cbc-sha",
          ECDH, RSA, CBC, TLS10, TLS12)
    SUITE(0xC010, "TLS_ECDHE_RSA_WITH_NULL_SHA", "ecdhe-rsa-null-sha",
          ECDHE, RSA, NULL, TLS10, TLS12)
    SUITE(0xC011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA", "ecdhe-rsa-rc4128-sha",
          ECDHE, RSA, STREAM, TLS10, TLS12)
    SUITE(0xC012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA", "ecdhe-rsa-3descbc-sha",
          ECDHE, RSA, CBC, TLS10, TLS12)
    SUITE(0xC013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ecdhe-rsa-aes128cbc-sha",
          ECDHE, RSA, CBC, TLS10, TLS12)
    SUITE(0xC014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ecdhe-rsa-aes256cbc-sha",
          ECDHE, RSA, CBC, TLS10, TLS12)
    SUITE(0xC015, "TLS_ECDH_anon_WITH_NULL_SHA", "ecdh-anon-null-sha",
          ECDHE, ANON, NULL, TLS10, TLS12)
    SUITE(0xC016, "TLS_ECDH_anon_WITH_RC4_128_SHA", "ecdh-anon-rc4128-sha",
          ECDHE, ANON, STREAM, TLS10, TLS12)
    SUITE(0xC017, "TLS_ECDH_anon_WITH_3DES_EDE_CBC_SHA", "ecdh-anon-3descbc-sha",
          ECDHE, ANON, CBC, TLS10, TLS12)
    SUITE(0xC018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA", "ecdh-anon-aes128cbc-sha",
          ECDHE, ANON, CBC, TLS10, TLS12)
    SUITE(0xC019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA", "ecdh-anon-aes256cbc-sha",
          ECDHE, ANON, CBC, TLS10, TLS12)
    SUITE(0xC01A, "TLS_SRP_SHA_WITH_3DES_EDE_CBC_SHA", "srp-sha-3descbc-sha",
          SRP, ANON, CBC, TLS10, TLS12)
    SUITE(0xC01B, "TLS_SRP_SHA_RSA_WITH_3DES_EDE_CBC_SHA", "srp-sha-rsa-3descbc-sha",
          SRP, RSA, CBC, TLS10, TLS12)
    SUITE(0xC01C, "TLS_SRP_SHA_DSS_WITH_3DES_EDE_CBC_SHA", "srp-sha-dss-3descbc-sha",
          SRP, DSS, CBC, TLS10, TLS12)
    SUITE(0xC01D, "TLS_SRP_SHA_WITH_AES_128_CBC_SHA", "srp-sha-aes128cbc-sha",
          SRP, ANON, CBC, TLS10, TLS12)
    SUITE(0xC01E, "TLS_SRP_SHA_RSA_WITH_AES_128_CBC_SHA", "srp-sha-rsa-aes128cbc-sha",
          SRP, RSA, CBC, TLS10, TLS12)
    SUITE(0xC01F, "TLS_SRP_SHA_DSS_WITH_AES_128_CBC_SHA", "srp-sha-dss-aes128cbc-sha",
          SRP, DSS, CBC, TLS10, TLS12)
    SUITE(0xC020, "TLS_SRP_SHA_WITH_AES_256_CBC_SHA", "srp-sha-aes256cbc-sha",
          SRP, ANON, CBC, TLS10, TLS12)
    SUITE(0xC021, "TLS_SRP_SHA_RSA_WITH_AES_256_CBC_SHA", "srp-sha-rsa-aes256cbc-sha",
          SRP, RSA, CBC, TLS10, TLS12)
    SUITE(0xC022, "TLS_SRP_SHA_DSS_WITH_AES_256_CBC_SHA", "srp-sha-dss-aes256cbc-sha",
          SRP, DSS, CBC, TLS10, TLS12)
    SUITE(0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "ecdhe-ecdsa-aes128cbc-sha256",
          ECDHE, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384", "ecdhe-ecdsa-aes256cbc-sha384",
          ECDHE, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC025, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256", "ecdh-ecdsa-aes128cbc-sha256",
          ECDH, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC026, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384", "ecdh-ecdsa-aes256cbc-sha384",
          ECDH, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256", "ecdhe-rsa-aes128cbc-sha256",
          ECDHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ecdhe-rsa-aes256cbc-sha384",
          ECDHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC029, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256", "ecdh-rsa-aes128cbc-sha256",
          ECDH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC02A, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384", "ecdh-rsa-aes256cbc-sha384",
          ECDH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC02B, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ecdhe-ecdsa-aes128gcm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC02C, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ecdhe-ecdsa-aes256gcm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC02D, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256", "ecdh-ecdsa-aes128gcm",
          ECDH, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC02E, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384", "ecdh-ecdsa-aes256gcm",
          ECDH, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ecdhe-rsa-aes128gcm",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ecdhe-rsa-aes256gcm",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256", "ecdh-rsa-aes128gcm",
          ECDH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384", "ecdh-rsa-aes256gcm",
          ECDH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC033, "TLS_ECDHE_PSK_WITH_RC4_128_SHA", "ecdhe-psk-rc4128-sha",
          ECDHE, PSK, STREAM, TLS10, TLS12)
    SUITE(0xC034, "TLS_ECDHE_PSK_WITH_3DES_EDE_CBC_SHA", "ecdhe-psk-3descbc-sha",
          ECDHE, PSK, CBC, TLS10, TLS12)
    SUITE(0xC035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", "ecdhe-psk-aes128cbc-sha",
          ECDHE, PSK, CBC, TLS10, TLS12)
    SUITE(0xC036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA", "ecdhe-psk-aes256cbc-sha",
          ECDHE, PSK, CBC, TLS10, TLS12)
    SUITE(0xC037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", "ecdhe-psk-aes128cbc-sha256",
          ECDHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384", "ecdhe-psk-aes256cbc-sha384",
          ECDHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC039, "TLS_ECDHE_PSK_WITH_NULL_SHA", "ecdhe-psk-null-sha",
          ECDHE, PSK, NULL, TLS10, TLS12)
    SUITE(0xC03A, "TLS_ECDHE_PSK_WITH_NULL_SHA256", "ecdhe-psk-null-sha256",
          ECDHE, PSK, NULL, TLS12, TLS12)
    SUITE(0xC03B, "TLS_ECDHE_PSK_WITH_NULL_SHA384", "ecdhe-psk-null-sha384",
          ECDHE, PSK, NULL, TLS12, TLS12)
    SUITE(0xC03C, "TLS_RSA_WITH_ARIA_128_CBC_SHA256", "rsa-aria128cbc-sha256",
          RSA, RSA, CBC, TLS12, TLS12)
    SUITE(0xC03D, "TLS_RSA_WITH_ARIA_256_CBC_SHA384", "rsa-aria256cbc-sha384",
          RSA, RSA, CBC, TLS12, TLS12)
    SUITE(0xC03E, "TLS_DH_DSS_WITH_ARIA_128_CBC_SHA256", "dh-dss-aria128cbc-sha256",
          DH, DSS, CBC, TLS12, TLS12)
    SUITE(0xC03F, "TLS_DH_DSS_WITH_ARIA_256_CBC_SHA384", "dh-dss-aria256cbc-sha384",
          DH, DSS, CBC, TLS12, TLS12)
    SUITE(0xC040, "TLS_DH_RSA_WITH_ARIA_128_CBC_SHA256", "dh-rsa-aria128cbc-sha256",
          DH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC041, "TLS_DH_RSA_WITH_ARIA_256_CBC_SHA384", "dh-rsa-aria256cbc-sha384",
          DH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC042, "TLS_DHE_DSS_WITH_ARIA_128_CBC_SHA256", "dhe-dss-aria128cbc-sha256",
          DHE, DSS, CBC, TLS12, TLS12)
    SUITE(0xC043, "TLS_DHE_DSS_WITH_ARIA_256_CBC_SHA384", "dhe-dss-aria256cbc-sha384",
          DHE, DSS, CBC, TLS12, TLS12)
    SUITE(0xC044, "TLS_DHE_RSA_WITH_ARIA_128_CBC_SHA256", "dhe-rsa-aria128cbc-sha256",
          DHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC045, "TLS_DHE_RSA_WITH_ARIA_256_CBC_SHA384", "dhe-rsa-aria256cbc-sha384",
          DHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC046, "TLS_DH_anon_WITH_ARIA_128_CBC_SHA256", "dh-anon-aria128cbc-sha256",
          DHE, ANON, CBC, TLS12, TLS12)
    SUITE(0xC047, "TLS_DH_anon_WITH_ARIA_256_CBC_SHA384", "dh-anon-aria256cbc-sha384",
          DHE, ANON, CBC, TLS12, TLS12)
    SUITE(0xC048, "TLS_ECDHE_ECDSA_WITH_ARIA_128_CBC_SHA256", "ecdhe-ecdsa-aria128cbc-sha256",
          ECDHE, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC049, "TLS_ECDHE_ECDSA_WITH_ARIA_256_CBC_SHA384", "ecdhe-ecdsa-aria256cbc-sha384",
          ECDHE, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC04A, "TLS_ECDH_ECDSA_WITH_ARIA_128_CBC_SHA256", "ecdh-ecdsa-aria128cbc-sha256",
          ECDH, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC04B, "TLS_ECDH_ECDSA_WITH_ARIA_256_CBC_SHA384", "ecdh-ecdsa-aria256cbc-sha384",
          ECDH, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC04C, "TLS_ECDHE_RSA_WITH_ARIA_128_CBC_SHA256", "ecdhe-rsa-aria128cbc-sha256",
          ECDHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC04D, "TLS_ECDHE_RSA_WITH_ARIA_256_CBC_SHA384", "ecdhe-rsa-aria256cbc-sha384",
          ECDHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC04E, "TLS_ECDH_RSA_WITH_ARIA_128_CBC_SHA256", "ecdh-rsa-aria128cbc-sha256",
          ECDH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC04F, "TLS_ECDH_RSA_WITH_ARIA_256_CBC_SHA384", "ecdh-rsa-aria256cbc-sha384",
          ECDH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC050, "TLS_RSA_WITH_ARIA_128_GCM_SHA256", "rsa-aria128gcm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC051, "TLS_RSA_WITH_ARIA_256_GCM_SHA384", "rsa-aria256gcm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC052, "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256", "dhe-rsa-aria128gcm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC053, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384", "dhe-rsa-aria256gcm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC054, "TLS_DH_RSA_WITH_ARIA_128_GCM_SHA256", "dh-rsa-aria128gcm",
          DH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC055, "TLS_DH_RSA_WITH_ARIA_256_GCM_SHA384", "dh-rsa-aria256gcm",
          DH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC056, "TLS_DHE_DSS_WITH_ARIA_128_GCM_SHA256", "dhe-dss-aria128gcm",
          DHE, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC057, "TLS_DHE_DSS_WITH_ARIA_256_GCM_SHA384", "dhe-dss-aria256gcm",
          DHE, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC058, "TLS_DH_DSS_WITH_ARIA_128_GCM_SHA256", "dh-dss-aria128gcm",
          DH, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC059, "TLS_DH_DSS_WITH_ARIA_256_GCM_SHA384", "dh-dss-aria256gcm",
          DH, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC05A, "TLS_DH_anon_WITH_ARIA_128_GCM_SHA256", "dh-anon-aria128gcm",
          DHE, ANON, AEAD, TLS12, TLS12)
    SUITE(0xC05B, "TLS_DH_anon_WITH_ARIA_256_GCM_SHA384", "dh-anon-aria256gcm",
          DHE, ANON, AEAD, TLS12, TLS12)
    SUITE(0xC05C, "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256", "ecdhe-ecdsa-aria128gcm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC05D, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384", "ecdhe-ecdsa-aria256gcm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC05E, "TLS_ECDH_ECDSA_WITH_ARIA_128_GCM_SHA256", "ecdh-ecdsa-aria128gcm",
          ECDH, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC05F, "TLS_ECDH_ECDSA_WITH_ARIA_256_GCM_SHA384", "ecdh-ecdsa-aria256gcm",
          ECDH, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC060, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256", "ecdhe-rsa-aria128gcm",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384", "ecdhe-rsa-aria256gcm",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC062, "TLS_ECDH_RSA_WITH_ARIA_128_GCM_SHA256", "ecdh-rsa-aria128gcm",
          ECDH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC063, "TLS_ECDH_RSA_WITH_ARIA_256_GCM_SHA384", "ecdh-rsa-aria256gcm",
          ECDH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC064, "TLS_PSK_WITH_ARIA_128_CBC_SHA256", "psk-aria128cbc-sha256",
          PSK, PSK, CBC, TLS12, TLS12)
    SUITE(0xC065, "TLS_PSK_WITH_ARIA_256_CBC_SHA384", "psk-aria256cbc-sha384",
          PSK, PSK, CBC, TLS12, TLS12)
    SUITE(0xC066, "TLS_DHE_PSK_WITH_ARIA_128_CBC_SHA256", "dhe-psk-aria128cbc-sha256",
          DHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC067, "TLS_DHE_PSK_WITH_ARIA_256_CBC_SHA384", "dhe-psk-aria256cbc-sha384",
          DHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC068, "TLS_RSA_PSK_WITH_ARIA_128_CBC_SHA256", "rsa-psk-aria128cbc-sha256",
          RSA_PSK, RSA, CBC, TLS12, TLS12)
    SUITE(0xC069, "TLS_RSA_PSK_WITH_ARIA_256_CBC_SHA384", "rsa-psk-aria256cbc-sha384",
          RSA_PSK, RSA, CBC, TLS12, TLS12)
    SUITE(0xC06A, "TLS_PSK_WITH_ARIA_128_GCM_SHA256", "psk-aria128gcm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC06B, "TLS_PSK_WITH_ARIA_256_GCM_SHA384", "psk-aria256gcm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC06C, "TLS_DHE_PSK_WITH_ARIA_128_GCM_SHA256", "dhe-psk-aria128gcm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC06D, "TLS_DHE_PSK_WITH_ARIA_256_GCM_SHA384", "dhe-psk-aria256gcm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC06E, "TLS_RSA_PSK_WITH_ARIA_128_GCM_SHA256", "rsa-psk-aria128gcm",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC06F, "TLS_RSA_PSK_WITH_ARIA_256_GCM_SHA384", "rsa-psk-aria256gcm",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC070, "TLS_ECDHE_PSK_WITH_ARIA_128_CBC_SHA256", "ecdhe-psk-aria128cbc-sha256",
          ECDHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC071, "TLS_ECDHE_PSK_WITH_ARIA_256_CBC_SHA384", "ecdhe-psk-aria256cbc-sha384",
          ECDHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC072, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", "ecdhe-ecdsa-camellia128cbc-sha256",
          ECDHE, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC073, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", "ecdhe-ecdsa-camellia256cbc-sha384",
          ECDHE, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC074, "TLS_ECDH_ECDSA_WITH_CAMELLIA_128_CBC_SHA256", "ecdh-ecdsa-camellia128cbc-sha256",
          ECDH, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC075, "TLS_ECDH_ECDSA_WITH_CAMELLIA_256_CBC_SHA384", "ecdh-ecdsa-camellia256cbc-sha384",
          ECDH, ECDSA, CBC, TLS12, TLS12)
    SUITE(0xC076, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256", "ecdhe-rsa-camellia128cbc-sha256",
          ECDHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC077, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384", "ecdhe-rsa-camellia256cbc-sha384",
          ECDHE, RSA, CBC, TLS12, TLS12)
    SUITE(0xC078, "TLS_ECDH_RSA_WITH_CAMELLIA_128_CBC_SHA256", "ecdh-rsa-camellia128cbc-sha256",
          ECDH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC079, "TLS_ECDH_RSA_WITH_CAMELLIA_256_CBC_SHA384", "ecdh-rsa-camellia256cbc-sha384",
          ECDH, RSA, CBC, TLS12, TLS12)
    SUITE(0xC07A, "TLS_RSA_WITH_CAMELLIA_128_GCM_SHA256", "rsa-camellia128gcm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC07B, "TLS_RSA_WITH_CAMELLIA_256_GCM_SHA384", "rsa-camellia256gcm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC07C, "TLS_DHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", "dhe-rsa-camellia128gcm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC07D, "TLS_DHE_RSA_WITH_CAMELLIA_256_GCM_SHA384", "dhe-rsa-camellia256gcm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC07E, "TLS_DH_RSA_WITH_CAMELLIA_128_GCM_SHA256", "dh-rsa-camellia128gcm",
          DH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC07F, "TLS_DH_RSA_WITH_CAMELLIA_256_GCM_SHA384", "dh-rsa-camellia256gcm",
          DH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC080, "TLS_DHE_DSS_WITH_CAMELLIA_128_GCM_SHA256", "dhe-dss-camellia128gcm",
          DHE, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC081, "TLS_DHE_DSS_WITH_CAMELLIA_256_GCM_SHA384", "dhe-dss-camellia256gcm",
          DHE, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC082, "TLS_DH_DSS_WITH_CAMELLIA_128_GCM_SHA256", "dh-dss-camellia128gcm",
          DH, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC083, "TLS_DH_DSS_WITH_CAMELLIA_256_GCM_SHA384", "dh-dss-camellia256gcm",
          DH, DSS, AEAD, TLS12, TLS12)
    SUITE(0xC084, "TLS_DH_anon_WITH_CAMELLIA_128_GCM_SHA256", "dh-anon-camellia128gcm",
          DHE, ANON, AEAD, TLS12, TLS12)
    SUITE(0xC085, "TLS_DH_anon_WITH_CAMELLIA_256_GCM_SHA384", "dh-anon-camellia256gcm",
          DHE, ANON, AEAD, TLS12, TLS12)
    SUITE(0xC086, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256", "ecdhe-ecdsa-camellia128gcm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC087, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384", "ecdhe-ecdsa-camellia256gcm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC088, "TLS_ECDH_ECDSA_WITH_CAMELLIA_128_GCM_SHA256", "ecdh-ecdsa-camellia128gcm",
          ECDH, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC089, "TLS_ECDH_ECDSA_WITH_CAMELLIA_256_GCM_SHA384", "ecdh-ecdsa-camellia256gcm",
          ECDH, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC08A, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256", "ecdhe-rsa-camellia128gcm",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC08B, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384", "ecdhe-rsa-camellia256gcm",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC08C, "TLS_ECDH_RSA_WITH_CAMELLIA_128_GCM_SHA256", "ecdh-rsa-camellia128gcm",
          ECDH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC08D, "TLS_ECDH_RSA_WITH_CAMELLIA_256_GCM_SHA384", "ecdh-rsa-camellia256gcm",
          ECDH, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC08E, "TLS_PSK_WITH_CAMELLIA_128_GCM_SHA256", "psk-camellia128gcm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC08F, "TLS_PSK_WITH_CAMELLIA_256_GCM_SHA384", "psk-camellia256gcm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC090, "TLS_DHE_PSK_WITH_CAMELLIA_128_GCM_SHA256", "dhe-psk-camellia128gcm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC091, "TLS_DHE_PSK_WITH_CAMELLIA_256_GCM_SHA384", "dhe-psk-camellia256gcm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC092, "TLS_RSA_PSK_WITH_CAMELLIA_128_GCM_SHA256", "rsa-psk-camellia128gcm",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC093, "TLS_RSA_PSK_WITH_CAMELLIA_256_GCM_SHA384", "rsa-psk-camellia256gcm",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC094, "TLS_PSK_WITH_CAMELLIA_128_CBC_SHA256", "psk-camellia128cbc-sha256",
          PSK, PSK, CBC, TLS12, TLS12)
    SUITE(0xC095, "TLS_PSK_WITH_CAMELLIA_256_CBC_SHA384", "psk-camellia256cbc-sha384",
          PSK, PSK, CBC, TLS12, TLS12)
    SUITE(0xC096, "TLS_DHE_PSK_WITH_CAMELLIA_128_CBC_SHA256", "dhe-psk-camellia128cbc-sha256",
          DHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC097, "TLS_DHE_PSK_WITH_CAMELLIA_256_CBC_SHA384", "dhe-psk-camellia256cbc-sha384",
          DHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC098, "TLS_RSA_PSK_WITH_CAMELLIA_128_CBC_SHA256", "rsa-psk-camellia128cbc-sha256",
          RSA_PSK, RSA, CBC, TLS12, TLS12)
    SUITE(0xC099, "TLS_RSA_PSK_WITH_CAMELLIA_256_CBC_SHA384", "rsa-psk-camellia256cbc-sha384",
          RSA_PSK, RSA, CBC, TLS12, TLS12)
    SUITE(0xC09A, "TLS_ECDHE_PSK_WITH_CAMELLIA_128_CBC_SHA256", "ecdhe-psk-camellia128cbc-sha256",
          ECDHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC09B, "TLS_ECDHE_PSK_WITH_CAMELLIA_256_CBC_SHA384", "ecdhe-psk-camellia256cbc-sha384",
          ECDHE, PSK, CBC, TLS12, TLS12)
    SUITE(0xC09C, "TLS_RSA_WITH_AES_128_CCM", "rsa-aes128ccm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC09D, "TLS_RSA_WITH_AES_256_CCM", "rsa-aes256ccm",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC09E, "TLS_DHE_RSA_WITH_AES_128_CCM", "dhe-rsa-aes128ccm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC09F, "TLS_DHE_RSA_WITH_AES_256_CCM", "dhe-rsa-aes256ccm",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC0A0, "TLS_RSA_WITH_AES_128_CCM_8", "rsa-aes128ccm8",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC0A1, "TLS_RSA_WITH_AES_256_CCM_8", "rsa-aes256ccm8",
          RSA, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC0A2, "TLS_DHE_RSA_WITH_AES_128_CCM_8", "dhe-rsa-aes128ccm8",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC0A3, "TLS_DHE_RSA_WITH_AES_256_CCM_8", "dhe-rsa-aes256ccm8",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xC0A4, "TLS_PSK_WITH_AES_128_CCM", "psk-aes128ccm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0A5, "TLS_PSK_WITH_AES_256_CCM", "psk-aes256ccm",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0A6, "TLS_DHE_PSK_WITH_AES_128_CCM", "dhe-psk-aes128ccm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0A7, "TLS_DHE_PSK_WITH_AES_256_CCM", "dhe-psk-aes256ccm",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0A8, "TLS_PSK_WITH_AES_128_CCM_8", "psk-aes128ccm8",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0A9, "TLS_PSK_WITH_AES_256_CCM_8", "psk-aes256ccm8",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0AA, "TLS_PSK_DHE_WITH_AES_128_CCM_8", "dhe-psk-aes128ccm8",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0AB, "TLS_PSK_DHE_WITH_AES_256_CCM_8", "dhe-psk-aes256ccm8",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xC0AC, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM", "ecdhe-ecdsa-aes128ccm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC0AD, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", "ecdhe-ecdsa-aes256ccm",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC0AE, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", "ecdhe-ecdsa-aes128ccm8",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xC0AF, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8", "ecdhe-ecdsa-aes256ccm8",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xCCA8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ecdhe-rsa-chacha20poly1305",
          ECDHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xCCA9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ecdhe-ecdsa-chacha20poly1305",
          ECDHE, ECDSA, AEAD, TLS12, TLS12)
    SUITE(0xCCAA, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "dhe-rsa-chacha20poly1305",
          DHE, RSA, AEAD, TLS12, TLS12)
    SUITE(0xCCAB, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", "psk-chacha20poly1305",
          PSK, PSK, AEAD, TLS12, TLS12)
    SUITE(0xCCAC, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "ecdhe-psk-chacha20poly1305",
          ECDHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xCCAD, "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "dhe-psk-chacha20poly1305",
          DHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xCCAE, "TLS_RSA_PSK_WITH_CHACHA20_POLY1305_SHA256", "rsa-psk-chacha20poly1305",
          RSA_PSK, RSA, AEAD, TLS12, TLS12)
    SUITE(0xD001, "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256", "ecdhe-psk-aes128gcm",
          ECDHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xD002, "TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384", "ecdhe-psk-aes256gcm",
          ECDHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xD003, "TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256", "ecdhe-psk-aes128ccm8",
          ECDHE, PSK, AEAD, TLS12, TLS12)
    SUITE(0xD005, "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256", "ecdhe-psk-aes128ccm",
          ECDHE, PSK, AEAD, TLS12, TLS12)
};
/* clang-format on */

const size_t num_suites = sizeof suites / sizeof suites[0];

const struct suite *suite_by_id(uint16_t id)
{
    for (size_t i = 0; i < num_suites; i++)
        if (suites[i].id == id)
            return &suites[i];
    return NULL;
}

const struct suite *suite_by_name(const char *name)
{
    for (size_t i = 0; i < num_suites; i++)
        if (strcmp(suites[i].name, name) == 0)
            return &suites[i];
    return NULL;
}

const struct suite *suite_by_slug(const char *slug)
{
    for (size_t i = 0; i < num_suites; i++)
        if (strcmp(suites[i].slug, slug) == 0)
            return &suites[i];
    return NULL;
}

bool suite_allows_version(const struct suite *suite, uint16_t version)
{
    return version >= suite->min_version && version <= suite->max_version;
}

bool suite_uses_group(const struct suite *suite)
{
    return suite->kx == KX_TLS13 || suite->kx == KX_DHE || suite->kx == KX_ECDHE;
}

enum group_kind suite_group_kind(const struct suite *suite)
{
    return suite->kx == KX_DHE ? GROUP_FFDHE : GROUP_ECDHE;
}
