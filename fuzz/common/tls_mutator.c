#include "fuzz/common/tls_mutator.h"

#include "fuzz/common/fuzz.h"
#include "harness/wire/handshake.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <string.h>

enum { PARTS_MAX = 64, GROWTH_MAX = 256 };

/* xorshift64: what libFuzzer gives is one number. */
struct dice {
    uint64_t state;
};

static uint32_t roll(struct dice *dice, uint32_t num)
{
    dice->state ^= dice->state << 13;
    dice->state ^= dice->state >> 7;
    dice->state ^= dice->state << 17;
    return num == 0 ? 0 : (uint32_t)(dice->state >> 32) % num;
}

static struct dice dice_of(unsigned seed)
{
    struct dice dice = { 0x9E3779B97F4A7C15u ^ (uint64_t)seed * 0xD1342543DE82EF95u };
    roll(&dice, 1);
    return dice;
}

/* A run of bytes within what is mutated: a record, a message, an extension. */
struct part {
    const uint8_t *data;
    size_t len;
};

struct parts {
    struct part of[PARTS_MAX];
    size_t num;
};

static void add_part(struct parts *parts, const uint8_t *data, size_t len)
{
    if (parts->num < PARTS_MAX)
        parts->of[parts->num++] = (struct part){ data, len };
}

/* Records, messages or extensions: a header, of which the last `prefix_len` bytes are a length.
 * What is left over is a part, too. */
static void take_apart(struct parts *out, const uint8_t *data, size_t len, size_t header_len,
                       size_t prefix_len)
{
    out->num = 0;
    while (len > 0) {
        size_t body = 0;
        for (size_t i = header_len - prefix_len; i < header_len && header_len <= len; i++)
            body = body << 8 | data[i];
        if (len < header_len || body > len - header_len || out->num + 1 == PARTS_MAX) {
            add_part(out, data, len);
            return;
        }
        add_part(out, data, header_len + body);
        data += header_len + body;
        len -= header_len + body;
    }
}

/* libFuzzer's mutations of a run of bytes of its own. */
static void write_mutated(struct writer *out, const uint8_t *data, size_t len)
{
    uint8_t room[RECORD_FRAGMENT_MAX + GROWTH_MAX];
    if (len > RECORD_FRAGMENT_MAX)
        len = RECORD_FRAGMENT_MAX;
    memcpy(room, data, len);
    writer_bytes(out, room, fuzz_mutate_bytes(room, len, len + GROWTH_MAX));
}

/* What happens to the parts as a list. Returns the part that is to be changed inside, or num: none.
 */
static size_t shuffle(struct parts *parts, struct dice *dice)
{
    size_t at = roll(dice, (uint32_t)parts->num);
    struct part chosen = parts->of[at];
    switch (roll(dice, 8)) {
    case 0: /* drop */
        memmove(&parts->of[at], &parts->of[at + 1], (parts->num - at - 1) * sizeof chosen);
        parts->num--;
        return parts->num;
    case 1: /* twice */
        if (parts->num == PARTS_MAX)
            return at;
        memmove(&parts->of[at + 1], &parts->of[at], (parts->num - at) * sizeof chosen);
        parts->num++;
        return parts->num;
    case 2: { /* another order */
        size_t other = roll(dice, (uint32_t)parts->num);
        parts->of[at] = parts->of[other];
        parts->of[other] = chosen;
        return parts->num;
    }
    default:
        return at;
    }
}

static void lie(uint8_t *data, size_t len, struct dice *dice)
{
    static const int by[] = { 1, -1, 2, -2, 16, 127 };
    if (len > 0)
        data[roll(dice, (uint32_t)len)] += (uint8_t)by[roll(dice, sizeof by / sizeof by[0])];
}

/* ---- hellos ---- */

static uint16_t some_extension(struct dice *dice)
{
    return extension_types[roll(dice, (uint32_t)num_extension_types)].id;
}

static void write_extension(struct writer *out, const struct part *part, struct dice *dice,
                            bool changed)
{
    if (!changed || part->len < 4) {
        writer_bytes(out, part->data, part->len);
        return;
    }
    writer_u16(out, roll(dice, 4) == 0 ? some_extension(dice)
                                       : (uint16_t)(part->data[0] << 8 | part->data[1]));
    size_t mark = writer_open(out, 2);
    write_mutated(out, part->data + 4, part->len - 4);
    writer_close(out, mark, 2);
}

