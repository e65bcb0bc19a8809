#include "matrix/added/build.h"

#include "matrix/stacks.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum {
    WORDS_MAX = 512,     /* the linker's: an object for each of about 80 sources */
    JOBS_MAX = 16,       /* compilers at a time */
    PATHS_MAX = 1 << 16, /* bytes of the words that are made here */
};

/* What every peer is made of, beside its API's folders. */
static const char *const shared_folders[] = {
    "harness", "harness/wire", "harness/control", "harness/process", "harness/yaml", "peers/common",
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* A command line under construction: the words that are made live in `text`. */
struct words {
    char *argv[WORDS_MAX + 1];
    size_t num;
    char text[PATHS_MAX];
    size_t used;
    bool overflow;
};

static void add_word(struct words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_word(struct words *words, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t left = sizeof words->text - words->used;
    int len = vsnprintf(words->text + words->used, left, format, args);
    va_end(args);
    if (words->num == WORDS_MAX || len < 0 || (size_t)len >= left) {
        words->overflow = true;
        return;
    }
    words->argv[words->num++] = words->text + words->used;
    words->argv[words->num] = NULL;
    words->used += (size_t)len + 1;
}

/* $CC may be more than one word. */
static void start_with_compiler(struct words *words)
{
    const char *given = getenv("CC");
    char text[PATH_LEN], *state = NULL;
    words->num = words->used = 0;
    words->overflow = false;
    snprintf(text, sizeof text, "%s", given != NULL && given[0] != '\0' ? given : "cc");
    for (char *word = strtok_r(text, " ", &state); word != NULL; word = strtok_r(NULL, " ", &state))
        add_word(words, "%s", word);
}

/* A root brings its own libc: headers, start files, and the libraries that the compiler adds. The
 * compiler's own idea of where those are comes first, so it is told by -B and -L. Headers for the
 * peer's own needs (jansson, yaml) may be the machine's where the root has none. */
static void add_root(struct words *words, const struct layout *layout)
{
    if (layout->loader[0] == '\0')
        return;
    add_word(words, "--sysroot=%s", layout->prefix);
    for (size_t i = 0; i < layout->num_directories; i++) {
        add_word(words, "-B%s/", layout->directories[i]);
        add_word(words, "-L%s", layout->directories[i]);
    }
    add_word(words, "-idirafter");
    add_word(words, "/usr/include");
}

static void write_compile(struct words *words, const struct layout *layout, const char *source,
                          const char *object)
{
    char base[PATH_LEN];
    stacks_data_path(base, "");
    start_with_compiler(words);
    add_root(words, layout);
    for (size_t i = 0; i < layout->num_includes; i++)
        add_word(words, "-I%s", layout->includes[i]);
    add_word(words, "-I%s", base);
    add_word(words, "-std=gnu17");
    add_word(words, "-O2");
    add_word(words, "-w"); /* other releases deprecate what is used here */
    add_word(words, "-D_GNU_SOURCE");
    add_word(words, "-DOPENSSL_SUPPRESS_DEPRECATED");
    add_word(words, "-DTLSMATRIX_VERSION=\"%s\"", TLSMATRIX_VERSION);
    add_word(words, "-c");
    add_word(words, "%s", source);
    add_word(words, "-o");
    add_word(words, "%s", object);
}

/* The first line of a log that says what is wrong. */
static int told_by(const char *log, const char *what, struct error *err)
{
    static const char *const signs[] = { "error", "undefined reference", "cannot find" };
    char line[TEXT_LEN], first[TEXT_LEN] = "";
    FILE *file = fopen(log, "r");
    while (file != NULL && first[0] == '\0' && fgets(line, sizeof line, file) != NULL)
        for (size_t i = 0; i < COUNT(signs); i++)
            if (strstr(line, signs[i]) != NULL)
                memcpy(first, line, sizeof first);
    if (file != NULL)
        fclose(file);
    first[strcspn(first, "\n")] = '\0';
    return error_set(err, ERROR_USAGE, "the peer does not %s: %s", what,
                     first[0] != '\0' ? first : "the compiler does not say why");
}

/* Starts argv with both outputs to `log`. */
static int start(pid_t *pid, char *const argv[], const char *log, struct error *err)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC,
                                     0666);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    int why = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return why == 0 ? 0
                    : error_set(err, ERROR_USAGE, "cannot run the compiler %s: %s (set CC)",
                                argv[0], strerror(why));
}

static bool ended_well(pid_t pid)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return false;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int list_sources(glob_t *out, const struct api *api, const char *ending, struct error *err)
{
    char pattern[PATH_LEN + NAME_MAX_LEN], folder[PATH_LEN];
    const char *folders[COUNT(shared_folders) + API_FOLDERS_MAX];
    size_t num = 0;
    for (size_t i = 0; i < COUNT(shared_folders); i++)
        folders[num++] = shared_folders[i];
    for (size_t i = 0; i < API_FOLDERS_MAX && api->folders[i] != NULL; i++)
        folders[num++] = api->folders[i];
    out->gl_pathc = 0;
    for (size_t i = 0; i < num; i++) {
        stacks_data_path(folder, folders[i]);
        snprintf(pattern, sizeof pattern, "%s/*.%s", folder, ending);
        int found = glob(pattern, i > 0 ? GLOB_APPEND : 0, NULL, out);
        if (found == GLOB_NOSPACE)
            return error_set(err, ERROR_HARNESS, "out of memory");
        if (found == GLOB_NOMATCH && strcmp(ending, "c") == 0) {
            globfree(out);
            return error_set(err, ERROR_USAGE, "the sources of peers are not there: %s", pattern);
        }
    }
    return 0;
}

