/*
 * lanes.h - what the machine does to a batch of lanes, three times: in plain C, with AVX2 and with
 * AVX-512. All give the same bits; the best that the processor has is chosen when a run begins.
 *
 * Each takes n <= WF_BATCH lanes and fills wf_bit_words(n) words of a bitmap (bits past n are
 * zero). Lanes may be unaligned; lanes of missing values may hold anything and give anything. An
 * output may be one of the inputs. `fixed`: the right operand is one lane, for all.
 */
#ifndef WF_VM_LANES_H
#define WF_VM_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lang/base/calendar.h"
#include "lang/base/value.h"
#include "runtime/vm/vm.h"

enum wf_arith { WF_ADD, WF_SUB, WF_MUL, WF_DIV };

struct wf_bounds {
    uint32_t low, span;
    bool flip;
};

/* Kleene's logic: t where it is true, k where it is known. */
struct wf_pair {
    const uint64_t *t, *k;
};
enum wf_logic { /* opcode.def tells what they mean; NOT is of a alone */
                WF_LOGIC_NOT,
                WF_LOGIC_AND,
                WF_LOGIC_OR,
                WF_LOGIC_KNOWN_IF,
                WF_LOGIC_WITHIN,
                WF_LOGIC_OR_ELSE,
                WF_LOGIC_EXACT,
};

/* Who is due, sifted. How many fell through is added to one of the eight parts of a sum. */
struct wf_sift {
    const uint64_t *due, *reach, *guard;
    const uint64_t *decided;  /* NULL: nobody */
    uint64_t *fresh;          /* due and not decided, of which: */
    uint64_t *hits;           /* in reach, guard true */
    uint64_t *early, *barred; /* eight parts each: not in reach; in reach, guard not true */
};
enum { WF_SUM_PARTS = 8 };

struct wf_lanes {
    /* out: where a CMP b holds (whatever is missing) */
    void (*cmp_i)(enum wf_cmp cmp, const int64_t *a, const int64_t *b, bool fixed, size_t n,
                  uint64_t *out);
    void (*cmp_f)(enum wf_cmp cmp, const double *a, const double *b, bool fixed, size_t n,
                  uint64_t *out);
    void (*cmp_w)(enum wf_cmp cmp, const int32_t *a, const int32_t *b, bool fixed, size_t n,
                  uint64_t *out);
    /* ok: where the result fits (is finite) */
    void (*arith_i)(enum wf_arith op, const int64_t *a, const int64_t *b, bool fixed, size_t n,
                    int64_t *out, uint64_t *ok);
    void (*arith_f)(enum wf_arith op, const double *a, const double *b, bool fixed, size_t n,
                    double *out, uint64_t *ok);
    /* a + days where that is in the calendar; a must be, where it is present */
    void (*date_add)(const int32_t *a, int64_t days, size_t n, int32_t *out, uint64_t *ok);
    /* a where the bit of `mask` is set, else b */
    void (*blend_v)(const uint64_t *mask, const int64_t *a, const int64_t *b, size_t n,
                    int64_t *out);
    void (*blend_w)(const uint64_t *mask, const int32_t *a, const int32_t *b, size_t n,
                    int32_t *out);
    /* Words of bits: so many of them. */

    /* a op b */
    void (*logic)(enum wf_logic op, struct wf_pair a, struct wf_pair b, size_t words,
                  uint64_t *t_out, uint64_t *k_out);
    /* known true; known false */
    void (*split)(struct wf_pair a, size_t words, uint64_t *yes, uint64_t *no);
    /* bit w: word w < 64 has hits */
    uint64_t (*sift)(const struct wf_sift *sift, size_t words);
    /* how many bits are set */
    uint64_t (*count)(const uint64_t *bits, size_t words);
    /* how many are before each of `count` ascending places (<= WF_BATCH) */
    void (*ranks)(const uint64_t *bits, const uint32_t *places, size_t count, uint32_t *out);
    /* narrow cells (widen_v: of 1, 2 or 4 bytes; widen_w: of 1 or 2) in full: the base and so many
     * times the cell, which fits */
    void (*widen_v)(const void *a, unsigned width, uint32_t times, int64_t base, size_t n,
                    int64_t *out);
    void (*widen_w)(const void *a, unsigned width, int32_t base, size_t n, int32_t *out);
    /* bit `code` of the table; codes of missing lanes are inside too (0) */
    void (*lookup)(const uint32_t *table, const uint32_t *codes, size_t n, uint64_t *out);

    /* Cells as columns hold them: unsigned, `width` 1, 2 or 4 bytes. */

    /* where cell - low <= span (as numbers of that width) or, if flip, where not; and the mask */
    void (*within)(const void *cells, unsigned width, const struct wf_bounds *range, size_t n,
                   const uint64_t *mask, uint64_t *out);
    /* bit `kind` of the 256 of the table, and the mask; kinds are below `count` (<= 256) where the
     * mask is set */
    void (*pick)(const uint8_t *kinds, const uint64_t table[4], unsigned count, size_t n,
                 const uint64_t *mask, uint64_t *out);
};

/* The lanes of a file: its own functions, by these names. */
#define WF_LANES_OF_FILE(count_bits, rank_bits)                                                    \
    {                                                                                              \
        .cmp_i = cmp_i, .cmp_f = cmp_f, .cmp_w = cmp_w, .arith_i = arith_i, .arith_f = arith_f,    \
        .date_add = date_add, .blend_v = blend_v, .blend_w = blend_w, .logic = logic,              \
        .split = split, .sift = sift_words, .count = (count_bits), .ranks = (rank_bits),           \
        .widen_v = widen_v, .widen_w = widen_w, .lookup = lookup, .within = within, .pick = pick,  \
    }

/* How many whole words of lanes date_add does in 32 bits: none where it goes so far that no date of
 * the calendar stays in it. */
static inline size_t wf_date_words(int64_t days, size_t n)
{
    bool far = days > WF_MAX_DAY - WF_MIN_DAY || days < WF_MIN_DAY - WF_MAX_DAY;
    return far ? 0 : n / 64;
}

/* The plain ones are always there; the others are NULL where the processor lacks what they need. */
extern const struct wf_lanes wf_lanes_plain;
const struct wf_lanes *wf_lanes_avx2(void);
const struct wf_lanes *wf_lanes_avx512(void);

/* Their `count` and `ranks`: vectors are no help. */
uint64_t wf_count_popcnt(const uint64_t *bits, size_t words);
void wf_ranks_popcnt(const uint64_t *bits, const uint32_t *places, size_t count, uint32_t *out);

/* The best that this processor runs, no better than `most`. */
const struct wf_lanes *wf_lanes_choose(enum wf_vectors most);

#endif
