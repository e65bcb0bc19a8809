/* The steps of a story that are programs run by hand: words filled in, files written, programs
 * started, and what they said and left behind held against what the step states. */
#include "harness/clock.h"
#include "matrix/hand.h"
#include "matrix/story_step.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 15000, /* for all of one step */
    WORD_MAX = 4096,     /* of a command, filled in */
    FILE_MAX = 4096,     /* that a step looks at */
};

/* ---- {words} ---- */

enum { VALUE_MAX = PATH_LEN, VALUES_MAX = 16 };

struct values {
    const char *names[VALUES_MAX];
    char texts[VALUES_MAX][VALUE_MAX];
    size_t num;
};

static void add_value(struct values *values, const char *name, const char *text)
{
    values->names[values->num] = name;
    snprintf(values->texts[values->num++], VALUE_MAX, "%s", text);
}

static void add_hash(struct values *values, const char *name, const uint8_t hash[SHA256_LEN])
{
    char hex[2 * SHA256_LEN + 1];
    for (size_t i = 0; i < SHA256_LEN; i++)
        snprintf(hex + 2 * i, 3, "%02x", hash[i]);
    add_value(values, name, hex);
}

static void fill_values(struct values *values, const struct story_place *place, const char *folder)
{
    const struct forged *forged = &place->forge.kinds[CREDENTIAL_RSA2048];
    char seconds[32];
    values->num = 0;
    snprintf(seconds, sizeof seconds, "%lld", (long long)FORGE_TIME);
    add_value(values, "root", forged->trust_file);
    add_value(values, "server-chain", forged->server_chain);
    add_value(values, "server-key", forged->server_key);
    add_value(values, "client-chain", forged->client_chain);
    add_value(values, "client-key", forged->client_key);
    add_value(values, "other-chain", forged->other_chain);
    add_value(values, "other-key", forged->other_key);
    add_value(values, "other-root", place->forge.kinds[CREDENTIAL_RSA3072].trust_file);
    add_hash(values, "server-sha256", forged->server_leaf_sha256);
    add_value(values, "name", FORGE_SERVER_NAME);
    add_value(values, "time", seconds);
    add_value(values, "dir", folder);
    add_value(values, "peers", stacks_peer_directory());
}

static const char *value_of(const struct values *values, const char *name, size_t len)
{
    for (size_t i = 0; i < values->num; i++)
        if (strlen(values->names[i]) == len && memcmp(values->names[i], name, len) == 0)
            return values->texts[i];
    return NULL;
}

/* ERROR_USAGE for an unknown {word}, and for what becomes too long. */
static int fill_in(char out[WORD_MAX], const char *text, const struct values *values,
                   struct error *err)
{
    size_t used = 0;
    while (*text != '\0') {
        const char *close = *text == '{' ? strchr(text, '}') : NULL;
        const char *value =
            close != NULL ? value_of(values, text + 1, (size_t)(close - text - 1)) : NULL;
        if (close != NULL && value == NULL)
            return error_set(err, ERROR_USAGE, "unknown '%.*s'", (int)(close - text + 1), text);
        size_t len = value != NULL ? strlen(value) : 1;
        if (used + len >= WORD_MAX)
            return error_set(err, ERROR_USAGE, "a word becomes too long");
        memcpy(out + used, value != NULL ? value : text, len);
        used += len;
        text = value != NULL ? close + 1 : text + 1;
    }
    out[used] = '\0';
    return 0;
}

/* A command line: `first` words as they are, then the step's, filled in. */
struct command_line {
    char *argv[STORY_WORDS_MAX + 8];
    char texts[STORY_WORDS_MAX][WORD_MAX];
};

static int make_command(struct command_line *out, const char *const first[], size_t num_first,
                        const struct story_words *words, const struct values *values,
                        struct error *err)
{
    size_t num = 0;
    for (size_t i = 0; i < num_first; i++)
        out->argv[num++] = (char *)first[i];
    for (size_t i = 0; i < words->num; i++) {
        if (fill_in(out->texts[i], words->words[i], values, err) < 0)
            return -1;
        out->argv[num++] = out->texts[i];
    }
    out->argv[num] = NULL;
    return 0;
}

