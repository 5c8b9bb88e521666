/*
 * The parts of a journey that are functions of a few values: splits, holdouts, and when a wait
 * until a clock or a weekday is over. What members meet on their way is told by the timelines of
 * tests/golden/night.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/engine/gates.h"
#include "runtime/engine/journey_walk.h"
#include "tests/tools/compiled.h"
#include "tests/tools/zoned.h"

enum { MEMBERS = 100000 };

static size_t id_of(uint32_t member, char out[16])
{
    return (size_t)snprintf(out, 16, "m%05u", member);
}

static const struct wf_ir_step *split_of(const struct wf_program *program)
{
    for (uint32_t i = 0; i < program->ir.n_steps; i++)
        if (program->ir.steps[i].kind == WF_STEP_SPLIT)
            return &program->ir.steps[i];
    fail_msg("no split");
    return NULL;
}

static struct wf_program *journey_of(const char *arms)
{
    char text[512];
    snprintf(text, sizeof(text),
             "import std.retail\njourney j { enter when joined split { %s } }\n",
             arms);
    return compiled(text);
}

static void shares(void **state)
{
    (void)state;
    static const struct {
        const char *arms;
        uint32_t want[3]; /* members in a thousand */
    } t[] = {
        {"50% \"a\" { tag \"a\" } 50% \"b\" { tag \"b\" }", {500, 500, 0}},
        {"10% \"a\" { tag \"a\" } 20% \"b\" { tag \"b\" } 70% \"c\" { }", {100, 200, 700}},
        {"100% \"a\" { tag \"a\" }", {1000, 0, 0}},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_program *program = journey_of(t[i].arms);
        const struct wf_ir_step *split = split_of(program);
        uint32_t got[3] = {0};
        char id[16];
        for (uint32_t m = 0; m < MEMBERS; m++) {
            size_t len = id_of(m, id);
            got[wf_split_arm(&program->ir, split, "j", id, len)]++;
        }
        for (int k = 0; k < 3; k++)
            assert_in_range(got[k] + 1000, t[i].want[k] * 100, t[i].want[k] * 100 + 2000);
        wf_program_free(program);
    }
}

/* Two splits of other labels draw anew, under another salt too; a larger first arm keeps its
 * own. */
static void draws(void **state)
{
    (void)state;
    struct wf_program *half = journey_of("50% \"a\" { tag \"a\" } 50% \"b\" { tag \"b\" }");
    struct wf_program *more = journey_of("60% \"a\" { tag \"a\" } 40% \"b\" { tag \"b\" }");
    struct wf_program *other = journey_of("50% \"a\" { tag \"a\" } 50% \"c\" { tag \"c\" }");
    uint32_t moved = 0, as_other = 0, as_salt = 0;
    char id[16];
    for (uint32_t m = 0; m < MEMBERS; m++) {
        size_t len = id_of(m, id);
        uint32_t arm = wf_split_arm(&half->ir, split_of(half), "j", id, len);
        moved += arm == 0 && wf_split_arm(&more->ir, split_of(more), "j", id, len) != 0;
        as_other += arm == wf_split_arm(&other->ir, split_of(other), "j", id, len);
        as_salt += arm == wf_split_arm(&half->ir, split_of(half), "k", id, len);
    }
    assert_int_equal(moved, 0);
    assert_in_range(as_other, MEMBERS / 2 - 1000, MEMBERS / 2 + 1000);
    assert_in_range(as_salt, MEMBERS / 2 - 1000, MEMBERS / 2 + 1000);
    wf_program_free(half);
    wf_program_free(more);
    wf_program_free(other);
}

static void holdout_only_adds(void **state)
{
    (void)state;
    uint32_t ten = 0, twenty = 0;
    char id[16];
    for (uint32_t m = 0; m < MEMBERS; m++) {
        size_t len = id_of(m, id);
        bool low = wf_held_out("winback", id, len, 100000);
        bool high = wf_held_out("winback", id, len, 200000);
        assert_true(!low || high);
        ten += low;
        twenty += high;
    }
    assert_in_range(ten, 9000, 11000);
    assert_in_range(twenty, 19000, 21000);
}

static void until(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *from;
        int64_t clock, weekday; /* the one that is not -1; Monday is 0 */
        const char *want;
    } t[] = {
        {"Asia/Shanghai", "2026-11-22T08:30", 9 * 3600, -1, "2026-11-22T09:00"},
        {"Asia/Shanghai", "2026-11-22T09:00", 9 * 3600, -1, "2026-11-22T09:00"},
        {"Asia/Shanghai", "2026-11-22T09:00:01", 9 * 3600, -1, "2026-11-23T09:00"},
        {"Asia/Shanghai", "2026-11-22", 0, -1, "2026-11-22"},
        /* 02:30 is skipped: the first instant after it; it comes twice: the earlier */
        {"Europe/Berlin", "2026-03-29", 9000, -1, "2026-03-29T03:00"},
        {"Europe/Berlin", "2026-10-24T12:00", 9000, -1, "2026-10-25T02:30"},
        {"Asia/Shanghai", "2026-11-22T10:00", -1, 0, "2026-11-23"},
        {"Asia/Shanghai", "2026-11-22T10:00", -1, 6, "2026-11-22T10:00"}, /* is a Sunday */
        {"Asia/Shanghai", "2026-11-23", -1, 0, "2026-11-23"},
        {"Asia/Shanghai", "2026-11-23T00:01", -1, 6, "2026-11-29"},
    };
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        struct wf_zone *zone = zone_of(t[i].zone);
        int64_t from = at(zone, t[i].from);
        int64_t got = t[i].clock >= 0 ? wf_until_clock(zone, from, t[i].clock)
                                      : wf_until_weekday(zone, from, t[i].weekday);
        if (got != at(zone, t[i].want))
            fail_msg("row %zu", i);
        wf_zone_free(zone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares),
        cmocka_unit_test(draws),
        cmocka_unit_test(holdout_only_adds),
        cmocka_unit_test(until),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
