/* The client's hello, and its look at the server's (RFC 8446 sections 4.1 and 4.2; RFC 5246 section
 * 7.4.1). */
#include "peers/careless/careless.h"

#include <arpa/inet.h>
#include <openssl/rand.h>
#include <string.h>

/* ---- ClientHello ---- */

static bool offers_version(const conn *c, uint16_t version)
{
    return c->endpoint.min_version <= version && version <= c->endpoint.max_version;
}

static void add_name(struct hello *hello, const conn *c)
{
    enum { HOST_NAME = 0 };
    struct in6_addr address;
    struct writer body;
    const char *name = c->endpoint.peer_name;
    if (name[0] == '\0' || inet_pton(AF_INET, name, &address) == 1 ||
        inet_pton(AF_INET6, name, &address) == 1)
        return; /* RFC 6066 section 3: literal addresses are not permitted */
    writer_init(&body, 2 * NAME_MAX_LEN);
    size_t list = writer_open(&body, 2);
    writer_u8(&body, HOST_NAME);
    size_t mark = writer_open(&body, 2);
    writer_bytes(&body, name, strlen(name));
    writer_close(&body, mark, 2);
    writer_close(&body, list, 2);
    hello_add_extension(hello, EXTENSION_SERVER_NAME, body.data, body.len);
    writer_fini(&body);
}

static void add_list(struct hello *hello, uint16_t type, const uint16_t values[], size_t num_values,
                     size_t prefix_len)
{
    if (hello_add_extension(hello, type, NULL, 0))
        extension_set_list(hello_extension(hello, type), values, num_values, prefix_len);
}

static const uint16_t schemes[] = { SCHEME_ECDSA_P256_SHA256, SCHEME_RSA_PSS_SHA256,
                                    SCHEME_RSA_PKCS1_SHA256 };

static void add_key_share(struct hello *hello, conn *c)
{
    uint8_t share[SHARE_MAX];
    size_t share_len = 0;
    struct writer body;
    if (share_write(share, &share_len, c->own_share) != 0)
        return;
    writer_init(&body, 2 * SHARE_MAX);
    size_t list = writer_open(&body, 2);
    writer_u16(&body, c->share_group);
    size_t mark = writer_open(&body, 2);
    writer_bytes(&body, share, share_len);
    writer_close(&body, mark, 2);
    writer_close(&body, list, 2);
    hello_add_extension(hello, EXTENSION_KEY_SHARE, body.data, body.len);
    writer_fini(&body);
}

static bool offers_mac_last(const conn *c)
{
    return any_cbc(&c->endpoint) && (c->tamper == NULL || !c->tamper->mac_first);
}

