/* Tokens: shapes, both languages, full-width signs, phrases, the cutting of Han. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/calendar.h"
#include "lang/syntax/token.h"
#include "tests/tools/parsed.h"

struct lexed {
    struct parsed p;
    struct wf_words words;
    struct wf_tokens tokens;
    enum wf_status status;
};

static void lex(struct lexed *l, const char *declared, const char *text, size_t len)
{
    parsed_init(&l->p, declared);
    assert_int_equal(wf_words_init(&l->words, NULL), WF_OK);
    assert_int_equal(wf_words_declare(&l->words, &l->p.declared), WF_OK);
    wf_tokens_init(&l->tokens, NULL);
    assert_int_equal(wf_sources_add(&l->p.sources, "t", text, len, false, &l->p.file), WF_OK);
    l->status = wf_lex(&l->p.intern, &l->p.sources, l->p.file, &l->words, &l->p.diags, &l->tokens);
    wf_filter(&l->tokens, l->p.file, &l->p.diags);
}

static void release(struct lexed *l)
{
    wf_tokens_release(&l->tokens);
    wf_words_release(&l->words);
    parsed_release(&l->p);
}

/* One token as a test writes it: keywords in capitals of English, the rest by shape. */
static void spell(struct wf_buf *out, const struct wf_token *t)
{
    switch (t->raw) {
    case WF_RAW_WORD:
        if (t->keyword)
            wf_buf_addf(out, "<%s>", wf_keyword_info((enum wf_keyword)t->keyword)->en);
        else
            wf_buf_adds(out, t->text->text);
        break;
    case WF_RAW_SIGN:
        if (t->sign < 256)
            wf_buf_addc(out, (char)t->sign);
        else
            wf_buf_addf(out, "#%d", t->sign - 256);
        break;
    case WF_RAW_STRING: wf_buf_addf(out, "\"%s\"", t->text->text); break;
    case WF_RAW_PERCENT: wf_buf_addf(out, "%lld/1000000", (long long)t->num); break;
    case WF_RAW_DURATION:
        wf_buf_addf(out, "%lld%s", (long long)t->num, wf_op_text((enum wf_op)t->unit));
        break;
    case WF_RAW_NUMBER:
        wf_buf_addf(out, "%s%s", t->spell->text, t->flags & WF_TK_CENTS ? "$" : "");
        break;
    case WF_RAW_HASH: wf_buf_addf(out, "@%s", t->text->text); break;
    case WF_RAW_BAD: wf_buf_adds(out, "?"); break;
    default: wf_buf_adds(out, t->spell->text); break;
    }
}

static char *spell_all(const struct wf_tokens *tokens)
{
    struct wf_buf out;
    wf_buf_init(&out, NULL, 0);
    for (size_t i = 0; i + 1 < tokens->n; i++) {
        if (tokens->items[i].flags & WF_TK_SKIP)
            continue;
        wf_buf_adds(&out, out.len ? " " : "");
        spell(&out, &tokens->items[i]);
    }
    wf_buf_addc(&out, '\0');
    return wf_buf_detach(&out, NULL);
}

static void test_tokens(void **state)
{
    (void)state;
    static const struct {
        const char *declared, *text, *tokens;
    } cases[] = {
        {NULL, "", ""},
        {NULL, "a b_1 _c", "a b_1 _c"},
        {NULL, "12 0.8 20.00 1.234 50% 0.5%", "12 0.8$ 20.00$ 1.234 500000/1000000 5000/1000000"},
        {NULL, "7d 2w 3mo 1y 12h 30min 45s", "7d 2w 3mo 1y 12h 30min 45s"},
        {NULL, "7天 2周 3个月 1年 12小时 30分钟 45秒", "7d 2w 3mo 1y 12h 30min 45s"},
        {NULL, "2026-11-22 2026-11-22T14:00 09:30 9:30:05",
         "2026-11-22 2026-11-22T14:00 09:30 09:30:05"},
        {NULL, "２０２６－１１－２２ ０９：３０ １２．５％", "2026-11-22 09:30 12 . 50000/1000000"},
        {NULL, "\"a\\n\\t\\\"\\\\\\u{4f60}\" “b\"c” 「d」", "\"a\n\t\"\\你\" \"b\"c\" \"d\""},
        {NULL, "= != < <= > >= + - * / ( ) [ ] { } , : . ? ->",
         "= #0 < #1 > #2 + - * / ( ) [ ] { } , : . ? #3"},
        {NULL, "＝≠＜≤＞≥＋－＊／（）【】｛｝，、：？；。",
         "= #0 < #1 > #2 + - * / ( ) [ ] { } , , : ? ; ;"},
        {NULL, "winback@3fa9c1", "winback @3fa9c1"},
        {NULL, "a # comment 」\"\nb ＃ 注释\r\nc", "a b c"},
        {NULL, "in last in  next or else or", "<in last> <in next> <or else> <or>"},
        {NULL, "in\nlast x is not missing is not y", "<in last> x <is not missing> <is> <not> y"},
        {NULL, "a, and b ，且 c , d", "a <and> b <and> c , d"},
        {NULL, "{ key text private bool format date } key",
         "{ key <text> private <bool> format <date> } <key>"},
        {NULL, "a text key text private text text", "a <text> key <text> <private> <text> <text>"},
        {NULL, "最近 末次 自进入后 会员占比其中",
         "<in last> <last> <since entry> <share of members where>"},
        {"入会", "当入会+7天且非x则", "<when> 入会 + 7d <and> <not> x <then>"},
        {"近7天", "且近7天或", "<and> 近7天 <or>"},
        {NULL, "前7%按", "<top> 70000/1000000 <by>"},
        {NULL, "每7天", "<per> 7d"},
        {NULL, "上限1发送每1天", "<cap> 1 <send> <per> 1d"},
        {NULL, "e\xcc\x81t\xc3\xa9", "\xc3\xa9t\xc3\xa9"}, /* NFC */
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lexed l;
        lex(&l, cases[i].declared, cases[i].text, strlen(cases[i].text));
        char *got = spell_all(&l.tokens);
        assert_int_equal(l.status, WF_OK);
        assert_string_equal(got, cases[i].tokens);
        free(got);
        release(&l);
    }
}

