/* Hellos as bytes, and as text for people. */
#include "matrix/raw/hellos.h"

#include "harness/wire/handshake.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <string.h>

static uint32_t read_field(const uint8_t *at, uint8_t width)
{
    uint32_t value = 0;
    for (int i = 0; i < width; i++)
        value = value << 8 | at[i];
    return value;
}

/* Adds to a length field; what does not fit it was refused with the file (hello_send_check), unless
 * what the case puts in makes it so. */
static void change_field(uint8_t *at, uint8_t width, int by)
{
    uint32_t value = read_field(at, width) + (uint32_t)by;
    for (int i = width - 1; i >= 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
}

static bool is_of_record(const struct hello_change *change)
{
    return strcmp(change->field, "record") == 0;
}

static const struct raw_length *find_length(const struct raw_lengths *lengths, const char *name)
{
    for (size_t i = 0; i < lengths->num; i++)
        if (strcmp(lengths->of[i].name, name) == 0)
            return &lengths->of[i];
    return NULL;
}

static void change_lengths(struct writer *message, const struct raw_lengths *lengths,
                           const struct hello_send *send)
{
    for (size_t i = 0; i < send->num_changes && !message->failed; i++) {
        const struct raw_length *length = find_length(lengths, send->changes[i].field);
        if (length != NULL)
            change_field(message->data + length->at, length->width, send->changes[i].by);
    }
}

enum { RECORD_LENGTH_AT = 3 };

static void change_record(struct writer *out, size_t at, const struct hello_send *send)
{
    for (size_t i = 0; i < send->num_changes && out->len >= at + RECORD_HEADER_LEN; i++)
        if (is_of_record(&send->changes[i]))
            change_field(out->data + at + RECORD_LENGTH_AT, 2, send->changes[i].by);
}

/* Every change of one field together, so that two of them do not hide each other. */
static int check_change(const struct hello_send *send, const char *field, uint32_t value,
                        uint8_t width, struct error *err)
{
    int64_t changed = value;
    for (size_t i = 0; i < send->num_changes; i++)
        changed += strcmp(send->changes[i].field, field) == 0 ? send->changes[i].by : 0;
    if (changed >= 0 && changed < (int64_t)1 << 8 * width)
        return 0;
    return error_set(err, ERROR_USAGE,
                     "the length of %.60s would be %lld, which does not fit its %u bytes", field,
                     (long long)changed, width);
}

/* The changes of a message's own length fields. */
static int check_fields(const struct hello_send *send, const struct writer *message,
                        const struct raw_lengths *lengths, struct error *err)
{
    for (size_t i = 0; i < send->num_changes; i++) {
        const char *field = send->changes[i].field;
        const struct raw_length *length = find_length(lengths, field);
        if (is_of_record(&send->changes[i]))
            continue;
        if (length == NULL)
            return error_set(err, ERROR_USAGE, "the hello has no length field '%.60s'%s", field,
                             lengths->too_many ? " among the first that can be named" : "");
        if (check_change(send, field, read_field(message->data + length->at, length->width),
                         length->width, err) < 0)
            return -1;
    }
    return 0;
}

int hello_send_check(const struct hello_send *send, struct error *err)
{
    static const uint8_t session[32]; /* what a client of TLS 1.3 has */
    const struct raw_bytes client_session = { session, sizeof session };
    struct raw_lengths lengths = { 0 };
    struct writer message;
    writer_init(&message, RAW_BYTES_MAX);
    if (send->message.present)
        raw_message_write(&message, &lengths, &send->message, &client_session);
    size_t whole = message.len + send->inside.len;
    uint32_t first = whole < send->fragment ? (uint32_t)whole : send->fragment;
    int ret = message.failed ? error_set(err, ERROR_USAGE, "more than %d bytes, or out of memory",
                                         RAW_BYTES_MAX)
              : check_fields(send, &message, &lengths, err) < 0
                  ? -1
                  : check_change(send, "record", first, 2, err);
    writer_fini(&message);
    return ret;
}

static void write_records(struct writer *out, const struct writer *bytes,
                          const struct hello_send *send)
{
    for (size_t at = 0; at < bytes->len;) {
        size_t len = bytes->len - at < send->fragment ? bytes->len - at : send->fragment;
        record_write(out, send->record_type, send->record_version, bytes->data + at, len);
        at += len;
    }
}

/* A server's messages behind its hello, each in a record of its own. */
static void write_more(struct writer *out, const struct hello_send *send,
                       const struct hello_setting *setting)
{
    struct writer message;
    writer_init(&message, RAW_BYTES_MAX);
    if (send->with_certificate) {
        size_t mark = (writer_u8(&message, HANDSHAKE_CERTIFICATE), writer_open(&message, 3));
        size_t list = writer_open(&message, 3);
        writer_bytes(&message, setting->chain.data, setting->chain.len);
        writer_close(&message, list, 3);
        writer_close(&message, mark, 3);
        write_records(out, &message, send);
        writer_clear(&message);
    }
    if (send->with_hello_done) {
        handshake_write(&message, HANDSHAKE_SERVER_HELLO_DONE, NULL, 0);
        write_records(out, &message, send);
    }
    out->failed = out->failed || message.failed;
    writer_fini(&message);
}

void hello_send_write(struct writer *out, const struct hello_send *send,
                      const struct hello_setting *setting)
{
    struct raw_lengths lengths;
    struct writer bytes;
    writer_init(&bytes, RAW_BYTES_MAX);
    if (send->message.present) {
        raw_message_write(&bytes, &lengths, &send->message, &setting->client_session);
        change_lengths(&bytes, &lengths, send);
    }
    writer_bytes(&bytes, send->inside.data, send->inside.len);
    size_t start = out->len;
    writer_bytes(out, send->before.data, send->before.len);
    if (send->echo_len > 0 && send->echo_len == setting->client_session.len && !out->failed)
        memcpy(out->data + start + send->echo_at, setting->client_session.data, send->echo_len);
    size_t first = out->len;
    write_records(out, &bytes, send);
    if (bytes.len > 0)
        change_record(out, first, send);
    write_more(out, send, setting);
    writer_bytes(out, send->after.data, send->after.len);
    out->len -= send->cut < out->len ? send->cut : out->len;
    out->failed = out->failed || bytes.failed;
    writer_fini(&bytes);
}

/* ---- for people ---- */

enum { LINE_BYTES = 32, SHOWN_BYTES = 64, SHOWN_ITEMS = 40 };

static void print_hex(FILE *out, const uint8_t *data, size_t len, size_t shown)
{
    for (size_t i = 0; i < len && i < shown; i++)
        fprintf(out, "%02x", data[i]);
    if (len > shown)
        fprintf(out, "… (%zu bytes)", len);
}

enum kind { KIND_OTHER, KIND_VERSIONS, KIND_SUITES, KIND_GROUPS, KIND_SCHEMES };

static const char *word_of(enum kind kind, uint16_t value)
{
    const struct suite *suite = kind == KIND_SUITES ? suite_by_id(value) : NULL;
    const struct group *group = kind == KIND_GROUPS ? group_by_id(value) : NULL;
    const struct signature_scheme *scheme =
        kind == KIND_SCHEMES ? signature_scheme_by_id(value) : NULL;
    if (is_grease(value))
        return "GREASE";
    if (kind == KIND_SUITES && value == SCSV_FALLBACK)
        return "TLS_FALLBACK_SCSV";
    if (kind == KIND_SUITES && value == SCSV_EMPTY_RENEGOTIATION_INFO)
        return "TLS_EMPTY_RENEGOTIATION_INFO_SCSV";
    return suite != NULL           ? suite->name
           : group != NULL         ? group->name
           : scheme != NULL        ? scheme->name
           : kind == KIND_VERSIONS ? version_name(value)
                                   : NULL;
}

static void print_item(FILE *out, enum kind kind, const struct raw_item *item)
{
    uint16_t value = (uint16_t)(item->head[0] << 8 | item->head[1]);
    const char *word = item->head_len == 2 ? word_of(kind, value) : NULL;
    if (word != NULL)
        fprintf(out, "%s", word);
    else if (item->head_len > 0)
        fprintf(out, "0x%0*x", item->head_len * 2, item->head_len == 2 ? value : item->head[0]);
    if (item->head_len > 0 && item->data.len > 0)
        fputc(':', out);
    print_hex(out, item->data.data, item->data.len, SHOWN_BYTES);
}

static void print_list(FILE *out, const char *name, enum kind kind, const struct raw_list *list)
{
    fprintf(out, "    %-22s ", name);
    for (size_t i = 0; i < list->num_items && i < SHOWN_ITEMS; i++) {
        fputs(i == 0 ? "" : ", ", out);
        print_item(out, kind, &list->items[i]);
    }
    if (list->num_items > SHOWN_ITEMS)
        fprintf(out, ", … (%zu)", list->num_items);
    if (list->tail.len > 0) {
        fputs(" + trailing ", out);
        print_hex(out, list->tail.data, list->tail.len, SHOWN_BYTES);
    }
    fputc('\n', out);
}

static enum kind kind_of(uint16_t type)
{
    return type == EXTENSION_SUPPORTED_VERSIONS                                ? KIND_VERSIONS
           : type == EXTENSION_SUPPORTED_GROUPS || type == EXTENSION_KEY_SHARE ? KIND_GROUPS
           : type == EXTENSION_SIGNATURE_ALGORITHMS                            ? KIND_SCHEMES
                                                                               : KIND_OTHER;
}

static void print_message(FILE *out, const struct raw_message *m)
{
    fprintf(out, "    %-22s 0x%04x\n    %-22s ", "legacy_version", m->legacy_version, "random");
    print_hex(out, m->random.data, m->random.len, SHOWN_BYTES);
    fputc('\n', out);
    if (m->echo_session_id)
        fprintf(out, "    %-22s as the client's\n", "session_id");
    else
        print_list(out, "session_id", KIND_OTHER, &m->session_id);
    print_list(out, "cipher_suites", KIND_SUITES, &m->suites);
    print_list(out, "compression_methods", KIND_OTHER, &m->compressions);
    if (!m->has_extensions)
        fprintf(out, "    no extensions\n");
    for (size_t i = 0; i < m->num_extensions; i++) {
        char name[NAME_MAX_LEN];
        raw_extension_name(name, m->extensions[i].type);
        print_list(out, is_grease(m->extensions[i].type) ? "GREASE" : name,
                   kind_of(m->extensions[i].type), &m->extensions[i].body);
    }
    if (m->tail.len > 0) {
        fprintf(out, "    %-22s ", "trailing bytes");
        print_hex(out, m->tail.data, m->tail.len, SHOWN_BYTES);
        fputc('\n', out);
    }
}

static void print_send(FILE *out, const struct hello_send *send)
{
    static const struct hello_setting nothing = { 0 };
    struct writer bytes;
    if (send->message.present) {
        fprintf(out, "  %s\n",
                send->message.type == HANDSHAKE_CLIENT_HELLO ? "client_hello" : "server_hello");
        print_message(out, &send->message);
    }
    for (size_t i = 0; i < send->num_changes; i++)
        fprintf(out, "    length of %s: %+d\n", send->changes[i].field, send->changes[i].by);
    if (send->with_certificate)
        fputs("  certificate: the case's chain\n", out);
    if (send->with_hello_done)
        fputs("  server_hello_done\n", out);
    writer_init(&bytes, RAW_BYTES_MAX);
    hello_send_write(&bytes, send, &nothing);
    fprintf(out, "  %zu bytes%s\n", bytes.len,
            send->with_certificate || send->message.echo_session_id ? ", and what the case adds"
                                                                    : "");
    for (size_t at = 0; at < bytes.len; at += LINE_BYTES) {
        fputs("    ", out);
        print_hex(out, bytes.data + at,
                  bytes.len - at < LINE_BYTES ? bytes.len - at : (size_t)LINE_BYTES, LINE_BYTES);
        fputc('\n', out);
    }
    writer_fini(&bytes);
}

void hello_describe(FILE *out, const struct raw_hello *hello)
{
    char expected[TEXT_LEN];
    hello_expected_text(expected, hello);
    fprintf(out, "hello %s%s%s%s, to a %s of %s", hello->name, hello->ids[0] != '\0' ? " (" : "",
            hello->ids, hello->ids[0] != '\0' ? ")" : "",
            hello->to == ROLE_CLIENT ? "client" : "server", version_name(hello->min_version));
    if (hello->max_version != hello->min_version)
        fprintf(out, " to %s", version_name(hello->max_version));
    fprintf(out, "\n  %s\n  must be answered by: %s\n  %s\n  %s:%d\n", hello->text, expected,
            hello->references, hello->file, hello->line);
    for (size_t i = 0; i < hello->num_sends; i++) {
        if (i > 0)
            fputs("  then, after the answer\n", out);
        print_send(out, &hello->sends[i]);
    }
}
