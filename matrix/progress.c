#include "matrix/progress.h"

#include "harness/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PLAIN_EVERY_MS = 30000, /* without a terminal: a line each 10 % or each 30 s */
    PLAIN_EVERY_PERCENT = 10,
};

void progress_init(struct progress *progress, uint64_t total, uint64_t before)
{
    const char *term = getenv("TERM");
    *progress = (struct progress){
        .total = total,
        .before = before,
        .terminal = isatty(STDERR_FILENO) && term != NULL && strcmp(term, "dumb") != 0,
        .started_ms = monotonic_ms(),
        .next_percent = PLAIN_EVERY_PERCENT,
    };
    progress->next_line_ms = progress->started_ms + PLAIN_EVERY_MS;
}

double progress_rate(const struct progress *progress)
{
    uint64_t elapsed_ms = monotonic_ms() - progress->started_ms;
    return elapsed_ms == 0 ? 0 : (double)progress->done * 1000 / (double)elapsed_ms;
}

static unsigned percent(const struct progress *progress)
{
    uint64_t done = progress->before + progress->done;
    return progress->total == 0 ? 100 : (unsigned)(done * 100 / progress->total);
}

/* After the plan: twins, whose number is known only when they are done. */
static void print_twins(const struct progress *progress, const char *before, const char *after)
{
    fprintf(stderr, "%s%" PRIu64 " cases done; healthy twins of refusals: %" PRIu64 "%s", before,
            progress->total, progress->twins, after);
}

static void print_line(const struct progress *progress, const char *before, const char *after)
{
    if (progress->twins > 0) {
        print_twins(progress, before, after);
        return;
    }
    uint64_t done = progress->before + progress->done;
    double rate = progress_rate(progress);
    uint64_t left_s = rate > 0 ? (uint64_t)((double)(progress->total - done) / rate) : 0;
    fprintf(stderr,
            "%s%" PRIu64 "/%" PRIu64 " cases  %u %%  %.0f/s  %" PRIu64 ":%02" PRIu64
            " left  %" PRIu64 " failure%s%s",
            before, done, progress->total, percent(progress), rate, left_s / 60, left_s % 60,
            progress->failures, progress->failures == 1 ? "" : "s", after);
}

void progress_show(struct progress *progress)
{
    uint64_t now = monotonic_ms();
    if (progress->terminal) {
        print_line(progress, "\r\033[K", "");
        fflush(stderr);
        return;
    }
    bool much_done = progress->twins == 0 && percent(progress) >= progress->next_percent;
    if (!much_done && now < progress->next_line_ms)
        return;
    print_line(progress, "", "\n");
    progress->next_percent =
        percent(progress) / PLAIN_EVERY_PERCENT * PLAIN_EVERY_PERCENT + PLAIN_EVERY_PERCENT;
    progress->next_line_ms = now + PLAIN_EVERY_MS;
}

void progress_end(struct progress *progress)
{
    if (progress->terminal)
        print_line(progress, "\r\033[K", "\n");
    else if (progress->twins > 0)
        print_twins(progress, "", "\n");
}
