/* fuzz-script: scripts for people. Bytes to text and back, and what comes of one.
 *
 *   fuzz-script show FILE           the text of an input
 *   fuzz-script make TEXT FILE      the input of a text
 *   fuzz-script play STACK FILE…    plays inputs against a stack, and prints the facts
 *   fuzz-script hello STACK FILE    an input as a raw hello of the matrix, where it can be one
 *   fuzz-script seeds STACK client|server FOLDER    writes seeds for that target */
#include "fuzz/stacks/play.h"
#include "fuzz/stacks/raw_hello.h"
#include "fuzz/stacks/seeds.h"
#include "fuzz/stacks/victim.h"

#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, EXIT_HARNESS = 3 };

static int complain(const struct error *err)
{
    fprintf(stderr, "fuzz-script: %s\n", err->text);
    return err->class == ERROR_USAGE ? EXIT_USAGE : EXIT_HARNESS;
}

static int read_input(uint8_t bytes[SCRIPT_MAX], size_t *len, const char *path, struct error *err)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: cannot be read", path);
    *len = fread(bytes, 1, SCRIPT_MAX, file);
    fclose(file);
    return 0;
}

static int show(char **args, struct error *err)
{
    static uint8_t bytes[SCRIPT_MAX];
    struct script script;
    size_t len = 0;
    if (read_input(bytes, &len, args[0], err) != 0)
        return -1;
    script_read(&script, bytes, len);
    script_show(stdout, &script);
    return 0;
}

static int write_script(const char *path, const struct script *script, struct error *err)
{
    struct writer bytes;
    writer_init(&bytes, SCRIPT_MAX);
    script_write(&bytes, script);
    FILE *file = bytes.failed ? NULL : fopen(path, "wb");
    bool done = file != NULL && fwrite(bytes.data, 1, bytes.len, file) == bytes.len;
    done = file != NULL && fclose(file) == 0 && done;
    writer_fini(&bytes);
    return done ? 0 : error_set(err, ERROR_USAGE, "%s: cannot be written, or is too long", path);
}

static int make(char **args, struct error *err)
{
    struct script script;
    struct writer room;
    FILE *text = fopen(args[0], "r");
    if (text == NULL)
        return error_set(err, ERROR_USAGE, "%s: cannot be read", args[0]);
    writer_init(&room, SCRIPT_MAX);
    int result = script_make(&script, &room, text, err);
    if (result == 0)
        result = write_script(args[1], &script, err);
    else
        error_prefix(err, "%s", args[0]);
    fclose(text);
    writer_fini(&room);
    return result;
}

static int play_file(struct player *player, const struct fuzz_stack *victim, const char *path,
                     struct error *err)
{
    static uint8_t bytes[SCRIPT_MAX];
    struct script script;
    struct outcome outcome;
    size_t len = 0;
    if (read_input(bytes, &len, path, err) != 0)
        return -1;
    script_read(&script, bytes, len);
    if (play(player, &outcome, victim, &script, NULL, err) != 0)
        return -1;
    printf("%s: %s: ", path, victim->name);
    outcome_print(stdout, &outcome);
    return 0;
}

static int play_files(char **args, struct error *err)
{
    struct fuzz_stack victim;
    struct player *player = NULL;
    int result = victim_open(&victim, args[0], err);
    play_unsparing();
    if (result == 0)
        result = player_new(&player, err);
    for (char **path = args + 1; result == 0 && *path != NULL; path++)
        result = play_file(player, &victim, *path, err);
    player_free(player);
    return result;
}

static int write_hello(char **args, struct error *err)
{
    static uint8_t bytes[SCRIPT_MAX];
    struct fuzz_stack victim;
    struct player *player = NULL;
    struct script script;
    const char *slash = strrchr(args[1], '/');
    size_t len = 0;
    int result = read_input(bytes, &len, args[1], err);
    if (result == 0)
        result = victim_open(&victim, args[0], err);
    if (result == 0)
        result = player_new(&player, err);
    if (result == 0) {
        script_read(&script, bytes, len);
        result = raw_hello_write(stdout, &script, slash != NULL ? slash + 1 : args[1], player,
                                 &victim, err);
    }
    player_free(player);
    return result;
}

static int write_seeds(char **args, struct error *err)
{
    struct fuzz_stack victim;
    struct player *player = NULL;
    size_t num = 0;
    bool client = strcmp(args[1], "client") == 0;
    if (!client && strcmp(args[1], "server") != 0)
        return error_set(err, ERROR_USAGE, "%s: neither client nor server", args[1]);
    int result = victim_open(&victim, args[0], err);
    if (result == 0)
        result = player_new(&player, err);
    if (result == 0)
        result =
            seeds_write(&num, player, &victim, client ? ROLE_CLIENT : ROLE_SERVER, args[2], err);
    if (result == 0)
        printf("%zu seeds in %s\n", num, args[2]);
    player_free(player);
    return result;
}

static const struct {
    const char *name;
    int num_args, max_args;
    int (*run)(char **args, struct error *err);
} commands[] = {
    { "show", 1, 1, show },
    { "make", 2, 2, make },
    { "play", 2, 1 << 20, play_files },
    { "hello", 2, 2, write_hello },
    { "seeds", 3, 3, write_seeds },
};

int main(int argc, char **argv)
{
    struct error err = { 0 };
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0 && argc - 2 >= commands[i].num_args &&
            argc - 2 <= commands[i].max_args)
            return commands[i].run(argv + 2, &err) == 0 ? 0 : complain(&err);
    fprintf(stderr, "usage: fuzz-script show FILE | make TEXT FILE | play STACK FILE… |\n"
                    "       hello STACK FILE | seeds STACK client|server FOLDER\n");
    return EXIT_USAGE;
}
