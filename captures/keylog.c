#include "captures/keylog.h"

#include "captures/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const label_names[NUM_SECRET_LABELS] = {
    [SECRET_MASTER] = "CLIENT_RANDOM",
    [SECRET_CLIENT_EARLY] = "CLIENT_EARLY_TRAFFIC_SECRET",
    [SECRET_CLIENT_HANDSHAKE] = "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    [SECRET_SERVER_HANDSHAKE] = "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    [SECRET_CLIENT_TRAFFIC] = "CLIENT_TRAFFIC_SECRET_0",
    [SECRET_SERVER_TRAFFIC] = "SERVER_TRAFFIC_SECRET_0",
    [SECRET_EXPORTER] = "EXPORTER_SECRET",
    [SECRET_EARLY_EXPORTER] = "EARLY_EXPORTER_SECRET",
};

struct entry {
    enum secret_label label;
    uint8_t random[KEYLOG_RANDOM_LEN];
    struct secret secret;
};

struct keylog {
    struct entry *entries;
    size_t num, room;
    uint32_t *slots;  /* open addressing: 1 + index of an entry; 0: free */
    size_t num_slots; /* a power of two, at least twice `num` */
};

const char *secret_label_name(enum secret_label label)
{
    return label_names[label];
}

struct keylog *keylog_new(void)
{
    return calloc(1, sizeof(struct keylog));
}

void keylog_free(struct keylog *keylog)
{
    if (keylog == NULL)
        return;
    free(keylog->entries);
    free(keylog->slots);
    free(keylog);
}

size_t keylog_count(const struct keylog *keylog)
{
    return keylog->num;
}

/* FNV-1a: whoever writes a key log gains nothing by making lookups slow. */
static size_t hash(enum secret_label label, const uint8_t random[KEYLOG_RANDOM_LEN])
{
    uint64_t value = 0xCBF29CE484222325u ^ label;
    for (size_t i = 0; i < KEYLOG_RANDOM_LEN; i++)
        value = (value ^ random[i]) * 0x100000001B3u;
    return (size_t)(value ^ value >> 32);
}

/* The slot of this secret, or the free one where it would be. */
static uint32_t *slot_of(const struct keylog *keylog, enum secret_label label,
                         const uint8_t random[KEYLOG_RANDOM_LEN])
{
    for (size_t at = hash(label, random);; at++) {
        uint32_t *slot = &keylog->slots[at & (keylog->num_slots - 1)];
        if (*slot == 0)
            return slot;
        const struct entry *entry = &keylog->entries[*slot - 1];
        if (entry->label == label && memcmp(entry->random, random, KEYLOG_RANDOM_LEN) == 0)
            return slot;
    }
}

const struct secret *keylog_find(const struct keylog *keylog, enum secret_label label,
                                 const uint8_t random[KEYLOG_RANDOM_LEN])
{
    if (keylog == NULL || keylog->num == 0)
        return NULL;
    uint32_t slot = *slot_of(keylog, label, random);
    return slot == 0 ? NULL : &keylog->entries[slot - 1].secret;
}

static int make_room(struct keylog *keylog, struct error *err)
{
    if (keylog->num < keylog->room)
        return 0;
    if (keylog->room == KEYLOG_ENTRIES_MAX)
        return error_set(err, ERROR_USAGE, "key log: more than %d secrets", KEYLOG_ENTRIES_MAX);
    size_t room = keylog->room == 0 ? 16 : 2 * keylog->room;
    struct entry *entries = realloc(keylog->entries, room * sizeof *entries);
    if (entries == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    keylog->entries = entries;
    uint32_t *slots = calloc(2 * room, sizeof *slots);
    if (slots == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    free(keylog->slots);
    keylog->slots = slots;
    keylog->num_slots = 2 * room;
    keylog->room = room;
    for (size_t i = 0; i < keylog->num; i++)
        *slot_of(keylog, entries[i].label, entries[i].random) = (uint32_t)i + 1;
    return 0;
}

static int add_entry(struct keylog *keylog, const struct entry *entry, struct error *err)
{
    if (make_room(keylog, err) < 0)
        return -1;
    uint32_t *slot = slot_of(keylog, entry->label, entry->random);
    if (*slot != 0)
        return 0;
    keylog->entries[keylog->num] = *entry;
    *slot = (uint32_t)++keylog->num;
    return 0;
}

/* ---- lines ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Hexadecimal up to a blank or the end of the line. Returns how many bytes; 0: malformed. */
static size_t read_hex(uint8_t *out, size_t max, const char **at, const char *end)
{
    size_t len = 0;
    const char *p = *at;
    while (p < end && *p == ' ')
        p++;
    while (p + 1 < end && digit(p[0]) >= 0 && digit(p[1]) >= 0) {
        if (len == max)
            return 0;
        out[len++] = (uint8_t)(digit(p[0]) << 4 | digit(p[1]));
        p += 2;
    }
    *at = p;
    return p == end || *p == ' ' ? len : 0;
}

static bool read_label(enum secret_label *out, const char **at, const char *end)
{
    for (int label = 0; label < NUM_SECRET_LABELS; label++) {
        size_t len = strlen(label_names[label]);
        if ((size_t)(end - *at) > len && memcmp(*at, label_names[label], len) == 0 &&
            (*at)[len] == ' ') {
            *out = (enum secret_label)label;
            *at += len;
            return true;
        }
    }
    return false;
}

static bool read_line(struct entry *out, const char *at, const char *end)
{
    while (end > at && (end[-1] == '\r' || end[-1] == ' '))
        end--;
    if (!read_label(&out->label, &at, end) ||
        read_hex(out->random, sizeof out->random, &at, end) != sizeof out->random)
        return false;
    out->secret.len = (uint8_t)read_hex(out->secret.bytes, sizeof out->secret.bytes, &at, end);
    return out->secret.len > 0 && at == end;
}

int64_t keylog_add(struct keylog *keylog, const char *text, size_t len, struct error *err)
{
    int64_t found = 0;
    const char *end = text + len;
    while (text < end) {
        struct entry entry;
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *line_end = newline == NULL ? end : newline;
        if (read_line(&entry, text, line_end)) {
            if (add_entry(keylog, &entry, err) < 0)
                return -1;
            found++;
        }
        text = newline == NULL ? end : newline + 1;
    }
    return found;
}

/* A line that is longer than the buffer comes in pieces, none of which is a secret. */
static int64_t add_stream(struct keylog *keylog, FILE *file, struct error *err)
{
    char line[KEYLOG_LINE_MAX];
    int64_t found = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        int64_t more = keylog_add(keylog, line, strlen(line), err);
        if (more < 0)
            return -1;
        found += more;
    }
    return found;
}

int keylog_read(struct keylog *keylog, const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    int64_t found = add_stream(keylog, file, err);
    bool failed = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    if (found < 0)
        return error_prefix(err, "%s", path);
    if (failed)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(reason));
    if (found == 0)
        return error_set(err, ERROR_USAGE, "%s: no line of it is a secret of TLS", path);
    return 0;
}
