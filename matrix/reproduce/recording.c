/* The capture is read twice: once by `explain`, to find the connection and why it failed, and once
 * for its bytes, which are kept of no other connection for longer than that one lasts. */
#include "matrix/reproduce/recording.h"

#include "harness/wire/certificate_list.h"
#include "harness/wire/reader.h"
#include "harness/wire/record.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SSL2 = 0x0002 };

static struct recording *recording_new(void)
{
    struct recording *recording = calloc(1, sizeof *recording);
    if (recording == NULL)
        return NULL;
    writer_init(&recording->hello, RECORDING_BYTES_MAX);
    writer_init(&recording->flight, RECORDING_BYTES_MAX);
    for (int role = 0; role < 2; role++)
        writer_init(&recording->chain[role], RECORDING_BYTES_MAX);
    return recording;
}

void recording_free(struct recording *recording)
{
    if (recording == NULL)
        return;
    writer_fini(&recording->hello);
    writer_fini(&recording->flight);
    for (int role = 0; role < 2; role++)
        writer_fini(&recording->chain[role]);
    free(recording);
}

/* ---- which one, and why it failed ---- */

struct search {
    uint64_t wanted; /* 0: the first that failed */
    bool found;
    struct recording *recording;
    uint64_t num_tls;
    struct case_comment recorded; /* of the first section that says something */
};

static bool has_failed(const struct finding *finding)
{
    return finding->outcome == OUTCOME_FAILED || finding->outcome == OUTCOME_UNUSED;
}

static void on_explained(void *context, const struct story *story, const struct finding *finding)
{
    struct search *search = context;
    search->num_tls += finding->outcome != OUTCOME_NOT_TLS;
    if (search->found ||
        (search->wanted == 0 ? !has_failed(finding) : story->facts->number != search->wanted))
        return;
    struct recording *recording = search->recording;
    search->found = true;
    recording->facts = *story->facts;
    recording->story = *story;
    recording->story.facts = &recording->facts;
    recording->finding = *finding;
}

static void on_recorded(void *context, const struct case_comment *recorded)
{
    struct search *search = context;
    if (search->recorded.id[0] == '\0')
        search->recorded = *recorded;
}

