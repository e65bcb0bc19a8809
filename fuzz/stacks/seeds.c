#include "fuzz/stacks/seeds.h"

#include "fuzz/stacks/generate.h"
#include "fuzz/stacks/structure.h"
#include "harness/pki/files.h"
#include "harness/wire/handshake.h"
#include "harness/wire/registry.h"

#include <stdarg.h>
#include <string.h>

enum { NEW_BYTES_MAX = 8192 };

struct seeding {
    struct player *player;
    const struct fuzz_stack *victim;
    const char *folder;
    struct chance chance;
    struct script base;     /* what all that follows begins with */
    struct partner_log log; /* of it */
    const char *version;
    bool thorough; /* what hardly differs from one cipher to the next, too */
    size_t num;
    int result;
    struct error *err;
};

/* The base and one step more, under this name. */
static void write_seed(struct seeding *s, const struct step *step, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void write_seed(struct seeding *s, const struct step *step, const char *format, ...)
{
    struct script script = s->base;
    struct writer bytes;
    char path[PATH_LEN], name[NAME_MAX_LEN * 2];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    if (step != NULL)
        script_add(&script, *step);
    writer_init(&bytes, SCRIPT_MAX);
    script_write(&bytes, &script);
    if (s->result == 0)
        s->result = path_format(path, s->err, "%s/%s", s->folder, name);
    if (s->result == 0)
        s->result = file_write(path, 0644, bytes.data, bytes.len, s->err);
    s->num++;
    writer_fini(&bytes);
}

/* ---- healthy ones ---- */

static void healthy(struct seeding *s)
{
    for (unsigned options = 0; options < 64; options++) {
        uint16_t number =
            (uint16_t)(options < 32 ? options : 64 + options - 32); /* P-256 is one more */
        enum role role = s->base.victim;
        script_of_options(&s->base, number);
        s->base.victim = role;
        write_seed(s, NULL, "healthy-%02u", options);
    }
    for (unsigned flags = 1; flags < SCRIPT_OPTIONS >> 8; flags++) { /* with RSA, both versions */
        enum role role = s->base.victim;
        script_of_options(&s->base, (uint16_t)(flags << 8));
        s->base.victim = role;
        s->base.rsa = true;
        s->base.versions = s->base.resumption ? VERSIONS_13 : VERSIONS_12;
        write_seed(s, NULL, "healthy-flags-%02u", flags);
    }
    s->base.p256 = true;
    write_seed(s, NULL, "healthy-p256");
}

/* ---- messages ---- */

static void seed_orders(struct seeding *s, uint8_t at, const char *name)
{
    static const enum step_kind kinds[] = { STEP_SKIP, STEP_AGAIN, STEP_HOLD };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        struct step step = { .kind = kinds[i], .at = at };
        write_seed(s, &step, "%s-%s-%u-%s", s->version, step_names[kinds[i]], at, name);
    }
}

/* For every vector: nothing in it, and a length that says more than there is. */
static void seed_vectors(struct seeding *s, uint8_t at, const char *name)
{
    const struct writer *message = &s->log.messages[at];
    struct structure found;
    structure_read(&found, s->log.is_tls13[at] ? TLS13 : TLS12, message->data, message->len);
    for (size_t i = 0; i < found.num_vectors; i++) {
        static const uint8_t much[] = { 0xFF, 0xFF, 0xFF };
        const struct vector *v = &found.vectors[i];
        struct step empty = { .kind = STEP_EDIT,
                              .at = at,
                              .offset = (uint16_t)v->from,
                              .drop = (uint16_t)(v->to - v->from) };
        struct step more = { .kind = STEP_PATCH,
                             .at = at,
                             .offset = (uint16_t)(v->from - v->prefix_len),
                             .drop = (uint16_t)v->prefix_len,
                             .bytes_len = (uint16_t)v->prefix_len,
                             .bytes = much };
        write_seed(s, &empty, "%s-empty-%u-%s-%zu", s->version, at, name, i);
        write_seed(s, &more, "%s-overlong-%u-%s-%zu", s->version, at, name, i);
    }
}

