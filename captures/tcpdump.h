/* One tcpdump for a whole run: everything on the loopback interface of the run's network
 * namespace, as one pcap, into a file or a pipe. */
#ifndef TLSMATRIX_CAPTURES_TCPDUMP_H
#define TLSMATRIX_CAPTURES_TCPDUMP_H

#include "harness/error.h"

#include <stdint.h>
#include <sys/types.h>

struct tcpdump {
    pid_t pid;      /* 0: not running */
    int packets_fd; /* the capture, as it comes; -1: it goes to a file. Whoever reads it closes it
                     */
    int stderr_fd;  /* its messages, the packet counts among them */
};

/* Starts tcpdump and returns when it listens. `path` NULL: packets_fd has the capture. ERROR_USAGE
 * if the program is not there or has no right to capture (its own words). Only the TCP port `port`
 * is recorded, and `snaplen` bytes of each packet. */
int tcpdump_start(struct tcpdump *tcpdump, const char *path, uint16_t port, uint32_t snaplen,
                  struct error *err);

/* Ends the recording with everything written, and tells what the kernel counted. */
int tcpdump_stop(struct tcpdump *tcpdump, uint64_t *num_captured, uint64_t *num_dropped,
                 struct error *err);

#endif
