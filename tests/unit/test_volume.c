/*
 * Volumes: what a feed that may hold only what is new is held against.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/run/volume.h"

/* A night of so many rows; whether it is odd. */
static bool night(struct wf_state *state, bool full, bool grows, uint64_t rows, int64_t day)
{
    char name[] = "purchase";
    struct wf_load_feed feed = {.name = name, .full = full, .grows = grows, .rows = rows};
    struct wf_load_report report = {.feeds = &feed, .n_feeds = 1};
    struct wf_buf odd;
    wf_buf_init(&odd, NULL, 0);
    wf_odd_volumes(state, &report, day, &odd);
    bool held = odd.len > 0;
    wf_buf_release(&odd);
    assert_int_equal(wf_keep_volume(state, &report, day), WF_OK);
    return held;
}

static void full_feeds(void **unused)
{
    struct wf_state state;
    (void)unused;
    wf_state_init(&state, NULL);
    assert_false(night(&state, true, false, 2000, 1));
    assert_false(night(&state, true, false, 1000, 2));
    assert_true(night(&state, true, false, 2001, 3));
    assert_true(night(&state, true, false, 1000, 4));
    assert_false(night(&state, true, false, 500, 5)); /* few */
    assert_int_equal(state.n_feeds, 1);
    wf_state_release(&state);
}

/* A feed of events that carries all history: approved once, a jump is how it is from then on. */
static void a_jump_that_stays(void **unused)
{
    struct wf_state state;
    (void)unused;
    wf_state_init(&state, NULL);
    for (int64_t day = 0; day < 28; day++)
        assert_false(night(&state, true, true, 2000 + (uint64_t)day, day));
    assert_true(night(&state, true, true, 9000, 28));
    for (int64_t day = 29; day < 60; day++)
        assert_false(night(&state, true, true, 9000 + (uint64_t)day, day));
    wf_state_release(&state);
}

/* Saturdays are busy: once three are known, another of their kind is no surprise. */
static void weekdays(void **unused)
{
    struct wf_state state;
    (void)unused;
    wf_state_init(&state, NULL);
    for (int64_t week = 0; week < 3; week++) {
        for (int64_t day = 0; day < 6; day++)
            night(&state, true, true, 2000 + (uint64_t)day, 7 * week + day);
        assert_true(night(&state, true, true, 9000 + (uint64_t)week, 7 * week + 6));
    }
    assert_false(night(&state, true, true, 2100, 21));
    assert_true(night(&state, true, true, 900, 22));
    assert_false(night(&state, true, true, 2000, 23));
    assert_false(night(&state, true, true, 10000, 27));
    assert_true(night(&state, true, true, 4000, 34));  /* of 9001, 9002, 10000 */
    assert_false(night(&state, true, true, 5000, 41)); /* of 9002, 10000, 4000 */
    assert_true(night(&state, true, true, 2400, 48));  /* of 10000, 4000, 5000 */
    wf_state_release(&state);
}

/* A feed of changes has no last night to be like, only weekdays. */
static void changes(void **unused)
{
    struct wf_state state;
    (void)unused;
    wf_state_init(&state, NULL);
    assert_false(night(&state, false, true, 2000, 0));
    assert_false(night(&state, false, true, 9000, 7));
    assert_false(night(&state, false, true, 3000, 14));
    assert_true(night(&state, false, true, 1400, 21));
    assert_false(night(&state, false, true, 1000000, 22));
    wf_state_release(&state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_feeds),
        cmocka_unit_test(a_jump_that_stays),
        cmocka_unit_test(weekdays),
        cmocka_unit_test(changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
