/* Causes that lie in what the hellos offer and choose. */
#include "captures/explain_causes.h"
#include "captures/explain_schemes.h"

#include <string.h>

enum { FEW_SUITES = 2, FEW_GROUPS = 1, DH_BITS_MIN = 2048 /* RFC 9325 section 4.1 */ };

/* The server refuses the hello. */
static bool refused_hello(const struct story *story, uint8_t description)
{
    return story->stage == REACHED_CLIENT_HELLO && story_said(story, ROLE_SERVER, description);
}

static bool version_refused(const struct story *story)
{
    return refused_hello(story, ALERT_PROTOCOL_VERSION);
}

static bool offers(const struct story *story, uint16_t version)
{
    const struct id_list *list = &story->offer.versions;
    return id_listed(list->ids, list->num_ids, version);
}

static bool sslv2_refused(const struct story *story)
{
    return story->facts->sslv2_hello && story->stage == REACHED_CLIENT_HELLO &&
           (story->alert.seen || story->facts->closed);
}

static bool version_unseen(const struct story *story)
{
    return version_refused(story) && story->offer.versions.num_ids == 0;
}

static bool version_old_client(const struct story *story)
{
    return version_refused(story) && !offers(story, TLS13);
}

static bool version_only_13(const struct story *story)
{
    return version_refused(story) && story->offer.versions.num_ids == 1;
}

static bool fallback_refused(const struct story *story)
{
    return refused_hello(story, ALERT_INAPPROPRIATE_FALLBACK);
}

static bool name_refused(const struct story *story)
{
    return refused_hello(story, ALERT_UNRECOGNIZED_NAME);
}

static bool protocol_refused(const struct story *story)
{
    return story_said(story, ROLE_SERVER, ALERT_NO_APPLICATION_PROTOCOL);
}

static bool parameters_refused(const struct story *story)
{
    return refused_hello(story, ALERT_HANDSHAKE_FAILURE) ||
           refused_hello(story, ALERT_INSUFFICIENT_SECURITY);
}

/* How many of the offered suites the offered versions can use at all. */
static size_t usable_suites(const struct story *story)
{
    const struct id_list *list = &story->offer.suites;
    size_t num = list->total - list->num_ids;
    for (size_t i = 0; i < list->num_ids; i++) {
        const struct suite *suite = suite_by_id(list->ids[i]);
        bool usable = suite == NULL;
        for (uint16_t version = TLS10; version <= TLS13 && suite != NULL; version++)
            usable |= offers(story, version) && suite_allows_version(suite, version);
        num += usable;
    }
    return num;
}

/* "AES_256_GCM" of "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" and of "TLS_AES_256_GCM_SHA384". */
static const char *cipher_of(const struct suite *suite, size_t *len)
{
    const char *with = strstr(suite->name, "_WITH_");
    const char *cipher = with != NULL ? with + strlen("_WITH_") : suite->name + strlen("TLS_");
    const char *hash = strrchr(cipher, '_');
    *len = hash == NULL ? strlen(cipher) : (size_t)(hash - cipher);
    return cipher;
}

static bool one_cipher(const struct id_list *list)
{
    const char *first = NULL;
    size_t first_len = 0;
    for (size_t i = 0; i < list->num_ids; i++) {
        const struct suite *suite = suite_by_id(list->ids[i]);
        size_t len;
        const char *cipher = suite == NULL ? "" : cipher_of(suite, &len);
        if (suite == NULL ||
            (first != NULL && (len != first_len || memcmp(cipher, first, len) != 0)))
            return false;
        first = cipher;
        first_len = len;
    }
    return first != NULL && list->total == list->num_ids;
}

static bool few_suites(const struct story *story)
{
    return story->offer.suites.total > 0 &&
           (usable_suites(story) <= FEW_SUITES || one_cipher(&story->offer.suites));
}

static bool few_groups(const struct story *story)
{
    return story->offer.groups.total > 0 && story->offer.groups.total <= FEW_GROUPS;
}

/* Every usable suite of a client before TLS 1.3 wants a certificate of the same kind. */
static bool one_authentication(const struct story *story)
{
    const struct id_list *list = &story->offer.suites;
    enum suite_auth auth = AUTH_TLS13;
    if (offers(story, TLS13) || list->total == 0)
        return false;
    for (size_t i = 0; i < list->num_ids; i++) {
        const struct suite *suite = suite_by_id(list->ids[i]);
        if (suite == NULL || suite->auth == AUTH_TLS13)
            continue;
        if (auth != AUTH_TLS13 && suite->auth != auth)
            return false;
        auth = suite->auth;
    }
    return auth != AUTH_TLS13;
}

static bool one_kind_of_key(const struct story *story)
{
    return schemes_of_one_kind(&story->offer.schemes);
}

static bool schemes_refused(const struct story *story)
{
    return parameters_refused(story) && one_kind_of_key(story) && !few_suites(story) &&
           !few_groups(story);
}

static bool suite_refused(const struct story *story)
{
    return parameters_refused(story) && few_suites(story) && !few_groups(story) &&
           !one_kind_of_key(story);
}

