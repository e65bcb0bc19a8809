/* minihttps: the commands of the five-server protocol. */
#include "harness/net.h"
#include "harness/options.h"
#include "peers/common/byhand.h"
#include "peers/minihttps/credentials.h"
#include "peers/minihttps/five_servers.h"
#include "peers/minihttps/session.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum command { CREDENTIALS, SERVER, CLIENT, FIVE };

#define BIT(command)        (UINT32_C(1) << (command))
#define DEADLINE_DEFAULT_MS 10000

static int required(const char **out, const struct parsed_options *options, const char *name,
                    struct error *err)
{
    *out = option_value(options, name);
    return *out != NULL ? 0 : error_set(err, ERROR_USAGE, "--%s is needed", name);
}

static int no_operands(const struct parsed_options *options, struct error *err)
{
    if (options->num_operands == 0)
        return 0;
    return error_set(err, ERROR_USAGE, "what is '%s'?", options->operands[0]);
}

static int take_time(int64_t *out, const struct parsed_options *options, struct error *err)
{
    uint64_t seconds;
    if (option_number(&seconds, options, "time", (uint64_t)time(NULL), 0, INT32_MAX, err) < 0)
        return -1;
    *out = (int64_t)seconds;
    return 0;
}

static int take_deadline(uint32_t *out, const struct parsed_options *options, struct error *err)
{
    uint64_t deadline_ms;
    if (option_number(&deadline_ms, options, "deadline-ms", DEADLINE_DEFAULT_MS, 1, DEADLINE_MS_MAX,
                      err) < 0)
        return -1;
    *out = (uint32_t)deadline_ms;
    return 0;
}

/* ---- credentials ---- */

static int run_credentials(const struct parsed_options *options, struct error *err)
{
    int64_t when;
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "one directory is needed");
    if (take_time(&when, options, err) < 0)
        return -1;
    return credentials_make(options->operands[0], when, err);
}

/* ---- server ---- */

/* One client at a time: a silent one costs the deadline, none costs the server. 0: it got the text;
 * 1: it did not. */
static int serve_one(const struct minihttps_identity *identity, const int listeners[], size_t num,
                     uint32_t deadline_ms, struct error *err)
{
    int socket;
    char from[NET_TEXT_LEN], line[128];
    struct session_report report;
    if (net_accept(&socket, from, listeners, num, err) < 0)
        return -1;
    session_server(&report, identity, socket, deadline_ms);
    session_describe(line, sizeof line, &report);
    printf("%s %s\n", from, line);
    fflush(stdout);
    return report.stage == STAGE_ALL ? 0 : EXIT_REFUSED;
}

static int serve(const struct minihttps_identity *identity, const char *address,
                 const struct parsed_options *options, struct error *err)
{
    int listeners[NET_LISTEN_MAX], result;
    uint32_t deadline_ms;
    char text[NET_TEXT_LEN];
    if (take_deadline(&deadline_ms, options, err) < 0)
        return -1;
    int num = net_listen(listeners, address, err);
    if (num < 0)
        return -1;
    for (int i = 0; i < num; i++) {
        net_local_text(text, listeners[i]);
        printf("listening on %s\n", text);
    }
    fflush(stdout);
    do
        result = serve_one(identity, listeners, (size_t)num, deadline_ms, err);
    while (result >= 0 && !option_given(options, "once"));
    for (int i = 0; i < num; i++)
        close(listeners[i]);
    return result;
}

static int run_server(const struct parsed_options *options, struct error *err)
{
    const char *directory, *address;
    struct minihttps_identity identity;
    if (no_operands(options, err) < 0 || required(&directory, options, "dir", err) < 0 ||
        required(&address, options, "listen", err) < 0 ||
        identity_load(&identity, directory, err) < 0)
        return -1;
    int result = serve(&identity, address, options, err);
    identity_fini(&identity);
    return result;
}

/* ---- client ---- */

static int client_exit(const struct session_report *report)
{
    static const int by_frame[NUM_FRAME_RESULTS] = {
        [FRAME_WHOLE] = EXIT_REFUSED,     [FRAME_END] = EXIT_TRUNCATED,
        [FRAME_CUT] = EXIT_TRUNCATED,     [FRAME_TOO_LONG] = EXIT_REFUSED,
        [FRAME_TIMEOUT] = EXIT_TIMED_OUT, [FRAME_ERROR] = ERROR_HARNESS,
    };
    static const int by_fault[NUM_FAULTS] = {
        [FAULT_KEY] = EXIT_REFUSED,          [FAULT_TAG] = EXIT_REFUSED,
        [FAULT_PADDING] = EXIT_REFUSED,      [FAULT_SIGNATURE] = EXIT_REFUSED,
        [FAULT_ISSUER_UNKNOWN] = EXIT_CHAIN, [FAULT_ISSUER_FORGED] = EXIT_CHAIN,
        [FAULT_CHAIN] = EXIT_CHAIN,          [FAULT_NAME] = EXIT_NAME,
        [FAULT_TIME] = EXIT_CHAIN,           [FAULT_DECODE] = EXIT_REFUSED,
        [FAULT_READY] = EXIT_REFUSED,        [FAULT_INTERNAL] = ERROR_HARNESS,
    };
    if (report->stage == STAGE_ALL)
        return 0;
    return report->fault != FAULT_NONE ? by_fault[report->fault] : by_frame[report->frame];
}