static void object_path(char out[PATH_LEN], const char *scratch, size_t index, const char *ending)
{
    snprintf(out, PATH_LEN, "%s/%03zu.%s", scratch, index, ending);
}

/* As many at a time as there are processors; all that were started are waited for. */
static int compile_all(const glob_t *sources, const char *scratch, const struct layout *layout,
                       struct words *words, struct error *err)
{
    pid_t running[JOBS_MAX];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t lanes = processors < 1 ? 1 : processors > JOBS_MAX ? JOBS_MAX : (size_t)processors;
    size_t started = 0, ended = 0;
    int ret = 0;
    while (ended < started || (ret == 0 && started < sources->gl_pathc)) {
        char object[PATH_LEN], log[PATH_LEN];
        if (ret == 0 && started < sources->gl_pathc && started - ended < lanes) {
            object_path(object, scratch, started, "o");
            object_path(log, scratch, started, "log");
            write_compile(words, layout, sources->gl_pathv[started], object);
            ret = start(&running[started % lanes], words->argv, log, err);
            started += ret == 0;
            continue;
        }
        object_path(log, scratch, ended, "log");
        if (!ended_well(running[ended++ % lanes]) && ret == 0)
            ret = told_by(log, "compile", err);
    }
    return ret;
}

static int add_libraries(struct words *words, const struct layout *layout, struct error *err)
{
    static const char *const own[] = { "jansson", "yaml" };
    char path[PATH_LEN];
    bool all_shared = true;
    for (size_t i = 0; layout->api->libraries[i] != NULL; i++) {
        add_word(words, "%s", layout->libraries[i]);
        all_shared = all_shared && layout->is_shared[i];
    }
    for (size_t i = 0; i < COUNT(own); i++) {
        if (layout_static_library(path, layout, own[i], err) < 0)
            return -1;
        add_word(words, "%s", path);
    }
    for (size_t i = 0; !all_shared && i < COUNT(layout->api->with_static); i++)
        if (layout->api->with_static[i] != NULL)
            add_word(words, "%s", layout->api->with_static[i]);
    return 0;
}

/* RPATH and not RUNPATH, which the loader would not use for what the libraries themselves need,
 * and which LD_LIBRARY_PATH overrides. */
static void add_loader(struct words *words, const struct layout *layout)
{
    add_word(words, "-Wl,--disable-new-dtags");
    for (size_t i = 0; i < layout->num_directories; i++) {
        add_word(words, "-Xlinker");
        add_word(words, "-rpath");
        add_word(words, "-Xlinker");
        add_word(words, "%s", layout->directories[i]);
    }
    if (layout->loader[0] == '\0')
        return;
    add_word(words, "-Xlinker");
    add_word(words, "--dynamic-linker");
    add_word(words, "-Xlinker");
    add_word(words, "%s", layout->loader);
}

/* The objects that compile_all() has left in `scratch`. */
static void add_objects(struct words *words, const char *scratch)
{
    char object[PATH_LEN];
    for (size_t i = 0;; i++) {
        object_path(object, scratch, i, "o");
        if (access(object, F_OK) != 0)
            return;
        add_word(words, "%s", object);
    }
}

static int link_peer(struct words *words, const char *program, const char *scratch,
                     const struct layout *layout, char *const *more, size_t num_more,
                     struct error *err)
{
    char log[PATH_LEN];
    pid_t pid;
    snprintf(log, sizeof log, "%s/link.log", scratch);
    start_with_compiler(words);
    add_root(words, layout);
    add_objects(words, scratch);
    if (add_libraries(words, layout, err) < 0)
        return -1;
    add_word(words, "-Wl,--no-as-needed");
    for (size_t i = 0; i < num_more; i++)
        add_word(words, "%s", more[i]);
    add_loader(words, layout);
    add_word(words, "-o");
    add_word(words, "%s", program);
    if (words->overflow)
        return error_set(err, ERROR_USAGE, "the linker's command line becomes too long");
    if (start(&pid, words->argv, log, err) < 0)
        return -1;
    return ended_well(pid) ? 0 : told_by(log, "link", err);
}

int build_link(const char *program, const char *scratch, const struct layout *layout,
               char *const *more, size_t num_more, struct error *err)
{
    struct words *words = malloc(sizeof *words);
    if (words == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    int ret = link_peer(words, program, scratch, layout, more, num_more, err);
    free(words);
    return ret;
}

int build_peer(const char *program, const char *scratch, const struct layout *layout,
               struct error *err)
{
    glob_t sources;
    if (list_sources(&sources, layout->api, "c", err) < 0)
        return -1;
    struct words *words = malloc(sizeof *words);
    int ret = words == NULL ? error_set(err, ERROR_HARNESS, "out of memory")
                            : compile_all(&sources, scratch, layout, words, err);
    free(words);
    globfree(&sources);
    return ret < 0 ? -1 : build_link(program, scratch, layout, NULL, 0, err);
}

static int hash_file(uint64_t *hash, const char *path, struct error *err)
{
    static const uint64_t prime = UINT64_C(0x100000001b3);
    int c;
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    while ((c = getc(file)) != EOF)
        *hash = (*hash ^ (uint64_t)c) * prime;
    fclose(file);
    return 0;
}

int build_sources_hash(uint64_t *out, const struct api *api, struct error *err)
{
    static const char *const endings[] = { "c", "h" };
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    int ret = 0;
    for (size_t e = 0; e < COUNT(endings); e++) {
        glob_t files;
        if (list_sources(&files, api, endings[e], err) < 0)
            return -1;
        for (size_t i = 0; i < files.gl_pathc && ret == 0; i++)
            ret = hash_file(&hash, files.gl_pathv[i], err);
        globfree(&files);
    }
    *out = hash;
    return ret;
}
