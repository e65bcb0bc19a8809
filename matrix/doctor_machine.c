/* What the machine has: the kernel's permissions, room, programs. Each is tried as a run uses it,
 * and what is tried leaves nothing behind. */
#include "captures/tcpdump.h"
#include "harness/pki/forge.h"
#include "matrix/doctor.h"
#include "matrix/network.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

struct finding *finding_add(struct findings *out, const char *name, enum need need,
                            const char *purpose)
{
    if (out->num == FINDINGS_MAX)
        return NULL;
    struct finding *finding = &out->rows[out->num++];
    *finding = (struct finding){ .need = need, .purpose = purpose, .there = true };
    snprintf(finding->name, sizeof finding->name, "%s", name);
    return finding;
}

void finding_missing(struct finding *finding, const char *mend_format, ...)
{
    va_list args;
    va_start(args, mend_format);
    vsnprintf(finding->mend, sizeof finding->mend, mend_format, args);
    va_end(args);
    finding->there = false;
}

static bool program_in(char out[PATH_LEN], const char *path, const char *name, size_t name_len)
{
    for (const char *end; *path != '\0'; path = end + (*end == ':')) {
        end = strchrnul(path, ':');
        if (snprintf(out, PATH_LEN, "%.*s/%.*s", (int)(end - path), path, (int)name_len, name) <
                PATH_LEN &&
            access(out, X_OK) == 0)
            return true;
    }
    return false;
}

bool program_find(char out[PATH_LEN], const char *names)
{
    const char *path = getenv("PATH");
    for (size_t len; *names != '\0'; names += len + (names[len] == ' ')) {
        len = strcspn(names, " ");
        if (program_in(out, path != NULL ? path : "", names, len) ||
            program_in(out, "/usr/sbin:/sbin", names, len))
            return true;
    }
    return false;
}

/* What a person here would put before a command for root. */
static const char *as_root(void)
{
    char path[PATH_LEN];
    return geteuid() != 0 && program_find(path, "sudo") ? "sudo " : "";
}

void finding_wants_package(struct finding *finding, const char *package)
{
    finding_missing(finding, "%sapt-get install --no-install-recommends %s", as_root(), package);
}

/* ---- network ---- */

/* What a process of its own found out: it may go into a namespace that we are not to follow. */
struct trial {
    bool done;
    char reason[ERROR_TEXT_MAX];
};

/* As a run does it: isolated where that works, then tcpdump on what is then the loopback. */
static void try_recording(struct trial *trial)
{
    struct network network;
    struct tcpdump tcpdump;
    struct error err = { .class = ERROR_NONE };
    uint64_t num_captured, num_dropped;
    char reason[ERROR_TEXT_MAX];
    bool isolated = network_isolate(reason);
    bool ready = network_init(&network, isolated, &err) == 0;
    trial->done = ready &&
                  tcpdump_start(&tcpdump, NULL, network.port, network.packet_max, &err) == 0 &&
                  tcpdump_stop(&tcpdump, &num_captured, &num_dropped, &err) == 0;
    memcpy(trial->reason, err.text, sizeof trial->reason);
    if (ready)
        network_fini(&network);
}

static void try_isolating(struct trial *trial)
{
    trial->done = network_isolate(trial->reason);
}

static void try_pair(struct trial *trial)
{
    struct network network;
    struct error err = { .class = ERROR_NONE };
    int client, server;
    bool ready = network_init(&network, false, &err) == 0;
    trial->done = ready && network_pair(&network, 1, &client, &server, &err) == 0;
    memcpy(trial->reason, err.text, sizeof trial->reason);
    if (trial->done) {
        close(client);
        close(server);
    }
    if (ready)
        network_fini(&network);
}

static struct trial in_a_process(void (*try)(struct trial *trial))
{
    struct trial trial = { .done = false };
    int ends[2];
    if (pipe(ends) != 0)
        return trial;
    pid_t pid = fork();
    if (pid == 0) {
        try(&trial);
        _exit(write(ends[1], &trial, sizeof trial) == sizeof trial ? 0 : 1);
    }
    close(ends[1]);
    if (pid < 0 || read(ends[0], &trial, sizeof trial) != sizeof trial)
        snprintf(trial.reason, sizeof trial.reason, "the trial itself failed");
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return trial;
}

static bool setting_is(const char *path, char value)
{
    FILE *file = fopen(path, "r");
    bool is = file != NULL && fgetc(file) == value;
    if (file != NULL)
        fclose(file);
    return is;
}

static void mend_namespaces(struct finding *finding)
{
    if (setting_is("/proc/sys/kernel/unprivileged_userns_clone", '0'))
        finding_missing(finding, "%ssysctl -w kernel.unprivileged_userns_clone=1", as_root());
    else if (setting_is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
        finding_missing(finding, "%ssysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
                        as_root());
    else if (setting_is("/proc/sys/user/max_user_namespaces", '0'))
        finding_missing(finding, "%ssysctl -w user.max_user_namespaces=1000", as_root());
    else
        finding_missing(finding, "run as root, in a container with --cap-add SYS_ADMIN");
}

static void look_at_recording(struct findings *out)
{
    char path[PATH_LEN];
    bool has_tcpdump = program_find(path, "tcpdump");
    struct finding *finding =
        finding_add(out, "recording", NEED_RECORDING, "judging what crossed the wire");
    if (finding == NULL)
        return;
    struct trial trial = in_a_process(try_recording);
    snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1,
             trial.done ? path : trial.reason);
    if (trial.done)
        return;
    if (!has_tcpdump)
        finding_wants_package(finding, "tcpdump");
    else
        finding_missing(finding, "%ssetcap cap_net_raw+ep %.400s", as_root(), path);
}

