/* When a circuit breaker trips: exact shares, doubt, and too few to judge by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/engine/breaker.h"

#define ANY INT64_MAX

static void when_it_trips(void **state)
{
    static const struct {
        int32_t left_times, right_times; /* percent */
        bool or_equal, base_left;
        int64_t at_least;
        struct wf_range left, right;
        bool trips;
    } rows[] = {
        /* count E > 10% of count F at least 500 */
        {100, 10, false, false, 500, {50, 50}, {500, 500}, false},
        {100, 10, false, false, 500, {51, 51}, {500, 500}, true},
        {100, 10, true, false, 500, {50, 50}, {500, 500}, true},
        {100, 10, false, false, 500, {499, 499}, {499, 499}, false},
        {100, 10, false, false, 0, {1, 1}, {0, 0}, true},
        {100, 10, false, false, 0, {0, 0}, {0, 0}, false},
        /* doubt trips it, if it could */
        {100, 10, false, false, 500, {0, 51}, {500, 500}, true},
        {100, 10, false, false, 500, {60, 60}, {499, 601}, true},
        {100, 10, false, false, 500, {50, 50}, {499, 601}, false},
        {100, 10, false, false, 500, {0, ANY}, {600, 600}, true},
        {100, 10, false, false, 500, {0, ANY}, {499, 499}, false},
        {100, 10, false, false, 500, {51, 51}, {0, ANY}, true},
        /* count F < 50% of count G at least 100: the share of the left is compared */
        {50, 100, false, true, 100, {200, 200}, {99, 99}, true},
        {50, 100, false, true, 100, {200, 200}, {100, 100}, false},
        {50, 100, false, true, 100, {99, 99}, {0, 0}, false},
        {50, 100, false, true, 100, {99, 100}, {0, 0}, true},
        {50, 100, false, true, 100, {200, 200}, {99, 150}, true},
        /* no overflow */
        {100, 100, false, false, 0, {ANY - 1, ANY - 1}, {ANY - 1, ANY - 1}, false},
        {100, 100, true, false, 0, {ANY - 1, ANY - 1}, {ANY - 1, ANY - 1}, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wf_ir_breaker breaker = {.or_equal = rows[i].or_equal,
                                        .base_left = rows[i].base_left,
                                        .at_least = rows[i].at_least};
        int64_t base;
        breaker.left.times = rows[i].left_times * INT64_C(10000);
        breaker.right.times = rows[i].right_times * INT64_C(10000);
        if (wf_breaker_trips(&breaker, rows[i].left, rows[i].right, &base) != rows[i].trips)
            fail_msg("row %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(when_it_trips)};
    return cmocka_run_group_tests_name("breaker", tests, NULL, NULL);
}
