#include "matrix/summary.h"

#include <errno.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <string.h>

enum {
    CAUSES_SHOWN = 20,       /* a screen; the JSON and the database have them all */
    SEGMENTS = NUM_AXES - 1, /* of an id: the two stacks are one segment */
    SEGMENT_WORDS = 3,       /* distinct values of one segment that a pattern still spells out */
};

/* Everything that is red, the worst first: verdicts in this order, kinds in the enum's. */
static const char causes_sql[] =
    "SELECT verdict, kind, reason, id, deviation FROM cases WHERE planned AND (verdict IN"
    " ('harness-error', 'crash', 'fail', 'timeout', 'xpass')"
    " OR (verdict = 'inconclusive' AND deviation = '')) ORDER BY"
    " CASE verdict WHEN 'harness-error' THEN 0 WHEN 'crash' THEN 1 WHEN 'fail' THEN 2"
    "  WHEN 'timeout' THEN 3 WHEN 'xpass' THEN 4 ELSE 5 END,"
    " CASE kind WHEN 'accepted-what-must-be-refused' THEN 0 WHEN 'ends-disagree' THEN 1"
    "  WHEN 'refused-what-must-be-accepted' THEN 2 WHEN 'wrong-negotiation' THEN 3"
    "  WHEN 'no-alert' THEN 4 ELSE 5 END, reason, id";

/* Cases of one verdict, kind and reason. */
struct cause {
    char verdict[NAME_MAX_LEN];
    char kind[NAME_MAX_LEN];
    char reason[TEXT_LEN];
    char example[CASE_ID_MAX];
    uint64_t num_cases;
    char words[SEGMENTS][SEGMENT_WORDS][CASE_ID_MAX]; /* the values that occur */
    unsigned num_words[SEGMENTS];                     /* SEGMENT_WORDS + 1: too many */
};

static void note_word(struct cause *cause, size_t segment, const char *word, size_t len)
{
    unsigned num = cause->num_words[segment];
    for (unsigned i = 0; i < num && i < SEGMENT_WORDS; i++)
        if (strlen(cause->words[segment][i]) == len &&
            memcmp(cause->words[segment][i], word, len) == 0)
            return;
    if (num < SEGMENT_WORDS)
        snprintf(cause->words[segment][num], CASE_ID_MAX, "%.*s", (int)len, word);
    if (num <= SEGMENT_WORDS)
        cause->num_words[segment]++;
}

static void note_case(struct cause *cause, const char *id)
{
    if (cause->num_cases++ == 0)
        snprintf(cause->example, sizeof cause->example, "%s", id);
    for (size_t segment = 0; segment < SEGMENTS && *id != '\0'; segment++) {
        size_t len = strcspn(id, "/#");
        note_word(cause, segment, id, len);
        id += len + (id[len] == '/');
    }
}

/* What the cause's ids have in common: "gnutls-openssl/{tls1.0,tls1.1}/" "*" "/x25519/…". */
static void print_pattern(FILE *out, const struct cause *cause)
{
    for (size_t segment = 0; segment < SEGMENTS; segment++) {
        unsigned num = cause->num_words[segment];
        if (num == 0) /* an optional axis at its ordinary value in all of them */
            continue;
        fputs(segment == 0 ? "" : "/", out);
        if (num == 1)
            fputs(cause->words[segment][0], out);
        else if (num > SEGMENT_WORDS)
            fputs("*", out);
        else
            for (unsigned i = 0; i < num; i++)
                fprintf(out, "%s%s%s", i == 0 ? "{" : ",", cause->words[segment][i],
                        i + 1 == num ? "}" : "");
    }
}

static bool belongs(const struct cause *cause, sqlite3_stmt *row)
{
    return cause->num_cases > 0 &&
           strcmp(cause->verdict, (const char *)sqlite3_column_text(row, 0)) == 0 &&
           strcmp(cause->kind, (const char *)sqlite3_column_text(row, 1)) == 0 &&
           strncmp(cause->reason, (const char *)sqlite3_column_text(row, 2), TEXT_LEN - 1) == 0;
}

static void begin_cause(struct cause *cause, sqlite3_stmt *row)
{
    memset(cause, 0, sizeof *cause);
    snprintf(cause->verdict, sizeof cause->verdict, "%s",
             (const char *)sqlite3_column_text(row, 0));
    snprintf(cause->kind, sizeof cause->kind, "%s", (const char *)sqlite3_column_text(row, 1));
    snprintf(cause->reason, sizeof cause->reason, "%s", (const char *)sqlite3_column_text(row, 2));
}

