/* From command-line options to an endpoint. */
#include "harness/nearest.h"
#include "harness/net.h"
#include "peers/common/byhand.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE_DEFAULT_MS = 10000 };

static int bad_word(const char *option, const char *word, const char *best, struct error *err)
{
    if (best != NULL)
        return error_set(err, ERROR_USAGE, "--%s: unknown '%s', did you mean '%s'?", option, word,
                         best);
    return error_set(err, ERROR_USAGE, "--%s: unknown '%s'", option, word);
}

/* ---- texts ---- */

struct text_option {
    const char *option;
    size_t offset, size;
};
#define TEXT(name, member)                                                                         \
    {                                                                                              \
        name, offsetof(struct endpoint, member), sizeof((struct endpoint *)0)->member              \
    }

static const struct text_option text_options[] = {
    TEXT("cert", chain_file),
    TEXT("key", key_file),
    TEXT("ca", trust_file),
    TEXT("name", peer_name),
    TEXT("serve", served_name),
    TEXT("alpn", protocols),
    TEXT("tofu", tofu_store),
    TEXT("srp-user", srp_user),
    TEXT("srp-password", srp_password),
    TEXT("psk-identity", psk_identity),
};

static int take_texts(struct endpoint *endpoint, const struct parsed_options *options,
                      struct error *err)
{
    for (size_t i = 0; i < sizeof text_options / sizeof text_options[0]; i++) {
        const struct text_option *row = &text_options[i];
        const char *value = option_value(options, row->option);
        if (value == NULL)
            continue;
        if (strlen(value) >= row->size)
            return error_set(err, ERROR_USAGE, "--%s: longer than %zu bytes", row->option,
                             row->size - 1);
        strcpy((char *)endpoint + row->offset, value);
    }
    return 0;
}

/* ---- versions, suites, groups ---- */

static void whole_range(struct endpoint *endpoint, const struct capabilities *caps)
{
    for (uint16_t v = TLS10; v <= TLS13; v++) {
        if (!caps->versions[v - TLS10])
            continue;
        if (endpoint->min_version == 0)
            endpoint->min_version = v;
        endpoint->max_version = v;
    }
}

static int take_version(uint16_t *out, const struct parsed_options *options, const char *option,
                        struct error *err)
{
    static const char *const names[] = { "tls1.0", "tls1.1", "tls1.2", "tls1.3" };
    const char *value = option_value(options, option);
    if (value == NULL)
        return 0;
    if (version_by_name(value) == 0)
        return bad_word(option, value, nearest_word(value, names, NUM_TLS_VERSIONS), err);
    *out = version_by_name(value);
    return 0;
}

static int take_versions(struct endpoint *endpoint, const struct parsed_options *options,
                         struct error *err)
{
    struct capabilities caps = { 0 };
    if (tls_stack->capabilities(&caps, err) != 0)
        return -1;
    whole_range(endpoint, &caps);
    if (take_version(&endpoint->min_version, options, "min-version", err) != 0 ||
        take_version(&endpoint->max_version, options, "max-version", err) != 0)
        return -1;
    if (endpoint->min_version > endpoint->max_version)
        return error_set(err, ERROR_USAGE, "--min-version is above --max-version");
    return 0;
}

static uint16_t find_suite(const char *word, struct nearest *nearest)
{
    for (size_t i = 0; i < num_suites; i++) {
        if (strcmp(suites[i].name, word) == 0 || strcmp(suites[i].slug, word) == 0)
            return suites[i].id;
        nearest_offer(nearest, suites[i].name);
        nearest_offer(nearest, suites[i].slug);
    }
    return 0;
}

static uint16_t find_group(const char *word, struct nearest *nearest)
{
    for (size_t i = 0; i < num_groups; i++) {
        if (strcmp(groups[i].name, word) == 0 || strcmp(groups[i].slug, word) == 0)
            return groups[i].id;
        nearest_offer(nearest, groups[i].name);
        nearest_offer(nearest, groups[i].slug);
    }
    return 0;
}

