/* Writing and reading the bank's pickled record, opcode by opcode, without running anything. */
#include "peers/common/bank.h"

#include <stdbool.h>
#include <string.h>

/* Opcodes of the pickle protocol (Python's Lib/pickletools.py documents them). */
enum opcode {
    OP_PROTO = 0x80,
    OP_FRAME = 0x95,
    OP_SHORT_BINUNICODE = 0x8C,
    OP_MEMOIZE = 0x94,
    OP_STACK_GLOBAL = 0x93,
    OP_EMPTY_TUPLE = ')',
    OP_NEWOBJ = 0x81,
    OP_EMPTY_DICT = '}',
    OP_MARK = '(',
    OP_BININT = 'J',
    OP_SETITEMS = 'u',
    OP_BUILD = 'b',
    OP_STOP = '.',
};
enum { PROTOCOL = 4, HEAD_LEN = 11 /* PROTO, FRAME and the frame's length */ };

static const char module[] = "tlsmatrix.bank";
static const char class[] = "Customer";

/* What makes an object of the class, and what gives it its fields. */
static const uint8_t new_object[] = { OP_STACK_GLOBAL, OP_MEMOIZE,    OP_EMPTY_TUPLE, OP_NEWOBJ,
                                      OP_MEMOIZE,      OP_EMPTY_DICT, OP_MEMOIZE,     OP_MARK };
static const uint8_t set_fields[] = { OP_SETITEMS, OP_BUILD, OP_STOP };

struct bank_field {
    const char *name;
    bool is_number;
    size_t offset;
};
#define NUMBER(member)                                                                             \
    {                                                                                              \
#member, true, offsetof(struct bank_customer, member)                                      \
    }
#define TEXT(member)                                                                               \
    {                                                                                              \
#member, false, offsetof(struct bank_customer, member)                                     \
    }
static const struct bank_field fields[] = {
    NUMBER(id),   TEXT(name),     TEXT(email), NUMBER(account), NUMBER(sort_code),
    TEXT(street), TEXT(district), TEXT(town),  TEXT(postcode),
};
enum { NUM_FIELDS = sizeof fields / sizeof fields[0] };

void bank_customer_init(struct bank_customer *out, int32_t id, const char *name)
{
    *out = (struct bank_customer){
        .id = id,
        .name = "Ada Winter",
        .email = "ada.winter@example.com",
        .account = 40718263,
        .sort_code = 204060,
        .street = "7 Orchard Row",
        .district = "Northgate",
        .town = "Millbrook",
        .postcode = "ZZ9 9ZZ",
    };
    if (name != NULL)
        snprintf(out->name, sizeof out->name, "%s", name);
}

/* ---- writing; BANK_RECORD_MAX holds the longest record there can be ---- */

static size_t put_text(uint8_t *out, const char *text)
{
    size_t len = strlen(text);
    out[0] = OP_SHORT_BINUNICODE;
    out[1] = (uint8_t)len;
    memcpy(out + 2, text, len);
    out[2 + len] = OP_MEMOIZE;
    return len + 3;
}

static size_t put_number(uint8_t *out, int32_t number)
{
    out[0] = OP_BININT;
    for (int i = 0; i < 4; i++)
        out[1 + i] = (uint8_t)((uint32_t)number >> 8 * i);
    return 5;
}

static size_t put_bytes(uint8_t *out, const uint8_t *bytes, size_t len)
{
    memcpy(out, bytes, len);
    return len;
}

size_t bank_encode(uint8_t out[BANK_RECORD_MAX], const struct bank_customer *customer)
{
    size_t len = HEAD_LEN;
    len += put_text(out + len, module);
    len += put_text(out + len, class);
    len += put_bytes(out + len, new_object, sizeof new_object);
    for (size_t i = 0; i < NUM_FIELDS; i++) {
        const char *member = (const char *)customer + fields[i].offset;
        int32_t number = 0;
        len += put_text(out + len, fields[i].name);
        if (fields[i].is_number)
            memcpy(&number, member, sizeof number);
        len += fields[i].is_number ? put_number(out + len, number) : put_text(out + len, member);
    }
    len += put_bytes(out + len, set_fields, sizeof set_fields);
    memset(out, 0, HEAD_LEN);
    out[0] = OP_PROTO;
    out[1] = PROTOCOL;
    out[2] = OP_FRAME;
    out[3] = (uint8_t)(len - HEAD_LEN);
    out[4] = (uint8_t)((len - HEAD_LEN) >> 8);
    return len;
}

/* ---- reading ---- */

struct cursor {
    const uint8_t *bytes;
    size_t len, at;
    struct error *err;
};