/* ---- files ---- */

static int file_path(char out[PATH_LEN], const char *folder, const char *name, struct error *err)
{
    return snprintf(out, PATH_LEN, "%s/%s", folder, name) < PATH_LEN
               ? 0
               : error_set(err, ERROR_USAGE, "%s: path too long", name);
}

static int write_files(const struct story_step *step, const struct values *values,
                       const char *folder, struct error *err)
{
    char path[PATH_LEN], text[WORD_MAX];
    for (size_t i = 0; i < step->num_files; i++) {
        if (file_path(path, folder, step->files[i].name, err) < 0 ||
            fill_in(text, step->files[i].text, values, err) < 0)
            return -1;
        FILE *file = fopen(path, "we");
        bool written = file != NULL && fputs(text, file) >= 0;
        if (file == NULL || fclose(file) != 0 || !written)
            return error_errno(err, "%s", path);
    }
    return 0;
}

struct content {
    char bytes[FILE_MAX];
    ssize_t len; /* -1: it is not there */
};

static void read_content(struct content *out, const char *folder, const char *name)
{
    char path[PATH_LEN];
    out->len = -1;
    if (file_path(path, folder, name, NULL) < 0)
        return;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return;
    out->len = read(file, out->bytes, sizeof out->bytes);
    close(file);
}

static void check_file(struct told *out, const struct story_file *after,
                       const struct content *before, const char *folder)
{
    static struct content now;
    read_content(&now, folder, after->name);
    bool as_stated;
    if (strcmp(after->text, "absent") == 0)
        as_stated = now.len < 0;
    else if (strcmp(after->text, "unchanged") == 0)
        as_stated = now.len == before->len &&
                    (now.len < 0 || memcmp(now.bytes, before->bytes, (size_t)now.len) == 0);
    else
        as_stated = now.len == strtol(after->text, NULL, 10);
    if (!as_stated)
        out->outcome = TOLD_WRONG;
    bool is_length = after->text[0] >= '0' && after->text[0] <= '9';
    told_add(out, " Afterwards the file '%s' %s %s%s.", after->name,
             as_stated ? "is" : "IS NOT, as it should be,", after->text,
             is_length ? " bytes long" : "");
}

/* ---- what was said ---- */

/* The last line, without what a terminal would make of it. */
static void tell_last_line(struct told *out, const struct hand *hand)
{
    size_t end = hand->said_len;
    while (end > 0 && hand->said[end - 1] == '\n')
        end--;
    size_t start = end;
    while (start > 0 && hand->said[start - 1] != '\n')
        start--;
    told_add(out, " exits with %d: '%.*s'.", hand->exit, (int)(end - start), hand->said + start);
    const size_t skip = strlen("\nreceived: ");
    const char *received = strstr(hand->said, "\nreceived: ");
    if (received != NULL)
        told_add(out, " It has received '%.*s'.", (int)strcspn(received + skip, "\n"),
                 received + skip);
}

static void check_said(struct told *out, const struct story_step *step, const char *who,
                       const struct hand *hand, const struct values *values)
{
    char text[WORD_MAX];
    if (hand->exit != step->exit) {
        out->outcome = TOLD_WRONG;
        told_add(out, " THAT IS WRONG: it should exit with %d.", (int)step->exit);
    }
    for (size_t i = 0; i < step->says.num; i++) {
        if (fill_in(text, step->says.words[i], values, NULL) == 0 &&
            strstr(hand->said, text) != NULL)
            continue;
        out->outcome = TOLD_WRONG;
        told_add(out, " THAT IS WRONG: the %s should say '%s'.", who, step->says.words[i]);
    }
    for (size_t i = 0; i < step->not_says.num; i++)
        if (strstr(hand->said, step->not_says.words[i]) != NULL) {
            out->outcome = TOLD_WRONG;
            told_add(out, " THAT IS WRONG: the %s says '%s'.", who, step->not_says.words[i]);
        }
}

