#include "fuzz/stacks/generate.h"

#include "fuzz/stacks/structure.h"
#include "harness/wire/handshake.h"
#include "harness/wire/registry.h"

enum {
    ELEMENTS_MAX = 4, /* of a list; lists grow by duplicating what is in them */
    OPAQUE_MAX = 12,
    EXTENSIONS_MAX = 3,
    LONG_MAX_LEN = 300, /* of an opaque, now and then: beyond what anyone keeps room for */
    ELSE_LONG = 4,
    ELSE_ANY = 12,        /* once in so many times a value is any, not one that is known */
    ELSE_LIST_WRONG = 14, /* likewise the outermost of an extension */
    ELSE_WRONG = 48,      /* once in so many vectors its length is not what is in it */
    CONTENT_PADDING = 0,  /* where TLS 1.3 has the type of what is protected */
};

uint32_t chance_below(struct chance *chance, uint32_t below)
{
    chance->state = chance->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return below == 0 ? 0 : (uint32_t)(chance->state >> 33) % below;
}

bool chance_once_in(struct chance *chance, uint32_t times)
{
    return chance_below(chance, times) == 0;
}

/* ---- values of the registries ---- */

static uint16_t any_number(struct chance *chance)
{
    return (uint16_t)chance_below(chance, 1 << 16);
}

static uint16_t a_suite(struct chance *chance)
{
    return suites[chance_below(chance, (uint32_t)num_suites)].id;
}

static uint16_t a_group(struct chance *chance)
{
    return groups[chance_below(chance, (uint32_t)num_groups)].id;
}

static uint16_t a_scheme(struct chance *chance)
{
    return signature_schemes[chance_below(chance, (uint32_t)num_signature_schemes)].id;
}

static uint16_t a_version(struct chance *chance)
{
    return (uint16_t)(0x0300 + chance_below(chance, 6));
}

static uint16_t a_signal(struct chance *chance)
{
    return chance_once_in(chance, 2) ? SCSV_FALLBACK : SCSV_EMPTY_RENEGOTIATION_INFO;
}

static uint16_t a_grease(struct chance *chance)
{
    return (uint16_t)(0x0A0A + 0x1010 * chance_below(chance, 16));
}

uint16_t generate_id(struct chance *chance, uint16_t extension)
{
    static uint16_t (*const kinds[])(struct chance *) = {
        a_suite, a_group, a_scheme, a_version, a_signal, a_grease, any_number,
    };
    enum { NUM_KINDS = sizeof kinds / sizeof kinds[0], SIGNATURE_ALGORITHMS_CERT = 50 };
    if (!chance_once_in(chance, ELSE_ANY))
        switch (extension) {
        case EXTENSION_SUPPORTED_GROUPS:
        case EXTENSION_KEY_SHARE:
            return a_group(chance);
        case EXTENSION_SIGNATURE_ALGORITHMS:
        case SIGNATURE_ALGORITHMS_CERT:
            return a_scheme(chance);
        case EXTENSION_SUPPORTED_VERSIONS:
            return a_version(chance);
        default:
            break;
        }
    return kinds[chance_below(chance, NUM_KINDS)](chance);
}

uint16_t generate_extension_type(struct chance *chance)
{
    if (chance_once_in(chance, ELSE_ANY))
        return chance_once_in(chance, 2) ? a_grease(chance) : any_number(chance);
    uint16_t type = 0;
    for (int tries = 0; tries < 3; tries++) { /* rather one whose body is known */
        type = extension_types[chance_below(chance, (uint32_t)num_extension_types)].id;
        if (structure_extension_form(type, true) != NULL)
            break;
    }
    return type;
}

uint8_t generate_message_type(struct chance *chance)
{
    static const uint8_t types[] = {
        HANDSHAKE_HELLO_REQUEST,
        HANDSHAKE_CLIENT_HELLO,
        HANDSHAKE_SERVER_HELLO,
        HANDSHAKE_NEW_SESSION_TICKET,
        HANDSHAKE_END_OF_EARLY_DATA,
        HANDSHAKE_ENCRYPTED_EXTENSIONS,
        HANDSHAKE_CERTIFICATE,
        HANDSHAKE_SERVER_KEY_EXCHANGE,
        HANDSHAKE_CERTIFICATE_REQUEST,
        HANDSHAKE_SERVER_HELLO_DONE,
        HANDSHAKE_CERTIFICATE_VERIFY,
        HANDSHAKE_CLIENT_KEY_EXCHANGE,
        HANDSHAKE_FINISHED,
        HANDSHAKE_CERTIFICATE_STATUS,
        HANDSHAKE_KEY_UPDATE,
        25 /* compressed_certificate, RFC 8879 */,
    };
    return chance_once_in(chance, 2 * ELSE_ANY)
               ? (uint8_t)chance_below(chance, 1 << 8)
               : types[chance_below(chance, sizeof types / sizeof types[0])];
}

