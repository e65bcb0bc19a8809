/* Alerts: IANA "TLS Alerts"; the reference is where the alert is defined. */
#include "harness/wire/registry.h"

#include <stdio.h>
#include <string.h>

const struct alert alerts[] = {
    { 0, "close_notify", "RFC 8446 section 6.1" },
    { 10, "unexpected_message", "RFC 8446 section 6.2" },
    { 20, "bad_record_mac", "RFC 8446 section 6.2" },
    { 21, "decryption_failed", "RFC 5246 section 7.2.2" },
    { 22, "record_overflow", "RFC 8446 section 6.2" },
    { 30, "decompression_failure", "RFC 5246 section 7.2.2" },
    { 40, "handshake_failure", "RFC 8446 section 6.2" },
    { 41, "no_certificate", "RFC 5246 section 7.2.2" },
    { 42, "bad_certificate", "RFC 8446 section 6.2" },
    { 43, "unsupported_certificate", "RFC 8446 section 6.2" },
    { 44, "certificate_revoked", "RFC 8446 section 6.2" },
    { 45, "certificate_expired", "RFC 8446 section 6.2" },
    { 46, "certificate_unknown", "RFC 8446 section 6.2" },
    { 47, "illegal_parameter", "RFC 8446 section 6.2" },
    { 48, "unknown_ca", "RFC 8446 section 6.2" },
    { 49, "access_denied", "RFC 8446 section 6.2" },
    { 50, "decode_error", "RFC 8446 section 6.2" },
    { 51, "decrypt_error", "RFC 8446 section 6.2" },
    { 60, "export_restriction", "RFC 5246 section 7.2.2" },
    { 70, "protocol_version", "RFC 8446 section 6.2" },
    { 71, "insufficient_security", "RFC 8446 section 6.2" },
    { 80, "internal_error", "RFC 8446 section 6.2" },
    { 86, "inappropriate_fallback", "RFC 7507 section 2" },
    { 90, "user_canceled", "RFC 8446 section 6.1" },
    { 100, "no_renegotiation", "RFC 5246 section 7.2.2" },
    { 109, "missing_extension", "RFC 8446 section 6.2" },
    { 110, "unsupported_extension", "RFC 8446 section 6.2" },
    { 111, "certificate_unobtainable", "RFC 6066 section 9" },
    { 112, "unrecognized_name", "RFC 8446 section 6.2" },
    { 113, "bad_certificate_status_response", "RFC 8446 section 6.2" },
    { 114, "bad_certificate_hash_value", "RFC 6066 section 9" },
    { 115, "unknown_psk_identity", "RFC 8446 section 6.2" },
    { 116, "certificate_required", "RFC 8446 section 6.2" },
    { 117, "general_error", "RFC 9846 section 6.2" },
    { 120, "no_application_protocol", "RFC 8446 section 6.2" },
};

const size_t num_alerts = sizeof alerts / sizeof alerts[0];

const struct alert *alert_by_id(uint8_t id)
{
    for (size_t i = 0; i < num_alerts; i++)
        if (alerts[i].id == id)
            return &alerts[i];
    return NULL;
}

const struct alert *alert_by_name(const char *name)
{
    for (size_t i = 0; i < num_alerts; i++)
        if (strcmp(alerts[i].name, name) == 0)
            return &alerts[i];
    return NULL;
}

const char *alert_text(int id)
{
    static char unknown[24];
    const struct alert *alert = id >= 0 && id <= UINT8_MAX ? alert_by_id((uint8_t)id) : NULL;
    if (alert != NULL)
        return alert->name;
    snprintf(unknown, sizeof unknown, "alert %d", id);
    return unknown;
}
