#include "matrix/added/layout.h"

#include "harness/nearest.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef TLSMATRIX_MULTIARCH
#error "the build says what Debian calls this kind of machine"
#endif
#define MULTIARCH TLSMATRIX_MULTIARCH

const struct api apis[] = {
    { "openssl",
      "OpenSSL",
      "openssl/ssl.h",
      NULL,
      { "peers/openssl", "peers/libssl" },
      { "ssl", "crypto" },
      NULL,
      { "-lpthread", "-ldl" } },
    { "boringssl",
      "BoringSSL",
      "openssl/ssl.h",
      "openssl/base.h",
      { "peers/boringssl", "peers/libssl" },
      { "ssl", "crypto" },
      "android",
      { "-lstdc++", "-lpthread" } },
    { "gnutls",
      "GnuTLS",
      "gnutls/gnutls.h",
      NULL,
      { "peers/gnutls" },
      { "gnutls" },
      NULL,
      { NULL } },
};
const size_t num_apis = sizeof apis / sizeof apis[0];

/* Installed with a prefix, as Debian has it, a whole root; and a tree where it was just built. */
static const char *const include_folders[] = { "include", "usr/include" };
static const char *const library_folders[] = {
    "lib", "lib64", ("lib/" MULTIARCH), ("usr/lib/" MULTIARCH), "usr/lib", "usr/lib64",
    "",    "build", "build/ssl",        "build/crypto",
};
static const char *const loader_folders[] = {
    "usr/lib64", "lib64", ("usr/lib/" MULTIARCH), ("lib/" MULTIARCH), "usr/lib", "lib",
};
static const char *const machine_folders[] = {
    ("/usr/lib/" MULTIARCH),
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

const struct api *api_by_name(const char *name, struct error *err)
{
    struct nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < num_apis; i++) {
        if (strcmp(apis[i].name, name) == 0)
            return &apis[i];
        nearest_offer(&nearest, apis[i].name);
    }
    error_set(err, ERROR_USAGE, "there is no API '%s'%s", name, nearest_hint(&nearest));
    return NULL;
}

/* "BASE/A/B" where those are not empty; false if it is too long or not there. */
static bool is_there(char out[PATH_LEN], const char *base, const char *a, const char *b)
{
    int len = snprintf(out, PATH_LEN, "%s%s%s%s%s", base, a[0] != '\0' ? "/" : "", a,
                       b[0] != '\0' ? "/" : "", b);
    return len < PATH_LEN && access(out, F_OK) == 0;
}

/* The folder of `include_folders` that has the API's headers: `sub` is its subfolder, or "". */
static bool find_headers(char out[PATH_LEN], const char *prefix, const struct api *api,
                         const char *sub)
{
    char folder[PATH_LEN], file[PATH_LEN];
    for (size_t i = 0; i < COUNT(include_folders); i++)
        if (is_there(folder, prefix, include_folders[i], sub) &&
            is_there(file, folder, api->header, "") &&
            (api->mark == NULL || is_there(file, folder, api->mark, ""))) {
            memcpy(out, folder, PATH_LEN);
            return true;
        }
    return false;
}

static const struct api *api_with_mark(const char *folder)
{
    char file[PATH_LEN];
    for (size_t i = 0; i < num_apis; i++)
        if (apis[i].mark != NULL && is_there(file, folder, apis[i].mark, ""))
            return &apis[i];
    return NULL;
}

static int no_headers(const struct layout *layout, struct error *err)
{
    char folder[PATH_LEN];
    for (size_t i = 0; i < num_apis; i++)
        if (&apis[i] != layout->api && (find_headers(folder, layout->prefix, &apis[i], "")))
            return error_set(
                err, ERROR_USAGE, "no headers of %s in %s; those of %s are in %s: --api %s?",
                layout->api->title, layout->prefix, apis[i].title, folder, apis[i].name);
    return error_set(err, ERROR_USAGE,
                     "no headers of %s in %s: no %s under its include or usr/include",
                     layout->api->title, layout->prefix, layout->api->header);
}

static int add_includes(struct layout *layout, struct error *err)
{
    const struct api *api = layout->api;
    char(*first)[PATH_LEN] = &layout->includes[0];
    char usual[PATH_LEN];
    if (!(api->subfolder != NULL && find_headers(*first, layout->prefix, api, api->subfolder)) &&
        !find_headers(*first, layout->prefix, api, ""))
        return no_headers(layout, err);
    const struct api *marked = api_with_mark(*first);
    if (marked != NULL && marked != api)
        return error_set(err, ERROR_USAGE, "the headers in %s are those of %s: --api %s?", *first,
                         marked->title, marked->name);
    layout->num_includes = 1;
    /* Debian has what differs between machines in a folder of its own. */
    if (is_there(usual, *first, MULTIARCH, ""))
        memcpy(layout->includes[layout->num_includes++], usual, PATH_LEN);
    return 0;
}

static void add_directory(struct layout *layout, const char *directory)
{
    for (size_t i = 0; i < layout->num_directories; i++)
        if (strcmp(layout->directories[i], directory) == 0)
            return;
    if (layout->num_directories < LAYOUT_DIRECTORIES_MAX)
        snprintf(layout->directories[layout->num_directories++], PATH_LEN, "%s", directory);
}

