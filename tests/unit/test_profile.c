/* Phases of a night: nested, never ended, more than there is room for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/data/profile.h"

static void nests_parts(void **state)
{
    struct wf_profile profile = {.n = 0};
    (void)state;
    unsigned read = wf_profile_begin(&profile, WF_PHASE_READ, 0);
    unsigned feed = wf_profile_begin(&profile, WF_PHASE_FEED, 3);
    wf_profile_end(&profile, feed);
    wf_profile_end(&profile, read);
    wf_profile_add(&profile, WF_PHASE_LEDGER, 1.5);
    unsigned cut = wf_profile_begin(&profile, WF_PHASE_COMMIT, 0);

    assert_int_equal(profile.n, 4);
    assert_int_equal(profile.rows[feed].feed, 3);
    assert_true(profile.rows[feed].seconds >= 0);
    assert_true(profile.rows[read].seconds >= profile.rows[feed].seconds);
    assert_true(profile.rows[2].seconds == 1.5);
    assert_true(profile.rows[cut].seconds < 0); /* it did not end */
    assert_string_equal(wf_phase_key(profile.rows[feed].phase), "feed");
    assert_int_equal(wf_phase_depth(WF_PHASE_READ), 0);
    assert_int_equal(wf_phase_depth(WF_PHASE_FEED), 1);
}

static void leaves_out_what_it_has_no_room_for(void **state)
{
    static struct wf_profile profile;
    (void)state;
    for (unsigned i = 0; i < WF_PROFILE_ROWS + 2; i++) {
        unsigned row = wf_profile_begin(&profile, WF_PHASE_FEED, i);
        assert_int_equal(row, i < WF_PROFILE_ROWS ? i : WF_PROFILE_ROWS);
        wf_profile_end(&profile, row);
    }
    wf_profile_add(&profile, WF_PHASE_LEDGER, 1);
    assert_int_equal(profile.n, WF_PROFILE_ROWS);
    assert_int_equal(profile.rows[WF_PROFILE_ROWS - 1].phase, WF_PHASE_FEED);
}

static void costs_nothing_where_nobody_asks(void **state)
{
    (void)state;
    wf_profile_end(NULL, wf_profile_begin(NULL, WF_PHASE_READ, 0));
    wf_profile_add(NULL, WF_PHASE_LEDGER, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nests_parts),
        cmocka_unit_test(leaves_out_what_it_has_no_room_for),
        cmocka_unit_test(costs_nothing_where_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
