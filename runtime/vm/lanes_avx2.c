/*
 * Work on lanes with AVX2, compiled for it function by function and chosen when the processor says
 * it has it. Lanes past the last whole word of 64 are left to the plain ones.
 */
#include "lang/base/calendar.h"
#include "runtime/vm/bits.h"
#include "runtime/vm/lanes.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#include <string.h>

#define AVX2 __attribute__((target("avx2")))
#define AVX2_INLINE __attribute__((target("avx2"), always_inline)) static inline

typedef uint64_t wide __attribute__((vector_size(32), aligned(8), may_alias));

AVX2_INLINE wide counts(wide words)
{
    for (int i = 0; i < 4; i++)
        words[i] = wf_bit_count(words[i]);
    return words;
}

#define COUNT_wide(words) counts(words)
#define SOME_wide(words)                                                                           \
    (0xf ^ _mm256_movemask_pd(                                                                     \
               _mm256_castsi256_pd(_mm256_cmpeq_epi64((__m256i)(words), _mm256_setzero_si256()))))
#define WORDS_WITH AVX2
#include "runtime/vm/lanes_words.h"

/* ---- comparisons: 64 lanes make a word ---- */

AVX2_INLINE __m256i load(const void *p)
{
    return _mm256_loadu_si256((const __m256i *)p);
}

AVX2_INLINE void save(void *p, __m256i v)
{
    _mm256_storeu_si256((__m256i *)p, v);
}

AVX2_INLINE uint64_t signs_4(__m256i v)
{
    return (uint64_t)(unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(v));
}

AVX2_INLINE uint64_t signs_8(__m256i v)
{
    return (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(v));
}

/* 32 masks of 32 bits in four vectors, to 32 bits in the order of the lanes. */
AVX2_INLINE uint64_t signs_32(__m256i a, __m256i b, __m256i c, __m256i d)
{
    __m256i ab = _mm256_packs_epi32(a, b), cd = _mm256_packs_epi32(c, d);
    __m256i all = _mm256_packs_epi16(ab, cd);
    all = _mm256_permutevar8x32_epi32(all, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(all);
}

/* EQ, or GT with the operands perhaps swapped; the others are their complements. */
struct basis {
    bool equal, swap, complement;
};

static struct basis basis_of(enum wf_cmp cmp)
{
    switch (cmp) {
    case WF_CMP_EQ: return (struct basis){true, false, false};
    case WF_CMP_NE: return (struct basis){true, false, true};
    case WF_CMP_LT: return (struct basis){false, true, false};
    case WF_CMP_LE: return (struct basis){false, false, true};
    case WF_CMP_GT: return (struct basis){false, false, false};
    default: return (struct basis){false, true, true};
    }
}

AVX2_INLINE __m256i compare_64(__m256i a, __m256i b, bool equal, bool swap)
{
    if (equal)
        return _mm256_cmpeq_epi64(a, b);
    return swap ? _mm256_cmpgt_epi64(b, a) : _mm256_cmpgt_epi64(a, b);
}

AVX2_INLINE void words_i(const int64_t *a, const int64_t *b, bool fixed, size_t words,
                         uint64_t flip, uint64_t *out, bool equal, bool swap)
{
    __m256i one = _mm256_set1_epi64x(*b);
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (size_t i = 0; i < 64; i += 4) {
            __m256i right = fixed ? one : load(b + w * 64 + i);
            word |= signs_4(compare_64(load(a + w * 64 + i), right, equal, swap)) << i;
        }
        out[w] = word ^ flip;
    }
}

AVX2_INLINE __m256i compare_32(__m256i a, __m256i b, bool equal, bool swap)
{
    if (equal)
        return _mm256_cmpeq_epi32(a, b);
    return swap ? _mm256_cmpgt_epi32(b, a) : _mm256_cmpgt_epi32(a, b);
}

AVX2_INLINE void words_w(const int32_t *a, const int32_t *b, bool fixed, size_t words,
                         uint64_t flip, uint64_t *out, bool equal, bool swap)
{
    __m256i one = _mm256_set1_epi32(*b);
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (size_t half = 0; half < 64; half += 32) {
            __m256i got[4];
            for (size_t i = 0; i < 4; i++) {
                size_t at = w * 64 + half + i * 8;
                got[i] = compare_32(load(a + at), fixed ? one : load(b + at), equal, swap);
            }
            word |= signs_32(got[0], got[1], got[2], got[3]) << half;
        }
        out[w] = word ^ flip;
    }
}

