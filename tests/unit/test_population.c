/* Top, bottom, quantile, rank: exact shares, zeros, ties, groups, doubts, the order of rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/vm/bits.h"
#include "runtime/vm/population.h"
#include "tests/tools/wild.h"

enum { MOST = 256, NONE = INT32_MIN, UNKNOWN = -1 };

/* One member: X (NONE: missing), among (1, 0, UNKNOWN), per (NONE: missing). */
struct someone {
    int32_t x, among, per;
};

struct crowd {
    struct someone of[MOST];
    uint32_t id[MOST]; /* what the member's id says */
    uint32_t n;
    bool among, per;
};

struct night {
    struct wf_dataset data;
    struct wf_id ids[MOST];
    char heap[MOST * 12];
    uint64_t key[MOST], per[MOST], bits[6][MOST / 64 + 1];
    struct wf_pop_input input;
    struct wf_ir ir;
    struct wf_ir_pop pop;
    struct wf_pops pops;
};

static void put(uint64_t *bits, uint32_t i, bool value)
{
    if (value)
        wf_bit_set(bits, i);
}

static void prepare(struct night *night, const struct crowd *crowd)
{
    memset(night->bits, 0, sizeof(night->bits));
    night->data =
        (struct wf_dataset){.n_members = crowd->n, .ids = night->ids, .id_heap = night->heap};
    night->input =
        (struct wf_pop_input){.key = night->key, .present = night->bits[0], .zero = night->bits[1]};
    if (crowd->among) {
        night->input.among_t = night->bits[2];
        night->input.among_k = night->bits[3];
    }
    if (crowd->per) {
        night->input.per = night->per;
        night->input.per_present = night->bits[4];
    }
    for (uint32_t m = 0; m < crowd->n; m++) {
        const struct someone *who = &crowd->of[m];
        int len = snprintf(night->heap + m * 12, 12, "m%u", crowd->id[m]);
        night->ids[m] = wf_id_at((uint64_t)m * 12, (uint32_t)len);
        night->key[m] = wf_pop_key_int(who->x == NONE ? 0 : who->x);
        night->per[m] = (uint64_t)who->per;
        put(night->bits[0], m, who->x != NONE);
        put(night->bits[1], m, who->x == 0);
        put(night->bits[2], m, who->among == 1);
        put(night->bits[3], m, who->among != UNKNOWN);
        put(night->bits[4], m, who->per != NONE);
    }
}

static void compute(struct night *night, const struct crowd *crowd, struct wf_ir_pop pop)
{
    prepare(night, crowd);
    pop.type = pop.kind == WF_POP_TOP || pop.kind == WF_POP_BOTTOM ? WF_T_BOOL : WF_T_INT;
    night->pop = pop;
    night->ir = (struct wf_ir){.pops = &night->pop, .n_pops = 1};
    assert_int_equal(wf_pops_init(&night->pops, &night->ir, crowd->n, NULL), WF_OK);
    assert_int_equal(wf_pops_make_values(&night->pops, &night->ir, 0), WF_OK);
    assert_int_equal(wf_pop_compute(&night->pop, &night->input, &night->data, &night->pops, 0, 2),
                     WF_OK);
}

/* NONE: unknown. */
static int64_t said(const struct night *night, uint32_t member)
{
    struct wf_value v = wf_pops_value(&night->pops, &night->ir, 0, member);
    return v.present ? v.i : NONE;
}

static void crowd_of(struct crowd *crowd, const int32_t *x, uint32_t n)
{
    *crowd = (struct crowd){.n = n};
    for (uint32_t m = 0; m < n; m++) {
        crowd->of[m] = (struct someone){x[m], 1, 0};
        crowd->id[m] = m;
    }
}

static void expect(const struct crowd *crowd, struct wf_ir_pop pop, const int64_t *want)
{
    static struct night night;
    compute(&night, crowd, pop);
    for (uint32_t m = 0; m < crowd->n; m++)
        if (said(&night, m) != want[m])
            fail_msg("member %u: want %lld, got %lld", m, (long long)want[m],
                     (long long)said(&night, m));
    wf_pops_release(&night.pops);
}

/* ---- tests ---- */

