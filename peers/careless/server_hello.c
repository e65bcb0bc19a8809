/* The server's look at the client's hello, and its own (RFC 8446 sections 4.1 and 4.2; RFC 5246
 * section 7.4.1; RFC 7507). */
#include "peers/careless/careless.h"

#include <openssl/rand.h>
#include <string.h>

static bool has_version(const conn *c, uint16_t version)
{
    return c->endpoint.min_version <= version && version <= c->endpoint.max_version;
}

static bool offered_version(const struct hello *hello, uint16_t version)
{
    bool by_extension = hello_extension_const(hello, EXTENSION_SUPPORTED_VERSIONS) != NULL;
    if (!by_extension)
        return version <= TLS12 && version <= hello->legacy_version;
    return hello_offers_version(hello, version);
}

/* RFC 7507 section 3: the client could do better, and so can we. */
static int judge_fallback(conn *c, const struct hello *hello)
{
    bool fallback = hello_offers_suite(hello, SCSV_FALLBACK);
    bool best = offered_version(hello, c->endpoint.max_version);
    return demand(c, !fallback || best, PLANT_FALLBACK, ALERT_INAPPROPRIATE_FALLBACK,
                  "a fallback to less than this end's best version");
}

static int choose_version(conn *c, const struct hello *hello)
{
    if (judge_fallback(c, hello) != 0)
        return -1;
    if (hello->legacy_version == SSL30) /* RFC 8446 appendix D.5 */
        return refuse(c, ALERT_PROTOCOL_VERSION, "a hello of SSL 3.0");
    for (uint16_t version = TLS13; version >= TLS12; version--)
        if (has_version(c, version) && offered_version(hello, version)) {
            c->version = version;
            return 0;
        }
    return refuse(c, ALERT_PROTOCOL_VERSION, "no version in common");
}

/* RFC 8446 section 4.1.2: null and nothing else; RFC 5246 section 7.4.1.2: null among others. */
static int judge_compression(conn *c, const struct hello *hello)
{
    bool null = memchr(hello->compressions, 0, hello->num_compressions) != NULL;
    bool fits = null && (c->version != TLS13 || hello->num_compressions == 1);
    return demand(c, fits, PLANT_NULL_COMPRESSION, ALERT_ILLEGAL_PARAMETER,
                  "compression methods that may not be offered");
}

/* ---- what the client can do ---- */

/* What is not said, a careless server takes for its own best. */
static int read_lists(conn *c, const struct hello *hello, uint16_t theirs[HELLO_LIST_MAX],
                      size_t *num_theirs)
{
    static const uint16_t guesses[] = { SCHEME_ECDSA_P256_SHA256, SCHEME_RSA_PSS_SHA256 };
    const struct extension *schemes = hello_extension_const(hello, EXTENSION_SIGNATURE_ALGORITHMS);
    const struct extension *group_list = hello_extension_const(hello, EXTENSION_SUPPORTED_GROUPS);
    const struct extension *shares = hello_extension_const(hello, EXTENSION_KEY_SHARE);
    bool all = schemes != NULL && group_list != NULL && shares != NULL;
    if (demand(c, all || c->version != TLS13, PLANT_MISSING_EXTENSION, ALERT_MISSING_EXTENSION,
               "an extension that TLS 1.3 cannot do without") != 0)
        return -1;
    c->num_peer_schemes = schemes != NULL ? extension_list(c->peer_schemes, schemes, 2) : 0;
    if (schemes == NULL && plants(c, PLANT_MISSING_EXTENSION)) {
        memcpy(c->peer_schemes, guesses, sizeof guesses);
        c->num_peer_schemes = sizeof guesses / sizeof guesses[0];
    }
    *num_theirs = group_list != NULL ? extension_list(theirs, group_list, 2) : 0;
    /* RFC 4492 section 4: the server is free to choose. */
    if (group_list == NULL || plants(c, PLANT_OWN_GROUP)) {
        memcpy(theirs, c->endpoint.groups, c->endpoint.num_groups * sizeof theirs[0]);
        *num_theirs = c->endpoint.num_groups;
    }
    return 0;
}

