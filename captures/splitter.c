#include "captures/splitter.h"

#include "captures/limits.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { READER_NICE = -10 }; /* as tcpdump has it: who makes it wait loses packets */

struct slot {
    uint32_t key; /* 0: free */
    bool over;
    bool fin[2];                         /* by direction: 0 is the first segment's */
    uint32_t fin_ack[2];                 /* what acknowledges it */
    struct tcp_address first;            /* who sent the first segment */
    struct split_connection *connection; /* NULL: taken; what still comes of it is not wanted */
};

struct splitter {
    FILE *stream;
    const char *name;
    split_key_fn *key;
    pthread_t thread;
    int event;
    pthread_mutex_t lock; /* of all below */
    struct slot slots[SPLIT_CONNECTIONS_MAX];
    size_t bytes_held;
    bool ended;
    int status;
    struct error error;
};

void split_connection_free(struct split_connection *connection)
{
    if (connection == NULL)
        return;
    free(connection->bytes);
    free(connection->packets);
    free(connection);
}

/* ---- the reading thread ---- */

static void forget(struct splitter *splitter, struct slot *slot)
{
    if (slot->connection != NULL)
        splitter->bytes_held -= slot->connection->bytes_len;
    split_connection_free(slot->connection);
    *slot = (struct slot){ 0 };
}

/* The connection's slot, made if it is new: an old one that nobody has asked for gives way. */
static struct slot *slot_of(struct splitter *splitter, uint32_t key, const struct segment *segment)
{
    struct slot *slot = &splitter->slots[key % SPLIT_CONNECTIONS_MAX];
    if (slot->key == key)
        return slot;
    forget(splitter, slot);
    slot->key = key;
    slot->first = segment->source;
    slot->connection = calloc(1, sizeof *slot->connection);
    if (slot->connection != NULL)
        slot->connection->key = key;
    return slot;
}

/* Room for one more of `size` at *array, which holds `num`: doubled where it is full. */
static bool grow(void **array, size_t num, size_t more, size_t size, size_t first)
{
    size_t room = first;
    while (room < num)
        room *= 2;
    if (num > 0 && num + more <= room)
        return true;
    while (room < num + more)
        room *= 2;
    void *grown = reallocarray(*array, room, size);
    if (grown != NULL)
        *array = grown;
    return grown != NULL;
}

static bool keep(struct splitter *splitter, struct split_connection *connection,
                 const struct capture_packet *packet)
{
    if (splitter->bytes_held + packet->len > SPLIT_HELD_MAX ||
        !grow((void **)&connection->bytes, connection->bytes_len, packet->len, 1, 8192) ||
        !grow((void **)&connection->packets, connection->num_packets, 1,
              sizeof *connection->packets, 32))
        return false;
    memcpy(connection->bytes + connection->bytes_len, packet->data, packet->len);
    connection->packets[connection->num_packets++] =
        (struct split_packet){ .offset = connection->bytes_len,
                               .len = (uint32_t)packet->len,
                               .original_len = (uint32_t)packet->original_len,
                               .time_ns = packet->time_ns };
    connection->link_type = packet->link_type;
    connection->bytes_len += packet->len;
    splitter->bytes_held += packet->len;
    return true;
}

/* Notes FIN, RST and what acknowledges the former. */
static void follow(struct slot *slot, const struct segment *segment)
{
    int from = tcp_address_equal(&segment->source, &slot->first) ? 0 : 1;
    if ((segment->flags & TCP_RST) != 0)
        slot->over = true;
    if ((segment->flags & TCP_FIN) != 0) {
        slot->fin[from] = true;
        slot->fin_ack[from] = segment->seq + (uint32_t)segment->wire_len + 1;
    }
    bool acks = (segment->flags & TCP_ACK) != 0;
    if (acks && slot->fin[0] && slot->fin[1] && segment->ack == slot->fin_ack[1 - from] &&
        (segment->flags & TCP_FIN) == 0)
        slot->over = true;
}

static void signal_event(struct splitter *splitter)
{
    uint64_t one = 1;
    ssize_t ignored = write(splitter->event, &one, sizeof one);
    (void)ignored; /* only fails where it is readable already */
}

