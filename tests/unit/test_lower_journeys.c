/* Journeys and policies as graphs: where steps lead, what makes a structure, what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/ir/verify.h"
#include "tests/tools/lowered.h"

#define HEAD                                                                                       \
    "import std.retail\n"                                                                          \
    "calendar cn from \"holidays.csv\"\n"                                                          \
    "message hello \"Hello\" { en \"Hello\" }\n"                                                   \
    "segment rich is points > 10\n"

static void make(struct lowered *out, const char *rules)
{
    char source[2048];
    snprintf(source, sizeof source, "%s%s", HEAD, rules);
    assert_true(lowered_from(out, source, false));
}

/* ---- steps ---- */

static void add_way(struct wf_buf *out, const char *sign, uint32_t to)
{
    if (to == WF_NONE)
        wf_buf_addf(out, "%send", sign);
    else
        wf_buf_addf(out, "%s%u", sign, to);
}

/* "0act>1 1if>2/3?4 ..." */
static void add_steps(struct wf_buf *out, const struct wf_ir *ir, const struct wf_ir_journey *j)
{
    static const char *const kinds[WF_STEP_COUNT_] = {"act",      "wait",  "clock", "day", "point",
                                                      "business", "event", "until", "if",  "split",
                                                      "stone",    "label", "leave"};
    for (uint32_t i = 0; i < j->steps_count; i++) {
        const struct wf_ir_step *s = &ir->steps[j->steps_first + i];
        wf_buf_addf(out, "%s%u%s", i ? " " : "", i, kinds[s->kind]);
        if (s->kind != WF_STEP_SPLIT && s->kind != WF_STEP_LEAVE)
            add_way(out, ">", s->next);
        if (s->kind == WF_STEP_IF || s->kind == WF_STEP_FOR_EVENT || s->kind == WF_STEP_FOR_COND)
            add_way(out, "/", s->other);
        if (s->kind == WF_STEP_IF)
            add_way(out, "?", s->after);
        for (uint32_t a = 0; a < s->arms_count; a++)
            add_way(out, "|", ir->arms[s->arms_first + a].next);
    }
}

