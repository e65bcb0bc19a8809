#include "matrix/command_capture.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

int wanted_read(struct wanted *out, const struct parsed_options *options, struct error *err)
{
    const char *text = option_value(options, "connection");
    char *end = NULL;
    *out = (struct wanted){ .one = text != NULL };
    if (text == NULL)
        return 0;
    errno = 0;
    out->number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
        return error_set(err, ERROR_USAGE,
                         "--connection: '%s' is no number of a connection: 1, 2, …", text);
    return 0;
}

bool wanted_has(const struct wanted *wanted, uint64_t number)
{
    return !wanted->one || wanted->number == number;
}

int wanted_missing(const struct wanted *wanted, const char *path, uint64_t num_connections,
                   struct error *err)
{
    return error_set(err, ERROR_USAGE,
                     "%s has no connection %" PRIu64 ": it has %" PRIu64
                     " TCP connection%s, counted from 1",
                     path, wanted->number, num_connections, plural(num_connections));
}

void note_useless_keys(const struct keys_given *given, const char *keys,
                       const struct wanted *wanted)
{
    char text[KEYS_GIVEN_TEXT_LEN];
    bool fit = wanted->one ? wanted->keys_fit : given->num_fitting > 0;
    if (keys != NULL && given->num_connections > 0 && !fit)
        fprintf(stderr, "tlsmatrix: %s %s\n", keys, keys_given_text(text, given));
}

json_t *keys_given_to_json(const struct keys_given *given, const char *keys)
{
    return keys == NULL ? json_null()
                        : json_pack("{s:s, s:I, s:I}", "file", keys, "connections",
                                    (json_int_t)given->num_connections, "fitting",
                                    (json_int_t)given->num_fitting);
}

const char *plural(uint64_t num)
{
    return num == 1 ? "" : "s";
}
