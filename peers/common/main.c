/* main() of every tlspeer-<stack>: picks the command. */
#include "peers/common/worker.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a peer that has gone is an error to report, not a death */
    if (argc == 2 && strcmp(argv[1], "worker") == 0)
        return worker_main(tls_stack, NULL);
    fprintf(stderr, "usage: %s worker\n", argv[0]);
    return ERROR_USAGE;
}
