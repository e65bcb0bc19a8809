#include "peers/gnutls/tests/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct forge forge;
struct capabilities caps;
static char directory[] = "/tmp/gnutls-stack-XXXXXX";

int set_up(void **state)
{
    (void)state;
    struct error err = { 0 };
    char cache[PATH_LEN];
    forge_default_key_cache(cache);
    if (mkdtemp(directory) == NULL || forge_make(&forge, directory, cache, &err) < 0 ||
        tls_stack->capabilities(&caps, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        return -1;
    }
    return 0;
}

int tear_down(void **state)
{
    (void)state;
    char command[sizeof directory + 16];
    snprintf(command, sizeof command, "rm -r %s", directory);
    return system(command);
}

const struct forged *kind(enum credential credential)
{
    return &forge.kinds[credential];
}

void assert_accepted(const struct pair *pair, const char *what)
{
    const struct facts *client = &pair->facts[ROLE_CLIENT], *server = &pair->facts[ROLE_SERVER];
    if (!pair->accepted)
        fail_msg("%s: client %s (alert sent %d), server %s (alert sent %d)", what,
                 client->error_text, client->alert_sent, server->error_text, server->alert_sent);
    assert_int_equal(client->version, server->version);
    assert_int_equal(client->suite, server->suite);
    assert_int_equal(client->group, server->group);
    assert_int_equal(client->signature_scheme, server->signature_scheme);
    assert_true(client->exporter_known && server->exporter_known);
    assert_memory_equal(client->exporter, server->exporter, EXPORTER_LEN);
    assert_false(client->resumed || server->resumed);
    assert_int_equal(client->alert_sent, -1);
    assert_int_equal(server->alert_sent, -1);
}

void assert_refused(const struct pair *pair, enum role role, int alert)
{
    enum role other = role == ROLE_CLIENT ? ROLE_SERVER : ROLE_CLIENT;
    assert_false(pair->accepted);
    if (pair->facts[role].alert_sent != alert)
        fail_msg("alert %d sent instead of %d: %s / %s", pair->facts[role].alert_sent, alert,
                 pair->facts[role].error_text, pair->facts[other].error_text);
    assert_int_equal(pair->facts[other].alert_received, alert);
    assert_int_equal(pair->facts[other].alert_sent, -1);
    assert_true(pair->facts[role].error_text[0] != '\0');
}
