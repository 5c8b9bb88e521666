/*
 * Playing the tests of a rule file, and explaining a night: what comes of them where all is well
 * and where memory runs out at any allocation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "runtime/run/explain.h"
#include "runtime/run/testrun.h"
#include "tests/tools/compiled.h"
#include "tests/tools/scarce.h"

static const char RULES[] =
    "member from \"members*.csv\" { id text key from \"member_id\" joined date points int = 0 }\n"
    "event purchase as purchased from \"orders*.csv\" { at time order text unique (order) }\n"
    "segment rich is points > 5\n"
    "trigger week when joined + 7d and not purchased then tag \"week\"\n"
    "trigger up when member becomes rich then points +10\n"
    "trigger never when joined + 90d then tag \"never\"\n"
    "test \"holds\" {\n"
    "  member m { joined 2026-11-15 }\n"
    "  member n { joined 2026-11-15 }\n"
    "  on 2026-11-17 n purchase { order \"a\" }\n"
    "  on 2026-11-18 m { points 9 }\n"
    "  on 2026-11-19 expect points +10 to m, m in rich\n"
    "  on 2026-11-22 expect tag \"week\" to m, nothing to n\n"
    "}\n"
    "test \"does not\" {\n"
    "  member m { joined 2026-11-15 }\n"
    "  on 2026-11-21 expect tag \"week\" to m, m in rich, nothing\n"
    "}\n"
    "test \"cannot be played\" {\n"
    "  member m { points 5 }\n"
    "  on 2026-11-21 expect nothing\n"
    "}\n";

static const struct {
    bool passed;
    uint32_t nights, expected, differing;
    const char *says;
} WANTED[] = {
    {true, 7, 4, 0, ""},
    {false, 2, 3, 2, "not due until 2026-11-22"},
    {false, 0, 0, 0, "the member `m` has no `joined`"},
};

static void compile_tests(struct wf_compiled *out)
{
    const struct file files[] = {{"rules.way", RULES}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    assert_int_equal(wf_compile_tests(NULL, &loader, "rules.way", out), WF_OK);
}

/* Plays all tests; what is answered first but WF_OK. Where all were played they are as wanted. */
static enum wf_status play(const struct wf_compiled *compiled, const struct wf_alloc *alloc)
{
    struct wf_test_options options = {.alloc = alloc};
    struct wf_coverage coverage;
    const struct wf_node *test = NULL;
    enum wf_status st = wf_coverage_init(&coverage, &compiled->program->ir,
                                         &compiled->front.sources, alloc);
    for (size_t i = 0; st == WF_OK && (test = wf_test_next(compiled, test)); i++) {
        struct wf_test_result result;
        st = wf_test_run(compiled, test, &options, &coverage, &result);
        if (st == WF_OK) {
            assert_int_equal(result.passed, WANTED[i].passed);
            assert_int_equal(result.nights, WANTED[i].nights);
            assert_int_equal(result.expected, WANTED[i].expected);
            assert_int_equal(result.differing, WANTED[i].differing);
            assert_non_null(strstr(wf_buf_str(&result.said), WANTED[i].says));
        }
        wf_test_result_release(&result);
    }
    if (st == WF_OK) {
        size_t seen = 0;
        for (size_t i = 0; i < coverage.n; i++)
            seen += coverage.branches[i].seen;
        assert_int_equal(seen, 5);
        assert_int_equal(coverage.n, 6);
    }
    wf_coverage_release(&coverage);
    return st;
}

static void plays(void **state)
{
    (void)state;
    struct wf_compiled compiled;
    compile_tests(&compiled);
    assert_int_equal(play(&compiled, NULL), WF_OK);
    wf_compiled_release(&compiled);
}

/* What is told must hold these. */
struct telling {
    const char *wanted[3];
};

static enum wf_status tell(void *ctx, const char *text, size_t len)
{
    const struct telling *telling = ctx;
    assert_int_equal(strlen(text), len);
    for (int i = 0; i < 3; i++)
        assert_non_null(strstr(text, telling->wanted[i]));
    return WF_OK;
}

/* One explanation from feeds in memory, over an empty state: everything in words, one rule and what
 * is in its way, everything as JSON. */
static enum wf_status explain(const struct wf_program *program, const struct wf_alloc *alloc,
                              int form)
{
    static struct telling tellings[] = {
        {{"m on the night of 2026-11-22", "due 2026-11-22, and its condition is false",
          "false    not purchased"}},
        {{"m on the night of 2026-11-22", "false    not purchased",
          "-> there would have to be no"}},
        {{"{\"member\":\"m\",\"night\":\"2026-11-22\"", "\"fate\":\"refused\"",
          "\"condition\":\"not purchased\",\"is\":\"false\""}},
    };
    static const char *const member = "m";
    static const char members[] = "member_id,joined,points\nm,2026-11-15,9\n";
    static const char orders[] = "member_id,at,order\nm,2026-11-17T10:00,a\n";
    const struct wf_feed_memory feeds[] = {
        {.kind = WF_FEED_MEMBER, .name = "m", .bytes = members, .len = sizeof(members) - 1},
        {.kind = WF_FEED_EVENT, .name = "o", .bytes = orders, .len = sizeof(orders) - 1}};
    struct wf_run_options options = {.memory = feeds,
                                     .n_memory = 2,
                                     .now = wf_zone_midnight(NULL, 20779), /* 2026-11-22 */
                                     .threads = 1,
                                     .batch = WF_BATCH,
                                     .alloc = alloc};
    struct wf_explain_query query = {.members = &member,
                                     .n_members = 1,
                                     .rule = form == 1 ? "week" : NULL,
                                     .json = form == 2,
                                     .ctx = &tellings[form],
                                     .tell = tell};
    struct wf_load_report report;
    struct wf_store *store;
    struct wf_buf why;
    enum wf_status st = wf_store_open_mem(alloc, &store);
    if (st != WF_OK)
        return st;
    wf_buf_init(&why, NULL, 0);
    st = wf_explain(program, store, &options, &query, &report, &why);
    wf_load_report_release(&report);
    wf_store_close(store);
    wf_buf_release(&why);
    return st;
}

static void explains(void **state)
{
    (void)state;
    struct wf_compiled compiled;
    compile_tests(&compiled);
    for (int form = 0; form < 3; form++)
        assert_int_equal(explain(compiled.program, NULL, form), WF_OK);
    wf_compiled_release(&compiled);
}

/* Every allocation fails, once or with all after it: no memory is said, and none is lost. */
static void without_memory(void **state)
{
    (void)state;
    struct wf_compiled compiled;
    compile_tests(&compiled);
    for (int what = 0; what < 4; what++) { /* the tests, then the explanations */
        struct scarce scarce = {0};
        struct wf_alloc alloc = scarce_alloc(&scarce);
        long calls = 1, refused = 0;
        for (long at = 0; at <= calls; at += at < 200 ? 1 : 1 + calls / 400) {
            scarce = (struct scarce){.fail_at = at, .for_ever = at % 2};
            enum wf_status st =
                what ? explain(compiled.program, &alloc, what - 1) : play(&compiled, &alloc);
            calls = at == 0 ? scarce.calls : calls;
            assert_int_equal(scarce.live, 0);
            assert_true(st == WF_ERR_NOMEM || st == WF_OK);
            refused += st == WF_ERR_NOMEM;
        }
        assert_true(refused > 200);
    }
    wf_compiled_release(&compiled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays), cmocka_unit_test(explains),
                                       cmocka_unit_test(without_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