/* One loop for each of the three bases: the choice is made outside. */
#define CHOOSE(WORDS)                                                                              \
    do {                                                                                           \
        if (basis.equal)                                                                           \
            WORDS(a, b, fixed, words, flip, out, true, false);                                     \
        else if (basis.swap)                                                                       \
            WORDS(a, b, fixed, words, flip, out, false, true);                                     \
        else                                                                                       \
            WORDS(a, b, fixed, words, flip, out, false, false);                                    \
    } while (0)

/* What is left after the whole words. */
#define REST(NAME)                                                                                 \
    do {                                                                                           \
        if (n % 64)                                                                                \
            wf_lanes_plain.NAME(cmp, a + words * 64, fixed ? b : b + words * 64, fixed, n % 64,    \
                                out + words);                                                      \
    } while (0)

AVX2 static void cmp_i(enum wf_cmp cmp, const int64_t *a, const int64_t *b, bool fixed, size_t n,
                       uint64_t *out)
{
    struct basis basis = basis_of(cmp);
    uint64_t flip = basis.complement ? UINT64_MAX : 0;
    size_t words = n / 64;
    if (fixed)
        CHOOSE(words_i);
    else
        CHOOSE(words_i);
    REST(cmp_i);
}

AVX2 static void cmp_w(enum wf_cmp cmp, const int32_t *a, const int32_t *b, bool fixed, size_t n,
                       uint64_t *out)
{
    struct basis basis = basis_of(cmp);
    uint64_t flip = basis.complement ? UINT64_MAX : 0;
    size_t words = n / 64;
    if (fixed)
        CHOOSE(words_w);
    else
        CHOOSE(words_w);
    REST(cmp_w);
}

#define WORDS_F(PREDICATE)                                                                         \
    for (size_t w = 0; w < words; w++) {                                                           \
        uint64_t word = 0;                                                                         \
        for (size_t i = 0; i < 64; i += 4) {                                                       \
            __m256d right = fixed ? one : _mm256_loadu_pd(b + w * 64 + i);                         \
            __m256d got = _mm256_cmp_pd(_mm256_loadu_pd(a + w * 64 + i), right, PREDICATE);        \
            word |= (uint64_t)(unsigned)_mm256_movemask_pd(got) << i;                              \
        }                                                                                          \
        out[w] = word;                                                                             \
    }

AVX2 static void cmp_f(enum wf_cmp cmp, const double *a, const double *b, bool fixed, size_t n,
                       uint64_t *out)
{
    size_t words = n / 64;
    __m256d one = _mm256_set1_pd(*b);
    switch (cmp) {
    case WF_CMP_EQ: WORDS_F(_CMP_EQ_OQ) break;
    case WF_CMP_NE: WORDS_F(_CMP_NEQ_UQ) break;
    case WF_CMP_LT: WORDS_F(_CMP_LT_OQ) break;
    case WF_CMP_LE: WORDS_F(_CMP_LE_OQ) break;
    case WF_CMP_GT: WORDS_F(_CMP_GT_OQ) break;
    case WF_CMP_GE: WORDS_F(_CMP_GE_OQ) break;
    }
    REST(cmp_f);
}

/* ---- arithmetic ---- */

/* The sign bit of the answer says that the sum (difference) did not fit. */
AVX2_INLINE __m256i overflow(__m256i a, __m256i b, __m256i r, bool sub)
{
    if (sub)
        return _mm256_and_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(a, r));
    return _mm256_andnot_si256(_mm256_xor_si256(a, b), _mm256_xor_si256(a, r));
}

AVX2_INLINE void sums(const int64_t *a, const int64_t *b, bool fixed, size_t words, int64_t *out,
                      uint64_t *ok, bool sub)
{
    __m256i one = _mm256_set1_epi64x(*b);
    for (size_t w = 0; w < words; w++) {
        uint64_t bad = 0;
        for (size_t i = 0; i < 64; i += 4) {
            __m256i left = load(a + w * 64 + i), right = fixed ? one : load(b + w * 64 + i);
            __m256i r = sub ? _mm256_sub_epi64(left, right) : _mm256_add_epi64(left, right);
            save(out + w * 64 + i, r);
            bad |= signs_4(overflow(left, right, r, sub)) << i;
        }
        ok[w] = ~bad;
    }
}

