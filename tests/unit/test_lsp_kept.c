/*
 * The language server while something is wrong: what it knows on, and where it explains what is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/tools/talk.h"

static const char sound[] = "import std.retail\n"
                            "# long ago\n"
                            "segment lapsed is last purchase older than 90d\n"
                            "segment rich is points >= 1000\n"
                            "segment both is lapsed and rich\n";

static bool offers(struct talk *talk, const char *path, const char *text, size_t at,
                   const char *label)
{
    json_t *answer = talk_ask(talk, "textDocument/completion", talk_at(path, text, at));
    const json_t *items = talk_dig(answer, "result/items");
    for (size_t i = 0; i < json_array_size(items); i++)
        if (strcmp(talk_string(json_array_get(items, i), "label"), label) == 0)
            return true;
    return false;
}

/* What was known when nothing was wrong is known on: of a sentence that is being written, and where
 * the import of everything is. Places move with the text. */
static void test_kept(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word, *hover;
        int line; /* of the definition; -1: in a copy of the library */
    } cases[] = {
        {"import std.retail\n\n\n# long ago\nsegment lapsed is last purchase older\n"
         "segment rich is points >= 1000\nsegment both is lapsed and rich\n",
         "lapsed and", "older than 90d", 4},
        {"import std.retail\nsegment lapsed i\nsegment rich is points >= 1000\n"
         "segment both is lapsed and rich\n",
         "lapsed and", "long ago", 1},
        {"import std.retai\n# long ago\nsegment lapsed is last purchase older than 90d\n"
         "segment rich is points >= 1000\nsegment both is lapsed and rich\n",
         "purchase older", "std.retail", -1},
        {"import std.retail\n# long ago\nsegment is last purchase older than 90d\n"
         "segment rich is points >= 1000\nsegment few is lapsed and rich\n"
         "segment both is lapsed and rich\n",
         "rich\nsegment both", "points >= 1000", 3},
    };
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", sound);
    assert_int_equal(talk_told_count(&talk, "/shop/a.way"), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = cases[i].text;
        talk_change(&talk, "/shop/a.way", text);
        assert_true(talk_told_count(&talk, "/shop/a.way") > 0);
        json_t *answer =
            talk_ask_at(&talk, "textDocument/hover", "/shop/a.way", text, cases[i].word);
        if (!strstr(talk_string(answer, "result/contents/value"), cases[i].hover))
            fail_msg("%zu: %s", i, talk_string(answer, "result/contents/value"));
        answer = talk_ask_at(&talk, "textDocument/definition", "/shop/a.way", text, cases[i].word);
        int64_t line = json_integer_value(talk_dig(answer, "result/0/range/start/line"));
        bool library = strncmp(talk_string(answer, "result/0/uri"), "file:///cache/std.", 18) == 0;
        if (library ? cases[i].line >= 0 : line != cases[i].line)
            fail_msg("%zu: %s, line %d", i, talk_string(answer, "result/0/uri"), (int)line);
    }
    talk_end(&talk);
}

static void test_kept_completion(void **state)
{
    (void)state;
    static const char broken[] = "import std.retail\nsegment lapsed is last purchase ol\n"
                                 "segment rich is points >= 1000\nsegment both is la";
    static const char gone[] = "import std.retail\nsegment rich is points >= 1000\n"
                               "segment both is rich and la";
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", broken); /* nothing is known of before */
    assert_false(offers(&talk, "/shop/a.way", broken, strlen(broken), "lapsed"));
    talk_change(&talk, "/shop/a.way", sound);
    talk_change(&talk, "/shop/a.way", broken);
    assert_true(offers(&talk, "/shop/a.way", broken, strlen(broken), "lapsed"));
    /* a rename goes by what stands there now */
    json_t *answer = talk_rename(&talk, "/shop/a.way", broken, "lapsed is", "old");
    assert_true(json_is_null(talk_dig(answer, "result")) || talk_error(answer) != 0);
    /* what is right again without it forgets it */
    talk_change(&talk, "/shop/a.way", "import std.retail\nsegment rich is points >= 1000\n");
    talk_change(&talk, "/shop/a.way", gone);
    assert_false(offers(&talk, "/shop/a.way", gone, strlen(gone), "lapsed"));
    talk_end(&talk);
}

/* A code leads to a page that explains it. */
static void test_pages(void **state)
{
    (void)state;
    struct talk talk;
    talk_begin(&talk, NULL, NULL);
    talk_open(&talk, "/shop/a.way", "import std.retail\nsegment a is nobody\n");
    assert_string_equal(talk_string(talk_told(&talk, "/shop/a.way"), "0/codeDescription/href"),
                        "file:///cache/E0201.md");
    talk_end(&talk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_kept_completion),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests_name("lsp_kept", tests, NULL, NULL);
}
