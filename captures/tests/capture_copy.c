/* capture_copy CAPTURE KEYLOG OUT: the packets and the keys as one pcapng, each tenth packet with a
 * comment. For the tests that open it with other programs. */
#include "captures/packet.h"
#include "captures/pcapng_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYLOG_FILE_MAX = 4 * 1024 * 1024 };

static int add_keys(struct pcapng_writer *writer, const char *path, struct error *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_errno(err, "%s", path);
    char *text = malloc(KEYLOG_FILE_MAX);
    size_t len = text == NULL ? 0 : fread(text, 1, KEYLOG_FILE_MAX, file);
    int ret = pcapng_secrets(writer, text, len, err);
    free(text);
    fclose(file);
    return ret;
}

static int copy_packets(struct pcapng_writer *writer, struct capture_file *in, struct error *err)
{
    struct capture_item item;
    uint64_t num = 0;
    int ret;
    while ((ret = capture_file_next(in, &item, err)) == 1) {
        if (item.kind != CAPTURE_PACKET)
            continue;
        item.packet.comment = ++num % 10 == 0 ? "a tenth" : NULL;
        if (pcapng_packet(writer, &item.packet, err) < 0)
            return -1;
    }
    return ret < 0 ? -1 : pcapng_statistics(writer, 0, num, 0, err);
}

static int copy(const char *in_path, const char *keys_path, const char *out_path, struct error *err)
{
    const struct pcapng_options options = { .comment = "copied",
                                            .application = "capture_copy",
                                            .interface_name = "lo",
                                            .link_type = LINK_ETHERNET };
    struct capture_file *in = capture_file_open(in_path, err);
    struct pcapng_writer *writer = in == NULL ? NULL : pcapng_create(out_path, &options, err);
    int ret = -1;
    if (writer != NULL && add_keys(writer, keys_path, err) == 0 &&
        copy_packets(writer, in, err) == 0) {
        ret = pcapng_commit(writer, err);
        writer = NULL;
    }
    pcapng_abandon(writer);
    capture_file_close(in);
    return ret;
}

int main(int argc, char **argv)
{
    struct error err;
    if (argc != 4) {
        fputs("usage: capture_copy CAPTURE KEYLOG OUT\n", stderr);
        return ERROR_USAGE;
    }
    if (copy(argv[1], argv[2], argv[3], &err) == 0)
        return 0;
    fprintf(stderr, "capture_copy: %s\n", err.text);
    return err.class;
}
