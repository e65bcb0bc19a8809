/* Covering arrays, checked by trying every row there is. */
#include "matrix/covering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NUM_TEST_AXES = 6 };

static const size_t sizes[NUM_TEST_AXES] = { 2, 3, 9, 7, 4, 5 };

static bool bound_pair(void *context, const void *rule, const uint16_t *row)
{
    (void)context, (void)rule;
    return row[2] % 3 != row[3] % 3;
}

static bool odd_triple(void *context, const void *rule, const uint16_t *row)
{
    (void)context, (void)rule;
    return (row[1] + row[3] + row[4]) % 4 == 0;
}

static bool no_last(void *context, const void *rule, const uint16_t *row)
{
    (void)context, (void)rule;
    return row[5] == 4;
}

static bool disliked(void *context, const void *rule, const uint16_t *row)
{
    (void)context, (void)rule;
    return row[0] == 1 && row[2] > 4;
}

static const struct covering_constraint constraints[] = {
    { .axes = 1u << 2 | 1u << 3, .forbids = bound_pair },
    { .axes = 1u << 1 | 1u << 3 | 1u << 4, .forbids = odd_triple },
    { .axes = 1u << 5, .forbids = no_last },
    { .axes = 1u << 0 | 1u << 2, .is_preference = true, .forbids = disliked },
};

static const struct covering_model model = {
    .num_axes = NUM_TEST_AXES, .num_values = sizes, .constraints = constraints, .num_constraints = 4
};

static bool is_possible(const uint16_t *row)
{
    return !bound_pair(NULL, NULL, row) && !odd_triple(NULL, NULL, row) &&
           !no_last(NULL, NULL, row);
}

static bool next_row(uint16_t *row)
{
    for (int axis = 0; axis < NUM_TEST_AXES; axis++) {
        if (++row[axis] < sizes[axis])
            return true;
        row[axis] = 0;
    }
    return false;
}

/* Does this row hold the tuple of `values` on the axes of the mask? */
static bool holds(const uint16_t *row, const uint16_t *values, unsigned axes)
{
    for (int axis = 0; axis < NUM_TEST_AXES; axis++)
        if ((axes & 1u << axis) != 0 && row[axis] != values[axis])
            return false;
    return true;
}

static bool array_holds(const struct covering_array *array, const uint16_t *values, unsigned axes,
                        bool with_preference)
{
    for (size_t i = 0; i < array->num_rows; i++) {
        const uint16_t *row = array->rows + i * NUM_TEST_AXES;
        if (holds(row, values, axes) && !(with_preference && disliked(NULL, NULL, row)))
            return true;
    }
    return false;
}

/* Every tuple that some possible row holds is in the array, and where a row that breaks no
 * preference holds it, in such a one. Returns the tuples that no possible row holds. */
static uint64_t check_every_tuple(const struct covering_array *array, unsigned axes)
{
    uint16_t tuple[NUM_TEST_AXES] = { 0 };
    uint64_t impossible = 0;
    do {
        bool is_first = true; /* of the rows that share this tuple: the rest of it all 0 */
        for (int axis = 0; axis < NUM_TEST_AXES; axis++)
            is_first = is_first && ((axes & 1u << axis) != 0 || tuple[axis] == 0);
        if (!is_first)
            continue;
        bool possible = false, liked = false;
        uint16_t row[NUM_TEST_AXES] = { 0 };
        do {
            if (!holds(row, tuple, axes) || !is_possible(row))
                continue;
            possible = true;
            liked = liked || !disliked(NULL, NULL, row);
        } while (next_row(row));
        assert_int_equal(array_holds(array, tuple, axes, false), possible);
        if (liked)
            assert_true(array_holds(array, tuple, axes, true));
        impossible += !possible;
    } while (next_row(tuple));
    return impossible;
}

static void check_strength(unsigned strength)
{
    struct covering_array array;
    struct error err;
    uint64_t impossible = 0;
    assert_int_equal(covering_make(&array, &model, strength, &err), 0);
    for (size_t i = 0; i < array.num_rows; i++)
        assert_true(is_possible(array.rows + i * NUM_TEST_AXES));
    for (unsigned axes = 0; axes < 1u << NUM_TEST_AXES; axes++)
        if ((unsigned)__builtin_popcount(axes) == strength)
            impossible += check_every_tuple(&array, axes);
    assert_int_equal(array.num_impossible, impossible);
    assert_true(impossible > 0); /* or the model would prove nothing */
    covering_fini(&array);
}

static void every_value_is_covered(void **state)
{
    (void)state;
    check_strength(1);
}

static void every_possible_pair_is_covered_and_every_other_is_proven_impossible(void **state)
{
    (void)state;
    check_strength(2);
}

static void every_possible_triple_is_covered_and_every_other_is_proven_impossible(void **state)
{
    (void)state;
    check_strength(3);
}

static void the_same_model_gives_the_same_rows(void **state)
{
    struct covering_array first, second;
    struct error err;
    (void)state;
    assert_int_equal(covering_make(&first, &model, 2, &err), 0);
    assert_int_equal(covering_make(&second, &model, 2, &err), 0);
    assert_int_equal(first.num_rows, second.num_rows);
    assert_memory_equal(first.rows, second.rows,
                        first.num_rows * first.num_axes * sizeof *first.rows);
    covering_fini(&first);
    covering_fini(&second);
}

/* 9 x 7 pairs of the two largest axes are the floor without constraints. */
static void rows_are_few(void **state)
{
    struct covering_model free_model = model;
    struct covering_array array;
    struct error err;
    (void)state;
    free_model.num_constraints = 0;
    assert_int_equal(covering_make(&array, &free_model, 2, &err), 0);
    assert_true(array.num_rows >= 63 && array.num_rows <= 75);
    assert_int_equal(array.num_impossible, 0);
    covering_fini(&array);
}

static void a_held_axis_keeps_its_value(void **state)
{
    const int fixed[NUM_TEST_AXES] = { 1, 2, -1, -1, -1, -1 };
    struct covering_model held = model;
    struct covering_array array;
    struct error err;
    (void)state;
    held.fixed = fixed;
    assert_int_equal(covering_make(&array, &held, 1, &err), 0);
    assert_true(array.num_rows >= 9);
    for (size_t i = 0; i < array.num_rows; i++) {
        assert_int_equal(array.rows[i * NUM_TEST_AXES], 1);
        assert_int_equal(array.rows[i * NUM_TEST_AXES + 1], 2);
    }
    assert_int_equal(array.num_tuples, 1 + 1 + 9 + 7 + 4 + 5);
    assert_int_equal(array.num_impossible, 1);  /* the last value of the last axis */
    assert_int_equal(array.num_unpreferred, 4); /* axis 2 above 4, axis 0 being 1 */
    covering_fini(&array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_covered),
        cmocka_unit_test(every_possible_pair_is_covered_and_every_other_is_proven_impossible),
        cmocka_unit_test(every_possible_triple_is_covered_and_every_other_is_proven_impossible),
        cmocka_unit_test(the_same_model_gives_the_same_rows),
        cmocka_unit_test(rows_are_few),
        cmocka_unit_test(a_held_axis_keeps_its_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
