/* Hello files: rows into struct raw_hello, families into their members. matrix/hellos/README.md
 * says what may stand in them. */
#include "matrix/raw/parts.h"

#include "harness/nearest.h"
#include "harness/wire/record.h"
#include "harness/wire/registry.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct arena arena;
    struct raw_hello *rows[HELLOS_MAX];
    size_t num;
} all;

size_t num_hellos(void)
{
    return all.num;
}

const struct raw_hello *hello_at(size_t index)
{
    return index < all.num ? all.rows[index] : NULL;
}

int hello_by_name(const char *name)
{
    for (size_t i = 0; i < all.num; i++)
        if (strcmp(all.rows[i]->name, name) == 0)
            return (int)i;
    return -1;
}

/* What the rows keep of a file outlives its reading: they point to its strings. */
enum { HELLO_FILES_MAX = 256 };
static struct yaml_file *files[HELLO_FILES_MAX];
static size_t num_files;

void hellos_clear(void)
{
    arena_fini(&all.arena);
    all.num = 0;
    while (num_files > 0)
        yaml_file_free(files[--num_files]);
}

/* ---- one row ---- */

static const struct yaml_key row_keys[] = {
    { "name", YAML_SCALAR, .required = true },
    { "text", YAML_SCALAR, .required = true },
    { "id", YAML_SCALAR },
    { "for-each", YAML_LIST, .any_kind = true },
    { "except", YAML_LIST },
    { "base", YAML_SCALAR },
    { "twin", YAML_SCALAR },
    { "to", YAML_SCALAR },
    { "stack", YAML_SCALAR },
    { "client_hello", YAML_MAP },
    { "server_hello", YAML_MAP },
    { "edits", YAML_LIST },
    { "messages", YAML_LIST },
    { "record", YAML_MAP },
    { "before", YAML_SCALAR, .any_kind = true },
    { "inside", YAML_SCALAR, .any_kind = true },
    { "after", YAML_SCALAR, .any_kind = true },
    { "bytes", YAML_SCALAR, .any_kind = true },
    { "cut", YAML_SCALAR },
    { "fin", YAML_SCALAR },
    { "then", YAML_LIST },
    { "expect", YAML_MAP },
    { "references", YAML_SCALAR },
};
enum { NUM_ROW_KEYS = sizeof row_keys / sizeof row_keys[0] };

static int get_text(const char **out, struct reading *r, const struct yaml_item *row,
                    const char *key)
{
    const struct yaml_item *item = yaml_get(row, key);
    if (item == NULL)
        return 0;
    *out = read_text(r, item);
    return *out == NULL ? -1 : 0;
}

/* Reads what is under a key of a row that names another hello. */
static int get_hello(const struct raw_hello **out, struct reading *r, const struct yaml_item *item)
{
    struct nearest nearest;
    const char *name = read_text(r, item);
    if (name == NULL)
        return -1;
    int index = hello_by_name(name);
    if (index >= 0) {
        *out = all.rows[index];
        return 0;
    }
    nearest_init(&nearest, name);
    for (size_t i = 0; i < all.num; i++)
        nearest_offer(&nearest, all.rows[i]->name);
    return yaml_error(item, r->err, "no hello '%.60s' before this one%s", name,
                      nearest_hint(&nearest));
}

static bool is_name(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");
    return len > 0 && len < NAME_MAX_LEN && name[len] == '\0';
}

static bool has_capitals(const char *text)
{
    return text[strcspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] != '\0';
}

#define NO_NAME "'%.80s' is no name: a-z, 0-9, '.', '_' and '-' only"

static int read_name(struct raw_hello *out, struct reading *r, const struct yaml_item *row)
{
    const struct yaml_item *item = yaml_get(row, "name");
    if (get_text(&out->name, r, row, "name") < 0)
        return -1;
    if (has_capitals(item->text))
        return yaml_error(item, r->err, NO_NAME, item->text);
    /* The words of a family may be names of suites. */
    char *name = arena_take(r->arena, strlen(out->name) + 1);
    if (name == NULL)
        return out_of_memory(r);
    for (size_t i = 0; out->name[i] != '\0'; i++)
        name[i] = (char)tolower((unsigned char)out->name[i]);
    out->name = name;
    if (!is_name(out->name))
        return yaml_error(item, r->err, NO_NAME, out->name);
    if (hello_by_name(out->name) >= 0)
        return yaml_error(item, r->err, "there is a hello '%s' already", out->name);
    return 0;
}

