#include "fuzz/common/telling.h"

#include "fuzz/common/fuzz.h"
#include "fuzz/common/memory_file.h"

#include <stdlib.h>
#include <string.h>

struct told {
    char *text;
    size_t len;
    int result;
};

static void tell_to(struct told *out, telling *tell, const char *path)
{
    FILE *stream = open_memstream(&out->text, &out->len);
    out->result = tell(stream, path);
    fclose(stream);
}

void tell_twice(telling *tell, const uint8_t *data, size_t len)
{
    struct told once, twice;
    const char *path = memory_file(data, len);
    tell_to(&once, tell, path);
    tell_to(&twice, tell, path);
    FUZZ_ASSERT(once.result == twice.result);
    FUZZ_ASSERT(once.len == twice.len && memcmp(once.text, twice.text, once.len) == 0);
    free(once.text);
    free(twice.text);
}

void tell_first(telling *tell, const char *path)
{
    struct told told;
    tell_to(&told, tell, path);
    free(told.text);
}

void check_harmless(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        FUZZ_ASSERT(text[i] == '\n' || ((unsigned char)text[i] >= ' ' && text[i] != 0x7F));
}
