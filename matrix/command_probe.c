/* `tlsmatrix probe HOST:PORT`. */
#include "matrix/command_common.h"
#include "matrix/commands.h"
#include "matrix/probe/survey.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DEADLINE_DEFAULT_MS = 5000, DEADLINE_LONGEST_MS = 60000, PAUSE_LONGEST_MS = 60000 };

/* Large, and one command runs in a process. */
static struct stack_list stacks;
static struct probe probe;

/* OpenSSL's own variable first; then where distributions have theirs. */
static const char *system_anchors(void)
{
    static const char *const files[] = { "/etc/ssl/certs/ca-certificates.crt",
                                         "/etc/pki/tls/certs/ca-bundle.crt",
                                         "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem" };
    const char *given = getenv("SSL_CERT_FILE");
    if (given != NULL && access(given, R_OK) == 0)
        return given;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        if (access(files[i], R_OK) == 0)
            return files[i];
    return NULL;
}

static int read_target(struct probe_target *out, const struct parsed_options *options,
                       struct error *err)
{
    uint64_t deadline_ms, pause_ms;
    const char *name = option_value(options, "name"), *ca = option_value(options, "ca");
    const char *protocols = option_value(options, "alpn");
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "probe needs one HOST:PORT");
    if (options->operands[0][0] == ':') /* which would be this machine */
        return error_set(err, ERROR_USAGE, "'%s': must be HOST:PORT", options->operands[0]);
    *out = (struct probe_target){ .address = options->operands[0],
                                  .anchors = ca != NULL ? ca : system_anchors(),
                                  .protocols = protocols != NULL ? protocols : "h2,http/1.1",
                                  .starttls = option_given(options, "starttls") };
    if (net_host(out->name, out->address, err) < 0 ||
        option_number(&deadline_ms, options, "deadline-ms", DEADLINE_DEFAULT_MS, 100,
                      DEADLINE_LONGEST_MS, err) < 0 ||
        option_number(&pause_ms, options, "pause-ms", 0, 0, PAUSE_LONGEST_MS, err) < 0)
        return -1;
    if (ca != NULL && access(ca, R_OK) != 0)
        return error_set(err, ERROR_USAGE, "%s: cannot be read", ca);
    if (name != NULL)
        snprintf(out->name, sizeof out->name, "%s", name);
    if (strlen(out->name) >= NAME_MAX_LEN)
        return error_set(err, ERROR_USAGE, "'%s': names of up to %d characters can be sent",
                         out->name, NAME_MAX_LEN - 1);
    if (strlen(out->protocols) >= PROTOCOLS_LEN)
        return error_set(err, ERROR_USAGE, "--alpn: more than %d characters", PROTOCOLS_LEN - 1);
    out->deadline_ms = (uint32_t)deadline_ms;
    out->pause_ms = (uint32_t)pause_ms;
    return 0;
}

static int choose_stacks(const struct parsed_options *options, struct error *err)
{
    const char *client = option_value(options, "client");
    if (client != NULL && option_given(options, "stacks"))
        return error_set(err, ERROR_USAGE, "--client names one stack, --stacks several");
    return client != NULL ? stacks_load(&stacks, &client, 1, err)
                          : stacks_from_options(&stacks, options, err);
}

int command_probe(const struct parsed_options *options, struct error *err)
{
    static struct survey survey;
    struct probe_target target;
    if (read_target(&target, options, err) < 0 || choose_stacks(options, err) < 0 ||
        probe_init(&probe, &target, &stacks, err) < 0)
        return -1;
    int ret = survey_base(&survey, &probe, err);
    if (ret == 0 && option_given(options, "all") && survey.base.outcome != ATTEMPT_UNREACHABLE &&
        survey.base.outcome != ATTEMPT_NOT_TLS)
        ret = survey_all(&survey, &probe, err);
    if (ret == 0 && option_given(options, "json")) {
        json_t *all = survey_to_json(&survey, &probe);
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(all);
    } else if (ret == 0) {
        survey_print(stdout, &survey, &probe);
    }
    probe_fini(&probe);
    return ret < 0 ? -1 : survey.base.outcome != ATTEMPT_ACCEPTED;
}
