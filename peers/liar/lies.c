#include "peers/liar/lies.h"

#include "harness/control/channel.h"
#include "peers/common/run.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SLOW_STEP_MS = 50 };

/* The peer runs one case at a time. */
static struct {
    const struct tls_stack *honest;
    const struct lie *lie;
    struct endpoint endpoint;
    int socket;
    bool happened;  /* at_handshake, in this case */
    bool data_sent; /* data_first: the request has gone out already */
} now;

/* ---- in what it is told to do ---- */

static void forget_verification(struct endpoint *endpoint)
{
    endpoint->verify = VERIFY_NONE;
}

static void forget_pin(struct endpoint *endpoint)
{
    endpoint->pin = PIN_OFF;
}

/* As a server that does not compare: what the spoiled clients of the matrix present
 * (matrix/endpoints.c) is taken for the right thing. */
static void take_wrong_secret(struct endpoint *endpoint)
{
    if (endpoint->psk_len > 0)
        endpoint->psk[endpoint->psk_len - 1] ^= 1;
    if (endpoint->srp_password[0] != '\0')
        endpoint->srp_password[0] = 'A';
}

static void take_unknown_identity(struct endpoint *endpoint)
{
    if (endpoint->psk_len > 0)
        endpoint->psk_identity[0] = 'T';
    if (endpoint->srp_user[0] != '\0')
        endpoint->srp_user[0] = 'T';
}

/* A process that one refusal has spoilt: whoever comes next is offered what nobody wants. */
static bool is_sulking;

static void sulk(struct endpoint *endpoint)
{
    if (!is_sulking || endpoint->role != ROLE_SERVER)
        return;
    endpoint->min_version = endpoint->max_version = TLS10;
    endpoint->suites[0] = 0x002F; /* TLS_RSA_WITH_AES_128_CBC_SHA */
    endpoint->num_suites = 1;
}

static void begin_to_sulk(struct facts *facts)
{
    is_sulking = is_sulking || facts->result == RESULT_REFUSED;
}

/* ---- in the middle of the case ---- */

static void crash(void)
{
    signal(SIGSEGV, SIG_DFL); /* a sanitizer would turn it into an exit */
    raise(SIGSEGV);
}

static void leave(void)
{
    _exit(0);
}

static void hang(void)
{
    for (;;)
        pause();
}

static void stop(void)
{
    raise(SIGSTOP);
}

static void die(void)
{
    raise(SIGKILL);
}

static void stay_silent(void)
{
    poll(NULL, 0, (int)now.endpoint.deadline_ms);
}

static void dawdle(void)
{
    poll(NULL, 0, SLOW_STEP_MS);
}

/* ---- in what it reports ---- */

static void send_raw(const char *bytes, size_t len)
{
    send(CONTROL_FD, bytes, len, MSG_NOSIGNAL);
}

static void send_text(const char *text)
{
    send_raw(text, strlen(text));
}

static void send_garbage(struct facts *facts)
{
    (void)facts;
    send_text("\x16\x03\x01 this is no JSON");
}

static void send_other_type(struct facts *facts)
{
    (void)facts;
    send_text("{\"type\":\"case\"}");
}

static void send_unknown_key(struct facts *facts)
{
    (void)facts;
    send_text("{\"type\":\"facts\",\"facts\":"
              "{\"result\":\"accepted\",\"stage\":\"done\",\"mood\":\"confident\"}}");
}

static void send_oversize(struct facts *facts)
{
    static char bytes[CONTROL_MESSAGE_MAX + 1];
    (void)facts;
    memset(bytes, ' ', sizeof bytes);
    send_raw(bytes, sizeof bytes);
}

static void send_facts(struct facts *facts)
{
    json_t *message = json_pack("{s:s, s:o}", "type", "facts", "facts", facts_to_json(facts));
    channel_send(CONTROL_FD, message, -1, NULL);
    json_decref(message);
}

static void send_facts_and_crash(struct facts *facts)
{
    send_facts(facts);
    crash();
}

static void change_suite(struct facts *facts)
{
    facts->suite = facts->suite == 0x1301 ? 0x1302 : 0x1301;
}

static void change_version(struct facts *facts)
{
    facts->version = facts->version == TLS13 ? TLS12 : TLS13;
}

static void change_group(struct facts *facts)
{
    uint16_t p256 = group_by_name("secp256r1")->id;
    facts->group = facts->group == p256 ? group_by_name("x25519")->id : p256;
}

static void change_exporter(struct facts *facts)
{
    facts->exporter_known = true;
    facts->exporter[0] ^= 1;
}

static void change_leaf(struct facts *facts)
{
    facts->peer_leaf_known = true;
    facts->peer_leaf_sha256[0] ^= 1;
}

static void claim_accepted(struct facts *facts)
{
    facts->result = RESULT_ACCEPTED;
    facts->stage = STAGE_DONE;
    facts->handshake_done = true;
    facts->close = CLOSE_CLEAN;
    facts->bytes_in = now.endpoint.request_len;
    facts->bytes_out = now.endpoint.request_len;
}

static void claim_refused(struct facts *facts)
{
    facts->result = RESULT_REFUSED;
    facts->stage = STAGE_HANDSHAKE;
    facts->handshake_done = false;
}

static void claim_declined(struct facts *facts)
{
    facts->result = RESULT_DECLINED;
    facts->stage = STAGE_CONFIGURE;
}

/* An alert that no rule allows (RFC 8446 section 6.1: of the user's making, not an error). */
static void change_alert(struct facts *facts)
{
    if (facts->alert_sent >= 0)
        facts->alert_sent = ALERT_USER_CANCELED;
    if (facts->alert_received >= 0)
        facts->alert_received = ALERT_USER_CANCELED;
}

