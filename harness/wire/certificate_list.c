#include "harness/wire/certificate_list.h"

struct certificate_list certificate_list_of(const void *body, size_t len, bool tls13)
{
    struct reader reader = reader_of(body, len);
    if (tls13)
        reader_block(&reader, 1); /* certificate_request_context */
    return (struct certificate_list){ reader_block(&reader, 3), tls13 };
}

bool certificate_list_next(struct certificate_list *list, struct reader *der)
{
    if (list->entries.failed || list->entries.len == 0)
        return false;
    struct reader certificate = reader_block(&list->entries, 3);
    if (certificate.failed)
        return false;
    if (list->tls13)
        reader_block(&list->entries, 2); /* extensions */
    *der = certificate;
    return true;
}
