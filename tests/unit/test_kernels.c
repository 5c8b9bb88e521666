/* Lanes with AVX2 and AVX-512 give what plain C gives, bit by bit; runs of bits that start
 * anywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lang/base/calendar.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/exact.h"
#include "runtime/vm/lanes.h"
#include "runtime/vm/machine.h"
#include "tests/tools/wild.h"

enum { N = 200, WORDS = N / 64 + 1, GUARD = 0x5a };

static const enum wf_vectors all_vectors[] = {WF_VECTORS_ANY, WF_VECTORS_AVX2, WF_VECTORS_NONE};

struct lanes {
    int64_t i[2][N + 1];
    double f[2][N + 1];
    int32_t w[2][N + 1];
    uint64_t mask[WORDS];
};

static const double doubles[] = {0.0, -0.0, 1.0, -1.0, 0.1, 1e308, -1e308, 5e-324, 0x1p53, 3.5};
static const int64_t wholes[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT64_MAX - 1, 100, -100};
static const int32_t words[] = {
    0, 1, -1, INT32_MAX, INT32_MIN, (int32_t)WF_MAX_DAY, (int32_t)WF_MIN_DAY, 20000};

static void fill(struct lanes *lanes, struct wild_random *random)
{
    for (int side = 0; side < 2; side++) {
        for (size_t l = 0; l <= N; l++) {
            lanes->i[side][l] = wild_chance(random, 60) ? wholes[wild_below(random, 8)]
                                                        : (int64_t)wild_next(random);
            lanes->f[side][l] = doubles[wild_below(random, 10)];
            lanes->w[side][l] =
                wild_chance(random, 60) ? words[wild_below(random, 8)] : (int32_t)wild_next(random);
        }
    }
    for (size_t l = 0; l < WORDS; l++)
        lanes->mask[l] = wild_next(random);
}

/* Two places for results; both begin alike, so that what is written beyond shows. */
struct results {
    uint64_t bits[WORDS + 1];
    int64_t i[N + 1];
    double f[N + 1];
    int32_t w[N + 1];
};

static void check(struct results *plain, struct results *best)
{
    assert_memory_equal(plain, best, sizeof(*plain));
    memset(plain, GUARD, sizeof(*plain));
    memset(best, GUARD, sizeof(*best));
}

static void compare_all(const struct wf_lanes *best, const struct lanes *l, size_t off, size_t n,
                        bool fixed, struct results *p, struct results *b)
{
    const struct wf_lanes *plain = &wf_lanes_plain;
    for (int cmp = WF_CMP_EQ; cmp <= (int)WF_CMP_GE; cmp++) {
        enum wf_cmp c = (enum wf_cmp)cmp;
        plain->cmp_i(c, l->i[0] + off, l->i[1], fixed, n, p->bits);
        best->cmp_i(c, l->i[0] + off, l->i[1], fixed, n, b->bits);
        check(p, b);
        plain->cmp_f(c, l->f[0] + off, l->f[1], fixed, n, p->bits);
        best->cmp_f(c, l->f[0] + off, l->f[1], fixed, n, b->bits);
        check(p, b);
        plain->cmp_w(c, l->w[0] + off, l->w[1], fixed, n, p->bits);
        best->cmp_w(c, l->w[0] + off, l->w[1], fixed, n, b->bits);
        check(p, b);
    }
}

static void compute_all(const struct wf_lanes *best, const struct lanes *l, size_t off, size_t n,
                        bool fixed, struct results *p, struct results *b)
{
    const struct wf_lanes *plain = &wf_lanes_plain;
    for (int op = WF_ADD; op <= (int)WF_DIV; op++) {
        enum wf_arith o = (enum wf_arith)op;
        plain->arith_f(o, l->f[0] + off, l->f[1], fixed, n, p->f, p->bits);
        best->arith_f(o, l->f[0] + off, l->f[1], fixed, n, b->f, b->bits);
        for (size_t i = 0; i < n; i++) /* what is not finite is never looked at */
            if (!wf_bit(p->bits, i))
                p->f[i] = b->f[i] = 0;
        check(p, b);
        if (o == WF_DIV)
            continue;
        plain->arith_i(o, l->i[0] + off, l->i[1], fixed, n, p->i, p->bits);
        best->arith_i(o, l->i[0] + off, l->i[1], fixed, n, b->i, b->bits);
        check(p, b);
    }
}

