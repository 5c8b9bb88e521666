#include "runtime/vm/exact.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Moves what does not fit 32 bits up; all chunks but the last end in 0 .. 2^32 - 1. */
static void settle(struct wf_exact *sum)
{
    int64_t carry = 0;
    for (int i = 0; i < WF_EXACT_CHUNKS - 1; i++) {
        int64_t v = sum->chunk[i] + carry;
        carry = v >> 32;
        sum->chunk[i] = v & 0xffffffff;
    }
    sum->chunk[WF_EXACT_CHUNKS - 1] += carry;
    sum->pending = 0;
}

void wf_exact_add(struct wf_exact *sum, double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    unsigned exponent = (unsigned)(bits >> 52) & 0x7ff;
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent)
        mantissa |= UINT64_C(1) << 52;
    unsigned shift = exponent ? exponent - 1 : 0;
    unsigned at = shift / 32, by = shift % 32;
    unsigned __int128 wide = (unsigned __int128)mantissa << by;
    int64_t part[3] = {(int64_t)(wide & 0xffffffff), (int64_t)((wide >> 32) & 0xffffffff),
                       (int64_t)(wide >> 64)};
    for (unsigned i = 0; i < 3; i++)
        sum->chunk[at + i] += bits >> 63 ? -part[i] : part[i];
    if (++sum->pending == UINT32_C(1) << 29)
        settle(sum);
}

void wf_exact_merge(struct wf_exact *into, struct wf_exact *from)
{
    settle(into);
    settle(from);
    for (int i = 0; i < WF_EXACT_CHUNKS; i++)
        into->chunk[i] += from->chunk[i];
    into->pending = 1;
}

/* Bits from .. from + 63 of the settled, non-negative sum. */
static uint64_t bits_from(const struct wf_exact *sum, int from)
{
    uint64_t out = 0;
    for (int i = 0; i < 64; i++) {
        int bit = from + i;
        uint64_t chunk = (uint64_t)sum->chunk[bit / 32];
        out |= (chunk >> (bit % 32) & 1) << i;
    }
    return out;
}

static bool any_below(const struct wf_exact *sum, int bit)
{
    for (int i = 0; i < bit / 32; i++)
        if (sum->chunk[i])
            return true;
    return (sum->chunk[bit / 32] & ((INT64_C(1) << (bit % 32)) - 1)) != 0;
}

double wf_exact_round(struct wf_exact *sum)
{
    settle(sum);
    bool negative = sum->chunk[WF_EXACT_CHUNKS - 1] < 0;
    struct wf_exact size = *sum;
    if (negative) {
        for (int i = 0; i < WF_EXACT_CHUNKS; i++)
            size.chunk[i] = -size.chunk[i];
        settle(&size);
    }
    int top = WF_EXACT_CHUNKS - 1;
    while (top >= 0 && size.chunk[top] == 0)
        top--;
    if (top < 0)
        return 0.0;
    if (top >= WF_EXACT_CHUNKS - 2)
        return negative ? -INFINITY : INFINITY;
    int high = top * 32 + 63 - __builtin_clzll((uint64_t)size.chunk[top]);
    double out;
    if (high <= 52) {
        out = ldexp((double)bits_from(&size, 0), -1074);
    } else {
        int low = high - 52;
        uint64_t mantissa = bits_from(&size, low) & ((UINT64_C(1) << 53) - 1);
        bool half = size.chunk[(low - 1) / 32] >> ((low - 1) % 32) & 1;
        if (half && (mantissa & 1 || any_below(&size, low - 1)))
            mantissa++;
        out = ldexp((double)mantissa, low - 1074);
    }
    return negative ? -out : out;
}
