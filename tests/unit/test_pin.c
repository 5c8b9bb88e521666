/*
 * A journey's structure outlives its rules: what is pinned, what is linked by name, what is
 * refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/code/emit.h"
#include "lang/code/pin.h"
#include "lang/code/verify.h"
#include "lang/ir/dump.h"
#include "tests/tools/compiled.h"

#define SHOP                                                                                       \
    "import std.retail\n"                                                                          \
    "member { grade one of (low < high)? region text? }\n"                                         \
    "event fitting as fitted from \"fittings*.csv\" { at time  room text? }\n"
#define JOURNEY                                                                                    \
    "journey back {\n"                                                                             \
    "  enter when first purchase + 1d\n"                                                           \
    "  exit when grade = high or opted_out\n"                                                      \
    "  goal purchased since entry within 30d\n"                                                    \
    "  holdout 10%\n"                                                                              \
    "  send coupon\n"                                                                              \
    "  wait for fitting[room = \"a\"] up to 4d { task owner \"Thank {name|them}\" } else {\n"      \
    "    if sum purchase.amount in last 90d > 100.00 and region = \"north\" { points +5 }\n"       \
    "    else { split { 40% \"x\" { tag \"x\" } 60% \"y\" { tag \"y\" } } }\n"                     \
    "  }\n"                                                                                        \
    "  step late:\n"                                                                               \
    "  wait 3d\n"                                                                                  \
    "  if top 20% by count purchase { send coupon via sms }\n"                                     \
    "}\n"

static void pin_of(const char *rules, struct wf_buf *pin)
{
    struct wf_program *program = compiled(rules);
    wf_buf_init(pin, NULL, 0);
    assert_int_equal(program->ir.n_journeys, 1);
    assert_int_equal(wf_pin(program, 0, NULL, pin), WF_OK);
    wf_program_free(program);
}

/* Links the pin to other rules; NULL, with the sentence in `why`, where that is refused. */
static struct wf_program *linked(const struct wf_buf *pin, const char *rules, struct wf_buf *why)
{
    struct wf_program *tonight = compiled(rules), *out = NULL;
    struct wf_pinned pinned = {pin->data, pin->len, NULL};
    enum wf_status st = wf_pin_link(tonight, &pinned, 1, NULL, &out, why);
    if (st == WF_OK) {
        assert_memory_equal(out->hash, tonight->hash, sizeof(out->hash));
        assert_int_equal(out->ir.n_journeys, tonight->ir.n_journeys + 1);
        assert_int_equal(out->ir.n_triggers, tonight->ir.n_triggers);
    } else {
        if (st != WF_ERR_RULES)
            fail_msg("%s: %s", wf_status_text(st), wf_buf_str(why));
        out = NULL;
    }
    wf_program_free(tonight);
    return out;
}

static const struct wf_ir_journey *last_journey(const struct wf_program *program)
{
    return &program->ir.journeys[program->ir.n_journeys - 1];
}

/* Nodes and views are numbered as the schema lies: the numbers are no part of the structure. */
static void drop_numbers(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        bool digit = *from >= '0' && *from <= '9';
        if (!digit || to == text || (to[-1] != '%' && to[-1] != 'v'))
            *to++ = *from;
    }
    *to = '\0';
}

/* The pinned journey's steps as the dump of a program that has only them shows them. */
static char *steps_of(const struct wf_program *program)
{
    struct wf_buf pin, text;
    struct wf_program *alone = NULL;
    wf_buf_init(&pin, NULL, 0);
    wf_buf_init(&text, NULL, 0);
    assert_int_equal(wf_pin(program, program->ir.n_journeys - 1, NULL, &pin), WF_OK);
    const char *why = NULL;
    assert_int_equal(wf_program_load(NULL, pin.data, pin.len, &alone, &why), WF_OK);
    wf_ir_dump(&text, &alone->ir);
    char *copy = strdup(strstr(wf_buf_str(&text), "    exit "));
    drop_numbers(copy);
    wf_program_free(alone);
    wf_buf_release(&pin);
    wf_buf_release(&text);
    return copy;
}

