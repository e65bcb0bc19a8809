/* The forms of messages as a small language, and the edits that keep them. */
#include "fuzz/stacks/structure.h"

#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/reader.h"

#include <string.h>

static const struct {
    uint8_t type;
    bool tls13; /* the row is for TLS 1.3, or for what comes before it; see `both` */
    bool both;
    const char *form;
} forms[] = {
    { HANDSHAKE_CLIENT_HELLO, .both = true, .form = "hr1()2(h)1(b)E" },
    { HANDSHAKE_SERVER_HELLO, .both = true, .form = "hr1()hbE" },
    { HANDSHAKE_ENCRYPTED_EXTENSIONS, .both = true, .form = "E" },
    { HANDSHAKE_CERTIFICATE_REQUEST, true, .form = "1()E" },
    { HANDSHAKE_CERTIFICATE_REQUEST, false, .form = "1(b)2(h)2(2())" },
    { HANDSHAKE_CERTIFICATE, true, .form = "1()3(3()E)" },
    { HANDSHAKE_CERTIFICATE, false, .form = "3(3())" },
    { HANDSHAKE_SERVER_KEY_EXCHANGE, .both = true, .form = "bh1()h2()" },
    { HANDSHAKE_CLIENT_KEY_EXCHANGE, .both = true, .form = "1()" },
    { HANDSHAKE_CERTIFICATE_VERIFY, .both = true, .form = "h2()" },
    { HANDSHAKE_NEW_SESSION_TICKET, true, .form = "ww1()2()E" },
    { HANDSHAKE_NEW_SESSION_TICKET, false, .form = "w2()" },
    { HANDSHAKE_CERTIFICATE_STATUS, .both = true, .form = "b3()" },
};

static const struct {
    uint16_t type;
    bool client_hello; /* in that, or in another message */
    bool both;
    const char *form;
} extension_forms[] = {
    { EXTENSION_SERVER_NAME, true, .form = "2(b2())" },
    { EXTENSION_STATUS_REQUEST, true, .form = "b2(2())2()" },
    { EXTENSION_STATUS_REQUEST, false, .form = "b3()" },
    { EXTENSION_SUPPORTED_GROUPS, .both = true, .form = "2(h)" },
    { EXTENSION_EC_POINT_FORMATS, .both = true, .form = "1(b)" },
    { EXTENSION_SIGNATURE_ALGORITHMS, .both = true, .form = "2(h)" },
    { 14 /* use_srtp */, .both = true, .form = "2(h)1()" },
    { EXTENSION_ALPN, .both = true, .form = "2(1())" },
    { 18 /* signed_certificate_timestamp */, false, .form = "2(2())" },
    { 27 /* compress_certificate */, .both = true, .form = "1(h)" },
    { EXTENSION_PRE_SHARED_KEY, true, .form = "2(2()w)2(1())" },
    { EXTENSION_SUPPORTED_VERSIONS, true, .form = "1(h)" },
    { EXTENSION_COOKIE, .both = true, .form = "2()" },
    { EXTENSION_PSK_KEY_EXCHANGE_MODES, .both = true, .form = "1(b)" },
    { EXTENSION_CERTIFICATE_AUTHORITIES, .both = true, .form = "2(2())" },
    { 48 /* oid_filters */, .both = true, .form = "2(1()2())" },
    { 50 /* signature_algorithms_cert */, .both = true, .form = "2(h)" },
    { EXTENSION_KEY_SHARE, true, .form = "2(h2())" },
    { EXTENSION_KEY_SHARE, false, .form = "h2()" }, /* a HelloRetryRequest's stays opaque */
    { EXTENSION_RENEGOTIATION_INFO, .both = true, .form = "1()" },
};

const char *structure_message_form(uint8_t type, bool tls13)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (forms[i].type == type && (forms[i].both || forms[i].tls13 == tls13))
            return forms[i].form;
    return NULL;
}

const char *structure_extension_form(uint16_t type, bool client_hello)
{
    for (size_t i = 0; i < sizeof extension_forms / sizeof extension_forms[0]; i++)
        if (extension_forms[i].type == type &&
            (extension_forms[i].both || extension_forms[i].client_hello == client_hello))
            return extension_forms[i].form;
    return NULL;
}