static int talk(struct minihttps_client *client, const char *address, uint32_t deadline_ms,
                struct error *err)
{
    int socket;
    char line[128];
    struct session_report report;
    enum net_result connected = net_connect(&socket, address, deadline_ms, err);
    if (connected == NET_NO_ADDRESS)
        return -1;
    if (connected != NET_CONNECTED) {
        fprintf(stderr, "not connected: %s\n", err->text);
        return connected == NET_TIMEOUT ? EXIT_TIMED_OUT : EXIT_NOT_CONNECTED;
    }
    session_client(&report, client, socket, deadline_ms);
    session_describe(line, sizeof line, &report);
    if (report.stage == STAGE_ALL) {
        fwrite(report.text.data, 1, report.text.len, stdout);
        putchar('\n');
    } else {
        fprintf(stderr, "%s\n", line);
    }
    free(report.text.data);
    return client_exit(&report);
}

static int run_checked(const struct trust *trust, const struct parsed_options *options,
                       struct error *err)
{
    const char *name = "", *address;
    int64_t when;
    uint32_t deadline_ms;
    struct minihttps_client client;
    if ((trust != NULL && required(&name, options, "name", err) < 0) ||
        required(&address, options, "connect", err) < 0 || take_time(&when, options, err) < 0 ||
        take_deadline(&deadline_ms, options, err) < 0 ||
        client_init(&client, trust, name, when, err) < 0)
        return -1;
    int result = talk(&client, address, deadline_ms, err);
    client_fini(&client);
    return result;
}

static int run_client(const struct parsed_options *options, struct error *err)
{
    const char *directory;
    struct trust trust;
    if (no_operands(options, err) < 0)
        return -1;
    if (option_given(options, "unchecked"))
        return run_checked(NULL, options, err);
    if (required(&directory, options, "trust", err) < 0 || trust_load(&trust, directory, err) < 0)
        return -1;
    int result = run_checked(&trust, options, err);
    trust_fini(&trust);
    return result;
}

/* ---- five-servers ---- */

static int run_five(const struct parsed_options *options, struct error *err)
{
    struct five_servers_report report;
    if (no_operands(options, err) < 0 || five_servers_run(&report, err) < 0)
        return -1;
    if (!option_given(options, "json")) {
        five_servers_print(stdout, &report);
        return report.as_expected ? 0 : 1;
    }
    json_t *json = five_servers_json(&report);
    if (json == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
    return report.as_expected ? 0 : 1;
}

static const struct command_row commands[] = {
    [CREDENTIALS] = { "credentials", "DIR",
                      "Makes three trusted authorities and five servers in DIR.",
                      "minihttps credentials /tmp/five", run_credentials },
    [SERVER] = { "server", "", "Serves one client after the other.",
                 "minihttps server --dir /tmp/five/server4 --listen localhost:8284", run_server },
    [CLIENT] = { "client", "", "Asks one server for its text, if it can be trusted.",
                 "minihttps client --trust /tmp/five/trusted_certs --name greenpath.program "
                 "--connect localhost:8284",
                 run_client,
                 "Exit codes: 0 got the text; 1 key, tag, padding, signature or format wrong; "
                 "2 usage or configuration; 3 the program itself failed; 10 the certificate is "
                 "not trusted or not valid now; 11 it is for another name; 13 nobody listens; "
                 "14 the deadline passed; 15 the server closed early (it refused, or was cut)." },
    [FIVE] = { "five-servers", "",
               "Finds the one to trust, and says what is wrong with the others.",
               "minihttps five-servers --json", run_five },
    { 0 },
};

static const struct option_row options[] = {
    { "dir", 0, "DIR", "directory with priv.key, server.cert and data.txt", BIT(SERVER) },
    { "listen", 0, "HOST:PORT", "where to listen; port 0: any free one", BIT(SERVER) },
    { "once", 0, NULL, "serve one client; exit 1 if it did not get the text", BIT(SERVER) },
    { "trust", 0, "DIR", "directory with the *.cert of trusted authorities", BIT(CLIENT) },
    { "name", 0, "NAME", "name that the certificate must carry", BIT(CLIENT) },
    { "connect", 0, "HOST:PORT", "where to connect to", BIT(CLIENT) },
    { "unchecked", 0, NULL, "believe whoever answers", BIT(CLIENT) },
    { "time", 0, "SECONDS", "time of issue, or of the check (default: now)",
      BIT(CREDENTIALS) | BIT(CLIENT) },
    { "deadline-ms", 0, "N", "time for one session (default: 10000)", BIT(CLIENT) | BIT(SERVER) },
    { "json", 0, NULL, "output for programs", BIT(FIVE) },
    { 0 },
};

int main(int argc, char **argv)
{
    static const struct program program = {
        "minihttps", "A small HTTPS in four messages: who can be trusted, and why.", commands,
        options
    };
    return program_main(&program, argc, argv);
}
