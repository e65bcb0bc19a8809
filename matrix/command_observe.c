/* The command that says what a passive observer sees. Output goes out as connections end, so that
 * memory does not grow with the capture; in JSON too, which is one document all the same. */
#include "matrix/commands.h"

#include "captures/observe.h"
#include "matrix/command_capture.h"

#include <inttypes.h>

struct telling {
    bool json;
    struct wanted wanted;
    const char *keys; /* NULL: none were given */
    uint64_t num_told;
};

static void tell(void *context, const struct observation *seen)
{
    struct telling *telling = context;
    if (!wanted_has(&telling->wanted, seen->facts->number))
        return;
    if (telling->json) {
        json_t *object = observe_to_json(seen);
        fputs(telling->num_told == 0 ? "{\"connections\": [\n" : ",\n", stdout);
        json_dumpf(object, stdout, JSON_COMPACT);
        json_decref(object);
    } else {
        if (telling->num_told > 0)
            putchar('\n');
        observe_print(stdout, seen);
    }
    telling->num_told++;
    telling->wanted.keys_fit = seen->control.keys_fit;
}

static void print_rest(const struct telling *telling, const struct observe_totals *totals)
{
    char text[KEYS_GIVEN_TEXT_LEN];
    printf("%s%" PRIu64 " TCP connection%s, %" PRIu64 " of TLS; %" PRIu64 " DNS quer%s\n",
           telling->num_told > 0 ? "\n" : "", totals->connections, plural(totals->connections),
           totals->tls, totals->dns_queries, totals->dns_queries == 1 ? "y" : "ies");
    if (totals->broken_off > 0)
        printf("%" PRIu64 " connection%s broken off within the client's first record of TLS: "
               "explain reads what there is of it\n",
               totals->broken_off, plural(totals->broken_off));
    if (totals->given.num_fitting > 0)
        printf("%s %s\n", telling->keys, keys_given_text(text, &totals->given));
    if (totals->dropped > 0)
        printf("lost by the recorder: %" PRIu64 " packet%s\n", totals->dropped,
               plural(totals->dropped));
}

/* `failure`: what ended the reading early; NULL: nothing. */
static void print_rest_json(const struct telling *telling, const struct observe_totals *totals,
                            const struct error *failure)
{
    json_t *rest = json_pack(
        "{s:I,s:I,s:I,s:I,s:I,s:o,s:s}", "total", (json_int_t)totals->connections, "tls",
        (json_int_t)totals->tls, "broken_off", (json_int_t)totals->broken_off, "dns_queries",
        (json_int_t)totals->dns_queries, "dropped", (json_int_t)totals->dropped, "keys",
        keys_given_to_json(&totals->given, telling->keys), "warning", totals->warning);
    if (failure != NULL)
        json_object_set_new(rest, "error", json_string(failure->text));
    printf("%s\n],\n\"totals\": ", telling->num_told > 0 ? "" : "{\"connections\": [");
    json_dumpf(rest, stdout, JSON_COMPACT);
    printf("}\n");
    json_decref(rest);
}

/* Of a connection that is wanted and was not told. */
static int refuse_wanted(const struct telling *telling, const struct observe_totals *totals,
                         const char *path, struct error *err)
{
    const struct wanted *wanted = &telling->wanted;
    if (wanted->number < 1 || wanted->number > totals->connections)
        return wanted_missing(wanted, path, totals->connections, err);
    return error_set(err, ERROR_USAGE, "%s: connection %" PRIu64 " is not of TLS", path,
                     wanted->number);
}

int command_observe(const struct parsed_options *options, struct error *err)
{
    static struct observe_totals totals;
    struct telling telling = { .json = option_given(options, "json"),
                               .keys = option_value(options, "keys") };
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "observe needs one capture, or - for standard input");
    if (wanted_read(&telling.wanted, options, err) < 0)
        return -1;
    const char *path = options->operands[0];
    int ret = observe_file(&totals, tell, &telling, path, telling.keys, err);
    if (ret == 0 && telling.wanted.one && telling.num_told == 0)
        return refuse_wanted(&telling, &totals, path, err);
    if (telling.json && (ret == 0 || telling.num_told > 0))
        print_rest_json(&telling, &totals, ret == 0 ? NULL : err);
    else if (ret == 0 && !telling.wanted.one)
        print_rest(&telling, &totals);
    fflush(stdout);
    if (ret < 0)
        return -1;
    note_useless_keys(&totals.given, telling.keys, &telling.wanted);
    if (totals.warning[0] != '\0')
        fprintf(stderr, "tlsmatrix: %s\n", totals.warning);
    return ret;
}
