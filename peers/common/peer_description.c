/* Names from certificates on their way to a terminal. */
#include "peers/common/stack.h"

#include <arpa/inet.h>
#include <string.h>

void peer_add_name(struct peer_description *out, const void *name, size_t len)
{
    if (out->num_names == PEER_NAMES_MAX)
        return;
    char *to = out->names[out->num_names++];
    len = len < PEER_NAME_LEN - 1 ? len : PEER_NAME_LEN - 1;
    memcpy(to, name, len);
    to[len] = '\0';
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)to[i] < ' ' || to[i] == 0x7F)
            to[i] = '?';
}

void peer_add_address(struct peer_description *out, const void *address, size_t len)
{
    char text[INET6_ADDRSTRLEN];
    int family = len == sizeof(struct in_addr) ? AF_INET : AF_INET6;
    if ((len == sizeof(struct in_addr) || len == sizeof(struct in6_addr)) &&
        inet_ntop(family, address, text, sizeof text) != NULL)
        peer_add_name(out, text, strlen(text));
}
