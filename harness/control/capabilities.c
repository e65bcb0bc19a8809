#include "harness/control/capabilities.h"

#include "harness/control/fields.h"
#include "harness/names.h"

#include <stdio.h>
#include <string.h>

static const char *const credential_names[NUM_CREDENTIALS] = {
    [CREDENTIAL_NONE] = "none",
    [CREDENTIAL_RSA2048] = "rsa2048",
    [CREDENTIAL_RSA3072] = "rsa3072",
    [CREDENTIAL_RSA4096] = "rsa4096",
    [CREDENTIAL_RSAPSS2048] = "rsapss2048",
    [CREDENTIAL_ECDSA_P256] = "ecdsa-p256",
    [CREDENTIAL_ECDSA_P384] = "ecdsa-p384",
    [CREDENTIAL_ECDSA_P521] = "ecdsa-p521",
    [CREDENTIAL_ED25519] = "ed25519",
    [CREDENTIAL_ED448] = "ed448",
    [CREDENTIAL_DSA2048] = "dsa2048",
};

static const char *const feature_names[NUM_FEATURES] = {
    [FEATURE_CLIENT_AUTH] = "client-auth",
    [FEATURE_PSK_TLS12] = "psk-tls1.2",
    [FEATURE_PSK_TLS13] = "psk-tls1.3",
    [FEATURE_SRP] = "srp",
    [FEATURE_EXPORTER] = "exporter",
    [FEATURE_KEYLOG] = "keylog",
    [FEATURE_ANONYMOUS] = "anonymous",
    [FEATURE_VERIFY_TIME] = "verify-time",
    [FEATURE_TLS13_SUITE_CHOICE] = "tls1.3-suite-choice",
    [FEATURE_CRL] = "crl",
    [FEATURE_OCSP_STAPLE] = "ocsp-staple",
    [FEATURE_OCSP_VERIFY] = "ocsp-verify",
    [FEATURE_WRONG_KEY] = "wrong-key",
    [FEATURE_EXCHANGES] = "exchanges",
    [FEATURE_SERVED_NAME] = "served-name",
    [FEATURE_ALPN] = "alpn",
    [FEATURE_LATE_VERIFY] = "late-verify",
};

const char *credential_name(enum credential credential)
{
    return credential_names[credential];
}

int credential_by_name(const char *name)
{
    return name_find(credential_names, NUM_CREDENTIALS, name);
}

const char *feature_name(enum feature feature)
{
    return feature_names[feature];
}

int feature_by_name(const char *name)
{
    return name_find(feature_names, NUM_FEATURES, name);
}

bool capabilities_have_suite(const struct capabilities *caps, uint16_t suite)
{
    return id_listed(caps->suites, caps->num_suites, suite);
}

bool capabilities_have_group(const struct capabilities *caps, uint16_t version, uint16_t group)
{
    size_t v = (size_t)(version - TLS10);
    return v < NUM_TLS_VERSIONS && id_listed(caps->groups[v], caps->num_groups[v], group);
}

/* Has this row of client_credentials anything to say? */
static bool says_anything(const bool row[NUM_CREDENTIALS])
{
    for (size_t i = 0; i < NUM_CREDENTIALS; i++)
        if (row[i])
            return true;
    return false;
}

bool capabilities_have_client_credential(const struct capabilities *caps, uint16_t version,
                                         enum credential credential)
{
    size_t v = (size_t)(version - TLS10);
    if (v >= NUM_TLS_VERSIONS)
        return false;
    const bool *row = caps->client_credentials[v];
    return says_anything(row) ? row[credential] : caps->credentials[v][credential];
}

/* ---- the abilities of one version: {"groups":[…],"credentials":[…]}, and where it is another list
 * "client_credentials":[…] ---- */

struct abilities {
    uint16_t groups[CAPABILITY_NAMES_MAX];
    size_t num_groups;
    bool credentials[NUM_CREDENTIALS];
    bool client_credentials[NUM_CREDENTIALS];
};

static const struct field abilities_fields[] = {
    FIELD(struct abilities, groups, groups, .required = true,
          .aux = offsetof(struct abilities, num_groups)),
    FIELD(struct abilities, credentials, name_set, .required = true, .names = credential_names,
          .num_names = NUM_CREDENTIALS),
    FIELD(struct abilities, client_credentials, name_set, .names = credential_names,
          .num_names = NUM_CREDENTIALS),
};
static const size_t num_abilities_fields = sizeof abilities_fields / sizeof abilities_fields[0];

