/* How diagnostics look: carets under the right characters, whatever stands before them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lang/syntax/diag_report.h"
#include "lang/syntax/diag_text.h"

struct fixture {
    struct wf_sources sources;
    struct wf_diags diags;
    struct wf_buf out;
};

static void begin(struct fixture *f, const char *text)
{
    wf_sources_init(&f->sources, NULL);
    uint32_t file;
    assert_int_equal(wf_sources_add(&f->sources, "a.way", text, strlen(text), false, &file), 0);
    wf_diags_init(&f->diags, NULL, &f->sources);
    wf_buf_init(&f->out, NULL, 0);
}

static void end(struct fixture *f)
{
    wf_buf_release(&f->out);
    wf_diags_release(&f->diags);
    wf_sources_release(&f->sources);
}

/* The span of `word` in the file's text. */
static struct wf_span find(struct fixture *f, const char *word)
{
    const char *text = f->sources.files[0].text;
    const char *at = strstr(text, word);
    assert_non_null(at);
    uint32_t start = (uint32_t)(at - text);
    return (struct wf_span){0, start, start + (uint32_t)strlen(word)};
}

static void test_carets(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word, *line, *carets;
    } cases[] = {
        {"when jonied then", "jonied", "when jonied then", "     ^^^^^^"},
        {"当 入会 then", "入会", "当 入会 then", "   ^^^^"},
        {"当 入会 then x", "x", "当 入会 then x", "             ^"},
        {"\tx", "x", "    x", "    ^"},
        {"ab\tx", "x", "ab  x", "    ^"},
        {"ab\tx", "\t", "ab  x", "  ^^"},
        {"e\xcc\x81 x", "x", "e\xcc\x81 x", "  ^"}, /* e and a combining acute: one column */
        {"a\x01"
         "b x",
         "x",
         "a\xe2\x90\x81"
         "b x",
         "    ^"},
        {"a\xff x", "x", "a\xef\xbf\xbd x", "   ^"},
        {"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 x", "x",
         "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7 x", "   ^"}, /* a joined emoji: two */
        {"x \xe2\x80\xaey", "y", "x \xef\xbf\xbdy", "   ^"},        /* a direction override */
        {"ab", "", "ab", "^"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture f;
        begin(&f, cases[i].text);
        struct wf_diag *diag = wf_diag(&f.diags, WF_E0110, find(&f, cases[i].word), "msg");
        wf_diag_text(&f.out, &f.diags, diag, false);
        char want[256];
        snprintf(want, sizeof(want), "   1 | %s\n     | %s\n", cases[i].line, cases[i].carets);
        const char *snippet = strchr(wf_buf_str(&f.out), '\n') + 1;
        assert_string_equal(snippet, want);
        end(&f);
    }
}

static void test_whole(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "let 花费 = 1\nlet 花费 = joined + 7\n");
    struct wf_diag *diag = wf_diag(&f.diags, WF_E0110, find(&f, "7"), "no unit");
    wf_diag_label(&f.diags, diag, find(&f, "joined"), "a date");
    wf_diag_label(&f.diags, diag, find(&f, "花费"), "first");
    wf_diag_edit(&f.diags, diag, find(&f, "7"), "7d");
    wf_diag_fix(&f.diags, diag, "write `7d`");
    wf_diag_note(&f.diags, diag, "a note");
    wf_diag_text(&f.out, &f.diags, diag, false);
    assert_string_equal(wf_buf_str(&f.out), "a.way:2:19: error[E0110]: no unit\n"
                                            "   2 | let 花费 = joined + 7\n"
                                            "     |                     ^\n"
                                            "     |            ------ a date\n"
                                            "   1 | let 花费 = 1\n"
                                            "     |     ---- first\n"
                                            "     = fix: write `7d`\n"
                                            "     = note: a note\n");
    end(&f);
}

static void test_colour(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "x");
    struct wf_diag *diag = wf_diag(&f.diags, WF_W0101, find(&f, "x"), "odd");
    wf_diag_text(&f.out, &f.diags, diag, true);
    assert_non_null(strstr(wf_buf_str(&f.out), "\x1b[1;33mwarning\x1b[0m[W0101]"));
    wf_buf_reset(&f.out);
    wf_diag_text(&f.out, &f.diags, diag, false);
    assert_null(strchr(wf_buf_str(&f.out), '\x1b'));
    end(&f);
}

/* A line of a megabyte is cut around the place. */
static void test_long_line(void **state)
{
    (void)state;
    size_t len = 1 << 20;
    char *text = test_malloc(len + 1);
    memset(text, '(', len);
    text[len] = '\0';
    text[len / 2] = 'x';
    struct fixture f;
    begin(&f, text);
    struct wf_diag *diag = wf_diag(&f.diags, WF_E0110, find(&f, "x"), "deep");
    wf_diag_text(&f.out, &f.diags, diag, false);
    assert_true(f.out.len < 1000);
    const char *line = strstr(wf_buf_str(&f.out), " | ") + 3;
    const char *carets = strstr(line, " | ") + 3;
    size_t at = strcspn(carets, "^");
    assert_int_equal(memcmp(line, "…", 3), 0);
    assert_int_equal(line[at + 2], 'x'); /* the mark of the cut is three bytes in one column */
    end(&f);
    test_free(text);
}

static void write_report(struct fixture *f, enum wf_report_form form)
{
    struct wf_report report;
    wf_report_init(&report, form, NULL);
    wf_buf_reset(&f->out);
    wf_report_add(&report, &f->diags, "a.way");
    wf_report_add(&report, &f->diags, "b.way"); /* what both import is said once */
    wf_report_end(&report, &f->out);
    wf_report_release(&report);
}

static void test_json(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, "let 花费 = 1\nlet b\n");
    write_report(&f, WF_REPORT_JSON);
    assert_string_equal(wf_buf_str(&f.out), "[]\n");

    struct wf_diag *diag = wf_diag(&f.diags, WF_E0110, find(&f, "b"), "quote \" and \x01 \xff");
    wf_diag_label(&f.diags, diag, find(&f, "花费"), "there");
    wf_diag_edit(&f.diags, diag, find(&f, "b"), "c");
    wf_diag_fix(&f.diags, diag, "write `c`");
    write_report(&f, WF_REPORT_JSON);
    json_error_t error;
    json_t *all = json_loads(wf_buf_str(&f.out), 0, &error);
    assert_non_null(all);
    assert_int_equal(json_array_size(all), 1);
    json_t *d = json_array_get(all, 0);
    assert_string_equal(json_string_value(json_object_get(d, "message")),
                        "quote \" and \x01 \xef\xbf\xbd");
    assert_string_equal(json_string_value(json_object_get(d, "code")), "E0110");
    assert_int_equal(json_integer_value(json_object_get(d, "line")), 2);
    assert_int_equal(json_integer_value(json_object_get(d, "column")), 5);
    assert_int_equal(json_integer_value(json_object_get(d, "end_column")), 6);
    json_t *label = json_array_get(json_object_get(d, "labels"), 0);
    assert_int_equal(json_integer_value(json_object_get(label, "end_column")), 7);
    json_t *fix = json_array_get(json_object_get(d, "fixes"), 0);
    json_t *edit = json_array_get(json_object_get(fix, "edits"), 0);
    assert_string_equal(json_string_value(json_object_get(edit, "text")), "c");
    json_decref(all);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_carets), cmocka_unit_test(test_whole),
        cmocka_unit_test(test_colour), cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
