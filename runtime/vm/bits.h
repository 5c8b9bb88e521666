/*
 * bits.h - runs of bits that need not start at a word.
 *
 * Bit i of a bitmap is bit i % 64 of word i / 64. Functions that answer words past their last bit
 * leave those bits zero; none reads a word that holds no bit it was asked for.
 */
#ifndef WF_VM_BITS_H
#define WF_VM_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline size_t wf_bit_words(size_t n)
{
    return (n + 63) / 64;
}

static inline uint64_t wf_bit_mask(size_t n) /* the n lowest, n <= 64 */
{
    return n >= 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;
}

static inline bool wf_bit(const uint64_t *bits, uint64_t i)
{
    return bits[i / 64] >> (i % 64) & 1;
}

static inline void wf_bit_set(uint64_t *bits, uint64_t i)
{
    bits[i / 64] |= UINT64_C(1) << (i % 64);
}

/* len <= 64 bits from `at` on. */
static inline uint64_t wf_bit_range(const uint64_t *bits, uint64_t at, size_t len)
{
    if (!len)
        return 0;
    size_t by = at % 64;
    uint64_t out = bits[at / 64] >> by;
    if (by + len > 64)
        out |= bits[at / 64 + 1] << (64 - by);
    return out & wf_bit_mask(len);
}

/* Copies n bits from src (from bit `at` on) to the start of dst, whole words. */
static inline void wf_bits_load(uint64_t *dst, const uint64_t *src, uint64_t at, size_t n)
{
    for (size_t i = 0; i < n; i += 64)
        dst[i / 64] = wf_bit_range(src, at + i, n - i < 64 ? n - i : 64);
}

/* Copies n bits from the start of src to dst from bit `at` on; those must be zero. */
static inline void wf_bits_store(uint64_t *dst, uint64_t at, const uint64_t *src, size_t n)
{
    size_t by = at % 64;
    for (size_t i = 0; i < n; i += 64) {
        size_t len = n - i < 64 ? n - i : 64;
        uint64_t word = src[i / 64] & wf_bit_mask(len);
        dst[(at + i) / 64] |= word << by;
        if (by + len > 64)
            dst[(at + i) / 64 + 1] |= word >> (64 - by);
    }
}

/* Without a call, whatever processor the compiler was told of. */
static inline uint64_t wf_bit_count(uint64_t x)
{
    x -= x >> 1 & UINT64_C(0x5555555555555555);
    x = (x & UINT64_C(0x3333333333333333)) + (x >> 2 & UINT64_C(0x3333333333333333));
    x = (x + (x >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return x * UINT64_C(0x0101010101010101) >> 56;
}

static inline uint64_t wf_bits_count(const uint64_t *bits, size_t words)
{
    uint64_t n = 0;
    for (size_t i = 0; i < words; i++)
        n += wf_bit_count(bits[i]);
    return n;
}

#endif