/* Each extension of the registry, at the end of the block. */
static void seed_extensions(struct seeding *s, uint8_t at, const char *name)
{
    const struct writer *message = &s->log.messages[at];
    const char *form = structure_message_form(message->data[0], s->log.is_tls13[at]);
    bool client_hello = message->data[0] == HANDSHAKE_CLIENT_HELLO;
    if (form == NULL || form[strlen(form) - 1] != 'E')
        return;
    for (size_t i = 0; i < num_extension_types; i++) {
        struct writer bytes;
        writer_init(&bytes, NEW_BYTES_MAX);
        writer_u16(&bytes, extension_types[i].id);
        size_t mark = writer_open(&bytes, 2);
        generate_extension_body(&s->chance, &bytes, extension_types[i].id, client_hello);
        writer_close(&bytes, mark, 2);
        struct step step = { .kind = STEP_EDIT,
                             .at = at,
                             .offset = UINT16_MAX,
                             .bytes_len = (uint16_t)bytes.len,
                             .bytes = bytes.data };
        write_seed(s, &step, "%s-extension-%u-%s-%s", s->version, at, name,
                   extension_types[i].name);
        writer_fini(&bytes);
    }
}

/* Each list with its last element there so many times more, as far as the message has room. */
static void seed_repeats(struct seeding *s, uint8_t at, const char *name)
{
    static const uint8_t times[] = { 12, 40 };
    const struct writer *message = &s->log.messages[at];
    struct structure found;
    structure_read(&found, s->log.is_tls13[at] ? TLS13 : TLS12, message->data, message->len);
    for (size_t i = 0; i < found.num_elements; i++) {
        const struct element *e = &found.elements[i];
        bool last = true;
        for (size_t j = i + 1; j < found.num_elements; j++)
            last = last && found.elements[j].list != e->list;
        for (size_t j = 0; last && j < sizeof times; j++) {
            struct step step = { .kind = STEP_REPEAT,
                                 .at = at,
                                 .offset = (uint16_t)e->from,
                                 .drop = (uint16_t)(e->to - e->from),
                                 .bytes_len = 1,
                                 .bytes = &times[j] };
            write_seed(s, &step, "%s-repeat-%u-%s-%zu-%u", s->version, at, name, i, times[j]);
        }
    }
}

/* One more extension in front of others, in its form but for one length, which says more than there
 * is. */
static void seed_overlong_extension(struct seeding *s, uint8_t at, const char *name,
                                    const struct vector *block, const struct extension_type *type,
                                    uint8_t kind)
{
    const struct writer *message = &s->log.messages[at];
    uint16_t version = s->log.is_tls13[at] ? TLS13 : TLS12;
    struct structure found;
    struct writer bytes, with;
    writer_init(&bytes, NEW_BYTES_MAX);
    writer_init(&with, message->max + NEW_BYTES_MAX);
    generate_plain_extension(&s->chance, &bytes, type->id,
                             message->data[0] == HANDSHAKE_CLIENT_HELLO, kind);
    writer_bytes(&with, message->data, message->len);
    structure_edit(&with, version, block->from, 0, bytes.data, bytes.len);
    structure_read(&found, version, with.data, with.len);
    for (size_t i = 0; i < found.num_vectors && !bytes.failed && !with.failed; i++) {
        const struct vector *v = &found.vectors[i];
        uint8_t kept[3] = { 0 };
        if (!v->in_extension || v->from < block->from || v->from > block->from + bytes.len)
            continue;
        uint8_t *length = bytes.data + (v->from - v->prefix_len - block->from);
        memcpy(kept, length, v->prefix_len);
        memset(length, 0xFF, v->prefix_len);
        struct step step = { .kind = STEP_EDIT,
                             .at = at,
                             .offset = (uint16_t)block->from,
                             .bytes_len = (uint16_t)bytes.len,
                             .bytes = bytes.data };
        write_seed(s, &step, "%s-overlong-%u-%s-%s-%u-%zu", s->version, at, name, type->name, kind,
                   i);
        memcpy(length, kept, v->prefix_len);
    }
    writer_fini(&with);
    writer_fini(&bytes);
}

