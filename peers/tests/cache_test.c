/* The cache: bounded, least recently used first, held entries stay. */
#include "peers/common/cache.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int num_freed;
static int last_freed;

static void note_freed(void *owner, void *value)
{
    assert_ptr_equal(owner, &num_freed);
    num_freed++;
    last_freed = *(int *)value;
}

static struct cache cache;
static int values[] = { 0, 1, 2, 3, 4 };

static int make_cache(void **state)
{
    (void)state;
    num_freed = 0;
    cache_init(&cache, sizeof(int), 3, note_freed, &num_freed);
    for (int i = 0; i < 3; i++)
        if (cache_put(&cache, &values[i], &values[i]) == NULL)
            return -1;
    return 0;
}

static int free_cache(void **state)
{
    (void)state;
    cache_fini(&cache);
    return 0;
}

static void what_was_put_is_found(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_ptr_equal(cache_find(&cache, &values[i])->value, &values[i]);
    assert_null(cache_find(&cache, &values[3]));
}

static void the_least_recently_used_goes_first(void **state)
{
    (void)state;
    cache_find(&cache, &values[0]);
    assert_non_null(cache_put(&cache, &values[3], &values[3]));
    assert_int_equal(num_freed, 1);
    assert_int_equal(last_freed, 1);
    assert_null(cache_find(&cache, &values[1]));
}

static void what_is_held_stays(void **state)
{
    (void)state;
    struct cache_entry *held = cache_find(&cache, &values[0]);
    cache_hold(held);
    for (int i = 1; i < 3; i++)
        cache_find(&cache, &values[i]);
    assert_non_null(cache_put(&cache, &values[3], &values[3]));
    assert_int_equal(last_freed, 1);
    cache_release(held);
    for (int i = 2; i < 4; i++)
        cache_find(&cache, &values[i]);
    assert_non_null(cache_put(&cache, &values[4], &values[4]));
    assert_int_equal(last_freed, 0);
}

static void a_cache_in_full_use_takes_no_more(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        cache_hold(cache_find(&cache, &values[i]));
    assert_null(cache_put(&cache, &values[3], &values[3]));
    assert_int_equal(num_freed, 0);
}

static void the_end_frees_all(void **state)
{
    (void)state;
    cache_fini(&cache);
    assert_int_equal(num_freed, 3);
}

#define ON_CACHE(test) cmocka_unit_test_setup_teardown(test, make_cache, free_cache)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_CACHE(what_was_put_is_found), ON_CACHE(the_least_recently_used_goes_first),
        ON_CACHE(what_is_held_stays),    ON_CACHE(a_cache_in_full_use_takes_no_more),
        ON_CACHE(the_end_frees_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