/* A comma-separated list of names or slugs. */
static int take_list(uint16_t out[], size_t *num_out, size_t max,
                     const struct parsed_options *options, const char *option,
                     uint16_t (*find)(const char *, struct nearest *), struct error *err)
{
    const char *value = option_value(options, option);
    char list[4096];
    if (value == NULL)
        return 0;
    if (strlen(value) >= sizeof list)
        return error_set(err, ERROR_USAGE, "--%s: too long", option);
    strcpy(list, value);
    char *rest = NULL;
    for (char *word = strtok_r(list, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
        struct nearest nearest;
        nearest_init(&nearest, word);
        uint16_t id = find(word, &nearest);
        if (id == 0)
            return bad_word(option, word, nearest.best, err);
        if (*num_out == max)
            return error_set(err, ERROR_USAGE, "--%s: more than %zu", option, max);
        out[(*num_out)++] = id;
    }
    return 0;
}

/* ---- bytes: PSK and pins ---- */

/* The number of bytes, or -1 if `text` is not hexadecimal or longer than `max` bytes. */
static int bytes_from_hex(uint8_t *out, const char *text, size_t max)
{
    size_t len = strlen(text);
    if (len == 0 || len % 2 != 0 || len / 2 > max || strspn(text, "0123456789abcdefABCDEF") != len)
        return -1;
    for (size_t i = 0; i < len / 2; i++) {
        char pair[3] = { text[2 * i], text[2 * i + 1], '\0' };
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return (int)(len / 2);
}

static int take_psk(struct endpoint *endpoint, const struct parsed_options *options,
                    struct error *err)
{
    const char *value = option_value(options, "psk");
    if (value == NULL)
        return 0;
    int len = bytes_from_hex(endpoint->psk, value, sizeof endpoint->psk);
    if (len < 0)
        return error_set(err, ERROR_USAGE, "--psk: must be 1 to %d bytes in hexadecimal", PSK_LEN);
    endpoint->psk_len = (size_t)len;
    return 0;
}

/* A file is not opened to find out: one that is a pipe would be spent. */
int byhand_readable(const char *path, struct error *err)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(EISDIR));
    if (access(path, R_OK) != 0)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    return 0;
}

static int check_files(const struct endpoint *endpoint, struct error *err)
{
    const char *const paths[] = { endpoint->chain_file, endpoint->key_file, endpoint->trust_file };
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (paths[i][0] != '\0' && byhand_readable(paths[i], err) != 0)
            return -1;
    return 0;
}

static int read_pin_file(uint8_t out[SHA256_LEN], const char *path, struct error *err)
{
    uint8_t bytes[SHA256_LEN + 1];
    if (byhand_readable(path, err) != 0)
        return -1;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    ssize_t len = read(file, bytes, sizeof bytes);
    close(file);
    if (len != SHA256_LEN)
        return error_set(err, ERROR_USAGE, "%s: a pin file holds exactly %d bytes", path,
                         SHA256_LEN);
    memcpy(out, bytes, SHA256_LEN);
    return 0;
}

struct pin_option {
    const char *option;
    enum pin_mode mode;
};
static const struct pin_option pin_options[] = {
    { "pin-leaf", PIN_LEAF },
    { "pin-spki", PIN_SPKI },
    { "tofu", PIN_TOFU },
};

static int take_pin(struct endpoint *endpoint, const struct parsed_options *options,
                    struct error *err)
{
    for (size_t i = 0; i < sizeof pin_options / sizeof pin_options[0]; i++) {
        const char *value = option_value(options, pin_options[i].option);
        if (value == NULL)
            continue;
        if (endpoint->pin != PIN_OFF)
            return error_set(err, ERROR_USAGE, "--%s: only one kind of pin at a time",
                             pin_options[i].option);
        endpoint->pin = pin_options[i].mode;
        if (endpoint->pin == PIN_TOFU ||
            bytes_from_hex(endpoint->pin_sha256, value, SHA256_LEN) == SHA256_LEN)
            continue;
        if (read_pin_file(endpoint->pin_sha256, value, err) != 0)
            return error_prefix(err, "--%s", pin_options[i].option);
    }
    return 0;
}

/* ---- the rest ---- */

/* A client verifies unless told not to; a server where it is given anchors to verify with. */
static int take_verify(struct endpoint *endpoint, const struct parsed_options *options,
                       struct error *err)
{
    static const char *const names[] = { "none", "request", "require" };
    const char *value = option_value(options, "verify");
    bool no_certificates = endpoint->psk_len > 0 || endpoint->srp_user[0] != '\0';
    if (value == NULL) {
        bool by_default =
            endpoint->role == ROLE_CLIENT ? !no_certificates : endpoint->trust_file[0] != '\0';
        endpoint->verify = by_default ? VERIFY_REQUIRE : VERIFY_NONE;
    } else {
        size_t i = 0;
        while (i < 3 && strcmp(names[i], value) != 0)
            i++;
        if (i == 3 || (i == VERIFY_REQUEST && endpoint->role == ROLE_CLIENT))
            return bad_word("verify", value, nearest_word(value, names, 3), err);
        endpoint->verify = (enum verify_mode)i;
    }
    if (endpoint->verify != VERIFY_NONE && endpoint->trust_file[0] == '\0')
        return error_set(err, ERROR_USAGE, "--ca FILE is needed to verify the other end%s",
                         endpoint->role == ROLE_CLIENT ? " (or --verify none)" : "");
    return 0;
}

