/* What the by-hand commands print, for people. */
#include "peers/common/byhand_parts.h"

#include <string.h>

static void print_hash(FILE *out, const uint8_t hash[SHA256_LEN])
{
    for (size_t i = 0; i < SHA256_LEN; i++)
        fprintf(out, "%02x", hash[i]);
}

static const char *or_dash(const char *name)
{
    return name != NULL ? name : "-";
}

/* "tls1.3 TLS_AES_128_GCM_SHA256 x25519 rsa_pss_rsae_sha256" */
void print_negotiated(FILE *out, const struct facts *facts)
{
    const struct suite *suite = suite_by_id(facts->suite);
    const struct group *group = group_by_id(facts->group);
    const struct signature_scheme *scheme = signature_scheme_by_id(facts->signature_scheme);
    fprintf(out, "%s %s %s %s", or_dash(version_name(facts->version)),
            or_dash(suite != NULL ? suite->name : NULL),
            or_dash(group != NULL ? group->name : NULL),
            or_dash(scheme != NULL ? scheme->name : NULL));
}

void print_peer(FILE *out, const struct facts *facts)
{
    fputs("peer certificate ", out);
    if (facts->peer_leaf_known)
        print_hash(out, facts->peer_leaf_sha256);
    else
        fputs("none", out);
}

/* ", sent alert unknown_ca, received alert …; certificate: …", as far as there is any. */
static void print_alerts(FILE *out, const struct facts *facts)
{
    if (facts->alert_sent >= 0)
        fprintf(out, ", sent alert %s (%d)", alert_text(facts->alert_sent), facts->alert_sent);
    if (facts->alert_received >= 0)
        fprintf(out, ", received alert %s (%d)", alert_text(facts->alert_received),
                facts->alert_received);
}

void print_end(FILE *out, const struct facts *facts)
{
    if (facts->result == RESULT_ACCEPTED) {
        fprintf(out, "accepted, %zu bytes in, %zu out, close %s", facts->bytes_in, facts->bytes_out,
                close_kind_name(facts->close));
    } else {
        fprintf(out, "%s at %s: %s", result_name(facts->result), stage_name(facts->stage),
                facts->error_text);
        if (facts->verify_problem != VERIFY_PROBLEM_NONE)
            fprintf(out, ", certificate %s: %s", verify_problem_name(facts->verify_problem),
                    facts->verify_text);
    }
    print_alerts(out, facts);
    fputc('\n', out);
}

/* Bits of the key of the suite's cipher, from its name; 0: it has none. */
static int cipher_bits(const struct suite *suite)
{
    static const struct {
        const char *word;
        int bits;
    } words[] = { { "_256_", 256 }, { "_128_", 128 }, { "CHACHA20", 256 }, { "3DES", 168 } };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(suite->name, words[i].word) != NULL)
            return words[i].bits;
    return 0;
}

/* RFC 9525 section 6.3: letters' case does not count, and an asterisk is a whole leftmost label. */
static bool name_matches(const char *presented, const char *wanted)
{
    const char *dot = strchr(wanted, '.');
    if (strncmp(presented, "*.", 2) == 0 && dot != NULL && dot != wanted)
        return strcasecmp(presented + 1, dot) == 0;
    return strcasecmp(presented, wanted) == 0;
}

/* The common name counts where there is no other name only, and for old libraries. */
static bool some_name_matches(const struct peer_description *peer, const char *wanted)
{
    size_t first = peer->has_common_name && peer->num_names > 1 ? 1 : 0;
    for (size_t i = first; i < peer->num_names; i++)
        if (name_matches(peer->names[i], wanted))
            return true;
    return false;
}

static void print_title(const char *title)
{
    printf("  %-36s", title);
}

static void print_names(const struct peer_description *peer, const char *wanted)
{
    print_title("names on it");
    for (size_t i = 0; i < peer->num_names; i++)
        printf("%s%s", i == 0 ? "" : ", ", peer->names[i]);
    puts(peer->num_names == 0 ? "none" : "");
    if (wanted == NULL)
        return;
    print_title("one of them matches the host");
    printf("%s (%s)\n", some_name_matches(peer, wanted) ? "yes" : "no", wanted);
}

static const char *verification(const struct facts *facts, const struct endpoint *endpoint)
{
    if (endpoint->verify == VERIFY_NONE)
        return "not asked for: anybody could be at the other end";
    if (!facts->peer_leaf_known)
        return "nothing to verify";
    return facts->verify_problem == VERIFY_PROBLEM_NONE ? "passed" : facts->verify_text;
}

void report_connection(const struct facts *facts, const struct endpoint *endpoint,
                       const struct peer_description *peer, const char *wanted)
{
    const struct suite *suite = suite_by_id(facts->suite);
    const struct group *group = group_by_id(facts->group);
    print_title("peer certificate");
    puts(facts->peer_leaf_known ? "provided" : "none");
    if (facts->peer_leaf_known)
        print_names(peer, wanted);
    print_title("its verification");
    puts(verification(facts, endpoint));
    print_title("protocol version");
    puts(or_dash(version_name(facts->version)));
    print_title("cipher suite");
    puts(or_dash(suite != NULL ? suite->name : NULL));
    print_title("bits of its key");
    printf("%d\n", suite != NULL ? cipher_bits(suite) : 0);
    print_title("group of the key exchange");
    puts(or_dash(group != NULL ? group->name : NULL));
    print_title("compression");
    puts(peer->compression);
}