static bool group_refused(const struct story *story)
{
    return parameters_refused(story) && few_groups(story) && !few_suites(story) &&
           !one_kind_of_key(story);
}

static bool authentication_refused(const struct story *story)
{
    return parameters_refused(story) && one_authentication(story) && !few_groups(story) &&
           !one_kind_of_key(story);
}

static bool shared_key_refused(const struct story *story)
{
    return parameters_refused(story) && story->offer.shared_key;
}

static bool hello_refused_by_server(const struct story *story)
{
    bool about_keys = story->alert.description == ALERT_UNKNOWN_PSK_IDENTITY ||
                      story->alert.description == ALERT_DECRYPT_ERROR; /* of a PSK's binder */
    return story->stage == REACHED_CLIENT_HELLO && story->alert.seen && !story->alert.hidden &&
           story->alert.from == ROLE_SERVER && !about_keys;
}

static bool version_chosen_refused(const struct story *story)
{
    return story->stage >= REACHED_SERVER_FLIGHT &&
           story_said(story, ROLE_CLIENT, ALERT_PROTOCOL_VERSION);
}

static bool client_refuses_choice(const struct story *story)
{
    return story->stage == REACHED_SERVER_FLIGHT &&
           (story_said(story, ROLE_CLIENT, ALERT_HANDSHAKE_FAILURE) ||
            story_said(story, ROLE_CLIENT, ALERT_INSUFFICIENT_SECURITY) ||
            story_said(story, ROLE_CLIENT, ALERT_ILLEGAL_PARAMETER));
}

/* Does the server sign with the key of its certificate? */
static bool server_signs(const struct story *story)
{
    const struct suite *suite = suite_by_id(story->facts->suite);
    return suite != NULL && !story->facts->resumed &&
           (suite->kx == KX_TLS13 || suite->kx == KX_DHE || suite->kx == KX_ECDHE);
}

/* An alert that names something else is believed. */
static bool key_refused(const struct story *story)
{
    const struct certificate_view *view = &story->certificate[ROLE_SERVER];
    bool fits = client_refuses_choice(story) ||
                story_said(story, ROLE_CLIENT, ALERT_UNSUPPORTED_CERTIFICATE) ||
                story_said(story, ROLE_CLIENT, ALERT_BAD_CERTIFICATE);
    return fits && view->seen && server_signs(story) &&
           !schemes_allow_key(&story->offer.schemes, &view->signing_key, story->facts->version);
}

static bool dh_refused(const struct story *story)
{
    return client_refuses_choice(story) && story->dh_bits > 0 && story->dh_bits < DH_BITS_MIN;
}

#define VERSIONS "RFC 8446 sections 4.2.1 and 6.2; RFC 9846 sections 4.3.1 and 6.2"
#define SCHEMES                                                                                    \
    "RFC 8446 sections 4.2.3 and 4.4.2.2; RFC 9846 sections 4.3.3 and 4.5.1.2; RFC 5246 section "  \
    "7.4.1.4.1"
#define PARAMETERS "RFC 8446 section 4.1.1; RFC 9846 section 4.2.1; RFC 5246 section 7.4.1.3"