AVX2 static void arith_i(enum wf_arith op, const int64_t *a, const int64_t *b, bool fixed, size_t n,
                         int64_t *out, uint64_t *ok)
{
    size_t words = op == WF_MUL ? 0 : n / 64, done = words * 64;
    if (op == WF_ADD)
        sums(a, b, fixed, words, out, ok, false);
    else if (op == WF_SUB)
        sums(a, b, fixed, words, out, ok, true);
    if (n > done)
        wf_lanes_plain.arith_i(op, a + done, fixed ? b : b + done, fixed, n - done, out + done,
                               ok + words);
}

#define WORDS_ARITH(INTRINSIC)                                                                     \
    for (size_t w = 0; w < words; w++) {                                                           \
        uint64_t fine = 0;                                                                         \
        for (size_t i = 0; i < 64; i += 4) {                                                       \
            __m256d right = fixed ? one : _mm256_loadu_pd(b + w * 64 + i);                         \
            __m256d r = INTRINSIC(_mm256_loadu_pd(a + w * 64 + i), right);                         \
            _mm256_storeu_pd(out + w * 64 + i, r);                                                 \
            __m256d size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), r);                              \
            __m256d finite = _mm256_cmp_pd(size, _mm256_set1_pd(__builtin_inf()), _CMP_LT_OQ);     \
            fine |= (uint64_t)(unsigned)_mm256_movemask_pd(finite) << i;                           \
        }                                                                                          \
        ok[w] = fine;                                                                              \
    }

AVX2 static void arith_f(enum wf_arith op, const double *a, const double *b, bool fixed, size_t n,
                         double *out, uint64_t *ok)
{
    size_t words = n / 64, done = words * 64;
    __m256d one = _mm256_set1_pd(*b);
    switch (op) {
    case WF_ADD: WORDS_ARITH(_mm256_add_pd) break;
    case WF_SUB: WORDS_ARITH(_mm256_sub_pd) break;
    case WF_MUL: WORDS_ARITH(_mm256_mul_pd) break;
    case WF_DIV: WORDS_ARITH(_mm256_div_pd) break;
    }
    if (n > done)
        wf_lanes_plain.arith_f(op, a + done, fixed ? b : b + done, fixed, n - done, out + done,
                               ok + words);
}

AVX2 static void date_add(const int32_t *a, int64_t days, size_t n, int32_t *out, uint64_t *ok)
{
    size_t words = wf_date_words(days, n), done = words * 64;
    __m256i by = _mm256_set1_epi32((int32_t)days);
    __m256i least = _mm256_set1_epi32((int32_t)WF_MIN_DAY);
    __m256i most = _mm256_set1_epi32((int32_t)WF_MAX_DAY);
    for (size_t w = 0; w < words; w++) {
        uint64_t bad = 0;
        for (size_t i = 0; i < 64; i += 8) {
            __m256i r = _mm256_add_epi32(load(a + w * 64 + i), by);
            save(out + w * 64 + i, r);
            __m256i off =
                _mm256_or_si256(_mm256_cmpgt_epi32(least, r), _mm256_cmpgt_epi32(r, most));
            bad |= signs_8(off) << i;
        }
        ok[w] = ~bad;
    }
    if (n > done)
        wf_lanes_plain.date_add(a + done, days, n - done, out + done, ok + words);
}

/* ---- choice ---- */

AVX2 static void blend_v(const uint64_t *mask, const int64_t *a, const int64_t *b, size_t n,
                         int64_t *out)
{
    size_t whole = n / 4 * 4;
    __m256i bit = _mm256_setr_epi64x(1, 2, 4, 8);
    for (size_t i = 0; i < whole; i += 4) {
        __m256i word = _mm256_set1_epi64x((int64_t)(mask[i / 64] >> (i % 64)));
        __m256i take = _mm256_cmpeq_epi64(_mm256_and_si256(word, bit), bit);
        save(out + i, _mm256_blendv_epi8(load(b + i), load(a + i), take));
    }
    for (size_t i = whole; i < n; i++)
        out[i] = wf_bit(mask, i) ? a[i] : b[i];
}

AVX2 static void blend_w(const uint64_t *mask, const int32_t *a, const int32_t *b, size_t n,
                         int32_t *out)
{
    size_t whole = n / 8 * 8;
    __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    for (size_t i = 0; i < whole; i += 8) {
        __m256i word = _mm256_set1_epi32((int32_t)(mask[i / 64] >> (i % 64) & 0xff));
        __m256i take = _mm256_cmpeq_epi32(_mm256_and_si256(word, bit), bit);
        save(out + i, _mm256_blendv_epi8(load(b + i), load(a + i), take));
    }
    for (size_t i = whole; i < n; i++)
        out[i] = wf_bit(mask, i) ? a[i] : b[i];
}

