/*
 * Work on lanes with AVX-512, compiled for it function by function and chosen when the processor
 * says it has it: comparisons make words of bits by themselves. Lanes past the last whole word of
 * 64 are left to the plain ones.
 */
#include "lang/base/calendar.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define NEEDS "avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi,avx512vpopcntdq"
#define AVX512 __attribute__((target(NEEDS)))
#define AVX512_INLINE __attribute__((target(NEEDS), always_inline)) static inline

typedef uint64_t wide __attribute__((vector_size(64), aligned(8), may_alias));
#define COUNT_wide(words) (wide) _mm512_popcnt_epi64((__m512i)(words))
#define SOME_wide(words) _mm512_test_epi64_mask((__m512i)(words), (__m512i)(words))
#define WORDS_WITH AVX512
#include "runtime/vm/lanes_words.h"

AVX512_INLINE __m512i load(const void *p)
{
    return _mm512_loadu_si512(p);
}

/* The word of 64 lanes of which MASK(i) answers PER, from lane i on. */
#define WORD_OF(word, PER, MASK)                                                                   \
    do {                                                                                           \
        (word) = 0;                                                                                \
        for (size_t i = 0; i < 64; i += (PER))                                                     \
            (word) |= (uint64_t)(MASK) << i;                                                       \
    } while (0)

/* ---- comparisons ---- */

/* The left operand from lane w * 64 + i on; the right one, perhaps the same for all. */
#define LEFT (a + w * 64 + i)
#define RIGHT(LOAD) (fixed ? one : LOAD(b + w * 64 + i))

#define WORDS(PER, MASK)                                                                           \
    for (size_t w = 0; w < words; w++)                                                             \
    WORD_OF(out[w], PER, MASK)

#define REST(NAME)                                                                                 \
    do {                                                                                           \
        if (n % 64)                                                                                \
            wf_lanes_plain.NAME(cmp, a + words * 64, fixed ? b : b + words * 64, fixed, n % 64,    \
                                out + words);                                                      \
    } while (0)

#define COMPARE(NAME, TYPE, VECTOR, PER, SET, LOAD, TEST, EQ, NE, LT, LE, GT, GE)                  \
    AVX512 static void NAME(enum wf_cmp cmp, const TYPE *a, const TYPE *b, bool fixed, size_t n,   \
                            uint64_t *out)                                                         \
    {                                                                                              \
        size_t words = n / 64;                                                                     \
        VECTOR one = SET(*b);                                                                      \
        switch (cmp) {                                                                             \
        case WF_CMP_EQ: WORDS(PER, TEST(LOAD(LEFT), RIGHT(LOAD), EQ)); break;                      \
        case WF_CMP_NE: WORDS(PER, TEST(LOAD(LEFT), RIGHT(LOAD), NE)); break;                      \
        case WF_CMP_LT: WORDS(PER, TEST(LOAD(LEFT), RIGHT(LOAD), LT)); break;                      \
        case WF_CMP_LE: WORDS(PER, TEST(LOAD(LEFT), RIGHT(LOAD), LE)); break;                      \
        case WF_CMP_GT: WORDS(PER, TEST(LOAD(LEFT), RIGHT(LOAD), GT)); break;                      \
        case WF_CMP_GE: WORDS(PER, TEST(LOAD(LEFT), RIGHT(LOAD), GE)); break;                      \
        }                                                                                          \
        REST(NAME);                                                                                \
    }

#define WHOLE                                                                                      \
    _MM_CMPINT_EQ, _MM_CMPINT_NE, _MM_CMPINT_LT, _MM_CMPINT_LE, _MM_CMPINT_NLE, _MM_CMPINT_NLT
#define REAL _CMP_EQ_OQ, _CMP_NEQ_UQ, _CMP_LT_OQ, _CMP_LE_OQ, _CMP_GT_OQ, _CMP_GE_OQ
#define EXPANDED(...) COMPARE(__VA_ARGS__)
EXPANDED(cmp_i, int64_t, __m512i, 8, _mm512_set1_epi64, load, _mm512_cmp_epi64_mask, WHOLE)
EXPANDED(cmp_w, int32_t, __m512i, 16, _mm512_set1_epi32, load, _mm512_cmp_epi32_mask, WHOLE)
EXPANDED(cmp_f, double, __m512d, 8, _mm512_set1_pd, _mm512_loadu_pd, _mm512_cmp_pd_mask, REAL)

/* ---- arithmetic: each answers the lanes that went wrong ---- */

AVX512_INLINE __mmask8 sum_8(__m512i a, __m512i b, int64_t *out)
{
    __m512i r = _mm512_add_epi64(a, b);
    _mm512_storeu_si512(out, r);
    return _mm512_movepi64_mask(
        _mm512_andnot_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(a, r)));
}