/* A shared library rather than a static one, in the first folder that has either. */
static bool find_library(struct layout *layout, size_t index, const char *sub)
{
    static const char *const endings[] = { "so", "a" };
    char folder[PATH_LEN], name[NAME_MAX_LEN];
    for (size_t i = 0; i < COUNT(library_folders); i++)
        for (size_t e = 0; e < COUNT(endings); e++) {
            snprintf(name, sizeof name, "lib%s.%s", layout->api->libraries[index], endings[e]);
            if (!is_there(folder, layout->prefix, library_folders[i], sub) ||
                !is_there(layout->libraries[index], folder, name, ""))
                continue;
            layout->is_shared[index] = e == 0;
            add_directory(layout, folder);
            return true;
        }
    return false;
}

static int add_libraries(struct layout *layout, struct error *err)
{
    const struct api *api = layout->api;
    for (size_t i = 0; api->libraries[i] != NULL; i++)
        if (!(api->subfolder != NULL && find_library(layout, i, api->subfolder)) &&
            !find_library(layout, i, ""))
            return error_set(err, ERROR_USAGE,
                             "no lib%s.so or lib%s.a of %s in %s: neither in lib, lib64, "
                             "lib/" MULTIARCH " nor below usr",
                             api->libraries[i], api->libraries[i], api->title, layout->prefix);
    return 0;
}

/* The name of the loader of programs like this one: PT_INTERP of the running program. */
static int take_interpreter(struct dl_phdr_info *program, size_t size, void *context)
{
    const char **out = context;
    (void)size;
    for (size_t i = 0; i < program->dlpi_phnum; i++)
        if (program->dlpi_phdr[i].p_type == PT_INTERP)
            *out = (const char *)(program->dlpi_addr + program->dlpi_phdr[i].p_vaddr);
    return 1; /* the program itself is the first, and what it loads has none */
}

/* Where the prefix is the machine's own, so are loader and libc. */
static bool is_machines(const char *prefix)
{
    return strcmp(prefix, "/") == 0 || strcmp(prefix, "/usr") == 0;
}

static void find_loader(struct layout *layout)
{
    const char *own = NULL;
    dl_iterate_phdr(take_interpreter, &own);
    const char *name = own == NULL ? NULL : strrchr(own, '/');
    char folder[PATH_LEN];
    if (name == NULL || is_machines(layout->prefix))
        return;
    for (size_t i = 0; i < COUNT(loader_folders); i++)
        if (is_there(folder, layout->prefix, loader_folders[i], "") &&
            is_there(layout->loader, folder, name + 1, ""))
            return;
    layout->loader[0] = '\0';
}

/* A prefix with a loader of its own is a root: libc, its headers and all else come from it. */
static int add_loader(struct layout *layout, struct error *err)
{
    char path[PATH_LEN];
    find_loader(layout);
    if (layout->loader[0] == '\0')
        return 0;
    if (!is_there(path, layout->prefix, "usr/include/stdio.h", ""))
        return error_set(err, ERROR_USAGE,
                         "%s has a loader of its own (%s), but no headers of libc to go with it: "
                         "no usr/include/stdio.h",
                         layout->prefix, layout->loader + strlen(layout->prefix) + 1);
    for (size_t i = 0; i < COUNT(loader_folders); i++)
        if (is_there(path, layout->prefix, loader_folders[i], ""))
            add_directory(layout, path);
    return 0;
}

int layout_find(struct layout *out, const struct api *api, const char *prefix, struct error *err)
{
    struct stat status;
    struct layout layout = { .api = api };
    char real[PATH_MAX];
    if (realpath(prefix, real) == NULL)
        return error_set(err, ERROR_USAGE, "--prefix %s: %s", prefix, strerror(errno));
    if (stat(real, &status) < 0 || !S_ISDIR(status.st_mode))
        return error_set(err, ERROR_USAGE, "--prefix %s: it is no folder", prefix);
    if (strlen(real) > PATH_LEN / 2)
        return error_set(err, ERROR_USAGE, "--prefix %s: the path is too long", prefix);
    if (strchr(real, ':') != NULL)
        return error_set(err, ERROR_USAGE,
                         "--prefix %s: a loader takes no path that has a ':' in it", prefix);
    memcpy(layout.prefix, real, strlen(real) + 1);
    if (add_includes(&layout, err) < 0 || add_libraries(&layout, err) < 0 ||
        add_loader(&layout, err) < 0)
        return -1;
    *out = layout;
    return 0;
}

int layout_static_library(char out[PATH_LEN], const struct layout *layout, const char *name,
                          struct error *err)
{
    char file[NAME_MAX_LEN];
    snprintf(file, sizeof file, "lib%s.a", name);
    for (size_t i = 0; layout->loader[0] != '\0' && i < layout->num_directories; i++)
        if (is_there(out, layout->directories[i], file, ""))
            return 0;
    for (size_t i = 0; i < COUNT(machine_folders); i++)
        if (is_there(out, machine_folders[i], file, ""))
            return 0;
    return error_set(err, ERROR_USAGE, "there is no %s to build a peer with: install lib%s-dev",
                     file, name);
}