static json_t *abilities_to_json(const struct capabilities *caps, size_t v)
{
    struct abilities abilities = { .num_groups = caps->num_groups[v] };
    memcpy(abilities.groups, caps->groups[v], sizeof abilities.groups);
    memcpy(abilities.credentials, caps->credentials[v], sizeof abilities.credentials);
    memcpy(abilities.client_credentials, caps->client_credentials[v],
           sizeof abilities.client_credentials);
    return fields_to_json(abilities_fields, num_abilities_fields, &abilities);
}

static int abilities_from_json(struct capabilities *caps, size_t v, const json_t *object)
{
    struct abilities abilities = { 0 };
    if (fields_from_json(abilities_fields, num_abilities_fields, &abilities, object, "", NULL) != 0)
        return -1;
    caps->versions[v] = true;
    caps->num_groups[v] = abilities.num_groups;
    memcpy(caps->groups[v], abilities.groups, sizeof abilities.groups);
    memcpy(caps->credentials[v], abilities.credentials, sizeof abilities.credentials);
    memcpy(caps->client_credentials[v], abilities.client_credentials,
           sizeof abilities.client_credentials);
    return 0;
}

/* ---- the key "versions": an object with one member for each version the stack has ---- */

static json_t *put_versions(const struct field *field, const void *base)
{
    (void)field;
    const struct capabilities *caps = base;
    json_t *object = json_object();
    for (size_t v = 0; object != NULL && v < NUM_TLS_VERSIONS; v++) {
        if (!caps->versions[v] || json_object_set_new(object, version_name((uint16_t)(TLS10 + v)),
                                                      abilities_to_json(caps, v)) == 0)
            continue;
        json_decref(object);
        object = NULL;
    }
    return object;
}

static bool absent_versions(const struct field *field, const void *base)
{
    (void)field;
    (void)base;
    return false;
}

static const char *take_versions(const struct field *field, void *base, const json_t *value)
{
    (void)field;
    const char *key;
    json_t *member;
    if (!json_is_object(value))
        return "an object";
    json_object_foreach((json_t *)value, key, member)
    {
        uint16_t version = version_by_name(key);
        if (version == 0)
            return "an object with versions as keys";
        if (abilities_from_json(base, (size_t)(version - TLS10), member) != 0)
            return "an object of {\"groups\":[…],\"credentials\":[…]} with known names";
    }
    return NULL;
}

static const struct codec codec_versions = { put_versions, absent_versions, take_versions };

/* ---- the key "faults": names that only the peer itself knows ---- */

static json_t *put_faults(const struct field *field, const void *base)
{
    (void)field;
    const struct capabilities *caps = base;
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < caps->num_faults; i++) {
        if (json_array_append_new(array, json_string(caps->faults[i])) == 0)
            continue;
        json_decref(array);
        array = NULL;
    }
    return array;
}

static bool absent_faults(const struct field *field, const void *base)
{
    (void)field;
    return ((const struct capabilities *)base)->num_faults == 0;
}

static const char *take_faults(const struct field *field, void *base, const json_t *value)
{
    (void)field;
    struct capabilities *caps = base;
    if (!json_is_array(value) || json_array_size(value) > CAPABILITY_FAULTS_MAX)
        return "a list of at most 128 names";
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *name = json_array_get(value, i);
        if (!json_is_string(name) || json_string_length(name) == 0 ||
            json_string_length(name) >= NAME_MAX_LEN)
            return "a list of names of 1 to 63 bytes";
        strcpy(caps->faults[i], json_string_value(name));
    }
    caps->num_faults = json_array_size(value);
    return NULL;
}

static const struct codec codec_faults = { put_faults, absent_faults, take_faults };
_Static_assert(CAPABILITY_FAULTS_MAX == 128 && NAME_MAX_LEN == 64, "as take_faults() says");

#define MEMBER(name, ...) FIELD(struct capabilities, name, __VA_ARGS__)

static const struct field fields[] = {
    /* `stack` stands first in the struct, which is why it can never be somebody's aux. */
    MEMBER(stack, string, .required = true),
    MEMBER(api, string, .required = true),
    MEMBER(library, string, .required = true),
    MEMBER(release, string, .required = true),
    MEMBER(versions, versions, .required = true),
    MEMBER(suites, suites, .required = true, .aux = offsetof(struct capabilities, num_suites)),
    MEMBER(signature_schemes, schemes, .aux = offsetof(struct capabilities, num_signature_schemes)),
    MEMBER(features, name_set, .names = feature_names, .num_names = NUM_FEATURES),
    MEMBER(faults, faults),
};
static const size_t num_fields = sizeof fields / sizeof fields[0];