AVX512_INLINE __mmask8 difference_8(__m512i a, __m512i b, int64_t *out)
{
    __m512i r = _mm512_sub_epi64(a, b);
    _mm512_storeu_si512(out, r);
    return _mm512_movepi64_mask(_mm512_and_si512(_mm512_xor_si512(a, b), _mm512_xor_si512(a, r)));
}

AVX512_INLINE __mmask8 is_long(__m512i v)
{
    return _mm512_cmpneq_epi64_mask(v, _mm512_cvtepi32_epi64(_mm512_cvtepi64_epi32(v)));
}

/* Only of what fits 32 bits; the rest "went wrong". */
AVX512_INLINE __mmask8 product_8(__m512i a, __m512i b, int64_t *out)
{
    _mm512_storeu_si512(out, _mm512_mul_epi32(a, b));
    return is_long(a) | is_long(b);
}

#define WORDS_ARITH(EIGHT)                                                                         \
    for (size_t w = 0; w < words; w++) {                                                           \
        WORD_OF(ok[w], 8, EIGHT(load(LEFT), RIGHT(load), out + w * 64 + i));                       \
        ok[w] = ~ok[w];                                                                            \
    }

AVX512 static void arith_i(enum wf_arith op, const int64_t *a, const int64_t *b, bool fixed,
                           size_t n, int64_t *out, uint64_t *ok)
{
    size_t words = n / 64;
    __m512i one = _mm512_set1_epi64(*b);
    if (op == WF_MUL) {
        /* where a factor is long, that word is done again the plain way: operands must be there */
        for (size_t w = 0; w < words; w++) {
            int64_t got[64];
            uint64_t rest;
            WORD_OF(rest, 8, product_8(load(LEFT), RIGHT(load), got + i));
            ok[w] = UINT64_MAX;
            if (rest)
                wf_lanes_plain.arith_i(op, a + w * 64, fixed ? b : b + w * 64, fixed, 64,
                                       out + w * 64, ok + w);
            else
                for (size_t i = 0; i < 64; i += 8)
                    _mm512_storeu_si512(out + w * 64 + i, load(got + i));
        }
    } else if (op == WF_SUB) {
        WORDS_ARITH(difference_8)
    } else {
        WORDS_ARITH(sum_8)
    }
    if (n % 64)
        wf_lanes_plain.arith_i(op, a + words * 64, fixed ? b : b + words * 64, fixed, n % 64,
                               out + words * 64, ok + words);
}

enum { NAN_OR_INFINITE = 0x99 };

#define EIGHT_REAL(OPERATE)                                                                        \
    for (size_t w = 0; w < words; w++) {                                                           \
        uint64_t bad = 0;                                                                          \
        for (size_t i = 0; i < 64; i += 8) {                                                       \
            __m512d r = OPERATE(_mm512_loadu_pd(LEFT), RIGHT(_mm512_loadu_pd));                    \
            _mm512_storeu_pd(out + w * 64 + i, r);                                                 \
            bad |= (uint64_t)_mm512_fpclass_pd_mask(r, NAN_OR_INFINITE) << i;                      \
        }                                                                                          \
        ok[w] = ~bad;                                                                              \
    }

AVX512 static void arith_f(enum wf_arith op, const double *a, const double *b, bool fixed, size_t n,
                           double *out, uint64_t *ok)
{
    size_t words = n / 64;
    __m512d one = _mm512_set1_pd(*b);
    switch (op) {
    case WF_ADD: EIGHT_REAL(_mm512_add_pd) break;
    case WF_SUB: EIGHT_REAL(_mm512_sub_pd) break;
    case WF_MUL: EIGHT_REAL(_mm512_mul_pd) break;
    case WF_DIV: EIGHT_REAL(_mm512_div_pd) break;
    }
    if (n % 64)
        wf_lanes_plain.arith_f(op, a + words * 64, fixed ? b : b + words * 64, fixed, n % 64,
                               out + words * 64, ok + words);
}

AVX512 static void date_add(const int32_t *a, int64_t days, size_t n, int32_t *out, uint64_t *ok)
{
    size_t words = wf_date_words(days, n), done = words * 64;
    __m512i by = _mm512_set1_epi32((int32_t)days);
    __m512i least = _mm512_set1_epi32((int32_t)WF_MIN_DAY);
    __m512i most = _mm512_set1_epi32((int32_t)WF_MAX_DAY);
    for (size_t w = 0; w < words; w++) {
        uint64_t fine = 0;
        for (size_t i = 0; i < 64; i += 16) {
            __m512i r = _mm512_add_epi32(load(LEFT), by);
            _mm512_storeu_si512(out + w * 64 + i, r);
            fine |= (uint64_t)(_mm512_cmpge_epi32_mask(r, least) & _mm512_cmple_epi32_mask(r, most))
                    << i;
        }
        ok[w] = fine;
    }
    if (n > done)
        wf_lanes_plain.date_add(a + done, days, n - done, out + done, ok + words);
}