static void quotas_are_exact(void **state)
{
    (void)state;
    static const struct {
        bool percent;
        int64_t n;
        uint64_t members, want;
    } table[] = {
        {true, 700, 100, 7},      {true, 700, 101, 8},
        {true, 700, 1, 1},        {true, 700, 0, 0},
        {true, 10000, 33, 33},    {true, 0, 33, 0},
        {true, 1, 10000, 1},      {true, 1, 10001, 2},
        {true, 3333, 3, 1},       {true, 3334, 3, 2},
        {false, 5, 3, 3},         {false, 5, 100, 5},
        {false, INT64_MAX, 9, 9}, {true, 9999, 1u << 30, 1073634450},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct wf_ir_pop pop = {.percent = table[i].percent, .n = table[i].n};
        assert_int_equal(wf_pop_quota(&pop, table[i].members), table[i].want);
    }
}

static void the_largest_and_the_smallest(void **state)
{
    (void)state;
    static const int32_t x[] = {5, 0, NONE, 9, -3, 7, 0, 1};
    struct crowd crowd;
    crowd_of(&crowd, x, 8);
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .n = 2},
           (int64_t[]){0, 0, NONE, 1, 0, 1, 0, 0});
    /* 7 members have X: 30% of them are 2.1, so 3 */
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .percent = true, .n = 3000},
           (int64_t[]){1, 0, NONE, 1, 0, 1, 0, 0});
    /* never one whose X is zero, not even when there is room */
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .n = 100},
           (int64_t[]){1, 0, NONE, 1, 1, 1, 0, 1});
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_BOTTOM, .n = 2},
           (int64_t[]){0, 0, NONE, 0, 1, 0, 0, 1});
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .n = 0},
           (int64_t[]){0, 0, NONE, 0, 0, 0, 0, 0});
}

static void scores_and_ranks(void **state)
{
    (void)state;
    static const int32_t x[] = {10, 20, 20, 30, 40, NONE, 20};
    struct crowd crowd;
    crowd_of(&crowd, x, 7);
    /* 1 + floor(5 * less / 6): less = 0, 1, 1, 4, 5, -, 1 */
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_QUANTILE, .n = 5},
           (int64_t[]){1, 1, 1, 4, 5, NONE, 1});
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_QUANTILE, .n = 100},
           (int64_t[]){1, 17, 17, 67, 84, NONE, 17});
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_RANK}, (int64_t[]){6, 3, 3, 2, 1, NONE, 3});
}

static void outside_is_unknown_or_no_match(void **state)
{
    (void)state;
    static const int32_t x[] = {1, 2, 3, NONE, 4, 5};
    struct crowd crowd;
    crowd_of(&crowd, x, 6);
    crowd.among = crowd.per = true;
    crowd.of[1].among = 0;
    crowd.of[2].among = UNKNOWN;
    crowd.of[4].per = NONE;
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .n = 1},
           (int64_t[]){0, NONE, NONE, NONE, NONE, 1});
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .n = 1, .no_match = true},
           (int64_t[]){0, 0, NONE, 0, 0, 1});
}

static void each_group_has_its_own(void **state)
{
    (void)state;
    static const int32_t x[] = {1, 2, 3, 10, 20, 30};
    struct crowd crowd;
    crowd_of(&crowd, x, 6);
    crowd.per = true;
    for (uint32_t m = 3; m < 6; m++)
        crowd.of[m].per = 7;
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_TOP, .percent = true, .n = 3334},
           (int64_t[]){0, 1, 1, 0, 1, 1});
    expect(&crowd, (struct wf_ir_pop){.kind = WF_POP_RANK}, (int64_t[]){3, 2, 1, 3, 2, 1});
}

static void minus_zero_is_zero(void **state)
{
    (void)state;
    assert_true(wf_pop_key_number(-0.0) == wf_pop_key_number(0.0));
    assert_true(wf_pop_key_number(-1e-300) < wf_pop_key_number(0.0));
    assert_true(wf_pop_key_number(-1e300) < wf_pop_key_number(-1e299));
    assert_true(wf_pop_key_number(5e-324) > wf_pop_key_number(-0.0));
    assert_true(wf_pop_key_int(INT64_MIN) < wf_pop_key_int(-1));
    assert_true(wf_pop_key_int(-1) < wf_pop_key_int(0));
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* How many of the sorted are less than x. */
static size_t less_than(const int64_t *sorted, size_t n, int64_t x)
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        low = sorted[middle] < x ? middle + 1 : low;
        high = sorted[middle] < x ? high : middle;
    }
    return low;
}

