/* The tables of layout.h. A new kind of credential is a row here and one in the enum. */
#include "harness/pki/layout.h"

const char *const forge_role_names[NUM_FORGE_ROLES] = {
    [FORGE_ROOT] = "root",     [FORGE_INTERMEDIATE] = "intermediate",
    [FORGE_SERVER] = "server", [FORGE_CLIENT] = "client",
    [FORGE_OTHER] = "other",
};

const struct forge_kind forge_kinds[NUM_CREDENTIALS] = {
    [CREDENTIAL_RSA2048] = { "RSA", .bits = 2048, .digest = "SHA256", .key_encipherment = true },
    [CREDENTIAL_RSA3072] = { "RSA", .bits = 3072, .digest = "SHA256", .key_encipherment = true },
    [CREDENTIAL_RSA4096] = { "RSA", .bits = 4096, .digest = "SHA256", .key_encipherment = true },
    [CREDENTIAL_RSAPSS2048] = { "RSA-PSS", .bits = 2048, .digest = "SHA256", .pss = true },
    [CREDENTIAL_ECDSA_P256] = { "EC", .group = "prime256v1", .digest = "SHA256" },
    [CREDENTIAL_ECDSA_P384] = { "EC", .group = "secp384r1", .digest = "SHA384" },
    [CREDENTIAL_ECDSA_P521] = { "EC", .group = "secp521r1", .digest = "SHA512" },
    [CREDENTIAL_ED25519] = { "ED25519" },
    [CREDENTIAL_ED448] = { "ED448" },
    [CREDENTIAL_DSA2048] = { "DSA", .bits = 2048, .digest = "SHA256" },
};

const struct forge_file forge_files[NUM_FORGE_FILES] = {
    { "root.pem", false, { FORGE_ROOT }, 1 },
    { "intermediate.pem", false, { FORGE_INTERMEDIATE }, 1 },
    { "server-chain.pem", false, { FORGE_SERVER, FORGE_INTERMEDIATE }, 2 },
    { "client-chain.pem", false, { FORGE_CLIENT, FORGE_INTERMEDIATE }, 2 },
    { "other-chain.pem", false, { FORGE_OTHER, FORGE_INTERMEDIATE }, 2 },
    { "root-key.pem", true, { FORGE_ROOT }, 1 },
    { "intermediate-key.pem", true, { FORGE_INTERMEDIATE }, 1 },
    { "server-key.pem", true, { FORGE_SERVER }, 1 },
    { "client-key.pem", true, { FORGE_CLIENT }, 1 },
    { "other-key.pem", true, { FORGE_OTHER }, 1 },
};