uint8_t generate_content_type(struct chance *chance)
{
    enum { NUM_TYPES = CONTENT_HEARTBEAT - CONTENT_CHANGE_CIPHER_SPEC + 1 };
    if (chance_once_in(chance, 3)) /* has the most to be read */
        return CONTENT_HANDSHAKE;
    if (chance_once_in(chance, ELSE_ANY))
        return CONTENT_PADDING;
    return chance_once_in(chance, ELSE_ANY)
               ? (uint8_t)chance_below(chance, 1 << 8)
               : (uint8_t)(CONTENT_CHANGE_CIPHER_SPEC + chance_below(chance, NUM_TYPES));
}

void generate_bytes(struct chance *chance, struct writer *out, uint32_t max)
{
    for (uint32_t i = chance_below(chance, max + 1); i > 0; i--)
        writer_u8(out, (uint8_t)chance_below(chance, 1 << 8));
}

/* ---- values in their form ---- */

struct making {
    struct chance *chance;
    struct writer *out;
    bool client_hello;
    uint16_t extension; /* in whose body we are; 0 also where in none */
    bool plain;         /* one of each, in its form */
    uint8_t kind;       /* if plain, the fields of a byte */
};

static void make_form(const struct making *making, const char *form);

static uint32_t opaque_max(struct chance *chance, size_t prefix_len)
{
    if (!chance_once_in(chance, ELSE_LONG))
        return OPAQUE_MAX;
    return prefix_len == 1 ? UINT8_MAX : LONG_MAX_LEN;
}

/* One off, none, or any number that fits. */
static void announce_wrongly(const struct making *making, size_t mark, size_t prefix_len)
{
    uint32_t len = (uint32_t)(making->out->len - mark);
    const uint32_t choices[] = { len + 1, len > 0 ? len - 1 : 1, 0, 0xFFFFFF,
                                 chance_below(making->chance, 1 << (8 * prefix_len)) };
    uint32_t chosen = choices[chance_below(making->chance, sizeof choices / sizeof choices[0])];
    for (size_t i = 1; i <= prefix_len && !making->out->failed; i++, chosen >>= 8)
        making->out->data[mark - i] = (uint8_t)chosen;
}

static void make_vector(const struct making *making, const char *form)
{
    size_t prefix_len = (size_t)(form[0] - '0');
    bool opaque = form[2] == ')';
    size_t mark = writer_open(making->out, prefix_len);
    if (making->plain && opaque)
        writer_bytes(making->out, "abcd", 4);
    else if (opaque)
        generate_bytes(making->chance, making->out, opaque_max(making->chance, prefix_len));
    uint32_t num = opaque ? 0 : making->plain ? 1 : chance_below(making->chance, ELEMENTS_MAX + 1);
    for (uint32_t i = num; i > 0; i--)
        make_form(making, form + 2);
    writer_close(making->out, mark, prefix_len);
    if (!making->plain && chance_once_in(making->chance, ELSE_WRONG))
        announce_wrongly(making, mark, prefix_len);
}

static void make_extensions(const struct making *making)
{
    size_t mark = writer_open(making->out, 2);
    for (uint32_t i = chance_below(making->chance, EXTENSIONS_MAX + 1); i > 0; i--)
        generate_extension(making->chance, making->out, making->client_hello);
    writer_close(making->out, mark, 2);
}

static void make_field(const struct making *making, char field)
{
    if (field == 'h') {
        writer_u16(making->out, generate_id(making->chance, making->extension));
        return;
    }
    if (making->plain && field == 'b') {
        writer_u8(making->out, making->kind);
        return;
    }
    for (int i = field == 'b' ? 1 : field == 'w' ? 4 : 32; i > 0; i--)
        writer_u8(making->out, (uint8_t)chance_below(making->chance, field == 'b' ? 4 : 1 << 8));
}

static void make_form(const struct making *making, const char *form)
{
    while (*form != '\0' && *form != ')') {
        if (*form >= '1' && *form <= '3') {
            make_vector(making, form);
            form = structure_behind_brackets(form + 1);
        } else if (*form == 'E') {
            make_extensions(making);
            form++;
        } else {
            make_field(making, *form++);
        }
    }
}

