/*
 * scan_loop.h - the scanners' loop over blocks of 64 bytes, written once over bit masks. The file
 * that includes it decides by its compiler flags how the masks are made.
 */
#ifndef WF_DATA_SCAN_LOOP_H
#define WF_DATA_SCAN_LOOP_H

#include <string.h>

#include "runtime/data/scan.h"

#ifdef __AVX2__
#include <immintrin.h>

/* The lowest bit's place (anything where there is none), and the rest without it. */
static inline uint32_t next_bit(uint64_t *bits)
{
    uint32_t at = (uint32_t)_tzcnt_u64(*bits);
    *bits = _blsr_u64(*bits);
    return at;
}
#endif

#ifdef __AVX512VBMI2__
struct scan_block {
    __m512i bytes;
};

static inline struct scan_block block_at(const char *p)
{
    return (struct scan_block){_mm512_loadu_si512(p)};
}
static inline uint64_t block_equal(const struct scan_block *block, char c)
{
    return _mm512_cmpeq_epi8_mask(block->bytes, _mm512_set1_epi8(c));
}
static inline uint64_t block_between(const struct scan_block *block, int a, int b)
{
    return _mm512_cmpgt_epi8_mask(block->bytes, _mm512_set1_epi8((char)a)) &
           _mm512_cmplt_epi8_mask(block->bytes, _mm512_set1_epi8((char)b));
}
static inline uint64_t block_high(const struct scan_block *block)
{
    return _mm512_movepi8_mask(block->bytes);
}
#elif defined(__AVX2__)
struct scan_block {
    __m256i lo, hi;
};

static inline struct scan_block block_at(const char *p)
{
    return (struct scan_block){_mm256_loadu_si256((const __m256i *)(const void *)p),
                               _mm256_loadu_si256((const __m256i *)(const void *)(p + 32))};
}
static inline uint64_t block_equal(const struct scan_block *block, char c)
{
    __m256i want = _mm256_set1_epi8(c);
    uint64_t lo = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block->lo, want));
    uint64_t hi = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block->hi, want));
    return lo | hi << 32;
}
/* The bytes above a and below b, both taken as signed: 0x80 is -128. */
static inline uint64_t block_between(const struct scan_block *block, int a, int b)
{
    __m256i low = _mm256_set1_epi8((char)a), high = _mm256_set1_epi8((char)b);
    __m256i p =
        _mm256_and_si256(_mm256_cmpgt_epi8(block->lo, low), _mm256_cmpgt_epi8(high, block->lo));
    __m256i q =
        _mm256_and_si256(_mm256_cmpgt_epi8(block->hi, low), _mm256_cmpgt_epi8(high, block->hi));
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(q) << 32 | (uint32_t)_mm256_movemask_epi8(p);
}
static inline uint64_t block_high(const struct scan_block *block)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(block->hi) << 32 |
           (uint32_t)_mm256_movemask_epi8(block->lo);
}
#endif

#ifdef __AVX2__
/*
 * Whether there may be something that is not UTF-8. Characters of two and three bytes are judged
 * here, but for the few beginnings whose second byte has a narrower range; `next` hands on which of
 * the next block's first bytes must continue a character.
 *
 *   C2 .. DF 80 .. BF              E1 .. EC, EE, EF 80 .. BF 80 .. BF
 */
static inline bool block_odd(const struct scan_block *block, uint64_t valid, uint64_t *next)
{
    uint64_t high = block_high(block) & valid;
    uint64_t follow = block_between(block, -128, -64) | block_equal(block, (char)-128);
    uint64_t two = block_between(block, -63, -32) & valid;
    uint64_t three = (block_between(block, -32, -16) & ~block_equal(block, (char)-19)) & valid;
    uint64_t want = (two | three) << 1 | three << 2 | *next;
    follow &= valid;
    *next = (two | three) >> 63 | three >> 62;
    return want != follow || high != (two | three | follow);
}
#else
struct scan_block {
    uint64_t word[8];
};

static inline uint64_t block_high(const struct scan_block *block)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < 8; i++)
        all |= block->word[i];
    return all & UINT64_C(0x8080808080808080); /* whether there is one; not where */
}

static inline struct scan_block block_at(const char *p)
{
    struct scan_block block;
    memcpy(block.word, p, sizeof(block.word));
    return block;
}
static inline uint64_t block_equal(const struct scan_block *block, char c)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), low = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t mask = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t x = block->word[i];
        if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
            x = __builtin_bswap64(x);
        x ^= ones * (unsigned char)c;
        uint64_t zero = ~(((x & low) + low) | x | low); /* 0x80 in each byte that is equal */
        mask |= ((zero >> 7) * UINT64_C(0x0102040810204080) >> 56) << (8 * i);
    }
    return mask;
}
static inline uint32_t next_bit(uint64_t *bits)
{
    uint32_t at = (uint32_t)(*bits ? __builtin_ctzll(*bits) : 0);
    *bits &= *bits - (*bits != 0);
    return at;
}
static inline bool block_odd(const struct scan_block *block, uint64_t valid, uint64_t *next)
{
    (void)valid, (void)next;
    return block_high(block) != 0;
}
#endif