/* ---- client and server ---- */

/* The peers' programs know no worker of somebody else's. */
static bool by_hand(const struct story_place *place, size_t stack)
{
    char expected[PATH_LEN * 2];
    const char *name = place->stacks->set.stacks[stack].stack;
    snprintf(expected, sizeof expected, "%s/tlspeer-%s", stacks_peer_directory(), name);
    return strcmp(place->stacks->programs[stack].argv[0], expected) == 0 &&
           strcmp(name, "liar") != 0;
}

struct scene {
    struct values values;
    struct command_line command;
    struct hand server;
    struct hand clients[STORY_CLIENTS_MAX];
    struct content before[STORY_FILES_MAX];
    char folder[PATH_LEN];
    uint64_t deadline_ms;
};

static int start_server(struct scene *scene, const struct story_step *step, const char *program,
                        struct error *err)
{
    static const char listening[] = "listening on ";
    /* For one client the server ends after it, so that what it does not say is not waited for. */
    const char *seconds = value_of(&scene->values, "time", strlen("time"));
    const char *const first[] = { program,  "server", "--listen", "127.0.0.1:0",
                                  "--time", seconds,  "--once" };
    size_t num_first = sizeof first / sizeof first[0] - (step->at_once > 1 ? 1 : 0);
    char address[VALUE_MAX];
    if (step->server.num == 0)
        return 0;
    if (make_command(&scene->command, first, num_first, &step->server, &scene->values, err) < 0 ||
        hand_start(&scene->server, scene->command.argv, err) < 0)
        return -1;
    if (!hand_hear(&scene->server, "\n", scene->deadline_ms) ||
        strncmp(scene->server.said, listening, strlen(listening)) != 0)
        return error_set(err, ERROR_USAGE, "the server does not listen: %.400s",
                         scene->server.said);
    snprintf(address, sizeof address, "%.*s",
             (int)strcspn(scene->server.said + strlen(listening), "\n"),
             scene->server.said + strlen(listening));
    add_value(&scene->values, "address", address);
    return 0;
}

static int run_clients(struct scene *scene, const struct story_step *step, const char *program,
                       struct error *err)
{
    const char *address = value_of(&scene->values, "address", strlen("address"));
    const char *const first[] = { program,     "client",
                                  "--time",    value_of(&scene->values, "time", strlen("time")),
                                  "--connect", address };
    size_t num_first = step->alone ? 1 : sizeof first / sizeof first[0] - (address == NULL ? 2 : 0);
    if (make_command(&scene->command, first, num_first, &step->client, &scene->values, err) < 0)
        return -1;
    for (int64_t i = 0; i < step->at_once; i++)
        if (hand_start(&scene->clients[i], scene->command.argv, err) < 0)
            return -1;
    for (int64_t i = 0; i < step->at_once; i++)
        hand_wait(&scene->clients[i], scene->deadline_ms);
    return 0;
}

static void judge_scene(struct told *out, struct scene *scene, const struct story_step *step)
{
    const char *who = step->alone ? "program" : "client";
    for (int64_t i = 0; i < step->at_once; i++) {
        told_add(out, "%s %s", i == 0 ? "The" : " Another", who);
        tell_last_line(out, &scene->clients[i]);
        check_said(out, step, who, &scene->clients[i], &scene->values);
    }
    for (size_t i = 0; i < step->server_says.num; i++)
        if (!hand_hear(&scene->server, step->server_says.words[i], scene->deadline_ms)) {
            out->outcome = TOLD_WRONG;
            told_add(out, " THAT IS WRONG: the server should say '%s', and says '%.600s'.",
                     step->server_says.words[i], scene->server.said);
        }
    for (size_t i = 0; i < step->num_after; i++)
        check_file(out, &step->after[i], &scene->before[i], scene->folder);
}