/* Who verifies a server says whom it means: the HOST that it connects to, unless told otherwise. */
static int default_name(struct endpoint *endpoint, const struct parsed_options *options,
                        struct error *err)
{
    char host[NET_HOST_LEN];
    const char *address = option_value(options, "connect");
    if (endpoint->role != ROLE_CLIENT || endpoint->verify == VERIFY_NONE ||
        endpoint->peer_name[0] != '\0')
        return 0;
    if (net_host(host, address, err) != 0)
        return -1;
    if (strlen(host) >= sizeof endpoint->peer_name)
        return error_set(err, ERROR_USAGE, "--connect: the name is longer than %zu bytes",
                         sizeof endpoint->peer_name - 1);
    strcpy(endpoint->peer_name, host);
    return 0;
}

/* ---- what is needed beside each other ---- */

static const char *const pairs[][2] = {
    { "cert", "key" },
    { "psk", "psk-identity" },
    { "srp-user", "srp-password" },
};

static int check_pairs(const struct parsed_options *options, struct error *err)
{
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (option_given(options, pairs[i][0]) != option_given(options, pairs[i][1]))
            return error_set(err, ERROR_USAGE, "--%s and --%s go together", pairs[i][0],
                             pairs[i][1]);
    return 0;
}

static bool asks_for_anonymous(const struct endpoint *endpoint)
{
    for (size_t i = 0; i < endpoint->num_suites; i++) {
        const struct suite *suite = suite_by_id(endpoint->suites[i]);
        if (suite->auth == AUTH_ANON && suite->kx != KX_SRP)
            return true;
    }
    return false;
}

/* Every handshake with a server that has nothing to show for itself would fail. */
static int check_identity(const struct endpoint *endpoint, struct error *err)
{
    if (endpoint->role == ROLE_CLIENT || endpoint->chain_file[0] != '\0' || endpoint->psk_len > 0 ||
        endpoint->srp_user[0] != '\0' || asks_for_anonymous(endpoint))
        return 0;
    return error_set(err, ERROR_USAGE,
                     "a server needs --cert and --key, --psk, --srp-user or anonymous --suites");
}

static int take_numbers(struct endpoint *endpoint, const struct parsed_options *options,
                        struct error *err)
{
    uint64_t seconds, deadline_ms;
    if (option_number(&seconds, options, "time", (uint64_t)time(NULL), 0, INT64_MAX, err) != 0 ||
        option_number(&deadline_ms, options, "deadline-ms", DEADLINE_DEFAULT_MS, 1, DEADLINE_MS_MAX,
                      err) != 0)
        return -1;
    endpoint->verify_time = (int64_t)seconds;
    endpoint->deadline_ms = (uint32_t)deadline_ms;
    return 0;
}

int byhand_endpoint(struct endpoint *out, const struct parsed_options *options, enum role role,
                    struct error *err)
{
    struct endpoint e = { .role = role,
                          .server_order = option_given(options, "server-order"),
                          .partial_chain = option_given(options, "partial-chain"),
                          .strict = option_given(options, "strict"),
                          .late_verify = option_given(options, "late-verify"),
                          .keylog = option_given(options, "keylog") };
    if (check_pairs(options, err) != 0 || take_texts(&e, options, err) != 0 ||
        take_versions(&e, options, err) != 0 ||
        take_list(e.suites, &e.num_suites, CONFIG_SUITES_MAX, options, "suites", find_suite, err) !=
            0 ||
        take_list(e.groups, &e.num_groups, CONFIG_GROUPS_MAX, options, "groups", find_group, err) !=
            0 ||
        take_psk(&e, options, err) != 0 || take_pin(&e, options, err) != 0 ||
        take_numbers(&e, options, err) != 0 || take_verify(&e, options, err) != 0 ||
        default_name(&e, options, err) != 0 || check_identity(&e, err) != 0 ||
        check_files(&e, err) != 0)
        return -1;
    *out = e;
    return 0;
}
