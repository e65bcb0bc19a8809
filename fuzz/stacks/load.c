#include "fuzz/stacks/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A library that is shared itself must not take the names of the program's libcrypto for its own,
 * which sanitizers do not allow, nor need: there it is linked in. */
#if defined(__SANITIZE_ADDRESS__)
enum { MODE = RTLD_NOW | RTLD_LOCAL };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { MODE = RTLD_NOW | RTLD_LOCAL };
#else
enum { MODE = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND };
#endif
#else
enum { MODE = RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND };
#endif

static int find(char out[PATH_LEN], const char *name, struct error *err)
{
    char program[PATH_LEN] = "";
    const char *folder = getenv("TLSMATRIX_FUZZ_STACKS");
    if (folder == NULL) {
        ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);
        if (len < 0)
            return error_errno(err, "/proc/self/exe");
        folder = dirname(program);
    }
    if (snprintf(out, PATH_LEN, "%s/libfuzz-%s.so", folder, name) >= PATH_LEN)
        return error_set(err, ERROR_USAGE, "%s: too long a path", folder);
    if (access(out, R_OK) != 0)
        return error_set(err, ERROR_USAGE, "%s: %s (fuzz/stacks/build makes it)", out,
                         strerror(errno));
    return 0;
}

int fuzz_stack_load(struct fuzz_stack *out, const char *name, struct error *err)
{
    char path[PATH_LEN];
    if (find(path, name, err) != 0)
        return -1;
    void *object = dlopen(path, MODE);
    if (object == NULL)
        return error_set(err, ERROR_HARNESS, "%s", dlerror());
    const struct tls_stack *const *stack = dlsym(object, "tls_stack");
    *out = (struct fuzz_stack){ .name = name, .control = dlsym(object, "fuzz_stack_control") };
    if (stack == NULL || out->control == NULL)
        return error_set(err, ERROR_HARNESS, "%s: no stack's shared object", path);
    out->stack = *stack;
    return out->stack->capabilities(&out->capabilities, err);
}
