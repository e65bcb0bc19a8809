/* The table of attacks is in good order: described, unique, and such that a case can pass or fail.
 */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_attack_is_described),
        cmocka_unit_test(every_expectation_can_be_met_and_missed),
        cmocka_unit_test(deliveries_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
