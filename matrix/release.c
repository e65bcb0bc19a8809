#include "matrix/release.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char to[] = "..";

/* Compares as far as `end` goes, numbers as numbers: -1, 0, 1. Where `end` is used up, the release
 * is that one or below it: 0. */
static int compare(const char *release, const char *end, size_t len)
{
    const char *stop = end + len;
    while (end < stop) {
        if (isdigit((unsigned char)*release) && isdigit((unsigned char)*end)) {
            char *next_release, *next_end;
            unsigned long a = strtoul(release, &next_release, 10);
            unsigned long b = strtoul(end, &next_end, 10);
            if (a != b)
                return a < b ? -1 : 1;
            release = next_release;
            end = next_end;
        } else if (*release != *end) {
            return *release < *end ? -1 : 1;
        } else {
            release++;
            end++;
        }
    }
    return 0;
}

bool release_matches(const char *wanted, const char *release)
{
    const char *dots = strstr(wanted, to);
    if (dots == NULL)
        return fnmatch(wanted, release, 0) == 0;
    const char *last = dots + strlen(to);
    return compare(release, wanted, (size_t)(dots - wanted)) >= 0 &&
           compare(release, last, strlen(last)) <= 0;
}

int release_check(const char *wanted, struct error *err)
{
    const char *dots = strstr(wanted, to);
    if (dots == NULL)
        return 0;
    const char *last = dots + strlen(to);
    if (dots == wanted || *last == '\0')
        return error_set(err, ERROR_USAGE, "the range '%s' lacks an end", wanted);
    if (strpbrk(wanted, "*?[") != NULL)
        return error_set(err, ERROR_USAGE, "'%s' is a range and a glob at once", wanted);
    if (compare(last, wanted, (size_t)(dots - wanted)) < 0)
        return error_set(err, ERROR_USAGE, "the range '%s' holds nothing", wanted);
    return 0;
}
