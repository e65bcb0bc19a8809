/* Children: started clean, ended whole, their end told in words. */
#include "harness/process/child.h"

#include "harness/control/channel.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int spawn_shell(struct child *child, int *channel, const char *script, int log)
{
    char text[512];
    snprintf(text, sizeof text, "%s", script);
    char *argv[] = { (char[]){ "/bin/sh" }, (char[]){ "-c" }, text, NULL };
    return child_spawn(child, channel, argv, log, NULL);
}

static void await_end(const struct child *child)
{
    struct pollfd ended = { .fd = child->pidfd, .events = POLLIN };
    assert_int_equal(poll(&ended, 1, 10000), 1);
}

static void check_end(const char *script, const char *expected)
{
    struct child child;
    int channel;
    char how[TEXT_LEN];
    assert_int_equal(spawn_shell(&child, &channel, script, -1), 0);
    await_end(&child);
    child_stop(&child, how);
    assert_string_equal(how, expected);
    close(channel);
}

static void the_end_is_told_in_words(void **state)
{
    (void)state;
    check_end("exit 0", "exited with status 0");
    check_end("exit 3", "exited with status 3");
    check_end("kill -SEGV $$", "killed by signal 11 (Segmentation fault)");
}

static void a_running_child_is_killed_with_its_group(void **state)
{
    (void)state;
    struct child child;
    int channel;
    char how[TEXT_LEN], byte;
    /* The grandchild holds the control socket too: its end means that both are gone. */
    const char *script =
        "sleep 1000 & trap '' TERM INT HUP; echo ready >&3; while :; do wait; done";
    assert_int_equal(spawn_shell(&child, &channel, script, -1), 0);
    assert_true(recv(channel, &byte, 1, 0) == 1);
    child_stop(&child, how);
    assert_string_equal(how, "killed by signal 9 (Killed)");
    assert_int_equal(recv(channel, &byte, 1, 0), 0);
    close(channel);
}

static void a_stopped_child_is_killed(void **state)
{
    (void)state;
    struct child child;
    int channel;
    char how[TEXT_LEN];
    assert_int_equal(spawn_shell(&child, &channel, "kill -STOP $$", -1), 0);
    child_stop(&child, how);
    assert_string_equal(how, "killed by signal 9 (Killed)");
    close(channel);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    struct child child;
    struct error err = { 0 };
    int channel = -2;
    char *argv[] = { (char[]){ "/no/such/program" }, NULL };
    assert_int_equal(child_spawn(&child, &channel, argv, -1, &err), -1);
    assert_int_equal(err.class, ERROR_USAGE);
    assert_string_equal(err.text, "cannot run /no/such/program: No such file or directory");
    assert_int_equal(channel, -2);
}

static void only_four_descriptors_are_inherited(void **state)
{
    (void)state;
    struct child child;
    int channel;
    char text[512];
    int stray = open("/dev/null", O_RDONLY); /* not close-on-exec, and high */
    assert_int_equal(dup2(stray, 200), 200);
    int log = child_log_new(NULL);
    /* Without a pipeline or a wildcard, for which the shell would open more. */
    const char *list = "n=0; while [ $n -lt 300 ]; do "
                       "[ -e /proc/$$/fd/$n ] && printf '%s ' $n; n=$((n+1)); done";
    assert_int_equal(spawn_shell(&child, &channel, list, log), 0);
    await_end(&child);
    child_stop(&child, NULL);
    child_log_take(log, text, sizeof text);
    assert_string_equal(text, "0 1 2 3 ");
    close(stray);
    close(200);
    close(log);
    close(channel);
}

static void the_log_keeps_the_end_and_is_emptied(void **state)
{
    (void)state;
    struct child child;
    int channel;
    char text[8];
    int log = child_log_new(NULL);
    assert_int_equal(spawn_shell(&child, &channel, "echo 0123456789 >&2", log), 0);
    await_end(&child);
    child_stop(&child, NULL);
    child_log_take(log, text, sizeof text);
    assert_string_equal(text, "456789\n");
    child_log_take(log, text, sizeof text);
    assert_string_equal(text, "");
    close(log);
    close(channel);
}

static void an_endless_log_is_bounded(void **state)
{
    (void)state;
    struct child child;
    int channel;
    int log = child_log_new(NULL);
    assert_int_equal(spawn_shell(&child, &channel, "cat /dev/zero >&2; exit 5", log), 0);
    await_end(&child);
    char how[TEXT_LEN];
    child_stop(&child, how);
    assert_string_equal(how, "exited with status 5");
    assert_int_equal(lseek(log, 0, SEEK_END), CHILD_FILE_MAX);
    close(log);
    close(channel);
}

static void a_child_dies_with_its_parent(void **state)
{
    (void)state;
    int alive[2];
    char byte;
    assert_int_equal(pipe(alive), 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct child child;
        int channel;
        /* The child's stderr is the pipe: it stays open as long as the child lives. */
        if (spawn_shell(&child, &channel, "exec sleep 1000", alive[1]) != 0)
            _exit(1);
        kill(getpid(), SIGKILL);
    }
    close(alive[1]);
    int status;
    assert_int_equal(waitpid(parent, &status, 0), parent);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(read(alive[0], &byte, 1), 0); /* nobody holds the other end any more */
    close(alive[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_is_told_in_words),
        cmocka_unit_test(a_running_child_is_killed_with_its_group),
        cmocka_unit_test(a_stopped_child_is_killed),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error),
        cmocka_unit_test(only_four_descriptors_are_inherited),
        cmocka_unit_test(the_log_keeps_the_end_and_is_emptied),
        cmocka_unit_test(an_endless_log_is_bounded),
        cmocka_unit_test(a_child_dies_with_its_parent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