/* ---- narrow columns ---- */

/* Four or eight cells, each from the beginning of its bytes. */
AVX2 static inline __m128i few(const char *cells, size_t bytes)
{
    int64_t word = 0;
    memcpy(&word, cells, bytes);
    return _mm_cvtsi64_si128(word);
}

#define WIDEN(COUNT, LOADED, CONVERT, ADD)                                                         \
    for (size_t i = 0; i < whole; i += (COUNT))                                                    \
    save(out + i, ADD(CONVERT(LOADED), add))

#define LINE(cells, add) _mm256_add_epi64(_mm256_mul_epu32(cells, by), add)

AVX2 static void widen_v(const void *a, unsigned width, uint32_t times, int64_t base, size_t n,
                         int64_t *out)
{
    const char *cells = a;
    size_t whole = n / 4 * 4;
    __m256i add = _mm256_set1_epi64x(base), by = _mm256_set1_epi64x(times);
    if (width == 1)
        WIDEN(4, few(cells + i, 4), _mm256_cvtepu8_epi64, LINE);
    else if (width == 2)
        WIDEN(4, few(cells + 2 * i, 8), _mm256_cvtepu16_epi64, LINE);
    else
        WIDEN(4, _mm_loadu_si128((const __m128i *)(const void *)(cells + 4 * i)),
              _mm256_cvtepu32_epi64, LINE);
    wf_lanes_plain.widen_v(cells + whole * width, width, times, base, n - whole, out + whole);
}
#undef LINE

AVX2 static void widen_w(const void *a, unsigned width, int32_t base, size_t n, int32_t *out)
{
    const char *cells = a;
    size_t whole = n / 8 * 8;
    __m256i add = _mm256_set1_epi32(base);
    if (width == 1)
        WIDEN(8, few(cells + i, 8), _mm256_cvtepu8_epi32, _mm256_add_epi32);
    else
        WIDEN(8, _mm_loadu_si128((const __m128i *)(const void *)(cells + 2 * i)),
              _mm256_cvtepu16_epi32, _mm256_add_epi32);
    wf_lanes_plain.widen_w(cells + whole * width, width, base, n - whole, out + whole);
}
#undef WIDEN

/* ---- tables of bits ---- */

AVX2 static void lookup(const uint32_t *table, const uint32_t *codes, size_t n, uint64_t *out)
{
    size_t words = n / 64;
    __m256i low = _mm256_set1_epi32(31);
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (size_t i = 0; i < 64; i += 8) {
            __m256i code = load(codes + w * 64 + i);
            __m256i piece =
                _mm256_i32gather_epi32((const int *)table, _mm256_srli_epi32(code, 5), 4);
            /* the wanted bit becomes the sign */
            __m256i up = _mm256_xor_si256(_mm256_and_si256(code, low), low);
            word |= signs_8(_mm256_sllv_epi32(piece, up)) << i;
        }
        out[w] = word;
    }
    if (n % 64)
        wf_lanes_plain.lookup(table, codes + words * 64, n % 64, out + words);
}

/* ---- cells ---- */

/* Bits of 32 bytes each of which is 0 or -1, in the order of the lanes. */
AVX2_INLINE uint64_t signs_bytes(__m256i v)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(v);
}

/* 64 cells from `in` on, each no more than `span` when `low` is taken off. */
AVX2_INLINE uint64_t within_1(const uint8_t *in, __m256i low, __m256i span)
{
    uint64_t word = 0;
    for (size_t i = 0; i < 64; i += 32) {
        __m256i off = _mm256_sub_epi8(load(in + i), low);
        word |= signs_bytes(_mm256_cmpeq_epi8(_mm256_min_epu8(off, span), off)) << i;
    }
    return word;
}

AVX2_INLINE uint64_t within_2(const uint16_t *in, __m256i low, __m256i span)
{
    uint64_t word = 0;
    for (size_t i = 0; i < 64; i += 32) {
        __m256i a = _mm256_sub_epi16(load(in + i), low);
        __m256i b = _mm256_sub_epi16(load(in + i + 16), low);
        a = _mm256_cmpeq_epi16(_mm256_min_epu16(a, span), a);
        b = _mm256_cmpeq_epi16(_mm256_min_epu16(b, span), b);
        __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(a, b), 0xd8);
        word |= signs_bytes(both) << i;
    }
    return word;
}

