#include "matrix/flights.h"

#include "captures/flow.h"
#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    SPOKEN_MAX = 64 * 1024,     /* of one end: beyond every handshake of the matrix */
    SHAPE_TEXT_MAX = 64 * 1024, /* each record has some characters, a hello some thousand */
    TURNS_TEXT_MAX = 4096,      /* flights beyond that are one */
};

int flights_open(const char *directory, struct error *err)
{
    if (mkdir(directory, 0755) != 0 && errno != EEXIST)
        return error_errno(err, "%s", directory);
    return 0;
}

/* ---- who said what, in which order ---- */

struct spoken {
    struct writer by[2]; /* enum role */
    struct writer turns; /* text */
    enum role speaker;   /* of the present flight */
    size_t flight_len;   /* so far */
    bool gap;            /* bytes are missing */
};

static void add_text(struct writer *out, const char *format, unsigned value)
{
    char text[32];
    int len = snprintf(text, sizeof text, format, value);
    writer_bytes(out, text, (size_t)len);
}

static void end_flight(struct spoken *spoken)
{
    if (spoken->flight_len > 0)
        add_text(&spoken->turns, spoken->speaker == ROLE_CLIENT ? " c%u" : " s%u",
                 (unsigned)spoken->flight_len);
    spoken->flight_len = 0;
}

static void on_data(void *context, struct connection *connection, enum role from,
                    const uint8_t *data, size_t len, struct place place)
{
    struct spoken *spoken = context;
    (void)connection;
    (void)place;
    if (from != spoken->speaker)
        end_flight(spoken);
    spoken->speaker = from;
    spoken->flight_len += len;
    writer_bytes(&spoken->by[from], data, len);
}

static void on_gap(void *context, struct connection *connection, enum role from, uint64_t len,
                   struct place place)
{
    (void)connection;
    (void)from;
    (void)len;
    (void)place;
    ((struct spoken *)context)->gap = true;
}

static int listen_to(struct spoken *out, const struct split_connection *leg, struct error *err)
{
    static const struct flow_sink sink = { .data = on_data, .gap = on_gap };
    struct flow_table *table = flow_table_new(&sink, out);
    int ret = table == NULL ? error_set(err, ERROR_HARNESS, "out of memory") : 0;
    for (size_t i = 0; i < leg->num_packets && ret == 0; i++) {
        const struct split_packet *p = &leg->packets[i];
        const struct capture_packet packet = { .number = i + 1,
                                               .time_ns = p->time_ns,
                                               .link_type = leg->link_type,
                                               .data = leg->bytes + p->offset,
                                               .len = p->len,
                                               .original_len = p->original_len };
        struct segment segment;
        if (packet_read(&segment, &packet) == PACKET_TCP)
            ret = flow_table_add(table, &segment, (struct place){ i + 1, p->time_ns }, err);
    }
    if (ret == 0)
        flow_table_finish(table);
    end_flight(out);
    flow_table_free(table);
    return ret;
}

/* ---- what is the same in two conversations ---- */

/* Versions, suites and extensions in their order; no lengths, no randoms, no keys. */
static void shape_hello(struct writer *out, const struct handshake_message *message)
{
    struct hello hello;
    if (hello_read(&hello, message->type, message->body, message->len, NULL) < 0) {
        add_text(out, "?%u", message->type);
        return;
    }
    add_text(out, "hello%u:", hello.kind);
    add_text(out, "%04x:", hello.legacy_version);
    for (size_t i = 0; i < hello.num_suites; i++)
        add_text(out, is_grease(hello.suites[i]) ? "g" : "%04x,", hello.suites[i]);
    for (size_t i = 0; i < hello.num_extensions; i++)
        add_text(out, is_grease(hello.extensions[i].type) ? "g" : "+%x", hello.extensions[i].type);
    add_text(out, "=%04x", hello_chosen_version(&hello));
    hello_fini(&hello);
}

static void shape_messages(struct writer *out, struct assembler *assembler,
                           const struct record *record)
{
    struct handshake_message message;
    if (assembler_feed(assembler, record->fragment, record->fragment_len) < 0)
        return;
    while (assembler_next(assembler, &message) == 1)
        if (message.type == HANDSHAKE_CLIENT_HELLO || message.type == HANDSHAKE_SERVER_HELLO)
            shape_hello(out, &message);
        else
            add_text(out, "m%u", message.type);
}

/* Behind ChangeCipherSpec only a ClientHello that is whole is in clear: the second one (RFC 8446
 * appendix D.4). */
