#include "harness/pki/manifest.h"
#include "harness/pki/crypto.h"
#include "harness/pki/layout.h"

#include <stdlib.h>
#include <string.h>

#define HEADER_START "# tlsmatrix credentials, format "

void manifest_header(FILE *out)
{
    fprintf(out, HEADER_START "%d\n", MANIFEST_FORMAT);
}

static void manifest_line(FILE *out, const uint8_t hash[SHA256_LEN], const char *name)
{
    char hex[2 * SHA256_LEN + 1];
    hex_format(hex, hash);
    fprintf(out, "%s  %s\n", hex, name);
}

struct check {
    const char *directory;
    char *rest; /* of the manifest's text, not yet read */
    int line;
    struct error *err;
};

/* The next line, or NULL at the end. */
static char *next_line(struct check *c)
{
    c->line++;
    return strsep(&c->rest, "\n");
}

static int check_header(struct check *c)
{
    const char *line = next_line(c), *format = NULL;
    if (line != NULL && strncmp(line, HEADER_START, strlen(HEADER_START)) == 0)
        format = line + strlen(HEADER_START);
    if (format == NULL || format[0] == '\0' || format[strspn(format, "0123456789")] != '\0')
        return error_set(c->err, ERROR_USAGE, "%s/%s:1: not a manifest of tlsmatrix credentials",
                         c->directory, FORGE_MANIFEST);
    char own[16];
    snprintf(own, sizeof own, "%d", MANIFEST_FORMAT);
    if (strcmp(format, own) != 0)
        return error_set(c->err, ERROR_USAGE,
                         "%s: credentials in format %.16s, this version makes and reads format %d: "
                         "remove the directory or name another one",
                         c->directory, format, MANIFEST_FORMAT);
    return 0;
}

int manifest_put(FILE *out, const char *directory, const char *name, mode_t mode, const void *data,
                 size_t len, struct error *err)
{
    char path[PATH_LEN];
    uint8_t hash[SHA256_LEN];
    if (path_format(path, err, "%s/%s", directory, name) < 0 || sha256(hash, data, len, err) < 0 ||
        file_write(path, mode, data, len, err) < 0)
        return -1;
    manifest_line(out, hash, name);
    return 0;
}

int manifest_check_file(const char *directory, const char *name, const char *expected_hex,
                        struct error *err)
{
    char path[PATH_LEN], hex[2 * SHA256_LEN + 1];
    uint8_t hash[SHA256_LEN];
    struct bytes content;
    if (path_format(path, err, "%s/%s", directory, name) < 0 || file_read(&content, path, err) < 0)
        return -1;
    int result = sha256(hash, content.data, content.len, err);
    free(content.data);
    if (result < 0)
        return -1;
    hex_format(hex, hash);
    if (strcmp(hex, expected_hex) != 0)
        return error_set(err, ERROR_USAGE,
                         "%s: differs from its hash in %s: remove the directory, or name another "
                         "one, to make new credentials",
                         path, FORGE_MANIFEST);
    return 0;
}

static int check_file(struct check *c, const char *name)
{
    char *line = next_line(c);
    char *file = line == NULL ? NULL : strstr(line, "  ");
    if (file == NULL || strcmp(file + 2, name) != 0)
        return error_set(c->err, ERROR_USAGE, "%s/%s:%d: must be the line of %s", c->directory,
                         FORGE_MANIFEST, c->line, name);
    *file = '\0';
    return manifest_check_file(c->directory, name, line, c->err);
}

static int check_kind(struct check *c, enum credential kind)
{
    char name[PATH_LEN];
    for (size_t i = 0; i < NUM_FORGE_FILES; i++)
        if (path_format(name, c->err, "%s/%s", credential_name(kind), forge_files[i].name) < 0 ||
            check_file(c, name) < 0)
            return -1;
    return 0;
}

static int check_all(struct check *c)
{
    if (check_header(c) < 0)
        return -1;
    for (int kind = CREDENTIAL_NONE + 1; kind < NUM_CREDENTIALS; kind++)
        if (check_kind(c, (enum credential)kind) < 0)
            return -1;
    if (check_file(c, FORGE_ALL_ROOTS) < 0)
        return -1;
    return check_file(c, FORGE_DESCRIPTION);
}

int manifest_check(const char *directory, struct error *err)
{
    char path[PATH_LEN];
    struct bytes text;
    if (path_format(path, err, "%s/%s", directory, FORGE_MANIFEST) < 0 ||
        file_read(&text, path, err) < 0)
        return -1;
    struct check check = { .directory = directory, .rest = (char *)text.data, .err = err };
    int result = check_all(&check);
    free(text.data);
    return result;
}
