/* Pins and trust on first use, also when many processes use it first at once. */
#include "peers/common/pin.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NUM_PROCESSES = 48 };

static char directory[64];
static char store[128];

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/pin_test-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(store, sizeof store, "%s/store", directory);
    return 0;
}

static int remove_directory(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", directory);
    return system(command);
}

static struct endpoint tofu_endpoint(void)
{
    struct endpoint endpoint = { .pin = PIN_TOFU };
    strcpy(endpoint.tofu_store, store);
    return endpoint;
}

static void write_store(const void *bytes, size_t len)
{
    FILE *file = fopen(store, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

/* The number of bytes in the store. */
static size_t read_store(uint8_t out[64])
{
    FILE *file = fopen(store, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, 64, file);
    fclose(file);
    return len;
}

static void only_the_pinned_hash_passes(void **state)
{
    static const enum pin_mode modes[] = { PIN_LEAF, PIN_SPKI };
    uint8_t right[SHA256_LEN] = { 1 }, wrong[SHA256_LEN] = { 2 };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bool leaf = modes[i] == PIN_LEAF;
        struct endpoint endpoint = { .pin = modes[i], .pin_sha256 = { 1 } };
        struct pin pin;
        struct error err = { 0 };
        assert_int_equal(pin_load(&pin, &endpoint, NULL), 0);
        assert_int_equal(pin_check(&pin, leaf ? right : wrong, leaf ? wrong : right, NULL), 0);
        assert_int_equal(pin_check(&pin, leaf ? wrong : right, leaf ? right : wrong, &err), -1);
        assert_int_equal(err.class, ERROR_USAGE);
        assert_non_null(strstr(err.text, "not the pinned one"));
    }
}

static void every_bit_of_the_hash_counts(void **state)
{
    (void)state;
    struct endpoint endpoint = { .pin = PIN_LEAF };
    struct pin pin;
    assert_int_equal(pin_load(&pin, &endpoint, NULL), 0);
    for (int bit = 0; bit < 8 * SHA256_LEN; bit++) {
        uint8_t leaf[SHA256_LEN] = { 0 };
        leaf[bit / 8] = (uint8_t)(1 << bit % 8);
        assert_int_equal(pin_check(&pin, leaf, leaf, NULL), -1);
    }
}

static void the_first_use_is_remembered(void **state)
{
    (void)state;
    struct endpoint endpoint = tofu_endpoint();
    struct pin pin;
    uint8_t first[SHA256_LEN] = { 7 }, other[SHA256_LEN] = { 8 }, stored[64];
    struct error err = { 0 };
    assert_int_equal(pin_load(&pin, &endpoint, NULL), 0);
    assert_int_equal(pin_check(&pin, first, other, NULL), 0);
    assert_int_equal(read_store(stored), SHA256_LEN);
    assert_memory_equal(stored, first, SHA256_LEN);
    assert_int_equal(pin_load(&pin, &endpoint, NULL), 0);
    assert_int_equal(pin_check(&pin, first, other, NULL), 0);
    assert_int_equal(pin_check(&pin, other, first, &err), -1);
    assert_non_null(strstr(err.text, "differs from the one of the first use"));
    assert_int_equal(read_store(stored), SHA256_LEN);
    assert_memory_equal(stored, first, SHA256_LEN);
}

static void a_bad_store_is_found_before_connecting(void **state)
{
    (void)state;
    struct endpoint endpoint = tofu_endpoint();
    struct pin pin;
    uint8_t bytes[SHA256_LEN + 1] = { 0 };
    struct error err = { 0 };
    for (size_t len = 0; len <= sizeof bytes; len++) {
        write_store(bytes, len);
        assert_int_equal(pin_load(&pin, &endpoint, &err), len == SHA256_LEN ? 0 : -1);
    }
    assert_non_null(strstr(err.text, "exactly 32 bytes"));
    unlink(store);
    mkdir(store, 0700);
    assert_int_equal(pin_load(&pin, &endpoint, &err), -1);
    assert_non_null(strstr(err.text, "not a regular file"));
    rmdir(store);
    assert_int_equal(mkfifo(store, 0600), 0); /* must not hang */
    assert_int_equal(pin_load(&pin, &endpoint, &err), -1);
    unlink(store);
    strcpy(endpoint.tofu_store, "/no/such/directory/store"); /* absent: a first use */
    assert_int_equal(pin_load(&pin, &endpoint, &err), 0);
    uint8_t leaf[SHA256_LEN] = { 1 };
    assert_int_equal(pin_check(&pin, leaf, leaf, &err), -1); /* that cannot be stored */
    assert_int_equal(err.class, ERROR_HARNESS);
}

/* Exit status 0: accepted. */
static void first_use(int go, int ready, uint8_t number)
{
    struct endpoint endpoint = tofu_endpoint();
    struct pin pin;
    uint8_t leaf[SHA256_LEN] = { number };
    char byte;
    if (pin_load(&pin, &endpoint, NULL) != 0 || pin.known)
        _exit(2);
    if (write(ready, "r", 1) != 1 || read(go, &byte, 1) != 0)
        _exit(3);
    _exit(pin_check(&pin, leaf, leaf, NULL) == 0 ? 0 : 1);
}

static void start_all(pid_t pids[NUM_PROCESSES], uint8_t (*number)(int))
{
    int go[2], ready[2];
    char byte;
    assert_int_equal(pipe(go) | pipe(ready), 0);
    for (int i = 0; i < NUM_PROCESSES; i++) {
        pids[i] = fork();
        if (pids[i] != 0)
            continue;
        close(go[1]);
        first_use(go[0], ready[1], number(i));
    }
    for (int i = 0; i < NUM_PROCESSES; i++)
        assert_int_equal(read(ready[0], &byte, 1), 1); /* each has seen that nothing is stored */
    close(go[1]);                                      /* off they go */
    close(go[0]);
    close(ready[0]);
    close(ready[1]);
}

static int count_accepted(const pid_t pids[NUM_PROCESSES], int *winner)
{
    int num = 0;
    for (int i = 0; i < NUM_PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        if (WEXITSTATUS(status) != 0)
            continue;
        num++;
        *winner = i;
    }
    return num;
}

static uint8_t each_its_own(int i)
{
    return (uint8_t)(i + 1);
}

static uint8_t all_the_same(int i)
{
    (void)i;
    return 1;
}

static void of_many_first_uses_one_is_stored(void **state)
{
    (void)state;
    pid_t pids[NUM_PROCESSES];
    uint8_t stored[64];
    int winner = -1;
    start_all(pids, each_its_own);
    assert_int_equal(count_accepted(pids, &winner), 1);
    assert_int_equal(read_store(stored), SHA256_LEN);
    assert_int_equal(stored[0], each_its_own(winner));
}

static void many_first_uses_of_one_certificate_all_pass(void **state)
{
    (void)state;
    pid_t pids[NUM_PROCESSES];
    int winner = -1;
    start_all(pids, all_the_same);
    assert_int_equal(count_accepted(pids, &winner), NUM_PROCESSES);
}

static void nothing_is_left_lying_about(void **state)
{
    (void)state;
    many_first_uses_of_one_certificate_all_pass(NULL);
    unlink(store);
    assert_int_equal(rmdir(directory), 0); /* so it was empty */
    mkdir(directory, 0700);
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_pinned_hash_passes),
        cmocka_unit_test(every_bit_of_the_hash_counts),
        IN_DIRECTORY(the_first_use_is_remembered),
        IN_DIRECTORY(a_bad_store_is_found_before_connecting),
        IN_DIRECTORY(of_many_first_uses_one_is_stored),
        IN_DIRECTORY(many_first_uses_of_one_certificate_all_pass),
        IN_DIRECTORY(nothing_is_left_lying_about),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
