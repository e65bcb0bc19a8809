/* Actions that more than one family uses. */
#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "matrix/relay/attacks_parts.h"

void act_on_hello(struct tamper *tamper,
                  void (*edit)(struct hello *hello, const struct tamper *tamper))
{
    struct hello hello;
    uint8_t type =
        tamper->step->at.from == ROLE_CLIENT ? HANDSHAKE_CLIENT_HELLO : HANDSHAKE_SERVER_HELLO;
    if (hello_read(&hello, type, tamper->unit->data, tamper->unit->len, NULL) < 0)
        return;
    edit(&hello, tamper);
    writer_clear(tamper->unit);
    hello_write(tamper->unit, &hello);
    hello_fini(&hello);
}

static void add_extension(struct hello *hello, const struct tamper *tamper)
{
    hello_add_extension(hello, (uint16_t)tamper->step->value, tamper->step->data,
                        tamper->step->data_len);
}

static void strip_extension(struct hello *hello, const struct tamper *tamper)
{
    hello_remove_extension(hello, (uint16_t)tamper->step->value);
}

static void toggle_extension(struct hello *hello, const struct tamper *tamper)
{
    if (!hello_remove_extension(hello, (uint16_t)tamper->step->value))
        add_extension(hello, tamper);
}

static void repeat_extension(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    if (hello->num_extensions > 0)
        hello_add_extension(hello, hello->extensions[0].type, hello->extensions[0].body.data,
                            hello->extensions[0].body.len);
}

static void change_session_id(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    if (hello->session_id_len == 0)
        hello->session_id_len = HELLO_SESSION_ID_MAX;
    hello->session_id[0] ^= 1;
}

static void flip_random(struct hello *hello, const struct tamper *tamper)
{
    (void)tamper;
    hello->random[0] ^= 1;
}

HELLO_ACTION(add_extension)
HELLO_ACTION(strip_extension)
HELLO_ACTION(toggle_extension)
HELLO_ACTION(repeat_extension)
HELLO_ACTION(change_session_id)
HELLO_ACTION(flip_random)

void act_flip(struct tamper *tamper)
{
    if (tamper->step->value < tamper->unit->len)
        tamper->unit->data[tamper->unit->len - 1 - tamper->step->value] ^= 1;
}

void act_flip_at(struct tamper *tamper)
{
    if (tamper->step->value < tamper->unit->len)
        tamper->unit->data[tamper->step->value] ^= 1;
}

void act_fate(struct tamper *tamper)
{
    tamper->fate = (enum fate)tamper->step->value;
}

static void insert(struct writer *out, const struct tamper *tamper)
{
    record_write(out, (uint8_t)tamper->step->value, tamper->record_version, tamper->step->data,
                 tamper->step->data_len);
}

void act_insert_before(struct tamper *tamper)
{
    insert(tamper->before, tamper);
}

void act_insert_after(struct tamper *tamper)
{
    insert(tamper->after, tamper);
}

void act_insert_back(struct tamper *tamper)
{
    insert(tamper->back, tamper);
}

void act_bytes_before(struct tamper *tamper)
{
    writer_bytes(tamper->before, tamper->step->data, tamper->step->data_len);
}

void act_append(struct tamper *tamper)
{
    for (uint32_t i = 0; i < tamper->step->value; i++)
        writer_u8(tamper->unit, 0);
}

void act_cut(struct tamper *tamper)
{
    if (tamper->step->value <= tamper->unit->len)
        tamper->unit->len -= tamper->step->value;
}

/* A message once more, in a record of its own; a record as it is. */
void act_duplicate(struct tamper *tamper)
{
    struct writer message;
    if (tamper->step->at.kind != POINT_MESSAGE) {
        writer_bytes(tamper->after, tamper->unit->data, tamper->unit->len);
        return;
    }
    writer_init(&message, tamper->unit->max);
    handshake_write(&message, tamper->step->at.message, tamper->unit->data, tamper->unit->len);
    if (message.len <= RECORD_PLAINTEXT_MAX)
        record_write(tamper->after, CONTENT_HANDSHAKE, tamper->record_version, message.data,
                     message.len);
    writer_fini(&message);
}

void act_stash(struct tamper *tamper)
{
    writer_clear(tamper->stash);
    writer_bytes(tamper->stash, tamper->unit->data, tamper->unit->len);
}
