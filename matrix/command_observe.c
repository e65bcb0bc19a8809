/* The command that says what a passive observer sees. Output goes out as connections end, so that
 * memory does not grow with the capture; in JSON too, which is one document all the same. */
#include "matrix/commands.h"

#include "captures/observe.h"

#include <inttypes.h>

struct telling {
    bool json;
    uint64_t only; /* 0: all */
    uint64_t num_told;
};

static void tell(void *context, const struct observation *seen)
{
    struct telling *telling = context;
    if (telling->only != 0 && seen->facts->number != telling->only)
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
}

static void print_rest(const struct telling *telling, const struct observe_totals *totals)
{
    printf("%s%" PRIu64 " TCP connections, %" PRIu64 " of TLS; %" PRIu64 " DNS queries\n",
           telling->num_told > 0 ? "\n" : "", totals->connections, totals->tls,
           totals->dns_queries);
    if (totals->dropped > 0)
        printf("%" PRIu64 " packets were lost by the recorder\n", totals->dropped);
}

/* `failure`: what ended the reading early; NULL: nothing. */
static void print_rest_json(const struct telling *telling, const struct observe_totals *totals,
                            const struct error *failure)
{
    json_t *rest =
        json_pack("{s:I,s:I,s:I,s:I,s:s}", "total", (json_int_t)totals->connections, "tls",
                  (json_int_t)totals->tls, "dns_queries", (json_int_t)totals->dns_queries,
                  "dropped", (json_int_t)totals->dropped, "warning", totals->warning);
    if (failure != NULL)
        json_object_set_new(rest, "error", json_string(failure->text));
    printf("%s\n],\n\"totals\": ", telling->num_told > 0 ? "" : "{\"connections\": [");
    json_dumpf(rest, stdout, JSON_COMPACT);
    printf("}\n");
    json_decref(rest);
}

int command_observe(const struct parsed_options *options, struct error *err)
{
    static struct observe_totals totals;
    struct telling telling = { .json = option_given(options, "json") };
    if (options->num_operands != 1)
        return error_set(err, ERROR_USAGE, "observe needs one capture, or - for standard input");
    if (option_number(&telling.only, options, "connection", 0, 1, UINT64_MAX, err) < 0)
        return -1;
    int ret = observe_file(&totals, tell, &telling, options->operands[0],
                           option_value(options, "keys"), err);
    if (ret == 0 && telling.only != 0 && telling.num_told == 0)
        return error_set(err, ERROR_USAGE, "%s has no connection %" PRIu64 " of TLS",
                         options->operands[0], telling.only);
    if (telling.json && (ret == 0 || telling.num_told > 0))
        print_rest_json(&telling, &totals, ret == 0 ? NULL : err);
    else if (ret == 0 && telling.only == 0)
        print_rest(&telling, &totals);
    fflush(stdout);
    if (ret == 0 && totals.warning[0] != '\0')
        fprintf(stderr, "tlsmatrix: %s\n", totals.warning);
    return ret;
}
