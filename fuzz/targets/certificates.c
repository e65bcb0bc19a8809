/* Certificate messages as `explain` reads them (captures/explain_certificate.c), of TLS 1.2 and
 * 1.3, of either end. Input: one byte of flags, the body of the message. */
#include "captures/story.h"
#include "fuzz/common/fuzz.h"

#include <string.h>

enum { TIME = 1800000000, IS_TLS13 = 1, FROM_CLIENT = 2, WITH_NAME = 4 };

static void check_text(const char *text, size_t room)
{
    FUZZ_ASSERT(memchr(text, '\0', room) != NULL);
    for (; *text != '\0'; text++)
        FUZZ_ASSERT(*text >= ' ' && *text != 0x7F);
}

static void run(const uint8_t *data, size_t len)
{
    static struct certificate_view view, again;
    struct fuzz_input input = { data, len };
    uint8_t flags = fuzz_u8(&input);
    const struct tls_message message = {
        .from = (flags & FROM_CLIENT) != 0 ? ROLE_CLIENT : ROLE_SERVER,
        .type = HANDSHAKE_CERTIFICATE,
        .body = input.data,
        .len = input.len,
        .first = { 1, 1800000000000000000u },
    };
    const char *name = (flags & WITH_NAME) != 0 ? "server.tlsmatrix.example" : "";
    memset(&view, 0, sizeof view);
    memset(&again, 0, sizeof again);
    certificate_view_read(&view, &message, (flags & IS_TLS13) != 0, name, TIME);
    certificate_view_read(&again, &message, (flags & IS_TLS13) != 0, name, TIME);
    FUZZ_ASSERT(memcmp(&view, &again, sizeof view) == 0);
    check_text(view.subject, sizeof view.subject);
    check_text(view.issuer, sizeof view.issuer);
    check_text(view.names, sizeof view.names);
    check_text(view.key, sizeof view.key);
    check_text(view.chain_subject, sizeof view.chain_subject);
    FUZZ_ASSERT(!(view.expired && view.not_yet_valid) || view.not_before > view.not_after);
    if (!view.seen)
        FUZZ_ASSERT(view.subject[0] == '\0' && !view.expired && !view.weak);
    if (name[0] == '\0' && view.seen)
        FUZZ_ASSERT(view.name_matches);
}

/* libcrypto's tables, made on first use. */
static void init(void)
{
    static const uint8_t nothing[8] = { 0 };
    run(nothing, sizeof nothing);
}

const struct fuzz_target fuzz_target = {
    .name = "certificates",
    .init = init,
    .run = run,
    .memory_base = 2 << 20,
    .memory_per_byte = 128, /* of libcrypto's trees */
    .time_base_us = 200000,
    .time_per_byte_us = 100,
};
