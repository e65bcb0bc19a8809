/* The closed vocabulary of what can be wrong with a message or a certificate. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_FAULT_H
#define TLSMATRIX_PEERS_MINIHTTPS_FAULT_H

enum minihttps_fault {
    FAULT_NONE,
    FAULT_KEY,            /* not the 120 bytes of a P-384 key, or not a point on the curve */
    FAULT_TAG,            /* the ciphertext is not what the holder of this session's key made */
    FAULT_PADDING,        /* authentic, but the signature's padding is not PKCS#7 to 16 */
    FAULT_SIGNATURE,      /* not made with the certificate's key over these two ephemeral keys */
    FAULT_ISSUER_UNKNOWN, /* chain: no trusted authority has the issuer's name */
    FAULT_ISSUER_FORGED,  /* chain: issuer named as a trusted authority, but not signed by it */
    FAULT_CHAIN,          /* chain: not exactly the certificate and the root that issued it */
    FAULT_NAME,           /* the certificate is for another name */
    FAULT_TIME,           /* a certificate of the chain is not valid at that time */
    FAULT_DECODE,         /* authentic, but not in the message's format */
    FAULT_READY,          /* the client said something else than READY */
    FAULT_INTERNAL,       /* our own end: no memory, no random numbers */
    NUM_FAULTS,
};

/* "key", "issuer-unknown", …; "none" for FAULT_NONE. */
const char *minihttps_fault_name(enum minihttps_fault fault);

#endif
