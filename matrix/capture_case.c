/* What the packets of one finished case show, and the file that is kept of them. */
#include "matrix/capture_case.h"

#include "captures/pcapng_write.h"
#include "matrix/network.h"
#include "matrix/oracle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

uint32_t case_capture_key(const struct segment *segment)
{
    const uint8_t *ip = segment->source.ip;
    if (!tcp_address_is_ipv4(&segment->source))
        return 0;
    return network_sequence((uint32_t)ip[12] << 24 | (uint32_t)ip[13] << 16 |
                            (uint32_t)ip[14] << 8 | ip[15]);
}

void case_capture_fini(struct case_capture *capture)
{
    for (int leg = 0; leg < 2; leg++)
        split_connection_free(capture->legs[leg]);
    *capture = (struct case_capture){ 0 };
}

/* ---- packets of both legs in the order of their times ---- */

struct walk {
    const struct case_capture *capture;
    size_t next[2];
    uint64_t number;
};

/* The next packet, with its number in the case; *leg is whose. */
static bool next_packet(struct walk *walk, struct capture_packet *out, int *leg)
{
    int first = -1;
    uint64_t time_ns = UINT64_MAX;
    for (int i = 0; i < 2; i++) {
        const struct split_connection *c = walk->capture->legs[i];
        if (c == NULL || walk->next[i] == c->num_packets ||
            c->packets[walk->next[i]].time_ns >= time_ns)
            continue;
        first = i;
        time_ns = c->packets[walk->next[i]].time_ns;
    }
    if (first < 0)
        return false;
    const struct split_connection *c = walk->capture->legs[first];
    const struct split_packet *packet = &c->packets[walk->next[first]++];
    *out = (struct capture_packet){ .number = ++walk->number,
                                    .time_ns = packet->time_ns,
                                    .link_type = c->link_type,
                                    .data = c->bytes + packet->offset,
                                    .len = packet->len,
                                    .original_len = packet->original_len };
    *leg = first;
    return true;
}

/* ---- what it shows ---- */

/* The end at this leg first: with an attacker in the path the two may have other secrets for the
 * same random. */
static int add_keys(struct keylog *keys, const struct evidence *evidence, int leg,
                    struct error *err)
{
    for (int i = 0; i < 2; i++) {
        const struct facts *facts = &evidence->facts[i == 0 ? leg : 1 - leg];
        if (keylog_add(keys, facts->keylog, strlen(facts->keylog), err) < 0)
            return -1;
    }
    return 0;
}

static int read_leg(struct case_capture *capture, int wanted, const struct evidence *evidence,
                    struct error *err)
{
    struct walk walk = { .capture = capture };
    struct capture_packet packet;
    int leg, ret = 0;
    capture->views[wanted] = (struct wire_view){ 0 };
    struct analysis *analysis = analysis_new(&wire_view_sink, &capture->views[wanted]);
    if (analysis == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    capture->views[wanted].keys = analysis_keys(analysis);
    ret = add_keys(analysis_keys(analysis), evidence, wanted, err);
    while (ret == 0 && next_packet(&walk, &packet, &leg))
        if (leg == wanted)
            ret = analysis_packet(analysis, &packet, err);
    if (ret == 0)
        analysis_finish(analysis);
    analysis_free(analysis);
    capture->views[wanted].keys = NULL;
    return ret;
}

int case_capture_read(struct case_capture *capture, struct evidence *evidence, struct error *err)
{
    for (int leg = 0; leg < 2; leg++)
        if (capture->legs[leg] != NULL && read_leg(capture, leg, evidence, err) < 0)
            return -1;
    evidence->wire[ROLE_CLIENT] = capture->legs[0] == NULL ? NULL : &capture->views[0];
    evidence->wire[ROLE_SERVER] =
        capture->legs[1] == NULL ? evidence->wire[ROLE_CLIENT] : &capture->views[1];
    return 0;
}

bool case_capture_is_whole(const struct case_capture *capture)
{
    for (int leg = 0; leg < 2; leg++)
        if (capture->legs[leg] != NULL &&
            (capture->legs[leg]->lost || !capture->views[leg].facts.complete))
            return false;
    return capture->legs[0] != NULL;
}

bool case_capture_is_read(const struct case_capture *capture)
{
    for (int leg = 0; leg < 2; leg++)
        if (capture->legs[leg] != NULL && !capture->views[leg].facts.decrypted)
            return false;
    return capture->legs[0] != NULL;
}

/* ---- the file ---- */

void case_capture_name(char out[CAPTURE_NAME_MAX], const char *id)
{
    enum { SUFFIX_ROOM = 32 };
    int len = snprintf(out, CAPTURE_NAME_MAX - SUFFIX_ROOM, "%s", id);
    for (char *c = out; *c != '\0'; c++)
        *c = *c == '/' ? '_' : *c == ':' ? '~' : *c;
    size_t end = strlen(out);
    if (len >= CAPTURE_NAME_MAX - SUFFIX_ROOM)
        snprintf(out + end, CAPTURE_NAME_MAX - end, "-%016" PRIx64 ".pcapng", case_hash(id));
    else
        snprintf(out + end, CAPTURE_NAME_MAX - end, ".pcapng");
}

static int write_secrets(struct pcapng_writer *writer, const struct evidence *evidence,
                         struct error *err)
{
    const char *client = evidence->facts[ROLE_CLIENT].keylog;
    const char *server = evidence->facts[ROLE_SERVER].keylog;
    if (client[0] != '\0' && pcapng_secrets(writer, client, strlen(client), err) < 0)
        return -1;
    if (server[0] == '\0' || strcmp(client, server) == 0)
        return 0;
    return pcapng_secrets(writer, server, strlen(server), err);
}

int case_capture_write(const struct case_capture *capture, const char *path, const char *comment,
                       bool from_relay, const struct evidence *evidence, uint64_t *num_bytes,
                       struct error *err)
{
    struct walk walk = { .capture = capture };
    struct capture_packet packet;
    struct stat status;
    int leg, ret;
    const struct pcapng_options options = {
        .comment = comment,
        .application = "tlsmatrix " TLSMATRIX_VERSION,
        .interface_name = from_relay ? "relay" : "lo",
        .interface_description = from_relay ? CASE_CAPTURE_RELAY : NULL,
        .link_type = capture->legs[0]->link_type,
        .microseconds = true,
    };
    struct pcapng_writer *writer = pcapng_create(path, &options, err);
    if (writer == NULL)
        return -1;
    ret = write_secrets(writer, evidence, err);
    while (ret == 0 && next_packet(&walk, &packet, &leg))
        ret = pcapng_packet(writer, &packet, err);
    if (ret < 0) {
        pcapng_abandon(writer);
        return -1;
    }
    if (pcapng_commit(writer, err) < 0)
        return -1;
    if (stat(path, &status) == 0)
        *num_bytes += (uint64_t)status.st_size;
    return 0;
}
