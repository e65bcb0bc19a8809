/* fuzz-dictionary: libFuzzer's dictionary of TLS, out of the registries of harness/wire: every
 * suite, group, scheme, extension, version and alert as it stands on the wire, and by its name as
 * it stands in our own files. With `--text` the names alone. */
#include "harness/control/capabilities.h"
#include "harness/wire/registry.h"

#include <stdio.h>
#include <string.h>

static bool text;

static void number(const char *name, uint16_t id)
{
    if (!text)
        printf("# %s\n\"\\x%02x\\x%02x\"\n", name, id >> 8, id & 0xFF);
}

static void word(const char *name)
{
    if (text)
        printf("\"%s\"\n", name);
}

/* A record of an alert; a header of each type and version. */
static void records(void)
{
    static const uint8_t types[] = { CONTENT_CHANGE_CIPHER_SPEC, CONTENT_ALERT, CONTENT_HANDSHAKE,
                                     CONTENT_APPLICATION_DATA, CONTENT_HEARTBEAT };
    for (size_t i = 0; i < sizeof types && !text; i++)
        for (int version = TLS10; version <= TLS12; version++)
            printf("# %s\n\"\\x%02x\\x03\\x%02x\\x00\"\n", content_type_name(types[i]), types[i],
                   version & 0xFF);
    for (int type = 0; type < 256 && !text; type++)
        if (handshake_type_name((uint8_t)type) != NULL)
            printf("# %s\n\"\\x%02x\\x00\\x00\"\n", handshake_type_name((uint8_t)type), type);
    for (size_t i = 0; i < num_alerts && !text; i++)
        printf("# %s\n\"\\x15\\x03\\x03\\x00\\x02\\x02\\x%02x\"\n", alerts[i].name, alerts[i].id);
}

int main(int argc, char *argv[])
{
    if (argc > 2 || (argc == 2 && strcmp(argv[1], "--text") != 0)) {
        fprintf(stderr, "usage: %s [--text]\n", argv[0]);
        return 2;
    }
    text = argc == 2;
    records();
    for (uint16_t version = TLS10; version <= TLS13; version++) {
        number(version_name(version), version);
        word(version_name(version));
    }
    for (size_t i = 0; i < num_suites; i++) {
        number(suites[i].name, suites[i].id);
        word(suites[i].name);
        word(suites[i].slug);
    }
    for (size_t i = 0; i < num_groups; i++) {
        number(groups[i].name, groups[i].id);
        word(groups[i].name);
        word(groups[i].slug);
    }
    for (size_t i = 0; i < num_signature_schemes; i++) {
        number(signature_schemes[i].name, signature_schemes[i].id);
        word(signature_schemes[i].name);
    }
    for (size_t i = 0; i < num_extension_types; i++) {
        number(extension_types[i].name, extension_types[i].id);
        word(extension_types[i].name);
    }
    for (size_t i = 0; i < num_alerts; i++)
        word(alerts[i].name);
    for (int i = 0; i < NUM_CREDENTIALS; i++)
        word(credential_name((enum credential)i));
    for (int i = 0; i < NUM_FEATURES; i++)
        word(feature_name((enum feature)i));
    number("empty renegotiation_info", SCSV_EMPTY_RENEGOTIATION_INFO);
    number("fallback", SCSV_FALLBACK);
    return 0;
}
