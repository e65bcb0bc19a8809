#include "matrix/summary.h"

#include "matrix/report/causes.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum { CAUSES_SHOWN = 20 }; /* a screen; the JSON and the database have them all */

struct printer {
    FILE *out;
    unsigned num_shown;
};

static void print_cause(void *context, const struct cause *cause)
{
    struct printer *printer = context;
    char text[PATTERN_TEXT_MAX];
    if (printer->num_shown++ >= CAUSES_SHOWN)
        return;
    const struct pattern *cases = &cause->cases;
    fprintf(printer->out, "\n%s%s%s: %" PRIu64 " case%s\n", cause->verdict,
            cause->kind[0] ? " " : "", cause->kind, cases->num_cases,
            cases->num_cases == 1 ? "" : "s");
    fprintf(printer->out, "  %s\n", cause->reason);
    if (cases->num_cases > 1)
        fprintf(printer->out, "  in    %s\n", pattern_text(text, cases));
    fprintf(printer->out, "  rerun %s rerun -v '%s'%s\n", program_invocation_name, cases->example,
            cause->rerun_options);
}

static void print_counts(FILE *out, const struct session_outcome *outcome)
{
    const char *separator = "";
    for (int i = 0; i < NUM_VERDICTS; i++) {
        if (outcome->counts[i] == 0)
            continue;
        fprintf(out, "%s%" PRIu64 " %s", separator, outcome->counts[i],
                verdict_name((enum verdict)i));
        separator = ", ";
    }
    fputc('\n', out);
}

static void print_capture(FILE *out, const struct session_outcome *outcome, const char *directory)
{
    if (outcome->unrecorded)
        fputs("not recorded: only the ends' own words were judged (--capture failures insists, "
              "--capture-from relay can always)\n",
              out);
    if (outcome->packets_captured == 0)
        return;
    if (outcome->capture_source == CAPTURE_FROM_RELAY)
        fprintf(out, "capture: by the relay, not from the network: %" PRIu64 " packets of its own",
                outcome->packets_captured);
    else
        fprintf(out, "capture: %" PRIu64 " packets, %" PRIu64 " dropped", outcome->packets_captured,
                outcome->packets_dropped);
    if (outcome->capture[0] != '\0')
        fprintf(out, "; %s/%s, keys.log\n", directory, outcome->capture);
    else
        fprintf(out,
                "; %" PRIu64 " of %" PRIu64 " cases whole, %" PRIu64 " decrypted; %" PRIu64
                " kept in %s/captures\n",
                outcome->num_seen, outcome->num_seen + outcome->num_unseen, outcome->num_read,
                outcome->num_kept, directory);
    if (outcome->num_shapes > 0)
        fprintf(out, "corpus: %" PRIu64 " shapes of conversations were new\n", outcome->num_shapes);
}

static void print_tail(FILE *out, const struct session_outcome *outcome, const char *directory,
                       const char *options)
{
    print_capture(out, outcome, directory);
    if (outcome->missing_capabilities > 0)
        fprintf(out, "%d capabilities that the checked-in lists expect are missing (above)\n",
                outcome->missing_capabilities);
    if (outcome->missing_parts > 0)
        fprintf(out, "shards of the whole that are missing: %" PRIu64 "\n", outcome->missing_parts);
    if (outcome->unmatched_deviations > 0)
        fprintf(out, "%" PRIu64 " known deviations matched no case (above)\n",
                outcome->unmatched_deviations);
    if (outcome->num_run > 0)
        fprintf(out,
                "%" PRIu64 " handshakes, %" PRIu64 " of them healthy twins, in %.1f s, %.0f/s\n",
                outcome->num_run, outcome->num_twins, outcome->seconds,
                (double)outcome->num_run / outcome->seconds);
    if (outcome->num_refusals > 0)
        fprintf(out,
                "survived refusals: %" PRIu64 " of %" PRIu64
                ": the same server process then served a good client%s\n",
                outcome->num_survived, outcome->num_refusals,
                outcome->interrupted ? "; the others were not asked to yet" : "");
    fprintf(out, "results: %s\n", directory);
    fprintf(out, "report: %s report %s\n", program_invocation_name, directory);
    if (outcome->interrupted)
        fprintf(out, "interrupted; go on with: %s run --resume '%s'%s\n", program_invocation_name,
                directory, options);
}

int summary_print(FILE *out, struct results *results, const struct session_outcome *outcome,
                  const char *directory, struct error *err)
{
    struct printer printer = { .out = out };
    char options[RERUN_OPTIONS_MAX];
    int64_t num_causes = causes_each(results, print_cause, &printer, err);
    if (num_causes < 0 || rerun_options_read(options, results, err) < 0)
        return -1;
    if (num_causes > CAUSES_SHOWN)
        fprintf(out, "\n… and %" PRId64 " more kinds of failure: see %s/results.db\n",
                num_causes - CAUSES_SHOWN, directory);
    fputs(num_causes > 0 ? "\n" : "", out);
    print_counts(out, outcome);
    print_tail(out, outcome, directory, options);
    return 0;
}

static void append_cause(void *context, const struct cause *cause)
{
    json_array_append_new(context, json_pack("{s:s, s:s, s:s, s:I, s:s}", "verdict", cause->verdict,
                                             "kind", cause->kind, "reason", cause->reason, "cases",
                                             (json_int_t)cause->cases.num_cases, "example",
                                             cause->cases.example));
}

int summary_print_json(FILE *out, struct results *results, const struct session_outcome *outcome,
                       const char *directory, struct error *err)
{
    json_t *failures = json_array();
    json_t *verdicts = json_object();
    if (causes_each(results, append_cause, failures, err) < 0) {
        json_decref(failures);
        json_decref(verdicts);
        return -1;
    }
    for (int i = 0; i < NUM_VERDICTS; i++)
        json_object_set_new(verdicts, verdict_name((enum verdict)i),
                            json_integer((json_int_t)outcome->counts[i]));
    const struct {
        const char *key;
        uint64_t value;
    } numbers[] = {
        { "handshakes", outcome->num_run },
        { "refusals", outcome->num_refusals },
        { "survived", outcome->num_survived },
        { "missing_shards", outcome->missing_parts },
        { "unmatched_deviations", outcome->unmatched_deviations },
        { "packets_captured", outcome->packets_captured },
        { "packets_dropped", outcome->packets_dropped },
        { "captures_whole", outcome->num_seen },
        { "captures_incomplete", outcome->num_unseen },
        { "captures_decrypted", outcome->num_read },
        { "captures_kept", outcome->num_kept },
        { "corpus_shapes", outcome->num_shapes },
        { "bytes_kept", outcome->bytes_kept },
    };
    json_t *object = json_pack(
        "{s:o, s:o, s:s, s:s, s:f, s:b, s:i, s:i}", "verdicts", verdicts, "failures", failures,
        "run", directory, "capture_from", capture_source_name(outcome->capture_source), "seconds",
        outcome->seconds, "interrupted", outcome->interrupted, "missing_capabilities",
        outcome->missing_capabilities, "exit_code", session_exit_code(outcome));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        json_object_set_new(object, numbers[i].key, json_integer((json_int_t)numbers[i].value));
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(object);
    return 0;
}