/* ---- choice ---- */

AVX512 static void blend_v(const uint64_t *mask, const int64_t *a, const int64_t *b, size_t n,
                           int64_t *out)
{
    size_t whole = n / 8 * 8;
    for (size_t i = 0; i < whole; i += 8) {
        __mmask8 take = (__mmask8)(mask[i / 64] >> (i % 64));
        _mm512_storeu_si512(out + i, _mm512_mask_blend_epi64(take, load(b + i), load(a + i)));
    }
    for (size_t i = whole; i < n; i++)
        out[i] = wf_bit(mask, i) ? a[i] : b[i];
}

AVX512 static void blend_w(const uint64_t *mask, const int32_t *a, const int32_t *b, size_t n,
                           int32_t *out)
{
    size_t whole = n / 16 * 16;
    for (size_t i = 0; i < whole; i += 16) {
        __mmask16 take = (__mmask16)(mask[i / 64] >> (i % 64));
        _mm512_storeu_si512(out + i, _mm512_mask_blend_epi32(take, load(b + i), load(a + i)));
    }
    for (size_t i = whole; i < n; i++)
        out[i] = wf_bit(mask, i) ? a[i] : b[i];
}

/* ---- narrow columns ---- */

AVX512_INLINE __m128i bytes_8(const char *p)
{
    return _mm_loadl_epi64((const __m128i *)(const void *)p);
}

