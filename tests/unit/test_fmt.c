/* fmt: the canonical form, that it is reached at once, that the tree stays, both languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "tests/tools/parsed.h"

static char *format(const char *text, size_t len, enum wf_keywords keywords, const char *declared)
{
    struct parsed p;
    struct wf_buf out;
    uint32_t file;
    wf_buf_init(&out, NULL, 0);
    parsed_init(&p, declared);
    assert_int_equal(wf_sources_add(&p.sources, "t", text, len, false, &file), WF_OK);
    enum wf_status status = wf_format(&out, &p.sources, file, &p.diags, &p.declared, keywords);
    if (status) {
        assert_int_equal(status, WF_ERR_RULES);
        assert_int_equal(out.len, 0);
        wf_buf_adds(&out, "refused");
    }
    parsed_release(&p);
    wf_buf_addc(&out, '\0');
    return wf_buf_detach(&out, NULL);
}

static void test_layout(void **state)
{
    (void)state;
    static const struct {
        const char *text, *formatted;
    } cases[] = {
        {"", ""},
        {"\n\n", ""},
        {"  # c  ", "# c\n"},
        {"let a=1", "let a = 1\n"},
        {"let a=1 let b=2;let c=3", "let a = 1\nlet b = 2\nlet c = 3\n"},
        {"\n\nlet a=1\n\n\n\nlet b=2\n", "let a = 1\n\nlet b = 2\n"},
        {"let a=-b+ -1*(c . d)", "let a = -b + -1 * (c.d)\n"},
        {"when joined+7d,and not x,then points+5,points - 3,send coupon",
         "when joined + 7d and not x then points +5, points -3, send coupon\n"},
        {"trigger t when a\nthen tag \"x\" ,\n untag \"y\"",
         "trigger t when a\n  then tag \"x\",\n  untag \"y\"\n"},
        {"member{id text key name text ?}", "member { id text key name text? }\n"},
        {"member{id text key\nname text ?}", "member {\n  id text key\n  name text?\n}\n"},
        {"member\n{\n\n\nid text key\n\n\n}", "member {\n  id text key\n}\n"},
        {"event e{}", "event e { }\n"},
        {"event e{\n}", "event e { }\n"},
        {"event e{ # c\n}", "event e {  # c\n}\n"},
        {"journey j{enter when a\nif b{leave}else{wait 3d\nleave}}",
         "journey j {\n  enter when a\n  if b { leave } else {\n    wait 3d\n    leave\n  }\n}\n"},
        {"journey j{enter when a\nif b{leave\n}\n\nelse\n{leave}}",
         "journey j {\n  enter when a\n  if b {\n    leave\n  } else { leave }\n}\n"},
        {"let a = x in (\n1,\n2\n)", "let a = x in (\n  1,\n  2\n)\n"},
        {"segment a is b # one\n# two\nand c # three",
         "segment a is b  # one\n  # two\n  and c  # three\n"},
        {"let a = b or # x\nelse c", "let a = b or else  # x\n  c\n"},
        {"let a = “x\"y” let b = 「z」", "let a = \"x\\\"y\"\nlet b = \"z\"\n"},
        {"let a = 9:30", "let a = 09:30\n"},
        {"当 a　则 发送 优惠券。", "当 a 则 发送 优惠券\n"},
        {"when a 则 send 优惠券 at ９：００", "when a 则 send 优惠券 at 09:00\n"},
        {"export   import std . retail", "export import std.retail\n"},
        {"\xef\xbb\xbflet a = 1\r\nlet b = 2\r\n", "let a = 1\nlet b = 2\n"},
        {"let a = = 1", "refused"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *once = format(cases[i].text, strlen(cases[i].text), WF_KEYWORDS_KEEP, NULL);
        char *twice = format(once, strlen(once), WF_KEYWORDS_KEEP, NULL);
        assert_string_equal(once, cases[i].formatted);
        if (strcmp(once, "refused") != 0)
            assert_string_equal(twice, once);
        free(once);
        free(twice);
    }
}

static void test_languages(void **state)
{
    (void)state;
    static const struct {
        const char *en, *zh;
    } pairs[] = {
        {"when joined + 7d and not purchased then send coupon\n",
         "当 joined + 7天 且 非 purchased 则 发送 优惠券\n"},
        {"segment coupon is store in (a, b)\n", "分群 coupon 是 store 属于 (a, b)\n"},
        {"event set { set set coupon text? }\n", "事件 set { set 集合 coupon 文本? }\n"},
        {"when a then set set = 1, task store \"x\" due 3h\n",
         "当 a 则 设为 set = 1, 任务 门店 \"x\" 限期 3小时\n"},
        {"let 优惠券 = 门店 or else 1y\n", "令 优惠券 = 门店 否则取 1年\n"},
        {"coupon value { value 1.00 stock 5 }\n", "优惠券 value { 面值 1.00 库存 5 }\n"},
        {"segment member_s is member becomes member_s\n", "分群 member_s 是 会员 变为 member_s\n"},
    };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char *zh = format(pairs[i].en, strlen(pairs[i].en), WF_KEYWORDS_ZH, NULL);
        char *en = format(pairs[i].zh, strlen(pairs[i].zh), WF_KEYWORDS_EN, NULL);
        assert_string_equal(zh, pairs[i].zh);
        assert_string_equal(en, pairs[i].en);
        free(zh);
        free(en);
    }
}

static const char retail_names[] = "入会 已购买 购买 金额 生日 会员号 积分 门店 导购";

/* What the library's modules call things in Chinese: `alias NEW = OLD` at a line's start. */
static char *chinese_names(void)
{
    glob_t found;
    struct wf_buf names;
    wf_buf_init(&names, NULL, 0);
    assert_int_equal(glob("stdlib/*.zh.way", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        size_t len;
        char *text = read_whole(found.gl_pathv[i], &len);
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if (strncmp(line, "alias ", 6) == 0)
                wf_buf_add(&names, line + 6, strcspn(line + 6, " ") + 1);
        free(text);
    }
    globfree(&found);
    assert_true(names.len > 0);
    wf_buf_addc(&names, '\0');
    return wf_buf_detach(&names, NULL);
}

/* Two files say the same: same tree, by the bytes of what is printed of it. */
static char *canonical(const char *text, const char *names)
{
    struct parsed p;
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    parsed_init(&p, names);
    parsed_text(&p, text, strlen(text));
    assert_int_equal(p.status, WF_OK);
    wf_ast_dump(&out, p.module);
    parsed_release(&p);
    wf_buf_addc(&out, '\0');
    return wf_buf_detach(&out, NULL);
}

static void check_file(const char *path, const char *names)
{
    size_t len;
    char *text = read_whole(path, &len);
    char *once = format(text, len, WF_KEYWORDS_KEEP, names);
    char *zh = format(text, len, WF_KEYWORDS_ZH, names);
    char *en = format(zh, strlen(zh), WF_KEYWORDS_EN, names);
    char *en_at_once = format(text, len, WF_KEYWORDS_EN, names);
    char *twice = format(once, strlen(once), WF_KEYWORDS_KEEP, names);
    assert_string_equal(en, en_at_once);
    assert_string_equal(once, twice);
    char *tree = canonical(text, names), *tree_once = canonical(once, names),
         *tree_zh = canonical(zh, names);
    assert_string_equal(tree, tree_once);
    assert_string_equal(tree, tree_zh);
    char *all[] = {text, once, zh, en, en_at_once, twice, tree, tree_once, tree_zh};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        free(all[i]);
}

/* What is printed as canonical English reads back as the same tree. */
static void check_canonical(const char *path, const char *names)
{
    size_t len;
    char *text = read_whole(path, &len);
    struct parsed p;
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    parsed_init(&p, names);
    parsed_text(&p, text, len);
    assert_int_equal(p.status, WF_OK);
    const struct wf_node *first = p.module;
    wf_print_canonical(&out, first);
    parsed_text(&p, wf_buf_str(&out), out.len);
    assert_int_equal(p.status, WF_OK);
    assert_true(wf_ast_equal(first, p.module));
    parsed_release(&p);
    wf_buf_release(&out);
    free(text);
}

static void test_files(void **state)
{
    (void)state;
    static const char *const patterns[] = {"tests/golden/syntax/*.way", "stdlib/*.way",
                                           "examples/*/*.way"};
    char *names = chinese_names();
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        glob_t found;
        assert_int_equal(glob(patterns[i], 0, NULL, &found), 0);
        assert_true(found.gl_pathc > 0);
        for (size_t k = 0; k < found.gl_pathc; k++) {
            check_file(found.gl_pathv[k], names);
            check_canonical(found.gl_pathv[k], names);
        }
        globfree(&found);
    }
    free(names);
}

