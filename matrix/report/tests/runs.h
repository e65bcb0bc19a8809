/* Runs made for one test: a folder with a results.db of the stacks and cases that it wants. */
#ifndef TLSMATRIX_MATRIX_REPORT_TESTS_RUNS_H
#define TLSMATRIX_MATRIX_REPORT_TESTS_RUNS_H

#include "matrix/tests/fixture.h"

#include "matrix/results.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char made_directory[] = "/tmp/tlsmatrix-report-XXXXXX";

static inline int make_directory(void **state)
{
    (void)state;
    return mkdtemp(made_directory) == NULL ? -1 : 0;
}

static inline const char *made_path(const char *name)
{
    static char paths[4][PATH_LEN];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, PATH_LEN, "%s/%s", made_directory, name);
    return path;
}

/* A run with these stacks, its end NULL; to be closed with made_run_end(). */
static inline struct results *make_run(const char *name, const char *const stacks[])
{
    char path[PATH_LEN];
    struct results *results = NULL;
    struct error err;
    mkdir(made_path(name), 0755);
    snprintf(path, sizeof path, "%s/results.db", made_path(name));
    unlink(path);
    if (results_open(&results, path, RESULTS_CREATE, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; stacks[i] != NULL; i++) {
        static struct capabilities caps;
        fixture_rich(&caps, stacks[i]);
        snprintf(caps.library, sizeof caps.library, "%s 1.0", stacks[i]);
        snprintf(caps.release, sizeof caps.release, "1.0");
        assert_int_equal(results_put_stack(results, &caps, &err), 0);
    }
    assert_int_equal(results_set(results, "shard", "0/1", &err), 0);
    assert_int_equal(results_set(results, "parts", "1", &err), 0);
    assert_int_equal(results_set(results, "state", "finished", &err), 0);
    assert_int_equal(results_set(results, "started", "2026-01-02T03:04:05Z", &err), 0);
    return results;
}

static inline void made_run_end(struct results *results)
{
    struct error err;
    assert_int_equal(results_close(results, &err), 0);
}

/* What a test says of a case; what it does not say is ordinary. */
struct made_case {
    const char *id;
    enum verdict verdict;
    enum failure_kind kind;
    const char *reason, *deviation, *client, *server; /* facts as JSON */
    uint64_t handshake_us;
    uint32_t sequence;
    bool twin; /* not planned */
};

#define MADE_ACCEPTED                                                                              \
    "{\"result\":\"accepted\",\"stage\":\"done\",\"version\":\"tls1.3\","                          \
    "\"suite\":\"TLS_AES_128_GCM_SHA256\"}"
#define MADE_REFUSED(alert)                                                                        \
    "{\"result\":\"refused\",\"stage\":\"handshake\",\"alert_sent\":" alert "}"

static inline void put_case(struct results *results, const struct made_case *made)
{
    struct error err;
    const struct result_row row = {
        .id = made->id,
        .planned = !made->twin,
        .verdict = made->verdict,
        .kind = made->kind,
        .reason = made->reason == NULL ? "" : made->reason,
        .deviation = made->deviation == NULL ? "" : made->deviation,
        .sequence = made->sequence,
        .facts = { made->client == NULL ? MADE_ACCEPTED : made->client,
                   made->server == NULL ? MADE_ACCEPTED : made->server },
        .duration_us = { 1000, 1000 },
        .wire = { true, { 300, 900 }, { 5, 5 }, made->handshake_us },
    };
    if (results_put(results, &row, &err) < 0)
        fail_msg("%s", err.text);
}

#endif
