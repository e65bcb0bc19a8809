/* One session over a connected TCP socket, and what this end saw of it. */
#ifndef TLSMATRIX_PEERS_MINIHTTPS_SESSION_H
#define TLSMATRIX_PEERS_MINIHTTPS_SESSION_H

#include "peers/minihttps/minihttps.h"
#include "peers/minihttps/transport.h"

/* The message at which it ended. */
enum session_stage {
    STAGE_CLIENT_HELLO,
    STAGE_SERVER_HELLO,
    STAGE_CLIENT_READY,
    STAGE_DATA,
    STAGE_ALL,
    NUM_SESSION_STAGES,
};

struct session_report {
    enum session_stage stage;
    enum frame_result frame;    /* FRAME_WHOLE, or why the message of `stage` did not pass */
    enum minihttps_fault fault; /* FAULT_NONE, or what was wrong with it */
    struct bytes text;          /* client: what it got, at STAGE_ALL; goes to free() */
};

/* Both close the socket, which is non-blocking, and fill the report in any case. */
void session_client(struct session_report *out, struct minihttps_client *client, int socket,
                    uint32_t deadline_ms);
void session_server(struct session_report *out, const struct minihttps_identity *identity,
                    int socket, uint32_t deadline_ms);

/* One line: "all messages passed", "server_hello refused: signature", "data not received: cut". */
void session_describe(char *out, size_t size, const struct session_report *report);

#endif
