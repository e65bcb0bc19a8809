/* Scripts from bytes and back. */
#include "fuzz/stacks/script.h"

#include "harness/wire/reader.h"

/* Bits of the options byte. */
enum {
    VERSIONS_SHIFT = 0,
    AUTHENTICATION_SHIFT = 2,
    RSA_BIT = 1 << 4,
    P256_BIT = 1 << 5,
    RETRY_BIT = 1 << 6,
    CLIENT_BIT = 1 << 7,
    TWO_BITS = 3,
    /* Of the flags byte, which is the upper one of script_options(). */
    CIPHER_SHIFT = 8,
    RSA_EXCHANGE_BIT = 1 << 10,
    RESUMPTION_BIT = 1 << 11,
    FLAGS_SHIFT = 8,
};

void script_of_options(struct script *out, uint16_t options)
{
    *out = (struct script){ .num_steps = 0 };
    out->versions = (enum script_versions)(options >> VERSIONS_SHIFT & TWO_BITS);
    out->authentication = (enum script_authentication)(options >> AUTHENTICATION_SHIFT & TWO_BITS);
    out->rsa = (options & RSA_BIT) != 0;
    out->p256 = (options & P256_BIT) != 0;
    out->retry = (options & RETRY_BIT) != 0;
    out->victim = (options & CLIENT_BIT) != 0 ? ROLE_CLIENT : ROLE_SERVER;
    out->cipher = (enum script_cipher)(options >> CIPHER_SHIFT & TWO_BITS);
    out->rsa_exchange = (options & RSA_EXCHANGE_BIT) != 0;
    out->resumption = (options & RESUMPTION_BIT) != 0;
}

uint16_t script_options(const struct script *script)
{
    return (uint16_t)(script->versions << VERSIONS_SHIFT |
                      script->authentication << AUTHENTICATION_SHIFT | (script->rsa ? RSA_BIT : 0) |
                      (script->p256 ? P256_BIT : 0) | (script->retry ? RETRY_BIT : 0) |
                      (script->victim == ROLE_CLIENT ? CLIENT_BIT : 0) |
                      script->cipher << CIPHER_SHIFT |
                      (script->rsa_exchange ? RSA_EXCHANGE_BIT : 0) |
                      (script->resumption ? RESUMPTION_BIT : 0));
}

/* A number that is not all there is zero, and nothing is behind it. */
static void read_step(struct step *out, struct reader *reader)
{
    out->kind = (enum step_kind)(reader_u8(reader) % NUM_STEP_KINDS);
    out->at = reader_u8(reader);
    out->offset = reader_u16(reader);
    out->drop = reader_u16(reader);
    size_t len = reader_u16(reader);
    if (len > reader->len)
        len = reader->len;
    out->bytes_len = (uint16_t)len;
    out->bytes = reader_bytes(reader, len);
}

void script_read(struct script *out, const uint8_t *data, size_t len)
{
    struct reader reader = reader_of(data, len < SCRIPT_MAX ? len : SCRIPT_MAX);
    uint16_t options = reader_u8(&reader);
    script_of_options(out, (uint16_t)(options | reader_u8(&reader) << FLAGS_SHIFT));
    while (reader.len > 0 && out->num_steps < SCRIPT_STEPS_MAX)
        read_step(&out->steps[out->num_steps++], &reader);
}

void script_write(struct writer *out, const struct script *script)
{
    writer_u8(out, (uint8_t)script_options(script));
    writer_u8(out, (uint8_t)(script_options(script) >> FLAGS_SHIFT));
    for (size_t i = 0; i < script->num_steps; i++) {
        const struct step *step = &script->steps[i];
        writer_u8(out, (uint8_t)step->kind);
        writer_u8(out, step->at);
        writer_u16(out, step->offset);
        writer_u16(out, step->drop);
        writer_u16(out, step->bytes_len);
        writer_bytes(out, step->bytes, step->bytes_len);
    }
}

bool script_add(struct script *script, struct step step)
{
    if (script->num_steps == SCRIPT_STEPS_MAX)
        return false;
    script->steps[script->num_steps++] = step;
    return true;
}

bool step_counts_messages(enum step_kind kind)
{
    return kind <= STEP_MESSAGE || kind == STEP_REPEAT;
}

unsigned step_repetitions(const struct step *step)
{
    return step->bytes_len > 0 ? step->bytes[0] : 1;
}
