/* One case's part of the capture: what it shows (wire views for the judge), and the file that is
 * kept of it. */
#ifndef TLSMATRIX_MATRIX_CAPTURE_CASE_H
#define TLSMATRIX_MATRIX_CAPTURE_CASE_H

#include "captures/splitter.h"
#include "matrix/judge.h"

/* A case's connections: [0] the client's, [1] the server's where the relay stands between them,
 * else NULL. Owned. */
struct case_capture {
    struct split_connection *legs[2];
    struct wire_view views[2]; /* of legs[] */
};

/* Which case a packet belongs to: the client's address says it, whichever end sent it. For
 * splitter_start(). */
uint32_t case_capture_key(const struct segment *segment);

void case_capture_fini(struct case_capture *capture);

/* Fills the views of the legs that are there, with the keys that the ends reported, and points
 * evidence->wire[] at them: `capture` has to outlive the evidence's use. */
int case_capture_read(struct case_capture *capture, struct evidence *evidence, struct error *err);

/* Is every connection there, from its first packet to its last? */
bool case_capture_is_whole(const struct case_capture *capture);

/* Could every record under protection be decrypted? */
bool case_capture_is_read(const struct case_capture *capture);

enum { CAPTURE_NAME_MAX = 240 };
/* "openssl-gnutls_tls1.2~tls1.3_any_….pcapng": the id with what some file systems do not take
 * replaced; one that is too long is cut and ends in its hash. */
void case_capture_name(char out[CAPTURE_NAME_MAX], const char *id);

/* What is to be said of a recording that the relay made: no reader may take it for the network's.
 */
#define CASE_CAPTURE_RELAY                                                                         \
    "written by the relay, not recorded from a network: the bytes, their order in each direction " \
    "and who closed are what it met; packets, sequence numbers and times are its own"

/* Writes the case's packets with its keys inside, to open decrypted. `comment` stands at the
 * section. `from_relay`: the interface says so, too. *num_bytes is increased by the file's length.
 */
int case_capture_write(const struct case_capture *capture, const char *path, const char *comment,
                       bool from_relay, const struct evidence *evidence, uint64_t *num_bytes,
                       struct error *err);

#endif