/* Comments anywhere between the words of a file: none is lost, and the form is reached at once. */
static void test_comments_anywhere(void **state)
{
    (void)state;
    size_t len, comments = 0;
    char *text = read_whole("tests/golden/syntax/journeys.way", &len);
    for (size_t at = 0; at < len; at++) {
        if (text[at] != ' ' || (at > 0 && text[at - 1] == ' '))
            continue;
        struct wf_buf with;
        wf_buf_init(&with, NULL, 0);
        wf_buf_add(&with, text, at);
        wf_buf_adds(&with, at % 2 ? " # here\n" : "\n# here\n");
        wf_buf_add(&with, text + at, len - at);
        char *once = format(wf_buf_str(&with), with.len, WF_KEYWORDS_KEEP, NULL);
        char *twice = format(once, strlen(once), WF_KEYWORDS_KEEP, NULL);
        if (strcmp(once, "refused") != 0) { /* inside a string, or `@` and its hash */
            assert_non_null(strstr(once, "# here"));
            assert_string_equal(once, twice);
            comments++;
        }
        free(once);
        free(twice);
        wf_buf_release(&with);
    }
    assert_true(comments > 100);
    free(text);
}

/* ---- sentences made of other sentences' words: whatever parses must print and read back ---- */

enum { MAX_PIECES = 8000 };