/* Calls `emit` for each cause in order; returns their number, -1 on error. */
static int64_t each_cause(struct results *results,
                          void (*emit)(void *context, const struct cause *cause), void *context,
                          struct error *err)
{
    sqlite3 *db = results_database(results);
    sqlite3_stmt *row = NULL;
    static struct cause cause; /* tens of KiB: not on the stack; one summary at a time */
    int64_t num_causes = 0;
    int status = sqlite3_prepare_v2(db, causes_sql, -1, &row, NULL);
    memset(&cause, 0, sizeof cause);
    while (status == SQLITE_OK && sqlite3_step(row) == SQLITE_ROW) {
        if (!belongs(&cause, row)) {
            if (cause.num_cases > 0)
                emit(context, &cause);
            begin_cause(&cause, row);
            num_causes++;
        }
        note_case(&cause, (const char *)sqlite3_column_text(row, 3));
    }
    if (cause.num_cases > 0)
        emit(context, &cause);
    if (sqlite3_finalize(row) != SQLITE_OK || status != SQLITE_OK)
        return error_set(err, ERROR_HARNESS, "%s", sqlite3_errmsg(db));
    return num_causes;
}

struct printer {
    FILE *out;
    unsigned num_shown;
};

static void print_cause(void *context, const struct cause *cause)
{
    struct printer *printer = context;
    if (printer->num_shown++ >= CAUSES_SHOWN)
        return;
    fprintf(printer->out, "\n%s%s%s: %" PRIu64 " case%s\n", cause->verdict,
            cause->kind[0] ? " " : "", cause->kind, cause->num_cases,
            cause->num_cases == 1 ? "" : "s");
    fprintf(printer->out, "  %s\n", cause->reason);
    if (cause->num_cases > 1) {
        fprintf(printer->out, "  in    ");
        print_pattern(printer->out, cause);
        fputc('\n', printer->out);
    }
    fprintf(printer->out, "  rerun %s rerun -v '%s'\n", program_invocation_name, cause->example);
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

static void print_tail(FILE *out, const struct session_outcome *outcome, const char *directory)
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
    if (outcome->interrupted)
        fprintf(out, "interrupted; go on with: %s run --resume '%s'\n", program_invocation_name,
                directory);
    if (outcome->num_run > 0)
        fprintf(out,
                "%" PRIu64 " handshakes, %" PRIu64 " of them healthy twins, in %.1f s, %.0f/s\n",
                outcome->num_run, outcome->num_twins, outcome->seconds,
                (double)outcome->num_run / outcome->seconds);
    if (outcome->num_refusals > 0)
        fprintf(out,
                "survived refusals: %" PRIu64 " of %" PRIu64
                ": the same server process then served a good client\n",
                outcome->num_survived, outcome->num_refusals);
    fprintf(out, "results: %s\n", directory);
}

int summary_print(FILE *out, struct results *results, const struct session_outcome *outcome,
                  const char *directory, struct error *err)
{
    struct printer printer = { .out = out };
    int64_t num_causes = each_cause(results, print_cause, &printer, err);
    if (num_causes < 0)
        return -1;
    if (num_causes > CAUSES_SHOWN)
        fprintf(out, "\n… and %" PRId64 " more kinds of failure: see %s/results.db\n",
                num_causes - CAUSES_SHOWN, directory);
    fputs(num_causes > 0 ? "\n" : "", out);
    print_counts(out, outcome);
    print_tail(out, outcome, directory);
    return 0;
}

static void append_cause(void *context, const struct cause *cause)
{
    json_array_append_new(context,
                          json_pack("{s:s, s:s, s:s, s:I, s:s}", "verdict", cause->verdict, "kind",
                                    cause->kind, "reason", cause->reason, "cases",
                                    (json_int_t)cause->num_cases, "example", cause->example));
}

int summary_print_json(FILE *out, struct results *results, const struct session_outcome *outcome,
                       const char *directory, struct error *err)
{
    json_t *failures = json_array();
    json_t *verdicts = json_object();
    if (each_cause(results, append_cause, failures, err) < 0) {
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