/* The share of this group in key_share; false if there is none. */
static bool find_share(struct reader *out, const struct hello *hello, uint16_t group)
{
    const struct extension *extension = hello_extension_const(hello, EXTENSION_KEY_SHARE);
    if (extension == NULL)
        return false;
    struct reader body = reader_of(extension->body.data, extension->body.len);
    struct reader list = reader_block(&body, 2);
    while (list.len > 0 && !list.failed) {
        uint16_t id = reader_u16(&list);
        *out = reader_block(&list, 2);
        if (!list.failed && id == group)
            return true;
    }
    return false;
}

/* By our preference among those that both have; one whose share is there comes first. 0: none. */
static uint16_t choose_group(const conn *c, const struct hello *hello, const uint16_t theirs[],
                             size_t num_theirs)
{
    struct reader share;
    uint16_t chosen = 0;
    for (size_t i = c->endpoint.num_groups; i-- > 0;)
        if (id_listed(theirs, num_theirs, c->endpoint.groups[i]) &&
            (c->version != TLS13 || find_share(&share, hello, c->endpoint.groups[i])))
            chosen = c->endpoint.groups[i];
    for (size_t i = 0; chosen == 0 && i < c->endpoint.num_groups; i++)
        if (id_listed(theirs, num_theirs, c->endpoint.groups[i]))
            chosen = c->endpoint.groups[i];
    return chosen;
}

static bool suite_fits(const conn *c, uint16_t suite)
{
    const struct suite *row = suite_by_id(suite);
    if (!suite_allows_version(row, c->version))
        return false;
    bool ecdsa = scheme_fits(SCHEME_ECDSA_P256_SHA256, c->context->credential->key);
    if (c->version == TLS13)
        return true;
    return (row->auth == AUTH_ECDSA) == ecdsa &&
           (row->kx == KX_RSA || (c->group != 0 && own_scheme(c) != 0));
}

static int choose_suite(conn *c, const struct hello *hello)
{
    for (size_t i = 0; i < c->endpoint.num_suites; i++)
        if ((hello_offers_suite(hello, c->endpoint.suites[i]) || plants(c, PLANT_OWN_SUITE)) &&
            suite_fits(c, c->endpoint.suites[i])) {
            c->suite = c->endpoint.suites[i];
            return 0;
        }
    return refuse(c, ALERT_HANDSHAKE_FAILURE, "no suite in common");
}

/* A careless server takes what it does not know for a mistake (RFC 8701 is why nobody should). */
static int judge_unknown(conn *c, const struct hello *hello)
{
    for (size_t i = 0; i < hello->num_extensions; i++)
        if (plants(c, PLANT_INTOLERANT) && extension_type_by_id(hello->extensions[i].type) == NULL)
            return refuse(c, ALERT_UNSUPPORTED_EXTENSION, "an extension that nobody knows");
    return 0;
}

/* RFC 8446 section 4.2.11: nobody here has such a key, but that its binders are over all of the
 * hello, and that its use is said, does not depend on that. */
static int judge_psk(conn *c, const struct hello *hello)
{
    if (c->version != TLS13 || hello_extension_const(hello, EXTENSION_PRE_SHARED_KEY) == NULL)
        return 0;
    if (hello->extensions[hello->num_extensions - 1].type != EXTENSION_PRE_SHARED_KEY)
        return refuse(c, ALERT_ILLEGAL_PARAMETER, "pre_shared_key is not the last extension");
    if (hello_extension_const(hello, EXTENSION_PSK_KEY_EXCHANGE_MODES) == NULL)
        return refuse(c, ALERT_MISSING_EXTENSION, "pre_shared_key without its modes");
    return 0;
}

/* RFC 5746 section 3.6: empty in a first handshake. */
static int judge_renegotiation(conn *c, const struct hello *hello)
{
    const struct extension *info = hello_extension_const(hello, EXTENSION_RENEGOTIATION_INFO);
    bool empty = info == NULL || (info->body.len == 1 && info->body.data[0] == 0);
    return empty || c->version == TLS13
               ? 0
               : refuse(c, ALERT_HANDSHAKE_FAILURE, "renegotiation_info is not empty");
}