void look_at_network(struct findings *out)
{
    struct trial pair = in_a_process(try_pair), isolated = in_a_process(try_isolating);
    struct finding *finding = finding_add(out, "loopback", NEED_RUN, "a connection for each case");
    if (finding != NULL) {
        snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1,
                 pair.done ? "127.1.0.1 reaches 127.128.0.1" : pair.reason);
        if (!pair.done)
            finding_missing(finding, "%sip link set lo up", as_root());
    }
    finding = finding_add(out, "namespaces", NEED_RECORDING,
                          "a network of the run's own, with nobody else's packets");
    if (finding != NULL) {
        snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1,
                 isolated.done ? "a run has a network of its own" : isolated.reason);
        if (!isolated.done)
            mend_namespaces(finding);
    }
    look_at_recording(out);
}

/* ---- room ---- */

enum {
    ROOM_MIN_MIB = 256, /* a pairwise run with --capture all takes some 150 */
    FILES_MIN = 1024,   /* four descriptors a lane, 64 lanes, and the results */
};

static void look_at_room(struct findings *out)
{
    struct statvfs status;
    struct finding *finding = finding_add(out, "disk", NEED_RUN, "results and captures");
    if (finding == NULL)
        return;
    if (access(".", W_OK) != 0 || statvfs(".", &status) != 0) {
        snprintf(finding->found, sizeof finding->found, "this folder: %s", strerror(errno));
        finding_missing(finding, "tlsmatrix run --out FOLDER");
        return;
    }
    unsigned long long mib =
        (unsigned long long)status.f_bavail * status.f_frsize / (1024ULL * 1024);
    snprintf(finding->found, sizeof finding->found, "%llu MiB are free in this folder", mib);
    if (mib < ROOM_MIN_MIB)
        finding_missing(finding, "tlsmatrix run --out FOLDER-ELSEWHERE");
}

/* The folder, or the lowest above it that there is. */
static bool writable(const char *path)
{
    char above[PATH_LEN];
    struct stat status;
    snprintf(above, sizeof above, "%s", path);
    while (stat(above, &status) != 0) {
        char *slash = strrchr(above, '/');
        if (slash == NULL || slash == above)
            return access(slash == NULL ? "." : "/", W_OK) == 0;
        *slash = '\0';
    }
    return S_ISDIR(status.st_mode) && access(above, W_OK) == 0;
}

static void look_at_key_cache(struct findings *out)
{
    char path[PATH_LEN];
    struct finding *finding =
        finding_add(out, "key cache", NEED_OTHER, "making each key once, not for each run anew");
    if (finding == NULL)
        return;
    forge_default_key_cache(path);
    snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1,
             path[0] != '\0' ? path : "no home folder");
    if (path[0] == '\0' || !writable(path))
        finding_missing(finding, "export TLSMATRIX_CACHE=FOLDER");
}

static void look_at_files(struct findings *out)
{
    struct rlimit limit;
    struct finding *finding = finding_add(out, "open files", NEED_RUN, "many cases at a time");
    if (finding == NULL || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    snprintf(finding->found, sizeof finding->found, "%llu at a time",
             (unsigned long long)limit.rlim_cur);
    if (limit.rlim_cur < FILES_MIN)
        finding_missing(finding, "ulimit -n %d", FILES_MIN);
}

void look_at_disk(struct findings *out)
{
    look_at_room(out);
    look_at_key_cache(out);
    look_at_files(out);
}

/* ---- programs ---- */

static const struct {
    const char *name, *programs, *package, *purpose;
} programs[] = {
    { "tshark", "tshark", "tshark", "tests: a second opinion on captures" },
    { "pytest", "pytest-3 pytest", "python3-pytest python3-pytest-timeout python3-pytest-xdist",
      "tests; the matrix from pytest" },
    { "chromium", "chromium chromium-headless-shell", "chromium-headless-shell",
      "tests of the report and of explain" },
    { "compiler", "cc gcc clang", "gcc libc6-dev", "building; stacks add" },
    { "cmake", "cmake", "cmake ninja-build", "building; stacks add" },
    { "pkg-config", "pkg-config pkgconf", "pkg-config", "building; stacks add" },
    { "clang", "clang", "clang libclang-rt-dev llvm", "fuzzing" },
    { "parallel", "parallel", "parallel", "shards over several machines" },
};

void look_at_programs(struct findings *out)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        struct finding *finding =
            finding_add(out, programs[i].name, NEED_OTHER, programs[i].purpose);
        char path[PATH_LEN];
        if (finding == NULL)
            return;
        bool there = program_find(path, programs[i].programs);
        snprintf(finding->found, sizeof finding->found, "%.*s", TEXT_LEN - 1,
                 there ? path : "not installed");
        if (!there)
            finding_wants_package(finding, programs[i].package);
    }
}