static void choose_all(const struct wf_lanes *best, const struct lanes *l, size_t off, size_t n,
                       struct results *p, struct results *b)
{
    const struct wf_lanes *plain = &wf_lanes_plain;
    plain->blend_v(l->mask, l->i[0] + off, l->i[1], n, p->i);
    best->blend_v(l->mask, l->i[0] + off, l->i[1], n, b->i);
    check(p, b);
    plain->blend_w(l->mask, l->w[0] + off, l->w[1], n, p->w);
    best->blend_w(l->mask, l->w[0] + off, l->w[1], n, b->w);
    check(p, b);
    uint32_t table[8], codes[N + 1];
    memcpy(table, l->mask, sizeof(table));
    for (size_t i = 0; i <= N; i++) {
        codes[i] = (uint32_t)l->w[0][i] % 256;
    }
    for (unsigned width = 1; width <= 4; width *= 2) {
        const char *cells = (const char *)l->w[0] + off * width;
        uint32_t times = off ? (uint32_t)l->mask[0] >> 4 : 1;
        plain->widen_v(cells, width, times, l->i[1][0] >> 2, n, p->i);
        best->widen_v(cells, width, times, l->i[1][0] >> 2, n, b->i);
        check(p, b);
    }
    for (unsigned width = 1; width <= 2; width++) {
        const char *cells = (const char *)l->w[0] + off * width;
        plain->widen_w(cells, width, l->w[1][0] >> 2, n, p->w);
        best->widen_w(cells, width, l->w[1][0] >> 2, n, b->w);
        check(p, b);
    }
    plain->lookup(table, codes + off, n, p->bits);
    best->lookup(table, codes + off, n, b->bits);
    check(p, b);
}

/* Ranges that begin and end at cells that are there, also over the end; all kinds there are. */
static void ask_all(const struct wf_lanes *best, const struct lanes *l, size_t off, size_t n,
                    struct results *p, struct results *b)
{
    const struct wf_lanes *plain = &wf_lanes_plain;
    const unsigned char *bytes = (const unsigned char *)l->i[0];
    uint64_t table[4];
    for (unsigned width = 1; width <= 4; width *= 2) {
        for (int flip = 0; flip < 2; flip++) {
            struct wf_bounds range = {(uint32_t)l->w[0][0], (uint32_t)l->w[0][1], flip};
            plain->within(bytes + off * width, width, &range, n, l->mask, p->bits);
            best->within(bytes + off * width, width, &range, n, l->mask, b->bits);
            check(p, b);
            for (int side = 0; side < 2; side++) {
                uint32_t most = UINT32_MAX >> (32 - 8 * width), edge = (uint32_t)l->w[0][0] & most;
                range = side ? (struct wf_bounds){0, edge, flip}
                             : (struct wf_bounds){edge, most - edge, flip};
                plain->within(bytes + off * width, width, &range, n, l->mask, p->bits);
                best->within(bytes + off * width, width, &range, n, l->mask, b->bits);
                check(p, b);
            }
            range = (struct wf_bounds){0, UINT32_MAX, flip};
            best->within(bytes, width, &range, n, l->mask, b->bits);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(wf_bit(b->bits, i), !flip && wf_bit(l->mask, i));
            memcpy(b, p, sizeof(*b));
        }
    }
    assert_int_equal(plain->count(l->mask, n / 64), best->count(l->mask, n / 64));
    memcpy(table, l->i[1], sizeof(table));
    for (unsigned count = 64; count <= 256; count *= 2) {
        uint8_t kinds[N + 1];
        for (size_t i = 0; i < n; i++)
            kinds[i] = (uint8_t)(bytes[off + i] % count);
        plain->pick(kinds, table, count, n, l->mask, p->bits);
        best->pick(kinds, table, count, n, l->mask, b->bits);
        check(p, b);
    }
}

static uint64_t sum_of(const uint64_t parts[WF_SUM_PARTS])
{
    uint64_t sum = 0;
    for (int part = 0; part < WF_SUM_PARTS; part++)
        sum += parts[part];
    return sum;
}