/* So for each that has a form, in the message's first block. */
static void seed_overlong_extensions(struct seeding *s, uint8_t at, const char *name)
{
    const struct writer *message = &s->log.messages[at];
    struct structure found;
    const struct vector *block = NULL;
    structure_read(&found, s->log.is_tls13[at] ? TLS13 : TLS12, message->data, message->len);
    for (size_t i = found.num_vectors; i > 0; i--)
        if (found.vectors[i - 1].is_block)
            block = &found.vectors[i - 1];
    for (size_t i = 0; block != NULL && i < num_extension_types; i++)
        for (uint8_t kind = 0; kind < 2; kind++)
            if (structure_extension_form(extension_types[i].id,
                                         message->data[0] == HANDSHAKE_CLIENT_HELLO) != NULL)
                seed_overlong_extension(s, at, name, block, &extension_types[i], kind);
}

static void seed_bytes(struct seeding *s, enum step_kind kind, uint8_t at, uint16_t offset,
                       uint16_t drop, const char *bytes, size_t len, const char *name)
{
    struct step step = { kind, at, offset, drop, (uint16_t)len, (const uint8_t *)bytes };
    write_seed(s, &step, "%s-%s-%u-%s", s->version, step_names[kind], at, name);
}

/* Two extensions that a server reads only together, and the last of which must be the last (RFC
 * 8446 section 4.2.11): an identity of 8 bytes, its age, a binder of 32; with early_data, and
 * without. */
static void seed_psk(struct seeding *s, uint8_t at)
{
    static const char psk[] = "\0\x2A\0\0"
                              "\0\x2D\0\2\1\1"
                              "\0\x29\0\x33"
                              "\0\x0E\0\x08identity\0\0\0\0"
                              "\0\x21\x20"
                              "0123456789abcdef0123456789abcdef";
    enum { EARLY_DATA_LEN = 4 };
    seed_bytes(s, STEP_EDIT, at, UINT16_MAX, 0, psk, sizeof psk - 1, "early-data");
    seed_bytes(s, STEP_EDIT, at, UINT16_MAX, 0, psk + EARLY_DATA_LEN,
               sizeof psk - 1 - EARLY_DATA_LEN, "psk");
}

static void seed_message(struct seeding *s, uint8_t at)
{
    const char *name = handshake_type_name(s->log.messages[at].data[0]);
    name = name != NULL ? name : "unknown";
    seed_orders(s, at, name);
    seed_vectors(s, at, name);
    seed_extensions(s, at, name);
    if (s->thorough) {
        seed_repeats(s, at, name);
        seed_overlong_extensions(s, at, name);
    }
    if (s->log.messages[at].data[0] == HANDSHAKE_CLIENT_HELLO)
        seed_psk(s, at);
    seed_bytes(s, STEP_EDIT, at, UINT16_MAX, 0, "\0", 1, name);
    seed_bytes(s, STEP_PATCH, at, 0, UINT16_MAX, "", 0, name);
    seed_bytes(s, STEP_SPLICE, at, 1, 3, "\xFF\xFF\xFF", 3, name);
}

/* ---- records ---- */

/* Each kind of message inside protection. */
static void seed_inner_messages(struct seeding *s, uint8_t at)
{
    for (unsigned type = 0; type <= 25; type++) {
        struct writer bytes;
        const char *name = handshake_type_name((uint8_t)type);
        if (name == NULL)
            continue;
        writer_init(&bytes, NEW_BYTES_MAX);
        writer_u8(&bytes, (uint8_t)type);
        size_t mark = writer_open(&bytes, 3);
        generate_message_body(&s->chance, &bytes, (uint8_t)type, s->base.versions == VERSIONS_13);
        writer_close(&bytes, mark, 3);
        seed_bytes(s, STEP_RECORD, at, CONTENT_HANDSHAKE, 0, (const char *)bytes.data, bytes.len,
                   name);
        writer_fini(&bytes);
    }
}