static void test_values(void **state)
{
    (void)state;
    struct lexed l;
    static const char text[] = "1970-01-02 1970-01-02T00:00:01 00:01 12.5% 0.01 007";
    lex(&l, NULL, text, sizeof(text) - 1);
    const struct wf_token *t = l.tokens.items;
    assert_int_equal(t[0].num, 1);
    assert_int_equal(t[1].num, WF_DAY_SECONDS + 1);
    assert_int_equal(t[2].num, 60);
    assert_int_equal(t[3].num, 125000);
    assert_true(t[3].real == 0.125);
    assert_int_equal(t[4].num, 1);
    assert_true(t[4].real == 0.01);
    assert_int_equal(t[5].num, 7);
    release(&l);
}

static void test_places(void **state)
{
    (void)state;
    struct lexed l;
    static const char text[] = "a  b\n\n  c # x\n# y\n\n# z\nd";
    lex(&l, NULL, text, sizeof(text) - 1);
    const struct wf_token *t = l.tokens.items;
    assert_int_equal(t[0].flags, WF_TK_LINE);
    assert_int_equal(t[1].flags, WF_TK_SPACE);
    assert_int_equal(t[2].flags, WF_TK_LINE | WF_TK_BLANK | WF_TK_SPACE);
    assert_int_equal(t[2].column, 2);
    assert_int_equal(t[3].flags, WF_TK_LINE | WF_TK_SPACE);
    assert_int_equal(l.tokens.n_comments, 3);
    assert_false(l.tokens.comments[0].line);
    assert_true(l.tokens.comments[1].line && !l.tokens.comments[1].blank);
    assert_true(l.tokens.comments[2].line && l.tokens.comments[2].blank);
    release(&l);
}

/* Every spelling is one word of its language, belongs to one keyword, and is found again. */
static void test_keyword_table(void **state)
{
    (void)state;
    for (int k = WF_KW_NONE + 1; k < WF_KW_COUNT_; k++) {
        const struct wf_keyword_info *info = wf_keyword_info((enum wf_keyword)k);
        const char *spellings[] = {info->zh, info->twin ? info->zh : info->en};
        for (int i = 0; i < 2; i++) {
            struct lexed l;
            lex(&l, NULL, spellings[i], strlen(spellings[i]));
            assert_int_equal(l.tokens.items[0].keyword, k);
            assert_int_equal(l.tokens.items[0].end, strlen(spellings[i]));
            release(&l);
        }
    }
    for (size_t i = 0; i < wf_n_units; i++) {
        size_t len;
        assert_ptr_equal(wf_unit_find(wf_units[i].en, strlen(wf_units[i].en), &len), &wf_units[i]);
        assert_ptr_equal(wf_unit_find(wf_units[i].zh, strlen(wf_units[i].zh), &len), &wf_units[i]);
    }
}

static void test_not_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t len;
        const char *said;
    } cases[] = {
        {"a\xff", 2, "E0101@1:2"},
        {"\xc0\x80", 2, "E0101@1:1"},
        {"a\n \xed\xa0\x80", 6, "E0101@2:2"},
        {"\xe4\xbd", 2, "E0101@1:1"},
        {"a\0b", 3, "E0102@1:2"},
        {"\"a\0b\"", 5, "E0103@1:1 E0102@1:3 E0103@1:5"},
        {"# a\0b", 5, "E0102@1:4"},
        {"a\x1b", 2, "E0102@1:2"},
        {"\xf0\x9f\x98\x80", 4, "E0102@1:1"},
        {"a$", 2, "E0102@1:2"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lexed l;
        lex(&l, NULL, cases[i].text, cases[i].len);
        char *said = parsed_said(&l.p);
        assert_string_equal(said, cases[i].said);
        free(said);
        release(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),   cmocka_unit_test(test_values),
        cmocka_unit_test(test_places),   cmocka_unit_test(test_keyword_table),
        cmocka_unit_test(test_not_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