/* Bit i: an odd number of bits is set among 0 .. i. */
static inline uint64_t prefix_xor(uint64_t x)
{
    for (unsigned shift = 1; shift < 64; shift *= 2)
        x ^= x << shift;
    return x;
}

static inline unsigned lowest(uint64_t x)
{
    return (unsigned)__builtin_ctzll(x);
}
static inline unsigned bits_in(uint64_t x)
{
    return (unsigned)__builtin_popcountll(x);
}

#define ALWAYS __attribute__((always_inline)) /* so that what is handed on stays in registers */

/* What one block hands to the next: all ones or all zeros, or a single low bit. */
struct scan_carry {
    uint64_t inside;  /* all ones: within quotes */
    uint64_t before;  /* bit 0: a quote may open here */
    uint64_t closing; /* bit 0: the byte before closed a quote */
    uint64_t cr;      /* bit 0: the byte before was a carriage return outside quotes */
    uint64_t follow;  /* bits 0, 1: bytes that must continue a character of UTF-8 */
};

/* Where the cells behind separators begin. It writes past the last: the array has the room. */
#ifdef __AVX512VBMI2__
static const unsigned char PLACES[64] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
    22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
    44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

static inline ALWAYS void put_starts(struct wf_index *index, uint64_t seps, uint32_t base)
{
    uint32_t *out = index->starts + 1 + index->n_cells;
    unsigned char places[64];
    unsigned n = bits_in(seps);
    __m512i all = _mm512_maskz_compress_epi8(seps, _mm512_loadu_si512(PLACES));
    __m512i from = _mm512_set1_epi32((int)base);
    __m128i first = _mm512_castsi512_si128(all), second = _mm512_extracti32x4_epi32(all, 1);
    _mm512_storeu_si512(out, _mm512_add_epi32(from, _mm512_cvtepu8_epi32(first)));
    _mm512_storeu_si512(out + 16, _mm512_add_epi32(from, _mm512_cvtepu8_epi32(second)));
    if (n > 32) {
        _mm512_storeu_si512(places, all);
        for (unsigned i = 32; i < n; i++)
            out[i] = base + places[i];
    }
    index->n_cells += n;
}
#else
static inline ALWAYS void put_starts(struct wf_index *index, uint64_t seps, uint32_t base)
{
    uint32_t *out = index->starts + 1 + index->n_cells;
    unsigned n = bits_in(seps);
    for (unsigned i = 0; i < 8; i++)
        out[i] = base + next_bit(&seps);
    if (n > 8)
        for (unsigned i = 8; i < 16; i++)
            out[i] = base + next_bit(&seps);
    for (unsigned i = 16; i < n; i++)
        out[i] = base + next_bit(&seps);
    index->n_cells += n;
}
#endif

static inline ALWAYS void put_bare(struct wf_index *index, uint64_t bare, uint32_t base)
{
    for (; bare; bare &= bare - 1)
        index->bare[index->n_bare++] = base + lowest(bare) - 1; /* the bit is the byte after it */
}

/* The rules of RFC 4180 for quotes: they open a cell and close it, or are doubled inside. */
static inline ALWAYS void check_quotes(struct wf_index *index, uint64_t quotes, uint64_t inside,
                                       uint64_t seps, uint64_t cr, struct scan_carry *carry,
                                       uint32_t base)
{
    uint64_t opening = quotes & inside, closing = quotes & ~inside;
    uint64_t may_open = (seps | closing) << 1 | carry->before;
    uint64_t after = closing << 1 | carry->closing;
    uint64_t wrong = (opening & ~may_open) | (after & ~(seps | quotes | cr));
    if (wrong && index->quote == WF_NOWHERE)
        index->quote = base + lowest(wrong);
    carry->before = (seps | closing) >> 63;
    carry->closing = closing >> 63;
}

static inline ALWAYS void index_block(const char *text, uint32_t base, uint64_t valid,
                                      char delimiter, struct wf_index *index,
                                      struct scan_carry *carry)
{
    struct scan_block block = block_at(text + base);
    uint64_t quotes = block_equal(&block, '"') & valid;
    uint64_t feeds = block_equal(&block, '\n') & valid;
    uint64_t cr = block_equal(&block, '\r') & valid;
    uint64_t nul = block_equal(&block, '\0') & valid;
    uint64_t seps = (block_equal(&block, delimiter) & valid) | feeds;
    if (nul && index->nul == WF_NOWHERE)
        index->nul = base + lowest(nul);
    if (quotes | carry->inside | carry->closing) {
        uint64_t inside = prefix_xor(quotes) ^ carry->inside;
        seps &= ~inside;
        feeds &= ~inside;
        cr &= ~inside;
        check_quotes(index, quotes, inside, seps, cr, carry, base);
        carry->inside = 0 - (inside >> 63);
        index->quotes = true;
    } else {
        carry->before = seps >> 63;
    }
    if (cr | carry->cr) {
        put_bare(index, (cr << 1 | carry->cr) & ~feeds, base);
        index->returns = true;
        carry->cr = cr >> 63;
    }
    /* Without a choice for the first: whether a block has one nobody can foretell. */
    index->rows[index->n_rows] = index->n_cells + bits_in(seps & (feeds ^ (feeds - 1)));
    index->n_rows += feeds != 0;
    for (uint64_t rest = feeds & (feeds - 1); rest; rest &= rest - 1) {
        uint64_t upto = (rest ^ (rest - 1)); /* the lowest bit and all below it */
        index->rows[index->n_rows++] = index->n_cells + bits_in(seps & upto);
    }
    put_starts(index, seps, base + 1);
}

