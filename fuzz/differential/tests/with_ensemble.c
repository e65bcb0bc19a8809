#include "fuzz/differential/tests/with_ensemble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct ensemble *ensemble;

int open_all(void **state)
{
    struct error err = { 0 };
    (void)state;
    if (ensemble_new(&ensemble, &err) == 0)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return -1;
}

int close_all(void **state)
{
    (void)state;
    ensemble_free(ensemble);
    return 0;
}

void make(struct script *out, struct writer *room, const char *text)
{
    struct error err = { 0 };
    FILE *stream = fmemopen((void *)text, strlen(text), "r");
    writer_init(room, SCRIPT_MAX + SCRIPT_HEADER_LEN);
    if (script_make(out, room, stream, &err) != 0)
        fail_msg("%s: %s", text, err.text);
    fclose(stream);
}