AVX512_INLINE __m128i bytes_16(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

AVX512_INLINE __m256i bytes_32(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

#define WIDEN(COUNT, LOADED, CONVERT, ADD)                                                         \
    for (size_t i = 0; i < whole; i += (COUNT))                                                    \
    _mm512_storeu_si512(out + i, ADD(CONVERT(LOADED), add))

#define LINE(cells, add) _mm512_add_epi64(_mm512_mul_epu32(cells, by), add)

AVX512 static void widen_v(const void *a, unsigned width, uint32_t times, int64_t base, size_t n,
                           int64_t *out)
{
    const char *cells = a;
    size_t whole = n / 8 * 8;
    __m512i add = _mm512_set1_epi64(base), by = _mm512_set1_epi64(times);
    if (width == 1)
        WIDEN(8, bytes_8(cells + i), _mm512_cvtepu8_epi64, LINE);
    else if (width == 2)
        WIDEN(8, bytes_16(cells + 2 * i), _mm512_cvtepu16_epi64, LINE);
    else
        WIDEN(8, bytes_32(cells + 4 * i), _mm512_cvtepu32_epi64, LINE);
    wf_lanes_plain.widen_v(cells + whole * width, width, times, base, n - whole, out + whole);
}
#undef LINE

AVX512 static void widen_w(const void *a, unsigned width, int32_t base, size_t n, int32_t *out)
{
    const char *cells = a;
    size_t whole = n / 16 * 16;
    __m512i add = _mm512_set1_epi32(base);
    if (width == 1)
        WIDEN(16, bytes_16(cells + i), _mm512_cvtepu8_epi32, _mm512_add_epi32);
    else
        WIDEN(16, bytes_32(cells + 2 * i), _mm512_cvtepu16_epi32, _mm512_add_epi32);
    wf_lanes_plain.widen_w(cells + whole * width, width, base, n - whole, out + whole);
}

/* ---- tables of bits ---- */

AVX512_INLINE __mmask16 bits_16(const uint32_t *table, __m512i code)
{
    __m512i piece = _mm512_i32gather_epi32(_mm512_srli_epi32(code, 5), (const void *)table, 4);
    __m512i bit =
        _mm512_sllv_epi32(_mm512_set1_epi32(1), _mm512_and_si512(code, _mm512_set1_epi32(31)));
    return _mm512_test_epi32_mask(piece, bit);
}

AVX512 static void lookup(const uint32_t *table, const uint32_t *codes, size_t n, uint64_t *out)
{
    size_t words = n / 64;
    for (size_t w = 0; w < words; w++)
        WORD_OF(out[w], 16, bits_16(table, load(codes + w * 64 + i)));
    if (n % 64)
        wf_lanes_plain.lookup(table, codes + words * 64, n % 64, out + words);
}

/* The bytes of the table that the kinds stand at: so many as a byte can name in one step. */
enum { FEW = 64, MANY = 128 };

AVX512_INLINE __mmask64 picked(__m512i kind, const __m512i bytes[4], unsigned most)
{
    if (most == FEW)
        return _mm512_movepi8_mask(_mm512_permutexvar_epi8(kind, bytes[0]));
    __m512i low = _mm512_permutex2var_epi8(bytes[0], kind, bytes[1]);
    if (most == MANY)
        return _mm512_movepi8_mask(low);
    __m512i high = _mm512_permutex2var_epi8(bytes[2], kind, bytes[3]);
    return _mm512_movepi8_mask(_mm512_mask_blend_epi8(_mm512_movepi8_mask(kind), low, high));
}

#define PICK(most)                                                                                 \
    for (size_t w = 0; w < words; w++)                                                             \
    out[w] = picked(load(kinds + w * 64), bytes, most) & mask[w]

AVX512 static void pick(const uint8_t *kinds, const uint64_t table[4], unsigned count, size_t n,
                        const uint64_t *mask, uint64_t *out)
{
    size_t words = n / 64;
    __m512i bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = _mm512_movm_epi8(table[i]);
    if (count <= FEW)
        PICK(FEW);
    else if (count <= MANY)
        PICK(MANY);
    else
        PICK(2 * MANY);
    if (n % 64)
        wf_lanes_plain.pick(kinds + words * 64, table, count, n % 64, mask + words, out + words);
}
#undef PICK

/* ---- cells ---- */

/* Most ranges are open on one side, and need no subtraction. */
enum ask { AT_MOST, AT_LEAST, BETWEEN };

#define ASKED(BITS, cells)                                                                         \
    (ask == AT_MOST ? _mm512_cmple_epu##BITS##_mask(load(cells), span)                             \
     : ask == AT_LEAST                                                                             \
         ? _mm512_cmpge_epu##BITS##_mask(load(cells), low)                                         \
         : _mm512_cmple_epu##BITS##_mask(_mm512_sub_epi##BITS(load(cells), low), span))

AVX512_INLINE uint64_t ask_8(const char *in, __m512i low, __m512i span, enum ask ask)
{
    return ASKED(8, in);
}

AVX512_INLINE uint64_t ask_16(const char *in, __m512i low, __m512i span, enum ask ask)
{
    return _mm512_kunpackd(ASKED(16, in + 64), ASKED(16, in));
}

AVX512_INLINE uint64_t ask_32(const char *in, __m512i low, __m512i span, enum ask ask)
{
    __mmask32 first = _mm512_kunpackw(ASKED(32, in + 64), ASKED(32, in));
    return _mm512_kunpackd(_mm512_kunpackw(ASKED(32, in + 192), ASKED(32, in + 128)), first);
}

#define ASK(WORD, ask)                                                                             \
    for (size_t w = 0; w < words; w++)                                                             \
    out[w] = (WORD(in + w * 64 * width, low, span, ask) ^ flip) & mask[w]

#define WITHIN(WORD, LANES, CELL)                                                                  \
    do {                                                                                           \
        __m512i low = LANES((CELL)range->low), span = LANES((CELL)range->span);                    \
        if (!range->low)                                                                           \
            ASK(WORD, AT_MOST);                                                                    \
        else if (range->low + (uint64_t)range->span == UINT32_MAX >> (32 - 8 * width))             \
            ASK(WORD, AT_LEAST);                                                                   \
        else                                                                                       \
            ASK(WORD, BETWEEN);                                                                    \
    } while (0)

AVX512 static void within(const void *cells, unsigned width, const struct wf_bounds *range,
                          size_t n, const uint64_t *mask, uint64_t *out)
{
    const char *in = cells;
    size_t words = n / 64;
    uint64_t flip = range->flip ? UINT64_MAX : 0;
    if (width == 1)
        WITHIN(ask_8, _mm512_set1_epi8, char);
    else if (width == 2)
        WITHIN(ask_16, _mm512_set1_epi16, short);
    else
        WITHIN(ask_32, _mm512_set1_epi32, int);
    if (n % 64)
        wf_lanes_plain.within(in + words * 64 * width, width, range, n % 64, mask + words,
                              out + words);
}
#undef WITHIN
#undef ASK
#undef ASKED

/* ---- words ---- */

AVX512 static uint64_t count_bits(const uint64_t *bits, size_t words)
{
    size_t whole = words / 8 * 8;
    __m512i sum = _mm512_setzero_si512();
    for (size_t w = 0; w < whole; w += 8)
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(load(bits + w)));
    return (uint64_t)_mm512_reduce_add_epi64(sum) + wf_count_popcnt(bits + whole, words - whole);
}

const struct wf_lanes *wf_lanes_avx512(void)
{
    static const struct wf_lanes lanes = WF_LANES_OF_FILE(count_bits, wf_ranks_popcnt);
    bool runs = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vpopcntdq") &&
                __builtin_cpu_supports("popcnt");
    return runs ? &lanes : NULL;
}

#else

const struct wf_lanes *wf_lanes_avx512(void)
{
    return NULL;
}

#endif
