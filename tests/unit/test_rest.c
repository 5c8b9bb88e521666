/*
 * How long aggregates stay what they are, against conditions taken anew night after night: no row
 * may change sides while its margins are wider than what their limits have moved.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "lang/lang.h"
#include "runtime/vm/rest.h"
#include "runtime/vm/scalar.h"
#include "tests/tools/compiled.h"
#include "tests/tools/zoned.h"

enum { NIGHTS = 420, ROWS = 60 };

#define SCHEMA                                                                                     \
    "timezone \"America/New_York\"\n"                                                              \
    "member from \"m.csv\" { id text key  city text?  home shops? }\n"                             \
    "table shops from \"s.csv\" { code text key  kind text? }\n"                                  \
    "event purchase as purchased from \"p.csv\" { at time  amount money  ships date?\n"            \
    "  brand text?  shop shops?  hours int? }\n"                                                   \
    "event visit as visited from \"v.csv\" { at time }\n"

/* A program, and one member whose rows are looked at one by one. */
struct bench {
    struct wf_compiled compiled;
    struct wf_zone *zone;
    int64_t times[ROWS];
    int32_t dates[ROWS];
    uint32_t first[2];
    struct wf_id id;
    struct wf_events views[8];
    struct wf_column inputs[16];
    struct wf_dataset data;
};

