/* The smallest stack: it has no version, no suite, no credential, and declines everything with a
 * reason. It shows what a new stack has to fill in, and in which order that is best done:
 *   1. capabilities(): what the library can do, asked of the library;
 *   2. credential_new(), trust_new(), context_new(): from files and an endpoint to the library's
 *      own objects;
 *   3. connection_new(), handshake(), read(), write(), close_notify(): one connection;
 *   4. connection_facts(), peer_hashes(): what became of it;
 *   5. print_ciphers(), describe_file(): for people. */
#include "peers/common/stack.h"

#include <string.h>

static int cannot(struct error *err)
{
    return error_set(err, ERROR_USAGE, "the null stack can do nothing");
}

static int null_capabilities(struct capabilities *out, struct error *err)
{
    (void)err;
    *out = (struct capabilities){
        .stack = "null", .api = "null", .library = "no library", .release = "0"
    };
    return 0;
}

static int null_credential_new(struct stack_credential **out, const struct endpoint *endpoint,
                               struct error *err)
{
    (void)out, (void)endpoint;
    return cannot(err);
}

static void null_credential_free(struct stack_credential *credential)
{
    (void)credential;
}

static int null_trust_new(struct stack_trust **out, const struct endpoint *endpoint,
                          struct error *err)
{
    (void)out, (void)endpoint;
    return cannot(err);
}

static void null_trust_free(struct stack_trust *trust)
{
    (void)trust;
}

static int null_context_new(struct stack_context **out, const struct endpoint *endpoint,
                            struct stack_credential *credential, struct stack_trust *trust,
                            struct error *err)
{
    (void)out, (void)endpoint, (void)credential, (void)trust;
    return cannot(err);
}

static void null_context_free(struct stack_context *context)
{
    (void)context;
}

static int null_connection_new(struct stack_connection **out, struct stack_context *context,
                               const struct endpoint *endpoint, int socket, struct facts *facts,
                               struct error *err)
{
    (void)out, (void)context, (void)endpoint, (void)socket, (void)facts;
    return cannot(err);
}

static void null_connection_free(struct stack_connection *connection)
{
    (void)connection;
}

static enum io_status null_handshake(struct stack_connection *connection)
{
    (void)connection;
    return IO_FAILED;
}

static enum io_status null_read(struct stack_connection *connection, void *buffer, size_t *num_done,
                                size_t len)
{
    (void)connection, (void)buffer, (void)num_done, (void)len;
    return IO_FAILED;
}

static enum io_status null_write(struct stack_connection *connection, size_t *num_done,
                                 const void *data, size_t len)
{
    (void)connection, (void)num_done, (void)data, (void)len;
    return IO_FAILED;
}

static enum io_status null_close_notify(struct stack_connection *connection)
{
    (void)connection;
    return IO_FAILED;
}

static void null_connection_facts(struct stack_connection *connection, struct facts *facts)
{
    (void)connection, (void)facts;
}

static int null_peer_hashes(struct stack_connection *connection, uint8_t leaf[SHA256_LEN],
                            uint8_t spki[SHA256_LEN])
{
    (void)connection, (void)leaf, (void)spki;
    return -1;
}

static void null_describe_peer(struct stack_connection *connection, struct peer_description *out)
{
    (void)connection, (void)out;
}

static int null_print_ciphers(FILE *out, const char *selection, struct error *err)
{
    (void)out, (void)selection;
    return cannot(err);
}

static int null_describe_file(FILE *out, const char *path, struct error *err)
{
    (void)out, (void)path;
    return cannot(err);
}

static const struct tls_stack null_stack = {
    .name = "null",
    .capabilities = null_capabilities,
    .credential_new = null_credential_new,
    .credential_free = null_credential_free,
    .trust_new = null_trust_new,
    .trust_free = null_trust_free,
    .context_new = null_context_new,
    .context_free = null_context_free,
    .connection_new = null_connection_new,
    .connection_free = null_connection_free,
    .handshake = null_handshake,
    .read = null_read,
    .write = null_write,
    .close_notify = null_close_notify,
    .connection_facts = null_connection_facts,
    .peer_hashes = null_peer_hashes,
    .describe_peer = null_describe_peer,
    .print_ciphers = null_print_ciphers,
    .describe_file = null_describe_file,
};
const struct tls_stack *const tls_stack = &null_stack;