static void write_extensions(struct writer *out, struct reader block, struct dice *dice)
{
    struct parts parts;
    take_apart(&parts, block.data, block.len, 4, 2);
    size_t changed = parts.num == 0 ? 0 : shuffle(&parts, dice);
    size_t mark = writer_open(out, 2);
    for (size_t i = 0; i < parts.num; i++)
        write_extension(out, &parts.of[i], dice, i == changed);
    if (parts.num == 0 || roll(dice, 8) == 0) {
        uint8_t body[8] = { 0 };
        writer_u16(out, some_extension(dice));
        size_t inner = writer_open(out, 2);
        for (size_t i = 0; i < sizeof body; i++)
            body[i] = (uint8_t)roll(dice, 8);
        writer_bytes(out, body, roll(dice, sizeof body));
        writer_close(out, inner, 2);
    }
    writer_close(out, mark, 2);
}

/* A list with its length in front: as it is, or changed. */
static void write_list(struct writer *out, struct reader list, size_t prefix_len, bool changed)
{
    size_t mark = writer_open(out, prefix_len);
    if (changed)
        write_mutated(out, list.data, list.len);
    else
        writer_bytes(out, list.data, list.len);
    writer_close(out, mark, prefix_len);
}

/* A hello whose outer form is not right is mutated as bytes. */
static void write_hello(struct writer *out, const uint8_t *body, size_t len, bool client,
                        struct dice *dice)
{
    enum { FIXED_LEN = 34, CHOICE_LEN = 3 };
    struct reader reader = reader_of(body, len);
    uint32_t changed = roll(dice, 8); /* mostly the extensions */
    const uint8_t *fixed = reader_bytes(&reader, FIXED_LEN);
    struct reader session = reader_block(&reader, 1), offered = reader, compressions = reader;
    const uint8_t *choice = NULL;
    if (client) {
        offered = reader_block(&reader, 2);
        compressions = reader_block(&reader, 1);
    } else {
        choice = reader_bytes(&reader, CHOICE_LEN);
    }
    if (reader.failed) {
        write_mutated(out, body, len);
        return;
    }
    writer_bytes(out, fixed, FIXED_LEN);
    write_list(out, session, 1, changed == 0 && session.len < 200);
    if (client) {
        write_list(out, offered, 2, changed == 1);
        write_list(out, compressions, 1, changed == 2 && compressions.len < 100);
    } else {
        writer_bytes(out, choice, CHOICE_LEN);
    }
    struct reader block = reader_block(&reader, 2);
    if (reader.failed)
        writer_bytes(out, reader.data, reader.len);
    else if (changed > 2)
        write_extensions(out, block, dice);
    else
        write_list(out, block, 2, false);
}

/* ---- messages and records ---- */

static void write_message(struct writer *out, const struct part *part, struct dice *dice)
{
    if (part->len < HANDSHAKE_HEADER_LEN) {
        write_mutated(out, part->data, part->len);
        return;
    }
    uint8_t type = part->data[0];
    const uint8_t *body = part->data + HANDSHAKE_HEADER_LEN;
    size_t len = part->len - HANDSHAKE_HEADER_LEN;
    writer_u8(out, roll(dice, 16) == 0 ? (uint8_t)roll(dice, 26) : type);
    size_t mark = writer_open(out, 3);
    if (type == HANDSHAKE_CLIENT_HELLO || type == HANDSHAKE_SERVER_HELLO)
        write_hello(out, body, len, type == HANDSHAKE_CLIENT_HELLO, dice);
    else
        write_mutated(out, body, len);
    writer_close(out, mark, 3);
}

static void write_fragment(struct writer *out, uint8_t type, const uint8_t *data, size_t len,
                           struct dice *dice)
{
    struct parts parts;
    if (type != CONTENT_HANDSHAKE || len == 0) {
        write_mutated(out, data, len);
        return;
    }
    take_apart(&parts, data, len, HANDSHAKE_HEADER_LEN, 3);
    size_t changed = shuffle(&parts, dice);
    for (size_t i = 0; i < parts.num; i++)
        if (i == changed)
            write_message(out, &parts.of[i], dice);
        else
            writer_bytes(out, parts.of[i].data, parts.of[i].len);
}