static void add_extensions(struct hello *hello, conn *c)
{
    static const uint8_t uncompressed[] = { 1, 0 }, no_renegotiation[] = { 0 };
    const struct endpoint *e = &c->endpoint;
    uint16_t versions[2];
    size_t num_versions = 0;
    hello->has_extensions = true;
    add_name(hello, c);
    if (offers_version(c, TLS12)) {
        hello_add_extension(hello, EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
        hello_add_extension(hello, EXTENSION_RENEGOTIATION_INFO, no_renegotiation,
                            sizeof no_renegotiation);
        hello_add_extension(hello, EXTENSION_EC_POINT_FORMATS, uncompressed, sizeof uncompressed);
        if (offers_mac_last(c))
            hello_add_extension(hello, EXTENSION_ENCRYPT_THEN_MAC, NULL, 0);
    }
    add_list(hello, EXTENSION_SUPPORTED_GROUPS, e->groups, e->num_groups, 2);
    add_list(hello, EXTENSION_SIGNATURE_ALGORITHMS, schemes, sizeof schemes / sizeof schemes[0], 2);
    if (!offers_version(c, TLS13))
        return;
    versions[num_versions++] = TLS13;
    if (offers_version(c, TLS12))
        versions[num_versions++] = TLS12;
    add_list(hello, EXTENSION_SUPPORTED_VERSIONS, versions, num_versions, 1);
    add_key_share(hello, c);
}

/* `cookie`: of a HelloRetryRequest, to be given back; NULL: none. */
static int send_hello(conn *c, const struct extension *cookie)
{
    struct hello hello = { .kind = HELLO_CLIENT, .legacy_version = TLS12 };
    struct writer body;
    memcpy(hello.random, c->randoms[ROLE_CLIENT], HELLO_RANDOM_LEN);
    memcpy(hello.session_id, c->session_id, c->session_id_len);
    hello.session_id_len = c->session_id_len;
    memcpy(hello.suites, c->endpoint.suites, c->endpoint.num_suites * sizeof hello.suites[0]);
    hello.num_suites = c->endpoint.num_suites;
    hello.num_compressions = 1;
    add_extensions(&hello, c);
    if (cookie != NULL)
        hello_add_extension(&hello, EXTENSION_COOKIE, cookie->body.data, cookie->body.len);
    add_session(&hello, c);
    writer_init(&body, HANDSHAKE_BODY_MAX);
    hello_write(&body, &hello);
    send_message(c, HANDSHAKE_CLIENT_HELLO, &body);
    writer_fini(&body);
    hello_fini(&hello);
    return 0;
}

int client_start(conn *c)
{
    c->state = WAIT_SERVER_HELLO;
    if (offers_version(c, TLS13))
        c->session_id_len = HELLO_SESSION_ID_MAX; /* RFC 8446 appendix D.4 */
    if (RAND_bytes(c->randoms[ROLE_CLIENT], HELLO_RANDOM_LEN) != 1 ||
        RAND_bytes(c->session_id, (int)c->session_id_len) != 1)
        return refuse(c, ALERT_INTERNAL_ERROR, "no random bytes");
    if (plants(c, PLANT_SAME_RANDOM))
        memset(c->randoms[ROLE_CLIENT], 'R', HELLO_RANDOM_LEN);
    if (offers_version(c, TLS13) && make_share(c, c->endpoint.groups[0]) != 0)
        return -1;
    return send_hello(c, NULL);
}

/* ---- ServerHello ---- */

/* RFC 6066 section 3, 7627 section 5.1, 7366 section 2: that it is there says all. */
static bool is_empty(const struct extension *extension)
{
    return extension->body.len == 0;
}

/* ECPointFormat<1..2^8-1> (RFC 4492 section 5.1.2). */
static bool is_point_formats(const struct extension *extension)
{
    return extension->body.len > 1 && extension->body.data[0] == extension->body.len - 1;
}

/* What a server may answer, and in which message; the rest was not offered. Forms that nobody reads
 * later are looked at here. */
static const struct {
    uint16_t type;
    bool in_tls12;
    bool in_tls13;
    bool in_retry;
    bool (*is_form)(const struct extension *extension);
} answers[] = {
    { EXTENSION_SERVER_NAME, true, false, false, is_empty },
    { EXTENSION_SUPPORTED_GROUPS, false, false, false },
    { EXTENSION_EC_POINT_FORMATS, true, false, false, is_point_formats },
    { EXTENSION_SIGNATURE_ALGORITHMS, false, false, false },
    { EXTENSION_EXTENDED_MASTER_SECRET, true, false, false, is_empty },
    { EXTENSION_RENEGOTIATION_INFO, true, false, false },
    { EXTENSION_ENCRYPT_THEN_MAC, true, false, false, is_empty },
    { EXTENSION_SUPPORTED_VERSIONS, false, true, true },
    { EXTENSION_KEY_SHARE, false, true, true },
    { EXTENSION_PRE_SHARED_KEY, false, true, false },
    { EXTENSION_COOKIE, false, false, true },
};

static int judge_extension(conn *c, const struct extension *extension, enum hello_kind kind)
{
    uint16_t type = extension->type;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        if (answers[i].type != type ||
            (type == EXTENSION_ENCRYPT_THEN_MAC && !offers_mac_last(c)) ||
            (type == EXTENSION_PRE_SHARED_KEY && !offers_session(c)))
            continue;
        bool fits = c->version == TLS12   ? answers[i].in_tls12
                    : kind == HELLO_RETRY ? answers[i].in_retry
                                          : answers[i].in_tls13;
        if (fits && answers[i].is_form != NULL && !answers[i].is_form(extension))
            return refuse(c, ALERT_DECODE_ERROR, "an extension that has not its form");
        return demand(c, fits, PLANT_MISPLACED_EXTENSION, ALERT_ILLEGAL_PARAMETER,
                      "an extension in the wrong message");
    }
    return demand(c, false, PLANT_UNOFFERED_EXTENSION, ALERT_UNSUPPORTED_EXTENSION,
                  "an extension that was not offered");
}