json_t *capabilities_to_json(const struct capabilities *caps)
{
    return fields_to_json(fields, num_fields, caps);
}

int capabilities_from_json(struct capabilities *out, const json_t *object, struct error *err)
{
    struct capabilities caps = { 0 };
    if (fields_from_json(fields, num_fields, &caps, object, "capabilities", err) != 0)
        return -1;
    *out = caps;
    return 0;
}

/* ---- comparison ---- */

struct comparison {
    void (*report)(void *context, const char *line);
    void *context;
    size_t num_differences;
};

static void compare_one(struct comparison *c, const char *kind, const char *name,
                        const char *version, bool expected, bool actual)
{
    char line[4 * NAME_MAX_LEN];
    if (expected == actual)
        return;
    char where[NAME_MAX_LEN] = "";
    if (version != NULL)
        snprintf(where, sizeof where, " (%s)", version);
    snprintf(line, sizeof line, "%c %s %s%s: %s", expected ? '-' : '+', kind, name, where,
             expected ? "expected, not there" : "there, not expected");
    c->report(c->context, line);
    c->num_differences++;
}

static void compare_text(struct comparison *c, const char *kind, const char *expected,
                         const char *actual)
{
    if (strcmp(expected, actual) == 0)
        return;
    compare_one(c, kind, expected, NULL, true, false);
    compare_one(c, kind, actual, NULL, false, true);
}

/* Only where one of them has a list of its own: else it has been compared already. */
static void compare_client_credentials(struct comparison *c, const struct capabilities *expected,
                                       const struct capabilities *actual, uint16_t version)
{
    size_t v = (size_t)(version - TLS10);
    if (!says_anything(expected->client_credentials[v]) &&
        !says_anything(actual->client_credentials[v]))
        return;
    for (int i = 0; i < NUM_CREDENTIALS; i++)
        compare_one(c, "client credential", credential_names[i], version_name(version),
                    capabilities_have_client_credential(expected, version, (enum credential)i),
                    capabilities_have_client_credential(actual, version, (enum credential)i));
}

static void compare_version(struct comparison *c, const struct capabilities *expected,
                            const struct capabilities *actual, size_t v)
{
    uint16_t version = (uint16_t)(TLS10 + v);
    const char *name = version_name(version);
    compare_one(c, "version", name, NULL, expected->versions[v], actual->versions[v]);
    for (size_t i = 0; i < num_groups; i++)
        compare_one(c, "group", groups[i].name, name,
                    capabilities_have_group(expected, version, groups[i].id),
                    capabilities_have_group(actual, version, groups[i].id));
    for (size_t i = 0; i < NUM_CREDENTIALS; i++)
        compare_one(c, "credential", credential_names[i], name, expected->credentials[v][i],
                    actual->credentials[v][i]);
    compare_client_credentials(c, expected, actual, version);
}

size_t capabilities_compare(const struct capabilities *expected, const struct capabilities *actual,
                            void (*report)(void *context, const char *line), void *context)
{
    struct comparison c = { .report = report, .context = context };
    compare_text(&c, "stack", expected->stack, actual->stack);
    compare_text(&c, "api", expected->api, actual->api);
    for (size_t v = 0; v < NUM_TLS_VERSIONS; v++)
        compare_version(&c, expected, actual, v);
    for (size_t i = 0; i < num_suites; i++)
        compare_one(&c, "suite", suites[i].name, NULL,
                    capabilities_have_suite(expected, suites[i].id),
                    capabilities_have_suite(actual, suites[i].id));
    for (size_t i = 0; i < num_signature_schemes; i++) {
        uint16_t id = signature_schemes[i].id;
        compare_one(&c, "signature scheme", signature_schemes[i].name, NULL,
                    id_listed(expected->signature_schemes, expected->num_signature_schemes, id),
                    id_listed(actual->signature_schemes, actual->num_signature_schemes, id));
    }
    for (size_t i = 0; i < NUM_FEATURES; i++)
        compare_one(&c, "feature", feature_names[i], NULL, expected->features[i],
                    actual->features[i]);
    return c.num_differences;
}
