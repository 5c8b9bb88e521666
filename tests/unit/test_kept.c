/* How long the ledger is kept, and that nights do not miss what it forgot. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lang/base/limits.h"
#include "runtime/run/kept.h"
#include "tests/tools/nights.h"

#define HOUR INT64_C(3600)

/* ---- how long ---- */

enum { ALL = -1 };

static void keeps(void **state)
{
    struct chain *chain = *state;
    static const struct {
        const char *rules;
        int days; /* kept, back from tonight */
    } CASES[] = {
        {"trigger a when joined + 7d then tag \"x\"\n", 100},
        {"policy { cap 3 send per 7d }\n", 100},
        {"policy { cap 3 send per 65d }\n", 100},
        {"policy { cap 3 send per 66d, 1 send per 1d }\n", 101},
        {"policy { cap 3 send per 365d }\n", 400},
        {"segment s is any sent[name = \"x\"] in last 30d\n", 100},
        {"segment s is no sent in last 200d and count sent in last 90d < 3\n", 235},
        {"segment s is no sent since 2026-01-01\n", 325 + 35},
        {"segment s is no sent in last 200d and any sent[name = \"x\"]\n", ALL},
        {"segment s is last sent older than 30d\n", ALL},
        {"policy { pause when count optout in last 7d > 10% of count sent in last 80d at least 500 "
         "}\n",
         115},
        {"policy { pause when count optout in last 7d > 10% of count sent at least 500 }\n", ALL},
    };
    for (size_t i = 0; i < sizeof(CASES) / sizeof(*CASES); i++) {
        struct wf_rations rations;
        struct wf_run_result result;
        int64_t from, now;
        chain_rules(chain, CASES[i].rules);
        chain_feed(chain, "members.csv", "member_id,joined\nm1,2026-11-13\n");
        chain_feed(chain, "optouts.csv", "member_id,at\nm9,2026-01-01T10:00\n");
        chain->dry_run = true;
        if (chain_run_quietly(chain, "2026-11-22", &result) != WF_OK)
            fail_msg("%s%s", CASES[i].rules, wf_buf_str(&chain->why));
        wf_run_result_release(&result);
        now = wf_zone_midnight(chain->zone, 20779); /* 2026-11-22 */
        wf_rations_init(&rations, NULL);
        const struct wf_ir *ir = &chain->compiled.program->ir;
        assert_int_equal(wf_kept_from(ir, chain->zone, now, &rations, NULL, &from), WF_OK);
        if (CASES[i].days == ALL)
            assert_true(from == INT64_MIN);
        else
            assert_int_equal((now - from + HOUR) / WF_DAY_SECONDS, CASES[i].days);
        /* what is held may have to be told as it was */
        struct wf_held held = {.occurred = now - 90 * WF_DAY_SECONDS};
        assert_int_equal(wf_rations_hold(&rations, &held), WF_OK);
        int64_t with_held;
        assert_int_equal(wf_kept_from(ir, chain->zone, now, &rations, NULL, &with_held), WF_OK);
        assert_true(with_held <= from && with_held <= now - 125 * WF_DAY_SECONDS);
        wf_rations_release(&rations);
    }
}

/* ---- what is forgotten is not missed ---- */

static void slurp(const struct chain *chain, const char *out, const char *night, const char *file,
                  struct wf_buf *to)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s/%s/%s", chain->dir, out, night, file);
    assert_int_equal(wf_fs_os.read(NULL, path, to), WF_OK);
}

/* The same night over a state in memory, which forgets nothing, into a folder of its own. */
static void run_twin(struct chain *chain, struct wf_store *memory, int64_t day)
{
    char data[128], out[128];
    struct wf_run_result result = {0};
    snprintf(data, sizeof(data), "%s/%s", chain->dir, chain->data);
    snprintf(out, sizeof(out), "%s/twin", chain->dir);
    struct wf_run_options options = {.data = data,
                                     .out = out,
                                     .now = wf_zone_midnight(chain->zone, day),
                                     .zone = chain->zone,
                                     .threads = 1,
                                     .batch = WF_BATCH,
                                     .accept_repeat = true,
                                     .max_rejects = 1000000};
    wf_buf_reset(&chain->why);
    if (wf_run_night(chain->compiled.program, memory, &options, &result, &chain->why) != WF_OK)
        fail_msg("%s", wf_buf_str(&chain->why));
    wf_run_result_release(&result);
}

