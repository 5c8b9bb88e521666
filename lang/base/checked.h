/*
 * checked.h - int64 arithmetic that says when it does not fit.
 *
 * Each answers true and writes *out, or answers false (overflow) and leaves *out alone.
 */
#ifndef WF_BASE_CHECKED_H
#define WF_BASE_CHECKED_H

#include <stdbool.h>
#include <stdint.h>

static inline bool wf_add_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t r;
    if (__builtin_add_overflow(a, b, &r))
        return false;
    *out = r;
    return true;
}

static inline bool wf_sub_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t r;
    if (__builtin_sub_overflow(a, b, &r))
        return false;
    *out = r;
    return true;
}

static inline bool wf_mul_i64(int64_t a, int64_t b, int64_t *out)
{
    int64_t r;
    if (__builtin_mul_overflow(a, b, &r))
        return false;
    *out = r;
    return true;
}

#endif
