/* Is what a victim does wrong noticed? Each victim here is peers/careless with one lie put in front
 * of one of its operations; beside it stands the same script without the lie. */
#include "fuzz/stacks/play.h"
#include "fuzz/stacks/victim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct player *player;
static struct tls_stack liar; /* careless but for the lie */
static struct fuzz_stack victim = { .name = "liar", .stack = &liar };
static unsigned num_reads;

static int open_all(void **state)
{
    struct error err = { 0 };
    (void)state;
    return player_new(&player, &err);
}

static int close_all(void **state)
{
    (void)state;
    player_free(player);
    return 0;
}

static int begin(void **state)
{
    (void)state;
    liar = *tls_stack;
    num_reads = 0;
    return 0;
}

static struct outcome play_bytes(const char *bytes, size_t len)
{
    struct script script;
    struct outcome o;
    struct error err = { 0 };
    script_read(&script, (const uint8_t *)bytes, len);
    if (play(player, &o, &victim, &script, NULL, &err) != 0)
        fail_msg("%s", err.text);
    return o;
}

/* A healthy TLS 1.3 handshake with a server. */
static const char *broken(void)
{
    return play_bytes("\x02", 1).broken;
}

static void assert_broken(const char *words)
{
    const char *found = broken();
    assert_non_null(found);
    assert_non_null(strstr(found, words));
    begin(NULL);
    assert_null(broken());
}

/* ---- stalls ---- */

static enum io_status wants_and_leaves(struct stack_connection *c)
{
    (void)c;
    return IO_WANT_READ;
}

static void what_is_left_unread_is_a_stall(void **state)
{
    (void)state;
    liar.handshake = wants_and_leaves;
    assert_broken("leaves what is there");
}

static enum io_status wants_to_write(struct stack_connection *c)
{
    (void)c;
    return IO_WANT_WRITE;
}

static void waiting_for_writing_for_ever_is_a_stall(void **state)
{
    (void)state;
    liar.handshake = wants_to_write;
    assert_broken("waits for writing");
}

static enum io_status reads_nothing(struct stack_connection *c, void *buffer, size_t *num_done,
                                    size_t len)
{
    (void)c, (void)buffer, (void)len;
    *num_done = 0;
    return IO_DONE;
}

static void going_on_without_an_end_is_a_stall(void **state)
{
    (void)state;
    liar.read = reads_nothing;
    assert_broken("goes on for ever");
}

static enum io_status does_not_hear_the_end(struct stack_connection *c, void *buffer,
                                            size_t *num_done, size_t len)
{
    enum io_status status = tls_stack->read(c, buffer, num_done, len);
    return status == IO_CLOSED || status == IO_EOF ? IO_WANT_READ : status;
}

static void asking_for_more_behind_the_end_is_a_stall(void **state)
{
    (void)state;
    liar.read = does_not_hear_the_end;
    assert_broken("behind the end");
}

/* ---- data ---- */

static enum io_status delivers_too_much(struct stack_connection *c, void *buffer, size_t *num_done,
                                        size_t len)
{
    enum io_status status = tls_stack->read(c, buffer, num_done, len);
    if (status == IO_DONE && *num_done < len)
        ((uint8_t *)buffer)[(*num_done)++] = '!';
    return status;
}

static void data_that_nobody_sent_is_noticed(void **state)
{
    (void)state;
    liar.read = delivers_too_much;
    assert_broken("did not send");
}

static enum io_status delivers_behind_refusal(struct stack_connection *c, void *buffer,
                                              size_t *num_done, size_t len)
{
    (void)c, (void)len;
    if (++num_reads == 1)
        return IO_FAILED;
    *num_done = 1;
    memcpy(buffer, "t", 1); /* as the partner's word begins */
    return IO_DONE;
}

static void data_behind_a_refusal_is_noticed(void **state)
{
    (void)state;
    liar.read = delivers_behind_refusal;
    assert_broken("behind a refusal");
}

/* ---- the end of the handshake ---- */

static enum io_status accepts_at_once(struct stack_connection *c)
{
    tls_stack->handshake(c);
    return IO_DONE;
}

static void accepting_without_a_finished_is_noticed(void **state)
{
    static const char skip_finished[] = { 2, 0, STEP_SKIP, 1, 0, 0, 0, 0, 0, 0 };
    (void)state;
    liar.handshake = accepts_at_once;
    struct outcome o = play_bytes(skip_finished, sizeof skip_finished);
    assert_non_null(o.broken);
    assert_non_null(strstr(o.broken, "without the partner's Finished"));
    begin(NULL);
    assert_null(play_bytes(skip_finished, sizeof skip_finished).broken);
}

static void exports_another(struct stack_connection *c, struct facts *facts)
{
    tls_stack->connection_facts(c, facts);
    facts->exporter[0] ^= 1;
}

static void another_exporter_is_noticed(void **state)
{
    (void)state;
    liar.connection_facts = exports_another;
    assert_broken("do not agree");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_left_unread_is_a_stall, begin),
        cmocka_unit_test_setup(waiting_for_writing_for_ever_is_a_stall, begin),
        cmocka_unit_test_setup(going_on_without_an_end_is_a_stall, begin),
        cmocka_unit_test_setup(asking_for_more_behind_the_end_is_a_stall, begin),
        cmocka_unit_test_setup(data_that_nobody_sent_is_noticed, begin),
        cmocka_unit_test_setup(data_behind_a_refusal_is_noticed, begin),
        cmocka_unit_test_setup(accepting_without_a_finished_is_noticed, begin),
        cmocka_unit_test_setup(another_exporter_is_noticed, begin),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
