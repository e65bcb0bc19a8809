#include "peers/common/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Without regard to content, as one compares secrets; a pin is none, but the habit is cheap. */
static bool equal_hashes(const uint8_t a[SHA256_LEN], const uint8_t b[SHA256_LEN])
{
    unsigned difference = 0;
    for (size_t i = 0; i < SHA256_LEN; i++)
        difference |= a[i] ^ b[i];
    return difference == 0;
}

/* One byte more than a hash is asked for, so that a longer file shows. */
static int read_hash(uint8_t out[SHA256_LEN], int file, const char *path, struct error *err)
{
    uint8_t bytes[SHA256_LEN + 1];
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return error_set(err, ERROR_USAGE, "%s: not a regular file", path);
    ssize_t len = read(file, bytes, sizeof bytes);
    if (len != SHA256_LEN)
        return error_set(err, ERROR_USAGE, "%s: must hold exactly %d bytes", path, SHA256_LEN);
    memcpy(out, bytes, SHA256_LEN);
    return 0;
}

/* 1: read; 0: there is no such file; -1. */
static int read_store(uint8_t out[SHA256_LEN], const char *path, struct error *err)
{
    /* Non-blocking, lest a FIFO by that name hold the peer for ever. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT)
        return 0;
    if (file < 0)
        return error_set(err, ERROR_USAGE, "%s: %s", path, strerror(errno));
    int status = read_hash(out, file, path, err);
    close(file);
    return status == 0 ? 1 : -1;
}

static int load_store(struct pin *pin, struct error *err)
{
    int found = read_store(pin->sha256, pin->store, err);
    if (found < 0)
        return -1;
    pin->known = found == 1;
    return 0;
}

int pin_load(struct pin *out, const struct endpoint *endpoint, struct error *err)
{
    struct pin pin = { .mode = endpoint->pin, .known = true };
    memcpy(pin.sha256, endpoint->pin_sha256, SHA256_LEN);
    memcpy(pin.store, endpoint->tofu_store, sizeof pin.store);
    if (pin.mode == PIN_TOFU && load_store(&pin, err) != 0)
        return -1;
    *out = pin;
    return 0;
}

static int write_hash(const char *path, const uint8_t hash[SHA256_LEN], struct error *err)
{
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return error_errno(err, "%s", path);
    bool written = write(file, hash, SHA256_LEN) == SHA256_LEN;
    if (close(file) == 0 && written)
        return 0;
    error_errno(err, "%s", path);
    unlink(path);
    return -1;
}

static int refuse_changed(const char *store, struct error *err)
{
    return error_set(err, ERROR_USAGE, "certificate differs from the one of the first use in %s",
                     store);
}

/* Another first use was quicker: what it stored counts. */
static int check_winner(const char *store, const uint8_t leaf[SHA256_LEN], struct error *err)
{
    uint8_t stored[SHA256_LEN];
    int found = read_store(stored, store, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return error_set(err, ERROR_HARNESS, "%s: gone between two looks", store);
    return equal_hashes(stored, leaf) ? 0 : refuse_changed(store, err);
}

/* Written aside and linked into place: link() is atomic and fails if the store is there. */
static int store_first(const char *store, const uint8_t leaf[SHA256_LEN], struct error *err)
{
    static unsigned counter; /* one process runs one case at a time, but a name is used once */
    char aside[PATH_LEN + 32];
    snprintf(aside, sizeof aside, "%s.new-%d-%u", store, (int)getpid(), counter++);
    if (write_hash(aside, leaf, err) != 0)
        return -1;
    int status = link(aside, store);
    int why = errno;
    unlink(aside);
    if (status == 0)
        return 0;
    errno = why;
    return why == EEXIST ? check_winner(store, leaf, err) : error_errno(err, "%s", store);
}

int pin_check(const struct pin *pin, const uint8_t leaf[SHA256_LEN], const uint8_t spki[SHA256_LEN],
              struct error *err)
{
    switch (pin->mode) {
    case PIN_OFF:
        return 0;
    case PIN_LEAF:
        return equal_hashes(pin->sha256, leaf)
                   ? 0
                   : error_set(err, ERROR_USAGE, "certificate is not the pinned one");
    case PIN_SPKI:
        return equal_hashes(pin->sha256, spki)
                   ? 0
                   : error_set(err, ERROR_USAGE, "public key is not the pinned one");
    case PIN_TOFU:
        break;
    }
    if (!pin->known)
        return store_first(pin->store, leaf, err);
    return equal_hashes(pin->sha256, leaf) ? 0 : refuse_changed(pin->store, err);
}
