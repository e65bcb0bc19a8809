/* pcapng, block by block (draft-ietf-opsawg-pcapng). For capture_file.c, which see. */
#ifndef TLSMATRIX_CAPTURES_PCAPNG_READ_H
#define TLSMATRIX_CAPTURES_PCAPNG_READ_H

#include "captures/capture_file.h"

struct pcapng_interface {
    uint16_t link_type;
    uint32_t snaplen;
    uint8_t resolution; /* if_tsresol as it is in the file */
    int64_t offset_s;   /* if_tsoffset */
};

struct pcapng_reader {
    FILE *stream;     /* not owned */
    const char *name; /* likewise */
    uint64_t offset;  /* of the block that is read, in the file */
    uint64_t at;      /* bytes read */
    uint64_t num_packets;
    bool in_section;
    bool swapped;
    struct pcapng_interface *interfaces; /* of this section */
    size_t num_interfaces;
    uint8_t *block; /* the body of the block that is read, and room for a NUL behind it */
    size_t block_room;
    char *comment; /* comments of the block, joined */
};

/* What the file begins with, so that pcap and pcapng can be told apart by one byte. */
enum { PCAPNG_FIRST_BYTE = 0x0A };

void pcapng_reader_init(struct pcapng_reader *reader, FILE *stream, const char *name);
void pcapng_reader_fini(struct pcapng_reader *reader);

/* As capture_file_next(); *truncated says that the file ended within a block. */
int pcapng_reader_next(struct pcapng_reader *reader, struct capture_item *out, bool *truncated,
                       struct error *err);

#endif
