#include "runtime/data/row_bits.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const uint64_t ones = UINT64_C(0x0101010101010101);

/* Eight bytes as a number, the first one lowest. */
static inline uint64_t in_order(uint64_t word)
{
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

/* Of each byte, whether it is other than 0, as 1. */
static inline uint64_t truths(uint64_t word)
{
    return (((word & 0x7f * ones) + 0x7f * ones) | word) >> 7 & ones;
}

static inline uint64_t eight(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, 8);
    return truths(in_order(word)) * UINT64_C(0x0102040810204080) >> 56;
}

uint64_t wf_row_bits_gather(const uint8_t *bytes, uint32_t n)
{
    uint64_t word = 0;
    uint32_t i = 0;
#ifdef __SSE2__
    for (; i + 16 <= n; i += 16) {
        __m128i each = _mm_loadu_si128((const __m128i *)(const void *)(bytes + i));
        int none = _mm_movemask_epi8(_mm_cmpeq_epi8(each, _mm_setzero_si128()));
        word |= (uint64_t)(uint32_t)(none ^ 0xffff) << i;
    }
#endif
    for (; i + 8 <= n; i += 8)
        word |= eight(bytes + i) << i;
    for (; i < n; i++)
        word |= (uint64_t)(bytes[i] != 0) << i;
    return word;
}

void wf_row_bits_spread(uint64_t bits, uint8_t *bytes, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += 8, bits >>= 8) {
        uint64_t each = in_order(truths((bits & 0xff) * ones & UINT64_C(0x8040201008040201)));
        memcpy(bytes + i, &each, n - i < 8 ? n - i : 8);
    }
}

void wf_row_bits_put(uint64_t *bits, uint64_t at, const uint8_t *bytes, uint32_t n)
{
    for (uint32_t done = 0, count; done < n; done += count) {
        unsigned by = (unsigned)((at + done) % 64);
        count = n - done < 64 - by ? n - done : 64 - by;
        uint64_t *word = &bits[(at + done) / 64];
        uint64_t set = wf_row_bits_gather(bytes + done, count) << by;
        if (count == 64)
            *word = set;
        else
            __atomic_fetch_or(word, set, __ATOMIC_RELAXED);
    }
}

void wf_row_bits_shift(uint64_t *bits, uint64_t from, uint64_t to, uint64_t n)
{
    for (uint64_t done = 0, count; done < n; done += count) {
        uint64_t source = from + done, target = to + done;
        unsigned by = (unsigned)(source % 64), into = (unsigned)(target % 64);
        unsigned room = 64 - (by > into ? by : into);
        count = n - done < room ? n - done : room;
        uint64_t mask = count == 64 ? ~UINT64_C(0) : (UINT64_C(1) << count) - 1;
        uint64_t moved = bits[source / 64] >> by & mask;
        bits[target / 64] = (bits[target / 64] & ~(mask << into)) | moved << into;
    }
}

void wf_row_bits_clear(uint64_t *bits, uint64_t at, uint64_t upto)
{
    if (at < upto && at % 64) {
        bits[at / 64] &= (UINT64_C(1) << at % 64) - 1;
        at = (at + 63) / 64 * 64;
    }
    for (; at < upto; at += 64)
        bits[at / 64] = 0;
}
