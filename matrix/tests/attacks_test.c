/* The table of attacks is in good order: described, unique, and such that a case can pass or fail.
 */
#include "harness/wire/handshake.h"
#include "harness/wire/hello.h"
#include "harness/wire/registry.h"
#include "matrix/relay/attacks.h"
#include "matrix/relay/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_attack_is_described(void **state)
{
    (void)state;
    assert_true(num_attacks() > 100);
    for (size_t i = 0; i < num_attacks(); i++) {
        const struct attack *row = attack_at(i);
        assert_ptr_equal(attack_by_name(row->name), row); /* so names are unique */
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(row->name));
        assert_int_equal(row->text[strlen(row->text) - 1], '.');
        assert_non_null(strstr(row->references, "RFC "));
        assert_non_null(row->steps[0].act);
        assert_true(row->expectations[0].versions != 0);
    }
    assert_null(attack_at(num_attacks()));
    assert_null(attack_by_name("no-such-attack"));
}

static bool may_refuse(const struct attack_end *end)
{
    return end->may_refuse && (end->silent || end->alerts[0] != 0);
}

/* A row that nobody may refuse could never pass, one without victim never fail. */
static void every_expectation_can_be_met_and_missed(void **state)
{
    (void)state;
    for (size_t i = 0; i < num_attacks(); i++)
        for (const struct attack_expectation *e = attack_at(i)->expectations; e->versions != 0;
             e++) {
            bool someone = may_refuse(&e->ends[0]) || may_refuse(&e->ends[1]);
            bool truncated = e->ends[0].truncated || e->ends[1].truncated;
            assert_int_equal(e->outcome == ATTACK_TRUNCATED, truncated);
            if (e->outcome != ATTACK_ACCEPTED && e->outcome != ATTACK_TRUNCATED)
                assert_true(someone);
            for (int role = 0; role < 2; role++)
                for (size_t a = 0; a < ATTACK_ALERTS_MAX && e->ends[role].alerts[a] != 0; a++)
                    assert_non_null(alert_by_id(e->ends[role].alerts[a]));
        }
}

static void deliveries_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < NUM_DELIVERIES; i++)
        assert_int_equal(delivery_by_name(deliveries[i].name), i);
    assert_int_equal(delivery_by_name("by-pigeon"), -1);
}

/* How often the last of the types is in a hello that has each of them once, after the attack. */
static size_t count_repeated(const uint16_t types[], size_t num)
{
    const struct attack *attack = attack_by_name("repeat-client-extension");
    struct hello hello = { .kind = HELLO_CLIENT,
                           .legacy_version = TLS12,
                           .suites = { 0x002F },
                           .num_suites = 1,
                           .num_compressions = 1 };
    struct writer unit;
    size_t found = 0;
    writer_init(&unit, 4096);
    for (size_t i = 0; i < num; i++)
        hello_add_extension(&hello, types[i], "abc", 3);
    hello_write(&unit, &hello);
    hello_fini(&hello);
    struct tamper tamper = { .step = &attack->steps[0], .unit = &unit };
    attack->steps[0].act(&tamper);
    assert_int_equal(hello_read(&hello, HANDSHAKE_CLIENT_HELLO, unit.data, unit.len, NULL), 0);
    for (size_t i = 0; i < hello.num_extensions; i++)
        found += hello.extensions[i].type == types[num - 1];
    assert_in_range(hello.num_extensions, num, num + 1);
    hello_fini(&hello);
    writer_fini(&unit);
    return found;
}

/* A server ignores what it does not know, also twice, wherever it stands. */
static void the_extension_that_comes_twice_is_one_that_servers_know(void **state)
{
    static const uint16_t unknown_first[] = { 0x1234, EXTENSION_SIGNATURE_ALGORITHMS };
    static const uint16_t without_schemes[] = { 0x1234, EXTENSION_SUPPORTED_GROUPS };
    static const uint16_t unknown_alone[] = { 0x1234 };
    (void)state;
    assert_int_equal(count_repeated(unknown_first, 2), 2);
    assert_int_equal(count_repeated(without_schemes, 2), 2);
    assert_int_equal(count_repeated(unknown_alone, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_is_described),
        cmocka_unit_test(every_expectation_can_be_met_and_missed),
        cmocka_unit_test(deliveries_have_names),
        cmocka_unit_test(the_extension_that_comes_twice_is_one_that_servers_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