static int play(struct told *out, struct scene *scene, const struct story_step *step,
                const struct story_place *place, size_t client, size_t server, struct error *err)
{
    fill_values(&scene->values, place, scene->folder);
    if (write_files(step, &scene->values, scene->folder, err) < 0)
        return -1;
    for (size_t i = 0; i < step->num_after; i++)
        read_content(&scene->before[i], scene->folder, step->after[i].name);
    if (start_server(scene, step, place->stacks->programs[server].argv[0], err) < 0 ||
        run_clients(scene, step, place->stacks->programs[client].argv[0], err) < 0)
        return -1;
    judge_scene(out, scene, step);
    return 0;
}

int story_do_hand(struct told *out, const struct story_step *step, struct story_place *place,
                  size_t client, size_t server, struct error *err)
{
    const struct capabilities *stacks = place->stacks->set.stacks;
    *out = (struct told){ .outcome = TOLD_AS_STATED };
    if (step->alone)
        server = client; /* nobody else takes part */
    if (!by_hand(place, client) || !by_hand(place, server)) {
        out->outcome = TOLD_UNSUPPORTED;
        told_add(out, "%s: a worker only, not to be run by hand.",
                 stacks[by_hand(place, client) ? server : client].stack);
        return 0;
    }
    struct scene *scene = calloc(1, sizeof *scene);
    if (scene == NULL)
        return error_set(err, ERROR_HARNESS, "out of memory");
    scene->deadline_ms = monotonic_ms() + PATIENCE_MS;
    scene->server.channel = scene->server.output = -1;
    for (int i = 0; i < STORY_CLIENTS_MAX; i++)
        scene->clients[i].channel = scene->clients[i].output = -1;
    int len = snprintf(scene->folder, sizeof scene->folder, "%s/%s-%s", place->directory,
                       stacks[client].stack, stacks[server].stack);
    int ret =
        len >= (int)sizeof scene->folder || (mkdir(scene->folder, 0700) != 0 && errno != EEXIST)
            ? error_errno(err, "%s", scene->folder)
            : play(out, scene, step, place, client, server, err);
    hand_fini(&scene->server);
    for (int i = 0; i < STORY_CLIENTS_MAX; i++)
        hand_fini(&scene->clients[i]);
    free(scene);
    return ret < 0 ? yaml_error(step->item, err, "%s", err->text) : 0;
}

/* ---- a program; the capability lists ---- */

int story_do_run(struct told *out, const struct story_step *step, struct story_place *place,
                 struct error *err)
{
    static struct values values;
    static struct command_line command;
    struct hand hand = { .channel = -1, .output = -1 };
    *out = (struct told){ .outcome = TOLD_AS_STATED };
    fill_values(&values, place, place->directory);
    if (make_command(&command, NULL, 0, &step->client, &values, err) < 0 ||
        hand_start(&hand, command.argv, err) < 0) {
        hand_fini(&hand);
        return yaml_error(step->item, err, "%s", err->text);
    }
    hand_wait(&hand, monotonic_ms() + PATIENCE_MS);
    told_add(out, "%s", hand.said);
    check_said(out, step, "program", &hand, &values);
    hand_fini(&hand);
    return 0;
}

static void tell_difference(void *context, const char *line)
{
    struct told *out = context;
    told_add(out, " %s.", line);
}

static void count_difference(void *context, const char *line)
{
    (void)context, (void)line;
}

int story_do_compare(struct told *out, struct story_place *place, size_t client, size_t server)
{
    enum { SHOWN = 12 };
    const struct capabilities *a = &place->stacks->set.stacks[client];
    const struct capabilities *b = &place->stacks->set.stacks[server];
    *out = (struct told){ .outcome = TOLD_AS_STATED };
    size_t num = capabilities_compare(a, b, count_difference, NULL);
    told_add(out, "%s has %zu suites, %s %zu; %zu differences.", a->stack, a->num_suites, b->stack,
             b->num_suites, num);
    if (num > 0 && num <= SHOWN)
        capabilities_compare(a, b, tell_difference, out);
    /* Two lists that differ must be two stacks. */
    if (num > 0 && client == server)
        out->outcome = TOLD_WRONG;
    return 0;
}
