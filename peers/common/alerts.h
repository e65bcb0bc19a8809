/* Which alerts end a connection, and so are facts (alert_sent, alert_received). */
#ifndef TLSMATRIX_PEERS_COMMON_ALERTS_H
#define TLSMATRIX_PEERS_COMMON_ALERTS_H

#include "harness/wire/registry.h"

#include <stdbool.h>
#include <stdint.h>

enum { ALERT_LEVEL_WARNING = 1, ALERT_LEVEL_FATAL = 2 }; /* RFC 8446 section 6 */

/* In TLS 1.3 the type alone tells: everything but the two closure alerts is an error, and the
 * level is not looked at (RFC 8446 section 6). Before, or where no version is negotiated yet
 * (`version` 0), the level does: a warning such as unrecognized_name ends nothing (RFC 5246
 * section 7.2). */
static inline bool alert_is_error(uint16_t version, int level, int alert)
{
    if (version == TLS13)
        return alert != ALERT_CLOSE_NOTIFY && alert != ALERT_USER_CANCELED;
    return level == ALERT_LEVEL_FATAL;
}

#endif
