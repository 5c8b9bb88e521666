/*
 * Looking ahead: `diff` and `simulate`, where all is well and where memory runs out at any
 * allocation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "runtime/run/diff.h"
#include "runtime/run/simulate.h"
#include "tests/tools/compiled.h"
#include "tests/tools/scarce.h"

#define SCHEMA                                                                                     \
    "member from \"members*.csv\" { id text key from \"member_id\" joined date points int = 0 }\n" \
    "event purchase as purchased from \"orders*.csv\" { at time order text unique (order) }\n"     \
    "coupon FEW \"Few\" { value 5.00 stock 2 }\n"

static const char OLD[] =
    SCHEMA "segment rich is points > 5\n"
           "classify value { best when points > 7  rest otherwise }\n"
           "trigger week when every monday and points > 5 then send coupon FEW\n"
           "trigger after when purchase + 2d then tag \"after\"\n"
           "trigger twice when count sent in last 9d >= 1 then tag \"twice\"\n"
           "journey j { enter when joined step one: wait 3d tag \"j\" }\n"
           "policy { cap 1 send per 7d else defer 2d volume 1 }\n";
static const char NEW[] =
    SCHEMA "segment rich is points > 3\n"
           "classify value { best when points > 3  rest otherwise }\n"
           "trigger weekly was week when every monday and points > 3 then send coupon FEW\n"
           "trigger after when purchase + 2d and points > 3 then tag \"after\"\n"
           "journey j { enter when joined step one: wait 2d step two: wait 1d tag \"j\" }\n"
           "policy { cap 1 send per 9d }\n";

/* Nights of November 2026 in UTC, by days after the first. */
#define NIGHT(day) ((INT64_C(20758) + (day)) * WF_DAY_SECONDS)

static const char MEMBERS[] = "member_id,joined,points\na,2026-01-01,9\nb,2026-01-01,4\n"
                              "c,2026-11-03,6\nd,2026-11-08,1\n";
static const char ORDERS[] = "member_id,at,order\na,2026-10-20T10:00,1\na,2026-11-06T10:00,2\n"
                             "b,2026-11-08T23:00,3\n";
static const struct wf_feed_memory FEEDS[] = {
    {WF_FEED_MEMBER, 0, "members.csv", MEMBERS, sizeof(MEMBERS) - 1},
    {WF_FEED_EVENT, 0, "orders.csv", ORDERS, sizeof(ORDERS) - 1},
};

static struct wf_run_options night_of(int day, const struct wf_alloc *alloc)
{
    return (struct wf_run_options){.memory = FEEDS,
                                   .n_memory = 2,
                                   .now = NIGHT(day),
                                   .threads = 1,
                                   .batch = WF_BATCH,
                                   .accept_volume = true,
                                   .alloc = alloc};
}

static void compile(const char *text, struct wf_compiled *out)
{
    const struct file files[] = {{"rules.way", text}, {NULL, NULL}};
    struct wf_loader loader = loader_of(files);
    assert_int_equal(wf_compile(NULL, &loader, "rules.way", out), WF_OK);
}

/* A state that has run the nights of 8 and 9 November, a sunday and a monday. */
static struct wf_store *two_nights(const struct wf_program *program, const struct wf_alloc *alloc)
{
    struct wf_store *store;
    assert_int_equal(wf_store_open_mem(alloc, &store), WF_OK);
    for (int day = 7; day <= 8; day++) {
        struct wf_run_options options = night_of(day, alloc);
        struct wf_run_result result;
        assert_int_equal(wf_run_night(program, store, &options, &result, NULL), WF_OK);
        wf_run_result_release(&result);
    }
    return store;
}

struct ahead {
    struct wf_compiled old, now;
    struct scarce scarce;
    struct wf_alloc alloc;
};

