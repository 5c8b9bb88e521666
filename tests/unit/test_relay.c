/* Rows that two threads write are the bytes that one writes: more parts than may be ahead, with
 * what was stopped and what lapsed between them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/tools/nights.h"

enum { MEMBERS = 90000 };

static void add_members(struct chain *chain)
{
    struct wf_buf members;
    wf_buf_init(&members, NULL, 0);
    wf_buf_adds(&members, "member_id,joined,birthday\n");
    for (int i = 0; i < MEMBERS; i++)
        wf_buf_addf(&members, "m%d,2026-11-%d,19%d-11-2%d\n", i, 10 + i % 7, 60 + i % 40, i % 3);
    chain_feed(chain, "members.csv", wf_buf_str(&members));
    wf_buf_release(&members);
}

static void add_file(const struct chain *chain, const char *night, const char *file,
                     struct wf_buf *out)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/out/%s/%s", chain->dir, night, file);
    assert_int_equal(wf_fs_os.read(NULL, path, out), WF_OK);
}

/* Two nights: what a cap put off in the first no rule asks for in the second. */
static void play(unsigned threads, bool jsonl, struct wf_buf *out)
{
    static const char *const FILES[2][2] = {{"actions.csv", "suppressed.csv"},
                                            {"actions.jsonl", "suppressed.jsonl"}};
    struct chain chain;
    chain_open(&chain);
    chain.threads = threads;
    chain.jsonl = jsonl;
    add_members(&chain);
    chain_rules(&chain,
                "policy { cap 1 send per 1d else defer 1d }\n"
                "trigger a when joined + 7d and birthday < 1995-01-01 then send coupon, tag \"x\"\n"
                "trigger b when anniversary of birthday then send hello\n"
                "message hello \"Hi\" { en \"Hello\" }\n");
    for (int night = 20; night < 22; night++) {
        struct wf_run_result result;
        char name[16];
        snprintf(name, sizeof(name), "2026-11-%d", night);
        assert_int_equal(chain_run_quietly(&chain, name, &result), WF_OK);
        wf_run_result_release(&result);
        for (int i = 0; i < 2; i++)
            add_file(&chain, name, FILES[jsonl][i], out);
        chain_rules(&chain, "trigger c when joined + 8d then tag \"y\"\n");
    }
    chain_close(&chain);
}

static void the_same_bytes(void **state)
{
    (void)state;
    for (int jsonl = 0; jsonl < 2; jsonl++) {
        struct wf_buf one, two;
        wf_buf_init(&one, NULL, 0);
        wf_buf_init(&two, NULL, 0);
        play(1, jsonl, &one);
        play(2, jsonl, &two);
        assert_false(one.failed);
        assert_true(one.len > (size_t)MEMBERS * 100);
        assert_non_null(strstr(wf_buf_str(&one), "no rule asks for it any more"));
        assert_int_equal(one.len, two.len);
        assert_memory_equal(one.data, two.data, one.len);
        wf_buf_release(&one);
        wf_buf_release(&two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_same_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
