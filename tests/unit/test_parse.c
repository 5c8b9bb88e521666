/* From text to tree: binding, mistakes and recovery, hostile text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "tests/tools/parsed.h"

/* The condition of `segment s is TEXT`, as it is printed back. */
static char *reprint(const char *text)
{
    struct parsed p;
    struct wf_buf source, out;
    wf_buf_init(&source, NULL, 0);
    wf_buf_init(&out, NULL, 0);
    wf_buf_addf(&source, "segment s is %s", text);
    parsed_init(&p, NULL);
    parsed_text(&p, source.data, source.len);
    if (p.status == WF_OK)
        wf_print_canonical(&out, p.module->kid[0]->kid[WF_K_SEGMENT_COND]);
    else
        wf_buf_adds(&out, "not parsed");
    parsed_release(&p);
    wf_buf_release(&source);
    return wf_buf_detach(&out, NULL);
}

/* The tree of `segment s is TEXT`, each node in brackets: KIND:op(kids). */
static void shape(struct wf_buf *out, const struct wf_node *n)
{
    if (n->kind == WF_N_NAME || n->kind == WF_N_DURATION || n->kind == WF_N_INT) {
        wf_print_canonical(out, n);
        return;
    }
    wf_buf_addf(out, "(%s%s%s", wf_node_kind_text(n->kind), wf_op_text(n->op)[0] ? ":" : "",
                wf_op_text(n->op));
    for (int i = 0; i < WF_MAX_KIDS; i++) {
        if (n->kid[i]) {
            wf_buf_addc(out, ' ');
            shape(out, n->kid[i]);
        }
    }
    if (n->kind == WF_N_FIELD || n->kind == WF_N_BY)
        wf_buf_addf(out, " .%s", n->name->text);
    wf_buf_addc(out, ')');
}