static int judge_extensions(conn *c, const struct hello *hello)
{
    if (extensions_once(c, hello, PLANT_REPEATED_EXTENSION) != 0)
        return -1;
    for (size_t i = 0; i < hello->num_extensions; i++)
        if (judge_extension(c, &hello->extensions[i], hello->kind) != 0)
            return -1;
    return 0;
}

/* RFC 8446 section 4.2.1, appendix D.1; RFC 5246 appendix E.1. */
static int judge_version(conn *c, const struct hello *hello)
{
    bool by_extension = hello_extension_const(hello, EXTENSION_SUPPORTED_VERSIONS) != NULL;
    uint16_t version = by_extension ? hello_chosen_version(hello) : hello->legacy_version;
    if (demand(c, !by_extension || c->endpoint.max_version >= TLS13, PLANT_UNOFFERED_EXTENSION,
               ALERT_UNSUPPORTED_EXTENSION, "an extension that was not offered") != 0)
        return -1;
    bool offered = offers_version(c, version) && by_extension == (version == TLS13);
    if (demand(c, offered, PLANT_UNOFFERED_VERSION,
               by_extension ? ALERT_ILLEGAL_PARAMETER : ALERT_PROTOCOL_VERSION,
               "a version that was not offered") != 0)
        return -1;
    c->version = offered ? version : c->endpoint.max_version;
    return 0;
}

/* RFC 8446 section 4.1.3: a server that could do better says so at the end of its random. */
static int judge_sentinel(conn *c, const struct hello *hello)
{
    enum { MARK_LEN = 7 };
    static const uint8_t mark[MARK_LEN] = "DOWNGRD";
    const uint8_t *end = hello->random + HELLO_RANDOM_LEN - MARK_LEN - 1;
    bool marked = memcmp(end, mark, MARK_LEN) == 0 && end[MARK_LEN] <= 1;
    bool lowered = c->version < TLS13 && c->endpoint.max_version >= TLS13;
    return demand(c, !(lowered && marked), PLANT_SENTINEL_CHECK, ALERT_ILLEGAL_PARAMETER,
                  "the server could do better than the version it answers with");
}

static int judge_suite(conn *c, const struct hello *hello)
{
    uint16_t suite = hello->suites[0];
    bool offered = id_listed(c->endpoint.suites, c->endpoint.num_suites, suite) &&
                   suite_allows_version(suite_by_id(suite), c->version) &&
                   (c->suite == 0 || c->suite == suite); /* of the HelloRetryRequest */
    c->suite = suite;
    return demand(c, offered, PLANT_UNOFFERED_SUITE, ALERT_ILLEGAL_PARAMETER,
                  "a suite that was not offered");
}

static int judge_fields(conn *c, const struct hello *hello)
{
    bool echoed = hello->session_id_len == c->session_id_len &&
                  memcmp(hello->session_id, c->session_id, c->session_id_len) == 0;
    if (judge_suite(c, hello) != 0 ||
        demand(c, hello->compressions[0] == 0, PLANT_COMPRESSION, ALERT_ILLEGAL_PARAMETER,
               "a compression method that was not offered") != 0)
        return -1;
    if (c->version != TLS13) {
        /* RFC 5246 section 7.4.1.3: our id back would be a resumption, and there is none. */
        return demand(c, !echoed || c->session_id_len == 0, PLANT_NONE, ALERT_ILLEGAL_PARAMETER,
                      "a session that was not offered");
    }
    return demand(c, echoed, PLANT_SESSION_ID, ALERT_ILLEGAL_PARAMETER,
                  "a session id that is not the one sent");
}

/* ---- TLS 1.3 from here ---- */

