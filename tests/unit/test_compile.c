/* The compiler as a whole: from files in memory to a verified program, or to what is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/lang.h"
#include "tests/tools/compiled.h"

#define BARE "import std.retail\nwhen joined+7d and not purchased then send coupon\n"
#define BARE_ZH "import std.retail.zh\n当 入会+7天 且 非 已购买 则 发送 优惠券\n"
#define MUCH                                                                                       \
    "import std.retail\n"                                                                          \
    "coupon FIRST20 \"20 off\" { value 20.00 stock 50 valid 14d }\n"                               \
    "message hello \"Welcome\" { zh \"您好{name|亲}\" en \"Hello {name|friend}\" }\n"           \
    "let spend = sum purchase.amount in last 365d\n"                                               \
    "segment lapsed is last purchase older than 90d and count purchase >= 2\n"                     \
    "classify value { super when top 7% by spend  potential when quintile of spend >= 4\n"         \
    "  regular otherwise }\n"                                                                      \
    "trigger a when anniversary of birthday - 7d and value in (super, potential)\n"                \
    "  then send coupon FIRST20, task owner \"Call {name|them}\" due 3d\n"                         \
    "trigger b when member becomes lapsed then send hello via wecom\n"                             \
    "trigger c when purchase[amount > 300.00] + 3d and city in (\"上海\", \"苏州\") then tag " \
    "\"x\"\n"                                                                                      \
    "trigger d when every month on 1 and points > 10 then points -5\n"

static struct wf_compiled compile(const char *path, const char *text)
{
    struct file files[] = {{path, text}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    struct wf_compiled c;
    assert_int_equal(wf_compile(NULL, &loader, path, &c), WF_OK);
    assert_int_equal(c.front.diags.errors, 0);
    assert_non_null(c.program);
    assert_true(c.program->verified);
    return c;
}

static void a_program_comes_out(void **state)
{
    (void)state;
    struct wf_compiled c = compile("much.way", MUCH);
    assert_int_equal(c.program->ir.n_triggers, 4);
    assert_int_equal(c.program->ir.n_segments, 1);
    assert_int_equal(c.program->ir.n_classes, 3);
    assert_int_equal(c.program->n_stages, 2);
    wf_compiled_release(&c);
}

/* Neither the language, nor the file's name, nor where a rule stands is part of the meaning. */
static void equal_meaning_equal_hash(void **state)
{
    (void)state;
    struct wf_compiled en = compile("en.way", BARE), zh = compile("中文.way", BARE_ZH);
    struct wf_compiled low = compile("en.way", "\n# a remark\n\n" BARE);
    struct wf_compiled other =
        compile("en.way", "import std.retail\nwhen joined+8d and not purchased then send coupon\n");
    assert_memory_equal(en.program->hash, zh.program->hash, 16);
    assert_memory_equal(en.program->hash, low.program->hash, 16);
    assert_memory_not_equal(en.program->hash, other.program->hash, 16);
    wf_compiled_release(&en);
    wf_compiled_release(&zh);
    wf_compiled_release(&low);
    wf_compiled_release(&other);
}

static void the_program_outlives_the_rest(void **state)
{
    (void)state;
    struct wf_compiled c = compile("much.way", MUCH);
    struct wf_buf one, two;
    wf_buf_init(&one, NULL, 0);
    wf_buf_init(&two, NULL, 0);
    assert_int_equal(wf_program_store(c.program, &one), WF_OK);
    struct wf_program *program = wf_compiled_take(&c);
    assert_null(c.program);
    wf_compiled_release(&c);
    assert_int_equal(wf_program_store(program, &two), WF_OK);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    assert_true(wf_is_program(two.data, two.len));
    struct wf_program *back = NULL;
    assert_int_equal(wf_program_load(NULL, two.data, two.len, &back, NULL), WF_OK);
    assert_true(back->verified);
    wf_program_free(back);
    wf_program_free(program);
    wf_buf_release(&one);
    wf_buf_release(&two);
}

static void mistakes_are_said(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum wf_status status;
        bool diags;
    } cases[] = {
        {"import std.retail\nwhen jonied+7d then send coupon\n", WF_ERR_RULES, true},
        {"import std.nowhere\n", WF_ERR_RULES, true},
        {"import \"./gone.way\"\n", WF_ERR_RULES, true},
        {"when {\n", WF_ERR_RULES, true},
        {"\xff\xfe", WF_ERR_RULES, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file files[] = {{"rules.way", cases[i].text}, {NULL, NULL}};
        struct wf_loader loader = loader_of(files);
        struct wf_compiled c;
        assert_int_equal(wf_compile(NULL, &loader, "rules.way", &c), cases[i].status);
        assert_null(c.program);
        assert_int_equal(c.front.diags.errors > 0, cases[i].diags);
        wf_compiled_release(&c);
    }
}

static void a_missing_main_file_is_missing(void **state)
{
    (void)state;
    struct file files[] = {{NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    struct wf_compiled c;
    assert_int_equal(wf_compile(NULL, &loader, "rules.way", &c), WF_ERR_MISSING);
    assert_null(c.program);
    wf_compiled_release(&c);
}

static void stages_can_be_seen(void **state)
{
    (void)state;
    struct wf_compiled c = compile("rules.way", BARE);
    static const struct {
        enum wf_dump stage;
        const char *has;
    } cases[] = {{WF_DUMP_AST, "purchased"}, {WF_DUMP_IR, "joined"}, {WF_DUMP_CODE, "reduce"}};
    for (size_t i = 0; i < 3; i++) {
        struct wf_buf text;
        wf_buf_init(&text, NULL, 0);
        assert_int_equal(wf_dump_compiled(&c, cases[i].stage, false, &text), WF_OK);
        assert_non_null(strstr(wf_buf_str(&text), cases[i].has));
        wf_buf_release(&text);
    }
    wf_compiled_release(&c);
}

/* ---- memory ---- */

/* Fails the n-th allocation, once or from then on. */
struct meter {
    size_t count, fails;
    bool for_ever;
};

static void *meter_resize(void *ctx, void *ptr, size_t size)
{
    struct meter *meter = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    size_t n = meter->count++;
    if (n == meter->fails || (meter->for_ever && n > meter->fails))
        return NULL;
    return realloc(ptr, size);
}

static void fail_each(const char *text, bool for_ever)
{
    struct file files[] = {{"rules.way", text}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    for (size_t n = 0;; n++) {
        struct meter meter = {.fails = n, .for_ever = for_ever};
        struct wf_alloc alloc = {meter_resize, &meter};
        struct wf_compiled c;
        enum wf_status status = wf_compile(&alloc, &loader, "rules.way", &c);
        bool failed = meter.count > n;
        if (failed && status != WF_ERR_NOMEM)
            fail_msg("allocation %zu failed: %s", n, wf_status_text(status));
        if (!failed)
            assert_int_equal(status, WF_OK);
        wf_compiled_release(&c);
        if (!failed)
            return;
        assert_true(n < 100000);
    }
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    fail_each(BARE, false);
    fail_each(BARE, true);
    fail_each(MUCH, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_comes_out),
        cmocka_unit_test(equal_meaning_equal_hash),
        cmocka_unit_test(the_program_outlives_the_rest),
        cmocka_unit_test(mistakes_are_said),
        cmocka_unit_test(a_missing_main_file_is_missing),
        cmocka_unit_test(stages_can_be_seen),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