static void what_is_pinned_stays(void **state)
{
    static const char *const LATER[] = {
        SHOP JOURNEY,
        /* the same shop, in another order, with more in it */
        "import std.retail\n"
        "event fitting as fitted from \"fittings*.csv\" { at time  hall text?  room text? }\n"
        "member { region text?  shoe int?  grade one of (low < high)? }\n"
        "when first fitting and shoe > 40 then tag \"big\"\n"
        "when every monday and top 5% by count purchase then points +1\n",
        /* the journey itself, rewritten */
        SHOP "journey back { enter when joined + 1d  wait 5d  tag \"new\" }\n",
    };
    struct wf_buf pin, why;
    (void)state;
    pin_of(SHOP JOURNEY, &pin);
    wf_buf_init(&why, NULL, 0);
    struct wf_program *first = linked(&pin, LATER[0], &why);
    char *steps = steps_of(first);
    assert_non_null(strstr(steps, "wait"));
    for (size_t i = 0; i < sizeof(LATER) / sizeof(*LATER); i++) {
        struct wf_program *program = linked(&pin, LATER[i], &why);
        if (!program)
            fail_msg("%s", wf_buf_str(&why));
        const struct wf_ir_journey *journey = last_journey(program);
        assert_true(journey->pinned);
        assert_int_equal(journey->trigger, WF_NONE);
        assert_int_equal(journey->hash, last_journey(first)->hash);
        char *now = steps_of(program);
        assert_string_equal(now, steps);
        free(now);
        wf_program_free(program);
    }
    free(steps);
    wf_program_free(first);
    wf_buf_release(&pin);
    wf_buf_release(&why);
}

static void what_is_not_structure_is_tonights(void **state)
{
    struct wf_buf pin, why;
    (void)state;
    pin_of(SHOP JOURNEY, &pin);
    wf_buf_init(&why, NULL, 0);
    struct wf_program *program = linked(
        &pin,
        SHOP "journey home { enter when joined + 1d was back holdout 30% priority 7 grace 4d "
             "salt \"s\" tag \"new\" }\n",
        &why);
    if (!program)
        fail_msg("%s", wf_buf_str(&why));
    const struct wf_ir_journey *journey = last_journey(program);
    assert_string_equal(program->ir.texts[journey->name]->text, "home");
    assert_string_equal(program->ir.texts[journey->salt]->text, "s");
    assert_int_equal(journey->holdout, 300000);
    assert_int_equal(journey->priority, 7);
    assert_int_equal(journey->grace.count, 4);
    wf_program_free(program);
    wf_buf_release(&pin);
    wf_buf_release(&why);
}

static void what_the_schema_lost_is_refused(void **state)
{
    static const struct {
        const char *rules, *why;
    } cases[] = {
        {"import std.retail\nmember { grade one of (low < high)? }\n"
         "event fitting as fitted from \"fittings*.csv\" { at time  room text? }\n",
         "the field `member.region`, which the rules no longer declare"},
        {"import std.retail\nmember { grade one of (low < high)? region text? }\n",
         "the event `fitting`, which the rules no longer declare"},
        {"import std.retail\nmember { grade one of (high < low)? region text? }\n"
         "event fitting as fitted from \"fittings*.csv\" { at time  room text? }\n",
         "the field `member.grade`, which is of another type"},
        {"import std.retail\nmember { grade one of (low < high)? region text? }\n"
         "event fitting as fitted from \"fittings*.csv\" { at time  room int? }\n",
         "the field `fitting.room`, which is of another type"},
    };
    struct wf_buf pin;
    (void)state;
    pin_of(SHOP JOURNEY, &pin);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct wf_buf why, rules;
        wf_buf_init(&why, NULL, 0);
        wf_buf_init(&rules, NULL, 0);
        wf_buf_adds(&rules, cases[i].rules);
        wf_buf_adds(&rules, "when joined + 1d then tag \"x\"\n");
        assert_null(linked(&pin, wf_buf_str(&rules), &why));
        assert_non_null(strstr(wf_buf_str(&why), "members in the journey back still need"));
        if (!strstr(wf_buf_str(&why), cases[i].why))
            fail_msg("case %zu: %s", i, wf_buf_str(&why));
        wf_buf_release(&why);
        wf_buf_release(&rules);
    }
    wf_buf_release(&pin);
}

static void a_damaged_pin_is_refused(void **state)
{
    struct wf_buf pin, why;
    struct wf_program *tonight = compiled(SHOP "when joined + 1d then tag \"x\"\n"), *out = NULL;
    (void)state;
    pin_of(SHOP JOURNEY, &pin);
    wf_buf_init(&why, NULL, 0);
    for (size_t at = 0; at < pin.len; at += 37) {
        pin.data[at] ^= 0x10;
        struct wf_pinned pinned = {pin.data, pin.len, NULL};
        assert_int_equal(wf_pin_link(tonight, &pinned, 1, NULL, &out, &why), WF_ERR_FORMAT);
        pin.data[at] ^= 0x10;
    }
    for (size_t len = 0; len < pin.len; len += 101) {
        struct wf_pinned pinned = {pin.data, len, NULL};
        assert_int_equal(wf_pin_link(tonight, &pinned, 1, NULL, &out, NULL), WF_ERR_FORMAT);
    }
    wf_program_free(tonight);
    wf_buf_release(&pin);
    wf_buf_release(&why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_pinned_stays),
        cmocka_unit_test(what_is_not_structure_is_tonights),
        cmocka_unit_test(what_the_schema_lost_is_refused),
        cmocka_unit_test(a_damaged_pin_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