/* Words of bits: what is combined, and who is sifted out, bit by bit. */
static void words_are_bits(const struct wf_lanes *lanes, struct wild_random *random)
{
    enum { MOST = 19 };
    uint64_t in[4][MOST], out[3][MOST], early[WF_SUM_PARTS] = {0}, barred[WF_SUM_PARTS] = {0};
    struct wf_pair a = {in[0], in[1]}, b = {in[2], in[3]};
    size_t many = 1 + wild_below(random, MOST);
    uint64_t n_early = 0, n_barred = 0, some = 0;
    for (size_t w = 0; w < many; w++) {
        for (int i = 0; i < 4; i++)
            in[i][w] = wild_chance(random, 30) ? 0 : wild_next(random);
        in[0][w] &= in[1][w];
        in[2][w] &= in[3][w];
    }
    for (int op = WF_LOGIC_NOT; op <= (int)WF_LOGIC_EXACT; op++) {
        lanes->logic((enum wf_logic)op, a, b, many, out[0], out[1]);
        for (size_t r = 0; r < many * 64; r++) {
            bool at = wf_bit(a.t, r), ak = wf_bit(a.k, r), bt = wf_bit(b.t, r), bk = wf_bit(b.k, r);
            bool same = ak && bk && at == bt;
            bool want[][2] = {[WF_LOGIC_NOT] = {ak && !at, ak},
                              [WF_LOGIC_AND] = {at && bt, (ak && bk) || (ak > at) || (bk > bt)},
                              [WF_LOGIC_OR] = {at || bt, (ak && bk) || at || bt},
                              [WF_LOGIC_KNOWN_IF] = {at && bt, at && bk},
                              [WF_LOGIC_WITHIN] = {at, at || bk > bt},
                              [WF_LOGIC_OR_ELSE] = {ak ? at : bt, ak || bk},
                              [WF_LOGIC_EXACT] = {at && same, same}};
            assert_int_equal(wf_bit(out[0], r), want[op][0]);
            assert_int_equal(wf_bit(out[1], r), want[op][1]);
        }
    }
    lanes->split(a, many, out[0], out[1]);
    struct wf_sift sift = {.due = in[1], .reach = in[0], .guard = in[2], .fresh = out[1]};
    sift.decided = wild_chance(random, 50) ? in[3] : NULL;
    sift.hits = out[2], sift.early = early, sift.barred = barred;
    for (size_t r = 0; r < many * 64; r++) {
        assert_int_equal(wf_bit(out[0], r), wf_bit(in[0], r));
        assert_int_equal(wf_bit(out[1], r), wf_bit(in[1], r) > wf_bit(in[0], r));
    }
    uint64_t got = lanes->sift(&sift, many);
    for (size_t r = 0; r < many * 64; r++) {
        bool fresh = wf_bit(in[1], r) && !(sift.decided && wf_bit(in[3], r));
        bool reach = wf_bit(in[0], r), guard = wf_bit(in[2], r);
        assert_int_equal(wf_bit(out[1], r), fresh);
        assert_int_equal(wf_bit(out[2], r), fresh && reach && guard);
        some |= (uint64_t)(fresh && reach && guard) << (r / 64);
        n_early += fresh && !reach;
        n_barred += fresh && reach && !guard;
    }
    assert_true(got == some && sum_of(early) == n_early && sum_of(barred) == n_barred);
    assert_int_equal(lanes->count(in[0], many), wf_bits_count(in[0], many));
}

static void words_are_combined(void **state)
{
    (void)state;
    struct wild_random random = {.state = 11};
    for (int turn = 0; turn < 300; turn++)
        words_are_bits(wf_lanes_choose(all_vectors[turn % 3]), &random);
}

static void is_plain(const struct wf_lanes *best)
{
    struct wild_random random = {.state = 7};
    static struct lanes lanes;
    static struct results p, b;
    memset(&p, GUARD, sizeof(p));
    memset(&b, GUARD, sizeof(b));
    for (size_t n = 1; n < N; n++) {
        fill(&lanes, &random);
        for (size_t off = 0; off < 2; off++) {
            for (int fixed = 0; fixed < 2; fixed++) {
                compare_all(best, &lanes, off, n, fixed, &p, &b);
                compute_all(best, &lanes, off, n, fixed, &p, &b);
            }
            choose_all(best, &lanes, off, n, &p, &b);
            ask_all(best, &lanes, off, n, &p, &b);
        }
    }
}

static void vectors_are_plain(void **state)
{
    (void)state;
    if (wf_lanes_avx2())
        is_plain(wf_lanes_avx2());
    if (wf_lanes_avx512())
        is_plain(wf_lanes_avx512());
}