const char *structure_behind_brackets(const char *form)
{
    int depth = 0;
    do {
        depth += *form == '(' ? 1 : *form == ')' ? -1 : 0;
        form++;
    } while (depth > 0);
    return form;
}

/* ---- reading ---- */

struct parse {
    struct structure *out;
    const uint8_t *body;
    bool client_hello;
    int parent;
    uint16_t extension;
    bool in_extension;
};

static bool parse_form(struct parse *parse, const char **form, size_t *at, size_t end);

/* Opens the vector whose length stands at *at; -1 if it is not all there or there is no room. */
static int open_vector(struct parse *parse, size_t prefix_len, size_t *at, size_t end)
{
    size_t len = 0;
    if (end - *at < prefix_len || parse->out->num_vectors == STRUCTURE_VECTORS_MAX)
        return -1;
    for (size_t i = 0; i < prefix_len; i++)
        len = len << 8 | parse->body[*at + i];
    size_t from = *at + prefix_len;
    if (len > end - from)
        return -1;
    int index = (int)parse->out->num_vectors++;
    parse->out->vectors[index] = (struct vector){
        .prefix_len = prefix_len,
        .from = from,
        .to = from + len,
        .parent = parse->parent,
        .extension = parse->extension,
        .in_extension = parse->in_extension,
    };
    *at = from + len;
    return index;
}

static bool add_element(struct parse *parse, size_t from, size_t to)
{
    if (parse->out->num_elements == STRUCTURE_ELEMENTS_MAX)
        return false;
    parse->out->elements[parse->out->num_elements++] = (struct element){ from, to, parse->parent };
    return true;
}

/* What is in an extension has its form to the last byte, or is opaque. */
static void parse_extension_body(struct parse *parse, const struct vector *body)
{
    const char *form = structure_extension_form(parse->extension, parse->client_hello);
    size_t num_vectors = parse->out->num_vectors, num_elements = parse->out->num_elements;
    size_t at = body->from, to = body->to;
    if (form != NULL && (!parse_form(parse, &form, &at, to) || at != to)) {
        parse->out->num_vectors = num_vectors;
        parse->out->num_elements = num_elements;
    }
}

static bool parse_extension(struct parse *parse, size_t *at, size_t end)
{
    enum { TYPE_LEN = 2 };
    struct parse inner = *parse;
    size_t from = *at;
    if (end - *at < TYPE_LEN)
        return false;
    inner.extension = (uint16_t)(parse->body[*at] << 8 | parse->body[*at + 1]);
    inner.in_extension = true;
    *at += TYPE_LEN;
    int index = open_vector(&inner, 2, at, end);
    if (index < 0 || !add_element(parse, from, *at))
        return false;
    inner.parent = index;
    parse_extension_body(&inner, &parse->out->vectors[index]);
    return true;
}

static bool parse_extensions(struct parse *parse, size_t *at, size_t end)
{
    struct parse inner = *parse;
    if (*at == end && parse->parent == -1)
        return true; /* a hello without the block */
    inner.parent = open_vector(parse, 2, at, end);
    if (inner.parent < 0)
        return false;
    parse->out->vectors[inner.parent].is_block = true;
    size_t next = parse->out->vectors[inner.parent].from;
    while (next < *at)
        if (!parse_extension(&inner, &next, *at))
            return false;
    return true;
}

/* `form` stands on the opening bracket. */
static bool parse_list(struct parse *parse, const char *form, size_t from, size_t to)
{
    size_t at = from;
    while (form[1] != ')' && at < to) {
        const char *element = form + 1;
        size_t begin = at, num = parse->out->num_elements;
        if (!add_element(parse, begin, begin) || !parse_form(parse, &element, &at, to))
            return false;
        parse->out->elements[num].to = at;
    }
    return true;
}

static bool parse_vector(struct parse *parse, const char **form, size_t *at, size_t end)
{
    struct parse inner = *parse;
    inner.parent = open_vector(parse, (size_t)(**form - '0'), at, end);
    const char *brackets = *form + 1;
    *form = structure_behind_brackets(brackets);
    return inner.parent >= 0 &&
           parse_list(&inner, brackets, parse->out->vectors[inner.parent].from, *at);
}

static size_t field_len(char field)
{
    return field == 'b' ? 1 : field == 'h' ? 2 : field == 'w' ? 4 : HELLO_RANDOM_LEN;
}

