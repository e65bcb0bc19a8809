#include "matrix/show_wire.h"

#include "matrix/ladder.h"

#include <inttypes.h>
#include <string.h>

enum { LABEL_WIDTH = 18, NAME_WIDTH = 40 };

static const char *text_at(const json_t *step, size_t index)
{
    const char *text = json_string_value(json_array_get(step, index));
    return text == NULL ? "" : text;
}

static long long number_at(const json_t *step, size_t index)
{
    return (long long)json_integer_value(json_array_get(step, index));
}

/* "client_hello", "alert handshake_failure", "application_data", "tcp fin". */
static void describe(char *out, size_t len, const json_t *step)
{
    const char *type = text_at(step, 1), *name = text_at(step, 2);
    if (strcmp(type, "handshake") == 0 && strcmp(name, "incomplete") != 0)
        snprintf(out, len, "%s", name);
    else if (strcmp(type, "none") == 0)
        snprintf(out, len, "no TLS");
    else
        snprintf(out, len, "%s%s%s", type, name[0] == '\0' ? "" : " ", name);
}

static void print_step(FILE *out, const json_t *step)
{
    char what[128];
    if (json_is_object(step)) {
        fprintf(out, "  … and %lld more\n",
                (long long)json_integer_value(json_object_get(step, "more")));
        return;
    }
    describe(what, sizeof what, step);
    fprintf(out, "  %s%s",
            strcmp(text_at(step, 0), "c") == 0 ? "client >         " : "       < server  ",
            number_at(step, 3) != 0 ? "* " : "  ");
    if (strcmp(text_at(step, 1), "tcp") == 0) {
        fprintf(out, "%s\n", what);
        return;
    }
    fprintf(out, "%-*s %6lld", NAME_WIDTH, what, number_at(step, 4));
    if (json_array_size(step) > 5)
        fprintf(out, " in %lld records", number_at(step, 5));
    fputc('\n', out);
}

static json_t *ladder_of(const struct result_row *row, enum role side)
{
    return ladder_join(row->ladder[side], row->lengths[side]);
}

/* Takes the ladder. */
static void print_ladder(FILE *out, const char *title, json_t *ladder)
{
    if (ladder != NULL)
        fprintf(out, "%s\n", title);
    for (size_t i = 0; i < json_array_size(ladder); i++)
        print_step(out, json_array_get(ladder, i));
    json_decref(ladder);
}

void show_wire(FILE *out, const struct result_row *row)
{
    const struct result_wire *wire = &row->wire;
    bool two = row->ladder[ROLE_SERVER] != NULL;
    print_ladder(out,
                 two ? "messages at the client (bytes; * under protection)"
                     : "messages (bytes; * under protection)",
                 ladder_of(row, ROLE_CLIENT));
    print_ladder(out, "messages at the server", ladder_of(row, ROLE_SERVER));
    if (!wire->recorded)
        return;
    fprintf(out,
            "  %-*s%" PRIu64 " bytes in %" PRIu64 " packets of the client, %" PRIu64 " in %" PRIu64
            " of the server\n",
            LABEL_WIDTH, two ? "at the client" : "on the wire", wire->bytes[ROLE_CLIENT],
            wire->packets[ROLE_CLIENT], wire->bytes[ROLE_SERVER], wire->packets[ROLE_SERVER]);
    if (wire->handshake_us > 0)
        fprintf(out, "  %-*s%.3f ms from the ClientHello to the last Finished\n", LABEL_WIDTH,
                "handshake", (double)wire->handshake_us / 1000);
}

void show_wire_json(json_t *object, const struct result_row *row)
{
    const struct result_wire *wire = &row->wire;
    if (wire->recorded)
        json_object_set_new(
            object, "wire",
            json_pack(
                "{s:I, s:I, s:I, s:I, s:o*}", "client_bytes", (json_int_t)wire->bytes[ROLE_CLIENT],
                "server_bytes", (json_int_t)wire->bytes[ROLE_SERVER], "client_packets",
                (json_int_t)wire->packets[ROLE_CLIENT], "server_packets",
                (json_int_t)wire->packets[ROLE_SERVER], "handshake_us",
                wire->handshake_us == 0 ? NULL : json_integer((json_int_t)wire->handshake_us)));
    json_object_set_new(object, "ladder", ladder_of(row, ROLE_CLIENT));
    json_object_set_new(object, "server_ladder", ladder_of(row, ROLE_SERVER));
}
