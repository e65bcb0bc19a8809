/* Sockets whose numbers are from FUZZ_DESCRIPTOR_MIN on are the program's own (wrapped.h). */
#include "fuzz/stacks/replace.h"
#include "fuzz/stacks/wrapped.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

REPLACE(ssize_t, read, int descriptor, void *out, size_t len)
{
    const struct fuzz_transport *memory = wrapped_transport(descriptor);
    return memory != NULL ? memory->receive(memory->context, descriptor, out, len)
                          : REAL(read)(descriptor, out, len);
}

REPLACE(ssize_t, write, int descriptor, const void *data, size_t len)
{
    const struct fuzz_transport *memory = wrapped_transport(descriptor);
    return memory != NULL ? memory->send(memory->context, descriptor, data, len)
                          : REAL(write)(descriptor, data, len);
}

REPLACE(ssize_t, recv, int descriptor, void *out, size_t len, int flags)
{
    const struct fuzz_transport *memory = wrapped_transport(descriptor);
    return memory != NULL ? memory->receive(memory->context, descriptor, out, len)
                          : REAL(recv)(descriptor, out, len, flags);
}

REPLACE(ssize_t, send, int descriptor, const void *data, size_t len, int flags)
{
    const struct fuzz_transport *memory = wrapped_transport(descriptor);
    return memory != NULL ? memory->send(memory->context, descriptor, data, len)
                          : REAL(send)(descriptor, data, len, flags);
}

static ssize_t send_parts(const struct fuzz_transport *memory, int descriptor,
                          const struct msghdr *message)
{
    ssize_t total = 0;
    for (size_t i = 0; i < message->msg_iovlen; i++) {
        const struct iovec *part = &message->msg_iov[i];
        ssize_t sent = memory->send(memory->context, descriptor, part->iov_base, part->iov_len);
        if (sent < 0)
            return total > 0 ? total : -1;
        total += sent;
        if ((size_t)sent < part->iov_len)
            break;
    }
    return total;
}

REPLACE(ssize_t, sendmsg, int descriptor, const struct msghdr *message, int flags)
{
    const struct fuzz_transport *memory = wrapped_transport(descriptor);
    return memory != NULL ? send_parts(memory, descriptor, message)
                          : REAL(sendmsg)(descriptor, message, flags);
}
