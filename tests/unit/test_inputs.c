/* What a night was decided from: lines of a feed's digests, and lines that earlier versions wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/run/inputs.h"

#define X "15b7a52a40fb9ce0d038cb95038cf917"
#define Y "25b7a52a40fb9ce0d038cb95038cf917"
#define S "50099a6630dedf4786821024e35b18019d9a49a05892883cd7fd121d642cb5b4"
#define T "60099a6630dedf4786821024e35b18019d9a49a05892883cd7fd121d642cb5b4"

static void lines_are_compared(void **state)
{
    static const struct {
        const char *line, *other;
        bool same;
    } t[] = {
        {"member " X "\n", "member " X "\n", true},
        {"member " X "\n", "member " Y "\n", false},
        {"member " X "\n", "table stores " X "\n", false},
        {"table stores " X "\n", "table stores " X "\n", true},
        {"table stores " X "\n", "table shops " X "\n", false},
        {"member " X "+" S "\n", "member " X "\n", true},
        {"member " X "+" S "\n", "member " X "+" S "\n", true},
        {"member " Y "+" S "\n", "member " X "+" S "\n", false},
        {"member " S "\n", "member " S "\n", true},
        {"member " S "\n", "member " T "\n", false},
        {"member " X "+" S "\n", "member " S "\n", true},
        {"member " X "+" T "\n", "member " S "\n", false},
        {"member " X "\n", "member " S "\n", false}, /* nobody can tell */
        {"member " X "\npurchase " Y "\n", "member " X "\npurchase " X "\n", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        assert_int_equal(wf_inputs_same(t[i].line, t[i].other), t[i].same);
        assert_int_equal(wf_inputs_same(t[i].other, t[i].line), t[i].same);
    }
}

static void nights_are_compared(void **state)
{
    static const struct {
        const char *lines, *others;
        bool within, repeat;
    } t[] = {
        {"", "", true, false},
        {"", "member " X "\n", true, false},
        {"member " X "\n", "", false, false},
        {"member " X "\n", "member " X "\npurchase " Y "\n", true, true},
        {"member " X "\npurchase " Y "\n", "member " X "\n", false, true},
        {"member " X "\npurchase " Y "\n", "member " X "\npurchase " X "\n", false, false},
        {"member " X "+" S "\npurchase " Y "+" T "\n", "member " S "\npurchase " T "\n", true,
         true},
        {"member " X "+" S "\npurchase " Y "+" S "\n", "member " S "\npurchase " T "\n", false,
         false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
        assert_int_equal(wf_inputs_within(t[i].lines, t[i].others), t[i].within);
        assert_int_equal(wf_inputs_repeat(t[i].lines, t[i].others), t[i].repeat);
    }
    assert_false(wf_inputs_ask_sha256(NULL));
    assert_false(wf_inputs_ask_sha256(""));
    assert_false(wf_inputs_ask_sha256("member " X "\npurchase " X "+" S "\n"));
    assert_true(wf_inputs_ask_sha256("member " X "\npurchase " S "\n"));
}

/* A feed of two files and one of none, as a night writes them; sha256sum and xxh128sum agree. */
static void feeds_are_marked(void **state)
{
    struct wf_load_feed feeds[] = {{.name = "member"}, {.name = "table stores"}};
    struct wf_load_file files[] = {{.name = "a.csv", .fingerprint.has_sha256 = true},
                                   {.name = "b.csv", .fingerprint.has_sha256 = true}};
    struct wf_load_report report = {.files = files, .n_files = 2, .feeds = feeds, .n_feeds = 2};
    struct wf_buf out;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        memset(files[i].fingerprint.xxh128, i ? 'y' : 'x', WF_XXH128);
        memset(files[i].fingerprint.sha256, i ? 't' : 's', WF_SHA256);
    }
    wf_buf_init(&out, NULL, 0);
    assert_int_equal(wf_inputs(&report, &out), WF_OK);
    assert_string_equal(wf_buf_str(&out),
                        "member "
                        "30d3f9d73aafef7b85f4e045d26f56f5+"
                        "d1d8135438e0a5984bd3fa9b194165ddf017b42d9b926981920faf716620da3c\n"
                        "table stores "
                        "99aa06d3014798d86001c324468d497f+"
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n");
    files[1].fingerprint.has_sha256 = false;
    out.len = 0;
    assert_int_equal(wf_inputs(&report, &out), WF_OK);
    assert_string_equal(wf_buf_str(&out),
                        "member 30d3f9d73aafef7b85f4e045d26f56f5\n"
                        "table stores "
                        "99aa06d3014798d86001c324468d497f+"
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n");
    wf_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_compared),
        cmocka_unit_test(nights_are_compared),
        cmocka_unit_test(feeds_are_marked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
