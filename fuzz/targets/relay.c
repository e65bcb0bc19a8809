/* The relay (matrix/relay/relay.h): arbitrary bytes from both ends, through any attack and any
 * delivery that needs no clock. Input: two bytes for the attack, one for the delivery, then pieces:
 * one byte for who, two for the length, the bytes. */
#include "matrix/relay/relay.h"
#include "fuzz/common/fuzz.h"
#include "fuzz/common/tls_mutator.h"
#include "harness/wire/writer.h"
#include "matrix/relay/attacks.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECES_MAX = 128, PIECE_MAX = 8192, APPLICATION_LEN = 32, HEARD_MAX = 8 << 20 };

static const enum delivery by_itself[] = { DELIVERY_WHOLE, DELIVERY_ONE_BYTE_SEGMENT,
                                           DELIVERY_ONE_BYTE_RECORD };
static const uint8_t certificate[] = { 0x30, 0x03, 0x02, 0x01, 0x00 };

/* Ours of both connections, and what each end has said and heard. */
struct ends {
    int fd[2];
    struct writer said[2], heard[2];
    bool over[2];
};

static void hear(struct ends *ends)
{
    uint8_t bytes[16384];
    for (int role = 0; role < 2; role++)
        for (ssize_t len; (len = recv(ends->fd[role], bytes, sizeof bytes, MSG_DONTWAIT)) >= 0;) {
            ends->over[role] = ends->over[role] || len == 0;
            if (len == 0)
                break;
            writer_bytes(&ends->heard[role], bytes, (size_t)len);
        }
}

static void say(struct ends *ends, struct relay *relay, enum role from, const uint8_t *data,
                size_t len)
{
    while (len > 0) {
        ssize_t sent = send(ends->fd[from], data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        relay_step(relay);
        hear(ends);
        if (sent < 0 && errno != EAGAIN)
            return; /* the attack has ended it */
        if (sent < 0)
            continue;
        writer_bytes(&ends->said[from], data, (size_t)sent);
        data += sent;
        len -= (size_t)sent;
    }
}

/* Both ends have said all; the relay must come to an end. */
static void finish(struct ends *ends, struct relay *relay)
{
    enum { STEPS_MAX = 100000 };
    enum relay_status status = RELAY_GOING;
    shutdown(ends->fd[0], SHUT_WR);
    shutdown(ends->fd[1], SHUT_WR);
    for (int i = 0; i < STEPS_MAX && status == RELAY_GOING; i++) {
        status = relay_step(relay);
        hear(ends);
    }
    FUZZ_ASSERT(status == RELAY_DONE);
}

static bool same(const struct writer *a, const struct writer *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static void check(const struct ends *ends, const struct relay *relay,
                  const struct relay_setting *setting)
{
    const struct relay_facts *facts = relay_facts(relay);
    FUZZ_ASSERT(memchr(facts->what, '\0', sizeof facts->what) != NULL);
    FUZZ_ASSERT(setting->attack != NULL || !facts->changed);
    FUZZ_ASSERT(facts->num_steps_done <= ATTACK_STEPS_MAX);
    if (facts->changed || setting->delivery == DELIVERY_ONE_BYTE_RECORD)
        return;
    FUZZ_ASSERT(same(&ends->said[0], &ends->heard[1])); /* nothing was changed: nothing is */
    FUZZ_ASSERT(same(&ends->said[1], &ends->heard[0]));
}

static void run(const uint8_t *data, size_t len)
{
    struct fuzz_input input = { data, len };
    struct ends ends = { .over = { false, false } };
    int pairs[2][2];
    uint32_t attack = fuzz_up_to(&input, (uint32_t)num_attacks());
    for (int role = 0; role < 2; role++) {
        FUZZ_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pairs[role]) == 0);
        ends.fd[role] = pairs[role][0];
        writer_init(&ends.said[role], HEARD_MAX);
        writer_init(&ends.heard[role], HEARD_MAX);
    }
    const struct relay_setting setting = {
        .attack = attack == 0 ? NULL : attack_at(attack - 1),
        .delivery = by_itself[fuzz_u8(&input) % (sizeof by_itself / sizeof by_itself[0])],
        .client_fd = pairs[0][1],
        .server_fd = pairs[1][1],
        .application_len = APPLICATION_LEN,
        .certificate = certificate,
        .certificate_len = sizeof certificate,
    };
    struct relay *relay = relay_new(&setting, NULL);
    FUZZ_ASSERT(relay != NULL);
    for (int i = 0; i < PIECES_MAX && input.len > 0; i++) {
        enum role from = (fuzz_u8(&input) & 1) != 0 ? ROLE_SERVER : ROLE_CLIENT;
        size_t piece_len;
        const uint8_t *piece = fuzz_bytes(&piece_len, &input, fuzz_up_to(&input, PIECE_MAX));
        say(&ends, relay, from, piece, piece_len);
    }
    finish(&ends, relay);
    check(&ends, relay, &setting);
    relay_free(relay);
    for (int role = 0; role < 2; role++) {
        close(ends.fd[role]);
        writer_fini(&ends.said[role]);
        writer_fini(&ends.heard[role]);
    }
}

static size_t mutate(uint8_t *data, size_t len, size_t max, unsigned seed)
{
    return tls_mutate_pieces(data, len, max, seed, 3);
}

const struct fuzz_target fuzz_target = {
    .name = "relay",
    .run = run,
    .mutate = mutate,
    .memory_base = 8 << 20,
    .memory_per_byte = 64,
    .time_base_us = 500000,
    .time_per_byte_us = 500, /* one byte a write */
};
