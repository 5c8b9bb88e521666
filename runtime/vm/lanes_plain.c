/* Work on lanes in plain C: what the others are judged by, lane by lane. */
#include "lang/base/calendar.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/lanes.h"
#include "runtime/vm/lanes_words.h"

#include <math.h>

/* Fills out[] with the bit TEST(i) for each lane i. */
#define FILL_BITS(TEST)                                                                            \
    for (size_t base = 0; base < n; base += 64) {                                                  \
        size_t end = n - base < 64 ? n : base + 64;                                                \
        uint64_t word = 0;                                                                         \
        for (size_t i = base; i < end; i++)                                                        \
            word |= (uint64_t)(TEST) << (i - base);                                                \
        out[base / 64] = word;                                                                     \
    }

#define COMPARE(NAME, TYPE)                                                                        \
    static void NAME(enum wf_cmp cmp, const TYPE *a, const TYPE *b, bool fixed, size_t n,          \
                     uint64_t *out)                                                                \
    {                                                                                              \
        size_t step = !fixed;                                                                      \
        switch (cmp) {                                                                             \
        case WF_CMP_EQ: FILL_BITS(a[i] == b[i * step]) break;                                      \
        case WF_CMP_NE: FILL_BITS(a[i] != b[i * step]) break;                                      \
        case WF_CMP_LT: FILL_BITS(a[i] < b[i * step]) break;                                       \
        case WF_CMP_LE: FILL_BITS(a[i] <= b[i * step]) break;                                      \
        case WF_CMP_GT: FILL_BITS(a[i] > b[i * step]) break;                                       \
        case WF_CMP_GE: FILL_BITS(a[i] >= b[i * step]) break;                                      \
        }                                                                                          \
    }
COMPARE(cmp_i, int64_t)
COMPARE(cmp_f, double)
COMPARE(cmp_w, int32_t)

static bool arith_one(enum wf_arith op, int64_t a, int64_t b, int64_t *out)
{
    switch (op) {
    case WF_ADD: return !__builtin_add_overflow(a, b, out);
    case WF_SUB: return !__builtin_sub_overflow(a, b, out);
    default: return !__builtin_mul_overflow(a, b, out);
    }
}

static void arith_i(enum wf_arith op, const int64_t *a, const int64_t *b, bool fixed, size_t n,
                    int64_t *result, uint64_t *out)
{
    size_t step = !fixed;
    FILL_BITS(arith_one(op, a[i], b[i * step], &result[i]))
}

static bool arith_number(enum wf_arith op, double a, double b, double *out)
{
    switch (op) {
    case WF_ADD: *out = a + b; break;
    case WF_SUB: *out = a - b; break;
    case WF_MUL: *out = a * b; break;
    case WF_DIV: *out = a / b; break;
    }
    return isfinite(*out);
}

static void arith_f(enum wf_arith op, const double *a, const double *b, bool fixed, size_t n,
                    double *result, uint64_t *out)
{
    size_t step = !fixed;
    FILL_BITS(arith_number(op, a[i], b[i * step], &result[i]))
}

static bool add_days(int32_t day, int64_t days, int32_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(days, (int64_t)day, &sum) || !wf_day_in_calendar(sum))
        return false;
    *out = (int32_t)sum;
    return true;
}

static void date_add(const int32_t *a, int64_t days, size_t n, int32_t *result, uint64_t *out)
{
    FILL_BITS(add_days(a[i], days, &result[i]))
}

static void blend_v(const uint64_t *mask, const int64_t *a, const int64_t *b, size_t n,
                    int64_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = wf_bit(mask, i) ? a[i] : b[i];
}

static void blend_w(const uint64_t *mask, const int32_t *a, const int32_t *b, size_t n,
                    int32_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = wf_bit(mask, i) ? a[i] : b[i];
}

#define WIDEN(type, by)                                                                            \
    do {                                                                                           \
        const type *cells = a;                                                                     \
        for (size_t i = 0; i < n; i++)                                                             \
            out[i] = cells[i] * by + base;                                                         \
    } while (0)

static void widen_v(const void *a, unsigned width, uint32_t times, int64_t base, size_t n,
                    int64_t *out)
{
    if (width == 1)
        WIDEN(uint8_t, (int64_t)times);
    else if (width == 2)
        WIDEN(uint16_t, (int64_t)times);
    else
        WIDEN(uint32_t, (int64_t)times);
}

static void widen_w(const void *a, unsigned width, int32_t base, size_t n, int32_t *out)
{
    if (width == 1)
        WIDEN(uint8_t, 1);
    else
        WIDEN(uint16_t, 1);
}
#undef WIDEN

static void lookup(const uint32_t *table, const uint32_t *codes, size_t n, uint64_t *out)
{
    FILL_BITS(table[codes[i] / 32] >> (codes[i] % 32) & 1)
}

/* ---- cells ---- */

#define WITHIN(type)                                                                               \
    do {                                                                                           \
        const type *in = cells;                                                                    \
        FILL_BITS(((type)(in[i] - (type)range->low) <= (type)range->span) != range->flip)          \
    } while (0)

static void within(const void *cells, unsigned width, const struct wf_bounds *range, size_t n,
                   const uint64_t *mask, uint64_t *out)
{
    if (width == 1)
        WITHIN(uint8_t);
    else if (width == 2)
        WITHIN(uint16_t);
    else
        WITHIN(uint32_t);
    for (size_t i = 0; i < wf_bit_words(n); i++)
        out[i] &= mask[i];
}
#undef WITHIN

static void pick(const uint8_t *kinds, const uint64_t table[4], unsigned count, size_t n,
                 const uint64_t *mask, uint64_t *out)
{
    (void)count;
    FILL_BITS(wf_bit(table, kinds[i]))
    for (size_t i = 0; i < wf_bit_words(n); i++)
        out[i] &= mask[i];
}

static void ranks(const uint64_t *bits, const uint32_t *places, size_t count, uint32_t *out)
{
    uint32_t before = 0; /* bits of whole words before `word` */
    size_t word = 0;
    for (size_t i = 0; i < count; i++) {
        for (; word < places[i] / 64; word++)
            before += (uint32_t)wf_bit_count(bits[word]);
        uint32_t rest = places[i] % 64;
        out[i] = before + (rest ? (uint32_t)wf_bit_count(bits[word] & wf_bit_mask(rest)) : 0);
    }
}

const struct wf_lanes wf_lanes_plain = WF_LANES_OF_FILE(wf_bits_count, ranks);

const struct wf_lanes *wf_lanes_choose(enum wf_vectors most)
{
    const struct wf_lanes *lanes = NULL;
    if (most == WF_VECTORS_ANY)
        lanes = wf_lanes_avx512();
    if (!lanes && most != WF_VECTORS_NONE)
        lanes = wf_lanes_avx2();
    return lanes ? lanes : &wf_lanes_plain;
}