/* Of some blocks in a row at once. Most exports have either no character beyond ASCII or one in
 * every few rows, so that this is seldom asked in vain. */
static inline ALWAYS void check_characters(const char *text, size_t n, uint64_t valid,
                                           struct wf_index *index, struct scan_carry *carry)
{
    uint64_t high = carry->follow;
    for (size_t at = 0; at < n; at += 64) {
        struct scan_block block = block_at(text + at);
        high |= block_high(&block);
    }
    for (size_t at = 0; high && at < n; at += 64) {
        struct scan_block block = block_at(text + at);
        index->odd |= block_odd(&block, valid, &carry->follow);
    }
}

static inline void index_text(const char *text, size_t len, char delimiter, struct wf_index *out)
{
    enum { SOME = 4 * 64 };
    struct scan_carry carry = {.before = 1};
    struct wf_index index = *out; /* its own: what is written through `starts` cannot change it */
    index.n_cells = index.n_rows = index.n_bare = 0;
    index.quote = index.nul = WF_NOWHERE;
    index.odd = index.quotes = index.returns = false;
    index.starts[0] = 0;
    size_t at = 0;
    for (; at + SOME <= len; at += SOME) {
        check_characters(text + at, SOME, ~UINT64_C(0), &index, &carry);
        for (size_t b = at; b < at + SOME; b += 64)
            index_block(text, (uint32_t)b, ~UINT64_C(0), delimiter, &index, &carry);
    }
    for (; at < len; at += 64) {
        uint64_t valid = len - at < 64 ? (UINT64_C(1) << (len - at)) - 1 : ~UINT64_C(0);
        check_characters(text + at, 64, valid, &index, &carry);
        index_block(text, (uint32_t)at, valid, delimiter, &index, &carry);
    }
    index.open = carry.inside != 0; /* bits beyond len repeat the state of the last byte */
    *out = index;
}

/* A block in or between quotes: what stands open behind it, all ones or zeros. */
static inline uint64_t edge_quoted(size_t at, uint64_t quotes, uint64_t feeds, uint64_t inside,
                                   struct wf_edge *edge)
{
    uint64_t state = quotes ? prefix_xor(quotes) ^ inside : inside;
    uint64_t opening = quotes & state, ends = feeds & ~state;
    if (opening)
        edge->opened = at + 63 - (unsigned)__builtin_clzll(opening);
    if (ends) {
        unsigned top = 63 - (unsigned)__builtin_clzll(ends);
        edge->last = at + top + 1;
        edge->upto = edge->lines + bits_in(feeds & (~UINT64_C(0) >> (63 - top)));
    }
    edge->lines += bits_in(feeds);
    return 0 - (state >> 63);
}

/* Behind the last of some blocks without quotes: `feeds` of the block at `at`. */
static inline void edge_settle(size_t at, uint64_t feeds, struct wf_edge *edge)
{
    if (feeds) {
        edge->last = at + 64 - (unsigned)__builtin_clzll(feeds);
        edge->upto = edge->lines;
    }
}

static inline void edge_text(const char *text, size_t len, struct wf_edge *edge)
{
    uint64_t inside = 0 - (uint64_t)edge->open, last = 0; /* last: feeds of the block `last_at` */
    size_t last_at = 0;
    edge->last = 0;
    for (size_t at = 0; at < len; at += 64) {
        uint64_t valid = len - at < 64 ? (UINT64_C(1) << (len - at)) - 1 : ~UINT64_C(0);
        struct scan_block block = block_at(text + at);
        uint64_t quotes = block_equal(&block, '"') & valid;
        uint64_t feeds = block_equal(&block, '\n') & valid;
        if (quotes | inside) {
            edge_settle(last_at, last, edge);
            inside = edge_quoted(at, quotes, feeds, inside, edge);
            last = 0;
            continue;
        }
        /* Without a choice: whether a block has a line feed nobody can foretell. */
        uint64_t none = 0 - (uint64_t)(feeds == 0);
        last = feeds | (last & none);
        last_at = (at & ~none) | (last_at & none);
        edge->lines += bits_in(feeds);
    }
    edge_settle(last_at, last, edge);
    edge->open = inside != 0;
}

#endif
