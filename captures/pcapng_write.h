/* Writing pcapng (draft-ietf-opsawg-pcapng) with what libpcap cannot write: the keys inside, and
 * comments. One section, one interface. The file appears under its name when it is whole. */
#ifndef TLSMATRIX_CAPTURES_PCAPNG_WRITE_H
#define TLSMATRIX_CAPTURES_PCAPNG_WRITE_H

#include "captures/capture_file.h"

struct pcapng_options {
    const char *comment;        /* of the section, any length up to 65535 bytes; NULL: none */
    const char *application;    /* who writes it; NULL: none */
    const char *interface_name; /* "lo"; NULL: none */
    const char *interface_description; /* what it is; NULL: none */
    uint16_t link_type;                /* of every packet */
    uint32_t snaplen;                  /* 0: none */
    bool microseconds;                 /* else nanoseconds */
};

struct pcapng_writer;

/* Begins PATH.part beside `path`. NULL with an error where it cannot. */
struct pcapng_writer *pcapng_create(const char *path, const struct pcapng_options *options,
                                    struct error *err);

/* A Decryption Secrets Block with NSS key log lines. It decrypts only the packets behind it. */
int pcapng_secrets(struct pcapng_writer *writer, const char *keylog, size_t len, struct error *err);

/* An Enhanced Packet Block; `number` is not written, `comment` is. A packet of another link type
 * than the file's is ERROR_USAGE. */
int pcapng_packet(struct pcapng_writer *writer, const struct capture_packet *packet,
                  struct error *err);

/* An Interface Statistics Block: how many packets the recorder received and how many it lost. */
int pcapng_statistics(struct pcapng_writer *writer, uint64_t time_ns, uint64_t received,
                      uint64_t dropped, struct error *err);

/* Writes the rest and gives the file its name; frees the writer either way. On failure (a full disk
 * is ERROR_HARNESS with its name) no file of that name is made, nor one that was there touched. Not
 * synchronised to the disk: a capture is no loss that a crash of the machine may not cause. */
int pcapng_commit(struct pcapng_writer *writer, struct error *err);

/* Removes what was written, and frees. NULL is allowed. */
void pcapng_abandon(struct pcapng_writer *writer);

#endif
