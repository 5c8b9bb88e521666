/* Lowering of rules: moments, watches, texts, and which of a program is lowered at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/buf.h"
#include "lang/ir/dump.h"
#include "lang/ir/lower.h"
#include "lang/ir/opt.h"
#include "tests/tools/lowered.h"

static const char schema[] =
    "member from \"m.csv\" { id text key  joined date  birthday date?  points int = 0\n"
    "  score number?  balance money?  city text?  wecom bool = false  flag bool?  tags set\n"
    "  tier one of (silver < gold < black)?  store shop?  inviter member? as invitees\n"
    "  phone text? private }\n"
    "table shop from \"s.csv\" { id text key  city text? }\n"
    "event purchase as purchased from \"p.csv\" { at time  order text  unique (order)\n"
    "  amount money  qty int = 1  brand text?  status text? }\n"
    "event visit as visited from \"v.csv\" { at time  city text? }\n"
    "coupon default \"c\"\n";

/* ---- triggers ---- */

/* The dump of the rules of a program, after "triggers\n" up to the plan. */
static void rules_of(const char *source, struct wf_buf *out)
{
    struct lowered c;
    struct wf_buf all;
    wf_buf_init(&all, NULL, 0);
    wf_buf_init(out, NULL, 0);
    assert_true(lowered_from(&c, source, false));
    wf_ir_dump(&all, &c.ir);
    const char *from = strstr(wf_buf_str(&all), "triggers\n") + strlen("triggers\n");
    const char *to = strstr(from, "plan\n");
    wf_buf_add(out, from, (size_t)(to - from));
    wf_buf_release(&all);
    lowered_release(&c);
}

struct moment {
    const char *trigger, *has, *lacks;
};

static void moments(void **state)
{
    static const struct moment rows[] = {
        {"trigger t when joined + 7d and wecom then send coupon", "on time due %", "crossing"},
        {"trigger t when joined + 7d then send coupon", "at midnight missed after its day",
         "guard"},
        {"trigger t when joined + 7d then send coupon", "identity \"t / joined\"", "?"},
        {"trigger t when joined - 7d then send coupon", "at midnight\n", "missed"},
        {"trigger t was old when joined then send coupon", "was \"old / joined\"", "?"},
        {"trigger t when anniversary of birthday - 7d then send coupon",
         "identity \"t / anniversary of birthday\"", "missed"},
        {"trigger t when anniversary of birthday + 1d then send coupon",
         "at midnight missed after its day", "?"},
        {"trigger t when anniversary of birthday + 9h then send coupon", "on anniversary due",
         "at midnight"},
        {"trigger t when purchase[amount > 1.00] + 3d and not visited then send coupon",
         "on event v0 where %", "at midnight"},
        {"trigger t when purchase + 3d then send coupon", "identity \"t / event purchase\"", "?"},
        {"trigger t when purchase[qty = 2] + 3d then send coupon",
         "identity \"t / event purchase\"", "?"},
        {"trigger t when first purchase + 3d then send coupon", "identity \"t / first purchase\"",
         "at midnight"},
        {"trigger t when last purchase + average gap purchase then send coupon", "on last due %",
         "?"},
        {"trigger t when last purchase + 3d then send coupon", " of a0 ", "?"},
        {"segment s is wecom  trigger t when member becomes s then send coupon", "on crossing w0\n",
         "leaves s w"},
        {"segment s is wecom  trigger t when member leaves s then send coupon",
         "on crossing w0 leaves\n", "?"},
        {"classify v { a when wecom b otherwise } trigger t when v becomes b from a "
         "then send coupon",
         "on crossing w0 from w1\n", "?"},
        {"trigger t when points > 3 and wecom then send coupon", "on crossing w0\n", "guard"},
        {"trigger t when every monday and wecom then send coupon", "weekdays 1 ", "?"},
        {"trigger t when every month on 31 then send coupon", "month day 0 31 ", "?"},
        {"trigger t when every 14d from 2026-01-05 then send coupon", "every days 0 14 2026-01-05",
         "?"},
        {"trigger t when on 2026-11-11 then send coupon", "on date 0 0 2026-11-11", "?"},
        {"when joined+7d and wecom then send coupon",
         "identity \"when joined + 7d and wecom then send coupon\"", " name \"t\""},
        {"trigger t priority 3 grace 2d holdout 10% salt \"s\" when joined then send coupon",
         "grace 2 days holdout 100000 priority 3 salt \"s\"", "?"},
        {"trigger t when joined then points -50, tag \"x\", untag \"y\", set points = 3",
         "set name \"points\" value %", "?"},
        {"trigger t when joined then task owner \"call {city|them}\" due 3d", "text : \"call \" {%",
         "?"},
        {"message m \"M\" { zh \"你好{city|亲}\" en \"hi\" } trigger t when joined then send m via "
         "wecom at 10:00",
         "via \"wecom\" at %6\n      text zh: \"你好\" {%", "?"},
        {"trigger t when joined then emit \"x\" { a = points }", "emit name \"x\" a = %", "?"},
        /* durations beyond any calendar: never due, and no fault of ours */
        {"trigger t when joined + 9223372036854775807w then send coupon", "on time due %", "?"},
        {"trigger t when anniversary of birthday - 9223372036854775807d - 1d then send coupon",
         "on anniversary due %", "missed"},
        /* reasons: what the condition looked at, but nothing private */
        {"trigger t when joined + 7d and points > 3 then send coupon",
         "because points > 3: %6, points %", "?"},
        {"trigger t when joined + 7d and phone = \"1\" then send coupon",
         "because phone = \"1\": %", ", phone %"},
    };
    unsigned wrong = 0;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wf_buf source, rules;
        wf_buf_init(&source, NULL, 0);
        wf_buf_addf(&source, "%s%s\n", schema, rows[i].trigger);
        rules_of(wf_buf_str(&source), &rules);
        if (!strstr(wf_buf_str(&rules), rows[i].has) || strstr(wf_buf_str(&rules), rows[i].lacks)) {
            print_error("%s\n%s  expected %s\n", rows[i].trigger, wf_buf_str(&rules), rows[i].has);
            wrong++;
        }
        wf_buf_release(&source);
        wf_buf_release(&rules);
    }
    assert_int_equal(wrong, 0);
}

