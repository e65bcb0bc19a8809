/* What two ends that shook hands with each other must agree on. */
#include "peers/libssl/tests/pair.h"

#include <stdio.h>
#include <string.h>

/* Shows why before cmocka shows where. */
bool pair_expect(const struct pair *pair, bool right, const char *what, uint16_t version)
{
    static const char *const names[] = { "client", "server" };
    if (right)
        return true;
    printf("%s %s:\n", version_name(version), what);
    for (int role = 0; role < 2; role++) {
        const struct end *end = &pair->ends[role];
        printf("  %s: %s%s version %04x suite %04x group %04x alerts %d/%d verify %s\n",
               names[role], end->declined ? "declined " : "",
               end->declined ? end->err.text : end->facts.error_text, end->facts.version,
               end->facts.suite, end->facts.group, end->facts.alert_sent, end->facts.alert_received,
               end->facts.verify_text);
    }
    return false;
}

/* Is every line of `few` in `many`? */
static bool keys_within(const char *few, const char *many)
{
    char line[KEYLOG_LEN];
    for (const char *at = few; *at != '\0'; at = strchr(at, '\n') + 1) {
        snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n") + 1, at);
        if (strstr(many, line) == NULL)
            return false;
    }
    return few[0] != '\0';
}

/* Each end has an order of its own, and OpenSSL's client logs one line more where RSA is the key
 * exchange (the encrypted premaster secret). */
static bool same_keys(const char *client, const char *server)
{
    return keys_within(server, client) &&
           (strlen(client) == strlen(server) || strstr(client, "RSA ") != NULL);
}

bool pair_ends_agree(const struct pair *pair)
{
    const struct facts *client = &pair->ends[ROLE_CLIENT].facts;
    const struct facts *server = &pair->ends[ROLE_SERVER].facts;
    bool schemes = client->signature_scheme == server->signature_scheme ||
                   server->signature_scheme == 0; /* a stack that does not tell */
    return client->version == server->version && client->suite == server->suite &&
           client->group == server->group && schemes && client->exporter_known &&
           server->exporter_known &&
           memcmp(client->exporter, server->exporter, EXPORTER_LEN) == 0 &&
           same_keys(client->keylog, server->keylog) && !client->resumed && !server->resumed;
}
