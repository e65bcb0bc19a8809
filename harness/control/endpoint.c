#include "harness/control/endpoint.h"

#include "harness/control/fields.h"

static const char *const role_names[] = { "client", "server" };
static const char *const verify_names[] = { "none", "request", "require" };
static const char *const pin_names[] = { "off", "leaf", "spki", "tofu" };

#define NAMES(table)      .names = (table), .num_names = sizeof(table) / sizeof(table)[0]
#define MEMBER(name, ...) FIELD(struct endpoint, name, __VA_ARGS__)
#define COUNT(name)       .aux = offsetof(struct endpoint, name)

enum { REQUEST_LEN_MAX = 16 * 1024 * 1024 }; /* a peer reads and writes it in pieces */

static const struct field fields[] = {
    MEMBER(role, enum, .required = true, NAMES(role_names)),
    MEMBER(min_version, version, .required = true),
    MEMBER(max_version, version, .required = true),
    MEMBER(suites, suites, COUNT(num_suites)),
    MEMBER(groups, groups, COUNT(num_groups)),
    MEMBER(chain_file, string),
    MEMBER(key_file, string),
    MEMBER(trust_file, string),
    MEMBER(crl_file, string),
    MEMBER(staple_file, string),
    MEMBER(check_staple, boolean),
    MEMBER(server_order, boolean),
    MEMBER(partial_chain, boolean),
    MEMBER(strict, boolean),
    MEMBER(wrong_key, boolean),
    MEMBER(peer_name, string),
    MEMBER(served_name, string),
    MEMBER(protocols, string),
    MEMBER(verify, enum, NAMES(verify_names)),
    MEMBER(late_verify, boolean),
    MEMBER(verify_time, number, .min = INT64_MIN, .max = INT64_MAX),
    MEMBER(pin, enum, NAMES(pin_names)),
    MEMBER(pin_sha256, hex),
    MEMBER(tofu_store, string),
    MEMBER(psk_identity, string),
    MEMBER(psk, hex_len, COUNT(psk_len)),
    MEMBER(srp_user, string),
    MEMBER(srp_password, string),
    MEMBER(exchange, enum, NAMES(exchange_names)),
    MEMBER(request_len, number, .max = REQUEST_LEN_MAX),
    MEMBER(deadline_ms, number, .required = true, .min = 0, .max = DEADLINE_MS_MAX),
    MEMBER(keylog, boolean),
    MEMBER(fault, string),
};
static const size_t num_fields = sizeof fields / sizeof fields[0];

const char *role_name(enum role role)
{
    return role_names[role];
}

json_t *endpoint_to_json(const struct endpoint *endpoint)
{
    return fields_to_json(fields, num_fields, endpoint);
}

/* What no single key can get wrong. */
static int check_together(const struct endpoint *endpoint, const json_t *object, struct error *err)
{
    bool by_hash = endpoint->pin == PIN_LEAF || endpoint->pin == PIN_SPKI;
    if (by_hash && json_object_get(object, "pin_sha256") == NULL)
        return error_set(err, ERROR_HARNESS, "endpoint.pin_sha256: missing, with this pin");
    if (endpoint->pin == PIN_TOFU && endpoint->tofu_store[0] == '\0')
        return error_set(err, ERROR_HARNESS, "endpoint.tofu_store: missing, with this pin");
    if (endpoint->min_version > endpoint->max_version)
        return error_set(err, ERROR_HARNESS, "endpoint.min_version: above max_version");
    return 0;
}

int endpoint_from_json(struct endpoint *out, const json_t *object, struct error *err)
{
    struct endpoint endpoint = { 0 };
    if (fields_from_json(fields, num_fields, &endpoint, object, "endpoint", err) != 0 ||
        check_together(&endpoint, object, err) != 0)
        return -1;
    *out = endpoint;
    return 0;
}
