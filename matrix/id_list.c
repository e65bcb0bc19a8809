#include "matrix/id_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Half a million of the longest ids; a list beyond that wants a profile. */
enum { LIST_BYTES_MAX = 160 * 1024 * 1024, FIRST_BYTES = 64 * 1024 };

/* The whole stream with a closing NUL, which the caller frees; NULL with *err. */
static char *read_all(FILE *file, const char *path, struct error *err)
{
    size_t len = 0, size = 0;
    char *text = NULL;
    do {
        size = size == 0 ? FIRST_BYTES : size * 2;
        char *larger = size > LIST_BYTES_MAX ? NULL : realloc(text, size);
        if (larger == NULL) {
            free(text);
            error_set(err, ERROR_USAGE, "%s: more than %d MiB of ids", path,
                      LIST_BYTES_MAX / (1024 * 1024));
            return NULL;
        }
        text = larger;
        len += fread(text + len, 1, size - 1 - len, file);
    } while (len == size - 1);
    text[len] = '\0';
    if (!ferror(file))
        return text;
    error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    free(text);
    return NULL;
}

static size_t count_lines(const char *text)
{
    size_t num = 1;
    for (; *text != '\0'; text++)
        num += *text == '\n';
    return num;
}

int id_list_read(struct id_list *out, const char *path, struct error *err)
{
    struct id_list list = { 0 };
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    list.text = read_all(file, path, err);
    fclose(file);
    if (list.text == NULL)
        return -1;
    size_t num_lines = count_lines(list.text);
    list.ids = calloc(num_lines, sizeof *list.ids);
    list.lines = calloc(num_lines, sizeof *list.lines);
    if (list.ids == NULL || list.lines == NULL) {
        id_list_fini(&list);
        return error_set(err, ERROR_HARNESS, "out of memory");
    }
    char *rest = list.text;
    for (size_t line = 1; rest != NULL; line++) {
        const char *id = strsep(&rest, "\n");
        if (id[0] == '\0')
            continue;
        list.lines[list.num_ids] = line;
        list.ids[list.num_ids++] = id;
    }
    if (list.num_ids == 0) {
        id_list_fini(&list);
        return error_set(err, ERROR_USAGE, "%s: holds no id", path);
    }
    *out = list;
    return 0;
}

void id_list_fini(struct id_list *list)
{
    free(list->lines);
    free(list->ids);
    free(list->text);
    *list = (struct id_list){ 0 };
}