/* ---- what a watch's hash depends on ---- */

static uint64_t watch_hash(const char *definitions)
{
    struct lowered c;
    struct wf_buf source;
    wf_buf_init(&source, NULL, 0);
    wf_buf_addf(&source, "%s%s\ntrigger t when member becomes s then send coupon\n", schema,
                definitions);
    assert_true(lowered_from(&c, wf_buf_str(&source), true));
    assert_int_equal(c.ir.n_watches, 1);
    uint64_t hash = c.ir.watches[0].hash;
    wf_buf_release(&source);
    lowered_release(&c);
    return hash;
}

static void a_definition_is_its_meaning(void **state)
{
    (void)state;
    uint64_t hash = watch_hash("let x = points * 2  segment s is x > 3 and wecom");
    static const char *const same[] = {
        "let x = points * 2\n\n  segment s is (x > 3) and wecom # said otherwise",
        "segment s is x > 3 and wecom\nlet x = (points * 2)",
        "令 x = points * 2  分群 s 是 x > 3 且 wecom",
        "alias 分数 = points  let x = 分数 * 2  segment s is x > 3 and wecom",
        "let other = points  segment unused is flag  let x = points * 2  segment s is x > 3 and "
        "wecom",
    };
    static const char *const other[] = {
        "let x = points * 3  segment s is x > 3 and wecom",
        "let x = points * 2  segment s is x > 4 and wecom",
        "let x = points * 2  segment s is x >= 3 and wecom",
        "let x = points * 2  segment s is x > 3 and flag",
        "let x = points * 2  segment s is wecom and x > 3",
        "let x = points * 2  segment s is x > 3 and wecom  member { points int = 1 }",
        "timezone \"UTC\"  let x = points * 2  segment s is x > 3 and wecom",
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        if (watch_hash(same[i]) != hash)
            fail_msg("another hash: %s", same[i]);
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        if (watch_hash(other[i]) == hash)
            fail_msg("the same hash: %s", other[i]);
}

/* ---- what is lowered ---- */

static void only_what_is_used(void **state)
{
    struct lowered c;
    struct wf_buf source;
    (void)state;
    wf_buf_init(&source, NULL, 0);
    wf_buf_addf(&source, "%s%s", schema,
                "let unused = days since last visit\nmessage quiet \"Q\" { en \"{birthday|x}\" }\n"
                "segment s is points > 1\n"
                "when joined + 7d and wecom then task owner \"{city|x}\"\n");
    assert_true(lowered_from(&c, wf_buf_str(&source), true));
    assert_int_equal(c.ir.n_views, 0);
    assert_int_equal(c.ir.n_contents, 2); /* held actions ask for what nobody sends tonight */
    for (uint32_t i = 0; i < c.ir.n_inputs; i++) {
        const struct wf_ir_input *in = &c.ir.inputs[i];
        const char *name = c.ir.texts[c.ir.fields[c.ir.member.fields_first + in->field].name]->text;
        bool texts_only = strcmp(name, "city") == 0;
        bool implied = strcmp(name, "store") == 0 /* a task may fall to the store */
                       || strcmp(name, "birthday") == 0;
        assert_int_equal(in->needed, !texts_only && !implied);
        assert_int_equal(in->implied, implied);
    }
    assert_int_equal(c.ir.n_inputs, 6); /* joined wecom points city store birthday */
    wf_buf_release(&source);
    lowered_release(&c);
}

static void twins_are_one_program(void **state)
{
    static const char en[] = "segment s is purchased in last 30d and not wecom\n"
                             "trigger t when joined+7d and not purchased then send coupon\n"
                             "trigger u when member becomes s then tag \"x\", points +3\n";
    static const char zh[] = "分群 s 是 purchased 最近 30天 且 非 wecom\n"
                             "触发 t 当 joined＋7天 且 非 purchased 则 发送 优惠券\n"
                             "触发 u 当 member 变为 s 则 打标签 \"x\"，积分 +3\n";
    struct wf_buf a, b, source;
    (void)state;
    wf_buf_init(&source, NULL, 0);
    wf_buf_addf(&source, "%s%s", schema, en);
    rules_of(wf_buf_str(&source), &a);
    wf_buf_reset(&source);
    wf_buf_addf(&source, "%s%s", schema, zh);
    rules_of(wf_buf_str(&source), &b);
    assert_string_equal(wf_buf_str(&a), wf_buf_str(&b));
    wf_buf_release(&a);
    wf_buf_release(&b);
    wf_buf_release(&source);
}

/* ---- no memory ---- */

static void *limited_resize(void *ctx, void *ptr, size_t size)
{
    long *left = ctx;
    if (size && (*left)-- <= 0) {
        *left = 0;
        return NULL;
    }
    return wf_realloc(NULL, ptr, size);
}

static void no_memory_is_said(void **state)
{
    struct lowered c;
    struct wf_buf source;
    (void)state;
    wf_buf_init(&source, NULL, 0);
    wf_buf_addf(&source, "%s%s", schema,
                "segment s is count purchase in last 30d > 0.5 * count visit and points in (1, 2)\n"
                "trigger t when member becomes s and wecom then task owner \"{city|x}\"\n");
    assert_true(lowered_from(&c, wf_buf_str(&source), false));
    enum wf_status status = WF_ERR_NOMEM;
    long n = 0;
    for (; n < 2000 && status == WF_ERR_NOMEM; n++) {
        long left = n;
        struct wf_alloc alloc = {limited_resize, &left};
        struct wf_arena arena;
        struct wf_ir ir;
        const char *why;
        wf_arena_init(&arena, &alloc);
        status = wf_lower(&c.front.checked, &c.front.sources, &arena, &alloc, &ir, &why);
        if (status == WF_OK)
            status = wf_ir_optimise(&ir, NULL, &alloc);
        wf_arena_release(&arena);
    }
    assert_int_equal(status, WF_OK);
    assert_true(n > 10);
    wf_buf_release(&source);
    lowered_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments),           cmocka_unit_test(a_definition_is_its_meaning),
        cmocka_unit_test(only_what_is_used), cmocka_unit_test(twins_are_one_program),
        cmocka_unit_test(no_memory_is_said),
    };
    return cmocka_run_group_tests_name("lower_rules", tests, NULL, NULL);
}
