#include "harness/net.h"
#include "harness/upgrade.h"
#include "peers/common/byhand_parts.h"
#include "peers/common/pin.h"
#include "peers/common/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* All that one command by hand works with; large, so on the heap. */
struct byhand {
    struct configured configured;
    struct endpoint endpoint;
    struct conversation conversation;
    struct contexts *contexts;
};

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

static void report_client(const struct byhand *hand, const struct facts *facts)
{
    const struct parsed_options *options = &hand->configured.options;
    if (facts->handshake_done) {
        print_negotiated(stdout, facts);
        putchar('\n');
    }
    if (facts->peer_leaf_known) {
        print_peer(stdout, facts);
        putchar('\n');
    }
    if (hand->conversation.connected && option_given(options, "report")) {
        char host[NET_HOST_LEN];
        bool named = net_host(host, option_value(options, "connect"), NULL) == 0;
        const char *wanted = option_value(options, "name");
        report_connection(facts, &hand->endpoint, &hand->conversation.peer,
                          wanted != NULL && wanted[0] != '\0' ? wanted
                          : named                             ? host
                                                              : NULL);
    }
    if (facts->result == RESULT_ACCEPTED && hand->conversation.talk.heard[0] != '\0')
        printf("received: %s\n", hand->conversation.talk.heard);
    fflush(stdout);
    print_end(facts->result == RESULT_ACCEPTED ? stdout : stderr, facts);
}

static int run_client(struct byhand *hand, int socket, struct error *err)
{
    const struct parsed_options *options = &hand->configured.options;
    struct exchange exchange = conversation_exchange(&hand->conversation);
    struct facts facts;
    if (option_given(options, "starttls") &&
        upgrade_client(socket, hand->endpoint.deadline_ms, err) != 0) {
        fprintf(stderr, "not connected: %s\n", err->text);
        return EXIT_NOT_CONNECTED;
    }
    run_connection(hand->contexts, tls_stack, &hand->endpoint, socket, &exchange, &facts);
    append_keylog(option_value(options, "keylog"), &facts);
    report_client(hand, &facts);
    return client_exit(&facts);
}

/* Bad files are found before anybody is bothered. */
static int connect_client(struct byhand *hand, struct error *err)
{
    static const int by_result[] = { [NET_REFUSED] = EXIT_NOT_CONNECTED,
                                     [NET_TIMEOUT] = EXIT_TIMED_OUT,
                                     [NET_ERROR] = EXIT_NOT_CONNECTED };
    const struct parsed_options *options = &hand->configured.options;
    struct pin pin;
    int socket;
    if (pin_load(&pin, &hand->endpoint, err) != 0 ||
        try_configuration(hand->contexts, &hand->endpoint, err) != 0)
        return -1;
    enum net_result result =
        net_connect(&socket, option_value(options, "connect"), hand->endpoint.deadline_ms, err);
    if (result == NET_NO_ADDRESS)
        return -1;
    if (result != NET_CONNECTED) {
        fprintf(stderr, "not connected: %s\n", err->text);
        return by_result[result];
    }
    int code = run_client(hand, socket, err);
    close(socket);
    return code;
}

/* ---- server ---- */

/* "; received: …" in one line, as much of it as a line takes. */
static void print_heard(const char *heard)
{
    enum { LINE_MAX_LEN = 200 };
    if (heard[0] == '\0')
        return;
    printf("received: ");
    for (size_t i = 0; heard[i] != '\0' && i < LINE_MAX_LEN; i++)
        putchar(heard[i] == '\n' ? ' ' : heard[i]);
    printf(", ");
}

static void report_server(const char *from, const struct byhand *hand, const struct facts *facts)
{
    printf("%s ", from);
    if (facts->handshake_done) {
        print_negotiated(stdout, facts);
        printf(", ");
    }
    print_peer(stdout, facts);
    printf(", ");
    if (hand->conversation.connected && hand->endpoint.exchange != EXCHANGE_ECHO)
        print_heard(hand->conversation.talk.heard);
    print_end(stdout, facts);
    if (hand->conversation.connected && option_given(&hand->configured.options, "report"))
        report_connection(facts, &hand->endpoint, &hand->conversation.peer, NULL);
    fflush(stdout);
}

/* One client at a time: a silent one costs the deadline, none costs the server. */
static int serve_one(struct byhand *hand, const int listeners[], size_t num, struct error *err)
{
    const struct parsed_options *options = &hand->configured.options;
    struct exchange exchange = conversation_exchange(&hand->conversation);
    char from[NET_TEXT_LEN];
    struct facts facts;
    struct error refused = { 0 };
    int socket;
    if (net_accept(&socket, from, listeners, num, err) != 0)
        return -1;
    if (!option_given(options, "time"))
        hand->endpoint.verify_time = time(NULL);
    if (option_given(options, "starttls") &&
        upgrade_server(socket, hand->endpoint.deadline_ms, &refused) != 0) {
        printf("%s refused before TLS: %s\n", from, refused.text);
        fflush(stdout);
        close(socket);
        return 0;
    }
    run_connection(hand->contexts, tls_stack, &hand->endpoint, socket, &exchange, &facts);
    close(socket);
    append_keylog(option_value(options, "keylog"), &facts);
    report_server(from, hand, &facts);
    return 0;
}

static int serve(struct byhand *hand, struct error *err)
{
    const struct parsed_options *options = &hand->configured.options;
    int listeners[NET_LISTEN_MAX];
    if (try_configuration(hand->contexts, &hand->endpoint, err) != 0)
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
        status = serve_one(hand, listeners, (size_t)num, err);
        more = !option_given(options, "once");
    }
    for (int i = 0; i < num; i++)
        close(listeners[i]);
    return status;
}

/* ---- both ---- */

static int run_byhand(struct byhand *hand, const struct parsed_options *options, enum role role,
                      struct error *err)
{
    static const char *const addresses[2] = { "connect", "listen" };
    if (configured_read(&hand->configured, options, role_name(role), err) != 0)
        return -1;
    options = &hand->configured.options;
    if (option_value(options, addresses[role]) == NULL)
        return error_set(err, ERROR_USAGE, "--%s HOST:PORT is needed", addresses[role]);
    if (byhand_endpoint(&hand->endpoint, options, role, err) != 0 ||
        conversation_read(&hand->conversation, &hand->endpoint, options, err) != 0)
        return configured_error(&hand->configured, err);
    hand->contexts = contexts_new(tls_stack);
    int code = role == ROLE_CLIENT ? connect_client(hand, err) : serve(hand, err);
    contexts_free(hand->contexts);
    return code < 0 ? configured_error(&hand->configured, err) : code;
}

static int byhand(const struct parsed_options *options, enum role role, struct error *err)
{
    struct byhand *hand = calloc(1, sizeof *hand);
    if (hand == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int code = run_byhand(hand, options, role, err);
    configured_fini(&hand->configured);
    free(hand);
    return code;
}

int byhand_client(const struct parsed_options *options, struct error *err)
{
    return byhand(options, ROLE_CLIENT, err);
}

int byhand_server(const struct parsed_options *options, struct error *err)
{
    return byhand(options, ROLE_SERVER, err);
}