static void write_record(struct writer *out, const struct part *part, struct dice *dice)
{
    static const uint8_t types[] = { 20, 21, 22, 23, 24 };
    if (part->len < RECORD_HEADER_LEN) {
        write_mutated(out, part->data, part->len);
        return;
    }
    const uint8_t *fragment = part->data + RECORD_HEADER_LEN;
    size_t len = part->len - RECORD_HEADER_LEN;
    uint16_t version = (uint16_t)(part->data[1] << 8 | part->data[2]);
    uint8_t type = part->data[0];
    if (roll(dice, 6) == 0 && len > 1) { /* one over two records */
        size_t first = 1 + roll(dice, (uint32_t)len - 1);
        record_write(out, type, version, fragment, first);
        record_write(out, type, version, fragment + first, len - first);
        return;
    }
    writer_u8(out, roll(dice, 16) == 0 ? types[roll(dice, sizeof types)] : type);
    writer_u16(out, roll(dice, 16) == 0 ? (uint16_t)(0x0300 + roll(dice, 5)) : version);
    size_t mark = writer_open(out, 2);
    write_fragment(out, type, fragment, len, dice);
    writer_close(out, mark, 2);
}

static void write_stream(struct writer *out, const uint8_t *data, size_t len, struct dice *dice)
{
    static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 40 };
    static const uint8_t change[] = { 20, 3, 3, 0, 1, 1 };
    struct parts parts;
    take_apart(&parts, data, len, RECORD_HEADER_LEN, 2);
    size_t changed = parts.num == 0 ? 0 : shuffle(&parts, dice);
    for (size_t i = 0; i < parts.num; i++)
        if (i == changed)
            write_record(out, &parts.of[i], dice);
        else
            writer_bytes(out, parts.of[i].data, parts.of[i].len);
    if (roll(dice, 16) == 0)
        writer_bytes(out, alert, sizeof alert);
    if (roll(dice, 16) == 0)
        writer_bytes(out, change, sizeof change);
}

/* ---- what targets call ---- */

/* What was written takes the input's place behind the prefix; if it did not fit, nothing happens
 * but a mutation of bytes. */
static size_t put(uint8_t *data, size_t len, size_t max, size_t prefix_len, struct writer *written,
                  struct dice *dice)
{
    if (written->failed || prefix_len + written->len > max || written->len == 0) {
        len = fuzz_mutate_bytes(data, len, max);
    } else {
        memcpy(data + prefix_len, written->data, written->len);
        len = prefix_len + written->len;
        if (roll(dice, 8) == 0)
            lie(data + prefix_len, len - prefix_len, dice);
    }
    writer_fini(written);
    return len;
}

size_t tls_mutate_stream(uint8_t *data, size_t len, size_t max, unsigned seed, size_t prefix_len)
{
    struct dice dice = dice_of(seed);
    struct writer out;
    if (len <= prefix_len || roll(&dice, 2) == 0)
        return fuzz_mutate_bytes(data, len, max);
    writer_init(&out, max);
    write_stream(&out, data + prefix_len, len - prefix_len, &dice);
    return put(data, len, max, prefix_len, &out, &dice);
}

size_t tls_mutate_hello(uint8_t *data, size_t len, size_t max, unsigned seed, size_t prefix_len,
                        int client)
{
    struct dice dice = dice_of(seed);
    struct writer out;
    if (len <= prefix_len || roll(&dice, 2) == 0)
        return fuzz_mutate_bytes(data, len, max);
    writer_init(&out, max);
    write_hello(&out, data + prefix_len, len - prefix_len, client != 0, &dice);
    return put(data, len, max, prefix_len, &out, &dice);
}

size_t tls_mutate_pieces(uint8_t *data, size_t len, size_t max, unsigned seed, size_t prefix_len)
{
    struct dice dice = dice_of(seed);
    struct parts parts;
    struct writer out;
    if (len <= prefix_len || roll(&dice, 2) == 0)
        return fuzz_mutate_bytes(data, len, max);
    writer_init(&out, max);
    take_apart(&parts, data + prefix_len, len - prefix_len, 3, 2);
    size_t changed = shuffle(&parts, &dice);
    for (size_t i = 0; i < parts.num; i++) {
        const struct part *part = &parts.of[i];
        if (i != changed || part->len < 3) {
            writer_bytes(&out, part->data, part->len);
            continue;
        }
        writer_u8(&out, roll(&dice, 16) == 0 ? part->data[0] ^ 1 : part->data[0]);
        size_t mark = writer_open(&out, 2);
        write_stream(&out, part->data + 3, part->len - 3, &dice);
        writer_close(&out, mark, 2);
    }
    return put(data, len, max, prefix_len, &out, &dice);
}
