/* Every bound of the harness in one place, each with its reason. */
#ifndef TLSMATRIX_HARNESS_LIMITS_H
#define TLSMATRIX_HARNESS_LIMITS_H

enum {
    /* One control message: a case with its paths is under 4 KiB, facts with error text and key
     * log under 8 KiB, a capability list with every suite under 16 KiB. */
    CONTROL_MESSAGE_MAX = 64 * 1024,
    CONFIG_SUITES_MAX = 64,      /* what one end offers in one case; the longest list is "any" */
    CONFIG_GROUPS_MAX = 16,      /* likewise */
    CAPABILITY_SUITES_MAX = 400, /* above the number of suites in the registry */
    CAPABILITY_FAULTS_MAX = 128, /* of one peer; the one that has most has about 80 */
    CAPABILITY_NAMES_MAX = 64,   /* groups, schemes, credentials, features of one stack */
    NAME_MAX_LEN = 64,           /* any registry name, slug, stack name or axis value */
    PROTOCOLS_LEN = 256,         /* a list of application protocols as text; browsers offer two */
    PATH_LEN = 512,              /* a file path inside a run folder */
    TEXT_LEN = 512,              /* one line of a library's error text; longer ones are cut */
    SHA256_LEN = 32,
    EXPORTER_LEN = 32,        /* bytes of RFC 5705 / 8446 section 7.5 exporter output compared */
    PSK_LEN = 32,             /* enough for the SHA-384 suites' hash strength in practice */
    KEYLOG_LEN = 4096,        /* five TLS 1.3 lines of at most 200 characters, thrice over */
    DEADLINE_MS_MAX = 600000, /* no case may be given more than ten minutes */
};

#endif
