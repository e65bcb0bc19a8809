/* IANA "TLS ExtensionType Values", without those of drafts that have expired; and the names of
 * content and handshake types. */
#include "harness/wire/registry.h"

#include <string.h>

const struct extension_type extension_types[] = {
    { EXTENSION_SERVER_NAME, "server_name", "RFC 6066 section 3" },
    { 1, "max_fragment_length", "RFC 6066 section 4" },
    { 2, "client_certificate_url", "RFC 6066 section 5" },
    { 3, "trusted_ca_keys", "RFC 6066 section 6" },
    { 4, "truncated_hmac", "RFC 6066 section 7" },
    { EXTENSION_STATUS_REQUEST, "status_request", "RFC 6066 section 8" },
    { 6, "user_mapping", "RFC 4681" },
    { 7, "client_authz", "RFC 5878" },
    { 8, "server_authz", "RFC 5878" },
    { 9, "cert_type", "RFC 6091" },
    { EXTENSION_SUPPORTED_GROUPS, "supported_groups", "RFC 8446 section 4.2.7" },
    { EXTENSION_EC_POINT_FORMATS, "ec_point_formats", "RFC 8422 section 5.1.2" },
    { 12, "srp", "RFC 5054" },
    { EXTENSION_SIGNATURE_ALGORITHMS, "signature_algorithms", "RFC 8446 section 4.2.3" },
    { 14, "use_srtp", "RFC 5764" },
    { 15, "heartbeat", "RFC 6520" },
    { EXTENSION_ALPN, "application_layer_protocol_negotiation", "RFC 7301 section 3.1" },
    { 17, "status_request_v2", "RFC 6961" },
    { 18, "signed_certificate_timestamp", "RFC 6962" },
    { 19, "client_certificate_type", "RFC 7250" },
    { 20, "server_certificate_type", "RFC 7250" },
    { 21, "padding", "RFC 7685" },
    { EXTENSION_ENCRYPT_THEN_MAC, "encrypt_then_mac", "RFC 7366 section 2" },
    { EXTENSION_EXTENDED_MASTER_SECRET, "extended_master_secret", "RFC 7627 section 5.1" },
    { 24, "token_binding", "RFC 8472" },
    { 25, "cached_info", "RFC 7924" },
    { 27, "compress_certificate", "RFC 8879" },
    { 28, "record_size_limit", "RFC 8449" },
    { 34, "delegated_credential", "RFC 9345" },
    { EXTENSION_SESSION_TICKET, "session_ticket", "RFC 5077 section 3.2" },
    { EXTENSION_PRE_SHARED_KEY, "pre_shared_key", "RFC 8446 section 4.2.11" },
    { EXTENSION_EARLY_DATA, "early_data", "RFC 8446 section 4.2.10" },
    { EXTENSION_SUPPORTED_VERSIONS, "supported_versions", "RFC 8446 section 4.2.1" },
    { EXTENSION_COOKIE, "cookie", "RFC 8446 section 4.2.2" },
    { EXTENSION_PSK_KEY_EXCHANGE_MODES, "psk_key_exchange_modes", "RFC 8446 section 4.2.9" },
    { EXTENSION_CERTIFICATE_AUTHORITIES, "certificate_authorities", "RFC 8446 section 4.2.4" },
    { 48, "oid_filters", "RFC 8446 section 4.2.5" },
    { 49, "post_handshake_auth", "RFC 8446 section 4.2.6" },
    { 50, "signature_algorithms_cert", "RFC 8446 section 4.2.3" },
    { EXTENSION_KEY_SHARE, "key_share", "RFC 8446 section 4.2.8" },
    { 52, "transparency_info", "RFC 9162" },
    { 57, "quic_transport_parameters", "RFC 9001" },
    { 58, "ticket_request", "RFC 9149" },
    { 0xFE0D, "encrypted_client_hello", "RFC 9849" },
    { EXTENSION_RENEGOTIATION_INFO, "renegotiation_info", "RFC 5746 section 3.2" },
};

const size_t num_extension_types = sizeof extension_types / sizeof extension_types[0];

const struct extension_type *extension_type_by_id(uint16_t id)
{
    for (size_t i = 0; i < num_extension_types; i++)
        if (extension_types[i].id == id)
            return &extension_types[i];
    return NULL;
}

const struct extension_type *extension_type_by_name(const char *name)
{
    for (size_t i = 0; i < num_extension_types; i++)
        if (strcmp(extension_types[i].name, name) == 0)
            return &extension_types[i];
    return NULL;
}

bool is_grease(uint16_t value)
{
    return (value & 0x0F0F) == 0x0A0A && value >> 8 == (value & 0xFF);
}

const char *content_type_name(uint8_t type)
{
    static const char *const names[] = {
        [CONTENT_CHANGE_CIPHER_SPEC] = "change_cipher_spec",
        [CONTENT_ALERT] = "alert",
        [CONTENT_HANDSHAKE] = "handshake",
        [CONTENT_APPLICATION_DATA] = "application_data",
        [CONTENT_HEARTBEAT] = "heartbeat",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}

const char *handshake_type_name(uint8_t type)
{
    static const char *const names[] = {
        [HANDSHAKE_HELLO_REQUEST] = "hello_request",
        [HANDSHAKE_CLIENT_HELLO] = "client_hello",
        [HANDSHAKE_SERVER_HELLO] = "server_hello",
        [HANDSHAKE_NEW_SESSION_TICKET] = "new_session_ticket",
        [HANDSHAKE_END_OF_EARLY_DATA] = "end_of_early_data",
        [HANDSHAKE_ENCRYPTED_EXTENSIONS] = "encrypted_extensions",
        [HANDSHAKE_CERTIFICATE] = "certificate",
        [HANDSHAKE_SERVER_KEY_EXCHANGE] = "server_key_exchange",
        [HANDSHAKE_CERTIFICATE_REQUEST] = "certificate_request",
        [HANDSHAKE_SERVER_HELLO_DONE] = "server_hello_done",
        [HANDSHAKE_CERTIFICATE_VERIFY] = "certificate_verify",
        [HANDSHAKE_CLIENT_KEY_EXCHANGE] = "client_key_exchange",
        [HANDSHAKE_FINISHED] = "finished",
        [HANDSHAKE_CERTIFICATE_STATUS] = "certificate_status",
        [HANDSHAKE_KEY_UPDATE] = "key_update",
        [HANDSHAKE_COMPRESSED_CERTIFICATE] = "compressed_certificate",
    };
    return type < sizeof names / sizeof names[0] ? names[type] : NULL;
}