const struct cause causes_negotiation[] = {
    {
        .row = { "sslv2-hello", CONFIDENCE_LIKELY,
                 "The client begins with a hello in the format of SSL 2.0, which servers refuse "
                 "today." },
        .holds = sslv2_refused,
        .why = "The format of the hello is evidence; that it is the reason is a guess.",
        .references = "RFC 6176 section 3; RFC 5246 appendix E.2",
    },
    {
        .row = { "no-common-version", CONFIDENCE_CERTAIN,
                 "The server refuses every version that the client offers (the offer is not whole "
                 "in the capture)." },
        .holds = version_unseen,
        .why = "The alert says so: {alert}.",
        .references = VERSIONS,
    },
    {
        .row = { "no-common-version", CONFIDENCE_CERTAIN,
                 "The client offers {client.max} at most, the server insists on a later version: "
                 "{alert}." },
        .holds = version_old_client,
        .why = "The hello offers {client.versions}; the alert says that none of them will do.",
        .references = VERSIONS,
    },
    {
        .row = { "no-common-version", CONFIDENCE_CERTAIN,
                 "The client offers {client.max} only, the server does not speak it: {alert}." },
        .holds = version_only_13,
        .why = "The hello offers no other version; the alert says that it will not do.",
        .references = VERSIONS,
    },
    {
        .row = { "no-common-version", CONFIDENCE_CERTAIN,
                 "The client offers {client.versions}, the server none of them: {alert}. It is "
                 "probably older than any of these." },
        .holds = version_refused,
        .why =
            "The alert says that no version offered will do; which the server speaks is a guess.",
        .references = VERSIONS,
    },
    {
        .row = { "fallback-refused", CONFIDENCE_CERTAIN,
                 "The client fell back to {client.max}, and the server speaks a later version: it "
                 "takes this for an attack. An earlier attempt of the client's must have failed." },
        .holds = fallback_refused,
        .why = "The alert {alert} answers TLS_FALLBACK_SCSV and nothing else.",
        .references = "RFC 7507 section 3",
    },
    {
        .row = { "name-not-served", CONFIDENCE_CERTAIN,
                 "The server does not serve the name that the client asks for ({name})." },
        .holds = name_refused,
        .why = "The alert says so: {alert}.",
        .references = "RFC 6066 section 3",
    },
    {
        .row = { "no-common-alpn", CONFIDENCE_CERTAIN,
                 "The client offers the application protocols {client.protocols}, the server none "
                 "of them." },
        .holds = protocol_refused,
        .why = "The alert says so: {alert}.",
        .references = "RFC 7301 section 3.2",
    },
    {
        .row = { "no-common-signature-algorithm", CONFIDENCE_LIKELY,
                 "No common signature algorithm: all that the client takes ({client.schemes}) are "
                 "for keys of one kind, and the server has perhaps no certificate with such a "
                 "key." },
        .holds = schemes_refused,
        .why = "The alert {alert} says that something offered will not do; of what is offered the "
               "signature algorithms are for one kind of key, suites and groups are not few. What "
               "the server has is not in the capture.",
        .references = SCHEMES,
    },
    {
        .row = { "no-common-suite", CONFIDENCE_LIKELY,
                 "No common cipher suite: the client offers only {client.suites}; what the server "
                 "would take is unknown." },
        .holds = suite_refused,
        .why = "The alert {alert} says that something offered will not do; of what is offered the "
               "suites are few and the groups are not.",
        .references = PARAMETERS,
    },
    {
        .row = { "no-common-group", CONFIDENCE_LIKELY,
                 "No common group: the client offers only {client.groups}; what the server would "
                 "take is unknown." },
        .holds = group_refused,
        .why = "The alert {alert} says that something offered will not do; of what is offered the "
               "groups are few and the suites are not.",
        .references = "RFC 8446 sections 4.1.1 and 4.2.7; RFC 9846 sections 4.2.1 and 4.3.7; RFC "
                      "4492 section 4",
    },
    {
        .row = { "no-common-suite", CONFIDENCE_POSSIBLE,
                 "No common cipher suite: every suite of the client's ({client.suites}) wants a "
                 "certificate of the same kind, and the server perhaps has none of it." },
        .holds = authentication_refused,
        .why = "The alert {alert} says that something offered will not do; the rest is a guess.",
        .references = PARAMETERS,
    },
    {
        .row = { "shared-key-refused", CONFIDENCE_POSSIBLE,
                 "The client offers a pre-shared key, and the server finds nothing that it can "
                 "use: it may not know the key's identity, or have no certificate to go on "
                 "without." },
        .holds = shared_key_refused,
        .why = "The alert {alert} says that something offered will not do; that it is the key is a "
               "guess.",
        .references = "RFC 8446 sections 4.1.1 and 4.2.11; RFC 9846 sections 4.2.1 and 4.3.11",
    },
    {
        .row = { "no-common-parameters", CONFIDENCE_POSSIBLE,
                 "The server finds nothing that it can use in what the client offers: no common "
                 "suite ({client.suites}), group ({client.groups}) or signature algorithm "
                 "({client.schemes})." },
        .holds = parameters_refused,
        .why =
            "The alert {alert} does not say which; the server's own choice is not in the capture.",
        .references = PARAMETERS,
    },
    {
        .row = { "hello-refused", CONFIDENCE_POSSIBLE,
                 "The server refuses the client's hello with {alert}: something in it is missing, "
                 "malformed or not understood, or the server has a fault of its own." },
        .holds = hello_refused_by_server,
        .why = "The alert is evidence; it does not say what is wrong.",
        .references = "RFC 8446 section 6.2; RFC 9846 section 6.2",
    },
    {
        .row = { "no-common-version", CONFIDENCE_CERTAIN,
                 "The server chose {version}, which the client does not accept; it offered "
                 "{client.versions}." },
        .holds = version_chosen_refused,
        .why = "The client's alert says so: {alert}.",
        .references = VERSIONS,
    },
    {
        .row = { "server-certificate-unsuitable", CONFIDENCE_LIKELY,
                 "The server's certificate has a key ({cert.key}) that can sign by none of the "
                 "signature algorithms that the client takes: {client.schemes}." },
        .holds = key_refused,
        .why = "The hello and the certificate are in the capture, and {alert} answers it.",
        .references = SCHEMES,
    },
    {
        .row = { "dh-too-small", CONFIDENCE_LIKELY,
                 "The server's Diffie-Hellman prime has {dh.bits} bits, too few for the client." },
        .holds = dh_refused,
        .why = "The prime is in the capture, and {alert} answers it.",
        .references = "RFC 7919 section 5.1; RFC 9325 section 4.1; RFC 5246 section 7.4.3",
    },
    {
        .row = { "choice-refused", CONFIDENCE_LIKELY,
                 "The client does not accept what the server chose: {version}, {suite}, group "
                 "{group}." },
        .holds = client_refuses_choice,
        .why = "The alert {alert} answers the server's flight; what in it displeases is a guess.",
        .references = "RFC 8446 sections 4.1.3 and 6.2; RFC 9846 sections 4.2.3 and 6.2",
    },
    { .holds = NULL },
};
