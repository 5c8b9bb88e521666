/* What a trial says, against published intervals; and the trial as bytes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/lift.h"

/* The examples of Newcombe 1998, table II, by his method 10. */
static void intervals_of_rates_are_newcombes(void **state)
{
    static const struct {
        uint64_t reached, members, base_reached, base_members;
        double low, high;
    } t[] = {
        {56, 70, 48, 80, 0.0524, 0.3339}, {9, 10, 3, 10, 0.1705, 0.8090},
        {6, 7, 2, 7, 0.0582, 0.8062},     {5, 56, 0, 29, -0.0381, 0.1926},
        {0, 10, 0, 20, -0.1611, 0.2775},  {0, 10, 0, 10, -0.2775, 0.2775},
        {10, 10, 0, 20, 0.6791, 1.0000},  {10, 10, 0, 10, 0.6075, 1.0000},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_trial_cell group = {.members = t[i].members, .reached = t[i].reached};
        struct wf_trial_cell base = {.members = t[i].base_members, .reached = t[i].base_reached};
        struct wf_lift lift = wf_lift_of(&group, &base, false);
        assert_true(lift.rates.known && lift.rates.sure);
        assert_true(fabs(lift.rates.low - t[i].low) < 0.00006);
        assert_true(fabs(lift.rates.high - t[i].high) < 0.00006);
        assert_false(lift.means.known);
    }
}

static void fill(struct wf_trial_cell *cell, int64_t from, int64_t step, int n)
{
    for (int i = 0; i < n; i++)
        wf_trial_add(cell, true, from + step * i);
}

/* 100, 110 ... 390 against 50, 57 ... 323: the interval by integrating the density. */
static void intervals_of_means_are_welchs(void **state)
{
    struct wf_trial_cell group = {0}, base = {0}, few = {0}, same = {0}, lost = {0};
    (void)state;
    fill(&group, 100, 10, 30);
    fill(&base, 50, 7, 40);
    fill(&few, 100, 10, WF_LIFT_LEAST - 1);
    fill(&same, 100, 0, 30);
    fill(&lost, INT64_MAX, 0, 30);
    struct wf_lift lift = wf_lift_of(&group, &base, true);
    assert_true(lift.means.known && lift.means.sure);
    assert_true(fabs(lift.means.value - 58.5000) < 1e-9);
    assert_true(fabs(lift.means.low - 17.226752) < 1e-4);
    assert_true(fabs(lift.means.high - 99.773248) < 1e-4);
    lift = wf_lift_of(&group, &few, true);
    assert_true(lift.means.known && !lift.means.sure);
    lift = wf_lift_of(&same, &same, true);
    assert_true(lift.means.sure && lift.means.low == 0 && lift.means.high == 0);
    lift = wf_lift_of(&lost, &base, true); /* squares that no number holds */
    assert_false(lift.measured[0] || lift.means.known);
}

static void nobody_has_no_rate(void **state)
{
    struct wf_trial_cell some = {.members = 5, .reached = 1}, nobody = {0};
    struct wf_lift lift = wf_lift_of(&some, &nobody, true);
    (void)state;
    assert_true(lift.rated[0] && !lift.rated[1]);
    assert_false(lift.rates.known || lift.rates.sure || lift.means.known);
}

static void trials_come_back_from_bytes(void **state)
{
    struct wf_trials trials = {0}, again = {0};
    struct wf_trial *trial, *same;
    struct wf_buf bytes;
    (void)state;
    assert_int_equal(wf_trials_get(&trials, 7, 100000, 4, NULL, &trial), WF_OK);
    fill(&trial->cells[0], -50, 20, 9);
    fill(&trial->cells[3], 0, 1, 3);
    trial->cells[2].unknown = 4;
    assert_int_equal(wf_trials_get(&trials, 7, 200000, 4, NULL, &same), WF_OK);
    assert_int_equal(trials.n, 2);
    assert_int_equal(wf_trials_get(&trials, 7, 100000, 4, NULL, &same), WF_OK);
    assert_int_equal(trials.n, 2);
    assert_int_equal(wf_trials_get(&trials, 7, 100000, 6, NULL, &same), WF_ERR_STATE);

    wf_buf_init(&bytes, NULL, 0);
    wf_trial_write(&trials.items[0], &bytes);
    assert_int_equal(wf_trials_read(&again, bytes.data, bytes.len, NULL), WF_OK);
    assert_int_equal(again.items[0].holdout, 100000);
    assert_memory_equal(again.items[0].cells, trials.items[0].cells, 4 * sizeof(*trial->cells));
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(wf_trials_read(&again, bytes.data, len, NULL), WF_ERR_STATE);
    memset(bytes.data + 24, 0xff, 8); /* more reached than there are */
    assert_int_equal(wf_trials_read(&again, bytes.data, bytes.len, NULL), WF_ERR_STATE);
    wf_buf_release(&bytes);
    wf_trials_release(&trials, NULL);
    wf_trials_release(&again, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_of_rates_are_newcombes),
        cmocka_unit_test(intervals_of_means_are_welchs),
        cmocka_unit_test(nobody_has_no_rate),
        cmocka_unit_test(trials_come_back_from_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
