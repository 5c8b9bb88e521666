/*
 * Random shops over sixty nights, played by the real night and by a model that knows no compiler:
 * every action of every night must be the same. WF_NAIVE=20000 plays more; WF_NAIVE_SEED=n one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/naive/naive.h"

static void play(uint64_t seed)
{
    struct nv_case *c = malloc(sizeof(*c));
    struct wf_buf why;
    assert_non_null(c);
    wf_buf_init(&why, NULL, 0);
    nv_generate(c, seed);
    bool same = nv_agree(c, &why);
    if (!same) {
        nv_write_rules(c, NV_NIGHTS, &why);
        print_error("%s\n", wf_buf_str(&why));
    }
    wf_buf_release(&why);
    free(c);
    assert_true(same);
}

static void the_model_agrees(void **state)
{
    const char *count = getenv("WF_NAIVE"), *seed = getenv("WF_NAIVE_SEED");
    uint64_t n = count ? strtoull(count, NULL, 10) : 300;
    (void)state;
    if (seed) {
        play(strtoull(seed, NULL, 10));
        return;
    }
    for (uint64_t i = 0; i < n; i++)
        play(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_model_agrees)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
