/* Steps of the mutator that change records, or put some in between. */
#include "fuzz/stacks/workbench.h"
#include "harness/wire/handshake.h"
#include "harness/wire/registry.h"

static bool says_tls13(const struct workbench *w)
{
    return w->script.versions == VERSIONS_13 || w->script.versions == VERSIONS_BOTH;
}

static void record_bytes(struct workbench *w)
{
    uint8_t type = generate_content_type(&w->chance);
    writer_u8(&w->bytes, type);
    writer_u16(&w->bytes, once_in(w, 8) ? (uint16_t)below(w, 1 << 16) : TLS12);
    size_t mark = writer_open(&w->bytes, 2);
    generate_content(&w->chance, &w->bytes, type, says_tls13(w));
    writer_close(&w->bytes, mark, 2);
}

/* One of those that may come behind the handshake. */
static void late_message(struct workbench *w)
{
    static const uint8_t types[] = { HANDSHAKE_HELLO_REQUEST, HANDSHAKE_NEW_SESSION_TICKET,
                                     HANDSHAKE_CERTIFICATE_REQUEST, HANDSHAKE_KEY_UPDATE };
    uint8_t type = types[below(w, sizeof types / sizeof types[0])];
    writer_u8(&w->bytes, type);
    size_t mark = writer_open(&w->bytes, 3);
    generate_message_body(&w->chance, &w->bytes, type, says_tls13(w));
    writer_close(&w->bytes, mark, 3);
}

void record_step(struct workbench *w, struct step *step, uint8_t at)
{
    static const enum step_kind kinds[] = {
        STEP_RECORD, STEP_RECORD, STEP_RECORD,   STEP_RECORD,   STEP_CONTENT,
        STEP_RETYPE, STEP_BULK,   STEP_FRAGMENT, STEP_COALESCE, STEP_UPDATE,
        STEP_WIRE,   STEP_RAW,    STEP_STOP,     STEP_END,      STEP_SEGMENT,
    };
    static const uint16_t lengths[] = { 0, 1, 16384, 16385, 16640, 16641, 18432, 18433, 65535 };
    step->kind = kinds[below(w, sizeof kinds / sizeof kinds[0])];
    step->at = at;
    switch (step->kind) {
    case STEP_RECORD:
        step->offset = generate_content_type(&w->chance);
        step->drop = (uint16_t)(once_in(w, 8) ? below(w, 40) : 0);
        if (step->offset == CONTENT_HANDSHAKE && at >= POINT_CONNECTED && !once_in(w, 3)) {
            late_message(w);
            break;
        }
        generate_content(&w->chance, &w->bytes, (uint8_t)step->offset, says_tls13(w));
        break;
    case STEP_RETYPE:
        step->offset = generate_content_type(&w->chance);
        break;
    case STEP_BULK:
        step->offset = generate_content_type(&w->chance);
        step->drop = lengths[below(w, sizeof lengths / sizeof lengths[0])];
        break;
    case STEP_FRAGMENT:
    case STEP_SEGMENT:
        step->offset = (uint16_t)(once_in(w, 4) ? below(w, 400) : below(w, 8));
        break;
    case STEP_COALESCE:
        step->offset = (uint16_t)below(w, 5);
        break;
    case STEP_UPDATE:
        step->offset = (uint16_t)below(w, 3);
        step->drop = (uint16_t)(once_in(w, 4) ? below(w, 40) : 0);
        break;
    case STEP_CONTENT:
    case STEP_WIRE:
        step->offset = (uint16_t)below(w, once_in(w, 2) ? 8 : 200);
        step->drop = (uint16_t)below(w, 4);
        generate_bytes(&w->chance, &w->bytes, 4);
        break;
    case STEP_RAW:
    case STEP_STOP:
        if (once_in(w, 4))
            generate_bytes(&w->chance, &w->bytes, 40);
        else
            record_bytes(w);
        break;
    default:
        break;
    }
}