/* Bytes of the fields that a form begins with; *form is behind them. */
static size_t leading_fields(const char **form)
{
    size_t len = 0;
    for (; **form == 'b' || **form == 'h' || **form == 'w'; (*form)++)
        len += **form == 'b' ? 1 : **form == 'h' ? 2 : 4;
    return len;
}

void generate_extension_body(struct chance *chance, struct writer *out, uint16_t type,
                             bool client_hello)
{
    const struct making making = {
        .chance = chance, .out = out, .client_hello = client_hello, .extension = type
    };
    const char *form = structure_extension_form(type, client_hello), *first = form;
    size_t from = out->len + (form != NULL ? leading_fields(&first) : 0);
    size_t prefix_len = form != NULL && *first != '\0' ? (size_t)(*first - '0') : 0;
    if (form == NULL || chance_once_in(chance, ELSE_ANY)) {
        generate_bytes(chance, out, OPAQUE_MAX);
        return;
    }
    make_form(&making, form);
    if (prefix_len > 0 && chance_once_in(chance, ELSE_LIST_WRONG))
        announce_wrongly(&making, from + prefix_len, prefix_len);
}

void generate_plain_extension(struct chance *chance, struct writer *out, uint16_t type,
                              bool client_hello, uint8_t kind)
{
    const struct making making = { chance, out, client_hello, type, true, kind };
    const char *form = structure_extension_form(type, client_hello);
    writer_u16(out, type);
    size_t mark = writer_open(out, 2);
    if (form != NULL)
        make_form(&making, form);
    writer_close(out, mark, 2);
}

void generate_extension(struct chance *chance, struct writer *out, bool client_hello)
{
    uint16_t type = generate_extension_type(chance);
    writer_u16(out, type);
    size_t mark = writer_open(out, 2);
    if (!chance_once_in(chance, 4)) /* else empty */
        generate_extension_body(chance, out, type, client_hello);
    writer_close(out, mark, 2);
}

void generate_message_body(struct chance *chance, struct writer *out, uint8_t type, bool tls13)
{
    const struct making making = { .chance = chance,
                                   .out = out,
                                   .client_hello = type == HANDSHAKE_CLIENT_HELLO };
    const char *form = structure_message_form(type, tls13);
    if (type == HANDSHAKE_KEY_UPDATE)
        writer_u8(out, (uint8_t)chance_below(chance, 3));
    else if (form == NULL || chance_once_in(chance, ELSE_ANY))
        generate_bytes(chance, out, OPAQUE_MAX);
    else
        make_form(&making, form);
}

static void make_message(struct chance *chance, struct writer *out, bool tls13)
{
    uint8_t type = generate_message_type(chance);
    writer_u8(out, type);
    size_t mark = writer_open(out, 3);
    generate_message_body(chance, out, type, tls13);
    writer_close(out, mark, 3);
}

/* RFC 8446 section 5.2: of a record's content with type 0 the last byte that is not 0 is the type,
 * and there should be one. */
static void generate_padding(struct chance *chance, struct writer *out)
{
    if (chance_once_in(chance, 2)) {
        generate_bytes(chance, out, OPAQUE_MAX);
        writer_u8(out, generate_content_type(chance));
    }
    for (uint32_t i = chance_below(chance, OPAQUE_MAX); i > 0; i--)
        writer_u8(out, 0);
}

void generate_content(struct chance *chance, struct writer *out, uint8_t type, bool tls13)
{
    enum { MESSAGES_MAX = 3 };
    if (type == CONTENT_ALERT && !chance_once_in(chance, ELSE_ANY)) {
        writer_u8(out, (uint8_t)(1 + chance_below(chance, 2)));
        writer_u8(out, alerts[chance_below(chance, (uint32_t)num_alerts)].id);
    } else if (type == CONTENT_HANDSHAKE && !chance_once_in(chance, ELSE_ANY)) {
        for (uint32_t i = 1 + chance_below(chance, MESSAGES_MAX); i > 0; i--)
            make_message(chance, out, tls13);
    } else if (type == CONTENT_CHANGE_CIPHER_SPEC && !chance_once_in(chance, 4)) {
        writer_u8(out, 1);
    } else if (type == CONTENT_HEARTBEAT && !chance_once_in(chance, 4)) {
        writer_u8(out, (uint8_t)(1 + chance_below(chance, 2)));
        writer_u16(out, (uint16_t)chance_below(chance, chance_once_in(chance, 2) ? 1 << 16 : 24));
        generate_bytes(chance, out, 24);
    } else if (type == CONTENT_PADDING && tls13 && !chance_once_in(chance, 4)) {
        generate_padding(chance, out);
    } else {
        generate_bytes(chance, out, 2 * OPAQUE_MAX);
    }
}
