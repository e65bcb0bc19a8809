/* Numbers of pcapng, for its reader and its writer: draft-ietf-opsawg-pcapng sections 4 and 11. */
#ifndef TLSMATRIX_CAPTURES_PCAPNG_BLOCKS_H
#define TLSMATRIX_CAPTURES_PCAPNG_BLOCKS_H

enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_STATISTICS = 5,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_JOURNAL = 9, /* systemd's; Wireshark counts it among the packets */
    BLOCK_SECRETS = 10,
    BLOCK_SECTION = 0x0A0D0D0A,
};
enum {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_SHB_USERAPPL = 4,
    OPTION_IF_NAME = 2,
    OPTION_IF_DESCRIPTION = 3,
    OPTION_IF_TSRESOL = 9,
    OPTION_IF_TSOFFSET = 14,
    OPTION_ISB_IFRECV = 4,
    OPTION_ISB_IFDROP = 5,
    OPTION_ISB_OSDROP = 7,
};
enum {
    BYTE_ORDER_MAGIC = 0x1A2B3C4D,
    SECRETS_TLS_KEY_LOG = 0x544C534B,
    PCAPNG_MAJOR_VERSION = 1,
};

#endif