static void seed_records(struct seeding *s, uint8_t at)
{
    seed_inner_messages(s, at);
    seed_bytes(s, STEP_RECORD, at, CONTENT_ALERT, 0, "\1\x5A", 2, "warning");
    seed_bytes(s, STEP_RECORD, at, CONTENT_ALERT, 0, "\2\x28", 2, "fatal");
    seed_bytes(s, STEP_RECORD, at, CONTENT_ALERT, 0, "\1", 1, "half-alert");
    seed_bytes(s, STEP_RECORD, at, CONTENT_CHANGE_CIPHER_SPEC, 0, "\1", 1, "change");
    seed_bytes(s, STEP_RECORD, at, CONTENT_APPLICATION_DATA, 0, "data", 4, "data");
    seed_bytes(s, STEP_RECORD, at, CONTENT_APPLICATION_DATA, 40, "", 0, "empty");
    seed_bytes(s, STEP_RECORD, at, CONTENT_HEARTBEAT, 0, "\1\0\1x0123456789abcdef", 20,
               "heartbeat");
    seed_bytes(s, STEP_RECORD, at, 99, 0, "", 0, "unknown");
    seed_bytes(s, STEP_RECORD, at, 0, 0, "padded\x17\0\0\0", 10, "padded");
    seed_bytes(s, STEP_BULK, at, CONTENT_APPLICATION_DATA, 16385, "x", 1, "overlong");
    seed_bytes(s, STEP_CONTENT, at, 0, 1, "\xFF", 1, "byte");
    seed_bytes(s, STEP_RETYPE, at, CONTENT_ALERT, 0, "", 0, "alert");
    seed_bytes(s, STEP_FRAGMENT, at, 1, 0, "", 0, "1");
    seed_bytes(s, STEP_COALESCE, at, 1, 0, "", 0, "2");
    seed_bytes(s, STEP_UPDATE, at, 1, 1, "", 0, "requested");
    seed_bytes(s, STEP_WIRE, at, 3, 2, "\xFF\xFF", 2, "length");
    seed_bytes(s, STEP_WIRE, at, 8, 1, "\0", 1, "byte");
    seed_bytes(s, STEP_RAW, at, 0, 0, "\x15\3\3\0\2\2\x28", 7, "alert");
    seed_bytes(s, STEP_RAW, at, 0, 0, "\x80\x2E\1\3\3\0\x15\0\0\0\x10", 11, "sslv2");
    seed_bytes(s, STEP_STOP, at, 0, 0, "\x16\3\3\0", 4, "half");
    seed_bytes(s, STEP_END, at, 0, 0, "", 0, "tcp");
}

/* ---- all of it ---- */

static const struct variant {
    const char *name;
    bool thorough;
    struct script base;
} variants[] = {
    { "1.2", true, { .versions = VERSIONS_12 } },
    { "1.3", true, { .versions = VERSIONS_13 } },
    { "1.2-cbc", false, { .versions = VERSIONS_12, .cipher = CIPHERS_CBC } },
    { "1.2-cbc-mac-first", false, { .versions = VERSIONS_12, .cipher = CIPHERS_CBC_MAC_FIRST } },
    { "1.2-rsa", false, { .versions = VERSIONS_12, .rsa = true, .rsa_exchange = true } },
    { "1.3-chacha20-resumption",
      false,
      { .versions = VERSIONS_13, .cipher = CIPHERS_CHACHA20, .resumption = true } },
};

static void seed_variant(struct seeding *s, const struct variant *variant)
{
    struct outcome outcome;
    enum role victim = s->base.victim;
    s->base = variant->base;
    s->base.victim = victim;
    s->base.authentication = AUTHENTICATION_MUTUAL;
    s->version = variant->name;
    s->thorough = variant->thorough;
    if (s->result == 0)
        s->result = play(s->player, &outcome, s->victim, &s->base, &s->log, s->err);
    if (s->result != 0)
        return;
    for (size_t i = 0; i < s->log.num_messages; i++)
        seed_message(s, (uint8_t)i);
    for (size_t i = 0; i < s->log.num_records; i++)
        seed_records(s, (uint8_t)i);
    seed_records(s, POINT_CONNECTED);
    seed_bytes(s, STEP_SEGMENT, 0, 0, 0, "", 0, "1");
    partner_log_fini(&s->log);
}

int seeds_write(size_t *num, struct player *player, const struct fuzz_stack *victim, enum role role,
                const char *folder, struct error *err)
{
    struct seeding s = { .player = player,
                         .victim = victim,
                         .folder = folder,
                         .chance = { 1 },
                         .base = { .victim = role },
                         .err = err };
    s.result = directory_make(folder, err);
    healthy(&s);
    for (size_t i = 0; i < sizeof variants / sizeof variants[0]; i++)
        seed_variant(&s, &variants[i]);
    *num = s.num;
    return s.result;
}