static bool is_clear(const struct record *record, bool changed)
{
    enum { LENGTH_AT = 1, LENGTH_END = 4 };
    size_t len = 0;
    if (!changed)
        return true;
    if (record->fragment_len < LENGTH_END || record->fragment[0] != HANDSHAKE_CLIENT_HELLO)
        return false;
    for (int i = LENGTH_AT; i < LENGTH_END; i++)
        len = len << 8 | record->fragment[i];
    return len == record->fragment_len - LENGTH_END;
}

static void shape_stream(struct writer *out, const struct writer *stream)
{
    struct splitter splitter;
    struct assembler assembler;
    struct record record;
    bool changed = false;
    splitter_init(&splitter);
    assembler_init(&assembler);
    splitter_feed(&splitter, stream->data, stream->len);
    while (splitter_next(&splitter, &record) == SPLIT_RECORD) {
        add_text(out, " r%u", record.type);
        if (record.type == CONTENT_HANDSHAKE && is_clear(&record, changed))
            shape_messages(out, &assembler, &record);
        else if (record.type == CONTENT_ALERT && record.fragment_len == 2)
            add_text(out, "a%u", record.fragment[1]);
        changed = changed || record.type == CONTENT_CHANGE_CIPHER_SPEC;
    }
    writer_u8(out, '\n');
    assembler_fini(&assembler);
    splitter_fini(&splitter);
}

static uint64_t shape_of(const struct spoken *spoken)
{
    struct writer text;
    uint64_t hash = 0;
    writer_init(&text, SHAPE_TEXT_MAX);
    for (int role = 0; role < 2; role++)
        shape_stream(&text, &spoken->by[role]);
    writer_u8(&text, '\0');
    if (!text.failed)
        hash = case_hash((const char *)text.data);
    writer_fini(&text);
    return hash;
}

/* ---- the folder ---- */

static int write_bytes(const char *path, const struct writer *bytes, struct error *err)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL)
        return error_errno(err, "%s", path);
    bool whole = fwrite(bytes->data, 1, bytes->len, file) == bytes->len;
    if (fclose(file) != 0 || !whole)
        return error_errno(err, "%s", path);
    return 0;
}

static int add_line(const char *directory, uint64_t shape, const char *id,
                    const struct spoken *spoken, struct error *err)
{
    char path[PATH_LEN];
    snprintf(path, sizeof path, "%s/flights.list", directory);
    FILE *file = fopen(path, "ae");
    if (file == NULL)
        return error_errno(err, "%s", path);
    fprintf(file, "%016" PRIx64 " %s%.*s\n", shape, id, (int)spoken->turns.len,
            (const char *)spoken->turns.data);
    return fclose(file) == 0 ? 0 : error_errno(err, "%s", path);
}

/* The client's file is the last that appears: what is there is whole. */
static int write_shape(const char *directory, uint64_t shape, const char *id,
                       const struct spoken *spoken, uint64_t *num_written, struct error *err)
{
    char client[PATH_LEN], server[PATH_LEN];
    snprintf(client, sizeof client, "%s/%016" PRIx64 ".client", directory, shape);
    snprintf(server, sizeof server, "%s/%016" PRIx64 ".server", directory, shape);
    if (access(client, F_OK) == 0)
        return 0;
    if (write_bytes(server, &spoken->by[ROLE_SERVER], err) < 0 ||
        add_line(directory, shape, id, spoken, err) < 0 ||
        write_bytes(client, &spoken->by[ROLE_CLIENT], err) < 0)
        return -1;
    ++*num_written;
    return 0;
}

int flights_keep(const char *directory, const struct case_capture *capture, const char *id,
                 uint64_t *num_written, struct error *err)
{
    struct spoken spoken = { .speaker = ROLE_CLIENT };
    if (capture->legs[0] == NULL || capture->legs[0]->lost)
        return 0;
    for (int role = 0; role < 2; role++)
        writer_init(&spoken.by[role], SPOKEN_MAX);
    writer_init(&spoken.turns, TURNS_TEXT_MAX);
    int ret = listen_to(&spoken, capture->legs[0], err);
    bool whole = !spoken.gap && !spoken.by[0].failed && !spoken.by[1].failed;
    if (ret == 0 && whole && spoken.by[0].len + spoken.by[1].len > 0)
        ret = write_shape(directory, shape_of(&spoken), id, &spoken, num_written, err);
    for (int role = 0; role < 2; role++)
        writer_fini(&spoken.by[role]);
    writer_fini(&spoken.turns);
    return ret;
}