static int choose(conn *c, const struct hello *hello)
{
    uint16_t theirs[HELLO_LIST_MAX];
    size_t num_theirs = 0;
    if (client_forms(c, hello) != 0 || choose_version(c, hello) != 0 ||
        extensions_once(c, hello, PLANT_REPEATED_EXTENSION) != 0 || judge_unknown(c, hello) != 0 ||
        judge_compression(c, hello) != 0 || judge_psk(c, hello) != 0 ||
        judge_renegotiation(c, hello) != 0 || read_lists(c, hello, theirs, &num_theirs) != 0)
        return -1;
    c->group = choose_group(c, hello, theirs, num_theirs);
    if (choose_suite(c, hello) != 0)
        return -1;
    if (c->group == 0 && !exchanges_by_rsa(c))
        return refuse(c, ALERT_HANDSHAKE_FAILURE, "no group in common");
    if (own_scheme(c) == 0 && !exchanges_by_rsa(c))
        return refuse(c, ALERT_HANDSHAKE_FAILURE, "no signature scheme in common");
    c->extended = hello_has_flag(hello, EXTENSION_EXTENDED_MASTER_SECRET);
    c->mac_last = hello_has_flag(hello, EXTENSION_ENCRYPT_THEN_MAC) &&
                  cipher_of(c->suite)->mac_len > 0 && (c->tamper == NULL || !c->tamper->mac_first);
    c->renegotiable = hello_has_renegotiation_info(hello);
    return 0;
}

/* ---- ServerHello ---- */

static void set_random(conn *c, struct hello *hello)
{
    static const uint8_t sentinel[] = { 'D', 'O', 'W', 'N', 'G', 'R', 'D', 1 };
    if (plants(c, PLANT_SAME_RANDOM))
        memset(c->randoms[ROLE_SERVER], 'R', HELLO_RANDOM_LEN);
    uint8_t *end = c->randoms[ROLE_SERVER] + HELLO_RANDOM_LEN - sizeof sentinel;
    if (c->version < TLS13 && has_version(c, TLS13) && !plants(c, PLANT_SENTINEL_SENT))
        memcpy(end, sentinel, sizeof sentinel);
    memcpy(hello->random, c->randoms[ROLE_SERVER], HELLO_RANDOM_LEN);
}

static void add_answers13(conn *c, struct hello *hello, const uint8_t *share, size_t share_len)
{
    static const uint8_t version[] = { TLS13 >> 8, TLS13 & 0xFF };
    struct writer body;
    writer_init(&body, 2 * SHARE_MAX);
    writer_u16(&body, c->group);
    if (share != NULL) {
        size_t mark = writer_open(&body, 2);
        writer_bytes(&body, share, share_len);
        writer_close(&body, mark, 2);
    }
    hello_add_extension(hello, EXTENSION_SUPPORTED_VERSIONS, version, sizeof version);
    hello_add_extension(hello, EXTENSION_KEY_SHARE, body.data, body.len);
    writer_fini(&body);
    uint8_t identity[] = { (uint8_t)(c->identity >> 8), (uint8_t)c->identity };
    if (c->resumed && share != NULL)
        hello_add_extension(hello, EXTENSION_PRE_SHARED_KEY, identity, sizeof identity);
}

