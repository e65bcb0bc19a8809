/* The GnuTLS stack, as peers/common drives it. */
#include "peers/gnutls/internal.h"

const struct tls_stack tls_stack_gnutls = {
    .name = "gnutls",
    .capabilities = gnutls_stack_capabilities,
    .credential_new = gnutls_stack_credential_new,
    .credential_free = gnutls_stack_credential_free,
    .trust_new = gnutls_stack_trust_new,
    .trust_free = gnutls_stack_trust_free,
    .context_new = gnutls_stack_context_new,
    .context_free = gnutls_stack_context_free,
    .connection_new = gnutls_stack_connection_new,
    .connection_free = gnutls_stack_connection_free,
    .handshake = gnutls_stack_handshake,
    .read = gnutls_stack_read,
    .write = gnutls_stack_write,
    .close_notify = gnutls_stack_close_notify,
    .connection_facts = gnutls_stack_connection_facts,
    .peer_hashes = gnutls_stack_peer_hashes,
    .describe_peer = gnutls_stack_describe_peer,
    .print_ciphers = gnutls_stack_print_ciphers,
    .describe_file = gnutls_stack_describe_file,
};

const struct tls_stack *const tls_stack = &tls_stack_gnutls;