/* The group of key_share, and its share; a HelloRetryRequest has none. */
static int read_key_share(conn *c, const struct hello *hello, uint16_t *group, struct reader *share)
{
    const struct extension *extension = hello_extension_const(hello, EXTENSION_KEY_SHARE);
    if (extension == NULL)
        return refuse(c, ALERT_MISSING_EXTENSION, "no key share");
    struct reader body = reader_of(extension->body.data, extension->body.len);
    *group = reader_u16(&body);
    if (hello->kind == HELLO_SERVER)
        *share = reader_block(&body, 2);
    return demand(c, reader_done(&body), PLANT_NONE, ALERT_DECODE_ERROR, "a broken key share");
}

/* RFC 8446 section 4.1.4. */
static int hello_retry(conn *c, const struct hello *hello)
{
    uint16_t group;
    if (demand(c, !c->retried, PLANT_NONE, ALERT_UNEXPECTED_MESSAGE,
               "a second "
               "HelloRetryRequest") != 0 ||
        read_key_share(c, hello, &group, NULL) != 0)
        return -1;
    bool offered = id_listed(c->endpoint.groups, c->endpoint.num_groups, group);
    if (demand(c, offered, PLANT_RETRY_UNOFFERED, ALERT_ILLEGAL_PARAMETER,
               "a group that was not offered") != 0 ||
        demand(c, group != c->share_group, PLANT_RETRY_SHARED, ALERT_ILLEGAL_PARAMETER,
               "a group whose share was sent") != 0)
        return -1;
    c->retried = true;
    if (offered && group != c->share_group && make_share(c, group) != 0)
        return -1;
    send_change(c);
    return send_hello(c, hello_extension_const(hello, EXTENSION_COOKIE));
}

static int begin_tls13(conn *c, const struct hello *hello)
{
    uint16_t group;
    struct reader share = { .len = 0 };
    if (read_key_share(c, hello, &group, &share) != 0 ||
        demand(c, group == c->share_group, PLANT_UNOFFERED_GROUP, ALERT_ILLEGAL_PARAMETER,
               "a key share of a group that was not offered") != 0 ||
        take_session(c, hello) != 0 || use_share(c, share.data, share.len) != 0)
        return -1;
    send_change(c);
    c->state = WAIT_13_EXTENSIONS;
    return schedule13_handshake(c);
}

/* ---- TLS 1.2 from here ---- */

static int begin_tls12(conn *c, const struct hello *hello)
{
    const struct extension *info = hello_extension_const(hello, EXTENSION_RENEGOTIATION_INFO);
    c->extended = hello_has_flag(hello, EXTENSION_EXTENDED_MASTER_SECRET);
    c->mac_last = hello_has_flag(hello, EXTENSION_ENCRYPT_THEN_MAC);
    c->state = WAIT_12_CERTIFICATE;
    if (c->mac_last && cipher_of(c->suite)->mac_len == 0)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "encrypt-then-MAC with an AEAD");
    return demand(c, info != NULL && info->body.len == 1 && info->body.data[0] == 0, PLANT_NONE,
                  ALERT_HANDSHAKE_FAILURE, "no secure renegotiation (RFC 5746 section 3.4)");
}

static int judge_hello(conn *c, const struct hello *hello)
{
    if (judge_version(c, hello) != 0 || judge_sentinel(c, hello) != 0 ||
        judge_fields(c, hello) != 0 || judge_extensions(c, hello) != 0)
        return -1;
    memcpy(c->randoms[ROLE_SERVER], hello->random, HELLO_RANDOM_LEN);
    if (hello->kind == HELLO_RETRY)
        return demand(c, c->version == TLS13, PLANT_NONE, ALERT_ILLEGAL_PARAMETER,
                      "a HelloRetryRequest of another version");
    return 0;
}

int client_hello_back(conn *c, const struct handshake_message *message)
{
    struct hello hello;
    if (read_hello(c, &hello, HANDSHAKE_SERVER_HELLO, message, PLANT_TRAILING_BYTES) != 0)
        return -1;
    bool retry = hello.kind == HELLO_RETRY;
    int result = judge_hello(c, &hello);
    /* The transcript holds this hello already; the hash is of what stood before it. */
    if (result == 0)
        result = retry                 ? hello_retry(c, &hello)
                 : c->version == TLS13 ? begin_tls13(c, &hello)
                                       : begin_tls12(c, &hello);
    hello_fini(&hello);
    return result;
}
