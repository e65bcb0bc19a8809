/* Every bound of reading captures in one place, each with its reason. Whatever a file holds, memory
 * stays below their sum; what is beyond one is said, never silently lost. */
#ifndef TLSMATRIX_CAPTURES_LIMITS_H
#define TLSMATRIX_CAPTURES_LIMITS_H

enum {
    CAPTURE_BLOCK_MAX = 16 * 1024 * 1024, /* one pcapng block; libpcap's own bound */
    CAPTURE_INTERFACES_MAX = 4096,        /* in one section; hosts with containers have hundreds */
    CAPTURE_COMMENT_MAX = 64 * 1024,      /* what the length of an option can say */
    KEYLOG_ENTRIES_MAX = 1 << 20,         /* secrets of some 200,000 connections, about 150 MB */
    KEYLOG_LINE_MAX = 1024,               /* the longest that counts has 220 characters */

    FLOW_CONNECTIONS_MAX = 16384,   /* at one moment; then the longest quiet one is given up */
    FLOW_LINGERING_MAX = 1024,      /* ended ones that wait for stragglers */
    FLOW_HELD_MAX = 256 * 1024,     /* of one direction, waiting behind a hole: a large window */
    FLOW_HELD_TOTAL_MAX = 64 << 20, /* of all together */
    FLOW_HISTORY_LEN = 4096,        /* of what was delivered, to compare retransmissions with */

    TLS_PREAMBLE_MAX = 64 * 1024, /* searched for a hello: a STARTTLS dialogue, a proxy's answers */
    TLS_PREAMBLE_KEPT = 512,      /* of it, for whoever wants to name the protocol */
    CERTIFICATE_UNPACKED_MAX = 128 * 1024, /* of a compressed certificate; no chain is longer */
    TLS_HELD_MAX = 128 * 1024, /* records that came before the hello that explains them */

    OBSERVE_RECORDS_MAX = 256,     /* of a connection, kept one by one; all are counted */
    OBSERVE_ALERTS_MAX = 4,        /* in clear; more than two mean nothing new */
    OBSERVE_CERTIFICATES_MAX = 4,  /* of a chain; longer ones are counted */
    OBSERVE_TEXT_MAX = 256,        /* a name as a peer gave it; longer ones are cut */
    OBSERVE_SAMPLE_MAX = 48,       /* of what a suite without encryption shows */
    OBSERVE_DNS_QUERIES_MAX = 256, /* the last; a name is asked for just before it is used */

    SPLIT_CONNECTIONS_MAX = 16384, /* at one moment: far more than lanes */
    SPLIT_HELD_MAX = 256 << 20,    /* bytes of packets that wait for their case's verdict */
};

#endif