AVX2_INLINE uint64_t within_4(const uint32_t *in, __m256i low, __m256i span)
{
    uint64_t word = 0;
    for (size_t half = 0; half < 64; half += 32) {
        __m256i got[4];
        for (size_t i = 0; i < 4; i++) {
            __m256i off = _mm256_sub_epi32(load(in + half + i * 8), low);
            got[i] = _mm256_cmpeq_epi32(_mm256_min_epu32(off, span), off);
        }
        word |= signs_32(got[0], got[1], got[2], got[3]) << half;
    }
    return word;
}

#define WITHIN(type, CELL, LANES)                                                                  \
    do {                                                                                           \
        __m256i low = LANES((CELL)range->low), span = LANES((CELL)range->span);                    \
        for (size_t w = 0; w < words; w++)                                                         \
            out[w] = (type((const void *)(in + w * 64 * width), low, span) ^ flip) & mask[w];      \
    } while (0)

AVX2 static void within(const void *cells, unsigned width, const struct wf_bounds *range, size_t n,
                        const uint64_t *mask, uint64_t *out)
{
    const char *in = cells;
    size_t words = n / 64;
    uint64_t flip = range->flip ? UINT64_MAX : 0;
    if (width == 1)
        WITHIN(within_1, char, _mm256_set1_epi8);
    else if (width == 2)
        WITHIN(within_2, short, _mm256_set1_epi16);
    else
        WITHIN(within_4, int, _mm256_set1_epi32);
    if (n % 64)
        wf_lanes_plain.within(in + words * 64 * width, width, range, n % 64, mask + words,
                              out + words);
}
#undef WITHIN

/* The byte of the table that holds a kind's bit comes from one of its halves. */
AVX2 static void pick(const uint8_t *kinds, const uint64_t table[4], unsigned count, size_t n,
                      const uint64_t *mask, uint64_t *out)
{
    size_t words = n / 64;
    __m256i halves = load(table);
    __m256i first = _mm256_permute4x64_epi64(halves, 0x44);
    __m256i second = _mm256_permute4x64_epi64(halves, 0xee);
    __m256i bit_of = _mm256_set1_epi64x((int64_t)UINT64_C(0x8040201008040201));
    for (size_t w = 0; w < words; w++) {
        uint64_t word = 0;
        for (size_t i = 0; i < 64; i += 32) {
            __m256i kind = load(kinds + w * 64 + i);
            __m256i byte = _mm256_and_si256(_mm256_srli_epi16(kind, 3), _mm256_set1_epi8(15));
            byte = _mm256_blendv_epi8(_mm256_shuffle_epi8(first, byte),
                                      _mm256_shuffle_epi8(second, byte), kind);
            __m256i bit = _mm256_shuffle_epi8(bit_of, _mm256_and_si256(kind, _mm256_set1_epi8(7)));
            word |= signs_bytes(_mm256_cmpeq_epi8(_mm256_and_si256(byte, bit), bit)) << i;
        }
        out[w] = word & mask[w];
    }
    if (n % 64)
        wf_lanes_plain.pick(kinds + words * 64, table, count, n % 64, mask + words, out + words);
}

__attribute__((target("popcnt"))) uint64_t wf_count_popcnt(const uint64_t *bits, size_t words)
{
    uint64_t n = 0;
    for (size_t i = 0; i < words; i++)
        n += (uint64_t)__builtin_popcountll(bits[i]);
    return n;
}

__attribute__((target("popcnt"))) void wf_ranks_popcnt(const uint64_t *bits, const uint32_t *places,
                                                       size_t count, uint32_t *out)
{
    uint32_t before = 0; /* bits of whole words before `word` */
    size_t word = 0;
    for (size_t i = 0; i < count; i++) {
        for (; word < places[i] / 64; word++)
            before += (uint32_t)__builtin_popcountll(bits[word]);
        uint32_t rest = places[i] % 64;
        out[i] =
            before + (rest ? (uint32_t)__builtin_popcountll(bits[word] & wf_bit_mask(rest)) : 0);
    }
}

const struct wf_lanes *wf_lanes_avx2(void)
{
    static const struct wf_lanes lanes = WF_LANES_OF_FILE(wf_count_popcnt, wf_ranks_popcnt);
    bool runs = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
    return runs ? &lanes : NULL;
}

#else

const struct wf_lanes *wf_lanes_avx2(void)
{
    return NULL;
}

#endif
