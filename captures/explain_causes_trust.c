#include "captures/explain_causes_trust.h"

bool alert_is_about_certificates(uint8_t description)
{
    switch (description) {
    case ALERT_BAD_CERTIFICATE:
    case ALERT_UNSUPPORTED_CERTIFICATE:
    case ALERT_CERTIFICATE_REVOKED:
    case ALERT_CERTIFICATE_EXPIRED:
    case ALERT_CERTIFICATE_UNKNOWN:
    case ALERT_UNKNOWN_CA:
    case ALERT_ACCESS_DENIED:
    case ALERT_BAD_CERTIFICATE_STATUS_RESPONSE:
        return true;
    default:
        return false;
    }
}
