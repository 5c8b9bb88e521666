/*
 * reduce.h - the last step of each aggregate: the arithmetic that the row evaluator and the machine
 * must share to the bit.
 */
#ifndef WF_VM_REDUCE_H
#define WF_VM_REDUCE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

typedef __int128 wf_wide;

/* Whether a wide sum fits; then *out is it. */
static inline bool wf_sum_fits(wf_wide sum, int64_t *out)
{
    if (sum < INT64_MIN || sum > INT64_MAX)
        return false;
    *out = (int64_t)sum;
    return true;
}

/* The mean of n > 0 whole numbers; of money, in units. */
static inline double wf_mean_whole(wf_wide sum, uint64_t n, bool money)
{
    return (double)sum / ((double)n * (money ? 100.0 : 1.0));
}

/* The personal cycle: whole days over the n - 1 gaps between n >= 2 distinct days, half up. */
static inline int64_t wf_mean_gap(int64_t first, int64_t last, uint64_t n)
{
    int64_t gaps = (int64_t)n - 1;
    return (2 * (last - first) + gaps) / (2 * gaps);
}

/* The second of the day at which the fullest hour begins; ties to the earlier. */
static inline int64_t wf_fullest_hour(const uint64_t hours[24])
{
    int best = 0;
    for (int h = 1; h < 24; h++)
        if (hours[h] > hours[best])
            best = h;
    return best * INT64_C(3600);
}

#endif