struct pieces { /* words and signs of the golden files, and where each sentence of a file begins */
    const char *text[MAX_PIECES];
    size_t len[MAX_PIECES], n;
    size_t first[600], n_first;
};

static void cut_pieces(struct pieces *p, const char *text, size_t len)
{
    for (size_t i = 0; i < len && p->n < MAX_PIECES;) {
        size_t n = strcspn(text + i, " \n(){}[],.=\"#");
        bool line = i == 0 || text[i - 1] == '\n';
        if (text[i] == '"')
            n = strcspn(text + i + 1, "\"\n") + 2;
        if (text[i] == '#')
            n = strcspn(text + i, "\n");
        n = n ? n : 1;
        n = n < len - i ? n : len - i;
        if (line && text[i] > ' ' && text[i] != '}' && text[i] != ')' && text[i] != '#' &&
            p->n_first < 599)
            p->first[p->n_first++] = p->n;
        p->text[p->n] = text + i;
        p->len[p->n++] = n;
        i += n;
    }
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* One sentence with a few of its words replaced, doubled or left out. */
static void mutate(struct wf_buf *out, const struct pieces *p, uint32_t *seed)
{
    size_t s = next_random(seed) % (p->n_first - 1);
    for (size_t i = p->first[s]; i < p->first[s + 1]; i++) {
        size_t other = next_random(seed) % p->n;
        uint32_t fate = next_random(seed) % 30;
        if (fate != 0)
            wf_buf_add(out, p->text[fate == 1 ? other : i], p->len[fate == 1 ? other : i]);
        if (fate == 2)
            wf_buf_add(out, p->text[other], p->len[other]);
    }
}

/* Whether it parsed; then all that fmt promises must hold. */
static bool check_promises(const char *text)
{
    struct parsed p;
    parsed_init(&p, retail_names);
    parsed_text(&p, text, strlen(text));
    const struct wf_node *tree = p.module;
    bool whole = p.status == WF_OK;
    if (whole) {
        struct wf_buf line;
        wf_buf_init(&line, NULL, 0);
        wf_print_canonical(&line, tree);
        parsed_text(&p, wf_buf_str(&line), line.len);
        if (p.status != WF_OK || !wf_ast_equal(tree, p.module))
            fail_msg("another tree:\n%s\nprinted as\n%s", text, wf_buf_str(&line));
        wf_buf_release(&line);
    }
    parsed_release(&p);
    if (!whole)
        return false;
    char *en = format(text, strlen(text), WF_KEYWORDS_EN, retail_names);
    char *again = format(en, strlen(en), WF_KEYWORDS_EN, retail_names);
    char *zh = format(en, strlen(en), WF_KEYWORDS_ZH, retail_names);
    char *back = format(zh, strlen(zh), WF_KEYWORDS_EN, retail_names);
    if (strcmp(en, again) != 0 || strcmp(en, back) != 0)
        fail_msg("not stable:\n%s\nfirst\n%s\nthen\n%s\nchinese\n%s\nback\n%s", text, en, again, zh,
                 back);
    free(en);
    free(again);
    free(zh);
    free(back);
    return true;
}

static void test_mutants(void **state)
{
    (void)state;
    static struct pieces pieces;
    char *texts[32];
    glob_t found;
    uint32_t seed = 11;
    size_t whole = 0, rounds = 20000;
    assert_int_equal(glob("tests/golden/syntax/*.way", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc && i < 32; i++) {
        size_t len;
        texts[i] = read_whole(found.gl_pathv[i], &len);
        cut_pieces(&pieces, texts[i], len);
    }
    for (size_t round = 0; round < rounds; round++) {
        struct wf_buf text;
        wf_buf_init(&text, NULL, 0);
        mutate(&text, &pieces, &seed);
        whole += check_promises(wf_buf_str(&text));
        wf_buf_release(&text);
    }
    assert_true(whole > rounds / 20);
    for (size_t i = 0; i < found.gl_pathc && i < 32; i++)
        free(texts[i]);
    globfree(&found);
}

/* ---- every allocation fails in turn: an answer, no leak, nothing half written ---- */

struct failing {
    size_t left; /* allocations that still succeed */
};

static void *failing_resize(void *ctx, void *ptr, size_t size)
{
    struct failing *failing = ctx;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    if (failing->left == 0)
        return NULL;
    failing->left--;
    return realloc(ptr, size);
}

static enum wf_status format_failing(const char *text, size_t allowed, struct wf_buf *out)
{
    struct failing failing = {allowed};
    struct wf_alloc alloc = {failing_resize, &failing};
    struct wf_sources sources;
    struct wf_diags diags;
    uint32_t file;
    wf_sources_init(&sources, &alloc);
    wf_diags_init(&diags, &alloc, &sources);
    enum wf_status status = wf_sources_add(&sources, "t", text, strlen(text), false, &file);
    if (status == WF_OK)
        status = wf_format(out, &sources, file, &diags, NULL, WF_KEYWORDS_ZH);
    wf_diags_release(&diags);
    wf_sources_release(&sources);
    return status;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "import std.retail # c\nwhen joined+7d and é = \"a\\n\" then send coupon 券\n",
        "let a == 1\nsegment b is\n分群 甲 是 甲乙 且 (\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        enum wf_status status = WF_ERR_NOMEM;
        size_t allowed = 0;
        for (; status == WF_ERR_NOMEM; allowed++) {
            struct wf_buf out;
            wf_buf_init(&out, NULL, 0);
            status = format_failing(texts[i], allowed, &out);
            assert_true(status == WF_OK || status == WF_ERR_NOMEM || status == WF_ERR_RULES);
            assert_true(status == WF_OK || out.len == 0);
            wf_buf_release(&out);
        }
        assert_true(allowed > 10);
        assert_int_equal(status, i == 0 ? WF_OK : WF_ERR_RULES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),  cmocka_unit_test(test_languages),
        cmocka_unit_test(test_files),   cmocka_unit_test(test_comments_anywhere),
        cmocka_unit_test(test_mutants), cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
