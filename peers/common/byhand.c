#include "peers/common/byhand.h"

#include "peers/common/net.h"
#include "peers/common/pin.h"
#include "peers/common/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_MESSAGE "Simple is better than complex."

enum { MESSAGE_MAX = 16 * 1024 };

/* ---- what is said: the client sends a text, the server says the same back ---- */

struct conversation {
    const char *message;
    char answer[MESSAGE_MAX + 1];
};

static int say_and_hear(struct run *run, void *context)
{
    struct conversation *talk = context;
    size_t len = strlen(talk->message);
    return run_write(run, talk->message, len) == 0 ? run_read(run, talk->answer, len) : -1;
}

/* Until the client closes: that is how it says that it has heard enough. */
static int echo(struct run *run, void *context)
{
    (void)context;
    char buffer[4096];
    for (;;) {
        long len = run_read_some(run, buffer, sizeof buffer);
        if (len <= 0)
            return (int)len;
        if (run_write(run, buffer, (size_t)len) != 0)
            return -1;
    }
}

/* ---- what people read ---- */

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
static void print_negotiated(FILE *out, const struct facts *facts)
{
    const struct suite *suite = suite_by_id(facts->suite);
    const struct group *group = group_by_id(facts->group);
    const struct signature_scheme *scheme = signature_scheme_by_id(facts->signature_scheme);
    fprintf(out, "%s %s %s %s", or_dash(version_name(facts->version)),
            or_dash(suite != NULL ? suite->name : NULL),
            or_dash(group != NULL ? group->name : NULL),
            or_dash(scheme != NULL ? scheme->name : NULL));
}

static void print_peer(FILE *out, const struct facts *facts)
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

static void print_end(FILE *out, const struct facts *facts)
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

/* Appended, as several peers may share one file. A key log that cannot be written is worth a
 * warning, not the connection. */
static void append_keylog(const char *path, const struct facts *facts)
{
    size_t len = strlen(facts->keylog);
    if (path == NULL || len == 0)
        return;
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0 || write(file, facts->keylog, len) != (ssize_t)len)
        perror(path);
    if (file >= 0)
        close(file);
}

/* ---- both ends ---- */