/* So many that threads share them: every score against its definition. */
static void large_crowds_are_shared_out(void **state)
{
    enum { MEMBERS = 200003, WORDS = MEMBERS / 64 + 1 };
    static int64_t x[MEMBERS], sorted[MEMBERS];
    static uint64_t key[MEMBERS], present[WORDS];
    struct wild_random random = {.state = 23};
    size_t n = 0;
    (void)state;
    for (uint32_t m = 0; m < MEMBERS; m++) {
        x[m] = (int64_t)wild_below(&random, m % 3 ? 1000 : 1 << 30) - 500;
        key[m] = wf_pop_key_int(x[m]);
        put(present, m, wild_below(&random, 8) > 0);
        if (wf_bit(present, m))
            sorted[n++] = x[m];
    }
    qsort(sorted, n, sizeof(*sorted), by_size);
    for (unsigned threads = 1; threads <= 5; threads += 2)
        for (int kind = WF_POP_QUANTILE; kind <= (int)WF_POP_RANK; kind++) {
            struct wf_ir_pop pop = {.kind = (uint8_t)kind, .n = 10, .type = WF_T_INT};
            struct wf_ir ir = {.pops = &pop, .n_pops = 1};
            struct wf_dataset data = {.n_members = MEMBERS};
            struct wf_pop_input input = {.key = key, .present = present};
            struct wf_pops pops;
            assert_int_equal(wf_pops_init(&pops, &ir, MEMBERS, NULL), WF_OK);
            assert_int_equal(wf_pops_make_values(&pops, &ir, 0), WF_OK);
            assert_int_equal(wf_pop_compute(&pop, &input, &data, &pops, 0, threads), WF_OK);
            for (uint32_t m = 0; m < MEMBERS; m++) {
                struct wf_value is = wf_pops_value(&pops, &ir, 0, m);
                size_t less = less_than(sorted, n, x[m]), more = n - less_than(sorted, n, x[m] + 1);
                int64_t want = 1 + (int64_t)(kind == WF_POP_RANK ? more : 10 * less / n);
                assert_int_equal(is.present, wf_bit(present, m));
                if (is.present && is.i != want)
                    fail_msg("%u threads, member %u: %lld, not %lld", threads, m, (long long)is.i,
                             (long long)want);
            }
            wf_pops_release(&pops);
        }
}

/* Amounts of every kind, in steps of which some are crowded: nobody, zeros, debts, favourite sums.
 */
static int64_t some_amount(struct wild_random *random)
{
    switch (wild_below(random, 8)) {
    case 0:
    case 1: return 0;
    case 2: return -(int64_t)wild_below(random, 100);
    case 3: return 9900;
    case 4: return wild_below(random, 1u << 30);
    default: return wild_below(random, 20000);
    }
}