static void test_binding(void **state)
{
    (void)state;
    static const struct {
        const char *text, *shape;
    } cases[] = {
        {"a or b and not c = d + e * f",
         "(binary:or a (binary:and b (not (binary:= c (binary:+ d (binary:* e f))))))"},
        {"a - b - c", "(binary:- (binary:- a b) c)"},
        {"-a or else b", "(neg (binary:or else a b))"},
        {"a or else b or else c", "(binary:or else (binary:or else a b) c)"},
        {"last e older than 9d", "(windowed:older than (agg:last e) 9d)"},
        {"count e older than 9d > 1", "(binary:> (agg:count (windowed:older than e 9d)) 1)"},
        {"sum e.f in last 9d > 1", "(binary:> (agg:sum (windowed:in last (field e .f) 9d)) 1)"},
        {"no e since last f in last 9d",
         "(agg:no (windowed:since e (agg:last (windowed:in last f 9d))))"},
        {"first e + 3d", "(binary:+ (agg:first e) 3d)"},
        {"last e + average gap e", "(binary:+ (agg:last e) (agg:average gap e))"},
        {"e[a > 1].f in last 9d", "(windowed:in last (field (filter e (binary:> a 1)) .f) 9d)"},
        {"any e followed by f within 7d", "(followed (agg:any e) f 7d)"},
        {"count e by invitees in last 9d", "(agg:count (windowed:in last (by e .invitees) 9d))"},
        {"a between b and c and d", "(binary:and (between a b c) d)"},
        {"top 7 by count e in last 9d among g per h",
         "(top:top 7 (agg:count (windowed:in last e 9d)) g h)"},
        {"quintile of a among b = 5", "(binary:= (quantile:quintile of a b) 5)"},
        {"days since last e - 3", "(binary:- (days_since (agg:last e)) 3)"},
        {"anniversary of b - 7d and c", "(binary:and (binary:- (anniversary b) 7d) c)"},
        {"member becomes s and v becomes x from y",
         "(binary:and (crossing:becomes member s) (crossing:becomes v x y))"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parsed p;
        struct wf_buf source, out;
        wf_buf_init(&source, NULL, 0);
        wf_buf_init(&out, NULL, 0);
        wf_buf_addf(&source, "segment s is %s", cases[i].text);
        parsed_init(&p, NULL);
        parsed_text(&p, source.data, source.len);
        assert_int_equal(p.status, WF_OK);
        shape(&out, p.module->kid[0]->kid[WF_K_SEGMENT_COND]);
        assert_string_equal(out.data, cases[i].shape);
        parsed_release(&p);
        wf_buf_release(&source);
        wf_buf_release(&out);
    }
}

static void test_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"((a))and(b)", "a and b"},
        {"(a or b) and c", "(a or b) and c"},
        {"a and (b and c)", "a and (b and c)"},
        {"not (not a)", "not not a"},
        {"(a + b) * (c * d)", "(a + b) * (c * d)"},
        {"(count e) older than 9d", "(count e) older than 9d"},
        {"(last e) older than 9d", "last e older than 9d"},
        {"(e since last f) in last 9d", "(e since last f) in last 9d"},
        {"e since (j+3d)", "e since (j + 3d)"},
        {"quintile of (0-r) among (a>1)", "quintile of (0 - r) among (a > 1)"},
        {"top 10 by (quintile of a among b) among c", "top 10 by (quintile of a among b) among c"},
        {"(a or else b).c", "(a or else b).c"},
        {"j+7d 且 非 p", "j + 7d and not p"},
        {"n = “a\"b”", "n = \"a\\\"b\""},
        {"n = \"\\u{41}\\n\"", "n = \"A\\n\""},
        {"d = 2026-11-22 and t > 2026-11-22T08:00:30 and c > 9:30",
         "d = 2026-11-22 and t > 2026-11-22T08:00:30 and c > 09:30"},
        {"７＋１ ＝ ８", "7 + 1 = 8"},
        {"x in (1, 2.50, \"a\", b)", "x in (1, 2.50, \"a\", b)"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *got = reprint(cases[i].text), *again = reprint(got);
        assert_string_equal(got, cases[i].canonical);
        assert_string_equal(again, got);
        free(got);
        free(again);
    }
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *text, *said;
    } cases[] = {
        {"", ""},
        {"# only a comment", ""},
        {"segment a is b == c", "E0112@1:16"},
        {"segment a is b && c || d", "E0112@1:16 E0112@1:21"},
        {"when a => 1 then tag \"x\"", "E0112@1:8"},
        {"let a = 7 days", "E0113@1:9"},
        {"let a = 7days", "E0113@1:9"},
        {"segment a is b in last 90", "E0113@1:24"},
        {"let a = 7 天", "E0113@1:9"},
        {"let a = 1,000", "E0105@1:9"},
        {"segment a is b in (1,000)", "E0105@1:20"},
        {"segment a is b in (1,200)", ""},
        {"let a = 12abc", "E0105@1:9"},
        {"let a = 9223372036854775808", "E0105@1:9"},
        {"let a = 9223372036854775807", ""},
        {"let a = 1.5d", "E0105@1:9"},
        {"let a = 2026-02-30", "E0106@1:9"},
        {"let a = 25:00", "E0106@1:9"},
        {"let a = \"x", "E0103@1:9"},
        {"let a = “x", "E0103@1:9"},
        {"let a = \"\\q\"", "E0104@1:10"},
        {"let a = \"\\u{110000}\"", "E0104@1:10"},
        {"let a = \x01 1", "E0102@1:9"},
        {"let a = 1 ~", "E0102@1:11"},
        {"let a\xff = 1", "E0101@1:6"},
        {"let \xd0\xb0"
         "b = 1",
         "W0101@1:5"},
        {"let ａ = 1", "W0101@1:5"},
        {"let 入会 = 1", ""},
        {"let count = 1", "E0114@1:5"},
        {"member { count int }", "E0114@1:10"},
        {"sgement a is b", "E0110@1:1"},
        {"segment a is", "E0110@1:13"},
        {"segment a is\nsegment b is c", "E0110@2:1"},
        {"segment a is b >\nlet c =\nlet d = 1", "E0110@2:1 E0110@3:1"},
        {"when a then", "E0110@1:12"},
        {"when a = missing then tag \"x\"", "E0110@1:10"},
        {"journey j {\n  enter when a\n  wait\n  sned x\n  send y\n  if b {\n    go\n  }\n}",
         "E0110@4:3 E0110@8:3"},
        {"journey j {\n  enter when a\n  wait 3d\nlet b = 1", "E0111@1:11"},
        {"journey j {\n  enter when a\n  if b {\n    wait 3d\n}\nlet c = 1", "E0111@3:8"},
        {"journey j {\n  wait 3d", "E0111@1:11"},
        {"member {\n  id text key\n  foo\n}\nlet a =", "E0110@4:1 E0110@5:8"},
        {"policy { cap 1 mail per 1d }\nlet a = 1 +", "E0110@1:16 E0110@2:12"},
        {"let a = (1 + 2", "E0111@1:9"},
        {"let a = (1 + 2\nlet b = [", "E0111@1:9 E0110@2:9"},
        {"let a = 1 + 2)", "E0110@1:14"},
        {"}\nlet a = 1", "E0110@1:1"},
        {"journey j { wait 3d enter when a }", "E0110@1:21"},
        {"when a then send coupon\n  X", "W0102@2:3"},
        {"when a then send x via sms via wecom", "E0110@1:28"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parsed p;
        parsed_init(&p, NULL);
        parsed_text(&p, cases[i].text, strlen(cases[i].text));
        char *said = parsed_said(&p);
        if (strcmp(said, cases[i].said) != 0)
            print_error("in: %s\n", cases[i].text);
        assert_string_equal(said, cases[i].said);
        assert_non_null(p.module);
        assert_int_equal(p.status, p.diags.errors ? WF_ERR_RULES : WF_OK);
        free(said);
        parsed_release(&p);
    }
}

