/* What a raw hello asks of the stack that it is said to, read from the hello itself: a server can
 * answer only what it has in common with a client (RFC 8446 section 4.1.1; RFC 5246 section
 * 7.4.1.3), and a client must refuse what it did not offer (RFC 8446 sections 4.1.3 and 4.2.8). */
#include "matrix/case_judged.h"

#include "harness/wire/hello.h"
#include "matrix/oracle_parts.h"
#include "matrix/raw/hellos.h"

enum {
    TAKEN = ANSWER_BIT(ANSWER_SERVER_HELLO) | ANSWER_BIT(ANSWER_RETRY) |
            ANSWER_BIT(ANSWER_CLIENT_HELLO) | ANSWER_BIT(ANSWER_CLIENT_FLIGHT)
};

/* May the verdict on this send depend on whether the hello can be taken? */
static bool may_be_taken(const struct raw_hello *hello, size_t send)
{
    const struct hello_expectation *e = &hello->expect;
    bool is_last = send + 1 == hello->num_sends;
    unsigned answers = is_last ? e->answers : send == 0 ? e->first : 0;
    return (answers != ANSWERS_ANY && (answers & TAKEN) != 0) || (is_last && e->healthy);
}

static bool allows_alert(const struct hello_expectation *e, uint8_t alert)
{
    for (size_t i = 0; i < e->num_alerts; i++)
        if (e->alerts[i] == alert)
            return true;
    return false;
}

/* The message of a send as others read it; false: it has none, or nobody could read it. On true the
 * caller owes hello_fini(). */
static bool read_send(struct hello *out, const struct hello_send *send)
{
    enum { HEADER_LEN = 4 };
    struct writer bytes;
    if (!send->message.present)
        return false;
    writer_init(&bytes, RAW_BYTES_MAX);
    raw_message_write(&bytes, NULL, &send->message, NULL);
    bool read = !bytes.failed && hello_read(out, send->message.type, bytes.data + HEADER_LEN,
                                            bytes.len - HEADER_LEN, NULL) == 0;
    writer_fini(&bytes);
    return read;
}

/* ---- to a server ---- */

static uint16_t best_version(const struct raw_hello *raw, const struct hello *hello)
{
    if (raw->expect.version != 0)
        return raw->expect.version;
    for (uint16_t version = raw->max_version; version >= raw->min_version; version--)
        if (hello_offers_version(hello, version))
            return version;
    return 0;
}

static void take_suites(struct negotiation *n, const struct raw_hello *raw,
                        const struct hello *hello)
{
    const struct hello_expectation *e = &raw->expect;
    n->num_suites[ROLE_CLIENT] = 0;
    for (size_t i = 0; i < n->num_suites[ROLE_SERVER]; i++) {
        uint16_t suite = n->suites[ROLE_SERVER][i];
        if (hello_offers_suite(hello, suite) &&
            (e->num_suites == 0 || id_listed(e->suites, e->num_suites, suite)))
            n->suites[ROLE_CLIENT][n->num_suites[ROLE_CLIENT]++] = suite;
    }
}

/* The list of an extension; 0: there is none, or none that could be read. */
static size_t read_list(uint16_t out[HELLO_LIST_MAX], const struct hello *hello, uint16_t type)
{
    const struct extension *extension = hello_extension_const(hello, type);
    return extension == NULL ? 0 : extension_list(out, extension, 2);
}

/* Without the extension a server may choose what it likes (RFC 4492 section 4). */
static void take_groups(struct negotiation *n, const struct raw_hello *raw,
                        const struct hello *hello)
{
    uint16_t theirs[HELLO_LIST_MAX];
    size_t num = read_list(theirs, hello, EXTENSION_SUPPORTED_GROUPS);
    n->num_groups[ROLE_CLIENT] = 0;
    for (size_t i = 0; i < n->num_groups[ROLE_SERVER]; i++) {
        uint16_t group = n->groups[ROLE_SERVER][i];
        if ((num == 0 || id_listed(theirs, num, group)) &&
            (raw->expect.group == 0 || raw->expect.group == group))
            n->groups[ROLE_CLIENT][n->num_groups[ROLE_CLIENT]++] = group;
    }
}