/* Each set can be had alone, the best that there is unless less is asked for. */
static void vectors_are_chosen(void **state)
{
    (void)state;
    const struct wf_lanes *avx2 = wf_lanes_avx2(), *avx512 = wf_lanes_avx512();
    const struct wf_lanes *less = avx2 ? avx2 : &wf_lanes_plain;
    assert_ptr_equal(wf_lanes_choose(WF_VECTORS_NONE), &wf_lanes_plain);
    assert_ptr_equal(wf_lanes_choose(WF_VECTORS_AVX2), less);
    assert_ptr_equal(wf_lanes_choose(WF_VECTORS_ANY), avx512 ? avx512 : less);
}

static void dates_move_within_the_calendar(void **state)
{
    (void)state;
    static const int64_t moves[] = {0, 7, -7, 3652058, -3652058, 3652059, INT64_MAX, INT64_MIN};
    static const int32_t from[] = {(int32_t)WF_MIN_DAY, (int32_t)WF_MAX_DAY, 0, 20000};
    int32_t days[N], got[N], best[N];
    uint64_t ok[WORDS], ok_best[WORDS];
    for (size_t i = 0; i < N; i++)
        days[i] = from[i % 4];
    for (size_t m = 0; m < 2 * sizeof(moves) / sizeof(moves[0]); m++) {
        int64_t move = moves[m / 2];
        wf_lanes_plain.date_add(days, move, N, got, ok);
        wf_lanes_choose(all_vectors[m % 2])->date_add(days, move, N, best, ok_best);
        assert_memory_equal(ok, ok_best, wf_bit_words(N) * 8);
        for (size_t i = 0; i < N; i++) {
            int64_t want;
            bool fits = wf_day_add_days(days[i], move, &want);
            assert_int_equal(fits, wf_bit(ok, i));
            if (fits) {
                assert_int_equal(want, got[i]);
                assert_int_equal(want, best[i]);
            }
        }
    }
}

static void zeros_compare_equal(void **state)
{
    (void)state;
    double a[64], zero = 0.0;
    uint64_t out = 0;
    for (int i = 0; i < 64; i++)
        a[i] = -0.0;
    for (int v = 0; v < 3; v++) {
        const struct wf_lanes *lanes = wf_lanes_choose(all_vectors[v]);
        lanes->cmp_f(WF_CMP_EQ, a, &zero, true, 64, &out);
        assert_true(out == UINT64_MAX);
        lanes->cmp_f(WF_CMP_LT, a, &zero, true, 64, &out);
        assert_true(out == 0);
    }
}

/* A register may be its own result: what does not fit must not be judged by what was written. */
static void overflow_in_place(void **state)
{
    (void)state;
    static struct wf_worker worker;
    static int64_t lanes[WF_BATCH];
    static uint64_t present[WF_OWN];
    static const int64_t from[4] = {1, -INT64_MAX, INT64_MAX, INT64_MIN};
    static const struct {
        wf_kernel *kernel;
        uint64_t want;
    } table[] = {{wf_k_int_money, 1}, {wf_k_neg_i, 7}};
    struct wf_vreg v = {lanes, present, lanes, present};
    worker.v = &v;
    worker.n = 4;
    for (int i = 0; i < 2; i++) {
        struct wf_insn insn = {0};
        memcpy(lanes, from, sizeof(from));
        present[0] = 0xf;
        worker.undefined = 0;
        table[i].kernel(&worker, &insn);
        assert_int_equal(v.present[0], table[i].want);
        assert_int_equal(worker.undefined, i == 0 ? 3 : 1);
    }
}