/* A repeated piece of text between a beginning and an end. */
static void repeat(struct wf_buf *out, const char *head, const char *piece, size_t n,
                   const char *tail)
{
    wf_buf_reset(out);
    wf_buf_adds(out, head);
    for (size_t i = 0; i < n; i++)
        wf_buf_adds(out, piece);
    wf_buf_adds(out, tail);
}

static void check_repeated(const char *head, const char *piece, size_t n, const char *tail,
                           const char *code)
{
    struct parsed p;
    struct wf_buf text;
    wf_buf_init(&text, NULL, 0);
    repeat(&text, head, piece, n, tail);
    parsed_init(&p, NULL);
    parsed_text(&p, text.data, text.len);
    char *said = parsed_said(&p);
    if (code[0] == '\0')
        assert_string_equal(said, "");
    else if (strncmp(said, code, 5) != 0)
        fail_msg("%zu of `%s`: `%s` instead of %s", n, piece, said, code);
    free(said);
    parsed_release(&p);
    wf_buf_release(&text);
}

static void test_limits(void **state)
{
    (void)state;
    check_repeated("let a = ", "(", WF_MAX_NESTING, "1", "E0111");
    check_repeated("let a = ", "(", WF_MAX_NESTING + 1, "1", "E0108");
    check_repeated("let a = ", "(", 1000000, "1", "E0108");
    check_repeated("let a = ", "(", 1000000, "", "E0108");
    check_repeated("let a = ", "e[", 100000, "1", "E0108");
    check_repeated("journey j { ", "if a { ", 100000, "", "E0108");
    check_repeated("let a = ", "not ", 500, "b", "");
    check_repeated("let a = ", "not ", 1000000, "b", "E0108");
    check_repeated("let a = ", "- ", 1000000, "b", "E0108");
    check_repeated("let a = ", "1 + ", 900, "b", "");
    check_repeated("let a = ", "1 + ", 1000000, "b", "E0108");
    check_repeated("segment a is ", "b and ", 1000000, "b", "E0108");
    check_repeated("let a = ", "days since ", 1000000, "b", "E0108");
    check_repeated("let a = b", ".c", 1000000, "", "E0108");
    check_repeated("journey j { ", "if a { } else ", 100000, "{ } }", "E0108");
    check_repeated("let a = x in (", "1, ", 200000, "1)", "");
    check_repeated("", "let a = 1\n", 100000, "", "");
    check_repeated("", "}", 1000000, "", "E0110");
    check_repeated("", "{", 1000000, "", "E0110");
    check_repeated("let ", "a", WF_MAX_NAME, " = 1", "");
    check_repeated("let ", "a", WF_MAX_NAME + 1, " = 1", "E0108");
    check_repeated("let a = \"", "x", WF_MAX_STRING, "\"", "");
    check_repeated("let a = \"", "x", WF_MAX_STRING + 1, "\"", "E0108");
}

