/* From a hello as data to its bytes, with the place of every length field. */
#include "matrix/raw/message.h"

#include "harness/wire/registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    _Alignas(max_align_t) uint8_t bytes[];
};

void *arena_take(struct arena *arena, size_t len)
{
    struct arena_block *block = calloc(1, sizeof *block + len + 1);
    if (block == NULL)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    return block->bytes;
}

void arena_fini(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free(block);
    }
}

/* Where the names and places of length fields go while a message is written. */
struct pen {
    struct writer *out;
    size_t start;
    struct raw_lengths *lengths; /* NULL: nobody asks */
};

static void note_length(struct pen *pen, const char *name, const char *part, size_t at,
                        uint8_t width)
{
    if (pen->lengths == NULL)
        return;
    pen->lengths->too_many = pen->lengths->num == RAW_LENGTHS_MAX;
    if (pen->lengths->too_many)
        return;
    struct raw_length *length = &pen->lengths->of[pen->lengths->num++];
    length->at = at - pen->start;
    length->width = width;
    snprintf(length->name, sizeof length->name, "%.48s%s", name, part);
}

static size_t open_block(struct pen *pen, const char *name, const char *part, uint8_t width)
{
    if (width == 0)
        return 0;
    note_length(pen, name, part, pen->out->len, width);
    return writer_open(pen->out, width);
}

static void close_block(struct pen *pen, size_t mark, uint8_t width)
{
    if (width > 0)
        writer_close(pen->out, mark, width);
}

static void write_bytes(struct pen *pen, struct raw_bytes bytes)
{
    writer_bytes(pen->out, bytes.data, bytes.len);
}

static void write_item(struct pen *pen, const char *name, size_t index, const struct raw_item *item)
{
    char part[NAME_MAX_LEN];
    snprintf(part, sizeof part, ".%zu", index);
    writer_bytes(pen->out, item->head, item->head_len);
    size_t mark = open_block(pen, name, part, item->prefix);
    write_bytes(pen, item->data);
    close_block(pen, mark, item->prefix);
}

/* `part`: what the list's own length is called behind `name`. */
static void write_list(struct pen *pen, const char *name, const char *part,
                       const struct raw_list *list)
{
    size_t mark = open_block(pen, name, part, list->prefix);
    for (size_t i = 0; i < list->num_items; i++)
        write_item(pen, name, i, &list->items[i]);
    close_block(pen, mark, list->prefix);
    write_bytes(pen, list->tail);
}

void raw_extension_name(char out[NAME_MAX_LEN], uint16_t type)
{
    const struct extension_type *known = extension_type_by_id(type);
    if (type == EXTENSION_ALPN)
        snprintf(out, NAME_MAX_LEN, "alpn"); /* everybody's name for it; the other fits no id */
    else if (known != NULL)
        snprintf(out, NAME_MAX_LEN, "%s", known->name);
    else
        snprintf(out, NAME_MAX_LEN, "0x%04x", type);
}

struct raw_extension *raw_message_extension(struct raw_message *message, uint16_t type)
{
    for (size_t i = 0; i < message->num_extensions; i++)
        if (message->extensions[i].type == type)
            return &message->extensions[i];
    return NULL;
}

static void write_extensions(struct pen *pen, const struct raw_message *message)
{
    size_t all = open_block(pen, "extensions", "", 2);
    for (size_t i = 0; i < message->num_extensions; i++) {
        char name[NAME_MAX_LEN];
        raw_extension_name(name, message->extensions[i].type);
        writer_u16(pen->out, message->extensions[i].type);
        size_t mark = open_block(pen, name, "", 2);
        write_list(pen, name, ".list", &message->extensions[i].body);
        close_block(pen, mark, 2);
    }
    close_block(pen, all, 2);
}

static void write_session_id(struct pen *pen, const struct raw_message *message,
                             const struct raw_bytes *client_session)
{
    struct raw_list echo = message->session_id;
    struct raw_item item = { .prefix = 0 };
    if (message->echo_session_id && client_session != NULL) {
        item.data = *client_session;
        echo.items = &item;
        echo.num_items = 1;
    }
    write_list(pen, "session_id", "", &echo);
}

void raw_message_write(struct writer *out, struct raw_lengths *lengths,
                       const struct raw_message *message, const struct raw_bytes *client_session)
{
    struct pen pen = { out, out->len, lengths };
    if (lengths != NULL)
        *lengths = (struct raw_lengths){ 0 };
    writer_u8(out, message->type);
    size_t mark = open_block(&pen, "handshake", "", 3);
    writer_u16(out, message->legacy_version);
    write_bytes(&pen, message->random);
    write_session_id(&pen, message, client_session);
    write_list(&pen, "cipher_suites", "", &message->suites);
    write_list(&pen, "compression_methods", "", &message->compressions);
    if (message->has_extensions)
        write_extensions(&pen, message);
    write_bytes(&pen, message->tail);
    close_block(&pen, mark, 3);
}
