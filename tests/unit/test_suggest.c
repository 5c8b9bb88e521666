/* Which name was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/sema/suggest.h"

static void test_distance(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t most, want;
    } cases[] = {
        {"", "", 3, 0},
        {"abc", "abc", 3, 0},
        {"abc", "abd", 3, 1},
        {"jonied", "joined", 3, 1},
        {"kitten", "sitting", 5, 3},
        {"abc", "", 5, 3},
        {"ca", "abc", 5, 3}, /* a swapped pair is not edited again */
        {"abcdef", "uvwxyz", 2, 3},
        {"ABC", "abc", 3, 0},
        {"已购买", "已够买", 3, 1},
        {"入会", "会入", 3, 1},
        {"a", "abcdefgh", 2, 3},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t d = wf_edit_distance(cases[i].a, strlen(cases[i].a), cases[i].b, strlen(cases[i].b),
                                    cases[i].most);
        assert_int_equal(d, cases[i].want);
        d = wf_edit_distance(cases[i].b, strlen(cases[i].b), cases[i].a, strlen(cases[i].a),
                             cases[i].most);
        assert_int_equal(d, cases[i].want);
    }
}

static void test_suggest(void **state)
{
    (void)state;
    static const struct {
        const char *wanted, *known[4], *want;
    } cases[] = {
        {"jonied", {"joined", "name", "points"}, "joined"},
        {"purchas", {"purchased", "purchase"}, "purchase"},
        {"spnd", {"spend", "send"}, "send"}, /* equally near: the first by spelling */
        {"zzz", {"joined", "name"}, NULL},
        {"x", {"y", "z"}, NULL},
        {"at", {"to"}, NULL},
        {"已够买", {"已购买", "入会"}, "已购买"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wf_intern names;
        wf_intern_init(&names, NULL, 1);
        struct wf_suggest suggest;
        wf_suggest_init(&suggest, wf_intern_cstr(&names, cases[i].wanted));
        for (size_t k = 0; k < 4 && cases[i].known[k]; k++)
            wf_suggest_offer(&suggest, wf_intern_cstr(&names, cases[i].known[k]));
        if (cases[i].want)
            assert_string_equal(suggest.best->text, cases[i].want);
        else
            assert_null(suggest.best);
        wf_intern_release(&names);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_distance),
                                       cmocka_unit_test(test_suggest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