/* Numbers that are far apart are sorted, others are not: what comes out must be the same. */
static void selecting_is_sorting(void **state)
{
    enum { MEMBERS = 70001, WORDS = MEMBERS / 64 + 1, FAR = 1 << 20 };
    static uint64_t key[2][MEMBERS], bits[4][WORDS];
    static struct wf_id ids[MEMBERS];
    static char heap[MEMBERS * 8];
    static const struct wf_ir_pop table[] = {
        {.kind = WF_POP_TOP, .percent = true, .n = 700},
        {.kind = WF_POP_TOP, .percent = true, .n = 7000},
        {.kind = WF_POP_TOP, .percent = true, .n = 9990, .no_match = true},
        {.kind = WF_POP_TOP, .n = 1},
        {.kind = WF_POP_TOP, .n = 60000},
        {.kind = WF_POP_BOTTOM, .percent = true, .n = 300},
        {.kind = WF_POP_BOTTOM, .n = 12000},
        {.kind = WF_POP_BOTTOM, .n = 60000},
        {.kind = WF_POP_QUANTILE, .n = 5, .type = WF_T_INT},
        {.kind = WF_POP_QUANTILE, .n = 1000, .type = WF_T_INT},
    };
    struct wild_random random = {.state = 5};
    struct wf_dataset data = {.n_members = MEMBERS, .ids = ids, .id_heap = heap};
    (void)state;
    for (uint32_t m = 0; m < MEMBERS; m++) {
        int64_t x = some_amount(&random);
        snprintf(heap + m * 8, 8, "%07u", m);
        ids[m] = wf_id_at((uint64_t)m * 8, 7);
        key[0][m] = wf_pop_key_int(x);
        key[1][m] = wf_pop_key_int(x * FAR);
        put(bits[0], m, wild_below(&random, 9) > 0);
        put(bits[1], m, x == 0);
        put(bits[2], m, wild_below(&random, 3) > 0);
        put(bits[3], m, wild_below(&random, 2) || wf_bit(bits[2], m));
    }
    for (size_t i = 0; i < 2 * sizeof(table) / sizeof(table[0]); i++) {
        struct wf_ir_pop pop = table[i / 2];
        struct wf_ir ir = {.pops = &pop, .n_pops = 1};
        struct wf_pops pops[2];
        for (int far = 0; far < 2; far++) {
            struct wf_pop_input input = {
                .key = key[far], .present = bits[0], .zero = bits[1], .whole = true};
            input.among_t = i % 2 ? bits[2] : NULL;
            input.among_k = i % 2 ? bits[3] : NULL;
            assert_int_equal(wf_pops_init(&pops[far], &ir, MEMBERS, NULL), WF_OK);
            assert_int_equal(wf_pops_make_values(&pops[far], &ir, 0), WF_OK);
            assert_int_equal(
                wf_pop_compute(&pop, &input, &data, &pops[far], 0, 1 + (unsigned)i % 3), WF_OK);
        }
        const struct wf_figure *near = pops[0].figures, *far = pops[1].figures;
        assert_memory_equal(near->t, far->t, sizeof(bits[0]));
        assert_memory_equal(near->k, far->k, sizeof(bits[0]));
        assert_true(near->curved && far->curved);
        assert_memory_equal(near->curve, far->curve, sizeof(near->curve));
        if (pop.kind == WF_POP_QUANTILE)
            assert_memory_equal(near->value, far->value, MEMBERS * sizeof(*near->value));
        wf_pops_release(&pops[0]);
        wf_pops_release(&pops[1]);
    }
}

/* Many ties at the cut: who is taken is a matter of ids, whatever the order of the rows. */
static void ties_do_not_depend_on_the_order(void **state)
{
    (void)state;
    static struct night night;
    static struct crowd crowd;
    struct wild_random random = {.state = 11};
    bool taken[MOST];
    for (int kind = WF_POP_TOP; kind <= (int)WF_POP_BOTTOM; kind++) {
        crowd = (struct crowd){.n = MOST};
        for (uint32_t m = 0; m < MOST; m++) {
            crowd.of[m] = (struct someone){1 + (int32_t)(m % 4), 1, 0};
            crowd.id[m] = m;
        }
        for (int round = 0; round < 20; round++) {
            uint32_t n = 0;
            compute(&night, &crowd, (struct wf_ir_pop){.kind = (uint8_t)kind, .n = 100});
            for (uint32_t m = 0; m < MOST; m++) {
                bool in = said(&night, m) == 1;
                n += in;
                if (round == 0)
                    taken[crowd.id[m]] = in;
                assert_int_equal(taken[crowd.id[m]], in);
            }
            assert_int_equal(n, 100);
            wf_pops_release(&night.pops);
            for (uint32_t m = MOST - 1; m > 0; m--) { /* shuffle */
                uint32_t other = wild_below(&random, m + 1), id = crowd.id[m];
                struct someone who = crowd.of[m];
                crowd.of[m] = crowd.of[other];
                crowd.id[m] = crowd.id[other];
                crowd.of[other] = who;
                crowd.id[other] = id;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotas_are_exact),
        cmocka_unit_test(the_largest_and_the_smallest),
        cmocka_unit_test(scores_and_ranks),
        cmocka_unit_test(outside_is_unknown_or_no_match),
        cmocka_unit_test(each_group_has_its_own),
        cmocka_unit_test(minus_zero_is_zero),
        cmocka_unit_test(large_crowds_are_shared_out),
        cmocka_unit_test(selecting_is_sorting),
        cmocka_unit_test(ties_do_not_depend_on_the_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