static int find(struct search *search, const char *path, const char *keys, struct error *err)
{
    static const struct explain_sink sink = { .recorded = on_recorded, .connection = on_explained };
    char hint[CASE_COMMENT_HINT_MAX];
    struct explain_totals *totals = calloc(1, sizeof *totals);
    if (totals == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = explain_file(totals, &sink, search, path, keys, err);
    if (ret == 0 && !search->found && search->wanted != 0)
        ret = error_set(err, ERROR_USAGE, "%s: has no connection %" PRIu64, path, search->wanted);
    else if (ret == 0 && !search->found && search->num_tls > 0)
        ret = error_set(err, ERROR_USAGE,
                        "%s: none of its %" PRIu64 " TLS connections failed: there is "
                        "nothing to reproduce%s",
                        path, search->num_tls, case_comment_hint(hint, &search->recorded));
    else if (ret == 0 && !search->found)
        ret = error_set(err, ERROR_USAGE, "%s: holds no TLS connection", path);
    free(totals);
    return ret;
}

/* ---- its bytes ---- */

/* Of one connection while it lasts. */
struct collected {
    struct writer hello, flight, chain[2];
    bool hello_complete, answered;
};

struct collecting {
    uint64_t wanted;
    struct recording *recording;
    bool no_memory;
};

static struct collected *collected_of(struct collecting *collecting, void **tap)
{
    struct collected *collected = *tap;
    if (collected != NULL)
        return collected;
    collected = *tap = calloc(1, sizeof *collected);
    collecting->no_memory |= collected == NULL;
    if (collected == NULL)
        return NULL;
    writer_init(&collected->hello, RECORDING_BYTES_MAX);
    writer_init(&collected->flight, RECORDING_BYTES_MAX);
    for (int role = 0; role < 2; role++)
        writer_init(&collected->chain[role], RECORDING_BYTES_MAX);
    return collected;
}

static void on_record(void *context, const struct tls_record *record, const struct tls_state *state,
                      void **tap)
{
    struct collected *collected = collected_of(context, tap);
    (void)state;
    if (collected == NULL || record->version == SSL2 || record->hurt)
        return;
    if (record->from == ROLE_CLIENT) {
        collected->answered |= collected->hello_complete;
        if (!collected->hello_complete && record->type == CONTENT_HANDSHAKE)
            record_write(&collected->hello, record->type, record->version, record->fragment,
                         record->fragment_len);
    } else if (!collected->answered && record->protection == PROTECTION_NONE) {
        record_write(&collected->flight, record->type, record->version, record->fragment,
                     record->fragment_len);
    }
}

/* The certificates of a Certificate message, without what TLS 1.3 puts between them. */
static void read_chain(struct writer *out, const struct tls_message *message, bool tls13)
{
    struct certificate_list list = certificate_list_of(message->body, message->len, tls13);
    struct reader der;
    while (certificate_list_next(&list, &der)) {
        size_t mark = writer_open(out, 3);
        writer_bytes(out, der.data, der.len);
        writer_close(out, mark, 3);
    }
}

static void on_message(void *context, const struct tls_message *message,
                       const struct tls_state *state, void **tap)
{
    struct collected *collected = collected_of(context, tap);
    if (collected == NULL)
        return;
    if (message->type == HANDSHAKE_CLIENT_HELLO)
        collected->hello_complete = true;
    if (message->type == HANDSHAKE_CERTIFICATE && collected->chain[message->from].len == 0)
        read_chain(&collected->chain[message->from], message, state->version == TLS13);
}

/* What the connection leaves goes to whoever wants it; the rest goes with it. */
static void on_connection(void *context, const struct wire_facts *facts, void **tap)
{
    struct collecting *collecting = context;
    struct collected *collected = *tap;
    struct recording *recording = collecting->recording;
    *tap = NULL;
    if (collected == NULL)
        return;
    if (facts->number == collecting->wanted) {
        struct writer *to[] = { &recording->hello, &recording->flight, &recording->chain[0],
                                &recording->chain[1] };
        struct writer *from[] = { &collected->hello, &collected->flight, &collected->chain[0],
                                  &collected->chain[1] };
        for (size_t i = 0; i < sizeof to / sizeof to[0]; i++)
            writer_bytes(to[i], from[i]->data, from[i]->failed ? 0 : from[i]->len);
    }
    writer_fini(&collected->hello);
    writer_fini(&collected->flight);
    for (int role = 0; role < 2; role++)
        writer_fini(&collected->chain[role]);
    free(collected);
}

static int collect(struct recording *recording, const char *path, const char *keys,
                   struct error *err)
{
    static const struct analysis_sink sink = { .connection = on_connection,
                                               .record = on_record,
                                               .message = on_message };
    char warning[ERROR_TEXT_MAX];
    struct collecting collecting = { .wanted = recording->facts.number, .recording = recording };
    struct analysis *analysis = analysis_new(&sink, &collecting);
    if (analysis == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = keys == NULL ? 0 : keylog_read(analysis_keys(analysis), keys, err);
    if (ret == 0)
        ret = analysis_file(analysis, path, warning, err);
    analysis_finish(analysis);
    analysis_free(analysis);
    if (ret == 0 && collecting.no_memory)
        return error_set(err, ERROR_HARNESS, "out of memory");
    return ret;
}

/* A hello that is no record of TLS, or that never became whole, is what the client said first. */
static void take_speech(struct recording *recording)
{
    const struct speech *speech = &recording->story.speech[ROLE_CLIENT];
    if (recording->hello.len == 0)
        writer_bytes(&recording->hello, speech->clear, speech->clear_len);
}

static struct recording *read_twice(const char *path, const char *keys, uint64_t number,
                                    struct error *err)
{
    struct search search = { .wanted = number, .recording = recording_new() };
    if (search.recording == NULL) {
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    if (find(&search, path, keys, err) == 0 && collect(search.recording, path, keys, err) == 0) {
        take_speech(search.recording);
        return search.recording;
    }
    recording_free(search.recording);
    return NULL;
}

/* ---- standard input, which can be read once only ---- */

/* To a file without a name; its descriptor, or -1. */
static int keep_input(struct error *err)
{
    char buffer[64 * 1024], path[512];
    const char *base = getenv("TMPDIR");
    snprintf(path, sizeof path, "%.400s/tlsmatrix-capture-XXXXXX", base == NULL ? "/tmp" : base);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return error_errno(err, "%s", path);
    unlink(path);
    for (;;) {
        ssize_t len = read(STDIN_FILENO, buffer, sizeof buffer);
        for (ssize_t done = 0, now; done < len; done += now) {
            now = write(fd, buffer + done, (size_t)(len - done));
            if (now < 0) {
                error_errno(err, "%s", path);
                close(fd);
                return -1;
            }
        }
        if (len == 0)
            return fd;
        if (len < 0 && errno != EINTR) {
            error_errno(err, "standard input");
            close(fd);
            return -1;
        }
    }
}

/* "/proc/self/fd/7: is no capture" -> "standard input: is no capture". */
static void name_input(struct error *err, const char *path)
{
    char rest[ERROR_TEXT_MAX];
    size_t len = strlen(path);
    if (strncmp(err->text, path, len) != 0)
        return;
    snprintf(rest, sizeof rest, "%s", err->text + len);
    snprintf(err->text, sizeof err->text, "standard input%.*s",
             (int)(sizeof err->text - sizeof "standard input"), rest);
}

struct recording *recording_read(const char *path, const char *keys, uint64_t number,
                                 struct error *err)
{
    char kept[32];
    if (strcmp(path, "-") != 0)
        return read_twice(path, keys, number, err);
    int fd = keep_input(err);
    if (fd < 0)
        return NULL;
    snprintf(kept, sizeof kept, "/proc/self/fd/%d", fd);
    struct recording *recording = read_twice(kept, keys, number, err);
    if (recording == NULL)
        name_input(err, kept);
    close(fd);
    return recording;
}

struct recording *recording_read_outcome(const char *path, struct error *err)
{
    static const struct explain_sink sink = { .connection = on_explained };
    struct search search = { .wanted = 1, .recording = recording_new() };
    struct explain_totals *totals = calloc(1, sizeof *totals);
    if (search.recording == NULL || totals == NULL)
        error_set(err, ERROR_HARNESS, "out of memory");
    else if (explain_file(totals, &sink, &search, path, NULL, err) == 0 && !search.found)
        error_set(err, ERROR_HARNESS, "%s: holds no connection", path);
    free(totals);
    if (search.found)
        return search.recording;
    recording_free(search.recording);
    return NULL;
}
