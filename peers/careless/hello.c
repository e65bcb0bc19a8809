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
    c->group = c->share_group;
    return demand(c, result == 0, PLANT_NONE, ALERT_ILLEGAL_PARAMETER,
                  "a key share that is none of its group, or all zero");
}