static int refuse(const struct cursor *c, const char *what)
{
    return error_set(c->err, ERROR_USAGE, "record, byte %zu: %s", c->at, what);
}

static int take_byte(struct cursor *c, uint8_t wanted, const char *otherwise)
{
    if (c->at >= c->len)
        return refuse(c, "ends too early");
    if (c->bytes[c->at] != wanted)
        return refuse(c, otherwise);
    c->at++;
    return 0;
}

static int take_opcodes(struct cursor *c, const uint8_t *wanted, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (take_byte(c, wanted[i], "an opcode that no such record has") < 0)
            return -1;
    return 0;
}

/* A text of at most BANK_TEXT_MAX bytes, without NUL. */
static int take_text(struct cursor *c, char out[BANK_TEXT_MAX + 1])
{
    if (take_byte(c, OP_SHORT_BINUNICODE, "no text, where there must be one") < 0)
        return -1;
    if (c->at >= c->len || c->bytes[c->at] >= c->len - c->at)
        return refuse(c, "ends too early");
    size_t text_len = c->bytes[c->at++];
    if (memchr(c->bytes + c->at, '\0', text_len) != NULL)
        return refuse(c, "a NUL in a text");
    memcpy(out, c->bytes + c->at, text_len);
    out[text_len] = '\0';
    c->at += text_len;
    return take_byte(c, OP_MEMOIZE, "an opcode that no such record has");
}

static int take_number(struct cursor *c, int32_t *out)
{
    uint32_t number = 0;
    if (take_byte(c, OP_BININT, "no number, where there must be one") < 0)
        return -1;
    if (c->len - c->at < 4)
        return refuse(c, "ends too early");
    for (int i = 0; i < 4; i++)
        number |= (uint32_t)c->bytes[c->at++] << 8 * i;
    memcpy(out, &number, sizeof number);
    return 0;
}

static int take_name(struct cursor *c, const char *wanted, const char *otherwise)
{
    char name[BANK_TEXT_MAX + 1];
    size_t start = c->at;
    if (take_text(c, name) < 0)
        return -1;
    if (strcmp(name, wanted) == 0)
        return 0;
    c->at = start;
    return refuse(c, otherwise);
}

static int take_field(struct cursor *c, struct bank_customer *out, const struct bank_field *field)
{
    char *member = (char *)out + field->offset;
    int32_t number = 0;
    if (take_name(c, field->name, "another field than that of the record") < 0)
        return -1;
    if (!field->is_number)
        return take_text(c, member);
    if (take_number(c, &number) < 0)
        return -1;
    memcpy(member, &number, sizeof number);
    return 0;
}

size_t bank_record_len(const uint8_t *bytes, size_t len)
{
    static const uint8_t start[] = { OP_PROTO, PROTOCOL, OP_FRAME };
    size_t num_known = len < sizeof start ? len : sizeof start;
    if (memcmp(bytes, start, num_known) != 0)
        return SIZE_MAX;
    if (len < HEAD_LEN)
        return 0;
    uint64_t frame = 0;
    for (int i = 0; i < 8; i++)
        frame |= (uint64_t)bytes[sizeof start + (size_t)i] << 8 * i;
    return frame > BANK_RECORD_MAX - HEAD_LEN ? SIZE_MAX : HEAD_LEN + (size_t)frame;
}

int bank_decode(struct bank_customer *out, const uint8_t *bytes, size_t len, struct error *err)
{
    struct bank_customer customer = { 0 };
    struct cursor c = { .bytes = bytes, .len = len, .at = HEAD_LEN, .err = err };
    if (bank_record_len(bytes, len) != len || len == 0)
        return error_set(err, ERROR_USAGE, "%zu bytes are no record in one frame", len);
    if (take_name(&c, module, "another module than that of the record") < 0 ||
        take_name(&c, class, "another class than that of the record") < 0 ||
        take_opcodes(&c, new_object, sizeof new_object) < 0)
        return -1;
    for (size_t i = 0; i < NUM_FIELDS; i++)
        if (take_field(&c, &customer, &fields[i]) < 0)
            return -1;
    if (take_opcodes(&c, set_fields, sizeof set_fields) < 0)
        return -1;
    if (c.at != len)
        return refuse(&c, "more behind the end");
    *out = customer;
    return 0;
}

void bank_print(char *out, size_t out_len, const struct bank_customer *customer)
{
    unsigned code = (unsigned)customer->sort_code % 1000000;
    snprintf(out, out_len, "%ld %s, account %ld (%02u-%02u-%02u), %s, %s, %s, %s",
             (long)customer->id, customer->name, (long)customer->account, code / 10000,
             code / 100 % 100, code % 100, customer->street, customer->district, customer->town,
             customer->postcode);
    for (char *at = out; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = '?';
}