/* Makes the context that the connection will need, so that bad files are found at once. */
static int try_configuration(struct contexts *contexts, const struct endpoint *endpoint,
                             struct error *err)
{
    struct stack_context *context;
    if (contexts == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    if (contexts_get(contexts, &context, endpoint, err) == 0)
        return 0;
    if (err != NULL)
        err->class = ERROR_USAGE;
    return -1;
}

/* ---- client ---- */

static int client_exit(const struct facts *facts)
{
    static const int by_problem[] = {
        [VERIFY_PROBLEM_CHAIN] = EXIT_CHAIN,   [VERIFY_PROBLEM_NAME] = EXIT_NAME,
        [VERIFY_PROBLEM_TIME] = EXIT_CHAIN,    [VERIFY_PROBLEM_USAGE] = EXIT_CHAIN,
        [VERIFY_PROBLEM_REVOKED] = EXIT_CHAIN, [VERIFY_PROBLEM_WEAK] = EXIT_CHAIN
    };
    if (facts->result == RESULT_DECLINED)
        return ERROR_USAGE;
    if (facts->result == RESULT_TIMEOUT)
        return EXIT_TIMED_OUT;
    if (facts->close == CLOSE_TRUNCATED)
        return EXIT_TRUNCATED;
    if (facts->result == RESULT_ACCEPTED)
        return 0;
    if (facts->stage == STAGE_PIN)
        return EXIT_PIN;
    if (facts->verify_problem != VERIFY_PROBLEM_NONE)
        return by_problem[facts->verify_problem];
    return EXIT_REFUSED;
}

static void report_client(const struct facts *facts, const struct conversation *talk)
{
    if (facts->handshake_done) {
        print_negotiated(stdout, facts);
        putchar('\n');
    }
    if (facts->peer_leaf_known) {
        print_peer(stdout, facts);
        putchar('\n');
    }
    if (facts->result == RESULT_ACCEPTED)
        printf("received: %s\n", talk->answer);
    fflush(stdout);
    print_end(facts->result == RESULT_ACCEPTED ? stdout : stderr, facts);
}

static int run_client(struct contexts *contexts, const struct endpoint *endpoint,
                      const char *message, const char *keylog, int socket)
{
    struct conversation talk = { .message = message };
    struct exchange exchange = { .talk = say_and_hear, .context = &talk };
    struct facts facts;
    run_connection(contexts, tls_stack, endpoint, socket, &exchange, &facts);
    append_keylog(keylog, &facts);
    report_client(&facts, &talk);
    return client_exit(&facts);
}

/* Bad files are found before anybody is bothered. */
static int connect_client(struct contexts *contexts, const struct endpoint *endpoint,
                          const struct parsed_options *options, struct error *err)
{
    static const int by_result[] = { [NET_REFUSED] = EXIT_NOT_CONNECTED,
                                     [NET_TIMEOUT] = EXIT_TIMED_OUT,
                                     [NET_ERROR] = EXIT_NOT_CONNECTED };
    struct pin pin;
    int socket;
    const char *message = option_value(options, "message");
    if (pin_load(&pin, endpoint, err) != 0 || try_configuration(contexts, endpoint, err) != 0)
        return -1;
    enum net_result result =
        net_connect(&socket, option_value(options, "connect"), endpoint->deadline_ms, err);
    if (result == NET_NO_ADDRESS)
        return -1;
    if (result != NET_CONNECTED) {
        fprintf(stderr, "not connected: %s\n", err->text);
        return by_result[result];
    }
    int code = run_client(contexts, endpoint, message != NULL ? message : DEFAULT_MESSAGE,
                          option_value(options, "keylog"), socket);
    close(socket);
    return code;
}

int byhand_client(const struct parsed_options *options, struct error *err)
{
    struct endpoint endpoint;
    const char *address = option_value(options, "connect");
    const char *message = option_value(options, "message");
    if (address == NULL)
        return error_set(err, ERROR_USAGE, "--connect HOST:PORT is needed");
    if (message != NULL && strlen(message) > MESSAGE_MAX)
        return error_set(err, ERROR_USAGE, "--message: longer than %d bytes", MESSAGE_MAX);
    if (byhand_endpoint(&endpoint, options, ROLE_CLIENT, err) != 0)
        return -1;
    struct contexts *contexts = contexts_new(tls_stack);
    int code = connect_client(contexts, &endpoint, options, err);
    contexts_free(contexts);
    return code;
}

/* ---- server ---- */

static void report_server(const char *from, const struct facts *facts)
{
    printf("%s ", from);
    if (facts->handshake_done) {
        print_negotiated(stdout, facts);
        printf(", ");
    }
    print_peer(stdout, facts);
    printf(", ");
    print_end(stdout, facts);
    fflush(stdout);
}

/* One client at a time: a silent one costs the deadline, none costs the server. */
static int serve_one(struct contexts *contexts, struct endpoint *endpoint,
                     const struct parsed_options *options, const int listeners[], size_t num,
                     struct error *err)
{
    static const struct exchange exchange = { .talk = echo };
    char from[NET_TEXT_LEN];
    struct facts facts;
    int socket;
    if (net_accept(&socket, from, listeners, num, err) != 0)
        return -1;
    if (!option_given(options, "time"))
        endpoint->verify_time = time(NULL);
    run_connection(contexts, tls_stack, endpoint, socket, &exchange, &facts);
    close(socket);
    append_keylog(option_value(options, "keylog"), &facts);
    report_server(from, &facts);
    return 0;
}

static int serve(struct contexts *contexts, struct endpoint *endpoint,
                 const struct parsed_options *options, struct error *err)
{
    int listeners[NET_LISTEN_MAX];
    if (try_configuration(contexts, endpoint, err) != 0)
        return -1;
    int num = net_listen(listeners, option_value(options, "listen"), err);
    for (int i = 0; i < num; i++) {
        char where[NET_TEXT_LEN];
        net_local_text(where, listeners[i]);
        printf("listening on %s\n", where);
    }
    fflush(stdout);
    int status = num < 0 ? -1 : 0;
    bool more = true;
    while (status == 0 && more) {
        status = serve_one(contexts, endpoint, options, listeners, (size_t)num, err);
        more = !option_given(options, "once");
    }
    for (int i = 0; i < num; i++)
        close(listeners[i]);
    return status;
}

int byhand_server(const struct parsed_options *options, struct error *err)
{
    struct endpoint endpoint;
    if (option_value(options, "listen") == NULL)
        return error_set(err, ERROR_USAGE, "--listen HOST:PORT is needed");
    if (byhand_endpoint(&endpoint, options, ROLE_SERVER, err) != 0)
        return -1;
    struct contexts *contexts = contexts_new(tls_stack);
    int status = serve(contexts, &endpoint, options, err);
    contexts_free(contexts);
    return status;
}