static int read_role(struct raw_hello *out, struct reading *r, const struct yaml_item *row)
{
    const char *text = NULL;
    if (get_text(&text, r, row, "to") < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (strcmp(text, "client") != 0 && strcmp(text, "server") != 0)
        return yaml_error(yaml_get(row, "to"), r->err, "'%.40s' is neither client nor server",
                          text);
    out->to = text[0] == 'c' ? ROLE_CLIENT : ROLE_SERVER;
    return 0;
}

/* "tls1.2" or "tls1.2-1.3". */
static int read_range(struct raw_hello *out, struct reading *r, const struct yaml_item *row)
{
    char first[NAME_MAX_LEN], last[NAME_MAX_LEN];
    const char *text = NULL;
    if (get_text(&text, r, row, "stack") < 0)
        return -1;
    if (text == NULL)
        return 0;
    size_t len = strcspn(text, "-");
    snprintf(first, sizeof first, "%.*s", (int)(len < NAME_MAX_LEN ? len : 0), text);
    snprintf(last, sizeof last, "%s%.40s", text[len] == '-' ? "tls" : "",
             text[len] == '-' ? text + len + 1 : first);
    out->min_version = version_by_name(first);
    out->max_version = version_by_name(last);
    if (out->min_version == 0 || out->max_version < out->min_version)
        return yaml_error(yaml_get(row, "stack"), r->err,
                          "'%.40s' is no version or range such as tls1.2-1.3", text);
    return 0;
}

static int read_messages(struct hello_send *send, struct reading *r, const struct yaml_item *row)
{
    const struct yaml_item *client = yaml_get(row, "client_hello");
    const struct yaml_item *server = yaml_get(row, "server_hello");
    const struct yaml_item *more = yaml_get(row, "messages");
    send->message.type = client != NULL   ? HANDSHAKE_CLIENT_HELLO
                         : server != NULL ? HANDSHAKE_SERVER_HELLO
                                          : send->message.type;
    if ((client != NULL && read_message(&send->message, r, client) < 0) ||
        (server != NULL && read_message(&send->message, r, server) < 0))
        return -1;
    if (more != NULL)
        send->with_certificate = send->with_hello_done = false;
    for (const struct yaml_item *i = more == NULL ? NULL : more->first; i != NULL; i = i->next) {
        const char *text = read_text(r, i);
        if (text == NULL)
            return -1;
        if (strcmp(text, "certificate") == 0)
            send->with_certificate = true;
        else if (strcmp(text, "server_hello_done") == 0)
            send->with_hello_done = true;
        else
            return yaml_error(i, r->err, "'%.40s' is neither certificate nor server_hello_done",
                              text);
    }
    return 0;
}

static int read_record(struct hello_send *send, struct reading *r, const struct yaml_item *map)
{
    static const struct yaml_key keys[] = {
        { "type", YAML_SCALAR },
        { "version", YAML_SCALAR },
        { "fragment", YAML_SCALAR },
    };
    uint32_t type = send->record_type;
    if (map == NULL)
        return 0;
    if (yaml_check_map(map, keys, 3, r->err) < 0)
        return -1;
    const struct yaml_item *t = yaml_get(map, "type"), *v = yaml_get(map, "version"),
                           *f = yaml_get(map, "fragment");
    if ((t != NULL && read_number(&type, r, t, 0xFF) < 0) ||
        (v != NULL && read_word(&send->record_version, r, v, WORDS_VERSION) < 0) ||
        (f != NULL && read_number(&send->fragment, r, f, 0xFFFF) < 0))
        return -1;
    if (send->fragment == 0)
        return yaml_error(f, r->err, "fragments of no bytes would never end");
    send->record_type = (uint8_t)type;
    return 0;
}

static int get_hex(struct raw_bytes *out, struct reading *r, const struct yaml_item *row,
                   const char *key)
{
    const struct yaml_item *item = yaml_get(row, key);
    return item == NULL ? 0 : read_hex(out, r, item);
}

/* What goes out in one piece, on top of what the base sends. */
static int read_send(struct hello_send *send, struct reading *r, const struct yaml_item *row)
{
    const struct yaml_item *edits = yaml_get(row, "edits"), *cut = yaml_get(row, "cut");
    if (yaml_get(row, "bytes") != NULL)
        *send = (struct hello_send){ .fragment = 1 << 14 }; /* nothing but these */
    if (read_messages(send, r, row) < 0 || read_record(send, r, yaml_get(row, "record")) < 0 ||
        get_hex(&send->before, r, row, "bytes") < 0 ||
        get_hex(&send->before, r, row, "before") < 0 ||
        get_hex(&send->inside, r, row, "inside") < 0 ||
        get_hex(&send->after, r, row, "after") < 0 ||
        (cut != NULL && read_number(&send->cut, r, cut, RAW_BYTES_MAX) < 0))
        return -1;
    for (const struct yaml_item *i = edits == NULL ? NULL : edits->first; i != NULL; i = i->next)
        if (edit_send(send, r, i) < 0)
            return -1;
    return 0;
}

/* What follows once the answer is there: "same" again, another hello's first send, or bytes. */
static int read_then(struct raw_hello *out, struct reading *r, const struct yaml_item *item)
{
    static const struct yaml_key keys[] = { { "bytes", YAML_SCALAR, true, true } };
    const struct raw_hello *other;
    if (out->num_sends == HELLO_SENDS_MAX)
        return yaml_error(item, r->err, "more than %d sends", HELLO_SENDS_MAX);
    struct hello_send *send = &out->sends[out->num_sends++];
    if (item->kind == YAML_MAP) {
        *send = (struct hello_send){ .fragment = 1 << 14 };
        return yaml_check_map(item, keys, 1, r->err) < 0 ? -1
                                                         : get_hex(&send->before, r, item, "bytes");
    }
    const char *text = read_text(r, item);
    if (text != NULL && strcmp(text, "same") == 0) {
        *send = out->sends[0];
        return 0;
    }
    if (text == NULL || get_hello(&other, r, item) < 0)
        return -1;
    *send = other->sends[0];
    return 0;
}

static int read_fin(struct raw_hello *out, struct reading *r, const struct yaml_item *row)
{
    const char *text = NULL;
    if (get_text(&text, r, row, "fin") < 0)
        return -1;
    if (text == NULL)
        return 0;
    if (strcmp(text, "at-once") != 0 && strcmp(text, "after-answer") != 0)
        return yaml_error(yaml_get(row, "fin"), r->err,
                          "'%.40s' is neither at-once nor after-answer", text);
    out->fin_at_once = strcmp(text, "at-once") == 0;
    return 0;
}

static int read_twin(struct raw_hello *out, struct reading *r, const struct yaml_item *row)
{
    const struct raw_hello *twin;
    const struct yaml_item *item = yaml_get(row, "twin");
    if (item == NULL)
        return 0;
    if (get_hello(&twin, r, item) < 0)
        return -1;
    out->twin = (uint16_t)hello_by_name(twin->name);
    return 0;
}

/* Do both say the same? What a case puts in is taken to be something. */
static bool is_same_send(const struct hello_send *a, const struct hello_send *b)
{
    static const uint8_t bytes[32] = { 1 };
    static const struct hello_setting setting = { { bytes, sizeof bytes },
                                                  { bytes, sizeof bytes } };
    struct writer out[2];
    writer_init(&out[0], RAW_BYTES_MAX * 2);
    writer_init(&out[1], RAW_BYTES_MAX * 2);
    hello_send_write(&out[0], a, &setting);
    hello_send_write(&out[1], b, &setting);
    bool same = out[0].len == out[1].len &&
                (out[0].len == 0 || memcmp(out[0].data, out[1].data, out[0].len) == 0);
    writer_fini(&out[0]);
    writer_fini(&out[1]);
    return same;
}

static bool is_same_hello(const struct raw_hello *a, const struct raw_hello *b)
{
    bool same = a->num_sends == b->num_sends && a->fin_at_once == b->fin_at_once &&
                a->min_version == b->min_version && a->max_version == b->max_version;
    for (size_t i = 0; same && i < a->num_sends; i++)
        same = is_same_send(&a->sends[i], &b->sends[i]);
    return same;
}

static int check_sends(const struct raw_hello *hello, struct reading *r,
                       const struct yaml_item *row)
{
    for (size_t i = 0; i < hello->num_sends; i++)
        if (hello_send_check(&hello->sends[i], r->err) < 0)
            return error_prefix(r->err, "%s:%d", row->file, row->line);
    return 0;
}

/* A hello that must be refused proves something only beside one that must not; and one that says
 * what its twin says can have no other answer. */
static int check_row(const struct raw_hello *hello, struct reading *r, const struct yaml_item *row)
{
    const struct raw_hello *twin = hello->twin == all.num ? hello : all.rows[hello->twin];
    if (hello->min_version == 0 || hello->num_sends == 0 || hello->expect.answers == 0 ||
        hello->references == NULL)
        return yaml_error(row, r->err, "hello '%s' lacks a base, or else %s", hello->name,
                          hello->min_version == 0      ? "'stack'"
                          : hello->references == NULL  ? "'references'"
                          : hello->expect.answers == 0 ? "'expect'"
                                                       : "something to send");
    if (hello_is_faulty(hello) &&
        (hello_is_faulty(twin) || twin->to != hello->to ||
         twin->min_version != hello->min_version || twin->max_version != hello->max_version))
        return yaml_error(row, r->err,
                          "hello '%s' must be refused, and its twin '%s' is none: that must be "
                          "accepted by the same end in the same versions",
                          hello->name, twin->name);
    if (check_sends(hello, r, row) < 0)
        return -1;
    if (twin != hello && is_same_hello(hello, twin))
        return yaml_error(row, r->err, "hello '%s' says byte for byte what its twin '%s' says",
                          hello->name, twin->name);
    return 0;
}

/* The row with "{}" standing for r->word. */
static int read_row(struct reading *r, const struct yaml_item *row)
{
    const struct raw_hello *base = NULL;
    const struct yaml_item *then = yaml_get(row, "then"), *named = yaml_get(row, "base");
    struct raw_hello *out = arena_take(r->arena, sizeof *out);
    if (out == NULL || all.num == HELLOS_MAX)
        return out == NULL ? out_of_memory(r)
                           : yaml_error(row, r->err, "more than %d hellos", HELLOS_MAX);
    if (named != NULL && get_hello(&base, r, named) < 0)
        return -1;
    *out = base != NULL ? *base : (struct raw_hello){ .to = ROLE_SERVER };
    if (base != NULL && !hello_is_faulty(base))
        out->twin = (uint16_t)hello_by_name(base->name);
    if (base == NULL) {
        out->twin = (uint16_t)all.num;
        out->sends[0].fragment = 1 << 14;
        out->sends[0].record_type = CONTENT_HANDSHAKE;
        out->sends[0].record_version = TLS10;
    }
    out->num_sends = 1;
    out->ids = "";
    out->file = row->file;
    out->line = row->line;
    if (read_name(out, r, row) < 0 || get_text(&out->text, r, row, "text") < 0 ||
        get_text(&out->ids, r, row, "id") < 0 ||
        get_text(&out->references, r, row, "references") < 0 || read_role(out, r, row) < 0 ||
        read_range(out, r, row) < 0 || read_twin(out, r, row) < 0 || read_fin(out, r, row) < 0 ||
        read_send(&out->sends[0], r, row) < 0 ||
        read_expectation(&out->expect, r, yaml_get(row, "expect")) < 0)
        return -1;
    for (const struct yaml_item *i = then == NULL ? NULL : then->first; i != NULL; i = i->next)
        if (read_then(out, r, i) < 0)
            return -1;
    if (check_row(out, r, row) < 0)
        return -1;
    all.rows[all.num++] = out;
    return 0;
}

/* ---- families ---- */

/* Is the word one that the family leaves out? */
static bool is_excepted(const struct yaml_item *row, const char *word)
{
    const struct yaml_item *list = yaml_get(row, "except");
    for (const struct yaml_item *i = list == NULL ? NULL : list->first; i != NULL; i = i->next)
        if (i->text != NULL && strcmp(i->text, word) == 0)
            return true;
    return false;
}

/* A member of the family; words live as long as the rows. */
static int read_member(struct reading *r, const struct yaml_item *row, const char *word)
{
    char *copy = arena_take(r->arena, strlen(word) + 1);
    if (copy == NULL)
        return out_of_memory(r);
    strcpy(copy, word);
    r->word = copy;
    return is_excepted(row, word) ? 0 : read_row(r, row);
}

/* The length fields of the base, those of what extensions hold (`inner`) or all others but the
 * message's own: a peer waits for what that one announces. */
static int each_length(struct reading *r, const struct yaml_item *row, const struct raw_hello *base,
                       bool inner)
{
    struct raw_lengths lengths;
    struct writer out;
    writer_init(&out, RAW_BYTES_MAX);
    raw_message_write(&out, &lengths, &base->sends[0].message, NULL);
    writer_fini(&out);
    if (lengths.too_many)
        return yaml_error(row, r->err, "'%s' has more than %d length fields", base->name,
                          RAW_LENGTHS_MAX);
    for (size_t i = 1; i < lengths.num; i++)
        if ((strchr(lengths.of[i].name, '.') != NULL) == inner &&
            read_member(r, row, lengths.of[i].name) < 0)
            return -1;
    return 0;
}

static int each_extension(struct reading *r, const struct yaml_item *row,
                          const struct raw_hello *base)
{
    for (size_t i = 0; i < base->sends[0].message.num_extensions; i++) {
        char name[NAME_MAX_LEN];
        raw_extension_name(name, base->sends[0].message.extensions[i].type);
        if (read_member(r, row, name) < 0)
            return -1;
    }
    return 0;
}

/* What for-each says, where it is no list. */
static int read_generated(struct reading *r, const struct yaml_item *row,
                          const struct yaml_item *each)
{
    const struct raw_hello *base;
    const struct yaml_item *named = yaml_get(row, "base");
    if (named != NULL && each->kind == YAML_SCALAR) {
        if (get_hello(&base, r, named) < 0)
            return -1;
        if (strcmp(each->text, "length-field") == 0)
            return each_length(r, row, base, false);
        if (strcmp(each->text, "inner-length-field") == 0)
            return each_length(r, row, base, true);
        if (strcmp(each->text, "extension") == 0)
            return each_extension(r, row, base);
    }
    return yaml_error(each, r->err,
                      "for-each is a list of words, or with a base 'length-field', "
                      "'inner-length-field' or 'extension'");
}

static int read_family(struct reading *r, const struct yaml_item *row, const struct yaml_item *each)
{
    if (each->kind != YAML_LIST)
        return read_generated(r, row, each);
    for (const struct yaml_item *i = each->first; i != NULL; i = i->next) {
        const char *word;
        if (yaml_string(&word, i, r->err) < 0 || read_member(r, row, word) < 0)
            return -1;
    }
    return 0;
}

static int read_root(struct reading *r, const struct yaml_item *root)
{
    static const struct yaml_key keys[] = {
        { "title", YAML_SCALAR, .required = true },
        { "hellos", YAML_LIST, .required = true },
    };
    if (yaml_check_map(root, keys, 2, r->err) < 0)
        return -1;
    for (const struct yaml_item *row = yaml_get(root, "hellos")->first; row != NULL;
         row = row->next) {
        if (yaml_check_map(row, row_keys, NUM_ROW_KEYS, r->err) < 0)
            return -1;
        const struct yaml_item *each = yaml_get(row, "for-each");
        r->word = NULL;
        if (each == NULL ? read_row(r, row) < 0 : read_family(r, row, each) < 0)
            return -1;
    }
    return 0;
}

/* ---- files ---- */

static int keep(struct yaml_file *file, const char *path, struct error *err)
{
    if (num_files == HELLO_FILES_MAX) {
        yaml_file_free(file);
        return error_set(err, ERROR_USAGE, "%s: more than %d files of hellos", path,
                         HELLO_FILES_MAX);
    }
    struct reading r = { .arena = &all.arena, .err = err };
    files[num_files++] = file;
    return read_root(&r, yaml_file_root(file));
}

int hellos_parse(const char *name, const char *text, struct error *err)
{
    struct yaml_file *file;
    return yaml_file_parse(&file, name, text, strlen(text), err) < 0 ? -1 : keep(file, name, err);
}

static int is_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot != NULL && strcmp(dot, ".yaml") == 0;
}

int hellos_load(const char *directory, struct error *err)
{
    struct dirent **entries = NULL;
    int num = scandir(directory, &entries, is_yaml, alphasort);
    if (num < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", directory, strerror(errno));
    int ret = num > 0 ? 0 : error_set(err, ERROR_USAGE, "%s: no *.yaml there", directory);
    for (int i = 0; i < num; i++) {
        char path[PATH_LEN * 2];
        struct yaml_file *file;
        snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name);
        if (ret == 0)
            ret = yaml_file_load(&file, path, err) < 0 ? -1 : keep(file, path, err);
        free(entries[i]);
    }
    free(entries);
    return ret;
}