/* Test j asks for bit j of a place, and knows only of places that are no multiple of 3. */
static void kinds_are_told_apart(void **state)
{
    (void)state;
    enum { PLACES = 1000, TESTS = 6 };
    uint32_t t[TESTS + 1][PLACES / 32 + 1] = {{0}}, k[PLACES / 32 + 1] = {0};
    uint16_t cells[PLACES + 2];
    uint8_t kinds_of[PLACES + 2];
    struct wf_kinds kinds;
    struct wf_arena arena;
    wf_arena_init(&arena, NULL);
    assert_int_equal(wf_kinds_init(&kinds, PLACES, &arena), WF_OK);
    for (uint32_t place = 0; place < PLACES; place++) {
        k[place / 32] |= (uint32_t)(place % 3 != 0) << (place % 32);
        for (int j = 0; j <= TESTS; j++)
            t[j][place / 32] |= (place >> j & 1) << (place % 32);
    }
    for (int j = 0; j < TESTS; j++)
        assert_true(wf_kinds_tell(&kinds, t[j], j ? NULL : k));
    assert_int_equal(kinds.count, 1 + 2 * 64);
    assert_false(wf_kinds_tell(&kinds, t[TESTS], NULL)); /* twice as many */
    for (uint32_t i = 0; i < PLACES + 2; i++)
        cells[i] = (uint16_t)(i + 499); /* one before the first place, one behind the last */
    wf_kinds_sort(kinds.of, PLACES, cells, 2, 500, PLACES + 2, kinds_of);
    assert_int_equal(kinds_of[0], WF_KIND_OUTSIDE);
    assert_int_equal(kinds_of[PLACES + 1], WF_KIND_OUTSIDE);
    for (int j = 0; j <= TESTS; j++) {
        uint64_t table[4];
        wf_kinds_table(&kinds, j ? t[j - 1] : k, table);
        assert_false(wf_bit(table, WF_KIND_OUTSIDE));
        for (uint32_t place = 0; place < PLACES; place++)
            assert_int_equal(wf_bit(table, kinds_of[place + 1]),
                             j ? place >> (j - 1) & 1 : place % 3 != 0);
    }
    wf_arena_release(&arena);
}

static void bits_begin_anywhere(void **state)
{
    (void)state;
    struct wild_random random = {.state = 3};
    uint64_t src[6], got[5], back[6];
    for (int i = 0; i < 6; i++)
        src[i] = wild_next(&random);
    for (uint64_t at = 0; at < 130; at++) {
        for (size_t n = 1; n < 200; n++) {
            memset(got, 0xff, sizeof(got));
            memset(back, 0, sizeof(back));
            wf_bits_load(got, src, at, n);
            for (size_t i = 0; i < wf_bit_words(n) * 64; i++)
                assert_int_equal(wf_bit(got, i), i < n && wf_bit(src, at + i));
            wf_bits_store(back, at, got, n);
            for (size_t i = 0; i < 384; i++)
                assert_int_equal(wf_bit(back, i), i >= at && i < at + n && wf_bit(src, i));
        }
    }
}

static void sums_are_exact(void **state)
{
    (void)state;
    static const struct {
        double terms[5], sum;
    } table[] = {
        {{1e308, 1e308, -1e308, 0, 0}, 1e308},
        {{1e16, 1, -1e16, 0, 0}, 1},
        {{0.1, 0.2, 0.3, 0, 0}, 0.6},
        {{1e100, 1, -1e100, 1e-300, -1}, 1e-300},
        {{5e-324, 5e-324, 0, 0, 0}, 1e-323},
        {{-0.0, -0.0, -0.0, -0.0, -0.0}, 0.0},
        {{0x1p53, 1, 0, 0, 0}, 0x1p53},          /* half: to even */
        {{0x1p53, 1, 5e-324, 0, 0}, 0x1p53 + 2}, /* a little more than half */
        {{-0x1p53, -1, -5e-324, 0, 0}, -0x1p53 - 2},
        {{0x1p53, 3, 0, 0, 0}, 0x1p53 + 4},
        {{1e308, 1e308, 0, 0, 0}, __builtin_inf()},
        {{-1e308, -1e308, 0, 0, 0}, -__builtin_inf()},
        {{0x1.fffffffffffffp1023, 0x1p969, 0, 0, 0}, 0x1.fffffffffffffp1023},
    };
    for (size_t r = 0; r < sizeof(table) / sizeof(table[0]); r++) {
        for (int turn = 0; turn < 5; turn++) { /* whatever the order */
            struct wf_exact sum;
            wf_exact_init(&sum);
            for (int i = 0; i < 5; i++)
                wf_exact_add(&sum, table[r].terms[(i + turn) % 5]);
            assert_true(wf_exact_round(&sum) == table[r].sum);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_plain),    cmocka_unit_test(vectors_are_chosen),
        cmocka_unit_test(kinds_are_told_apart), cmocka_unit_test(dates_move_within_the_calendar),
        cmocka_unit_test(zeros_compare_equal),  cmocka_unit_test(bits_begin_anywhere),
        cmocka_unit_test(sums_are_exact),       cmocka_unit_test(overflow_in_place),
        cmocka_unit_test(words_are_combined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
