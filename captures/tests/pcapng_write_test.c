/* What is written is what is read; what cannot be written leaves nothing. */
#include "captures/tests/packets.h"

#include "captures/pcapng_write.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/tlsmatrix-pcapng-XXXXXX");
    snprintf(path, sizeof path, "%s/case.pcapng", mkdtemp(folder) == NULL ? "" : folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails, and the test with it, if anything else was left */
}

static const struct pcapng_options options = {
    .comment = "a case",
    .application = "tlsmatrix",
    .interface_name = "lo",
    .link_type = LINK_ETHERNET,
    .snaplen = 65550,
};

static const char keylog[] = "CLIENT_RANDOM 00 11\n";

static struct capture_packet a_packet(void)
{
    return (struct capture_packet){ .time_ns = 1767225600123456789u,
                                    .link_type = LINK_ETHERNET,
                                    .data = (const uint8_t *)"abcde",
                                    .len = 5,
                                    .original_len = 70,
                                    .comment = "this one" };
}

static void write_all(const struct pcapng_options *how)
{
    struct error err;
    struct capture_packet packet = a_packet();
    struct pcapng_writer *writer = pcapng_create(path, how, &err);
    assert_non_null(writer);
    assert_int_equal(pcapng_secrets(writer, keylog, strlen(keylog), &err), 0);
    assert_int_equal(pcapng_packet(writer, &packet, &err), 0);
    assert_int_equal(pcapng_statistics(writer, 5, 1, 2, &err), 0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(pcapng_commit(writer, &err), 0);
}

static void assert_read_back(uint64_t time_ns)
{
    struct capture_item item;
    struct capture_file *file = capture_file_open(path, NULL);
    assert_non_null(file);
    assert_int_equal(capture_file_next(file, &item, NULL), 1);
    assert_int_equal(item.kind, CAPTURE_SECTION);
    assert_string_equal(item.text, "a case");
    assert_int_equal(capture_file_next(file, &item, NULL), 1);
    assert_int_equal(item.kind, CAPTURE_SECRETS);
    assert_string_equal(item.text, keylog);
    assert_int_equal(capture_file_next(file, &item, NULL), 1);
    assert_int_equal(item.kind, CAPTURE_PACKET);
    assert_true(item.packet.time_ns == time_ns);
    assert_int_equal(item.packet.len, 5);
    assert_int_equal(item.packet.original_len, 70);
    assert_memory_equal(item.packet.data, "abcde", 5);
    assert_string_equal(item.packet.comment, "this one");
    assert_int_equal(capture_file_next(file, &item, NULL), 1);
    assert_int_equal(item.kind, CAPTURE_STATISTICS);
    assert_int_equal(item.dropped, 2);
    assert_int_equal(capture_file_next(file, &item, NULL), 0);
    assert_null(capture_file_warning(file));
    capture_file_close(file);
}

static void what_is_written_is_what_is_read(void **state)
{
    struct pcapng_options microseconds = options;
    (void)state;
    write_all(&options);
    assert_read_back(1767225600123456789u);
    unlink(path);
    microseconds.microseconds = true;
    write_all(&microseconds);
    assert_read_back(1767225600123456000u);
}

static void another_link_type_is_refused(void **state)
{
    struct error err;
    struct capture_packet packet = a_packet();
    struct pcapng_writer *writer = pcapng_create(path, &options, &err);
    (void)state;
    packet.link_type = LINK_RAW;
    assert_int_equal(pcapng_packet(writer, &packet, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    pcapng_abandon(writer);
    assert_int_equal(access(path, F_OK), -1);
}

/* Fills the disk, as far as this process is concerned, and says what the writer made of it. */
static int write_too_much(struct error *err)
{
    static uint8_t payload[1000];
    struct capture_packet packet = a_packet();
    struct rlimit before, limit;
    int ret = 0;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = before;
    limit.rlim_cur = 10000;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    packet.data = payload;
    packet.len = sizeof payload;
    struct pcapng_writer *writer = pcapng_create(path, &options, err);
    for (int i = 0; i < 100; i++)
        ret |= pcapng_packet(writer, &packet, err);
    ret |= pcapng_commit(writer, err);
    setrlimit(RLIMIT_FSIZE, &before);
    return ret;
}

static void a_full_disk_is_an_error_and_leaves_nothing(void **state)
{
    struct error err;
    (void)state;
    assert_int_equal(write_too_much(&err), -1);
    assert_int_equal(err.class, ERROR_HARNESS);
    assert_non_null(strstr(err.text, "case.pcapng: "));
    assert_int_equal(access(path, F_OK), -1);
}

static void a_file_that_was_there_survives_a_failure(void **state)
{
    struct error err;
    struct stat before, after;
    (void)state;
    write_all(&options);
    assert_int_equal(stat(path, &before), 0);
    assert_int_equal(write_too_much(&err), -1);
    assert_int_equal(stat(path, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_read_back(1767225600123456789u);
}

static void a_folder_that_is_not_there_is_an_error(void **state)
{
    struct error err;
    (void)state;
    assert_null(pcapng_create("/nonexistent/case.pcapng", &options, &err));
    assert_non_null(strstr(err.text, "/nonexistent/case.pcapng"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_what_is_read),
        TEST(another_link_type_is_refused),
        TEST(a_full_disk_is_an_error_and_leaves_nothing),
        TEST(a_file_that_was_there_survives_a_failure),
        TEST(a_folder_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