static void sort_packet(struct splitter *splitter, const struct capture_packet *packet)
{
    struct segment segment;
    if (packet_read(&segment, packet) != PACKET_TCP)
        return;
    uint32_t key = splitter->key(&segment);
    if (key == 0)
        return;
    pthread_mutex_lock(&splitter->lock);
    struct slot *slot = slot_of(splitter, key, &segment);
    bool was_over = slot->over;
    if (slot->connection != NULL && !keep(splitter, slot->connection, packet))
        slot->connection->lost = true;
    follow(slot, &segment);
    bool news = slot->over && !was_over && slot->connection != NULL;
    pthread_mutex_unlock(&splitter->lock);
    if (news)
        signal_event(splitter);
}

/* Opening waits for the stream's first bytes, so that it is done here. */
static int read_all(struct splitter *splitter, struct error *err)
{
    struct capture_item item;
    int status;
    struct capture_file *file = capture_file_from(splitter->stream, splitter->name, err);
    if (file == NULL)
        return -1;
    while ((status = capture_file_next(file, &item, err)) > 0)
        if (item.kind == CAPTURE_PACKET)
            sort_packet(splitter, &item.packet);
    capture_file_close(file);
    return status;
}

static void *read_stream(void *context)
{
    struct splitter *splitter = context;
    setpriority(PRIO_PROCESS, (id_t)gettid(), READER_NICE); /* this thread's alone; where we may */
    struct error err = { 0 };
    int status = read_all(splitter, &err);
    pthread_mutex_lock(&splitter->lock);
    splitter->ended = true;
    splitter->status = status;
    splitter->error = err;
    pthread_mutex_unlock(&splitter->lock);
    signal_event(splitter);
    return NULL;
}

/* ---- the caller's thread ---- */

/* Signals are for the caller: the thread would only be woken by them. */
static int start_thread(struct splitter *splitter)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int status = pthread_create(&splitter->thread, NULL, read_stream, splitter);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

struct splitter *splitter_start(FILE *stream, const char *name, split_key_fn *key,
                                struct error *err)
{
    struct splitter *splitter = calloc(1, sizeof *splitter);
    if (splitter == NULL) {
        fclose(stream);
        error_set(err, ERROR_HARNESS, "out of memory");
        return NULL;
    }
    splitter->stream = stream;
    splitter->name = name;
    splitter->key = key;
    pthread_mutex_init(&splitter->lock, NULL);
    splitter->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int status = splitter->event < 0 ? errno : start_thread(splitter);
    if (status == 0)
        return splitter;
    error_set(err, ERROR_HARNESS, "cannot start reading the capture: %s", strerror(status));
    fclose(stream);
    if (splitter->event >= 0)
        close(splitter->event);
    free(splitter);
    return NULL;
}

int splitter_fd(const struct splitter *splitter)
{
    return splitter->event;
}

void splitter_clear(struct splitter *splitter)
{
    uint64_t count;
    ssize_t ignored = read(splitter->event, &count, sizeof count);
    (void)ignored;
}

bool splitter_is_over(struct splitter *splitter, uint32_t key)
{
    pthread_mutex_lock(&splitter->lock);
    const struct slot *slot = &splitter->slots[key % SPLIT_CONNECTIONS_MAX];
    bool over = slot->key == key && slot->over;
    pthread_mutex_unlock(&splitter->lock);
    return over;
}

struct split_connection *splitter_take(struct splitter *splitter, uint32_t key)
{
    struct split_connection *taken = NULL;
    pthread_mutex_lock(&splitter->lock);
    struct slot *slot = &splitter->slots[key % SPLIT_CONNECTIONS_MAX];
    if (slot->key != key) {
        forget(splitter, slot);
        slot->key = key;
    }
    taken = slot->connection;
    if (taken != NULL)
        splitter->bytes_held -= taken->bytes_len;
    slot->connection = NULL;
    pthread_mutex_unlock(&splitter->lock);
    return taken;
}

bool splitter_ended(struct splitter *splitter)
{
    pthread_mutex_lock(&splitter->lock);
    bool ended = splitter->ended;
    pthread_mutex_unlock(&splitter->lock);
    return ended;
}

int splitter_finish(struct splitter *splitter, struct error *err)
{
    if (splitter == NULL)
        return 0;
    pthread_join(splitter->thread, NULL);
    int status = splitter->status;
    if (status < 0 && err != NULL)
        *err = splitter->error;
    for (size_t i = 0; i < SPLIT_CONNECTIONS_MAX; i++)
        forget(splitter, &splitter->slots[i]);
    close(splitter->event);
    pthread_mutex_destroy(&splitter->lock);
    free(splitter);
    return status;
}