static void expect_twins(const struct chain *chain, const char *night, size_t *bytes)
{
    static const char *const FILES[] = {"actions.csv", "suppressed.csv", "segments.csv"};
    struct wf_buf one, other;
    wf_buf_init(&one, NULL, 0);
    wf_buf_init(&other, NULL, 0);
    for (int i = 0; i < 3; i++) {
        slurp(chain, "out", night, FILES[i], &one);
        slurp(chain, "twin", night, FILES[i], &other);
    }
    assert_string_equal(wf_buf_str(&one), wf_buf_str(&other));
    *bytes += one.len;
    wf_buf_release(&one);
    wf_buf_release(&other);
}

static int64_t forgotten_runs(const struct chain *chain)
{
    char path[128];
    struct wf_store *store = NULL;
    struct wf_forgotten forgotten;
    snprintf(path, sizeof(path), "%s/%s", chain->dir, chain->state);
    assert_int_equal(wf_store_open(path, NULL, &store, NULL), WF_OK);
    assert_int_equal(store->ops->forgotten(store, &forgotten), WF_OK);
    wf_store_close(store);
    return forgotten.before;
}

/* Every fifth day of two years: caps, `sent` and held actions look back from each. */
static void nothing_is_missed(void **state)
{
    struct chain *chain = *state;
    struct wf_store *memory;
    struct wf_buf members;
    size_t bytes = 0;
    assert_int_equal(wf_store_open_mem(NULL, &memory), WF_OK);
    wf_buf_init(&members, NULL, 0);
    wf_buf_adds(&members, "member_id,joined,birthday\n");
    for (int i = 0; i < 40; i++)
        wf_buf_addf(&members, "m%d,2026-%02d-%02d,1990-%02d-%02d\n", i, 1 + i % 12, 1 + i % 28,
                    1 + i * 7 % 12, 1 + i * 5 % 28);
    chain_rules(chain,
                "policy { cap 2 send per 45d else defer 20d }\n"
                "segment calm is no sent[name = \"hello\"] in last 60d\n"
                "segment busy is count sent in last 80d >= 4\n"
                "message hello \"Hello\" { en \"Hello\" }\n"
                "trigger y priority 2 grace 9d when anniversary of birthday then send coupon\n"
                "trigger q grace 6d again after 30d when member becomes calm then send hello\n"
                "trigger b again after 90d when member becomes busy then tag \"busy\"\n"
                "trigger w grace 6d when every monday and busy then points +1\n");
    chain_feed(chain, "members.csv", wf_buf_str(&members));
    for (int64_t day = 20454; day < 20454 + 730; day += 5) {
        char night[WF_DATE_TEXT];
        struct wf_run_result result;
        wf_date_text(day, night);
        if (chain_run_quietly(chain, night, &result) != WF_OK)
            fail_msg("%s", wf_buf_str(&chain->why));
        wf_run_result_release(&result);
        run_twin(chain, memory, day);
        expect_twins(chain, night, &bytes);
    }
    assert_true(bytes > 50000);
    assert_in_range(forgotten_runs(chain), 100, 140);
    wf_buf_release(&members);
    wf_store_close(memory);
}

static off_t size_of(const struct chain *chain)
{
    char path[128];
    struct stat info;
    snprintf(path, sizeof(path), "%s/%s", chain->dir, chain->state);
    assert_int_equal(stat(path, &info), 0);
    return info.st_size;
}

/* Quiet nights leave a line each and nothing else. */
static void stays_small(void **state)
{
    struct chain *chain = *state;
    off_t early = 0;
    chain_rules(chain,
                "trigger a when joined + 7d then tag \"x\"\n"
                "trigger b grace 1d when every monday and joined >= 2026-01-08 then points +1\n");
    chain_feed(chain, "members.csv", "member_id,joined\nm1,2026-01-01\nm2,2026-01-08\n");
    for (int64_t day = 20454; day < 20454 + 400; day++) {
        char night[WF_DATE_TEXT];
        struct wf_run_result result;
        wf_date_text(day, night);
        if (chain_run_quietly(chain, night, &result) != WF_OK)
            fail_msg("%s", wf_buf_str(&chain->why));
        wf_run_result_release(&result);
        if (day == 20454 + 150)
            early = size_of(chain);
    }
    off_t late = size_of(chain);
    assert_true(late - early < 250 * 250);
    assert_int_equal(forgotten_runs(chain), 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(keeps, chain_setup, chain_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_missed, chain_setup, chain_teardown),
        cmocka_unit_test_setup_teardown(stays_small, chain_setup, chain_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