/* Up to the form's end or a closing bracket. */
static bool parse_form(struct parse *parse, const char **form, size_t *at, size_t end)
{
    while (**form != '\0' && **form != ')') {
        if (**form >= '1' && **form <= '3') {
            if (!parse_vector(parse, form, at, end))
                return false;
        } else if (*(*form)++ == 'E') {
            if (!parse_extensions(parse, at, end))
                return false;
        } else {
            size_t len = field_len((*form)[-1]);
            if (end - *at < len)
                return false;
            *at += len;
        }
    }
    return true;
}

void structure_read(struct structure *out, uint16_t version, const uint8_t *message, size_t len)
{
    out->num_vectors = out->num_elements = 0;
    if (len < HANDSHAKE_HEADER_LEN)
        return;
    struct parse parse = {
        .out = out,
        .body = message + HANDSHAKE_HEADER_LEN,
        .client_hello = message[0] == HANDSHAKE_CLIENT_HELLO,
        .parent = -1,
    };
    const char *form = structure_message_form(message[0], version == TLS13);
    size_t at = 0;
    if (form != NULL)
        parse_form(&parse, &form, &at, len - HANDSHAKE_HEADER_LEN);
}

/* ---- editing ---- */

static bool is_around(const struct vector *vector, size_t offset, size_t drop)
{
    return vector->from <= offset && offset + drop <= vector->to &&
           (drop > 0 || offset < vector->to || vector->from == vector->to);
}

static int outermost_ending(const struct structure *structure, size_t offset)
{
    for (size_t i = 0; i < structure->num_vectors; i++)
        if (structure->vectors[i].to == offset)
            return (int)i;
    return -1;
}

int structure_at(const struct structure *structure, size_t offset, size_t drop)
{
    int found = -1;
    for (size_t i = 0; i < structure->num_vectors; i++)
        if (is_around(&structure->vectors[i], offset, drop))
            found = (int)i; /* the innermost is the last */
    return found < 0 && drop == 0 ? outermost_ending(structure, offset) : found;
}

static void set_length(uint8_t *body, const struct vector *vector, size_t len)
{
    for (size_t i = 0; i < vector->prefix_len; i++, len >>= 8)
        body[vector->from - 1 - i] = (uint8_t)len;
}

void structure_edit(struct writer *message, uint16_t version, size_t offset, size_t drop,
                    const void *bytes, size_t len)
{
    struct structure structure;
    struct writer edited;
    if (message->len < HANDSHAKE_HEADER_LEN)
        return;
    size_t body_len = message->len - HANDSHAKE_HEADER_LEN;
    bool behind_all = offset > body_len;
    offset = offset < body_len ? offset : body_len;
    drop = drop < body_len - offset ? drop : body_len - offset;
    structure_read(&structure, version, message->data, message->len);
    uint8_t *body = message->data + HANDSHAKE_HEADER_LEN;
    int inside =
        behind_all ? outermost_ending(&structure, offset) : structure_at(&structure, offset, drop);
    for (int i = inside; i >= 0; i = structure.vectors[i].parent) {
        const struct vector *vector = &structure.vectors[i];
        set_length(body, vector, vector->to - vector->from - drop + len);
    }
    writer_init(&edited, message->max);
    writer_u8(&edited, message->data[0]);
    writer_u24(&edited, (uint32_t)(body_len - drop + len));
    writer_bytes(&edited, body, offset);
    writer_bytes(&edited, bytes, len);
    writer_bytes(&edited, body + offset + drop, body_len - offset - drop);
    writer_fini(message);
    *message = edited;
}

void structure_repeat(struct writer *message, uint16_t version, size_t offset, size_t len,
                      unsigned times)
{
    struct writer copies;
    size_t body_len = message->len > HANDSHAKE_HEADER_LEN ? message->len - HANDSHAKE_HEADER_LEN : 0;
    if (offset >= body_len || len == 0)
        return;
    len = len < body_len - offset ? len : body_len - offset;
    size_t room = (message->max - message->len) / len;
    writer_init(&copies, message->max);
    for (size_t i = 0; i <= times && i <= room; i++)
        writer_bytes(&copies, message->data + HANDSHAKE_HEADER_LEN + offset, len);
    /* In the place of the original: an element goes into its list, not into what ends before it. */
    structure_edit(message, version, offset, len, copies.data, copies.len);
    writer_fini(&copies);
}
