/* What both ends' hellos share, and the key shares that they carry. */
#include "peers/careless/careless.h"

#include <openssl/err.h>
#include <openssl/rand.h>

int extensions_once(conn *c, const struct hello *hello, enum plant plant)
{
    for (size_t i = 0; i < hello->num_extensions; i++)
        for (size_t j = 0; j < i; j++)
            if (hello->extensions[i].type == hello->extensions[j].type)
                return demand(c, false, plant, ALERT_ILLEGAL_PARAMETER,
                              "an extension that comes twice");
    return 0;
}

/* A list of numbers of 16 bits, not empty, behind a length of `prefix_len` bytes. */
static bool is_list(struct reader *body, size_t prefix_len)
{
    struct reader list = reader_block(body, prefix_len);
    return !body->failed && list.len >= 2 && list.len % 2 == 0;
}

static bool is_versions(struct reader *body)
{
    return is_list(body, 1);
}

static bool is_numbers(struct reader *body)
{
    return is_list(body, 2);
}

/* KeyShareEntry<0..2^16-1> (RFC 8446 section 4.2.8). */
static bool is_shares(struct reader *body)
{
    struct reader list = reader_block(body, 2);
    while (list.len > 0 && !list.failed) {
        reader_u16(&list);
        list.failed = reader_block(&list, 2).len == 0 || list.failed;
    }
    return !body->failed && !list.failed;
}

/* ServerName<1..2^16-1>, of the one type that there is (RFC 6066 section 3). */
static bool is_names(struct reader *body)
{
    enum { HOST_NAME = 0 };
    struct reader list = reader_block(body, 2);
    bool any = list.len > 0;
    while (list.len > 0 && !list.failed) {
        bool known = reader_u8(&list) == HOST_NAME;
        list.failed = reader_block(&list, 2).len == 0 || !known || list.failed;
    }
    return any && !body->failed && !list.failed;
}

static const struct {
    uint16_t type;
    bool (*is_form)(struct reader *body);
} client_extensions[] = {
    { EXTENSION_SERVER_NAME, is_names },
    { EXTENSION_SUPPORTED_GROUPS, is_numbers },
    { EXTENSION_SIGNATURE_ALGORITHMS, is_numbers },
    { EXTENSION_SUPPORTED_VERSIONS, is_versions },
    { EXTENSION_KEY_SHARE, is_shares },
};

int client_forms(conn *c, const struct hello *hello)
{
    if (hello->num_suites == 0)
        return refuse(c, ALERT_DECODE_ERROR, "no suite at all");
    for (size_t i = 0; i < sizeof client_extensions / sizeof client_extensions[0]; i++) {
        const struct extension *extension = hello_extension_const(hello, client_extensions[i].type);
        if (extension == NULL)
            continue;
        struct reader body = reader_of(extension->body.data, extension->body.len);
        if (!client_extensions[i].is_form(&body) || body.len > 0)
            return refuse(c, ALERT_DECODE_ERROR, "an extension that has not its form");
    }
    return 0;
}

int read_hello(conn *c, struct hello *out, uint8_t type, const struct handshake_message *message,
               enum plant plant)
{
    struct error err = { 0 };
    if (hello_read(out, type, message->body, message->len, &err) == 0)
        return 0;
    if (plants(c, plant) && message->len > 0 &&
        hello_read(out, type, message->body, message->len - 1, NULL) == 0)
        return 0;
    return refuse(c, ALERT_DECODE_ERROR, err.text);
}

int make_share(conn *c, uint16_t group)
{
    EVP_PKEY_free(c->own_share);
    c->own_share = share_new(group);
    c->share_group = group;
    return c->own_share != NULL ? 0 : refuse(c, ALERT_INTERNAL_ERROR, "no key share");
}

int use_share(conn *c, const uint8_t *share, size_t share_len)
{
    int result = share_derive(c->shared_secret, c->own_share, c->share_group, share, share_len,
                              plants(c, PLANT_ANY_SHARE));
    ERR_clear_error();
    c->shared_secret_len = HASH_LEN;
    c->group = c->share_group;
    return demand(c, result == 0, PLANT_NONE, ALERT_ILLEGAL_PARAMETER,
                  "a key share that is none of its group, or all zero");
}
