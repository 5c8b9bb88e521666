/* Places in sources, and the collecting of diagnostics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "lang/syntax/diag.h"

static uint32_t add(struct wf_sources *sources, const char *text)
{
    uint32_t file = 99;
    assert_int_equal(wf_sources_add(sources, "a.way", text, strlen(text), false, &file), WF_OK);
    return file;
}

static void test_places(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t at, line, column;
    } cases[] = {
        {"", 0, 1, 1},
        {"abc", 0, 1, 1},
        {"abc", 2, 1, 3},
        {"abc", 3, 1, 4},
        {"abc", 99, 1, 4},
        {"a\nbc\n", 1, 1, 2},
        {"a\nbc\n", 2, 2, 1},
        {"a\nbc\n", 5, 3, 1},
        {"a\r\nbc", 3, 2, 1},
        {"当入会 x", 6, 1, 3},
        {"当入会 x", 10, 1, 5},
        {"\xef\xbb\xbf"
         "ab",
         1, 1, 2}, /* the BOM is gone: places count without it */
        {"\n\n\nx", 3, 4, 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wf_sources sources;
        wf_sources_init(&sources, NULL);
        uint32_t file = add(&sources, cases[i].text);
        struct wf_place place = wf_source_place(&sources.files[file], cases[i].at);
        assert_int_equal(place.line, cases[i].line);
        assert_int_equal(place.column, cases[i].column);
        wf_sources_release(&sources);
    }
}

static void test_lines(void **state)
{
    (void)state;
    struct wf_sources sources;
    wf_sources_init(&sources, NULL);
    uint32_t file = add(&sources, "one\r\ntwo\n\nlast");
    static const char *const want[] = {"", "one", "two", "", "last", ""};
    for (uint32_t line = 0; line < 6; line++) {
        size_t len = 99;
        const char *text = wf_source_line(&sources.files[file], line, &len);
        assert_int_equal(len, strlen(want[line]));
        assert_memory_equal(text, want[line], len);
    }
    wf_sources_release(&sources);
}

static void test_source_limit(void **state)
{
    (void)state;
    struct wf_sources sources;
    wf_sources_init(&sources, NULL);
    char *big = test_malloc(WF_MAX_SOURCE + 1);
    memset(big, ' ', WF_MAX_SOURCE + 1);
    uint32_t file = 99;
    assert_int_equal(wf_sources_add(&sources, "a", big, WF_MAX_SOURCE + 1, false, &file),
                     WF_ERR_LIMIT);
    assert_int_equal(file, 99);
    assert_int_equal(sources.n, 0);
    assert_int_equal(wf_sources_add(&sources, "a", big, WF_MAX_SOURCE, false, &file), WF_OK);
    assert_int_equal(file, 0);
    test_free(big);
    wf_sources_release(&sources);
}

static void test_collecting(void **state)
{
    (void)state;
    struct wf_sources sources;
    wf_sources_init(&sources, NULL);
    uint32_t file = add(&sources, "abc");
    struct wf_diags diags;
    wf_diags_init(&diags, NULL, &sources);
    struct wf_span at = {file, 1, 2}, before = {file, 0, 1};

    struct wf_diag *one = wf_diag(&diags, WF_E0110, at, "no %s here", "name");
    assert_non_null(one);
    wf_diag_label(&diags, one, before, "first %d", 1);
    wf_diag_label(&diags, one, at, "then %d", 2);
    wf_diag_edit(&diags, one, at, "x%c", 'y');
    wf_diag_fix(&diags, one, "write `%s`", "xy");
    wf_diag_note(&diags, one, "so it is");
    assert_string_equal(one->message, "no name here");
    assert_string_equal(one->labels->text, "first 1");
    assert_string_equal(one->labels->next->text, "then 2");
    assert_null(one->labels->next->next);
    assert_string_equal(one->edits->text, "xy");
    assert_string_equal(one->fix, "write `xy`");
    assert_string_equal(one->note, "so it is");

    /* the same again is one message, and its parts may be added to nothing */
    struct wf_diag *again = wf_diag(&diags, WF_E0110, at, "again");
    assert_null(again);
    wf_diag_label(&diags, again, at, "x");
    wf_diag_edit(&diags, again, at, "x");
    wf_diag_fix(&diags, again, "x");
    wf_diag_note(&diags, again, "x");

    wf_diag(&diags, WF_W0101, before, "a warning");
    assert_int_equal(diags.errors, 1);
    assert_int_equal(diags.warnings, 1);
    wf_diags_sort(&diags);
    assert_int_equal(diags.items[0]->code, WF_W0101);
    assert_ptr_equal(diags.items[1], one);
    wf_diags_release(&diags);
    assert_int_equal(diags.n, 0);
    wf_sources_release(&sources);
}

static void test_limit(void **state)
{
    (void)state;
    struct wf_sources sources;
    wf_sources_init(&sources, NULL);
    struct wf_diags diags;
    wf_diags_init(&diags, NULL, &sources);
    for (uint32_t i = 0; i < WF_MAX_DIAGS + 5; i++)
        wf_diag(&diags, WF_E0110, (struct wf_span){0, i, i}, "number %u", i);
    assert_int_equal(diags.n, WF_MAX_DIAGS);
    assert_int_equal(diags.dropped, 5);
    wf_diags_release(&diags);
    wf_sources_release(&sources);
}

static void test_codes(void **state)
{
    (void)state;
    for (int i = 0; i < WF_CODE_COUNT_; i++) {
        enum wf_code code = (enum wf_code)i;
        const char *text = wf_code_text(code);
        assert_int_equal(strlen(text), 5);
        assert_true(text[0] == 'E' || text[0] == 'W');
        assert_int_equal(wf_code_find(text), code);
        assert_true(strlen(wf_code_title(code)) > 4);
        assert_true(strlen(wf_code_help(code)) > strlen(wf_code_title(code)));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(text, wf_code_text((enum wf_code)j));
    }
    assert_int_equal(wf_code_find("E9999"), WF_CODE_COUNT_);
    assert_int_equal(wf_code_find(""), WF_CODE_COUNT_);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),       cmocka_unit_test(test_lines),
        cmocka_unit_test(test_source_limit), cmocka_unit_test(test_collecting),
        cmocka_unit_test(test_limit),        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
