/* The table of plants is in good order: whatever stands in it can be told, tried and judged. */
#include "harness/verdict.h"
#include "peers/careless/plants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void every_row_is_described(void **state)
{
    (void)state;
    for (enum plant plant = PLANT_NONE + 1; plant < NUM_PLANTS; plant++) {
        const struct plant_row *row = &plant_rows[plant];
        assert_non_null(row->name);
        assert_int_equal(plant_by_name(row->name), plant); /* so names are unique */
        assert_true(row->text != NULL && row->references != NULL);
        assert_non_null(row->cases[0]);
        assert_null(row->cases[PLANT_CASES_MAX - 1]); /* ends */
        assert_true(failure_kind_by_name(row->kind) > 0);
    }
}

static void what_is_not_in_it_is_none(void **state)
{
    (void)state;
    assert_null(plant_rows[PLANT_NONE].name);
    assert_int_equal(plant_by_name("no-such-plant"), PLANT_NONE);
    assert_int_equal(plant_by_name(""), PLANT_NONE);
}

static void the_chosen_one_is_the_current_one_until_the_next(void **state)
{
    (void)state;
    assert_int_equal(plant_current(), PLANT_NONE);
    plant_begin(PLANT_EXPIRY);
    assert_int_equal(plant_current(), PLANT_EXPIRY);
    plant_begin(PLANT_NONE);
    assert_int_equal(plant_current(), PLANT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_described),
        cmocka_unit_test(what_is_not_in_it_is_none),
        cmocka_unit_test(the_chosen_one_is_the_current_one_until_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
