/* fuzz-NAME-replay FILE|FOLDER…: runs a target on each file once, in any build: regressions and
 * corpora under ctest, a crash on the desk. Folders that are not there hold nothing.
 * Exit code: 0 all held, 2 usage; what does not hold ends the program by SIGABRT or a sanitizer's
 * report, behind the name of the input. */
#include "fuzz/common/fuzz.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { INPUT_SECONDS_MAX = 30 }; /* of processor time: an endless loop ends, with the name said */

static char current[4096]; /* the input that runs, for those who read the report of its end */
static size_t num_inputs;

size_t fuzz_mutate_bytes(uint8_t *data, size_t len, size_t max)
{
    (void)data;
    (void)max;
    return len;
}

/* A copy of exactly its length, so that a sanitizer sees what is read beyond. */
static int replay_file(const char *path)
{
    static const struct itimerval limit = { .it_value.tv_sec = INPUT_SECONDS_MAX };
    FILE *file = fopen(path, "rbe");
    uint8_t *room = malloc(FUZZ_INPUT_MAX + 1);
    int ret = -1;
    if (file == NULL || room == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        goto out;
    }
    size_t len = fread(room, 1, FUZZ_INPUT_MAX + 1, file);
    if (ferror(file)) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        goto out;
    }
    uint8_t *data = malloc(len == 0 ? 1 : len);
    FUZZ_ASSERT(data != NULL);
    memcpy(data, room, len);
    snprintf(current, sizeof current, "%s", path);
    setitimer(ITIMER_VIRTUAL, &limit, NULL);
    fuzz_run_watched(data, len);
    free(data);
    num_inputs++;
    ret = 0;
out:
    free(room);
    if (file != NULL)
        fclose(file);
    return ret;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int replay(const char *path)
{
    struct stat info;
    struct dirent **entries;
    int num, ret = 0;
    if (stat(path, &info) < 0 && errno == ENOENT)
        return 0;
    if (!S_ISDIR(info.st_mode))
        return replay_file(path);
    num = scandir(path, &entries, visible, alphasort);
    if (num < 0) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    for (int i = 0; i < num; i++) {
        char inner[4096];
        snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        free(entries[i]);
        if (replay(inner) < 0)
            ret = -1;
    }
    free(entries);
    return ret;
}

/* Tells which input it was: the report itself does not know. Only what may be called in a signal
 * handler. */
static void tell(int signal_number)
{
    static const char words[] = "fuzz: the input was ";
    if (write(STDERR_FILENO, words, sizeof words - 1) < 0 ||
        write(STDERR_FILENO, current, strlen(current)) < 0 || write(STDERR_FILENO, "\n", 1) < 0)
        _exit(1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

int main(int argc, char *argv[])
{
    int ret = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
        return 2;
    }
    signal(SIGABRT, tell);
    signal(SIGVTALRM, tell);
    if (fuzz_target.init != NULL)
        fuzz_target.init();
    for (int i = 1; i < argc; i++)
        if (replay(argv[i]) < 0)
            ret = 2;
    printf("%s: %zu inputs hold\n", fuzz_target.name, num_inputs);
    return ret;
}