static void compile(struct bench *t, const char *segment)
{
    char text[2048];
    snprintf(text, sizeof(text), "%ssegment s is %s\n", SCHEMA, segment);
    const struct file files[] = {{"rules.way", text}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    enum wf_status status = wf_compile(NULL, &loader, "rules.way", &t->compiled);
    for (size_t i = 0; status && i < t->compiled.front.diags.n; i++)
        print_error("%s: %s\n", segment, t->compiled.front.diags.items[i]->message);
    assert_int_equal(status, WF_OK);
}

/* Rows are so many days apart. */
static void lay_out(struct bench *t, int apart)
{
    const struct wf_ir *ir = &t->compiled.program->ir;
    t->zone = zone_of("America/New_York");
    t->first[1] = ROWS;
    t->data = (struct wf_dataset){.n_members = 1,
                                  .ids = &t->id,
                                  .id_heap = "m",
                                  .n_inputs = ir->n_inputs,
                                  .inputs = t->inputs,
                                  .n_views = ir->n_views,
                                  .views = t->views};
    assert_true(ir->n_inputs <= 16 && ir->n_views <= 8);
    for (uint32_t v = 0; v < ir->n_views; v++)
        t->views[v] = (struct wf_events){.n = ROWS, .first = t->first, .at = t->times};
    for (uint32_t i = 0; i < ir->n_inputs; i++) {
        bool date = ir->inputs[i].type == WF_T_DATE;
        t->inputs[i] = (struct wf_column){.type = ir->inputs[i].type,
                                          .layout = date ? WF_LAY_I32 : WF_LAY_I64};
        t->inputs[i].data = date ? (void *)t->dates : t->times;
    }
    for (int i = 0; i < ROWS; i++) { /* some at midnight, some within it */
        t->dates[i] = (int32_t)day_of("2025-01-01") + i * apart;
        t->times[i] = wf_zone_midnight(t->zone, t->dates[i]) + (i % 4) * (i % 7) * 3601;
    }
}

static void fold(struct bench *t)
{
    wf_zone_free(t->zone);
    wf_compiled_release(&t->compiled);
}

/* What an aggregate's filter says of a row at T: -1, 0, 1. */
static int side_of(struct wf_scalar *scalar, const struct wf_ir_agg *agg, uint64_t row)
{
    wf_scalar_event(scalar, agg->view, row);
    return wf_scalar_truth(scalar, agg->filter);
}

/* The limits that have passed a row since, a bit each; false: one moved back. */
static bool find_passed(struct bench *t, const struct wf_rest *then, const struct wf_rest *now,
                        uint64_t row, uint32_t *passed_out)
{
    *passed_out = 0;
    assert_int_equal(then->n_limits, now->n_limits);
    for (uint32_t i = 0; i < then->n_limits; i++) {
        int64_t by = now->limits[i].at - then->limits[i].at;
        if (by < 0)
            return false;
        if (wf_rest_margin(&then->limits[i], &t->data, row, row + 1) <= (uint64_t)by)
            *passed_out |= UINT32_C(1) << i;
    }
    return true;
}

static struct wf_rests rests_at(struct bench *t, int64_t now)
{
    struct wf_rests rests;
    assert_int_equal(
        wf_rests_init(&rests, t->compiled.program, t->zone, now, NULL, 0, NULL), WF_OK);
    return rests;
}

struct tally {
    int slept, changed, woken; /* nights of rows; woken: needlessly */
};

/* A row on a night: a limit that passed it, or had to, if an aggregate sees it otherwise; and what
 * lies before a limit's floor counts for no aggregate that the limit bears on. */
static void look(struct bench *t, const struct wf_rests *first, const struct wf_rests *rests,
                 struct wf_scalar *scalars[2], uint64_t row, struct tally *tally)
{
    const struct wf_rest *rest = &rests->of[0];
    uint32_t passed, all = 0;
    bool forward = find_passed(t, &first->of[0], rest, row, &passed);
    bool same = true;
    for (uint32_t i = 0; i < rest->n_aggs; i++) {
        const struct wf_ir_agg *agg = &t->compiled.program->ir.aggs[rest->aggs[i].agg];
        int now = side_of(scalars[1], agg, row);
        bool alike = side_of(scalars[0], agg, row) == now;
        assert_true(alike || !forward || passed & rest->aggs[i].asks);
        same &= alike;
        all |= rest->aggs[i].asks;
        for (uint32_t l = 0; l < rest->n_limits; l++)
            if (rest->aggs[i].asks >> l & 1 && t->times[row] < rests->asks[0].floor[l])
                assert_int_equal(now, 0);
    }
    tally->slept += forward && !(passed & all);
    tally->changed += !same;
    tally->woken += same && (!forward || passed & all);
}

/* Every row, one night long after another, from the night `begin` on. */
static struct tally live(struct bench *t, int64_t begin, bool late)
{
    const struct wf_ir *ir = &t->compiled.program->ir;
    struct tally tally = {0, 0, 0};
    struct wf_rests first = rests_at(t, begin);
    const struct wf_vm_params then = {.now = begin, .zone = t->zone};
    assert_true(first.of[0].may);
    for (int night = 1; night < NIGHTS; night++) {
        int64_t now = wf_zone_midnight(t->zone, day_of("2025-11-01") + night);
        now += late ? (night * 7919) % 86400 : 0;
        const struct wf_vm_params params = {.now = now, .zone = t->zone};
        struct wf_rests rests = rests_at(t, now);
        struct wf_scalar *scalars[2] = {wf_scalar_new(ir, &t->data, &then, NULL, NULL),
                                        wf_scalar_new(ir, &t->data, &params, NULL, NULL)};
        assert_true(scalars[0] && scalars[1]);
        wf_scalar_member(scalars[0], 0);
        wf_scalar_member(scalars[1], 0);
        for (uint64_t row = 0; row < ROWS; row++)
            look(t, &first, &rests, scalars, row, &tally);
        wf_scalar_free(scalars[0]);
        wf_scalar_free(scalars[1]);
        wf_rests_release(&rests);
    }
    wf_rests_release(&first);
    return tally;
}

static void no_row_changes_sides_in_its_sleep(void **state)
{
    static const char *const segments[] = {
        "count purchase in last 30d >= 2 and sum purchase.amount in last 365d > 9.00",
        "any purchase in last 1mo and no purchase in last 36h",
        "count purchase in last 1y >= 1 and count purchase[at < now - 2mo] >= 1",
        "any purchase[ships >= today - 4d] or any purchase[ships = today]",
        "any purchase[today - 9d > ships] and any purchase[not (ships <= today + 3d)]",
        "any purchase[ships in (2026-01-02, 2026-01-03) or ships != today - 1mo]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(segments) / sizeof(*segments); i++)
        for (int late = 0; late < 2; late++) {
            struct bench t = {0};
            compile(&t, segments[i]);
            lay_out(&t, 8);
            int64_t midnight = wf_zone_midnight(t.zone, day_of("2025-11-01"));
            struct tally tally = live(&t, midnight + (late ? 90 * 60 : 0), late);
            assert_true(tally.slept > 0 && tally.changed > 0);
            fold(&t);
        }
}

/* Windows of days at midnight wake nobody before the day. */
static void days_wake_on_the_day(void **state)
{
    struct bench t = {0};
    (void)state;
    compile(&t, "count purchase in last 30d >= 2");
    lay_out(&t, 5); /* none is yet to happen */
    struct tally tally = live(&t, wf_zone_midnight(t.zone, day_of("2025-11-01")), false);
    assert_true(tally.slept > 0 && tally.changed > 0);
    assert_in_range(tally.woken, 0, NIGHTS); /* the days on which clocks turn, apart */
    fold(&t);
}

static void some_events_never_rest(void **state)
{
    static const struct {
        const char *segment;
        bool may;
    } cases[] = {
        {"count purchase >= 1", true},
        {"count purchase[brand = \"a\"] in last 3d >= 1", true},
        {"last purchase.amount > 3.00", true},
        {"last purchase.brand = \"a\"", false},             /* a number of a text */
        {"any purchase[brand = city]", false},              /* the member's own field */
        {"any purchase[shop.kind = \"x\"]", false},         /* another row */
        {"any purchase[at + 3d >= now]", false},            /* no plain cell */
        {"any purchase[days since at > 3]", false},
        {"any purchase followed by visit within 3d", false}, /* another event's rows */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct bench t = {0};
        compile(&t, cases[i].segment);
        t.zone = zone_of("America/New_York");
        struct wf_rests rests = rests_at(&t, wf_zone_midnight(t.zone, day_of("2025-11-01")));
        if (rests.of[0].may != cases[i].may)
            print_error("%s\n", cases[i].segment);
        assert_int_equal(rests.of[0].may, cases[i].may);
        wf_rests_release(&rests);
        fold(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_row_changes_sides_in_its_sleep),
        cmocka_unit_test(days_wake_on_the_day),
        cmocka_unit_test(some_events_never_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