/* Compares, and writes it in every form; the same words each time. */
static enum wf_status compare(struct ahead *a, struct wf_store *store)
{
    const struct wf_program *const programs[] = {a->old.program, a->now.program};
    const char *const names[] = {"old", "new"};
    struct wf_run_options options = night_of(9, &a->alloc);
    struct wf_diff diff;
    struct wf_buf why, out;
    wf_buf_init(&why, &a->alloc, 0);
    wf_buf_init(&out, &a->alloc, 0);
    enum wf_status st = wf_diff(programs, store, &options, 5, &diff, &why);
    for (int form = WF_DIFF_TEXT; st == WF_OK && form <= WF_DIFF_JSON; form++)
        wf_diff_write(&diff, (enum wf_diff_format)form, names, &out);
    if (st == WF_OK && !out.failed) {
        assert_true(wf_diff_any(&diff));
        assert_int_equal(diff.n_segments, 1);
        assert_int_equal(diff.segments[0].entered.n, 1);
        assert_int_equal(diff.n_moves, 1);
        assert_int_equal(diff.moves[0].who.n, 2);
        assert_int_equal(diff.n_journeys, 1);
        assert_int_equal(diff.journeys[0].kept, 1);
        assert_non_null(strstr(wf_buf_str(&out), "renamed: trigger weekly, which was week"));
    }
    st = st == WF_OK && out.failed ? WF_ERR_NOMEM : st;
    wf_diff_release(&diff);
    wf_buf_release(&why);
    wf_buf_release(&out);
    return st;
}

/* Runs fifteen nights ahead, a week replayed. */
static enum wf_status forecast(struct ahead *a, struct wf_store *store)
{
    struct wf_run_options night = night_of(9, &a->alloc);
    const struct wf_simulate_options options = {.night = &night, .nights = 15, .weeks = 1};
    struct wf_forecast f;
    struct wf_buf why, out;
    wf_buf_init(&why, &a->alloc, 0);
    wf_buf_init(&out, &a->alloc, 0);
    enum wf_status st = wf_simulate(a->old.program, store, &options, &f, &why);
    if (st == WF_OK) {
        wf_forecast_text(&f, &out);
        wf_forecast_json(&f, &out);
        wf_forecast_csv(&f, &out);
        assert_int_equal(f.weeks, 1);
        assert_int_equal(f.nights[14].newcomers, 4); /* c and d, twice */
        assert_int_equal(f.n_stocks, 1);
        assert_int_equal(f.stocks[0].issued, 2);
        assert_true(f.stocks[0].first >= 0);
    }
    st = st == WF_OK && out.failed ? WF_ERR_NOMEM : st;
    wf_forecast_release(&f);
    wf_buf_release(&why);
    wf_buf_release(&out);
    return st;
}

/* Every so manieth allocation fails, once or from then on: it says so and leaks nothing. */
static void starve(struct ahead *a, enum wf_status (*look)(struct ahead *, struct wf_store *))
{
    long calls = 0, refused = 0;
    for (long at = 0; at <= calls; at += 1 + at / 60) {
        a->scarce = (struct scarce){0};
        struct wf_store *store = two_nights(a->old.program, &a->alloc);
        a->scarce.calls = 0;
        a->scarce.fail_at = at;
        a->scarce.for_ever = at % 2;
        enum wf_status st = look(a, store);
        calls = at == 0 ? a->scarce.calls : calls;
        a->scarce.fail_at = 0;
        assert_true(at ? st == WF_OK || st == WF_ERR_NOMEM : st == WF_OK);
        refused += st == WF_ERR_NOMEM;
        wf_store_close(store);
        assert_int_equal(a->scarce.live, 0);
    }
    assert_true(refused > 50);
}

static void ahead_of(struct ahead *a)
{
    *a = (struct ahead){0};
    a->alloc = scarce_alloc(&a->scarce);
    compile(OLD, &a->old);
    compile(NEW, &a->now);
}

static void release(struct ahead *a)
{
    wf_compiled_release(&a->old);
    wf_compiled_release(&a->now);
}

static void diff_scarce(void **state)
{
    struct ahead a;
    (void)state;
    ahead_of(&a);
    starve(&a, compare);
    release(&a);
}

static void simulate_scarce(void **state)
{
    struct ahead a;
    (void)state;
    ahead_of(&a);
    starve(&a, forecast);
    release(&a);
}

/* What is forecast does not touch the state it begins with: twice the same. */
static void untouched(void **state)
{
    struct ahead a;
    uint64_t before[2], after[2];
    (void)state;
    ahead_of(&a);
    struct wf_store *store = two_nights(a.old.program, &a.alloc);
    assert_int_equal(store->ops->count_ledger(store, before), WF_OK);
    assert_int_equal(compare(&a, store), WF_OK);
    assert_int_equal(forecast(&a, store), WF_OK);
    assert_int_equal(forecast(&a, store), WF_OK);
    assert_int_equal(store->ops->count_ledger(store, after), WF_OK);
    assert_memory_equal(before, after, sizeof(before));
    wf_store_close(store);
    release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(diff_scarce),
        cmocka_unit_test(simulate_scarce),
        cmocka_unit_test(untouched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