static void hide_alerts(struct facts *facts)
{
    facts->alert_sent = -1;
    facts->alert_received = -1;
}

const struct lie lies[] = {
    { "wrong-suite", "reports another cipher suite", .after = change_suite },
    { "wrong-version", "reports another version", .after = change_version },
    { "wrong-group", "reports another group", .after = change_group },
    { "wrong-exporter", "reports another exporter value", .after = change_exporter },
    { "wrong-leaf", "reports another peer certificate", .after = change_leaf },
    { "accepted-when-refused", "reports success, whatever happened", .after = claim_accepted },
    { "refused-when-accepted", "reports failure, whatever happened", .after = claim_refused },
    { "declined", "reports that it could not, after it did", .after = claim_declined },
    { "no-verification", "does not verify the other end", .before = forget_verification },
    { "takes-wrong-secret", "takes a wrong pre-shared key or password",
      .before = take_wrong_secret },
    { "takes-unknown-identity", "takes an unknown PSK identity or user",
      .before = take_unknown_identity },
    { "no-pin", "ignores the pin", .before = forget_pin },
    { "pin-after-data", "sends the request before it checks the pin", .data_first = true },
    { "truncates", "ends TCP without close_notify", .no_close = true },
    { "wrong-alert", "reports another alert, both ways", .after = change_alert },
    { "no-alert-report", "reports no alert, either way", .after = hide_alerts },
    { "silent", "says nothing until the deadline", .at_handshake = stay_silent,
      .every_step = true },
    { "sulks", "as a server refuses everybody after its first refusal", .before = sulk,
      .after = begin_to_sulk },
    { "slow", "honest, but in no hurry", .at_handshake = dawdle, .every_step = true },
    { "crash", "SIGSEGV in the middle of the case", .at_handshake = crash },
    { "exit", "exits with status 0 in the middle of the case", .at_handshake = leave },
    { "killed", "kills itself with SIGKILL", .at_handshake = die },
    { "hang", "never comes back, whatever the deadline", .at_handshake = hang },
    { "hang-hard", "stops itself with SIGSTOP", .at_handshake = stop },
    { "garbage", "sends bytes that are no JSON", .after = send_garbage },
    { "wrong-type", "sends a message that is not facts", .after = send_other_type },
    { "unknown-key", "sends facts with a key that is not in the contract",
      .after = send_unknown_key },
    { "oversize", "sends a message beyond the limit", .after = send_oversize },
    { "twice", "sends its facts twice", .after = send_facts },
    { "late-crash", "SIGSEGV right after its facts", .after = send_facts_and_crash },
    { "wrong-contract", "claims another contract number (only with --fault)",
      .other_contract = true },
};
const size_t num_lies = sizeof lies / sizeof lies[0];

const struct lie *lie_by_name(const char *name)
{
    for (size_t i = 0; i < num_lies; i++)
        if (strcmp(lies[i].name, name) == 0)
            return &lies[i];
    return NULL;
}

void lie_begin(const struct lie *lie, const struct endpoint *endpoint)
{
    now.lie = lie;
    now.endpoint = *endpoint;
    now.happened = false;
    now.data_sent = false;
}

const struct lie *lie_current(void)
{
    return now.lie;
}

/* ---- the operations that lies change ---- */

static int liar_capabilities(struct capabilities *out, struct error *err)
{
    if (now.honest->capabilities(out, err) != 0)
        return -1;
    strcpy(out->stack, "liar");
    strcpy(out->api, "liar");
    return 0;
}

static int liar_connection_new(struct stack_connection **out, struct stack_context *context,
                               const struct endpoint *endpoint, int socket, struct facts *facts,
                               struct error *err)
{
    now.socket = socket;
    return now.honest->connection_new(out, context, endpoint, socket, facts, err);
}

static enum io_status liar_handshake(struct stack_connection *connection)
{
    const struct lie *lie = now.lie;
    if (lie != NULL && lie->at_handshake != NULL && (lie->every_step || !now.happened)) {
        now.happened = true;
        lie->at_handshake();
        if (lie->at_handshake == stay_silent)
            return IO_WANT_READ;
    }
    return now.honest->handshake(connection);
}

/* The pin is about to be compared: the last moment to send what must not be sent yet. */
static int liar_peer_hashes(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                            uint8_t spki[SHA256_LEN])
{
    uint8_t request[256];
    size_t len = now.endpoint.request_len, num_done;
    if (now.lie != NULL && now.lie->data_first && len > 0 && len <= sizeof request) {
        for (size_t i = 0; i < len; i++)
            request[i] = request_byte(i);
        now.data_sent = now.honest->write(connection, &num_done, request, len) == IO_DONE;
    }
    return now.honest->peer_hashes(connection, leaf, spki);
}

static enum io_status liar_write(struct stack_connection *connection, size_t *num_done,
                                 const void *data, size_t len)
{
    if (!now.data_sent)
        return now.honest->write(connection, num_done, data, len);
    now.data_sent = false;
    *num_done = len;
    return IO_DONE;
}

static enum io_status liar_close_notify(struct stack_connection *connection)
{
    if (now.lie == NULL || !now.lie->no_close)
        return now.honest->close_notify(connection);
    shutdown(now.socket, SHUT_WR);
    return IO_DONE;
}

const struct tls_stack *lying_stack(const struct tls_stack *honest)
{
    static struct tls_stack stack;
    now.honest = honest;
    stack = *honest;
    stack.name = "liar";
    stack.capabilities = liar_capabilities;
    stack.connection_new = liar_connection_new;
    stack.handshake = liar_handshake;
    stack.peer_hashes = liar_peer_hashes;
    stack.write = liar_write;
    stack.close_notify = liar_close_notify;
    return &stack;
}
