/* How a played connection ended: as its capture has it, but for what is a race of the replay. */
#include "matrix/reproduce/recipe.h"
#include "matrix/reproduce/recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Recorded: the server closed; played: the client was first. */
static struct ending play(bool hangs_up, enum ending_alert recorded, bool alert_seen)
{
    struct recording *seen = calloc(1, sizeof *seen);
    struct recipe *recipe = calloc(1, sizeof *recipe);
    assert_non_null(seen);
    assert_non_null(recipe);
    seen->finding =
        (struct finding){ .outcome = OUTCOME_FAILED, .somebody = true, .by = ROLE_CLIENT };
    seen->story.alert.seen = alert_seen;
    seen->story.alert.from = ROLE_CLIENT;
    recipe->hangs_up = hangs_up;
    recipe->recorded =
        (struct ending){ .refused = true, .somebody = true, .by = ROLE_SERVER, .alert = recorded };
    struct ending ending = ending_of_played(seen, recipe);
    free(recipe);
    free(seen);
    return ending;
}

static void who_is_first_where_the_server_hangs_up_is_told_as_recorded(void **state)
{
    (void)state;
    assert_int_equal(play(true, ENDING_NO_ALERT, false).by, ROLE_SERVER);
}

static void who_is_first_is_told_as_seen_where_it_is_an_answer(void **state)
{
    (void)state;
    assert_int_equal(play(false, ENDING_NO_ALERT, false).by, ROLE_CLIENT);
    assert_int_equal(play(true, ENDING_NO_ALERT, true).by, ROLE_CLIENT);
    assert_int_equal(play(true, ENDING_ALERT, false).by, ROLE_CLIENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_first_where_the_server_hangs_up_is_told_as_recorded),
        cmocka_unit_test(who_is_first_is_told_as_seen_where_it_is_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
