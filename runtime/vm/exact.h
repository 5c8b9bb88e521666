/*
 * exact.h - the exact sum of any doubles, rounded once: the order of adding never matters.
 *
 *   value = sum of chunk[i] * 2^(32 i - 1074)     chunks overlap: each is a signed 64-bit number
 *                                                 of which an addition uses 32 bits
 */
#ifndef WF_VM_EXACT_H
#define WF_VM_EXACT_H

#include <stdint.h>

enum { WF_EXACT_CHUNKS = 68 };

struct wf_exact {
    int64_t chunk[WF_EXACT_CHUNKS];
    uint32_t pending; /* additions since the carries were last settled */
};

static inline void wf_exact_init(struct wf_exact *sum)
{
    *sum = (struct wf_exact){{0}, 0};
}

/* x must be finite. */
void wf_exact_add(struct wf_exact *sum, double x);

/* Adds what the other sum holds; both stay good. */
void wf_exact_merge(struct wf_exact *into, struct wf_exact *from);

/* The nearest double, ties to even; infinite when it is too large. */
double wf_exact_round(struct wf_exact *sum);

#endif