/* Can the server sign with its key in a scheme that the client takes? What is not said is open. */
static bool has_scheme(const struct negotiation *n, const struct capabilities *stack,
                       const struct hello *hello)
{
    uint16_t theirs[HELLO_LIST_MAX];
    size_t num = read_list(theirs, hello, EXTENSION_SIGNATURE_ALGORITHMS);
    if (num == 0 || stack->num_signature_schemes == 0)
        return true;
    for (size_t i = 0; i < num; i++)
        if (id_listed(stack->signature_schemes, stack->num_signature_schemes, theirs[i]) &&
            scheme_fits_key(theirs[i], n->c->credential, n->version))
            return true;
    return false;
}

static bool can_choose(const struct negotiation *n, const struct capabilities *stack,
                       const struct hello *hello)
{
    uint16_t common[CONFIG_SUITES_MAX];
    size_t num = negotiable_suites(common, n, n->version);
    for (size_t i = 0; i < num; i++) {
        const struct suite *suite = suite_by_id(common[i]);
        if (suite_has_group(n, suite) &&
            (!suite_is_signed(suite, n->version) || has_scheme(n, stack, hello)))
            return true;
    }
    return false;
}

static bool server_lacks(const struct raw_hello *raw, const struct hello *hello,
                         const struct matrix_case *c, const struct stack_set *stacks)
{
    struct negotiation n = { .c = c, .version = best_version(raw, hello) };
    n.num_suites[ROLE_SERVER] = case_offered_suites(n.suites[ROLE_SERVER], c, ROLE_SERVER, stacks);
    n.num_groups[ROLE_SERVER] = case_offered_groups(n.groups[ROLE_SERVER], c, ROLE_SERVER, stacks);
    take_suites(&n, raw, hello);
    take_groups(&n, raw, hello);
    return !can_choose(&n, &stacks->stacks[c->server], hello);
}

bool hello_beyond_server(const struct matrix_case *c, const struct stack_set *stacks)
{
    const struct raw_hello *raw = case_hello(c);
    bool lacks = false;
    if (raw == NULL || raw->to != ROLE_SERVER || c->server == RAW_STACK)
        return false;
    for (size_t i = 0; i < raw->num_sends && !lacks; i++) {
        struct hello hello;
        const struct raw_hello *twin = hello_at(raw->twin);
        bool read = may_be_taken(raw, i) && read_send(&hello, &raw->sends[i]);
        if (read) {
            lacks = server_lacks(raw, &hello, c, stacks);
        } else if (may_be_taken(raw, i) && (read = read_send(&hello, &twin->sends[0]))) {
            /* What cannot be read may still be taken by who reads less of it. */
            lacks = server_lacks(twin, &hello, c, stacks);
        }
        if (read)
            hello_fini(&hello);
    }
    return lacks;
}

/* ---- to a client ---- */

static bool client_lacks(const struct hello *hello, const struct matrix_case *c,
                         const struct stack_set *stacks)
{
    uint16_t offered[CONFIG_SUITES_MAX], groups_offered[CONFIG_GROUPS_MAX];
    uint16_t chosen[HELLO_LIST_MAX];
    size_t num_offered = case_offered_suites(offered, c, ROLE_CLIENT, stacks);
    size_t num_groups_offered = case_offered_groups(groups_offered, c, ROLE_CLIENT, stacks);
    size_t num_chosen = hello_key_share_groups(chosen, hello);
    return !id_listed(offered, num_offered, hello->suites[0]) ||
           (num_chosen > 0 && !id_listed(groups_offered, num_groups_offered, chosen[0]));
}

/* A hello whose point is a choice that was not offered may be refused for that. */
bool hello_beyond_client(const struct matrix_case *c, const struct stack_set *stacks)
{
    const struct raw_hello *raw = case_hello(c);
    bool lacks = false;
    if (raw == NULL || raw->to != ROLE_CLIENT || c->client == RAW_STACK)
        return false;
    bool matters = !allows_alert(&raw->expect, ALERT_ILLEGAL_PARAMETER);
    for (size_t i = 0; i < raw->num_sends && !lacks; i++) {
        struct hello hello;
        if ((!matters && !may_be_taken(raw, i)) || !read_send(&hello, &raw->sends[i]))
            continue;
        lacks = client_lacks(&hello, c, stacks);
        hello_fini(&hello);
    }
    return lacks;
}