static void test_han(void **state)
{
    (void)state;
    static const struct {
        const char *declared, *text, *canonical, *said;
    } cases[] = {
        {"入会 已购买", "当 入会+7天 且 非 已购买 则 发送 优惠券",
         "when 入会 + 7d and not 已购买 then send coupon", ""},
        {"入会 已购买", "当入会+7天且非已购买则发送优惠券",
         "when 入会 + 7d and not 已购买 then send coupon", ""},
        {"入会 已购买", "当入会＋７天，且非已购买，则发送优惠券。",
         "when 入会 + 7d and not 已购买 then send coupon", ""},
        {"消费", "令x=前7%按消费", "let x = top 7% by 消费", ""},
        {"购买 金额", "分群 沉睡 是末次购买早于90天且次数购买>=2",
         "segment 沉睡 is last 购买 older than 90d and count 购买 >= 2", ""},
        {"非活跃 活跃", "分群 a 是非活跃", "segment a is 非活跃", ""},
        {"活跃", "分群 a 是非活跃", "segment a is not 活跃", ""},
        {"甲乙 丙丁 甲 乙丙丁", "分群 a 是 甲乙丙丁", NULL, "E0107@1:8"},
        {"VIP会员", "分群 a 是非VIP会员", "segment a is not VIP会员", ""},
        {"购买", "当非purchased且购买则发送优惠券FIRST20",
         "when not purchased and 购买 then send coupon FIRST20", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parsed p;
        parsed_init(&p, cases[i].declared);
        parsed_text(&p, cases[i].text, strlen(cases[i].text));
        char *said = parsed_said(&p);
        assert_string_equal(said, cases[i].said);
        free(said);
        struct wf_buf out;
        wf_buf_init(&out, NULL, 0);
        wf_print_canonical(&out, p.module);
        if (cases[i].canonical)
            assert_string_equal(wf_buf_str(&out), cases[i].canonical);
        wf_buf_release(&out);
        parsed_release(&p);
    }
}

static void test_scan(void **state)
{
    (void)state;
    static const char text[] =
        "import std.retail.zh\nexport import \"./b.way\"\n"
        "分群 沉睡 是 真\nmember { 城市 text 等级 取值 (银 < 金) }\n"
        "alias 新 = old\nwhen a then send coupon 券\n分类 值 { 高 当 a 低 其余 }";
    struct parsed p;
    struct wf_scan scan;
    uint32_t file;
    parsed_init(&p, NULL);
    wf_scan_init(&scan, NULL);
    assert_int_equal(wf_sources_add(&p.sources, "a", text, sizeof(text) - 1, false, &file), WF_OK);
    assert_int_equal(wf_scan(&p.intern, &p.sources, file, &scan), WF_OK);
    assert_int_equal(scan.n_imports, 2);
    assert_string_equal(scan.imports[0].name->text, "std.retail.zh");
    assert_false(scan.imports[0].path);
    assert_string_equal(scan.imports[1].name->text, "./b.way");
    assert_true(scan.imports[1].path && scan.imports[1].exported);
    static const char *const names[] = {"沉睡", "城市", "等级", "银", "金", "新", "值", "高", "低"};
    assert_int_equal(scan.names.n, sizeof(names) / sizeof(names[0]));
    for (size_t i = 0; i < scan.names.n; i++) {
        bool found = false;
        for (size_t j = 0; j < scan.names.n; j++)
            found |= strcmp(scan.names.items[j]->text, names[i]) == 0;
        assert_true(found);
    }
    wf_scan_release(&scan);
    parsed_release(&p);
}

/* ---- hostile text: nothing may crash, hang, or fail without saying why ---- */

static void must_survive(const char *text, size_t len)
{
    struct parsed p;
    parsed_init(&p, "入会 已购买");
    parsed_text(&p, text, len);
    assert_true(p.status == WF_OK || p.status == WF_ERR_RULES);
    assert_non_null(p.module);
    assert_int_equal(p.status == WF_ERR_RULES, p.diags.errors > 0);
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    wf_print_canonical(&out, p.module);
    wf_ast_dump(&out, p.module);
    wf_buf_release(&out);
    parsed_release(&p);
}

static const char *const examples[] = {
    "tests/golden/syntax/journeys.way",   "tests/golden/syntax/triggers.way",
    "tests/golden/syntax/policies.way",   "tests/golden/syntax/data.way",
    "tests/golden/syntax/chinese.zh.way", "tests/golden/syntax/tests.way",
};
enum { N_EXAMPLES = sizeof(examples) / sizeof(examples[0]) };

static void test_truncated(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EXAMPLES; i++) {
        size_t len;
        char *text = read_whole(examples[i], &len);
        for (size_t n = 0; n <= len; n++)
            must_survive(text, n);
        free(text);
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Words taken out, doubled and swapped. */
static void test_shuffled(void **state)
{
    (void)state;
    uint32_t seed = 7;
    for (size_t round = 0; round < 1500; round++) {
        size_t len;
        char *text = read_whole(examples[round % N_EXAMPLES], &len);
        struct wf_buf out;
        wf_buf_init(&out, NULL, 0);
        for (size_t i = 0; i < len;) {
            size_t n = strcspn(text + i, " \n.(){}[],") + 1;
            n = n < len - i ? n : len - i;
            uint32_t fate = next_random(&seed) % 40;
            if (fate != 0)
                wf_buf_add(&out, text + i, n);
            if (fate == 1)
                wf_buf_add(&out, text + i, n);
            if (fate == 2)
                wf_buf_addc(&out, "{}()[],;=.\"#\n"[next_random(&seed) % 13]);
            i += n;
        }
        must_survive(wf_buf_str(&out), out.len);
        wf_buf_release(&out);
        free(text);
    }
}

static void test_any_bytes(void **state)
{
    (void)state;
    uint32_t seed = 3;
    for (size_t round = 0; round < 3000; round++) {
        char text[64];
        size_t len = next_random(&seed) % sizeof(text);
        for (size_t i = 0; i < len; i++)
            text[i] = (char)(round % 2 ? next_random(&seed) : 32 + next_random(&seed) % 95);
        must_survive(text, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binding),   cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_mistakes),  cmocka_unit_test(test_limits),
        cmocka_unit_test(test_han),       cmocka_unit_test(test_scan),
        cmocka_unit_test(test_truncated), cmocka_unit_test(test_shuffled),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