static void add_answers12(conn *c, struct hello *hello)
{
    static const uint8_t no_renegotiation[] = { 0 };
    hello->has_extensions = c->renegotiable || c->extended || c->mac_last;
    if (c->renegotiable)
        hello_add_extension(hello, EXTENSION_RENEGOTIATION_INFO, no_renegotiation,
                            sizeof no_renegotiation);
    if (c->extended)
        hello_add_extension(hello, EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    if (c->mac_last)
        hello_add_extension(hello, EXTENSION_ENCRYPT_THEN_MAC, NULL, 0);
}

/* `share` NULL in TLS 1.3: a HelloRetryRequest. */
static void send_hello(conn *c, const uint8_t *share, size_t share_len)
{
    struct hello hello = { .kind = HELLO_SERVER, .legacy_version = TLS12 };
    struct writer body;
    hello.suites[0] = c->suite;
    hello.num_suites = 1;
    hello.num_compressions = 1;
    set_random(c, &hello);
    if (c->version == TLS13) {
        hello.has_extensions = true;
        memcpy(hello.session_id, c->session_id, c->session_id_len);
        hello.session_id_len = c->session_id_len;
        if (share == NULL)
            memcpy(hello.random, hello_retry_random, HELLO_RANDOM_LEN);
        add_answers13(c, &hello, share, share_len);
    } else {
        add_answers12(c, &hello);
    }
    writer_init(&body, HANDSHAKE_BODY_MAX);
    hello_write(&body, &hello);
    send_message(c, HANDSHAKE_SERVER_HELLO, &body);
    writer_fini(&body);
    hello_fini(&hello);
}

static int ask_for_share(conn *c)
{
    /* The ClientHello is in the transcript already, and becomes its hash. */
    if (transcript_retry(c) != 0)
        return -1;
    c->retried = true;
    send_hello(c, NULL, 0);
    send_change(c);
    c->state = WAIT_SECOND_HELLO;
    return 0;
}

static int begin_tls13(conn *c, const struct hello *hello)
{
    uint8_t own[SHARE_MAX];
    size_t own_len;
    struct reader share;
    if (!find_share(&share, hello, c->group)) {
        return c->retried ? refuse(c, ALERT_ILLEGAL_PARAMETER, "not the share that was asked for")
                          : ask_for_share(c);
    }
    if (choose_session(c, hello) != 0 || make_share(c, c->group) != 0 ||
        use_share(c, share.data, share.len) != 0 || share_write(own, &own_len, c->own_share) != 0)
        return -1;
    send_hello(c, own, own_len);
    send_change(c);
    if (schedule13_handshake(c) != 0)
        return -1;
    return server13_flight(c);
}

static int begin_tls12(conn *c)
{
    if (exchanges_by_rsa(c))
        c->group = 0;
    else if (make_share(c, c->group) != 0)
        return -1;
    send_hello(c, NULL, 0);
    return server12_flight(c);
}

static int answer(conn *c, const struct hello *hello)
{
    memcpy(c->randoms[ROLE_CLIENT], hello->random, HELLO_RANDOM_LEN);
    c->offered_version = hello->legacy_version;
    memcpy(c->session_id, hello->session_id, hello->session_id_len);
    c->session_id_len = hello->session_id_len;
    if (RAND_bytes(c->randoms[ROLE_SERVER], HELLO_RANDOM_LEN) != 1)
        return refuse(c, ALERT_INTERNAL_ERROR, "no random bytes");
    if (choose(c, hello) != 0)
        return -1;
    return c->version == TLS13 ? begin_tls13(c, hello) : begin_tls12(c);
}

int server_hello(conn *c, const struct handshake_message *message)
{
    struct hello hello;
    if (c->context->credential == NULL)
        return refuse(c, ALERT_HANDSHAKE_FAILURE, "no certificate to show");
    if (read_hello(c, &hello, HANDSHAKE_CLIENT_HELLO, message, PLANT_TRAILING_BYTES) != 0)
        return -1;
    int result = answer(c, &hello);
    hello_fini(&hello);
    return result;
}

/* RFC 8446 section 4.1.2: the same, but for the share. */
int server_second_hello(conn *c, const struct handshake_message *message)
{
    uint16_t suite = c->suite, group = c->group;
    struct hello hello;
    if (read_hello(c, &hello, HANDSHAKE_CLIENT_HELLO, message, PLANT_TRAILING_BYTES) != 0)
        return -1;
    int result = 0;
    if (memcmp(hello.random, c->randoms[ROLE_CLIENT], HELLO_RANDOM_LEN) != 0 ||
        choose(c, &hello) != 0 || c->version != TLS13 || c->suite != suite || c->group != group)
        result = c->failed ? -1 : refuse(c, ALERT_ILLEGAL_PARAMETER, "another second ClientHello");
    if (result == 0)
        result = begin_tls13(c, &hello);
    hello_fini(&hello);
    return result;
}
