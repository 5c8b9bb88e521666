/*
 * The gates that are functions of a few values: from when until when (hours), how often (tally).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/hours.h"
#include "runtime/engine/tally.h"
#include "tests/tools/zoned.h"

enum { H = 3600 };

struct hours_row {
    const char *zone, *now;
    int64_t at; /* seconds, -1: none */
    struct wf_quiet quiet[2];
    enum wf_hours_verdict verdict;
    const char *not_before, *not_after; /* NULL: no matter */
    const char *earliest;               /* NULL: none */
};

/* Two rows of no quiet hours stand for none: from and to are equal. */
#define NIGHT                                                                                      \
    {                                                                                              \
        {                                                                                          \
            21 * H, 9 * H, false, 1                                                                \
        }                                                                                          \
    }

static const struct hours_row HOURS[] = {
    {"Asia/Shanghai", "2026-11-22", -1, NIGHT, WF_HOURS_OPEN, "2026-11-22T09:00",
     "2026-11-22T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22", 10 * H, NIGHT, WF_HOURS_OPEN, "2026-11-22T10:00",
     "2026-11-22T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22", 8 * H, NIGHT, WF_HOURS_OPEN, "2026-11-22T09:00",
     "2026-11-22T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22", 21 * H - 1, NIGHT, WF_HOURS_OPEN, "2026-11-22T20:59:59",
     "2026-11-22T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22", 21 * H, NIGHT, WF_HOURS_HELD, "2026-11-23T09:00", NULL, NULL},
    {"Asia/Shanghai", "2026-11-22", 23 * H, NIGHT, WF_HOURS_HELD, "2026-11-23T09:00", NULL, NULL},
    /* held since yesterday's 22:00: its `at` is done with */
    {"Asia/Shanghai", "2026-11-23", -1, NIGHT, WF_HOURS_OPEN, "2026-11-23T09:00",
     "2026-11-23T21:00", "2026-11-23T09:00"},
    {"Asia/Shanghai",
     "2026-11-23",
     -1,
     {{21 * H, 10 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-11-23T10:00",
     "2026-11-23T21:00",
     "2026-11-23T09:00"},
    {"Asia/Shanghai", "2026-11-23", -1, NIGHT, WF_HOURS_HELD, "2026-11-24T09:00", NULL,
     "2026-11-24T00:00"},
    /* a run by day */
    {"Asia/Shanghai", "2026-11-22T14:00", -1, NIGHT, WF_HOURS_OPEN, "2026-11-22T14:00",
     "2026-11-22T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22T14:00", 10 * H, NIGHT, WF_HOURS_OPEN, "2026-11-22T14:00",
     "2026-11-22T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22T22:00", -1, NIGHT, WF_HOURS_OPEN, "2026-11-23T09:00",
     "2026-11-23T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22T21:00", -1, NIGHT, WF_HOURS_OPEN, "2026-11-23T09:00",
     "2026-11-23T21:00", NULL},
    {"Asia/Shanghai", "2026-11-22T09:00", -1, NIGHT, WF_HOURS_OPEN, "2026-11-22T09:00",
     "2026-11-22T21:00", NULL},
    /* 22:00 to 06:00 is over midnight, 06:00 to 22:00 by day: one is never read as the other */
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{22 * H, 6 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T06:00",
     "2026-11-22T22:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{6 * H, 22 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T00:00",
     "2026-11-22T06:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     12 * H,
     {{6 * H, 22 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T22:00",
     "2026-11-23T00:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     13 * H,
     {{12 * H, 14 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T14:00",
     "2026-11-23T00:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{9 * H, 9 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T00:00",
     "2026-11-23T00:00",
     NULL},
    /* drop concerns an `at` in it, not a nightly action without one */
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{21 * H, 9 * H, true, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T09:00",
     "2026-11-22T21:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     8 * H,
     {{21 * H, 9 * H, true, 1}},
     WF_HOURS_DROPPED,
     NULL,
     NULL,
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     9 * H,
     {{21 * H, 9 * H, true, 1}},
     WF_HOURS_OPEN,
     "2026-11-22T09:00",
     "2026-11-22T21:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     21 * H,
     {{21 * H, 9 * H, true, 1}},
     WF_HOURS_DROPPED,
     NULL,
     NULL,
     NULL},
    {"Asia/Shanghai",
     "2026-11-22T14:00",
     8 * H,
     {{21 * H, 9 * H, true, 1}},
     WF_HOURS_DROPPED,
     NULL,
     NULL,
     NULL},
    /* two houses: the union is quiet, drop is stricter than defer */
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{21 * H, 9 * H, false, 1}, {8 * H, 10 * H, false, 2}},
     WF_HOURS_OPEN,
     "2026-11-22T10:00",
     "2026-11-22T21:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{21 * H, 9 * H, false, 1}, {20 * H, 8 * H, true, 2}},
     WF_HOURS_OPEN,
     "2026-11-22T09:00",
     "2026-11-22T20:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     7 * H,
     {{21 * H, 9 * H, false, 1}, {20 * H, 8 * H, true, 2}},
     WF_HOURS_DROPPED,
     NULL,
     NULL,
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     8 * H,
     {{21 * H, 9 * H, false, 1}, {20 * H, 8 * H, true, 2}},
     WF_HOURS_OPEN,
     "2026-11-22T09:00",
     "2026-11-22T20:00",
     NULL},
    {"Asia/Shanghai",
     "2026-11-22",
     -1,
     {{0, 12 * H, false, 1}, {12 * H, 0, false, 2}},
     WF_HOURS_NEVER,
     NULL,
     NULL,
     NULL},
    /* spring forward: 02:00 to 03:00 is not there; a day of 23 hours is still one day */
    {"Europe/Berlin",
     "2026-03-29",
     -1,
     {{21 * H, 2 * H + 1800, false, 1}},
     WF_HOURS_OPEN,
     "2026-03-29T03:00",
     "2026-03-29T21:00",
     NULL},
    {"Europe/Berlin",
     "2026-03-29",
     2 * H + 1800,
     {{0, 0, false, 1}},
     WF_HOURS_OPEN,
     "2026-03-29T03:00",
     "2026-03-30T00:00",
     NULL},
    {"Europe/Berlin",
     "2026-03-29",
     -1,
     {{2 * H, 3 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-03-29T00:00",
     "2026-03-30T00:00",
     NULL},
    /* autumn: 02:00 to 03:00 comes twice, and quiet hours last through both */
    {"Europe/Berlin",
     "2026-10-25",
     -1,
     {{23 * H, 2 * H + 1800, false, 1}},
     WF_HOURS_OPEN,
     "2026-10-25T02:30+01:00",
     "2026-10-25T23:00",
     NULL},
    {"Europe/Berlin",
     "2026-10-25",
     -1,
     {{2 * H + 1800, 3 * H, false, 1}},
     WF_HOURS_OPEN,
     "2026-10-25T00:00",
     "2026-10-25T02:30+02:00",
     NULL},
    {"Europe/Berlin",
     "2026-10-25",
     2 * H + 2700,
     {{2 * H, 2 * H + 1800, false, 1}},
     WF_HOURS_OPEN,
     "2026-10-25T02:30+01:00",
     "2026-10-26T00:00",
     NULL},
    {"Europe/Berlin", "2026-10-24", -1, NIGHT, WF_HOURS_OPEN, "2026-10-24T09:00",
     "2026-10-24T21:00", NULL},
    {"Europe/Berlin", "2026-10-25", -1, NIGHT, WF_HOURS_OPEN, "2026-10-25T09:00",
     "2026-10-25T21:00", NULL},
};

static void hours(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(HOURS) / sizeof(*HOURS); i++) {
        const struct hours_row *row = &HOURS[i];
        struct wf_zone *zone = zone_of(row->zone);
        struct wf_hours got;
        int64_t earliest = row->earliest ? at(zone, row->earliest) : INT64_MIN;
        enum wf_hours_verdict verdict =
            wf_hours(zone, at(zone, row->now), row->at, earliest, row->quiet, 2, &got);
        if (verdict != row->verdict)
            fail_msg("row %zu: verdict %d", i, (int)verdict);
        if (row->not_before && got.not_before != at(zone, row->not_before))
            fail_msg("row %zu: not_before %lld", i, (long long)got.not_before);
        if (row->not_after && got.not_after != at(zone, row->not_after))
            fail_msg("row %zu: not_after %lld", i, (long long)got.not_after);
        wf_zone_free(zone);
    }
}

struct tally_row {
    struct wf_ir_duration per;
    bool calendar;
    int64_t n;
    const char *had[4]; /* instants, NULL behind the last */
    const char *t;
    int64_t have; /* in the fullest window */
    const char *since;
};

#define D(k)                                                                                       \
    {                                                                                              \
        k, WF_T_DAYS                                                                               \
    }

static const struct tally_row TALLY[] = {
    /* 0 forbids */
    {D(1), false, 0, {NULL}, "2026-11-22T09:00", 0, "2026-11-21T09:00"},
    {D(1), true, 0, {NULL}, "2026-11-22T09:00", 0, "2026-11-22"},
    /* exactly a day later is another span: (s - 1d, s] is half open */
    {D(1), false, 1, {"2026-11-21T09:00"}, "2026-11-22T09:00", 0, "2026-11-21T09:00"},
    {D(1), false, 1, {"2026-11-21T09:00:01"}, "2026-11-22T09:00", 1, "2026-11-21T09:00"},
    /* what is granted for later counts as well */
    {D(1), false, 1, {"2026-11-22T20:00"}, "2026-11-22T09:00", 1, "2026-11-21T20:00"},
    {D(1), false, 1, {"2026-11-23T08:59:59"}, "2026-11-22T09:00", 1, "2026-11-22T08:59:59"},
    {D(1), false, 1, {"2026-11-23T09:00"}, "2026-11-22T09:00", 0, "2026-11-21T09:00"},
    /* the fullest span that holds t need not end at t */
    {D(7), false, 3, {"2026-11-18", "2026-11-20", "2026-11-23"}, "2026-11-22", 3, "2026-11-16"},
    {D(7), false, 3, {"2026-11-15", "2026-11-20", "2026-11-23"}, "2026-11-22", 2, "2026-11-16"},
    {D(7), false, 3, {"2026-11-16", "2026-11-20", "2026-11-23"}, "2026-11-22", 2, "2026-11-15"},
    /* a month: Feb 28 goes back to Jan 28, Mar 31 to Feb 28 */
    {{1, WF_T_MONTHS}, false, 1, {"2026-02-28T00:00:01"}, "2026-03-31", 1, "2026-02-28"},
    {{1, WF_T_MONTHS}, false, 1, {"2026-02-28"}, "2026-03-31", 0, "2026-02-28"},
    {{90, WF_T_SECONDS},
     false,
     1,
     {"2026-11-22T08:59"},
     "2026-11-22T09:00",
     1,
     "2026-11-22T08:58:30"},
    /* calendar periods; a week begins on Monday (2026-11-23 is one) */
    {D(1), true, 1, {"2026-11-21T23:59:59", "2026-11-23"}, "2026-11-22T09:00", 0, "2026-11-22"},
    {D(1), true, 1, {"2026-11-22", "2026-11-22T23:00"}, "2026-11-22T09:00", 2, "2026-11-22"},
    {D(7), true, 1, {"2026-11-16", "2026-11-23"}, "2026-11-22T09:00", 1, "2026-11-16"},
    {D(7), true, 1, {"2026-11-15T23:59", "2026-11-23"}, "2026-11-22T09:00", 0, "2026-11-16"},
    {D(7), true, 1, {"2026-11-29T23:59"}, "2026-11-23", 1, "2026-11-23"},
    {{1, WF_T_MONTHS},
     true,
     1,
     {"2026-10-31T23:59:59", "2026-12-01"},
     "2026-11-30T09:00",
     0,
     "2026-11-01"},
    {{1, WF_T_MONTHS}, true, 1, {"2026-11-01"}, "2026-11-30T09:00", 1, "2026-11-01"},
    {{1, WF_T_MONTHS}, true, 1, {"2026-12-31T23:59"}, "2026-12-01", 1, "2026-12-01"},
};

static void tallies(void **state)
{
    (void)state;
    struct wf_zone *zone = zone_of("Asia/Shanghai");
    for (size_t i = 0; i < sizeof(TALLY) / sizeof(*TALLY); i++) {
        const struct tally_row *row = &TALLY[i];
        struct wf_tally tally;
        struct wf_counted got;
        struct wf_window window = wf_window_make(zone, row->per, row->calendar);
        wf_tally_init(&tally, NULL);
        assert_int_equal(wf_tally_watch(&tally, 3, 77), WF_OK);
        for (size_t k = 0; k < 4 && row->had[k]; k++) {
            assert_int_equal(wf_tally_add(&tally, 3, 77, at(zone, row->had[k])), WF_OK);
            assert_int_equal(wf_tally_add(&tally, 3, 78, at(zone, row->t)), WF_OK); /* another's */
            assert_int_equal(wf_tally_add(&tally, 2, 77, at(zone, row->t)), WF_OK);
        }
        bool allowed = wf_tally_allows(&tally, 3, 77, row->n, &window, at(zone, row->t), &got);
        if (allowed != (row->have < row->n) || got.have != row->have ||
            got.since != at(zone, row->since))
            fail_msg("row %zu: %s, have %lld since %lld", i, allowed ? "allowed" : "refused",
                     (long long)got.have, (long long)got.since);
        wf_tally_release(&tally);
    }
    wf_zone_free(zone);
}

/* The same answers as counting every span there is, over parties and instants by the thousand. */
static void tally_against_all_spans(void **state)
{
    (void)state;
    enum { PARTIES = 300, EACH = 12 };
    struct wf_tally tally;
    int64_t had[EACH];
    uint32_t seed = 7;
    wf_tally_init(&tally, NULL);
    for (uint64_t party = 0; party < PARTIES; party++)
        assert_int_equal(wf_tally_watch(&tally, 0, party), WF_OK);
    for (uint64_t party = 0; party < PARTIES; party++) {
        struct wf_window window =
            wf_window_make(NULL, (struct wf_ir_duration){10, WF_T_SECONDS}, false);
        size_t n = 0;
        for (int i = 0; i < EACH; i++) {
            seed = seed * 1664525 + 1013904223;
            int64_t t = 1000 + (seed >> 16) % 40, most = 0;
            for (int64_t s = t; s < t + 10; s++) {
                int64_t have = 0;
                for (size_t k = 0; k < n; k++)
                    have += had[k] > s - 10 && had[k] <= s;
                most = have > most ? have : most;
            }
            struct wf_counted got;
            assert_int_equal(wf_tally_allows(&tally, 0, party, 3, &window, t, &got), most < 3);
            assert_int_equal(got.have, most);
            if (most < 3) {
                had[n++] = t;
                assert_int_equal(wf_tally_add(&tally, 0, party, t), WF_OK);
            }
        }
    }
    wf_tally_release(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours),
        cmocka_unit_test(tallies),
        cmocka_unit_test(tally_against_all_spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