static void where_steps_lead(void **state)
{
    static const struct {
        const char *steps, *want;
    } rows[] = {
        {"", ""},
        {"send hello", "0act>end"},
        {"send hello wait 3d points +1", "0act>1 1wait>2 2act>end"},
        {"if rich { points +1 } points +2", "0if>1/2?2 1act>2 2act>end"},
        {"if rich { points +1 } else { points +2 } points +3", "0if>1/2?3 1act>3 2act>3 3act>end"},
        {"if rich { } else { } points +3", "0if>1/1?1 1act>end"},
        {"if rich { points +1 } else if points < 2 { points +2 } else { leave } points +3",
         "0if>1/2?5 1act>5 2if>3/4?5 3act>5 4leave 5act>end"},
        {"wait for purchase up to 4d { points +1 } else { points +2 } points +3",
         "0event>1/2 1act>3 2act>3 3act>end"},
        {"wait for rich up to 4d points +3", "0until>1/1 1act>end"},
        {"split { 50% \"a\" { points +1 } 30% \"b\" { } 20% \"c\" { points +2 } } points +3",
         "0split|1|3|2 1act>3 2act>3 3act>end"},
        {"if rich { go late } points +1 step late: points +2",
         "0if>2/1?1 1act>2 2label>3 3act>end"},
        {"if rich { if points < 5 { go late } points +1 } step late:",
         "0if>1/3?3 1if>3/2?2 2act>3 3label>end"},
        {"split { 50% \"a\" { go late } 50% \"b\" { points +1 go late } } points +2 step late:",
         "0split|3|1 1act>3 2act>3 3label>end"},
        {"milestone told wait until 09:00 wait until monday wait until 2026-12-01 "
         "wait until business day",
         "0stone>1 1clock>2 2day>3 3point>4 4business>end"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lowered c;
        struct wf_buf got;
        char rules[512];
        snprintf(rules, sizeof rules, "journey j { enter when joined %s }", rows[i].steps);
        make(&c, rules);
        wf_buf_init(&got, NULL, 0);
        add_steps(&got, &c.ir, &c.ir.journeys[0]);
        assert_string_equal(wf_buf_str(&got), rows[i].want);
        wf_buf_release(&got);
        lowered_release(&c);
    }
}

/* The label that a member stands under, for migrations and reports. */
static void labels_of_steps(void **state)
{
    static const char *const want[] = {"-", "a", "a", "b", "b", "a", "c"};
    struct lowered c;
    (void)state;
    make(&c, "journey j { enter when joined points +1 step a: if rich { step b: points +2 } "
             "points +3 step c: }");
    assert_int_equal(c.ir.journeys[0].steps_count, 7);
    for (uint32_t i = 0; i < 7; i++) {
        uint32_t label = c.ir.steps[i].label;
        assert_string_equal(label == WF_NONE ? "-" : c.ir.texts[label]->text, want[i]);
    }
    lowered_release(&c);
}

/* ---- the structure's hash ---- */

static uint64_t hash_of(const char *text)
{
    struct lowered c;
    char source[1024];
    snprintf(source, sizeof source, "import std.retail\n%s", text);
    assert_true(lowered_from(&c, source, false));
    uint64_t hash = c.ir.journeys[0].hash;
    lowered_release(&c);
    return hash;
}

#define RICH "segment rich is points > 10 message hello \"Hi\" { en \"Hi\" } "
#define BODY "wait 3d if rich { send hello via sms } }"

static void what_makes_a_structure(void **state)
{
    static const char *const same[] = {
        RICH "journey other { enter when joined " BODY,
        RICH "journey j { enter when birthday " BODY,
        RICH "journey j { enter when joined holdout 10% priority 5 grace 3d salt \"x\" " BODY,
        RICH "journey j { enter when joined again after 3d was k " BODY,
        "segment rich is points > 10 message hello \"Ho\" { en \"Ho\" } "
        "journey j { enter when joined " BODY,
    };
    static const char *const other[] = {
        RICH "journey j { enter when joined wait 4d if rich { send hello via sms } }",
        RICH "journey j { enter when joined wait 3d if rich { send hello via push } }",
        RICH "journey j { enter when joined wait 3d if not rich { send hello via sms } }",
        RICH "journey j { enter when joined exit when purchased " BODY,
        RICH "journey j { enter when joined goal purchased " BODY,
        RICH "journey j { enter when joined step a: " BODY,
        "segment rich is points > 11 message hello \"Hi\" { en \"Hi\" } "
        "journey j { enter when joined " BODY,
        "timezone \"Europe/Berlin\" " RICH "journey j { enter when joined " BODY,
    };
    (void)state;
    uint64_t base = hash_of(RICH "journey j { enter when joined " BODY);
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        assert_true(hash_of(same[i]) == base);
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_true(hash_of(other[i]) != base);
}

/* ---- goals ---- */

static void goals(void **state)
{
    static const struct {
        const char *goal;
        uint8_t kind;
        bool clamped;
    } rows[] = {
        {"goal purchased since entry within 30d", WF_GOAL_EVENT, false},
        {"goal purchased within 30d", WF_GOAL_EVENT, false},
        {"goal purchase[amount > 100]", WF_GOAL_EVENT, false},
        {"goal any purchase since entry", WF_GOAL_EVENT, false},
        {"goal count purchase since entry >= 2 within 30d", WF_GOAL_COND, true},
        {"goal count purchase since entry >= 2", WF_GOAL_COND, false},
        {"goal purchased since entry and points > 5 within 30d", WF_GOAL_COND, true},
        {"goal points > 200 within 30d", WF_GOAL_COND, false},
        {"goal any visit followed by purchase within 7d", WF_GOAL_COND, false},
        {"goal sum purchase.amount since entry within 1mo", WF_GOAL_VALUE, true},
        {"goal points", WF_GOAL_VALUE, false},
        {"", WF_GOAL_NONE, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct lowered c;
        char rules[256];
        snprintf(rules, sizeof rules, "journey j { enter when joined %s }", rows[i].goal);
        make(&c, rules);
        if (c.ir.journeys[0].goal_kind != rows[i].kind ||
            c.ir.journeys[0].goal_clamped != rows[i].clamped)
            fail_msg("%s: kind %u", rows[i].goal, c.ir.journeys[0].goal_kind);
        lowered_release(&c);
    }
}

/* An event goal looks only at what came after the entry, whether the rule says so or not. */
static void an_event_goal_is_since_entry(void **state)
{
    struct lowered c;
    (void)state;
    make(&c, "journey a { enter when joined goal purchased }\n"
             "journey b { enter when joined goal purchased since entry }");
    assert_int_equal(c.ir.journeys[0].goal_filter, c.ir.journeys[1].goal_filter);
    lowered_release(&c);
}

/* ---- what the verifier refuses ---- */

#define RULES                                                                                      \
    "journey j { enter when purchase again after 3d goal purchased exit when rich "                \
    "migrate from j@ab { start -> late } "                                                         \
    "points +1 wait for visit up to 3d if rich { go late } "                                       \
    "split { 50% \"a\" { } 50% \"b\" { } } wait until monday step late: "                          \
    "wait until business day }\n"                                                                  \
    "policy { reach sms when sms quiet 21:00 to 09:00 drop cap 1 send per 1d else defer 2d "       \
    "budget coupon 5.00 per calendar month pause when count optout > 5% of count sent volume 5 }"

enum { ACT, FOR, IF, SPLIT, MONDAY, LABEL, BUSINESS };

#define BREAK(name, what)                                                                          \
    static void name(struct wf_ir *ir)                                                             \
    {                                                                                              \
        what;                                                                                      \
    }
BREAK(entry_of_nobody, ir->journeys[0].trigger = WF_NONE)
BREAK(pinned_with_entry, ir->journeys[0].pinned = true)
BREAK(entry_of_another, ir->triggers[0].journey = WF_NONE)
BREAK(again_without_time, ir->journeys[0].again_kind = WF_AGAIN_ONCE)
BREAK(time_without_again, ir->journeys[0].again.unit = WF_T_NONE; ir->journeys[0].again.count = 0)
BREAK(exit_of_rows, ir->journeys[0].exit = ir->journeys[0].goal_filter)
BREAK(goal_without_view, ir->journeys[0].goal_view = WF_NONE)
BREAK(goal_of_another_kind, ir->journeys[0].goal_kind = WF_GOAL_COND)
BREAK(too_held_out, ir->journeys[0].holdout = WF_SHARE_ALL + 1)
BREAK(map_too_far, ir->migration_maps[0].to = 7)
BREAK(backward, ir->steps[FOR].next = ACT)
BREAK(itself, ir->steps[FOR].other = FOR)
BREAK(too_far, ir->steps[IF].after = 7)
BREAK(no_other, ir->steps[ACT].other = IF)
BREAK(no_action, ir->steps[ACT].action = WF_NONE)
BREAK(other_position, ir->steps[ACT].position = 1)
BREAK(no_filter, ir->steps[FOR].filter = WF_NONE)
BREAK(filter_of_members, ir->steps[FOR].filter = ir->steps[IF].node)
BREAK(condition_of_rows, ir->steps[IF].node = ir->steps[FOR].filter)
BREAK(uneven_arms, ir->arms[0].share = 499999)
BREAK(arm_backward, ir->arms[1].next = SPLIT)
BREAK(eighth_day, ir->steps[MONDAY].n = 7)
BREAK(nameless, ir->steps[LABEL].name = WF_NONE)
BREAK(no_calendar, ir->steps[BUSINESS].holidays = WF_NONE)
BREAK(scope_of_rows, ir->policies[0].scope = ir->steps[FOR].filter)
BREAK(reach_of_rows, ir->reaches[0].cond = ir->steps[FOR].filter)
BREAK(all_day, ir->quiets[0].to = ir->quiets[0].from)
BREAK(past_midnight, ir->quiets[0].to = 86400)
BREAK(less_than_none, ir->caps[0].n = -1)
BREAK(cap_of_no_time, ir->caps[0].period = WF_PER_DAY)
BREAK(defer_by_nothing, ir->caps[0].on_full = WF_FULL_DROP)
BREAK(budget_of_a_span, ir->budgets[0].period = WF_PER_SPAN)
BREAK(side_of_members, ir->breakers[0].left.filter = ir->steps[IF].node)
BREAK(side_without_view, ir->breakers[0].left.view = WF_NONE)
BREAK(side_seen_by_one, ir->breakers[0].right.seen = ir->steps[IF].node)
BREAK(volume_below_none, ir->policies[0].volume = -2)

static void each_rule_is_kept(void **state)
{
    static void (*const breaks[])(struct wf_ir *) = {
        entry_of_nobody,
        pinned_with_entry,
        entry_of_another,
        again_without_time,
        time_without_again,
        exit_of_rows,
        goal_without_view,
        goal_of_another_kind,
        too_held_out,
        map_too_far,
        backward,
        itself,
        too_far,
        no_other,
        no_action,
        other_position,
        no_filter,
        filter_of_members,
        condition_of_rows,
        uneven_arms,
        arm_backward,
        eighth_day,
        nameless,
        no_calendar,
        scope_of_rows,
        reach_of_rows,
        all_day,
        past_midnight,
        less_than_none,
        cap_of_no_time,
        defer_by_nothing,
        budget_of_a_span,
        side_of_members,
        side_without_view,
        side_seen_by_one,
        volume_below_none,
    };
    (void)state;
    for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
        struct lowered c;
        struct wf_ir_fault fault;
        make(&c, RULES);
        assert_int_equal(wf_ir_verify(&c.ir, &fault), WF_OK);
        breaks[i](&c.ir);
        if (wf_ir_verify(&c.ir, &fault) == WF_OK)
            fail_msg("number %zu was accepted", i);
        lowered_release(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_steps_lead),
        cmocka_unit_test(labels_of_steps),
        cmocka_unit_test(what_makes_a_structure),
        cmocka_unit_test(goals),
        cmocka_unit_test(an_event_goal_is_since_entry),
        cmocka_unit_test(each_rule_is_kept),
    };
    return cmocka_run_group_tests_name("lower_journeys", tests, NULL, NULL);
}
