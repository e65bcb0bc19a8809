/* Speed: what a machine does to all stacks, or for a while, is noise; what a stack does is not. The
 * times are drawn from a generator with a fixed seed. */
#include "matrix/report/speed.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SAMPLES = 240 };
static const char *const stacks[] = { "a", "b", "c" };

static uint64_t seed;

/* Between 0 and 1. */
static double drawn(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* How much longer a case takes than before: `stack` at the moment `when`. */
typedef double factor_fn(size_t stack, uint32_t when);

/* Every single ratio is off by up to a half. */
static struct speed *measured(factor_fn *factor, uint32_t num)
{
    struct error err;
    struct speed *speed = speed_new(&err);
    seed = 7;
    for (uint32_t when = 0; when < num; when++)
        for (size_t stack = 0; stack < 3; stack++)
            assert_int_equal(speed_note(speed, stacks[stack], when % 2 == 0 ? "x" : "y",
                                        factor(stack, when) * (0.67 + 0.83 * drawn()), when, &err),
                             0);
    return speed;
}

static size_t num_beyond(struct speed *speed, double *machine, double *of_b)
{
    const struct speed_finding *all;
    size_t num = speed_findings(&all, machine, speed, true), beyond = 0;
    assert_int_equal(num, 9);
    for (size_t i = 0; i < num; i++) {
        beyond += all[i].beyond_noise;
        if (strcmp(all[i].stack, "b") == 0 && all[i].suite[0] == '\0')
            *of_b = all[i].ratio;
        else if (strcmp(all[i].stack, "b") != 0)
            assert_false(all[i].beyond_noise);
    }
    speed_free(speed);
    return beyond;
}

static double equal(size_t stack, uint32_t when)
{
    (void)stack, (void)when;
    return 1;
}

static double slower_machine(size_t stack, uint32_t when)
{
    (void)stack, (void)when;
    return 2.5;
}

/* Somebody else had the processors for a third of the run, while b's cases were at it. */
static double disturbed_for_a_while(size_t stack, uint32_t when)
{
    return stack == 1 && when < SAMPLES / 3 ? 4 : 1;
}

static double slower_stack(size_t stack, uint32_t when)
{
    (void)when;
    return stack == 1 ? 1.4 : 1;
}

static double slower_stack_and_machine(size_t stack, uint32_t when)
{
    return slower_machine(stack, when) * slower_stack(stack, when);
}

static void noise_is_noise(void **state)
{
    (void)state;
    double machine, of_b;
    assert_int_equal(num_beyond(measured(equal, SAMPLES), &machine, &of_b), 0);
    assert_int_equal(num_beyond(measured(slower_machine, SAMPLES), &machine, &of_b), 0);
    assert_true(machine > 2.2 && machine < 2.8);
    assert_int_equal(num_beyond(measured(disturbed_for_a_while, SAMPLES), &machine, &of_b), 0);
}

/* All cases of a suite stand together in a run, and just then the machine is slow. */
static void a_suite_whose_cases_met_a_slow_machine_is_noise(void **state)
{
    (void)state;
    struct error err;
    const struct speed_finding *all;
    double machine;
    struct speed *speed = speed_new(&err);
    for (uint32_t when = 0; when < 3 * SAMPLES; when++)
        for (size_t stack = 0; stack < 3; stack++) {
            bool slow = when >= SAMPLES && when < 2 * SAMPLES;
            assert_int_equal(speed_note(speed, stacks[stack], slow ? "x" : "y",
                                        (slow ? 4 : 1) * (0.67 + 0.83 * drawn()), when, &err),
                             0);
        }
    size_t num = speed_findings(&all, &machine, speed, true);
    assert_int_equal(num, 9);
    for (size_t i = 0; i < num; i++)
        assert_true(all[i].enough && !all[i].beyond_noise);
    speed_free(speed);
}

/* The same case over and over is one sample. */
static void what_was_measured_at_one_moment_says_nothing(void **state)
{
    (void)state;
    struct error err;
    const struct speed_finding *all;
    double machine;
    struct speed *speed = speed_new(&err);
    for (int i = 0; i < SAMPLES; i++)
        assert_int_equal(
            speed_note(speed, "a", i % 2 == 0 ? "x" : "y", i % 2 == 0 ? 3 : 1, 7, &err), 0);
    assert_int_equal(speed_findings(&all, &machine, speed, false), 3);
    for (size_t i = 0; i < 3; i++)
        assert_false(all[i].enough || all[i].beyond_noise);
    speed_free(speed);
}

static void a_stack_that_is_slower_is_named(void **state)
{
    (void)state;
    double machine, of_b;
    assert_int_equal(num_beyond(measured(slower_stack, SAMPLES), &machine, &of_b), 3);
    assert_true(of_b > 1.3 && of_b < 1.5);
    assert_int_equal(num_beyond(measured(slower_stack_and_machine, SAMPLES), &machine, &of_b), 3);
    assert_true(of_b > 1.3 && of_b < 1.5);
}

static void few_samples_say_nothing(void **state)
{
    (void)state;
    double machine, of_b;
    assert_int_equal(num_beyond(measured(slower_stack, SPEED_SAMPLES_MIN - 1), &machine, &of_b), 0);
}

static void more_samples_than_are_kept_say_the_same(void **state)
{
    (void)state;
    double machine, of_b;
    struct speed *speed = measured(slower_stack, 3 * SPEED_SAMPLES_MAX);
    assert_int_equal(num_beyond(speed, &machine, &of_b), 3);
    assert_true(of_b > 1.3 && of_b < 1.5);
}

/* With one stack there is nothing that the machine could be told by; but its suites are compared.
 */
static void one_stack_is_not_told_from_the_machine(void **state)
{
    (void)state;
    const struct speed_finding *all;
    double machine;
    struct error err;
    struct speed *speed = speed_new(&err);
    for (uint32_t when = 0; when < 3 * SAMPLES; when++)
        assert_int_equal(
            speed_note(speed, "a", when % 3 == 0 ? "x" : "y", when % 3 == 0 ? 3 : 2, when, &err),
            0);
    assert_int_equal(speed_findings(&all, &machine, speed, true), 3);
    assert_true(fabs(machine - 1) < 1e-6);
    assert_false(all[0].beyond_noise);
    assert_true(all[1].beyond_noise && fabs(all[1].ratio - 1.5) < 1e-3);
    assert_false(all[2].beyond_noise);
    speed_free(speed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_noise),
        cmocka_unit_test(a_suite_whose_cases_met_a_slow_machine_is_noise),
        cmocka_unit_test(what_was_measured_at_one_moment_says_nothing),
        cmocka_unit_test(a_stack_that_is_slower_is_named),
        cmocka_unit_test(few_samples_say_nothing),
        cmocka_unit_test(more_samples_than_are_kept_say_the_same),
        cmocka_unit_test(one_stack_is_not_told_from_the_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
